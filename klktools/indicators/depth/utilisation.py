"""Better use of what exists: reviews, unused licences, the utilisation gap and double purchases (I10)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.depth.cells import SOLUTION

OPEN = ("idea", "decided", "in_progress")
DOUBLE = ["municipality", "initiative", "function", "existing_solution", "existing_share"]


def measure_utilisation(
    depth: pd.DataFrame, minutes: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """How well each solution in operation is used (I10a-c).

    Parameters
    ----------
    depth : DataFrame
        One row per solution in operation: the columns of T8 with as_of, target, I01 (share),
        expected_volume and months_expected.
    minutes : DataFrame
        Result of `save_minutes`.
    assumptions : mapping
        `review_max_age_months`, `utilisation_of_target`, `unused_share`, `unused_modules`, `hourly_rate`.

    Returns
    -------
    DataFrame
        One row per solution: municipality, solution, I10_reviewed, I10_utilised (missing without a share),
        I10a (both; what is not shown does not count), unused (missing when it cannot be said), I10b_kr
        (kroner a year paid for what is not used) and I10c_kr (kroner a year, only where the minutes saved
        are known).
    """
    reviewed = depth["utilisation_reviewed"] >= depth["as_of"] - pd.DateOffset(
        months=int(assumptions["review_max_age_months"])
    )
    share = depth["I01"]
    wanted = assumptions["utilisation_of_target"] * depth["target"]
    utilised = pd.Series(~stats.exceeds(wanted, share), index=depth.index, dtype="boolean").where(
        share.notna()
    )
    return depth[SOLUTION].assign(
        I10_reviewed=reviewed.astype("boolean"),
        I10_utilised=utilised,
        I10a=reviewed & utilised.fillna(False),
        unused=_find_unused(depth, assumptions),
        I10b_kr=_price_unused(depth, assumptions),
        I10c_kr=_price_gap(depth, minutes, hourly_rate=assumptions["hourly_rate"]),
    )


def save_minutes(time_assumptions: pd.DataFrame) -> pd.DataFrame:
    """Minutes assumed saved per transaction.

    Parameters
    ----------
    time_assumptions : DataFrame
        One row per assumption (T14); those of type time_per_task with a baseline count.

    Returns
    -------
    DataFrame
        One row per solution with such an assumption: municipality, solution, minutes (baseline - assumed,
        mean by weight).
    """
    rows = time_assumptions[time_assumptions["type"] == "time_per_task"].dropna(
        subset=["baseline_value", "assumed_value"]
    )
    weight = rows["weight"].fillna(1.0)
    saved = weight * (rows["baseline_value"] - rows["assumed_value"])
    sums = rows[SOLUTION].assign(saved=saved, weight=weight).groupby(SOLUTION).sum()
    return pd.DataFrame(
        {"minutes": stats.ratio(sums["saved"], sums["weight"])}, index=sums.index
    ).reset_index()


def find_double_purchases(depth: pd.DataFrame, initiatives: pd.DataFrame) -> pd.DataFrame:
    """Planned new solutions in a function where an existing one lies unused (I10d).

    Parameters
    ----------
    depth : DataFrame
        One row per solution in operation: municipality, solution, function, unused, I01 (share).
    initiatives : DataFrame
        One row per initiative (T11); the open ones of type new_solution count unless the existing solution
        was assessed. The solution an initiative brings in is not its own alternative.

    Returns
    -------
    DataFrame
        `double_purchases` of docs/architecture.md: one row per initiative, against the least used existing
        solution.
    """
    planned = initiatives["type"].eq("new_solution") & initiatives["status"].isin(OPEN)
    unassessed = ~initiatives["existing_assessed"].astype("boolean").fillna(False)
    bought = initiatives.loc[planned & unassessed, ["municipality", "initiative", "function", "solution"]]
    unused = depth.loc[depth["unused"].fillna(False).astype(bool), [*SOLUTION, "function", "I01"]]
    unused = unused.rename(columns={"solution": "existing_solution", "I01": "existing_share"})
    both = bought.merge(unused, on=["municipality", "function"])
    both = both[~both["solution"].eq(both["existing_solution"]).fillna(False).astype(bool)]
    both = both.sort_values(["municipality", "initiative", "existing_share", "existing_solution"])
    return both.drop_duplicates(["municipality", "initiative"], ignore_index=True)[DOUBLE]


def _module_share(depth: pd.DataFrame) -> pd.Series:
    return pd.Series(stats.ratio(depth["modules_used"], depth["modules_paid"]), index=depth.index)


def _find_unused(depth: pd.DataFrame, assumptions: Mapping[str, float]) -> pd.Series:
    modules = _module_share(depth)
    little = (depth["I01"] < assumptions["unused_share"]) | (modules < assumptions["unused_modules"])
    known = little | depth["I01"].notna()
    return little.astype("boolean").where(known)


def _price_unused(depth: pd.DataFrame, assumptions: Mapping[str, float]) -> pd.Series:
    licence = depth["licence_kr"].astype(float)
    modules = _module_share(depth)
    unused = _find_unused(depth, assumptions)
    part = pd.Series(np.where(modules < assumptions["unused_modules"], 1 - modules, 0.0), index=depth.index)
    part = part.mask(depth["I01"] < assumptions["unused_share"], 1.0)
    return (licence * part).where(unused.notna())


def _price_gap(depth: pd.DataFrame, minutes: pd.DataFrame, *, hourly_rate: float) -> pd.Series:
    saved = depth[SOLUTION].merge(minutes, on=SOLUTION, how="left")["minutes"].set_axis(depth.index)
    gap = (depth["target"] - depth["I01"]).clip(lower=0)
    yearly = 12 * depth["expected_volume"] / depth["months_expected"]
    return gap * yearly * saved / 60 * hourly_rate
