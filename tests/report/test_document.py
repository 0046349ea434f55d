import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from klktools.blocks import (
    Box,
    Bullets,
    Card,
    Cards,
    Cover,
    Figure,
    Group,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Table,
)
from klktools.errors import ReportError
from klktools.report.document import Document, Heading, block_of, read_document

BLOCKS = (
    Paragraphs(("En **fed** sætning.",), lead=True),
    Bullets(("a", "b"), ordered=True),
    Table("Tabel", ("Navn", "n"), (("Ø", "1.234"),), numeric=(1,), note="Note."),
    Cards((Card("Titel", "red", "Alvorligt", "Tekst", "Råd", "Evidens"),)),
    KeyFigures((KeyFigure("Plan", "2,3", "yellow", "På vej", "n = 4"),)),
    Box("Det kan vi ikke sige", ("Et", "To")),
    Cover("Kløverborg", "Tjek", (("Besøg", "maj 2018"),)),
    Figure("f", "Titel", "<svg/>", "En figur, der viser to tal.", "Svar", n=12),
)


def shows(*blocks):
    outputs = [new_output("execute_result", data=block._repr_mimebundle_()) for block in blocks]
    return new_code_cell("klk.say()", outputs=outputs)


def read(*cells) -> Document:
    return read_document(new_notebook(cells=list(cells)), title="Tjek", footer="Slut", language="da")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.kind)
def test_every_block_comes_back_from_its_data(block):
    assert block_of(block.to_data()) == block


def test_a_document_is_the_headings_the_prose_and_the_blocks_in_order():
    prose = "## Er der en plan?\n\nEn **plan**\ngiver overblik.\n\n- et\n- to\n\n### Fund\n\n1. først"
    assert read(shows(BLOCKS[6]), new_markdown_cell(prose), shows(BLOCKS[5])).parts == (
        BLOCKS[6],
        Heading(2, "Er der en plan?", "Er-der-en-plan"),
        Paragraphs(("En **plan** giver overblik.",)),
        Bullets(("et", "to")),
        Heading(3, "Fund", "Fund"),
        Bullets(("først",), ordered=True),
        BLOCKS[5],
    )


def test_groups_are_laid_out_in_their_order():
    group = Group((BLOCKS[0], Group((BLOCKS[1], BLOCKS[2]))))
    assert read(shows(group)).parts == BLOCKS[:3]
    assert block_of(group.to_data()) == group


def test_notes_to_the_consultant_are_left_out():
    assert read(new_markdown_cell("<!-- Til konsulenten -->\n\nTekst.")).parts == (Paragraphs(("Tekst.",)),)


def test_headings_that_say_the_same_have_ids_of_their_own():
    parts = read(new_markdown_cell("### Fund\n\n### Fund")).parts
    assert [part.id for part in parts if isinstance(part, Heading)] == ["Fund", "Fund-2"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Se [her](side.html).", "link"),
        ("`kode`", "codespan"),
        ("<b>html</b>", "inline_html"),
        ("*skrå*", "emphasis"),
    ],
)
def test_prose_that_not_every_format_can_show_stops_the_report(source, kind):
    with pytest.raises(ReportError) as error:
        read(new_markdown_cell(source))
    assert str(error.value) == (
        "the prose of a report must be headings, paragraphs, lists and bold text; "
        f"found Markdown of the kind {kind}."
    )


def test_an_output_that_is_no_block_stops_the_report():
    cell = new_code_cell("x", outputs=[new_output("error", ename="KeyError", evalue="'a'", traceback=[])])
    with pytest.raises(ReportError) as error:
        read(shows(BLOCKS[0]), cell)
    assert str(error.value) == (
        "a cell of a report must put out blocks only; found error (KeyError) (cell 2)."
    )
