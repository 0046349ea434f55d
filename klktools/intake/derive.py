"""Columns that are computed or filled in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools.contract import TableSpec
from klktools.framework import load_framework
from klktools.intake.rules.common import Limits, Tables, months_between

_SIZE_LIMITS = (20_000, 40_000, 60_000, 100_000)  # inhabitants, as the codes of the list `size_class` say


def fill(data: pd.DataFrame, spec: TableSpec, tables: Tables, limits: Limits) -> pd.DataFrame:
    """The table with its computed columns and defaults.

    Parameters
    ----------
    data : DataFrame
        One table, typed, its valid rows.
    spec : TableSpec
        The table; a column's `default` that is a number fills its empty cells.
    tables : mapping
        Tables accepted before this one.
    limits : mapping
        Uses `new_solution_years`.
    """
    numbers = {c.name: c.default for c in spec.columns.values() if isinstance(c.default, int | float)}
    data = data.fillna(numbers) if numbers else data
    if spec.name == "municipalities":
        return data.assign(size_class=_size_class(data["population"]))
    if spec.name == "departments":
        return data.assign(core_welfare=data["core_welfare"].fillna(_core_welfare(data)))
    if spec.name == "solutions":
        return data.assign(is_new=data["is_new"].fillna(_is_new(data, tables["visits"], limits)))
    return data


def mark_duplicates(data: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Interviews with `duplicate_of` where rule E17 has found the interview they are a duplicate of."""
    duplicates = found[found["rule"] == "E17"]
    if duplicates.empty:
        return data
    original = data["duplicate_of"].copy()
    original[duplicates.index] = duplicates["other"]
    return data.assign(duplicate_of=original)


def _size_class(population: pd.Series) -> pd.Series:
    codes = np.array(list(load_framework().enums["size_class"]), dtype=object)
    return pd.Series(codes[np.digitize(population, _SIZE_LIMITS)], index=population.index, dtype="str")


def _core_welfare(departments: pd.DataFrame) -> pd.Series:
    """Institutions and the groups marked in the list `department_group`."""
    groups = load_framework().enums["department_group"]
    core = {code for code, entry in groups.items() if entry["core_welfare"]}
    marked = departments["department_group"].isin(core) | (departments["level"] == "institution")
    return marked.astype("boolean")


def _is_new(solutions: pd.DataFrame, visits: pd.DataFrame, limits: Mapping[str, float]) -> pd.Series:
    """Went live within so many years of the end of the latest data period; missing without a go-live."""
    ends = visits.groupby("municipality")["period_to"].max()
    end = ends.reindex(solutions["municipality"]).set_axis(solutions.index)
    age = months_between(solutions["go_live"], end)
    return (age <= 12 * limits["new_solution_years"]).astype("boolean").mask(age.isna())
