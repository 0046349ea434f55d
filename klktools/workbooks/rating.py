"""The rating sheet: a consultant's ratings of the criteria, beside their anchors."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.worksheet import Worksheet

from klktools.workbooks.book import Book, height_of
from klktools.workbooks.forms import (
    Column,
    Form,
    anchors,
    beside,
    named_fields,
    open_form,
    rows_of,
    write_across,
    write_code,
    write_head,
    write_heading,
    write_inputs,
)

_HEAD = ("municipality", "visit", "consultant", "phase")
_PAIRS = (((0, 1), (2, 2)), ((3, 4), (5, 5)))
_ROWS = ("score", "evidence", "reason")


def write_rating_form(book: Book, language: str, sources: Mapping[str, str], code: str) -> None:
    """Write the rating sheet.

    Parameters
    ----------
    book : Book
    language : {"da", "en"}
    sources : mapping
        List -> the formula of its range.
    code : str
        The municipality's, to fill in beforehand, or "".
    """
    form = _form(language, sources)
    sheet = open_form(book, form)
    fields = named_fields("ratings", language)
    places = write_head(book, sheet, 3, [fields[name] for name in _HEAD], form, _PAIRS)
    write_code(book, sheet, places, code)
    write_heading(book, sheet, form, 6)
    _write_criteria(book, sheet, form, 7)


def _form(language: str, sources: Mapping[str, str]) -> Form:
    fields = named_fields("ratings", language)
    about, scale = beside("rating", language)
    columns = (
        Column(fields["criterion"].heading, 10, fields["criterion"]),
        Column(about, 26),
        Column(scale, 76),
        Column(fields["score"].heading, 9, fields["score"]),
        Column(fields["evidence"].heading, 24, fields["evidence"]),
        Column(fields["reason"].heading, 42, fields["reason"]),
    )
    return Form("rating", language, columns, sources)


def _write_criteria(book: Book, sheet: Worksheet, form: Form, row: int) -> None:
    areas = rows_of("areas", "area")
    area = ""
    for code, criterion in rows_of("criteria", "criterion").items():
        if criterion["area"] != area:
            area = criterion["area"]
            write_across(book, sheet, form, (row, areas[area][f"title_{form.language}"], "subtitle"))
            row += 1
        sheet.write_string(row, 0, code, book.style("cell_strong"))
        sheet.write_string(row, 1, criterion[f"title_{form.language}"], book.style("cell_strong"))
        scale = anchors(criterion, form.language)
        sheet.write_string(row, 2, scale, book.style("cell", font_size=11))
        sheet.set_row(row, height_of(scale, form.columns[2].width, size=11) + 2)
        write_inputs(book, sheet, form, row, dict.fromkeys(_ROWS))
        row += 1
