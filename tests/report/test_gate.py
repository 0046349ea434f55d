"""The release gate: every leak planted in every format is found, and a clean report passes."""

import base64
import io
import json
import struct
import time
import unicodedata
import zipfile
import zlib

import pandas as pd
import pikepdf
import pytest
import typst
from docx import Document as Letter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes
from openpyxl import Workbook
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from klktools.blocks import Cover, Paragraphs
from klktools.report.document import Document
from klktools.report.gate import Register, check_release, delivered_texts
from klktools.report.html import ROOM, export_page
from klktools.report.office import template

REGISTER = Register(
    (
        *(("0048", "Kløverborg"), ("0012", "Skovmunde"), ("0013", "Skov"), ("0014", "Plan")),
        *(("0015", "Ny Kløverborg"), ("0016", "Bad-Ø"), ("2018", "Aarby")),
    )
)
CLEAN = "Kløverborg Kommune har 1.234,5 kr. i 2018, og 12,5 pct. af planen (F-P02) er på plads."
LEAKS = {
    "another municipality's name": ("Det samme gælder i Skovmunde.", "Skovmunde"),
    "another municipality's code": ("Se også 0012 i listen.", "0012"),
    "a CPR number": ("Borgeren 311257-5005 har klaget.", "311257-5005"),
    "an e-mail address": ("Skriv til navn@eksempel.dk i dag.", "@eksempel.dk"),
    "a telephone number": ("Ring på tlf. 12 34 56 78 i dag.", "tlf. 12 34 56 78"),
    "a path of a machine": ("Fundet i /home/navn/data i dag.", "/home/navn/data"),
    "an address outside the report": ("Se https://eksempel.org/a nu.", "://eksempel.org/a"),
    "source code": ("Kald klk.say_summary nu.", "klk.say_summary"),
    "a value as it is stored": ("Andelen er nan i år.", "nan"),
    "a number that no formatter has written": ("Andelen er 12.5 i år.", "12.5"),
    "an address": ("Borgeren bor på Kastanievej 4.", "Kastanievej 4"),
    "a number plate": ("Bilen AB 12 345 er kommunens.", "AB 12 345"),
    "a person's name": ("Det har Mette Holm sagt.", "Mette Holm"),
}
FOR_ALL = tuple(LEAKS)[:7]  # the others are about what is written for a reader


def page(text):
    parts = (Cover("Tjek", text, ()), Paragraphs((text,)))
    return export_page(Document("Tjek", "Slut", "da", parts))


def pdf(text, title="Tjek"):
    shown, titled = (json.dumps(part, ensure_ascii=False) for part in (text, title))
    source = f'#set document(title: {titled})\n#set text(font: "KLK Sans")\n#{shown}'
    return typst.compile(source.encode(), font_paths=[str(ROOM / "fonts")], ignore_system_fonts=True)


def letter(text, change=lambda whole: None):
    whole = Letter(io.BytesIO(template("reference.docx")))
    whole.add_paragraph(text)
    change(whole)
    return saved(whole)


def slides(text, change=lambda whole: None):
    whole = Presentation(io.BytesIO(template("deck.pptx")))
    slide = whole.slides.add_slide(whole.slide_layouts[1])
    slide.shapes.title.text = text
    change(whole)
    return saved(whole)


def notebook(text):
    default = new_code_cell('dossier: str = "../_dossiers/0012"', metadata={"tags": ["parameters"]}, id="a")
    shown = Paragraphs((text,))._repr_mimebundle_()
    cell = new_code_cell("klk.say()", outputs=[new_output("execute_result", data=shown)], id="b")
    return writes(new_notebook(cells=[default, new_markdown_cell("## Plan", id="c"), cell])).encode()


def record(text):
    return json.dumps({"municipality": "0048", "findings": [{"text": text}]}, ensure_ascii=False).encode()


def saved(whole):
    into = io.BytesIO()
    whole.save(into)
    return into.getvalue()


def changed_pdf(change):
    with pikepdf.open(io.BytesIO(pdf(CLEAN))) as whole:
        change(whole)
        return saved(whole)


def rewritten(content, name, change):
    """An Office file with one part changed or added."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(into, "w") as after:
        for part in before.namelist():
            if part != name:
                after.writestr(part, before.read(part))
        after.writestr(name, change(before.read(name) if name in before.namelist() else b""))
    return into.getvalue()


def picture(note, kind=b"tEXt"):
    """A PNG with a note in one of the places where programs put theirs."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    written = note.encode()
    notes = {
        b"tEXt": b"Software\0" + note.encode("latin-1"),
        b"zTXt": b"Software\0\0" + zlib.compress(note.encode("latin-1")),
        b"iTXt": b"Author\0\0\0da\0\0" + written,
        b"iTXt packed": b"Author\0\1\0da\0\0" + zlib.compress(written),
    }
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(kind[:4], notes.get(kind, written)) + chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def packed(content):
    return base64.b64encode(content).decode()


def workbook(text):
    whole = Workbook()
    whole.active["A1"] = text
    return saved(whole)


WRITERS = {
    "a.html": page,
    "a.pdf": pdf,
    "a.docx": letter,
    "a.pptx": slides,
    "a.ipynb": notebook,
    "a.findings.json": record,
}


def faults(documents, **changes):
    rules = {"own": "0048", "register": REGISTER, "language": "da"} | changes
    return check_release(documents, **rules)


@pytest.mark.parametrize("name", WRITERS)
def test_a_clean_file_passes(name):
    assert faults({name: WRITERS[name](CLEAN)}) == []


@pytest.mark.parametrize("what", LEAKS)
@pytest.mark.parametrize("name", WRITERS)
def test_a_leak_in_the_text_is_found_in_every_format(name, what):
    leak, shown = LEAKS[what]
    expected = [f"a report must not hold {what}; found {shown!r} ({name})."]
    if what not in FOR_ALL and name in ("a.ipynb", "a.findings.json"):
        expected = []
    assert faults({name: WRITERS[name](f"{CLEAN} {leak}")}) == expected


def named(name):
    return [f"a report must not hold another municipality's name; found 'Skovmunde' ({name})."]


def coded(name):
    return [f"a report must not hold another municipality's code; found '0012' ({name})."]


def outside(name, address="://eksempel.org/"):
    return [f"a report must not hold an address outside the report; found '{address}' ({name})."]


def test_a_leak_in_the_properties_of_a_pdf_is_found():
    title = pdf(CLEAN, title="Tjek: Skovmunde")
    assert faults({"a.pdf": title})[0].startswith("a report must not hold another municipality's name")

    def author(whole):
        whole.docinfo["/Author"] = "Skovmunde"

    assert faults({"a.pdf": changed_pdf(author)}) == named("a.pdf")


def test_a_leak_in_a_file_inside_a_pdf_is_found():
    def attach(whole):
        whole.attachments["b.findings.json"] = pikepdf.AttachedFileSpec(whole, record("Skovmunde"))

    def attach_unknown(whole):
        whole.attachments["b.exe"] = pikepdf.AttachedFileSpec(whole, b"MZ")

    assert faults({"a.pdf": changed_pdf(attach)}) == named("a.pdf")
    assert faults({"a.pdf": changed_pdf(attach_unknown)}) == [
        "a file of a report must be one of .html, .pdf, .docx, .pptx, .ipynb, .json, .xlsx; "
        "found .exe (b.exe)."
    ]


def test_names_and_addresses_that_a_pdf_breaks_over_lines_are_found():
    narrow = (
        '#set page(width: 3.2cm, margin: 4mm)\n#set text(lang: "da", hyphenate: true, font: "KLK Sans")\n'
    )
    for shown, what in {
        "Det er i Skovmunde.": "another municipality's name; found 'Skovmunde'",
        "Det i Ny Kløverborg er": "another municipality's name; found 'Ny Kløverborg'",
        "Se /home/navn/dataserver": "a path of a machine; found '/home/navn/dataserver'",
    }.items():
        content = typst.compile(
            (narrow + shown).encode(), font_paths=[str(ROOM / "fonts")], ignore_system_fonts=True
        )
        found = faults({"a.pdf": content})
        assert [fault for fault in found if what in fault], found


def test_a_link_and_an_alternative_text_of_a_pdf_are_read():
    link = b'#set document(title: "T")\n#link("https://eksempel.org/")[en side]'
    assert faults({"a.pdf": typst.compile(link)})[0].startswith(
        "a report must not hold an address outside the report; found '://eksempel.org/'"
    )

    def alternative(whole):
        whole.Root.Extra = pikepdf.Dictionary(Alt=pikepdf.String("Skovmunde (Ærø) \\ 12"))

    assert faults({"a.pdf": changed_pdf(alternative)}) == named("a.pdf")


@pytest.mark.parametrize(("name", "write"), [("a.docx", letter), ("a.pptx", slides)])
def test_a_leak_in_the_properties_of_an_office_file_is_found(name, write):
    def author(whole):
        whole.core_properties.author = "Skovmunde"

    assert faults({name: write(CLEAN, author)}) == named(name)


def test_a_leak_outside_the_running_text_of_a_word_file_is_found():
    def foot(whole):
        whole.sections[0].footer.paragraphs[0].text = "Skovmunde"

    def comment(whole):
        whole.add_comment(whole.paragraphs[0].runs, text="Skovmunde", author="x", initials="x")

    def link(whole):
        whole.part.relate_to("https://eksempel.org/", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    assert faults({"a.docx": letter(CLEAN, foot)}) == named("a.docx")
    assert faults({"a.docx": letter(CLEAN, comment)}) == named("a.docx")
    assert faults({"a.docx": letter(CLEAN, link)}) == outside("a.docx")


def test_a_leak_in_the_notes_and_names_of_a_slide_is_found():
    def notes(whole):
        whole.slides[0].notes_slide.notes_text_frame.text = "Skovmunde"

    def shape(whole):
        box = whole.slides[0].shapes.add_textbox(Inches(1), Inches(1), Inches(1), Inches(1))
        box.name = "Skovmunde"

    assert faults({"a.pptx": slides(CLEAN, notes)}) == named("a.pptx")
    assert faults({"a.pptx": slides(CLEAN, shape)}) == named("a.pptx")


@pytest.mark.parametrize(("name", "folder", "write"), [("a.docx", "word", letter), ("a.pptx", "ppt", slides)])
def test_pictures_and_files_inside_an_office_file_are_looked_into(name, folder, write):
    whole = write(CLEAN)
    with_picture = rewritten(whole, f"{folder}/media/x.png", lambda _: picture("Skovmunde"))
    with_drawing = rewritten(whole, f"{folder}/media/x.svg", lambda _: b"<svg><text>Skovmunde</text></svg>")
    with_workbook = rewritten(whole, f"{folder}/embeddings/x.xlsx", lambda _: workbook("Skovmunde"))
    with_program = rewritten(whole, f"{folder}/x.bin", lambda _: b"MZ")
    with_photograph = rewritten(whole, f"{folder}/media/x.jpg", lambda _: b"\xff\xd8")
    with_a_name = rewritten(whole, f"{folder}/media/Skovmunde.png", lambda _: picture("x"))
    assert faults({name: with_picture}) == named(name)
    assert faults({name: with_a_name}) == named(name)
    assert faults({name: with_photograph}) == [
        "an Office file must hold texts, pictures, fonts and workbooks only; found x.jpg."
    ]
    assert faults({name: with_drawing}) == named(name)
    assert faults({name: with_workbook}) == named(name)
    assert faults({name: with_program}) == [
        "an Office file must hold texts, pictures, fonts and workbooks only; found x.bin."
    ]


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"iTXt packed"])
def test_the_notes_of_a_picture_are_read_wherever_it_is(kind):
    noted = picture("Bad-Ø", kind)
    found = "a report must not hold another municipality's name; found 'Bad-Ø' ({})."
    shown = page(CLEAN).decode().replace("<main", f'<img src="data:image/png;base64,{packed(noted)}"><main')
    assert faults({"a.html": shown.encode()}) == [found.format("a.html")]
    inside = rewritten(letter(CLEAN), "word/media/x.png", lambda _: noted)
    assert faults({"a.docx": inside}) == [found.format("a.docx")]
    whole = json.loads(notebook(CLEAN))
    whole["cells"][-1]["outputs"][0]["data"]["image/png"] = packed(noted)
    assert faults({"a.ipynb": json.dumps(whole).encode()}) == [found.format("a.ipynb")]


@pytest.mark.parametrize(
    "strange", [picture("Skovmunde", b"eXIf"), picture("x") + b"\0\0\0\x09SkovSkovmunde"]
)
def test_a_picture_holds_nothing_but_its_image(strange):
    inside = rewritten(letter(CLEAN), "word/media/x.png", lambda _: strange)
    (fault,) = faults({"a.docx": inside})
    assert fault in [f"a picture must hold its image only; found {kind!r}." for kind in ("eXIf", "Skov")]


@pytest.mark.parametrize(
    "inside",
    [
        "<w:p {}><w:del><w:r><w:delText>Skovmunde</w:delText></w:r></w:del></w:p>",
        "<w:p {}><w:r><w:instrText>REF Skovmunde</w:instrText></w:r></w:p>",
        '<w:p {}><w:bookmarkStart w:id="9" w:name="&gt; Skovmunde"/></w:p>',
        '<w:p {}><w:ins w:author="Skovmunde"/></w:p>',
        "<w:p {}><w:r><w:t>Skov</w:t><w:softHyphen/><w:t>mun\u00adde</w:t></w:r></w:p>",
    ],
)
def test_what_word_keeps_without_showing_it_is_read(inside):
    def add(whole):
        whole.element.body.insert(0, parse_xml(inside.format(nsdecls("w"))))

    assert faults({"a.docx": letter(CLEAN, add)}) == named("a.docx")


def test_a_file_in_a_name_within_a_word_file_has_no_code_of_another():
    def add(whole):
        mark = '<w:p {}><w:bookmarkStart w:id="9" w:name="0012-skovmunde"/></w:p>'
        whole.element.body.insert(0, parse_xml(mark.format(nsdecls("w"))))

    assert faults({"a.docx": letter(CLEAN, add)}) == coded("a.docx")


def test_a_chart_and_its_workbook_are_read():
    def chart(whole):
        data = CategoryChartData()
        data.categories = ["Skovmunde"]
        data.add_series("x", [1])
        whole.slides[0].shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 1, 1, data)

    assert faults({"a.pptx": slides(CLEAN, chart)})[0].startswith(named("a.pptx")[0][:-12])


def test_a_part_of_an_office_file_is_plain_xml():
    for hidden in ("<!-- > Skovmunde -->", "<w:t><![CDATA[Skovmunde]]></w:t>"):
        strange = rewritten(letter(CLEAN), "customXml/item1.xml", lambda _, hidden=hidden: hidden.encode())
        assert faults({"a.docx": strange}) == [
            "a part of an Office file must be plain XML; found <! (item1.xml)."
        ]


def test_an_office_file_holds_its_parts_only():
    whole = letter(CLEAN)
    commented = io.BytesIO(whole)
    with zipfile.ZipFile(commented, "a") as into:
        into.comment = b"Skovmunde"
    doubled = io.BytesIO(whole)
    with zipfile.ZipFile(doubled, "a") as into, pytest.warns(UserWarning, match="Duplicate name"):
        into.writestr(into.namelist()[0], "<a/>")
    for strange, more in ((commented.getvalue(), 9), (b"Skovmunde" + whole, 9), (doubled.getvalue(), None)):
        (fault,) = faults({"a.docx": strange})
        assert fault.startswith("an Office file must hold its parts only, each once; found ")
        assert more is None or fault.endswith(f"found {more} bytes more.")


def test_a_pdf_holds_no_stream_that_nobody_sees():
    def annotation(whole):
        file = whole.make_stream(record("Skovmunde"), Type=pikepdf.Name.EmbeddedFile)
        note = pikepdf.Dictionary(FS=pikepdf.Dictionary(F="b.json", EF=pikepdf.Dictionary(F=file)))
        whole.pages[0].obj.Annots = pikepdf.Array([whole.make_indirect(note)])

    def properties(whole):
        whole.pages[0].obj.Metadata = whole.make_stream(b"Skovmunde", Type=pikepdf.Name.Metadata)

    def private(whole):
        whole.Root.PieceInfo = pikepdf.Dictionary(Private=whole.make_stream(b"Skovmunde"))

    for change in (annotation, properties, private):
        assert faults({"a.pdf": changed_pdf(change)}) == [
            "a PDF must hold pages, fonts, pictures and attachments only; found 1 other streams."
        ]


def test_a_pdf_whose_strings_are_encrypted_is_none_to_release():
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(CLEAN))) as whole:
        whole.save(into, encryption=pikepdf.Encryption(owner="x"))
    assert faults({"a.pdf": into.getvalue()}) == [
        "a PDF must be readable by everyone; found an encrypted one."
    ]


def test_what_a_pdf_says_in_place_of_a_drawing_is_read():
    def instead(whole):
        drawing = whole.pages[0].Contents
        drawing.write(drawing.read_bytes() + b"\n/Span <</ActualText (Skovmunde)>> BDC EMC\n")

    assert faults({"a.pdf": changed_pdf(instead)}) == named("a.pdf")


def test_names_notes_and_scripts_within_a_pdf_are_read():
    def entry(whole):
        whole.Root["/Skovmunde"] = 1

    def script(whole):
        whole.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x")

    assert faults({"a.pdf": changed_pdf(entry)}) == named("a.pdf")
    assert faults({"a.pdf": pdf(CLEAN) + b"\n% Skovmunde\n"}) == named("a.pdf")
    assert faults({"a.pdf": changed_pdf(script)}) == [
        "a report must not hold a script; found '/JS' and 1 more (a.pdf)."
    ]


def test_the_default_dossier_of_a_notebook_is_passed_over_and_nothing_else():
    whole = json.loads(notebook(CLEAN))
    whole["cells"][0]["source"].append('name = "Skovmunde"')
    assert faults({"a.ipynb": json.dumps(whole).encode()}) == named("a.ipynb")


def test_a_page_holds_no_file_but_pictures_and_fonts():
    clean = page(CLEAN).decode()
    for kind in ("data:text/html;base64,", "data:,", "DATA:image/svg+xml;charset=utf-8;base64,"):
        leaky = clean.replace("<main", f'<img src="{kind}{packed(b"<p>Skovmunde")}"><main')
        assert faults({"a.html": leaky.encode()}) == [
            f"a page must hold pictures and fonts only; found data{kind[4:]}."
        ]
    assert faults({"a.html": page(f"{CLEAN} Uden data: intet, for data:text, siges.")}) == []


def test_a_page_holds_no_script():
    clean = page(CLEAN).decode()
    for script, found in {
        "<script>x</script>": "<script",
        '<p onclick="x">': 'onclick="',
        '<a href="javascript:x">': "javascript:",
    }.items():
        assert faults({"a.html": clean.replace("<main", f"{script}<main").encode()}) == [
            f"a report must not hold a script; found {found!r} (a.html)."
        ]


def test_hidden_corners_of_a_page_are_read():
    clean = page(CLEAN).decode()
    for place, leaky in {
        "title": clean.replace("<title>Tjek", "<title>Tjek Skovmunde"),
        "comment": clean.replace("<main", "<!-- Skovmunde --><main"),
        "label": clean.replace("<main", '<main aria-label="Skovmunde"'),
        "id": clean.replace("<main", '<main data-name="Skovmunde"'),
        "style": clean.replace("<style>", "<style>/* Skovmunde */"),
        "broken by markup": clean.replace("Tjek</h1>", "Skov<strong>munde</strong></h1>"),
        "divided": clean.replace("Tjek</h1>", "Skov&shy;mun<wbr>d&#8203;e</h1>"),
        "class": clean.replace("<main", '<main class="Skovmunde"'),
        "style of an element": clean.replace("<main", '<main style="--name:Skovmunde"'),
        "no drawing": clean.replace("<main", '<svg><path d="Skovmunde"/></svg><main'),
    }.items():
        assert faults({"a.html": leaky.encode()}) == named("a.html"), place
    image = clean.replace("<main", '<img src="https://eksempel.org/x.png" alt=""><main')
    assert faults({"a.html": image.encode()}) == outside("a.html", "://eksempel.org/x.png")
    ground = clean.replace("<main", '<p style="background:url(https://eksempel.org/x.png)"></p><main')
    assert faults({"a.html": ground.encode()}) == outside("a.html", "://eksempel.org/x.png")
    for tag in ('<a href="../0012-skovmunde/x.html">', '<p data-code="0012">', '<a href="../0012/x.html">'):
        assert faults({"a.html": clean.replace("<main", f"{tag}<main").encode()}) == coded("a.html"), tag
    numbered = clean.replace("<main", '<p id="311257-5005"></p><main')
    assert faults({"a.html": numbered.encode()}) == [
        "a report must not hold a CPR number; found '311257-5005' (a.html)."
    ]
    sizes = clean.replace("<main", '<svg viewBox="0012 0 0 0" width="0012.5" fill="#0012ab"></svg><main')
    assert faults({"a.html": sizes.encode()}) == []


def test_a_name_in_composed_letters_is_the_same_name():
    register = Register((*REGISTER.entries, ("0019", "Åkøbing")))
    text = unicodedata.normalize("NFD", "Som i Åkøbing.")
    assert faults({"a.html": page(text)}, register=register) == [
        "a report must not hold another municipality's name; found 'Åkøbing' (a.html)."
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Skovmundes plan", "Skovmundes"),
        ("SKOVMUNDE", "SKOVMUNDE"),
        ("Skovmunde-modellen", "Skovmunde"),
        ("i Bad-Ø.", "Bad-Ø"),
        ("Skov har en plan.", "Skov"),
        ("Ny Kløverborg har en plan.", "Ny Kløverborg"),
        ("Plan Kommune", "Plan Kommune"),
        ("the Municipality Plan", "Municipality Plan"),
        ("Skovmundegård", None),
        ("en skov og et skovmunde", None),
        ("Skovvej og Granskov", None),
        ("Plan og dybde", None),
        ("Kløverborgs plan i Kløverborg", None),
    ],
)
def test_names_count_as_whole_words_as_they_are_written(text, found):
    expected = (
        []
        if found is None
        else [f"a report must not hold another municipality's name; found {found!r} (a.findings.json)."]
    )
    assert faults({"a.findings.json": record(text)}) == expected


def test_what_the_municipality_delivered_itself_is_its_own():
    text = "Afdelingen »Skov og Park« bruger Version 2.0 af løsningen."
    assert faults({"a.html": page(text)}, delivered=["Skov og Park", "Version 2.0"]) == []
    assert [fault.split(" (")[0] for fault in faults({"a.html": page(text)})] == [
        "a report must not hold another municipality's name; found 'Skov'",
        "a report must not hold a number that no formatter has written; found '2.0'",
    ]
    both = f"{text} Skov."
    assert faults({"a.html": page(both)}, delivered=["Skov og Park", "Version 2.0"]) == [
        "a report must not hold another municipality's name; found 'Skov' (a.html)."
    ]


def test_a_report_about_no_single_municipality_names_none():
    assert faults({"a.findings.json": record("Kløverborg")}, own="") == [
        "a report must not hold another municipality's name; found 'Kløverborg' (a.findings.json).",
        "a report must not hold another municipality's code; found '0048' (a.findings.json).",
    ]


def test_a_code_that_could_be_a_year_is_not_looked_for():
    assert faults({"a.findings.json": record("I 2018 var der 4.012 og 0012,5.")}) == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("da", "12.5", "12.5"),
        ("da", "(0.125)", "0.125"),
        ("da", "12345 kr.", "12345"),
        ("da", "1,234.5", "1,234.5"),
        ("da", "−3.1.", "−3.1"),
        ("da", "1234 kr.", "1234"),
        ("da", "1234,5 kr.", "1234,5"),
        ("da", "-5 pct.", "-5"),
        ("da", "1.5e-05", "1.5e-05"),
        ("en", "1234.5", "1234.5"),
        ("da", "1.234 og 1.234.567,8 og 12,5 og 2018 og 0048 og F-P02 og v1 og 1. maj.", None),
        ("en", "12,5", "12,5"),
        ("en", "1.234,5", "1.234,5"),
        ("en", "12345", "12345"),
        ("en", "1,234 and 1,234,567.8 and 12.5 and 2018, 2019.", None),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language, text, found):
    expected = (
        []
        if found is None
        else [f"a report must not hold a number that no formatter has written; found {found!r} (a.html)."]
    )
    assert faults({"a.html": page(f"Her er {text}")}, language=language) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Andelen er None i dag.", "a value as it is stored; found 'None'"),
        ("Det er True.", "a value as it is stored; found 'True'"),
        ("Fra 2018-05-01 i år.", "a value as it is stored; found '-05-01'"),
        ("Andelen er np.float64 i dag.", "source code; found 'np.float64'"),
        ("Andelen er Timestamp('x') i dag.", 'source code; found "(\'"'),
        ("Se builds/make.py nu.", "source code; found '.py'"),
        ("Der kom en KeyError i dag.", "source code; found 'Error'"),
        ("Borgeren 31.12.57-5005 har klaget.", "a CPR number; found '31.12.57-5005'"),
        ("Borgeren 31 12 57-5005 har klaget.", "a CPR number; found '31 12 57-5005'"),
        ("Fundet i ~/data i dag.", "a path of a machine; found '~/data'"),
        ("Fundet i /srv/data i dag.", "a path of a machine; found '/srv/data'"),
        ("Se eksempel.dk/side nu.", "an address outside the report; found '.dk/side'"),
    ],
)
def test_values_code_and_addresses_in_other_forms_are_found(text, what):
    assert faults({"a.html": page(text)}) == [f"a report must not hold {what} (a.html)."]


def test_none_is_also_a_word():
    assert faults({"a.html": page("None of them is new.")}, language="en") == []
    assert faults({"a.html": page("Share: None.")}, language="en") == [
        "a report must not hold a value as it is stored; found 'None' (a.html)."
    ]


@pytest.mark.parametrize(
    ("documents", "fault"),
    [
        ({}, "a report must have at least one file; found none."),
        ({"a.html": b""}, "a file of a report must say something; found no text (a.html)."),
        (
            {"a.findings.json": b"[]"},
            "a file of a report must say something; found no text (a.findings.json).",
        ),
        (
            {"a.pdf": b"%PDF-1.7"},
            "a file of a report must be readable; could not read it (PdfiumError) (a.pdf).",
        ),
        ({"a.docx": b"PK"}, "a file of a report must be readable; could not read it (BadZipFile) (a.docx)."),
        (
            {"a.ipynb": b"{"},
            "a file of a report must be readable; could not read it (JSONDecodeError) (a.ipynb).",
        ),
        (
            {"a.odt": b"x"},
            "a file of a report must be one of .html, .pdf, .docx, .pptx, .ipynb, .json, .xlsx; "
            "found .odt (a.odt).",
        ),
    ],
)
def test_a_gate_that_finds_nothing_to_check_fails(documents, fault):
    assert faults(documents) == [fault]


@pytest.mark.parametrize(
    ("register", "found"),
    [(Register(()), "none"), (Register((("0012", "Skovmunde"),)), "1 municipalities, not '0048'")],
)
def test_a_gate_that_does_not_know_the_municipalities_fails(register, found):
    assert faults({"a.html": page(CLEAN)}, register=register) == [
        f"the register must name the municipalities of the round; found {found}."
    ]


def test_ten_thousand_names_cost_no_more_than_fifty():
    few = Register(tuple((f"{at:04}", f"By{chr(97 + at // 26)}{chr(97 + at % 26)}") for at in range(50)))
    many = Register(
        tuple((f"{at:05}", f"By {at:b}".replace("1", "i").replace("0", "o")) for at in range(10_000))
    )
    documents = {"a.html": page(" ".join([CLEAN] * 2_000))}

    def seconds(register):
        check_release(documents, own="", register=register, language="da")
        started = time.process_time()
        check_release(documents, own="", register=register, language="da")
        return time.process_time() - started

    assert seconds(many) < 5 * seconds(few)


def test_a_number_quoted_from_a_delivered_cell_may_stand_in_its_sentence_only():
    said = "Budgetreduktionen er negativ (-313000)"
    tables = {"problems": pd.DataFrame({"message": [said]})}
    own = delivered_texts(tables)
    assert faults({"a.html": page(f"{said}. Ret fortegnet")}, delivered=own) == []
    assert faults({"a.html": page("Besparelsen er -313000 kr.")}, delivered=own) == [
        "a report must not hold a number that no formatter has written; found '-313000' (a.html)."
    ]


def test_what_was_delivered_is_read_from_the_dossiers_tables():
    tables = {
        "solutions": pd.DataFrame(
            {"name": ["Rejse", None], "supplier": ["Leverandør 2.0", "A"], "n": [1, 2]}
        ),
        "departments": pd.DataFrame({"name": []}),
    }
    assert delivered_texts(tables) == {"Rejse", "Leverandør 2.0", "A"}


# what an interviewer wrote (S17), and what `klktools redact` leaves of it
NOTES = {
    "Nummeret 707515123 stod i arket.": "Nummeret [CPR] stod i arket.",
    "Erstatningsnummeret er 711257-5003.": "Erstatningsnummeret er [CPR].",
    "Nummeret ３１１２５７－５００５ er kopieret.": "Nummeret [CPR] er kopieret.",
    "Skriv til freja@eksempel.dk i dag.": "Skriv til [e-mail] i dag.",
    "Ring til hende på +45 12 34 56 78.": "Ring til hende på [telefon].",
    "Det har Freja Testesen sagt.": "Det har [navn] sagt.",
    "Hun bor på Kastanievej 4, 8000 Aarhus C.": "Hun bor på [adresse].",
}


@pytest.mark.parametrize("written", NOTES)
def test_a_report_with_an_unredacted_note_is_stopped_and_one_with_the_redacted_note_passes(written):
    for name in ("a.html", "a.docx"):
        stopped = check_release({name: WRITERS[name](written)}, own="0048", register=REGISTER, language="da")
        assert stopped, name
        passed = WRITERS[name](NOTES[written])
        assert check_release({name: passed}, own="0048", register=REGISTER, language="da") == []


def test_a_name_that_the_municipality_delivered_itself_is_none_of_a_person():
    content = page("Afdelingen Mette Holms Skole på Kastanievej 4 er med.")
    own = {"own": "0048", "register": REGISTER, "language": "da"}
    assert len(check_release({"a.html": content}, **own)) == 2
    assert check_release({"a.html": content}, **own, delivered={"Mette Holms Skole på Kastanievej 4"}) == []
