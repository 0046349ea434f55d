"""Which column of a sheet is which column of the contract, and a table's sheets under one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from klktools.contract import load_contract
from klktools.contract.spec import TableSpec
from klktools.intake.files import Fault, Sheet
from klktools.intake.files.shape import recognise


@dataclass(frozen=True)
class Heading:
    """Where a sheet's columns are: name -> place in the file (from 0) and -> what its unit stands for."""

    places: Mapping[str, int]
    units: Mapping[str, float]
    usable: bool

    def fewest(self, spec: TableSpec) -> int:
        """The fields that a row must have for every column that must be there."""
        return 1 + max((self.places.get(name, -1) for name in spec.needed), default=-1)


@dataclass(frozen=True)
class Stack:
    """The sheets of one table under one another.

    `place` has one row per delivered row: `sheet` (number in `sheets`) and `row` (as Excel shows it);
    its index is the row's number in every table made from the stack.
    """

    spec: TableSpec
    sheets: tuple[Sheet, ...]
    headings: tuple[Heading, ...]
    place: pd.DataFrame

    def column(self, name: str) -> pd.Series:
        """One column as delivered, over all sheets; missing where a sheet does not have it."""
        parts = [
            _part(sheet, heading, name) for sheet, heading in zip(self.sheets, self.headings, strict=True)
        ]
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)

    def units(self, name: str) -> np.ndarray | float:
        """What the unit of the column stands for: one number, or one for every row where sheets differ."""
        units = np.array([heading.units.get(name, 1.0) for heading in self.headings])
        if (units == units[0]).all():
            return float(units[0])
        return units[self.place["sheet"].to_numpy()]

    @property
    def usable(self) -> np.ndarray:
        """Which rows can be used: their sheet has its columns, and no fault of the file reaches them."""
        sheet, row = self.place["sheet"].to_numpy(), self.place["row"].to_numpy()
        usable = np.array([heading.usable for heading in self.headings])[sheet]
        for number, given in enumerate(self.sheets):
            if len(given.refused):
                usable &= (sheet != number) | ~np.isin(row, np.array(list(given.refused)))
        return usable

    def delivered(self, name: str) -> bool:
        """Whether any sheet has the column."""
        return any(name in heading.places for heading in self.headings)


def stack(sheets: Sequence[Sheet], spec: TableSpec) -> tuple[Stack, list[Fault]]:
    """Put the sheets of one table under one another by the contract's columns.

    Returns
    -------
    stack : Stack
    faults : list of Fault
        Unknown (F04), missing (F05) and repeated (F06) columns; the last two make a sheet's rows unusable.
    """
    read = [_heading(sheet, spec) for sheet in sheets]
    places = [_rows(number, sheet) for number, sheet in enumerate(sheets)]
    headings = tuple(heading for heading, _ in read)
    return (
        Stack(spec, tuple(sheets), headings, pd.concat(places, ignore_index=True)),
        [fault for _, faults in read for fault in faults],
    )


def _rows(number: int, sheet: Sheet) -> pd.DataFrame:
    rows = sheet.rows.index.to_numpy(dtype="int32")
    return pd.DataFrame({"sheet": np.full(len(rows), number, dtype="int32"), "row": rows})


def _part(sheet: Sheet, heading: Heading, name: str) -> pd.Series:
    if name not in heading.places:
        return pd.Series(np.nan, index=sheet.rows.index, dtype="str")
    return sheet.rows[heading.places[name]]


def _heading(sheet: Sheet, spec: TableSpec) -> tuple[Heading, list[Fault]]:
    places: dict[str, int] = {}
    units: dict[str, float] = {}
    faults: list[Fault] = []
    for place, text in enumerate(sheet.header):
        name, unit = recognise(text, spec.name)
        if name and name not in places:
            places[name], units[name] = place, unit
        elif name or text or sheet.rows[place].notna().any():
            faults.append(_fault(_rule(name, text), sheet, column=name, value=text, place=place))
    faults += [_fault("F05", sheet, column=name) for name in spec.needed if name not in places]
    return Heading(places, units, not any(fault.rule in ("F05", "F06") for fault in faults)), faults


def _rule(name: str, text: str) -> str:
    if name:
        return "F06"
    return "P04" if load_contract().names_notes(text, "columns") else "F04"


def _fault(rule: str, sheet: Sheet, *, column: str = "", value: str = "", place: int = -1) -> Fault:
    return Fault(rule, sheet.file, sheet.sheet, sheet.table, column=column, value=value, place=place)
