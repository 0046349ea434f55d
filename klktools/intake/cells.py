"""Cells to values: numbers, dates, months, yes/no and codes in the notations that municipalities write.

Everything works on the distinct texts of a column (`Cells.texts`), so a column of 150,000 cells is read by a few
thousand of them. A text that cannot be read gives a missing value; the caller compares with what was delivered.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from klktools.contract import fold

ZONE = "Europe/Copenhagen"
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_DANISH = re.compile(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?")
_ENGLISH = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d+)?")
_SERIAL = re.compile(r"[2-5]\d{4}(\.\d+)?")  # 20000-59999: 1954 to 2064
_EPOCH = np.datetime64("1899-12-30", "us")  # day 0 of Excel's 1900 system, its leap-year fault included
_ISO = r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$"
_DAY_FIRST = r"^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})(?: \d{1,2}[:.]\d{2}.*)?$"
_YEAR_MONTH = r"^(\d{4})[-/. ]?[Mm]?(\d{2})$"
_MONTH_YEAR = r"^(\d{1,2})[-/.](\d{4})$"
_NAMED_MONTH = r"^([^\W\d]+)\.?[-/ ]*(\d{4}|\d{2})$"
_PIVOT = 70  # two-digit years below are 20xx


@dataclass(frozen=True)
class Cells:
    """The cells of one column: `codes` points into the distinct `texts` (-1 is an empty cell).

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
    codes, distinct = pd.factorize(_hashable(column))
    texts = np.array([_text(value) for value in distinct], dtype=object)
    typed = np.array([_is_number(value) for value in distinct], dtype=bool)
    empty = np.array([text == "" for text in texts], dtype=bool)
    return Cells(np.where(np.append(empty, True)[codes], -1, codes), texts, typed)


def _hashable(column: pd.Series) -> pd.Series:
    """Lists of ids in a Parquet file become text with "|" between."""
    if column.dtype != object or not column.map(lambda value: isinstance(value, (list, np.ndarray))).any():
        return column
    return column.map(lambda value: "|".join(map(str, value)) if isinstance(value, (list, np.ndarray)) else value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if _is_number(value):
        return _number_text(value)
    return str(value)


def _number_text(value: Any) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def notation_votes(cells: Cells, *, whole: bool) -> np.ndarray:
    """How each distinct text votes on the file's numbers: +1 Danish, -1 English, 0 says nothing.

    Parameters
    ----------
    cells : Cells
        A column of numbers.
    whole : bool
        True when the column holds whole numbers, so that "1.234" can only be a Danish thousand.
    """
    texts = [_SPACES.sub("", text) for text in cells.texts]
    votes = [0 if typed else _vote(text, whole) for text, typed in zip(texts, cells.typed, strict=True)]
    return np.array(votes, dtype=int)


def _vote(text: str, whole: bool) -> int:
    danish, english = bool(_DANISH.fullmatch(text)), bool(_ENGLISH.fullmatch(text))
    if not (danish and english):
        return danish - english
    if not whole or text.lstrip("+-").isdigit():
        return 0
    return 1 if "." in text else -1  # 1.234 of a whole number: the mark can only be the thousands mark


def read_numbers(cells: Cells, *, danish: bool) -> np.ndarray:
    """The number of each distinct text in one notation (NaN where it is none); typed numbers are taken as they are.

    Parameters
    ----------
    cells : Cells
        A column of numbers; spaces between digits (also non-breaking and narrow) and a "%" at the end are ignored.
    danish : bool
        True for "1.234,5", False for "1,234.5".
    """
    pattern = _DANISH if danish else _ENGLISH
    texts = [_SPACES.sub("", text).removesuffix("%").replace("\u2212", "-") for text in cells.texts]
    values = [_number(text, pattern, danish) for text in texts]
    typed = [float(text) if is_typed else np.nan for text, is_typed in zip(cells.texts, cells.typed, strict=True)]
    return np.where(cells.typed, np.array(typed, dtype=float), np.array(values, dtype=float))


def _number(text: str, pattern: re.Pattern[str], danish: bool) -> float:
    if not pattern.fullmatch(text):
        return np.nan
    return float(text.replace(".", "").replace(",", ".") if danish else text.replace(",", ""))


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
    texts = pd.Series(cells.texts, dtype="str")
    iso, day_first = texts.str.extract(_ISO), texts.str.extract(_DAY_FIRST)
    serial = np.array([bool(_SERIAL.fullmatch(text)) for text in cells.texts], dtype=bool)
    days = pd.to_numeric(texts.where(serial), errors="coerce").to_numpy(dtype=float)
    dates = _assemble(iso[0], iso[1], iso[2])
    dates = np.where(np.isnat(dates), _assemble(_full_year(day_first[2]), day_first[1], day_first[0]), dates)
    kinds = np.where(serial, "E09", np.where(day_first[0].notna(), "E10", ""))
    return np.where(serial, _EPOCH + _whole_days(days), dates), kinds


def _whole_days(days: np.ndarray) -> np.ndarray:
    return np.floor(np.nan_to_num(days)).astype("timedelta64[D]").astype("timedelta64[us]")


def _full_year(years: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(years, errors="coerce")
    short = years.str.len() == 2
    return numbers.mask(short & (numbers < _PIVOT), numbers + 2000).mask(
        short & (numbers >= _PIVOT), numbers + 1900
    )


def _assemble(year: Any, month: Any, day: Any) -> np.ndarray:
    """Dates of year, month and day; NaT where one is missing or there is no such day."""
    parts = pd.DataFrame({"year": year, "month": month, "day": day}).apply(pd.to_numeric, errors="coerce")
    return pd.to_datetime(parts, errors="coerce").to_numpy(dtype="datetime64[us]")


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
    texts = pd.Series(cells.texts, dtype="str")
    numbers = {fold(name): number for number, spellings in names.items() for name in spellings}
    ym, my, named = (texts.str.extract(pattern) for pattern in (_YEAR_MONTH, _MONTH_YEAR, _NAMED_MONTH))
    spelt = named[0].map(lambda name: numbers.get(fold(name)), na_action="ignore")
    dates, kinds = read_dates(cells)
    for year, month in ((ym[0], ym[1]), (my[1], my[0]), (_full_year(named[1]), spelt)):
        found = _assemble(year, month, 1)
        dates = np.where(np.isnat(found), dates, found)
        kinds = np.where(np.isnat(found), kinds, "E11")
    iso = texts.str.match(r"^\d{4}-\d{2}$").to_numpy(dtype=bool)
    kinds = np.where(iso, "", np.where(kinds == "E10", "E11", kinds))
    return dates.astype("datetime64[M]").astype("datetime64[us]"), kinds


def read_times(cells: Cells) -> np.ndarray:
    """The Danish local time of each distinct text: with an offset it is converted, without one it is local already."""
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
