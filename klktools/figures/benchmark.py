"""Figures of the benchmark: all municipalities as counts and quartiles, never one of them.

`b` holds `tables` (of `benchmark.four_statements`), `reference` and `language`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle

from klktools import stats
from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, words
from klktools.framework import load_framework

PLAN_TONES = {"plan": "green", "partial": "yellow", "no_plan": "red"}
CLASS_TONES = {
    "certainly_above": "green",
    "undecided": "yellow",
    "certainly_not_above": "red",
    "cannot_be_said": "none",
}
CLAIMS = ("yes", "no", "dont_know")
BAND = "#CBD8E3"
QUARTILES = ["q25", "median", "q75"]
MOST_YEARS = 8


def plot_plan_classes(b: Any) -> Figure:
    """How many municipalities have a plan, part of one or none (framework 6.2, 2)."""
    return _show_classes("plan_classes", b.tables["plan_classes"], PLAN_TONES, b.language)


def plot_certainty_classes(b: Any) -> Figure:
    """How many municipalities can say with certainty that they are above 25 per cent (framework 6.2, 2; I04)."""
    return _show_classes("certainty_classes", b.tables["certainty_classes"], CLASS_TONES, b.language)


def _show_classes(name: str, classes: pd.DataFrame, tones: Mapping[str, str], language: str) -> Figure:
    if classes.empty or not classes["total"].max() > 0:
        return show_not_examined(name, reason="not_delivered", language=language)
    counted = words(language).count(classes["total"].max(), "municipality")
    return show(name, draw_classes, describe_classes, classes, name=name, tones=tones, language=language, n=counted)
