"""Cells to values: numbers, yes/no and codes in the notations that municipalities write (dates: `dates`).

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
EXACT = 2**53  # whole numbers up to here are exact in a float


@dataclass(frozen=True)
class Cells:
    """The cells of one column: `codes` points into the distinct `texts` (-1 is an empty cell).

    `codes` is as narrow as the number of texts allows, one byte a cell for most columns.
    `typed` marks texts that were numbers in the file itself and so need no reading of commas and points,
    `composed` those whose letters came in parts (a + ring) and were put together.
    """

    codes: np.ndarray
    texts: np.ndarray
    typed: np.ndarray
    composed: np.ndarray

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
    delivered, typed = _texts(pd.Series(distinct))
    texts = delivered if typed.all() else _objects(_composed(text) for text in delivered)
    empty = texts == ""
    if empty.any():
        codes = np.where(np.append(empty, True)[codes], -1, codes).astype(codes.dtype)
    return Cells(codes, texts, typed, texts != delivered)


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
        return stripped, none_typed
    if pd.api.types.is_numeric_dtype(distinct) and not pd.api.types.is_bool_dtype(distinct):
        return _number_texts(distinct.to_numpy(dtype=float)), ~none_typed
    if pd.api.types.is_datetime64_any_dtype(distinct):
        local = distinct.dt.tz_convert(ZONE).dt.tz_localize(None) if distinct.dt.tz else distinct
        return local.to_numpy("datetime64[us]").astype(str).astype(object), none_typed
    typed = np.array([_is_number(value) for value in distinct], dtype=bool)
    return _objects(_text(value) for value in distinct), typed


def _number_texts(numbers: np.ndarray) -> np.ndarray:
    """101.0 is "101": whole numbers have no decimal point."""
    whole = (numbers % 1 == 0) & (np.abs(numbers) < EXACT)
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
        return value.strip()
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
    if cells.typed.all():
        return np.zeros(len(cells.texts), dtype=int)
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
    if cells.typed.all():
        return _finite(cells.texts.astype("float64"))
    texts = _numerals(cells)
    valid = texts.where(_matches(texts, DANISH if danish else ENGLISH))
    bare = valid.str.replace("." if danish else ",", "", regex=False)
    numerals = bare.str.replace(",", ".", regex=False) if danish else bare
    numbers = numerals.mask(cells.typed, pd.Series(cells.texts, dtype="str")).astype("float64").to_numpy()
    return _finite(numbers)


def _finite(numbers: np.ndarray) -> np.ndarray:
    """Without the infinite: "1e999", or what a program writes for a division by zero."""
    return np.where(np.isfinite(numbers), numbers, np.nan)


def has_spaces(cells: Cells) -> np.ndarray:
    """Which distinct texts are numbers in characters that are none: spaces of any kind or a long minus."""
    if cells.typed.all():
        return np.zeros(len(cells.texts), dtype=bool)
    plain = pd.Series(cells.texts, dtype="str").str.removesuffix("%").str.rstrip()
    return (_numerals(cells) != plain).to_numpy(dtype=bool) & ~cells.typed


def is_percent(cells: Cells) -> np.ndarray:
    """Which distinct texts carry their own "%"."""
    return np.array([text.endswith("%") for text in cells.texts], dtype=bool)


def read_codes(cells: Cells, codes: Mapping[str, Any]) -> np.ndarray:
    """The code of each distinct text by its folded spelling; None where the list has none such."""
    return np.array([codes.get(fold(text)) for text in cells.texts], dtype=object)


def read_municipalities(cells: Cells, names: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """The four-character code of each distinct text, and how it was repaired.

    Parameters
    ----------
    cells : Cells
        Codes, codes with a name ("101 København"), or names ("København", "Københavns Kommune").
    names : mapping
        Folded name -> code, "" for a name that more than one municipality has.

    Returns
    -------
    codes : ndarray of object
        None where the text cannot be a code, or its code and its name are of two municipalities.
    kinds : ndarray of str
        "" as delivered, "E01" a leading zero was missing, "E02" it was written in another way.
    """
    found = [_municipality(text, names) for text in cells.texts]
    codes = np.array([code for code, _ in found], dtype=object)
    return codes, np.array([kind for _, kind in found], dtype="U4")


def _municipality(text: str, names: Mapping[str, str]) -> tuple[str | None, str]:
    if re.fullmatch(r"[0-9A-Z]{4}", text):
        return text, ""
    if re.fullmatch(r"\d{1,3}", text):
        return text.zfill(4), "E01"
    if decimal := re.fullmatch(r"(\d{1,4})[.,]0+", text):
        return decimal[1].zfill(4), "E02"
    if named := re.fullmatch(r"(\d{1,4})[\s,;:()\-–]+([^\W\d].*?)\)?", text):
        code, its_name = named[1].zfill(4), names.get(fold(named[2]))
        return (code, "E02") if its_name in (None, code) else (None, "")
    code = names.get(fold(text))
    return (code, "E02") if code else (None, "")
