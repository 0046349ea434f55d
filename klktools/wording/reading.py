"""What the verbs read from a dossier: rows, the words of codes, and findings as sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from klktools.blocks import SYMBOLS, Card
from klktools.errors import TableError, sentence
from klktools.framework import FindingRule
from klktools.wording.numbers import is_missing, pct, score
from klktools.wording.templates import Dossier, Voice, capital, framework, parts_of

MOST_MAIN, FEWEST_STRENGTHS = 8, 2
SEVERITY_TONES = {"critical": "red", "high": "orange", "medium": "yellow", "low": "none", "strength": "green"}
NO_VALUE = "–"
LISTS = {"solution": "solutions", "criterion": "criteria"}  # scope of a rule -> formatter of its subjects
Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One finding in words; `id`, `area` ... as in the table `findings`."""

    id: str
    area: str
    severity: str
    title: str
    text: str
    recommendation: str
    first_step: str
    evidence: str
    responsible: str
    effect: int
    effort: int
    evidence_class: str
    n: Any
    values: Mapping[str, Any]

    @property
    def strength(self) -> bool:
        """Whether it is a good thing."""
        return self.severity == "strength"


def frame(d: Dossier, name: str) -> pd.DataFrame:
    """A table of the dossier; empty when it has none."""
    return d.tables.get(name, pd.DataFrame())


def rows(d: Dossier, name: str) -> list[Row]:
    """The rows of a table; none when the dossier has no such table."""
    return records(frame(d, name))


def records(table: pd.DataFrame) -> list[Row]:
    """The rows of any table as mappings."""
    names = [str(name) for name in table]
    # one step for all columns: a Series for each would cost as much again
    return [dict(zip(names, values, strict=True)) for values in table.to_numpy(dtype=object).tolist()]


def record(d: Dossier, name: str) -> Row:
    """The one row of a table with a row per municipality; empty when it is missing."""
    return next(iter(rows(d, name)), {})


def known(row: Mapping[str, Any], name: str) -> bool:
    """Whether a row has a value there."""
    return not is_missing(row.get(name))


def true(row: Mapping[str, Any], name: str) -> bool:
    """Whether a flag is set; missing is not."""
    return known(row, name) and bool(row[name])


def positive(row: Mapping[str, Any], name: str) -> bool:
    """Whether there is a value above zero."""
    return known(row, name) and row[name] > 0


def yes_no(v: Voice, row: Mapping[str, Any], name: str) -> str:
    """A flag as yes, no or "–"."""
    return v.say(f"word.{'yes' if row[name] else 'no'}") if known(row, name) else NO_VALUE


def reason_words(v: Voice, row: Mapping[str, Any]) -> str:
    """Why a value is missing, as a clause; a row without a reason says that data are missing."""
    code = row.get("reason")
    return (
        v.say(f"reason.{code}")
        if isinstance(code, str) and v.has(f"reason.{code}")
        else v.say("reason.unknown")
    )


def status_and_reason(v: Voice, row: Mapping[str, Any]) -> str:
    """ "Ikke undersøgt: Der er ikke leveret data"."""
    status = row.get("status")
    shown = status if isinstance(status, str) and v.has(f"status.{status}") else "not_examined"
    return f"{capital(v.say(f'status.{shown}'))}: {capital(reason_words(v, row))}"


def score_words(v: Voice, row: Mapping[str, Any]) -> str:
    """R with symbol and word: "▲ 2,3 Delvist"; "Ikke undersøgt" when there is none."""
    if not known(row, "R"):
        return f"{SYMBOLS['none']} {capital(v.say('status.not_examined'))}"
    return f"{SYMBOLS[row['light']]} {score(row['R'], language=v.language)} {v.say('step.' + row['label'])}"


def wave_words(v: Voice, wave: str) -> str:
    """A wave in words: "2018F" -> "forår 2018"; one written otherwise stays as it is."""
    season = {"F": "spring", "E": "autumn"}.get(wave[-1:])
    return v.say(f"wave.{season}", year=wave[:-1]) if season and wave[:-1].isdigit() else wave


def wave_order(wave: str) -> tuple[str, int]:
    """A sort key that puts waves in the order of the year: spring ("F") before autumn ("E")."""
    return wave[:-1], "FE".find(wave[-1:])


def measure_label(v: Voice, measure: str) -> str:
    """The label of an area, criterion or indicator."""
    for kind in ("area", "criterion"):
        if measure in v.labels[kind]:
            return v.label(kind, measure) if kind == "area" else f"{measure} {v.label(kind, measure)}"
    indicators = framework().indicators.set_index("indicator")
    return str(indicators.at[measure, f"label_{v.language}"])


def measure_writer(v: Voice, measure: str) -> Callable[[Any], str]:
    """How values of a measure are written: scores with a decimal, years as years, shares as per cent."""
    if measure in v.labels["area"] or measure in v.labels["criterion"]:
        return lambda value: score(value, language=v.language)
    if measure == "I21b":
        return lambda value: v.say("unit.years", x=value)
    return lambda value: pct(value, language=v.language)


def all_findings(d: Dossier, v: Voice) -> list[Finding]:
    """Every finding of the municipality in words, in order of rank."""
    return [_in_words(row, v) for row in _ranked(d)]


def main_findings(d: Dossier, v: Voice) -> list[Finding]:
    """The at most eight findings of the main report, at least two of them strengths (framework 5, rule 2)."""
    found = _ranked(d)
    strengths = [row for row in found if row["severity"] == "strength"]
    others = [row for row in found if row["severity"] != "strength"]
    others = others[: MOST_MAIN - min(FEWEST_STRENGTHS, len(strengths))]
    chosen = [*others, *strengths[: MOST_MAIN - len(others)]]
    return [_in_words(row, v) for row in sorted(chosen, key=_rank)]


def card(v: Voice, finding: Finding, *, short: bool = False) -> Card:
    """A finding as a card; a short one leaves recommendation and evidence out."""
    return Card(
        title=finding.title,
        tone=SEVERITY_TONES[finding.severity],
        word=v.say(f"severity.{finding.severity}"),
        text=finding.text,
        recommendation="" if short else v.say("finding.recommendation", text=finding.recommendation),
        evidence="" if short else " · ".join(_basis(v, finding)),
    )


def evidence_line(v: Voice, finding: Finding) -> str:
    """ "F-D02 · evidensklasse A · 12 personer adspurgt · I01-I04; fordeling på afdelinger"."""
    return " · ".join([*_basis(v, finding), finding.evidence])


def _basis(v: Voice, finding: Finding) -> list[str]:
    """The finding's code, its evidence class and how many were asked."""
    parts = [finding.id]
    if finding.evidence_class:
        parts.append(v.say("finding.evidence_class", evidence_class=finding.evidence_class))
    if not is_missing(finding.n):
        few = finding.n < framework().assumptions["min_persons"]
        parts.append(v.say("finding.few") if few else v.say("finding.n", n=finding.n))
    return parts


def _ranked(d: Dossier) -> list[Row]:
    return sorted(rows(d, "findings"), key=_rank)


def _rank(row: Row) -> Any:
    return row["rank"]


@cache
def _rules() -> Mapping[str, FindingRule]:
    return {rule.id: rule for rule in framework().findings}


def _in_words(row: Row, v: Voice) -> Finding:
    rule = _rules().get(row["finding"])
    if rule is None:
        raise TableError(
            sentence(
                must="every finding must be in the catalogue",
                found=f"found {row['finding']}",
                remedy="Seal again",
            )
        )
    values = json.loads(row["values"])
    filled = values | {
        name: _render(v, optional.text, values) if values.get(name) else ""
        for name, optional in rule.sentences.items()
    }
    return Finding(
        id=rule.id,
        area=rule.area,
        severity=row["severity"],
        title=_render(v, rule.title, filled),
        text=" ".join(
            part for part in (_render(v, rule.text, filled), _others(v, rule, row, filled)) if part
        ),
        recommendation=_render(v, rule.recommendation, filled),
        first_step=_render(v, rule.first_step, filled),
        evidence=_render(v, rule.evidence, filled),
        responsible=v.label("role", rule.responsible),
        effect=rule.effect,
        effort=rule.effort,
        evidence_class=row["evidence_class"] if known(row, "evidence_class") else "",
        n=row.get("n"),
        values=values,
    )


def _render(v: Voice, texts: Mapping[str, str], values: Mapping[str, Any]) -> str:
    return v.fill(texts[v.language], values)


def _others(v: Voice, rule: FindingRule, row: Row, values: Mapping[str, Any]) -> str:
    """The rule's sentence on further subjects of the same finding."""
    if rule.others is None or row["n_subjects"] < 2:
        return ""
    named = {"others": _named(v, rule, row), "n_subjects": row["n_subjects"]}
    return _render(v, rule.others, {**values, **named})


def _named(v: Voice, rule: FindingRule, row: Row) -> str:
    """The subjects beside the first: by name, or their number and the heaviest by name."""
    if rule.scope not in LISTS:
        return ""
    listed = parts_of(row["subjects"])[1:]
    names = v.fill(f"{{names|{LISTS[rule.scope]}}}", {"names": listed})
    rest = row["n_subjects"] - 1
    return names if rest <= len(listed) else v.say(f"others.{rule.scope}", n=rest, names=names)
