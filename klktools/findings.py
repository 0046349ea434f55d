"""Facts become findings: the catalogue's rules are data, this is the engine that runs them (framework 5)."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from functools import reduce

import numpy as np
import pandas as pd

from klktools.framework import FindingRule
from klktools.framework.triggers import evaluate

Tables = Mapping[str, pd.DataFrame]

SEVERITIES = ("critical", "high", "medium", "low", "strength")
REPLACEMENT = "F-Q01"
NAMED_SUBJECTS = 3
MAIN_FINDINGS = 8
MAIN_STRENGTHS = 2
FINDING_COLUMNS = [
    *(
        "municipality",
        "finding",
        "version",
        "area",
        "criterion",
        "severity",
        "rank",
        "weight",
        "subject_kind",
    ),
    *("subject", "subjects", "n_subjects", "values", "evidence_class", "n", "strength"),
]
SUBJECT_COLUMNS = ["municipality", "finding", "subject", "weight", "values"]


def find(
    facts: Tables, rules: Sequence[FindingRule], *, keys: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run every rule on every municipality.

    Parameters
    ----------
    facts : mapping
        Scope -> table with `municipality`, the columns the rules of that scope use and, where there is one,
        the evidence class as `evidence_<criterion>` (as `evidence` in the scope `criterion`, which also gives
        n_persons).
    rules : sequence of FindingRule
        `framework.findings`.
    keys : mapping
        Scope -> key columns of its table; those beside the municipality name the subject, joined by "/".

    Returns
    -------
    findings, finding_subjects : DataFrame
        As in docs/architecture.md. A rule that fires for several rows of its facts is one finding, led by the
        row of the largest weight; `subjects` names at most three and `n_subjects` counts the rows, which are
        all in `finding_subjects`. A rule whose precondition fails is replaced by F-Q01. `values` is JSON with
        the rule's values and, per optional sentence, whether it is said. `rank` orders a municipality's
        findings by severity, weight and id, 1 first; strengths of the whole municipality come before those of
        a part of it.
    """
    named = {scope: table.assign(_subject=_subject(table, keys[scope])) for scope, table in facts.items()}
    fired, doubtful = {}, {}
    for rule in rules:
        rows = named[rule.scope]
        triggered = evaluate(rule.trigger, rows)
        trusted = evaluate(rule.requires, rows) if rule.requires else triggered
        fired[rule.id], doubtful[rule.id] = rows[triggered & trusted], rows[triggered & ~trusted]
    scopes = {rule.id: rule.scope for rule in rules}
    kept = {rule.id: _unsuppressed(fired[rule.id], rule, fired, scopes) for rule in rules}
    doubted = [_unsuppressed(doubtful[rule.id], rule, fired, scopes)["municipality"] for rule in rules]
    if REPLACEMENT in kept:
        kept[REPLACEMENT] = _replacing(kept[REPLACEMENT], named["municipality"], pd.concat(doubted))
    subjects = _join([_described(kept[rule.id], rule) for rule in rules])
    return _findings(subjects, facts.get("criterion")), subjects[SUBJECT_COLUMNS]


def select_main(findings: pd.DataFrame) -> pd.DataFrame:
    """Choose the findings of the main report: at most eight, at least two of them strengths if so many fire.

    Parameters
    ----------
    findings : DataFrame
        Result of `find`, of one municipality or of all.

    Returns
    -------
    DataFrame
        The chosen rows, in their own order.
    """
    ordered = findings.sort_values("rank", kind="stable")
    strengths, others = ordered[ordered["strength"]], ordered[~ordered["strength"]]
    reserved = strengths.groupby("municipality").size().clip(upper=MAIN_STRENGTHS)
    room = MAIN_FINDINGS - others["municipality"].map(reserved).astype(float).fillna(0)
    chosen = others[others.groupby("municipality").cumcount().lt(room)]
    taken = chosen.groupby("municipality").size()
    left = MAIN_FINDINGS - strengths["municipality"].map(taken).astype(float).fillna(0)
    praised = strengths[strengths.groupby("municipality").cumcount().lt(left)]
    return findings[findings.index.isin(chosen.index.union(praised.index))]


_DESCRIBED = [
    *SUBJECT_COLUMNS,
    "version",
    "area",
    "criterion",
    "severity",
    "subject_kind",
    "evidence_class",
    "order",
]


def _subject(table: pd.DataFrame, key: Sequence[str]) -> pd.Series | str:
    """The key beside the municipality as one text, empty for the municipality itself."""
    parts = [table[column].astype("str") for column in key if column != "municipality"]
    return reduce(lambda text, part: text + ("/" + part).fillna(""), parts[1:], parts[0]) if parts else ""


def _unsuppressed(
    rows: pd.DataFrame, rule: FindingRule, fired: Tables, scopes: Mapping[str, str]
) -> pd.DataFrame:
    """Drop rows where a stronger rule fires for the same municipality, or for the same subject of it."""
    for other in rule.suppressed_by:
        if other.same_subject and scopes[other.finding] != rule.scope:
            continue  # a solution is never the same subject as the municipality
        by = ["municipality", "_subject"] if other.same_subject else ["municipality"]
        stronger = pd.MultiIndex.from_frame(fired[other.finding][by])
        rows = rows[~pd.MultiIndex.from_frame(rows[by]).isin(stronger)]
    return rows


def _replacing(rows: pd.DataFrame, whole: pd.DataFrame, doubted: pd.Series) -> pd.DataFrame:
    """Let F-Q01 also speak for the municipalities where a rule fired on data that cannot bear it."""
    added = whole["municipality"].isin(doubted) & ~whole["municipality"].isin(rows["municipality"])
    return pd.concat([rows, whole[added]])


def _described(rows: pd.DataFrame, rule: FindingRule) -> pd.DataFrame:
    """Turn the rows of one rule into finding subjects with weight and values."""
    expressions = dict(rule.values) | {name: sentence.when for name, sentence in rule.sentences.items()}
    columns = {name: evaluate(expression, rows) for name, expression in expressions.items()}
    values = pd.DataFrame(columns, index=rows.index).to_dict("records")
    evidence = "evidence" if rule.scope == "criterion" else f"evidence_{rule.criterion}"
    return pd.DataFrame(
        {
            "municipality": rows["municipality"],
            "finding": rule.id,
            "subject": rows["_subject"],
            "weight": evaluate(rule.weight, rows).astype(float),
            "values": [_as_json(row) for row in values] if columns else ["{}"] * len(rows),
            "version": rule.version,
            "area": rule.area,
            "criterion": rule.criterion,
            "severity": rule.severity,
            "subject_kind": rule.scope,
            "evidence_class": rows.get(evidence),
            "order": SEVERITIES.index(rule.severity),
        }
    )


def _join(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=_DESCRIBED)
    table = table.astype({"weight": float, "evidence_class": "str"})
    return table.sort_values(
        ["municipality", "finding", "weight", "subject"],
        ascending=[True, True, False, True],
        ignore_index=True,
    )


def _findings(subjects: pd.DataFrame, criteria: pd.DataFrame | None) -> pd.DataFrame:
    """One finding per municipality and rule, led by its heaviest subject."""
    key = ["municipality", "finding"]
    among = subjects["subject"].ne("") & subjects.groupby(key).cumcount().lt(NAMED_SUBJECTS)
    listed = subjects[among].groupby(key)["subject"].agg("|".join)
    counted = subjects.groupby(key).size()
    table = subjects.drop_duplicates(key)
    table = table.merge(listed.rename("subjects"), on=key, how="left")
    table = table.merge(counted.rename("n_subjects"), on=key, how="left")
    # a strength of the whole municipality before one of a single solution or group
    narrow = table["severity"].eq("strength") & table["subject"].ne("")
    table = table.assign(narrow=narrow).sort_values(
        ["municipality", "order", "narrow", "weight", "finding"],
        ascending=[True, True, True, False, True],
        ignore_index=True,
    )
    table["rank"] = table.groupby("municipality").cumcount() + 1
    table["strength"] = table["severity"].eq("strength")
    table["subjects"] = table["subjects"].fillna("")
    table["n"] = _persons(table, criteria)
    return table[FINDING_COLUMNS]


def _persons(table: pd.DataFrame, criteria: pd.DataFrame | None) -> pd.Series:
    """Persons asked about the criterion of each finding; missing where nobody was, or it has no criterion."""
    if criteria is None or "n_persons" not in criteria:
        return pd.Series(np.nan, index=table.index)
    asked = table["subject"].where(table["subject_kind"].eq("criterion"), table["criterion"])
    counted = criteria.set_index(["municipality", "criterion"])["n_persons"].astype(float)
    wanted = pd.MultiIndex.from_arrays([table["municipality"], asked])
    return pd.Series(counted[counted.gt(0)].reindex(wanted).to_numpy(), index=table.index)


def _as_json(values: Mapping[Hashable, object]) -> str:
    plain = {str(name): _plain(value) for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """A number, text, flag or ISO date; missing becomes None, whole numbers lose their decimals."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        number = float(value)
        return None if not np.isfinite(number) else int(number) if number.is_integer() else number
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
