"""Rules about keys: every row once (E13), and every reference points at a row that is there (E26)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from klktools.contract import ColumnSpec, TableSpec
from klktools.intake.hits import NO_HITS, hits, together

_JOIN = "\x1f"


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
    several = data[data.duplicated(key, keep=False)]
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
    references = _references(data, column)
    lost = references[~references["key"].isin(known)]
    if lost.empty:
        return NO_HITS
    parts = []
    for rule, rows in (("E26", ~lost["key"].isin(rejected)), ("E26a", lost["key"].isin(rejected))):
        names = lost[rows].groupby(level=0)["name"].agg(", ".join)
        where = pd.Series(True, index=names.index)
        parts.append(hits(where, rule, column.name, other=names, target=column.references))
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
