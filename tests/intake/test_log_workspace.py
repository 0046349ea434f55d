"""The room a log needs while it is read: its rows pass through, and too little room is said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from klktools.errors import TableError
from klktools.intake import read_round
from klktools.intake.usage_log import workspace
from klktools.intake.usage_log.workspace import Workspace
from tests.intake.small_round import grids, write_csv

SMALL = ("municipalities", "visits", "departments", "solutions", "usage_log")


@pytest.fixture
def plans(monkeypatch) -> list[dict[str, Any]]:
    """How DuckDB carries out each statement that reads the whole log."""
    kept: list[dict[str, Any]] = []
    step = Workspace.step

    def planned(space: Workspace, sql: str) -> None:
        kept.extend(json.loads(space.rows(f"EXPLAIN (FORMAT json) {sql}")[0][1]))
        step(space, sql)

    monkeypatch.setattr(Workspace, "step", planned)
    return kept


def below(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan["children"]:
        yield from below(child)


def names(plan: dict[str, Any]) -> set[str]:
    return {node["name"].strip() for node in below(plan)}


def as_csv(folder: Path) -> str:
    write_csv({name: grids()[name] for name in SMALL}, folder)
    return "READ_CSV"


def as_parquet(folder: Path) -> str:
    as_csv(folder)
    (folder / "usage_log.csv").unlink()
    grids()["usage_log"].to_parquet(folder / "usage_log.parquet")
    return "READ_PARQUET"


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_of_two_tables_that_are_joined_it_is_never_the_log_that_is_kept_in_memory(write, plans, tmp_path):
    reading = write(tmp_path)
    read_round(tmp_path)
    joins = [node for plan in plans for node in below(plan) if node["name"].strip() == "HASH_JOIN"]
    assert [reading in names(join["children"][0]) for join in joins].count(True) >= 7  # a join a list
    assert [reading in names(join["children"][1]) for join in joins] == [False] * len(joins)


def test_too_little_room_for_a_log_is_said(monkeypatch, tmp_path):
    as_csv(tmp_path)
    monkeypatch.setattr(workspace, "_MEMORY", 8 * 2**20)
    with pytest.raises(TableError) as raised:
        read_round(tmp_path)
    assert re.fullmatch(
        r"A usage log needs room in memory and in the temporary folder; found \d+\.\d GiB free \(.+\)\. "
        r"Make room, or set TMPDIR to a folder on another disk\.",
        str(raised.value),
    )
