"""The first sheet of the template: how to fill it in, what to know, and which sheets there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from klktools.contract import load_contract
from klktools.workbooks.book import Book, height_of, load_words, read_text_file

_WIDTHS = (4, 26, 88, 22)
_WHOLE = sum(_WIDTHS)


def write_guide(book: Book, language: str, known: Mapping[str, Any]) -> None:
    """Write the guide.

    Parameters
    ----------
    book : Book
    language : {"da", "en"}
    known : mapping
        What is known of the municipality (municipality, name); empty when the template is for any.
    """
    words = load_words(language)["template"]
    sheet = _open(book, language)
    row = _write_opening(book, sheet, words["title"], [words["lead"]])
    if known:
        named = " ".join(str(known[name]) for name in ("municipality", "name") if name in known)
        whole = words["for"].format(municipality=named)
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, whole, book.style("strong"))
        row += 1
    row = _write_steps(book, sheet, row + 1, words["steps_title"], words["steps"])
    row = _write_rules(book, sheet, row + 1, words)
    _write_sheets(book, sheet, row + 1, language)
    _close(sheet, words["title"], language)


def write_short_guide(book: Book, language: str, words: Mapping[str, Any]) -> None:
    """A guide of a title (`title`) and numbered steps (`guide`, under `steps_title`) alone."""
    sheet = _open(book, language)
    row = _write_opening(book, sheet, words["title"], [words["lead"]])
    _write_steps(book, sheet, row + 1, words["steps_title"], words["guide"])
    _close(sheet, words["title"], language)


def _open(book: Book, language: str) -> Worksheet:
    sheet = book.sheet(load_contract().words["workbook"]["aside"]["guide"][language])
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    return sheet


def _close(sheet: Worksheet, title: str, language: str) -> None:
    sheet.set_footer(f"&L{title}&R{load_words(language)['problems']['page']}")
    sheet.protect("", {"select_locked_cells": True, "format_rows": True})


def _write_opening(book: Book, sheet: Worksheet, title: str, texts: Sequence[str]) -> int:
    """Title and paragraphs over the whole width; the next row."""
    last = len(_WIDTHS) - 1
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last, title, book.style("title"))
    for row, text in enumerate(texts, start=1):
        sheet.set_row(row, height_of(text, _WHOLE, size=12))
        sheet.merge_range(row, 0, row, last, text, book.style("lead"))
    return 1 + len(texts)


def _write_steps(book: Book, sheet: Worksheet, row: int, title: str, steps: Sequence[str]) -> int:
    """A heading and numbered steps; the next row."""
    row = _write_heading(book, sheet, row, title)
    for number, text in enumerate(steps, start=1):
        sheet.set_row(row, height_of(text, _WHOLE - _WIDTHS[0]))
        sheet.write_number(row, 0, number, book.style("strong", align="center"))
        sheet.merge_range(row, 1, row, len(_WIDTHS) - 1, text, book.style("text"))
        row += 1
    return row


def _write_rules(book: Book, sheet: Worksheet, row: int, words: Mapping[str, Any]) -> int:
    row = _write_heading(book, sheet, row, words["rules_title"])
    for name, text in words["rules"]:
        sheet.set_row(row, height_of(text, _WIDTHS[2] + _WIDTHS[3]))
        sheet.merge_range(row, 0, row, 1, name, book.style("strong"))
        sheet.merge_range(row, 2, row, len(_WIDTHS) - 1, text, book.style("text"))
        row += 1
    return row


def _write_sheets(book: Book, sheet: Worksheet, row: int, language: str) -> None:
    words = load_words(language)["template"]
    about = read_text_file("template_columns")["tables"]
    row = _write_heading(book, sheet, row, words["sheets_title"])
    name, content, demand = words["heads"]
    sheet.merge_range(row, 0, row, 1, name, book.style("head"))
    sheet.write_string(row, 2, content, book.style("head"))
    sheet.write_string(row, 3, demand, book.style("head"))
    for at, table in enumerate(load_contract().tables.values(), start=row + 1):
        label = table.label[language]
        sheet.merge_range(at, 0, at, 1, "", book.style("cell"))
        link = book.style("cell", font_color="#004B87", underline=1)
        sheet.write_url(at, 0, f"internal:'{label}'!A1", link, string=label)
        sheet.write_string(at, 2, about[table.name][language], book.style("cell"))
        sheet.write_string(at, 3, words["may" if table.optional else "must"], book.style("cell_strong"))


def _write_heading(book: Book, sheet: Worksheet, row: int, title: str) -> int:
    sheet.set_row(row, 24)
    sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, title, book.style("subtitle"))
    return row + 1
