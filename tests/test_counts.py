"""One is one and many are many: in every text with a number in it, Danish and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import klktools
from klktools.contract import load_contract
from klktools.texts import Template, fill, plural
from klktools.wording.templates import framework_labels, render

ROOT = Path(klktools.__file__).parent
FILES = [
    *sorted((ROOT / "texts").glob("*.yaml")),
    ROOT / "contract/rules.yaml",
    ROOT / "report/page.yaml",
    ROOT / "report/office.yaml",
    ROOT / "framework/findings.yaml",
]
CHOICE = re.compile(r"\{\w+:(?:[^{}|]|\{\w+\})*\|(?:[^{}|]|\{\w+\})*\}")
# a number with the word after it; `count:noun` bends its noun itself
NUMBER = re.compile(r"\{(\w+)(?:\|(?:int|months))?\} (?:other |andre |nye |new )?([a-zæøå]+)")
# words after a number that are the same for one and many, or begin something else
SAME = {
    *[
        "of",
        "af",
        "in",
        "i",
        "med",
        "with",
        "har",
        "til",
        "er",
        "og",
        "and",
        "than",
        "end",
        "against",
        "høstet",
        "uden",
        "left",
        "flere",
        "more",
        "om",
        "a",
        "about",
    ],
    *[
        "afvist",
        "uændret",
        "lavet",
        "made",
        "fejlet",
        "failed",
        "unchanged",
        "rejected",
        "efter",
        "after",
        "på",
        "on",
        "through",
        "is",
        "be",
        "kr",
        "pct",
    ],
    *[
        "tegn",
        "fund",
        "MB",
        "gange",
        "times",
        "år",
        "user",
        "skal",
        "kan",
        "can",
        "go",
        "giver",
        "findes",
        "also",
        "characters",
        "to",
        "such",
        "gennem",
        "other",
    ],
}
# what stands in these is words, not a number
WORDS = {
    *[
        "path",
        "table",
        "solution_name",
        "question",
        "criterion",
        "score",
        "price_level",
        "new_name",
        "old",
        "first",
        "last",
        "other_name",
    ],
    *[
        "initiatives",
        "solutions",
        "group",
        "numbers",
        "turnover",
        "now",
        "label",
        "department",
        "initiative",
        "versions",
        "now",
    ],
}
# numbers that are never 1: limits, rows of a full sheet, decimals, and what is said of several only
NEVER_ONE = {
    **dict.fromkeys(("rules.yaml.phrases.limit_", "rules.yaml.E38."), ["this", "most"]),
    **dict.fromkeys(("rules.yaml.R02.", "rules.yaml.R03.", "rules.yaml.R06."), ["limit"]),
    **dict.fromkeys(("rules.yaml.R13.",), ["this"]),
    **dict.fromkeys(("da.yaml.others.", "en.yaml.others."), ["n"]),  # beside two that are named
    **dict.fromkeys(("da.yaml.summary.thin", "en.yaml.summary.thin"), ["total"]),
    "findings.yaml.": ["n_subjects", "go_lives"],
    "figures.en.yaml.training.": ["years"],
    "figures.en.yaml.turnover_half_life.": ["median", "q75", "years"],
    "figures.en.yaml.plan_classes.title_hidden": ["total"],  # words
    **dict.fromkeys(("figures.da.yaml.support.", "figures.en.yaml.support."), ["fewest"]),
}


def texts_of(entry: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str):
        yield key, entry
    elif isinstance(entry, dict):
        for name, value in entry.items():
            yield from texts_of(value, f"{key}.{name}")
    elif isinstance(entry, list):
        for at, value in enumerate(entry):
            yield from texts_of(value, f"{key}.{at}")


TEXTS = dict(pair for path in FILES for pair in texts_of(yaml.safe_load(path.read_text("utf-8")), path.name))


def is_never_one(key: str, name: str) -> bool:
    return any(key.startswith(start) and name in names for start, names in NEVER_ONE.items())


def test_a_word_after_a_number_is_right_for_one():
    found = {
        f"{key}: {{{name}}} {word}"
        for key, text in TEXTS.items()
        for name, word in NUMBER.findall(CHOICE.sub("#", text))
        if word not in SAME and name not in WORDS and not is_never_one(key, name)
    }
    assert found == set()


def test_a_verb_before_a_number_is_right_for_one():
    verb = re.compile(r"\b(?:are|were|have) \{(\w+)(?:\|int)?\}")
    found = {
        f"{key}: {{{name}}}"
        for key, text in TEXTS.items()
        for name in verb.findall(CHOICE.sub("#", text))
        if name not in WORDS and not is_never_one(key, name)
    }
    assert found == set()


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(("n", "place"), [(0, 1), ("0", 1), (1, 0), ("1", 0), (1.0, 0), (2, 1), ("1.234", 1)])
def test_the_first_word_is_for_one_and_the_second_for_any_other_number(n, place, language):
    assert fill("{n:cell|cells}", n=n) == ("cell", "cells")[place]
    assert Template("{n:cell|cells}").format(n=n) == ("cell", "cells")[place]
    if not isinstance(n, str):
        said = render("{n:cell|cells}", {"n": n}, language=language, labels=framework_labels(language))
        assert said == ("cell", "cells")[place]


def test_a_word_may_hold_the_number_and_a_value_is_never_read_as_a_template():
    assert fill("{n:the only row|{n} rows} of {file}", n=2, file="{n:a|b}") == "2 rows of {n:a|b}"
    assert fill("{n:the only row|{n} rows} of {file}", n=1, file="{x}") == "the only row of {x}"
    assert plural("{n} {n:row has|rows have} {other}") == "{n} rows have {other}"


SAID = {
    "E01.da": [
        "1 celle i kolonnen »K« var en kommunekode uden det foranstillede nul",
        "3 celler i kolonnen »K« var kommunekoder uden det foranstillede nul",
    ],
    "E09a.en": [
        '1 cell of the column "K" was read as Excel\'s serial number of a date, counted from 1904',
        '3 cells of the column "K" were read as Excel\'s serial numbers of dates, counted from 1904',
    ],
    "F16.en": [
        "1 more row of the file has the same fault (3)",
        "3 more rows of the file have the same fault (3)",
    ],
}


@pytest.mark.parametrize(("key", "said"), SAID.items())
def test_sentences_of_the_journal_about_one_and_about_three_cells(key, said):
    rule, language = key.split(".")
    template = load_contract().rules[rule][language]
    more = {"header": "K"} if "header" in template else {}
    count = "other" if more else "this"
    found = [fill(template, **{"this": n, "other": 3, count: n} | more) for n in (1, 3)]
    assert found == said
