"""A document to one PDF: tagged (PDF/UA-1), made for the archive (PDF/A-2a), set by Typst.

All texts reach Typst as data; the template is the only program. What Typst cannot say yet, the row headers of
tables, is added to its tags afterwards.
"""

from __future__ import annotations

import functools
import io
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pikepdf
import typst
import yaml
from matplotlib.ft2font import FT2Font

from klktools.blocks import SYMBOLS, Cover, Figure, Paragraphs, Table
from klktools.errors import ReportError, sentence
from klktools.report.document import Document, Heading, Part
from klktools.report.html import ROOM, page_words

STANDARDS: list[Any] = ["a-2a", "ua-1"]
TEMPLATE = ROOM / "templates" / "pdf" / "report.typ"
# The second has signs that the vendored cut lacks (Greek, Cyrillic, mathematics).
FAMILIES = ("KLK Sans", "DejaVu Sans")
_FONT = re.compile(r"font-family:[^;\"]*")
LINE = 100  # signs of table text in the width of a page
GAP = 2  # signs between two columns
SHORT = 21  # signs that are not broken over lines in a cell
TOGETHER = 17  # lines of a table that is not broken over pages
STICKY = 500  # signs of an introduction that stays with what it introduces


def export_pdf(document: Document) -> bytes:
    """The PDF of a document: A4, tagged, with cover, contents, bookmarks and page numbers.

    Parameters
    ----------
    document : Document
        A `Cover` in front becomes the cover page; without one the title does.

    Returns
    -------
    bytes
        The same for the same document. PDF 1.7, PDF/UA-1 and PDF/A-2a; fonts inside, no author, a fixed date.

    Raises
    ------
    ReportError
        If the document cannot be accessible, when it skips a heading level for example.
    """
    return with_row_headers(
        _set(document), [part.row_header for part in document.parts if isinstance(part, Table)]
    )


def report_data(document: Document) -> dict[str, Any]:
    """What the template reads: words, fonts, symbols, and the parts as plain data.

    `front` is what stands before the first heading (it follows the list of contents), `parts` the rest.
    """
    words = {**page_words(document.language), **pdf_words(document.language)}
    parts = document.parts
    covered = bool(parts) and isinstance(parts[0], Cover)
    cover = parts[0] if covered else Cover(document.title, "", ())
    start = next((at for at, part in enumerate(parts) if isinstance(part, Heading)), len(parts))
    data = list(_parts_data(parts))
    return _clean(
        {
            "title": document.title,
            "footer": document.footer,
            "language": document.language,
            "region": words["region"],
            "words": {key: words[key] for key in ("contents", "page")},
            "fonts": FAMILIES,
            "symbols": SYMBOLS,
            "cover": cover.to_data(),
            "front": data[covered:start],
            "parts": data[start:],
        }
    )


@functools.cache
def pdf_words(language: str) -> Mapping[str, str]:
    """The words of the printed report itself, from ``pdf.yaml``."""
    return yaml.safe_load((ROOM / "pdf.yaml").read_text(encoding="utf-8"))[language]


def column_widths(table: Table) -> list[int]:
    """How the columns share the width of a table, in signs of text.

    A column that fits on one line does; otherwise each gets its longest word, and those that break share the
    rest by how much they have to say.
    """
    columns = [list(cells) for cells in zip(table.columns, *table.rows, strict=True)]
    whole = [min(max(map(len, cells)) + 1, LINE) for cells in columns]
    free = LINE - GAP * len(columns)
    if sum(whole) <= free:
        return whole
    least = [
        full if at in table.numeric or full <= SHORT else _longest_word(cells)
        for at, (cells, full) in enumerate(zip(columns, whole, strict=True))
    ]
    wanted = [
        sum(map(len, cells)) * (full > floor)
        for cells, full, floor in zip(columns, whole, least, strict=True)
    ]
    rest = max(free - sum(least), 0) / (sum(wanted) or 1)
    return [
        min(full, floor + round(rest * want)) for full, floor, want in zip(whole, least, wanted, strict=True)
    ]


def with_row_headers(pdf: bytes, headed: Sequence[bool]) -> bytes:
    """The tagged PDF with the first cell of each body row as its row's header, in the tables that have them.

    Parameters
    ----------
    pdf : bytes
        As Typst writes it: header cells have a scope, data cells name their column headers.
    headed : sequence of bool
        Per table in reading order, whether its rows have headers.

    Returns
    -------
    bytes
        The same for the same input.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        tables = [tag for tag in _tags(file.Root.StructTreeRoot) if tag.S == "/Table"]
        for table, has_headers in zip(tables, headed, strict=True):
            if has_headers:
                _head_rows(table)
        out = io.BytesIO()
        modes = pikepdf.ObjectStreamMode
        file.save(out, object_stream_mode=modes.generate, deterministic_id=True, fix_metadata_version=False)
        return out.getvalue()


def _set(document: Document) -> bytes:
    try:
        return _compiler().compile(
            TEMPLATE,
            format="pdf",
            sys_inputs={"report": json.dumps(report_data(document), ensure_ascii=False)},
            pdf_standards=STANDARDS,
        )
    except typst.TypstError as error:
        raise ReportError(
            sentence(
                must="a report must be one that can be set as accessible PDF (PDF/UA-1, PDF/A-2a)",
                found=f"found: {error.message.splitlines()[0]}",
                where=document.title,
                remedy=". ".join(hint[:1].upper() + hint[1:] for hint in error.hints),
            )
        ) from error


@functools.cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[path.parent for path in _faces()],
    )
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts)


def _faces() -> tuple[Path, Path]:
    return ROOM / "fonts" / "SourceSans3-Regular.ttf", Path(
        mpl.get_data_path()
    ) / "fonts" / "ttf" / "DejaVuSans.ttf"


@functools.cache
def _signs() -> frozenset[str]:
    """Every sign that one of the faces can show."""
    return frozenset(chr(code) for face in _faces() for code in FT2Font(str(face)).get_charmap())


def _parts_data(parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    introduces = False
    for part in parts:
        match part:
            case Heading():
                yield {"type": "heading", "level": max(part.level - 1, 1), "text": part.text}
            case Table():
                yield part.to_data() | _table_layout(part)
            case Figure():
                svg = _FONT.sub(f"font-family: '{FAMILIES[0]}'", part.svg)
                yield part.to_data() | {"foot": part.foot, "svg": svg}
            case Paragraphs():
                introduces = introduces and sum(map(len, part.texts)) <= STICKY
                yield part.to_data() | {"sticky": introduces}
            case _:
                yield part.to_data()
        introduces = isinstance(part, Heading) or (introduces and isinstance(part, Paragraphs))


def _table_layout(table: Table) -> dict[str, Any]:
    widths = column_widths(table)
    lines = sum(
        max(math.ceil(len(text) / width) for text, width in zip(row, widths, strict=True))
        for row in (table.columns, *table.rows)
    )
    span = sum(widths) + GAP * len(widths)
    return {"widths": widths, "span": min(max(span / LINE, 0.5), 1), "together": lines <= TOGETHER}


def _longest_word(cells: Sequence[str]) -> int:
    return min(max(len(word) for text in cells for word in (text.split() or [""])), SHORT) + 1


def _clean(value: Any) -> Any:
    """The data with texts that can be set: letters composed, no line ends, "\ufffd" for what no face shows."""
    match value:
        case str():
            text = " ".join(unicodedata.normalize("NFC", value).splitlines()).replace("\t", " ")
            return "".join(sign if sign in _signs() else "\ufffd" for sign in text)
        case dict():
            return {key: _clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_clean(inner) for inner in value]
    return value


def _tags(tag: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """The structure elements below one, in reading order."""
    children = tag.get("/K", pikepdf.Array())
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _tags(child)


def _head_rows(table: pikepdf.Dictionary) -> None:
    """Scopes then say what heads a cell, so its own list of column headers goes."""
    for row in [tag.K for tag in _tags(table) if tag.S == "/TR" and tag.P.S == "/TBody"]:
        for cell in row:
            del cell.A
        row[0].S = pikepdf.Name.TH
        row[0].A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
