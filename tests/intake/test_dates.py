"""Dates and months in every notation; the witness is openpyxl and the calendar of Python."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, from_excel, to_excel

from klktools.contract import load_contract
from klktools.intake.cells import split_cells
from klktools.intake.dates import SHIFT_1904, is_unclear, order_votes, read_dates, read_months

MONTHS = load_contract().words["months"]
dates = st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2063, 12, 31))


def cells(*texts):
    return split_cells(pd.Series(texts, dtype="str"))


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


@pytest.mark.parametrize("text", ["31-02-2018", "2018-13-01", "13-13-2018", "i går", "123", "99999"])
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


@given(dates)
def test_a_date_with_the_month_first_is_read_so_when_its_file_has_that_order(date):
    found, kinds = read_dates(cells(f"{date.month}/{date.day}/{date.year}"), month_first=True)
    assert found.astype("datetime64[D]").tolist() == [date]
    assert kinds.tolist() == ["E10a"]


@pytest.mark.parametrize(
    ("text", "vote", "unclear"),
    [
        ("13-09-2018", 1, False),
        ("09/13/2018", -1, False),
        ("09-10-2018", 0, True),
        ("09-09-2018", 0, False),
        ("31-31-2018", 0, False),
        ("2018-09-13", 0, False),
        ("43355", 0, False),
    ],
)
def test_only_a_number_above_twelve_tells_which_is_the_day(text, vote, unclear):
    assert (order_votes(cells(text)).tolist(), is_unclear(cells(text)).tolist()) == ([vote], [unclear])


def test_a_clear_date_is_read_as_it_must_be_whatever_the_order_of_its_file():
    for month_first in (False, True):
        found, kinds = read_dates(cells("13-09-2018", "09/13/2018"), month_first=month_first)
        assert set(found.astype("datetime64[D]").tolist()) == {dt.date(2018, 9, 13)}
        assert kinds.tolist() == ["E10", "E10a"]


def test_the_two_calendars_of_excel_are_1462_days_apart():
    serial = 41893
    shift = from_excel(serial, epoch=CALENDAR_MAC_1904) - from_excel(serial)
    assert np.timedelta64(shift.days, "D") == SHIFT_1904
