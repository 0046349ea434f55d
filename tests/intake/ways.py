"""Ways to write a faultless table: notations, headings, orders and kinds of file of the data contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from hypothesis import strategies as st

from klktools.contract import ColumnSpec, load_contract
from klktools.framework import load_framework
from tests.intake.mutations import Dialect, dialects, written

MONTHS = ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september")
MONTHS += ("oktober", "november", "december")
TRUTHS = {"yes/no": ("yes", "no"), "ja/nej": ("Ja", "nej"), "1/0": ("1", "0"), "sandt": ("SAND", "FALSK")}
HEADS: Mapping[str, Callable[[ColumnSpec], str]] = {
    "name": lambda spec: spec.name,
    "danish": lambda spec: spec.danish,
    "da": lambda spec: spec.label["da"],
    "en": lambda spec: spec.label["en"],
    "capitals": lambda spec: f" {spec.danish.upper()} ",
}
DATES = {
    "iso": "{0:%Y-%m-%d}",
    "dashes": "{0:%d-%m-%Y}",
    "dots": "{0.day}.{0.month}.{0.year}",
    "slashes": "{0:%d/%m/%Y}",
    "short": "{0:%d-%m-%y}",
}


@dataclass(frozen=True)
class Ways:
    """How one table is written; one way for all its numbers, dates, months ... as a program would."""

    kind: str = "csv"
    dialect: Dialect = Dialect()
    typed: bool = False  # numbers, dates and truths are cells of their own type (workbook, Parquet)
    heads: str = "name"
    danish: bool = False
    thousands: bool = False
    percent: bool = False
    dates: str = "iso"
    months: str = "iso"
    truths: str = "yes/no"
    words: str = "code"
    codes: str = "plain"


ways = st.builds(
    Ways,
    kind=st.sampled_from(("csv", "csv", "csv.gz", "xlsx", "parquet")),
    dialect=dialects,
    typed=st.booleans(),
    heads=st.sampled_from(sorted(HEADS)),
    danish=st.booleans(),
    thousands=st.booleans(),
    percent=st.booleans(),
    dates=st.sampled_from(sorted(DATES)),
    months=st.sampled_from(("iso", "day", "M", "turned", "short", "words")),
    truths=st.sampled_from(sorted(TRUTHS)),
    words=st.sampled_from(("code", "da", "en", "capitals")),
    codes=st.sampled_from(("plain", "no zero", "decimal", "named", "name")),
)


def cell_of(text: str, spec: ColumnSpec, way: Ways) -> Any:
    """A cell as the way writes it; `text` is as in the small round: English numbers, ISO dates, codes."""
    if text == "":
        return text
    match spec.type:
        case "int" | "kr" | "decimal" | "share":
            return float(text) if way.typed else _number(text, spec.type, way)
        case "date":
            return _date(text) if way.typed else DATES[way.dates].format(_date(text))
        case "month":
            return _date(f"{text}-01") if way.typed else _month(text, way.months)
        case "bool":
            return text == "yes" if way.typed else TRUTHS[way.truths][text == "no"]
        case "enum":
            return _word(text, spec, way.words)
        case "code":
            return _code(text, way)
        case "list":
            return text.replace("|", " | ") if way.danish else text
    return text


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _number(text: str, kind: str, way: Ways) -> str:
    if kind == "share" and way.percent:
        text = f"{float(text) * 100:.2f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    if way.thousands and kind in ("int", "kr"):
        whole = f"{int(whole):,}"
    written_ = f"{whole}.{decimals}" if decimals else whole
    if way.danish:
        written_ = written_.translate(str.maketrans(",.", ".,"))
    return f"{written_} %" if kind == "share" and way.percent else written_


def _month(text: str, way: str) -> str:
    year, month = text.split("-")
    name = MONTHS[int(month) - 1]
    return {
        "iso": text,
        "day": f"{text}-01",
        "M": f"{year}M{month}",
        "turned": f"{month}-{year}",
        "short": f"{name[:3]}-{year[2:]}",
        "words": f"{name} {year}",
    }[way]


def _word(code: str, spec: ColumnSpec, way: str) -> str:
    if way == "code":
        return code
    if way == "capitals":
        return code.upper()
    return load_framework().enums[spec.enum][code][way]


def _code(text: str, way: Ways) -> Any:
    if way.codes == "no zero" and way.typed:
        return int(text)
    return {
        "plain": text,
        "no zero": text.lstrip("0"),
        "decimal": f"{int(text)}.0",
        "named": f"{int(text)} Almsund",
        "name": "Almsund Kommune",
    }[way.codes]


def write(table: str, grid: pd.DataFrame, way: Ways, folder: Path) -> str:
    """The table as one file of the folder; returns the name of the file."""
    return write_rows(table, written_as(table, grid, way), way, folder)


def written_as(table: str, grid: pd.DataFrame, way: Ways) -> pd.DataFrame:
    """The cells of the table under the headings of the way."""
    columns = load_contract().tables[table].columns
    heads = [HEADS[way.heads](columns[name]) for name in grid]
    cells = [
        [cell_of(_in_unit(text, head, way), columns[name], way) for text in grid[name]]
        for name, head in zip(grid, heads, strict=True)
    ]
    return pd.DataFrame(dict(enumerate(cells)), dtype=object).set_axis(heads, axis=1)


def _in_unit(text: str, head: str, way: Ways) -> str:
    """A share as per cent where the heading says so; a cell with its own % sign needs no heading."""
    says = "pct" in head.lower() or "per cent" in head.lower()
    own = way.percent and not way.typed
    return f"{float(text) * 100:g}" if says and text and not own else text


def write_rows(table: str, rows: pd.DataFrame, way: Ways, folder: Path) -> str:
    """Cells under headings as one file."""
    path = folder / f"{table}.{way.kind}"
    if way.kind == "xlsx":
        _write_workbook(table, rows, path)
    elif way.kind == "parquet":
        rows.apply(_column).to_parquet(path, write_page_checksum=True)
    else:
        texts = rows.map(str)
        content = written(texts, way.dialect)
        path.write_bytes(_zipped(content) if way.kind == "csv.gz" else content)
    return path.name


def _zipped(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content, mtime=0)


def _column(cells: pd.Series) -> pd.Series:
    """A column of Parquet has one type."""
    given = cells[cells != ""]
    kinds = {type(cell) for cell in given}
    missing = cells.where(cells != "", None)
    if kinds == {float} or kinds == {int}:
        return missing.astype("float64")
    if kinds == {bool}:
        return missing.astype("boolean")
    if kinds == {dt.date}:
        return pd.to_datetime(missing)
    return missing.map(lambda cell: None if pd.isna(cell) else str(cell)).astype("str")


def _write_workbook(table: str, rows: pd.DataFrame, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd-mm-yyyy"}) as book:
        book.set_properties({"created": dt.datetime(1980, 1, 1)})  # equal bytes each time
        sheet = book.add_worksheet(table)
        for place, head in enumerate(rows.columns):
            sheet.write_string(0, place, head)
            for row, cell in enumerate(rows.iloc[:, place], start=1):
                if cell == "":
                    continue
                if isinstance(cell, str):
                    sheet.write_string(row, place, cell)
                else:
                    sheet.write(row, place, cell)
