"""One table of one file as delivered, what is wrong with a file, and a grid of cells as heading and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

FIRST_ROW = 2  # as Excel shows it: the header is row 1


@dataclass(frozen=True)
class Sheet:
    """One table of one file, as delivered.

    `table` is the canonical table name; `rows` has one column per heading, numbered from 0, and as its
    index the row numbers that Excel shows. `separator` is "" unless the file is csv.
    `cells` is where the columns of a form stand that are no columns there: number -> cell.
    """

    table: str
    file: str
    sheet: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    separator: str = ""
    cells: Mapping[int, str] = field(default_factory=dict)

    def cell(self, place: int, row: int) -> str:
        """The cell of a column and row as Excel shows it, "" where the column is not in the sheet."""
        return self.cells.get(place) or cell_name(place, row)


def cell_name(place: int, row: int) -> str:
    """The name Excel gives the cell of a column (from 0) and row (from 1); "" for no column (-1)."""
    if place < 0:
        return ""
    from openpyxl.utils import get_column_letter  # late: slow to import, and most rounds have few faults

    return f"{get_column_letter(place + 1)}{row}"


@dataclass(frozen=True)
class Fault:
    """Something wrong with a whole file or sheet, or a column of it: a rule and what its sentence needs."""

    rule: str
    file: str
    sheet: str = ""
    table: str = ""
    column: str = ""
    value: str = ""
    place: int = -1
    other: str = ""
    phrase: str = ""
    repaired: bool = False


@dataclass
class Reading:
    """What reading the files gave."""

    sheets: list[Sheet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def tables(self) -> set[str]:
        """Tables that were delivered, readable or not."""
        return {sheet.table for sheet in self.sheets} | {fault.table for fault in self.faults}


def split_grid(grid: pd.DataFrame) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Heading and rows of a grid of cells; empty rows are dropped, the others keep their number."""
    header = tuple("" if _missing(cell) else str(cell).strip() for cell in grid.iloc[0])
    rows = grid.iloc[1:].set_axis(range(FIRST_ROW, len(grid) + 1))
    return header, rows.dropna(how="all")


def _missing(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell
