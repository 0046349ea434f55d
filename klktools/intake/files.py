"""From a folder or workbook to sheets: header and rows as delivered, nothing interpreted."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from klktools.contract import fold, load_contract
from klktools.contract.spec import TableSpec

_WORKBOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".csv.gz")
_READABLE = (*_WORKBOOKS, *_TEXTS, ".parquet")
_OTHER_DATA = (".xls", ".xlsb", ".ods", ".tsv", ".json", ".feather")
_FIRST_ROW = 2  # as Excel shows it: the header is row 1


@dataclass(frozen=True)
class Sheet:
    """One table of one file, as delivered.

    `table` is the canonical table name; `rows` has one column per heading, numbered from 0, and as its
    index the row numbers that Excel shows. `separator` is "" unless the file is csv.
    """

    table: str
    file: str
    sheet: str
    header: tuple[str, ...]
    rows: pd.DataFrame
    separator: str = ""


@dataclass(frozen=True)
class Fault:
    """Something wrong with a whole file or sheet, or a column of it: a rule and what its sentence needs."""

    rule: str
    file: str
    sheet: str = ""
    table: str = ""
    column: str = ""
    value: str = ""
    place: int = -1
    other: str = ""
    phrase: str = ""
    repaired: bool = False


@dataclass
class Reading:
    """What reading the files gave."""

    sheets: list[Sheet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def tables(self) -> set[str]:
        """Tables that were delivered, readable or not."""
        return {sheet.table for sheet in self.sheets} | {fault.table for fault in self.faults}


def read_files(path: Path) -> Reading:
    """Read every table under `path`.

    Parameters
    ----------
    path : Path
        One workbook, or a folder with files, workbooks and sub-folders in any mixture.

    Returns
    -------
    Reading
        Sheets recognised as tables of the contract, and the faults of files and sheets.
    """
    reading = Reading()
    root = path if path.is_dir() else path.parent
    for file in _files(path):
        name = file.relative_to(root).as_posix()
        for found in _read(file, name):
            if isinstance(found, Sheet):
                reading.sheets.append(found)
            else:
                reading.faults.append(found)
    return reading


def _files(path: Path) -> list[Path]:
    """Data files in a fixed order, without hidden files, Excel's lock files, notes and pictures."""
    if path.is_file():
        return [path]
    names = sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith((*_READABLE, *_OTHER_DATA)))
    return [p for p in names if not any(part.startswith((".", "~$")) for part in p.relative_to(path).parts)]


def _read(file: Path, name: str) -> Iterator[Sheet | Fault]:
    table = load_contract().table_named(_stem(file.name))
    try:
        yield from _open(file, name, table)
    except calamine.PasswordError:
        yield Fault("F01", name, table=table, phrase="password")
    except pd.errors.EmptyDataError:
        yield Fault("F01", name, table=table, phrase="empty")
    except pd.errors.ParserError:
        yield Fault("F01", name, table=table, phrase="ragged")
    except (calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError):
        yield Fault("F01", name, table=table, phrase="damaged")


def _stem(filename: str) -> str:
    return next(
        (filename.removesuffix(end) for end in (".csv.gz",) if filename.endswith(end)), Path(filename).stem
    )


def _open(file: Path, name: str, table: str) -> Iterator[Sheet | Fault]:
    if not name.endswith(_READABLE):
        yield Fault("F01", name, table=table, phrase="old_format")
    elif file.stat().st_size == 0:
        yield Fault("F01", name, table=table, phrase="empty")
    elif name.endswith(_WORKBOOKS):
        yield from _workbook(file, name, table)
    elif not table:
        yield Fault("F03", name, value=_stem(file.name))
    elif name.endswith(_TEXTS):
        yield from _csv(file, name, load_contract().tables[table])
    else:
        yield _parquet(file, name, table)


def _workbook(file: Path, name: str, table: str) -> Iterator[Sheet | Fault]:
    """A sheet per table; a workbook named as a table may call its only filled sheet anything ("Ark1")."""
    book = calamine.CalamineWorkbook.from_path(file)
    cells = {
        sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names
    }
    filled = [sheet for sheet, rows in cells.items() if rows]
    for sheet, rows in cells.items():
        named = load_contract().table_named(sheet) or (table if filled == [sheet] else "")
        if not named and rows:
            yield Fault("F03", name, sheet, value=sheet)
        elif named and not rows:
            yield Fault("F02", name, sheet, table=named)
        elif named:
            yield Sheet(named, name, sheet, *_split(pd.DataFrame(rows, dtype=object).replace("", None)))


def _split(grid: pd.DataFrame) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Heading and rows of a grid of cells; empty rows are dropped, the others keep their number."""
    header = tuple("" if _missing(cell) else str(cell).strip() for cell in grid.iloc[0])
    rows = grid.iloc[1:].set_axis(range(_FIRST_ROW, len(grid) + 1))
    return header, rows.dropna(how="all")


def _missing(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell


def _csv(file: Path, name: str, spec: TableSpec) -> Iterator[Sheet | Fault]:
    raw = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
    encoding = _encoding(raw)
    if encoding == "cp1252":
        yield Fault("E03", name, table=spec.name, value="cp1252", other="UTF-8", repaired=True)
    separator = _separator(raw.split(b"\n", 1)[0].decode(encoding), spec)
    grid = pd.read_csv(
        io.BytesIO(raw),
        sep=separator,
        encoding=encoding,
        header=None,
        dtype="str",
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
    )
    yield Sheet(spec.name, name, "", *_split(grid), separator=separator)


def _encoding(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _separator(header: str, spec: TableSpec) -> str:
    """The separator that makes most of the heading into known columns."""

    def recognised(separator: str) -> int:
        names = [fold(part.strip().strip('"')) for part in header.split(separator)]
        return sum(any(name in column.aliases for column in spec.columns.values()) for name in names)

    return max(";,", key=lambda separator: (recognised(separator), header.count(separator)))


def _parquet(file: Path, name: str, table: str) -> Sheet:
    """Read column by column, so that never more than one stands in memory as it was delivered."""
    schema = pq.read_schema(file)
    # pandas knows which columns were the index of the frame that was written
    header = [str(column) for column in schema.empty_table().to_pandas().columns]
    texts = [text for text in header if pa.types.is_string(schema.field(text).type)]
    with pq.ParquetFile(file, read_dictionary=texts) as parquet:
        rows = range(_FIRST_ROW, parquet.metadata.num_rows + _FIRST_ROW)
        columns = {place: _coded(parquet.read([text])[text]) for place, text in enumerate(header)}
    pa.default_memory_pool().release_unused()
    return Sheet(table, name, "", tuple(header), pd.DataFrame(columns, index=rows, copy=False))


def _coded(column: pa.ChunkedArray) -> Any:
    """One column as codes into its distinct values; lists as they are."""
    values = column.to_pandas()
    if pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type):
        return values.array
    codes, distinct = pd.factorize(values)
    return pd.Categorical.from_codes(codes, distinct)
