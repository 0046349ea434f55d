"""Answers and staff: E18, E28, E29, E36."""

from __future__ import annotations

from dataclasses import replace

from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid, Mark
from klktools.sample.raw.planted.registry import plant, plant_in

_HIGHEST = 4
_DONT_KNOW = ("ved ikke", "9", "99", "-", "?", "VI")


@plant_in("answers")
def dont_know_as_score(grid: Grid) -> Grid:
    """E18: a "don't know" typed where the score belongs, the status left at answered."""
    rows = grid.pick(len(_DONT_KNOW), grid.clean["status"] == "dont_know")
    answered = grid.written("status", "answered")
    cells = dict(zip(rows, _DONT_KNOW, strict=False))
    texts = {row: int(text) if text.isdecimal() and not grid.csv else text for row, text in cells.items()}
    grid = grid.with_cells(Mark("E18", "correction", "status"), dict.fromkeys(rows, answered))
    return grid.with_cells(Mark("E18", "correction", "score"), texts)


@plant_in("staffing")
def turnover_over_100(grid: Grid) -> Grid:
    """E28: a stated turnover of 120 per cent, nobody knows of what."""
    rows = grid.pick(2)
    unknown = grid.written("turnover_definition", "unknown")
    grid = grid.rewritten("turnover_definition", dict.fromkeys(rows, unknown))
    stated = grid.written("turnover_stated", 1.2)
    return grid.with_cells(Mark("E28", "warning", "turnover_stated"), dict.fromkeys(rows, stated))


@plant_in("staffing")
def full_time_for_heads(grid: Grid) -> Grid:
    """E28: full-time equivalents and heads the other way round."""
    rows = grid.pick(2, grid.clean["fte"] < grid.clean["headcount"] - 1)
    heads = {row: grid.written("headcount", int(grid.at(row, "fte"))) for row in rows}
    equivalents = {row: grid.written("fte", float(grid.at(row, "headcount"))) for row in rows}
    return grid.rewritten("headcount", heads).with_cells(Mark("E28", "warning", "fte"), equivalents)


@plant
def participations_for_persons(delivery: Delivery) -> Delivery:
    """E29: participations counted as persons, more than there are users."""
    key = ["solution", "department"]
    users = delivery.clean("users").set_index(key)["users"]

    def count(grid: Grid) -> Grid:
        known = grid.clean.set_index(key).index.isin(users.index)
        rows = grid.pick(2, grid.clean["persons"].notna() & known)
        persons = {row: int(users[grid.at(row, "solution"), grid.at(row, "department")]) + 15 for row in rows}
        cells = {row: grid.written("persons", number) for row, number in persons.items()}
        grid = grid.rewritten("participations", cells)
        return grid.with_cells(Mark("E29", "warning", "persons"), cells)

    return delivery.change("training", count)


@plant
def scale_from_one(delivery: Delivery) -> Delivery:
    """E36: an older copy of the answers on a scale of 1 to 5."""
    grid = delivery.grids["answers"]
    scored = grid.clean["score"].dropna()
    cells = {row: grid.written("score", score + 1) for row, score in scored.items()}
    copy = replace(grid, folder="gammel udgave", marks=()).rewritten("score", cells)
    fives = tuple(scored.index[scored == _HIGHEST])
    if not fives:
        return delivery
    mark = Mark("E36", "error", "score", fives, "5", grid.value("score", fives[0]))
    return delivery.extra(copy.marked(mark))
