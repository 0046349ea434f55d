"""The check as data: focus areas, criteria, questions, indicators, findings, thresholds and their loader.

Every list is a YAML file in this folder with Danish and English text side by side. Nothing here computes:
the step rooms receive what they need (``framework.assumptions``, ``framework.criteria`` ...) as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import yaml

_FOLDER = Path(__file__).parent
# libyaml is some ten times faster; both read the same
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TABLES = (
    "areas",
    "criteria",
    "questions",
    "indicators",
    "indicator_places",
    "functions",
    "assumption_notes",
)

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Suppression:
    """Another rule that, when it fires, keeps this one silent (framework 5, rule 3)."""

    finding: str
    same_subject: bool


@dataclass(frozen=True)
class OptionalSentence:
    """A sentence that is printed only when `when` holds; otherwise its variable is empty text."""

    when: str
    text: Texts


@dataclass(frozen=True)
class FindingRule:
    """One rule of the findings catalogue (framework 5).

    `trigger`, `requires` ("" = nothing), `weight` and the expressions in `values` and `sentences[...].when`
    are in the language of `klktools.framework.triggers`, over the columns of the subject table named by
    `scope`. `title`, `text`, `others`, `recommendation`, `first_step` and `evidence` map a language ("da",
    "en") to a template. `others`, None where the municipality is the only subject, is said when there are
    several subjects; it may also use `n_subjects` of the findings table and `others`, the names of the rest.
    """

    id: str
    version: int
    criterion: str
    area: str
    severity: str
    scope: str
    trigger: str
    requires: str
    suppressed_by: tuple[Suppression, ...]
    weight: str
    values: Mapping[str, str]
    sentences: Mapping[str, OptionalSentence]
    title: Texts
    text: Texts
    others: Texts | None
    recommendation: Texts
    first_step: Texts
    evidence: Texts
    responsible: str
    effect: int
    effort: int


@dataclass(frozen=True)
class Framework:
    """The whole check, read-only.

    Attributes
    ----------
    areas : DataFrame
        One row per focus area: area, letter, title_da/en, question_da/en (the seed's own question).
    criteria : DataFrame
        One row per criterion (framework 1.3-1.4): criterion, area, title_da/en, seed, main_indicator, table
        and the names of its columns value, category, evidence, status, reason ("" when it has none),
        breakpoint_1..4, target, floor (shares 0-1; D3 is scored by class and has none), evidence_capped,
        questions, anchors_da/en (tuples of five texts, score 0 first).
    questions : DataFrame
        One row per question (framework 2): question, criterion ("" for Q26), roles, answer_type, text_da/en,
        versions, dont_know_counts (roles whose "don't know" is coded 0), coding_da/en. Lists are tuples.
    indicators : DataFrame
        One row per indicator (framework 4): indicator, area, criterion ("" when it has none of its own),
        label_da/en, unit, decimals, direction (1 more is better, -1 less, 0 neither), definition_da/en.
    indicator_places : DataFrame
        One row per indicator and table where it stands: indicator, criterion, unit, scope (municipality,
        solution, group, criterion), table, and the names of its columns estimate, low, high, n, category,
        evidence ("" when it has none).
    functions : DataFrame
        One row per administrative function (framework 0.2): function, transaction, through, as_intended,
        typical_error, each _da/_en.
    assumption_notes : DataFrame
        One row per threshold: name, value, unit, mark ("A" or "F"), ref, da, en.
    assumptions : mapping
        Threshold name -> number.
    enums : mapping
        List -> code -> entry (at least da and en); also the lists area, criterion and question.
    findings : tuple of FindingRule
        In the order of framework 5.
    subjects : mapping
        Subject table of the findings -> `key` and `tables` whose columns it holds.
    """

    areas: pd.DataFrame
    criteria: pd.DataFrame
    questions: pd.DataFrame
    indicators: pd.DataFrame
    indicator_places: pd.DataFrame
    functions: pd.DataFrame
    assumption_notes: pd.DataFrame
    assumptions: Mapping[str, float]
    enums: Mapping[str, Mapping[str, Mapping[str, Any]]]
    findings: tuple[FindingRule, ...]
    subjects: Mapping[str, Mapping[str, Any]]


def load_framework() -> Framework:
    """Read the framework from its YAML files (once) and return it.

    Returns
    -------
    Framework
        Its tables are copies of their own, so that a caller who changes one changes no other caller's.
    """
    framework = _load()
    return replace(framework, **{name: getattr(framework, name).copy() for name in _TABLES})


@cache
def _load() -> Framework:
    areas, criteria, questions = _table("areas"), _table("criteria"), _table("questions")
    notes = _table("assumptions").rename_axis("name").reset_index()
    catalogue = _read("findings")
    lists = _read("enums") | {
        "area": _labels(areas, "area", "title"),
        "criterion": _labels(criteria, "criterion", "title"),
        "question": _labels(questions, "question", "text"),
    }
    return Framework(
        areas=areas,
        criteria=criteria,
        questions=questions,
        indicators=_table("indicators").drop(columns="places"),
        indicator_places=_places(),
        functions=_table("functions"),
        assumption_notes=notes,
        assumptions=MappingProxyType({name: note["value"] for name, note in _read("assumptions").items()}),
        enums=_frozen(lists),
        findings=tuple(_rule(entry) for entry in catalogue["findings"]),
        subjects=_frozen(catalogue["subjects"]),
    )


def _read(name: str) -> Any:
    return yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_LOADER)


def _table(name: str) -> pd.DataFrame:
    """A list of entries, or a mapping id -> entry, as a table; {da, en} pairs become two columns."""
    entries = _read(name)
    if isinstance(entries, dict):
        return pd.DataFrame.from_dict({key: _flat(entry) for key, entry in entries.items()}, orient="index")
    return pd.DataFrame([_flat(entry) for entry in entries])


def _places() -> pd.DataFrame:
    """One row per indicator and place; a column that a place does not name is empty text."""
    own = ("indicator", "criterion", "unit")
    places = [
        {name: entry[name] for name in own} | place
        for entry in _read("indicators")
        for place in entry["places"]
    ]
    return pd.DataFrame(places).fillna("")


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in entry.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{part}": _immutable(inner) for part, inner in value.items()}
        else:
            flat[name] = _immutable(value)
    return flat


def _immutable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return _immutable(value)


def _labels(table: pd.DataFrame, code: str, text: str) -> dict[str, dict[str, str]]:
    rows = zip(table[code], table[f"{text}_da"], table[f"{text}_en"], strict=True)
    return {key: {"da": da, "en": en} for key, da, en in rows}


def _rule(entry: Mapping[str, Any]) -> FindingRule:
    fields = {name: _frozen(value) for name, value in entry.items()}
    fields["suppressed_by"] = tuple(Suppression(**item) for item in entry.get("suppressed_by", []))
    fields["sentences"] = MappingProxyType(
        {
            name: OptionalSentence(when=item["when"], text=_frozen({"da": item["da"], "en": item["en"]}))
            for name, item in entry.get("sentences", {}).items()
        }
    )
    fields.setdefault("others", None)
    return FindingRule(**fields)
