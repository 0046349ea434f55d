from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import page
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from matplotlib.figure import Figure as Drawing

from klktools.blocks import (
    SYMBOLS,
    Block,
    Box,
    Bullets,
    Card,
    Cards,
    Cover,
    Figure,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Table,
)
from klktools.errors import ReportError
from klktools.fonts import FAMILIES, register_fonts
from klktools.report.document import Document, Heading
from klktools.report.pdf import export_pdf
from klktools.report.pdf.columns import GAP, NARROW, PAGE, column_widths, table_layout
from klktools.report.pdf.data import pdf_words
from klktools.report.pdf.faces import sign_widths, width
from klktools.report.pdf.finish import joined_signs, well_ended

HOSTILE = '#read("x") *a* _b_ $c$ \\ <d> @e // -- `f` ~ ]} &amp; %s {at} ../..'
SIDE = 68  # points of white on either side, 24 mm


def figure(title="En figur", label="Æblegrød", source="Svar", n: str | int = 12) -> Figure:
    register_fonts()
    with mpl.rc_context({"font.family": list(FAMILIES)}):  # as all figures of the house
        drawing = Drawing(figsize=(7.2, 2.5))
        axes = drawing.subplots()
        axes.barh(["a", "b"], [1, 2])
        axes.set_title(label, parse_math=False)
        return Figure.from_matplotlib(
            drawing,
            id="figur-1",
            title=title,
            alt=f"To søjler, den ene dobbelt så lang. {label}",
            source=source,
            n=n,
        )


def blocks(text="") -> tuple[Block, ...]:
    """One block of every kind but the cover, `text` and a number of its own in every field a reader sees."""
    count = iter(range(10, 100))

    def field(word: str) -> str:
        return f"{next(count)}{text} {word}" if text else word

    return (
        Paragraphs((field("En **fed** sætning."),), lead=True),
        Paragraphs((field("Første."), field("Anden."))),
        Bullets((field("a"), field("b")), ordered=True),
        Bullets((field("c"),)),
        KeyFigures((KeyFigure(field("Plan"), field("2,3"), "yellow", field("På vej"), field("n = 4")),)),
        Cards(
            (
                Card(field("Titel"), "red", field("Alvorligt"), field("Tekst"), field("Råd"), field("Bevis")),
                Card(field("Kort"), "green", field("Styrke"), field("Tekst")),
            )
        ),
        Box(field("Det kan vi ikke sige"), (field("Et"), field("To"))),
        Table(
            field("Tabel"),
            (field("Navn"), field("n")),
            ((field("Ø"), field("1.234")), (field("Å"), field("5"))),
            numeric=(1,),
            note=field("Note."),
        ),
        figure(field("En figur"), field("Akse"), field("Svar"), field("12")),
    )


def document(*parts, title="Tjek: Kløverborg", footer="Kløverborg · besøg maj 2018", language="da"):
    cover = Cover("Tjek", "Kløverborg", (("Besøg", "maj 2018"), ("Status", "Udkast")))
    heading = Heading(2, "Er der en plan?", "Er-der-en-plan")
    return Document(title, footer, language, (cover, heading, *(parts or blocks())))


def pages(pdf: bytes) -> list[str]:
    return [sheet.get_textpage().get_text_range() for sheet in pdfium.PdfDocument(pdf)]


def compact(text: str) -> str:
    """The text without spaces and line ends, which a page breaks as it must."""
    return re.sub(r"[\s\u00ad\ufffe\u200b]", "", text)


def signs(sheet: pdfium.PdfPage) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Each sign that is not white, and its box: left, bottom, right, top."""
    text = sheet.get_textpage()
    for at in range(text.count_chars()):
        if (sign := chr(raw.FPDFText_GetUnicode(text, at))).isprintable() and not sign.isspace():
            yield sign, text.get_charbox(at)


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def tags(file: pikepdf.Pdf, *roles: str) -> list[pikepdf.Object]:
    """The structure elements of these roles, in reading order."""

    def walk(tag: pikepdf.Object) -> Iterator[pikepdf.Object]:
        below = tag.get("/K", [])
        for child in below if isinstance(below, pikepdf.Array) else [below]:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                yield child
                yield from walk(child)

    return [tag for tag in walk(file.Root.StructTreeRoot) if str(tag.S).lstrip("/") in roles]


def faults(pdf: bytes) -> list[str]:
    reports = [page.validate_pdf_bytes(pdf, profile=profile) for profile in ("ua1", "2a")]
    return [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return export_pdf(document())


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_pdf_of_all_blocks_is_accessible_and_fit_for_the_archive(language):
    pdf = export_pdf(document(language=language))
    assert faults(pdf) == []
    file = opened(pdf)
    assert file.Root.Lang == {"da": "da-DK", "en": "en-GB"}[language]
    assert file.Root.ViewerPreferences.DisplayDocTitle


def test_the_validator_finds_a_figure_without_alternative_text(plain):
    file = opened(plain)
    for tag in (entry for entry in file.objects if isinstance(entry, pikepdf.Dictionary) and "/Alt" in entry):
        del tag.Alt
    out = io.BytesIO()
    file.save(out)
    assert faults(out.getvalue()) != []


def test_every_text_prints_as_it_is():
    parts = (Heading(3, f"99{HOSTILE}", "x"), *blocks(HOSTILE))
    cover = Cover(f"01{HOSTILE}", f"02{HOSTILE}", ((f"03{HOSTILE}", f"04{HOSTILE}"),))
    whole = Document(f"05{HOSTILE}", f"06{HOSTILE}", "da", (cover, Heading(2, f"98{HOSTILE}", "y"), *parts))
    pdf = export_pdf(whole)
    text = compact("".join(pages(pdf)))
    fields = {found[0] for found in re.findall(rf"((\d\d){re.escape(compact(HOSTILE))})", text)}
    expected = {f"{number:02d}" for number in (*range(1, 5), 6, *range(10, 43), 98, 99)}
    assert {field[:2] for field in fields} == expected
    file = opened(pdf)
    assert str(file.docinfo.Title) == f"05{HOSTILE}"
    assert any(HOSTILE in str(tag.Alt) for tag in tags(file, "Figure"))
    assert faults(pdf) == []


def test_only_two_asterisks_on_either_side_are_bold():
    pdf = export_pdf(document(Paragraphs(("plain **fed tekst** igen ** alene",))))
    sheet = pdfium.PdfDocument(pdf)[2].get_textpage()
    text = sheet.get_text_range()
    assert "plain fed tekst igen ** alene" in text
    weights = {
        word: raw.FPDFText_GetFontWeight(sheet, text.index(word)) for word in ("plain", "fed tekst", "alene")
    }
    assert weights["fed tekst"] > weights["plain"] == weights["alene"]


def test_symbols_have_their_colour_and_their_word(plain):
    sheet = pdfium.PdfDocument(plain)[2].get_textpage()
    text = sheet.get_text_range()
    found = {}
    for mark in ("▲ På vej", "■ Alvorligt", "● Styrke"):
        colour = [raw.ctypes.c_uint() for _ in range(4)]
        assert raw.FPDFText_GetFillColor(sheet, text.index(mark), *colour)
        found[mark[0]] = "#" + "".join(f"{part.value:02x}" for part in colour[:3])
    assert found == {"▲": "#906d05", "■": "#8e0013", "●": "#106859"}


def test_all_type_is_the_vendored_face_and_inside_the_file(plain):
    file = opened(plain)
    fonts = [
        entry for entry in file.objects if isinstance(entry, pikepdf.Dictionary) and "/FontName" in entry
    ]
    assert all("/FontFile2" in font for font in fonts)
    names = {str(font.FontName).split("+")[1] for font in fonts}
    assert names == {"KLKSans-Regular", "KLKSans-Semibold", "KLKSans-Bold"}


def test_a_sign_no_face_has_becomes_the_replacement_sign():
    text = "Zażółć Ω \u2264 ja\u0308 \U0001f680 \ue000 \x07 slut\nny linje"
    pdf = export_pdf(document(Paragraphs((text,)), title=text))
    assert "Zażółć Ω \u2264 jä \ufffd \ufffd \ufffd slut ny linje" in pages(pdf)[2]
    assert faults(pdf) == []


def test_every_sign_of_the_faces_can_be_set():
    every = [sign for sign in sign_widths() if sign.isprintable()]
    lines = tuple("x" + " x".join(every[at : at + 60]) for at in range(0, len(every), 60))
    assert faults(export_pdf(document(Paragraphs(lines)))) == []


def test_same_document_same_bytes_in_another_process_and_folder(plain, tmp_path):
    program = (
        "import sys; from tests.report.test_pdf import document; from klktools.report.pdf import export_pdf; "
        "sys.stdout.buffer.write(export_pdf(document()))"
    )
    path = ":".join((str(Path(__file__).parents[2]), *sys.path))
    env = {"PYTHONHASHSEED": "7", "PYTHONPATH": path, "HOME": str(tmp_path), "TZ": "Asia/Tokyo"}
    again = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True)
    assert again.stderr == b""
    assert again.stdout == plain


def test_two_documents_have_ids_of_their_own(plain):
    files = opened(plain), opened(export_pdf(document(Paragraphs(("Andet.",)))))
    assert bytes(files[0].trailer.ID[0]) != bytes(files[1].trailer.ID[0])


def test_the_file_says_its_title_and_nothing_of_who_where_and_when(plain):
    file = opened(plain)
    assert {key: str(value) for key, value in file.docinfo.items() if key != "/Creator"} == {
        "/Title": "Tjek: Kløverborg",
        "/CreationDate": "D:19800101000000Z",
        "/ModDate": "D:19800101000000Z",
    }
    assert re.fullmatch(r"Typst [\d.]+", str(file.docinfo.Creator))
    out = io.BytesIO()
    file.save(out, qdf=True, stream_decode_level=pikepdf.StreamDecodeLevel.all)
    secrets = (str(Path(__file__).parents[2]), str(Path.home()) + "/", "/tmp", "report.typ", "site-packages")
    assert [secret for secret in secrets if secret.encode() in out.getvalue()] == []


def test_every_page_but_the_cover_has_the_footer_and_its_number():
    texts = pages(export_pdf(document(*blocks() * 3)))
    assert len(texts) > 4
    assert "Side" not in texts[0]
    for number, text in enumerate(texts[1:], start=2):
        assert f"Kløverborg · besøg maj 2018 Side {number} af {len(texts)}" in text
    assert "Page 2 of" in pages(export_pdf(document(language="en")))[1]


def test_a_page_is_headed_by_the_section_it_begins_in():
    lines = [Bullets(tuple(f"Linje {at}." for at in range(count))) for count in (10, 45, 10)]
    parts = (lines[0], Heading(2, "Midt på siden", "m"), lines[1], Heading(2, "Sidst", "s"), lines[2])
    sheets = list(pdfium.PdfDocument(export_pdf(document(*parts))))[2:]
    heads = [sheet.get_textpage().get_text_bounded(bottom=770) for sheet in sheets]
    assert heads == ["Er der en plan?", "Midt på siden"]
    assert "Sidst" in sheets[1].get_textpage().get_text_range()


def test_bookmarks_and_contents_lead_to_every_heading():
    sections = [
        part
        for at in range(6)
        for part in (Heading(2, f"Afsnit {at}", f"a{at}"), Heading(3, f"Under {at}", f"u{at}"), *blocks())
    ]
    pdf = export_pdf(document(*sections))
    book, texts = pdfium.PdfDocument(pdf), pages(pdf)
    marks = [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in book.get_toc()]
    assert [(level, title) for level, title, _ in marks] == [(0, "Er der en plan?")] + [
        entry for at in range(6) for entry in ((0, f"Afsnit {at}"), (1, f"Under {at}"))
    ]
    for _, title, at in marks:
        assert title in texts[at]
        assert re.search(rf"{re.escape(title)}\s+{at + 1}\s", texts[1])
    file = opened(pdf)
    assert len(file.pages[1].Annots) == len(marks)


def test_the_cover_is_the_first_page_and_says_all(plain):
    text = pages(plain)[0]
    assert text.split("\r\n") == ["Tjek", "Kløverborg", "Besøg", "maj 2018", "Status", "Udkast"]


def test_a_document_without_cover_and_headings_has_its_title_in_front():
    pdf = export_pdf(Document("Tjek", "Slut", "da", blocks()))
    assert pages(pdf)[0] == "Tjek"
    assert faults(pdf) == []


def test_the_cells_that_head_a_column_or_a_row_are_tagged_so():
    rows = (("Ø", "1", "2"), ("Å", "3", "4"))
    headed = Table("Tabel", ("Navn", "n", "m"), rows)
    bare = Table("Tabel", ("Navn", "n", "m"), rows, row_header=False)
    pdf = export_pdf(document(headed, bare))
    file = opened(pdf)
    first, second = tags(file, "Table")

    def cells(table: pikepdf.Object, part: str) -> list[list[tuple[str, str]]]:
        (found,) = (tag for tag in table.K if part == tag.S)
        return [
            [
                (str(cell.S), next((str(a.Scope) for a in attributes(cell) if "/Scope" in a), ""))
                for cell in row.K
            ]
            for row in found.K
        ]

    columns = [[("/TH", "/Column")] * 3]
    assert cells(first, "/THead") == cells(second, "/THead") == columns
    assert cells(first, "/TBody") == [[("/TH", "/Row"), ("/TD", ""), ("/TD", "")]] * 2
    assert cells(second, "/TBody") == [[("/TD", "")] * 3] * 2
    assert all("/Headers" not in a for cell in first.K[-1].K[0].K for a in attributes(cell))
    assert [str(tag.S) for tag in (first.K[0], second.K[0])] == ["/Caption", "/Caption"]


def attributes(cell: pikepdf.Object) -> list[pikepdf.Object]:
    found = cell.get("/A", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


@pytest.mark.parametrize("count", [16, 28, 29, 30, 31, 32, 60, 90])
@pytest.mark.parametrize("before", [0, 7])
def test_a_long_table_repeats_its_header_and_splits_no_row(count, before):
    rows = tuple((f"Begin{at}. " + "Et og to og tre. " * 9 + f"Slut{at}.", str(at)) for at in range(count))
    table = Table("Tabeltitel", ("Kolonne", "Tal"), rows, numeric=(1,), note="Noten.")
    texts = pages(export_pdf(document(Paragraphs(("Linje.",) * before), table)))[2:]
    for text in texts:
        if "Begin" in text:
            assert "Kolonne" in text
        assert re.findall(r"Begin(\d+)\.", text) == re.findall(r"Slut(\d+)\.", text)
    (first,) = (at for at, text in enumerate(texts) if "Begin0." in text)
    assert "Tabeltitel" in texts[first]
    assert sum("Tabeltitel" in text for text in texts) == 1
    assert "Begin" in next(text for text in texts if "Noten." in text)


@pytest.mark.parametrize("lines", range(22, 46, 3))
def test_a_heading_never_ends_a_page(lines):
    parts = (
        Bullets(tuple(f"Linje {at}." for at in range(lines))),
        Heading(3, "Underafsnit", "u"),
        Paragraphs(("Indledning.",)),
        figure(),
    )
    texts = pages(export_pdf(document(*parts)))[2:]
    (at,) = (at for at, text in enumerate(texts) if "Underafsnit" in text)
    assert "Indledning." in texts[at]
    assert "En figur" in texts[at]
    assert "Kilde: Svar · n = 12" in texts[at]


def test_no_text_leaves_its_column_or_the_page():
    rows = (
        ("A" * 150, "B" * 150, "C" * 150),
        ("a b", "Speciallægepraksisplanlægningsstabiliseringsperiode", "1"),
    )
    card = Card("K" * 200, "red", "W" * 60, "T" * 300)
    wide = Table("Z" * 300, tuple(f"{'Kolonne' * 3}{at}" for at in range(12)), (("1.234.567,89 kr.",) * 12,))
    pdf = export_pdf(
        document(Table("T", ("x", "y", "z"), rows), wide, Cards((card,)), Paragraphs(("P" * 400,)))
    )
    for sheet in list(pdfium.PdfDocument(pdf))[1:]:
        boxes = list(signs(sheet))
        assert all(left >= SIDE - 1 and right <= 595.3 - SIDE + 1 for _, (left, _, right, _) in boxes)
        spans = {
            sign: (min(box[0] for s, box in boxes if s == sign), max(box[2] for s, box in boxes if s == sign))
            for sign in "ABC"
            if any(s == sign for s, _ in boxes)
        }
        if len(spans) == 3:
            assert spans["A"][1] < spans["B"][0] and spans["B"][1] < spans["C"][0]


def test_columns_share_the_page_by_what_they_say():
    short = Table("T", ("Del", "Beløb"), (("En del", "2,5 mio. kr."),), numeric=(1,))
    assert column_widths(short) == pytest.approx([width("En del") + 0.2, width("2,5 mio. kr.") + 0.2])
    long = Table(
        "T", ("Nr.", "Fund", "Evidens", "Kr."), (("1", "to tre " * 40, "fire fem " * 10, "2,5 mio. kr."),)
    )
    number, finding, evidence, money = column_widths(long)
    assert number == pytest.approx(width("Nr.") + 0.2)
    assert money == pytest.approx(width("2,5 mio. kr.") + 0.2)
    assert finding > 2 * evidence
    assert sum((number, finding, evidence, money)) == pytest.approx(PAGE - 4 * GAP)


def test_words_are_broken_only_in_columns_that_whole_words_would_leave_empty():
    short, long = "til og med den " * 20, "til gruppeniveauet og " * 14
    layout = table_layout(Table("T", ("a", "b", "c", "d"), ((short, short, long, long),)))
    assert all(wide - GAP < NARROW for wide in layout["widths"])
    assert layout["narrow"] == []
    longer = "til kompetenceudviklingen og " * 6
    assert table_layout(Table("T", ("a", "b", "c", "d"), ((long, long, longer, long * 2),)))["narrow"] == [2]
    assert table_layout(Table("T", ("a", "b"), ((longer * 2, longer * 2),)))["narrow"] == []  # wide enough


@pytest.mark.parametrize("rows", [2, 60])
def test_a_note_does_not_end_in_a_part_of_a_word(rows):
    note = "Halveringstiden er tiden, til halvdelen af dem er væk. {} Ikke vist: 9 grupper med flere oplærte."
    tables = [
        Table(f"Tabel {n}", ("a", "b"), (("c", "d"),) * rows, note=note.format("i" * n))
        for n in range(10, 50, 2 if rows == 2 else 20)
    ]
    said = "".join(pages(export_pdf(document(*tables))))
    assert len(re.findall(r"flere\s+oplærte\.", said)) == len(tables)
    assert not re.search(r"oplær[\u00ad\ufffe-]", said)


def test_the_width_of_a_text_is_the_faces_own():
    # advances of the face in thousandths of an em, read with fonttools
    assert width("aæ0W●") == pytest.approx(0.516 + 0.780 + 0.513 + 0.800 + 0.600)


def test_a_stream_ends_in_no_carriage_return_and_all_objects_stay_in_place():
    data = b"9 0 obj\n<< /Type /X /Length %d >>\nstream\n%b\r\nendstream\nendobj\n"
    short, grown = data % (3, b"ab"), data % (9, b"abcdefgh")
    assert well_ended(short) == b"9 0 obj\n<</Type /X /Length 4 >>\nstream\nab\r\n\nendstream\nendobj\n"
    assert well_ended(grown) == b"9 0 obj\n<</Type/X /Length 10 >>\nstream\nabcdefgh\r\n\nendstream\nendobj\n"
    assert [len(well_ended(part)) for part in (short, grown)] == [len(short), len(grown)]
    assert well_ended(short + grown)[len(short) :] == well_ended(grown)


def test_joined_signs_look_as_before(plain):
    content = b"".join(
        b"q 0.5 0 0 -0.5 %d %d cm/c0 cs 0.1 0.2 0.3 scn\nBT 0 Tr/f0 9.5 Tf 1 0 0 -1 0 0 Tm(\\)%d)Tj\nET\nQ\n"
        % (10 + 4 * at, 700, at)
        for at in range(3)
    )
    assert joined_signs(b"q\n" + content + b"Q\n") == (
        b"q\nq/c0 cs 0.1 0.2 0.3 scn\nBT 0 Tr/f0 9.5 Tf 0.5 0 0 0.5 10 700 Tm(\\)0)Tj"
        b" 8 0 Td(\\)1)Tj 8 0 Td(\\)2)Tj\nET\nQ\nQ\n"
    )
    assert joined_signs(b"q\nQ\n") == b"q\nQ\n"


def test_a_figure_keeps_its_text_as_text_and_its_look(monkeypatch):
    report = document(*[figure(label="Æblegrød på grød")] * 3)
    drawn = export_pdf(report)
    monkeypatch.setattr("klktools.report.pdf.finish.joined_signs", lambda content: content)
    as_set = export_pdf(report)
    assert len(drawn) < len(as_set)
    assert "Æblegrød på grød" in pages(drawn)[2]
    looks = [pdfium.PdfDocument(pdf)[2].render(scale=2).to_numpy().astype(int) for pdf in (drawn, as_set)]
    assert np.abs(looks[0] - looks[1]).mean() < 0.01


def test_a_fault_of_the_document_is_said_in_a_sentence():
    with pytest.raises(ReportError) as error:
        export_pdf(document(Heading(4, "For dybt", "x")))
    assert str(error.value).startswith(
        "a report must be fit for an accessible PDF (PDF/UA-1, PDF/A-2a); found: PDF/UA-1 error: "
    )
    assert "(Tjek: Kløverborg)." in str(error.value)
    assert "\n" not in str(error.value)


def test_a_drawing_that_is_none_is_said_in_a_sentence():
    broken = Figure("f", "Titel", "<svg", "En figur, der viser to tal.", "Svar", n=12)
    with pytest.raises(ReportError) as error:
        export_pdf(document(broken))
    assert "/" not in str(error.value).split("found:")[1].split("(Tjek")[0]
    assert str(error.value).endswith("(Tjek: Kløverborg).")


def test_both_languages_have_the_same_words_of_print():
    assert pdf_words("da").keys() == pdf_words("en").keys()


def test_the_template_knows_every_tone():
    figures = tuple(KeyFigure(f"Tal {tone}", "1", tone, f"Ord {tone}") for tone in SYMBOLS)
    text = pages(export_pdf(document(KeyFigures(figures))))[2]
    assert all(f"{symbol} Ord {tone}" in text for tone, symbol in SYMBOLS.items())
