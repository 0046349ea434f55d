"""Harvested where it was sown? Each cut in the budget beside the place of its gain (framework I16-I17)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.scope import trace_departments

ACROSS_THE_BOARD = ("ACROSS_THE_BOARD", "FAELLES")
DOCUMENTED = ("measured", "computed")
PARTS = ["in_place_kr", "undocumented_kr", "elsewhere_kr", "core_welfare_kr", "across_kr"]
_LEDGER = [
    *["municipality", "gain", "solution", "expected_department", "expected_group", "budget_department"],
    *["budget_group", "cut_kr", "documented_kr", *PARTS, "undocumented_core_kr", "documentation"],
]


def prepare_gains(gains: pd.DataFrame, initiatives: pd.DataFrame) -> pd.DataFrame:
    """Give each gain the solution of its initiative, and mark what may be summed.

    Returns
    -------
    DataFrame
        `gains` with `solution` filled through the initiative, n_price_levels of the municipality (no price
        level stated is a level of its own: current prices) and `common`, True at the municipality's most
        common level.
    """
    through = initiatives[["municipality", "initiative", "solution"]].rename(columns={"solution": "own"})
    filled = gains.merge(through, on=["municipality", "initiative"], how="left")
    filled = filled.assign(solution=filled["solution"].fillna(filled["own"])).drop(columns="own")
    level = filled["price_level"].fillna("")
    sizes = filled.groupby(["municipality", level]).size().rename("rows").reset_index()
    order = sizes.sort_values(["rows", "price_level"], ascending=[False, True])
    common = order.drop_duplicates("municipality").set_index("municipality")["price_level"]
    place = filled["municipality"]
    return filled.assign(
        n_price_levels=place.map(sizes.groupby("municipality").size()).astype(float),
        common=level.eq(place.map(common)),
    )


def lay_ledger(gains: pd.DataFrame, departments: pd.DataFrame) -> pd.DataFrame:
    """Lay each permanent cut at the common price level beside the place where its gain was expected.

    Parameters
    ----------
    gains : DataFrame
        Result of `prepare_gains`.
    departments : DataFrame
        One row per department and period (T3); a renamed or merged department is the same place.

    Returns
    -------
    DataFrame
        One row per gain x placement with a cut. The five parts (`PARTS`) sum to cut_kr: only what is measured
        or computed counts as documented, and a cut placed nowhere, or across the board, is across_kr.
    """
    cuts = gains[(gains["budget_cut_kr"] > 0) & gains["duration"].eq("permanent") & gains["common"]]
    for name in ("expected", "budget"):
        cuts = _locate(cuts, name, departments)
    cut = cuts["budget_cut_kr"].astype(float)
    documented = cuts["realised_kr"].where(cuts["documentation"].isin(DOCUMENTED)).fillna(0.0).clip(lower=0.0)
    across = cuts["budget_department"].isna() | cuts["budget_department"].isin(ACROSS_THE_BOARD)
    at_home = cuts["budget_department"].eq(cuts["expected_department"]) & ~across
    core = cuts["budget_core"]
    in_place = documented.clip(upper=cut).where(at_home, 0.0)
    undocumented = (cut - in_place).where(at_home, 0.0)
    ledger = cuts.assign(
        cut_kr=cut,
        documented_kr=documented,
        in_place_kr=in_place,
        undocumented_kr=undocumented,
        elsewhere_kr=cut.where(~at_home & ~across & ~core, 0.0),
        core_welfare_kr=cut.where(~at_home & ~across & core, 0.0),
        across_kr=cut.where(across, 0.0),
        undocumented_core_kr=undocumented.where(core, 0.0),
        budget_department=cuts["budget_department"].mask(across, ACROSS_THE_BOARD[0]),
    )
    return ledger[_LEDGER].sort_values(["municipality", "gain", "budget_department"]).reset_index(drop=True)


def sum_ledger(ledger: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
    """Sum the ledger: H, its five parts, I16, I17, I17r; index municipality (those that delivered gains).

    H is 0 and the shares are missing where no budget was cut. `n_gains` counts the gains in the ledger.
    `evidence_G1` is A when all that counts as harvested is measured, else B: what is merely estimated never
    counts.
    """
    delivered = pd.Index(gains["municipality"].unique(), name="municipality").sort_values()
    sums = ledger.groupby("municipality")[["cut_kr", *PARTS, "undocumented_core_kr"]].sum()
    sums = sums.reindex(delivered).fillna(0.0).rename(columns={"cut_kr": "H"})
    harvested = ledger[ledger["in_place_kr"] > 0]
    measured = harvested["documentation"].eq("measured").groupby(harvested["municipality"]).all()
    one_off = gains[gains["duration"].eq("one_off") & gains["common"] & (gains["budget_cut_kr"] > 0)]
    return sums.assign(
        I16=stats.ratio(sums["in_place_kr"], sums["H"]),
        I17=stats.ratio(sums["core_welfare_kr"], sums["H"]),
        I17r=stats.ratio(sums["core_welfare_kr"] + sums["undocumented_core_kr"], sums["H"]),
        undocumented_share=stats.ratio(sums["undocumented_kr"], sums["H"]),
        n_gains=ledger.groupby("municipality")["gain"].nunique().reindex(delivered).fillna(0).astype(float),
        one_off_kr=one_off.groupby("municipality")["budget_cut_kr"].sum().reindex(delivered).fillna(0.0),
        n_price_levels=gains.groupby("municipality")["n_price_levels"].first(),
        evidence_G1=np.where(measured.reindex(delivered).eq(True), "A", "B"),
    )


def _locate(cuts: pd.DataFrame, name: str, departments: pd.DataFrame) -> pd.DataFrame:
    """Follow `<name>_department` to the one it lives on in; add its group and whether it is core welfare."""
    keys = ["municipality", f"{name}_department"]
    lineage = trace_departments(departments).set_axis([*keys, "survivor"], axis=1)
    latest = departments.sort_values("valid_from").drop_duplicates(
        ["municipality", "department"], keep="last"
    )
    facts = latest[["municipality", "department", "department_group", "core_welfare"]]
    facts = facts.set_axis([*keys, f"{name}_group", f"{name}_core"], axis=1)
    traced = cuts.merge(lineage, on=keys, how="left")
    traced[keys[1]] = traced.pop("survivor").fillna(traced[keys[1]])
    placed = traced.merge(facts, on=keys, how="left")
    return placed.assign(**{f"{name}_core": placed[f"{name}_core"].fillna(False).astype(bool)})
