"""How wide and how high a text becomes, estimated with the vendored font. All lengths in points."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from PIL import ImageFont

from klktools.report.html import ROOM

LINE = 1.2  # line height in font sizes
# Where Source Sans 3 is not installed, Calibri or Arial stands in: up to a tenth wider.
STAND_IN = 1.1
_EM = 100


@functools.cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    face = "Bold" if bold else "Regular"
    return ImageFont.truetype(str(ROOM / "fonts" / f"SourceSans3-{face}.ttf"), _EM)


@functools.lru_cache(maxsize=50_000)
def width_of(text: str, size: float = 10, bold: bool = False) -> float:
    """The width of a text on one line."""
    return _font(bold).getlength(text) * size / _EM * STAND_IN


def lines_of(text: str, *, size: float, width: float, bold: bool = False) -> int:
    """The number of lines a text is broken into; a word wider than a line is broken too."""
    space = width_of(" ", size, bold)
    lines, at = 1, 0.0
    for word in text.split():
        long = width_of(word, size, bold)
        if at and at + space + long > width:
            lines, at = lines + 1, 0.0
        at += long + (space if at else 0)
        extra = int(at // width) if long > width else 0
        lines, at = lines + extra, at - extra * width
    return lines


def height_of(texts: Iterable[str], *, size: float, width: float, bold: bool = False, gap: float = 0) -> float:
    """The height of paragraphs, one under the other with `gap` after each."""
    return sum(lines_of(text, size=size, width=width, bold=bold) * size * LINE + gap for text in texts)


def column_widths(rows: Sequence[Sequence[str]], *, size: float, total: float, padding: float) -> list[float]:
    """Widths of a table's columns: no word is broken while there is room, long texts get most of it.

    `rows` holds the heading row too; `padding` is what a cell adds to its text.
    """
    columns = list(zip(*rows, strict=True))
    least = [max(width_of(word, size, True) for cell in c for word in [*cell.split(), ""]) for c in columns]
    whole = [max(width_of(cell, size, True) for cell in column) for column in columns]
    least = [width + padding for width in least]
    # the root keeps one very long text from starving the others
    wish = [max(low, padding + min(full, (full * total) ** 0.5)) for low, full in zip(least, whole, strict=True)]
    if sum(least) >= total:
        return [width * total / sum(least) for width in least]
    room = total - sum(least)
    extra = [want - low for want, low in zip(wish, least, strict=True)]
    if sum(extra) <= 0:
        extra = least
    return [low + room * more / sum(extra) for low, more in zip(least, extra, strict=True)]
