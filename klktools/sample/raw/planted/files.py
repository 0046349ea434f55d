"""Whole files, workbooks and logs: E03, E04, E30, E31, E34, E38."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from klktools.contract import load_contract
from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid, Mark, write_grid
from klktools.sample.raw.planted.registry import plant, plant_in
from klktools.sample.raw.ways import load

_OLD_EXCEL_ROWS = 65_536  # with the heading
_PART = 300  # rows of a log
_USERS = ("tst", "TEAB", "abte@example.dk")


@plant_in("solutions")
def read_with_wrong_encoding(grid: Grid) -> Grid:
    """E03: UTF-8 that was read as Windows-1252 and saved again, so that ø became Ã¸."""
    return replace(grid, encoding="mojibake")


@plant_in("training")
def tabs_for_separators(grid: Grid) -> Grid:
    """E04: tabs between the fields of a csv."""
    return replace(grid, separator="\t").marked(
        Mark("E04", "correction", grid.columns[0], ("heading",), "TAB")
    )


@plant
def initials_in_log(delivery: Delivery) -> Delivery:
    """E30: initials and mail addresses in place of hashes, in a copy of a part of the log."""
    if "usage_log" not in delivery.grids:
        return delivery
    grid = delivery.grids["usage_log"]
    part = replace(grid, folder="kopi", clean=grid.clean.head(_PART), cells=grid.cells.head(_PART))
    hashed = part.clean.index[part.clean["user_hash"].notna()]
    cells = {row: _USERS[number % len(_USERS)] for number, row in enumerate(hashed)}
    return delivery.extra(part.with_column(Mark("E30", "error", "user_hash"), cells))


@plant_in("usage_log")
def hour_that_was_skipped(grid: Grid) -> Grid:
    """E31: a time on the clock of the night when summer time begins; of a test, which counts for nothing."""
    rows = grid.pick(1, grid.clean["event_type"] == "test")
    cells = dict.fromkeys(rows, grid.written("timestamp", pd.Timestamp(2018, 3, 25, 2, 30)))
    return grid.with_cells(Mark("E31", "warning", "timestamp"), cells)


@plant_in("usage_log")
def times_in_utc(grid: Grid) -> Grid:
    """E31: the time of Greenwich, as systems store it; with its offset it is no error."""
    local = grid.clean["timestamp"].dt.tz_localize("Europe/Copenhagen").dt.tz_convert("UTC")
    cells = {row: f"{time:%Y-%m-%dT%H:%M:%SZ}" for row, time in local.items()}
    return grid.with_column(Mark("E31", "read", "timestamp"), cells)


@plant
def traces_of_persons(delivery: Delivery) -> Delivery:
    """E34: a workbook with its author, a hidden sheet and a comment."""
    words = load("mistakes")["words"]
    traces = Mark("E34", "correction", planted=f"{words['author']} · {words['comment']}")
    hidden = Mark("E34", "warning", planted=words["hidden"])
    book = replace(delivery.book, **{name: words[name] for name in ("author", "hidden", "comment")})
    return replace(delivery, book=replace(book, marks={"": traces, words["hidden"]: hidden}))


@plant_in("usage")
def path_as_source(grid: Grid) -> Grid:
    """E34: the path of somebody's own file as the source of a figure."""
    path = load("mistakes")["words"]["path"]
    return grid.with_cells(Mark("E34", "correction", "source"), dict.fromkeys(grid.pick(2), path))


@plant
def cut_at_65536_rows(delivery: Delivery) -> Delivery:
    """E38: a log that ends where an old Excel could hold no more; all its events are tests."""
    rows = range(1, _OLD_EXCEL_ROWS)
    some = delivery.clean("solutions")["solution"].iloc[0]
    log = pd.DataFrame(
        {
            "municipality": delivery.municipality,
            "event": [f"H{row:06d}" for row in rows],
            "timestamp": pd.Timestamp(2018, 1, 2, 8),
            "solution": some,
            "department_ref": delivery.clean("departments")["department"].iloc[0],
            "channel": "solution",
            "transaction": [f"T{row:06d}" for row in rows],
            "event_type": "test",
        }
    )
    specs = load_contract().tables["usage_log"].columns
    typed = log.astype({str(name): specs[str(name)].dtype for name in log})
    way = replace(delivery.way, shape="csv", encoding=delivery.way.encoding or "utf-8", separator=";")
    mark = Mark("E38", "error", planted=str(_OLD_EXCEL_ROWS))
    return delivery.extra(write_grid("usage_log", typed, way).marked(mark))
