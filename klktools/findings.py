"""Facts become findings: the catalogue's rules are data, this is the engine that runs them (framework 5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

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
    *("municipality", "finding", "version", "area", "criterion", "severity", "rank", "weight", "subject_kind"),
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
        Subject kind -> table with `municipality`, the columns the rules of that scope use and, where there is one, the
        evidence class as `evidence_<criterion>` or `evidence`. The table `criterion` also gives n_persons.
    rules : sequence of FindingRule
        `framework.findings`.
    keys : mapping
        Subject kind -> the columns that name its subject beside the municipality (none for `municipality`).

    Returns
    -------
    findings, finding_subjects : DataFrame
        As in docs/architecture.md. A rule that fires for several subjects is one finding, led by the subject of the
        largest weight and naming at most three; all are in `finding_subjects`. A rule whose precondition fails is
        replaced by F-Q01. `values` is JSON with the rule's values and, per optional sentence, whether it is said.
        `rank` orders a municipality's findings by severity, weight and id, 1 first.
    """
    named = {kind: _with_subject(table, keys.get(kind, ())) for kind, table in facts.items()}
    triggered = {rule.id: evaluate(rule.trigger, named[rule.scope]) for rule in rules}
    trusted = {rule.id: evaluate(rule.requires or "1 == 1", named[rule.scope]) for rule in rules}
    fired = {rule.id: named[rule.scope][triggered[rule.id] & trusted[rule.id]] for rule in rules}
    doubted: set[str] = set()
    kept: dict[str, pd.DataFrame] = {}
    for rule in rules:
        kept[rule.id] = _unsuppressed(fired[rule.id], rule, fired)
        distrusted = named[rule.scope][triggered[rule.id] & ~trusted[rule.id]]
        doubted |= set(_unsuppressed(distrusted, rule, fired)["municipality"])
    _replace_doubted(kept, named, doubted)
    subjects = _join([_described(kept[rule.id], rule) for rule in rules], _DESCRIBED)
    return _findings(subjects, named), subjects[SUBJECT_COLUMNS]


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
    room = MAIN_FINDINGS - others["municipality"].map(reserved).fillna(0)
    chosen = others[others.groupby("municipality").cumcount().lt(room)]
    taken = chosen.groupby("municipality").size()
    left = MAIN_FINDINGS - strengths["municipality"].map(taken).fillna(0)
    praised = strengths[strengths.groupby("municipality").cumcount().lt(left)]
    return findings[findings.index.isin(chosen.index.union(praised.index))]


_DESCRIBED = [*SUBJECT_COLUMNS, "version", "area", "criterion", "severity", "subject_kind", "evidence_class", "order"]


def _with_subject(table: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Add `subject`: the key columns joined by "/", empty for the whole municipality."""
    parts = [table[column].fillna("").astype(str) for column in key]
    subject = parts[0].str.cat(parts[1:], sep="/") if parts else ""
    return table.assign(subject=subject).reset_index(drop=True)


def _unsuppressed(rows: pd.DataFrame, rule: FindingRule, fired: Tables) -> pd.DataFrame:
    """Drop rows where a stronger rule fires for the same municipality, or for the same subject of it."""
    for other in rule.suppressed_by:
        by = ["municipality", "subject"] if other.same_subject else ["municipality"]
        stronger = pd.MultiIndex.from_frame(fired[other.finding][by])
        rows = rows[~pd.MultiIndex.from_frame(rows[by]).isin(stronger)]
    return rows


def _replace_doubted(kept: dict[str, pd.DataFrame], named: Tables, doubted: Iterable[str]) -> None:
    """Let F-Q01 speak for the municipalities where a rule fired on data that cannot bear it."""
    if REPLACEMENT in kept:
        whole = named["municipality"]
        already = whole.index.isin(kept[REPLACEMENT].index)
        kept[REPLACEMENT] = whole[already | whole["municipality"].isin(list(doubted))]


def _described(rows: pd.DataFrame, rule: FindingRule) -> pd.DataFrame:
    """Turn the rows of one rule into finding subjects with weight and values."""
    expressions = dict(rule.values) | {name: sentence.when for name, sentence in rule.sentences.items()}
    columns = {name: evaluate(expression, rows) for name, expression in expressions.items()}
    values = pd.DataFrame(columns, index=rows.index).to_dict("records")
    evidence = [name for name in (f"evidence_{rule.criterion}", "evidence") if name in rows]
    return pd.DataFrame(
        {
            "municipality": rows["municipality"],
            "finding": rule.id,
            "subject": rows["subject"],
            "weight": evaluate(rule.weight, rows).astype(float),
            "values": [_as_json(row) for row in values] if columns else ["{}"] * len(rows),
            "version": rule.version,
            "area": rule.area,
            "criterion": rule.criterion,
            "severity": rule.severity,
            "subject_kind": rule.scope,
            "evidence_class": rows[evidence[0]] if evidence else None,
            "order": SEVERITIES.index(rule.severity),
        }
    )


def _join(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    table = table.astype({"weight": float, "evidence_class": "str"})
    return table.sort_values(
        ["municipality", "finding", "weight", "subject"], ascending=[True, True, False, True], ignore_index=True
    )


def _findings(subjects: pd.DataFrame, named: Tables) -> pd.DataFrame:
    """One finding per municipality and rule, led by its heaviest subject."""
    grouped = subjects.groupby(["municipality", "finding"], sort=False)
    leads = grouped.head(1).reset_index(drop=True)
    among = subjects[grouped.cumcount().lt(NAMED_SUBJECTS) & subjects["subject"].ne("")]
    key = ["municipality", "finding"]
    listed = among.groupby(key)["subject"].agg("|".join).rename("subjects")
    table = leads.merge(listed, on=key, how="left").merge(grouped.size().rename("n_subjects"), on=key, how="left")
    table = table.sort_values(
        ["municipality", "order", "weight", "finding"], ascending=[True, True, False, True], ignore_index=True
    )
    table["rank"] = table.groupby("municipality").cumcount() + 1
    table["strength"] = table["severity"].eq("strength")
    table["subjects"] = table["subjects"].fillna("")
    table["n"] = _persons(table, named.get("criterion"))
    return table[FINDING_COLUMNS]


def _persons(table: pd.DataFrame, criteria: pd.DataFrame | None) -> pd.Series:
    """Persons asked about the criterion of each finding; missing where the finding has none."""
    if criteria is None or "n_persons" not in criteria:
        return pd.Series(np.nan, index=table.index)
    asked = table["subject"].where(table["subject_kind"].eq("criterion"), table["criterion"])
    counted = criteria.drop_duplicates(["municipality", "criterion"]).set_index(["municipality", "criterion"])
    wanted = pd.MultiIndex.from_arrays([table["municipality"], asked])
    return pd.Series(counted["n_persons"].astype(float).reindex(wanted).to_numpy(), index=table.index)


def _as_json(values: Mapping[str, object]) -> str:
    plain = {name: _plain(value) for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    """A number, text, flag or ISO date; missing and endless become None, whole numbers lose their decimals."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        number = float(value)
        return None if not np.isfinite(number) else int(number) if number.is_integer() else number
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
