"""The text files: both languages say the same things, and nothing is missing or left over."""

import re
from pathlib import Path

import pytest

import klktools
from klktools.errors import ParameterError
from klktools.framework import load_framework
from klktools.texts import load_texts
from klktools.wording.templates import FORMATTERS

DANISH, ENGLISH = load_texts("da"), load_texts("en")
# sections whose last part is a code from the data, by the list that holds the codes
CODED = {
    "step": ["absent", "incipient", "partial", "systematic", "embedded"],
    "severity": ["critical", "high", "medium", "low", "strength"],
    "certainty_class": ["certainly_above", "certainly_not_above", "undecided", "cannot_be_said"],
}
LOOKED_UP = (
    *(
        "others.",
        "benchmark.",
        "band.",
        "area.",
        "caveat.",
        "certainty.",
        "certainty_class.",
        "column.",
        "conflict.",
    ),
    *("cover.label.", "effect.", "effort.", "evidence.", "handled.", "ledger.", "main.", "month.", "noun."),
    *(
        "number.",
        "position.n_",
        "reason.",
        "scale.",
        "self_image.",
        "severity.",
        "status.",
        "step.",
        "table.",
    ),
    *("unknown.", "wave.", "word."),
)
SPOKEN = re.compile(r"\{(\w+)\|(\w+)")


def source():
    folder = Path(klktools.__file__).parent
    files = [folder / "blocks.py", *(folder / "wording").glob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_both_languages_have_the_same_keys():
    assert set(DANISH) == set(ENGLISH)


@pytest.mark.parametrize("texts", [DANISH, ENGLISH], ids=["da", "en"])
def test_every_text_is_words_without_stray_spaces(texts):
    assert [
        key for key, text in texts.items() if not isinstance(text, str) or text != text.strip() or not text
    ] == []


def test_both_languages_use_the_same_variables():
    assert {key: set(SPOKEN.findall(text)) for key, text in DANISH.items()} == {
        key: set(SPOKEN.findall(text)) for key, text in ENGLISH.items()
    }


def test_every_variable_has_a_formatter_that_exists():
    for text in DANISH.values():
        assert text.count("{") == len(SPOKEN.findall(text))
        assert {formatter for _, formatter in SPOKEN.findall(text)} <= set(FORMATTERS)


def test_english_has_no_danish_letters_or_words():
    danish = re.compile(r"[æøåÆØÅ»«]|\b(og|ikke|af|pct|mio|kr|er|der|løsning|kommune|til)\b")
    words = {key: re.sub(r"\{.*?\}", "", text) for key, text in ENGLISH.items()}
    assert {key: text for key, text in words.items() if danish.search(text)} == {}


def test_no_text_has_two_full_stops_or_a_long_sentence():
    for texts in (DANISH, ENGLISH):
        sentences = [part for text in texts.values() for part in re.split(r"(?<=[.:]) (?=[A-ZÆØÅ])", text)]
        assert [part for part in sentences if ".." in part or len(part.split()) > 33] == []


def test_every_text_is_used():
    code = source()
    named = {key for key in DANISH if f'"{key}"' in code or f"'{key}'" in code}
    by_code = {key for key in DANISH if key.startswith(LOOKED_UP)}
    assert set(DANISH) - named - by_code == set()


def test_every_column_heading_is_used():
    code = source()
    names = {key.removeprefix("column.") for key in DANISH if key.startswith("column.")}
    assert {name for name in names if f'"{name}"' not in code and f'"column.{name}"' not in code} == set()


def test_every_text_the_code_names_exists():
    named = set(re.findall(r'say\(\s*"([\w.]+\w)"', source()))
    assert named - set(DANISH) == set()


@pytest.mark.parametrize(("section", "codes"), CODED.items())
def test_every_code_has_its_words(section, codes):
    assert {f"{section}.{code}" for code in codes} == {key for key in DANISH if key.startswith(f"{section}.")}


def test_every_criterion_has_its_sentence():
    criteria = set(load_framework().criteria["criterion"]) - {"D3"}
    by_class = {f"D3_{status}" for status in CODED["certainty_class"]}
    said = {key.removeprefix("main.") for key in DANISH if key.startswith("main.")}
    assert said == criteria | by_class | {"G4_slower"}


def test_every_noun_of_the_findings_exists():
    rules = (Path(klktools.__file__).parent / "framework" / "findings.yaml").read_text(encoding="utf-8")
    nouns = set(re.findall(r"\|count:(\w+)\}", rules))
    assert nouns and {f"noun.{noun}.{form}" for noun in nouns for form in ("one", "many")} <= set(DANISH)


def test_texts_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError):
        DANISH["number.pct"] = "%"  # type: ignore[index]


def test_another_language_is_refused():
    with pytest.raises(ParameterError) as caught:
        load_texts("sv")
    assert str(caught.value) == "`language` must be da or en; found 'sv'. Choose one of them."
