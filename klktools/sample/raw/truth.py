"""The truth about a raw round: one row for every planted error, and where it stands in the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from klktools.sample.raw.delivery import Book
from klktools.sample.raw.grids import Grid, Mark, notations

COLUMNS = (
    "municipality",
    "table",
    "file",
    "sheet",
    "cell",
    "row",
    "column",
    "cells",
    "error",
    "rule",
    "handling",
    "planted",
    "clean",
)
_NOWHERE: dict[str, Any] = {"cell": "", "row": None, "column": "", "cells": None}


def truth_of(
    grid: Grid, municipality: str, file: str, sheet: str, more: Sequence[Mark]
) -> list[dict[str, Any]]:
    """One row for every mark of a grid and its notations, with the place in its file.

    Parameters
    ----------
    grid : Grid
    municipality : str
    file, sheet : str
        Path under the folder of the round; sheet "" for csv.
    more : sequence of Mark
        About the file as a whole.
    """
    places = row_numbers(grid)
    marks = [*more, *grid.marks, *notations(grid)]
    whole = {"municipality": municipality, "table": grid.table, "file": file, "sheet": sheet}
    return [whole | _where(grid, mark, places) | _what(mark) for mark in marks]


def truth_of_book(book: Book, municipality: str, file: str) -> list[dict[str, Any]]:
    """One row for everything a workbook holds beside its sheets."""
    whole = {"municipality": municipality, "table": "", "file": file, **_NOWHERE}
    return [whole | {"sheet": sheet} | _what(mark) for sheet, mark in book.marks.items()]


def _what(mark: Mark) -> dict[str, Any]:
    return {
        "error": mark.error,
        "rule": mark.rule or mark.error,
        "handling": mark.handling,
        "planted": mark.planted,
        "clean": mark.clean,
    }


def _where(grid: Grid, mark: Mark, places: pd.Series) -> dict[str, Any]:
    if not mark.rows:
        return _NOWHERE
    rows = places.loc[list(mark.rows)]
    letter = xl_col_to_name(grid.columns.index(mark.column)) if mark.column else "A"
    first, last = (f"{letter}{number}" for number in (rows.min(), rows.max()))
    return {
        "cell": first if first == last else f"{first}:{last}",
        "row": int(rows.min()),
        "column": grid.heads.get(mark.column, ""),
        "cells": len(rows),
    }


def row_numbers(grid: Grid) -> pd.Series:
    """The row of each label in its file, as Excel counts."""
    labels = [*grid.labels("above", len(grid.above)), "heading", *grid.cells.index]
    numbers = list(range(1, len(labels) + 1))
    under = grid.labels("below", len(grid.below))  # after an empty row
    numbers += range(len(labels) + 2, len(labels) + 2 + len(under))
    return pd.Series(numbers, index=[*labels, *under])


def write_truth(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the truth as csv (UTF-8 with BOM, commas), in the order of the files and cells."""
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"row": "Int64", "cells": "Int64"})
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
