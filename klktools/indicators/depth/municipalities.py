"""The municipality as a whole: its new solutions, and what it has (I01-I06, I09, I10)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.depth.shares import classify_certainty, measure_breadth, measure_intended_use

KEY = ["municipality"]
COUNTS = [
    "n_new",
    "n_measured_new",
    "n_left_out",
    "n_certain",
    "n_certain_not",
    "n_undecided",
    "n_cannot_be_said",
]
COLUMNS = [
    *(
        "municipality",
        "n_solutions",
        "n_new",
        "n_measured_new",
        "n_left_out",
        "I01",
        "I02",
        "I03_low",
        "I03_high",
    ),
    *(
        "I04",
        "has_figure",
        "last_months_measured",
        "n_certain",
        "n_certain_not",
        "n_undecided",
        "n_cannot_be_said",
    ),
    *("I05a", "I06", "I06_measured", "I09", "I09b", "I10a", "I10b_kr", "I10b_n", "I10b_solutions", "I10c_kr"),
    *("I10d", "evidence", "first_solution", "status", "reason"),
]


def weigh_new_solutions(depth: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """What can be said with certainty about a municipality's new solutions together (I01-I05a).

    Parameters
    ----------
    depth : DataFrame
        One row per solution in operation: `depth_by_solution` of docs/architecture.md up to I04.
    assumptions : mapping
        `certainty_threshold`, `max_left_out_share`.

    Returns
    -------
    DataFrame
        One row per municipality with a new solution in operation: n_new, n_measured_new, n_left_out, I01,
        I02, I03_low, I03_high, I04, has_figure, n_certain, n_certain_not, n_undecided, n_cannot_be_said,
        I05a, evidence, first_solution, status and reason. Limits are means weighted by expected volume, an
        unmeasured solution lying between 0 and 1. With too many solutions left out for want of a volume,
        "certainly above" becomes undecided.
    """
    new = depth[depth["is_new"]]
    table = _count_classes(new).join(_weighted_limits(new))
    bounds = classify_certainty(table, threshold=assumptions["certainty_threshold"])
    too_many = stats.exceeds(table["n_left_out"] / table["n_new"], assumptions["max_left_out_share"])
    measured = bounds != "cannot_be_said"
    evidence = np.select(
        [measured & (table["share_a"] > 0.5), measured, table["has_figure"]], ["A", "B", "C"], "D"
    )
    return table.assign(
        I04=bounds.mask(too_many & (bounds == "certainly_above"), "undecided"),
        I05a=table["n_cannot_be_said"] / table["n_new"],
        evidence=pd.Series(evidence, index=table.index, dtype="str"),
        status=pd.Series(np.where(measured, "measured", "cannot_be_said"), index=table.index, dtype="str"),
        reason=_main_reason(new).reindex(table.index).mask(measured),
        first_solution=_first_to_measure(new).reindex(table.index),
    ).drop(columns="share_a")


def sum_utilisation(depth: pd.DataFrame, double: pd.DataFrame) -> pd.DataFrame:
    """Use of all solutions in operation (I10).

    Parameters
    ----------
    depth : DataFrame
        One row per solution in operation: I10a, I10b_kr, I10c_kr.
    double : DataFrame
        `double_purchases` of docs/architecture.md.

    Returns
    -------
    DataFrame
        One row per municipality: n_solutions, I10a (share), I10b_kr and I10c_kr (kroner a year, over the
        solutions where they are known; missing when known for none), I10b_n, I10b_solutions ("|" text,
        dearest first) and I10d (number of double purchases).
    """
    grouped = depth.groupby(KEY)
    paid = depth[depth["I10b_kr"] > 0].sort_values(
        [*KEY, "I10b_kr", "solution"], ascending=[True, False, True]
    )
    known = grouped["I10b_kr"].count() > 0
    n_paid = paid.groupby(KEY).size().reindex(known.index, fill_value=0).astype(float)
    return pd.DataFrame(
        {
            "n_solutions": grouped.size().astype(float),
            "I10a": depth["I10a"].astype(float).groupby(depth["municipality"]).mean(),
            "I10b_kr": grouped["I10b_kr"].sum(min_count=1),
            "I10b_n": n_paid.where(known),
            "I10b_solutions": paid.groupby(KEY)["solution"].agg("|".join).reindex(known.index).astype("str"),
            "I10c_kr": grouped["I10c_kr"].sum(min_count=1),
            "I10d": double.groupby(KEY).size().reindex(known.index, fill_value=0).astype(float),
        }
    )


def measure_new_use(
    cells: pd.DataFrame, by_department: pd.DataFrame, depth: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Breadth, intended use and recent measuring of the new solutions together (I06, I09).

    Parameters
    ----------
    cells : DataFrame
        `cells` of docs/architecture.md.
    by_department : DataFrame
        `usage_by_department` of docs/architecture.md.
    depth : DataFrame
        One row per solution in operation: municipality, solution, is_new.
    assumptions : mapping
        `half_months`, `min_measured_months`.

    Returns
    -------
    DataFrame
        One row per municipality: I06, I06_measured, I09, I09b (shares) and last_months_measured (how many
        of the last `half_months` months have a measured cell).
    """
    new = depth.loc[depth["is_new"], ["municipality", "solution"]]
    new_cells = cells.merge(new, on=["municipality", "solution"])
    behind = stats.months_between(new_cells["month"], new_cells.groupby(KEY)["month"].transform("max"))
    recent = new_cells["measured"] & (behind < assumptions["half_months"])
    months = new_cells["month"].where(recent).groupby(new_cells["municipality"]).nunique().astype(float)
    breadth = measure_breadth(by_department.merge(new, on=["municipality", "solution"]), KEY).set_index(KEY)
    intended = measure_intended_use(new_cells, KEY, assumptions=assumptions).set_index(KEY)
    use = breadth[["I06", "I06_measured"]].join(intended, how="outer")
    return use.join(months.rename("last_months_measured"), how="outer").rename_axis("municipality")


def join_municipalities(municipalities: pd.DataFrame, new: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Give every municipality of the round its row, also those without solutions.

    Parameters
    ----------
    municipalities : DataFrame
        One row per municipality (T1).
    new : DataFrame
        Result of `weigh_new_solutions`, joined with that of `measure_new_use`.
    used : DataFrame
        Result of `sum_utilisation`.

    Returns
    -------
    DataFrame
        `depth_by_municipality` of docs/architecture.md. Without solutions in operation the status is
        not_examined (reason no_solutions), without new ones not_relevant (reason no_new_solutions).
    """
    codes = pd.Index(municipalities["municipality"].sort_values(), name="municipality")
    table = used.join(new, how="left").reindex(codes)
    none, no_new = table["n_solutions"].isna(), table["n_new"].isna()
    counts = ["n_solutions", *COUNTS]
    table[counts] = table[counts].fillna(0.0)
    status = table["status"].mask(no_new, "not_relevant").mask(none, "not_examined")
    reason = table["reason"].mask(no_new, "no_new_solutions").mask(none, "no_solutions")
    figure = table["has_figure"].eq(True)
    evidence = table["evidence"].fillna("D")
    return table.assign(status=status, reason=reason, has_figure=figure, evidence=evidence).reset_index()[
        COLUMNS
    ]


def _count_classes(new: pd.DataFrame) -> pd.DataFrame:
    counts = {
        "n_new": pd.Series(True, index=new.index),
        "n_measured_new": new["I02"] > 0,
        "n_left_out": new["left_out"],
        "n_certain": new["I04"] == "certainly_above",
        "n_certain_not": new["I04"] == "certainly_not_above",
        "n_undecided": new["I04"] == "undecided",
        "n_cannot_be_said": new["I04"] == "cannot_be_said",
    }
    sums = pd.DataFrame(counts).astype(float).groupby(new["municipality"]).sum()
    return sums.assign(has_figure=new.groupby(KEY)["has_figure"].any())


def _weighted_limits(new: pd.DataFrame) -> pd.DataFrame:
    weight = new["expected_volume"].mask(new["left_out"])
    parts = pd.DataFrame(
        {
            "weight": weight,
            "covered": weight * new["I02"],
            "low": weight * new["I03_low"].fillna(0.0),
            "high": weight * new["I03_high"].fillna(1.0),
            "through": new["through"],
            "eligible": new["measured_eligible"],
            "eligible_a": new["measured_eligible"].where(new["evidence"] == "A"),
        }
    )
    sums = parts.groupby(new["municipality"]).sum()
    coverage = pd.Series(stats.ratio(sums["covered"], sums["weight"]), index=sums.index).fillna(0.0)
    measured = coverage > 0
    return pd.DataFrame(
        {
            "I01": stats.ratio(sums["through"], sums["eligible"]),
            "I02": coverage,
            "I03_low": pd.Series(stats.ratio(sums["low"], sums["weight"]), index=sums.index).where(measured),
            "I03_high": pd.Series(stats.ratio(sums["high"], sums["weight"]), index=sums.index).where(
                measured
            ),
            "share_a": stats.ratio(sums["eligible_a"], sums["eligible"]),
        },
        index=sums.index,
    )


def _main_reason(new: pd.DataFrame) -> pd.Series:
    """The most frequent reason why a new solution of the municipality could not be measured."""
    counts = new.groupby([*KEY, "reason"], as_index=False).size()
    most = counts.sort_values([*KEY, "size", "reason"], ascending=[True, False, True])
    return most.drop_duplicates(KEY).set_index("municipality")["reason"]


def _first_to_measure(new: pd.DataFrame) -> pd.Series:
    """Where measuring should begin: the largest solution about which nothing can be said."""
    silent = new[new["I04"] == "cannot_be_said"]
    order = [*KEY, "expected_volume", "months_since_go_live", "solution"]
    silent = silent.sort_values(order, ascending=[True, False, False, True])
    return silent.drop_duplicates(KEY).set_index("municipality")["solution"]
