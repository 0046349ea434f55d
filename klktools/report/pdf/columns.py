"""How a table stands on a page: the widths of its columns, and whether it stays on one page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from klktools.blocks import Table
from klktools.report.pdf.faces import width

# in em of the table's type, 8.8pt
PAGE = 52.2  # the width of a page's text, 162 mm
GAP = 1.1  # between two columns
SHORT = 10.5  # what is not broken over lines in a cell
SYLLABLES = 32  # signs of a word that may have none
NARROW = 16  # less than this has its words broken
WHOLE = 0.8  # of a column, filled by its longest word: words are broken then
TOGETHER = 18  # lines of a table that stays on one page


def table_layout(table: Table) -> dict[str, Any]:
    """What the template must know to set a table.

    `widths` in em with the gap behind each column; which are `narrow` and have words broken at syllables;
    after how many signs those that are too `tight` for a word break it anywhere; whether it stays `together`.
    """
    widths = column_widths(table)
    lines = sum(
        max(math.ceil(width(text) / wide) for text, wide in zip(row, widths, strict=True))
        for row in (table.columns, *table.rows)
    )
    return {
        "widths": [round(wide + GAP, 3) for wide in widths],
        "narrow": [
            at
            for at, (cells, wide) in enumerate(zip(_columns(table), widths, strict=True))
            if _breaks(cells, wide)
        ],
        "tight": [_tight(cells, wide) for cells, wide in zip(_columns(table), widths, strict=True)],
        "together": lines <= TOGETHER,
    }


def column_widths(table: Table) -> list[float]:
    """How the columns share the width of a page, in em, without the gaps.

    A column that fits on one line does; otherwise short texts and numbers stay whole, each other column gets
    its longest word, and the rest is shared by how much the columns have to say.
    """
    columns = [list(map(width, cells)) for cells in _columns(table)]
    whole = [max(cells) + 0.2 for cells in columns]
    free = PAGE - GAP * len(columns)
    if sum(whole) <= free:
        return whole
    words = [_longest_word(cells) for cells in _columns(table)]
    least = [full if full <= SHORT else word for full, word in zip(whole, words, strict=True)]
    if sum(least) > free:
        return [free * wide / sum(least) for wide in least]
    wanted = [sum(cells) * (full > floor) for cells, full, floor in zip(columns, whole, least, strict=True)]
    rest = (free - sum(least)) / sum(wanted)
    return [floor + rest * want for floor, want in zip(least, wanted, strict=True)]


def _columns(table: Table) -> list[tuple[str, ...]]:
    return list(zip(table.columns, *table.rows, strict=True))


def _breaks(cells: Sequence[str], wide: float) -> bool:
    """Whether words are broken at syllables: only where whole ones would leave much of the column empty."""
    longest = max((width(word) for text in cells for word in text.split()), default=0)
    return wide < NARROW and longest > WHOLE * wide


def _tight(cells: Sequence[str], wide: float) -> int | None:
    """No word of a language is so long, or no column so narrow, that a syllable would not fit."""
    longest = max((word for text in cells for word in text.split()), key=width, default="")
    endless = len(longest) > SYLLABLES or width(longest) > 3 * wide or wide < 3
    return max(int(wide / 0.85), 1) if endless and width(longest) > wide else None


def _longest_word(cells: Sequence[str]) -> float:
    return min(max(width(word) for text in cells for word in text.split() or [""]), SHORT) + 0.2
