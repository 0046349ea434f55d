"""The words in figures: texts from ``texts/figures.<language>.yaml``, numbers and labels in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import pandas as pd

from klktools.texts import load_figure_texts, load_texts
from klktools.wording import numbers
from klktools.wording.templates import framework


@dataclass(frozen=True)
class Words:
    """One language's words; calling it fills a text: ``w("certainty.some", k=2)``."""

    language: str
    texts: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def __call__(self, key: str, **values: Any) -> str:
        section, name = key.split(".")
        return self.texts[section][name].format(**values)

    def label(self, kind: str, code: str) -> str:
        """The label of a code in one of the framework's closed lists (or area, criterion)."""
        return self.labels[kind][code][self.language]

    def reason(self, code: Any) -> str:
        """A reason code in the words of the reports; an unknown or missing one says that data are missing."""
        said = load_texts(self.language)
        return self.texts["reason"].get(code) or said.get(f"reason.{code}") or said["reason.unknown"]

    def pct(self, share: Any) -> str:
        """0.27 -> "27 pct."."""
        return numbers.pct(share, language=self.language)

    def integer(self, value: Any) -> str:
        """6195 -> "6.195"."""
        return numbers.integer(value, language=self.language)

    def per_hundred(self, share: Any) -> str:
        """0.27 -> "27": a share where the unit stands elsewhere."""
        return numbers.number(100 * share, language=self.language)

    def mio(self, kroner: Any) -> str:
        """1678571 -> "1,7 mio. kr."."""
        return numbers.mio(kroner, language=self.language)

    def score(self, value: Any) -> str:
        """2.45 -> "2,5"."""
        return numbers.score(value, language=self.language)

    def years(self, value: Any) -> str:
        """1.94 -> "1,9"; endless when nobody leaves."""
        return (
            self("common.never") if value == float("inf") else numbers.years1(value, language=self.language)
        )

    def month(self, value: Any) -> str:
        """2018-10-01 -> "oktober 2018"."""
        return numbers.month(value, language=self.language)

    def count(self, value: Any, noun: str) -> str:
        """(2, "solution") -> "2 løsninger"."""
        return numbers.count(value, noun, language=self.language)

    def join(self, texts: Sequence[str]) -> str:
        """["a", "b", "c"] -> "a, b og c"."""
        return numbers.join(list(texts), language=self.language)


@cache
def words(language: str) -> Words:
    """The words of a language ("da" or "en")."""
    return Words(language, load_figure_texts(language), framework().enums)


def each(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table with their values by name (and `Index`), for drawing and saying them one by one."""
    names = ["Index", *(str(name) for name in table)]
    columns = (column.tolist() for _, column in table.items())
    for values in zip(table.index, *columns, strict=True):
        yield SimpleNamespace(**dict(zip(names, values, strict=True)))
