"""Figures of depth: certainty, usage by department group, and adoption against the reference curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, each, words
from klktools.wording.templates import Dossier, framework, solution_labels

# class of I04 -> tone, in the order the figure sorts by
CLASSES = {
    "certainly_above": "green",
    "undecided": "yellow",
    "certainly_not_above": "red",
    "cannot_be_said": "none",
}
ADOPTION_MONTHS = 60  # the span of a new solution: five years
PANELS_A_ROW = 3
PANEL = 1.55  # inches a row of panels takes


def plot_certainty(d: Dossier) -> Figure:
    """What can be said with certainty about each solution's share (D3; I01, I03, I04) of a dossier."""
    by_solution = d.tables["depth_by_solution"]
    if by_solution.empty:
        return show_not_examined("certainty", reason="no_solutions", language=d.language)
    return show(
        *("certainty", draw_certainty, describe_certainty, by_solution, d.tables["depth_by_municipality"]),
        labels=solution_labels(d.tables["solutions"], language=d.language),
        threshold=framework().assumptions["certainty_threshold"],
        language=d.language,
        n=words(d.language).count(len(by_solution), "solution"),
    )


@house_style()
def draw_certainty(
    by_solution: pd.DataFrame,
    by_municipality: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    threshold: float,
    language: str,
) -> Drawing:
    """One line per solution from lower to upper bound with the measured share as a dot.

    Parameters
    ----------
    by_solution : DataFrame
        One row per solution in operation: solution, I01, I03_low, I03_high (shares), I04 (class).
    by_municipality : DataFrame
        At most one row with the same columns for the municipality's new solutions; stands on top.
    labels : mapping
        Solution -> label.
    threshold : float
        The share that counts (framework I04).
    """
    w = words(language)
    rows = _certainty_rows(by_solution, by_municipality, labels=labels, w=w)
    figure, axes = style.row_canvas(rows["label"].tolist(), row=0.34, right=2.15, top=0.35, bottom=0.6)
    style.share_grid(axes, w)
    axes.axvline(threshold, color=style.TEXT, linewidth=1.4)
    style.headline(axes, threshold, w("certainty.line", threshold=w.pct(threshold)), color=style.TEXT)
    for y, row in enumerate(each(rows)):
        _draw_bounds(axes, y, row, w)
        if row.whole:
            axes.axhline(y + 0.5, color=style.SOFT, linewidth=0.8)
    style.footnote(figure, w("certainty.key"))
    return figure


def _draw_bounds(axes: Axes, y: int, row: Any, w: Words) -> None:
    tone = CLASSES[row.I04]
    if tone == "none":
        style.bar(
            axes, y, 1, 0.42, facecolor="white", edgecolor=style.NEUTRAL, hatch=style.HATCH, linewidth=0.8
        )
    else:
        # a bound as sharp as a line still has ink
        width = max(row.I03_high - row.I03_low, 0.012)
        left = (row.I03_low + row.I03_high - width) / 2
        style.bar(
            axes, y, width, 0.42, left, facecolor=style.FILLS[tone], edgecolor=style.INKS[tone], linewidth=1
        )
        style.line(
            axes,
            row.I01,
            y,
            "o",
            color=style.TEXT,
            markeredgecolor="white",
            markersize=7.5,
            clip_on=False,
            zorder=5,
        )
        style.beside(axes, y, w.pct(row.I01), x=0.27 + 1, ha="right")
    word = f"{SYMBOLS[tone]} {w(f'certainty.{row.I04}')}"
    style.beside(axes, y, word, x=1.31, color=style.INKS[tone], weight=700)


def describe_certainty(
    by_solution: pd.DataFrame,
    by_municipality: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    threshold: float,
    language: str,
) -> tuple[str, str]:
    """Title (how many solutions are with certainty above) and alternative text (every bound)."""
    w = words(language)
    rows = _certainty_rows(by_solution, by_municipality, labels=labels, w=w)
    solutions = rows[~rows["whole"]]
    above = solutions.loc[solutions["I04"].eq("certainly_above"), "label"].tolist()
    title = _certainty_title(above, solutions, w, limit=w.pct(threshold))
    for row in each(rows[rows["whole"]]):
        title = w("certainty.title_whole", title=title, verdict=w(f"certainty.{row.I04}").lower())
    verdicts = [_verdict(name, group, w) for name, group in rows.groupby("I04", sort=False)]
    return title, w("certainty.alt", n=len(solutions), verdicts=" ".join(verdicts))


def _certainty_title(above: list[str], solutions: pd.DataFrame, w: Words, *, limit: str) -> str:
    if solutions["I04"].eq("cannot_be_said").all():
        return w("certainty.title_unknown", solutions=w.count(len(solutions), "solution"))
    if not above:
        return w("certainty.title_none", limit=limit)
    if len(above) == len(solutions):
        return w("certainty.title_all", limit=limit)
    key = "title_one" if len(above) == 1 else "title_some"
    return w(f"certainty.{key}", limit=limit, solution=above[0], k=len(above), n=len(solutions))


def _verdict(name: Any, group: pd.DataFrame, w: Words) -> str:
    """One class and its rows: "Sikkert over: Indkøb 30 til 55 pct., ..."."""
    known = name != "cannot_be_said"
    said = [
        w("certainty.bounds", label=row.label, **_limits(row, w)) if known else row.label
        for row in each(group)
    ]
    return f"{w(f'certainty.{name}')}: {', '.join(said)}."


def _limits(row: Any, w: Words) -> dict[str, str]:
    return {
        "share": w.per_hundred(row.I01),
        "low": w.per_hundred(row.I03_low),
        "high": w.per_hundred(row.I03_high),
    }


def _certainty_rows(
    by_solution: pd.DataFrame, by_municipality: pd.DataFrame, *, labels: Mapping[str, str], w: Words
) -> pd.DataFrame:
    """The municipality on top, then solutions by class and lower bound."""
    columns = ["I01", "I03_low", "I03_high", "I04"]
    whole = by_municipality[columns].dropna(subset="I04").assign(label=w("certainty.whole"), whole=True)
    order = pd.CategoricalDtype(list(CLASSES), ordered=True)
    solutions = by_solution.assign(
        label=by_solution["solution"].map(labels), order=by_solution["I04"].astype(order), whole=False
    ).sort_values(["order", "I03_low", "label"], ascending=[True, False, True], kind="stable")
    return pd.concat([whole, solutions[[*columns, "label", "whole"]]], ignore_index=True)


def plot_usage_heatmap(d: Dossier) -> Figure:
    """Share of transactions by solution and department group (D2; I01 by group) of a dossier."""
    usage = d.tables["usage_by_group"]
    if usage["share"].isna().all():
        return show_not_examined("usage_heatmap", reason="no_denominator", language=d.language)
    return show(
        *("usage_heatmap", draw_usage_heatmap, describe_usage_heatmap, usage),
        labels=solution_labels(d.tables["solutions"], language=d.language),
        language=d.language,
        n=words(d.language).count(usage["solution"].nunique(), "solution"),
    )


@house_style()
def draw_usage_heatmap(usage: pd.DataFrame, *, labels: Mapping[str, str], language: str) -> Drawing:
    """A matrix of shares: solutions down, department groups across, numbers in the cells.

    Parameters
    ----------
    usage : DataFrame
        One row per solution x department group where the solution is relevant: solution, department_group,
        share (0-1; missing when not measured).
    """
    w = words(language)
    shares, relevant = _usage_matrix(usage, labels)
    figure, axes = style.canvas(0.36 * len(shares) + 1.75, right=0.85, top=1.25, bottom=0.5)
    values = shares.to_numpy()
    axes.set(xlim=(0, len(shares.columns)), ylim=(len(shares), 0))
    axes.pcolormesh(values, vmin=0, vmax=1, cmap=style.SHARES, edgecolors="white", linewidth=2)
    for y, x in np.argwhere(~np.isnan(values)):
        said = w.per_hundred(values[y, x])
        axes.text(x + 0.5, y + 0.5, said, ha="center", va="center", fontsize=9.5, color=style.TEXT)
    _label_matrix(axes, shares.index, [w.label("department_group", group) for group in shares.columns])
    _mark_unmeasured(axes, relevant & shares.isna())
    style.footnote(figure, w("usage_heatmap.key"))
    return figure


def _label_matrix(axes: Axes, rows: Any, columns: list[str]) -> None:
    style.row_names(axes, np.arange(len(rows)) + 0.5, [style.wrap(row) for row in rows], pad=3.5)
    style.slanted(axes, np.arange(len(columns)) + 0.5, -0.25, columns)


def _mark_unmeasured(axes: Axes, unmeasured: pd.DataFrame) -> None:
    for y, x in np.argwhere(unmeasured.to_numpy()):
        look: dict[str, Any] = {"facecolor": "white", "linewidth": 0}
        style.bar(axes, y + 0.5, 0.94, 0.9, x + 0.03, edgecolor=style.SOFT, hatch=style.HATCH, **look)
        # room for the sign, eight points wide
        width = 8 / axes.bbox.width * axes.figure.dpi / 72 * len(unmeasured.columns)
        style.bar(axes, y + 0.5, width, 0.6, x + 0.5 - width / 2, **look)
        axes.text(x + 0.5, y + 0.5, "?", ha="center", va="center", weight=700)


def describe_usage_heatmap(
    usage: pd.DataFrame, *, labels: Mapping[str, str], language: str
) -> tuple[str, str]:
    """Title (where usage is widest and narrowest) and alternative text (each solution's span)."""
    w = words(language)
    shares, relevant = _usage_matrix(usage, labels)
    values = shares.to_numpy()
    high, low = _cell(shares, np.nanargmax(values.T), w), _cell(shares, np.nanargmin(values.T), w)
    key = "title" if high != low else "title_one"
    unmeasured = int((relevant.to_numpy() & np.isnan(values)).sum())
    measured = {label: row[~np.isnan(row)] for label, row in zip(shares.index, values, strict=True)}
    spans = [_span(label, row, w) for label, row in measured.items() if len(row)]
    return (
        w(f"usage_heatmap.{key}", high=high, low=low),
        w(
            "usage_heatmap.alt",
            spans=", ".join(spans),
            unmeasured=unmeasured,
            cells=int(relevant.to_numpy().sum()),
        ),
    )


def _cell(shares: pd.DataFrame, at: Any, w: Words) -> str:
    """A cell in words; `at` counts down the first group, then down the next."""
    column, row = divmod(int(at), len(shares))
    group = w.label("department_group", shares.columns[column])
    share = w.pct(shares.iat[row, column])
    return w("usage_heatmap.cell", solution=shares.index[row], group=group, share=share)


def _span(label: Any, row: np.ndarray, w: Words) -> str:
    low, high = w.per_hundred(row.min()), w.per_hundred(row.max())
    return f"{label} {low}" if len(row) == 1 else f"{label} {low}-{high}"


def _usage_matrix(usage: pd.DataFrame, labels: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares by label x group (groups in the framework's order), and which cells are relevant."""
    groups = [
        group for group in framework().enums["department_group"] if group in set(usage["department_group"])
    ]
    names = sorted({labels[solution] for solution in usage["solution"]})
    at = (
        pd.Index(names).get_indexer(pd.Index(usage["solution"].map(labels))),
        pd.Index(groups).get_indexer(pd.Index(usage["department_group"])),
    )
    shares, relevant = np.full((len(names), len(groups)), np.nan), np.zeros((len(names), len(groups)), bool)
    shares[at], relevant[at] = usage["share"].astype("float64"), True
    table = pd.DataFrame(shares, names, groups)
    order = table.mean(axis=1).sort_values(ascending=False, kind="stable").index
    return table.loc[order], pd.DataFrame(relevant, names, groups).loc[order]


def plot_adoption(d: Dossier) -> Figure:
    """Monthly share of each new solution since go-live against the reference curve (I08) of a dossier."""
    months = _adoption_months(d.tables["usage_by_month"], d.tables["depth_by_solution"])
    if months["share"].isna().all():
        return show_not_examined("adoption", reason="too_few_months", language=d.language)
    return show(
        *("adoption", draw_adoption, describe_adoption, months),
        labels=solution_labels(d.tables["solutions"], language=d.language),
        language=d.language,
        n=words(d.language).count(months["solution"].nunique(), "solution"),
    )


def _adoption_months(months: pd.DataFrame, depth: pd.DataFrame) -> pd.DataFrame:
    """Months 0-60 since go-live of new solutions."""
    new = depth.loc[depth["is_new"].astype("boolean").fillna(False), "solution"]
    return months[months["solution"].isin(new) & months["months_since_go_live"].between(0, ADOPTION_MONTHS)]


@house_style()
def draw_adoption(months: pd.DataFrame, *, labels: Mapping[str, str], language: str) -> Drawing:
    """Small multiples with the same axes: the monthly share and the reference curve.

    Parameters
    ----------
    months : DataFrame
        One row per solution x month: solution, months_since_go_live (0-60), share and reference (0-1).
    """
    w = words(language)
    solutions = sorted(months["solution"].unique(), key=lambda solution: labels[solution])
    rows = -(-len(solutions) // PANELS_A_ROW)
    figure = Drawing(figsize=(style.WIDTH, height := PANEL * rows + 0.55))
    for at, solution in enumerate(solutions):
        axes = style.field(figure, _panel(at, height=height))
        _draw_curve(axes, months[months["solution"].eq(solution)], w)
        axes.set_title(style.wrap(labels[solution], 32, lines=1))
        _adoption_axes(axes, w, left=at % PANELS_A_ROW == 0, bottom=at + PANELS_A_ROW >= len(solutions))
    style.footnote(figure, w("adoption.key"))
    return figure


def _panel(at: int, *, height: float) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of the panel, as parts of the figure."""
    row, column = divmod(at, PANELS_A_ROW)
    width = (style.WIDTH - 0.65) / PANELS_A_ROW
    return (
        (0.6 + column * width) / style.WIDTH,
        (height - PANEL * (row + 1) + 0.2) / height,
        (width - 0.3) / style.WIDTH,
        (PANEL - 0.5) / height,
    )


def _draw_curve(axes: Axes, months: pd.DataFrame, w: Words) -> None:
    table = months.sort_values("months_since_go_live")
    since = table["months_since_go_live"]
    style.line(axes, since, table["reference"], color=style.NEUTRAL, linewidth=1.4, linestyle=(0, (4, 2)))
    style.line(axes, since, table["share"], color=style.INKS["green"], linewidth=2)
    measured = table.dropna(subset="share")
    if measured.empty:
        axes.text(30, 0.12, w("adoption.unmeasured"), ha="center", va="center", color=style.MUTED)
        return
    last = measured.iloc[-1]
    place = (last["months_since_go_live"], last["share"])
    style.line(axes, *place, "o", color=style.INKS["green"], markersize=5)
    # beside the last point, where both curves end; near the panel's edge below it
    late = last["months_since_go_live"] > 0.75 * ADOPTION_MONTHS
    offset, ha, va = ((0, -6), "center", "top") if late else ((6, 0), "left", "center")
    look: dict[str, Any] = {"fontsize": 9.5, "weight": 700, "color": style.INKS["green"], "ha": ha, "va": va}
    axes.annotate(w.pct(last["share"]), place, offset, textcoords="offset points", **look)


def _adoption_axes(axes: Axes, w: Words, *, left: bool, bottom: bool) -> None:
    axes.set(xlim=(0, ADOPTION_MONTHS), ylim=(0, 1))
    years, shares = range(0, ADOPTION_MONTHS + 1, 12), (0, 0.5, 1)
    style.grid(axes, x=years, y=shares)
    if bottom:
        style.column_names(axes, years, [str(year) for year in range(6)])
    if left:
        style.value_names(axes, shares, [w.pct(share) for share in shares])


def describe_adoption(months: pd.DataFrame, *, labels: Mapping[str, str], language: str) -> tuple[str, str]:
    """Title (how many lie on or above the curve) and alternative text (latest share against the curve)."""
    w = words(language)
    latest = months.dropna(subset="share").sort_values("months_since_go_live").groupby("solution").tail(1)
    latest = latest.assign(label=latest["solution"].map(labels)).sort_values("label")
    on_course = int(latest["share"].ge(latest["reference"]).sum())
    rows = [
        f"{row.label} {w.per_hundred(row.share)} ({w.per_hundred(row.reference)})" for row in each(latest)
    ]
    unmeasured = months["solution"].nunique() - len(latest)
    return (
        w(
            f"adoption.{'title' if on_course else 'title_none'}",
            k=on_course,
            solutions=w.count(len(latest), "solution"),
        ),
        w("adoption.alt", rows=", ".join(rows), unmeasured=unmeasured),
    )
