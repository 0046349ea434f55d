"""Rows too many: E13, E16, E17."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid, Mark
from klktools.sample.raw.planted.registry import plant, plant_in

_NOTE = "Bemærk: Opgjort af økonomiafdelingen"
_TITLE = "Oversigt til konsulenterne"


@plant_in("usage")
def identical_copies(grid: Grid) -> Grid:
    """E13: some rows twice."""
    rows = [grid.cells_of(row) for row in grid.pick(4, grid.clean["eligible"].notna())]
    return _copied(grid, rows, "copy")


@plant_in("usage")
def month_twice(grid: Grid) -> Grid:
    """E13: a whole month of a solution delivered twice."""
    clean = grid.clean
    latest = (clean["month"] == clean["month"].max()) & (clean["solution"] == clean["solution"].iloc[0])
    return _copied(grid, [grid.cells_of(row) for row in clean.index[latest]], "month")


def _copied(grid: Grid, rows: list[dict], label: str) -> Grid:
    marks = [
        Mark("E13", "correction", "month", (place,), str(row["month"]))
        for place, row in zip(grid.labels(label, len(rows)), rows, strict=True)
    ]
    return grid.with_rows(rows, label).marked(*marks)


@plant_in("usage")
def conflicting_copies(grid: Grid) -> Grid:
    """E13: a row twice with different counts."""
    (row,) = grid.pick(1, grid.clean["through"] >= 10)
    other = grid.row(row, through=grid.at(row, "through") - 1, as_intended=None)
    month = str(other["month"])
    marks = [
        Mark("E13", "error", "month", (place,), month, grid.value("month", row)) for place in (row, "other 1")
    ]
    gap = Mark("E13", "warning", rule="E12", clean=month)  # neither is used, so the month is missing
    return grid.with_rows([other], "other").marked(*marks, gap)


@plant_in("processes")
def note_under_table(grid: Grid) -> Grid:
    """E16: a note in the first column under the table."""
    first = grid.columns[0]
    return replace(grid, below=(_NOTE,)).marked(Mark("E16", "error", first, ("below 1",), _NOTE))


@plant_in("processes")
def two_header_rows(grid: Grid) -> Grid:
    """E16: the contract's names in a row of their own under the headings."""
    names = {name: grid.spec.columns[name].danish for name in grid.columns}
    cells = pd.concat([pd.DataFrame([names], index=["names"], dtype=object), grid.cells])
    first = grid.columns[0]
    return replace(grid, cells=cells).marked(Mark("E16", "error", first, ("names",), names[first]))


@plant_in("gains")
def title_over_table(grid: Grid) -> Grid:
    """E16: a title over the headings, in cells that were merged."""
    mark = Mark("E16", "correction", grid.columns[0], ("above 1",), _TITLE)
    return replace(grid, above=(_TITLE,)).marked(mark)


@plant_in("users")
def merged_cells(grid: Grid) -> Grid:
    """E16: one cell for the solution of three rows."""
    first = grid.clean["solution"] == grid.clean["solution"].iloc[0]
    rows = tuple(grid.clean.index[first][:3])
    value = grid.value("solution", rows[0])
    grid = grid.rewritten("solution", dict.fromkeys(rows[1:]))
    mark = Mark("E16", "error", "solution", rows[:1], value, value)
    return replace(grid, merged=("solution", rows)).marked(mark)


@plant
def interview_twice(delivery: Delivery) -> Delivery:
    """E17: one interview entered by both consultants."""
    talks = delivery.clean("interviews")
    row = talks.index[len(talks) // 2]
    talk = talks.loc[row]
    others = talks.loc[talks["consultant"] != talk["consultant"], "consultant"]

    def again(grid: Grid) -> Grid:
        date = talk["date"] + pd.Timedelta(days=1)
        copy = grid.row(row, interview="N91", consultant=others.iloc[0], date=date)
        mark = Mark("E17", "warning", "interview", ("again 1",), "N91", talk["interview"])
        return grid.with_rows([copy], "again").marked(mark)

    def answers(grid: Grid) -> Grid:
        own = grid.clean.index[grid.clean["interview"] == talk["interview"]]
        return grid.with_rows([grid.row(place, interview="N91") for place in own], "again")

    return delivery.change("interviews", again).change("answers", answers)
