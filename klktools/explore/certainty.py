"""What would have to be measured for a share to be certain (framework I02-I04)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from klktools import stats
from klktools.explore.coverage import SOLUTION, weigh_cells


def need_to_measure(bounds: pd.DataFrame, *, threshold: float) -> pd.DataFrame:
    """Say how much more must be measured before a share is certain (I02-I04).

    Parameters
    ----------
    bounds : DataFrame
        `depth_by_solution` or `depth_by_municipality`: I02, I03_low, I03_high (0-1) and I04.
    threshold : float
        Share; `certainty_threshold`.

    Returns
    -------
    DataFrame
        The keys, I02, I03_low, I03_high and I04, with

        - goal: certainly_above or certainly_not_above, what more measuring can prove; first_figures where
          nothing is measured; larger_sample where not even measuring all proves anything, because the limits
          of a sample lie on either side; left_out_volumes where the limits suffice, but too many solutions
          have no volume; none where it is certain already.
        - supposed_share: the share supposed of what is not measured yet, the present (lower or upper) limit
          of the measured part; 1, the best case, where nothing is measured.
        - coverage_needed and extra_coverage (0-1): above, the coverage must exceed coverage_needed; not
          above, it must reach it. Missing where measuring more is no help or no need.
    """
    keys = [name for name in SOLUTION if name in bounds]
    table = bounds[[*keys, "I02", "I03_low", "I03_high", "I04"]].reset_index(drop=True)
    low = pd.Series(stats.ratio(table["I03_low"], table["I02"]))
    high = 1 - pd.Series(stats.ratio(1 - table["I03_high"], table["I02"]))
    undecided = table["I04"].eq("undecided")
    goals = {
        "none": table["I04"].isna() | table["I04"].str.startswith("certainly").eq(True),
        "first_figures": table["I04"].eq("cannot_be_said"),
        "left_out_volumes": undecided & stats.exceeds(table["I03_low"], threshold),
        "certainly_above": undecided & stats.exceeds(low, threshold),
        "certainly_not_above": undecided & ~stats.exceeds(high, threshold),
    }
    goal = pd.Series(np.select(list(goals.values()), list(goals), "larger_sample"), dtype="str")
    supposed = pd.Series(1.0, index=table.index).where(goal.eq("first_figures"))
    supposed = supposed.mask(goal.eq("certainly_above"), low).mask(goal.eq("certainly_not_above"), high)
    downwards = pd.Series(stats.ratio(1 - threshold, 1 - supposed), index=table.index)
    upwards = pd.Series(stats.ratio(threshold, supposed), index=table.index)
    needed = upwards.mask(goal.eq("certainly_not_above"), downwards)
    extra = (needed - table["I02"]).clip(lower=0)
    return table.assign(goal=goal, supposed_share=supposed, coverage_needed=needed, extra_coverage=extra)


def rank_departments(cells: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """Say which departments and months to measure for a solution to be certain, the largest volume first.

    Parameters
    ----------
    cells : DataFrame
        `cells`.
    needs : DataFrame
        Result of `need_to_measure` for solutions.

    Returns
    -------
    DataFrame
        One row per solution x department with something unmeasured, where measuring helps: goal;
        months_missing and months_needed (how many of them it takes, the departments above it first); part of
        the solution's expected volume that is missing; coverage_after, with all of the department's missing
        months measured too (0-1); and the commonest reason.
    """
    weight = weigh_cells(cells)
    parts = cells.assign(part=weight / weight.groupby([cells[key] for key in SOLUTION]).transform("sum"))
    missing = parts[~parts["measured"]].merge(needs.dropna(subset=["extra_coverage"]), on=SOLUTION)
    department = [*SOLUTION, "department"]
    missing["total"] = missing.groupby(department)["part"].transform("sum")
    order = [*SOLUTION, "total", "department", "part", "month"]
    missing = missing.sort_values(order, ascending=[True, True, False, True, False, False], ignore_index=True)
    reached = missing.groupby(SOLUTION)["part"].cumsum()
    missing = missing.assign(
        coverage_after=missing["I02"] + reached, needed=_needed(missing, reached - missing["part"])
    )
    ranked = missing.groupby(department, sort=False, as_index=False).agg(
        goal=("goal", "first"),
        months_missing=("month", "size"),
        months_needed=("needed", "sum"),
        part_missing=("part", "sum"),
        coverage_after=("coverage_after", "last"),
        reason=("reason", lambda reasons: reasons.mode().iloc[0]),
    )
    return ranked


def rank_solutions(depth: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """Say which new solutions to measure for the municipality to be certain, the largest volume first.

    Parameters
    ----------
    depth : DataFrame
        `depth_by_solution`.
    needs : DataFrame
        Result of `need_to_measure` for municipalities.

    Returns
    -------
    DataFrame
        One row per new solution with a volume and something unmeasured, where measuring helps: goal, needed
        (flag), volume_share (of the new solutions' expected volume), I02 (0-1), part_missing and
        coverage_after, the municipality's coverage with this and the solutions above it measured in full.
    """
    new = depth[depth["is_new"] & ~depth["left_out"]]
    volume_share = new["expected_volume"] / new.groupby("municipality")["expected_volume"].transform("sum")
    new = new.assign(volume_share=volume_share, part=volume_share * (1 - new["I02"]))
    helped = needs.dropna(subset=["extra_coverage"]).rename(columns={"I02": "covered"})
    helped = helped[["municipality", "covered", "goal", "extra_coverage"]]
    missing = new[new["part"] > 0].merge(helped, on="municipality")
    missing = missing.sort_values(["municipality", "part", "solution"], ascending=[True, False, True])
    reached = missing.groupby("municipality")["part"].cumsum()
    ranked = missing.assign(
        needed=_needed(missing, reached - missing["part"]), coverage_after=missing["covered"] + reached
    ).rename(columns={"part": "part_missing"})
    columns = ["goal", "needed", "volume_share", "I02", "part_missing", "coverage_after"]
    return ranked[[*SOLUTION, "function", *columns]].reset_index(drop=True)


def _needed(missing: pd.DataFrame, before: pd.Series) -> pd.Series:
    """Whether what comes before in the list is not enough; above the threshold means strictly above."""
    short = stats.exceeds(missing["extra_coverage"], before)
    exactly = ~short & ~stats.exceeds(before, missing["extra_coverage"])
    return pd.Series(short | (exactly & missing["goal"].ne("certainly_not_above")), index=missing.index)
