"""Numbers and codes in every notation; the witness is Python's own formatting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klktools.intake.cells import (
    has_spaces,
    notation_votes,
    read_municipalities,
    read_numbers,
    split_cells,
)


def cells(*texts):
    return split_cells(pd.Series(texts, dtype="str"))


def in_danish(number: float) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_number_written_in_danish_and_in_english_is_the_same_number(number):
    given_number = float(number)
    assert read_numbers(cells(in_danish(given_number)), danish=True) == [given_number]
    assert read_numbers(cells(f"{given_number:,.2f}"), danish=False) == [given_number]
    assert read_numbers(cells(f"{given_number:.2f}"), danish=False) == [given_number]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_of_the_file_itself_is_taken_as_it_is(number):
    typed = split_cells(pd.Series([number]))
    assert read_numbers(typed, danish=True) == [number]
    assert read_numbers(split_cells(pd.Series([number], dtype=object)), danish=False) == [number]


@pytest.mark.parametrize("text", ["1 234", "1\u00a0234", "1\u202f234", "1234", "+1234", "1.234"])
def test_thousands_in_danish_may_have_points_or_any_space(text):
    assert read_numbers(cells(text), danish=True) == [1234]


@pytest.mark.parametrize(
    "text", ["tre", "1.23", "1,2,3", "12.34.567", "#REF!", "1-2", "0x10", "inf", "nan", "01.234"]
)
def test_what_is_no_danish_number_is_missing(text):
    assert np.isnan(read_numbers(cells(text), danish=True)).all()


@pytest.mark.parametrize(
    ("text", "whole", "vote"),
    [
        ("0,27", False, 1),
        ("1.234,5", False, 1),
        ("1.234.567", False, 1),
        ("0.27", False, -1),
        ("0.125", False, -1),
        ("1,234.5", False, -1),
        ("1e-05", False, -1),
        ("1.234", False, 0),
        ("1,234", False, 0),
        ("1.234", True, 1),
        ("1,234", True, -1),
        ("1234", True, 0),
    ],
)
def test_a_number_votes_on_the_notation_of_its_file_only_when_it_is_clear(text, whole, vote):
    assert notation_votes(cells(text), whole=whole).tolist() == [vote]


NAMES = {"koebenhavn": "0101", "aalborg": "0851", "sted": ""}


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("0101", "0101", ""),
        ("X001", "X001", ""),
        ("101", "0101", "E01"),
        (101.0, "0101", "E01"),
        ("101.0", "0101", "E02"),
        ("101,00", "0101", "E02"),
        ("101 København", "0101", "E02"),
        ("0101 - København", "0101", "E02"),
        ("101 (København)", "0101", "E02"),
        ("73 Aamunde", "0073", "E02"),  # a name that is not known cannot speak against the code
        ("KØBENHAVN", "0101", "E02"),
        ("Ålborg", "0851", "E02"),
        ("101 Aalborg", None, ""),  # two municipalities
        ("Sted", None, ""),  # the name of several
        ("Xby", None, ""),
        ("01010", None, ""),
        ("101.5", None, ""),
    ],
)
def test_a_municipality_is_read_from_its_code_or_its_name_when_only_one_can_be_meant(text, code, kind):
    codes, kinds = read_municipalities(split_cells(pd.Series([text], dtype=object)), NAMES)
    assert (codes.tolist(), kinds.tolist()) == ([code], [kind])


def test_empty_cells_and_cells_of_spaces_are_missing():
    column = split_cells(pd.Series(["a", None, "  ", "a "], dtype="str"))
    assert column.spread(pd.array(column.texts, dtype="str")).tolist()[:1] == ["a"]
    assert (column.codes >= 0).tolist() == [True, False, False, True]


def test_lists_in_a_parquet_file_are_text_with_bars_between():
    column = split_cells(pd.Series([["A1", "A2"], None], dtype=object))
    assert (column.texts.tolist(), column.codes.tolist()) == (["A1|A2"], [0, -1])


def test_letters_in_two_parts_are_put_together_and_marked():
    column = cells("A\u030aby", "\u00c5by", "by")
    assert column.texts.tolist() == ["\u00c5by", "\u00c5by", "by"]
    assert column.composed.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ("1 234", True),
        ("1\u00a0234", True),
        ("1\u202f234,5", True),
        ("\u22125", True),
        ("27 %", False),
        ("1.234", False),
    ],
)
def test_a_number_with_characters_that_are_none_is_told(text, spaced):
    assert has_spaces(cells(text)).tolist() == [spaced]
    assert has_spaces(split_cells(pd.Series([1234.0]))).tolist() == [False]
