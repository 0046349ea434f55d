"""Rows that may be of one thing: renamed departments (E14), spellings of a solution (E32), interviews (E17);
and initiatives that require one another in a circle (E27)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np
import pandas as pd

from klktools.contract import fold, loosen
from klktools.intake.hits import NO_HITS, hits
from klktools.intake.keys import beside
from klktools.intake.rules.common import Limits, Tables, months_between

_DEPARTMENT = ["municipality", "department"]
_SAME = ["municipality", "visit", "role", "department_group"]
_ANSWER = ["municipality", "interview", "question", "solution"]


def renamed_department(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E14: a department begins as another ends, and none says that it replaces the other."""
    spans = data.groupby(_DEPARTMENT, as_index=False).agg(
        name=("name", "last"),
        first=("valid_from", "min"),
        last=("valid_to", lambda ends: ends.max() if ends.notna().all() else pd.NaT),
        aliases=("aliases", lambda texts: "|".join(texts.dropna())),
    )
    found = _successors(spans, data, limits["E14"])
    return _blame(data, found, "valid_from")


def renamed_in_usage(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E14: a department's usage begins as another's ends, where the departments themselves give no end."""
    departments = tables["departments"]
    months = data.groupby(_DEPARTMENT, observed=True)["month"].agg(["min", "max"]).reset_index()
    months = months.astype(dict.fromkeys(_DEPARTMENT, "str")).rename(columns={"min": "first", "max": "last"})
    named = departments.drop_duplicates(_DEPARTMENT, keep="last")[[*_DEPARTMENT, "name", "aliases", "valid_to"]]
    spans = months.merge(named, on=_DEPARTMENT)
    period = months.groupby("municipality").agg(begin=("first", "min"), end=("last", "max"))
    spans = spans.join(period, on="municipality")
    open_ended = spans["valid_to"].isna() & spans["last"].lt(spans["end"])
    spans = spans.assign(
        last=spans["last"].where(open_ended), first=spans["first"].where(spans["first"].gt(spans["begin"]))
    )
    return _blame(data, _successors(spans, departments, limits["E14"]), "department")


def _successors(spans: pd.DataFrame, departments: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Pairs of an ended and a begun department at most `gap` months apart that no row connects."""
    named = set(departments["municipality"].str.cat(departments["replaces"], sep="|").dropna())
    replacing = departments.loc[departments["replaces"].notna(), _DEPARTMENT].assign(replacing=True)
    ended = spans[spans["last"].notna() & ~spans["municipality"].str.cat(spans["department"], sep="|").isin(named)]
    begun = spans[spans["first"].notna()].merge(replacing.drop_duplicates(), on=_DEPARTMENT, how="left")
    both = begun[begun["replacing"].isna()].merge(ended, on="municipality", suffixes=("", "_old"))
    apart = months_between(both["last_old"], both["first"])
    near = both[apart.between(1, gap)]
    mapped = [
        fold(old) in map(fold, aliases.split("|"))
        for old, aliases in zip(near["name_old"], near["aliases"].fillna(""), strict=True)
    ]
    return near[~np.array(mapped, dtype=bool)]


def _blame(data: pd.DataFrame, found: pd.DataFrame, column: str) -> pd.DataFrame:
    """The first row of each new department, with the old ones' names."""
    if found.empty:
        return NO_HITS
    told = found.assign(since=found["first"].dt.strftime("%Y-%m"), until=found["last_old"].dt.strftime("%Y-%m"))
    told = told.groupby([*_DEPARTMENT, "name", "since"], as_index=False).agg(
        old=("name_old", lambda names: ", ".join(dict.fromkeys(names))), until=("until", "max")
    )
    words = ["name", "since", "old", "until"]
    texts = beside(data, told.rename(columns={"name": "new_name"}), _DEPARTMENT, ["new_name", *words[1:]])
    first = texts["since"].notna() & ~data.duplicated(_DEPARTMENT)
    return hits(first, "E14", column, **{word: texts.loc[first, word] for word in ("new_name", *words[1:])})


def solutions_alike(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E32: two solutions of one municipality and function with nearly one name; the later row is blamed."""
    several = data[data.duplicated(["municipality", "function"], keep=False)]
    alike = {
        later: earlier
        for _, rows in several.groupby(["municipality", "function"])
        for earlier, later in combinations(rows.index, 2)
        if _alike(rows.at[earlier, "name"], rows.at[later, "name"], limits["E32"])
    }
    where = pd.Series(data.index.isin(list(alike)), index=data.index)
    first = data.loc[[alike[row] for row in data.index[where]]]
    return hits(where, "E32", "name", other=first["name"].to_numpy(), first_id=first["solution"].to_numpy())


def _alike(one: str, other: str, least: float) -> bool:
    """Names with the same numbers in them and nearly the same letters."""
    texts = [re.sub(r"[\W_]", "", loosen(name)) for name in (one, other)]
    numbers = [re.findall(r"\d+|\b[ivx]+\b", name.lower()) for name in (one, other)]
    return numbers[0] == numbers[1] and SequenceMatcher(None, *texts).ratio() >= least


def duplicated_interviews(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E17: an interview entered twice; the one with fewer answers (of equals the later id) is the duplicate."""
    original = find_duplicates(data, tables, limits)
    return hits(original.notna(), "E17", "interview", other=original.dropna())


def find_duplicates(interviews: pd.DataFrame, tables: Tables, limits: Limits) -> pd.Series:
    """The interview each interview is a duplicate of (T4): same visit, role and area, dates at most a day
    apart, and more than `E17` of the answers equal; missing where it is none.

    Parameters
    ----------
    interviews : DataFrame
        Valid rows (T4).
    tables : mapping
        With the accepted `answers`.
    limits : mapping
        `E17` (share of equal answers), `E17.low` (fewest answers to compare), `E17.high` (days apart).
    """
    none = pd.Series(pd.NA, index=interviews.index, dtype="str")
    answers = tables["answers"]
    near = interviews[interviews.duplicated(_SAME, keep=False)]
    if near.empty or answers.empty:
        return none
    keys = ["municipality", "interview"]
    said = answers.merge(near[keys], on=keys)
    own = {key: _answers(rows) for key, rows in said.groupby(keys)}
    pairs = {
        later: earlier
        for _, rows in near.groupby(_SAME, dropna=False)
        for earlier, later in _ranked_pairs(rows, own)
        if abs((rows.at[later, "date"] - rows.at[earlier, "date"]).days) <= limits["E17.high"]
        and _equal(*(own.get(tuple(rows.loc[row, keys]), {}) for row in (earlier, later)), limits)
    }
    found = {later: _root(earlier, pairs) for later, earlier in pairs.items()}
    return none.where(~none.index.isin(list(found)), pd.Series(found, dtype=object).map(interviews["interview"]).reindex(none.index))


def _answers(rows: pd.DataFrame) -> dict[tuple, tuple]:
    """Question and solution -> what was said."""
    keys, said = rows[["question", "solution"]].fillna(""), rows[["status", "score", "value"]].astype(object)
    return dict(zip(keys.itertuples(index=False, name=None), said.where(said.notna(), None).itertuples(index=False, name=None), strict=True))


def _ranked_pairs(rows: pd.DataFrame, own: dict[tuple, dict]) -> Iterator[tuple[int, int]]:
    """Every pair of interviews, the one with most answers first."""
    n_answers = [-len(own.get(key, {})) for key in rows[["municipality", "interview"]].itertuples(index=False, name=None)]
    return combinations(rows.assign(n=n_answers).sort_values(["n", "interview"]).index, 2)


def _equal(one: dict[tuple, tuple], other: dict[tuple, tuple], limits: Limits) -> bool:
    asked = one.keys() | other.keys()
    equal = sum(one.get(question) == other.get(question) for question in asked)
    return len(asked) >= limits["E17.low"] and equal > limits["E17"] * len(asked)


def _root(row: int, pairs: dict[int, int]) -> int:
    while row in pairs:
        row = pairs[row]
    return row


def circle_of_initiatives(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E27: dependencies inside a circle of initiatives (a finding of the plan, not a fault of the row)."""
    ends = ["initiative", "requires"]
    keys = pd.concat([data["municipality"].str.cat(data[end], sep="|") for end in ends], axis=1, keys=ends)
    left = keys[keys["initiative"] != keys["requires"]]
    while True:  # what nothing leads to, or what leads nowhere, is in no circle
        inner = left[left["initiative"].isin(left["requires"]) & left["requires"].isin(left["initiative"])]
        if len(inner) == len(left):
            break
        left = inner
    onward = left.groupby("initiative")["requires"].agg(list).to_dict()
    inside = [_leads_to(onward, end, start) for start, end in left.itertuples(index=False)]
    rows = left.index[np.array(inside, dtype=bool)]
    return hits(pd.Series(data.index.isin(rows), index=data.index), "E27", "requires")


def _leads_to(onward: dict[str, list[str]], start: str, goal: str) -> bool:
    seen, ahead = set[str](), [start]
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            ahead += onward.get(here, [])
    return False
