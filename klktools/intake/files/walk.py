"""From a folder or workbook to sheets: header and rows as delivered, nothing interpreted."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import python_calamine as calamine

from klktools.contract import load_contract
from klktools.intake.files.parquet import read_parquet
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.texts import read_text
from klktools.intake.files.traces import workbook_traces
from klktools.intake.files.workbooks import read_workbook
from klktools.privacy import RESTRICTED

_WORKBOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".csv.gz")
_READABLE = (*_WORKBOOKS, *_TEXTS, ".parquet")
_OTHER_DATA = (".xls", ".xlsb", ".ods", ".tsv", ".json", ".feather")
_WRITTEN = (".docx", ".doc", ".odt", ".rtf", ".pdf", ".txt", ".md")  # may be notes, by their name


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
    """Data files and notes in a fixed order, without hidden files, Excel's lock files, pictures, and the
    folder of restricted notes."""
    if path.is_file():
        return [path]
    names = sorted(p for p in path.rglob("*") if p.is_file() and _is_wanted(p.name))
    return [p for p in names if not any(map(_is_left_out, p.relative_to(path).parts))]


def _is_wanted(name: str) -> bool:
    return name.endswith((*_READABLE, *_OTHER_DATA)) or (name.endswith(_WRITTEN) and _has_notes(name))


def _is_left_out(part: str) -> bool:
    return part.startswith((".", "~$")) or part.casefold() == RESTRICTED


def _has_notes(name: str) -> bool:
    """Notes of interviews are known by the name of their file, and never opened here."""
    return load_contract().names_notes(_stem(name), "files")


def _read(file: Path, name: str) -> Iterator[Sheet | Fault]:
    table = load_contract().table_named(_stem(file.name))
    if _has_notes(file.name):
        yield Fault("P04", name, value=file.name)
        return
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
        yield from workbook_traces(file, name)
    elif not table:
        yield Fault("F03", name, value=_stem(file.name))
    elif name.endswith(_TEXTS):
        yield from read_text(file, name, load_contract().tables[table])
    else:
        yield read_parquet(file, name, table)
