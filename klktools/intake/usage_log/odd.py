"""Rows of a text that are no events: with more fields than the heading, or without fields that an event must
have (F07), headings once more (E16a) and notes under the table (E16b); and blank lines, which DuckDB does not
count.

What was seen of a text before says whether it may have any; only then is it read again, a row at a time.
"""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from klktools.contract import TableSpec
from klktools.intake.files import Fault, LogFile
from klktools.intake.files.shape import Where, is_note, note, recognised, second_heading
from klktools.intake.usage_log.lists import distinct_texts
from klktools.intake.usage_log.rows import plain
from klktools.intake.usage_log.sources import Source, quoted, relation
from klktools.intake.usage_log.workspace import Workspace

_UNEVEN = "SELECT sheet FROM texts WHERE about = 'sheet' AND uneven"
_OWNERS = "SELECT text, municipality FROM owners"
_TOLD = 20  # rows of one rule and municipality in one file; the others are counted
_Row = tuple[int, list[str]]
_About = tuple[str, str]  # rule and municipality


@dataclass
class _Odd:
    """What was found in one text: blank lines, the first rows of each rule and municipality, how many there
    are, the first that is only counted, and the rows that are left out here (DuckDB sees itself which have
    too many fields)."""

    blank: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[_About] = field(default_factory=Counter)
    beyond: dict[_About, Fault] = field(default_factory=dict)
    refused: array[int] = field(default_factory=lambda: array("q"))

    def add(self, fault: Fault, owner: str = "") -> None:
        about = fault.rule, owner
        self.counts[about] += 1
        if self.counts[about] <= _TOLD:
            self.faults.append(fault)
        self.beyond |= {about: fault} if self.counts[about] == _TOLD + 1 else {}
        if fault.rule != "F07" or int(fault.value) < int(fault.other):
            self.refused.append(fault.row)

    def told(self) -> list[Fault]:
        """The first rows, and F16 for the others of a rule and municipality at the first of them."""
        rest = {about: str(self.counts[about] - _TOLD) for about in self.beyond}
        return self.faults + [
            replace(first, rule="F16", value=rest[about], other=about[0])
            for about, first in self.beyond.items()
        ]


def set_apart(
    space: Workspace, sources: Sequence[Source], spec: TableSpec
) -> tuple[list[Source], list[Fault]]:
    """The sources without the rows that are no events, the others numbered as Excel shows them.

    Parameters
    ----------
    space : Workspace
        With `texts` and `owners`.
    sources : sequence of Source
    spec : TableSpec

    Returns
    -------
    sources : list of Source
    faults : list of Fault
        F07, E16a and E16b of the first rows of each file and municipality, and F16 of a rule with more of
        them.
    """
    uneven = {sheet for (sheet,) in space.rows(_UNEVEN)}
    headings = {text for text in distinct_texts(space, "event_type") if recognised([text], spec)}
    if headings:
        _forget_persons(space, sources, spec, headings)
    kept, faults = [], []
    for number, source in enumerate(sources):
        sheet = source.sheet
        if isinstance(sheet, LogFile) and source.cells and (headings or number in uneven or sheet.is_odd):
            odd = _find(source, sheet, _Shape(source, spec, headings), dict(space.rows(_OWNERS)))
            faults += odd.told()
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


class _Shape:
    """What the rows of one text must be like."""

    def __init__(self, source: Source, spec: TableSpec, headings: set[str]) -> None:
        self.where = Where(source.sheet.file, "", spec)
        self.width, self.fewest = len(source.sheet.header), source.heading.fewest(spec)
        self.headings, self.places = headings, source.heading.places

    def fault(self, number: int, record: list[str]) -> Fault | None:
        """What is wrong with the shape of a row."""
        length = len(record)
        if any(record[self.width :]) or length < self.fewest:
            place = min(length, self.width)
            return self.where.fault("F07", number, place, value=str(length), other=str(self.width))
        if self.headings and self._is_heading(record):
            return second_heading(number, record, self.where)
        return None

    def cell(self, record: list[str], name: str) -> str:
        """A cell of a row by the column's name, "" when the row or the text does not have it."""
        place = self.places.get(name, len(record))
        return record[place].strip() if place < len(record) else ""

    def _is_heading(self, record: list[str]) -> bool:
        return self.cell(record, "event_type") in self.headings and recognised(record, self.where.spec) > 1


def _find(source: Source, sheet: LogFile, shape: _Shape, owners: Mapping[str, str]) -> _Odd:
    """Look at every row; what may be a note is one when nothing but headings follows it."""
    odd, notes = _Odd(), list[tuple[_Row, Fault | None]]()
    for number, record in _records(source.path, sheet):
        if not record:
            odd.blank.append(number)
            continue
        fault = shape.fault(number, record)
        if is_note(record, shape.where.spec):
            notes += [((number, record), fault)] if any(record) else []
            continue
        owner = owners.get(shape.cell(record, "municipality"), "")
        _settle(odd, notes, shape, ended=fault is not None and fault.rule == "E16a")
        if fault:
            odd.add(fault, owner)
    _settle(odd, notes, shape, ended=True)
    return odd


def _settle(odd: _Odd, notes: list[tuple[_Row, Fault | None]], shape: _Shape, *, ended: bool) -> None:
    """Tell of rows that may be notes, now that it is known whether their table has ended."""
    for row, fault in notes:
        if ended:
            odd.add(note(*row, shape.where))
        elif fault:
            odd.add(fault)
    notes.clear()


def _records(path: Path, sheet: LogFile) -> Iterator[_Row]:
    """The rows of a text, blank lines too, with their numbers as Excel shows them."""
    with path.open(encoding="utf-8", errors="replace", newline="") as text, suppress(csv.Error):
        rows = csv.reader(islice(text, sheet.above, None), delimiter=sheet.separator)
        yield from enumerate(rows, start=sheet.first)


def _without(space: Workspace, number: int, source: Source, odd: _Odd) -> Source:
    """The source with its rows numbered anew, and without those that are no events."""
    # DuckDB's number of the row before each run of blank lines, and how many there were by then
    above = [row - n for n, row in enumerate(odd.blank, start=1)]
    lines = pd.DataFrame({"above": above, "blank": range(1, len(above) + 1)}, dtype="int64")
    space.put(f"blank_{number}", lines.drop_duplicates("above", keep="last"))
    space.put(f"odd_{number}", pd.DataFrame({"row": np.array(odd.refused, dtype="int64")}))
    ordered = f"""(
        SELECT given.* EXCLUDE (row), given.row + coalesce(lines.blank, 0) AS row
        FROM {source.ordered} AS given ASOF LEFT JOIN blank_{number} AS lines ON given.row > lines.above)"""
    return replace(source, ordered=ordered, refused=f"row IN (FROM odd_{number})")
