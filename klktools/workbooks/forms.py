"""Forms: a head to fill in, and below it rows with words beside the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from klktools.contract import load_contract
from klktools.framework import load_framework
from klktools.workbooks.book import Book, height_of, load_words
from klktools.workbooks.columns import Field, fields_of


@dataclass(frozen=True)
class Column:
    """A column of a form's rows: a field of the contract, or words beside (`field` is None)."""

    heading: str
    width: float
    field: Field | None = None

    @property
    def name(self) -> str:
        """The contract's name of the column, "" beside."""
        return self.field.column.name if self.field else ""


@dataclass(frozen=True)
class Form:
    """A form: its name (as in `workbook.forms` of the contract's labels), language, columns and lists.

    `sources` maps a list to the formula of its range.
    """

    name: str
    language: str
    columns: tuple[Column, ...]
    sources: Mapping[str, str]

    @property
    def words(self) -> Mapping[str, Any]:
        """The words on the form."""
        return load_words(self.language)[self.name]

    @property
    def title(self) -> str:
        """The title in the first cell, by which intake knows the sheet."""
        return load_contract().words["workbook"]["forms"][self.name]["title"][self.language]

    @property
    def last(self) -> int:
        """The last column, from 0."""
        return len(self.columns) - 1

    @property
    def width(self) -> float:
        """Characters over all columns."""
        return sum(column.width for column in self.columns)


def beside(form: str, language: str) -> Sequence[str]:
    """The headings of a form's columns that are not data."""
    return load_contract().words["workbook"]["forms"][form]["beside"][language]


def named_fields(table: str, language: str) -> dict[str, Field]:
    """The columns of a table that a person fills in, by name."""
    return {field.column.name: field for field in fields_of(load_contract().tables[table], language)}


def rows_of(table: str, key: str) -> dict[str, dict[str, Any]]:
    """A table of the framework (areas, criteria, questions) by its key."""
    return {row[key]: row for row in getattr(load_framework(), table).to_dict("records")}


def anchors(criterion: Mapping[str, Any], language: str) -> str:
    """The five anchors of a criterion, a line each."""
    return "\n".join(f"{score}  {text}" for score, text in enumerate(criterion[f"anchors_{language}"]))


def open_form(book: Book, form: Form) -> Worksheet:
    """The sheet with its title in the first cell, its columns, and how it is filled in."""
    sheet = book.sheet(form.title)
    for at, column in enumerate(form.columns):
        sheet.set_column(at, at, column.width)
    sheet.write_string(0, 0, form.title, book.style("title", text_wrap=False))
    sheet.set_row(0, 32)
    write_across(book, sheet, form, (1, form.words["how"], "lead"))
    sheet.set_footer(f"&L{form.title}&R{load_words(form.language)['problems']['page']}")
    return sheet


def write_across(book: Book, sheet: Worksheet, form: Form, what: tuple[int, str, str]) -> None:
    """A text over all columns: row, text, style."""
    row, text, style = what
    sheet.set_row(row, 24 if style == "subtitle" else height_of(text, form.width, size=12) + 4)
    sheet.merge_range(row, 0, row, form.last, text, book.style(style))


# the columns of a label and of the cell beside it: first and last of each
Pair = tuple[tuple[int, int], tuple[int, int]]


def write_head(
    book: Book, sheet: Worksheet, row: int, fields: Sequence[Field], form: Form, pairs: Sequence[Pair]
) -> dict[str, tuple[int, int]]:
    """Labels with a cell to fill in to the right of each, as many in a row as there are pairs.

    Returns
    -------
    dict
        Column of the contract -> row and column of its cell.
    """
    places = {}
    for number, field in enumerate(fields):
        at, (label, cell) = row + number // len(pairs), pairs[number % len(pairs)]
        style = book.style("required" if field.column.required else "optional", valign="vcenter")
        _spread(sheet, at, label, (field.heading, style))
        _spread(
            sheet,
            at,
            cell,
            ("", book.style("input", num_format=field.number_format, valign="vcenter", align="left")),
        )
        sheet.set_row(at, 20)
        if check := field.check(form.sources):
            sheet.data_validation(at, cell[0], at, cell[0], check)
        places[field.column.name] = (at, cell[0])
    return places


def write_code(book: Book, sheet: Worksheet, places: Mapping[str, tuple[int, int]], code: str) -> None:
    """Fill in the municipality's code in the head beforehand, when there is one."""
    if code:
        style = book.style("input", num_format="@", valign="vcenter", align="left")
        sheet.write_string(*places["municipality"], code, style)


def _spread(sheet: Worksheet, row: int, columns: tuple[int, int], what: tuple[str, Format]) -> None:
    first, last = columns
    if first == last:
        sheet.write_string(row, first, *what) if what[0] else sheet.write_blank(row, first, None, what[1])
    else:
        sheet.merge_range(row, first, row, last, *what)


def write_heading(book: Book, sheet: Worksheet, form: Form, row: int) -> None:
    """The heading of the rows; it stays in sight and is repeated on each page."""
    for at, column in enumerate(form.columns):
        sheet.write_string(row, at, column.heading, book.style("head"))
    sheet.set_row(row, 36)
    sheet.repeat_rows(row)
    sheet.freeze_panes(row + 1, 1)


Checks = Mapping[str, dict[str, Any] | None]


def write_inputs(book: Book, sheet: Worksheet, form: Form, row: int, used: Checks) -> None:
    """The cells of a row that are filled in; those it has no use for are hatched.

    `used` are the columns filled in, each with its validation, or None for that of the contract.
    """
    for at, column in enumerate(form.columns[1:], start=1):
        if column.field is None:
            continue
        if column.name not in used:
            sheet.write_blank(row, at, None, book.style("unused"))
            continue
        shown = book.style("input", num_format=column.field.number_format, align="left")
        sheet.write_blank(row, at, None, shown)
        if check := used[column.name] or column.field.check(form.sources):
            sheet.data_validation(row, at, row, at, check)
