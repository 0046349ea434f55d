"""From a drawing and its words to the block that stands in a report."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from klktools.blocks import ALT_LENGTH, Figure
from klktools.figures.style import MUTED, bar, canvas, house_style, mark, wrap
from klktools.figures.words import words

Draw = Callable[..., Drawing]
Describe = Callable[..., tuple[str, str]]


@house_style()
def show(
    name: str,
    draw: Draw,
    describe: Describe,
    *tables: pd.DataFrame,
    language: str,
    n: str | None,
    **options: Any,
) -> Figure:
    """The block of a figure: `describe` and `draw` receive the same tables and options.

    Parameters
    ----------
    name : str
        The figure's section in ``texts/figures.*.yaml``; also its id on the page.
    n : str
        What the figure counts, with its noun ("8 løsninger"); None when that must not be told.
    """
    title, alt = describe(*tables, language=language, **options)
    with warnings.catch_warnings():
        # a letter our font lacks is the reader's own font's to show: the text stays text
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        return Figure.from_matplotlib(
            draw(*tables, language=language, **options),
            id=f"figure-{name.replace('_', '-')}",
            title=title,
            alt=fit(alt),
            source=words(language)(f"{name}.source"),
            n=n,
            language=language,
        )


@house_style()
def show_not_examined(name: str, *, reason: Any, language: str) -> Figure:
    """The block that stands where a figure has no data: it says so, and why."""
    w = words(language)
    said = w("common.not_examined", reason=w.reason(reason))
    return Figure.from_matplotlib(
        _draw_not_examined(said),
        id=f"figure-{name.replace('_', '-')}",
        title=w("common.empty_title", subject=w(f"{name}.subject"), reason=w.reason(reason)),
        alt=w("common.empty_alt", subject=w(f"{name}.subject"), said=said),
        source=w(f"{name}.source"),
        language=language,
    )


def _draw_not_examined(said: str) -> Drawing:
    figure, axes = canvas(1.1, left=0.1, right=0.1, top=0.1, bottom=0.1)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    bar(axes, 0.5, 1, 1, facecolor="#F2F5F8")
    mark(axes, 0.05, 0.5, "none")
    axes.text(0.09, 0.5, wrap(said, 80), va="center", color=MUTED)
    return figure


def reason_of(table: pd.DataFrame, column: str = "reason") -> Any:
    """The first reason a table gives, None when it gives none."""
    given = table[column].dropna() if column in table else pd.Series(dtype="str")
    given = given[given.astype("str").ne("")]
    return None if given.empty else given.iloc[0]


def fit(alt: str) -> str:
    """The alternative text within its limit, cut after a whole part; "pct.." loses one stop."""
    said, limit = alt.replace("..", "."), ALT_LENGTH[1]
    if len(said) <= limit:
        return said
    cut = max(said.rfind(stop, 0, limit - 2) for stop in (". ", "; ", ", "))
    return f"{said[:cut]} …"
