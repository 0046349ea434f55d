from io import BytesIO
from itertools import combinations

import pptx
import pytest
from lxml import etree
from matplotlib.ft2font import FT2Font
from pptx.util import Pt

from klktools.blocks import Cards, Figure
from klktools.report.document import Document, Heading
from klktools.report.html import ROOM
from klktools.report.office import template
from klktools.report.slide_template import deck
from klktools.report.slides import export_pptx
from klktools.report.story import AREAS, POSITION, PROFILE, tell
from tests.report.office import (
    HOSTILE,
    LITERAL,
    assert_same_parts,
    assert_says_only_title_and_language,
    card,
    documents,
    figure,
    parts_of,
    report,
)

A = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
LONG = " ".join(f"Sætning nummer {number} siger noget om kommunens planer." for number in range(60))


def opened(document):
    return pptx.Presentation(BytesIO(export_pptx(document)))


def titles(show):
    return [slide.shapes.title.text for slide in show.slides]


def texts(slide):
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    return found + [cell.text for table in tables for row in table.rows for cell in row.cells]


def notes(slide):
    return slide.notes_slide.notes_text_frame.text


def pictures(slide):
    return [shape for shape in slide.shapes if shape._element.tag.endswith("}pic")]


def without(document, *ids):
    kept = [part for part in document.parts if not (isinstance(part, Figure) and part.id in ids)]
    return Document(document.title, document.footer, document.language, tuple(kept))


class Ruler:
    """Text measured by FreeType through matplotlib, with the font's own line height."""

    def __init__(self):
        self.fonts = {
            bold: FT2Font(str(ROOM / "fonts" / f"SourceSans3-{'Bold' if bold else 'Regular'}.ttf"))
            for bold in (False, True)
        }
        for font in self.fonts.values():
            font.set_size(100, 72)
        self.widths = {}

    def width(self, text, size, bold):
        if (text, bold) not in self.widths:
            self.fonts[bold].set_text(text)
            self.widths[text, bold] = self.fonts[bold].get_width_height()[0] / 64
        return self.widths[text, bold] * size / 100

    def height(self, paragraph, room):
        runs = [run for run in paragraph.runs if run.text]
        if not runs:
            return 0
        size = max(run.font.size.pt for run in runs)
        bold = any(run.font.bold for run in runs)
        indent = int(paragraph._p.pPr.get("marL", 0)) / 12700 if paragraph._p.pPr is not None else 0
        lines, line = 1, ""
        for word in "".join(run.text for run in runs).split():
            longer = f"{line} {word}" if line else word
            if line and self.width(longer, size, bold) > room - indent:
                lines, line = lines + 1, word
            else:
                line = longer
        font = self.fonts[False]
        leading = (font.ascender - font.descender) / font.units_per_EM
        return lines * size * leading + (paragraph.space_after.pt if paragraph.space_after is not None else 0)


RULER = Ruler()


def overflow(shape):
    """Points by which the text of a shape is higher than its place."""
    frame = shape.text_frame
    inset = 0 if shape.is_placeholder else frame.margin_left.pt
    room = shape.width.pt - 2 * inset
    needed = sum(RULER.height(paragraph, room) for paragraph in frame.paragraphs)
    if frame.paragraphs[-1].space_after is not None:
        needed -= frame.paragraphs[-1].space_after.pt
    return needed - (shape.height.pt - 2 * inset)


def table_overflow(shape):
    """Points by which any row of a table needs more than its height."""
    return max(
        RULER.height(paragraph, column.width.pt - cell.margin_left.pt - cell.margin_right.pt)
        + cell.margin_top.pt
        + cell.margin_bottom.pt
        - row.height.pt
        for row in shape.table.rows
        for cell, column in zip(row.cells, shape.table.columns, strict=True)
        for paragraph in cell.text_frame.paragraphs
    )


def faults(show):
    """Everything on the slides that runs out of its place, out of the slide or over something else."""
    found = []
    for number, slide in enumerate(show.slides, start=1):
        solid = []
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                found += [(number, "text", shape.name)] if overflow(shape) > 0.5 else []
                solid.append(shape)
            elif shape.has_table:
                found += [(number, "table", shape.name)] if table_overflow(shape) > 0.5 else []
                solid.append(shape)
            elif shape in pictures(slide):
                solid.append(shape)
            inside = shape.left >= 0 and shape.left + shape.width <= show.slide_width + 1
            inside = inside and shape.top >= 0 and shape.top + shape.height <= show.slide_height + 1
            found += [] if inside else [(number, "outside", shape.name)]
        for one, other in combinations(solid, 2):
            apart = one.left + one.width <= other.left + Pt(1) or other.left + other.width <= one.left + Pt(1)
            apart = apart or one.top + one.height <= other.top + Pt(1)
            apart = apart or other.top + other.height <= one.top + Pt(1)
            found += [] if apart else [(number, "over", one.name, other.name)]
    return found


def test_the_slides_tell_the_report_in_order():
    show = opened(report())
    assert titles(show) == [
        "Tjek",
        "Sammenfatning Tekst",
        "Figuren siger noget",
        "Figuren siger noget",  # no finding in the first area: its figure's title
        "Vigtigst i 1",
        "Vigtigst i 2",
        "Vigtigst i 3",
        "Fund",
        "Anbefalinger",
        "Figuren siger noget",
        "Kan ikke siges",
    ]


def test_an_area_shows_its_main_figure_and_its_score():
    slides = list(opened(report()).slides)[3:7]
    for at, (slide, ids) in enumerate(zip(slides, AREAS.values(), strict=True)):
        assert [entry._element.nvPicPr.cNvPr.get("descr") for entry in pictures(slide)] == [
            figure(ids[0]).alt
        ]
        assert any(text.startswith(f"Område {at} Tekst\n2,5") for text in texts(slide))
    assert "Ingen fund." in texts(slides[0])


def test_the_most_important_finding_is_no_strength_where_there_is_another():
    area = tell(report()).areas[1]
    strength, other = card("Styrke", "green"), card("Svaghed", "yellow")
    assert type(area)(area.section, area.figure, (strength, other), None).main_finding == other
    assert type(area)(area.section, area.figure, (strength,), None).main_finding == strength
    assert type(area)(area.section, area.figure, (), None).main_finding is None


def test_what_a_document_does_not_have_is_left_out():
    assert len(opened(without(report(), POSITION)).slides) == 10
    assert len(opened(without(report(), AREAS["depth"][0])).slides) == 10
    assert titles(opened(without(report(), PROFILE)))[2] == "Sammenfatning Tekst"
    assert titles(opened(Document("Titel", "F", "da", (Heading(2, "A", "a"),)))) == ["Titel"]


def test_recommendations_are_a_table_with_a_heading_row_without_the_last_column():
    slide = opened(report()).slides[8]
    tables = [shape for shape in slide.shapes if shape.has_table]
    assert len(tables) == 1
    rows = [[cell.text for cell in row.cells] for row in tables[0].table.rows]
    assert rows[0] == ["Nr.", "Råd", "Hvem", "Skridt", "Effekt", "Indsats"]
    assert rows[1:] == [["1", "Tekst", "Direktør", "Gør det", "Stor", "Lille"]] * 2
    assert tables[0].table.first_row and tables[0].table.first_col
    assert tables[0]._element.nvGraphicFramePr.cNvPr.get("descr") == "Råd"


def test_every_slide_has_a_title_of_its_layout_a_number_and_notes():
    for number, slide in enumerate(opened(report()).slides, start=1):
        assert slide.shapes.title.is_placeholder and slide.shapes.title.text
        kinds = {shape.placeholder_format.type.name for shape in slide.placeholders}
        assert number == 1 or {"SLIDE_NUMBER", "FOOTER"} <= kinds
        numbers = [field.text for field in slide.element.iterfind(".//a:fld/a:t", A)]
        assert numbers == ([str(number)] if number > 1 else [])
        assert not [
            shape.name for shape in slide.placeholders if shape.has_text_frame and not shape.text_frame.text
        ]
        ids = [shape.shape_id for shape in slide.shapes]
        assert len(ids) == len(set(ids))


def test_the_notes_give_source_and_section():
    slides = list(opened(report()).slides)
    assert "Kilde: Kommunens tal · n = 7" in notes(slides[4])
    assert "Figuren i ord: En figur (figure-certainty), der viser to tal: 1 og 2." in notes(slides[4])
    assert "Læs mere i rapporten: Område 1" in notes(slides[4])
    assert "F-P01 · evidensklasse B" in notes(slides[4])
    assert "Læs dette først." in notes(slides[1])


def test_every_picture_has_its_alternative_text_and_is_not_cropped():
    shown = [shape for slide in opened(report()).slides for shape in pictures(slide)]
    assert len(shown) == 6
    for shape in shown:
        assert shape._element.nvPicPr.cNvPr.get("descr").startswith("En figur (figure-")
        wide, high = shape.image.size
        assert shape.width / shape.height == pytest.approx(wide / high, rel=0.01)
        assert (shape.crop_left, shape.crop_right, shape.crop_top, shape.crop_bottom) == (0, 0, 0, 0)


def test_bars_are_marked_as_decoration():
    for slide in opened(report()).slides:
        for shape in slide.shapes:
            if shape.shape_type is not None and shape.has_text_frame and not shape.text_frame.text:
                assert b"decorative" in etree.tostring(shape._element)


@pytest.mark.parametrize(("language", "locale"), [("da", "da-DK"), ("en", "en-GB")])
def test_every_run_has_the_language_of_the_document(language, locale):
    show = opened(report(language=language))
    defaults = [look.get("lang") for look in show.element.iter("{*}defRPr") if "lang" in look.attrib]
    assert defaults == [locale]
    for slide in show.slides:
        for element in (slide.element, slide.notes_slide.element):
            runs = [*element.iterfind(".//a:r/a:rPr", A), *element.iterfind(".//a:fld/a:rPr", A)]
            own = [run for run in runs if run.getparent().find("a:t", A).text]
            assert {run.get("lang") for run in own} == {locale}
            assert len(element.findall(".//a:r", A)) == len(element.findall(".//a:r/a:rPr", A))


def test_hostile_texts_are_printed_literally():
    package = export_pptx(report(HOSTILE))
    for name, content in parts_of(package).items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    show = pptx.Presentation(BytesIO(package))
    assert titles(show)[1] == f"Sammenfatning {LITERAL}"
    assert LITERAL in texts(show.slides[8])
    assert any(text.startswith(f"Vigtigst: {LITERAL}") for text in texts(show.slides[1]))
    assert show.core_properties.title == f"Tjek: Øby {LITERAL}"


@pytest.mark.parametrize("text", ["Tekst", LONG, "Uendeligtlangtordudenmellemrum" * 40, "**" + LONG], ids=len)
def test_nothing_runs_out_of_its_place(text):
    assert faults(opened(report(text))) == []


def test_what_is_cut_ends_with_a_sentence_and_stands_whole_in_the_notes():
    slide = opened(report(LONG)).slides[1]
    body = next(shape for shape in slide.placeholders if shape.placeholder_format.idx == 10)
    assert body.text_frame.text.endswith("planer.")
    assert LONG not in body.text_frame.text
    assert LONG in notes(slide)


def test_rows_that_do_not_fit_stand_in_the_notes():
    slide = opened(report(LONG)).slides[8]
    assert LONG in notes(slide)
    assert sum(shape.has_table for shape in slide.shapes) == 1


def test_the_file_says_only_title_and_language_of_itself():
    assert_says_only_title_and_language(opened(report()).core_properties)
    names = parts_of(export_pptx(report()))
    assert not [name for name in names if "app.xml" in name or "thumbnail" in name or "printer" in name]


def test_the_same_document_gives_the_same_bytes():
    assert export_pptx(report()) == export_pptx(report())


def test_the_committed_deck_is_what_its_script_makes():
    assert_same_parts(deck(), template("deck.pptx"))


def test_all_reports_give_ten_to_twelve_slides_on_which_nothing_runs_out_of_its_place(sample_reports):
    shown = documents(sample_reports)
    assert len(shown) == 55
    for document in shown:
        package = export_pptx(document)
        assert len(package) <= 500 * 1024
        show = pptx.Presentation(BytesIO(package))
        assert len(show.slides) == 11, document.title
        assert faults(show) == [], document.title
        cards = {card.title for part in document.parts if isinstance(part, Cards) for card in part.cards}
        areas = titles(show)[3:7]
        assert all(title in cards or title in figure_titles(document) for title in areas)


def figure_titles(document):
    return {part.title for part in document.parts if isinstance(part, Figure)}
