"""E12: months missing inside the data period, which are never interpolated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from klktools.intake.hits import NO_HITS
from klktools.intake.keys import distinct_rows
from klktools.intake.rules.common import Limits, Tables

_PAIR = ["municipality", "solution", "department"]
_SOLUTION = ["municipality", "solution"]
_MONTH = np.timedelta64(1, "M")


def missing_months(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E12: months in which a solution was in operation in a relevant department, but without a row.

    A municipality that delivered no usage at all is left out: the whole table is missing there.

    Returns
    -------
    hits
        One for each solution and block of departments that miss the same months, at the municipality's
        first row: `solution_name`, `departments` (names), `months` (spans).
    """
    grid = _expect(data, tables)
    if grid is None:
        return NO_HITS
    short = np.flatnonzero(grid.missing.any(axis=1))
    blocks = _blocks(grid.pairs.iloc[short], grid.missing[short])
    if blocks.empty:
        return NO_HITS
    at = data.index[grid.first_row.reindex(blocks["municipality"]).to_numpy(dtype=int)]
    labels = [str(grid.first + place * _MONTH) for place in range(grid.missing.shape[1])]
    spans = {pattern: _spans(pattern, labels) for pattern in blocks["pattern"].unique()}
    return pd.DataFrame(
        {
            "rule": "E12",
            "column": "month",
            "solution_name": blocks["solution_name"].to_numpy(dtype=object),
            "departments": blocks["departments"].to_numpy(dtype=object),
            "months": blocks["pattern"].map(spans).to_numpy(dtype=object),
        },
        index=at,
    )


class _Grid(NamedTuple):
    """Relevant pairs (solution, department) and which months each misses, from month `first` on."""

    pairs: pd.DataFrame
    missing: np.ndarray
    first: np.datetime64
    first_row: pd.Series


def _expect(data: pd.DataFrame, tables: Tables) -> _Grid | None:
    """What is expected of the municipalities with usage, held against what was delivered."""
    owners = data["municipality"].drop_duplicates()
    first_row = pd.Series(np.flatnonzero(~data["municipality"].duplicated()), index=owners.astype("str"))
    visits = tables["visits"][tables["visits"]["municipality"].isin(first_row.index)]
    pairs = _pairs(tables, visits)
    if pairs.empty:
        return None
    first = _month(pairs["period_from"].min())
    axis = np.arange(first, _month(pairs["period_to"].max()) + _MONTH)
    expected = _between(axis, pairs["since"], pairs["period_to"]) & _alive(axis, pairs, tables["departments"])
    missing = expected & ~_delivered(data, pairs, axis, tables["departments"])
    return _Grid(pairs, missing, first, first_row)


def _month(date: pd.Timestamp) -> np.datetime64:
    return np.datetime64(date, "M")


def _pairs(tables: Tables, visits: pd.DataFrame) -> pd.DataFrame:
    """Solutions in operation x relevant departments, also those that a relevant department replaced."""
    period = visits.groupby("municipality", as_index=False).agg({"period_from": "min", "period_to": "max"})
    solutions = tables["solutions"]
    running = solutions[solutions["status"].ne("planned") & solutions["go_live"].notna()].merge(
        period, on="municipality"
    )
    running = running.assign(
        department=running["relevant_departments"].str.split("|"),
        since=running[["go_live", "period_from"]].max(axis=1),
    )
    columns = [*_PAIR, "name", "since", "period_from", "period_to"]
    pairs = running.explode("department")[columns].rename(columns={"name": "solution_name"})
    replaced = _replaced(tables["departments"])
    while len(older := pairs.merge(replaced, on=["municipality", "department"])):
        grown = pd.concat([pairs, older.assign(department=older["replaces"])[list(pairs)]])
        grown = grown.drop_duplicates(_PAIR, ignore_index=True)
        if len(grown) == len(pairs):
            break
        pairs = grown
    pairs = pairs.dropna(subset=["department"]).drop_duplicates(_PAIR, ignore_index=True)
    named = tables["departments"].drop_duplicates(["municipality", "department"], keep="last")
    names = pairs.merge(named, on=["municipality", "department"], how="left")["name"]
    return pairs.assign(department_name=names.fillna(pairs["department"]))


def _replaced(departments: pd.DataFrame) -> pd.DataFrame:
    named = departments["replaces"].notna() & departments["replaces"].ne(departments["department"])
    return departments.loc[named, ["municipality", "department", "replaces"]].drop_duplicates()


def _between(axis: np.ndarray, first: pd.Series, last: pd.Series) -> np.ndarray:
    """A row per pair, a column per month: whether the month lies between; an open end never ends."""
    start = first.to_numpy().astype("datetime64[M]")[:, None]
    end = last.fillna(pd.Timestamp("2200-01-01")).to_numpy().astype("datetime64[M]")[:, None]
    return (axis >= start) & (axis <= end)


def _alive(axis: np.ndarray, pairs: pd.DataFrame, departments: pd.DataFrame) -> np.ndarray:
    """Whether the department existed in the month; one without a row existed throughout."""
    valid = departments[["municipality", "department", "valid_from", "valid_to"]].drop_duplicates()
    place = pairs[["municipality", "department"]].reset_index(names="pair")
    rows = place.merge(valid, on=["municipality", "department"], how="left")
    ever = _between(axis, rows["valid_from"].fillna(pd.Timestamp("1900-01-01")), rows["valid_to"])
    alive = np.zeros((len(pairs), len(axis)), dtype=bool)
    np.logical_or.at(alive, rows["pair"].to_numpy(), ever)
    return alive


def _delivered(
    data: pd.DataFrame, pairs: pd.DataFrame, axis: np.ndarray, departments: pd.DataFrame
) -> np.ndarray:
    """Whether the month has a row, its own or one of the department that replaced it."""
    places, combinations = distinct_rows(data, _PAIR)
    numbered = combinations.merge(pairs[_PAIR].reset_index(names="pair"), on=_PAIR, how="left")["pair"]
    pair = numbered.fillna(-1).to_numpy(dtype=int)[places]
    month = data["month"].to_numpy().astype("datetime64[M]") - axis[0]
    month = month.astype(int)
    inside = (pair >= 0) & (month >= 0) & (month < len(axis))
    given = np.zeros((len(pairs), len(axis)), dtype=bool)
    given[pair[inside], month[inside]] = True
    return given | _given_under_later_name(given, pairs, _replaced(departments))


def _given_under_later_name(given: np.ndarray, pairs: pd.DataFrame, replaced: pd.DataFrame) -> np.ndarray:
    place = pairs[_PAIR].reset_index(names="pair")
    later = place.merge(replaced, on=["municipality", "department"])
    older = place.rename(columns={"department": "replaces", "pair": "older"})
    both = later.merge(older, on=["municipality", "solution", "replaces"])
    found = np.zeros_like(given)
    np.logical_or.at(found, both["older"].to_numpy(), given[both["pair"].to_numpy()])
    return found


def _blocks(pairs: pd.DataFrame, missing: np.ndarray) -> pd.DataFrame:
    """One row per solution and pattern of missing months, with the names of its departments."""
    departments: dict[tuple, list[str]] = {}
    columns = (pairs[name] for name in (*_SOLUTION, "solution_name", "department_name"))
    for *solution, department, row in zip(*columns, missing, strict=True):
        departments.setdefault((*solution, row.tobytes()), []).append(department)
    rows = [(code, name, row, ", ".join(names)) for (code, _, name, row), names in departments.items()]
    return pd.DataFrame(rows, columns=["municipality", "solution_name", "pattern", "departments"])


def _spans(pattern: bytes, labels: list[str]) -> str:
    """Months as text, those in a row from the first to the last: "2017-02, 2018-03–2018-06"."""
    runs: list[list[str]] = []
    for before, missing, label in zip(b"\0" + pattern, pattern, labels, strict=False):
        if missing:
            runs = [*runs[:-1], [runs[-1][0], label]] if before else [*runs, [label]]
    return ", ".join("–".join(run) for run in runs)
