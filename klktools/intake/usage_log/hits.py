"""What was wrong in a log: a row for each rule, column and value, with the first place and how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.cells import split_cells
from klktools.intake.convert import Typed
from klktools.intake.headings import Stack
from klktools.intake.hits import NO_HITS
from klktools.intake.journal import Journal, journal_of
from klktools.intake.usage_log.numbers import Numbers, looks_like_cpr
from klktools.intake.usage_log.rows import READ, judged
from klktools.intake.usage_log.sources import Source, identifier, relation
from klktools.intake.usage_log.workspace import Workspace
from klktools.texts import fill

_HIT = ["sheet", "row", "owner", "n", "values", "rule", "column", "other", "target", "new", "phrase", "texts"]
_VALUES = 20  # of one rule, column, municipality and file; the rest is one row


class About(NamedTuple):
    """What the hits are about: the log's spec, the numbers that look like CPR numbers, and the language."""

    spec: TableSpec
    numbers: Sequence[Numbers]
    language: str


class _Rule(NamedTuple):
    """A rule in SQL: when a row breaks it, what makes two breaches alike, and what its sentence needs."""

    rule: str
    column: str
    broken: str
    value: str = "NULL"
    other: str = "NULL"
    target: str = ""
    new: str = "NULL"


def _rules(spec: TableSpec, numbers: Sequence[Numbers]) -> list[_Rule]:
    empty = [_Rule("C01", name, f"usable AND {identifier(name)} IS NULL") for name in spec.needed]
    unread = [
        _Rule(
            rule,
            name,
            f"usable AND {identifier(name)} IS NOT NULL AND {READ[name]} IS NULL",
            identifier(name),
        )
        for rule, names in {
            "C05": ["municipality"],
            "C03": ["channel", "event_type"],
            "C02": ["timestamp", "as_intended"],
        }.items()
        for name in names
    ]
    amount = "usable AND amount IS NOT NULL AND amount_read IS NULL AND"
    return [
        *empty,
        *unread,
        _Rule("C02", "amount", f"{amount} ambiguous IS NOT true", "amount"),
        _Rule("E05", "amount", f"{amount} ambiguous", "amount"),
        _Rule("E30", "user_hash", "sheet_personal AND personal"),
        *(_Rule(rule, name, where, identifier(name)) for rule, name, where in numbers),
        *_unread_numbers(),
        *_references(),
        _Rule("E31", "timestamp", "NOT broken AND skipped", "timestamp"),
        _Rule("P03", "department_ref", "usable AND contact <> ''", "department_ref", "contact"),
        *_repairs(),
    ]


def _unread_numbers() -> Iterator[_Rule]:
    """What can be read as a time or a code is no CPR number."""
    for name in READ.keys() - {"amount"}:
        unread = f"{READ[name]} IS NULL AND {looks_like_cpr(name)}"
        yield _Rule("P01", name, unread, identifier(name))


def _references() -> Iterator[_Rule]:
    for rule in ("E26", "E26a"):
        yield _Rule(
            rule,
            "municipality",
            f"NOT broken AND lost_owner = '{rule}'",
            "municipality",
            "owner",
            "municipalities",
        )
        yield _Rule(
            rule, "solution", f"NOT broken AND lost_solution = '{rule}'", "solution", "solution", "solutions"
        )
    sound = "NOT broken AND lost_owner = '' AND lost_solution = ''"
    yield _Rule("R34", "department_ref", f"{sound} AND department IS NULL", "department_ref")


def _repairs() -> Iterator[_Rule]:
    count = "'count'"
    for rule in ("E35", "E32a"):
        broken = f"NOT broken AND mended = '{rule}'"
        yield _Rule(rule, "solution", broken, "solution", other=count, new="solution_id")
    time = "strftime(local, '%Y-%m-%d %H:%M:%S')"
    for rule in ("E01", "E02"):
        yield _Rule(rule, "municipality", f"usable AND repair = '{rule}'", other=count, new="owner")
    yield _Rule("E10", "timestamp", "usable AND form = 1 AND local IS NOT NULL", other=count, new=time)
    yield _Rule("E09", "timestamp", "usable AND form = 2 AND local IS NOT NULL", other=count, new=time)
    yield _Rule(
        "E05a", "amount", "usable AND in_danish AND amount_read IS NOT NULL", other=count, new="amount_read"
    )


def _repeats() -> list[_Rule]:
    return [
        _Rule("E13", "event", "nth = 1 AND conflicting", "event", "owner || ' · ' || event"),
        _Rule("E13a", "event", "nth > 1"),
    ]


def journal(space: Workspace, sources: Sequence[Source], about: About) -> Journal:
    """Word what was wrong; the log is read again only when something was.

    Parameters
    ----------
    space : Workspace
        With `events`, `repeated` and `conflicts`.
    sources : sequence of Source
    about : About
    """
    spec, numbers, language = about
    rows = judged(relation(sources, spec, ordered=True), spec, numbers)
    found = [*_cell_hits(space, rows, about), *_repeat_hits(space, rows, spec)]
    found.sort(key=lambda hit: (hit["sheet"], hit["row"]))
    table = pd.DataFrame(found, columns=_HIT)
    texts = pd.DataFrame(table["texts"].to_list(), columns=list(spec.columns), index=table.index, dtype="str")
    cells = {name: split_cells(texts[name]) for name in spec.columns}
    typed = Typed(table["owner"].astype("str"), cells, NO_HITS, NO_HITS)
    given, headings = tuple(s.sheet for s in sources), tuple(s.heading for s in sources)
    stack = Stack(spec, given, headings, table[["sheet", "row"]])
    fixed = (
        table["rule"].map(lambda rule: load_contract().rules[rule]["severity"] == "correction").astype(bool)
    )
    told = journal_of(_hits(table[~fixed]), _hits(table[fixed]), stack, typed, language)
    corrections = _summed(told.corrections, table[fixed], "old", language)
    return Journal(
        _summed(told.problems, table[~fixed], "value", language),
        corrections.assign(cells=table.loc[fixed, "n"].to_numpy(dtype="int64")).astype({"cells": "Int64"}),
    )


def _cell_hits(space: Workspace, rows: str, about: About) -> list[dict[str, Any]]:
    some = space.rows("SELECT coalesce(bool_or(state > 0 OR warned OR repaired), false) FROM events")[0][0]
    return _first_of_each(space, rows, _rules(about.spec, about.numbers), about.spec) if some else []


def _repeat_hits(space: Workspace, rows: str, spec: TableSpec) -> list[dict[str, Any]]:
    if not space.rows("SELECT count(*) FROM repeated")[0][0]:
        return []
    numbered = f"""
        SELECT j.*, conflicts.event IS NOT NULL AS conflicting,
            row_number() OVER (PARTITION BY j.place, j.event, j.content ORDER BY j.sheet, j.row) AS nth
        FROM (FROM ({rows}) WHERE NOT broken) AS j SEMI JOIN repeated USING (place, event)
        LEFT JOIN conflicts ON conflicts.place = j.place AND conflicts.event = j.event"""
    return _first_of_each(space, numbered, _repeats(), spec)


def _first_of_each(
    space: Workspace, relation: str, rules: Sequence[_Rule], spec: TableSpec
) -> list[dict[str, Any]]:
    """One hit for each value of a rule, the commonest first, and one for all the values beyond `_VALUES`."""

    def of(field: str) -> str:
        cases = " ".join(f"WHEN {n} THEN ({getattr(rule, field)})::VARCHAR" for n, rule in enumerate(rules))
        return f"CASE hit {cases} END"

    broken = ", ".join(f"CASE WHEN {rule.broken} THEN {n} END" for n, rule in enumerate(rules))
    texts = ", ".join(f"'{name}': {identifier(name)}" for name in spec.columns)
    space.run(f"""
        CREATE OR REPLACE TABLE hits AS
        SELECT sheet, coalesce(owner, '') AS owner, hit, {of("value")} AS value, count(*) AS n,
            min(row) AS row,
            min_by({{'texts': {{{texts}}}, 'other': {of("other")}, 'new': {of("new")}}}, row) AS first
        FROM (SELECT *, unnest([{broken}]) AS hit FROM ({relation}))
        WHERE hit IS NOT NULL GROUP BY ALL""")
    found = space.rows(f"""
        SELECT sheet, min(row), owner, hit, sum(n)::BIGINT, count(*), min_by(first, row)
        FROM (SELECT *, row_number() OVER (PARTITION BY sheet, owner, hit ORDER BY n DESC, row) AS nth
              FROM hits)
        GROUP BY sheet, owner, hit, least(nth, {_VALUES + 1}) ORDER BY sheet, min(row), hit""")
    return [
        _hit(rules[hit], first, (sheet, row, owner, n, many))
        for sheet, row, owner, hit, n, many, first in found
    ]


def _hit(rule: _Rule, first: dict[str, Any], place: tuple[int, int, str, int, int]) -> dict[str, Any]:
    sheet, row, owner, n, values = place
    other = str(n) if rule.other == "'count'" else first["other"]
    return dict(
        zip(
            _HIT,
            (
                sheet,
                row,
                owner,
                n,
                values,
                rule.rule,
                rule.column,
                other,
                rule.target or None,
                first["new"],
                other if rule.rule == "P03" else None,
                first["texts"],
            ),
            strict=True,
        )
    )


def _hits(table: pd.DataFrame) -> pd.DataFrame:
    """As `klktools.intake.hits`."""
    return table[["rule", "column", "other", "target", "new", "phrase"]] if len(table) else NO_HITS


def _summed(told: pd.DataFrame, table: pd.DataFrame, value: str, language: str) -> pd.DataFrame:
    """Sentences with the number of rows like the first."""
    if table.empty:
        return told
    about = zip(told["message"], told["column"], table["n"], table["values"], table["other"], strict=True)
    rest = (table["values"] > 1).to_numpy()
    return told.assign(
        **{value: told[value].mask(rest, "")},
        message=pd.Series([_sentence(*parts, language) for parts in about], dtype="str"),
    )


def _sentence(message: str, header: str, n: int, values: int, other: str | None, language: str) -> str:
    phrases = load_contract().rules["phrases"]
    count = {"n": _number(n, language), "values": _number(values, language)}
    if values > 1:
        return fill(phrases["more_values"][language], header=header, **count)
    return message if n == 1 or other == str(n) else message + fill(phrases["alike"][language], **count)


def _number(count: int, language: str) -> str:
    return f"{count:,}".replace(",", "." if language == "da" else ",")
