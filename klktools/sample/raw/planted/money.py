"""Kroner: E21, E22, E23, E24."""

from __future__ import annotations

from klktools.sample.raw.grids import Grid, Mark
from klktools.sample.raw.planted.registry import plant_in


@plant_in("gains")
def thousands_of_kroner(grid: Grid) -> Grid:
    """E21: amounts in 1.000 kr. under a heading that says kr."""
    rows = grid.pick(3, grid.clean["business_case_kr"] >= 10_000)
    cells = {row: grid.written("business_case_kr", grid.at(row, "business_case_kr") / 1_000) for row in rows}
    return grid.with_cells(Mark("E21", "warning", "business_case_kr"), cells)


@plant_in("gains")
def mixed_signs(grid: Grid) -> Grid:
    """E22: cuts with a minus among cuts without."""
    rows = grid.pick(2, grid.clean["budget_cut_kr"] > 0)
    cells = {row: grid.written("budget_cut_kr", -grid.at(row, "budget_cut_kr")) for row in rows}
    return grid.with_cells(Mark("E22", "error", "budget_cut_kr"), cells)


@plant_in("gains")
def mixed_price_levels(grid: Grid) -> Grid:
    """E23: price levels of another year, and none."""
    cells = dict(
        zip(grid.pick(3, grid.clean["price_level"].notna()), ("2016-pl", "2016-pl", None), strict=True)
    )
    return grid.with_cells(Mark("E23", "warning", "price_level"), cells)


@plant_in("gains")
def one_off(grid: Grid) -> Grid:
    """E24: gains of one year among the permanent ones; they are summed apart."""
    rows = grid.pick(2, (grid.clean["duration"] == "permanent") & (grid.clean["budget_cut_kr"] > 0))
    word = grid.written("duration", "one_off")
    return grid.with_cells(Mark("E24", "finding", "duration"), dict.fromkeys(rows, word))
