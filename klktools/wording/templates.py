"""Templates to sentences, and ids to the labels a reader knows.

A variable of a template is ``{name|formatter}`` or ``{name|formatter:argument}``, and ``{name:has|have}`` is
the first word when it is 1, else the second; nothing else may stand in braces. Values are inserted once and
never read as templates. Solutions are shown by the function they serve, never by product or supplier.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from klktools.errors import TableError, sentence
from klktools.framework import load_framework
from klktools.texts import load_texts
from klktools.wording import numbers

Labels = Mapping[str, Mapping[str, str]]
framework = cache(load_framework)  # one copy for all verbs, which only read it
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PARTS = re.compile(r"(?P<name>\w+)\|(?P<formatter>\w+)(?::(?P<argument>\w+))?")
_EITHER = re.compile(r"(?P<name>\w+):(?P<one>[^|]*)\|(?P<many>[^|]*)")
# formatter -> the list of labels it looks an id up in; its plural takes a list of ids
_KINDS = {
    "solution": "solution",
    "initiative": "initiative",
    "department": "department",
    "group": "department_group",
    "function": "function",
    "criterion": "criterion",
    "role": "role",
    "version": "instrument_version",
    "table": "table",
}


class Sealed(Protocol):
    """What was sealed for one reader: its language, tables, the reference, and what it says of itself."""

    @property
    def language(self) -> str: ...
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...
    @property
    def reference(self) -> pd.DataFrame: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...


class Dossier(Sealed, Protocol):
    """What a report may see of one municipality (see docs/architecture.md)."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Voice:
    """A language together with the labels of one municipality."""

    language: str
    labels: Labels

    def say(self, key: str, **values: Any) -> str:
        """The text under `key` with its variables filled."""
        return self.fill(load_texts(self.language)[key], values)

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """A template with its variables filled."""
        return render(template, values, language=self.language, labels=self.labels)

    def label(self, kind: str, code: Any) -> str:
        """The label of an id or code; one that is not on the list gets a general word."""
        return _label(code, kind=kind, language=self.language, labels=self.labels)

    def has(self, key: str) -> bool:
        """Whether there is a text under `key`."""
        return key in load_texts(self.language)


def voice(d: Dossier) -> Voice:
    """The voice of a dossier: its language, the framework's labels and its own names."""
    own = {
        "solution": solution_labels(d.tables.get("solutions", pd.DataFrame()), language=d.language),
        "initiative": _names(d.tables.get("initiatives", pd.DataFrame()), "initiative"),
        "department": _names(d.tables.get("departments", pd.DataFrame()), "department"),
    }
    return Voice(d.language, MappingProxyType(dict(framework_labels(d.language)) | own))


@cache
def framework_labels(language: str) -> Labels:
    """The framework's enumerations, areas, criteria and questions, and the names of the tables."""
    enums = framework().enums
    lists = {
        kind: {str(code): entry[language] for code, entry in codes.items()} for kind, codes in enums.items()
    }
    tables = {
        key.removeprefix("table."): text for key, text in load_texts(language).items() if key[:6] == "table."
    }
    return MappingProxyType(lists | {"table": tables})


def solution_labels(solutions: pd.DataFrame, *, language: str) -> dict[str, str]:
    """Solution -> its function's label; the second and later in one function (by id) are numbered "(2)" ...

    Parameters
    ----------
    solutions : DataFrame
        One row per solution of one municipality: solution, function.
    language : {"da", "en"}
    """
    if solutions.empty:
        return {}
    functions, seen, named = framework_labels(language)["function"], Counter[str](), {}
    pairs = zip(solutions["solution"].tolist(), solutions["function"].tolist(), strict=True)
    for solution, function in sorted(pairs):
        seen[function] += 1
        number = f" ({seen[function]})" if seen[function] > 1 else ""
        named[solution] = functions[function] + number
    return named


def render(template: str, values: Mapping[str, Any], *, language: str, labels: Labels) -> str:
    """Fill a template.

    Parameters
    ----------
    template : str
        For example ``"{u|pct} af transaktionerne i {solution|solution}"``.
    values : mapping
        Variable -> value; missing values become "kan ikke siges".
    language : {"da", "en"}
    labels : mapping
        Kind ("solution", "criterion" ...) -> id -> label.

    Returns
    -------
    str
        With single spaces, also where an optional sentence was empty, and single full stops.

    Raises
    ------
    TableError
        When a variable has no formatter, an unknown formatter or no value.
    """
    fill = partial(_fill, template=template, values=values, language=language, labels=labels)
    # a number may bring the full stop of "pct." to the end of a sentence
    text = re.sub(r"(?<!\.)\.\.(?!\.)", ".", _VARIABLE.sub(fill, template))
    return re.sub(r" {2,}", " ", text).strip()


def variables(template: str) -> set[tuple[str, str]]:
    """The variables of a template as (name, formatter), for checks."""
    return {(found["name"], found["formatter"]) for found in _PARTS.finditer(template)}


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _fill(
    found: re.Match[str], *, template: str, values: Mapping[str, Any], language: str, labels: Labels
) -> str:
    parts = _PARTS.fullmatch(found[1]) or _EITHER.fullmatch(found[1])
    if parts is None:
        raise TableError(_fault("a variable must be written {name|formatter}", found[0], template))
    if parts.re is _PARTS and parts["formatter"] not in FORMATTERS:
        raise TableError(
            _fault("a formatter must be one of " + ", ".join(sorted(FORMATTERS)), found[0], template)
        )
    if parts["name"] not in values:
        raise TableError(_fault("every variable must have a value", found[0], template))
    if parts.re is _EITHER:
        return parts["one"] if values[parts["name"]] == 1 else parts["many"]
    value, formatter = values[parts["name"]], FORMATTERS[parts["formatter"]]
    return formatter(value, argument=parts["argument"] or "", language=language, labels=labels)


def _fault(must: str, found: str, template: str) -> str:
    return sentence(
        must=must, found=f"found {found}", where=f'in "{template[:60]}"', remedy="Correct the template"
    )


def _number(write: Callable[..., str]) -> Callable[..., str]:
    def formatter(value: Any, *, argument: str, language: str, labels: Labels) -> str:
        return write(value, language=language, status="cannot_be_said")

    return formatter


def _count(value: Any, *, argument: str, language: str, labels: Labels) -> str:
    if f"noun.{argument}.one" not in load_texts(language):
        raise TableError(sentence(must="count needs a noun of texts/noun", found=f"found {argument!r}"))
    return numbers.count(value, argument, language=language, status="cannot_be_said")


def _text(value: Any, *, argument: str, language: str, labels: Labels) -> str:
    if numbers.is_missing(value):
        return numbers.status_words("cannot_be_said", language=language)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _texts(value: Any, *, argument: str, language: str, labels: Labels) -> str:
    if numbers.is_missing(value):
        return numbers.status_words("cannot_be_said", language=language)
    return numbers.join(parts_of(value), language=language)


def _one(kind: str) -> Callable[..., str]:
    def formatter(value: Any, *, argument: str, language: str, labels: Labels) -> str:
        return _label(value, kind=kind, language=language, labels=labels)

    return formatter


def _many(kind: str) -> Callable[..., str]:
    def formatter(value: Any, *, argument: str, language: str, labels: Labels) -> str:
        if numbers.is_missing(value):
            return numbers.status_words("cannot_be_said", language=language)
        names = [_label(part, kind=kind, language=language, labels=labels) for part in parts_of(value)]
        return _listed(list(dict.fromkeys(names)), language=language, quoted=kind == "criterion")

    return formatter


def _listed(names: list[str], *, language: str, quoted: bool) -> str:
    """Names in words; all in quotes when a comma or "and" inside one would make the list hard to read."""
    texts = load_texts(language)
    joints = (",", f" {texts['number.and']} ")
    if quoted or (len(names) > 1 and any(joint in name for name in names for joint in joints)):
        names = [texts["number.quoted"].replace("#", name) for name in names]
    return numbers.join(names, language=language)


def parts_of(value: Any) -> list[str]:
    """The parts of a list, or of a text with "|" between them; missing has none."""
    if numbers.is_missing(value):
        return []
    return [str(part) for part in (value.split("|") if isinstance(value, str) else value) if str(part)]


def _label(code: Any, *, kind: str, language: str, labels: Labels) -> str:
    if numbers.is_missing(code):
        return numbers.status_words("cannot_be_said", language=language)
    known = labels.get(kind, {})
    return known[str(code)] if str(code) in known else load_texts(language)[f"unknown.{kind}"]


def _names(table: pd.DataFrame, key: str) -> dict[str, str]:
    # a renamed department has several rows; its latest name stands
    return {} if table.empty else dict(zip(table[key].tolist(), table["name"].tolist(), strict=True))


_NUMBERS: dict[str, Callable[..., str]] = {
    "pct": numbers.pct,
    "pp": numbers.pp,
    "mio": numbers.mio,
    "minutes": numbers.minutes,
    "years1": numbers.years1,
    "score": numbers.score,
    "month": numbers.month,
    "months": numbers.integer,
    "int": numbers.integer,
    "date": numbers.date,
}
FORMATTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {name: _number(write) for name, write in _NUMBERS.items()}
    | {"count": _count, "text": _text, "texts": _texts}
    | {name: _one(kind) for name, kind in _KINDS.items()}
    | {
        f"{name}s": _many(kind)
        for name, kind in _KINDS.items()
        if name in ("solution", "initiative", "group")
    }
    | {"criteria": _many("criterion"), "departments": _many("department")}
)
