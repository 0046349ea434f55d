import re

from klktools.blocks import Cover, Paragraphs, Table
from klktools.report.document import Document, Heading
from klktools.report.html import export_page, page_words, sections_of

PARTS = (
    Cover("Navn", "Tjek", ()),
    Heading(2, "Første & bedste", "Første-bedste"),
    Paragraphs(("Tekst.",)),
    Paragraphs(("A",)),
    Heading(2, "Anden", "Anden"),
    Heading(3, "Under", "Under"),
)


def document(title="Tjek", footer="Slut"):
    return Document(title, footer, "da", PARTS)


def test_the_page_is_cut_at_second_level_headings():
    sections = sections_of(document())
    assert [(section.title, len(section.parts)) for section in sections] == [
        ("", 1),
        ("Første & bedste", 3),
        ("Anden", 2),
    ]


def test_the_contents_list_links_to_every_section():
    html = export_page(document()).decode()
    assert re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', html) == [
        ("Første-bedste", "Første &amp; bedste"),
        ("Anden", "Anden"),
    ]
    assert '<h2 id="Første-bedste">Første &amp; bedste</h2>' in html


def test_an_appendix_begins_a_new_page_in_print():
    parts = (
        Cover("Navn", "Tjek", ()),
        Heading(2, "Fund", "Fund"),
        Heading(2, "Bilag A. Alle", "Bilag-A-Alle"),
    )
    html = export_page(Document("Tjek", "Slut", "da", parts)).decode()
    assert '<section aria-labelledby="Fund">' in html
    assert '<section aria-labelledby="Bilag-A-Alle" class="klk-appendix">' in html


def test_no_script_and_nothing_from_outside():
    html = export_page(document()).decode()
    assert "<script" not in html
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//|@import|url\((?!data:)", html)


def test_title_and_footer_are_escaped():
    html = export_page(document(title="<b>&", footer="<i>")).decode()
    assert "<title>&lt;b&gt;&amp;</title>" in html
    assert "<p>&lt;i&gt;</p>" in html


def test_both_languages_have_the_same_words():
    def keys(words):
        return {name: keys(value) if isinstance(value, dict) else None for name, value in words.items()}

    assert keys(page_words("da")) == keys(page_words("en"))


def test_on_a_telephone_a_caption_is_read_without_scrolling_sideways(browser, tmp_path):
    columns = tuple(f"Kolonnens navn {at}" for at in range(8))
    caption = "En overskrift, der er længere end skærmen på en telefon er bred"
    table = Table(caption, columns, (tuple("1234567890" for _ in columns),))
    path = tmp_path / "page.html"
    path.write_bytes(export_page(Document("Tjek", "Slut", "da", (*PARTS, table))))
    page = browser.new_page(viewport={"width": 320, "height": 900})
    page.goto(path.as_uri())
    assert page.locator("table").bounding_box()["width"] > 320
    shown = page.locator("caption").bounding_box()
    assert shown["x"] + shown["width"] <= 300
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()
