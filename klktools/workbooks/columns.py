"""A column of the contract as a person fills it in: its heading's comment, its checks, how it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from klktools.contract import ColumnSpec, TableSpec, load_contract
from klktools.contract.describe import limits_in_words
from klktools.framework import load_framework
from klktools.workbooks.book import load_words, read_text_file

LAST_ROW = 1_048_575  # from 0
_BY_CODE = ("question", "criterion")  # lists whose labels are sentences: their codes are chosen
_LONGEST_ID = 40
_YEARS = ("year", "budget_year", "region_code")
_FIRST_DAY, _LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
_MOST = 10**12
# ids that may name what is delivered later, or not at all: chosen from a list, refused by none
_HINTED = {
    "dependencies.requires": "initiatives",
    "assumptions.gain": "gains",
    "departments.replaces": "departments",
}
_MONTHS = {"da": "[$-406]mmm yyyy", "en": "[$-809]mmm yyyy"}


@dataclass(frozen=True)
class Field:
    """A column where it is filled in: of which table, and in which language."""

    table: TableSpec
    column: ColumnSpec
    language: str

    @property
    def words(self) -> Mapping[str, Any]:
        """The words of the workbooks."""
        return load_words(self.language)

    @property
    def heading(self) -> str:
        """The contract's label, with its unit where one is declared."""
        return self.column.label[self.language]

    @property
    def refers_to(self) -> str:
        """The table whose ids are chosen from, or ""."""
        return self.column.references or _HINTED.get(f"{self.table.name}.{self.column.name}", "")

    @property
    def list_name(self) -> str:
        """The list on the sheet of lists, or ""."""
        return "yes_no" if self.column.type == "bool" else self.column.enum

    @property
    def number_format(self) -> str:
        """How Excel shows a value: Danish dates, months by name, shares in per cent, codes as text."""
        if self.column.name in _YEARS:
            return "0"
        kinds = {
            **dict.fromkeys(("code", "id", "text", "enum", "bool", "list"), "@"),
            **{"int": "#,##0", "kr": "#,##0", "share": "0.0%", "decimal": "General"},
            **{"date": "dd-mm-yyyy", "timestamp": "dd-mm-yyyy hh:mm:ss", "month": _MONTHS[self.language]},
        }
        return kinds[self.column.type]

    @property
    def width(self) -> float:
        """Characters wide: for its values, and for the longest word of its heading."""
        kinds = {"text": 26, "list": 24, "enum": 20, "timestamp": 20, "kr": 15, "code": 14}
        longest = max(len(word) for word in f"{self.heading} *".split())
        return max(kinds.get(self.column.type, 12), longest + 4)

    def comment(self, example: Any) -> str:
        """What the column is, how to write it, whether it must be filled in, its limits and an example."""
        words = self.words["comment"]
        demand = "filled" if self.column.default is not None else self._demand
        limits = limits_in_words(self.column, load_contract(), self.language)
        lines = [
            f"{self._about}.",
            words[demand],
            self._how(words),
            words["limits"].format(limits=limits) if limits and self.column.type != "share" else "",
            words["example"].format(example=self.shown(example)) if example is not None else "",
        ]
        return "\n".join(line for line in lines if line)

    @property
    def _demand(self) -> str:
        return "required" if self.column.required else "optional"

    @property
    def _about(self) -> str:
        texts = read_text_file("template_columns")
        own = texts["overrides"].get(f"{self.table.name}.{self.column.name}")
        return (own or texts["columns"][self.column.name])[self.language]

    def _how(self, words: Mapping[str, Any]) -> str:
        if self.list_name or self.refers_to in ("municipalities",):
            return words["list"]
        if self.column.type in ("share", "month"):
            return words[f"{self.column.type}s"]
        kind = load_contract().words["types"][self.column.type][self.language]
        return "" if self.column.type in ("text", "list", "id") else words["type"].format(type=kind)

    def value(self, raw: Any) -> Any:
        """A value of the contract as a person would choose or type it: labels for codes, yes and no."""
        if isinstance(raw, dict):
            return raw[self.language]
        if self.column.type == "bool":
            return list_entries("yes_no", self.language)[0 if raw else 1]
        if self.column.enum:
            known = load_framework().enums[self.column.enum]
            return raw if self.column.enum in _BY_CODE else known[str(raw)][self.language]
        if self.column.type == "timestamp":
            return dt.datetime.fromisoformat(raw)
        return raw

    def shown(self, raw: Any) -> str:
        """A value as text, in the language's notation."""
        value = self.value(raw)
        if self.column.type == "share":
            return f"{value * 100:g} %"
        if self.column.type == "month":
            return value.strftime("%m-%Y")
        if isinstance(value, dt.datetime):
            return value.strftime("%d-%m-%Y %H:%M")
        if isinstance(value, dt.date):
            return value.strftime("%d-%m-%Y")
        if isinstance(value, float):
            return f"{value:g}".replace(".", "," if self.language == "da" else ".")
        return str(value)

    def check(self, lists: Mapping[str, str]) -> dict[str, Any] | None:
        """The data validation of XlsxWriter, or None where anything may be written.

        Parameters
        ----------
        lists : mapping
            List or referred table -> the formula of its range.
        """
        if self.column.type == "list":
            return self._chosen(lists[self.refers_to], "") if self.refers_to else None
        if self.list_name:
            return self._chosen(lists[self.list_name], "stop")
        if self.refers_to in lists:
            return self._chosen(lists[self.refers_to], "warning" if self.column.references else "")
        return self._typed()

    def _chosen(self, source: str, refused: str) -> dict[str, Any]:
        check: dict[str, Any] = {"validate": "list", "source": source}
        if not refused:
            return {**check, "show_error": False}
        title, text = self.words["input"]["list" if refused == "stop" else "refer"]
        sheet = load_contract().tables[self.refers_to].label[self.language] if self.refers_to else ""
        return {
            **check,
            "error_type": refused,
            "error_title": title,
            "error_message": text.format(sheet=sheet),
        }

    def _typed(self) -> dict[str, Any] | None:
        kind = self.column.type
        if kind in ("text", "timestamp"):
            return None
        if kind in ("date", "month"):
            bounds: dict[str, Any] = {"minimum": _FIRST_DAY, "maximum": _LAST_DAY}
            return self._refusing(kind, {"validate": "date", **bounds}, limits="")
        if kind in ("code", "id"):
            shortest, longest = (4, 4) if kind == "code" else (1, _LONGEST_ID)
            length = {"validate": "length", "minimum": shortest, "maximum": longest}
            return self._refusing(kind, length, limits="", length=longest)
        return self.within(self.column.low, self.column.high)

    def within(self, low: float | None, high: float | None) -> dict[str, Any]:
        """The validation of a number between two limits, either of which may be none."""
        kind = self.column.type
        check = {
            "validate": "integer" if kind == "int" else "decimal",
            "minimum": -_MOST if low is None else low,
            "maximum": _MOST if high is None else high,
        }
        name = kind if kind in ("int", "share") else "number"
        return self._refusing(name, check, limits=self._limits({"low": low, "high": high}))

    def _limits(self, ends: Mapping[str, float | None]) -> str:
        known = [end for end, bound in ends.items() if bound is not None]
        if not known:
            return ""
        phrase = "between" if len(known) == 2 else {"low": "at_least", "high": "at_most"}[known[0]]
        scale = 100 if self.column.type == "share" else 1
        texts = {end: f"{scale * bound:g}" for end, bound in ends.items() if bound is not None}
        comma = {end: text.replace(".", "," if self.language == "da" else ".") for end, text in texts.items()}
        return self.words["input"][phrase].format(**comma)

    def _refusing(self, name: str, check: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        title, text = self.words["input"][name]
        message = " ".join(text.format(**fields).replace(" .", ".").replace(" ,", ",").split())
        return {**check, "criteria": "between", "error_title": title, "error_message": message}


def fields_of(table: TableSpec, language: str) -> list[Field]:
    """The columns a person fills in, the municipality's code first."""
    columns = [column for column in table.columns.values() if not column.derived]
    ordered = sorted(columns, key=lambda column: column.name != "municipality")
    return [Field(table, column, language) for column in ordered]


def list_entries(name: str, language: str) -> list[str]:
    """What can be chosen on a list, in the words of the language."""
    if name == "yes_no":
        truths = load_contract().words["workbook"]["yes_no"][language]
        return list(truths)
    entries = load_framework().enums[name]
    return list(entries) if name in _BY_CODE else [entry[language] for entry in entries.values()]
