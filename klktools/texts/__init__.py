"""The words of the reports: one YAML file per language with the same keys, and their loader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from klktools.errors import ParameterError, sentence

LANGUAGES = ("da", "en")
_WORDS = r"((?:[^{}|]|\{\w+\})*)"
_EITHER = re.compile(rf"\{{(\w+):{_WORDS}\|{_WORDS}\}}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load_texts(language: str) -> Mapping[str, str]:
    """All texts of a language.

    Parameters
    ----------
    language : {"da", "en"}

    Returns
    -------
    mapping
        Dotted key ("summary.nothing") -> template in the syntax of `klktools.wording.templates.render`.

    Raises
    ------
    ParameterError
        When there is no such language.
    """
    if language not in LANGUAGES:
        raise ParameterError(
            sentence(
                must="`language` must be da or en", found=f"found {language!r}", remedy="Choose one of them"
            )
        )
    return MappingProxyType(_flat(_read(f"{language}.yaml")))


@cache
def load_figure_texts(language: str) -> Mapping[str, Mapping[str, str]]:
    """The words in figures in a language ("da" or "en"): figure -> name -> text for `fill`."""
    sections = _read(f"figures.{language}.yaml").items()
    return MappingProxyType(
        {key: {name: Template(text) for name, text in section.items()} for key, section in sections}
    )


class Template(str):
    """A text whose `format` is `fill`."""

    def format(self, *_: Any, **values: Any) -> str:
        return fill(self, **values)


def fill(template: str, **values: Any) -> str:
    """A text of `str.format` with its values.

    Parameters
    ----------
    template : str
        ``{n:cell|cells}`` is the first word when `n` is 1, and the second when it is anything else; either
        may hold ``{n}``.
    **values
        By name; a count as a number or as it is written.
    """
    return str.format(_EITHER.sub(lambda either: _chosen(values, *either.groups()), template), **values)


def plural(template: str) -> str:
    """A template with its words for many only."""
    return _EITHER.sub(r"\3", template)


def ended(sentence: str) -> str:
    """A sentence with its full stop, unless it ends with a mark of its own."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _chosen(values: Mapping[str, Any], name: str, one: str, many: str) -> str:
    return one if str(values[name]) in ("1", "1.0") else many


def _read(name: str) -> Any:
    return yaml.load(Path(__file__).with_name(name).read_text(encoding="utf-8"), Loader=_LOADER)


def _flat(entries: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in entries.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
