"""How one municipality writes: the shape of its delivery and the notation of its cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
import yaml

from klktools.contract import ColumnSpec, load_contract
from klktools.contract.text import split_unit
from klktools.framework import load_framework

_FOLDER = Path(__file__).parent
_LONGEST_WORD = 30  # longer words of a list are written as the list's code
_CONSTANTS = {"FAELLES": "ACROSS_THE_BOARD"}
_NO_THOUSANDS = ("year", "budget_year", "region_code")


@dataclass(frozen=True)
class Way:
    """One way of handing in; the values are explained in `ways.yaml`."""

    shape: str
    heads: str
    code: str
    date: str
    month: str
    yes: str
    no: str
    lists: str
    encoding: str
    separator: str
    thousands: bool = False
    percent: bool = False

    def is_csv(self, table: str) -> bool:
        """Whether a table is handed in as csv."""
        if table == "usage_log" or self.shape == "csv":
            return True
        return self.shape == "mixed" and table in load("ways")["from_systems"]


@cache
def load(name: str) -> Mapping[str, Any]:
    """The YAML file `name` of this folder."""
    return MappingProxyType(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def way_of(municipality: str) -> Way:
    """The way of a municipality: its own by `mistakes.yaml`, else by its code, so that all ways are used."""
    ways = load("ways")["ways"]
    own = {name: value for name, value in settings_of(municipality).items() if name != "mistakes"}
    chosen = own.pop("way", None) or list(ways)[crc32(municipality.encode()) % len(ways)]
    return Way(**{**ways[chosen], **own})


def settings_of(municipality: str) -> Mapping[str, Any]:
    """What `mistakes.yaml` says of a municipality."""
    return load("mistakes")["municipalities"].get(municipality, {})


def heading(spec: ColumnSpec, way: Way) -> str:
    """What the municipality calls a column."""
    if way.heads == "name":
        return spec.danish
    if spec.type == "share" and way.percent:
        return f"{split_unit(spec.label['da'])[0]} (pct.)"
    return spec.label["da"]


def write_cells(column: pd.Series, spec: ColumnSpec, way: Way, *, csv: bool) -> pd.Series:
    """A typed column in the notation of the municipality.

    Parameters
    ----------
    column : Series
        Typed as in a Round.
    spec : ColumnSpec
        Of the column.
    way : Way
    csv : bool
        True for text only, False for the cells of a workbook (numbers and dates stay what they are).

    Returns
    -------
    Series of object
        None where the cell is empty.
    """
    if spec.type in ("id", "text") and not spec.codes:
        return column.astype(object).where(column.notna(), None)
    codes, distinct = pd.factorize(column)
    written = [write_value(value, spec, way, csv=csv) for value in distinct]
    cells = np.array([*written, None], dtype=object)[codes]
    return pd.Series(cells, index=column.index, dtype=object)


def write_value(value: Any, spec: ColumnSpec, way: Way, *, csv: bool) -> Any:
    """One value in the notation of the municipality."""
    match spec.type:
        case "code":
            return str(value) if way.code == "text" else (str(int(value)) if csv else int(value))
        case "date":
            return _date(value, way.date, csv)
        case "month":
            return _date(value, way.month, csv)
        case "timestamp":
            return f"{value:%Y-%m-%d %H:%M}"
        case "bool":
            return way.yes if value else way.no
        case "int" | "kr" | "decimal" | "share":
            return _number(float(value), spec, way, csv)
    return _word(str(value), spec, way)


def _date(value: pd.Timestamp, pattern: str, csv: bool) -> Any:
    if pattern == "cell":
        return f"{value:%d-%m-%Y}" if csv else dt.date(value.year, value.month, value.day)
    word = load_contract().words["months"][value.month][0]
    return value.strftime(pattern).replace("{long}", word).replace("{short}", word[:3])


def _number(value: float, spec: ColumnSpec, way: Way, csv: bool) -> Any:
    if spec.type == "share":
        value = round(value * (spec.unit_of(heading(spec, way)) or 1), 6)
    if not csv:
        return int(value) if value.is_integer() else value
    if not value.is_integer():
        return repr(value).replace(".", ",")
    if way.thousands and spec.type in ("int", "kr") and spec.name not in _NO_THOUSANDS:
        return f"{int(value):,}".replace(",", ".")
    return str(int(value))


@cache
def _lists() -> Mapping[str, Any]:
    return load_framework().enums


def _word(text: str, spec: ColumnSpec, way: Way) -> str:
    """A code of a list as the list's Danish word or Danish code; any other text as it is."""
    if not spec.enum:
        return next((spelling for spelling, code in _CONSTANTS.items() if code == text), text)
    entry = _lists()[spec.enum][text]
    if way.lists == "label" and len(entry["da"]) <= _LONGEST_WORD:
        return entry["da"]
    return str(next(iter(entry.get("aliases", ())), text))
