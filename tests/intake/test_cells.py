"""Numbers, dates and months in every notation; witnesses are Python's formatting and openpyxl."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from klktools.contract import load_contract
from klktools.intake.cells import (
    notation_votes,
    read_dates,
    read_months,
    read_municipalities,
    read_numbers,
    read_times,
    split_cells,
)

MONTHS = load_contract().words["months"]
dates = st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2063, 12, 31))


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


@given(dates)
def test_a_date_is_the_same_in_every_notation(date):
    texts = [date.isoformat(), f"{date:%d-%m-%Y}", f"{date:%d.%m.%Y}", f"{date.day}/{date.month}/{date.year}"]
    found, kinds = read_dates(cells(*texts, str(to_excel(date)) if date.year > 1954 else date.isoformat()))
    assert set(found.astype("datetime64[D]").tolist()) == {date}
    assert kinds.tolist()[:4] == ["", "E10", "E10", "E10"]


@given(dates)
def test_a_two_digit_year_is_between_1970_and_2069(date):
    found, _ = read_dates(cells(f"{date:%d.%m.%y}"))
    assert found.astype("datetime64[D]").tolist() == [date]


def test_excels_own_example_of_a_serial_date():
    found, kinds = read_dates(cells("43355"))
    assert (found.astype("datetime64[D]").tolist(), kinds.tolist()) == ([dt.date(2018, 9, 12)], ["E09"])


def test_cells_that_are_dates_in_a_workbook_are_those_dates():
    given_cells = pd.Series([dt.date(2018, 9, 12), dt.datetime(2018, 9, 12, 14, 30)], dtype=object)
    found, kinds = read_dates(split_cells(given_cells))
    assert (set(found.astype("datetime64[D]").tolist()), set(kinds)) == ({dt.date(2018, 9, 12)}, {""})


@pytest.mark.parametrize("text", ["31-02-2018", "2018-13-01", "12-13-2018", "i går", "123", "99999"])
def test_what_is_no_date_is_missing(text):
    assert np.isnat(read_dates(cells(text))[0]).all()


@pytest.mark.parametrize(
    "text",
    ["2018-09", "2018M09", "201809", "2018/09", "09-2018", "9.2018", "sep-18", "Sept. 2018", "september 2018"]
    + ["SEP 18", "2018-09-12", "12.09.18", "43355", "September 2018", "2018-09-01T00:00:00"],
)
def test_a_month_is_its_first_day_in_every_notation(text):
    assert read_months(cells(text), MONTHS)[0].astype("datetime64[D]").tolist() == [dt.date(2018, 9, 1)]


@given(dates)
def test_danish_names_of_months_are_read(date):
    first, second = "januar februar marts april maj juni", "juli august september oktober november december"
    danish = [*first.split(), *second.split()]
    texts = cells(f"{danish[date.month - 1]} {date.year}", f"{danish[date.month - 1][:3]}-{date:%y}")
    found, kinds = read_months(texts, MONTHS)
    assert set(found.astype("datetime64[D]").tolist()) == {date.replace(day=1)}
    assert set(kinds) == {"E11"}


@pytest.mark.parametrize("text", ["2018-13", "00-2018", "efterår 2018", "2018"])
def test_what_is_no_month_is_missing(text):
    assert np.isnat(read_months(cells(text), MONTHS)[0]).all()


def test_times_become_danish_local_time_in_summer_and_winter():
    given_cells = cells(
        "2018-08-31T22:30:00Z", "2018-12-31T23:30:00+00:00", "2018-10-28 02:30 lokal", "i går"
    )
    found = read_times(given_cells).astype("datetime64[m]").astype("str").tolist()
    assert found == ["2018-09-01T00:30", "2019-01-01T00:30", "2018-10-28T02:30", "NaT"]


def test_times_with_a_zone_in_parquet_become_danish_local_time():
    column = pd.Series(pd.to_datetime(["2018-08-31T22:30:00Z"]))
    assert read_times(split_cells(column)).astype("datetime64[m]").astype("str").tolist() == [
        "2018-09-01T00:30"
    ]


def test_codes_of_municipalities_get_their_zero_back():
    given_cells = split_cells(
        pd.Series(["0101", "101", 101.0, "101.0", "X001", "København", "01010"], dtype=object)
    )
    codes, kinds = read_municipalities(given_cells)
    assert codes.tolist() == ["0101", "0101", "0101", "0101", "X001", None, None]
    assert kinds.tolist() == ["", "E01", "E01", "E02", "", "", ""]


def test_empty_cells_and_cells_of_spaces_are_missing():
    column = split_cells(pd.Series(["a", None, "  ", "a "], dtype="str"))
    assert column.spread(pd.array(column.texts, dtype="str")).tolist()[:1] == ["a"]
    assert (column.codes >= 0).tolist() == [True, False, False, True]


def test_lists_in_a_parquet_file_are_text_with_bars_between():
    column = split_cells(pd.Series([["A1", "A2"], None], dtype=object))
    assert (column.texts.tolist(), column.codes.tolist()) == (["A1|A2"], [0, -1])
