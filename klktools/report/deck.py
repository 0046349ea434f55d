"""One slide at a time: placeholders filled, panels, pictures and tables laid out, notes kept."""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Pt

from klktools.blocks import Figure, Table
from klktools.report.measure import column_widths, height_of
from klktools.report.office import DEEP, FILLS, INK, SOFT, bare, clean
from klktools.report.office import LINE as RULE
from klktools.report.pictures import picture_of
from klktools.report.slide_template import FOOTER, NUMBER, Place
from klktools.report.slide_text import Fitted, Line, fitted, write

TITLES = (28, 26, 24, 22, 20)
INSET = 11  # of a panel's text, in points
GAP = 14  # between panels
BAR = 6
TOP, BOTTOM = 116, 494  # of what stands under the title
CELL = (4, 10)  # of a table cell's text: above and below, right
# "No Style, No Grid": the rules are our own
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_DECORATIVE = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)


@dataclass(frozen=True)
class Frame:
    """A rectangle on a slide, in points."""

    left: float
    top: float
    width: float
    height: float

    def emu(self) -> tuple[Pt, Pt, Pt, Pt]:
        """The four lengths as PowerPoint counts them."""
        return Pt(self.left), Pt(self.top), Pt(self.width), Pt(self.height)


@dataclass(frozen=True)
class Grid:
    """A table's text size, column widths, row heights (heading row first), and how many rows are shown."""

    size: float
    widths: Sequence[float]
    heights: Sequence[float]
    shown: int


@dataclass(frozen=True)
class Panel:
    """A field of text with the colour of its tone ("" for none) along its left or its upper edge."""

    lines: tuple[Line, ...]
    tone: str = ""
    upper: bool = False

    def edge(self, frame: Frame) -> Frame:
        """Where the edge lies."""
        wide, high = (frame.width, BAR) if self.upper else (BAR, frame.height)
        return Frame(frame.left, frame.top, wide, high)


class Deck:
    """A presentation that grows slide by slide; `words` are those of ``office.yaml``."""

    def __init__(self, show: Any, words: Mapping[str, str], footer: str) -> None:
        self.show = show
        self.words = words
        self.footer = footer
        self.layouts = {layout.name: layout for layout in show.slide_layouts}
        for look in show.element.iter("{*}defRPr"):  # what is typed later has the language too
            look.attrib.update({"lang": words["locale"]} if "lang" in look.attrib else {})

    def cover(self, title: str, subtitle: str) -> Slide:
        """The first slide."""
        slide = Slide(self, "Cover")
        slide.put(0, [Line(title, bold=True, gap=0)], (40, 36, 32, 28, 24))
        slide.put(1, [Line(subtitle, gap=0)], (22, 20, 18, 16, 14))
        return slide

    def slide(self, layout: str, title: str) -> Slide:
        """A new slide with its title."""
        slide = Slide(self, layout)
        slide.put(0, [Line(title, bold=True, gap=0)], TITLES)
        return slide


class Slide:
    """One slide in the making; `done` closes it with footer, number and notes."""

    def __init__(self, deck: Deck, layout: str) -> None:
        self.deck = deck
        self.layout = deck.layouts[layout]
        self.slide = deck.show.slides.add_slide(self.layout)
        self.places = {shape.placeholder_format.idx: shape for shape in self.slide.placeholders}
        self.locale = deck.words["locale"]
        self.notes: list[str] = []
        self.below = 0.0  # where the picture ends

    def put(
        self,
        index: int,
        lines: Sequence[Line],
        sizes: Sequence[float],
        *,
        tight: bool = False,
        **place: float | None,
    ) -> float:
        """Fill a placeholder; without lines it is taken away.

        `place` (points) moves or sizes it, `tight` makes it as high as its text. The height of the text is
        given back.
        """
        shape = self.places[index]
        if not any(line.text for line in lines):
            shape._element.getparent().remove(shape._element)
            return 0
        box = {name: getattr(shape, name) for name in ("left", "top", "width", "height")}
        box |= {name: Pt(length) for name, length in place.items() if length is not None}
        text = self._fitted(lines, box["width"].pt, box["height"].pt, sizes)
        height = sum(line.height(size=text.size, width=box["width"].pt) for line in text.lines)
        if tight or place:
            for name, length in (box | ({"height": Pt(height)} if tight else {})).items():
                setattr(shape, name, length)
        write(shape.text_frame, text.lines, size=text.size, locale=self.locale)
        return height

    def _fitted(self, lines: Sequence[Line], width: float, height: float, sizes: Sequence[float]) -> Fitted:
        text = fitted(lines, width=width, height=height, sizes=sizes)
        if text.cut:
            self.rest("rest", " ".join(bare(line.text) for line in lines))
        return text

    def rest(self, word: str, text: str) -> None:
        """Keep in the notes what the slide has no room for."""
        self.note(self.deck.words[word].format(text=text))

    def note(self, *texts: str) -> None:
        """Add paragraphs to the speaker notes."""
        self.notes += [bare(text) for text in texts if text]

    def bar(self, frame: Frame, tone: str) -> None:
        """A bar in the colour of a tone; it is decoration, the word stands beside it."""
        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *frame.emu())
        _plain(shape, FILLS[tone])
        shape._element.nvSpPr.cNvPr.append(parse_xml(_DECORATIVE))

    def panel(self, frame: Frame, lines: Sequence[Line], sizes: Sequence[float], *, fill: str = SOFT) -> None:
        """A field of colour with text."""
        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *frame.emu())
        _plain(shape, fill)
        text = self._fitted(lines, frame.width - 2 * INSET, frame.height - 2 * INSET, sizes)
        frame_ = shape.text_frame
        frame_.word_wrap = True
        frame_.vertical_anchor = MSO_ANCHOR.TOP
        frame_.margin_left = frame_.margin_right = frame_.margin_top = frame_.margin_bottom = Pt(INSET)
        inked = [Line(**(vars(line) | {"colour": line.colour or INK})) for line in text.lines]
        write(frame_, inked, size=text.size, locale=self.locale)
        for paragraph in frame_.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT

    def rows(self, rows: Sequence[Sequence[Panel]], sizes: Sequence[float], place: Frame) -> None:
        """Rows of panels in one size of text, the largest that fits; rows are as high as they need."""
        room = place.height - GAP * (len(rows) - 1)
        size = next((size for size in sizes if sum(_needs(rows, size, place)) <= room), sizes[-1])
        needs = _needs(rows, size, place)
        shares = [need * room / sum(needs) if sum(needs) > room else need for need in needs]
        top = place.top
        for row, height in zip(rows, shares, strict=True):
            width = _width(len(row), place)
            for number, panel in enumerate(row):
                frame = Frame(place.left + number * (width + GAP), top, width, height)
                self.panel(frame, panel.lines, sizes[sizes.index(size) :])
                if panel.tone:
                    self.bar(panel.edge(frame), panel.tone)
            top += height + GAP

    def picture(self, figure: Figure, *, top: float | None = None) -> None:
        """A figure in its placeholder, its source under it; `top` (points) lets it begin elsewhere."""
        place = next(entry for entry in _places(self.layout) if entry.placeholder_format.idx == 11)
        bottom = place.top + place.height
        above = place.top if top is None else Pt(top)
        shape = self.places[11].insert_picture(io.BytesIO(picture_of(figure)))
        wide, high = shape.image.size
        scale = min(place.width / wide, (bottom - above) / high)
        shape.crop_left = shape.crop_right = shape.crop_top = shape.crop_bottom = 0
        shape.left, shape.top = place.left, above
        shape.width, shape.height = Emu(int(wide * scale)), Emu(int(high * scale))
        described = {"descr": clean(figure.alt), "title": bare(figure.title)}
        shape._element.nvPicPr.cNvPr.attrib.update(described)
        self.below = (above + shape.height) / Pt(1) + 4
        self.put(13, [Line(figure.foot, gap=0)], (10, 9, 8), top=self.below)
        self.note(figure.foot, self.deck.words["figure_says"].format(alt=figure.alt))

    def table(self, table: Table, sizes: Sequence[float]) -> None:
        """A table in its placeholder; rows that do not fit go to the notes."""
        place = self.places[15]
        grid = _fitted_grid(table, sizes, place.width.pt, place.height.pt)
        if left_out := table.rows[grid.shown - 1 :]:
            self.rest("rows", " ".join(" · ".join(map(bare, row)) for row in left_out))
        self._fill(place.insert_table(rows=grid.shown, cols=len(grid.widths)), table, grid)

    def table_under_picture(self, table: Table, sizes: Sequence[float]) -> None:
        """A table in the room that the picture and its source leave; none if it does not fit whole."""
        place = next(entry for entry in _places(self.layout) if entry.placeholder_format.idx == 11)
        top = self.below + 26
        grid = _fitted_grid(table, sizes, place.width.pt, BOTTOM - top)
        if grid.shown <= len(table.rows):
            return
        frame = Frame(place.left.pt, top, place.width.pt, sum(grid.heights))
        self._fill(self.slide.shapes.add_table(grid.shown, len(grid.widths), *frame.emu()), table, grid)

    def _fill(self, frame: Any, table: Table, grid: Grid) -> None:
        frame._element.nvGraphicFramePr.cNvPr.set("descr", bare(table.caption))
        shown = frame.table
        shown._tbl.tblPr.find("{*}tableStyleId").text = _PLAIN_TABLE
        shown.horz_banding, shown.first_col = False, table.row_header
        for column, width in zip(shown.columns, grid.widths, strict=True):
            column.width = Pt(width)
        texts = (table.columns, *table.rows)
        for number, row in enumerate(shown.rows):
            row.height = Pt(grid.heights[number])
            for cell, text in zip(row.cells, texts[number], strict=True):
                self._cell(cell, text, grid.size, heading=number == 0)
        frame.height = Pt(sum(grid.heights[: grid.shown]))

    def _cell(self, cell: Any, text: str, size: float, *, heading: bool) -> None:
        cell.margin_left, cell.margin_right = Pt(0), Pt(CELL[1])
        cell.margin_top = cell.margin_bottom = Pt(CELL[0])
        line = Line(text, bold=heading, colour=DEEP if heading else INK, gap=0)
        write(cell.text_frame, [line], size=size, locale=self.locale)
        cell._tc.get_or_add_tcPr().append(_rule(DEEP, 2) if heading else _rule(RULE, 0.75))

    def done(self) -> None:
        """Footer, slide number and notes."""
        for place in (FOOTER, NUMBER):
            self._close(place)
        frame = self.slide.notes_slide.notes_text_frame
        write(frame, [Line(note) for note in self.notes], size=12, locale=self.locale)

    def _close(self, place: Place) -> None:
        """Take over a placeholder that python-pptx leaves to the layout."""
        own = [entry for entry in _places(self.layout) if entry.placeholder_format.idx == place.index]
        for shape in own:
            element = copy.deepcopy(shape._element)
            element.nvSpPr.cNvPr.set("id", str(max(shape.shape_id for shape in self.slide.shapes) + 1))
            element.spPr.clear()
            self.slide.shapes._spTree.append(element)
            for look in element.iter("{*}rPr"):
                look.set("lang", self.locale)
            for shown in element.iterfind(".//{*}fld/{*}t"):
                shown.text = str(len(self.deck.show.slides))
            if place is FOOTER:
                text = fitted([Line(self.deck.footer, gap=0)], width=700, height=16, sizes=(10, 9, 8))
                write(self.slide.shapes[-1].text_frame, text.lines, size=text.size, locale=self.locale)


def _places(layout: Any) -> list[Any]:
    return list(layout.placeholders)


def _plain(shape: Any, colour: str) -> None:
    """One colour, no outline, no shadow."""
    shape._element.remove(shape._element.find("{*}style"))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    shape.line.fill.background()


def _width(count: int, place: Frame) -> float:
    return (place.width - GAP * (count - 1)) / count


def _needs(rows: Sequence[Sequence[Panel]], size: float, place: Frame) -> list[float]:
    """The height each row of panels needs."""
    inner = [_width(len(row), place) - 2 * INSET for row in rows]
    return [
        max(sum(line.height(size=size, width=width) for line in panel.lines) for panel in row) + 2 * INSET + 2
        for row, width in zip(rows, inner, strict=True)
    ]


def _fitted_grid(table: Table, sizes: Sequence[float], width: float, height: float) -> Grid:
    """The table at the largest size in which it fits; at the smallest, as many rows as fit."""
    for size in sizes:
        grid = _grid(table, size, width)
        if sum(grid.heights) <= height:
            return grid
    count = sum(sum(grid.heights[: number + 1]) <= height for number in range(len(grid.heights)))
    return Grid(grid.size, grid.widths, grid.heights, max(count, 1))


def _grid(table: Table, size: float, total: float) -> Grid:
    texts = [[bare(text) for text in row] for row in (table.columns, *table.rows)]
    widths = column_widths(texts, size=size, total=total, padding=CELL[1] + 1)
    heights = [
        max(
            height_of(text, size=size, width=width - CELL[1], bold=number == 0)
            for text, width in zip(row, widths, strict=True)
        )
        + 2 * CELL[0]
        for number, row in enumerate(texts)
    ]
    return Grid(size, widths, heights, len(heights))


def _rule(colour: str, points: float) -> Any:
    """A line under a cell."""
    return parse_xml(
        f'<a:lnB {nsdecls("a")} w="{Pt(points)}"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
        "</a:lnB>"
    )
