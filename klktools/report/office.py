"""What the Word and the PowerPoint file share: literal text, palette, words and a package without traces."""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from klktools.blocks import SYMBOLS
from klktools.report.html import ROOM

INK, MUTED, LINE, SOFT, DEEP = "1B1F24", "4A5561", "C9D1DA", "F2F5F8", "0F2D4A"
PALE = "C9D8E6"  # labels on the deep blue
NOTICE = "FFF4C7"
FILLS = {"green": "259582", "yellow": "FBCC12", "orange": "D16200", "red": "8E0013", "none": "5F6B7A"}
# symbols in a text: at least 4.5:1 on white
INKS = {"green": "106859", "yellow": "906D05", "orange": "A34800", "red": "8E0013", "none": "5F6B7A"}

# The same for every file, so that the same report is the same bytes and says nothing of when or where.
DATE = dt.datetime(1980, 1, 1)
_TONES = {symbol: tone for tone, symbol in SYMBOLS.items()}
_PIECES = re.compile(rf"\*\*(?P<bold>.+?)\*\*|(?P<symbol>[{''.join(SYMBOLS.values())}])")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Span:
    """A piece of a text in one look; `tone` is that of a status symbol, else ""."""

    text: str
    bold: bool = False
    tone: str = ""


def clean(text: str) -> str:
    """The text on one line, without the characters XML forbids."""
    return re.sub(r"[\t\n\r]+", " ", _FORBIDDEN.sub("", text))


def bare(text: str) -> str:
    """The cleaned text without its markup."""
    return "".join(span.text for span in spans(text))


def spans(text: str, *, bold: bool = False) -> Iterator[Span]:
    """The pieces of a text: ``**bold**`` and the status symbols stand apart."""
    at, text = 0, clean(text)
    for piece in _PIECES.finditer(text):
        if piece.start() > at:
            yield Span(text[at : piece.start()], bold)
        if piece["bold"]:
            yield from spans(piece["bold"], bold=True)
        else:
            yield Span(piece["symbol"], bold, _TONES[piece["symbol"]])
        at = piece.end()
    if at < len(text):
        yield Span(text[at:], bold)


@functools.cache
def office_words(language: str) -> Mapping[str, str]:
    """The words of the two formats, from ``office.yaml``."""
    return yaml.safe_load((ROOM / "office.yaml").read_text(encoding="utf-8"))[language]


@functools.cache
def template(name: str) -> bytes:
    """A prepared file, made by ``office_templates.py``."""
    return (ROOM / "templates" / name).read_bytes()


def set_properties(properties: Any, *, title: str, locale: str) -> None:
    """Title and language are all a file says of itself."""
    for name in ("author", "last_modified_by", "comments", "keywords", "category", "subject", "version"):
        setattr(properties, name, "")
    properties.title = clean(title)[:255]  # no more is allowed
    properties.language = locale
    properties.created = properties.modified = DATE
    properties.revision = 1


def repacked(package: bytes) -> bytes:
    """The same zip file with fixed dates, order and system, so that equal parts are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, DATE.timetuple()[:6])
            entry.create_system = 0
            # a PNG does not get smaller
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()
