"""One way of making workbooks: words, styles by name, fixed properties, whole files only."""

from __future__ import annotations

import datetime as dt
import io
import re
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from klktools.contract.excel import LONGEST_CELL, starts_a_formula
from klktools.errors import ParameterError, ReportError, sentence
from klktools.report.files import TEMPORARY, deliver

_CREATED = dt.datetime(1980, 1, 1)  # equal input, equal bytes: a workbook does not know when it was made
_SUFFIX = ".xlsx"
_FORBIDDEN = re.compile("[\ud800-\udfff\ufffe\uffff]")

_FONT = {"font_name": "Calibri", "font_size": 11, "font_color": "#1B1F24"}
_TOP = {"valign": "top", "text_wrap": True}
_MIDDLE = {"valign": "vcenter", "text_wrap": True}
_BOX = {"border": 1, "border_color": "#8C99A6"}
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "title": {"font_size": 20, "bold": True, "font_color": "#004B87"},
    "subtitle": {
        "font_size": 13,
        "bold": True,
        "font_color": "#004B87",
        "bottom": 2,
        "bottom_color": "#004B87",
    },
    "lead": {**_MIDDLE, "font_size": 12},
    "text": _MIDDLE,
    "strong": {**_MIDDLE, "bold": True},
    "muted": {**_TOP, "font_color": "#4A5561", "italic": True},
    "link": {**_TOP, "font_color": "#004B87", "underline": 1},
    "quote": {**_TOP, "left": 5, "left_color": "#004B87", "indent": 1, "bg_color": "#F1F4F7"},
    "head": {**_TOP, **_BOX, "bold": True, "font_color": "#FFFFFF", "bg_color": "#004B87"},
    # the mark is part of how the cell is shown, not of what it holds: a column is known by its heading
    "required": {
        **_TOP,
        **_BOX,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": "#004B87",
        "num_format": '@" *"',
    },
    "optional": {**_TOP, **_BOX, "bold": True, "bg_color": "#DCE6F0", "num_format": "@"},
    "example": {"font_color": "#4A5561", "italic": True, "bg_color": "#F1F4F7"},
    "cell": {**_TOP, **_BOX},
    "cell_strong": {**_TOP, **_BOX, "bold": True},
    "cell_count": {**_TOP, **_BOX, "num_format": "#,##0", "align": "right"},
    "total": {**_TOP, **_BOX, "bold": True, "num_format": "#,##0", "align": "right", "bg_color": "#F1F4F7"},
    "input": {**_TOP, **_BOX, "bg_color": "#FFFBE6", "locked": False},
    "unused": {**_BOX, "pattern": 14, "fg_color": "#B9C3CC", "bg_color": "#FFFFFF"},
    "note": {**_TOP, **_BOX, "bg_color": "#F1F4F7", "locked": False},
}


class Book:
    """A workbook being made: its styles by name, each made once."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        self.file = file
        self._formats: dict[tuple[Any, ...], Format] = {}

    def style(self, name: str, **more: Any) -> Format:
        """The style of that name, with further properties of XlsxWriter."""
        key = (name, *sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({**_FONT, **_STYLES[name], **more})
        return self._formats[key]

    def text_style(self, name: str, text: str) -> Format:
        """The style of that name for a text somebody delivered: typed anew it is no formula either."""
        return self.style(name, quote_prefix=True) if starts_a_formula(text) else self.style(name)

    def sheet(self, name: str, *, pages: int = 1, grid: bool = False) -> Worksheet:
        """A new sheet for A4 landscape, so many pages wide, with lines between its cells or not."""
        sheet = self.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(pages, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.hide_gridlines(0 if grid else 2)
        return sheet


@contextmanager
def new_book(path: Path, title: str, *, streamed: bool = False) -> Iterator[Book]:
    """A workbook that is put at `path` when it is whole; nothing is there when making it fails.

    Parameters
    ----------
    path : Path
        Must end in .xlsx.
    title : str
        The document's title; there is no author.
    streamed : bool
        Write row by row, so that memory does not grow with the rows.

    Raises
    ------
    ParameterError
        When the name is not that of a workbook.
    ReportError
        When it cannot be written there.
    """
    if path.suffix.lower() != _SUFFIX:
        raise ParameterError(
            sentence(
                must=f"The name of a workbook must end in {_SUFFIX}",
                found=f"found {path.name}",
                remedy=f"Write for example {path.stem}{_SUFFIX}",
            )
        )
    buffer = io.BytesIO()
    options = {"strings_to_urls": False, "strings_to_formulas": False, "constant_memory": streamed}
    with xlsxwriter.Workbook(buffer, options) as file:
        file.set_properties({"title": title, "created": _CREATED})
        yield Book(file)
    _put_in_place(buffer.getvalue(), path)


def _put_in_place(content: bytes, path: Path) -> None:
    try:
        deliver({path.name: content}, path.parent)
    except OSError as why:
        with suppress(OSError):
            path.with_name(f"{path.name}{TEMPORARY}").unlink(missing_ok=True)
        raise ReportError(
            sentence(
                must="The place of a workbook must be writable",
                found=f"found {why.strerror or why}",
                where=str(path),
                remedy="Close the workbook where it is open, or choose another place",
            )
        ) from why


def cell_text(value: Any) -> str:
    """What a cell can hold of a text: nothing that Excel refuses, and no more than it has room for."""
    text = _FORBIDDEN.sub("\ufffd", str(value))
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def height_of(text: str, width: float, *, size: float = 11) -> float:
    """Points for a text in so many characters, in Calibri: not every program finds the height by itself.

    Parameters
    ----------
    text : str
        Its lines are wrapped at words.
    width : float
        Of the column or of the merged columns, in Excel's characters of size 11.
    size : float
        Points of the font.
    """
    room = max(int(width * 1.16 * 11 / size), 4)
    lines = sum(len(textwrap.wrap(line, room)) or 1 for line in text.split("\n"))
    return lines * size * 1.28 + 3


@cache
def load_words(language: str) -> Mapping[str, Any]:
    """The words of the workbooks in a language ("da" or "en")."""
    return read_text_file("workbooks")[language]


@cache
def read_text_file(name: str) -> Mapping[str, Any]:
    """A text file of the library, as it stands."""
    text = (resources.files("klktools") / "texts" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)
