"""A text as patterns can read it, whatever signs it was written with, and where each sign came from."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Plain:
    """`text` with digits 0-9, one kind of space and of dash, composed letters, and no invisible signs.

    `starts` and `ends` say where in the original each sign began and ended.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, first: int, after: int) -> tuple[int, int]:
        """The place in the original of the signs from `first` up to `after`."""
        return self.starts[first], self.ends[after - 1]


def make_plain(text: str) -> Plain:
    """Digits of any script (also full width), NBSP, zero-width signs, dashes and NFD letters made plain."""
    if text.isascii():
        return Plain(text, range(len(text)), range(1, len(text) + 1))
    signs = [(sign, *place) for *place, cluster in _clusters(text) for sign in _signs(cluster)]
    plain, starts, ends = zip(*signs, strict=True) if signs else ((), (), ())
    return Plain("".join(plain), starts, ends)


def plain_digits(text: str) -> str:
    """The text as patterns of numbers read it; quick, for long texts, but places in it are its own."""
    return text if text.isascii() else text.translate(_number_signs())


@cache
def _number_signs() -> dict[int, str]:
    """Every digit, blank, dash and invisible sign beyond ASCII -> its plain form."""
    signs = map(chr, range(128, sys.maxunicode + 1))
    return {
        ord(sign): _signs(sign)
        for sign in signs
        if unicodedata.category(sign) in ("Nd", "Zs", "Pd", "Cf") or sign == "\u2212"
    }


def _clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each sign begins and ends with the accents that follow it, and what it is."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            yield start, place, text[start:place]
            start = place


def _signs(cluster: str) -> str:
    if cluster.isascii():
        return cluster
    kind = unicodedata.category(cluster[0])
    if kind == "Cf":  # zero width, soft hyphen, marks of direction
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(cluster[0]))
    if kind == "Zs":
        return " "
    if kind == "Pd" or cluster[0] == "\u2212":
        return "-"
    return unicodedata.normalize("NFKC", cluster)
