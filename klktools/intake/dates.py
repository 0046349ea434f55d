"""Cells to dates and months in the notations that municipalities write (E09, E10, E11).

As in `cells`, everything works on the distinct texts of a column.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import numpy as np

from klktools.contract import fold
from klktools.intake.cells import Cells

SHIFT_1904 = np.timedelta64(1462, "D")  # from Excel's 1900 system to its 1904 system
_SERIAL = re.compile(r"[2-5]\d{4}(\.\d+)?")  # 20000-59999: 1954 to 2064
_EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel's 1900 system, its leap-year fault included
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_TWO_FIRST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})(?: \d{1,2}[:.]\d{2}.*)?")
_YEAR_MONTH = re.compile(r"(\d{4})[-/. ]?[Mm]?(\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NAMED_MONTH = re.compile(r"([^\W\d]+)\.?[-/ ]*(\d{4}|\d{2})")
_PIVOT = 70  # two-digit years below are 20xx
_Dated = tuple[dt.date | None, str]


def order_votes(cells: Cells) -> np.ndarray:
    """How each distinct text votes on the order of its file's dates: +1 day first, -1 month first, 0 neither.

    Parameters
    ----------
    cells : Cells
        A column of dates or months. Only a number above 12 tells which of the two is the day.
    """
    return np.array([_vote(text) for text in cells.texts], dtype="int8")


def _vote(text: str) -> int:
    day, month = _two_first(text)
    return 0 if (day > 12) == (month > 12) else (1 if day > 12 else -1)


def is_unclear(cells: Cells) -> np.ndarray:
    """Which distinct texts are one date with the day first and another with the month first."""
    pairs = [_two_first(text) for text in cells.texts]
    return np.array([0 < day <= 12 and 0 < month <= 12 and day != month for day, month in pairs], dtype=bool)


def _two_first(text: str) -> tuple[int, int]:
    found = _TWO_FIRST.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def read_dates(cells: Cells, *, month_first: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The date of each distinct text, and how it was written.

    Parameters
    ----------
    cells : Cells
        Dates in ISO, as Excel's serial numbers (1900 system), or as two numbers and a year.
    month_first : bool
        Which of the two numbers is the month when either could be.

    Returns
    -------
    dates : ndarray of datetime64[us]
        NaT where the text is no date.
    kinds : ndarray of str
        "" for ISO dates, "E09" for serial numbers, "E10" for dates with the day first, "E10a" for dates with
        the month first.
    """
    return _split_kinds([_date(text, month_first) for text in cells.texts])


def _split_kinds(found: list[_Dated]) -> tuple[np.ndarray, np.ndarray]:
    dates = np.array([date for date, _ in found], dtype="datetime64[us]")
    return dates, np.array([kind for _, kind in found], dtype="U4")


def _date(text: str, month_first: bool) -> _Dated:
    if iso := _ISO.fullmatch(text):
        return _day(*iso.groups()), ""
    if _SERIAL.fullmatch(text):
        return _EPOCH + dt.timedelta(days=int(float(text))), "E09"
    if two_first := _TWO_FIRST.fullmatch(text):
        first, second, year = two_first.groups()
        if _vote(text) < 0 or (month_first and int(first) <= 12):
            return _day(_full_year(year), first, second), "E10a"
        return _day(_full_year(year), second, first), "E10"
    return None, ""


def _day(year: str, month: str | int, day: str | int) -> dt.date | None:
    """The date, or None when the calendar has none such."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _full_year(year: str) -> str:
    if len(year) == 4:
        return year
    return ("20" if int(year) < _PIVOT else "19") + year


def read_months(
    cells: Cells, names: Mapping[int, tuple[str, ...]], *, month_first: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The month (its first day) of each distinct text, and how it was written.

    Parameters
    ----------
    cells : Cells
        Months as "2018-09", "2018M09", "09-2018", "sep-18", "september 2018", or any date in the month.
    names : mapping
        Month number -> its spellings.
    month_first : bool
        As for `read_dates`.

    Returns
    -------
    months : ndarray of datetime64[us]
    kinds : ndarray of str
        "" for "2018-09" and ISO dates, "E09" for Excel's serial numbers, "E10a" for dates with the month
        first, "E11" for other notations.
    """
    numbers = {fold(name): number for number, spellings in names.items() for name in spellings}
    months, kinds = _split_kinds([_month(text, numbers, month_first) for text in cells.texts])
    return first_of_month(months), kinds


def first_of_month(dates: np.ndarray) -> np.ndarray:
    """The first day of each date's month."""
    return dates.astype("datetime64[M]").astype("datetime64[us]")


def _month(text: str, numbers: Mapping[str, int], month_first: bool) -> _Dated:
    if year_first := _YEAR_MONTH.fullmatch(text):
        year, month = year_first.groups()
        return _day(year, month, 1), "" if text[4] == "-" else "E11"
    if named_first := _MONTH_YEAR.fullmatch(text):
        return _day(named_first[2], named_first[1], 1), "E11"
    if named := _NAMED_MONTH.fullmatch(text):
        return _day(_full_year(named[2]), numbers.get(fold(named[1]), 0), 1), "E11"
    date, kind = _date(text, month_first)
    return date, "E11" if kind == "E10" else kind
