"""Columns of numbers: one notation a sheet (E05), one way to write shares (E06), spaces in numbers (E33)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec
from klktools.intake import cells as text
from klktools.intake.cells import Cells
from klktools.intake.headings import Stack
from klktools.intake.hits import hits, repaired_notation, together

NUMBERS = ("int", "decimal", "share", "kr")
_WHOLE = ("int", "kr")
_ENGLISH, _UNKNOWN = -1, 0
_PERCENT, _LARGE, _SMALL = 1, 2, 4  # how a share was written: 27 %, 27, 0,27


def notation(stack: Stack, cells: Mapping[str, Cells]) -> np.ndarray:
    """For every row the notation of its sheet's numbers; with commas between fields decimals have points.

    Returns
    -------
    ndarray of int8
        1 Danish, -1 English, 0 when the sheet does not show it.
    """
    sheet = stack.place["sheet"].to_numpy()
    votes = np.zeros(len(stack.sheets))
    for name, column in cells.items():
        spec = stack.spec.columns[name]
        if spec.type in NUMBERS and len(column.texts):
            distinct = text.notation_votes(column, whole=spec.type in _WHOLE)
            if distinct.any():
                votes += np.bincount(sheet, np.append(distinct, 0)[column.codes], minlength=len(votes))
    commas = np.array([given.separator == "," for given in stack.sheets])
    chosen = np.where(votes == 0, np.where(commas, _ENGLISH, _UNKNOWN), np.sign(votes))
    return chosen.astype("int8")[sheet]


def read(
    spec: ColumnSpec, cells: Cells, stack: Stack, notation: np.ndarray, owners: pd.Series
) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """One column of numbers.

    Parameters
    ----------
    spec : ColumnSpec
    cells : Cells
        The column as delivered.
    stack : Stack
        Gives the unit in each sheet's heading.
    notation : ndarray
        Result of `notation`.
    owners : Series
        The municipality of each row.

    Returns
    -------
    column : Series
    broken, repaired : hits
    """
    danish, english = (np.append(text.read_numbers(cells, danish=which), np.nan) for which in (True, False))
    differ = ~np.isnan(danish) & ~np.isnan(english) & (danish != english)
    only = np.where(differ, np.nan, np.where(np.isnan(danish), english, danish))
    # one line for each notation, English to Danish; the last text is that of an empty cell
    values = np.stack([english, only, danish])[notation + 1, cells.codes]
    ambiguous = (notation == _UNKNOWN) & differ[cells.codes]
    scaled = _scaled(spec, values, cells, stack.units(spec.name))
    mixed = _mixed(spec, values, cells, stack) if spec.type == "share" else np.zeros(len(values), dtype=bool)
    column = pd.Series(pd.array(np.where(mixed, np.nan, scaled), dtype=spec.dtype), name=spec.name)
    unreadable = np.isnan(scaled) & (cells.codes >= 0) & ~ambiguous
    broken = [(ambiguous, "E05"), (unreadable, "C02"), (mixed, "E06")]
    told_apart = ~np.isnan(danish) & (danish != english)
    never = np.zeros_like(told_apart)
    in_danish = np.stack([never, told_apart & ~differ, told_apart])[notation + 1, cells.codes]
    spaced = cells.mark(text.has_spaces(cells)) & ~np.isnan(scaled) & ~mixed
    sheet = stack.place["sheet"]
    repaired = [
        repaired_notation(rows, rule, column, sheet, owners)
        for rows, rule in ((in_danish, "E05a"), (spaced, "E33"))
    ]
    return column, together(hits(rows, rule, spec.name) for rows, rule in broken), together(repaired)


def _scaled(spec: ColumnSpec, values: np.ndarray, cells: Cells, units: np.ndarray | float) -> np.ndarray:
    if spec.type == "share":
        return values / np.where(cells.mark(text.is_percent(cells)), 100.0, units)
    if spec.type == "kr":
        return values * units
    if spec.type == "int":
        whole = (np.mod(np.nan_to_num(values), 1) == 0) & (np.abs(values) < text.EXACT)
        return np.where(whole, values, np.nan)
    return np.where(cells.mark(text.is_percent(cells)), np.nan, values)


def _mixed(spec: ColumnSpec, values: np.ndarray, cells: Cells, stack: Stack) -> np.ndarray:
    """E06: in a sheet where shares are written in two ways, the cells that are not in the declared unit.

    A number above the column's limit can only be per cent; 0 says nothing.
    """
    percent = cells.mark(text.is_percent(cells))
    ways = np.where(percent, _PERCENT, np.where(values > (spec.high or 1), _LARGE, _SMALL))
    ways = np.where(np.isnan(values) | (values == 0), 0, ways)
    sheet = stack.place["sheet"].to_numpy()
    seen = [
        np.bincount(sheet, ways == way, minlength=len(stack.sheets)) > 0 for way in (_PERCENT, _LARGE, _SMALL)
    ]
    several = (np.sum(seen, axis=0) > 1)[sheet]
    as_shares = np.broadcast_to(stack.units(spec.name), len(values)) == 1
    return several & (ways != 0) & np.where(as_shares, ways != _SMALL, ways == _SMALL)
