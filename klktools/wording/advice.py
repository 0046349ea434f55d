"""Self-image beside the data, recommendations, and the position among the other municipalities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from klktools.blocks import Block, Cards, Group, Paragraphs, Table
from klktools.wording import numbers
from klktools.wording.reading import (
    NO_VALUE,
    Finding,
    Row,
    card,
    frame,
    known,
    main_findings,
    measure_label,
    measure_writer,
    record,
    records,
    rows,
    true,
)
from klktools.wording.templates import Dossier, Voice, framework, voice

AREAS = ("plan", "depth", "gains", "leadership")
POSITION_INDICATORS = ("I02", "I16", "I21a")


def say_perception(d: Dossier) -> Group:
    """What interviews say beside what data show (I25a-c), then the main findings on self-image and data."""
    v = voice(d)
    found = [card(v, finding) for finding in main_findings(d, v) if finding.area not in AREAS]
    blocks: list[Block] = [Paragraphs((*_gaps(d, v), *_share_gap(d, v), *_role_gaps(d, v)))]
    return Group((*blocks, Cards(tuple(found))) if found else tuple(blocks))


def show_recommendations(d: Dossier) -> Table | Paragraphs:
    """The recommendations (not those of strengths): what, who, first step, effect, effort, finding."""
    v = voice(d)
    found = [finding for finding in main_findings(d, v) if not finding.strength]
    if not found:
        return Paragraphs((v.say("recommendations.none"),))
    return Table(
        caption=v.say("recommendations.caption"),
        columns=tuple(
            v.say(f"column.{name}")
            for name in ("number", "recommendation", "who", "first_step", "effect", "effort", "finding")
        ),
        rows=tuple(_recommendation(v, at, finding) for at, finding in enumerate(found, start=1)),
        numeric=(6,),  # keeps the finding's code on one line
        note=v.say("recommendations.note"),
    )


def say_position(d: Dossier) -> Paragraphs:
    """How the position is to be read: quartile bands, whom with, and what is not compared."""
    v = voice(d)
    places = _places(d)
    within = any(place["group_kind"] == "wave" for place in places)
    silent = any(place["band"] is None for place in places)
    keys = ["position.rule", *(["position.wave"] if within else []), *(["position.silent"] if silent else [])]
    return Paragraphs(tuple(v.say(key) for key in keys))


def show_position(d: Dossier) -> Table | Paragraphs:
    """The quartile band of each area and three indicators; no rank, no minimum or maximum."""
    v = voice(d)
    places = _places(d)
    if not places:
        return Paragraphs((v.say("position.none"),))
    return Table(
        caption=v.say("position.caption"),
        columns=tuple(
            v.say(f"column.{name}") for name in ("measure", "own", "middle_half", "position", "compared")
        ),
        rows=tuple(_position_row(v, place) for place in places),
        numeric=(1, 2),
    )


def band(value: Any, quartiles: Mapping[str, Any]) -> int | None:
    """The quartile band 1-4 of a value, None when it or the quartiles are missing."""
    lower, middle, upper = (quartiles.get(name) for name in ("q25", "median", "q75"))
    if any(map(numbers.is_missing, (value, lower, middle, upper))):
        return None
    return 1 + int(value >= lower) + int(value > middle) + int(value > upper)


def _gaps(d: Dossier, v: Voice) -> list[str]:
    shown = [row for row in rows(d, "scores") if true(row, "I25a_shown") and known(row, "I25a")]
    if not shown:
        return [v.say("perception.none")]
    limit = framework().assumptions["perception_gap"]
    higher = [row["criterion"] for row in shown if row["I25a"] >= limit]
    lower = [row["criterion"] for row in shown if row["I25a"] <= -limit]
    lines = [v.say("perception.compared", n=len(shown))]
    lines += [v.say("perception.higher", criteria=higher)] if higher else []
    lines += [v.say("perception.lower", criteria=lower)] if lower else []
    return lines if higher or lower else [*lines, v.say("perception.level")]


def _share_gap(d: Dossier, v: Voice) -> list[str]:
    claimed, measured = (
        record(d, "claims").get("claimed_share"),
        record(d, "depth_by_municipality").get("I01"),
    )
    if numbers.is_missing(claimed):
        return []
    if numbers.is_missing(measured):
        return [v.say("perception.claimed_only", claimed=claimed)]
    return [v.say("perception.claimed", claimed=claimed, measured=measured)]


def _role_gaps(d: Dossier, v: Voice) -> list[str]:
    limit = framework().assumptions["role_gap"]
    apart = [row["criterion"] for row in rows(d, "scores") if known(row, "I25c") and row["I25c"] >= limit]
    return [v.say("perception.roles", criteria=apart)] if apart else []


def _recommendation(v: Voice, at: int, finding: Finding) -> tuple[str, ...]:
    return (
        str(at),
        finding.recommendation,
        finding.responsible,
        finding.first_step,
        v.say(f"effect.{finding.effect}"),
        v.say(f"effort.{finding.effort}"),
        finding.id,
    )


def _places(d: Dossier) -> list[Row]:
    """Own value, the group it may be compared with, and the band."""
    areas = {row["area"]: row for row in rows(d, "area_scores")}
    own = {area: areas[area]["R"] for area in AREAS if area in areas}
    own |= {row["indicator"]: row["estimate"] for row in _compared_indicators(d)}
    reference = _by_group(d.reference)
    wave = next((row["wave"] for row in areas.values()), "")
    return [_place(measure, value, reference, wave) for measure, value in own.items()]


def _compared_indicators(d: Dossier) -> list[Row]:
    table = frame(d, "indicators")
    if table.empty:
        return []
    whole = table["solution"].eq("") & table["department"].eq("")
    return records(table[whole & table["indicator"].isin(POSITION_INDICATORS)])


def _by_group(reference: Any) -> dict[tuple[str, str, str], Row]:
    return {(row["measure"], row["group_kind"], row["group"]): row for row in records(reference)}


def _place(measure: str, value: Any, reference: Mapping[tuple[str, str, str], Row], wave: str) -> Row:
    """Compared with all; only a measure that not every instrument asked is compared within its wave."""
    everyone: Row = reference.get((measure, "all", "all"), {})
    uneven = everyone.get("status") == "not_examined"
    group: Row = reference.get((measure, "wave", wave), {}) if uneven else everyone
    kind = "wave" if uneven else "all"
    return {"measure": measure, "value": value, "band": band(value, group), **group, "group_kind": kind}


def _position_row(v: Voice, place: Row) -> tuple[str, ...]:
    write = measure_writer(v, place["measure"])
    shown = place.get("status") == "measured" and known(place, "q25")
    return (
        measure_label(v, place["measure"]),
        write(place["value"]),
        v.say("position.range", low=write(place["q25"]), high=write(place["q75"])) if shown else NO_VALUE,
        v.say(f"band.{place['band']}") if place["band"] else v.say("band.none"),
        v.say(f"position.n_{place['group_kind']}", n=place["n"]) if shown else v.say("status.suppressed"),
    )
