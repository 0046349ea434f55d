"""Columns of dates and months: one order a sheet (E10), and Excel's two calendars (E09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec, load_contract
from klktools.intake import dates
from klktools.intake.cells import Cells
from klktools.intake.headings import Stack
from klktools.intake.hits import hits, repaired_notation, together

DATES = ("date", "month")
_SERIAL, _SHIFTED = "E09", "E09a"
_NOTATIONS = (_SERIAL, "E10", "E10a", "E11")
# columns whose dates must lie between two dates of the visit, give or take the limit of a rule in days
_BOUND = {
    ("usage", "month"): ("period_from", "period_to", ""),
    ("interviews", "date"): ("start_date", "end_date", "R06"),
}


@dataclass(frozen=True)
class Orders:
    """For every row how its sheet writes dates: the month first, in both orders, in the 1904 system."""

    sheet: pd.Series
    table: str
    month_first: np.ndarray
    both: np.ndarray
    since_1904: np.ndarray


@dataclass(frozen=True)
class Owners:
    """The municipality of each row, and the visits accepted before."""

    municipality: pd.Series
    visits: pd.DataFrame


def orders(stack: Stack, cells: Mapping[str, Cells]) -> Orders:
    """How each sheet writes dates: clear ones decide for unclear ones; without any, the day is first."""
    sheet = stack.place["sheet"]
    first = {1: np.zeros(len(stack.sheets), dtype=bool), -1: np.zeros(len(stack.sheets), dtype=bool)}
    for name, column in cells.items():
        if stack.spec.columns[name].type in DATES and len(column.texts):
            votes = np.append(dates.order_votes(column), 0)
            for vote, sheets in first.items() if votes.any() else ():
                sheets[sheet.to_numpy()[votes[column.codes] == vote]] = True
    since_1904 = np.array([given.date1904 for given in stack.sheets])
    ways = (first[-1] & ~first[1], first[1] & first[-1], since_1904)
    return Orders(sheet, stack.spec.name, *(_by_row(way, sheet) for way in ways))


def _by_row(way: np.ndarray, sheet: pd.Series) -> np.ndarray:
    """The way of each row's sheet; where all sheets have one way, that takes no memory."""
    return way[sheet.to_numpy()] if way.any() else np.broadcast_to(np.False_, len(sheet))


def read(
    spec: ColumnSpec, cells: Cells, ways: Orders, owners: Owners
) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """One column of dates or months.

    Parameters
    ----------
    spec : ColumnSpec
    cells : Cells
        The column as delivered.
    ways : Orders
    owners : Owners

    Returns
    -------
    column : Series
    broken, repaired : hits
        C02 (no date), E10b (could be two dates, in a sheet with both orders); E09, E09a, E10, E10a, E11.
    """
    day, marks = _spread(spec, cells, month_first=False)
    if ways.month_first.any():
        other, its_marks = _spread(spec, cells, month_first=True)
        day = np.where(ways.month_first, other, day)
        marks = {rule: np.where(ways.month_first, its_marks[rule], marks[rule]) for rule in marks}
    if marks[_SERIAL].any():
        serial = marks[_SERIAL]
        later = (
            cells.spread(dates.read_dates(cells)[0]) + dates.SHIFT_1904
        )  # by days, before a month is its first
        later = dates.first_of_month(later) if spec.type == "month" else later
        shifted = serial & (ways.since_1904 | _only_in_1904(spec.name, (day, later), serial, (ways, owners)))
        day, marks = np.where(shifted, later, day), marks | {_SERIAL: serial & ~shifted, _SHIFTED: shifted}
    column = pd.Series(day, dtype=spec.dtype, name=spec.name)
    unclear = ways.both & cells.mark(dates.is_unclear(cells)) if ways.both.any() else ways.both
    broken = [hits(np.isnat(day) & (cells.codes >= 0), "C02", spec.name), hits(unclear, "E10b", spec.name)]
    return (
        column,
        together(broken),
        together(
            repaired_notation(rows, rule, column, ways.sheet, owners.municipality)
            for rule, rows in marks.items()
        ),
    )


def _spread(spec: ColumnSpec, cells: Cells, *, month_first: bool) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The date of each cell in one order, and the cells that were written in each notation."""
    if spec.type == "month":
        found, kinds = dates.read_months(cells, load_contract().words["months"], month_first=month_first)
    else:
        found, kinds = dates.read_dates(cells, month_first=month_first)
    read_as = np.where(np.isnat(found), "", kinds)
    nowhere = np.broadcast_to(np.False_, len(cells.codes))
    return cells.spread(found), {
        rule: cells.mark(read_as == rule) if (read_as == rule).any() else nowhere for rule in _NOTATIONS
    }


def _only_in_1904(
    name: str, readings: tuple[np.ndarray, np.ndarray], serial: np.ndarray, about: tuple[Orders, Owners]
) -> np.ndarray:
    """Rows of sheets whose serial numbers all miss the visit in the 1900 system and meet it in the 1904 one.

    Only where a date must lie in or near the visit can this be seen.
    """
    ways, owners = about
    if (ways.table, name) not in _BOUND or owners.visits.empty:
        return np.zeros(len(serial), dtype=bool)
    first, last, rule = _BOUND[ways.table, name]
    margin = np.timedelta64(int(load_contract().rules[rule]["limit"]) if rule else 0, "D")
    spans = owners.visits.groupby("municipality").agg({first: "min", last: "max"})
    spans = spans.reindex(owners.municipality.astype("str"))
    low, high = spans[first].to_numpy() - margin, spans[last].to_numpy() + margin

    def meets(days: np.ndarray) -> np.ndarray:
        return (days >= low) & (days <= high)

    day, later = readings
    speaks_against = serial & (meets(day) | ~meets(later))
    against = np.bincount(ways.sheet, speaks_against) > 0
    return serial & ~against[ways.sheet.to_numpy()]
