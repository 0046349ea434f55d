"""One table through every check, in the order that lets each see only what is already sound."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.convert import Known, Typed, convert, out_of_limits
from klktools.intake.derive import fill, mark_duplicates
from klktools.intake.files import Fault, Sheet
from klktools.intake.files.sheet import Where
from klktools.intake.headings import Stack, stack
from klktools.intake.hits import NO_HITS, together
from klktools.intake.journal import Journal, journal_of
from klktools.intake.keys import distinct_rows, identities, orphans, repeated_rows
from klktools.intake.names import Ids, mend_references
from klktools.intake.personal import personal_cells, unread_numbers, without_paths
from klktools.intake.repairs import (
    cap_shares,
    drop_totals,
    net_credit_notes,
    recognise_dont_know,
    wrong_scale,
)
from klktools.intake.rules import RULES
from klktools.intake.rules.common import Limits, Tables


@dataclass(frozen=True)
class Checked:
    """One table after its checks: valid rows, what was wrong, how many rows of each municipality, faults
    of its columns, the keys of rows that were rejected, the departments that were rows of totals, and the
    municipalities of the rows that faults are about (by `Fault.where`)."""

    data: pd.DataFrame
    journal: Journal
    delivered: pd.DataFrame
    faults: list[Fault]
    rejected: set[str]
    totals: frozenset[tuple[str, str]]
    owners: Mapping[Where, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Before:
    """What is known when a table is checked: what was accepted and rejected before, limits, language, the
    departments that were rows of totals, and where the files have faults."""

    tables: Tables
    known: Mapping[str, set[str]]
    rejected: Mapping[str, set[str]]
    limits: Limits
    language: str
    totals: frozenset[tuple[str, str]] = frozenset()
    faults: frozenset[Where] = frozenset()


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
    keyed = _rows_once(sound.data, spec, before, delivered)
    repaired = together([typed.repaired, keyed.repaired])
    data, more = _obeying_rows(keyed, spec, before, delivered, repaired)
    faults += unread_numbers(piled)
    found = together([sound.found, keyed.found, more])
    return Checked(
        data=fill(mark_duplicates(data, found), spec, before.tables, before.limits),
        journal=journal_of(found, repaired, piled, typed, before.language),
        delivered=_count(typed.owners, spec.name, data.index, keyed.set_aside, _counted(found)),
        faults=faults,
        rejected=delivered - identities(data, spec.name) if delivered else set(),
        totals=keyed.totals,
        owners=_owners(piled, typed, before.faults.union(fault.where for fault in faults)),
    )


def _owners(piled: Stack, typed: Typed, faults: Collection[Where]) -> dict[Where, str]:
    """The municipalities of rows that faults are about, where they can be read."""
    found: dict[Where, str] = {}
    for number, sheet in enumerate(piled.sheets):
        rows = {row for file, name, row in faults if (file, name) == (sheet.file, sheet.sheet)}
        if rows:
            place = piled.place["row"][piled.place["sheet"].eq(number) & piled.place["row"].isin(rows)]
            owners = typed.owners.loc[place.index].astype("str")
            told = zip(place.tolist(), owners.isna(), owners, strict=True)
            found |= {(sheet.file, sheet.sheet, row): code for row, unknown, code in told if not unknown}
    return found


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
    """Rows whose cells can be read and keep the limits, and what was told of the others."""

    data: pd.DataFrame
    typed: Typed
    delivered: set[str]
    found: pd.DataFrame


def _sound_rows(piled: Stack, before: Before) -> _Sound:
    known = Known(before.tables["municipalities"], before.tables["visits"])
    data, typed = convert(piled, known)
    if piled.spec.name == "answers":
        data, typed = recognise_dont_know(data, typed)
    delivered = identities(data, piled.spec.name) if _referred_to(piled.spec.name) else set()
    off_scale, scale = wrong_scale(data, piled)
    usable = piled.usable & ~off_scale
    found = together([typed.broken, *out_of_limits(data, typed, piled)])
    found = together([found[usable[found.index.to_numpy(dtype=int)]], scale, personal_cells(piled, typed)])
    unsound = _errors(found).union(pd.Index(np.flatnonzero(~usable)))
    return _Sound(_without(data, unsound), typed, delivered, found)


class _Keyed(NamedTuple):
    """Rows with known keys, each once and none a total, and what was told of the others.

    `set_aside` are rows that are neither used nor rejected: copies, credit notes and totals. `lost`:
    there are references to rows that are not there.
    """

    data: pd.DataFrame
    found: pd.DataFrame
    repaired: pd.DataFrame
    set_aside: pd.Index
    totals: frozenset[tuple[str, str]]
    lost: bool


def _rows_once(data: pd.DataFrame, spec: TableSpec, before: Before, delivered: set[str]) -> _Keyed:
    ids = _ids(data, spec, before, delivered)
    data, cut = without_paths(data)
    data, mended, lost = mend_references(data, spec, {**before.tables, spec.name: data}, ids)
    named = data
    data, totals, doubtful = drop_totals(data, spec, before.totals)
    data, netted = net_credit_notes(data, spec)
    data, capped = cap_shares(data, spec, before.limits)
    copies, conflicts = repeated_rows(data, spec)
    data = _without(data, copies.index.union(conflicts.index))
    notes = netted.index[netted["rule"] == "E08b"]
    return _Keyed(
        data,
        together([doubtful, conflicts]),
        together([cut, mended, totals, netted, capped, copies]),
        copies.index.union(totals.index).union(notes),
        _departments(named.loc[totals.index]) if spec.name == "departments" else frozenset(),
        lost,
    )


def _departments(rows: pd.DataFrame) -> frozenset[tuple[str, str]]:
    return frozenset(rows[["municipality", "department"]].itertuples(index=False, name=None))


def _ids(data: pd.DataFrame, spec: TableSpec, before: Before, delivered: set[str]) -> tuple[Ids, Ids]:
    """The keys of accepted and of rejected rows, those of this table itself among them."""
    own = identities(data, spec.name) if delivered else set()
    return {**before.known, spec.name: own}, {**before.rejected, spec.name: delivered - own}


def _unrepaired(found: pd.DataFrame, repaired: pd.DataFrame) -> pd.DataFrame:
    """Without what is not to be said of a row that another rule has repaired (`unless` in `rules.yaml`)."""
    rules = load_contract().rules
    for rule in [name for name in found["rule"].unique() if "unless" in rules[name]]:
        excused = repaired.index[repaired["rule"] == rules[rule]["unless"]]
        found = found[~(found["rule"].eq(rule) & found.index.isin(excused))]
    return found


def _counted(found: pd.DataFrame) -> pd.Index:
    """Rows that count as warned: not those that are right themselves (`about` in `rules.yaml`)."""
    rules = load_contract().rules
    sound = [name for name in found["rule"].unique() if "about" in rules[name]]
    return found.index[~found["rule"].isin(sound)]


def _obeying_rows(
    keyed: _Keyed, spec: TableSpec, before: Before, delivered: set[str], repaired: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows whose references hold and that break no rule, with the hits."""
    data, lost, own = keyed.data, NO_HITS, any(c.references == spec.name for c in spec.columns.values())
    if keyed.lost or own:
        data, lost = _drop_orphans(data, spec, before, delivered)
    broken = [rule(data, before.tables, before.limits) for rule in RULES.get(spec.name, ())]
    found = _unrepaired(together([lost, *broken]), repaired)
    wrong = _errors(found)
    data = _without(data, wrong)
    if own and len(wrong):
        data, lost_since = _drop_orphans(data, spec, before, delivered)
        found = together([found, lost_since])
    return data, found


def _drop_orphans(
    data: pd.DataFrame, spec: TableSpec, before: Before, delivered: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rejecting a row can orphan another row of the same table, so until no row is one."""
    found: list[pd.DataFrame] = []
    while True:
        found.append(together(orphans(data, spec, *_ids(data, spec, before, delivered))))
        if found[-1].empty:
            return data, together(found)
        data = _without(data, found[-1].index)


def _count(
    municipality: pd.Series, table: str, kept: pd.Index, set_aside: pd.Index, told: pd.Index
) -> pd.DataFrame:
    """Rows of each municipality; those set aside are delivered but neither accepted nor rejected."""
    places, owners = distinct_rows(municipality.to_frame(), ["municipality"])
    accepted, aside, warned = (_marked(rows, len(places)) for rows in (kept, set_aside, told))
    flags = {
        "rows_delivered": np.ones(len(places), dtype=bool),
        "rows_accepted": accepted,
        "rows_rejected": ~accepted & ~aside,
        "rows_warned": accepted & warned,
    }
    counts = {name: np.bincount(places[rows], minlength=len(owners)) for name, rows in flags.items()}
    table_of_owners = owners.fillna("").assign(table=table, **counts)
    return table_of_owners.sort_values("municipality", ignore_index=True)


def _marked(rows: pd.Index, length: int) -> np.ndarray:
    marks = np.zeros(length, dtype=bool)
    marks[rows.to_numpy(dtype=int)] = True
    return marks
