"""Figures of the gains: where they were sown and taken, and what the three assumptions leave of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from klktools.blocks import SYMBOLS, Figure
from klktools.figures import style
from klktools.figures.block import reason_of, show, show_not_examined
from klktools.figures.style import house_style
from klktools.figures.words import Words, each, words
from klktools.wording.templates import Dossier, framework

# part of the cut (framework I16) -> tone and hatch; the same order in every report
TAKEN = {
    "in_place_kr": ("green", None),
    "undocumented_kr": ("none", style.HATCH),
    "elsewhere_kr": ("yellow", None),
    "across_kr": ("orange", None),
    "core_welfare_kr": ("red", None),
}
# step of the waterfall -> tone and hatch
STEPS = {
    "business_case": ("", None),
    "functionality": ("yellow", None),
    "usage": ("yellow", None),
    "time": ("yellow", None),
    "realised": ("green", None),
    "interval": ("none", style.HATCH),
    "cut": ("red", None),
}
LEAST_SHARE, LEAST_REST = 0.15, 0.1  # of the bar: narrower segments have no room for their words
NARROWEST = 0.08


def plot_gain_ledger(d: Dossier) -> Figure:
    """Where the gains were sown and where they were taken (G1; I16, I17) of a dossier."""
    ledger = d.tables["gain_ledger"]
    if ledger.empty or not ledger["cut_kr"].sum() > 0:
        reason = reason_of(d.tables["gains_by_municipality"], "reason_G1") or "no_cut"
        return show_not_examined("gain_ledger", reason=reason, language=d.language)
    return show(
        *("gain_ledger", draw_gain_ledger, describe_gain_ledger, ledger),
        language=d.language,
        n=words(d.language).count(ledger["gain"].nunique(), "gain"),
    )


@house_style()
def draw_gain_ledger(ledger: pd.DataFrame, *, language: str) -> Drawing:
    """Two bars of the same length: the cut by where it was sown, and by where it was taken.

    Parameters
    ----------
    ledger : DataFrame
        One row per gain x placement with a cut: expected_group, cut_kr and its five parts in_place_kr,
        undocumented_kr, elsewhere_kr, across_kr, core_welfare_kr (kr).
    """
    w = words(language)
    figure, axes = style.canvas(3.6, left=0.75, right=0.15, top=0.05, bottom=0.05)
    axes.set(xlim=(0, 1), ylim=(7.1, 0))
    style.row_names(axes, (0.95, 2.75), [w("gain_ledger.sown"), w("gain_ledger.taken")], pad=3.5, weight=700)
    _draw_sown(axes, _sown(ledger, w), w)
    _draw_taken(axes, _taken(ledger), w)
    return figure


def _draw_sown(axes: Axes, sown: pd.Series, w: Words) -> None:
    shares = sown / sown.sum()
    for group, left, share in zip(sown.index, shares.cumsum() - shares, shares, strict=True):
        style.bar(axes, 0.95, share, 1.5, left, facecolor="#DCE5ED", edgecolor="white", linewidth=2)
        said = f"{style.wrap(group, 15)}\n{w.mio(sown[group])}"
        axes.text(left + share / 2, 0.95, said, ha="center", va="center", fontsize=9.5, linespacing=1.05)


def _draw_taken(axes: Axes, taken: pd.Series, w: Words) -> None:
    """The second bar and, in its order, one line of words per part."""
    shares = taken / taken.sum()
    for at, (part, left, share) in enumerate(zip(taken.index, shares.cumsum() - shares, shares, strict=True)):
        tone, hatch = TAKEN[part]
        look: dict[str, Any] = {
            "facecolor": style.FILLS[tone],
            "hatch": hatch,
            "edgecolor": style.INKS[tone],
            "linewidth": 0.8,
        }
        y = 4.45 + 0.56 * at
        style.bar(axes, 2.75, share, 1.1, left, **look)
        style.bar(axes, y, 0.028, 0.36, **look)
        if share >= NARROWEST:
            said = f"{SYMBOLS[tone]} {w.pct(share)}"
            axes.text(left + share / 2, 3.38, said, ha="center", va="top", weight=700, color=style.INKS[tone])
        axes.text(0.04, y, SYMBOLS[tone], va="center", color=style.INKS[tone])
        axes.text(0.065, y, f"{w.mio(taken[part])} {w(f'gain_ledger.{part}')}", va="center")


def describe_gain_ledger(ledger: pd.DataFrame, *, language: str) -> tuple[str, str]:
    """Title (how much was harvested where it was sown) and alternative text (both bars in kroner)."""
    w = words(language)
    sown, taken = _sown(ledger, w), _taken(ledger)
    whole = taken.sum()
    from_core = taken["core_welfare_kr"] / whole
    key = "title_core" if from_core > taken["in_place_kr"] / whole else "title"
    key = key if taken["in_place_kr"] or from_core else "title_nothing"
    title = w(f"gain_ledger.{key}", in_place=w.pct(taken["in_place_kr"] / whole), core=w.pct(from_core))
    places = w.join([f"{group} {w.mio(kroner)}" for group, kroner in sown.items()])
    parts = "; ".join(f"{w.mio(kroner)} {w(f'gain_ledger.{part}')}" for part, kroner in taken.items())
    return title, w("gain_ledger.alt", whole=w.mio(whole), places=places, parts=parts)


def _sown(ledger: pd.DataFrame, w: Words) -> pd.Series:
    """The cut by the group it was expected from, largest first, the narrow ones together."""
    kroner = ledger.groupby("expected_group")["cut_kr"].sum().sort_values(ascending=False, kind="stable")
    kept = kroner[kroner.ge(LEAST_SHARE * kroner.sum())]
    if 0 < kroner.sum() - kept.sum() < LEAST_REST * kroner.sum():
        kept = kept.iloc[:-1]
    rest = pd.Series({w("gain_ledger.rest"): kroner.sum() - kept.sum()})
    return pd.concat([kept.rename(lambda group: w.label("department_group", group)), rest[rest.gt(0)]])


def _taken(ledger: pd.DataFrame) -> pd.Series:
    return ledger[list(TAKEN)].sum().astype("float64")


def plot_gain_waterfall(d: Dossier) -> Figure:
    """What functionality, usage and time leave of the business cases, beside the cut (I20), of a dossier."""
    gains = d.tables["gains_by_solution"]
    if gains.empty or not gains["bc_kr"].sum() > 0 or gains["I20_high"].isna().all():
        reason = reason_of(d.tables["gains_by_municipality"], "reason_G4") or "no_cut"
        return show_not_examined("gain_waterfall", reason=reason, language=d.language)
    return show(
        *("gain_waterfall", draw_gain_waterfall, describe_gain_waterfall, gains),
        usage_cap=framework().assumptions["usage_factor_cap"],
        language=d.language,
        n=words(d.language).count(len(_counted(gains)), "solution"),
    )


@house_style()
def draw_gain_waterfall(gains: pd.DataFrame, *, usage_cap: float, language: str) -> Drawing:
    """From the business case down to what is probably realised, and the cut in the budget (framework I20).

    Parameters
    ----------
    gains : DataFrame
        One row per solution: bc_kr, cut_kr, I19F, I19U, I19T (factors), I20_sr (kr; missing unless all three
        are known), I20_low and I20_high (kr). Solutions with all three factors are counted; when none has,
        the step before the cut is the interval from I20_low to I20_high.
    usage_cap : float
        Cap of the usage and time factors.
    """
    w = words(language)
    rows = _waterfall_rows(_counted(gains), usage_cap=usage_cap)
    whole = rows["right"].iloc[0]
    figure, axes = style.row_canvas(
        [w(f"gain_waterfall.{step}") for step in rows["step"]], right=1.3, bottom=0.65
    )
    axes.set_xlim(min(0.0, rows["left"].min() / whole), max(1.0, rows["right"].max() / whole))
    style.grid(axes, x=style.QUARTERS)
    style.column_names(axes, style.QUARTERS, [w.pct(share) for share in style.QUARTERS])
    for y, row in enumerate(each(rows)):
        tone, hatch = STEPS[row.step]
        width, left = (row.right - row.left) / whole, row.left / whole
        look: dict[str, Any] = {
            "facecolor": style.FILLS.get(tone, style.SOFT),
            "hatch": hatch,
            "linewidth": 0.8,
        }
        style.bar(
            axes, y, width, 0.6, left, edgecolor=style.INKS.get(tone, style.NEUTRAL), clip_on=False, **look
        )
        weight = 700 if row.total else 400
        style.beside(axes, y, style.wrap(_amount(row, w), 16), weight=weight, linespacing=1.0)
    style.headline(axes, 0, w("gain_waterfall.indication"), ha="left")
    style.footnote(figure, w("gain_waterfall.key"))
    return figure


def describe_gain_waterfall(gains: pd.DataFrame, *, usage_cap: float, language: str) -> tuple[str, str]:
    """Title (what is probably realised, as an indication) and alternative text (every step in kroner)."""
    w = words(language)
    rows = _waterfall_rows(_counted(gains), usage_cap=usage_cap)
    steps = ", ".join(f"{w(f'gain_waterfall.{row.step}').lower()} {_amount(row, w)}" for row in each(rows))
    amounts = {row.step: _amount(row, w) for row in each(rows)}
    realised = amounts.get("realised") or amounts["interval"]
    title = w("gain_waterfall.title", whole=amounts["business_case"], amount=realised)
    counted = w("gain_waterfall.counted", k=len(_counted(gains)), n=int(gains["bc_kr"].gt(0).sum()))
    steps = ", ".join(f"{w(f'gain_waterfall.{step}').lower()} {amount}" for step, amount in amounts.items())
    return title, w("gain_waterfall.alt", steps=steps, counted=counted)


def _amount(row: Any, w: Words) -> str:
    if row.step == "interval":
        return w("gain_waterfall.between", low=w.mio(row.left), high=w.mio(row.right))
    return w.mio(row.amount)


def _counted(gains: pd.DataFrame) -> pd.DataFrame:
    """The solutions the waterfall counts: those with all three factors; if none, those with an interval."""
    valued = gains[gains["bc_kr"].gt(0)]
    complete = valued[valued[["I20_sr", "I19F", "I19U", "I19T"]].notna().all(axis=1)]
    return valued[valued["I20_high"].notna()] if complete.empty else complete


def _waterfall_rows(gains: pd.DataFrame, *, usage_cap: float) -> pd.DataFrame:
    """step, left, right and amount (kr), total (a whole sum rather than a change)."""
    case, cut = gains["bc_kr"].sum(), gains["cut_kr"].sum()
    if gains["I20_sr"].isna().all():
        low, high = gains["I20_low"].clip(lower=0).sum(), gains["I20_high"].sum()
        rows = [("business_case", 0, case, case), ("interval", low, high, high), ("cut", 0, cut, cut)]
        return _rows(rows)
    works = gains["bc_kr"] * gains["I19F"].clip(0, 1)
    used = works * gains["I19U"].clip(0, usage_cap)
    left = [case, works.sum(), used.sum(), gains["I20_sr"].sum()]
    changes = [
        (step, min(before, after), max(before, after), after - before)
        for step, before, after in zip(("functionality", "usage", "time"), left, left[1:], strict=False)
    ]
    realised = ("realised", min(0.0, left[3]), max(0.0, left[3]), left[3])
    return _rows([("business_case", 0, case, case), *changes, realised, ("cut", 0, cut, cut)])


def _rows(rows: list[tuple[str, float, float, float]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["step", "left", "right", "amount"])
    return table.assign(total=~table["step"].isin(["functionality", "usage", "time"]))
