"""Numbers, dates and sort keys in Danish and English: the only rounding in the toolkit.

Halves are rounded away from zero (0.125 -> 0.13) on the number as it is written, not as it is stored; results
that round to zero have no sign; minus is U+2212. A missing value gives the words of its `status`. The printed
form is never read back.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from klktools.texts import load_texts

_MARKS = {"da": str.maketrans({",": ".", ".": ",", "-": "−"}), "en": str.maketrans({"-": "−"})}
_ALPHABET = {letter: place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyzæøå")}
_SAME_AS = str.maketrans({"ä": "æ", "ö": "ø", "ü": "y", "é": "e", "è": "e", "á": "a"})
_ONE_CELL = 50_000  # kroner: half of what 0,1 mio. kr. stands for


def is_missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA."""
    return value is None or (not isinstance(value, (str, list, tuple, dict)) and bool(pd.isna(value)))


def status_words(status: str, *, language: str) -> str:
    """The words of a status code: "ikke undersøgt", "kan ikke siges", "skjult (færre end 5)" ..."""
    return load_texts(language)[f"status.{status}"]


def number(value: Any, *, decimals: int = 0, language: str, status: str = "not_examined") -> str:
    """A number with thousands and decimal marks: 1234.5 -> "1.234,5" (da), "1,234.5" (en)."""
    if is_missing(value):
        return status_words(status, language=language)
    return f"{_rounded(value, decimals):,}".translate(_MARKS[language])


def compact(value: Any, *, language: str, status: str = "not_examined") -> str:
    """A number with up to three decimals, none of them idle zeros: 0.130 -> "0,13"."""
    if is_missing(value):
        return status_words(status, language=language)
    return f"{_without_idle_zeros(_rounded(value, 3)):,}".translate(_MARKS[language])


def integer(value: Any, *, language: str, status: str = "not_examined") -> str:
    """A whole number: 1234.0 -> "1.234"."""
    return number(value, language=language, status=status)


def pct(value: Any, *, decimals: int = 0, language: str, status: str = "not_examined") -> str:
    """A share (0-1) as per cent: 0.27 -> "27 pct."; above 0 and below 0.01 -> "under 1 pct."."""
    if is_missing(value):
        return status_words(status, language=language)
    texts = load_texts(language)
    if 0 < value < 0.01 and decimals == 0:
        return texts["number.below_one_pct"]
    return f"{number(Decimal(str(value)) * 100, decimals=decimals, language=language)} {texts['number.pct']}"


def pp(value: Any, *, language: str, status: str = "not_examined") -> str:
    """Percentage points with one decimal, without the unit: 0.905 -> "0,9"."""
    return number(value, decimals=1, language=language, status=status)


def mio(value: Any, *, language: str, status: str = "not_examined") -> str:
    """Kroner in millions: 1678571 -> "1,7 mio. kr."; below 50000 "under 0,1 mio. kr."; 0 "0 kr."."""
    if is_missing(value):
        return status_words(status, language=language)
    texts = load_texts(language)
    if value == 0:
        return texts["number.no_kr"]
    if 0 < value < _ONE_CELL:
        return texts["number.below_mio"]
    return texts["number.mio"].replace(
        "#", number(Decimal(str(value)) / 1_000_000, decimals=1, language=language)
    )


def minutes(value: Any, *, language: str, status: str = "not_examined") -> str:
    """Minutes without the unit, one decimal when there is one: 8.0 -> "8", 4.5 -> "4,5"."""
    if is_missing(value):
        return status_words(status, language=language)
    return f"{_without_idle_zeros(_rounded(value, 1)):,}".translate(_MARKS[language])


def years1(value: Any, *, language: str, status: str = "not_examined") -> str:
    """Years with one decimal, without the unit: 1.94 -> "1,9"."""
    return number(value, decimals=1, language=language, status=status)


def score(value: Any, *, language: str, status: str = "not_examined") -> str:
    """A score (0-4) with one decimal: 1.65 -> "1,7"."""
    return number(value, decimals=1, language=language, status=status)


def month(value: Any, *, language: str, status: str = "not_examined") -> str:
    """A month: 2018-10-01 -> "oktober 2018"."""
    if is_missing(value):
        return status_words(status, language=language)
    day = pd.Timestamp(value)
    return f"{load_texts(language)[f'month.m{day.month}']} {day.year}"


def date(value: Any, *, language: str, status: str = "not_examined") -> str:
    """A date: 2018-03-12 -> "12. marts 2018"."""
    if is_missing(value):
        return status_words(status, language=language)
    mark = "." if language == "da" else ""
    return f"{pd.Timestamp(value).day}{mark} {month(value, language=language)}"


def count(value: Any, noun: str, *, language: str, status: str = "not_examined") -> str:
    """A number with its noun: (1, "solution") -> "1 løsning", (2, "solution") -> "2 løsninger"."""
    if is_missing(value):
        return status_words(status, language=language)
    form = "one" if value == 1 else "many"
    return f"{number(value, language=language)} {load_texts(language)[f'noun.{noun}.{form}']}"


def join(texts: list[str] | tuple[str, ...], *, language: str) -> str:
    """A list in words: "a", "a og b", "a, b og c"."""
    *first, last = texts or [""]
    return f"{', '.join(first)} {load_texts(language)['number.and']} {last}" if first else last


def danish_key(text: str) -> tuple[tuple[int, ...], str]:
    """Sort key in Danish order: æ, ø, å last, aa as å; other signs (space, hyphen, digits) before letters."""
    letters = text.lower().translate(_SAME_AS).replace("aa", "å")
    return tuple(_ALPHABET.get(letter, ord(letter) - 10_000) for letter in letters), text


def _rounded(value: Any, decimals: int) -> Decimal:
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _without_idle_zeros(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()
