"""What the reader of workbooks leaves out: cells where a formula failed (E37), and the calendar (E09).

The reader gives a failed formula as an empty cell, so its text is looked up in the sheet itself.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\st="e")[^>]*\sr="([A-Z]{1,3})(\d{1,7})"[^>]*>(.*?)</(?:\w+:)?c>', re.S
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_CALENDAR = re.compile(rb'<(?:\w+:)?workbookPr\b[^>]*\sdate1904="(?:1|true|on)"')


@dataclass(frozen=True)
class Marks:
    """Sheet -> place (row, column; from 0) -> the text of a failed formula; serial dates count from 1904."""

    failed: Mapping[str, Mapping[tuple[int, int], str]]
    date1904: bool

    def fill(self, sheets: Mapping[str, list[list]]) -> None:
        """Write the texts into the sheets' rows."""
        for sheet, places in self.failed.items():
            rows = sheets.get(sheet, [])
            for (row, column), text in places.items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = text


def read_marks(file: Path) -> Marks:
    """Look up failed formulas and the calendar of one workbook.

    Parameters
    ----------
    file : Path
        A workbook (xlsx, xlsm).
    """
    with zipfile.ZipFile(file) as book:
        names = set(book.namelist())
        if _BOOK not in names or _LINKS not in names:
            return Marks({}, date1904=False)
        text = book.read(_BOOK)
        parts = dict(_parts(text, book.read(_LINKS)))
        failed = {sheet: _failed(book.read(part)) for sheet, part in parts.items() if part in names}
    return Marks({sheet: found for sheet, found in failed.items() if found}, bool(_CALENDAR.search(text)))


def _parts(book: bytes, links: bytes) -> Iterator[tuple[str, str]]:
    """The name of each sheet and its place in the file."""
    targets = {_attribute(link, "Id"): _attribute(link, "Target") for link in _LINK.findall(links)}
    for sheet in _SHEET.findall(book):
        target = targets.get(_attribute(sheet, "id"), "")
        yield (
            _attribute(sheet, "name"),
            normpath(target.lstrip("/") if target[:1] == "/" else join("xl", target)),
        )


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf'[\s:]{name}="([^"]*)"'.encode(), tag)
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def _failed(sheet: bytes) -> dict[tuple[int, int], str]:
    if b' t="e"' not in sheet:
        return {}
    found = ((cell, _VALUE.search(cell[3])) for cell in _CELL.finditer(sheet))
    return {
        (int(cell[2]) - 1, _number(cell[1].decode()) - 1): html.unescape(value[1].decode("utf-8", "replace"))
        for cell, value in found
        if value
    }


def _number(letters: str) -> int:
    """A column's letters as its number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
