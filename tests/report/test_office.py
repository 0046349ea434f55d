import zipfile
from io import BytesIO

import pytest

from klktools.report.office import Span, bare, clean, office_words, repacked, spans
from tests.report.office import HOSTILE, LITERAL


def test_bold_and_status_symbols_stand_apart():
    assert list(spans("Score **2,0 ▲** og ● ja")) == [
        Span("Score "),
        Span("2,0 ", bold=True),
        Span("▲", bold=True, tone="yellow"),
        Span(" og "),
        Span("●", tone="green"),
        Span(" ja"),
    ]
    assert list(spans("")) == []


@pytest.mark.parametrize("text", ["** alene", "*skrå*", "__u__", "<b>x</b>", "a ** b"])
def test_everything_else_is_literal(text):
    assert list(spans(text)) == [Span(text)]


def test_what_xml_forbids_is_left_out_and_a_text_is_one_line():
    assert clean(HOSTILE) == LITERAL
    assert clean("a\r\n\tb\x7f\ufffe😀") == "a b\x7f😀"
    assert bare("**a** ● b") == "a ● b"


def test_equal_parts_give_equal_packages_whatever_their_dates_and_order():
    def package(names, year):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name, (year, 2, 3, 4, 5, 6)), name)
        return out.getvalue()

    names = ["b.xml", "[Content_Types].xml", "a.png"]
    first, second = repacked(package(names, 2001)), repacked(package(names[::-1], 2020))
    assert first == second
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert archive.namelist() == ["[Content_Types].xml", "a.png", "b.xml"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {0}


def test_both_languages_have_the_same_words_with_the_same_places():
    def places(text):
        return sorted(part.split("}")[0] for part in text.split("{")[1:])

    danish, english = office_words("da"), office_words("en")
    assert danish.keys() == english.keys()
    assert {key: places(text) for key, text in danish.items()} == {
        key: places(text) for key, text in english.items()
    }
