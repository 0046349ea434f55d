"""Dates and months: E09, E10, E12, E25."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from klktools.sample.raw.delivery import Book, Delivery
from klktools.sample.raw.grids import Grid, Mark, Row, say
from klktools.sample.raw.planted.registry import plant, plant_in

_EPOCH = pd.Timestamp(1899, 12, 30)
_SINCE_1904 = 1_462  # days


def _serial(date: pd.Timestamp, grid: Grid, offset: int = 0) -> str | int:
    days = (date - _EPOCH).days - offset
    return str(days) if grid.csv else days


@plant_in("training")
def serial_dates(grid: Grid) -> Grid:
    """E09: a column of dates as the numbers Excel keeps them as."""
    cells = {row: _serial(date, grid) for row, date in grid.clean["date"].items()}
    return grid.with_column(Mark("E09", "correction", "date"), cells)


@plant
def dates_since_1904(delivery: Delivery) -> Delivery:
    """E09: a workbook that counts days from 1904, with a column that shows the numbers."""
    column = Mark("E09", "correction", "date")

    def number(grid: Grid) -> Grid:
        cells = {row: _serial(date, grid, _SINCE_1904) for row, date in grid.clean["date"].items()}
        return grid.with_column(column, cells)

    book = Book(since_1904=True)
    return replace(delivery.change("training", number), book=book)


@plant_in("training")
def american_dates(grid: Grid) -> Grid:
    """E10: the month first throughout, which the days above 12 give away."""
    cells = {row: f"{date:%m/%d/%Y}" for row, date in grid.clean["date"].items()}
    return grid.with_column(Mark("E10", "correction", "date"), cells)


@plant_in("training")
def mixed_dates(grid: Grid) -> Grid:
    """E10: some days first, some months first; where both could be, nobody knows."""
    dates = grid.clean["date"]
    late = dates.index[dates.dt.day > 12]
    american = {row: f"{grid.at(row, 'date'):%m/%d/%Y}" for row in late[::2]}
    danish = {row: f"{date:%d/%m/%Y}" for row, date in dates.items() if row not in american}
    unsure = {row: text for row, text in danish.items() if grid.at(row, "date").day <= 12}
    grid = grid.rewritten("date", danish | american).with_cells(Mark("E10", "warning", "date"), unsure)
    return grid.with_column(Mark("E10", "correction", "date"), american)


@plant_in("usage")
def months_left_out(grid: Grid) -> Grid:
    """E12: two months without a row while the system was changed; they count as not measured."""
    clean = grid.clean
    last = clean["month"].max()
    gone = clean["month"].isin([last - pd.DateOffset(months=4), last - pd.DateOffset(months=3)])
    solution = clean["solution"].iloc[0]
    rows = clean.index[gone & (clean["solution"] == solution)]
    months = " ".join(sorted(clean.loc[rows, "month"].dt.strftime("%Y-%m").unique()))
    mark = Mark("E12", "warning", clean=f"{solution} {months}")
    return replace(grid, cells=grid.cells.drop(rows)).marked(mark)


def _go_live_after_end(grid: Grid, row: Row) -> Mark:
    value = grid.value("go_live", row)
    return Mark("E25", "warning", "go_live", (row,), say(grid.cells.at[row, "go_live"]), value, "R24")


@plant
def usage_before_go_live(delivery: Delivery) -> Delivery:
    """E25: a month of usage before the solution went live."""
    known = delivery.clean("solutions")
    compared = known.loc[
        known["function"].isin(["purchasing", "invoices"]), "solution"
    ]  # with a usual volume
    solutions: dict[str, pd.Timestamp] = dict(known[["solution", "go_live"]].itertuples(index=False))

    def early(grid: Grid) -> Grid:
        row = grid.pick(1, (grid.clean["through"] > 0) & ~grid.clean["solution"].isin(compared))[0]
        month = solutions[grid.at(row, "solution")] - pd.DateOffset(months=1)
        added = grid.row(row, month=month)
        mark = Mark("E25", "warning", "month", ("early 1",), f"{month:%Y-%m}")
        return grid.with_rows([added], "early").marked(mark)

    return delivery.change("usage", early)


@plant
def end_before_start(delivery: Delivery) -> Delivery:
    """E25: an initiative that ends before it starts; no other refers to it."""
    named = {*delivery.clean("dependencies")["initiative"], *delivery.clean("dependencies")["requires"]}
    named |= set(delivery.clean("gains")["initiative"].dropna())

    def turn(grid: Grid) -> Grid:
        wanted = (
            grid.clean["start"].notna()
            & grid.clean["go_live"].notna()
            & ~grid.clean["initiative"].isin(named)
        )
        cells = {
            row: grid.written("end", grid.at(row, "start") - pd.DateOffset(months=3))
            for row in grid.pick(1, wanted)
        }
        marked = grid.with_cells(Mark("E25", "error", "end", rule="R01"), cells)
        return marked.marked(*(_go_live_after_end(grid, row) for row in cells))

    return delivery.change("initiatives", turn)
