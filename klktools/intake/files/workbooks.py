"""Excel workbooks → sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine as calamine

from klktools.contract import load_contract
from klktools.contract.forms import form_of
from klktools.intake.files.forms import is_aside, is_problem_list, read_form, without_examples
from klktools.intake.files.limits import Limits
from klktools.intake.files.shape import Where, mended, read_grid
from klktools.intake.files.sheet import Fault, Sheet, Unreadable
from klktools.intake.files.workbook_parts import Parts, Scan, look_through

_Cells = list[list[Any]]


def read_workbook(file: Path, name: str, table: str, limits: Limits) -> Iterator[Sheet | Fault]:
    """A sheet per table; a workbook named as a table may call its only filled sheet anything ("Ark1")."""
    parts = look_through(file, limits)
    if parts.macros:
        yield Fault("F11", name, table=table)
    book, left_out = _open(file)
    for sheet in left_out:
        notes, named = load_contract().names_notes(sheet, "files"), load_contract().table_named(sheet)
        yield Fault("P04" if notes else "E34a", name, sheet, table=named, value=sheet)
    if is_problem_list(book):
        return
    book = {sheet: read for sheet, read in book.items() if not is_aside(sheet)}
    filled = [sheet for sheet, (cells, _) in book.items() if cells]
    for sheet, (cells, merged) in book.items():
        named = load_contract().table_named(sheet) or (table if filled == [sheet] else "")
        if form_of(cells):
            _show_errors(cells, parts.sheets.get(sheet, Scan()))
            yield from read_form(cells, name, sheet)
        elif not named and cells:
            yield Fault("F03", name, sheet, value=sheet)
        elif named and not cells:
            yield Fault("F02", name, sheet, table=named)
        elif named:
            where = Where(name, sheet, load_contract().tables[named], date1904=parts.date1904)
            yield from _sheet(cells, merged, parts, where, limits)


def _open(file: Path) -> tuple[dict[str, tuple[_Cells, list[Any]]], list[str]]:
    """The cells and merged ranges of each worksheet; the sheets that are not read: notes, and hidden ones."""
    try:
        with calamine.CalamineWorkbook.from_path(file) as book:
            sheets = [
                sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            left_out = [sheet.name for sheet in sheets if _is_left_out(sheet)]
            read = [book.get_sheet_by_name(sheet.name) for sheet in sheets if not _is_left_out(sheet)]
            cells = {
                sheet.name: (sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or [])
                for sheet in read
            }
            return cells, left_out
    except calamine.PasswordError as why:
        raise Unreadable("password") from why
    except (calamine.CalamineError, OSError, ValueError) as why:
        raise Unreadable("damaged") from why
    except BaseException as why:
        if type(why).__name__ != "PanicException":  # the reader's own stop is no Exception
            raise
        raise Unreadable("damaged") from why


def _is_left_out(sheet: calamine.SheetMetadata) -> bool:
    hidden = sheet.visible != calamine.SheetVisibleEnum.Visible
    return hidden or load_contract().names_notes(sheet.name, "files")


def _sheet(
    cells: _Cells, merged: list[Any], parts: Parts, where: Where, limits: Limits
) -> Iterator[Sheet | Fault]:
    scan = parts.sheets.get(where.sheet, Scan())
    _show_errors(cells, scan)
    faults = [*_merged(cells, merged, where), *_uncalculated(scan, parts.uncalculated, where)]
    grid = pd.DataFrame(cells, dtype=object, index=range(1, len(cells) + 1)).replace("", None)
    grid, told = mended(without_examples(grid), where)
    yield from told
    yield from read_grid(grid, where, limits, faults)


def _show_errors(cells: _Cells, scan: Scan) -> None:
    """Put the errors of formulas in their cells, which the reader leaves empty."""
    for (row, column), text in scan.errors.items():
        cells[row][column] = text


def _merged(cells: _Cells, merged: list[Any], where: Where) -> Iterator[Fault]:
    """Merged cells with a value in them: the value stands in the first cell only."""
    for (top, left), (bottom, _) in merged:
        if top < len(cells) and left < len(cells[top]) and cells[top][left] != "":
            rows = min(bottom, len(cells) - 1) - top + 1
            yield where.fault("E16", top + 1, left, value=str(cells[top][left]), rows=rows)


def _uncalculated(scan: Scan, every: bool, where: Where) -> Iterator[Fault]:
    """Formulas without a result; some programs write 0 for each and leave it to Excel to work them out."""
    for (row, column), text in scan.formulas.items():
        if text == "" or every:
            yield where.fault("F14", row + 1, column, value=text)
