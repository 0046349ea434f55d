"""Comparing names as people write them: case, å/aa, spaces and underscores make no difference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "\ufeff": None})
_BREAKS = re.compile(r"[\s_\-]+")
_UNIT = re.compile(r"^(?P<stem>.*\S)\s*\((?P<unit>[^()]*)\)$")


def fold(text: str) -> str:
    """The form in which two spellings of one name are equal: "Løsnings-id" and "loesnings_id"."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return _BREAKS.sub("_", plain).strip("_")


def loosen(text: str) -> str:
    """`fold`, and æ, ø and å are equal to the a, o and a that a keyboard without them gives."""
    folded = fold(text)
    return folded.replace("oe", "o").replace("ae", "a").replace("aa", "a")


def split_unit(text: str) -> tuple[str, str]:
    """A heading and its unit: "Licens (kr.)" is "Licens" and "kr."; without brackets the unit is ""."""
    found = _UNIT.match(text.strip())
    return (found["stem"], found["unit"]) if found else (text.strip(), "")


def nearest(text: str, known: Iterable[str]) -> str:
    """The known name most like `text`, or "" when none is near."""
    folded = {fold(name): name for name in known}
    close = get_close_matches(fold(text), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""
