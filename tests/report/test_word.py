import re
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from klktools.blocks import Card, Cards, Figure, Paragraphs, Table
from klktools.report.document import Document, Heading
from klktools.report.office import bare, template
from klktools.report.word import export_docx
from klktools.report.word_template import reference_document
from tests.report.office import (
    HOSTILE,
    LITERAL,
    assert_same_parts,
    assert_says_only_title_and_language,
    documents,
    parts_of,
    report,
)

W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
HEADING = re.compile(r"^heading (\d)$", flags=re.IGNORECASE)


def opened(document):
    return docx.Document(BytesIO(export_docx(document)))


def texts(book, style):
    return [entry.text for entry in book.paragraphs if entry.style.name == style]


def levels(book):
    found = [(HEADING.match(entry.style.name), entry.text) for entry in book.paragraphs]
    return [(int(match[1]), text) for match, text in found if match]


def captions(book, label):
    return [text for text in texts(book, "Caption") if text.startswith(label)]


def test_all_headings_stand_in_order_and_no_level_is_skipped():
    document = report()
    headings = [part for part in document.parts if isinstance(part, Heading)]
    assert levels(opened(document)) == [(heading.level - 1, heading.text) for heading in headings]


def test_a_heading_that_skips_a_level_is_raised():
    parts = (Heading(3, "Dybt", "a"), Heading(2, "Afsnit", "b"), Heading(4, "Dybere", "c"))
    assert levels(opened(Document("T", "F", "da", parts))) == [(1, "Dybt"), (1, "Afsnit"), (2, "Dybere")]


def test_every_figure_has_its_alternative_text_and_a_numbered_caption():
    document = report()
    figures = [part for part in document.parts if isinstance(part, Figure)]
    book = opened(document)
    drawn = [shape._inline.docPr for shape in book.inline_shapes]
    assert [entry.get("descr") for entry in drawn] == [figure.alt for figure in figures]
    assert [entry.get("name") for entry in drawn] == [f"Figur {n + 1}" for n in range(len(figures))]
    assert len({entry.get("id") for entry in drawn}) == len(figures)
    assert captions(book, "Figur") == [f"Figur {n + 1}: {f.title}" for n, f in enumerate(figures)]


def test_pictures_fit_between_the_margins():
    book = opened(report())
    page = book.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    assert all(shape.width <= room + 1000 for shape in book.inline_shapes)
    assert {round(shape.width / shape.height, 1) for shape in book.inline_shapes} == {2.0, 3.0}


def test_a_card_stays_on_one_page_and_keeps_nothing_after_it_there():
    cards = (
        Card("Titel", "red", "Høj", "Tekst", "Råd", "Bevis"),
        Card("Kort", "green", "Styrke", "Tekst"),
    )
    book = opened(Document("T", "F", "da", (Cards(cards), Paragraphs(("Efter.",)))))
    kept = [(entry.text, entry._p.find(".//w:keepNext", W) is not None) for entry in book.paragraphs]
    first = [("■ Høj", True), ("Titel", True), ("Tekst", True), ("Råd", True), ("Bevis", False)]
    assert kept == [*first, ("● Styrke", True), ("Kort", True), ("Tekst", False), ("Efter.", False)]


def test_every_table_has_a_caption_a_heading_row_and_rows_that_are_not_cut():
    document = report()
    shown = [part for part in document.parts if isinstance(part, Table)]
    book = opened(document)
    assert captions(book, "Tabel") == [f"Tabel {n + 1}: {table.caption}" for n, table in enumerate(shown)]
    tables = [table for table in book.tables if table.style.name == "Report Table"]
    assert len(tables) == len(shown)
    for table, expected in zip(tables, shown, strict=True):
        assert [[cell.text for cell in row.cells] for row in table.rows] == [
            list(row) for row in (expected.columns, *expected.rows)
        ]
        heads = [row._tr.find(".//w:tblHeader", W) is not None for row in table.rows]
        assert heads == [True] + [False] * len(expected.rows)
        assert all(row._tr.find(".//w:cantSplit", W) is not None for row in table.rows)
        look = table._tbl.tblPr.find("w:tblLook", W)
        assert look.get(qn("w:firstColumn")) == str(int(expected.row_header))
        assert table._tbl.tblPr.find("w:tblCaption", W).get(qn("w:val")) == expected.caption


def test_numbers_stand_to_the_right():
    numbers = [table for table in opened(report()).tables if table.cell(0, 1).text == "n"]
    assert [cell.paragraphs[0].style.name for cell in numbers[0].rows[1].cells] == [
        "Table Text",
        "Table Number",
    ]


@pytest.mark.parametrize(("language", "locale", "page"), [("da", "da-DK", "Side"), ("en", "en-GB", "Page")])
def test_language_and_page_numbers_follow_the_document(language, locale, page):
    package = export_docx(report(language=language))
    book = docx.Document(BytesIO(package))
    assert book.styles.element.find(".//w:rPrDefault//w:lang", W).get(qn("w:val")) == locale
    assert book.core_properties.language == locale
    footer = book.sections[0].footer.paragraphs[0]
    assert footer.text.startswith("Øby · Tekst\t" + page)
    fields = [entry.text.strip() for entry in footer._p.iterfind(".//w:instrText", W)]
    assert fields == ["PAGE", "NUMPAGES"]


def test_the_contents_list_shows_every_section_and_leads_to_it():
    book = opened(report())
    sections = [text for level, text in levels(book) if level == 1]
    entries = [entry for entry in book.paragraphs if entry.style.name == "toc 1"]
    assert [entry.text for entry in entries] == sections
    marks = {mark.get(qn("w:name")) for mark in book.element.iterfind(".//w:bookmarkStart", W)}
    assert all(link.get(qn("w:anchor")) in marks for link in book.element.iterfind(".//w:hyperlink", W))
    assert b"updateFields" not in parts_of(export_docx(report()))["word/settings.xml"]


def test_fields_are_closed_where_they_begin():
    book = opened(report())
    kinds = [mark.get(qn("w:fldCharType")) for mark in book.element.iterfind(".//w:fldChar", W)]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") > 10
    assert kinds[0] == "begin" and kinds[-1] == "end"


def test_every_numbered_list_begins_at_one():
    book = opened(report())
    used = [entry._p.pPr.numPr.numId.val for entry in book.paragraphs if entry.style.name == "List Number"]
    assert used[0] == used[1] != used[2] == used[3]
    numbers = {entry.numId: entry for entry in book.part.numbering_part.element.num_lst}
    assert all(numbers[number].find(".//w:startOverride", W) is not None for number in used)


def test_cards_boxes_and_the_summary_have_styles_of_their_own():
    book = opened(report())
    assert texts(book, "Lead") == ["Vigtigst: Tekst", "To.", "Tre."]
    assert texts(book, "Card Title")[:3] == ["Fund Tekst", "Andet", "Styrke"]
    assert texts(book, "Card Mark")[:3] == ["◆ Høj", "■ Høj", "● Høj"]
    assert texts(book, "Box Title") == ["Syntetisk", "Kan ikke siges"]
    assert texts(book, "Box List") == ["Et.", "Tekst"]
    assert texts(book, "Title") == ["Tjek"]
    bold = [run.text for entry in book.paragraphs for run in entry.runs if run.style.name == "Strong"]
    assert bold[0] == "Vigtigst:"


def test_hostile_texts_are_printed_literally():
    parts = parts_of(export_docx(report(HOSTILE)))
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    book = opened(report(HOSTILE))
    assert texts(book, "Lead")[0] == f"Vigtigst: {LITERAL}"
    assert levels(book)[0] == (1, f"Sammenfatning {LITERAL}")
    assert any(cell.text == LITERAL for table in book.tables for row in table.rows for cell in row.cells)
    assert book.core_properties.title == f"Tjek: Øby {LITERAL}"
    assert book.sections[0].footer.paragraphs[0].text.startswith(f"Øby · {LITERAL}")


def test_the_file_says_only_title_and_language_of_itself():
    assert_says_only_title_and_language(opened(report()).core_properties)
    names = parts_of(export_docx(report()))
    assert not [name for name in names if "app.xml" in name or "thumbnail" in name or "custom" in name]


def test_the_same_document_gives_the_same_bytes():
    assert export_docx(report()) == export_docx(report())


def test_a_document_without_headings_is_a_file_too():
    book = opened(Document("T", "F", "da", (Paragraphs(("Kun tekst.",)),)))
    assert [entry.text for entry in book.paragraphs] == ["Kun tekst."]


def test_the_committed_reference_document_is_what_its_script_makes():
    assert_same_parts(reference_document(), template("reference.docx"))


def test_real_reports_keep_all_they_say_in_half_a_mebibyte(sample_reports):
    for document in documents(sample_reports)[::11]:
        package = export_docx(document)
        assert len(package) <= 500 * 1024
        book = docx.Document(BytesIO(package))
        headings = [bare(part.text) for part in document.parts if isinstance(part, Heading)]
        assert [text for _, text in levels(book)] == headings
        alts = [part.alt for part in document.parts if isinstance(part, Figure)]
        assert [shape._inline.docPr.get("descr") for shape in book.inline_shapes] == alts
        cells = [cell.text for table in book.tables for row in table.rows for cell in row.cells]
        said = [
            bare(text)
            for part in document.parts
            if isinstance(part, Table)
            for row in part.rows
            for text in row
        ]
        assert not set(said) - set(cells)
