"""One table through every check, in the order that lets each see only what is already sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.convert import Typed, convert, out_of_limits
from klktools.intake.derive import cap_shares, fill
from klktools.intake.files import Fault, Sheet
from klktools.intake.headings import Stack, stack
from klktools.intake.hits import together
from klktools.intake.journal import Journal, journal_of
from klktools.intake.keys import distinct_rows, identities, orphans, repeated_rows
from klktools.intake.rules import RULES, Limits, Tables


@dataclass(frozen=True)
class Checked:
    """One table after its checks: valid rows, what was wrong, how many rows of each municipality, faults
    of its columns, and the keys of rows that were rejected."""

    data: pd.DataFrame
    journal: Journal
    delivered: pd.DataFrame
    faults: list[Fault]
    rejected: set[str]


@dataclass(frozen=True)
class Before:
    """What is known when a table is checked: what was accepted and rejected before, limits, language."""

    tables: Tables
    known: Mapping[str, set[str]]
    rejected: Mapping[str, set[str]]
    limits: Limits
    language: str


def check_table(sheets: Sequence[Sheet], spec: TableSpec, before: Before) -> Checked:
    """Read, convert and check one table.

    Parameters
    ----------
    sheets : sequence of Sheet
        Every sheet of the table, at least one.
    spec : TableSpec
    before : Before
        Tables it refers to must have been checked.
    """
    piled, faults = stack(sheets, spec)
    sound = _sound_rows(piled, before)
    typed, delivered = sound.typed, sound.delivered
    data, more = _obeying_rows(sound.data, spec, before, delivered)
    found, repaired = together([sound.found, more]), together([typed.repaired, sound.repaired])
    return Checked(
        data=fill(data, spec, before.tables, before.limits),
        journal=journal_of(found, repaired, piled, typed, before.language),
        delivered=_count(typed.owners, spec.name, data.index, sound.copies, found),
        faults=faults,
        rejected=delivered - identities(data, spec.name) if delivered else set(),
    )


def _referred_to(table: str) -> bool:
    tables = load_contract().tables.values()
    return any(column.references == table for spec in tables for column in spec.columns.values())


def _errors(found: pd.DataFrame) -> pd.Index:
    """Rows that a hit of severity error rejects."""
    if found.empty:
        return found.index
    rules = load_contract().rules
    return found.index[found["rule"].map(lambda rule: rules[rule]["severity"] == "error").astype(bool)]


def _without(data: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    """The other rows; `data` is taken apart, so that a large table never stands in memory twice."""
    if not len(rows):
        return data
    kept = np.flatnonzero(~data.index.isin(rows))
    index = data.index.take(kept)
    columns = {name: data.pop(name).array.take(kept) for name in data.columns.to_list()}
    return pd.DataFrame(columns, index=index, copy=False)


class _Sound(NamedTuple):
    """Rows whose cells can be read and keep the limits, each key once, and what was told of the others."""

    data: pd.DataFrame
    typed: Typed
    delivered: set[str]
    found: pd.DataFrame
    repaired: pd.DataFrame
    copies: pd.Index


def _sound_rows(piled: Stack, before: Before) -> _Sound:
    data, typed = convert(piled)
    delivered = identities(data, piled.spec.name) if _referred_to(piled.spec.name) else set()
    usable = np.array([heading.usable for heading in piled.headings])[piled.place["sheet"].to_numpy()]
    found = together([typed.broken, *out_of_limits(data, typed, piled)])
    found = found[usable[found.index.to_numpy(dtype=int)]]
    unsound = _errors(found).union(pd.Index(np.flatnonzero(~usable)))
    data, capped = cap_shares(_without(data, unsound), piled.spec, before.limits)
    copies, conflicts = repeated_rows(data, piled.spec)
    data = _without(data, copies.index.union(conflicts.index))
    found, repaired = together([found, conflicts]), together([capped, copies])
    return _Sound(data, typed, delivered, found, repaired, copies.index)


def _obeying_rows(
    data: pd.DataFrame, spec: TableSpec, before: Before, delivered: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows whose references hold and that break no rule, with the hits."""
    data, lost = _drop_orphans(data, spec, before, delivered)
    broken = [rule(data, before.tables, before.limits) for rule in RULES.get(spec.name, ())]
    found = together([lost, *broken])
    data, lost_since = _drop_orphans(_without(data, _errors(found)), spec, before, delivered)
    return data, together([found, lost_since])


def _drop_orphans(
    data: pd.DataFrame, spec: TableSpec, before: Before, delivered: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rejecting a row can orphan another row of the same table, so until no row is one."""
    found: list[pd.DataFrame] = []
    while True:
        own = identities(data, spec.name) if delivered else set()
        known = {**before.known, spec.name: own}
        rejected = {**before.rejected, spec.name: delivered - own}
        found.append(together(orphans(data, spec, known, rejected)))
        if found[-1].empty:
            return data, together(found)
        data = _without(data, found[-1].index)


def _count(
    municipality: pd.Series, table: str, kept: pd.Index, copies: pd.Index, found: pd.DataFrame
) -> pd.DataFrame:
    """Rows of each municipality; identical copies are delivered but neither accepted nor rejected."""
    places, owners = distinct_rows(municipality.to_frame(), ["municipality"])
    accepted, copied, warned = (_marked(rows, len(places)) for rows in (kept, copies, found.index))
    flags = {
        "rows_delivered": np.ones(len(places), dtype=bool),
        "rows_accepted": accepted,
        "rows_rejected": ~accepted & ~copied,
        "rows_warned": accepted & warned,
    }
    counts = {name: np.bincount(places[rows], minlength=len(owners)) for name, rows in flags.items()}
    table_of_owners = owners.fillna("").assign(table=table, **counts)
    return table_of_owners.sort_values("municipality", ignore_index=True)


def _marked(rows: pd.Index, length: int) -> np.ndarray:
    marks = np.zeros(length, dtype=bool)
    marks[rows.to_numpy(dtype=int)] = True
    return marks
