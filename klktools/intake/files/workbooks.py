"""Excel workbooks → sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import python_calamine as calamine

from klktools.contract import load_contract
from klktools.intake.files.sheet import Fault, Sheet, split_grid


def read_workbook(file: Path, name: str, table: str) -> Iterator[Sheet | Fault]:
    """A sheet per table; a workbook named as a table may call its only filled sheet anything ("Ark1")."""
    book = calamine.CalamineWorkbook.from_path(file)
    shown = calamine.SheetVisibleEnum.Visible
    hidden = [sheet.name for sheet in book.sheets_metadata if sheet.visible != shown]
    notes = [sheet for sheet in book.sheet_names if load_contract().names_notes(sheet, "files")]
    for sheet in book.sheet_names:
        if sheet in notes:
            yield Fault("P04", name, sheet, value=sheet)
        elif sheet in hidden:
            yield Fault("E34a", name, sheet, table=load_contract().table_named(sheet), value=sheet)
    cells = {
        sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        for sheet in book.sheet_names
        if sheet not in (*notes, *hidden)
    }
    filled = [sheet for sheet, rows in cells.items() if rows]
    for sheet, rows in cells.items():
        named = load_contract().table_named(sheet) or (table if filled == [sheet] else "")
        if not named and rows:
            yield Fault("F03", name, sheet, value=sheet)
        elif named and not rows:
            yield Fault("F02", name, sheet, table=named)
        elif named:
            yield Sheet(named, name, sheet, *split_grid(pd.DataFrame(rows, dtype=object).replace("", None)))
