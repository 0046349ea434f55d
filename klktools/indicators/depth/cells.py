"""Expected and measured cells: one solution x department x month (framework 4, notation; I02)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.scope import rename_departments, repeat_months

SOLUTION = ["municipality", "solution"]
PAIR = [*SOLUTION, "department"]
CELL = [*PAIR, "month"]
COUNTS = ["through", "eligible", "as_intended", "sample_n"]
COLUMNS = [
    *CELL,
    "through",
    "eligible",
    "as_intended",
    "expected_volume",
    "sample_n",
    "evidence",
    "measured",
    "reason",
]


def list_relevant_departments(operating: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Unfold the departments where each solution should be used.

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation, with relevant_departments as "|" text.
    lineage : DataFrame
        Result of `scope.trace_departments`.

    Returns
    -------
    DataFrame
        One row per solution x surviving department: municipality, solution, department.
    """
    listed = operating[SOLUTION].assign(department=operating["relevant_departments"].str.split("|"))
    pairs = listed.explode("department").dropna().astype({"department": "str"})
    pairs = pairs.assign(department=pairs["department"].str.strip())
    return rename_departments(pairs[pairs["department"] != ""], lineage).drop_duplicates(ignore_index=True)


def expect_cells(
    operating: pd.DataFrame, pairs: pd.DataFrame, departments: pd.DataFrame, lineage: pd.DataFrame
) -> pd.DataFrame:
    """List the cells of the window in which usage is expected.

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation, with go_live, window_from and period_to.
    pairs : DataFrame
        Result of `list_relevant_departments`.
    departments : DataFrame
        One row per department and period of validity (T3). A department without any row is taken to exist
        throughout.
    lineage : DataFrame
        Result of `scope.trace_departments`.

    Returns
    -------
    DataFrame
        One row per solution x department x month from go-live on in which the department existed:
        municipality, solution, department, month, and n_parts, the number of departments that went by that
        name later.
    """
    span = pairs.merge(operating[[*SOLUTION, "go_live", "window_from", "period_to"]], on=SOLUTION)
    first = span["window_from"].where(span["window_from"] >= span["go_live"], span["go_live"])
    grid = repeat_months(span[PAIR], first, span["period_to"])
    valid = rename_departments(departments, lineage)[["municipality", "department", "valid_from", "valid_to"]]
    grid = grid.merge(valid, on=["municipality", "department"], how="left")
    ended, begun = grid["valid_to"] < grid["month"], grid["valid_from"] > grid["month"]
    alive = grid.loc[~(ended | begun), CELL]
    return alive.groupby(CELL, as_index=False).size().rename(columns={"size": "n_parts"})


def judge_usage(
    usage: pd.DataFrame,
    operating: pd.DataFrame,
    pairs: pd.DataFrame,
    lineage: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Decide of each delivered cell whether it counts as measured.

    Parameters
    ----------
    usage : DataFrame
        One row per solution x department x month (T9).
    operating : DataFrame
        One row per solution in operation.
    pairs : DataFrame
        Result of `list_relevant_departments`; usage elsewhere is passed over.
    lineage : DataFrame
        Result of `scope.trace_departments`: a predecessor's usage is its successor's.
    assumptions : mapping
        `share_over_limit`, `constant_full_months`.

    Returns
    -------
    DataFrame
        One row per solution x surviving department x month from go-live to the end of the data period: the
        keys, the counts (through at most eligible when measured), n_delivered, evidence (class C where the
        denominator is suspect), in_window, measured and reason (missing when measured).
    """
    spans = operating[[*SOLUTION, "denominator", "go_live", "period_from", "window_from", "period_to"]]
    named = _combine_parts(usage, lineage)
    rows = named.merge(pairs, on=PAIR).merge(spans, on=SOLUTION)
    in_period = rows["month"].between(rows["period_from"], rows["period_to"]) & (
        rows["month"] >= rows["go_live"]
    )
    rows = rows[in_period].reset_index(drop=True)
    rows = rows.assign(
        in_window=rows["month"] >= rows["window_from"], reason=_why_unmeasured(rows, assumptions)
    )
    for count in ("through", "as_intended"):
        over = rows["reason"].isna() & (rows[count] > rows["eligible"])
        rows[count] = rows[count].mask(over, rows["eligible"])
    rows = _flag_constant_full(rows, assumptions["constant_full_months"])
    suspect = rows["reason"] == "suspect_denominator"
    rows = rows.assign(evidence=rows["evidence"].mask(suspect, "C"), measured=rows["reason"].isna())
    return rows[[*CELL, *COUNTS, "n_delivered", "evidence", "in_window", "measured", "reason"]]


def make_cells(
    expected: pd.DataFrame, judged: pd.DataFrame, heads: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Hold the delivered usage against the expected cells.

    Parameters
    ----------
    expected : DataFrame
        Result of `expect_cells`.
    judged : DataFrame
        Result of `judge_usage`.
    heads : DataFrame
        One row per department: municipality, department, headcount.
    assumptions : mapping
        `min_measured_months`.

    Returns
    -------
    DataFrame
        `cells` of docs/architecture.md. With fewer measured months than required the whole solution counts as
        not measured (reason `too_few_months`). expected_volume is eligible transactions (I02): the cell's
        own (unless its denominator is at fault), else the median of the department's measured months, else
        by heads, else the solution's mean cell; missing when the solution has no denominator at all.
    """
    cells = expected.merge(judged, on=CELL, how="left")
    partial = cells["n_delivered"] < cells["n_parts"]
    measured = cells["measured"].eq(True) & ~partial
    cells[COUNTS] = cells[COUNTS].astype(float).mask(partial, axis=0)
    reason = cells["reason"].mask(partial | cells["n_delivered"].isna(), "not_delivered")
    cells = cells.assign(measured=measured, reason=reason)
    cells = cells.assign(expected_volume=_expected_volume(cells, heads))
    months = (
        cells["month"].where(cells["measured"]).groupby([cells[key] for key in SOLUTION]).transform("nunique")
    )
    too_few = cells["measured"] & (months < assumptions["min_measured_months"])
    reason = cells["reason"].mask(too_few, "too_few_months")
    return cells.assign(measured=cells["measured"] & ~too_few, reason=reason)[COLUMNS]


def count_heads(staffing: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Take the latest headcount of each surviving department.

    Parameters
    ----------
    staffing : DataFrame
        One row per department and year (T15).
    lineage : DataFrame
        Result of `scope.trace_departments`.

    Returns
    -------
    DataFrame
        One row per department: municipality, department, headcount (heads).
    """
    named = rename_departments(staffing, lineage).astype({"headcount": float})
    heads = named.groupby(["municipality", "department", "year"])["headcount"].sum(min_count=1)
    yearly = heads.dropna().reset_index()
    latest = yearly.drop_duplicates(["municipality", "department"], keep="last")
    return latest[["municipality", "department", "headcount"]].reset_index(drop=True)


def _combine_parts(usage: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """One row per surviving department and month; a sum is missing when a part is, or is negative."""
    counts = usage[COUNTS].astype(float).pipe(lambda given: given.where(given >= 0))
    named = usage[[*CELL, "evidence"]].join(counts)
    renamed = rename_departments(named, lineage)
    # a figure under the surviving name is complete by itself; one under an old name is one part of the sum
    whole = named["department"].to_numpy() == renamed["department"].to_numpy()
    renamed = renamed.assign(n_delivered=np.where(whole, np.inf, 1.0))
    double = renamed.duplicated(CELL, keep=False)
    if not double.any():
        return renamed
    parts = renamed[double].groupby(CELL)
    sums = parts[COUNTS].sum().where(parts[COUNTS].count().eq(parts.size(), axis=0))
    sums = sums.assign(n_delivered=parts["n_delivered"].sum(), evidence=parts["evidence"].max()).reset_index()
    return pd.concat([renamed[~double], sums], ignore_index=True)


def _why_unmeasured(rows: pd.DataFrame, assumptions: Mapping[str, float]) -> pd.Series:
    most = rows["eligible"] * assumptions["share_over_limit"]
    why = {
        "not_delivered": rows["through"].isna(),
        "estimate_only": ~rows["evidence"].isin(["A", "B"]),
        "suspect_denominator": rows["denominator"] == "own_solution_only",
        "no_denominator": rows["eligible"].isna() | ~rows["denominator"].isin(["all_eligible", "all"]),
        "share_over_limit": pd.Series(stats.exceeds(rows["through"], most), index=rows.index),
    }
    reason = np.select([applies.to_numpy() for applies in why.values()], list(why), default="")
    return pd.Series(reason, index=rows.index, dtype="str").replace("", np.nan)


def _flag_constant_full(rows: pd.DataFrame, full_months: float) -> pd.DataFrame:
    """E19: a solution at exactly 100 per cent month after month counts its own transactions."""
    counted = rows[rows["reason"].isna() & rows["in_window"]]
    monthly = counted.groupby([*SOLUTION, "month"], as_index=False)[["through", "eligible"]].sum()
    full = monthly[(monthly["eligible"] > 0) & (monthly["through"] == monthly["eligible"])]
    n_full = full.groupby(SOLUTION, as_index=False).size()
    suspects = n_full.loc[n_full["size"] >= full_months, SOLUTION].assign(suspect=True)
    marked = rows.merge(suspects, on=SOLUTION, how="left")
    suspect = marked["suspect"].eq(True) & marked["reason"].isna()
    return marked.assign(reason=marked["reason"].mask(suspect, "suspect_denominator")).drop(columns="suspect")


def _expected_volume(cells: pd.DataFrame, heads: pd.DataFrame) -> pd.Series:
    usable = cells["eligible"].where(
        cells["measured"] | cells["reason"].isin(["estimate_only", "not_delivered"])
    )
    median = usable.where(cells["measured"]).groupby([cells[key] for key in PAIR]).transform("median")
    volume = usable.fillna(median)
    by_solution = [cells[key] for key in SOLUTION]
    staff = cells[["municipality", "department"]].merge(heads, on=["municipality", "department"], how="left")
    headcount = staff["headcount"].set_axis(cells.index)
    both = volume.notna() & headcount.notna()
    known_volume = volume.where(both).groupby(by_solution).transform("sum")
    known_heads = headcount.where(both).groupby(by_solution).transform("sum")
    per_head = pd.Series(stats.ratio(known_volume, known_heads), index=cells.index)
    return volume.fillna(per_head * headcount).fillna(volume.groupby(by_solution).transform("mean"))
