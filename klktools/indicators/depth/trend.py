"""Usage over time: monthly shares, trend and distance to the reference curve (I07, I08)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.depth.cells import SOLUTION
from klktools.indicators.scope import repeat_months

MONTHLY = [
    *(*SOLUTION, "month", "months_since_go_live", "through", "eligible", "share", "reference", "in_window"),
]


def measure_months(
    judged: pd.DataFrame, operating: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Measured share of each solution and month of the whole data period.

    Parameters
    ----------
    judged : DataFrame
        Result of `cells.judge_usage`.
    operating : DataFrame
        One row per solution in operation.
    assumptions : mapping
        `reference_rate`, `reference_midpoint`.

    Returns
    -------
    DataFrame
        `usage_by_month` of docs/architecture.md: one row per solution and month from go-live on, and one
        per month for the municipality's new solutions together (solution ""). Counts and share are missing
        when nothing was measured; reference is the reference curve's share with the solution's own target.
    """
    first = operating["period_from"].where(
        operating["period_from"] >= operating["go_live"], operating["go_live"]
    )
    grid = repeat_months(
        operating[[*SOLUTION, "go_live", "target", "is_new", "window_from"]], first, operating["period_to"]
    )
    measured = (
        judged[judged["measured"]]
        .groupby([*SOLUTION, "month"], as_index=False)[["through", "eligible"]]
        .sum()
    )
    rows = grid.merge(measured, on=[*SOLUTION, "month"], how="left")
    age = stats.months_between(rows["go_live"], rows["month"])
    curve = {"rate": assumptions["reference_rate"], "midpoint": assumptions["reference_midpoint"]}
    rows = rows.assign(
        months_since_go_live=age,
        reference=stats.logistic_share(age, ceiling=rows["target"], **curve),
        in_window=rows["month"] >= rows["window_from"],
    )
    together = _pool_new(rows)
    rows = pd.concat([rows, together], ignore_index=True)
    rows = rows.assign(share=stats.ratio(rows["through"], rows["eligible"]))
    return rows.sort_values([*SOLUTION, "month"], ignore_index=True)[MONTHLY]


def measure_trend(by_month: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Trend of each solution over the window (I07).

    Parameters
    ----------
    by_month : DataFrame
        Result of `measure_months`.
    assumptions : mapping
        `trend_min_months`, `trend_slope_pp`, `trend_p`.

    Returns
    -------
    DataFrame
        One row per solution: municipality, solution, I07 (Theil-Sen slope, percentage points a month), I07_p
        (Mann-Kendall, two-sided), I07_class (rising, falling, stable, cannot_be_assessed) and n_trend_months
        (measured months). Slope and p are missing with too few months.
    """
    window = by_month[by_month["in_window"] & (by_month["solution"] != "")]
    # counted back from the window's end, so that all visits share the columns and a missing month keeps its
    # place
    end = window.groupby("municipality")["month"].transform("max")
    place = window.assign(place=-stats.months_between(window["month"], end))
    series = place.pivot(index=SOLUTION, columns="place", values="share").sort_index(axis=1)
    slope, p = 100 * stats.theil_sen(series), stats.mann_kendall(series).p
    n_months = series.notna().sum(axis=1).astype(float)
    table = pd.DataFrame({"I07": slope, "I07_p": p}, index=series.index)
    table = table.where(n_months >= assumptions["trend_min_months"], axis=0)
    table = table.assign(I07_class=_classify_trend(table, assumptions), n_trend_months=n_months)
    return table.reset_index()


def measure_distance(by_month: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Distance of each solution from the reference curve (I08).

    The window's share lags behind the share of its last month, so the curve is averaged over the same
    measured months, with the same volumes, before the two are compared.

    Parameters
    ----------
    by_month : DataFrame
        Result of `measure_months`.
    assumptions : mapping
        `min_measured_months`, `behind_pp`, `behind_min_months`.

    Returns
    -------
    DataFrame
        One row per solution measured in enough months of the window: municipality, solution, I08
        (percentage points, negative below the curve) and I08_class (behind, on_course).
    """
    window = by_month[by_month["in_window"] & (by_month["solution"] != "")]
    expected = window.assign(expected=window["reference"] * window["eligible"])
    grouped = expected.groupby(SOLUTION)
    sums = grouped[["through", "expected", "eligible"]].sum()
    distance = 100 * stats.ratio(sums["through"] - sums["expected"], sums["eligible"])
    table = sums.assign(I08=distance, age=grouped["months_since_go_live"].max())
    table = table[table["I08"].notna() & (grouped["eligible"].count() >= assumptions["min_measured_months"])]
    late = stats.exceeds(-table["I08"], assumptions["behind_pp"]) & (
        table["age"] >= assumptions["behind_min_months"]
    )
    label = pd.Series(np.where(late, "behind", "on_course"), index=table.index, dtype="str")
    return table.assign(I08_class=label)[["I08", "I08_class"]].reset_index()


def _pool_new(rows: pd.DataFrame) -> pd.DataFrame:
    new = rows[rows["is_new"]].groupby(["municipality", "month", "in_window"])
    return new[["through", "eligible"]].sum(min_count=1).reset_index().assign(solution="")


def _classify_trend(table: pd.DataFrame, assumptions: Mapping[str, float]) -> pd.Series:
    least = assumptions["trend_slope_pp"]
    certain = table["I07_p"] < assumptions["trend_p"]
    conditions = [
        table["I07"].isna(),
        certain & ~stats.exceeds(least, table["I07"]),
        certain & ~stats.exceeds(least, -table["I07"]),
    ]
    codes = np.select(conditions, ["cannot_be_assessed", "rising", "falling"], default="stable")
    return pd.Series(codes, index=table.index, dtype="str")
