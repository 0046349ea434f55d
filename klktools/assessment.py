"""One assessment of a whole round: the only library room that composes the steps.

files -> `Round` -> `assess` -> `Assessment` -> sealed dossiers -> reports
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
import pandas as pd

from klktools.benchmark import (
    EDITIONS,
    collect_measures,
    four_statements,
    hide_small_groups,
    make_function_reference,
    make_reference,
    place,
)
from klktools.contract import load_contract
from klktools.errors import TableError, sentence
from klktools.findings import find, select_main
from klktools.framework import Framework, load_framework
from klktools.indicators.data_quality import measure_data_quality
from klktools.indicators.depth import measure_depth
from klktools.indicators.gains import measure_gains
from klktools.indicators.leadership import measure_leadership
from klktools.indicators.plan import measure_plan
from klktools.interviews import score_answers
from klktools.scoring import certainty_grade, limit_data_scores, score_areas, score_criteria

Tables = dict[str, pd.DataFrame]

_VALUE = ["municipality", "criterion", "value", "category", "evidence", "status", "reason"]
_INDICATOR = [
    *("municipality", "wave", "indicator", "solution", "department", "estimate", "low", "high", "n", "unit"),
    *("category", "evidence", "status", "reason"),
]


class Round(Protocol):
    """What an assessment needs of a round: validated tables and what was wrong with the rest."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...
    @property
    def problems(self) -> pd.DataFrame: ...
    @property
    def corrections(self) -> pd.DataFrame: ...
    @property
    def delivered(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Assessment:
    """Everything computed from one round; each DataFrame here is a table of docs/architecture.md.

    `round` is what it was computed from, `assumptions` the thresholds (name -> value) it was computed with.
    `positions` (own value, quartile band 1-4 and quartiles per municipality x measure x group), `statements`
    (edition -> the tables of `benchmark.four_statements`) and the column `main` of `findings` (in the main
    report)
    complete them.
    """

    round: Round
    assumptions: Mapping[str, float]
    # depth
    cells: pd.DataFrame
    usage_by_month: pd.DataFrame
    usage_by_group: pd.DataFrame
    usage_by_department: pd.DataFrame
    depth_by_solution: pd.DataFrame
    depth_by_municipality: pd.DataFrame
    double_purchases: pd.DataFrame
    # plan
    plan_by_municipality: pd.DataFrame
    conflicts: pd.DataFrame
    change_load: pd.DataFrame
    timeline: pd.DataFrame
    # gains
    gain_ledger: pd.DataFrame
    gains_by_municipality: pd.DataFrame
    gains_by_solution: pd.DataFrame
    assumption_rows: pd.DataFrame
    # leadership
    leadership_by_municipality: pd.DataFrame
    training_by_group: pd.DataFrame
    training_by_solution: pd.DataFrame
    support_matrix: pd.DataFrame
    support_by_solution: pd.DataFrame
    # interviews
    answer_scores: pd.DataFrame
    interview_scores: pd.DataFrame
    claims: pd.DataFrame
    rater_differences: pd.DataFrame
    interview_coverage: pd.DataFrame
    # data quality
    data_quality: pd.DataFrame
    quality_by_municipality: pd.DataFrame
    # what it adds up to
    scores: pd.DataFrame
    area_scores: pd.DataFrame
    indicators: pd.DataFrame
    findings: pd.DataFrame
    finding_subjects: pd.DataFrame
    reference: pd.DataFrame
    positions: pd.DataFrame
    statements: Mapping[str, Mapping[str, pd.DataFrame]]

    @property
    def municipalities(self) -> pd.DataFrame:
        """The municipalities of the round (T1), one row each."""
        return self.round.tables["municipalities"]

    @property
    def tables(self) -> Tables:
        """Every result table by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: table for name, table in named.items() if isinstance(table, pd.DataFrame)}


def _refuse_stopped(problems: pd.DataFrame) -> None:
    """A round with personal data in it is not assessed (framework 3.6)."""
    stopping = problems[problems["rule"].isin(load_contract().stopping)]
    if len(stopping):
        first = stopping.iloc[0]
        raise TableError(
            sentence(
                must="A delivery must hold no CPR number",
                found=f"cells with what looks like one: {len(stopping)}, the first",
                where=" ".join(part for part in first[["file", "sheet", "cell"]].fillna("") if part),
                remedy=first["remedy"],
            )
        )


def assess(round_: Round, *, framework: Framework | None = None) -> Assessment:
    """Measure, score, compare and find, for all municipalities of a round at once.

    Parameters
    ----------
    round_ : Round
        Validated tables, problems, corrections and what was delivered (`klktools.read_round`).
    framework : Framework, optional
        The check as data; the built-in one unless another is given.

    Returns
    -------
    Assessment
        Figures about answers, staff and users are the whole truth here; findings, reference and positions are
        made from those large enough to show.

    Raises
    ------
    TableError
        When a rule of the round's problems stops the delivery (P01).
    """
    _refuse_stopped(round_.problems)
    framework = framework or load_framework()
    assumptions = framework.assumptions
    results = measure(round_, framework)
    values = criterion_values(results, round_.tables, framework)
    results["scores"] = score_criteria(
        values,
        results["interview_scores"],
        _of_latest_visits(round_.tables["ratings"], round_.tables["visits"]),
        framework.criteria,
        assumptions=assumptions,
    )
    results["area_scores"] = score_areas(results["scores"], assumptions=assumptions)
    results["indicators"] = list_indicators(results, round_.tables["municipalities"], framework)
    shown = hide_small_groups(results, assumptions=assumptions)
    facts = gather_facts(shown, values, framework)
    keys = {scope: spec["key"] for scope, spec in framework.subjects.items()}
    found, results["finding_subjects"] = find(facts, framework.findings, keys=keys)
    results["findings"] = found.assign(main=found.index.isin(select_main(found).index))
    return Assessment(
        round=round_,
        assumptions=dict(assumptions),
        **results,
        **compare(results, round_.tables["municipalities"], framework),
        statements={
            edition: four_statements(results, assumptions=assumptions, edition=edition)
            for edition in EDITIONS
        },
    )


def measure(round_: Round, framework: Framework) -> Tables:
    """Run the indicator steps of all areas, the interviews and the data quality."""
    tables, assumptions = round_.tables, framework.assumptions
    depth = measure_depth(tables, assumptions=assumptions)
    return {
        **depth,
        **measure_plan(tables, assumptions=assumptions),
        **measure_gains(tables, depth["depth_by_solution"], assumptions=assumptions),
        **measure_leadership(tables, assumptions=assumptions),
        **score_answers(tables, framework_questions=framework.questions, assumptions=assumptions),
        **measure_data_quality(
            tables, round_.problems, round_.corrections, round_.delivered, assumptions=assumptions
        ),
    }


def compare(results: Tables, municipalities: pd.DataFrame, framework: Framework) -> Tables:
    """Make the reference of all and put each municipality in its quartile bands."""
    assumptions = framework.assumptions
    measured = (results["scores"], results["area_scores"], results["indicators"], municipalities)
    reference = make_reference(*measured, assumptions=assumptions)
    functions = make_function_reference(results["depth_by_solution"], assumptions=assumptions)
    return {
        "reference": pd.concat([reference, functions], ignore_index=True),
        "positions": place(collect_measures(*measured), reference),
    }


def latest_visits(visits: pd.DataFrame) -> pd.DataFrame:
    """Take each municipality's latest visit; a planned one counts only when there is no other."""
    ranked = visits.assign(held=visits["status"].ne("planned")).sort_values(["held", "period_to", "end_date"])
    return ranked.drop_duplicates("municipality", keep="last")


def criterion_values(
    results: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame], framework: Framework
) -> pd.DataFrame:
    """Take each criterion's main indicator from where `criteria.yaml` says it stands.

    Returns
    -------
    DataFrame
        One row per municipality x criterion: wave, instrument_version, value, category, limit, evidence,
        status, reason. A criterion that the visit's instrument does not ask is `not_examined`, reason
        `not_in_instrument`. Where a document or list counts as class B (framework 1.2, 3), a known value has
        at least that.
    """
    parts = [_main_indicator(results[str(row["table"])], row) for _, row in framework.criteria.iterrows()]
    limits = limit_data_scores(
        results["plan_by_municipality"],
        results["gains_by_municipality"],
        results["leadership_by_municipality"],
    )
    grid = _visited(tables).merge(framework.criteria[["criterion", "evidence_capped"]], how="cross")
    table = grid.merge(pd.concat(parts, ignore_index=True), on=["municipality", "criterion"], how="left")
    table = table.merge(limits, on=["municipality", "criterion"], how="left")
    grades = certainty_grade(results["depth_by_municipality"], assumptions=framework.assumptions)
    graded = grades.set_axis(results["depth_by_municipality"]["municipality"])
    is_d3 = table["criterion"].eq("D3")
    table["category"] = table["municipality"].map(graded).where(is_d3, table["category"])
    return _settle(table, _asked(framework.questions)).drop(columns="evidence_capped")


def list_indicators(
    results: Mapping[str, pd.DataFrame], municipalities: pd.DataFrame, framework: Framework
) -> pd.DataFrame:
    """Collect the indicators of municipalities, solutions and department groups in one long table.

    Returns
    -------
    DataFrame
        `indicators` of docs/architecture.md, by `indicators.yaml`. `department` holds the department group
        where there is one. Indicators per criterion (I25a, I25c) stand in `scores`.
    """
    placed = framework.indicator_places
    placed = placed[placed["scope"].ne("criterion")]
    parts = [_long(results[str(spec["table"])], spec) for _, spec in placed.iterrows()]
    table = municipalities[["municipality", "wave"]].merge(
        pd.concat(parts, ignore_index=True), on="municipality"
    )
    return table[_INDICATOR]


def gather_facts(shown: Mapping[str, pd.DataFrame], values: pd.DataFrame, framework: Framework) -> Tables:
    """Join the result tables into the subject tables the findings are about (`findings.yaml`, subjects).

    `shown` holds no figure of too few persons, so that no finding can either.
    """
    facts = {
        scope: _joined([shown[name] for name in spec["tables"]], list(spec["key"]))
        for scope, spec in framework.subjects.items()
    }
    evidence = values.pivot(index="municipality", columns="criterion", values="evidence")
    evidence = evidence.add_prefix("evidence_").assign(evidence_P=evidence["P1"]).reset_index()
    return {scope: _with_evidence(table, evidence, scope) for scope, table in facts.items()}


def _visited(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    latest = latest_visits(tables["visits"])[["municipality", "instrument_version"]]
    return tables["municipalities"][["municipality", "wave"]].merge(latest, on="municipality", how="left")


def _of_latest_visits(ratings: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    return ratings[ratings["visit"].isin(latest_visits(visits)["visit"])]


def _main_indicator(table: pd.DataFrame, spec: pd.Series) -> pd.DataFrame:
    columns = {name: _column(table, spec[name]) for name in _VALUE[2:]}
    return pd.DataFrame({"municipality": table["municipality"], "criterion": spec["criterion"], **columns})


def _column(table: pd.DataFrame, name: object) -> pd.Series:
    """A named column, or a missing one where the framework names none."""
    if isinstance(name, str) and name:
        return table[name]
    return pd.Series(np.nan, index=table.index)


def _asked(questions: pd.DataFrame) -> pd.MultiIndex:
    """The pairs (instrument version, criterion) that some question asks about."""
    pairs = questions[["versions", "criterion"]].explode("versions")
    return pd.MultiIndex.from_frame(pairs.drop_duplicates())


def _settle(table: pd.DataFrame, asked: pd.MultiIndex) -> pd.DataFrame:
    """Complete evidence, status and reason."""
    known = table["value"].notna()
    by_document = known & ~table["evidence_capped"].astype(bool) & ~table["evidence"].isin(["A", "B"])
    pairs = pd.MultiIndex.from_frame(table[["instrument_version", "criterion"]])
    unasked = table["instrument_version"].notna() & ~pairs.isin(asked)
    status = (
        table["status"].fillna("not_examined").mask(table["status"].eq("measured") & ~known, "cannot_be_said")
    )
    reason = table["reason"].fillna("").mask(~known & table["reason"].fillna("").eq(""), "not_delivered")
    return table.assign(
        evidence=table["evidence"].astype("str").mask(by_document, "B").where(~unasked),
        status=status.mask(unasked, "not_examined"),
        reason=reason.mask(unasked, "not_in_instrument"),
    )


def _long(table: pd.DataFrame, spec: pd.Series) -> pd.DataFrame:
    """One indicator of one table as rows of `indicators`."""
    numbers = {name: _column(table, spec[name]).astype(float) for name in ("estimate", "low", "high", "n")}
    part = pd.DataFrame(
        {
            "municipality": table["municipality"],
            "indicator": spec["indicator"],
            "solution": table["solution"] if spec["scope"] != "municipality" else "",
            "department": table["department_group"] if spec["scope"] == "group" else "",
            **numbers,
            "unit": spec["unit"],
            "category": _column(table, spec["category"]).astype("str"),
            "evidence": _column(table, spec["evidence"]).astype("str"),
        }
    )
    known = part["estimate"].notna() | part["category"].notna()
    status, reason = (_stated(table, name, spec["criterion"]) for name in ("status", "reason"))
    silent = status.where(status.ne("measured")).fillna("cannot_be_said")
    return part.assign(status=silent.mask(known, "measured"), reason=reason.fillna("").mask(known, ""))


def _stated(table: pd.DataFrame, name: str, criterion: object) -> pd.Series:
    """The status or reason a table gives for a criterion, else for the row, else missing."""
    column = next((found for found in (f"{name}_{criterion}", name) if found in table), "")
    return _column(table, column).astype("str")


def _joined(tables: list[pd.DataFrame], key: list[str]) -> pd.DataFrame:
    """Join tables left to right on the part of `key` each has; the first to hold a column gives it."""
    joined = _nullable(tables[0])
    for table in tables[1:]:
        on = [name for name in key if name in table]
        fresh = [name for name in table if name not in joined.columns]
        part = _nullable(table)[[*on, *fresh]]
        joined = joined.merge(part, on=on, how="outer" if on == key else "left")
    return joined


def _nullable(table: pd.DataFrame) -> pd.DataFrame:
    """Flags that stay flags when a join leaves gaps."""
    return table.astype({name: "boolean" for name in table.select_dtypes("bool")})


def _with_evidence(table: pd.DataFrame, evidence: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Add `evidence_<criterion>`; a solution has its own class for depth, a group its own for training."""
    own = {"solution": ["evidence_D1", "evidence_D2", "evidence_D3"], "group": ["evidence_L2"]}.get(scope, [])
    fresh = [name for name in evidence if name not in table.columns and name not in own]
    # copied, since a table put together from so many parts is slow to widen
    joined = table.merge(evidence[["municipality", *fresh]], on="municipality", how="left").copy()
    return joined.assign(**{name: joined["evidence"] for name in own})
