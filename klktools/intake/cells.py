"""Cells to values: numbers, dates, months, yes/no and codes in the notations that municipalities write.

Everything works on the distinct texts of a column (`Cells.texts`), so a column of 150,000 cells is read
by a few thousand of them. A text that cannot be read gives a missing value; the caller compares with
what was delivered.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from klktools.contract import fold

ZONE = "Europe/Copenhagen"
SPACES = "[\\s\u00a0\u2007\u2009\u202f]+"  # also non-breaking, figure, thin and narrow spaces
DANISH = r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?"
ENGLISH = r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
_EXACT = 2**53  # whole numbers up to here are exact in a float
_SERIAL = re.compile(r"[2-5]\d{4}(\.\d+)?")  # 20000-59999: 1954 to 2064
_EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel's 1900 system, its leap-year fault included
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})(?: \d{1,2}[:.]\d{2}.*)?")
_YEAR_MONTH = re.compile(r"(\d{4})[-/. ]?[Mm]?(\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NAMED_MONTH = re.compile(r"([^\W\d]+)\.?[-/ ]*(\d{4}|\d{2})")
_PIVOT = 70  # two-digit years below are 20xx


@dataclass(frozen=True)
class Cells:
    """The cells of one column: `codes` points into the distinct `texts` (-1 is an empty cell).

    `codes` is as narrow as the number of texts allows, one byte a cell for most columns.
    `typed` marks texts that were numbers in the file itself and so need no reading of commas and points.
    """

    codes: np.ndarray
    texts: np.ndarray
    typed: np.ndarray

    def spread(self, values: Any) -> Any:
        """The value of each cell from the value of each distinct text; missing where the cell is empty."""
        return pd.api.extensions.take(values, self.codes, allow_fill=True)

    def mark(self, flags: np.ndarray) -> np.ndarray:
        """The flag of each cell from the flag of each distinct text; False where the cell is empty."""
        return np.append(flags, False)[self.codes]


def split_cells(column: pd.Series) -> Cells:
    """A column as delivered (text, objects of a workbook, or typed Parquet) as `Cells`.

    Parameters
    ----------
    column : Series
        Cells as read; missing cells and cells of nothing but spaces count as empty.
    """
    codes, distinct = _coded(column)
    texts, typed = _texts(pd.Series(distinct))
    empty = texts == ""
    if empty.any():
        codes = np.where(np.append(empty, True)[codes], -1, codes).astype(codes.dtype)
    return Cells(codes, texts, typed)


def _coded(column: pd.Series) -> tuple[np.ndarray, Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.array.codes, column.array.categories
    codes, distinct = pd.factorize(_hashable(column))
    return codes.astype(np.min_scalar_type(-max(len(distinct), 1))), distinct


def _hashable(column: pd.Series) -> pd.Series:
    """Lists of ids in a Parquet file become text with "|" between."""
    lists = (list, np.ndarray)
    if column.dtype != object or not column.map(lambda value: isinstance(value, lists)).any():
        return column
    return column.map(lambda value: "|".join(map(str, value)) if isinstance(value, lists) else value)


def _texts(distinct: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The text of each distinct value, and which were numbers."""
    none_typed = np.zeros(len(distinct), dtype=bool)
    if isinstance(distinct.dtype, pd.StringDtype):
        stripped = distinct.str.strip().to_numpy(dtype=object)
        return _objects(_composed(text) for text in stripped), none_typed
    if pd.api.types.is_numeric_dtype(distinct) and not pd.api.types.is_bool_dtype(distinct):
        return _number_texts(distinct.to_numpy(dtype=float)), ~none_typed
    if pd.api.types.is_datetime64_any_dtype(distinct):
        local = distinct.dt.tz_convert(ZONE).dt.tz_localize(None) if distinct.dt.tz else distinct
        return local.to_numpy("datetime64[us]").astype(str).astype(object), none_typed
    typed = np.array([_is_number(value) for value in distinct], dtype=bool)
    return _objects(_text(value) for value in distinct), typed


def _number_texts(numbers: np.ndarray) -> np.ndarray:
    """101.0 is "101": whole numbers have no decimal point."""
    whole = (numbers % 1 == 0) & (np.abs(numbers) < _EXACT)
    integers = np.where(whole, numbers, 0).astype("int64").astype(str)
    return np.where(whole, integers, numbers.astype(str)).astype(object)


def _objects(texts: Iterable[str]) -> np.ndarray:
    return np.array(list(texts), dtype=object)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _composed(value.strip())
    if isinstance(value, (bool, np.bool_)):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    if _is_number(value) and float(value).is_integer():
        return str(int(value))
    return str(value)


def notation_votes(cells: Cells, *, whole: bool) -> np.ndarray:
    """How each distinct text votes on the file's numbers: +1 Danish, -1 English, 0 says nothing.

    Parameters
    ----------
    cells : Cells
        A column of numbers.
    whole : bool
        True when the column holds whole numbers, so that "1.234" can only be a Danish thousand.
    """
    texts = _numerals(cells)
    danish, english = (_matches(texts, pattern) for pattern in (DANISH, ENGLISH))
    mark = np.where(
        texts.str.contains(".", regex=False), 1, np.where(texts.str.contains(",", regex=False), -1, 0)
    )
    votes = danish.astype(int) - english
    return np.where(danish & english, mark if whole else 0, votes)


def _numerals(cells: Cells) -> pd.Series:
    """Texts that were not numbers already, without spaces and "%"; missing for the others."""
    texts = pd.Series(cells.texts, dtype="str").mask(cells.typed)
    bare = texts.str.replace(SPACES, "", regex=True).str.removesuffix("%")
    return bare.str.replace("\u2212", "-", regex=False)


def _matches(texts: pd.Series, pattern: str) -> np.ndarray:
    return texts.str.fullmatch(pattern).fillna(False).to_numpy(dtype=bool)


def read_numbers(cells: Cells, *, danish: bool) -> np.ndarray:
    """The number of each distinct text in one notation, NaN where it is none.

    Parameters
    ----------
    cells : Cells
        A column of numbers. Numbers of the file itself are taken as they are; in a text, spaces between
        digits (also non-breaking and narrow ones) and a "%" at the end are ignored.
    danish : bool
        True for "1.234,5", False for "1,234.5".
    """
    texts = _numerals(cells)
    valid = texts.where(_matches(texts, DANISH if danish else ENGLISH))
    bare = valid.str.replace("." if danish else ",", "", regex=False)
    numerals = bare.str.replace(",", ".", regex=False) if danish else bare
    return numerals.mask(cells.typed, pd.Series(cells.texts, dtype="str")).astype("float64").to_numpy()


def is_percent(cells: Cells) -> np.ndarray:
    """Which distinct texts carry their own "%"."""
    return np.array([text.endswith("%") for text in cells.texts], dtype=bool)


def read_dates(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """The date of each distinct text, and how it was written.

    Returns
    -------
    dates : ndarray of datetime64[us]
        NaT where the text is no date.
    kinds : ndarray of str
        "" for ISO dates, "E09" for Excel's serial numbers, "E10" for dates with the day first.
    """
    return _split_kinds([_date(text) for text in cells.texts])


_Dated = tuple[dt.date | None, str]


def _split_kinds(found: list[_Dated]) -> tuple[np.ndarray, np.ndarray]:
    dates = np.array([date for date, _ in found], dtype="datetime64[us]")
    return dates, np.array([kind for _, kind in found], dtype="U3")


def _date(text: str) -> _Dated:
    if iso := _ISO.fullmatch(text):
        return _day(*iso.groups()), ""
    if _SERIAL.fullmatch(text):
        return _EPOCH + dt.timedelta(days=int(float(text))), "E09"
    if day_first := _DAY_FIRST.fullmatch(text):
        day, month, year = day_first.groups()
        return _day(_full_year(year), month, day), "E10"
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


def read_months(cells: Cells, names: Mapping[int, tuple[str, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """The month (its first day) of each distinct text, and how it was written.

    Parameters
    ----------
    cells : Cells
        Months as "2018-09", "2018M09", "09-2018", "sep-18", "september 2018", or any date in the month.
    names : mapping
        Month number -> its spellings.

    Returns
    -------
    months : ndarray of datetime64[us]
    kinds : ndarray of str
        "" for "2018-09" and ISO dates, "E09" for Excel's serial numbers, "E11" for other notations.
    """
    numbers = {fold(name): number for number, spellings in names.items() for name in spellings}
    months, kinds = _split_kinds([_month(text, numbers) for text in cells.texts])
    return months.astype("datetime64[M]").astype("datetime64[us]"), kinds


def _month(text: str, numbers: Mapping[str, int]) -> _Dated:
    if year_first := _YEAR_MONTH.fullmatch(text):
        year, month = year_first.groups()
        return _day(year, month, 1), "" if text[4] == "-" else "E11"
    if month_first := _MONTH_YEAR.fullmatch(text):
        return _day(month_first[2], month_first[1], 1), "E11"
    if named := _NAMED_MONTH.fullmatch(text):
        return _day(_full_year(named[2]), numbers.get(fold(named[1]), 0), 1), "E11"
    date, kind = _date(text)
    return date, "E11" if kind == "E10" else kind


def read_times(cells: Cells) -> np.ndarray:
    """The Danish local time of each distinct text; without an offset it is local already."""
    texts = pd.Series(cells.texts, dtype="str").str.replace(r"\s*lokal$", "", regex=True)
    offset = texts.str.contains(r"\d(?:Z|[+-]\d{2}:?\d{2})$", regex=True)
    plain = pd.to_datetime(texts.mask(offset), format="ISO8601", errors="coerce")
    aware = pd.to_datetime(texts.where(offset), format="ISO8601", errors="coerce", utc=True)
    local = aware.dt.tz_convert(ZONE).dt.tz_localize(None)
    return plain.fillna(local).to_numpy(dtype="datetime64[us]")


def read_codes(cells: Cells, codes: Mapping[str, Any]) -> np.ndarray:
    """The code of each distinct text by its folded spelling; None where the list has none such."""
    return np.array([codes.get(fold(text)) for text in cells.texts], dtype=object)


def read_municipalities(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """The four-character code of each distinct text, and how it was repaired.

    Returns
    -------
    codes : ndarray of object
        None where the text cannot be a code.
    kinds : ndarray of str
        "" as delivered, "E01" a leading zero was missing, "E02" it was written as a decimal number.
    """
    bare = [re.sub(r"^(\d{1,4})[.,]0+$", r"\1", text) for text in cells.texts]
    padded = [text.zfill(4) if re.fullmatch(r"\d{1,3}", text) else text for text in bare]
    kinds = [_code_kind(*texts) for texts in zip(cells.texts, bare, padded, strict=True)]
    codes = [text if re.fullmatch(r"[0-9A-Z]{4}", text) else None for text in padded]
    return np.array(codes, dtype=object), np.array(kinds, dtype="U3")


def _code_kind(delivered: str, bare: str, padded: str) -> str:
    if delivered != bare:
        return "E02"
    return "E01" if bare != padded else ""
