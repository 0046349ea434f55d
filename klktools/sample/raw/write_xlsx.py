"""Grids to workbooks, byte for byte the same every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from klktools.sample.raw.delivery import Book
from klktools.sample.raw.grids import Grid

_CREATED = dt.datetime(2018, 12, 3, 9, 0)
_DATE, _MONTH = "dd-mm-yyyy", "mmm-yy"
_ERROR_VALUES = ("#REF!", "#DIV/0!", "#N/A", "#VALUE!")


def write_xlsx(sheets: Mapping[str, Grid], book: Book, path: Path) -> None:
    """Write a workbook with a sheet per grid.

    Parameters
    ----------
    sheets : mapping
        Name of the sheet -> grid.
    book : Book
        What it holds beside them.
    path : Path
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"date_1904": book.since_1904, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(path, {**options, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"author": book.author, "created": _CREATED})
        formats = {
            name: workbook.add_format({"num_format": pattern})
            for name, pattern in (("date", _DATE), ("month", _MONTH))
        }
        for name, grid in sheets.items():
            _fill(workbook.add_worksheet(name), grid, formats)
        if book.hidden:
            hidden = workbook.add_worksheet(book.hidden)
            hidden.write_string(0, 0, book.hidden)
            hidden.hide()
        if book.comment:
            workbook.worksheets()[0].write_comment(1, 0, book.comment, {"author": book.author})


def _fill(sheet: Worksheet, grid: Grid, formats: Mapping[str, Any]) -> None:
    top = len(grid.above)
    for number, line in enumerate(grid.above):
        sheet.merge_range(number, 0, number, len(grid.cells.columns) - 1, line)
    for place, name in enumerate(grid.columns):
        sheet.write_string(top, place, grid.heads[name])
        style = formats["month" if grid.spec.columns[name].type == "month" else "date"]
        for row, cell in enumerate(grid.cells[name], start=top + 1):
            if cell is not None:
                _write(sheet, row, place, cell, style)
    _merge(sheet, grid, top + 1)
    for number, line in enumerate(grid.below):
        sheet.write_string(top + 2 + len(grid.cells) + number, 0, line)


def _write(sheet: Worksheet, row: int, place: int, cell: Any, style: Any) -> None:
    if isinstance(cell, dt.date):
        sheet.write_datetime(row, place, cell, style)
    elif cell in _ERROR_VALUES:
        sheet.write_formula(row, place, f"={cell}", None, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell)
    else:
        sheet.write_number(row, place, cell)


def _merge(sheet: Worksheet, grid: Grid, first_row: int) -> None:
    column, rows = grid.merged
    if rows:
        place = grid.columns.index(column)
        first = first_row + list(grid.cells.index).index(rows[0])
        sheet.merge_range(first, place, first + len(rows) - 1, place, grid.cells.at[rows[0], column])
