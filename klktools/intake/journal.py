"""From hits to the two journals of a round: problems and what to do, corrections and old values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec, TableSpec, load_contract, nearest
from klktools.contract.describe import limits_in_words
from klktools.framework import load_framework
from klktools.intake.convert import Typed
from klktools.intake.files import Fault
from klktools.intake.files.sheet import Where, cell_name
from klktools.intake.headings import Stack
from klktools.texts import fill

_PLACE = ("municipality", "table", "file", "sheet", "row", "cell", "column")
PROBLEMS = (*_PLACE, "value", "rule", "severity", "message", "remedy")
_SHOWN = 200  # characters
_OF_HEADINGS = ("F04", "F06", "P01", "P04")  # what they found is the heading itself
CORRECTIONS = (*_PLACE, "old", "new", "rule", "cells", "message")
_NUMBERS = ("row", "cells")


@dataclass(frozen=True)
class Journal:
    """Problems and corrections of one table, or of the files."""

    problems: pd.DataFrame
    corrections: pd.DataFrame


def journal_of(
    hits: pd.DataFrame, corrections: pd.DataFrame, stack: Stack, typed: Typed, language: str
) -> Journal:
    """Word the hits of one table.

    Parameters
    ----------
    hits, corrections : DataFrame
        As made by `klktools.intake.hits`; corrections also have `new`.
    stack, typed : Stack, Typed
        The table they are about.
    language : {"da", "en"}
    """
    if hits.empty and corrections.empty:
        return no_journal()
    rules = load_contract().rules
    once = _once(corrections, stack, typed)
    found, fixed = (_located(table, stack, typed, language) for table in (hits, once))
    severity = found["rule"].map(lambda rule: rules[rule]["severity"])
    remedy = found["rule"].map(lambda rule: rules[rule].get(f"do_{language}", ""))
    return Journal(
        _ordered(found.assign(severity=severity, remedy=remedy), PROBLEMS),
        _ordered(fixed.rename(columns={"value": "old"}), CORRECTIONS),
    )


def no_journal() -> Journal:
    """Nothing to tell."""
    return Journal(_empty(PROBLEMS), _empty(CORRECTIONS))


def file_journal(
    faults: Iterable[Fault], codes: Iterable[str], language: str, owners: Mapping[Where, str] | None = None
) -> Journal:
    """Word the faults of whole files, sheets and columns.

    Parameters
    ----------
    faults : iterable of Fault
    codes : iterable of str
        The round's municipalities; a file or folder whose name begins with one is that municipality's.
    language : {"da", "en"}
    owners : mapping, optional
        The municipality of a row (`Fault.where`), which the fault is told to.
    """
    faults = list(faults)
    known = set(codes)
    own = {where: code for where, code in (owners or {}).items() if code in known}
    named = [fault.file[:4] if fault.file[:4] in known else "" for fault in faults]
    rows = [
        _fault_row(fault, own.get(fault.where, code), language)
        for fault, code in zip(faults, named, strict=True)
    ]
    problems = [row for row, fault in zip(rows, faults, strict=True) if not fault.repaired]
    repaired = [row for row, fault in zip(rows, faults, strict=True) if fault.repaired]
    return Journal(
        _ordered(pd.DataFrame(problems), PROBLEMS),
        _ordered(
            pd.DataFrame(repaired)
            .rename(columns={"value": "old"})
            .assign(new=["" if f.phrase else f.other for f in faults if f.repaired], cells=1),
            CORRECTIONS,
        ),
    )


@cache
def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in columns})


def _dtype(column: str) -> str:
    return "Int64" if column in _NUMBERS else "str"


def _ordered(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    if table.empty:
        return _empty(columns)
    dtypes = {name: _dtype(name) for name in columns}
    return table.reindex(columns=list(columns)).astype(dtypes).reset_index(drop=True)


def _once(corrections: pd.DataFrame, stack: Stack, typed: Typed) -> pd.DataFrame:
    """Of cells that are told once (`once` in `rules.yaml`) the first, with the number like it.

    A notation comes here counted (`hits.repaired_notation`); what was found cell by cell is counted here.
    """
    corrections = corrections.sort_index(kind="stable")
    rules = load_contract().rules
    ways = corrections["rule"].map(lambda rule: rules[rule].get("once", "")).to_numpy(dtype=object)
    counts = (
        corrections["other"] if "other" in corrections else pd.Series(index=corrections.index, dtype=object)
    )
    uncounted = (ways != "") & counts.isna().to_numpy()
    if not uncounted.any():
        return corrections
    several, by_value = corrections[uncounted], ways[uncounted] == "value"
    rows = several.index.to_numpy(dtype=int)
    texts = [_delivered(typed, *cell) for cell in zip(several["column"], rows, strict=True)]
    alike = several[["rule", "column"]].assign(
        sheet=stack.place["sheet"].to_numpy()[rows],
        owner=typed.owners.iloc[rows].astype("str").to_numpy(),
        old=np.where(by_value, texts, ""),
        new=several["new"].where(by_value, ""),
    )
    number = alike.groupby(list(alike), dropna=False).ngroup()
    other, kept = counts.to_numpy(dtype=object, copy=True), ~uncounted
    other[uncounted] = number.map(number.value_counts()).astype("str")
    kept[uncounted] = ~number.duplicated()
    return corrections.assign(other=other)[kept]


def _located(hits: pd.DataFrame, stack: Stack, typed: Typed, language: str) -> pd.DataFrame:
    """Hits with file, sheet, row, cell, column and value as delivered, and the sentence."""
    hits = hits.sort_index(kind="stable")
    rows = hits.index.to_numpy(dtype=int)
    sheet = stack.place["sheet"].to_numpy()[rows]
    row = stack.place["row"].to_numpy()[rows]
    names = hits["column"].to_list()
    places = [stack.headings[s].places.get(name, -1) for s, name in zip(sheet, names, strict=True)]
    table = pd.DataFrame(
        {
            "municipality": typed.owners.iloc[rows].astype("str").fillna("").to_numpy(),
            "table": stack.spec.name,
            "file": [stack.sheets[s].file for s in sheet],
            "sheet": [stack.sheets[s].sheet for s in sheet],
            "row": row,
            "cell": [stack.sheets[s].cell(place, r) for s, place, r in zip(sheet, places, row, strict=True)],
            "column": [
                stack.sheets[s].header[place] if place >= 0 else stack.spec.columns[name].label[language]
                for s, place, name in zip(sheet, places, names, strict=True)
            ],
            "value": [_delivered(typed, name, r) for name, r in zip(names, rows, strict=True)],
            "rule": hits["rule"].to_numpy(),
        }
    )
    extra = hits.drop(columns=["rule", "column"]).reset_index(drop=True)
    if "new" in extra:
        once = table["rule"].map(lambda rule: "once" in load_contract().rules[rule])
        table["new"] = extra["new"]
        table["cells"] = pd.to_numeric(extra["other"].where(once)).fillna(1) if "other" in extra else 1
    table = table.assign(message=_messages(table, names, rows, extra, (stack, typed, language)))
    return _without_place(table)


def _without_place(table: pd.DataFrame) -> pd.DataFrame:
    """What is about rows that are not there has no row, cell, column or value."""
    rules = load_contract().rules
    gaps = [name for name in table["rule"].unique() if rules[name].get("about") == "gap"]
    absent = table["rule"].isin(gaps)
    if not absent.any():
        return table
    texts = {name: table[name].mask(absent, "") for name in ("cell", "column", "value")}
    return table.assign(row=table["row"].astype("Int64").mask(absent), **texts)


def _delivered(typed: Typed, name: str, row: int) -> str:
    """The cell as it was delivered, "" when it was empty or the column is not there."""
    cells = typed.cells.get(name)
    return "" if cells is None or cells.codes[row] < 0 else _short(str(cells.texts[cells.codes[row]]))


def _short(text: str) -> str:
    """A cell or heading as a journal shows it; nobody reads more of it."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_About = tuple[Stack, Typed, str]


def _messages(
    table: pd.DataFrame, names: list[str], rows: np.ndarray, extra: pd.DataFrame, about: _About
) -> list[str]:
    records = extra.to_dict("records") if len(extra.columns) else [{} for _ in rows]
    columns = zip(table["rule"], table["column"], table["value"], names, rows, records, strict=True)
    return [
        _message(rule, header, this, (name, row), extras, about)
        for rule, header, this, name, row, extras in columns
    ]


def _message(
    rule: str, header: str, this: str, cell: tuple[str, int], extra: Mapping[Any, Any], about: _About
) -> str:
    stack, typed, language = about
    entry = load_contract().rules[rule]
    known = {"this": this, "header": header, "limit": entry.get("limit", "")}
    known |= _worded(extra, stack, language)
    spec = stack.spec.columns[cell[0]]
    lookups = {
        "label": lambda: spec.label[language],
        "table": lambda: stack.spec.label[language],
        "other": lambda: _other(rule, spec, this, language),
    }
    fields = {}
    for name in _fields(entry[language]):
        if name in known:
            fields[name] = known[name]
        else:
            fields[name] = lookups[name]() if name in lookups else _delivered(typed, name, cell[1])
    return fill(entry[language], **fields)


@cache
def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _worded(extra: Mapping[Any, Any], stack: Stack, language: str) -> dict[str, str]:
    """What a rule added; names of tables (`target`) and columns (`first`, `last`) become their labels."""
    tables = load_contract().tables
    worded = {name: value for name, value in extra.items() if isinstance(value, str)}
    if "phrase" in worded:
        worded["other"] = load_contract().rules["phrases"][worded["phrase"]][language]
    if "target" in worded:
        worded["target"] = tables[worded["target"]].label[language]
    return worded | {
        name: stack.spec.columns[worded[name]].label[language] for name in ("first", "last") if name in worded
    }


def _other(rule: str, spec: ColumnSpec, this: str, language: str) -> str:
    """What a rule about one cell adds: the type, the limits, or the nearest name on the list."""
    contract = load_contract()
    if rule == "C02":
        return contract.words["types"][spec.type][language]
    if rule == "C04":
        return limits_in_words(spec, contract, language)
    return _nearest_code(this, spec.enum, language)


@cache
def _nearest_code(this: str, enum: str, language: str) -> str:
    entries = load_framework().enums[enum]
    known = [*entries, *(entry[language] for entry in entries.values())]
    return _did_you_mean(nearest(this, known), language)


def _did_you_mean(name: str, language: str) -> str:
    return load_contract().rules["phrases"]["nearest"][language].format(name=name) if name else ""


def _fault_row(fault: Fault, owner: str, language: str) -> dict[str, Any]:
    entry = load_contract().rules[fault.rule]
    tables = load_contract().tables
    value = _short(fault.value)
    spec = tables[fault.table].columns.get(fault.column) if fault.table else None
    fields = {
        "this": value,
        "table": tables[fault.table].label[language] if fault.table else "",
        "label": spec.label[language] if spec else "",
        "other": _fault_other(fault, language),
    }
    return {
        "municipality": owner,
        "table": fault.table,
        "file": fault.file,
        "sheet": fault.sheet,
        "row": fault.row if fault.place >= 0 else pd.NA,
        "cell": cell_name(fault.place, fault.row),
        "column": value if fault.rule in _OF_HEADINGS else fields["label"],
        "value": value,
        "rule": fault.rule,
        "severity": entry["severity"],
        "message": fill(entry[language], **fields),
        "remedy": entry.get(f"do_{language}", ""),
    }


def _fault_other(fault: Fault, language: str) -> str:
    contract = load_contract()
    if fault.phrase:
        return fill(contract.rules["phrases"][fault.phrase][language], this=fault.value, most=fault.other)
    if fault.rule == "F03":
        return _did_you_mean(nearest(fault.value, _names(contract.tables.values())), language)
    if fault.rule == "F04":
        columns = contract.tables[fault.table].columns.values()
        return _did_you_mean(nearest(fault.value, _names(columns)), language)
    if fault.rule == "F05":
        spec = contract.tables[fault.table].columns[fault.column]
        return f"`{spec.name}`, `{spec.danish}`"
    return fault.other


def _names(specs: Iterable[ColumnSpec | TableSpec]) -> list[str]:
    return [text for spec in specs for text in (spec.name, spec.danish, *spec.label.values())]
