"""Excel workbooks → sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import python_calamine as calamine

from klktools.contract import load_contract
from klktools.intake.files.forms import form_of, is_aside, read_form
from klktools.intake.files.sheet import Fault, Sheet, split_grid


def read_workbook(file: Path, name: str, table: str) -> Iterator[Sheet | Fault]:
    """A sheet per table; a workbook named as a table may call its only filled sheet anything ("Ark1")."""
    book = calamine.CalamineWorkbook.from_path(file)
    cells = {
        sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names
    }
    cells = {sheet: rows for sheet, rows in cells.items() if not is_aside(sheet)}
    filled = [sheet for sheet, rows in cells.items() if rows]
    for sheet, rows in cells.items():
        named = load_contract().table_named(sheet) or (table if filled == [sheet] else "")
        if form_of(rows):
            yield from read_form(rows, name, sheet)
        elif not named and rows:
            yield Fault("F03", name, sheet, value=sheet)
        elif named and not rows:
            yield Fault("F02", name, sheet, table=named)
        elif named:
            yield Sheet(named, name, sheet, *split_grid(pd.DataFrame(rows, dtype=object).replace("", None)))
