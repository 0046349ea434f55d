"""Codes, names and references: E02, E14, E26, E27, E32, E35."""

from __future__ import annotations

import unicodedata

from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid, Mark, say
from klktools.sample.raw.planted.registry import plant, plant_in


@plant_in("support")
def code_as_decimal(grid: Grid) -> Grid:
    """E02: 30.0 for 0030, as statistical programs write it."""
    code = str(grid.clean["municipality"].iloc[0])
    return grid.with_cells(
        Mark("E02", "correction", "municipality"), dict.fromkeys(grid.pick(3), f"{int(code)}.0")
    )


@plant
def code_with_name(delivery: Delivery) -> Delivery:
    """E02: the code and the name in one cell."""
    mark = Mark("E02", "correction", "municipality")
    text = f"{int(delivery.municipality)} {delivery.name}"
    return delivery.change("training", lambda grid: grid.with_cells(mark, dict.fromkeys(grid.pick(4), text)))


@plant
def name_for_code(delivery: Delivery) -> Delivery:
    """E02: the name in place of the code."""
    mark = Mark("E02", "correction", "municipality")
    return delivery.change(
        "users", lambda grid: grid.with_cells(mark, dict.fromkeys(grid.pick(3), delivery.name))
    )


@plant_in("processes")
def unknown_name(grid: Grid) -> Grid:
    """E02: a name that no municipality of the round has."""
    return grid.with_cells(
        Mark("E02", "error", "municipality", rule="C05"), dict.fromkeys(grid.pick(1), "Nabokommunen")
    )


@plant
def unmapped_rename(delivery: Delivery) -> Delivery:
    """E14: a renamed department that does not say what it replaces, so that each lacks the other's months."""
    replaces = delivery.clean("departments")["replaces"].dropna()
    gaps = Mark("E14", "warning", rule="E12")

    def unmap(grid: Grid) -> Grid:
        marks = [
            Mark("E14", "warning", "valid_from", (row,), say(grid.cells.at[row, "valid_from"]), old)
            for row, old in replaces.items()
        ]
        return grid.rewritten("replaces", dict.fromkeys(replaces.index)).marked(*marks)

    return delivery.change("departments", unmap).change("usage", lambda grid: grid.marked(gaps))


@plant
def names_for_departments(delivery: Delivery) -> Delivery:
    """E14 and E35: departments by their names, with oe or o for ø and letters in two parts."""
    names: dict[str, str] = dict(
        delivery.clean("departments")[["department", "name"]].itertuples(index=False)
    )

    def rename(grid: Grid) -> Grid:
        rows = grid.pick(6)
        spelled = {
            row: _spellings(names[grid.at(row, "department")])[place % 3] for place, row in enumerate(rows)
        }
        return grid.with_cells(Mark("E35", "correction", "department", rule="E14"), spelled)

    return delivery.change("training", rename)


@plant_in("users")
def small_letters_in_keys(grid: Grid) -> Grid:
    """E35: a01 for A01."""
    cells = {row: grid.at(row, "department").lower() for row in grid.pick(5)}
    return grid.with_cells(Mark("E35", "correction", "department"), cells)


@plant_in("training")
def orphan(grid: Grid) -> Grid:
    """E26: a solution that is not there."""
    return grid.with_cells(Mark("E26", "error", "solution"), dict.fromkeys(grid.pick(2), "L97"))


@plant_in("dependencies")
def dangling(grid: Grid) -> Grid:
    """E26: a prerequisite that is not in the plan; a finding, not a fault."""
    row = grid.row(grid.pick(1)[0], requires="I97")
    return grid.with_rows([row], "dangling").marked(
        Mark("E26", "finding", "requires", ("dangling 1",), "I97", "")
    )


@plant_in("dependencies")
def cycle(grid: Grid) -> Grid:
    """E27: two initiatives that require each other; the assessment makes it a finding."""
    known = set(grid.clean["initiative"])
    real = grid.clean["requires"].isin(known)
    first = grid.pick(1, real)[0]
    initiative, requires = grid.at(first, "initiative"), grid.at(first, "requires")
    back = grid.row(first, initiative=requires, requires=initiative)
    there = Mark("E27", "warning", "requires", (first,), requires, requires)
    again = Mark("E27", "warning", "requires", ("cycle 1",), initiative)
    return grid.with_rows([back], "cycle").marked(there, again)


@plant_in("solutions")
def second_spelling(grid: Grid) -> Grid:
    """E32: one system twice, spelled in two ways."""
    first = grid.clean.index[0]
    name = grid.at(first, "name")[:6] + "-" + grid.at(first, "name")[6:]
    empty = {"go_live": None, "project_closed": None, "utilisation_reviewed": None}
    known = {column: value for column, value in empty.items() if column in grid.cells}
    row = grid.row(first, solution="L90", name=name, status="planned", **known)
    mark = Mark("E32", "warning", "name", ("spelling 1",), name, grid.value("name", first))
    return grid.with_rows([row], "spelling").marked(mark)


@plant
def names_in_log(delivery: Delivery) -> Delivery:
    """E35: departments by name, with oe for ø and letters in two parts; a log may name them so."""
    names = delivery.clean("departments").set_index("department")["name"]
    spelled = {key: _spellings(name) for key, name in names.items()}

    def rename(grid: Grid) -> Grid:
        texts = {
            row: spelled[key][number % 2]
            for number, (row, key) in enumerate(grid.clean["department_ref"].head(400).items())
        }
        return grid.with_column(Mark("E35", "read", "department_ref"), texts)

    return delivery.change("usage_log", rename)


def _spellings(name: str) -> list[str]:
    letters: dict[str, str | int | None] = {"æ": "ae", "Æ": "Ae", "å": "aa"}
    full = name.translate(str.maketrans({**letters, "ø": "oe", "Ø": "Oe"}))
    short = name.translate(str.maketrans({**letters, "ø": "o", "Ø": "O"}))
    return [full, unicodedata.normalize("NFD", name), short]


@plant_in("municipalities")
def name_in_parts(grid: Grid) -> Grid:
    """E35: å as a and a ring of its own, as a Mac writes it."""
    names = grid.clean["name"].map(lambda name: unicodedata.normalize("NFD", name))
    return grid.with_cells(Mark("E35", "correction", "name"), dict(names.items()))
