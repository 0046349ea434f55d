"""A text as patterns can read it, whatever signs it was written with, and where each sign came from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain


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
    if text.isascii():
        return text
    signs = _number_signs()
    for sign in sorted(signs.keys() & set(text)):  # few of them stand in one text
        text = text.replace(sign, signs[sign])
    return text


@cache
def _number_signs() -> dict[str, str]:
    """Every digit, blank, dash, @ and invisible sign beyond ASCII -> its plain form."""
    signs = map(chr, chain(range(128, 0x20000), range(0xE0000, 0xE0080)))  # beyond there is none of these
    return {
        sign: _signs(sign)
        for sign in signs
        if unicodedata.category(sign) in ("Nd", "No", "Zs", "Pd", "Cf") or sign in "\u2212\uff20"
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
    if kind in ("Zs", "No"):  # a raised or circled digit is a note beside the text, no part of a number
        return " "
    if kind == "Pd" or cluster[0] == "\u2212":
        return "-"
    if "\uff01" <= cluster[0] <= "\uff5e":  # full width
        return chr(ord(cluster[0]) - 0xFEE0)
    return unicodedata.normalize("NFC", cluster)
