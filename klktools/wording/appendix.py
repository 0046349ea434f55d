"""Appendices: all findings, the data behind, what was corrected, and the method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from klktools.blocks import SYMBOLS, Group, Paragraphs, Table
from klktools.texts import ended
from klktools.wording import numbers
from klktools.wording.reading import (
    NO_VALUE,
    SEVERITY_TONES,
    Finding,
    Row,
    all_findings,
    evidence_line,
    frame,
    known,
    record,
    records,
    rows,
)
from klktools.wording.templates import Dossier, Voice, framework, voice

MOST_LINES = 40
NOT_MEASURED = ("E07", "E08", "E12")  # rules whose figures are kept but count as not measured


def show_all_findings(d: Dossier) -> Table | Paragraphs:
    """Appendix A: every finding with its evidence and the values behind it."""
    v = voice(d)
    found = all_findings(d, v)
    if not found:
        return Paragraphs((v.say("findings.none_at_all"),))
    return Table(
        caption=v.say("findings.caption", n=len(found)),
        columns=tuple(v.say(f"column.{name}") for name in ("severity", "finding", "evidence", "values")),
        rows=tuple(_finding_row(v, finding) for finding in found),
        note=v.say("findings.note"),
        row_header=False,
    )


def show_consultant_deviations(d: Dossier) -> Table | Paragraphs:
    """Where the consultants' score departs from the data score, with their written reason (framework 1.2)."""
    v = voice(d)
    moved = [row for row in rows(d, "scores") if known(row, "deviation_reason") and row["deviation_reason"]]
    if not moved:
        return Paragraphs((v.say("deviations.none"),))
    return Table(
        caption=v.say("deviations.caption"),
        columns=tuple(v.say(f"column.{name}") for name in ("criterion", "data_score", "score", "reason")),
        rows=tuple(
            (
                f"{row['criterion']} {v.label('criterion', row['criterion'])}",
                numbers.score(row["S"], language=v.language),
                numbers.score(row["R"], language=v.language),
                row["deviation_reason"],
            )
            for row in moved
        ),
        numeric=(1, 2),
    )


def show_data_basis(d: Dossier) -> Table | Paragraphs:
    """Appendix B: rows received, used, rejected and warned per table, with the data quality (I27)."""
    v, tables, whole = voice(d), rows(d, "data_quality"), record(d, "quality_by_municipality")
    if not tables:
        return Paragraphs((v.say("received.none"),))
    return Table(
        caption=v.say("basis.caption"),
        columns=tuple(
            v.say(name)
            for name in (
                "column.data",
                "received.rows",
                "received.used",
                "basis.rejected",
                "basis.warned",
                "basis.I27",
            )
        ),
        rows=tuple(_basis_row(v, row) for row in tables),
        numeric=(1, 2, 3, 4, 5),
        note=v.say("basis.note", quality=whole["I27"]) if known(whole, "I27") else "",
    )


def show_corrections(d: Dossier) -> Table | Paragraphs:
    """What was corrected on reading, counted per table, column and rule."""
    v, corrections = voice(d), frame(d, "corrections")
    if corrections.empty:
        return Paragraphs((v.say("corrections.none"),))
    counted = _counted(corrections, ["table", "column", "rule"])
    return Table(
        caption=v.say("corrections.caption", n=len(corrections)),
        columns=tuple(v.say(f"column.{name}") for name in ("data", "correction", "lines")),
        rows=tuple(
            (_data_and_field(v, row), str(row["message"]), numbers.integer(row["n"], language=v.language))
            for row in counted[:MOST_LINES]
        ),
        numeric=(2,),
        note=_left_out(v, counted),
    )


def show_problems(d: Dossier) -> Table | Paragraphs:
    """The list for the next extract: what was wrong, how often, and where first."""
    v, problems = voice(d), frame(d, "problems")
    if problems.empty:
        return Paragraphs((v.say("problems.none"),))
    counted = _counted(problems, ["severity", "table", "column", "rule"])
    return Table(
        caption=v.say("problems.caption", n=len(problems)),
        columns=tuple(
            v.say(f"column.{name}") for name in ("data", "problem", "handled", "lines", "first_place")
        ),
        rows=tuple(_problem_row(v, row) for row in counted[:MOST_LINES]),
        numeric=(3,),
        note=_left_out(v, counted),
    )


def show_criteria(d: Dossier) -> Group:
    """Appendix C: the criteria with the seed's phrase, indicator and breakpoints; the anchored scales."""
    v, check = voice(d), framework()
    indicators = check.indicators.set_index("indicator")[f"label_{v.language}"]
    overview = Table(
        caption=v.say("criteria.caption"),
        columns=tuple(
            v.say(f"column.{name}") for name in ("criterion", "seed", "indicator", "breakpoints", "target")
        ),
        rows=tuple(_criterion_row(v, row, indicators) for row in records(check.criteria)),
    )
    return Group((overview, *(_anchors(v, check.criteria, area) for area in check.areas["area"])))


def show_definitions(d: Dossier) -> Table:
    """Appendix C: every indicator and its formula in a sentence."""
    v, indicators = voice(d), framework().indicators
    return Table(
        caption=v.say("definitions.caption"),
        columns=(v.say("column.indicator"), v.say("column.name"), v.say("column.definition")),
        rows=tuple(
            (row["indicator"], row[f"label_{v.language}"], row[f"definition_{v.language}"])
            for row in records(indicators)
        ),
    )


def show_method_assumptions(d: Dossier) -> Table:
    """Appendix C: every threshold, weight and cap used, with its mark [A] or [F]."""
    v, notes = voice(d), framework().assumption_notes
    return Table(
        caption=v.say("assumptions.caption"),
        columns=tuple(v.say(f"column.{name}") for name in ("assumption", "value", "mark", "used_in")),
        rows=tuple(
            (row[v.language], _assumption_value(v, row), f"[{row['mark']}]", str(row["ref"]))
            for row in records(notes)
        ),
        numeric=(1,),
        note=v.say("assumptions.note"),
    )


def _finding_row(v: Voice, finding: Finding) -> tuple[str, ...]:
    mark = f"{SYMBOLS[SEVERITY_TONES[finding.severity]]} {v.say(f'severity.{finding.severity}')}"
    return mark, f"**{finding.title}.** {finding.text}", evidence_line(v, finding), _values(v, finding)


def _values(v: Voice, finding: Finding) -> str:
    """The numbers behind a finding; ids and texts are in its sentence already."""
    named = {
        name: value
        for name, value in finding.values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return "; ".join(f"{name} = {_as_is(value, v)}" for name, value in named.items()) or NO_VALUE


def _as_is(value: float, v: Voice) -> str:
    return numbers.compact(value, language=v.language)


def _basis_row(v: Voice, row: Row) -> tuple[str, ...]:
    counts = (row[f"rows_{name}"] for name in ("delivered", "accepted", "rejected", "warned"))
    return (
        _table_label(v, row),
        *(numbers.integer(count, language=v.language, status="not_received") for count in counts),
        numbers.pct(row["I27"], language=v.language, status="not_received"),
    )


def _counted(table: pd.DataFrame, by: list[str]) -> list[Row]:
    """One row per kind of line with n and its first place, the most frequent first."""
    grouped = table.groupby(by, dropna=False, sort=True)
    alike = grouped["message"].nunique() <= 1
    counted = grouped.first().assign(n=grouped.size(), alike=alike).reset_index()
    return records(counted.sort_values("n", ascending=False, kind="stable"))


def _left_out(v: Voice, counted: list[Row]) -> str:
    return v.say("lines.left_out", n=len(counted) - MOST_LINES) if len(counted) > MOST_LINES else ""


def _table_label(v: Voice, row: Row) -> str:
    return v.label("table", row["table"]) if known(row, "table") and row["table"] else NO_VALUE


def _data_and_field(v: Voice, row: Row) -> str:
    field = str(row["column"]) if known(row, "column") else ""
    return f"{_table_label(v, row)}: {field}" if field else _table_label(v, row)


def _problem_row(v: Voice, row: Row) -> tuple[str, ...]:
    place = [str(row[name]) for name in ("file", "sheet", "cell") if known(row, name) and row[name]]
    advice = [ended(str(row[name])) for name in ("message", "remedy") if known(row, name) and row[name]]
    said = " ".join(advice) if row["alike"] else v.say("problems.first", text=" ".join(advice))
    handled = "not_measured" if row["rule"] in NOT_MEASURED else row["severity"]
    return (
        _data_and_field(v, row),
        said,
        v.say(f"handled.{handled}"),
        numbers.integer(row["n"], language=v.language),
        ", ".join(place) or NO_VALUE,
    )


def _criterion_row(v: Voice, row: Row, indicators: pd.Series) -> tuple[str, ...]:
    limits = [row[f"breakpoint_{at}"] for at in range(1, 5)]
    by_class = any(map(numbers.is_missing, limits))
    shares = " / ".join(numbers.integer(100 * limit, language=v.language) for limit in limits if not by_class)
    return (
        f"{row['criterion']} {row[f'title_{v.language}']}",
        row["seed"],
        f"{row['main_indicator']} {indicators.get(row['main_indicator'], '')}".strip(),
        v.say("criteria.by_class") if by_class else v.say("criteria.shares", shares=shares),
        v.say("criteria.class_target") if by_class else numbers.pct(row["target"], language=v.language),
    )


def _anchors(v: Voice, criteria: pd.DataFrame, area: str) -> Table:
    chosen = records(criteria[criteria["area"].eq(area)])
    return Table(
        caption=v.say("criteria.anchors", area=v.label("area", area)),
        columns=(v.say("column.criterion"), *map(str, range(5))),
        rows=tuple((str(row["criterion"]), *row[f"anchors_{v.language}"]) for row in chosen),
    )


def _assumption_value(v: Voice, row: Row) -> str:
    write: Callable[..., Any] = _UNITS.get(row["unit"], _as_is)
    return str(write(row["value"], v))


_UNITS: dict[str, Callable[[float, Voice], str]] = {
    "share": lambda value, v: numbers.pct(value, language=v.language),
    "pp": lambda value, v: v.say("unit.pp", x=value),
    "months": lambda value, v: numbers.count(value, "month", language=v.language),
    "years": lambda value, v: numbers.count(value, "year", language=v.language),
    "kr": lambda value, v: v.say("unit.kr", x=value),
    "score": lambda value, v: numbers.score(value, language=v.language),
}
