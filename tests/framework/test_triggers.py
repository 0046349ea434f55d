"""The language of the catalogue: what it says, what missing means, and what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klktools.errors import TableError
from klktools.framework.triggers import check, evaluate, names

TABLE = pd.DataFrame(
    {
        "share": [0.1, 0.5, np.nan],
        "n": pd.array([1, pd.NA, 4], dtype="Int64"),
        "flag": pd.array([True, False, pd.NA], dtype="boolean"),
        "label": pd.array(["x", None, "y"], dtype="str"),
        "month": pd.to_datetime(["2018-01-01", None, "2018-03-01"]),
        "nothing": [None, None, None],
    },
    index=[7, 8, 9],
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("share < 0.3", [True, False, False]),
        ("not share < 0.3", [False, True, False]),
        ("0 < share < 0.3", [True, False, False]),
        ("label == 'x'", [True, False, False]),
        ("label != 'x'", [False, False, True]),
        ("label in ('x', 'z')", [True, False, False]),
        ("label not in ('x', 'z')", [False, False, True]),
        ("flag", [True, False, False]),
        ("not flag", [False, True, False]),
        ("share < 0.3 or n > 3", [True, False, True]),
        ("share > 0.3 and n > 3", [False, False, False]),
        ("known(share) and not share > 0.3", [True, False, False]),
        ("is_missing(label)", [False, True, False]),
        ("nothing > 3", [False, False, False]),
        ("nothing == 'x'", [False, False, False]),
        ("not nothing", [False, False, False]),
        ("nothing or share > 0.3", [False, True, False]),
        ("month > month", [False, False, False]),
        ("1 == 1", [True, True, True]),
    ],
)
def test_a_condition_with_something_missing_is_not_true(expression, expected):
    result = evaluate(expression, TABLE)
    pd.testing.assert_series_equal(result, pd.Series(expected, index=TABLE.index), check_names=False)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 - share", [0.9, 0.5, np.nan]),
        ("-share * 2 + 1", [0.8, 0.0, np.nan]),
        ("share / n", [0.1, np.nan, np.nan]),
        ("n / 0", [np.nan, np.nan, np.nan]),
        ("min(share, n)", [0.1, np.nan, np.nan]),
        ("max(share, 0.3)", [0.3, 0.5, np.nan]),
        ("abs(share - 0.3)", [0.2, 0.2, np.nan]),
        ("3", [3.0, 3.0, 3.0]),
        ("n", [1.0, np.nan, 4.0]),
    ],
)
def test_a_calculation_keeps_what_is_missing(expression, expected):
    result = evaluate(expression, TABLE)
    pd.testing.assert_series_equal(result, pd.Series(expected, index=TABLE.index), check_names=False)


@pytest.mark.parametrize("column", ["label", "month"])
def test_a_column_of_text_or_dates_comes_back_as_it_is(column):
    pd.testing.assert_series_equal(evaluate(column, TABLE), TABLE[column])


def test_an_empty_table_gives_an_empty_answer():
    assert evaluate("share > 0.3 and label == 'x'", TABLE.iloc[:0]).tolist() == []


def test_the_table_is_left_as_it_was():
    before = TABLE.copy(deep=True)
    evaluate("not flag or share / n > max(n, 2)", TABLE)
    pd.testing.assert_frame_equal(TABLE, before)


three_valued = st.sampled_from([True, False, None])


@given(st.lists(st.tuples(three_valued, three_valued), min_size=1, max_size=9))
def test_and_or_and_not_follow_kleene(pairs):
    table = pd.DataFrame(pairs, columns=["a", "b"]).astype("boolean")

    # Kleene's tables by hand: false wins over unknown in "and", true wins in "or"
    def both(a, b):
        return False if a is False or b is False else None if a is None or b is None else True

    def either(a, b):
        return True if a is True or b is True else None if a is None or b is None else False

    assert evaluate("a and b", table).tolist() == [both(a, b) is True for a, b in pairs]
    assert evaluate("a or b", table).tolist() == [either(a, b) is True for a, b in pairs]
    assert evaluate("not (a and b)", table).tolist() == [both(a, b) is False for a, b in pairs]
    assert evaluate("not (a or b)", table).tolist() == [either(a, b) is False for a, b in pairs]


ALLOWED = "An expression holds only names, numbers, texts, comparisons, and, or, not, + - * /, "
ALLOWED += "min, max, abs, is_missing, known; found "


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("share.real", "share.real"),
        ("share.__class__.__mro__", "share.__class__.__mro__"),
        ("__import__", "__import__"),
        ("_share > 1", "_share"),
        ("open('x')", "open('x')"),
        ("share[0]", "share[0]"),
        ("[x for x in share]", "[x for x in share]"),
        ("lambda: 1", "lambda: 1"),
        ("(x := 1)", "x := 1"),
        ("share if flag else n", "share if flag else n"),
        ("share ** 9", "share ** 9"),
        ("n // 2", "n // 2"),
        ("n % 2", "n % 2"),
        ("n & 1", "n & 1"),
        ("~n", "~n"),
        ("n << 99", "n << 99"),
        ("f'{n}'", "f'{n}'"),
        ("b'x'", "b'x'"),
        ("n is None", "n is None"),
        ("True", "True"),
        ("None", "None"),
        ("1e999", "1e999"),
        ("1j", "1j"),
        ("label in ()", "label in ()"),
        ("label in (label, 'x')", "label in (label, 'x')"),
        ("label in 'xyz'", "label in 'xyz'"),
        ("n < 3 in (1, 2)", "n < 3 in (1, 2)"),
        ("min()", "min()"),
        ("max(n, key=n)", "max(n, key=n)"),
        ("min(n)(n)", "min(n)(n)"),
        ("{n: 1}", "{n: 1}"),
        ("...", "..."),
    ],
)
def test_anything_outside_the_language_is_refused(expression, found):
    with pytest.raises(TableError) as refusal:
        evaluate(expression, TABLE)
    assert str(refusal.value) == f"{ALLOWED}{found!r} ({expression})."


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "An expression is a complete expression; found one that cannot be read."),
        ("n >", "An expression is a complete expression; found one that cannot be read (n >)."),
        ("n; n", "An expression is a complete expression; found one that cannot be read (n; n)."),
        ("x = 1", "An expression is a complete expression; found one that cannot be read (x = 1)."),
        (
            "nope > 1",
            "An expression uses only columns of its table; found the unknown name 'nope' (nope > 1).",
        ),
        ("abs > 1", "An expression uses only columns of its table; found the unknown name 'abs' (abs > 1)."),
        ("abs(n, n)", "An expression gives abs one argument; found 2 (abs(n, n))."),
        ("min(*n)", "An expression writes the arguments of min out; found a starred argument (min(*n))."),
        ("label < 1", "An expression compares like with like; found text and numbers (label < 1)."),
        ("month < 'x'", "An expression compares like with like; found dates and text (month < 'x')."),
        ("label + 1", "An expression calculates with numbers only; found something else (label + 1)."),
        ("n and flag", "An expression gives and, or and not conditions only; found a value (n and flag)."),
    ],
)
def test_a_faulty_expression_is_explained_in_a_sentence(expression, message):
    with pytest.raises(TableError, match=f"^{re.escape(message)}$"):
        evaluate(expression, TABLE)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 290 + "n" + ")" * 290,
        "-" * 590 + "n",
        "~" * 590 + "n",
        "not " * 140 + "flag",
        "n" + " + n" * 140,
        "[" * 190 + "]" * 190,
        "abs(" * 110 + "n" + ")" * 110,
        "n" + " or n" * 5000,
        "9" * 590,
        "9" * 5000,
        "n\x00",
    ],
)
def test_deep_long_or_huge_expressions_are_refused_not_run(expression):
    with pytest.raises(TableError, match=r"^An expression "):
        evaluate(expression, TABLE)


def test_names_are_the_columns_an_expression_needs():
    assert names("min(share, 1) > 0.3 and known(label)") == {"share", "label"}


def test_check_accepts_known_columns_and_needs_no_data():
    check("share > 0.3", ["share"])
    with pytest.raises(TableError, match="found the unknown name 'label'"):
        check("share > 0.3 and label == 'x'", ["share"])
