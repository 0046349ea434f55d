"""Figures of the leadership of change: what is left of the training, and which support is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from klktools import stats
from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import reason_of, show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, each, words
from klktools.wording.templates import Dossier, framework, solution_labels

YEARS_AHEAD = 5
LABEL_STEP = 0.085  # of the axes: room for one line of text


def plot_training(d: Dossier) -> Figure:
    """Share trained by department group and what is left of it in the years ahead (L2; I21) of a dossier."""
    groups = _training_groups(d.tables["training_by_group"])
    if groups.empty:
        reason = reason_of(d.tables["leadership_by_municipality"], "reason_L2")
        return show_not_examined("training", reason=reason, language=d.language)
    return show(
        *("training", draw_training, describe_training, groups),
        language=d.language,
        n=words(d.language)("training.n", n=words(d.language).integer(groups["users"].sum())),
    )


def _training_groups(training: pd.DataFrame) -> pd.DataFrame:
    """One row per department group over its solutions: users, I21a (pooled), q (weighted by users), I21b."""
    known = training.dropna(subset=["users", "I21a", "q"])
    known = known[known["users"].gt(0)].astype({"users": "float64", "I21a": "float64", "q": "float64"})
    parts = known.assign(trained=known["users"] * known["I21a"], leaving=known["users"] * known["q"])
    sums = parts.groupby("department_group", as_index=False)[["users", "trained", "leaving"]].sum()
    sums = sums.assign(I21a=sums["trained"] / sums["users"], q=sums["leaving"] / sums["users"])
    return sums.assign(I21b=stats.half_life(sums["q"]))[["department_group", "users", "I21a", "q", "I21b"]]


@house_style()
def draw_training(groups: pd.DataFrame, *, language: str) -> Drawing:
    """One falling line per department group over five years without further training.

    Parameters
    ----------
    groups : DataFrame
        One row per department group: department_group, I21a (share trained now), q (share leaving a year),
        I21b (half-life, years). The steepest line is marked.
    """
    w = words(language)
    ordered = groups.sort_values(["I21a", "q"], ascending=[False, True], kind="stable")
    figure, axes = style.canvas(3.9, left=0.75, right=3.0, top=0.15, bottom=0.75)
    years = range(YEARS_AHEAD + 1)
    axes.set(xlim=(0, YEARS_AHEAD), ylim=(0, 1))
    style.grid(axes, x=years, y=style.QUARTERS)
    style.column_names(axes, years, [str(year) for year in years])
    style.column_names(axes, (YEARS_AHEAD / 2,), [w("training.years")], pad=19.5, fontsize=10)
    style.value_names(axes, style.QUARTERS, [w.pct(share) for share in style.QUARTERS])
    ends = ordered.assign(
        end=stats.share_trained(ordered["I21a"], YEARS_AHEAD, leaving=ordered["q"]),
        steepest=ordered["q"].eq(ordered["q"].max()),
    )
    for row, height in zip(each(ends), _spread(ends["end"]), strict=True):
        _draw_decay(axes, row, height, w)
    style.footnote(figure, w("training.key"))
    return figure


def _draw_decay(axes: Axes, row: Any, height: float, w: Words) -> None:
    color, weight, width = (style.INKS["red"], 700, 2.4) if row.steepest else (style.NEUTRAL, 400, 1.3)
    years = np.linspace(0, YEARS_AHEAD, 41)
    style.line(axes, years, stats.share_trained(row.I21a, years, leaving=row.q), color=color, linewidth=width)
    style.line(axes, 0, row.I21a, "o", color=color, markersize=5, clip_on=False)
    to_label = (YEARS_AHEAD, 1.03 * YEARS_AHEAD), (row.end, height)
    style.line(axes, *to_label, color=style.SOFT, linewidth=0.8, clip_on=False)
    group = w.label("department_group", row.department_group)
    said = w("training.line", group=group, years=w.years(row.I21b))
    axes.text(1.045 * YEARS_AHEAD, height, said, va="center", fontsize=9.5, color=color, weight=weight)


def _spread(ends: pd.Series) -> np.ndarray:
    """Heights of the end labels: at their lines where there is room, else moved apart."""
    order = np.argsort(ends.to_numpy(), kind="stable")
    heights = np.empty(len(ends))
    floor = -np.inf
    for at in order:
        floor = heights[at] = max(ends.iloc[at], floor + LABEL_STEP)
    # the whole ladder slides down when it passes the top
    return heights - max(0.0, heights.max() - 1.02)


def describe_training(groups: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (where training disappears fastest) and alternative text (share now and half-life per group)."""
    w = words(language)
    rows = groups.sort_values("I21a", ascending=False, kind="stable").assign(
        label=lambda table: table["department_group"].map(lambda group: w.label("department_group", group))
    )
    fastest = rows.nsmallest(1, "I21b").iloc[0]
    said = [
        w("training.group", group=row.label, now=w.pct(row.I21a), years=w.years(row.I21b))
        for row in each(rows)
    ]
    title = w("training.title", group=fastest["label"], years=w.years(fastest["I21b"]))
    return title, w("training.alt", groups="; ".join(said))


def plot_support(d: Dossier) -> Figure:
    """Which support each solution's users have, by channel (L1; I22) of a dossier."""
    matrix = d.tables["support_matrix"]
    if matrix.empty:
        reason = reason_of(d.tables["leadership_by_municipality"], "reason_L1")
        return show_not_examined("support", reason=reason, language=d.language)
    solutions = d.tables["support_by_solution"]
    return show(
        *("support", draw_support, describe_support, matrix, solutions),
        labels=solution_labels(d.tables["solutions"], language=d.language),
        fewest=int(framework().assumptions["support_min_channels"]),
        language=d.language,
        n=words(d.language).count(len(solutions), "solution"),
    )


@house_style()
def draw_support(
    matrix: pd.DataFrame, solutions: pd.DataFrame, *, labels: Mapping[str, str], fewest: int, language: str
) -> Drawing:
    """A matrix of solutions and channels with a mark where the channel is active.

    Parameters
    ----------
    matrix : DataFrame
        One row per solution x channel: solution, channel, active (flag), funding (project or operation).
    solutions : DataFrame
        One row per solution: solution, n_channels (active ones).
    labels : mapping
        Solution -> label.
    fewest : int
        Fewest channels that count as support; fewer are marked.
    """
    w = words(language)
    rows = _support_rows(solutions, labels)
    channels = list(framework().enums["support_channel"])
    figure, axes = style.row_canvas(rows["label"].tolist(), row=0.32, right=1.2, top=1.0, bottom=0.5)
    axes.set(xlim=(-0.5, len(channels) - 0.5))
    axes.hlines(np.arange(len(rows) + 1) - 0.5, -0.5, len(channels) - 0.5, color=style.GRID, linewidth=0.8)
    style.slanted(axes, range(len(channels)), -0.7, [w.label("support_channel", name) for name in channels])
    active = matrix[matrix["active"].astype("boolean").fillna(False)]
    _draw_channels(axes, active, rows, channels)
    for y, row in enumerate(each(rows)):
        few = row.n_channels < fewest
        said = (
            f"{row.n_channels:.0f} {SYMBOLS['orange']} {w('support.few')}" if few else f"{row.n_channels:.0f}"
        )
        style.beside(
            axes, y, said, color=style.INKS["orange"] if few else style.TEXT, weight=700 if few else 400
        )
    style.footnote(figure, w("support.key"))
    return figure


def _draw_channels(axes: Axes, active: pd.DataFrame, rows: pd.DataFrame, channels: list[str]) -> None:
    """Filled: part of operations; open: paid by a project, so it may end with it."""
    places = active.assign(
        y=active["solution"].map({solution: y for y, solution in enumerate(rows["solution"])}),
        x=active["channel"].map({channel: x for x, channel in enumerate(channels)}),
    ).dropna(subset=["x", "y"])
    lasting = places["funding"].ne("project").fillna(True)
    style.mark(axes, places.loc[lasting, "x"], places.loc[lasting, "y"], "green")
    style.mark(
        axes,
        places.loc[~lasting, "x"],
        places.loc[~lasting, "y"],
        "green",
        markerfacecolor="white",
        markeredgewidth=1.8,
    )


def describe_support(
    matrix: pd.DataFrame, solutions: pd.DataFrame, *, labels: Mapping[str, str], fewest: int, language: str
) -> tuple[str, str]:
    """Title (how many solutions have enough channels) and alternative text (the channels of each)."""
    w = words(language)
    rows = _support_rows(solutions, labels)
    enough = int(rows["n_channels"].ge(fewest).sum())
    active = matrix[matrix["active"].astype("boolean").fillna(False)]
    by_solution = active.groupby("solution")["channel"].agg(list)
    said = [f"{row.label}: {_channels(by_solution.get(row.solution, []), w)}" for row in each(rows)]
    return (
        w(
            f"support.{'title' if enough else 'title_none'}",
            k=enough,
            solutions=w.count(len(rows), "solution"),
            fewest=fewest,
        ),
        w("support.alt", rows=". ".join(said)),
    )


def _channels(channels: list[str], w: Words) -> str:
    return (
        w.join([w.label("support_channel", channel).lower() for channel in channels])
        if channels
        else w("support.none")
    )


def _support_rows(solutions: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    rows = solutions.assign(
        label=solutions["solution"].map(labels),
        n_channels=solutions["n_channels"].fillna(0).astype("float64"),
    )
    return rows.sort_values(["n_channels", "label"], ascending=[False, True], kind="stable")
