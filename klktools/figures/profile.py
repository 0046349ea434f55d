"""Figures across the areas: profile, self-image and data, effect and effort, position among the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import reason_of, show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, each, words
from klktools.wording.reading import main_findings
from klktools.wording.templates import Dossier, framework, voice

SCORES = (0, 1, 2, 3, 4)
POSITION_INDICATORS = ("I02", "I16", "I21a")
LEVELS = (1, 2, 3)  # of effect and effort
BAND = "#CBD8E3"


def plot_profile(d: Dossier) -> Figure:
    """The four area scores on the scale 0-4, without a total (framework 1.2, 5) of a dossier."""
    areas = d.tables["area_scores"]
    if areas.empty or areas["R"].isna().all():
        return show_not_examined("profile", reason=reason_of(areas), language=d.language)
    return show(
        *("profile", draw_profile, describe_profile, areas),
        language=d.language,
        n=words(d.language).count(areas["n_criteria"].sum(), "criterion"),
    )


@house_style()
def draw_profile(areas: pd.DataFrame, *, language: str) -> Drawing:
    """One dot per focus area on the scale 0-4; an area not examined is an open diamond with its reason.

    Parameters
    ----------
    areas : DataFrame
        One row per area: area, R (0-4), label (scale step), light, reason.
    """
    w = words(language)
    rows = _in_order(areas, "area", framework().areas["area"])
    figure, axes = style.row_canvas(
        [w.label("area", area) for area in rows["area"]], row=0.44, right=1.75, top=0.1, bottom=0.55
    )
    style.vertical_grid(axes, SCORES, [f"{step}\n{w(f'scale.s{step}')}" for step in SCORES])
    axes.hlines(range(len(rows)), 0, 4, color=style.SOFT, linewidth=1.2)
    for y, row in enumerate(each(rows)):
        if pd.isna(row.R):
            style.mark(axes, 2, y, "none", markersize=10)
            style.beside(
                axes,
                y,
                style.wrap(w("common.not_examined", reason=w.reason(row.reason)), 25, 3),
                color=style.MUTED,
                x=1.07,
                fontsize=9.5,
            )
        else:
            style.mark(axes, row.R, y, row.light, markersize=13)
            style.beside(
                axes,
                y,
                f"{SYMBOLS[row.light]} {w.score(row.R)}  {w(f'scale.{row.label}')}",
                weight=700,
                x=1.07,
                color=style.INKS[row.light],
            )
    return figure


def describe_profile(areas: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (the strongest and the weakest area) and alternative text (all four scores)."""
    w = words(language)
    rows = _in_order(areas, "area", framework().areas["area"])
    scored = rows.dropna(subset="R")
    best, worst = w.score(scored["R"].max()), w.score(scored["R"].min())
    key = "title" if best != worst else "title_one" if len(scored) == 1 else "title_level"
    named = {"best_area": _with_score(scored, best, w), "worst_area": _with_score(scored, worst, w)}
    title = w(f"profile.{key}", best=best, worst=worst, **named)
    return title, w("profile.alt", areas=". ".join(_area_words(row, w) for row in each(rows)))


def _with_score(scored: pd.DataFrame, score: str, w: Words) -> str:
    """The areas that have a score as it is written, so that no tie is broken."""
    return w.join([w.label("area", row.area) for row in each(scored) if w.score(row.R) == score])


def _area_words(row: Any, w: Words) -> str:
    said = (
        w("common.not_examined", reason=w.reason(row.reason)).lower()
        if pd.isna(row.R)
        else f"{w.score(row.R)} ({w(f'scale.{row.label}').lower()})"
    )
    return f"{w.label('area', row.area)}: {said}"


def _in_order(table: pd.DataFrame, column: str, order: Any) -> pd.DataFrame:
    """The rows in the framework's order; one that is missing keeps its place."""
    return table.set_index(column).reindex(list(order)).rename_axis(column).reset_index()


def plot_perception(d: Dossier) -> Figure:
    """What the interviews say against what the data say, per criterion (I25a) of a dossier."""
    scores = d.tables["scores"]
    if scores.empty or scores["I"].isna().all():
        return show_not_examined("perception", reason="too_few_answers", language=d.language)
    return show(
        *("perception", draw_perception, describe_perception, scores),
        gap=framework().assumptions["perception_gap"],
        language=d.language,
        n=words(d.language).count(scores["I"].notna().sum(), "criterion"),
    )


@house_style()
def draw_perception(scores: pd.DataFrame, *, gap: float, language: str) -> Drawing:
    """A dumbbell per criterion: interviews (ring) and data (filled square) on the scale 0-4.

    Parameters
    ----------
    scores : DataFrame
        One row per criterion: criterion, I and S (0-4; I is missing where too few persons answered), I25a
        (their difference), I25a_shown (enough persons and roles).
    gap : float
        The difference that is a finding.
    """
    w = words(language)
    rows = _in_order(scores, "criterion", framework().criteria["criterion"])
    labels = [f"{criterion} {w.label('criterion', criterion)}" for criterion in rows["criterion"]]
    figure, axes = style.row_canvas(labels, row=0.25, fontsize=9.5, left=3.3, right=1.5, top=0.1, bottom=0.6)
    style.vertical_grid(axes, SCORES, [str(step) for step in SCORES])
    for y, row in enumerate(each(rows)):
        _draw_dumbbell(axes, y, row, w, gap=gap)
    style.footnote(figure, w("perception.key"))
    return figure


def _draw_dumbbell(axes: Axes, y: int, row: Any, w: Words, *, gap: float) -> None:
    wide = _is_wide(row, gap)
    color = style.INKS["orange"] if wide else style.NEUTRAL
    style.line(axes, (row.S, row.I), (y, y), color=color, linewidth=4 if wide else 2, alpha=0.9, zorder=2)
    style.line(axes, row.S, y, "s", color=style.TEXT, markersize=8, clip_on=False, zorder=4)
    style.line(
        axes,
        row.I,
        y,
        "o",
        color="white",
        markeredgecolor=style.LINK,
        markeredgewidth=2,
        markersize=9,
        clip_on=False,
        zorder=5,
    )
    style.beside(
        axes,
        y,
        _gap_words(row, w, gap=gap),
        color=color if wide else style.MUTED,
        weight=700 if wide else 400,
        fontsize=9.5,
        x=1.06,
    )


def _is_wide(row: Any, gap: float) -> bool:
    return bool(pd.notna(row.I25a) and pd.notna(row.I25a_shown) and row.I25a_shown and abs(row.I25a) >= gap)


def _gap_words(row: Any, w: Words, *, gap: float) -> str:
    if pd.isna(row.I) and pd.isna(row.S):
        return w("perception.neither")
    if pd.isna(row.I) or pd.isna(row.S):
        return w("perception.no_answers" if pd.isna(row.I) else "perception.no_data")
    if pd.isna(row.I25a) or not row.I25a_shown:
        return w("perception.few_roles")
    difference = f"{'+' if row.I25a > 0 else ''}{w.score(row.I25a)}"
    word = w("perception.above" if row.I25a > 0 else "perception.below")
    return f"{SYMBOLS['orange']} {difference} {word}" if abs(row.I25a) >= gap else difference


def describe_perception(scores: pd.DataFrame, *, gap: float, language: str) -> tuple[str, str]:
    """Title (on how many criteria the self-image is brighter or darker) and alternative text (wide gaps)."""
    w = words(language)
    rows = _in_order(scores, "criterion", framework().criteria["criterion"])
    shown = rows[rows["I25a"].notna() & rows["I25a_shown"].astype("boolean").fillna(False)]
    above, below = shown[shown["I25a"].ge(gap)], shown[shown["I25a"].le(-gap)]
    silent = int(rows["I"].isna().sum())
    wide = [_wide_words(row, w) for row in each(pd.concat([above, below]))]
    counted = {"k": len(above), "j": len(below), "criteria": w.count(len(shown), "criterion")}
    key = (
        "title_none"
        if not wide
        else "title_both"
        if len(above) and len(below)
        else "title_above"
        if len(above)
        else "title_below"
    )
    alt = w(
        "perception.alt", wide="; ".join(wide) or w("perception.no_wide"), compared=len(shown), silent=silent
    )
    return w(f"perception.{key}" if len(shown) else "perception.title_silent", **counted), alt


def _wide_words(row: Any, w: Words) -> str:
    return w(
        "perception.wide",
        criterion=w.label("criterion", row.criterion),
        interviews=w.score(row.I),
        data=w.score(row.S),
    )


def plot_effort_effect(d: Dossier) -> Figure:
    """The recommendations by effect and effort, numbered as in their table, of a dossier."""
    found = [finding for finding in main_findings(d, voice(d)) if not finding.strength]
    if not found:
        return show_not_examined("effort_effect", reason="no_findings", language=d.language)
    table = pd.DataFrame(
        {name: [getattr(finding, name) for finding in found] for name in ("title", "effect", "effort")}
    )
    return show(
        *(
            "effort_effect",
            draw_effort_effect,
            describe_effort_effect,
            table.assign(number=range(1, len(table) + 1)),
        ),
        language=d.language,
        n=words(d.language)("effort_effect.n", n=len(table)),
    )


@house_style()
def draw_effort_effect(recommendations: pd.DataFrame, *, language: str) -> Drawing:
    """Numbered recommendations in a field of effect (up) and effort (across), each of three levels.

    Parameters
    ----------
    recommendations : DataFrame
        One row per recommendation: number, title (of its finding), effect and effort (1-3).
    """
    w = words(language)
    figure, axes = style.canvas(3.9, left=0.75, right=3.35, top=0.15, bottom=0.6)
    axes.set(xlim=(0.5, 3.5), ylim=(0.5, 3.5))
    names = [w(f"effort_effect.level{level}") for level in LEVELS]
    style.column_names(axes, LEVELS, names)
    style.column_names(axes, (2,), [w("effort_effect.effort")], pad=19.5, fontsize=10)
    upright = {"rotation": 90, "va": "center", "color": style.MUTED}
    style.row_names(axes, LEVELS, names, pad=3.5, fontsize=9.5, **upright)
    style.row_names(axes, (2,), [w("effort_effect.effect")], pad=19.5, fontsize=10, **upright)
    axes.bar(1, 1, 1, 2.5, color="#D3EBE6")
    axes.bar((1, 2), (1, 1), 1, (1.5, 2.5), color="#EDF6F4")
    axes.hlines((0.5, 1.5, 2.5, 3.5), 0.5, 3.5, color=style.SOFT, linewidth=0.8)
    axes.vlines((0.5, 1.5, 2.5, 3.5), 0.5, 3.5, color=style.SOFT, linewidth=0.8)
    axes.text(
        0.56, 3.42, w("effort_effect.first"), va="top", fontsize=9.5, weight=700, color=style.INKS["green"]
    )
    for _, cell in recommendations.groupby(["effort", "effect"]):
        _draw_numbers(axes, cell["effort"].iloc[0], cell["effect"].iloc[0], cell["number"].tolist())
    for at, row in enumerate(each(recommendations)):
        _list(figure, at, row)
    return figure


def _draw_numbers(axes: Axes, effort: float, effect: float, numbers: list[int]) -> None:
    """The numbers of one cell side by side, at most three a line."""
    lines = -(-len(numbers) // 3)
    for at, number in enumerate(numbers):
        line, column = divmod(at, 3)
        here = min(3, len(numbers) - 3 * line)
        x = effort + 0.3 * (column - (here - 1) / 2)
        y = effect - 0.3 * (line - (lines - 1) / 2)
        style.line(axes, x, y, "o", markersize=17, color=style.LINK, zorder=3)
        axes.text(x, y, str(number), ha="center", va="center_baseline", color="white", weight=700, zorder=4)


def _list(figure: Drawing, at: int, row: Any) -> None:
    height = figure.get_figheight()
    y = 1 - (0.25 + 0.44 * at) / height
    figure.text(4.15 / style.WIDTH, y, str(row.number), weight=700, color=style.LINK, va="center", ha="right")
    figure.text(4.25 / style.WIDTH, y, style.wrap(row.title, 46), va="center", fontsize=9.5, linespacing=1.0)


def describe_effort_effect(recommendations: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (which to begin with) and alternative text (effect and effort of each)."""
    w = words(language)
    ordered = recommendations.sort_values(
        ["effect", "effort", "number"], ascending=[False, True, True], kind="stable"
    )
    first = ordered[
        ordered["effect"].eq(ordered["effect"].iloc[0]) & ordered["effort"].eq(ordered["effort"].iloc[0])
    ]
    numbers = [str(number) for number in sorted(first["number"])]
    said = [_levels(row, w) for row in each(recommendations)]
    key = "title_one" if len(numbers) == 1 else "title"
    return w(f"effort_effect.{key}", numbers=w.join(numbers)), w("effort_effect.alt", rows="; ".join(said))


def _levels(row: Any, w: Words) -> str:
    levels = {name: w(f"effort_effect.level{getattr(row, name)}").lower() for name in ("effect", "effort")}
    return w("effort_effect.row", number=row.number, **levels)


def plot_position(d: Dossier) -> Figure:
    """The place in the quartile band of the others, per area and for three indicators, of a dossier."""
    positions = _positions(d)
    if positions["value"].isna().all() or positions["median"].isna().all():
        return show_not_examined("position", reason="too_few_municipalities", language=d.language)
    counted = positions.loc[positions["median"].notna(), "n"]
    return show(
        *("position", draw_position, describe_position, positions),
        language=d.language,
        n=words(d.language)("position.n", low=int(counted.min()), high=int(counted.max())),
    )


def _positions(d: Dossier) -> pd.DataFrame:
    """Own value beside the quartiles of all, or of the own wave where only waves compare."""
    areas = d.tables["area_scores"].rename(columns={"area": "measure", "R": "value"})
    indicators = d.tables["indicators"].rename(columns={"indicator": "measure", "estimate": "value"})
    whole = indicators[indicators["solution"].eq("") & indicators["department"].eq("")]
    own = pd.concat([areas[["measure", "value"]], whole[["measure", "value"]]])
    measures = [*framework().areas["area"], *POSITION_INDICATORS]
    rows = _in_order(own[own["measure"].isin(measures)], "measure", measures)
    return rows.merge(_compared(d.reference, d.meta["wave"]), on="measure", how="left")


def _compared(reference: pd.DataFrame, wave: str) -> pd.DataFrame:
    """The group each measure is compared with: all, or the wave where not every instrument asked."""
    everyone = reference[reference["group_kind"].eq("all")]
    uneven = everyone.loc[everyone["status"].eq("not_examined"), "measure"]
    own = reference["group_kind"].eq("wave") & reference["group"].eq(wave) & reference["measure"].isin(uneven)
    groups = pd.concat([everyone[~everyone["measure"].isin(uneven)], reference[own]])
    return groups[["measure", "group_kind", "n", "q25", "median", "q75"]]


@house_style()
def draw_position(positions: pd.DataFrame, *, language: str) -> Drawing:
    """A strip per measure: the middle half of the municipalities as a band, their median, and the own mark.

    Parameters
    ----------
    positions : DataFrame
        One row per area and indicator: measure, value (own), n, q25, median, q75 (areas 0-4, indicators 0-1;
        missing when suppressed), group_kind (all or wave).
    """
    w = words(language)
    areas = set(framework().areas["area"])
    labels = [_measure(measure, w) for measure in positions["measure"]]
    figure, axes = style.row_canvas(labels, row=0.42, right=1.85, top=0.35, bottom=0.85)
    style.share_grid(axes, w)
    for score in SCORES:
        style.headline(axes, score / 4, str(score))
    for y, row in enumerate(each(positions)):
        _draw_strip(axes, y, row, 4 if row.measure in areas else 1, w)
    axes.axhline(sum(positions["measure"].isin(areas)) - 0.5, color=style.NEUTRAL, linewidth=0.8)
    style.footnote(figure, w("position.key"))
    return figure


def _draw_strip(axes: Axes, y: int, row: Any, top: int, w: Words) -> None:
    if pd.notna(row.median):
        style.bar(axes, y, (row.q75 - row.q25) / top, 0.5, row.q25 / top, facecolor=BAND)
        style.line(
            axes, (row.median / top, row.median / top), (y - 0.25, y + 0.25), color=style.NEUTRAL, linewidth=2
        )
    if pd.notna(row.value):
        style.line(
            axes,
            row.value / top,
            y,
            "D",
            color=style.LINK,
            markeredgecolor="white",
            markersize=10,
            clip_on=False,
            zorder=5,
        )
    style.beside(axes, y, _place_words(row, top, w), x=1.05, fontsize=9.5, linespacing=1.05)


def _place_words(row: Any, top: int, w: Words) -> str:
    own = (
        w("position.unknown") if pd.isna(row.value) else w.score(row.value) if top == 4 else w.pct(row.value)
    )
    band = _band(row)
    if pd.isna(row.median):
        return f"{own}\n{w('position.suppressed')}"
    kind = w(f"position.{row.group_kind}", n=int(row.n))
    return f"{own} {w(f'position.band{band}')}\n{kind}" if band else f"{own}\n{kind}"


def _band(row: Any) -> int:
    """1-4 from the lowest quarter to the highest, as benchmark.place has it; 0 when it cannot be said."""
    if pd.isna(row.value) or pd.isna(row.median):
        return 0
    return 1 + int(row.value >= row.q25) + int(row.value > row.median) + int(row.value > row.q75)


def describe_position(positions: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (on how many measures above the middle) and alternative text (band per measure, never a rank)."""
    w = words(language)
    bands = [(row, _band(row)) for row in each(positions)]
    placed = [(row, band) for row, band in bands if band]
    said = [
        w("position.place", measure=_measure(row.measure, w), band=w(f"position.band{band}"), n=int(row.n))
        for row, band in placed
    ]
    above = int(np.sum([band > 2 for _, band in placed]))
    key = "title" if placed else "title_silent"
    return w(f"position.{key}", k=above, n=len(placed)), w(
        "position.alt", places="; ".join(said) or w("position.suppressed")
    )


def _measure(measure: str, w: Words) -> str:
    return w(f"position.{measure}") if measure in POSITION_INDICATORS else w.label("area", measure)
