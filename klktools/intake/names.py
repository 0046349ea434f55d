"""Municipalities, departments and solutions by their names: what was written instead of a code or an id.

E02 a municipality's name; E14a a department's name or other spelling; E32a a solution's name; E35 an id in
another spelling. Whatever two could be meant by is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import pandas as pd

from klktools.contract import ColumnSpec, TableSpec, fold, loosen
from klktools.intake.hits import together
from klktools.intake.keys import distinct_rows, orphans

_BY_NAME = {"departments": "E14a", "solutions": "E32a"}
_BY_ID = "E35"
Tables = Mapping[str, pd.DataFrame]
Ids = Mapping[str, set[str]]


@cache
def real_municipalities() -> pd.DataFrame:
    """The 98 municipalities: municipality, name, full_name (`framework/municipalities.csv`)."""
    with as_file(files("klktools.framework") / "municipalities.csv") as path:
        return pd.read_csv(path, dtype="str")[["municipality", "name", "full_name"]]


def municipality_names(municipalities: pd.DataFrame) -> dict[str, str]:
    """Every folded name a municipality may be called by -> its code; "" where it could be two of them.

    Parameters
    ----------
    municipalities : DataFrame
        Those of the round (T1); the 98 are known beside them.
    """
    real = real_municipalities()
    own = municipalities[["municipality", "name"]].dropna()
    named = [
        *zip(real["name"], real["municipality"], strict=True),
        *zip(real["full_name"], real["municipality"], strict=True),
        *zip(own["name"], own["municipality"], strict=True),
    ]
    said = [(way, code) for name, code in named for way in (name, f"{name} Kommune", f"{name}s Kommune")]
    return _unique((loosen(way), code) for way, code in said) | _unique(
        (fold(way), code) for way, code in said
    )


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Text -> what it stands for; "" where it stands for several."""
    found: dict[str, str] = {}
    for text, meaning in pairs:
        found[text] = meaning if found.get(text, meaning) == meaning else ""
    return found


def mend_references(
    data: pd.DataFrame, spec: TableSpec, tables: Tables, ids: tuple[Ids, Ids]
) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    """Put the id in place of a name or another spelling of it, where only one can be meant.

    Parameters
    ----------
    data : DataFrame
        One table, typed.
    spec : TableSpec
        Its columns say which table they refer to.
    tables : mapping
        The tables referred to, `data` itself among them.
    ids : (mapping, mapping)
        Table -> keys of its accepted and of its rejected rows (`keys.identities`).

    Returns
    -------
    data : DataFrame
    repaired : hits
        E14a, E32a and E35, with the new id.
    lost : bool
        Whether any reference was lost, before.
    """
    lost = together(orphans(data, spec, *ids))
    unknown = lost[lost["rule"] == "E26"]
    repaired = []
    for column in [spec.columns[name] for name in unknown["column"].unique() if name != "municipality"]:
        its_rows = unknown.index[unknown["column"] == column.name]
        found = _mended(data.loc[its_rows], column, tables[column.references])
        new = data[column.name].astype("str")
        new[found.index] = found["new"]
        data = data.assign(**{column.name: new.astype(column.dtype)})
        repaired += [
            pd.DataFrame({"rule": part["rule"], "column": column.name, "new": part["new"]})
            for _, part in found.groupby("rule")
        ]
    return data, together(repaired), len(lost) > 0


def _mended(rows: pd.DataFrame, column: ColumnSpec, table: pd.DataFrame) -> pd.DataFrame:
    """The rows whose text stands for an id: `new` (the id; of a list all ids) and `rule`."""
    places, asked = distinct_rows(rows, ["municipality", column.name])
    lookup = Lookup(table, column)
    found = [lookup.mend(municipality, text) for municipality, text in asked.itertuples(index=False)]
    answers = pd.DataFrame(found, columns=["new", "rule"]).iloc[places].set_axis(rows.index)
    return answers[answers["rule"] != ""]


@dataclass(frozen=True)
class _Way:
    """One way to understand a text: texts, compared as `how` folds them, stand for ids."""

    rule: str
    how: Callable[[str], str]
    meaning: Mapping[str, str]


class Lookup:
    """What texts mean in each municipality; made once for a municipality that asks.

    Parameters
    ----------
    table : DataFrame
        The table referred to.
    column : ColumnSpec
        A column that refers to it.
    """

    def __init__(self, table: pd.DataFrame, column: ColumnSpec) -> None:
        self._rows = dict(iter(table.groupby("municipality", observed=True)))
        self._column, self._key = column, column.references.removesuffix("s")
        self._made: dict[str, tuple[set[str], list[_Way]]] = {}

    def mend(self, municipality: str, text: str) -> tuple[str, str]:
        """The id (of a list every id) that a text stands for and the rule; the text and "" when none."""
        if municipality not in self._made:
            self._made[municipality] = self._ways(self._rows.get(municipality))
        known, ways = self._made[municipality]
        parts = text.split("|") if self._column.type == "list" else [text]
        found = [(part, "") if part in known else _meaning(part, ways) for part in parts]
        return "|".join(dict.fromkeys(part for part, _ in found)), max(rule for _, rule in found)

    def _ways(self, rows: pd.DataFrame | None) -> tuple[set[str], list[_Way]]:
        """The ids there, and the ways to understand other texts in the order in which they are tried."""
        if rows is None:
            return set(), []
        by_name = _BY_NAME.get(self._column.references)
        said = [(_BY_ID, _pairs(rows, self._key, self._key))]
        if by_name:
            said += [(by_name, _pairs(rows, name, self._key)) for name in ("name", "aliases") if name in rows]
        ways = [
            _Way(rule, how, _unique((how(text), key) for text, key in pairs))
            for how in (fold, loosen)
            for rule, pairs in said
        ]
        return set(rows[self._key]) | set(self._column.codes.values()), ways


def _pairs(rows: pd.DataFrame, texts: str, key: str) -> list[tuple[str, str]]:
    """Every text of a column, lists taken apart, with the id of its row."""
    given = rows[rows[texts].notna()]
    return [
        (text, its_key)
        for several, its_key in zip(given[texts], given[key], strict=True)
        for text in several.split("|")
    ]


def _meaning(text: str, ways: list[_Way]) -> tuple[str, str]:
    """What the first way that knows the text makes of it; nothing when it could be two."""
    for way in ways:
        if (said := way.how(text)) in way.meaning:
            return (way.meaning[said], way.rule) if way.meaning[said] else (text, "")
    return text, ""
