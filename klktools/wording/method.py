"""How the check was made: who was met, what was received, how to read scores and evidence."""

from __future__ import annotations

from typing import Any

from klktools.blocks import SYMBOLS, Paragraphs, Table
from klktools.wording import numbers
from klktools.wording.reading import NO_VALUE, Row, known, positive, record, rows, true
from klktools.wording.templates import Dossier, Voice, capital, framework, voice

ROLE_GROUPS = ("management", "users", "staff_representatives")
STEPS = ("absent", "incipient", "partial", "systematic", "embedded")
LIGHTS = ("red", "orange", "yellow", "green", "green")


def show_people_met(d: Dossier) -> Table | Paragraphs:
    """Persons met per role group, never a single role; groups below `min_persons` are not shown."""
    v, coverage = voice(d), record(d, "interview_coverage")
    if not positive(coverage, "n_persons"):
        return Paragraphs((v.say("people.none"),))
    body = [(v.label("role_group", group), cell) for group, cell in _group_cells(v, coverage)]
    total = (v.say("people.total"), numbers.integer(coverage["n_persons"], language=v.language))
    return Table(
        caption=v.say("people.caption"),
        columns=(v.say("people.group"), v.say("people.persons")),
        rows=(*body, total),
        numeric=(1,),
        note=_people_note(v, coverage),
    )


def show_data_received(d: Dossier) -> Table | Paragraphs:
    """Which tables were received and how many of their rows could be used."""
    v, delivered = voice(d), rows(d, "delivered")
    if not delivered:
        return Paragraphs((v.say("received.none"),))
    body = [
        (
            v.label("table", row["table"]),
            _rows_or_nothing(v, row, "rows_delivered"),
            _rows_or_nothing(v, row, "rows_accepted"),
        )
        for row in delivered
    ]
    visit = record(d, "visits")
    return Table(
        caption=v.say("received.caption"),
        columns=(v.say("column.data"), v.say("received.rows"), v.say("received.used")),
        rows=tuple(body),
        numeric=(1, 2),
        note=v.say("received.period", start=visit["period_from"], end=visit["period_to"]) if visit else "",
    )


def show_evidence_classes(d: Dossier) -> Table:
    """What the evidence classes mean and how high a score they can carry (framework 1.2)."""
    v, limits = voice(d), framework().assumptions
    ceilings = {"C": limits["class_c_cap"], "D": limits["class_d_cap"]}
    return Table(
        caption=v.say("evidence.caption"),
        columns=(v.say("column.class"), v.say("evidence.meaning"), v.say("evidence.effect")),
        rows=tuple(
            (name, v.say(f"evidence.{name}"), v.say(f"evidence.effect_{name}", cap=ceilings.get(name)))
            for name in "ABCD"
        ),
        note=v.say("evidence.note", cap=limits["statement_cap"]),
    )


def show_scale(d: Dossier) -> Table:
    """The common scale 0-4 with symbol, word and meaning (framework 1.1)."""
    v = voice(d)
    return Table(
        caption=v.say("scale.caption"),
        columns=(v.say("column.score"), v.say("scale.word"), v.say("scale.meaning")),
        rows=tuple(
            (str(at), f"{SYMBOLS[light]} {v.say(f'step.{step}')}", v.say(f"scale.{step}"))
            for at, (step, light) in enumerate(zip(STEPS, LIGHTS, strict=True))
        ),
        note=v.say("scale.note"),
    )


def _group_cells(v: Voice, coverage: Row) -> list[tuple[str, str]]:
    """The groups' numbers. Staff representatives too few to show are counted with the users: no row."""
    fewest = framework().assumptions["min_persons"]
    counts = {group: coverage.get(f"n_{group}") for group in ROLE_GROUPS}
    shown = [
        group for group in ROLE_GROUPS if group != "staff_representatives" or _enough(counts[group], fewest)
    ]
    # one hidden group beside a shown total could be found by subtraction, so both are hidden
    safe = all(_enough(counts[group], fewest) for group in shown)
    hidden = v.say("status.hidden")
    return [
        (group, numbers.integer(counts[group], language=v.language) if safe else hidden) for group in shown
    ]


def _enough(value: Any, fewest: float) -> bool:
    return not numbers.is_missing(value) and value >= fewest


def _people_note(v: Voice, coverage: Row) -> str:
    met = v.say("people.note", interviews=coverage["n_interviews"], roles=coverage["n_roles"])
    if not true(coverage, "caveat"):
        return met
    few = coverage["n_interviews"] < framework().assumptions["min_interviews"]
    return f"{met} {v.say('caveat.few_interviews' if few else 'caveat.no_users')}"


def _rows_or_nothing(v: Voice, row: Row, name: str) -> str:
    if not positive(row, "rows_delivered"):
        return capital(v.say("received.nothing")) if name == "rows_delivered" else NO_VALUE
    return numbers.integer(row[name], language=v.language) if known(row, name) else NO_VALUE
