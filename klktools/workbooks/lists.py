"""The lists that cells are chosen from, on a sheet of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from klktools.contract import load_contract
from klktools.workbooks.book import Book, load_words
from klktools.workbooks.columns import Field, list_entries

_HEAD = 2  # the row (from 0) of the headings


@dataclass(frozen=True)
class List:
    """One list: its name, its heading, what can be chosen, and where it stands."""

    name: str
    heading: str
    entries: tuple[str, ...]
    source: str


def lists_of(fields: Iterable[Field], language: str) -> list[List]:
    """Every list the columns choose from, once, each with the heading of the first column that uses it."""
    headings: dict[str, str] = {"yes_no": load_words(language)["list_names"]["yes_no"]}
    for field in fields:
        if field.list_name:
            headings.setdefault(field.list_name, field.heading)
    return [_list(at, name, heading, language) for at, (name, heading) in enumerate(headings.items())]


def _list(at: int, name: str, heading: str, language: str) -> List:
    entries = tuple(list_entries(name, language))
    sheet = load_contract().words["workbook"]["aside"]["lists"][language]
    column = xl_col_to_name(at)
    source = f"='{sheet}'!${column}${_HEAD + 2}:${column}${_HEAD + 1 + len(entries)}"
    return List(name, heading, entries, source)


def write_lists(book: Book, lists: Iterable[List], language: str) -> None:
    """The sheet of lists, last and locked: it can be read, not changed."""
    words = load_contract().words["workbook"]
    title = words["aside"]["lists"][language]
    sheet = book.sheet(title, pages=4)
    sheet.write_string(0, 0, title, book.style("title"))
    sheet.set_row(0, 30)
    sheet.write_string(1, 0, load_words(language)["template"]["lists_lead"], book.style("plain", italic=True))
    for at, entry in enumerate(lists):
        longest = max(len(text) for text in (entry.heading, *entry.entries))
        sheet.set_column(at, at, min(longest + 3, 34))
        sheet.write_string(_HEAD, at, entry.heading, book.style("head"))
        sheet.write_column(_HEAD + 1, at, entry.entries, book.style("cell"))
    sheet.freeze_panes(_HEAD + 1, 0)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})
