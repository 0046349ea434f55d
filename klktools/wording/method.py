"""How the check was made: who was met, what was received, how to read scores and evidence."""

from __future__ import annotations

from typing import Any

from klktools.blocks import SYMBOLS, Bullets, Paragraphs, Table
from klktools.wording import numbers
from klktools.wording.reading import Row, positive, record, rows, true
from klktools.wording.templates import Dossier, Voice, framework, voice

ROLE_GROUPS = ("management", "users", "staff_representatives")
STEPS = ("absent", "incipient", "partial", "systematic", "embedded")
# what a municipality hands in; visits, interviews and ratings are the consultants' own
OWN_DATA = (
    *("departments", "solutions", "usage", "initiatives", "dependencies", "plans", "gains", "assumptions"),
    *("staffing", "users", "training", "support", "processes"),
)
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


def show_data_received(d: Dossier) -> Bullets | Paragraphs:
    """Which of the municipality's own data were received and which were not; counts stand in appendix B."""
    v, visit = voice(d), record(d, "visits")
    delivered = {row["table"] for row in rows(d, "delivered") if positive(row, "rows_delivered")}
    received = [v.label("table", name) for name in OWN_DATA if name in delivered]
    missing = [v.label("table", name) for name in OWN_DATA if name not in delivered]
    if not received:
        return Paragraphs((v.say("received.none"),))
    lines = [v.say("received.some", tables=received)]
    lines += [v.say("received.missing", tables=missing)] if missing else []
    lines += [v.say("received.period", start=visit["period_from"], end=visit["period_to"])] if visit else []
    return Bullets(tuple(lines))


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
