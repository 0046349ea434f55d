"""Rows that may be of one thing: renamed departments (E14), spellings of a solution (E32), interviews (E17);
and initiatives that require one another in a circle (E27)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import combinations

import numpy as np
import pandas as pd

from klktools.contract import fold, loosen
from klktools.intake.hits import NO_HITS, hits
from klktools.intake.keys import beside, distinct_rows
from klktools.intake.rules.common import Limits, Tables, months_between

_DEPARTMENT = ["municipality", "department"]
_SAME = ["municipality", "visit", "role", "department_group"]
_INTERVIEW = ["municipality", "interview"]
_QUESTION = ("question", "solution")
_SAID = ("status", "score", "value")


def renamed_department(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E14: a department begins as another ends, and none says that it replaces the other."""
    ending = data.loc[data["valid_to"].notna(), "municipality"]
    there = data[data["municipality"].isin(ending)].sort_values([*_DEPARTMENT, "valid_from"])
    latest = there.drop_duplicates(_DEPARTMENT, keep="last")
    first = beside(latest, there, _DEPARTMENT, ["valid_from"])["valid_from"]
    spans = latest[[*_DEPARTMENT, "name", "aliases"]].assign(first=first, last=latest["valid_to"])
    return _blame(data, _successors(spans, data, limits["E14"]), "valid_from")


def renamed_in_usage(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E14: a department's usage begins as another's ends, where the departments themselves give no end."""
    departments = tables["departments"]
    if data.empty:
        return NO_HITS
    places, months = distinct_rows(data, _DEPARTMENT)
    month = data["month"].to_numpy()
    first, last = np.full(len(months), month.max()), np.full(len(months), month.min())
    np.minimum.at(first, places, month)
    np.maximum.at(last, places, month)
    months = months.assign(first=first, last=last)
    named = departments.drop_duplicates(_DEPARTMENT, keep="last")[
        [*_DEPARTMENT, "name", "aliases", "valid_to"]
    ]
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
    spans = spans[spans["municipality"].isin(spans.loc[spans["last"].notna(), "municipality"])]
    named = set(departments["municipality"].str.cat(departments["replaces"], sep="|").dropna())
    replacing = departments.loc[departments["replaces"].notna(), _DEPARTMENT].assign(replacing=True)
    ended = spans[
        spans["last"].notna() & ~spans["municipality"].str.cat(spans["department"], sep="|").isin(named)
    ]
    begun = spans[spans["first"].notna()].merge(replacing.drop_duplicates(), on=_DEPARTMENT, how="left")
    both = begun[begun["replacing"].isna()].merge(ended, on="municipality", suffixes=("", "_old"))
    apart = months_between(both["last_old"], both["first"])
    near = both[apart.between(1, gap)]
    spelled = [
        fold(old) in map(fold, aliases.split("|"))
        for old, aliases in zip(near["name_old"], near["aliases"].fillna(""), strict=True)
    ]
    mapped = near.assign(mapped=spelled).groupby(_DEPARTMENT)["mapped"].transform("any")
    return near[~mapped.astype(bool)]


def _blame(data: pd.DataFrame, found: pd.DataFrame, column: str) -> pd.DataFrame:
    """The first row of each new department, with the old ones' names."""
    if found.empty:
        return NO_HITS
    told = found.assign(
        since=found["first"].dt.strftime("%Y-%m"), until=found["last_old"].dt.strftime("%Y-%m")
    )
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
        for _, names in several.groupby(["municipality", "function"])["name"]
        for (earlier, one), (later, other) in combinations(names.items(), 2)
        if _alike(str(one), str(other), limits["E32"])
    }
    where = pd.Series(data.index.isin(list(alike)), index=data.index)
    first = data.loc[[alike[row] for row in data.index[where]]]
    return hits(where, "E32", "name", other=first["name"].to_numpy(), first_id=first["solution"].to_numpy())


def _alike(one: str, other: str, least: float) -> bool:
    """Names with the same numbers in them and nearly the same letters."""
    letters = [re.sub(r"[\W_]", "", loosen(name)) for name in (one, other)]
    numbers = [re.findall(r"\d+|\b[ivx]+\b", name.lower()) for name in (one, other)]
    return numbers[0] == numbers[1] and SequenceMatcher(a=letters[0], b=letters[1]).ratio() >= least


def duplicated_interviews(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E17: an interview entered twice (T4): same visit, role and area, dates at most a day apart, and more
    than four in five answers equal. The one with fewer answers (of equals the later id) is the duplicate.

    Needs the accepted answers, so that it finds nothing while the interviews are checked before them.
    """
    near = data[data.duplicated(_SAME, keep=False)]
    if near.empty or tables["answers"].empty:
        return NO_HITS
    said = _what_was_said(near, tables["answers"])
    found: dict[int, int] = {}
    for better, worse in _pairs(near, said, limits["E17.high"]):
        if _nearly_equal(said[better], said[worse], limits):
            found.setdefault(worse, found.get(better, better))
    duplicate = pd.Series(data.index.isin(list(found)), index=data.index)
    originals = [data.at[found[row], "interview"] for row in data.index[duplicate]]
    return hits(duplicate, "E17", "interview", other=originals)


def _what_was_said(interviews: pd.DataFrame, answers: pd.DataFrame) -> dict[int, dict[str, str]]:
    """For each interview, by its row number, question and solution -> status, score and value."""
    said: dict[int, dict[str, str]] = {row: {} for row in interviews.index}
    rows = answers.merge(interviews[_INTERVIEW].reset_index(names="row"), on=_INTERVIEW)
    texts = rows[[*_QUESTION, *_SAID]].astype("str").fillna("")
    asked = texts["question"].str.cat(texts["solution"], sep="|")
    answered = texts["status"].str.cat(texts["score"], sep="|").str.cat(texts["value"], sep="|")
    for row, question, answer in zip(rows["row"], asked, answered, strict=True):
        said[row][question] = answer
    return said


def _pairs(near: pd.DataFrame, said: dict[int, dict[str, str]], days: float) -> Iterator[tuple[int, int]]:
    """Pairs of interviews that may be one, the one with most answers first."""
    ranked = near.assign(n=[-len(said[row]) for row in near.index]).sort_values(["n", "interview"])
    group = ranked.groupby(_SAME, dropna=False, sort=False).ngroup()
    members: dict[int, list[tuple[int, pd.Timestamp]]] = {}
    for number, row, date in zip(group, ranked.index, ranked["date"], strict=True):
        for earlier, its_date in members.setdefault(number, []):
            if abs((date - its_date).days) <= days:
                yield earlier, row
        members[number].append((row, date))


def _nearly_equal(one: dict[str, str], other: dict[str, str], limits: Limits) -> bool:
    asked = one.keys() | other.keys()
    equal = sum(one.get(question) == other.get(question) for question in asked)
    return len(asked) >= limits["E17.low"] and equal > limits["E17"] * len(asked)


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


def _leads_to(onward: Mapping[Hashable, list[str]], start: str, goal: str) -> bool:
    seen, ahead = set[str](), [start]
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            ahead += onward.get(here, [])
    return False
