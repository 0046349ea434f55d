"""What a visit looks at: its period and window, the solutions in operation, the departments that survive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from klktools import stats

OPERATING = ("rollout", "operation", "phase_out")


def split_municipalities(
    tables: Mapping[str, pd.DataFrame], *, at_most: int
) -> Iterator[dict[str, pd.DataFrame]]:
    """Split tables into blocks of municipalities, in code order, so that large rounds need little memory.

    Parameters
    ----------
    tables : mapping
        Tables with a column `municipality`; those of T1 and T2 say which there are.
    at_most : int
        Municipalities in a block; all blocks are about equally large.

    Yields
    ------
    dict of DataFrame
        Every table with the rows of the block's municipalities, categories as texts.
    """
    named = pd.concat([tables[name]["municipality"] for name in ("municipalities", "visits")])
    codes = pd.Index(named.unique()).sort_values()
    n_blocks = max(-(-len(codes) // at_most), 1)
    blocks = pd.Series(np.arange(len(codes)) * n_blocks // max(len(codes), 1), index=codes)
    places = {name: _block_of(table["municipality"], blocks) for name, table in tables.items()}
    for block in range(n_blocks):
        yield {name: _texts(table[places[name] == block]) for name, table in tables.items()}


def _block_of(municipality: pd.Series, blocks: pd.Series) -> np.ndarray:
    """The block of each row, -1 where the municipality is in none."""
    rows, distinct = pd.factorize(municipality)
    return np.append(blocks.reindex(distinct, fill_value=-1).to_numpy(), -1)[rows]


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(dict.fromkeys(table.select_dtypes("category"), "str"))


def list_visit_periods(visits: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Take the latest visit of each municipality and its window.

    Parameters
    ----------
    visits : DataFrame
        One row per visit (T2). A planned visit counts only when there is no other.
    assumptions : mapping
        `window_months`.

    Returns
    -------
    DataFrame
        One row per municipality: municipality, period_from, period_to, window_from (months) and as_of, the
        last day of the visit, from which the age of dated facts is counted.
    """
    ranked = visits.assign(held=visits["status"] != "planned").sort_values(["held", "period_to", "end_date"])
    latest = ranked.drop_duplicates("municipality", keep="last").sort_values("municipality")
    back = pd.DateOffset(months=int(assumptions["window_months"]) - 1)
    window_from = (latest["period_to"] - back).clip(lower=latest["period_from"])
    latest = latest.assign(window_from=window_from, as_of=latest["end_date"])
    return latest[["municipality", "period_from", "period_to", "window_from", "as_of"]].reset_index(drop=True)


def list_operating_solutions(
    solutions: pd.DataFrame, periods: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Keep the solutions in operation at the end of the data period.

    Parameters
    ----------
    solutions : DataFrame
        One row per solution (T8).
    periods : DataFrame
        Result of `list_visit_periods`.
    assumptions : mapping
        `new_solution_years`, `default_target_share`.

    Returns
    -------
    DataFrame
        The rows of `solutions` in roll-out, operation or phase-out that went live in or before period_to,
        with the columns of `periods`, months_since_go_live, target (share) and is_new filled by its
        default.
    """
    known = solutions[solutions["status"].isin(OPERATING)].merge(periods, on="municipality")
    operating = known[known["go_live"] <= known["period_to"]].sort_values(["municipality", "solution"])
    age = stats.months_between(operating["go_live"], operating["period_to"])
    young = pd.Series(age <= 12 * assumptions["new_solution_years"], index=operating.index, dtype="boolean")
    return operating.assign(
        months_since_go_live=age,
        target=operating["target_share"].astype(float).fillna(assumptions["default_target_share"]),
        is_new=operating["is_new"].astype("boolean").fillna(young).astype(bool),
    ).reset_index(drop=True)


def trace_departments(departments: pd.DataFrame) -> pd.DataFrame:
    """Find the department each department lives on in, through renames and mergers.

    A department that was split among several has no single successor and stays itself.

    Parameters
    ----------
    departments : DataFrame
        One row per department and period of validity (T3); `replaces` names a predecessor.

    Returns
    -------
    DataFrame
        One row per department with a successor: municipality, department, survivor.
    """
    first = departments.groupby(["municipality", "department"])["valid_from"].min()
    begun = first.rename("begun").rename_axis(["municipality", "replaces"]).reset_index()
    steps = departments[
        departments["replaces"].notna() & (departments["replaces"] != departments["department"])
    ]
    steps = steps.merge(begun, on=["municipality", "replaces"], how="left")
    # a successor begins after its predecessor, so that no chain can bite its own tail
    steps = steps[steps["begun"].isna() | (steps["valid_from"] > steps["begun"])]
    steps = steps[["municipality", "replaces", "department"]].drop_duplicates()
    steps = steps.drop_duplicates(["municipality", "replaces"], keep=False)
    return _follow(steps.rename(columns={"replaces": "department", "department": "survivor"}))


def rename_departments(table: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Put the surviving department in place of its predecessors.

    Parameters
    ----------
    table : DataFrame
        Any table with municipality and department.
    lineage : DataFrame
        Result of `trace_departments`.

    Returns
    -------
    DataFrame
        `table` with `department` renamed; rows are not combined.
    """
    if lineage.empty:
        return table
    traced = table.merge(lineage, on=["municipality", "department"], how="left")
    department = traced["survivor"].fillna(traced["department"])
    return traced.assign(department=department).drop(columns="survivor")


def describe_departments(departments: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Give each surviving department the department group it had last.

    Parameters
    ----------
    departments : DataFrame
        One row per department and period of validity (T3).
    lineage : DataFrame
        Result of `trace_departments`.

    Returns
    -------
    DataFrame
        One row per surviving department: municipality, department, department_group.
    """
    named = rename_departments(departments, lineage).sort_values(["municipality", "department", "valid_from"])
    latest = named.drop_duplicates(["municipality", "department"], keep="last")
    return latest[["municipality", "department", "department_group"]].reset_index(drop=True)


def repeat_months(table: pd.DataFrame, first: pd.Series, last: pd.Series) -> pd.DataFrame:
    """Repeat every row for each month from `first` to `last`, both included.

    Parameters
    ----------
    table : DataFrame
        Any table.
    first, last : Series of datetime64
        Months, aligned with `table`; a row whose last month is before its first gives none.

    Returns
    -------
    DataFrame
        The rows of `table` with a column `month`.
    """
    n = np.maximum(stats.months_between(first, last) + 1, 0).astype(int)
    place = np.repeat(np.arange(len(table)), n)
    offset = np.arange(n.sum()) - np.repeat(n.cumsum() - n, n)
    start = first.to_numpy().astype("datetime64[M]")[place]
    month = (start + offset.astype("timedelta64[M]")).astype("datetime64[us]")
    return table.iloc[place].reset_index(drop=True).assign(month=month)


def _follow(steps: pd.DataFrame) -> pd.DataFrame:
    onward = steps.rename(columns={"department": "survivor", "survivor": "next"})
    while True:
        ahead = steps.merge(onward, on=["municipality", "survivor"], how="left")
        if ahead["next"].isna().all():
            return steps.reset_index(drop=True)
        steps = ahead.assign(survivor=ahead["next"].fillna(ahead["survivor"])).drop(columns="next")
