"""The cells of one table to typed columns, with what could not be read or was read otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from klktools.contract import ColumnSpec, load_contract
from klktools.intake import cells as read
from klktools.intake import numerals, order
from klktools.intake.cells import Cells
from klktools.intake.headings import Stack
from klktools.intake.hits import NO_HITS, hits, repaired_notation, together
from klktools.intake.names import municipality_names

_COMPOSED = "E35a"
_NARROW = re.compile("#{2,}")  # what Excel shows of a number in a column too narrow


_CODE = re.compile(r"[0-9A-Z]{4}|\d{1,3}")


@dataclass(frozen=True)
class Known:
    """What reading cells may lean on: the municipalities and visits accepted before."""

    municipalities: pd.DataFrame
    visits: pd.DataFrame

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of municipalities -> their codes."""
        return municipality_names(self.municipalities)


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


_Column = tuple[pd.Series, pd.DataFrame, pd.DataFrame]


def convert(stack: Stack, known: Known) -> tuple[pd.DataFrame, Typed]:
    """The stack in the contract's dtypes; a cell that cannot be read is missing and reported.

    Parameters
    ----------
    stack : Stack
        One table's sheets. Numbers are read in the notation of the majority of each sheet's numbers (E05),
        dates in the order of each sheet's clear dates (E10).
    known : Known
    """
    specs = stack.spec.columns.values()
    cells = {c.name: read.split_cells(stack.column(c.name)) for c in specs if stack.delivered(c.name)}
    notation, orders = numerals.notation(stack, cells), order.orders(stack, cells)
    owners = _municipalities(stack, cells, known)
    ways = _Ways(stack, notation, orders, order.Owners(owners[0], known.visits))
    columns = [owners if c.type == "code" else _column(c, cells.get(c.name), ways) for c in specs]
    named = {spec.name: column[0] for spec, column in zip(specs, columns, strict=True)}
    return pd.DataFrame(named, copy=False), Typed(
        owners=named["municipality"].rename("municipality"),
        cells=cells,
        broken=together(column[1] for column in columns),
        repaired=together([*(column[2] for column in columns), *_letters(stack, cells, owners[0])]),
    )


@dataclass(frozen=True)
class _Ways:
    """How the cells of a stack are to be read: the notation of its numbers and the order of its dates."""

    stack: Stack
    notation: np.ndarray
    orders: order.Orders
    owners: order.Owners


def _municipalities(stack: Stack, cells: Mapping[str, Cells], known: Known) -> _Column:
    spec = stack.spec.columns["municipality"]
    if spec.name not in cells:
        return _nothing(spec, stack)
    given = cells[spec.name]
    plain = all(_CODE.fullmatch(text) for text in given.texts)
    codes, kinds = read.read_municipalities(given, {} if plain else known.names)
    column = pd.Series(given.spread(pd.array(codes, dtype=spec.dtype)), dtype=spec.dtype, name=spec.name)
    broken = hits(column.isna().to_numpy() & (given.codes >= 0), "C05", spec.name)
    rules = sorted(set(kinds) - {""})
    sheet = stack.place["sheet"]
    return (
        column,
        broken,
        together(repaired_notation(given.mark(kinds == rule), rule, column, sheet, column) for rule in rules),
    )


def _nothing(spec: ColumnSpec, stack: Stack) -> _Column:
    return pd.Series(index=stack.place.index, dtype=spec.dtype, name=spec.name), NO_HITS, NO_HITS


def _column(spec: ColumnSpec, cells: Cells | None, ways: _Ways) -> _Column:
    """A column's values, its broken and repaired cells; a formula that failed is a missing value (E37)."""
    if cells is None:
        return _nothing(spec, ways.stack)
    if spec.type in numerals.NUMBERS:
        column, broken, repaired = numerals.read(
            spec, cells, ways.stack, ways.notation, ways.owners.municipality
        )
    elif spec.type in order.DATES:
        column, broken, repaired = order.read(spec, cells, ways.orders, ways.owners)
    else:
        column = pd.Series(cells.spread(_values(spec, cells)), dtype=spec.dtype, name=spec.name)
        rule = "C03" if spec.type == "enum" else "C02"
        broken, repaired = hits(column.isna().to_numpy() & (cells.codes >= 0), rule, spec.name), NO_HITS
    if (formulas := failed_formulas(cells)).any():
        failed = cells.mark(formulas)
        column = column.mask(failed)
        broken = together([broken[~failed[broken.index]], hits(failed, "E37", spec.name)])
    return column, broken, repaired


def failed_formulas(cells: Cells) -> np.ndarray:
    """Which distinct texts are what Excel writes where a formula failed, in English or Danish."""
    if cells.typed.all():
        return np.zeros(len(cells.texts), dtype=bool)
    return np.array([text[:1] == "#" and _failed(text) for text in cells.texts], dtype=bool)


def _failed(text: str) -> bool:
    return text.upper() in _errors() or bool(_NARROW.fullmatch(text))


@cache
def _errors() -> frozenset[str]:
    return frozenset(load_contract().words["excel_errors"])


def _letters(stack: Stack, cells: Mapping[str, Cells], owners: pd.Series) -> Iterator[pd.DataFrame]:
    """E35a: letters that came in parts were put together, told once for a sheet, column and municipality."""
    for name, column in cells.items():
        if column.composed.any():
            rows = column.mark(column.composed)
            texts = pd.Series(column.spread(column.texts), name=name)
            yield repaired_notation(rows, _COMPOSED, texts, stack.place["sheet"], owners)


def _values(spec: ColumnSpec, cells: Cells) -> pd.api.extensions.ExtensionArray | np.ndarray:
    """The value of each distinct text."""
    words = load_contract().words
    match spec.type:
        case "bool":
            return pd.array(read.read_codes(cells, truths(words["booleans"])), dtype="boolean")
        case "enum":
            return pd.array(read.read_codes(cells, spec.codes), dtype=spec.dtype)
        case "list":
            return pd.array([_tidy_list(text) for text in cells.texts], dtype=spec.dtype)
    constants = read.read_codes(cells, spec.codes)
    texts = [text if code is None else code for text, code in zip(cells.texts, constants, strict=True)]
    return pd.array(texts, dtype=spec.dtype)


def truths(booleans: Mapping[bool, tuple[str, ...]]) -> dict[str, bool]:
    """Every spelling of yes and no, and what it means."""
    return {text: truth for truth, texts in booleans.items() for text in texts}


def _tidy_list(text: str) -> str:
    return "|".join(part.strip() for part in text.split("|") if part.strip())


def out_of_limits(data: pd.DataFrame, typed: Typed, stack: Stack) -> Iterator[pd.DataFrame]:
    """C01 (a required cell is empty) and C04 (a number outside the column's limits), as hits."""
    for spec in stack.spec.columns.values():
        column = data[spec.name]
        if spec.name in stack.spec.needed:
            cells = typed.cells.get(spec.name)
            empty = column.isna().to_numpy()
            if cells is not None and len(cells.texts):
                empty = empty & ((cells.codes < 0) | cells.mark(failed_formulas(cells)))
            yield hits(empty, "C01", spec.name)
        if spec.type in numerals.NUMBERS and (spec.low is not None or spec.high is not None):
            low, high = (
                (-np.inf if spec.low is None else spec.low),
                (np.inf if spec.high is None else spec.high),
            )
            yield hits(
                ~column.fillna(low if spec.low is not None else high).between(low, high), "C04", spec.name
            )
