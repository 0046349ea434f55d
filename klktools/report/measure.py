"""How wide and how high a text becomes, estimated with the vendored font. All lengths in points."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PIL import ImageFont

from klktools.report.html import ROOM

LINE = 1.33  # line height of Source Sans 3, in font sizes
# Where it is not installed, Calibri or Arial stands in: up to a tenth wider, with lower lines.
STAND_IN, STAND_IN_LINE = 1.1, 1.23
SPARE = 1.03  # programs break lines a little differently
_EM = 100


@functools.cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    face = "Bold" if bold else "Regular"
    return ImageFont.truetype(str(ROOM / "fonts" / f"SourceSans3-{face}.ttf"), _EM)


@functools.lru_cache(maxsize=50_000)
def width_of(text: str, size: float = 10, bold: bool = False) -> float:
    """The width of a text on one line, in the wider of the fonts it may be shown in."""
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


def height_of(text: str, *, size: float, width: float, bold: bool = False) -> float:
    """The height of a paragraph, in the font in which it is higher."""
    own = lines_of(text, size=size, width=width * STAND_IN / SPARE, bold=bold) * LINE
    other = lines_of(text, size=size, width=width, bold=bold) * STAND_IN_LINE
    return max(own, other) * size


def column_widths(rows: Sequence[Sequence[str]], *, size: float, total: float, padding: float) -> list[float]:
    """Widths of a table's columns, at most `total` together.

    Short columns stay on one line; long ones share the rest, the longest not so much that it starves the
    others. No word is broken while there is room. `rows` holds the heading row too; `padding` is what a cell
    adds to its text.
    """
    columns = list(zip(*rows, strict=True))
    whole = [padding + _widest(column, size) for column in columns]
    if sum(whole) <= total:
        return [width * min(1.25, total / sum(whole)) for width in whole]
    least = [padding + _longest_word(column, size) for column in columns]
    if sum(least) >= total:
        return [width * total / sum(least) for width in least]
    return _shared(least, whole, total)


def _widest(column: Sequence[str], size: float) -> float:
    """The width of the widest cell; the first is the heading, in bold."""
    return max(width_of(text, size, number == 0) for number, text in enumerate(column))


def _longest_word(column: Sequence[str], size: float) -> float:
    words = [(word, number == 0) for number, text in enumerate(column) for word in text.split()]
    return max((width_of(word, size, bold) for word, bold in words), default=0)


def _shared(least: Sequence[float], whole: Sequence[float], total: float) -> list[float]:
    """Each column its whole width while that is less than an equal share of what is left, then the others."""
    widths, left = dict[int, float](), total
    waiting = sorted(range(len(whole)), key=lambda at: whole[at])
    while waiting and whole[waiting[0]] <= left / len(waiting):
        at = waiting.pop(0)
        needed = sum(least[other] for other in waiting)
        widths[at] = max(least[at], min(whole[at], left - needed))
        left -= widths[at]
    while waiting:
        wishes = {at: whole[at] ** 0.75 for at in waiting}
        parts = {at: left * wish / sum(wishes.values()) for at, wish in wishes.items()}
        # a column whose part does not hold its longest word gets that word's width, the others share anew
        fixed = {at: least[at] for at in waiting if parts[at] < least[at]} or parts
        widths |= fixed
        left -= sum(fixed.values())
        waiting = [at for at in waiting if at not in fixed]
    return [widths[at] for at in range(len(whole))]
