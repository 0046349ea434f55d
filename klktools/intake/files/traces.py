"""What a workbook tells beside its cells (E34): who wrote it, comments, links, what is hidden.

Nothing of it is read into a round. Here it is only counted, part by part and never as a whole; a part that is
larger than the limit is counted as far as that.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path, PurePosixPath

from klktools.intake.files.sheet import Fault

_SMALL = 4 * 2**20  # properties, comments, the list of sheets
_LARGE = 512 * 2**20  # a sheet
_BLOCK = 2**20
_AUTHOR = re.compile(rb"<(?:\w+:)?(?:creator|lastModifiedBy|Manager|Company)(?:\s[^>]*)?>([^<]+)<")
_TOOLS = (b"openpyxl", b"xlsxwriter", b"python", b"microsoft excel", b"klktools")  # name no one
_PROPERTY = re.compile(rb"<(?:\w+:)?property\s")
_COMMENT = re.compile(rb"<(?:\w+:)?(?:comment|threadedComment)\s([^>]*)>")
_COMMENT_AUTHOR = re.compile(rb"<(?:\w+:)?author>([^<]*)<")
_AUTHOR_ID = re.compile(rb'authorId="(\d+)"')
_PERSON = re.compile(rb"<(?:\w+:)?person\s")
_NAME = re.compile(rb"<(?:\w+:)?definedName\s[^>]*>([^<]*)<")
_PATH = re.compile(rb"[A-Za-z]:[\\/]|\\\\|file:|https?:|\[")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\bhidden=\"(?:1|true)\"")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*?\bhidden=\"(?:1|true)\"")


def workbook_traces(file: Path, name: str) -> Iterator[Fault]:
    """Properties, comments, links and hidden rows of one workbook, as faults: counted, never repeated."""
    with zipfile.ZipFile(file) as archive:
        for phrase, count in _left_out(archive):
            yield Fault("E34", name, phrase=phrase, other=str(count), repaired=True)
        for sheet, part in _sheets(archive):
            rows, columns = _hidden(archive, part)
            for phrase, count in (("hidden_rows", rows), ("hidden_columns", columns)):
                if count:
                    yield Fault("E34b", name, sheet, value=sheet, phrase=phrase, other=str(count))


def _left_out(archive: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    """What is left out of the round, and how much of it there is."""
    parts = archive.namelist()
    comments = [part for part in parts if "comment" in part.lower() and part.endswith(".xml")]
    names = _NAME.findall(_small(archive, "xl/workbook.xml"))
    properties = [_small(archive, f"docProps/{part}.xml") for part in ("core", "app")]
    counts = {
        "author": sum(map(_has_author, properties)),
        "custom": len(_PROPERTY.findall(_small(archive, "docProps/custom.xml"))),
        "comments": _comments(archive, comments),
        "people": sum(len(_PERSON.findall(_small(archive, part))) for part in parts if "/persons/" in part),
        "links": sum(PurePosixPath(part).match("xl/externalLinks/*.xml") for part in parts),
        "paths": sum(_PATH.search(text) is not None for text in names),
    }
    yield from ((phrase, count) for phrase, count in counts.items() if count)


def _has_author(properties: bytes) -> bool:
    given = (text.strip().lower() for text in _AUTHOR.findall(properties))
    return any(text and not text.startswith(_TOOLS) for text in given)


def _comments(archive: zipfile.ZipFile, parts: list[str]) -> int:
    """A thread is kept twice: as itself, and as an old comment for older programs."""
    counts = {part: _by_people(_small(archive, part)) for part in parts}
    threads = sum(count for part, count in counts.items() if "thread" in part.lower())
    return max(threads, sum(counts.values()) - threads)


def _by_people(part: bytes) -> int:
    """Comments in a part without those of our own template, which say what a column is to hold."""
    authors = [text.strip().lower() for text in _COMMENT_AUTHOR.findall(part)]
    ours = {str(number).encode() for number, author in enumerate(authors) if author == b"klktools"}
    written = (_AUTHOR_ID.search(attributes) for attributes in _COMMENT.findall(part))
    return sum(found is None or found[1] not in ours for found in written)


def _sheets(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Name and part of every sheet that is shown."""
    rels = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for attributes in _attributes(_RELATION, _small(archive, "xl/_rels/workbook.xml.rels"))
    }
    sheets = []
    for attributes in _attributes(_SHEET, _small(archive, "xl/workbook.xml")):
        target = rels.get(next((value for key, value in attributes.items() if key.endswith(":id")), ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if attributes.get("state", "visible") == "visible" and part in archive.namelist():
            sheets.append((attributes.get("name", ""), part))
    return sheets


def _attributes(tag: re.Pattern[str], part: bytes) -> list[dict[str, str]]:
    return [
        {key: unescape(value) for key, value in _ATTRIBUTE.findall(found)}
        for found in tag.findall(part.decode("utf-8", errors="replace"))
    ]


def _hidden(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Hidden rows and columns of one sheet, read as a stream."""
    rows = columns = size = 0
    rest = b""
    with archive.open(part) as content:
        while size < _LARGE and (block := content.read(_BLOCK)):
            size += len(block)
            text = rest + block
            cut = text.rfind(b"<")
            text, rest = text[:cut], text[cut:][-_BLOCK:]
            rows += len(_HIDDEN_ROW.findall(text))
            columns += len(_HIDDEN_COLUMN.findall(text))
    return rows, columns


def _small(archive: zipfile.ZipFile, part: str) -> bytes:
    """The beginning of a small part; nothing when it is not there."""
    if part not in archive.namelist():
        return b""
    with archive.open(part) as content:
        return content.read(_SMALL)
