"""The pieces a Word text is made of: runs, fields, paragraphs and table cells as XML elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docx.oxml.ns import nsmap
from docx.oxml.parser import oxml_parser
from lxml.builder import ElementMaker

from klktools.report.office import INKS, Span, clean, spans

W = ElementMaker(namespace=nsmap["w"], nsmap={"w": nsmap["w"]}, makeelement=oxml_parser.makeelement)
_W = f"{{{nsmap['w']}}}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def val(element: str, value: object = None, **more: object) -> Any:
    """An element of settings: ``<w:element w:val="value"/>``; `more` are further attributes."""
    given = {} if value is None else {"val": value}
    return W(element, {f"{_W}{key}": str(said) for key, said in (given | more).items()})


def run(text: str, *, style: str = "", bold: bool = False, colour: str = "") -> Any:
    """A run of literal text; `style` is a character style."""
    look = [val("rStyle", style)] if style else []
    look += [val("b")] if bold else []
    look += [val("color", colour)] if colour else []
    said = W.t(clean(text), {_SPACE: "preserve"})
    return W.r(W.rPr(*look), said) if look else W.r(said)


def runs(text: str) -> list[Any]:
    """The runs of a text: bold is a style, a status symbol has its colour."""
    return [_run(span) for span in spans(text)]


def _run(span: Span) -> Any:
    return run(span.text, style="Strong" if span.bold else "", colour=INKS.get(span.tone, ""))


def tab() -> Any:
    """A tab between two runs."""
    return W.r(W.tab())


def field(instruction: str, shown: str) -> list[Any]:
    """A field with the text it shows until Word computes it again."""
    return [
        W.r(val("fldChar", fldCharType="begin")),
        W.r(W.instrText(f" {instruction} ", {_SPACE: "preserve"})),
        W.r(val("fldChar", fldCharType="separate")),
        run(shown),
        W.r(val("fldChar", fldCharType="end")),
    ]


def bookmarked(name: str, number: int, inner: Iterable[Any]) -> list[Any]:
    """Runs that a link can lead to."""
    return [val("bookmarkStart", id=number, name=name), *inner, val("bookmarkEnd", id=number)]


def link(name: str, inner: Iterable[Any]) -> Any:
    """Runs that lead to a bookmark."""
    return W.hyperlink({f"{_W}anchor": name, f"{_W}history": "1"}, *inner)


def paragraph(style: str, inner: Iterable[Any], *settings: Any) -> Any:
    """A paragraph in a style; `settings` are further elements of its pPr, in the schema's order."""
    return W.p(W.pPr(val("pStyle", style), *settings), *inner)


def cell(width: float, inner: Sequence[Any], *settings: Any) -> Any:
    """A table cell, `width` in points."""
    return W.tc(W.tcPr(val("tcW", w=round(20 * width), type="dxa"), *settings), *inner)


def row(cells: Iterable[Any], *, heading: bool = False) -> Any:
    """A table row that no page break cuts; a heading row is repeated on every page."""
    return W.tr(W.trPr(val("cantSplit"), *([val("tblHeader")] if heading else [])), *cells)


def table(
    rows: Iterable[Any],
    *,
    style: str,
    widths: Sequence[float],
    caption: str,
    first_column: bool = False,
) -> Any:
    """A table of fixed column widths (points); `caption` is its alternative text."""
    flags: Mapping[str, object] = {
        "firstRow": 1,
        "lastRow": 0,
        "firstColumn": int(first_column),
        "lastColumn": 0,
        "noHBand": 1,
        "noVBand": 1,
    }
    looks = 0x0020 | (0x0080 if first_column else 0) | 0x0200 | 0x0400
    return W.tbl(
        W.tblPr(
            val("tblStyle", style),
            val("tblW", w=round(20 * sum(widths)), type="dxa"),
            val("tblLayout", type="fixed"),
            val("tblLook", f"{looks:04X}", **flags),
            val("tblCaption", clean(caption)),
        ),
        W.tblGrid(*(val("gridCol", w=round(20 * width)) for width in widths)),
        *rows,
    )
