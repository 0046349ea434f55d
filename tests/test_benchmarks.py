"""The benchmarks run; what they measure is for people to judge."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def test_every_way_of_the_batch_benchmark_runs():
    if shutil.which("chromium") is None:
        pytest.skip("the naive way prints by Chromium; there is none on this machine")
    script = [sys.executable, str(ROOT / "benchmarks" / "batch.py"), "--smoke"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT)
    assert done.stderr == ""
    first, _, *ways = done.stdout.splitlines()
    assert first.startswith("2 municipalities, ")
    assert [way.split()[0] for way in ways] == ["klktools", "ordinary", "naive", "bound", "unchanged"]
    assert all(re.fullmatch(r"\w+(?: +\d+\.\d+){4}", way) for way in ways)


def test_every_way_of_counting_a_log_runs_and_gives_the_same_counts():
    script = [sys.executable, str(ROOT / "benchmarks" / "usage_log.py"), "--smoke"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["events", "format", "MiB", "way", "cpu", "s", "wall", "s", "peak", "MiB"]
    ways = ["klktools", "duckdb", "polars", "pandas"]
    assert [row.split()[1:4:2] for row in rows] == [
        [kind, way] for kind in ("parquet", "csv") for way in ways
    ]
    assert not any("failed" in row for row in rows)


def test_a_soak_makes_every_report_and_leaves_nothing():
    script = [sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--smoke"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    head, *_, last = done.stdout.splitlines()
    assert head.split() == ["reports", "processes", "MiB", "open", "files"]
    assert last == "exit code 0, 3 reports, 0 temporary files left"
