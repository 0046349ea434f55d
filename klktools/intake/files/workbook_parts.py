"""The parts of a workbook, looked through before it is read.

The reader lays every sheet out as a full rectangle and repeats a shared text for each cell, so a file of
a few kilobytes can ask for terabytes, and then the whole process ends. Here each part is unpacked and
parsed as a stream, which costs no memory, and what it would take is counted. The same pass finds what the
reader does not tell: cells with an error, and formulas whose result was never worked out.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from klktools.intake.files.limits import MEGABYTE, Limits, within
from klktools.intake.files.sheet import Unreadable

_BLOCK = 2**20
_RECALCULATE = re.compile(rb"""fullCalcOnLoad\s*=\s*["'](1|true)""")
_SINCE_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\sdate1904\s*=\s*["'](1|true|on)""")
_NUMBER = "0123456789"
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_STRINGS = "xl/sharedstrings.xml"  # names of parts are compared in small letters
_MACROS = "xl/vbaproject.bin"
_SPECIAL = 100_000  # cells with an error, or with a formula and no result; all of them are told
_BROKEN = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,
)

Place = tuple[int, int]  # row and column from 0


@dataclass
class Scan:
    """What was found in one part.

    `rows` and `columns` reach to the last cell; `errors` are cells with an error, by place; `formulas`
    those whose result is 0 or was never worked out; `shared` counts cells with a shared text, `repeated`
    the letters of those texts where they were measured; `lengths` are those of the shared texts.
    """

    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    shared: int = 0
    repeated: int = 0
    lengths: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Parts:
    """A workbook that can be read: what was found in each sheet by name, whether it has macros, and whether
    its serial dates count from 1904."""

    sheets: dict[str, Scan]
    macros: bool
    uncalculated: bool
    date1904: bool


def look_through(file: Path, limits: Limits) -> Parts:
    """Unpack and parse every part of a workbook.

    Raises
    ------
    Unreadable
        F01 when a part is broken, locked or has a document type, F08 when it stands for too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _look_through(archive, limits)
    except RuntimeError as why:  # what zipfile says of a part with a password
        raise Unreadable("password") from why
    except _BROKEN as why:
        raise Unreadable("damaged") from why


def _look_through(archive: zipfile.ZipFile, limits: Limits) -> Parts:
    parts = archive.infolist()
    within(len(parts), limits.parts, "limit_parts")
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise Unreadable("damaged")
    _check_ratio(parts, limits)
    targets = _sheets(archive, limits)
    sheets = {target.lower() for target in targets.values()}
    left, scans = limits.xml, {}
    for part in parts:
        name = part.filename.lower()
        if name.endswith((".xml", ".rels")) or name in sheets:
            most = min(left, limits.strings) if name == _STRINGS else left
            scanner = _Scanner(name, limits)
            left -= _parse(archive, part, scanner, most)
            scans[name] = scanner.done()
    _check_repeated(archive, scans, limits)
    book = _content(archive, "xl/workbook.xml", limits)
    return Parts(
        sheets={sheet: scans[target.lower()] for sheet, target in targets.items() if target.lower() in scans},
        macros=any(part.filename.lower() == _MACROS for part in parts),
        uncalculated=_RECALCULATE.search(book) is not None,
        date1904=_SINCE_1904.search(book) is not None,
    )


def _check_ratio(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked, packed = (sum(getattr(part, size) for part in parts) for size in ("file_size", "compress_size"))
    if unpacked > 64 * MEGABYTE:
        within(unpacked // max(packed, 1), limits.ratio, "limit_ratio")


def _check_repeated(archive: zipfile.ZipFile, scans: dict[str, Scan], limits: Limits) -> None:
    """A shared text is repeated for each cell that has it; counted one by one only when that could matter."""
    lengths = scans[_STRINGS].lengths if _STRINGS in scans else []
    longest = max(lengths, default=0)
    for part in archive.infolist():
        scan = scans.get(part.filename.lower(), Scan())
        if scan.shared * longest > limits.repeated_texts:
            scanner = _Scanner(part.filename.lower(), limits, lengths)
            _parse(archive, part, scanner, limits.xml)
            within(scanner.done().repeated, limits.repeated_texts, "limit_repeated")


def _sheets(archive: zipfile.ZipFile, limits: Limits) -> dict[str, str]:
    """The part that holds each sheet, by the sheet's name."""
    ids = {
        _local(attributes, "id"): attributes.get("name", "")
        for tag, attributes in _elements(archive, "xl/workbook.xml", limits)
        if tag == "sheet"
    }
    targets = {
        attributes.get("Id", ""): posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))[1:]
        for tag, attributes in _elements(archive, "xl/_rels/workbook.xml.rels", limits)
        if tag == "Relationship"
    }
    return {name: targets[id_] for id_, name in ids.items() if id_ in targets}


def _local(attributes: dict[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def _elements(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.Parse(_content(archive, name, limits), True)
    yield from found


def _content(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """A small part as a whole: the list of sheets and where they are."""
    most = limits.xml // 64
    with archive.open(name) as content:
        raw = content.read(most + 1)
    within(len(raw), most, "limit_xml_bytes")
    return raw


def _parser() -> expat.XMLParserType:
    """A parser that stops at a document type: entities that stand for others come in no workbook."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Unreadable("entities")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(archive: zipfile.ZipFile, part: zipfile.ZipInfo, scanner: _Scanner, most: int) -> int:
    size = 0
    phrase = "limit_strings_bytes" if part.filename.lower() == _STRINGS else "limit_xml_bytes"
    with archive.open(part) as content:
        for block in _blocks(content):
            size = within(size + len(block), most, phrase)
            scanner.parser.Parse(block)
    scanner.parser.Parse(b"", True)
    return size


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(_BLOCK):
        yield block


class _Tags(dict[str, str]):
    """A tag without its prefix, for the few that are looked at; worked out once for each."""

    def __missing__(self, tag: str) -> str:
        local = tag.rpartition(":")[2]
        self[tag] = local if local in ("row", "c", "f", "v", "si") else ""
        return self[tag]


class _Columns(dict[str, int]):
    """The number of a column by its letters, from 0; worked out once for each."""

    def __missing__(self, letters: str) -> int:
        if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            raise Unreadable("damaged")
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        self[letters] = number - 1
        return self[letters]


class _Scanner:
    """Counts the cells of one part while it is parsed; texts are taken only where they matter.

    `lengths`, when given, are those of the shared texts; then the letters of every cell are counted.
    """

    def __init__(self, name: str, limits: Limits, lengths: list[int] | None = None) -> None:
        self.parser = _parser()
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        if name == _STRINGS:
            self.parser.CharacterDataHandler = self._measure
        self._limits, self._lengths = limits, lengths
        self._watched = {"e"} if lengths is None else {"e", "s"}
        self._scan, self._tags, self._columns = Scan(), _Tags(), _Columns()
        self._row = self._column = -1
        self._named: bool | None = None
        self._kind = self._tag = self._text = ""
        self._formula = False

    def done(self) -> Scan:
        """What was found, when all is parsed."""
        self._close()
        return self._scan

    def _start(self, tag: str, attributes: list[str]) -> None:
        tag = self._tag = self._tags[tag]
        if tag in ("c", "row") and (self._formula or self._kind in self._watched):
            self._close()
        if tag == "c":
            self._cell(attributes)
        elif tag == "row":
            number = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("r")
            self._row, self._column = int(number) - 1 if number else self._row + 1, -1
            self._reach()
        elif tag == "f":
            self._formula = True
            self.parser.CharacterDataHandler = self._take
        elif tag == "si":
            self._scan.lengths.append(0)

    def _cell(self, attributes: list[str]) -> None:
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        reference, self._kind = given.get("r", ""), given.get("t", "")
        if self._named is not bool(reference):
            self._decide(bool(reference))
        if reference:
            letters = reference.rstrip(_NUMBER)
            self._row, self._column = int(reference[len(letters) :]) - 1, self._columns[letters]
        else:
            self._column += 1
        self._scan.shared += self._kind == "s"
        if self._kind in self._watched:
            self.parser.CharacterDataHandler = self._take
        if self._row >= self._scan.rows or self._column >= self._scan.columns:
            self._reach()

    def _decide(self, named: bool) -> None:
        """A writer says where its cells are, or it never does."""
        if self._named is not None:
            raise Unreadable("damaged")
        self._named = named

    def _reach(self) -> None:
        scan = self._scan
        scan.rows = max(scan.rows, within(self._row + 1, _LAST_ROW, "limit_rows"))
        scan.columns = max(scan.columns, within(self._column + 1, _LAST_COLUMN, "limit_columns"))
        within(scan.rows * scan.columns, self._limits.sheet_cells, "limit_cells")

    def _take(self, text: str) -> None:
        if self._tag == "v":
            self._text += text

    def _measure(self, text: str) -> None:
        if self._scan.lengths:
            self._scan.lengths[-1] += len(text)

    def _close(self) -> None:
        """The end of a cell that was watched."""
        scan, place, text = self._scan, (self._row, self._column), self._text.strip()
        if self._kind == "e":
            scan.errors[place] = text
        elif self._kind == "s" and self._lengths and text:
            scan.repeated += self._lengths[int(text)]
        elif self._formula and self._kind != "str" and text in ("", "0"):
            scan.formulas[place] = text
        within(len(scan.errors) + len(scan.formulas), _SPECIAL, "limit_special")
        self._kind = self._text = ""
        self._formula = False
        self.parser.CharacterDataHandler = None
