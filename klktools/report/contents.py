"""What a finished file says: read back from its bytes, apart from the writer that made it."""

from __future__ import annotations

import base64
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from html import unescape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import pikepdf
import pypdfium2

from klktools.errors import ReportError, sentence

_STYLE = re.compile(r"<(style|script)\b.*?</\1>", flags=re.S)
_COMMENT = re.compile(r"<!--(.*?)-->", flags=re.S)
_LABEL = re.compile(r'\s(?:aria-label|alt|title|content|descr|placeholder)="([^"]*)"')
_INLINE = re.compile(r"</?(?:strong|b|em|i|span|a|tspan|code|abbr)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
# a drawing's coordinates and styles, and names of vocabularies: they look like addresses and numbers
_GEOMETRY = re.compile(r'\s(?:d|points|transform|style|class|viewBox|xmlns(?::\w+)?)="[^"]*"')
_DATA = re.compile(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/=\s]+)")
_SCHEMAS = re.compile(r'\s(?:xmlns(?::\w+)?|[\w:]*[Ss]chemaLocation|Type|(?:\w+:)?uri|rdf:about)="[^"]*"')
_NAMESPACE = re.compile(r"(<pdfaSchema:namespaceURI>)[^<]*")
_TEXT_RUN = re.compile(r"<(?:w|a):t\b[^>]*>([^<]*)<|<(/(?:w|a):p|(?:w|a):(?:tab|br)\b[^>]*)>")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", flags=re.S)
# a stream of other objects, as every writer of compressed files makes them
_PDF_OBJECTS = re.compile(rb"<<(?P<about>[^<>]*/ObjStm[^<>]*)>>\s*stream\r?\n")
_PDF_ID = re.compile(rb"/ID\s*\[.*?\]", flags=re.S)
_PDF_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)|(?<!<)<[0-9A-Fa-f\s]*>(?!>)", flags=re.S)
_PDF_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", flags=re.S)
_LINE_END = re.compile(r"\r?\n")
_PDF_HYPHEN = "\ufffe"  # where a word is divided at the end of a line
_PNG_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_SILENT = (".ttf", ".otf", ".odttf", ".fntdata", ".jpg", ".jpeg", ".gif", ".woff2")


@dataclass(frozen=True)
class Contents:
    """What one file says.

    `text` is what its reader sees or hears, alternative texts too; `about` what is kept beside it
    (properties, comments, strings of a PDF); `markup` the rest of what is text.
    """

    text: str = ""
    about: str = ""
    markup: str = ""


def read_contents(name: str, content: bytes) -> Contents:
    """Read one finished file.

    Parameters
    ----------
    name : str
        Its name; the ending says what it is.
    content : bytes

    Returns
    -------
    Contents

    Raises
    ------
    ReportError
        If the ending is unknown or the file cannot be read.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending not in READERS:
        raise ReportError(
            sentence(
                must=f"a file of a report must be one of {', '.join(READERS)}",
                found=f"found {ending or 'no ending'}",
                where=name,
            )
        )
    try:
        return READERS[ending](content)
    except ReportError:
        raise
    except Exception as fault:  # every library here has errors of its own
        raise ReportError(
            sentence(
                must="a file of a report must be readable",
                found=f"could not read it ({type(fault).__name__})",
                where=name,
            )
        ) from None


def _together(parts: list[Contents]) -> Contents:
    return Contents(*("\n".join(getattr(part, f.name) for part in parts) for f in fields(Contents)))


def _page(content: bytes) -> Contents:
    return _html(content.decode())


def _html(source: str) -> Contents:
    """A page or a drawing: its text and labels; comments; and the tags without geometry."""
    pictures = [_picture(kind, data) for kind, data in _DATA.findall(source)]
    page = _DATA.sub("", source)
    shown = _COMMENT.sub("", _STYLE.sub(" ", page))
    text = _TAG.sub(" ", _INLINE.sub("", shown))
    own = Contents(
        unescape("\n".join([text, *_LABEL.findall(shown)])),
        unescape("\n".join(_COMMENT.findall(page))),
        unescape(
            " ".join(
                [
                    *dict.fromkeys(_TAG.findall(_GEOMETRY.sub("", shown))),
                    *(found[0] for found in _STYLE.finditer(page)),
                ]
            )
        ),
    )
    return _together([own, *pictures])


def _picture(kind: str, data: str) -> Contents:
    content = base64.b64decode(data)
    if kind == "image/svg+xml":
        return _page(content)
    return _png(content) if kind == "image/png" else Contents()


def _png(content: bytes) -> Contents:
    """A picture's own notes (software, author ...)."""
    at, notes = 8, []
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        if kind in _PNG_TEXT:
            keyword, _, value = body.partition(b"\0")
            value = zlib.decompress(value[1:]) if kind == b"zTXt" else value
            notes += [keyword.decode("latin-1"), value.decode("latin-1")]
        at += size + 12
    return Contents(about="\n".join(notes))


def _notebook(content: bytes) -> Contents:
    """A notebook is for the consultant: its code and outputs are looked through, not read as prose.

    The cell of default parameters is passed over: it is the same in every report.
    """
    whole = json.loads(content)
    kept = [cell for cell in whole["cells"] if "parameters" not in cell["metadata"].get("tags", ())]
    return Contents(about="\n".join(_strings({**whole, "cells": kept})))


def _record(content: bytes) -> Contents:
    return Contents(about="\n".join(_strings(json.loads(content))))


def _strings(value: Any) -> Iterator[str]:
    """Every string and key of plain data, markup as what it says and notes."""
    if isinstance(value, str):
        yield _marked(value) if value.startswith("<") else value
    elif isinstance(value, Mapping):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        if value and isinstance(value[0], str) and value[0].startswith("<"):  # Jupyter keeps lines apart
            value = ["".join(value)]
        for entry in value:
            yield from _strings(entry)


def _marked(source: str) -> str:
    said = _html(source)
    return f"{said.text}\n{said.about}\n{said.markup}"


def _office(content: bytes) -> Contents:
    """A Word, PowerPoint or Excel file, part by part."""
    parts = zipfile.ZipFile(BytesIO(content))
    return _together([_office_part(name, parts.read(name)) for name in parts.namelist()])


def _office_part(name: str, content: bytes) -> Contents:
    path = PurePosixPath(name)
    ending = f".{name.rpartition('.')[2].lower()}"  # a part may be called just ".rels"
    if ending in (".xml", ".rels", ".vml"):
        return _office_xml(path, content.decode())
    if ending == ".png":
        return _png(content)
    if ending in (".svg", ".xlsx"):
        return READERS.get(ending, _page)(content)
    if ending in _SILENT or name.endswith("/"):
        return Contents()
    raise ReportError(
        sentence(
            must="an Office file must hold texts, pictures, fonts and workbooks only",
            found=f"found {path.name}",
        )
    )


def _office_xml(path: PurePosixPath, source: str) -> Contents:
    marks = unescape(" ".join(dict.fromkeys(_TAG.findall(_SCHEMAS.sub("", source)))))
    if path.parts[0] == "docProps" or "comment" in path.name.lower():
        return Contents(about=unescape(_TAG.sub("\n", source)), markup=marks)
    runs = "".join(text if not end else "\n" for text, end in _TEXT_RUN.findall(source))
    return Contents(unescape("\n".join([runs, *_LABEL.findall(source)])), "", marks)


def _pdf(content: bytes) -> Contents:
    """A PDF: the text of its pages; every string in it (alternatives, bookmarks, links); its attachments."""
    pages = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_range() for page in pages).replace(_PDF_HYPHEN, "")
    with pikepdf.open(BytesIO(content)) as pdf:
        attached = [
            read_contents(name, file.get_file().read_bytes()) for name, file in pdf.attachments.items()
        ]
        properties = pdf.Root.Metadata.read_bytes().decode() if "/Metadata" in pdf.Root else ""
    marks = _NAMESPACE.sub(r"\1", _SCHEMAS.sub("", properties))
    about = "\n".join([*_pdf_strings(content), unescape(_TAG.sub("\n", marks))])
    unbroken = _LINE_END.sub("", text)  # an address may be broken over two lines
    return _together([Contents(text, about, f"{unescape(marks)}\n{unbroken}"), *attached])


def _pdf_strings(content: bytes) -> Iterator[str]:
    """Every string outside the drawings of the pages, also in compressed objects."""
    packed = [zlib.decompressobj().decompress(content[found.end() :]) for found in _packed_objects(content)]
    for found in _PDF_STRING.findall(_PDF_ID.sub(b"", b"\n".join([_STREAM.sub(b"", content), *packed]))):
        yield str(pikepdf.String(_pdf_bytes(found)))


def _packed_objects(content: bytes) -> list[re.Match[bytes]]:
    """Where the streams of objects are; a ReportError when one of them could not be read."""
    found = list(_PDF_OBJECTS.finditer(content))
    named = _STREAM.sub(b"", content).count(b"/ObjStm")
    if len(found) != named or not all(b"/FlateDecode" in each["about"] for each in found):
        raise ReportError(
            sentence(must="the objects of a PDF must be plain or deflated", found="found another filter")
        )
    return found


def _pdf_bytes(found: bytes) -> bytes:
    if found[:1] == b"<":
        return bytes.fromhex(found[1:-1].decode())
    return _PDF_ESCAPE.sub(_unescaped, found[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8) & 255]) if sign[:1].isdigit() else sign


READERS: Mapping[str, Callable[[bytes], Contents]] = {
    ".html": _page,
    ".pdf": _pdf,
    ".docx": _office,
    ".pptx": _office,
    ".ipynb": _notebook,
    ".json": _record,
    ".xlsx": _office,
}
