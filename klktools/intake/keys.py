"""Rules about keys: every row once (E13), and every reference points at a row that is there (E26).

A table has few distinct keys beside its rows, so keys are looked up once each (`distinct_rows`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec, TableSpec
from klktools.intake.hits import NO_HITS, hits, together

_JOIN = "\x1f"
_MOST = 2**62


def number_rows(data: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """A whole number for each row: equal for equal keys, and in the order of the keys, missing ones last."""
    numbers, size = np.zeros(len(data), dtype="int64"), 1
    for key in keys:
        codes, distinct = pd.factorize(data[key], sort=True)
        width = len(distinct) + 1
        if size * width > _MOST:
            numbers, seen = pd.factorize(numbers, sort=True)
            size = len(seen)
        numbers *= width
        numbers += codes
        numbers[codes < 0] += width
        size *= width
    return numbers


def distinct_rows(data: pd.DataFrame, keys: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """The distinct combinations of some columns.

    Returns
    -------
    places : ndarray
        For every row of `data` the place of its combination.
    combinations : DataFrame
        The columns, one row per combination; categories as texts.
    """
    places, _ = pd.factorize(number_rows(data, keys))
    some_row = np.zeros(places.max(initial=-1) + 1, dtype="int64")
    some_row[places[::-1]] = np.arange(len(places) - 1, -1, -1)  # of several the first
    combinations = data[list(keys)].iloc[some_row].reset_index(drop=True)
    texts = combinations.select_dtypes("category").columns
    return places, combinations.astype(dict.fromkeys(texts, "str"))


def beside(data: pd.DataFrame, other: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Columns of another table for every row of this one, in this one's order and row numbers."""
    places, combinations = distinct_rows(data, keys)
    right = other[[*keys, *columns]].drop_duplicates(keys)
    found = combinations.merge(right, on=keys, how="left")[columns]
    return found.take(places).set_axis(data.index)


def repeated_rows(data: pd.DataFrame, spec: TableSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows with the key of another row.

    Parameters
    ----------
    data : DataFrame
        One table, typed.
    spec : TableSpec
        Gives the key; a missing part of a key is equal to a missing part.

    Returns
    -------
    copies : hits
        E13a: identical to an earlier row, to be dropped.
    conflicts : hits
        E13: different rows with one key, all of them.
    """
    key = list(spec.key)
    several = data[pd.Series(number_rows(data, key)).duplicated(keep=False).to_numpy()]
    if several.empty:
        return NO_HITS, NO_HITS
    copies = several.duplicated(keep="first")
    left = several[~copies]
    conflicts = left.duplicated(key, keep=False)
    names = _join(left.loc[conflicts, key], " · ")
    return hits(copies, "E13a", key[-1]), hits(conflicts, "E13", key[-1], other=names)


def _join(keys: pd.DataFrame, mark: str) -> pd.Series:
    """The parts of a key as one text; dates and months as they are written in ISO."""
    texts = keys.apply(
        lambda part: part.dt.strftime("%Y-%m-%d") if part.dtype.kind == "M" else part.astype("str")
    )
    return texts.fillna("").agg(mark.join, axis=1)


def orphans(
    data: pd.DataFrame, spec: TableSpec, known: Mapping[str, set[str]], rejected: Mapping[str, set[str]]
) -> Iterator[pd.DataFrame]:
    """References to rows that are not there (E26) or were rejected themselves (E26a), as hits.

    Parameters
    ----------
    data : DataFrame
        One table, typed.
    spec : TableSpec
        Its columns say which table they refer to.
    known, rejected : mapping
        Table -> keys of its accepted and of its rejected rows, as made by `identities`.
    """
    for column in spec.columns.values():
        if column.references:
            yield _orphans_of(data, column, known[column.references], rejected[column.references])


def _orphans_of(data: pd.DataFrame, column: ColumnSpec, known: set[str], rejected: set[str]) -> pd.DataFrame:
    places, combinations = distinct_rows(data, list(dict.fromkeys(["municipality", column.name])))
    references = _references(combinations, column)
    lost = references[~references["key"].isin(known)]
    if lost.empty:
        return NO_HITS
    parts = []
    for rule, rows in (("E26", ~lost["key"].isin(rejected)), ("E26a", lost["key"].isin(rejected))):
        names = lost[rows].groupby(level=0)["name"].agg(", ".join)
        where = pd.Series(np.isin(places, names.index), index=data.index)
        others = names.reindex(places[where])
        parts.append(hits(where, rule, column.name, other=others, target=column.references))
    return together(parts)


def _references(data: pd.DataFrame, column: ColumnSpec) -> pd.DataFrame:
    """One row per reference: `name` (the id) and `key` (with its municipality), numbered as its row."""
    given = data[data[column.name].notna()]
    names = given[column.name]
    if column.name == "municipality":
        return pd.DataFrame({"name": names, "key": names})
    if column.type == "list":
        names = names.str.split("|").explode()
    names = names[~names.isin(set(column.codes.values()))]
    owners = given["municipality"].reindex(names.index)
    return pd.DataFrame({"name": names, "key": owners.str.cat(names, sep=_JOIN)})


def identities(data: pd.DataFrame, table: str) -> set[str]:
    """The keys by which other tables refer to the rows of this one: the municipality and the row's own id.

    Parameters
    ----------
    data : DataFrame
        One table, typed.
    table : str
        Its canonical name; its id is the column of that name in the singular.
    """
    if table == "municipalities":
        return set(data["municipality"].dropna())
    return set(data["municipality"].str.cat(data[table.removesuffix("s")], sep=_JOIN).dropna())
