"""From a folder or workbook to sheets: header and rows as delivered, nothing interpreted."""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from klktools.contract import load_contract
from klktools.errors import TableError, sentence
from klktools.intake.files.kinds import OLD, READABLE, TEXTS, WORKBOOKS, check_kind, ending
from klktools.intake.files.limits import RAW_LOG, Limits, within
from klktools.intake.files.logs import open_log
from klktools.intake.files.parquet import read_parquet
from klktools.intake.files.sheet import Fault, Reading, Sheet, Unreadable
from klktools.intake.files.texts import read_text
from klktools.intake.files.traces import workbook_traces
from klktools.intake.files.workbooks import read_workbook
from klktools.privacy import RESTRICTED

_HIDDEN = (".", "~$")
_NOTES = (
    ".txt",
    ".md",
    ".pdf",
    ".docx",
    ".png",
    ".jpg",
    ".jpeg",
)  # may lie in the folder, named as they like
_CODE = re.compile(r"0\d{3}[ _-]+(?=.)")  # a municipality's code before the name of the table


def read_files(path: Path, limits: Limits | None = None) -> Reading:
    """Read every table under `path`.

    Parameters
    ----------
    path : Path
        One workbook, or a folder with files, workbooks and sub-folders in any mixture.
    limits : Limits, optional
        The largest files that are read.

    Returns
    -------
    Reading
        Sheets recognised as tables of the contract, and the faults of files and sheets.

    Raises
    ------
    TableError
        When `path` is neither a folder nor an ordinary file, or holds far too many files.
    """
    limits = limits or Limits()
    reading = Reading()
    root = path if path.is_dir() else path.parent
    left = limits.round_cells
    for file, fault in _files(path, limits):
        name = _shown(file.relative_to(root).as_posix())
        for found in [Fault("F10", name, phrase=fault)] if fault else _read(file, name, limits, left):
            if isinstance(found, Sheet):
                reading.sheets.append(found)
                left -= found.rows.size if ending(file.name) != ".parquet" else 0
            else:
                reading.faults.append(found)
    return reading


def _shown(name: str) -> str:
    """A file's name as it can be printed and written, whatever bytes it is of."""
    printable = (letter if letter.isprintable() else "\ufffd" for letter in name)
    return "".join(printable).encode("utf-8", "replace").decode("utf-8")


_Found = tuple[Path, str]  # a file, and why it cannot be opened ("" when it can)


def _files(path: Path, limits: Limits) -> list[_Found]:
    """Data files in a fixed order, without hidden files, Excel's lock files, notes and pictures."""
    if not path.is_dir():
        if not path.is_file():
            raise TableError(_no_round(path, "found neither"))
        return [(path, "")]
    found = sorted(_walk(path, limits))
    if len(found) > limits.files:
        raise TableError(_no_round(path, f"found {len(found)} data files"))
    return found


def _no_round(path: Path, found: str) -> str:
    must = "The data must be a folder or an ordinary file with one round"
    return sentence(must=must, found=found, where=_shown(str(path)), remedy="Choose the folder of the round")


def _walk(path: Path, limits: Limits) -> Iterator[_Found]:
    seen = 0
    closed: list[str] = []
    for folder, folders, names in os.walk(path, onerror=lambda why: closed.append(why.filename)):
        folders[:] = [
            name for name in folders if not name.startswith(_HIDDEN) and name.casefold() != RESTRICTED
        ]
        seen += len(folders) + len(names)
        if seen > limits.entries:
            raise TableError(_no_round(path, f"found more than {limits.entries} files and folders"))
        yield from (
            (Path(folder, name), "folder_link") for name in folders if Path(folder, name).is_symlink()
        )
        for name in names:
            if not name.startswith(_HIDDEN) and _is_data(name):
                yield Path(folder, name), _obstacle(Path(folder, name))
    yield from ((Path(folder), "closed") for folder in closed)


def _is_data(name: str) -> bool:
    """By its ending, or because it is called as a table, or notes of interviews, are."""
    end = ending(name)
    if _has_notes(name):
        return True
    if end in (*READABLE, *OLD) and end not in _NOTES:
        return True
    return end in ("", ".txt", ".tsv", ".xml", ".html") and _table_of(name) != ""


def _has_notes(name: str) -> bool:
    return load_contract().names_notes(_stem(name), "files") and not _table_of(name)


def _obstacle(file: Path) -> str:
    try:
        mode = file.stat().st_mode
    except OSError:
        return "link"
    if not stat.S_ISREG(mode):
        return "special"
    try:
        file.open("rb").close()
    except OSError:
        return "closed"
    return ""


def _read(file: Path, name: str, limits: Limits, left: int) -> Iterator[Sheet | Fault]:
    table = _table_of(file.name)
    if _has_notes(file.name):  # they are never opened here
        yield Fault("P04", name, value=_shown(file.name))
        return
    try:
        within(1, max(left, 0), "limit_round")
        yield from _open(file, name, table, limits)
    except Unreadable as why:
        yield Fault(why.rule, name, **{"table": table, **why.why})
    except (OSError, EOFError, zlib.error, ValueError, LookupError, MemoryError):
        yield Fault("F01", name, table=table, phrase="damaged")


def _table_of(filename: str) -> str:
    """The table a file is called by, with or without a municipality's code before it."""
    stem = _stem(filename)
    contract = load_contract()
    return contract.table_named(stem) or contract.table_named(_CODE.sub("", stem, count=1))


def _stem(filename: str) -> str:
    return filename[: len(filename) - len(ending(filename))]


def _open(file: Path, name: str, table: str, limits: Limits) -> Iterator[Sheet | Fault]:
    end = ending(name)
    limits = limits.of_table(table)
    if end not in READABLE:
        raise Unreadable("old_format")
    if end not in WORKBOOKS and not table:
        yield Fault("F03", name, value=_shown(_stem(file.name)))
        return
    if end in WORKBOOKS:
        within(file.stat().st_size, limits.workbook, "limit_workbook_bytes")
    check_kind(file)
    if end in WORKBOOKS:
        yield from read_workbook(file, name, table, limits)
        yield from workbook_traces(file, name)
    elif table == RAW_LOG:
        yield from open_log(file, name, load_contract().tables[table], limits)
    elif end in TEXTS:
        yield from read_text(file, name, load_contract().tables[table], limits)
    else:
        yield from read_parquet(file, name, load_contract().tables[table], limits)
