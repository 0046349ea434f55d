"""Figures of the benchmark: all municipalities as counts and quartiles, never one of them."""

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
from klktools.figures.words import Words, each, words
from klktools.wording.benchmark import Benchmark
from klktools.wording.templates import framework

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


def plot_plan_classes(b: Benchmark) -> Figure:
    """How many municipalities have a plan, part of one or none (framework 6.2, 2)."""
    return _show_classes("plan_classes", b.tables["plan_classes"], PLAN_TONES, b.language)


def plot_certainty_classes(b: Benchmark) -> Figure:
    """How many municipalities are with certainty above 25 per cent (framework 6.2, 2; I04)."""
    return _show_classes("certainty_classes", b.tables["certainty_classes"], CLASS_TONES, b.language)


def _show_classes(name: str, classes: pd.DataFrame, tones: Mapping[str, str], language: str) -> Figure:
    if classes.empty or not classes["total"].max() > 0:
        return show_not_examined(name, reason="not_delivered", language=language)
    counted = words(language).count(classes["total"].max(), "municipality")
    return show(
        name, draw_classes, describe_classes, classes, section=name, tones=tones, language=language, n=counted
    )


@house_style()
def draw_classes(classes: pd.DataFrame, *, section: str, tones: Mapping[str, str], language: str) -> Drawing:
    """A bar per class, the share of the municipalities, with their number.

    Parameters
    ----------
    classes : DataFrame
        One row per class: category, n, total, share (missing when suppressed).
    section : str
        The figure's texts: plan_classes or certainty_classes.
    tones : mapping
        Class -> tone.
    """
    w = words(language)
    labels = [f"{SYMBOLS[tones[category]]} {w(f'{section}.{category}')}" for category in classes["category"]]
    figure, axes = style.row_canvas(labels, row=0.48, right=1.7, top=0.1)
    names = figure.texts[: len(labels)]
    style.share_grid(axes, w)
    for y, (row, label) in enumerate(zip(each(classes), names, strict=True)):
        tone = tones[row.category]
        label.set(color=style.INKS[tone], weight=700)
        if pd.isna(row.n):
            axes.text(0.01, y, w("common.suppressed"), va="center", color=style.MUTED)
            continue
        hatch = style.HATCH if tone == "none" else None
        style.bar(
            axes,
            y,
            row.share,
            0.6,
            facecolor=style.FILLS[tone],
            edgecolor=style.INKS[tone],
            hatch=hatch,
            linewidth=0.8,
        )
        style.beside(
            axes, y, f"{w.count(row.n, 'municipality')} ({w.pct(row.share)})", weight=700, fontsize=10
        )
    return figure


def describe_classes(
    classes: pd.DataFrame, *, section: str, tones: Mapping[str, str], language: str
) -> tuple[str, str]:
    """Title (how many are in the first class) and alternative text (all classes)."""
    w = words(language)
    said = [f"{w(f'{section}.{row.category}')}: {_number(row.n, w)}" for row in each(classes)]
    first, total = classes["n"].iloc[0], w.count(classes["total"].max(), "municipality")
    title = w(
        f"{section}.title_hidden" if pd.isna(first) else f"{section}.title", k=_number(first, w), total=total
    )
    return title, w(f"{section}.alt", total=total, classes="; ".join(said))


def _number(n: Any, w: Words) -> str:
    return w("common.suppressed") if pd.isna(n) else f"{n:.0f}"


def plot_claim_matrix(b: Benchmark) -> Figure:
    """What municipalities say about being above 25 per cent against what their figures show (I05)."""
    matrix = b.tables["claim_matrix"]
    if matrix.empty:
        return show_not_examined("claim_matrix", reason="not_delivered", language=b.language)
    # beside hidden cells the sum would help to find them, so only a whole table tells its n
    whole = None if matrix["n"].isna().any() else words(b.language).count(matrix["n"].sum(), "municipality")
    return show(
        "claim_matrix", draw_claim_matrix, describe_claim_matrix, matrix, language=b.language, n=whole
    )


@house_style()
def draw_claim_matrix(matrix: pd.DataFrame, *, language: str) -> Drawing:
    """Claims down, classes across, the number of municipalities in the cells.

    Parameters
    ----------
    matrix : DataFrame
        One row per claim x class: claim (yes, no, dont_know), category (of I04), n (missing when hidden).
    """
    w = words(language)
    classes = list(CLASS_TONES)
    cells = matrix.pivot(index="claim", columns="category", values="n").reindex(index=CLAIMS, columns=classes)
    figure, axes = style.row_canvas(
        [w(f"claim_matrix.{claim}") for claim in CLAIMS], row=0.75, top=0.55, bottom=0.15
    )
    axes.set(xlim=(-0.5, len(classes) - 0.5))
    for x, category in enumerate(classes):
        head = f"{SYMBOLS[CLASS_TONES[category]]} {w(f'certainty_classes.{category}')}"
        axes.text(x, -0.57, style.wrap(head, 17), ha="center", va="bottom", fontsize=9.5)
        for y, claim in enumerate(CLAIMS):
            _draw_cell(axes, (x, y), cells.at[claim, category], w, said=_knowledge(claim, category, w))
    return figure


def _knowledge(claim: str, category: str, w: Words) -> str:
    """I05: what the pair of claim and figures amounts to."""
    above = category == "certainly_above"
    if claim == "yes":
        return w("claim_matrix.know_it" if above else "claim_matrix.believe_it")
    return w("claim_matrix.good_but_unknown" if above else "claim_matrix.do_not_know")


def _draw_cell(axes: Axes, place: tuple[int, int], n: Any, w: Words, *, said: str) -> None:
    x, y = place
    fill = "#D3EBE6" if place == (0, 0) else "#F2F5F8"  # claimed and shown
    axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=fill, edgecolor="none"))
    hidden = pd.isna(n)
    number = w("common.few") if hidden else f"{n:.0f}"
    axes.text(x, y - 0.1, number, ha="center", va="center", fontsize=10 if hidden else 15, weight=700)
    axes.text(x, y + 0.28, said, ha="center", va="center", fontsize=9.5, color=style.MUTED)


def describe_claim_matrix(matrix: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (how many know that they are above) and alternative text (every cell)."""
    w = words(language)
    sure = matrix["claim"].eq("yes") & matrix["category"].eq("certainly_above")
    known = matrix.loc[sure, "n"].sum(skipna=False)
    said = [
        f"{w(f'claim_matrix.{claim}')} / {w(f'certainty_classes.{category}').lower()}: {_number(n, w)}"
        for claim, category, n in zip(matrix["claim"], matrix["category"], matrix["n"], strict=True)
        if pd.isna(n) or n > 0
    ]
    title = w("claim_matrix.title_hidden" if pd.isna(known) else "claim_matrix.title", k=_number(known, w))
    return title, w("claim_matrix.alt", cells="; ".join(said))


def plot_harvest(b: Benchmark) -> Figure:
    """How much of the cuts is harvested in place and taken from core welfare: quartiles only (I16, I17)."""
    quartiles = b.tables["quartiles"]
    quartiles = quartiles[quartiles["measure"].isin(["I16", "I17"])]
    if quartiles["median"].isna().all():
        return show_not_examined("harvest", reason="too_few_municipalities", language=b.language)
    counted = words(b.language).count(quartiles["n"].max(), "municipality")
    return show("harvest", draw_harvest, describe_harvest, quartiles, language=b.language, n=counted)


@house_style()
def draw_harvest(quartiles: pd.DataFrame, *, language: str) -> Drawing:
    """A box from the lower to the upper quartile with the median, per measure.

    Parameters
    ----------
    quartiles : DataFrame
        One row per measure (I16, I17): measure, n, q25, median, q75 (shares; missing when suppressed).
    """
    w = words(language)
    figure, axes = style.row_canvas(
        [w(f"harvest.{measure}") for measure in quartiles["measure"]],
        row=0.75,
        right=1.0,
        top=0.1,
        bottom=0.7,
    )
    style.share_grid(axes, w)
    for y, row in enumerate(each(quartiles)):
        _draw_box(axes, y, row, w, say=w.pct)
    style.footnote(figure, w("common.box"))
    return figure


def _draw_box(axes: Axes, y: int, row: Any, w: Words, *, say: Any = None) -> None:
    """Quartile box; with `say` also the three numbers in words."""
    if pd.isna(row.median):
        axes.text(
            axes.get_xlim()[0], y, f" {w('common.suppressed')}", va="center", color=style.MUTED, fontsize=9.5
        )
    else:
        style.bar(
            axes, y, row.q75 - row.q25, 0.5, row.q25, facecolor=BAND, edgecolor=style.NEUTRAL, linewidth=0.8
        )
        style.line(axes, (row.median, row.median), (y - 0.25, y + 0.25), color=style.TEXT, linewidth=2.4)
        if say is not None:
            axes.text(
                row.median, y - 0.29, say(row.median), ha="center", va="bottom", fontsize=9.5, weight=700
            )
            axes.text(row.q25, y + 0.29, say(row.q25), ha="center", va="top", fontsize=9, color=style.MUTED)
            axes.text(row.q75, y + 0.29, say(row.q75), ha="center", va="top", fontsize=9, color=style.MUTED)
    style.beside(axes, y, f"n = {row.n:.0f}", color=style.MUTED, fontsize=9.5)


def describe_harvest(quartiles: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (the median harvested in place) and alternative text (quartiles)."""
    w = words(language)
    rows = quartiles.set_index("measure")
    said = [
        w("harvest.row", measure=w(f"harvest.{row.Index}"), **_spans(row, w.pct))
        for row in each(rows.dropna())
    ]
    return w("harvest.title", median=w.pct(rows["median"].get("I16"))), w("harvest.alt", rows="; ".join(said))


def _spans(row: Any, say: Any) -> dict[str, str]:
    return {name: say(getattr(row, name)) for name in QUARTILES} | {"n": f"{row.n:.0f}"}


def plot_criteria_quartiles(b: Benchmark) -> Figure:
    """How the 17 criteria are spread over the municipalities: quartiles and n (framework 6.2, 3)."""
    criteria = framework().criteria["criterion"]
    rows = b.reference[b.reference["measure"].isin(criteria)]
    rows = rows[rows["group_kind"].isin(["all", "wave"])]
    if rows["median"].isna().all():
        return show_not_examined("criteria_quartiles", reason="too_few_municipalities", language=b.language)
    counted = words(b.language).count(rows["n"].max(), "municipality")
    return show(
        "criteria_quartiles",
        draw_criteria_quartiles,
        describe_criteria_quartiles,
        rows,
        language=b.language,
        n=counted,
    )


@house_style()
def draw_criteria_quartiles(reference: pd.DataFrame, *, language: str) -> Drawing:
    """A quartile box per criterion on the scale 0-4.

    Parameters
    ----------
    reference : DataFrame
        Rows of `reference` for criteria: measure, group_kind (all, wave), group, n, q25, median, q75 (0-4). A
        criterion that only compares within a wave gets the wave with most municipalities, and says so.
    """
    w = words(language)
    rows = _one_a_criterion(reference)
    figure, axes = style.row_canvas(
        [_criterion(row, w) for row in each(rows)],
        row=0.33,
        left=2.9,
        right=0.8,
        top=0.1,
        bottom=0.7,
    )
    style.vertical_grid(axes, range(5), [str(step) for step in range(5)])
    for y, row in enumerate(each(rows)):
        _draw_box(axes, y, row, w)
    style.footnote(figure, w("common.box"))
    return figure


def _one_a_criterion(reference: pd.DataFrame) -> pd.DataFrame:
    """The row of all; where that is not comparable, of the wave with most municipalities."""
    ordered = reference.assign(
        silent=reference["median"].isna(), wave=reference["group_kind"].eq("wave"), fewer=-reference["n"]
    ).sort_values(["silent", "wave", "fewer", "group"], kind="stable")
    order = list(framework().criteria["criterion"])
    return (
        ordered.drop_duplicates("measure")
        .set_index("measure")
        .reindex(order)
        .dropna(subset="n")
        .reset_index()
    )


def _criterion(row: Any, w: Words) -> str:
    label = f"{row.measure} {w.label('criterion', row.measure)}"
    return label if row.group_kind == "all" or pd.isna(row.median) else f"{label} ({row.group})"


def describe_criteria_quartiles(reference: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (the highest and the lowest median) and alternative text (the medians)."""
    w = words(language)
    rows = _one_a_criterion(reference).dropna(subset="median")
    high, low = rows.nlargest(1, "median").iloc[0], rows.nsmallest(1, "median").iloc[0]
    said = [f"{row.measure} {w.score(row.median)}" for row in each(rows)]
    title = w(
        "criteria_quartiles.title",
        high=w.label("criterion", high["measure"]),
        best=w.score(high["median"]),
        low=w.label("criterion", low["measure"]),
        worst=w.score(low["median"]),
    )
    return title, w("criteria_quartiles.alt", medians="; ".join(said))


def plot_turnover_half_life(b: Benchmark) -> Figure:
    """How fast training disappears with turnover, and where the municipalities lie (I21b)."""
    quartiles = b.tables["quartiles"]
    quartiles = quartiles[quartiles["measure"].eq("I21b")]
    if quartiles["median"].isna().all():
        return show_not_examined("turnover_half_life", reason="too_few_municipalities", language=b.language)
    counted = words(b.language).count(quartiles["n"].iloc[0], "municipality")
    return show(
        *("turnover_half_life", draw_turnover_half_life, describe_turnover_half_life, quartiles),
        language=b.language,
        n=counted,
    )


@house_style()
def draw_turnover_half_life(quartiles: pd.DataFrame, *, language: str) -> Drawing:
    """The half-life of training over turnover, with the municipalities' middle half as a band.

    Parameters
    ----------
    quartiles : DataFrame
        One row: n, q25, median, q75 of I21b (years).
    """
    w = words(language)
    row = quartiles.iloc[0]
    figure, axes = style.canvas(3.5, left=0.6, right=1.9, top=0.3, bottom=0.75)
    turnover = np.linspace(0.08, 0.45, 75)
    axes.set(xlim=(0.08, 0.45), ylim=(0, MOST_YEARS))
    at = (0.1, 0.2, 0.3, 0.4)
    heights = range(MOST_YEARS + 1)
    style.grid(axes, x=at, y=heights)
    style.column_names(axes, at, [w.pct(share) for share in at])
    style.column_names(axes, (0.265,), [w("turnover_half_life.turnover")], pad=19.5, fontsize=10)
    style.value_names(axes, heights, [str(height) for height in heights])
    axes.axhspan(row["q25"], min(row["q75"], MOST_YEARS), color=BAND, zorder=0)
    axes.axhline(row["median"], color=style.NEUTRAL, linewidth=1.6)
    style.line(axes, turnover, stats.half_life(turnover), color=style.INKS["green"], linewidth=2.6)
    for share in at:
        years = float(stats.half_life(share))
        style.line(axes, share, years, "o", color=style.INKS["green"], markersize=6)
        axes.annotate(w.years(years), (share, years), (6, 5), textcoords="offset points", weight=700)
    style.headline(axes, 0.08, w("turnover_half_life.years"), ha="left")
    middle = (row["q25"] + min(row["q75"], MOST_YEARS)) / 2
    said = w("turnover_half_life.band", median=w.years(row["median"]))
    axes.text(0.457, middle, style.wrap(said, 26, 4), va="center", fontsize=9.5, linespacing=1.1)
    return figure


def describe_turnover_half_life(quartiles: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (the median half-life) and alternative text (curve and quartiles)."""
    w = words(language)
    row = next(each(quartiles))
    curve = [
        w("turnover_half_life.point", turnover=w.pct(q), years=w.years(float(stats.half_life(q))))
        for q in (0.1, 0.2, 0.3, 0.4)
    ]
    spans = _spans(row, w.years)
    return w("turnover_half_life.title", **spans), w(
        "turnover_half_life.alt", curve="; ".join(curve), **spans
    )
