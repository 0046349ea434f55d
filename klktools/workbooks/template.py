"""The workbook a municipality fills in: a sheet per table, a guide before them, their lists behind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from klktools.contract import TableSpec, load_contract
from klktools.workbooks.book import Book, load_words, new_book, read_text_file
from klktools.workbooks.columns import LAST_ROW, Field, fields_of
from klktools.workbooks.guide import write_guide
from klktools.workbooks.known import known_of
from klktools.workbooks.lists import lists_of, write_lists

_AUTHOR = "klktools"  # of comments: intake leaves those of people out and tells so, not these
_READY = 30  # empty rows drawn as a table to begin with; it grows by itself
_PAGE = 230  # characters that can be read on a page
_FIRST = 2  # the first row (from 0) below heading and example


def write_template(path: Path, *, language: str = "da", municipality: str = "") -> None:
    """Write the workbook a municipality fills in.

    Parameters
    ----------
    path : Path
        The workbook; it is put there when it is whole.
    language : {"da", "en"}
        Of headings, lists, comments and messages; either can be read.
    municipality : str
        A municipality code to fill in beforehand, with name and region of one of the 98.

    Raises
    ------
    ParameterError
        When the code is none, or the name is not that of a workbook.
    """
    known = known_of(municipality)
    tables = load_contract().tables
    fields = {name: fields_of(table, language) for name, table in tables.items()}
    lists = lists_of([field for columns in fields.values() for field in columns], language)
    sources = {entry.name: entry.source for entry in lists} | {
        name: f"=id_{table.danish}" for name, table in tables.items()
    }
    title = load_words(language)["template"]["title"]
    with new_book(path, title) as book:
        write_guide(book, language, known)
        for name, table in tables.items():
            sheet = _write_sheet(book, table, fields[name], sources)
            if name == "municipalities":
                _write_known(book, sheet, fields[name], known)
            book.file.define_name(f"id_{table.danish}", _ids(table, language))
        write_lists(book, lists, language)


def _write_sheet(book: Book, table: TableSpec, fields: list[Field], sources: Mapping[str, str]) -> Worksheet:
    language = fields[0].language
    pages = math.ceil(sum(field.width for field in fields) / _PAGE)
    sheet = book.sheet(table.label[language], pages=pages, grid=True)
    _draw_table(book, sheet, table, fields)
    example = read_text_file("template_columns")["examples"][table.name]
    for at, field in enumerate(fields):
        sheet.set_column(at, at, field.width, book.style("plain", num_format=field.number_format))
        raw = example.get(field.column.name)
        _comment(sheet, at, field.comment("0101" if field.column.type == "code" else raw))
        if raw is not None:
            _put(book, sheet, (1, at), field, raw, "example")
        if check := field.check(_others(sources, table, field)):
            sheet.data_validation(_FIRST, at, LAST_ROW, at, check)
    word = load_contract().words["workbook"]["example"][language]
    sheet.write_string(1, 0, word, book.style("example", bold=True))
    _guard(sheet, len(fields), fields[0].words["input"]["guard"])
    return sheet


def _others(sources: Mapping[str, str], table: TableSpec, field: Field) -> Mapping[str, str]:
    """Where to choose from; the sheet that ids come from has them typed."""
    own = table.key[-1] if table.name == "municipalities" else table.key[1]
    return {} if field.column.name == own and table.name in _MASTERS else sources


# tables whose ids others refer to: there they are typed, elsewhere chosen
_MASTERS = ("municipalities", "visits", "departments", "interviews", "solutions", "initiatives", "gains")


def _draw_table(book: Book, sheet: Worksheet, table: TableSpec, fields: list[Field]) -> None:
    language = fields[0].language
    words = fields[0].words["template"]
    about = read_text_file("template_columns")["tables"][table.name][language]
    columns = [
        {
            "header": field.heading,
            "header_format": book.style("required" if field.column.required else "optional"),
        }
        for field in fields
    ]
    sheet.add_table(
        *(0, 0, _READY + 1, len(fields) - 1),
        {
            "name": table.danish,
            "columns": columns,
            "style": "Table Style Light 1",
            "title": table.label[language],
            "description": words["table_alt"].format(sheet=table.label[language], about=about),
        },
    )
    sheet.set_row(0, 50)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 1)
    sheet.set_footer(f"&L{table.label[language]}&R{fields[0].words['problems']['page']}")
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(len(fields) - 1)}{LAST_ROW + 1}"})


def _comment(sheet: Worksheet, at: int, text: str) -> None:
    lines = sum(-(-len(line) // 42) for line in text.split("\n"))
    sheet.write_comment(
        0, at, text, {"width": 300, "height": 18 * lines + 14, "font_size": 10, "author": _AUTHOR}
    )


def _put(book: Book, sheet: Worksheet, cell: tuple[int, int], field: Field, raw: Any, style: str) -> None:
    """Write a value as a person would: a date as a date, a number as a number, the rest as text."""
    value = field.value(raw)
    shown = book.style(style, num_format=field.number_format)
    if field.column.type in ("date", "month", "timestamp"):
        sheet.write_datetime(*cell, value, shown)
    elif isinstance(value, (int, float)):
        sheet.write_number(*cell, value, shown)
    else:
        sheet.write_string(*cell, str(value), shown)


def _guard(sheet: Worksheet, width: int, words: list[str]) -> None:
    """Heading and example cannot be typed over; yet rows can be sorted, filtered, pasted and removed."""
    check = {"validate": "custom", "value": "=FALSE", "error_title": words[0], "error_message": words[1]}
    sheet.data_validation(0, 0, 1, width - 1, check)


def _write_known(book: Book, sheet: Worksheet, fields: list[Field], known: Mapping[str, Any]) -> None:
    for at, field in enumerate(fields):
        if field.column.name in known:
            _put(book, sheet, (_FIRST, at), field, known[field.column.name], "plain")


def _ids(table: TableSpec, language: str) -> str:
    """The ids typed so far on a table's sheet, as a range that grows with them."""
    own = table.key[0] if table.name == "municipalities" else table.key[1]
    at = [field.column.name for field in fields_of(table, language)].index(own)
    column = f"'{table.label[language]}'!${xl_col_to_name(at)}"
    letter = column.rsplit("$", 1)[1]
    first = f"{column}${_FIRST + 1}"
    return f"={first}:INDEX({column}:${letter},MAX({_FIRST + 1},COUNTA({column}:${letter})))"
