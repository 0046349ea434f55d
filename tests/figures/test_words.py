"""The words of the figures: the same in both languages, all used, none in the code."""

import re
import string
from pathlib import Path

import pytest

import klktools.figures
from klktools.figures.words import words

CODE = "\n".join(path.read_text("utf-8") for path in Path(klktools.figures.__file__).parent.glob("*.py"))
DANISH, ENGLISH = words("da"), words("en")


def flat(w):
    return {f"{section}.{name}": text for section, names in w.texts.items() for name, text in names.items()}


def variables(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_in_the_same_order():
    assert list(flat(DANISH)) == list(flat(ENGLISH))


@pytest.mark.parametrize("key", flat(DANISH))
def test_both_languages_fill_in_the_same_things(key):
    assert variables(flat(DANISH)[key]) == variables(flat(ENGLISH)[key])


@pytest.mark.parametrize("key", flat(ENGLISH))
def test_the_english_texts_hold_no_danish(key):
    text = flat(ENGLISH)[key]
    assert not re.search("[æøåÆØÅ]|pct\\.", text)
    assert not set(re.findall(r"\w+", text.lower())) & {"og", "ikke", "af", "kommuner", "der", "er", "til"}


def test_the_code_holds_no_danish():
    assert not re.search("[æøåÆØÅ]", CODE)


# sections whose names are codes of the tables
CODED = ("reason.", "scale.", "conflict.")
# names put together in the code from a class, a measure, a step or a number
MADE = ("title", "level", "band", "I0", "I1", "I2", "source", "subject")
TABLE_CODES = {
    *("business_case", "functionality", "usage", "time", "realised", "interval", "cut"),
    *("in_place_kr", "undocumented_kr", "elsewhere_kr", "across_kr", "core_welfare_kr"),
    *("plan", "partial", "no_plan", "certainly_above", "undecided", "certainly_not_above", "cannot_be_said"),
    *("yes", "no", "dont_know", "all", "wave"),
}


@pytest.mark.parametrize("key", flat(DANISH))
def test_every_text_is_used(key):
    name = key.split(".")[1]
    if key.startswith(CODED) or name.startswith(MADE) or name in TABLE_CODES:
        return
    assert name in CODE


def test_numbers_are_said_in_the_language():
    assert [DANISH.pct(0.27), DANISH.mio(1_678_571), DANISH.score(2.45), DANISH.per_hundred(0.275)] == [
        *("27 pct.", "1,7 mio. kr.", "2,5", "28"),
    ]
    assert DANISH.integer(6195) == "6.195"
    assert DANISH.count(1, "solution") == "1 løsning"
    assert DANISH.join(["a", "b", "c"]) == "a, b og c"
    assert ENGLISH.score(2.45) == "2.5"


def test_a_half_life_without_leavers_never_ends():
    assert DANISH.years(float("inf")) == "ingen ende"
    assert DANISH.years(1.94) == "1,9"


def test_a_reason_is_said_in_the_words_of_the_report_and_an_unknown_one_is_missing_data():
    assert DANISH.reason("no_dates") == "ingen åbne initiativer har en dato"
    assert DANISH.reason("not_in_instrument") not in (DANISH.reason(None), DANISH.reason("nonsense"))
    assert DANISH.reason(float("nan")) == DANISH.reason(None)
