"""One table of the small round from its file to accepted rows and problems, beside the others as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import pandas as pd

from klktools.contract import empty_table, load_contract
from klktools.framework import load_framework
from klktools.intake import read_round
from klktools.intake import round as whole_round
from klktools.intake.files import read_files
from klktools.intake.journal import file_journal
from klktools.intake.keys import identities
from klktools.intake.tables import Before, check_table
from tests.intake.small_round import grids, write_csv


@dataclass(frozen=True)
class Found:
    """Accepted rows by their number in the file (from 0), problems and corrections, rows delivered."""

    data: pd.DataFrame
    problems: pd.DataFrame
    corrections: pd.DataFrame
    delivered: int


@cache
def before() -> Before:
    """The tables of the small round as they are when another is checked."""
    with TemporaryDirectory() as folder:
        tables = read_round(write_csv(grids(), Path(folder))).tables
    tables = {name: tables.get(name, empty_table(name)) for name in load_contract().tables}
    known = {name: identities(table, name) for name, table in tables.items() if _named(name, table)}
    nothing: Mapping[str, set[str]] = MappingProxyType({name: set() for name in tables})
    limits = {**load_framework().assumptions, **whole_round._rule_limits()}
    return Before(tables, {**nothing, **known}, nothing, limits, "da")


def _named(name: str, table: pd.DataFrame) -> bool:
    return name == "municipalities" or name.removesuffix("s") in table


def read_table(table: str, folder: Path) -> Found:
    """The table as the files of the folder have it."""
    reading = read_files(folder)
    sheets = [sheet for sheet in reading.sheets if sheet.table == table]
    checked = check_table(sheets, load_contract().tables[table], before()) if sheets else None
    faults = [*reading.faults, *(checked.faults if checked else [])]
    journals = [file_journal(faults, {"0060"}, "da"), *([checked.journal] if checked else [])]
    data = checked.data if checked else empty_table(table)
    return Found(
        data.astype(dict.fromkeys(data.select_dtypes("category"), "str")),
        pd.concat([journal.problems for journal in journals], ignore_index=True),
        pd.concat([journal.corrections for journal in journals], ignore_index=True),
        int(checked.delivered["rows_delivered"].sum()) if checked else 0,
    )


@cache
def faultless(table: str) -> Found:
    """The table of the small round."""
    with TemporaryDirectory() as folder:
        found = read_table(table, write_csv({table: grids()[table]}, Path(folder)))
    assert len(found.data) == len(grids()[table]), found.problems["message"].tolist()
    return found


def assert_equal(found: pd.DataFrame, expected: pd.DataFrame, table: str) -> None:
    """Equal rows, in whatever order."""
    key = list(load_contract().tables[table].key)
    one, other = (data.sort_values(key).reset_index(drop=True) for data in (found, expected))
    pd.testing.assert_frame_equal(one, other)
