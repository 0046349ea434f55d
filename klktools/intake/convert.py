"""The cells of one table to typed columns, with what could not be read or was read otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec, load_contract
from klktools.intake import cells as read
from klktools.intake.cells import Cells
from klktools.intake.headings import Stack
from klktools.intake.hits import NO_HITS, hits, together

_NUMBERS = ("int", "decimal", "share", "kr")
_WHOLE = ("int", "kr")
_DANISH, _ENGLISH, _UNKNOWN = 1, -1, 0


@dataclass(frozen=True)
class Typed:
    """What is left to tell of a table when its cells are typed.

    `owners` is the municipality of each row; `cells` holds every delivered column as text; `broken` the
    cells that could not be read and `repaired` those read in another notation, as hits (see
    `klktools.intake.hits`).
    """

    owners: pd.Series
    cells: Mapping[str, Cells]
    broken: pd.DataFrame
    repaired: pd.DataFrame


def convert(stack: Stack) -> tuple[pd.DataFrame, Typed]:
    """The stack in the contract's dtypes; a cell that cannot be read is missing and reported.

    Parameters
    ----------
    stack : Stack
        One table's sheets. Numbers are read in the notation of the majority of each sheet's numbers (E05).
    """
    specs = stack.spec.columns.values()
    cells = {c.name: read.split_cells(stack.column(c.name)) for c in specs if stack.delivered(c.name)}
    notation = _notation(stack, cells)
    columns = [_column(spec, cells.get(spec.name), stack, notation) for spec in specs]
    named = {spec.name: column[0] for spec, column in zip(specs, columns, strict=True)}
    return pd.DataFrame(named, copy=False), Typed(
        owners=named["municipality"].rename("municipality"),
        cells=cells,
        broken=together(column[1] for column in columns),
        repaired=together(column[2] for column in columns),
    )


def _notation(stack: Stack, cells: Mapping[str, Cells]) -> np.ndarray:
    """For every row the notation of its sheet's numbers; with commas between fields decimals have points."""
    sheet = stack.place["sheet"].to_numpy()
    votes = np.zeros(len(stack.sheets))
    for name, column in cells.items():
        spec = stack.spec.columns[name]
        if spec.type in _NUMBERS and len(column.texts):
            distinct = read.notation_votes(column, whole=spec.type in _WHOLE)
            if distinct.any():
                votes += np.bincount(sheet, np.append(distinct, 0)[column.codes], minlength=len(votes))
    commas = np.array([given.separator == "," for given in stack.sheets])
    chosen = np.where(votes == 0, np.where(commas, _ENGLISH, _UNKNOWN), np.sign(votes))
    return chosen.astype("int8")[sheet]


_Column = tuple[pd.Series, pd.DataFrame, pd.DataFrame]


def _column(spec: ColumnSpec, cells: Cells | None, stack: Stack, notation: np.ndarray) -> _Column:
    if cells is None:
        return pd.Series(index=stack.place.index, dtype=spec.dtype), NO_HITS, NO_HITS
    if spec.type in _NUMBERS:
        return _numbers(spec, cells, stack, notation)
    values, kinds = _values(spec, cells)
    column = pd.Series(cells.spread(values), dtype=spec.dtype)
    rule = {"enum": "C03", "code": "C05"}.get(spec.type, "C02")
    broken = hits(column.isna().to_numpy() & (cells.codes >= 0), rule, spec.name)
    return column, broken, _repairs(spec, cells, kinds, column, stack)


def _values(
    spec: ColumnSpec, cells: Cells
) -> tuple[pd.api.extensions.ExtensionArray | np.ndarray, np.ndarray]:
    """The value of each distinct text, and by which rule it was repaired ("" when it was not)."""
    words = load_contract().words
    plain = np.full(len(cells.texts), "", dtype="U3")
    match spec.type:
        case "date":
            return read.read_dates(cells)
        case "month":
            return read.read_months(cells, words["months"])
        case "timestamp":
            return read.read_times(cells), plain
        case "code":
            codes, kinds = read.read_municipalities(cells)
            return pd.array(codes, dtype=spec.dtype), kinds
        case "bool":
            return pd.array(read.read_codes(cells, truths(words["booleans"])), dtype="boolean"), plain
        case "enum":
            return pd.array(read.read_codes(cells, spec.codes), dtype=spec.dtype), plain
        case "list":
            return pd.array([_tidy_list(text) for text in cells.texts], dtype=spec.dtype), plain
    constants = read.read_codes(cells, spec.codes)
    texts = [text if code is None else code for text, code in zip(cells.texts, constants, strict=True)]
    return pd.array(texts, dtype=spec.dtype), plain


def truths(booleans: Mapping[bool, tuple[str, ...]]) -> dict[str, bool]:
    """Every spelling of yes and no, and what it means."""
    return {text: truth for truth, texts in booleans.items() for text in texts}


def _tidy_list(text: str) -> str:
    return "|".join(part.strip() for part in text.split("|") if part.strip())


def _repairs(
    spec: ColumnSpec, cells: Cells, kinds: np.ndarray, column: pd.Series, stack: Stack
) -> pd.DataFrame:
    """Codes and serial dates are logged cell by cell, a notation once for the sheet."""
    known = column.notna().to_numpy()
    parts = []
    for rule in sorted(set(kinds) - {""}):
        rows = cells.mark(kinds == rule) & known
        once = rule in ("E10", "E11")
        parts.append(
            _per_sheet(rows, rule, spec, column, stack) if once else _per_cell(rows, rule, spec, column)
        )
    return together(parts)


def _per_cell(rows: np.ndarray, rule: str, spec: ColumnSpec, column: pd.Series) -> pd.DataFrame:
    return hits(rows, rule, spec.name, new=[say_value(value) for value in column[rows]])


def _per_sheet(
    rows: np.ndarray, rule: str, spec: ColumnSpec, column: pd.Series, stack: Stack
) -> pd.DataFrame:
    """The first cell of each sheet, with the number of cells like it."""
    if not rows.any():
        return NO_HITS
    sheet = stack.place.loc[rows, "sheet"]
    first = sheet.drop_duplicates().index
    chosen = np.isin(np.arange(len(rows)), first)
    counts = sheet.map(sheet.value_counts()).loc[first].astype("str")
    return hits(chosen, rule, spec.name, new=[say_value(value) for value in column[chosen]], other=counts)


def say_value(value: object) -> str:
    """A value as a log shows it: dates without a time, whole numbers without a decimal point."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _numbers(spec: ColumnSpec, cells: Cells, stack: Stack, notation: np.ndarray) -> _Column:
    danish, english = (np.append(read.read_numbers(cells, danish=which), np.nan) for which in (True, False))
    differ = ~np.isnan(danish) & ~np.isnan(english) & (danish != english)
    only = np.where(differ, np.nan, np.where(np.isnan(danish), english, danish))
    # one line for each notation, English to Danish; the last text is that of an empty cell
    values = np.stack([english, only, danish])[notation + 1, cells.codes]
    ambiguous = (notation == _UNKNOWN) & differ[cells.codes]
    scaled = _scaled(spec, values, cells, stack.units(spec.name))
    unreadable = np.isnan(scaled) & (cells.codes >= 0)
    broken = [hits(ambiguous, "E05", spec.name), hits(unreadable & ~ambiguous, "C02", spec.name)]
    column = pd.Series(pd.array(scaled, dtype=spec.dtype))
    told_apart = ~np.isnan(danish) & (danish != english)
    never = np.zeros_like(told_apart)
    in_danish = np.stack([never, told_apart & ~differ, told_apart])[notation + 1, cells.codes]
    return column, together(broken), _per_sheet(in_danish, "E05a", spec, column, stack)


def _scaled(spec: ColumnSpec, values: np.ndarray, cells: Cells, units: np.ndarray | float) -> np.ndarray:
    if spec.type == "share":
        return values / np.where(cells.mark(read.is_percent(cells)), 100.0, units)
    if spec.type == "kr":
        return values * units
    if spec.type == "int":
        return np.where(np.mod(np.nan_to_num(values), 1) == 0, values, np.nan)
    return np.where(cells.mark(read.is_percent(cells)), np.nan, values)


def out_of_limits(data: pd.DataFrame, typed: Typed, stack: Stack) -> Iterator[pd.DataFrame]:
    """C01 (a required cell is empty) and C04 (a number outside the column's limits), as hits."""
    for spec in stack.spec.columns.values():
        column = data[spec.name]
        if spec.name in stack.spec.needed:
            cells = typed.cells.get(spec.name)
            empty = column.isna().to_numpy() if cells is None else cells.codes < 0
            yield hits(empty, "C01", spec.name)
        if spec.type in _NUMBERS and (spec.low is not None or spec.high is not None):
            low, high = (
                (-np.inf if spec.low is None else spec.low),
                (np.inf if spec.high is None else spec.high),
            )
            yield hits(
                ~column.fillna(low if spec.low is not None else high).between(low, high), "C04", spec.name
            )
