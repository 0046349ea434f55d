"""The faces of a printed report: which signs they have and how wide those are."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from klktools.fonts import CUT
from klktools.report.html import ROOM

# The second has signs that the vendored cut lacks: Greek, Cyrillic, mathematics.
FAMILIES = (CUT, "DejaVu Sans")
FOLDERS = (ROOM / "fonts", Path(mpl.get_data_path()) / "fonts" / "ttf")
FILES = (FOLDERS[0] / "SourceSans3-Semibold.ttf", FOLDERS[1] / "DejaVuSans.ttf")


@functools.lru_cache(maxsize=8192)  # the words of tables come again and again
def width(text: str) -> float:
    """The width of a text on one line, in em of the semibold face."""
    advances = sign_widths()
    return sum(advances.get(sign, 1) for sign in text)


@functools.cache
def sign_widths() -> Mapping[str, float]:
    """Every sign that one of the faces has, with its width in em."""
    found: dict[str, float] = {}
    for path in reversed(FILES):
        face = FT2Font(str(path))
        for code in face.get_charmap():
            glyph = face.load_char(code, flags=LoadFlags.NO_SCALE)
            found[chr(code)] = glyph.horiAdvance / face.units_per_EM
    return found
