"""From a folder or workbook to sheets: header and rows as delivered, nothing interpreted."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import python_calamine as calamine

from klktools.contract import load_contract
from klktools.intake.files.logs import LOG, open_log
from klktools.intake.files.parquet import read_parquet
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.texts import read_text
from klktools.intake.files.workbooks import read_workbook

_WORKBOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".csv.gz")
_READABLE = (*_WORKBOOKS, *_TEXTS, ".parquet")
_OTHER_DATA = (".xls", ".xlsb", ".ods", ".tsv", ".json", ".feather")


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
        yield from read_workbook(file, name, table)
    elif not table:
        yield Fault("F03", name, value=_stem(file.name))
    elif table == LOG:
        yield from open_log(file, name, load_contract().tables[table])
    elif name.endswith(_TEXTS):
        yield from read_text(file, name, load_contract().tables[table])
    else:
        yield read_parquet(file, name, table)
