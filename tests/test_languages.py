"""Both languages say the same: every text file of the toolkit, Danish beside English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

import klktools
from tests.conftest import ROOT
from tests.words import strangers

LIBRARY = Path(klktools.__file__).parent
EITHER = re.compile(
    r"\{\w+:((?:[^{}|]|\{\w+\})*)\|((?:[^{}|]|\{\w+\})*)\}"
)  # the words for one, and for many
PLACEHOLDER = re.compile(r"\{\w*(?:\|[^}]*)?\}")
# words that are spelt alike in both languages, and names
ALIKE = {
    *("Budget", "Chat", "Data", "Form", "Hotline", "Institution", "Interval", "Mail", "Median", "Note"),
    *("Orange", "Plan", "Region", "Robot", "Score", "Service", "Start", "Status", "System", "Test", "Type"),
    *("interview", "interviews", "Interviews", "person", "Business case", "Benchmark:", "min.", "n ="),
    *("PDF", "Word", "PowerPoint", "--force", "CPR", "e-mail"),
}
IDS = re.compile(r"(?:[A-Z]\d\d[A-Z]?[-,; ]*)*|[\W\d]*")


def pairs(value: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """Every (place, Danish, English) of a text file: `da` beside `en`, `x_da` beside `x_en`."""
    if isinstance(value, list):
        for at, entry in enumerate(value):
            yield from pairs(entry, f"{where}[{at}]")
    if isinstance(value, dict):
        for name, entry in value.items():
            if re.fullmatch(r"(?:\w+_)?da", str(name)):
                english = re.sub("da$", "en", name)
                assert english in value, f"{where}.{english} is missing"
                yield from leaves(entry, value[english], f"{where}.{name}")
            elif not re.fullmatch(r"(?:\w+_)?en", str(name)):
                yield from pairs(entry, f"{where}.{name}")
            else:
                assert re.sub("en$", "da", name) in value, f"{where}.{name} has no Danish"


def leaves(danish: Any, english: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    assert type(danish) is type(english), where
    if isinstance(danish, dict):
        assert set(danish) == set(english), where
        for name in danish:
            yield from leaves(danish[name], english[name], f"{where}.{name}")
    elif isinstance(danish, list):
        assert len(danish) == len(english), where
        for at, (one, other) in enumerate(zip(danish, english, strict=True)):
            yield from leaves(one, other, f"{where}[{at}]")
    else:
        yield where, danish, english


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def all_pairs() -> list[tuple[str, Any, Any]]:
    found = []
    for path in sorted(LIBRARY.rglob("*.yaml")):
        if path.name.endswith("en.yaml") or path.name == "tables.yaml" or path.parent.name == "sample":
            continue  # beside its Danish; column names; what the sample's municipalities hand in
        if path.name.endswith("da.yaml"):
            found += leaves(load(path), load(path.with_name(path.name.replace("da.", "en."))), path.name)
        else:
            found += pairs(load(path), path.name)
    return found


PAIRS = all_pairs()


def words(text: Any) -> str:
    return PLACEHOLDER.sub(" ", EITHER.sub(r" \1 \2 ", text)) if isinstance(text, str) else ""


def test_there_are_texts_in_every_file_that_has_words():
    files = {where.partition("yaml")[0] for where, _, _ in PAIRS}
    assert len(files) >= 12
    assert len(PAIRS) > 1_500


def test_every_text_is_said_in_both_languages():
    assert [
        where for where, danish, english in PAIRS if not (str(danish).strip() and str(english).strip())
    ] == []


def test_both_languages_use_the_same_placeholders():
    # what a finding says when there is one, or a genitive, may be worded without the variable in one language
    assert {
        where: (danish, english)
        for where, danish, english in PAIRS
        if isinstance(danish, str)
        and Counter(PLACEHOLDER.findall(danish)).keys() != Counter(PLACEHOLDER.findall(english)).keys()
    } == {}


def test_no_danish_text_has_an_english_word():
    found = {where: strangers(words(danish), "da") for where, danish, _ in PAIRS}
    assert {where: odd for where, odd in found.items() if odd} == {}


def test_no_english_text_has_a_danish_word():
    found = {
        where: strangers(words(english), "en") for where, _, english in PAIRS if isinstance(english, str)
    }
    assert {where: odd for where, odd in found.items() if odd} == {}


def test_no_text_is_left_untranslated():
    same = {words(danish).strip(" :()") for _, danish, english in PAIRS if danish == english}
    alike = {word.strip(" :()") for word in ALIKE}
    assert {text for text in same if not IDS.fullmatch(text)} == alike


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_the_prose_of_a_notebook_is_in_both_languages(path):
    cells = nbformat.read(path, as_version=4).cells
    prose = {
        language: [cell.source for cell in cells if f"lang-{language}" in cell.metadata.get("tags", [])]
        for language in ("da", "en")
    }
    assert len(prose["da"]) == len(prose["en"])
    for language, texts in prose.items():
        assert strangers("\n".join(texts), language) == []
