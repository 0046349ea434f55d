"""Why a finding is a finding, and what nearly was one (framework 5)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import pandas as pd

from klktools.assessment import Assessment, criterion_values, gather_facts
from klktools.framework import FindingRule, Framework
from klktools.framework.triggers import evaluate

MARGIN = 0.10
_COLUMNS = ["municipality", "finding", "severity", "subject", "condition", "value", "limit"]


def list_triggers(findings: pd.DataFrame, rules: Sequence[FindingRule]) -> pd.DataFrame:
    """Put the trigger and the precondition of its rule to each finding, by rank."""
    texts = pd.DataFrame(
        [(rule.id, rule.trigger, rule.requires) for rule in rules], columns=["finding", "trigger", "requires"]
    )
    named = findings.sort_values(["municipality", "rank"]).merge(texts, on="finding", how="left")
    columns = ["municipality", "rank", "finding", "severity", "criterion", "subjects", "n_subjects"]
    return named[[*columns, "evidence_class", "values", "trigger", "requires"]]


def gather(assessment: Assessment, *, framework: Framework) -> dict[str, pd.DataFrame]:
    """Gather what the rules of the findings look at: scope -> its subject table."""
    values = criterion_values(assessment.tables, assessment.round.tables, framework)
    return gather_facts(assessment.tables, values, framework)


def near_misses(
    facts: Mapping[str, pd.DataFrame], *, framework: Framework, margin: float = MARGIN
) -> pd.DataFrame:
    """Find what would be a finding if one threshold were a little easier to pass.

    Parameters
    ----------
    facts : mapping
        Result of `gather`.
    framework : Framework
        Gives the rules, and the key of each subject table.
    margin : float
        How far each threshold is moved, as a part of itself.

    Returns
    -------
    DataFrame
        One row per rule x subject x threshold: municipality, finding, severity, subject, condition, value and
        limit (the two sides of the condition as they are). The rule does not fire for the subject as it is,
        its precondition holds, and it fires with that one threshold moved. Thresholds inside a class (I04,
        I11_class, ...) are not moved; `need_to_measure` is about those of I04.
    """
    parts = [
        _nearly(facts[rule.scope], rule, framework.subjects[rule.scope]["key"], margin)
        for rule in framework.findings
    ]
    table = _pile(parts)
    return table.sort_values(_COLUMNS[:5], ignore_index=True)


def relax(condition: str, *, margin: float) -> list[tuple[str, str, str, str]]:
    """Write a condition anew for each of its thresholds, with that one threshold easier to pass.

    Parameters
    ----------
    condition : str
        In the language of `klktools.framework.triggers`; of a comparison by < <= > >= the right-hand side is
        the threshold. Chained comparisons are left alone.
    margin : float
        How far, as a part of the threshold.

    Returns
    -------
    list of tuple
        Per threshold: the comparison, its left and right side, and the whole condition as relaxed.
    """
    text = ast.unparse(ast.parse(condition.strip(), mode="eval"))
    tree = ast.parse(text, mode="eval").body
    return [_relaxed(text, node, upright, margin) for node, upright in _comparisons(tree)]


def _comparisons(node: ast.expr, upright: bool = True) -> Iterator[tuple[ast.Compare, bool]]:
    """Every order comparison, and whether it stands upright or under a not."""
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _comparisons(value, upright)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _comparisons(operand, not upright)
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            yield node, upright


def _relaxed(text: str, node: ast.Compare, upright: bool, margin: float) -> tuple[str, str, str, str]:
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    upwards = isinstance(node.ops[0], ast.Lt | ast.LtE) == upright
    moved = f"({right} {'+' if upwards else '-'} {margin} * abs({right}))"
    whole, limit = text.encode(), node.comparators[0]  # the columns of ast count bytes
    rewritten = whole[: limit.col_offset] + moved.encode() + whole[limit.end_col_offset :]
    return ast.unparse(node), left, right, rewritten.decode()


def _nearly(table: pd.DataFrame, rule: FindingRule, key: Sequence[str], margin: float) -> pd.DataFrame:
    """The near misses of one rule."""
    near = ~evaluate(rule.trigger, table)
    rows = table[near & evaluate(rule.requires, table)] if rule.requires else table[near]
    rows = rows.assign(finding=rule.id, severity=rule.severity, subject=_subject(rows, key))
    parts = []
    for condition, left, right, relaxed in relax(rule.trigger, margin=margin):
        sides = {"value": evaluate(left, rows), "limit": evaluate(right, rows)}
        if all(pd.api.types.is_float_dtype(side) for side in sides.values()):  # dates have no tenth part
            close = rows.assign(condition=condition, **sides)[evaluate(relaxed, rows)]
            parts.append(close[_COLUMNS])
    return _pile(parts)


def _subject(rows: pd.DataFrame, key: Sequence[str]) -> pd.Series | str:
    """The key beside the municipality as one text, empty for the municipality itself."""
    named = [rows[name].astype("str").fillna("") for name in key if name != "municipality"]
    return reduce(lambda text, part: text + "/" + part, named) if named else ""


def _pile(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    return pd.concat(filled) if filled else pd.DataFrame(columns=_COLUMNS)
