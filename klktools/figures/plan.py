"""Figures of the plan: the initiatives in time with their conflicts, and how complete the plan is."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure as Drawing

from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import reason_of, show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, each, words
from klktools.wording.templates import Dossier, framework

MOST_ROWS = 18
PARTS = ("I11a", "I11b", "I11c", "I11d")
_ARROW, _RING = 0.065, 0.025  # an arrow and half a ring, of the width of the years
YEARS_BEFORE, YEARS_AFTER = 1, 3  # calendar years round the visit: the same span in every report


def plot_timeline(d: Dossier) -> Figure:
    """Open initiatives in time with their sequence conflicts (P2; K1-K6) of a dossier."""
    timeline = d.tables["timeline"]
    if timeline.empty:
        reason = reason_of(d.tables["plan_by_municipality"]) or "no_dates"
        return show_not_examined("timeline", reason=reason, language=d.language)
    return show(
        *("timeline", draw_timeline, describe_timeline, timeline),
        visited=pd.Timestamp(d.tables["visits"]["end_date"].max()),
        language=d.language,
        n=words(d.language).count(len(timeline), "initiative"),
    )


@house_style()
def draw_timeline(timeline: pd.DataFrame, *, visited: pd.Timestamp, language: str) -> Drawing:
    """Bars from start to end with the go-live, conflicts marked by form and word.

    Parameters
    ----------
    timeline : DataFrame
        One row per dated open initiative: initiative, name, start, end, go_live (months), conflict (K1-K6 or
        missing). At most 18 rows are drawn, those with conflicts first.
    visited : Timestamp
        The visit; the axis spans the calendar years from one before it to two after.
    """
    w = words(language)
    rows = _timeline_rows(timeline)
    figure, axes = style.row_canvas(
        rows["name"].tolist(), row=0.24, fontsize=9.5, left=3.0, right=1.75, top=0.3, bottom=0.6
    )
    _calendar(axes, visited, w)
    for y, row in enumerate(each(rows)):
        _draw_initiative(axes, y, row, w)
    left_out = len(timeline) - len(rows)
    key = w("timeline.key", mark=SYMBOLS["orange"])
    style.footnote(figure, f"{key} {w('timeline.left_out', n=left_out)}" if left_out else key)
    return figure


def _timeline_rows(timeline: pd.DataFrame) -> pd.DataFrame:
    ordered = timeline.assign(
        begins=timeline[["start", "go_live", "end"]].bfill(axis=1).iloc[:, 0],
        plain=timeline["conflict"].isna(),
    ).sort_values(["plain", "begins", "initiative"], kind="stable")
    return ordered.head(MOST_ROWS).sort_values(["begins", "initiative"], kind="stable")


def _calendar(axes: Axes, visited: pd.Timestamp, w: Words) -> None:
    years = range(visited.year - YEARS_BEFORE, visited.year + YEARS_AFTER + 1)
    at = [date2num(pd.Timestamp(year, 1, 1)) for year in years]
    axes.set_xlim(at[0], at[-1])
    style.grid(axes, x=at)
    middles = [(left + right) / 2 for left, right in zip(at, at[1:], strict=False)]
    style.column_names(axes, middles, [str(year) for year in years[:-1]], pad=5.4)
    axes.axvline(date2num(visited), color=style.TEXT, linewidth=1.2)
    style.headline(axes, date2num(visited), w("timeline.visit"), color=style.TEXT)


def _draw_initiative(axes: Axes, y: int, row: Any, w: Words) -> None:
    in_conflict = not pd.isna(row.conflict)
    begins, ends = row.begins, max(date for date in (row.begins, row.end, row.go_live) if not pd.isna(date))
    fill, edge = (style.FILLS["orange"], style.INKS["orange"]) if in_conflict else (style.SOFT, style.NEUTRAL)
    left, right = axes.get_xlim()
    start, stop = date2num(begins), date2num(ends)
    style.bar(axes, y, stop - start, 0.5, start, facecolor=fill, edgecolor=edge, linewidth=0.8)
    ring = None if pd.isna(row.go_live) else date2num(row.go_live)
    if ring is not None and left <= ring <= right:
        style.line(
            axes,
            ring,
            y,
            "o",
            markersize=6.5,
            color="white",
            markeredgecolor=style.TEXT,
            markeredgewidth=1.5,
            zorder=5,
        )
    _point_outside(axes, y, (start, stop, ring), "white" if in_conflict else style.TEXT)
    if in_conflict:
        style.beside(
            axes,
            y,
            f"{SYMBOLS['orange']} {w(f'conflict.{row.conflict}')}",
            color=style.INKS["orange"],
            weight=700,
            fontsize=9.5,
        )


def _point_outside(axes: Axes, y: int, bar: tuple[float, float, float | None], ink: str) -> None:
    """Arrows where a bar runs out of the years shown; `ink` is seen on the bar."""
    (start, stop, ring), (left, right) = bar, axes.get_xlim()
    look: dict[str, Any] = {"va": "center", "weight": 700, "fontsize": 9.5}
    if start < left < stop:
        at, on_bar = _beside_ring(left, min(stop, right), ring, right - left)
        axes.text(at, y, " ←", ha="left", color=ink if on_bar else style.MUTED, **look)
    if start < right < stop:
        at, on_bar = _beside_ring(right, max(start, left), ring, left - right)
        axes.text(at, y, "→ ", ha="right", color=ink if on_bar else style.MUTED, **look)
    if start >= right:
        axes.text(right, y, "→", ha="right", color=style.MUTED, **look)
    if stop <= left:
        axes.text(left, y, "←", ha="left", color=style.MUTED, **look)


def _beside_ring(edge: float, end: float, ring: float | None, inwards: float) -> tuple[float, bool]:
    """Where an arrow has room: at the edge of the years, past a ring that stands there, or past a bar that
    ends too soon; and whether that is on the bar. `inwards` is the width of the years with its sign."""
    way, width = (1 if inwards > 0 else -1), abs(inwards)
    at = edge
    if ring is not None and 0 <= way * (ring - edge) < (_ARROW + _RING) * width:
        at = ring + way * _RING * width
    on_bar = way * (end - at) >= _ARROW * width
    return (at if on_bar else way * max(way * at, way * end)), on_bar


def describe_timeline(timeline: pd.DataFrame, *, visited: pd.Timestamp, language: str) -> tuple[str, str]:
    """Title (how many initiatives stand in conflict) and alternative text (which, and why)."""
    w = words(language)
    clashes = timeline.dropna(subset="conflict")
    counted = w.count(len(timeline), "initiative")
    named = [
        w("timeline.clash", name=name, conflict=w(f"conflict.{conflict}"))
        for name, conflict in zip(clashes["name"], clashes["conflict"], strict=True)
    ]
    first, last = timeline[["start", "go_live", "end"]].stack().agg(["min", "max"])
    alt = w("timeline.alt", initiatives=counted, first=w.month(first), last=w.month(last))
    if not named:
        return w("timeline.title_none", initiatives=counted), alt
    title = w("timeline.title", k=len(clashes), initiatives=counted)
    return title, f"{alt} {w('timeline.alt_clashes', clashes='; '.join(named))}"


def plot_plan_completeness(d: Dossier) -> Figure:
    """The four parts of a complete plan (P1-P4; I11) of a dossier."""
    plan = d.tables["plan_by_municipality"]
    if plan.empty or plan[list(PARTS)].isna().all(axis=None):
        return show_not_examined("plan_completeness", reason=reason_of(plan), language=d.language)
    return show(
        *("plan_completeness", draw_plan_completeness, describe_plan_completeness, plan),
        threshold=framework().assumptions["plan_complete"],
        language=d.language,
        n=words(d.language).count(plan["n_initiatives"].iloc[0], "initiative"),
    )


@house_style()
def draw_plan_completeness(plan: pd.DataFrame, *, threshold: float, language: str) -> Drawing:
    """Four bars, the share of initiatives for which each part is described, and the line of a complete plan.

    Parameters
    ----------
    plan : DataFrame
        One row: I11a-I11d (shares), I11 (their mean), I11_class (plan, partial, no_plan).
    threshold : float
        The completeness that makes it a plan.
    """
    w = words(language)
    shares = plan[list(PARTS)].iloc[0].astype("float64")
    figure, axes = style.row_canvas(
        [w(f"plan_completeness.{part}") for part in PARTS], row=0.34, right=0.9, top=0.35
    )
    style.share_grid(axes, w)
    weakest = shares.eq(shares.min())
    for y, share in enumerate(shares):
        _draw_part(axes, y, share, w, weakest=bool(weakest.iloc[y]) and share < threshold)
    axes.axvline(threshold, color=style.TEXT, linewidth=1.4)
    style.headline(axes, threshold, w("plan_completeness.line", threshold=w.pct(threshold)), color=style.TEXT)
    return figure


def _draw_part(axes: Axes, y: int, share: float, w: Words, *, weakest: bool) -> None:
    tone = "orange" if weakest else "green"
    style.bar(axes, y, 1, 0.5, facecolor="#EEF2F5")
    style.bar(axes, y, share, 0.5, facecolor=style.FILLS[tone], edgecolor=style.INKS[tone], linewidth=0.8)
    said = f"{w.pct(share)} {SYMBOLS[tone]}" if weakest else w.pct(share)
    style.beside(axes, y, said, weight=700, color=style.INKS[tone] if weakest else style.TEXT)


def describe_plan_completeness(plan: pd.DataFrame, *, threshold: float, language: str) -> tuple[str, str]:
    """Title (the plan's class and its weakest part) and alternative text (all four parts)."""
    w = words(language)
    row = plan.iloc[0]
    shares = row[list(PARTS)].astype("float64")
    parts = [
        w("plan_completeness.part", part=w(f"plan_completeness.{part}"), share=w.pct(shares[part]))
        for part in PARTS
    ]
    weakest = w(f"plan_completeness.{shares.idxmin()}")
    return (
        w(f"plan_completeness.title_{row['I11_class']}", weakest=weakest, share=w.pct(shares.min())),
        w(
            "plan_completeness.alt",
            parts=", ".join(parts),
            whole=w.pct(row["I11"]),
            threshold=w.pct(threshold),
        ),
    )
