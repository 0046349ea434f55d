"""How wide and how high a text becomes, estimated with the vendored font. All lengths in points."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from PIL import ImageFont

from klktools.report.html import ROOM

LINE = 1.33  # line height in font sizes, that of Source Sans 3; Calibri's and Arial's are lower
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


def height_of(
    texts: Iterable[str], *, size: float, width: float, bold: bool = False, gap: float = 0
) -> float:
    """The height of paragraphs, one under the other with `gap` after each."""
    return sum(lines_of(text, size=size, width=width, bold=bold) * size * LINE + gap for text in texts)


def column_widths(rows: Sequence[Sequence[str]], *, size: float, total: float, padding: float) -> list[float]:
    """Widths of a table's columns, at most `total` together.

    Short columns stay on one line; long ones share the rest, the longest not so much that it starves the
    others. No word is broken while there is room. `rows` holds the heading row too; `padding` is what a cell
    adds to its text.
    """
    columns = list(zip(*rows, strict=True))
    whole = [padding + max(width_of(cell, size, True) for cell in column) for column in columns]
    if sum(whole) <= total:
        return [width * min(1.25, total / sum(whole)) for width in whole]
    least = [
        padding + max(width_of(word, size, True) for cell in column for word in [*cell.split(), ""])
        for column in columns
    ]
    if sum(least) >= total:
        return [width * total / sum(least) for width in least]
    return _shared(least, whole, total)


def _shared(least: Sequence[float], whole: Sequence[float], total: float) -> list[float]:
    """Each column its whole width while that is less than an equal share of what is left, then the others."""
    widths, left = dict[int, float](), total
    waiting = sorted(range(len(whole)), key=lambda at: whole[at])
    while waiting and whole[waiting[0]] <= left / len(waiting):
        at = waiting.pop(0)
        needed = sum(least[other] for other in waiting)
        widths[at] = max(least[at], min(whole[at], left - needed))
        left -= widths[at]
    wishes = {at: whole[at] ** 0.75 for at in waiting}
    room = left - sum(least[at] for at in waiting)
    # long columns: the word that must fit, and of the room its part
    for at in waiting:
        widths[at] = least[at] + room * wishes[at] / sum(wishes.values())
    return [widths[at] for at in range(len(whole))]
