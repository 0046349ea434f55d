"""Filling in our workbooks as a person would, in Excel: labels from the lists, real dates, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from klktools.contract import ColumnSpec, load_contract
from klktools.framework import load_framework

# tables handed in otherwise: a raw log as a file, what was said and rated on forms
SPOKEN = ("interviews", "answers", "ratings")
BESIDE = ("usage_log",)


def typed(value: Any, spec: ColumnSpec, language: str) -> Any:
    """What a person chooses or types for a value of the contract."""
    if spec.type == "bool":
        return {"da": ("Nej", "Ja"), "en": ("No", "Yes")}[language][int(value)]
    if spec.enum and spec.enum not in ("question", "criterion"):
        return load_framework().enums[spec.enum][value][language]
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def columns(sheet: Worksheet, table: str, language: str, row: int = 1) -> dict[str, int]:
    """Column of the contract -> column of the sheet (from 1), by the headings in a row."""
    labels = {spec.label[language]: name for name, spec in load_contract().tables[table].columns.items()}
    return {labels[cell.value]: cell.column for cell in sheet[row] if cell.value in labels}


def fill_template(path: Path, tables: Mapping[str, pd.DataFrame], language: str, first: int = 3) -> None:
    """Write the rows of the tables in their sheets, from a row on."""
    book = openpyxl.load_workbook(path)
    for name, table in tables.items():
        spec = load_contract().tables[name]
        sheet = book[spec.label[language]]
        for column, at in columns(sheet, name, language).items():
            for row, value in enumerate(table[column].astype(object), start=first):
                if not pd.isna(value):
                    sheet.cell(row, at).value = typed(value, spec.columns[column], language)
    book.save(path)


_FORMS = (
    (load_contract().tables["answers"], "question"),
    (load_contract().tables["ratings"], "criterion"),
)


def heading_row(sheet: Worksheet, label: str) -> int:
    """The row of a form where its rows' heading is."""
    return next(row for row in range(2, 40) if sheet.cell(row, 1).value == label)


def fill_head(sheet: Worksheet, values: Mapping[str, Any], table: str, language: str) -> None:
    """Write each value in the cell to the right of its label, above the rows' heading."""
    specs = load_contract().tables[table].columns
    labels = {spec.label[language]: name for name, spec in specs.items()}
    keys = {table.columns[name].label[language] for table, name in _FORMS}
    last = next(row for row in range(2, 40) if sheet.cell(row, 1).value in keys) - 1
    for row in sheet.iter_rows(min_row=3, max_row=last):
        for at, cell in enumerate(row):
            name = labels.get(cell.value, "")
            if name in values and not pd.isna(values[name]):
                right = next(other for other in row[at + 1 :] if isinstance(other, Cell))
                right.value = typed(values[name], specs[name], language)


def fill_rows(sheet: Worksheet, rows: pd.DataFrame, table: str, language: str) -> None:
    """Write each row beside its question or criterion; a question met before goes in the extra rows."""
    specs = load_contract().tables[table].columns
    key = "question" if table == "answers" else "criterion"
    heading = heading_row(sheet, specs[key].label[language])
    places = columns(sheet, table, language, heading)
    below = range(heading + 1, sheet.max_row + 1)
    free = iter([row for row in below if sheet.cell(row, 1).value is None])
    taken: set[str] = set()
    for values in rows.to_dict("records"):
        own = next((row for row in below if sheet.cell(row, 1).value == values[key]), 0)
        row = next(free) if values[key] in taken else own
        taken.add(values[key])
        sheet.cell(row, 1).value = values[key]
        for name, at in places.items():
            if not pd.isna(values[name]):
                sheet.cell(row, at).value = _said(name, values, specs[name], language)


def _said(name: str, values: Mapping[str, Any], spec: ColumnSpec, language: str) -> Any:
    """Yes and no by name; an answer that was given has no status on the form."""
    if name == "value" and values["answer_type"] == "yes_no":
        return {"da": ("Nej", "Ja"), "en": ("No", "Yes")}[language][int(values[name])]
    if name == "status" and values[name] in ("answered", "dont_know"):
        return None
    return typed(values[name], spec, language)
