"""Warming up makes reports cheap and leaves nothing behind that a report could see."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# a process of its own: this one is warm already
SCRIPT = """
import random, sys, threading, warnings
import matplotlib as mpl, numpy as np, pandas as pd
import matplotlib.style, pyarrow

def options(tree):
    return {name: options(value) if isinstance(value, dict) else repr(value) for name, value in tree.items()}

def state():
    settings = dict(mpl.rcParams.copy())
    kind, keys, *rest = np.random.get_state()
    seeds = random.getstate(), keys.tolist(), rest
    return settings, options(pd.options.d), list(warnings.filters), seeds

before = state()
from klktools.report.warm import warm_up
warm_up()
for name, was, now in zip(("rcParams", "pandas", "warnings", "seeds"), before, state(), strict=True):
    assert was == now, name
assert not {"matplotlib.pyplot", "matplotlib_inline", "seaborn", "IPython", "ipykernel"} & set(sys.modules)
assert threading.active_count() == 1
"""


def run(script):
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", env=environment
    )


def test_warming_up_leaves_settings_filters_and_seeds_as_they_were():
    done = run(SCRIPT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_warm_process_makes_the_same_figure_as_a_cold_one():
    draw = """
from types import SimpleNamespace
import pandas as pd, klktools as klk
areas = klk.load_framework().areas["area"]
scores = pd.DataFrame({"area": areas, "R": 3.1, "label": "systematic", "light": "green", "n_criteria": 4})
d = SimpleNamespace(tables={"area_scores": scores}, language="da")
print(klk.plot_profile(d).to_html())
"""
    cold, warm = run(draw), run(f"from klktools.report.warm import warm_up\nwarm_up()\n{draw}")
    assert cold.stdout == warm.stdout
    assert "<svg" in cold.stdout


def test_words_are_measured_before_a_figure_needs_them():
    measured = """
from klktools.report.warm import warm_up
from klktools.svg import _word, extent
from matplotlib.font_manager import FontProperties
warm_up()
before = _word.cache_info().misses
extent("25 pct. Forankret", FontProperties(family=["Source Sans 3", "sans-serif"], weight=700, size=9.5))
assert _word.cache_info().misses == before > 500, (before, _word.cache_info())
"""
    assert (run(measured).returncode, run(measured).stderr) == (0, "")
