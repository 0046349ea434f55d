"""The pages of the four areas: scores, findings, and what stands behind them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from klktools.blocks import Bullets, Cards, Group, Paragraphs, Table
from klktools.wording import numbers
from klktools.wording.reading import (
    NO_VALUE,
    Row,
    all_findings,
    card,
    frame,
    known,
    main_findings,
    positive,
    reason_words,
    record,
    records,
    rows,
    score_words,
    status_and_reason,
    true,
    yes_no,
)
from klktools.wording.templates import Dossier, Voice, capital, framework, parts_of, voice

LEDGER_PARTS = ("in_place_kr", "undocumented_kr", "elsewhere_kr", "core_welfare_kr", "across_kr")
ACROSS_THE_BOARD = "ACROSS_THE_BOARD"
SHOWN_GROUPS, SHOWN_CUTS = 5, 5  # the longest tables of the main part
_CERTAINTY_ORDER = ("certainly_above", "undecided", "certainly_not_above", "cannot_be_said")


def show_scores(d: Dossier, *, area: str) -> Table | Paragraphs:
    """The criteria of an area: score, what the data show, evidence class and self-image beside the data."""
    v = voice(d)
    scores = [row for row in rows(d, "scores") if row["area"] == area]
    if not scores:
        return Paragraphs((v.say("scores.none"),))
    return Table(
        caption=v.say("scores.caption", area=v.label("area", area)),
        columns=tuple(
            v.say(f"column.{name}") for name in ("criterion", "score", "data_show", "class", "self_image")
        ),
        rows=tuple(_score_row(d, v, row) for row in scores),
        note=_score_note(v, scores),
    )


def say_findings(d: Dossier, *, area: str) -> Cards | Paragraphs:
    """The main findings of an area as cards; without any, one sentence saying why."""
    v = voice(d)
    found = [finding for finding in main_findings(d, v) if finding.area == area]
    return (
        Cards(tuple(card(v, finding) for finding in found)) if found else Paragraphs((_why_none(d, v, area),))
    )


def say_certainty(d: Dossier) -> Group | Paragraphs:
    """What is certain about 25 per cent: the municipality, then each new solution (I01-I04)."""
    v, whole = voice(d), record(d, "depth_by_municipality")
    new = [row for row in rows(d, "depth_by_solution") if true(row, "is_new")]
    if not new or not known(whole, "I04"):
        return Paragraphs((v.say("certainty.none", reason=capital(reason_words(v, whole))),))
    order = sorted(new, key=lambda row: (_CERTAINTY_ORDER.index(row["I04"]), _label_key(v, row)))
    lines = tuple(f"**{v.label('solution', row['solution'])}:** {_certainty(v, row)}" for row in order)
    return Group((Paragraphs((_municipal_certainty(v, whole),)), Bullets(lines)))


def show_plan_conflicts(d: Dossier) -> Table | Paragraphs:
    """The sequence conflicts of the plan in words (I13)."""
    v, conflicts, plan = voice(d), rows(d, "conflicts"), record(d, "plan_by_municipality")
    if not positive(plan, "n_initiatives"):
        return Paragraphs((v.say("conflicts.no_plan"),))
    if not conflicts:
        return Paragraphs((v.say("conflicts.none"),))
    return Table(
        caption=v.say("conflicts.caption"),
        columns=tuple(v.say(f"column.{name}") for name in ("conflict", "initiative", "what")),
        rows=tuple(
            (v.say(f"conflict.{row['conflict']}.name"), _who_conflicts(v, row), _what_conflicts(v, row))
            for row in conflicts
        ),
    )


def show_gain_ledger(d: Dossier) -> Group | Paragraphs:
    """Where the budget cuts were taken: the five parts of H, then each gain (I16)."""
    v, gains = voice(d), record(d, "gains_by_municipality")
    if not positive(gains, "H"):
        return Paragraphs(
            (
                v.say(
                    "ledger.none", reason=capital(reason_words(v, gains | {"reason": gains.get("reason_G1")}))
                ),
            )
        )
    return Group((_ledger_parts(v, gains), _ledger_rows(d, v)))


def show_assumptions_followed(d: Dossier) -> Table | Paragraphs:
    """The assumptions not shown to hold or not followed up in the last year (I18-I19)."""
    v, assumed, gains = voice(d), rows(d, "assumption_rows"), record(d, "gains_by_municipality")
    if not assumed:
        return Paragraphs((v.say("assumed.none"),))
    doubtful = [row for row in assumed if not _holds(row)]
    if not doubtful:
        return Paragraphs((v.say("assumed.all_hold", n=len(assumed)),))
    return Table(
        caption=v.say("assumed.caption"),
        columns=tuple(
            v.say(f"column.{name}")
            for name in ("solution", "assumption", "assumed", "measured", "followed_up")
        ),
        rows=tuple(_assumption_row(v, row) for row in sorted(doubtful, key=lambda row: _label_key(v, row))),
        note=_assumption_note(v, gains, hold=len(assumed) - len(doubtful)),
    )


def show_training(d: Dossier) -> Group | Paragraphs:
    """Users trained now: per solution, then the department groups where fewest are (I21)."""
    v, solutions = voice(d), rows(d, "training_by_solution")
    solutions = sorted(solutions, key=lambda row: _label_key(v, row))
    told = [row for row in solutions if known(row, "users") or known(row, "last_training")]
    if not told:
        leadership = record(d, "leadership_by_municipality")
        reason = reason_words(v, leadership | {"reason": leadership.get("reason_L2")})
        return Paragraphs((v.say("training.none", reason=capital(reason)),))
    silent = [row["solution"] for row in solutions if row not in told]
    by_solution = Table(
        caption=v.say("training.caption"),
        columns=tuple(
            v.say(f"column.{name}")
            for name in ("solution", "users", "trained", "only_go_live", "last_training")
        ),
        rows=tuple(_trained_row(v, row) for row in told),
        numeric=(1, 2),
        note=v.say("training.no_figures", solutions=silent) if silent else "",
    )
    groups = frame(d, "training_by_group")
    return Group((by_solution, _least_trained(v, groups)) if len(groups) else (by_solution,))


def _least_trained(v: Voice, groups: pd.DataFrame) -> Table:
    ordered = records(groups.sort_values(["I21a", "solution", "department_group"], kind="stable"))
    left_out = (
        v.say("training.left_out", n=len(ordered) - SHOWN_GROUPS) if len(ordered) > SHOWN_GROUPS else ""
    )
    return Table(
        caption=v.say("training.groups_caption"),
        columns=tuple(
            v.say(f"column.{name}")
            for name in ("solution", "area", "users", "trained", "turnover", "half_life")
        ),
        rows=tuple(_training_row(v, row) for row in ordered[:SHOWN_GROUPS]),
        numeric=(2, 3, 4, 5),
        note=f"{v.say('training.note')} {left_out}".strip(),
    )


def _label_key(v: Voice, row: Row) -> Any:
    return numbers.danish_key(v.label("solution", row["solution"]))


def _score_row(d: Dossier, v: Voice, row: Row) -> tuple[str, ...]:
    marks = ("*" if true(row, "provisional") else "") + ("†" if true(row, "capped") else "")
    return (
        f"{row['criterion']} {v.label('criterion', row['criterion'])}",
        score_words(v, row) + marks,
        _data_show(d, v, row),
        row["evidence"] if known(row, "evidence") else NO_VALUE,
        _self_image(v, row),
    )


def _data_show(d: Dossier, v: Voice, row: Row) -> str:
    """The main indicator in words; for D3 the class, not a share."""
    if row["criterion"] == "D3":
        whole = record(d, "depth_by_municipality")
        return (
            v.say(f"main.D3_{whole['I04']}", **_bounds(v, whole))
            if known(whole, "I04")
            else status_and_reason(v, row)
        )
    if not known(row, "value"):
        unmeasured = {"status": "not_measured"} if row["status"] == "estimated" else {}
        return status_and_reason(v, row | unmeasured)
    slower = row["criterion"] == "G4" and row["value"] < 0
    return v.say("main.G4_slower" if slower else f"main.{row['criterion']}", x=row["value"])


def _self_image(v: Voice, row: Row) -> str:
    if not true(row, "I25a_shown") or not known(row, "I25a"):
        return NO_VALUE
    gap = row["I25a"]
    limit = framework().assumptions["perception_gap"]
    place = "higher" if gap >= limit else "lower" if gap <= -limit else "level"
    return v.say(f"self_image.{place}", interview=row["I"], data=row["S"])


def _score_note(v: Voice, scores: list[Row]) -> str:
    notes = {
        "scores.provisional": any(true(row, "provisional") for row in scores),
        "scores.capped": any(true(row, "capped") for row in scores),
        "scores.no_self_image": any(not true(row, "I25a_shown") for row in scores),
    }
    return " ".join(v.say(key) for key, wanted in notes.items() if wanted)


def _why_none(d: Dossier, v: Voice, area: str) -> str:
    whole: Row = next((row for row in rows(d, "area_scores") if row["area"] == area), {})
    if any(finding.area == area for finding in all_findings(d, v)):
        return v.say("findings.minor_only")
    if not known(whole, "R"):
        return v.say("findings.not_examined", reason=capital(reason_words(v, whole)))
    return v.say("findings.stated_only" if whole["status"] == "estimated" else "findings.none")


def _municipal_certainty(v: Voice, whole: Row) -> str:
    return v.say(f"certainty.municipality.{whole['I04']}", n=whole["n_new"], **_bounds(v, whole))


def _certainty(v: Voice, row: Row) -> str:
    if row["I04"] == "cannot_be_said":
        return v.say("certainty.solution.cannot_be_said", reason=capital(reason_words(v, row)))
    return v.say(f"certainty.solution.{row['I04']}", u=row["I01"], c=row["I02"], **_bounds(v, row))


def _bounds(v: Voice, row: Row) -> dict[str, str]:
    return {"low": _beside(v, row["I03_low"]), "high": _beside(v, row["I03_high"])}


def _beside(v: Voice, share: Any) -> str:
    """A bound in per cent; with decimals when whole per cent would hide its side of the threshold."""
    threshold = framework().assumptions["certainty_threshold"]
    near = not numbers.is_missing(share) and 0 < abs(share - threshold) < 0.005
    return numbers.pct(share, decimals=2 if near else 0, language=v.language, status="cannot_be_said")


def _who_conflicts(v: Voice, row: Row) -> str:
    if parts_of(row.get("ids")):
        return v.fill("{ids|initiatives}", row)
    if known(row, "initiative") and row["initiative"]:
        return v.label("initiative", row["initiative"])
    return v.label("solution", row.get("solution"))


def _what_conflicts(v: Voice, row: Row) -> str:
    late = row["conflict"] == "K6" and known(row, "months") and row["months"] <= 0
    return v.say("conflict.K6.late" if late else f"conflict.{row['conflict']}.text", **row)


def _ledger_parts(v: Voice, gains: Row) -> Table:
    body = [
        (
            v.say(f"ledger.{part}"),
            numbers.mio(gains[part], language=v.language),
            _share(v, gains[part], gains["H"]),
        )
        for part in LEDGER_PARTS
    ]
    total = (
        v.say("ledger.total"),
        numbers.mio(gains["H"], language=v.language),
        _share(v, gains["H"], gains["H"]),
    )
    return Table(
        caption=v.say("ledger.caption"),
        columns=(v.say("ledger.part"), v.say("column.amount"), v.say("column.share")),
        rows=(*body, total),
        numeric=(1, 2),
        note=v.say("ledger.note"),
    )


def _share(v: Voice, part: Any, whole: float) -> str:
    return NO_VALUE if numbers.is_missing(part) else numbers.pct(part / whole, language=v.language)


def _ledger_rows(d: Dossier, v: Voice) -> Table:
    ledger = frame(d, "gain_ledger")
    ordered = ledger.sort_values("cut_kr", ascending=False, kind="stable") if len(ledger) else ledger
    return Table(
        caption=v.say("ledger.rows_caption"),
        columns=tuple(
            v.say(f"column.{name}") for name in ("solution", "expected", "placed", "cut", "documented")
        ),
        rows=tuple(_ledger_row(v, row) for row in records(ordered)[:SHOWN_CUTS]),
        numeric=(3, 4),
        note=v.say("ledger.left_out", n=hidden) if (hidden := len(ordered) - SHOWN_CUTS) > 0 else "",
    )


def _ledger_row(v: Voice, row: Row) -> tuple[str, ...]:
    across = row["budget_department"] == ACROSS_THE_BOARD
    return (
        v.label("solution", row["solution"]) if known(row, "solution") and row["solution"] else NO_VALUE,
        v.label("department", row["expected_department"]),
        v.say("ledger.across") if across else v.label("department", row["budget_department"]),
        numbers.mio(row["cut_kr"], language=v.language),
        numbers.mio(row["documented_kr"], language=v.language, status="not_documented"),
    )


def _assumption_row(v: Voice, row: Row) -> tuple[str, ...]:
    return (
        v.label("solution", row["solution"]),
        str(row["description"]),
        _assumption_value(v, row, "assumed_value"),
        _measured_value(v, row),
        yes_no(v, row, "followed_up"),
    )


def _holds(row: Row) -> bool:
    return known(row, "achieved") and row["achieved"] >= 1 and true(row, "followed_up")


def _assumption_note(v: Voice, gains: Row, *, hold: int) -> str:
    notes = [v.say("assumed.hold", n=hold)] if hold else []
    if gains:
        notes.append(v.say("assumed.note", n=gains["n_followed_up"], total=gains["n_assumptions"]))
    return " ".join(notes)


def _measured_value(v: Voice, row: Row) -> str:
    """What was measured; what was only said is marked, because no score counts it beside measurements."""
    value = _assumption_value(v, row, "measured_value")
    stated = known(row, "measured_value") and row.get("evidence") == "C"
    return v.say("assumed.stated", value=value) if stated else value


def _assumption_value(v: Voice, row: Row, name: str) -> str:
    if not known(row, name):
        return v.say("status.not_measured")
    if row["type"] == "functionality":
        return v.say("word.yes" if row[name] >= 1 else "word.no" if row[name] <= 0 else "word.partly")
    return v.say("assumed.share" if row["type"] == "usage" else "assumed.minutes", x=row[name])


def _trained_row(v: Voice, row: Row) -> tuple[str, ...]:
    return (
        v.label("solution", row["solution"]),
        numbers.integer(row["users"], language=v.language, status="not_shown"),
        numbers.pct(row["I21a"], language=v.language, status="cannot_be_said"),
        yes_no(v, row, "only_go_live"),
        numbers.month(row["last_training"], language=v.language, status="not_stated"),
    )


def _training_row(v: Voice, row: Row) -> tuple[str, ...]:
    hidden = not known(row, "users") or row["users"] < framework().assumptions["min_persons"]
    label = (v.label("solution", row["solution"]), v.label("department_group", row["department_group"]))
    if hidden:
        return (*label, v.say("status.suppressed"), NO_VALUE, NO_VALUE, NO_VALUE)
    endless = not known(row, "I21b") or math.isinf(row["I21b"])
    return (
        *label,
        numbers.integer(row["users"], language=v.language),
        numbers.pct(row["I21a"], language=v.language, status="cannot_be_said"),
        numbers.pct(row["q"], language=v.language, status="not_stated"),
        NO_VALUE if endless else v.say("unit.years", x=row["I21b"]),
    )
