"""Rows of a text that are no events: with more fields than the heading (F07), headings once more (E16a) and
notes under the table (E16b); and blank lines, which DuckDB does not count.

What was seen of a text before says whether it may have any; only then is it read again, a row at a time.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from klktools.contract import TableSpec
from klktools.intake.files import Fault, LogFile
from klktools.intake.files.shape import Where, is_note, note, recognised, second_heading
from klktools.intake.usage_log.lists import distinct_texts
from klktools.intake.usage_log.rows import plain
from klktools.intake.usage_log.sources import Source, quoted, relation
from klktools.intake.usage_log.workspace import Workspace

_RAGGED = "SELECT sheet FROM texts WHERE about = 'sheet' AND ragged"
_TOLD = 20  # rows of one rule in one file; the others are counted
_Row = tuple[int, list[str]]


@dataclass
class _Odd:
    """What was found in one text: blank lines, the first rows of each rule, how many rows break each rule,
    and those that are left out here (DuckDB sees itself which have too many fields)."""

    blank: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[int] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.counts[fault.rule] += 1
        if self.counts[fault.rule] <= _TOLD:
            self.faults.append(fault)
        if fault.rule != "F07":
            self.refused.append(fault.row)


def set_apart(
    space: Workspace, sources: Sequence[Source], spec: TableSpec
) -> tuple[list[Source], list[Fault]]:
    """The sources without the rows that are no events, the others numbered as Excel shows them.

    Parameters
    ----------
    space : Workspace
        With `texts`.
    sources : sequence of Source
    spec : TableSpec

    Returns
    -------
    sources : list of Source
    faults : list of Fault
        F07, E16a and E16b of the first rows of each file, and F16 of a rule with more of them.
    """
    ragged = {sheet for (sheet,) in space.rows(_RAGGED)}
    headings = {text for text in distinct_texts(space, "event_type") if recognised([text], spec)}
    if headings:
        _forget_persons(space, sources, spec, headings)
    kept, faults = [], []
    for number, source in enumerate(sources):
        sheet = source.sheet
        if isinstance(sheet, LogFile) and source.cells and (headings or number in ragged or sheet.is_odd):
            where = Where(sheet.file, "", spec)
            odd = _find(source, sheet, where, headings)
            faults += _told(odd, where)
            source = _without(space, number, source, odd)
        kept.append(source)
    return kept, faults


def _forget_persons(space: Workspace, sources: Sequence[Source], spec: TableSpec, headings: set[str]) -> None:
    """The heading of the users is no person (E30)."""
    names = ", ".join(map(quoted, sorted(headings)))
    person = f"NOT ragged AND coalesce(event_type, '') NOT IN ({names})"
    rows = plain(relation(sources, spec, ordered=False), spec)
    space.run(f"""
        UPDATE texts SET personal = found.personal FROM (
            SELECT sheet, coalesce(bool_or(personal) FILTER ({person}), false) AS personal
            FROM ({rows}) GROUP BY sheet) AS found
        WHERE about = 'sheet' AND texts.sheet = found.sheet""")


def _find(source: Source, sheet: LogFile, where: Where, headings: set[str]) -> _Odd:
    odd, notes = _Odd(), list[_Row]()
    width, place = len(sheet.header), source.heading.places.get("event_type", -1)
    for number, record in _records(source.path, sheet):
        if not record:
            odd.blank.append(number)
        elif any(record[width:]):
            odd.add(where.fault("F07", number, width, value=str(len(record)), other=str(width)))
        elif headings and _is_heading(record, place, headings) and recognised(record, where.spec) > 1:
            odd.add(second_heading(number, record, where))
        if not is_note(record, where.spec):
            notes.clear()
        elif any(record):
            notes.append((number, record))
    for number, record in notes:
        odd.add(note(number, record, where))
    return odd


def _is_heading(record: list[str], place: int, headings: set[str]) -> bool:
    return 0 <= place < len(record) and record[place].strip() in headings


def _records(path: Path, sheet: LogFile) -> Iterator[_Row]:
    """The rows of a text, blank lines too, with their numbers as Excel shows them."""
    with path.open(encoding="utf-8", errors="replace", newline="") as text, suppress(csv.Error):
        rows = csv.reader(islice(text, sheet.above, None), delimiter=sheet.separator)
        yield from enumerate(rows, start=sheet.first)


def _told(odd: _Odd, where: Where) -> list[Fault]:
    more = {rule: n - _TOLD for rule, n in odd.counts.items() if n > _TOLD}
    return odd.faults + [where.fault("F16", value=str(n), other=rule) for rule, n in more.items()]


def _without(space: Workspace, number: int, source: Source, odd: _Odd) -> Source:
    """The source with its rows numbered anew, and without those that are no events."""
    # DuckDB's number of the row before each run of blank lines, and how many there were by then
    above = [row - n for n, row in enumerate(odd.blank, start=1)]
    lines = pd.DataFrame({"above": above, "blank": range(1, len(above) + 1)}, dtype="int64")
    space.put(f"blank_{number}", lines.drop_duplicates("above", keep="last"))
    space.put(f"odd_{number}", pd.DataFrame({"row": odd.refused}, dtype="int64"))
    ordered = f"""(
        SELECT given.* EXCLUDE (row), given.row + coalesce(lines.blank, 0) AS row
        FROM {source.ordered} AS given ASOF LEFT JOIN blank_{number} AS lines ON given.row > lines.above)"""
    return replace(source, ordered=ordered, refused=f"row IN (FROM odd_{number})")
