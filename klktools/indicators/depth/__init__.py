"""Digitalised in depth: the share of transactions through each solution, and its certainty (I01-I10).

`measure_depth` composes the steps; each of them is public in its own module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from pandas.api.types import union_categoricals

from klktools.indicators import scope
from klktools.indicators.depth import cells, municipalities, shares, solutions, trend, utilisation
from klktools.indicators.depth.cells import SOLUTION

SOLUTION_COLUMNS = [
    *(*SOLUTION, "function", "is_new", "go_live", "months_since_go_live", "target", "denominator"),
    *("expected_volume", "volume_from_norm", "left_out", "through", "measured_eligible", "months_measured"),
    *(
        "months_expected",
        "evidence",
        "status",
        "reason",
        "I01",
        "I02",
        "I03_low",
        "I03_high",
        "I04",
        "has_figure",
    ),
    *(
        "last_months_measured",
        "I06",
        "I06_measured",
        "n_departments",
        "n_departments_over",
        "n_departments_measured",
    ),
    *(
        "max_share_rest",
        "I06b",
        "I07",
        "I07_p",
        "I07_class",
        "n_trend_months",
        "I08",
        "I08_class",
        "I09",
        "I09b",
    ),
    *("I10_reviewed", "I10_utilised", "I10a", "I10b_kr", "I10c_kr", "log_share", "stated_share"),
    *("suspect_denominator", "missing_departments", "missing_groups", "missing_months"),
]


_TABLES = (
    *("municipalities", "visits", "departments", "solutions", "usage", "logged_usage", "staffing"),
    *("initiatives", "assumptions"),
)
# nothing here depends on another municipality, so that memory need not grow with the round
_BLOCK = 500
# the one result that grows to millions of rows holds its texts as categories
_CELL_TEXTS = ("municipality", "solution", "department", "evidence", "reason")


class Ground(NamedTuple):
    """What every step stands on: the scope of the visits and the cells in it."""

    operating: pd.DataFrame
    groups: pd.DataFrame
    judged: pd.DataFrame
    cells: pd.DataFrame


def measure_depth(
    tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """Measure the depth of digitalisation of all municipalities (framework 4.1).

    Parameters
    ----------
    tables : mapping
        The round's tables: municipalities, visits, departments, solutions, usage, logged_usage, staffing,
        initiatives, assumptions.
    assumptions : mapping
        `framework.assumptions`.

    Returns
    -------
    dict of DataFrame
        cells, usage_by_month, usage_by_group, usage_by_department, depth_by_solution, depth_by_municipality
        and double_purchases, each as docs/architecture.md has it.
    """
    needed = {name: tables[name] for name in _TABLES}
    needed["usage"] = tables["usage"][[*cells.CELL, *cells.COUNTS, "evidence"]]
    blocks = scope.split_municipalities(needed, at_most=_BLOCK)
    parts = [_measure_block(block, assumptions) for block in blocks]
    return {name: _under_one_another([part[name] for part in parts]) for name in parts[0]}


def _measure_block(
    tables: Mapping[str, pd.DataFrame], assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    ground = lay_ground(tables, assumptions=assumptions)
    by_month = trend.measure_months(ground.judged, ground.operating, assumptions=assumptions)
    by_department = shares.measure_departments(ground.cells, ground.groups, assumptions=assumptions)
    depth = _measure_solutions(tables, ground, by_month, by_department, assumptions)
    double = utilisation.find_double_purchases(depth, tables["initiatives"])
    new_use = municipalities.measure_new_use(ground.cells, by_department, depth, assumptions=assumptions)
    new = municipalities.weigh_new_solutions(depth, assumptions=assumptions).join(new_use)
    used = municipalities.sum_utilisation(depth, double)
    return {
        "cells": ground.cells.astype(dict.fromkeys(_CELL_TEXTS, "category")),
        "usage_by_month": by_month,
        "usage_by_group": shares.measure_groups(ground.cells, ground.groups),
        "usage_by_department": by_department,
        "depth_by_solution": depth[SOLUTION_COLUMNS],
        "depth_by_municipality": municipalities.join_municipalities(tables["municipalities"], new, used),
        "double_purchases": double,
    }


def _under_one_another(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The blocks' tables as one; an empty one has no say in the types."""
    filled = [part for part in parts if len(part)] or parts[:1]
    categories = {
        str(name): union_categoricals([part[name] for part in filled], sort_categories=True)
        for name in filled[0].select_dtypes("category")
    }
    rest = pd.concat([part.drop(columns=list(categories)) for part in filled], ignore_index=True)
    return rest.assign(**categories)[list(filled[0])]


def lay_ground(tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]) -> Ground:
    """Find the solutions in operation and judge their cells.

    Parameters
    ----------
    tables, assumptions : mapping
        As for `measure_depth`.

    Returns
    -------
    Ground
        Solutions in operation, department groups, delivered cells of the data period and expected cells of
        the window.
    """
    departments = tables["departments"]
    periods = scope.list_visit_periods(tables["visits"], assumptions=assumptions)
    operating = scope.list_operating_solutions(tables["solutions"], periods, assumptions=assumptions)
    lineage = scope.trace_departments(departments)
    pairs = cells.list_relevant_departments(operating, lineage)
    judged = cells.judge_usage(tables["usage"], operating, pairs, lineage, assumptions=assumptions)
    expected = cells.expect_cells(operating, pairs, departments, lineage)
    heads = cells.count_heads(tables["staffing"], lineage)
    held = cells.make_cells(expected, judged, heads, assumptions=assumptions)
    return Ground(operating, scope.describe_departments(departments, lineage), judged, held)


def _measure_solutions(
    tables: Mapping[str, pd.DataFrame],
    ground: Ground,
    by_month: pd.DataFrame,
    by_department: pd.DataFrame,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    parts = [
        shares.measure_solutions(ground.cells, assumptions=assumptions),
        shares.measure_breadth(by_department, SOLUTION),
        shares.measure_intended_use(ground.cells, SOLUTION, assumptions=assumptions),
        shares.list_missing(ground.cells, ground.groups),
        trend.measure_trend(by_month, assumptions=assumptions),
        trend.measure_distance(by_month, assumptions=assumptions),
        solutions.compare_shares(ground.cells, tables["logged_usage"], ground.operating),
    ]
    depth = solutions.join_solutions(ground.operating, parts, ground.cells, tables["usage"])
    depth = solutions.fill_volumes(depth, tables["municipalities"], assumptions=assumptions)
    minutes = utilisation.save_minutes(tables["assumptions"])
    return depth.merge(utilisation.measure_utilisation(depth, minutes, assumptions=assumptions), on=SOLUTION)
