import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from klktools.errors import ReportError
from klktools.report.html import export_page, page_words, sections_of


def block(html: str):
    return new_code_cell("secret_code()", outputs=[new_output("execute_result", data={"text/html": html})])


def page(*cells, **changes) -> str:
    about = {"title": "Tjek", "footer": "Slut", "language": "da"}
    return export_page(new_notebook(cells=list(cells)), **{**about, **changes})


NOTEBOOK = (
    block("<h1>Navn</h1>"),
    new_markdown_cell("## Første\n\nTekst."),
    block("<p>A</p>"),
    new_markdown_cell("## Anden"),
)


def test_the_page_is_cut_at_second_level_headings():
    sections = sections_of(new_notebook(cells=list(NOTEBOOK)))
    assert [(section.title, len(section.parts)) for section in sections] == [
        ("", 1),
        ("Første", 2),
        ("Anden", 1),
    ]


def test_the_contents_list_links_to_every_section():
    html = page(*NOTEBOOK)
    links = re.findall(r'<li><a href="#([^"]+)">', html)
    assert len(links) == 2
    assert all(f'id="{link}"' in html for link in links)


def test_no_code_no_script_and_nothing_from_outside():
    html = page(*NOTEBOOK)
    assert "secret_code" not in html
    assert "<script" not in html
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//|@import|url\((?!data:)", html)


def test_title_and_footer_are_escaped():
    html = page(*NOTEBOOK, title="<b>&", footer="<i>")
    assert "<title>&lt;b&gt;&amp;</title>" in html
    assert "<p>&lt;i&gt;</p>" in html


def test_an_error_output_stops_the_page():
    cell = new_code_cell("x", outputs=[new_output("error", ename="KeyError", evalue="'a'", traceback=[])])
    with pytest.raises(ReportError) as error:
        page(*NOTEBOOK, cell)
    assert str(error.value) == (
        "a cell of a report must put out blocks only; found error (KeyError) (cell 3)."
    )


def test_both_languages_have_the_same_words():
    def keys(words):
        return {name: keys(value) if isinstance(value, dict) else None for name, value in words.items()}

    assert keys(page_words("da")) == keys(page_words("en"))
