"""Rounds for the tests of depth and leadership: one municipality, a window from 2017-09 to 2018-08."""

import re
from pathlib import Path

import pandas as pd

from klktools.framework import load_framework
from klktools.indicators.depth import measure_depth
from tests.indicators.small_round import small_round

ASSUMPTIONS = load_framework().assumptions
WINDOW = [month.strftime("%Y-%m-01") for month in pd.date_range("2017-09-01", periods=12, freq="MS")]
LATE = WINDOW[2:]  # ten months: a solution that went live in 2017-11
LOG = {"through": "Int64", "eligible": "Int64", "as_intended": "Int64", "month": "datetime64[us]"}


def department(name, **fields):
    return {"department": name, "valid_from": "2010-01-01", "department_group": "finance"} | fields


def solution(name="S", **fields):
    plain = {
        "solution": name,
        "function": "purchasing",
        "status": "operation",
        "is_new": True,
        "go_live": "2016-09-01",
        "relevant_departments": "A",
        "denominator": "all_eligible",
    }
    return plain | fields


def usage(through, eligible, *, months=WINDOW, **fields):
    """One row for each month; a single number stands in every month."""
    plain = {"solution": "S", "department": "A", "evidence": "A", "source": "extract"}
    counts = (value if isinstance(value, list) else [value] * len(months) for value in (through, eligible))
    return [
        plain | {"month": month, "through": g, "eligible": n} | fields
        for month, g, n in zip(months, *counts, strict=True)
    ]


def depth_tables(**rows):
    """Every table of a round with one new solution S for department A, unless told otherwise."""
    logged = rows.pop("logged_usage", [])
    given = {"departments": [department("A")], "solutions": [solution()]} | rows
    tables = small_round(**given)
    columns = ["municipality", "solution", "department", "month", "through", "eligible", "as_intended"]
    log = pd.DataFrame([{"municipality": "0001"} | row for row in logged], columns=columns)
    return tables | {"logged_usage": log.astype(dict.fromkeys(columns[:3], "str") | LOG)}


def depth(**rows):
    return measure_depth(depth_tables(**rows), assumptions=ASSUMPTIONS)


def one_solution(**rows):
    table = depth(**rows)["depth_by_solution"]
    assert len(table) == 1
    return table.iloc[0]


def one_municipality(**rows):
    table = depth(**rows)["depth_by_municipality"]
    assert len(table) == 1
    return table.iloc[0]


def documented_columns(table):
    """The columns docs/architecture.md gives a result table."""
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{table}` |"))
    listed = re.sub(r"\([^)]*\)", "", row.split("|", 3)[3]).strip(" |")
    names = []
    for name in listed.split(","):
        first, _, last = name.strip().partition("..")
        stem = first.rsplit("_", 1)[0]
        names += [f"{stem}_L{place}" for place in range(1, int(last[1:]) + 1)] if last else [first]
    return names
