"""A round: everything that was handed in, read, checked and journalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, empty_table, load_contract, nearest
from klktools.errors import ParameterError, TableError, sentence
from klktools.framework import load_framework
from klktools.intake.files import RAW_LOG, Limits, Reading, Sheet, read_files
from klktools.intake.journal import CORRECTIONS, PROBLEMS, file_journal
from klktools.intake.keys import identities, number_rows
from klktools.intake.personal import mask_journal
from klktools.intake.tables import Before, Checked, check_table
from klktools.intake.usage_log import no_usage

# What others refer to, or are compared with, comes first.
_ORDER = (
    "municipalities",
    "visits",
    "departments",
    "staffing",
    "solutions",
    "users",
    "interviews",
    "initiatives",
)
_UNREAD = ("F01", "F08", "F09", "F10")  # rules of files that gave no rows
_TOLD = 3  # of those in one sentence
# What is compared with tables that refer to it is checked once more when those are there.
_AGAIN = ("interviews",)
_COUNTS = ("rows_delivered", "rows_accepted", "rows_rejected", "rows_warned")


@dataclass(frozen=True)
class Round:
    """A validated round.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Every table of the contract by its canonical name, valid rows only, sorted by key (typed and
        empty when it was not delivered). The texts of `usage` are categories. In place of the raw
        `usage_log` there is `logged_usage`: municipality, solution, department, month, through, eligible,
        as_intended.
    problems : DataFrame
        One row per broken rule: municipality, table, file, sheet, row and cell (as Excel shows them),
        column and value as delivered, rule, severity (error: the row was rejected; warning: it was
        kept), message, remedy.
    corrections : DataFrame
        One row per repair: as problems, with old, new, rule, cells (how many), message. A notation
        (municipality codes, Danish numbers, dates, months) is logged once for each sheet, column and
        municipality, at its first cell, and what was found by its name once for each value.
    delivered : DataFrame
        One row per municipality and table: rows_delivered, rows_accepted, rows_rejected, rows_warned.
        Copies, credit notes that were netted and rows of totals are delivered but neither accepted nor
        rejected; what does not touch a row's own quality (`about` in the contract's rules) warns none.
    """

    tables: dict[str, pd.DataFrame]
    problems: pd.DataFrame
    corrections: pd.DataFrame
    delivered: pd.DataFrame

    @property
    def stopped(self) -> list[str]:
        """The cells (file, sheet, cell) that stop the delivery: with one of them no round is assessed."""
        cells = self.problems[self.problems["rule"].isin(load_contract().stopping)]
        places = cells[["file", "sheet", "cell"]].fillna("").to_numpy()
        return [" ".join(part for part in place if part) for place in places]


def read_round(
    path: str | PathLike[str],
    *,
    municipalities: Sequence[str] | None = None,
    language: str = "da",
    assumptions: Mapping[str, float] | None = None,
    file_limits: Limits | None = None,
) -> Round:
    """Read and check a round as handed in.

    Parameters
    ----------
    path : path
        A folder with one file per table (csv, csv.gz, Parquet, xlsx), a folder with a sub-folder or a
        workbook per municipality, or one workbook with a sheet per table.
    municipalities : sequence of str, optional
        Keep only these municipality codes.
    language : {"da", "en"}
        Language of messages and remedies.
    assumptions : mapping, optional
        Thresholds by name; those of the framework unless given. Uses `share_over_limit` and
        `new_solution_years`.
    file_limits : Limits, optional
        The largest files that are read; ``Limits().times(4)`` reads files four times as large.

    Returns
    -------
    Round

    Raises
    ------
    TableError
        When there is nothing to read or a table that must be there is missing.
    ParameterError
        When a municipality asked for is not in the round.
    """
    reading = _read(Path(path), file_limits or Limits())
    limits = {**(assumptions or load_framework().assumptions), **_rule_limits()}
    checked = _check(reading, limits, language)
    tables = _tables(checked)
    faults = [*reading.faults, *(fault for table in checked.values() for fault in table.faults)]
    owners = {where: code for table in checked.values() for where, code in table.owners.items()}
    journals = [
        file_journal(faults, tables["municipalities"]["municipality"], language, owners),
        *(table.journal for table in checked.values()),
    ]
    whole = Round(
        tables=tables,
        problems=mask_journal(_pile([journal.problems for journal in journals], PROBLEMS)),
        corrections=mask_journal(_pile([journal.corrections for journal in journals], CORRECTIONS)),
        delivered=_pile([t.delivered for t in checked.values()], ("municipality", "table", *_COUNTS)),
    )
    return whole if municipalities is None else _only(whole, municipalities)


def _read(path: Path, limits: Limits) -> Reading:
    if not path.exists():
        raise TableError(
            sentence(must="The data must be a folder or a workbook that exists", found=f"found no {path}")
        )
    reading = read_files(path, limits)
    contract = load_contract()
    for spec in contract.tables.values():
        if not spec.optional and spec.name not in reading.tables:
            raise TableError(_nothing(path, reading, f"{spec.name} ({spec.label['da']})"))
    return reading


def _nothing(path: Path, reading: Reading, table: str) -> str:
    unread = [fault for fault in reading.faults if fault.rule in _UNREAD]
    why = file_journal(unread[:_TOLD], (), "en").problems
    told = [
        f"{file} could not be read ({message})"
        for file, message in zip(why["file"], why["message"], strict=True)
    ]
    more = [f"{len(unread) - _TOLD} more files could not be read"] if len(unread) > _TOLD else []
    found = ", ".join([*sorted(reading.tables - {""}), *told, *more]) or "no table"
    return sentence(
        must=f"A round must have the table {table}",
        found=f"found {found}",
        where=str(path),
        remedy="Add a file or a sheet with that name",
    )


def _rule_limits() -> dict[str, float]:
    """The contract's own limits: `R02` for a rule's limit, `R13.low` and `R13.high` for a range."""
    limits: dict[str, float] = {}
    for name, rule in load_contract().rules.items():
        limits |= {name: rule["limit"]} if "limit" in rule else {}
        limits |= {f"{name}.{end}": rule[end] for end in ("low", "high") if end in rule}
    return limits


def _check(reading: Reading, limits: Mapping[str, float], language: str) -> dict[str, Checked]:
    specs = load_contract().tables
    sheets = {name: [sheet for sheet in reading.sheets if sheet.table == name] for name in specs}
    tables = {name: empty_table(name) for name in specs}
    nothing: dict[str, set[str]] = dict.fromkeys(specs, set())
    told = frozenset(fault.where for fault in reading.faults)
    before = Before(tables, nothing, nothing, limits, language, faults=told)
    checked: dict[str, Checked] = {}
    for name in sorted(specs, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
        table = tables[name]
        if sheets[name]:
            checked[name] = _check_any(sheets[name], specs[name], before)
            table = checked[name].data
        before = _after(before, name, table, checked.get(name))
    return checked | {name: check_table(sheets[name], specs[name], before) for name in _AGAIN if sheets[name]}


def _check_any(sheets: Sequence[Sheet], spec: TableSpec, before: Before) -> Checked:
    if spec.name != RAW_LOG:
        return check_table(sheets, spec, before)
    from klktools.intake.usage_log.check import check_log  # late: only a log needs DuckDB

    return check_log(sheets, spec, before)


def _after(before: Before, name: str, table: pd.DataFrame, checked: Checked | None) -> Before:
    referred = name == "municipalities" or name.removesuffix("s") in table
    return replace(
        before,
        tables={**before.tables, name: table},
        known={**before.known, name: identities(table, name) if referred else set()},
        rejected={**before.rejected, name: checked.rejected if checked else set()},
        totals=before.totals | (checked.totals if checked else frozenset()),
    )


def _tables(checked: Mapping[str, Checked]) -> dict[str, pd.DataFrame]:
    specs = load_contract().tables
    tables = {
        name: checked[name].data if name in checked else empty_table(name)
        for name in specs
        if name != RAW_LOG
    }
    ordered = {name: _by_key(table, specs[name].key) for name, table in tables.items()}
    return ordered | {"logged_usage": checked[RAW_LOG].data if RAW_LOG in checked else no_usage()}


def _by_key(table: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The table in the order of its key; it is taken apart, so that it never stands in memory twice."""
    place = number_rows(table, key)
    if (place[1:] < place[:-1]).any():
        order = np.argsort(place, kind="stable")
        columns = {name: table.pop(name).array.take(order) for name in table.columns.to_list()}
        table = pd.DataFrame(columns, copy=False)
    return _with_own_categories(table).reset_index(drop=True)


def _with_own_categories(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the categories of its rows, in order, whatever file or round they came from."""
    for name in table.select_dtypes("category"):
        used = table[name].cat.remove_unused_categories()
        table = table.assign(**{str(name): used.cat.reorder_categories(sorted(used.cat.categories))})
    return table


def _pile(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)] or list(parts[:1])
    return pd.concat(filled, ignore_index=True)[list(columns)]


def _only(whole: Round, municipalities: Sequence[str]) -> Round:
    known = list(whole.tables["municipalities"]["municipality"])
    for code in municipalities:
        if code not in known:
            raise ParameterError(
                sentence(
                    must="A municipality must be in the round",
                    found=f"found {code}",
                    remedy=f"The nearest is {nearest(code, known)}" if nearest(code, known) else "",
                )
            )
    wanted = [*municipalities, ""]  # "" is about the files, not about one municipality

    def keep(table: pd.DataFrame) -> pd.DataFrame:
        kept = table[table["municipality"].isin(wanted)]
        return _with_own_categories(kept).reset_index(drop=True)

    return Round(
        tables={name: keep(table) for name, table in whole.tables.items()},
        problems=keep(whole.problems),
        corrections=keep(whole.corrections),
        delivered=keep(whole.delivered),
    )
