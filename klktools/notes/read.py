"""Notes as they were taken (a table, a workbook, a text or a document, or a folder of these) → notes."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import python_calamine as calamine
from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from pyarrow.lib import ArrowException

from klktools.contract import load_contract
from klktools.contract.excel import as_written
from klktools.contract.forms import form_of
from klktools.errors import ParameterError, TableError, sentence
from klktools.notes.forms import form_notes

_CELLS = ("note", "municipality", "interview", "text")
_TABLES = (".csv", ".csv.gz", ".xlsx", ".xlsm", ".parquet")
_TEXTS = (".txt", ".md")
_MOST_BYTES = 256 * 2**20
_FAULTS = (
    calamine.CalamineError,
    zipfile.BadZipFile,
    PackageNotFoundError,
    ArrowException,
    OSError,
    EOFError,
)


@dataclass(frozen=True)
class Note:
    """One note: where it stands (`file` from the folder on, `row` as Excel shows it), and its text."""

    file: str
    sheet: str
    row: int
    note: str
    municipality: str
    interview: str
    text: str


@dataclass(frozen=True)
class Notes:
    """All notes that were found; the number of columns left out, which are none of the table T6."""

    notes: tuple[Note, ...]
    left_out: int


def read_notes(path: Path) -> Notes:
    """Read notes.

    Parameters
    ----------
    path : path
        A table of notes (csv, csv.gz, Parquet; the columns of T6), a workbook with one, a text (txt, md) or a
        Word document that is one note, or a folder with any of these.

    Raises
    ------
    ParameterError
        When there is no such file or folder, or of no such type.
    TableError
        When a file cannot be read or holds no notes. Names the file, never its content.
    """
    if not path.exists():
        raise ParameterError(
            sentence(must="Notes must be a file or a folder that exists", found=f"found no {path}")
        )
    root = path if path.is_dir() else path.parent
    found = [(file.relative_to(root).as_posix(), part) for file in _files(path) for part in _of_file(file)]
    notes = [replace(note, file=name) for name, part in found for note in part.notes]
    if not notes:
        raise TableError(
            sentence(
                must=f"Notes must stand in a column {_heading()}",
                found="found none",
                where=path.name,
                remedy="Give the column that heading, or each note its own text file",
            )
        )
    return Notes(tuple(notes), sum(part.left_out for _, part in found))


def read_names(path: Path) -> list[str]:
    """The lines of a file of names, whatever its encoding."""
    return _decoded(_bytes(path)).splitlines()


def _heading() -> str:
    column = load_contract().notes.columns["text"]
    return f"`{column.danish}`"


def _ending(file: Path) -> str:
    name = file.name.lower()
    return next((end for end in (*_TABLES, *_TEXTS, ".docx") if name.endswith(end)), "")


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if not _ending(path):
            raise ParameterError(
                sentence(
                    must=f"Notes must be one of {', '.join((*_TABLES, *_TEXTS, '.docx'))}",
                    found=f"found {path.name}",
                )
            )
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file() and _ending(file))
    return [file for file in files if not file.name.startswith((".", "~$"))]


def _of_file(file: Path) -> Iterator[Notes]:
    readers: Mapping[str, Callable[[Path], Iterator[Notes]]] = {
        ".csv": _csv,
        ".csv.gz": _csv,
        ".parquet": _parquet,
        ".docx": _document,
        **dict.fromkeys((".xlsx", ".xlsm"), _workbook),
        **dict.fromkeys(_TEXTS, _plain_text),
    }
    try:
        yield from readers[_ending(file)](file)
    except (*_FAULTS, ValueError, KeyError, csv.Error):
        raise TableError(
            sentence(must="A file of notes must be readable", found="could not read it", where=file.name)
        ) from None


def _csv(file: Path) -> Iterator[Notes]:
    text = _decoded(_bytes(file))
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    csv.field_size_limit(_MOST_BYTES)
    yield from _table(file, "", list(csv.reader(io.StringIO(text), delimiter=separator)))


def _bytes(file: Path) -> bytes:
    with gzip.open(file) if file.name.lower().endswith(".gz") else file.open("rb") as content:
        raw = content.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise ValueError
    return raw


def _decoded(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _workbook(file: Path) -> Iterator[Notes]:
    """Every sheet with a column of notes, hidden ones too: nothing unmasked is to stay behind."""
    book = calamine.CalamineWorkbook.from_path(file)
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if form_of(rows) == "interview":
            yield _form(file, sheet, rows)
        else:
            yield from _table(file, sheet, rows)


def _form(file: Path, sheet: str, rows: Sequence[Sequence[object]]) -> Notes:
    """The notes of an interview sheet; what else stands there is no note and left alone."""
    notes = [Note(file.name, sheet, row, **note) for row, note in form_notes(rows)]
    return Notes(tuple(notes), 0)


def _parquet(file: Path) -> Iterator[Notes]:
    table = pq.read_table(file)
    yield from _table(file, "", [table.column_names, *zip(*table.to_pydict().values(), strict=True)])


def _table(file: Path, sheet: str, rows: Sequence[Sequence[object]]) -> Iterator[Notes]:
    """The notes of one grid; nothing when it has no column of notes."""
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    places = {name: place for name in _CELLS for place, cell in enumerate(header) if _is(cell, name)}
    if "text" not in places:
        return
    notes = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: _cell(row, place) for name, place in places.items()}
        if cells["text"]:
            notes.append(Note(file.name, sheet, number, **{name: cells.get(name, "") for name in _CELLS}))
    known = [cell for cell in header if any(_is(cell, name) for name in load_contract().notes.columns)]
    yield Notes(tuple(notes), len([cell for cell in header if cell]) - len(known))


def _is(heading: str, name: str) -> bool:
    return load_contract().notes.columns[name].unit_of(heading) is not None


def _cell(row: Sequence[object], place: int) -> str:
    value = row[place] if place < len(row) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else as_written(str(value).strip())


def _plain_text(file: Path) -> Iterator[Notes]:
    yield _one(file, _decoded(_bytes(file)))


def _document(file: Path) -> Iterator[Notes]:
    """The text of a Word document; comments, headers and properties are left behind."""
    parts = [part.text for part in Document(str(file)).element.body.iter() if part.tag.endswith("}p")]
    yield _one(file, "\n".join(parts))


def _one(file: Path, text: str) -> Notes:
    note = Note(file.name, "", 1, file.stem, "", "", text.strip())
    return Notes((note,) if note.text else (), 0)
