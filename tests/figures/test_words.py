"""The words of the figures: the same in both languages, all used, none in the code."""

import ast
import re
import string
from pathlib import Path

import klktools.figures
from klktools.figures.words import words

MODULES = [path.read_text("utf-8") for path in sorted(Path(klktools.figures.__file__).parent.glob("*.py"))]
DANISH, ENGLISH = words("da"), words("en")


def flat(w):
    return {f"{section}.{name}": text for section, names in w.texts.items() for name, text in names.items()}


def variables(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def strings(module):
    """The literal texts of a module that are not docstrings."""
    tree = ast.parse(module)
    spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in spoken)
    return [node.value for node in constants if isinstance(node.value, str)]


def test_both_languages_have_the_same_texts_in_the_same_order():
    assert list(flat(DANISH)) == list(flat(ENGLISH))


def test_both_languages_fill_in_the_same_things():
    english = flat(ENGLISH)
    assert {key for key, text in flat(DANISH).items() if variables(text) != variables(english[key])} == set()


def test_the_english_texts_hold_no_danish():
    danish = re.compile(r"[æøåÆØÅ]|pct\.|\b(og|ikke|af|kommuner|der|er|til)\b")
    assert {key for key, text in flat(ENGLISH).items() if danish.search(text)} == set()


def test_the_code_holds_no_danish():
    assert [text for module in MODULES for text in strings(module) if re.search("[æøåÆØÅ]", text)] == []


# sections and names put together in the code from a code of the tables, a step or a number
CODED = ("reason.", "scale.", "conflict.")
MADE = ("title", "level", "band", "I0", "I1", "I2", "source", "subject")
TABLE_CODES = {
    *("business_case", "functionality", "usage", "time", "realised", "interval", "cut"),
    *("in_place_kr", "undocumented_kr", "elsewhere_kr", "across_kr", "core_welfare_kr"),
    *("plan", "partial", "no_plan", "certainly_above", "undecided", "certainly_not_above", "cannot_be_said"),
    *("yes", "no", "dont_know", "all", "wave"),
}


def test_every_text_is_used():
    literals = "\n".join(text for module in MODULES for text in strings(module))
    fixed = [key for key in flat(DANISH) if not key.startswith(CODED)]
    names = {key.partition(".")[2] for key in fixed} - TABLE_CODES
    assert {name for name in names if not name.startswith(MADE) and name not in literals} == set()


def test_numbers_are_said_in_the_language():
    assert DANISH.pct(0.27) == "27 pct."
    assert DANISH.mio(1_678_571) == "1,7 mio. kr."
    assert DANISH.score(2.45) == "2,5"
    assert DANISH.per_hundred(0.275) == "28"
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
