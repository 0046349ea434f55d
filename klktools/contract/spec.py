"""The contract as objects: which tables there are, their columns, and by which names a file may call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import yaml

from klktools.contract.text import fold, split_unit
from klktools.errors import ParameterError, sentence
from klktools.framework import load_framework

_FOLDER = Path(__file__).parent
_WORDS = (
    *("booleans", "dont_know", "excel_errors", "months", "notes", "numbers", "totals", "types", "workbook"),
    "words",
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DTYPES = {
    **dict.fromkeys(("code", "id", "text", "enum", "list"), "str"),
    **dict.fromkeys(("decimal", "share", "kr"), "float64"),
    **dict.fromkeys(("date", "month", "timestamp"), "datetime64[us]"),
    "int": "Int64",
    "bool": "boolean",
}


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a table.

    `aliases` maps every folded name of the column to the number its unit stands for (1 when there is
    none); `units` maps the folded units its head may declare. `codes` maps every folded spelling of an
    enum to its code. `texts` is the dtype of texts in its table: str, or category where millions of rows
    repeat a few texts.
    """

    name: str
    type: str
    required: bool
    derived: bool
    default: Any
    enum: str
    references: str
    low: float | None
    high: float | None
    danish: str
    label: Mapping[str, str]
    aliases: Mapping[str, float]
    units: Mapping[str, float]
    codes: Mapping[str, str]
    texts: str

    @property
    def dtype(self) -> Any:
        """The pandas dtype of the column in a Round."""
        return self.texts if _DTYPES[self.type] == "str" else _DTYPES[self.type]

    def unit_of(self, heading: str) -> float | None:
        """The number the heading's unit stands for, or None when the heading is not this column's."""
        if fold(heading) in self.aliases:
            return self.aliases[fold(heading)]
        stem, unit = split_unit(heading)
        known = self.units.get(fold(unit), None if self.units else 1.0)
        return known if fold(stem) in self.aliases else None


@dataclass(frozen=True)
class TableSpec:
    """One table of the contract (framework section 3)."""

    name: str
    id: str
    key: tuple[str, ...]
    optional: bool
    danish: str
    label: Mapping[str, str]
    columns: Mapping[str, ColumnSpec]

    @property
    def needed(self) -> list[str]:
        """Columns a file must have: required, and neither computed nor filled in when missing."""
        return [c.name for c in self.columns.values() if c.required and not c.derived and c.default is None]


@dataclass(frozen=True)
class Contract:
    """Every table of a round by its canonical name, in the order T1-T18; the restricted table of notes (T6);
    and the words about them."""

    tables: Mapping[str, TableSpec]
    notes: TableSpec
    words: Mapping[str, Any]
    rules: Mapping[str, Mapping[str, Any]]

    def table_named(self, text: str) -> str:
        """The canonical name of a file or sheet, by name, Danish name or label; "" when it is none."""
        return self.words["table_aliases"].get(fold(text), "")

    def names_notes(self, text: str, of: str) -> bool:
        """Whether the name of a file or sheet (`of` is "files") or of a column ("columns") says notes."""
        return not set(fold(text).replace(".", "_").split("_")).isdisjoint(self.words["notes"][of])

    def names_number(self, heading: str) -> bool:
        """Whether a heading says P numbers, EAN or CVR numbers, which may look like CPR numbers."""
        return fold(heading) in self.words["numbers"]

    @property
    def stopping(self) -> frozenset[str]:
        """The rules that stop a delivery: a round that breaks one cannot be assessed."""
        return frozenset(name for name, rule in self.rules.items() if rule.get("stops"))


@cache
def load_contract() -> Contract:
    """Read the contract from its YAML files, once.

    Returns
    -------
    Contract
        Tables and columns of `tables.yaml`, named by `labels.yaml`, with the rules of `rules.yaml`.
    """
    labels, tables = _read("labels"), _read("tables")
    notes = _table_spec("notes", tables.pop("notes"), labels)
    specs = {name: _table_spec(name, entry, labels) for name, entry in tables.items()}
    aliases = {fold(text): name for name, spec in specs.items() for text in _names(spec)}
    words = {key: labels[key] for key in _WORDS} | {"table_aliases": aliases}
    return Contract(MappingProxyType(specs), notes, _frozen(words), _frozen(_read("rules")))


def empty_table(name: str) -> pd.DataFrame:
    """An empty table with every column of the contract in its dtype.

    Parameters
    ----------
    name : str
        Canonical table name, for example ``"usage"``.
    """
    return _empty(_spec(name).name).copy()


@cache
def _empty(name: str) -> pd.DataFrame:
    columns = load_contract().tables[name].columns.values()
    return pd.DataFrame({column.name: pd.Series(dtype=column.dtype) for column in columns})


def _spec(name: str) -> TableSpec:
    tables = load_contract().tables
    if name not in tables:
        raise ParameterError(
            sentence(
                must="A table must be one of the data contract",
                found=f"found `{name}`",
                remedy=f"Choose one of: {', '.join(tables)}",
            )
        )
    return tables[name]


def _read(name: str) -> Any:
    return yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_LOADER)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return tuple(value) if isinstance(value, list) else value


def _names(spec: TableSpec) -> list[str]:
    return [spec.name, spec.danish, *spec.label.values()]


def _table_spec(name: str, entry: Mapping[str, Any], labels: Mapping[str, Any]) -> TableSpec:
    own = labels["tables"][name]
    shared = {"texts": entry.get("texts", "str")}
    columns = {
        c: _column_spec(f"{name}.{c}", fields | shared, labels) for c, fields in entry["columns"].items()
    }
    return TableSpec(
        name=name,
        id=entry["id"],
        key=tuple(entry["key"]),
        optional=entry["optional"],
        danish=own["name"],
        label=MappingProxyType({"da": own["da"], "en": own["en"]}),
        columns=MappingProxyType(columns),
    )


def _column_spec(place: str, entry: Mapping[str, Any], labels: Mapping[str, Any]) -> ColumnSpec:
    name = place.split(".")[1]
    label = labels["overrides"].get(place) or labels["columns"][name]
    units = {
        fold(str(unit)): float(number) for unit, number in labels["units"].get(entry["type"], {}).items()
    }
    bounds = (0, 1) if entry["type"] == "share" else (None, None)
    return ColumnSpec(
        name=name,
        type=entry["type"],
        required=entry.get("required", False),
        derived=entry.get("derived", False),
        default=entry.get("default"),
        enum=entry.get("enum", ""),
        references=entry.get("references", ""),
        low=entry.get("min", bounds[0]),
        high=entry.get("max", bounds[1]),
        danish=entry["da"],
        label=MappingProxyType(dict(label)),
        aliases=_aliases(name, entry["da"], label, units | {"": 1.0}, labels["declared"]),
        units=MappingProxyType(units | {"": 1.0} if units else {}),
        codes=_codes(entry),
        texts=entry["texts"],
    )


def _aliases(
    name: str,
    danish: str,
    label: Mapping[str, str],
    units: Mapping[str, float],
    declared: Mapping[str, str],
) -> Mapping[str, float]:
    """Folded name -> what its unit stands for; a name's own declared unit wins."""
    texts = [name, danish, *label.values(), *(split_unit(text)[0] for text in label.values())]
    unit = {text: declared.get(text, "") for text in texts}
    return MappingProxyType({fold(text): units.get(fold(unit[text]), 1.0) for text in texts})


def _codes(entry: Mapping[str, Any]) -> Mapping[str, str]:
    if "enum" in entry:
        codes = {code: _spellings(code, item) for code, item in load_framework().enums[entry["enum"]].items()}
    else:
        codes = {code: [code, *texts] for code, texts in entry.get("constants", {}).items()}
    return MappingProxyType({fold(text): code for code, texts in codes.items() for text in texts})


def _spellings(code: str, item: Mapping[str, Any]) -> list[str]:
    return [code, item["da"], item["en"], *(str(alias) for alias in item.get("aliases", ()))]
