"""A grid of cells → heading and rows: where the table begins and ends, and what does not belong to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from klktools.contract import load_contract
from klktools.contract.spec import TableSpec
from klktools.intake.files.characters import is_mojibake, without_controls, without_mojibake
from klktools.intake.files.limits import Limits, within
from klktools.intake.files.sheet import Fault, Sheet

SEPARATORS = ";,\t|"
CUT_AT = (1_048_576, 65_536)  # rows of a sheet of Excel today, and until 2003
TOP = 20  # the heading is looked for in so many rows
_NO_HEADING = ("", 1.0)
_NOTE_CELLS = 2  # a row with so few cells under the table is a note, when the table needs more


@dataclass(frozen=True)
class Where:
    """The file, sheet and table a grid is from."""

    file: str
    sheet: str
    spec: TableSpec
    separator: str = ""
    date1904: bool = False

    def fault(self, rule: str, row: int = 1, place: int = -1, **more: Any) -> Fault:
        """A fault of this sheet, with its cell."""
        return Fault(rule, self.file, self.sheet, self.spec.name, row=row, place=place, **more)


def is_missing(cell: Any) -> bool:
    """Whether a cell is empty."""
    return cell is None or cell == "" or cell != cell


def recognised(cells: Iterable[Any], spec: TableSpec) -> int:
    """How many of the cells are headings of the table."""
    return sum(bool(column) for column, _ in _meanings(cells, spec))


def _meanings(cells: Iterable[Any], spec: TableSpec) -> list[tuple[str, float]]:
    """The column that each cell is the heading of, and its unit."""
    texts = (cell.strip() if isinstance(cell, str) else "" for cell in cells)
    return [recognise(text, spec.name) if text[:1].isalpha() else _NO_HEADING for text in texts]


@lru_cache(maxsize=8192)
def recognise(text: str, table: str) -> tuple[str, float]:
    """The column of a table that a text is the heading of ("" for none), and what its unit stands for."""
    columns = load_contract().tables[table].columns.items()
    found = ((name, column.unit_of(text)) for name, column in columns)
    return next(((name, unit) for name, unit in found if unit is not None), _NO_HEADING)


def heading_row(top: Sequence[Sequence[Any]], spec: TableSpec) -> int:
    """The number, from 0, of the row with most headings; the first with any cell when none has one."""
    most, best = 0, -1
    for number, row in enumerate(top[:TOP]):
        found = recognised(row, spec)
        if found > most:
            most, best = found, number
        if found > len(row) / 2:  # no other row can be more of a heading
            return best
    if most:
        return best
    return next((n for n, row in enumerate(top) if not all(is_missing(cell) for cell in row)), 0)


def read_grid(
    grid: pd.DataFrame, where: Where, limits: Limits, found: Sequence[Fault] = ()
) -> Iterator[Sheet | Fault]:
    """The sheet that a grid is, after what was wrong with it.

    Parameters
    ----------
    grid : DataFrame
        Cells as delivered, missing where empty; its index are the row numbers that Excel shows.
    where : Where
    limits : Limits
    found : sequence of Fault
        What is wrong with cells already; it counts from the heading on.
    """
    last = int(grid.index[-1])
    grid, split = _one_cell_a_column(grid, where)
    yield from split
    start = heading_row(grid.head(TOP).values.tolist(), where.spec)
    for number, cells in zip(grid.index[:start], grid.head(start).values.tolist(), strict=True):
        yield from title(int(number), cells, where)
    header = tuple("" if is_missing(cell) else str(cell).strip() for cell in grid.iloc[start])
    within(len(header), limits.columns, "limit_columns", sheet=where.sheet)
    rows = grid.iloc[start + 1 :].dropna(how="all")
    again = _headings_again(header, rows, where.spec)
    ends = [*rows.index.searchsorted(again), len(rows)]
    faults = [*_second_headings(header, rows, again, where)]
    faults += [fault for end in ends for fault in _notes(rows.iloc[:end], where)]
    told = {fault.row for fault in faults}
    faults += [fault for fault in found if fault.row >= grid.index[start] and fault.row not in told]
    yield from faults
    bad = {fault.row + below for fault in faults for below in range(fault.rows)}
    if last in CUT_AT:
        yield where.fault("E38", value=str(last))
        bad = set(rows.index)
    yield Sheet(where.spec.name, where.file, where.sheet, header, rows, where.separator, bad, where.date1904)


def title(row: int, cells: Sequence[Any], where: Where) -> Iterator[Fault]:
    """A line above the heading is skipped and told."""
    filled = [place for place, cell in enumerate(cells) if not is_missing(cell)]
    if filled and recognised(cells, where.spec) > 1:
        yield where.fault("E16a", row, filled[0], value=str(cells[filled[0]]))
    elif filled:
        yield where.fault("E16c", row, filled[0], value=str(cells[filled[0]]), repaired=True)


def _headings_again(header: Sequence[str], rows: pd.DataFrame, spec: TableSpec) -> list[int]:
    """The rows that are headings too: right under the heading, and those of a table put below this one.

    Further down a heading must stand among the municipalities, whose few texts are soon looked through.
    """
    if rows.empty:
        return []
    found, named = {rows.index[0]}, [name for name, _ in _meanings(header, spec)]
    if "municipality" in named:
        key = rows[named.index("municipality")]
        found.update(rows.index[key.isin([text for text in key.unique() if recognised([text], spec)])])
    # "left" twice is one value
    return [int(row) for row in sorted(found) if recognised(rows.loc[row].dropna().unique(), spec) > 1]


def _second_headings(
    header: Sequence[str], rows: pd.DataFrame, again: Sequence[int], where: Where
) -> Iterator[Fault]:
    """E16a: a row of headings. E16d: one of other columns than the heading's, and no row below it fits."""
    ends = [*again, *rows.index[-1:] + 1][1:]
    for row, end in zip(again, ends, strict=True):
        cells = [*rows.loc[row]]
        if row == rows.index[0] or _fits(header, cells, where.spec):
            yield second_heading(row, cells, where)
        else:
            place = first_filled(cells)
            yield where.fault("E16d", row, place, value=str(cells[place]), rows=int(end) - row)


def _fits(header: Sequence[str], cells: Sequence[Any], spec: TableSpec) -> bool:
    """Whether the headings name the columns that they stand under, in the same units."""
    pairs = zip(_meanings(header, spec), _meanings(cells, spec), cells, strict=True)
    return all(above == below or is_missing(cell) for above, below, cell in pairs)


def second_heading(row: int, cells: Sequence[Any], where: Where) -> Fault:
    """E16a: a row of headings under the heading."""
    place = first_filled(cells)
    return where.fault("E16a", row, place, value=str(cells[place]))


def _notes(rows: pd.DataFrame, where: Where) -> Iterator[Fault]:
    """Rows of one or two texts under the table."""
    for row in reversed(rows.index):
        cells = [*rows.loc[row]]
        if not is_note(cells, where.spec):
            return
        yield note(int(row), cells, where)


def is_note(cells: Sequence[Any], spec: TableSpec) -> bool:
    """Whether a row with anything in it has one or two texts only, when the table needs more."""
    texts = [cell for cell in cells if not is_missing(cell)]
    few = len(texts) <= _NOTE_CELLS < len(spec.needed)
    return few and all(_is_words(text) for text in texts)


def note(row: int, cells: Sequence[Any], where: Where) -> Fault:
    """E16b: a note under the table."""
    place = first_filled(cells)
    return where.fault("E16b", row, place, value=str(cells[place]))


def first_filled(cells: Sequence[Any]) -> int:
    """The place of the first cell that is not empty."""
    return next(place for place, cell in enumerate(cells) if not is_missing(cell))


def _is_words(cell: Any) -> bool:
    return isinstance(cell, str) and not any(letter.isdigit() for letter in cell[:1])


def _one_cell_a_column(grid: pd.DataFrame, where: Where) -> tuple[pd.DataFrame, list[Fault]]:
    """A grid whose rows stand in one cell each, because a program took another separator, is split."""
    if grid.notna().any().sum() != 1:
        return grid, []
    place = int(grid.notna().any().to_numpy().argmax())
    lines = grid.iloc[:, place].dropna().astype("str")
    separator = _separator_within(lines.iloc[:TOP].to_list(), where.spec)
    if not separator:
        return grid, []
    cells = [next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), []) for line in lines]
    split = pd.DataFrame(cells, index=lines.index, dtype=object).replace("", None)
    return split, [
        where.fault("E04", int(lines.index[0]), place, value=separator_name(separator), repaired=True)
    ]


def _separator_within(lines: list[str], spec: TableSpec) -> str:
    counts = {
        separator: max(recognised(line.split(separator), spec) for line in lines) for separator in SEPARATORS
    }
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] > 1 else ""


def separator_name(separator: str) -> str:
    """How a separator is written in a sentence."""
    return {"\t": "TAB"}.get(separator, separator)


def mended(grid: pd.DataFrame, where: Where) -> tuple[pd.DataFrame, list[Fault]]:
    """The grid with spoilt Danish letters put right and control characters taken out, and what was done."""
    spoilt: dict[str, str] = {}
    for place in grid:
        texts = {cell for cell in grid[place] if isinstance(cell, str)}
        joined = "".join(texts)
        if is_mojibake(joined) or not joined.isprintable():
            spoilt |= {text: without_controls(without_mojibake(text)) for text in texts}
    changed = {old: new for old, new in spoilt.items() if old != new}
    if not changed:
        return grid, []
    cells = grid.map(lambda cell: changed.get(cell, cell) if isinstance(cell, str) else cell)
    return cells.replace("", None), mended_faults(sorted(changed), where)


def mended_faults(spoilt: Sequence[str], where: Where) -> list[Fault]:
    """A row for the letters and one for the control characters, each with the first text it was in."""
    letters = next((text for text in spoilt if is_mojibake(text)), "")
    controls = next((text for text in spoilt if without_controls(text) != text), "")
    found = []
    if letters:
        found.append(where.fault("E03a", value=letters, other=without_mojibake(letters), repaired=True))
    if controls:
        visible = controls.encode("unicode_escape").decode("ascii")
        found.append(where.fault("F13", value=visible, other=without_controls(controls), repaired=True))
    return found
