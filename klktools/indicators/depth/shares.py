"""What the measured cells say: share, coverage, certainty, breadth and intended use (I01-I04, I06, I09)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.depth.cells import SOLUTION

# of several reasons in a solution the first of these is named
REASONS = (
    "too_few_months",
    "suspect_denominator",
    "no_denominator",
    "estimate_only",
    "share_over_limit",
    "not_delivered",
)


def measure_solutions(cells: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Share, coverage and worst-case limits of each solution (I01-I04).

    Parameters
    ----------
    cells : DataFrame
        Result of `cells.make_cells`.
    assumptions : mapping
        `wilson_z`, `certainty_threshold`, `half_months`.

    Returns
    -------
    DataFrame
        One row per solution with an expected cell: municipality, solution, expected_volume, through and
        measured_eligible (transactions in the window), months_measured, months_expected, last_months_measured
        (how many of the last `half_months` were measured), evidence (A or B, else missing), reason, I01, I02,
        I03_low, I03_high (shares) and I04 (code). Nothing measured: I02 is 0, shares and limits are missing.
    """
    totals = _sum_cells(cells).merge(
        _count_months(cells, assumptions["half_months"]), on=SOLUTION, how="left"
    )
    volume = totals["measured_eligible"]
    share, coverage = stats.ratio(totals["through"], volume), stats.ratio(volume, totals["expected_volume"])
    low, high = _sample_limits(totals, z=assumptions["wilson_z"])
    lower, upper = stats.certainty_bounds(coverage, low, high)
    measured = volume > 0
    totals = totals.assign(
        through=totals["through"].where(measured),
        evidence=pd.Series(np.where(2 * totals["complete"] > volume, "A", "B"), dtype="str").where(measured),
        reason=totals["reason"].mask(
            totals["months_measured"].gt(0) & totals["reason"].isna(), "no_activity"
        ),
        I01=share,
        I02=np.where(measured, coverage, 0.0),
        I03_low=np.where(measured, lower, np.nan),
        I03_high=np.where(measured, upper, np.nan),
    )
    totals["reason"] = totals["reason"].mask(measured)
    totals["I04"] = classify_certainty(totals, threshold=assumptions["certainty_threshold"])
    return totals.drop(columns=["exact_through", "exact_eligible", "sampled_through", "sample_n", "complete"])


def classify_certainty(bounds: pd.DataFrame, *, threshold: float) -> pd.Series:
    """Say on which side of the threshold a share lies with certainty (I04).

    Parameters
    ----------
    bounds : DataFrame
        Any rows with I02, I03_low and I03_high (shares).
    threshold : float
        Share; strictly above it is above, at it is not.

    Returns
    -------
    Series of str
        certainly_above, certainly_not_above, undecided, or cannot_be_said where nothing was measured.
    """
    conditions = [
        ~(bounds["I02"] > 0).to_numpy(),
        stats.exceeds(bounds["I03_low"], threshold),
        ~stats.exceeds(bounds["I03_high"], threshold),
    ]
    codes = ["cannot_be_said", "certainly_above", "certainly_not_above"]
    return pd.Series(np.select(conditions, codes, "undecided"), index=bounds.index, dtype="str")


def measure_departments(
    cells: pd.DataFrame, groups: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Share of each relevant department (I06).

    Parameters
    ----------
    cells : DataFrame
        Result of `cells.make_cells`.
    groups : DataFrame
        Result of `scope.describe_departments`.
    assumptions : mapping
        `breadth_threshold`.

    Returns
    -------
    DataFrame
        `usage_by_department` of docs/architecture.md: one row per solution x department expected in the
        window, measured when it has a share.
    """
    table = _pool(cells, [*SOLUTION, "department"]).merge(
        groups, on=["municipality", "department"], how="left"
    )
    over = pd.Series(stats.exceeds(table["share"], assumptions["breadth_threshold"]), dtype="boolean")
    measured = table["share"].notna()
    table = table.assign(over_threshold=over.where(measured), measured=measured)
    columns = ["department", "department_group", "through", "eligible", "share", "over_threshold", "measured"]
    return table[[*SOLUTION, *columns]]


def measure_groups(cells: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Share of each department group.

    Parameters
    ----------
    cells : DataFrame
        Result of `cells.make_cells`.
    groups : DataFrame
        Result of `scope.describe_departments`; departments without a group are left out.

    Returns
    -------
    DataFrame
        `usage_by_group` of docs/architecture.md: one row per solution x department group expected in the
        window.
    """
    grouped = cells.merge(groups, on=["municipality", "department"]).dropna(subset=["department_group"])
    table = _pool(grouped, [*SOLUTION, "department_group"])
    status = np.where(table["share"].notna(), "measured", "cannot_be_said")
    return table.assign(status=pd.Series(status, index=table.index, dtype="str"))


def measure_breadth(by_department: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Breadth of use: how many relevant departments are over the threshold (I06, I06b).

    Parameters
    ----------
    by_department : DataFrame
        Result of `measure_departments`.
    by : list of str
        Columns of the result's grain: a solution, or a municipality whose solution x department pairs are
        pooled.

    Returns
    -------
    DataFrame
        One row per `by`: n_departments, n_departments_over, n_departments_measured, I06 (share; unmeasured
        departments stay in the denominator), I06_measured (share of the measured), I06b (P90 - P10 of the
        departments' shares) and max_share_rest (highest share at or below the threshold). Shares are missing
        when no department was measured.
    """
    over = by_department["over_threshold"].eq(True).fillna(False).astype(bool)
    table = by_department.assign(over=over, rest=by_department["share"].where(~over))
    grouped = table.groupby(by)
    breadth = grouped.agg(
        n_departments=("department", "size"),
        n_departments_over=("over", "sum"),
        n_departments_measured=("measured", "sum"),
        max_share_rest=("rest", "max"),
    )
    spread = grouped["share"].quantile(0.9) - grouped["share"].quantile(0.1)
    known = breadth["n_departments_measured"] > 0
    return breadth.assign(
        I06=(breadth["n_departments_over"] / breadth["n_departments"]).where(known),
        I06_measured=stats.ratio(breadth["n_departments_over"], breadth["n_departments_measured"]),
        I06b=spread,
    ).reset_index()


def measure_intended_use(
    cells: pd.DataFrame, by: list[str], *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Quality of use: transactions handled as intended (I09, I09b).

    The share of what went through needs no denominator, so a system's own counts serve; estimates do not.

    Parameters
    ----------
    cells : DataFrame
        Result of `cells.make_cells`.
    by : list of str
        Columns of the result's grain.
    assumptions : mapping
        `min_measured_months`; with fewer months both are missing.

    Returns
    -------
    DataFrame
        One row per `by`: I09 (share of through) and I09b (share of all eligible, over measured cells).
    """
    counted = ~cells["reason"].isin(["estimate_only", "share_over_limit", "not_delivered"])
    use = cells[counted & cells["through"].notna() & cells["as_intended"].notna()]
    part = use.assign(
        intended_of_all=use["as_intended"].where(use["measured"]), all=use["eligible"].where(use["measured"])
    )
    sums = part.groupby(by)[["as_intended", "through", "intended_of_all", "all"]].sum()
    enough = part.groupby(by)["month"].nunique() >= assumptions["min_measured_months"]
    shares = pd.DataFrame(
        {
            "I09": stats.ratio(sums["as_intended"], sums["through"]),
            "I09b": stats.ratio(sums["intended_of_all"], sums["all"]),
        },
        index=sums.index,
    )
    return shares.where(enough, axis=0).reset_index()


def list_missing(cells: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Name what the measuring of each solution lacks.

    Parameters
    ----------
    cells : DataFrame
        Result of `cells.make_cells`.
    groups : DataFrame
        Result of `scope.describe_departments`.

    Returns
    -------
    DataFrame
        One row per solution with an unmeasured cell, lists as "|" text: missing_departments (those never
        measured, and in any case the one with the largest unmeasured volume; largest first), missing_groups
        (their department groups) and missing_months (YYYY-MM, months without any measured cell).
    """
    missing = cells.assign(lost=cells["expected_volume"].where(~cells["measured"], 0.0))
    by_department = missing.groupby([*SOLUTION, "department"], as_index=False).agg(
        lost=("lost", "sum"), measured=("measured", "sum"), n=("measured", "size")
    )
    lacking = by_department[by_department["measured"] < by_department["n"]]
    lacking = lacking.sort_values([*SOLUTION, "lost", "department"], ascending=[True, True, False, True])
    first = ~lacking.duplicated(SOLUTION)
    lacking = lacking[first | (lacking["measured"] == 0)]
    lacking = lacking.merge(groups, on=["municipality", "department"], how="left")
    by_group = lacking.dropna(subset=["department_group"]).drop_duplicates([*SOLUTION, "department_group"])
    by_month = missing.groupby([*SOLUTION, "month"])["measured"].any().reset_index()
    silent = by_month[~by_month["measured"]]
    silent = silent.assign(month=silent["month"].dt.strftime("%Y-%m"))
    lists = [_list(lacking, "department"), _list(by_group, "department_group"), _list(silent, "month")]
    table = pd.concat(lists, axis=1)
    table.columns = pd.Index(["missing_departments", "missing_groups", "missing_months"])
    return table.reset_index()


def _sum_cells(cells: pd.DataFrame) -> pd.DataFrame:
    measured = cells["measured"]
    sampled = measured & (cells["evidence"] == "B") & cells["sample_n"].notna()
    exact = measured & ~sampled
    rank = cells["reason"].map({code: place for place, code in enumerate(REASONS)})
    parts = cells[SOLUTION].assign(
        expected_volume=cells["expected_volume"],
        through=cells["through"].where(measured),
        measured_eligible=cells["eligible"].where(measured),
        exact_through=cells["through"].where(exact),
        exact_eligible=cells["eligible"].where(exact),
        sampled_through=cells["through"].where(sampled),
        sample_n=cells["sample_n"].where(sampled),
        complete=cells["eligible"].where(measured & (cells["evidence"] == "A")),
    )
    grouped = parts.groupby(SOLUTION)
    sums = grouped.sum().assign(expected_volume=grouped["expected_volume"].sum(min_count=1))
    reason = rank.groupby([cells[key] for key in SOLUTION]).min().map(dict(enumerate(REASONS))).astype("str")
    return sums.assign(reason=reason).reset_index()


def _count_months(cells: pd.DataFrame, last_months: float) -> pd.DataFrame:
    seen = cells["measured"] | (cells["reason"] == "too_few_months")
    behind = stats.months_between(cells["month"], cells.groupby("municipality")["month"].transform("max"))
    months = cells[SOLUTION].assign(
        months_expected=cells["month"],
        months_measured=cells["month"].where(seen),
        last_months_measured=cells["month"].where(cells["measured"] & (behind < last_months)),
    )
    return months.groupby(SOLUTION).nunique().astype(float).reset_index()


def _sample_limits(totals: pd.DataFrame, *, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the measured share: complete counts are exact, samples have their Wilson limits."""
    sampled_eligible = totals["measured_eligible"] - totals["exact_eligible"]
    low, high = stats.wilson_limits(
        stats.ratio(totals["sampled_through"], sampled_eligible), totals["sample_n"], z=z
    )
    limits = []
    for limit in (low, high):
        through = totals["exact_through"] + np.nan_to_num(limit) * sampled_eligible
        limits.append(stats.ratio(through, totals["measured_eligible"]))
    return limits[0], limits[1]


def _pool(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    counts = cells[["through", "eligible"]].where(cells["measured"])
    sums = cells[by].join(counts).groupby(by)[["through", "eligible"]].sum(min_count=1).reset_index()
    return sums.assign(share=stats.ratio(sums["through"], sums["eligible"]))


def _list(table: pd.DataFrame, column: str) -> pd.Series:
    return table.groupby(SOLUTION)[column].agg("|".join).astype("str")
