"""A document to a Word file that can be edited: real styles, captions, fields, contents, table headings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from docx import Document as open_docx
from docx.document import Document as Book
from docx.shared import Pt

from klktools import blocks
from klktools.blocks import SYMBOLS
from klktools.report.document import Document, Heading, Part
from klktools.report.html import page_words
from klktools.report.measure import column_widths
from klktools.report.office import FILLS, bare, clean, office_words, repacked, set_properties, template
from klktools.report.pictures import picture_of
from klktools.report.word_xml import (
    W,
    bookmarked,
    cell,
    field,
    link,
    paragraph,
    row,
    run,
    runs,
    tab,
    table,
    val,
)

TEXT_WIDTH = 170 / 25.4 * 72  # points between the margins
MOST_HEIGHT = 215 / 25.4 * 72  # of a picture, so that its caption and source stay on the page
ONE_PAGE = 10  # a table of so many rows is not cut
_NUMBERS = 2  # the reference document's list of numbers


def export_docx(document: Document) -> bytes:
    """The Word file of a document: the same bytes for the same document.

    Headings keep their order and skip no level: a section is ``Heading 1`` under the title. Figures and
    tables are numbered; their numbers, the contents list and the page numbers are fields that show their text
    without being computed (the contents list shows page numbers once it is updated in Word).
    """
    book = open_docx(io.BytesIO(template("reference.docx")))
    words = office_words(document.language)
    _set_language(book, words["locale"])
    _write_footer(book, document.footer, words["page"])
    _Writer(book, document).write()
    set_properties(book.core_properties, title=document.title, locale=words["locale"])
    package = io.BytesIO()
    book.save(package)
    return repacked(package.getvalue())


def _set_language(book: Book, locale: str) -> None:
    for place in (book.styles.element, book.settings.element):
        for language in place.xpath("//w:rPrDefault//w:lang | //w:themeFontLang"):
            language.attrib[f"{{{language.nsmap['w']}}}val"] = locale


def _write_footer(book: Book, text: str, page: str) -> None:
    """The closing line to the left, the page number to the right; the first page has none."""
    footer = book.sections[0].footer
    footer.is_linked_to_previous = False
    before, between, after = _around(page)
    number = [run(before), *field("PAGE", "1"), run(between), *field("NUMPAGES", "1"), run(after)]
    element = footer._element
    for old in list(element):
        element.remove(old)
    element.append(paragraph("Footer", [run(text), tab(), *number]))


def _around(page: str) -> tuple[str, str, str]:
    """What stands before, between and after the two numbers of "Page {page} of {pages}"."""
    before, rest = page.split("{page}")
    between, after = rest.split("{pages}")
    return before, between, after


class _Writer:
    """Writes one document into a book; it counts figures, tables, bookmarks and lists as it goes."""

    def __init__(self, book: Book, document: Document) -> None:
        self.book = book
        self.document = document
        self.words = office_words(document.language)
        self.body = book.element.body
        self.end = self.body[-1]  # the section's settings close the body
        self.counts = {"figure": 0, "table": 0}
        self.level = 0
        self.after_heading = False
        self.headings = [part for part in document.parts if isinstance(part, Heading)]
        self.marks = {heading.id: f"_Toc{number:06}" for number, heading in enumerate(self.headings, start=1)}

    def write(self) -> None:
        """The parts in order; the contents list stands before the first heading."""
        for part in self.document.parts:
            if self.headings and part is self.headings[0]:
                self._add(*self._contents())
            self._add(*self._part(part))
            self.after_heading = isinstance(part, Heading)

    def _add(self, *elements: Any) -> None:
        for element in elements:
            self.end.addprevious(element)

    def _part(self, part: Part) -> Iterator[Any]:
        match part:
            case Heading():
                yield self._heading(part)
            case blocks.Cover():
                yield from _cover(part)
            case blocks.Paragraphs():
                for text in part.texts:
                    together = [val("keepNext")] if self.after_heading else []
                    yield paragraph("Lead" if part.lead else "Normal", runs(text), *together)
            case blocks.Bullets():
                yield from self._list(part)
            case blocks.Table():
                yield from self._table(part)
            case blocks.Cards():
                for number, card in enumerate(part.cards):
                    yield from _card(card, odd=number % 2)
            case blocks.KeyFigures():
                yield from _key_figures(part)
            case blocks.Box():
                yield from _box(part)
            case blocks.Figure():
                yield from self._figure(part)
            case other:
                raise TypeError(f"a block that no Word file can show: {type(other).__name__}")

    def _heading(self, heading: Heading) -> Any:
        first = self.level == 0
        self.level = min(max(heading.level - 1, 1), self.level + 1, 3)
        number = self.headings.index(heading) + 1
        inner = bookmarked(self.marks[heading.id], number, runs(heading.text))
        new_page = [W.pageBreakBefore()] if first else []
        return paragraph(f"Heading{self.level}", inner, *new_page)

    def _contents(self) -> Iterator[Any]:
        """The sections as a contents field; Word adds page numbers when it is updated."""
        yield paragraph("TOCHeading", [run(page_words(self.document.language)["contents"])])
        top = min(heading.level for heading in self.headings)
        sections = [heading for heading in self.headings if heading.level == top]
        for number, heading in enumerate(sections):
            before, after = field('TOC \\o "1-1" \\h \\z \\u', "")[:3], field("", "")[-1:]
            entry = link(self.marks[heading.id], [run(bare(heading.text), style="Hyperlink")])
            opening = before if number == 0 else []
            closing = after if heading is sections[-1] else []
            yield paragraph("TOC1", [*opening, entry, *closing])

    def _list(self, bullets: blocks.Bullets) -> Iterator[Any]:
        number = self._new_numbers() if bullets.ordered else 0
        for item in bullets.items:
            numbered = [W.numPr(val("ilvl", 0), val("numId", number))] if number else []
            yield paragraph("ListNumber" if number else "ListBullet", runs(item), *numbered)

    def _new_numbers(self) -> int:
        """The number of a list that begins at 1 again."""
        numbering = self.book.part.numbering_part.element
        number = len(numbering.num_lst) + 1
        restart = W.lvlOverride(val("startOverride", 1))
        restart.attrib[f"{{{restart.nsmap['w']}}}ilvl"] = "0"
        kind = val("abstractNumId", _NUMBERS - 1)
        numbering.append(val("num", numId=number))
        numbering[-1].extend([kind, restart])
        return number

    def _caption(self, kind: str, text: str) -> Any:
        self.counts[kind] += 1
        label = self.words[kind]
        number = field(f"SEQ {label} \\* ARABIC", str(self.counts[kind]))
        return paragraph("Caption", [run(f"{label} "), *number, run(": "), *runs(text)])

    def _figure(self, figure: blocks.Figure) -> Iterator[Any]:
        yield self._caption("figure", figure.title)
        yield paragraph("Figure", [W.r(W.drawing(self._picture(figure)))])
        yield paragraph("Source", runs(figure.foot))

    def _picture(self, figure: blocks.Figure) -> Any:
        inline = self.book.part.new_pic_inline(io.BytesIO(picture_of(figure)), width=Pt(TEXT_WIDTH))
        shrink = min(1.0, Pt(MOST_HEIGHT) / inline.extent.cy)
        sizes = (inline.extent, inline.graphic.graphicData.pic.spPr.find(".//{*}ext"))
        wide, high = (int(length * shrink) for length in (inline.extent.cx, inline.extent.cy))
        for size in sizes:
            size.attrib.update({"cx": str(wide), "cy": str(high)})
        name = f"{self.words['figure']} {self.counts['figure']}"
        inline.docPr.attrib.update({"name": name, "title": bare(figure.title), "descr": clean(figure.alt)})
        return inline

    def _table(self, shown: blocks.Table) -> Iterator[Any]:
        yield self._caption("table", shown.caption)
        texts = [[bare(text) for text in texts] for texts in (shown.columns, *shown.rows)]
        widths = column_widths(texts, size=9.5, total=TEXT_WIDTH, padding=9.5)
        heading = row(_cells(shown, shown.columns, widths, "TableHeading"), heading=True)
        last = len(shown.rows) if len(shown.rows) <= ONE_PAGE else 0
        rows = [
            row(_cells(shown, texts, widths, "TableText", together=number < last))
            for number, texts in enumerate(shown.rows, start=1)
        ]
        yield table(
            [heading, *rows],
            style="ReportTable",
            widths=widths,
            caption=bare(shown.caption),
            first_column=shown.row_header,
        )
        yield paragraph("Note", runs(shown.note))  # also empty: it parts the table from what follows


def _cells(
    shown: blocks.Table, texts: tuple[str, ...], widths: list[float], style: str, *, together: bool = False
) -> Iterator[Any]:
    for at, (text, width) in enumerate(zip(texts, widths, strict=True)):
        numeric = at in shown.numeric
        settings = [val("keepNext")] if together else []
        settings += [val("jc", "right")] if numeric and style == "TableHeading" else []
        chosen = "TableNumber" if numeric and style == "TableText" else style
        yield cell(width, [paragraph(chosen, runs(text), *settings)])


def _cover(cover: blocks.Cover) -> Iterator[Any]:
    yield paragraph("Title", runs(cover.title))
    yield paragraph("Subtitle", runs(cover.subtitle))
    for label, value in cover.facts:
        yield paragraph("CoverFact", [run(f"{clean(label)}: ", style="CoverLabel"), *runs(value)])


def _mark(tone: str, word: str) -> str:
    return f"{SYMBOLS[tone]} {word}"


def _card(card: blocks.Card, *, odd: int) -> Iterator[Any]:
    """A finding: its paragraphs have one edge in the colour of its tone and stay on one page."""
    lines = [("CardMark", _mark(card.tone, card.word)), ("CardTitle", card.title), ("Card", card.text)]
    lines += [("Card", card.recommendation), ("CardEvidence", card.evidence)]
    shown = [(style, text) for style, text in lines if text]
    for number, (style, text) in enumerate(shown, start=1):
        together = [val("keepNext")] if number < len(shown) else []
        edge = W.pBdr(*_edges(card.tone, odd=odd))
        inner = runs(text) if style != "CardTitle" else [run(bare(text))]
        yield paragraph(style, inner, *together, edge)


def _edges(tone: str, *, odd: int) -> Iterator[Any]:
    """A card's left edge, with white above and below that parts it from its neighbours.

    Paragraphs of equal borders share them, so those of every other card are an eighth of a point wider.
    """
    yield val("top", "single", sz=40 + odd, space=1, color="FFFFFF")
    yield val("left", "single", sz=36, space=8, color=FILLS[tone])
    yield val("bottom", "single", sz=40 + odd, space=1, color="FFFFFF")


def _key_figures(shown: blocks.KeyFigures) -> Iterator[Any]:
    """Labels as the heading row, the numbers under them."""
    if not shown.figures:
        return
    widths = [TEXT_WIDTH / len(shown.figures)] * len(shown.figures)
    labels = [
        cell(
            width,
            [paragraph("TableHeading", runs(figure.label))],
            W.tcBorders(val("top", "single", sz=36, space=0, color=FILLS[figure.tone])),
        )
        for figure, width in zip(shown.figures, widths, strict=True)
    ]
    numbers = [
        cell(width, list(_key_lines(figure))) for figure, width in zip(shown.figures, widths, strict=True)
    ]
    caption = ", ".join(bare(figure.label) for figure in shown.figures)
    yield table([row(labels, heading=True), row(numbers)], style="KeyFigures", widths=widths, caption=caption)
    yield paragraph("Note", [])


def _key_lines(figure: blocks.KeyFigure) -> Iterator[Any]:
    yield paragraph("KeyValue", runs(figure.value))
    for text in (_mark(figure.tone, figure.word) if figure.word else "", figure.note):
        if text:
            yield paragraph("TableText", runs(text))


def _box(box: blocks.Box) -> Iterator[Any]:
    several = len(box.items) > 1
    # one frame needs one indent
    listed = [val("ind", left=440, right=160, hanging=280)] if several else []
    yield paragraph("BoxTitle", runs(box.title), *listed)
    style = "BoxList" if several else "Box"
    for item in box.items:
        yield paragraph(style, runs(item))
