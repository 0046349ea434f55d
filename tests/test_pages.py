"""The checks of pages find what they are there for."""

import pytest

from tests.pages import axe_findings, contrast, contrast_faults, drawn_texts, nu_errors, structural_faults
from tests.words import strangers

GOOD = """<!DOCTYPE html>
<html lang="da"><head><meta charset="utf-8"><title>Tjek</title></head>
<body><main><h1>Tjek</h1><h2 id="a">A</h2>
<svg viewBox="0 0 200 60" width="200" height="60" role="img"
aria-label="En figur, der viser to tal ved siden af hinanden.">
<rect width="100" height="60" fill="#0b5345"/><text x="10" y="30" fill="#ffffff">Hvidt på grønt</text>
<text x="110" y="30" fill="#1b1f24">Sort</text></svg>
<table><caption>Tal</caption><thead><tr><th scope="col">Navn</th><th scope="col">n</th></tr></thead>
<tbody><tr><th scope="row">A</th><td>1</td></tr></tbody></table>
<p><a href="#a">Til A</a></p></main></body></html>"""


def test_a_good_page_has_no_fault():
    assert structural_faults(GOOD, "da") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('lang="da"', 'lang="en"', "lang is en"),
        ("<title>Tjek</title>", "<title></title>", "no title"),
        ("<h1>Tjek</h1>", "", "not one h1, first"),
        ("<h2", "<h3", "h1 then h3"),
        ("En figur, der viser to tal ved siden af hinanden.", "Figur", "a picture is called 'Figur'"),
        ("<caption>Tal</caption>", "", "no caption: <table>"),
        ('<th scope="row">', "<th>", "no scope: <th>"),
        ('href="#a"', 'href="#b"', "dead link #b"),
        ('<p><a href="#a"', '<p id="a"><a href="#a"', "id a twice"),
        ('href="#a"', 'href="https://eksempel.org"', 'from outside: href="https://eksempel.org'),
        ("</main>", "<script></script></main>", "scripts"),
    ],
)
def test_a_planted_fault_is_found(old, new, fault):
    found = structural_faults(GOOD.replace(old, new), "da")
    assert [one for one in found if one.startswith(fault)], found


def test_the_nu_checker_runs(tmp_path):
    good, bad = tmp_path / "good.html", tmp_path / "bad.html"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD.replace("<h2 id", "<h2 idd").replace("</h2>", "</p></h2>"), encoding="utf-8")
    found = nu_errors([good, bad])
    assert found
    assert {one.partition(":")[0] for one in found} == {"bad.html"}


@pytest.mark.parametrize(
    ("change", "low"),
    [
        ({}, []),
        ({"#0b5345": "#e9f7ef"}, ["1.1: 'Hvidt på grønt'"]),
        ({"#1b1f24": "#bbbbbb"}, ["1.9: 'Sort'"]),
    ],
)
def test_the_contrast_of_a_text_in_a_drawing_is_measured(browser, tmp_path, change, low):
    page_text = GOOD
    for old, new in change.items():
        page_text = page_text.replace(old, new)
    path = tmp_path / "page.html"
    path.write_text(page_text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 600, "height": 400})
    page.goto(path.as_uri())
    violations, unsure = axe_findings(page)
    assert violations == []
    assert len(unsure) == 2  # axe cannot tell what is behind a drawn text
    faults = contrast_faults(page, unsure)
    drawn = [fault.split(" (")[0] for fault in contrast_faults(page, drawn_texts(page))]
    assert drawn == [fault.split(" (")[0] for fault in faults]
    assert [f"{fault[:3]}: {fault.split(': ')[1].split(' (')[0]}" for fault in faults] == low
    page.close()


def test_axe_finds_a_violation(browser):
    page = browser.new_page()
    page.set_content(GOOD.replace('lang="da"', ""))
    for asked in (True, False):
        found = axe_findings(page, contrast=asked)[0]
        assert [one for one in found if one.startswith("html-has-lang")]
    page.close()


def test_contrast_is_that_of_wcag():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([118, 118, 118], [255, 255, 255]) == pytest.approx(4.54, abs=0.01)


def test_words_of_the_other_language_are_found():
    assert strangers("Planen er ikke færdig", "da") == []
    assert strangers("The plan is ikke færdig", "en") == ["færdig", "ikke"]
    assert strangers("Planen is not færdig", "da") == ["is", "not"]
