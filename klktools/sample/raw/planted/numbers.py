"""Counts and shares: E05, E06, E07, E08, E15, E19, E20, E33, E37."""

from __future__ import annotations

import math

import pandas as pd

from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid, Mark
from klktools.sample.raw.planted.registry import plant, plant_in

_LINES_PER_INVOICE = 8
_OVER = 1.04
_CREDITED = 2
_COUNTS = ("through", "eligible", "as_intended")
_ERRORS = {"as_intended": "#I/T", "eligible": "#DIV/0!", "through": "#REF!"}


def _measured(grid: Grid, least: int = 0) -> pd.Series:
    return grid.clean["evidence"].isin(["A", "B"]) & (grid.clean["eligible"] >= least)


@plant_in("answers")
def ambiguous_number(grid: Grid) -> Grid:
    """E05: 30.000 in a file that does not show whether the point is a decimal mark."""
    rows = grid.pick(2, grid.clean["value"] >= 10)
    cells = {row: f"{int(grid.at(row, 'value'))}.000" for row in rows}
    return grid.with_cells(Mark("E05", "error", "value"), cells)


@plant_in("support")
def mixed_shares(grid: Grid) -> Grid:
    """E06: 54 among 0,54."""
    rows = grid.pick(4, grid.clean["known_by_users"].notna())
    cells = {row: round(100 * grid.at(row, "known_by_users")) for row in rows}
    texts = {row: str(cell) if grid.csv else cell for row, cell in cells.items()}
    return grid.with_cells(Mark("E06", "error", "known_by_users"), texts)


@plant_in("usage")
def share_over_limit(grid: Grid) -> Grid:
    """E07: a share of 104 per cent."""
    rows = grid.pick(3, _measured(grid, 100))
    cells = {row: grid.written("through", math.ceil(_OVER * grid.at(row, "eligible"))) for row in rows}
    return grid.with_cells(Mark("E07", "warning", "through"), cells)


@plant_in("usage")
def share_over_limit_where_nothing_was_measured(grid: Grid) -> Grid:
    """E07: a share of 104 per cent in months before the window whose denominator is not known."""
    clean = grid.clean
    early = clean["month"] <= clean["month"].max() - pd.DateOffset(months=12)
    rows = grid.pick(3, early & clean["eligible"].isna() & (clean["through"] >= 50))
    cells = {row: grid.written("eligible", int(grid.at(row, "through") / _OVER)) for row in rows}
    marked = grid.rewritten("eligible", cells)
    marks = [
        Mark("E07", "warning", "through", (row,), grid.value("through", row), grid.value("through", row))
        for row in rows
    ]
    return marked.marked(*marks)


@plant_in("usage")
def share_just_over(grid: Grid) -> Grid:
    """E07: a share just above 100 per cent where it is 100 per cent."""
    clean = grid.clean
    rows = grid.pick(2, (clean["through"] == clean["eligible"]) & (clean["eligible"] >= 50))
    cells = {row: grid.written("through", int(grid.at(row, "through")) + 1) for row in rows}
    return grid.with_cells(Mark("E07", "correction", "through"), cells)


@plant_in("usage")
def negative_counts(grid: Grid) -> Grid:
    """E08: credit notes that were counted below zero."""
    cells = dict(zip(grid.pick(3, _measured(grid)), ("-3", "-1", "-12"), strict=True))
    texts = {row: cell if grid.csv else int(cell) for row, cell in cells.items()}
    return grid.with_cells(Mark("E08", "warning", "through"), texts)


@plant_in("usage")
def credit_notes(grid: Grid) -> Grid:
    """E08: credit notes in rows of their own, with the key of what they credit."""
    known = grid.clean["as_intended"].notna() & (grid.clean["as_intended"] < grid.clean["through"])
    rows = grid.pick(2, _measured(grid, 10) & known)
    notes = [grid.row(row, **dict.fromkeys(_COUNTS, -_CREDITED)) for row in rows]
    for column in _COUNTS:
        more = {row: grid.written(column, grid.at(row, column) + _CREDITED) for row in rows}
        grid = grid.with_cells(Mark("E08", "correction", column), more)
    labels = grid.labels("credit", len(rows))
    marks = [Mark("E08", "correction", "through", (place,), str(-_CREDITED)) for place in labels]
    return grid.with_rows(notes, "credit").marked(*marks)


@plant_in("usage")
def total_rows(grid: Grid) -> Grid:
    """E15: totals of the municipality among its departments."""
    clean = grid.clean
    first = clean["solution"] == clean["solution"].iloc[0]
    months = clean[first].groupby("month")[["through", "eligible", "as_intended"]].sum().tail(6)
    some_row = clean.index[first][0]
    words = ("I alt", "I alt", "Total", "I alt", "Hele kommunen", "I alt")
    rows = [
        {**grid.row(some_row, month=month, **sums.to_dict()), "department": word}
        for word, (month, sums) in zip(words, months.iterrows(), strict=True)
    ]
    labels = grid.labels("total", len(rows))
    marks = [
        Mark("E15", "correction", "department", (label,), word)
        for label, word in zip(labels, words, strict=True)
    ]
    return grid.with_rows(rows, "total").marked(*marks)


@plant_in("usage")
def own_transactions_as_denominator(grid: Grid) -> Grid:
    """E19: the solution's own transactions as the denominator for eight months."""
    clean = grid.clean
    latest = clean["month"] > clean["month"].max() - pd.DateOffset(months=8)
    measured = clean.loc[_measured(grid) & latest, "solution"]
    chosen = (clean["solution"] == measured.iloc[0]) & latest & clean["eligible"].notna()
    cells = {row: grid.cells.at[row, "through"] for row in clean.index[chosen]}
    return grid.with_column(Mark("E19", "finding", "eligible"), cells)


@plant
def lines_for_invoices(delivery: Delivery) -> Delivery:
    """E20: lines counted for invoices."""
    solutions = delivery.clean("solutions")
    invoices = solutions.loc[solutions["function"] == "invoices", "solution"].iloc[0]

    def multiply(grid: Grid) -> Grid:
        clean = grid.clean[(grid.clean["solution"] == invoices) & grid.clean["eligible"].notna()]
        for column in ("through", "as_intended"):
            known = clean[column].dropna()
            lines = {row: grid.written(column, _LINES_PER_INVOICE * n) for row, n in known.items()}
            grid = grid.rewritten(column, lines)
        lines = {
            row: grid.written("eligible", _LINES_PER_INVOICE * n) for row, n in clean["eligible"].items()
        }
        return grid.with_column(Mark("E20", "warning", "eligible"), lines)

    return delivery.change("usage", multiply)


@plant_in("gains")
def narrow_spaces(grid: Grid) -> Grid:
    """E33: thousands set apart by non-breaking and narrow spaces."""
    rows = grid.pick(6, grid.clean["business_case_kr"] >= 1_000)
    one_byte = grid.csv and grid.encoding == "cp1252"  # which knows no narrow ones
    spaces = "\u00a0" * 3 if one_byte else "\u00a0\u202f\u2009"
    cells = {
        row: f"{int(grid.at(row, 'business_case_kr')):,}".replace(",", spaces[number % 3])
        for number, row in enumerate(rows)
    }
    return grid.with_column(Mark("E33", "correction", "business_case_kr"), cells)


@plant_in("usage")
def error_values(grid: Grid) -> Grid:
    """E37: formulas that gave errors, in the words of Danish Excel too."""
    rows = grid.pick(len(_ERRORS) - 1, _measured(grid, 5))
    for row, (column, text) in zip(rows, _ERRORS.items(), strict=False):
        grid = grid.with_cells(Mark("E37", "warning", column), {row: text})
    return grid
