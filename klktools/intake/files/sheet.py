"""One table of one file as delivered, and what is wrong with a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

FIRST_ROW = 2  # as Excel shows it: the header is row 1


@dataclass(frozen=True)
class Sheet:
    """One table of one file, as delivered.

    `table` is the canonical table name; `rows` has one column per heading, numbered from 0, and as its
    index the row numbers that Excel shows. `separator` is "" unless the file is text. `refused` are the
    rows that a fault of the file makes unusable; they count as delivered and are rejected. `date1904`: its
    serial dates count from 1904. `cells` is where the columns of a form stand that are no columns there.
    """

    table: str
    file: str
    sheet: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    separator: str = ""
    refused: Collection[int] = ()
    date1904: bool = False
    cells: Mapping[int, str] = field(default_factory=dict)

    def cell(self, place: int, row: int) -> str:
        """The cell of a column and row as Excel shows it, "" where the column is not in the sheet."""
        return self.cells.get(place) or cell_name(place, row)


def cell_name(place: int, row: int) -> str:
    """The cell as Excel names it: column 0 is A, 26 is AA; "" for no column (-1)."""
    letters, left = "", place
    while left >= 0:
        left, letter = left // 26 - 1, left % 26
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}" if letters else ""


Where = tuple[str, str, int]  # file, sheet and row


@dataclass(frozen=True)
class Fault:
    """Something wrong with a whole file or sheet, or a place in it: a rule and what its sentence needs.

    `place` is a column's number from 0 (-1 when the fault has no cell), `row` its row as Excel shows it and
    `rows` how many rows from there it makes unusable.
    """

    rule: str
    file: str
    sheet: str = ""
    table: str = ""
    column: str = ""
    value: str = ""
    place: int = -1
    row: int = 1
    rows: int = 1
    other: str = ""
    phrase: str = ""
    repaired: bool = False

    @property
    def where(self) -> Where:
        """Its row; row 0 when it is about the whole file or sheet."""
        return self.file, self.sheet, self.row if self.place >= 0 else 0


@dataclass
class Reading:
    """What reading the files gave."""

    sheets: list[Sheet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def tables(self) -> set[str]:
        """Tables that were delivered, readable or not."""
        return {sheet.table for sheet in self.sheets} | {fault.table for fault in self.faults}


class Unreadable(Exception):
    """A file that cannot be read, as what its `Fault` needs: the rule, and `why` by field."""

    def __init__(self, phrase: str, rule: str = "F01", **why: Any) -> None:
        super().__init__(rule, phrase)
        self.rule = rule
        self.why = {"phrase": phrase, **why}
