"""A log from its files to `logged_usage`, with what was wrong in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb
import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.files import Fault, LogFile, Sheet
from klktools.intake.files.shape import CUT_AT
from klktools.intake.files.sheet import Where
from klktools.intake.headings import stack
from klktools.intake.journal import no_journal
from klktools.intake.personal import unread_numbers
from klktools.intake.tables import Before, Checked
from klktools.intake.usage_log import no_usage
from klktools.intake.usage_log.clock import clock_table
from klktools.intake.usage_log.events import count_rows, count_usage, find_repeats, keep_events, no_rows
from klktools.intake.usage_log.hits import About, journal
from klktools.intake.usage_log.lists import make_lists, read_texts
from klktools.intake.usage_log.numbers import find_numbers
from klktools.intake.usage_log.numbers import unread_numbers as numbers_unread
from klktools.intake.usage_log.odd import set_apart
from klktools.intake.usage_log.rows import judged, plain
from klktools.intake.usage_log.sources import Source, open_sources, relation, sound_sources
from klktools.intake.usage_log.workspace import Workspace, workspace

_STEPS = 4
_ENGLISH, _UNKNOWN = -1, 0


def check_log(sheets: Sequence[Sheet], spec: TableSpec, before: Before) -> Checked:
    """Read, check and count a log of any size.

    Parameters
    ----------
    sheets : sequence of Sheet
        Every file and sheet of the log, at least one.
    spec : TableSpec
        The log's.
    before : Before
        Tables it refers to must have been checked.

    Returns
    -------
    Checked
        `data` is `logged_usage`; problems and corrections are one row a value, with the first place and how
        many there are.
    """
    piled, faults = stack(sheets, spec)
    faults += unread_numbers(piled)
    with workspace(load_contract().rules["show"]["log"][before.language], _STEPS) as space:
        space.put("clock", clock_table())
        sources, damaged = _read(space, open_sources(space, sheets, piled.headings), spec)
        if not sources:
            return Checked(no_usage(), no_journal(), no_rows(), [*faults, *damaged], set(), frozenset())
        make_lists(space, spec, before)
        sources, odd = set_apart(space, sources, spec)
        cut = _cut(space, sources)
        space.put("sheets", _sheets(space, sources, cut))
        rows = relation(sources, spec, ordered=False)
        numbers = find_numbers(space, rows, spec)
        keep_events(space, judged(rows, spec, numbers))
        find_repeats(space)
        told = [*faults, *damaged, *odd, *cut.values(), *numbers_unread(space, sources)]
        return Checked(
            data=count_usage(space),
            journal=journal(space, sources, About(spec, numbers, before.language)),
            delivered=count_rows(space, spec.name),
            faults=told,
            rejected=set(),
            totals=frozenset(),
            owners=_owners(space, sources, spec, before.faults.union(fault.where for fault in told)),
        )


def _read(space: Workspace, sources: list[Source], spec: TableSpec) -> tuple[list[Source], list[Fault]]:
    """Read every source once; where one cannot be, which can."""
    try:
        read_texts(space, plain(relation(sources, spec, ordered=False), spec))
        return sources, []
    except duckdb.Error:
        sound, faults = sound_sources(space, sources)
        if sound:
            read_texts(space, plain(relation(sound, spec, ordered=False), spec))
        return sound, faults


def _owners(
    space: Workspace, sources: Sequence[Source], spec: TableSpec, faults: Collection[Where]
) -> dict[Where, str]:
    """The municipalities of rows that faults are about, where they can be read; the log is read again."""
    sheets = [(source.sheet.file, source.sheet.sheet) for source in sources]
    rows = [(sheets.index((file, name)), row) for file, name, row in faults if row and (file, name) in sheets]
    if not rows:
        return {}
    space.put("told", pd.DataFrame(rows, columns=["sheet", "row"], dtype="int64"))
    found = space.rows(f"""
        SELECT sheet, row, owners.municipality FROM ({relation(sources, spec, ordered=True)}) AS given
        SEMI JOIN told USING (sheet, row) JOIN owners ON owners.text = given.municipality""")
    return {(*sheets[sheet], row): municipality for sheet, row, municipality in found}


def _cut(space: Workspace, sources: Sequence[Source]) -> dict[int, Fault]:
    """The files that end where a sheet of Excel does (E38); those of workbooks are told already."""
    faults = {}
    for number, rows in space.rows("SELECT sheet, rows FROM texts WHERE about = 'sheet'"):
        sheet = sources[number].sheet
        if isinstance(sheet, LogFile) and sheet.first - 1 + rows in CUT_AT:
            last = str(sheet.first - 1 + rows)
            faults[number] = Fault("E38", sheet.file, sheet.sheet, sheet.table, value=last)
    return faults


def _sheets(space: Workspace, sources: Sequence[Source], cut: Collection[int]) -> pd.DataFrame:
    """Of each sheet whether its rows can be used, and how its amounts are written (E05)."""
    usable = [source.heading.usable and number not in cut for number, source in enumerate(sources)]
    found = space.rows("SELECT sheet, personal, vote FROM texts WHERE about = 'sheet'")
    by_sheet = {sheet: rest for sheet, *rest in found}
    told = [by_sheet.get(n, (False, 0)) for n in range(len(sources))]
    personal, votes = zip(*told, strict=True)
    votes = np.sign(np.array(votes, dtype=float)).astype(int)
    commas = np.array([source.sheet.separator == "," for source in sources])
    return pd.DataFrame(
        {
            "sheet": range(len(sources)),
            "usable": usable & ~np.array(personal),
            "personal": personal,
            "notation": np.where(votes == 0, np.where(commas, _ENGLISH, _UNKNOWN), votes),
            "unit": [source.heading.units.get("amount", 1.0) for source in sources],
        }
    )
