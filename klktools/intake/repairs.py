"""Repairs that need more than one cell: "don't know" in a score (E18), a wrong scale (E36), credit notes
(E08), shares just above one (E07) and rows of totals (E15).

Each takes a table and returns it with what was repaired, as hits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, fold, load_contract
from klktools.intake.convert import Typed
from klktools.intake.headings import Stack
from klktools.intake.hits import NO_HITS, hits, together
from klktools.intake.keys import number_rows
from klktools.intake.rules.common import Limits

_SCORED = ("answers", "ratings")  # tables whose score is on the scale 0-4
_OFF_THE_SCALE = 5
_COUNTS = ["through", "eligible", "as_intended"]
# where a row of totals can be told by its numbers: what is summed, and over the departments of what
_SUMS = {
    "usage": (["through", "eligible"], ["municipality", "solution", "month"]),
    "staffing": (["headcount"], ["municipality", "year"]),
    "users": (["users"], ["municipality", "solution"]),
}


def recognise_dont_know(data: pd.DataFrame, typed: Typed) -> tuple[pd.DataFrame, Typed]:
    """E18: "ved ikke", "?", 9, 99 ... in the score of an answer without a value is the status "don't know".

    A 0 is a score, unless the status itself says "don't know".
    """
    cells = typed.cells.get("score")
    if cells is None or "status" not in data:
        return data, typed
    words = {fold(word) for word in load_contract().words["dont_know"]}
    said = cells.mark(np.array([fold(text) in words for text in cells.texts], dtype=bool))
    zero = cells.mark(cells.texts == "0")
    status = data["status"]
    unsaid = status.isna() & ~_broken(typed, "status", len(data))
    open_ = (status.isin(["answered", "dont_know"]) | unsaid) & data["value"].isna()
    rows = (said & open_.to_numpy()) | (zero & status.eq("dont_know").to_numpy())
    if not rows.any():
        return data, typed
    changed = rows & status.ne("dont_know").to_numpy(na_value=True)
    repaired = [hits(rows, "E18", "score", new=""), hits(changed, "E18", "status", new="dont_know")]
    read = typed.broken[
        ~(typed.broken["column"].eq("score") & np.isin(typed.broken.index, np.flatnonzero(rows)))
    ]
    data = data.assign(score=data["score"].mask(rows), status=status.mask(changed, "dont_know"))
    return data, replace(typed, broken=read, repaired=together([typed.repaired, *repaired]))


def _broken(typed: Typed, column: str, length: int) -> np.ndarray:
    marks = np.zeros(length, dtype=bool)
    marks[typed.broken.index[typed.broken["column"] == column].to_numpy(dtype=int)] = True
    return marks


def wrong_scale(data: pd.DataFrame, stack: Stack) -> tuple[np.ndarray, pd.DataFrame]:
    """E36: a file with a score of 5 is on the scale 1-5, so that none of its scores can be trusted.

    Returns
    -------
    rows : ndarray of bool
        All rows of such a file.
    found : hits
        One for each municipality in it: its first 5, or its first row.
    """
    rows = np.zeros(len(data), dtype=bool)
    if stack.spec.name not in _SCORED:
        return rows, NO_HITS
    fives = data["score"].eq(_OFF_THE_SCALE).to_numpy(dtype=bool, na_value=False)
    if not fives.any():
        return rows, NO_HITS
    sheet = stack.place["sheet"]
    rows = sheet.isin(sheet[fives]).to_numpy()
    places = pd.DataFrame({"sheet": sheet, "municipality": data["municipality"], "five": fives})[rows]
    first = places.sort_values("five", ascending=False, kind="stable").drop_duplicates(
        ["sheet", "municipality"]
    )
    return rows, hits(np.isin(np.arange(len(rows)), first.index), "E36", "score")


def cap_shares(data: pd.DataFrame, spec: TableSpec, limits: Limits) -> tuple[pd.DataFrame, pd.DataFrame]:
    """E07: a share above 100 per cent by no more than `share_over_limit` becomes 100 per cent, and is logged.

    Returns
    -------
    data : DataFrame
        With `through`, and `as_intended` where it was no larger than `through`, lowered to `eligible`.
    repaired : hits
    """
    if spec.name != "usage":
        return data, NO_HITS
    through, eligible, intended = data["through"], data["eligible"], data["as_intended"]
    over = ((through > eligible) & (through <= limits["share_over_limit"] * eligible)).fillna(False)
    if not over.any():
        return data, NO_HITS
    both = over & ((intended <= through) & (intended > eligible)).fillna(False)
    repaired = [
        hits(rows, "E07a", column, new=eligible[rows].astype("str"))
        for column, rows in (("through", over), ("as_intended", both))
    ]
    capped = data.assign(through=through.mask(over, eligible), as_intended=intended.mask(both, eligible))
    return capped, together(repaired)


def net_credit_notes(data: pd.DataFrame, spec: TableSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """E08: a row of negative counts beside the row of the same key is a credit note and is netted.

    Only where one row of the key has no negative count, all others have no positive one, all know the same
    counts, and nothing becomes negative.

    Returns
    -------
    data : DataFrame
        The one row with what is left, without the others.
    repaired : hits
        E08a for every count that became smaller, E08b for every credit note.
    """
    if spec.name != "usage" or not data["through"].lt(0).any():
        return data, NO_HITS
    key = pd.Series(number_rows(data, spec.key), index=data.index)
    several = data[key.duplicated(keep=False)]
    counts, of = several[_COUNTS].astype(float), key[several.index]
    known = counts.notna()
    sums = counts.groupby(of).transform("sum").where(known)
    main = ~counts.lt(0).any(axis=1)
    note = counts["through"].lt(0) & ~counts.gt(0).any(axis=1)
    alike = known.eq(known.groupby(of).transform("first")).all(axis=1)
    sound = (main | note) & alike & ~sums.lt(0).any(axis=1)
    fits = sound.groupby(of).transform("all") & main.groupby(of).transform("sum").eq(1)
    kept, notes = several.index[fits & main], several.index[fits & note]
    net = data.copy()
    repaired = [hits(pd.Series(data.index.isin(notes), index=data.index), "E08b", "through", new="")]
    for column in _COUNTS:
        changed = data.index.isin(kept) & data[column].ne(sums[column].reindex(data.index)).fillna(False)
        left = sums[column].reindex(data.index)[changed].astype("Int64")
        net.loc[changed, column] = left
        repaired.append(hits(pd.Series(changed, index=data.index), "E08a", column, new=left.astype("str")))
    return net.drop(index=notes), together(repaired)


def is_total(names: pd.Series) -> pd.Series:
    """Which texts are what a row of totals calls its department ("I alt", "Hele kommunen" ...)."""
    totals = {fold(word) for word in load_contract().words["totals"]}
    distinct = {text for text in names.dropna().unique() if fold(text.strip(" :.")) in totals}
    return names.isin(distinct)


def drop_totals(
    data: pd.DataFrame, spec: TableSpec, dropped: frozenset[tuple[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """E15: rows of totals among the departments are dropped, and no list of departments has them.

    Parameters
    ----------
    data : DataFrame
        One table, typed.
    spec : TableSpec
    dropped : set of (municipality, department)
        Rows of totals among the departments themselves, dropped before.

    Returns
    -------
    data : DataFrame
    repaired : hits
        E15.
    doubtful : hits
        E15a: called a total, but its numbers are not the sum of the departments'.
    """
    if spec.name == "departments":
        total = is_total(data["name"])
        return data[~total], hits(total, "E15", "name", new=""), NO_HITS
    if spec.name not in _SUMS:
        return *_out_of_lists(data, spec, dropped), NO_HITS
    total = is_total(data["department"])
    if dropped:
        pairs = pd.MultiIndex.from_frame(data[["municipality", "department"]].astype("str"))
        total |= pairs.isin(list(dropped))
    if not total.any():
        return data, NO_HITS, NO_HITS
    sums = total & _is_the_sum(data, total, *_SUMS[spec.name])
    doubtful = hits(total & ~sums, "E15a", "department")
    return data[~total], hits(sums, "E15", "department", new=""), doubtful


def _out_of_lists(
    data: pd.DataFrame, spec: TableSpec, dropped: frozenset[tuple[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lists of departments without the totals among them."""
    repaired = []
    for column in spec.columns.values() if dropped else ():
        if column.type == "list" and column.references == "departments":
            pairs = zip(data["municipality"], data[column.name].fillna(""), strict=True)
            left = ["|".join(d for d in text.split("|") if (code, d) not in dropped) for code, text in pairs]
            new = pd.Series(left, index=data.index, dtype=column.dtype)
            changed = new.ne(data[column.name].fillna("")) & new.ne("")
            repaired.append(hits(changed, "E15", column.name, new=new[changed].to_numpy()))
            data = data.assign(**{column.name: data[column.name].mask(changed, new)})
    return data, together(repaired)


def _is_the_sum(data: pd.DataFrame, total: pd.Series, measures: list[str], over: list[str]) -> pd.Series:
    """Whether a row's numbers are those of the other rows together, of which there are at least two."""
    of = pd.Series(number_rows(data, over), index=data.index)
    single = data[~total].drop_duplicates()  # a month that was delivered twice is summed once
    parts = single[measures].astype(float).groupby(of[single.index])
    sums, n_parts = parts.sum().reindex(of).set_axis(of.index), parts.size().reindex(of).set_axis(of.index)
    own = data[measures].astype(float)
    equal = own.eq(sums) | (own.isna() & sums.fillna(0).eq(0))
    return equal.all(axis=1) & n_parts.ge(2)
