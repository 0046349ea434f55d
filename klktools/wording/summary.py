"""The first two pages: cover, three sentences, four scores, findings, what to do, what cannot be said."""

from __future__ import annotations

from klktools.blocks import Box, Bullets, Cards, Cover, Group, KeyFigure, KeyFigures, Paragraphs
from klktools.wording import numbers
from klktools.wording.reading import (
    Finding,
    Row,
    card,
    known,
    main_findings,
    positive,
    reason_words,
    record,
    rows,
    true,
)
from klktools.wording.templates import Dossier, Voice, capital, voice

TOP_FINDINGS, SHOWN_STRENGTHS, FIRST_RECOMMENDATIONS = 3, 2, 5
MOST_NAMED = 4
KRONER = ("gains", "depth", "plan")


def show_cover(d: Dossier) -> Cover:
    """The front page: municipality, dates of the visit, data period, instrument, wave and status."""
    v, visit = voice(d), record(d, "visits")
    facts = [
        (
            "visit",
            v.say("cover.from_to", start=visit["start_date"], end=visit["end_date"]) if visit else None,
        ),
        (
            "period",
            v.say("cover.months", start=visit["period_from"], end=visit["period_to"]) if visit else None,
        ),
        ("instrument", v.label("instrument_version", visit["instrument_version"]) if visit else None),
        ("status", v.say("cover.final" if visit.get("status") == "released" else "cover.draft")),
        ("data", v.say("cover.synthetic") if d.meta.get("synthetic") else None),
    ]
    shown = tuple((v.say(f"cover.label.{name}"), value) for name, value in facts if value)
    return Cover(title=v.say("cover.title"), subtitle=d.meta.get("full_name", d.name), facts=shown)


def show_synthetic_notice(d: Dossier) -> Group:
    """A box saying that the data are made up; nothing when they are not."""
    v = voice(d)
    box = Box(title=v.say("synthetic.title"), items=(v.say("synthetic.text"),))
    return Group((box,) if d.meta.get("synthetic") else ())


def say_summary(d: Dossier) -> Paragraphs:
    """Three sentences to act on: the biggest thing, what it costs or means, what to do first."""
    v = voice(d)
    trouble = [finding for finding in main_findings(d, v) if not finding.strength]
    return Paragraphs((_biggest(d, v, trouble), _meaning(d, v, trouble), _first_step(v, trouble)), lead=True)


def say_area_scores(d: Dossier) -> KeyFigures:
    """The four area scores with symbol and word; no total."""
    v = voice(d)
    return KeyFigures(tuple(_area_figure(v, row) for row in _in_area_order(d)))


def say_top_findings(d: Dossier) -> Cards | Paragraphs:
    """The three most important findings."""
    v = voice(d)
    top = [finding for finding in main_findings(d, v) if not finding.strength][:TOP_FINDINGS]
    if not top:
        return Paragraphs((v.say("top.none"),))
    return Cards(tuple(card(v, finding, short=True) for finding in top))


def say_strengths(d: Dossier) -> Cards | Paragraphs:
    """At most two strengths."""
    v = voice(d)
    strengths = [finding for finding in main_findings(d, v) if finding.strength][:SHOWN_STRENGTHS]
    if not strengths:
        return Paragraphs((v.say("strengths.none"),))
    return Cards(tuple(card(v, finding, short=True) for finding in strengths))


def say_first_recommendations(d: Dossier) -> Bullets | Paragraphs:
    """The first five recommendations, numbered."""
    v = voice(d)
    found = [finding for finding in main_findings(d, v) if not finding.strength]
    advice = dict.fromkeys(finding.recommendation for finding in found)
    if not advice:
        return Paragraphs((v.say("recommendations.none"),))
    return Bullets(tuple(advice)[:FIRST_RECOMMENDATIONS], ordered=True)


def say_silences(d: Dossier) -> Box:
    """The box "Det kan vi ikke sige": what could not be said, and why."""
    v = voice(d)
    items = [
        *_silent_criteria(d, v),
        *_stated_criteria(d, v),
        *_silent_solutions(d, v),
        *_silent_self_image(d, v),
    ]
    return Box(title=v.say("silences.title"), items=tuple(items) or (v.say("silences.none"),))


def _biggest(d: Dossier, v: Voice, trouble: list[Finding]) -> str:
    scores = rows(d, "scores")
    measured = sum(row["status"] == "measured" for row in scores)
    if 2 * measured < max(len(scores), 1):
        return v.say("summary.thin", n=measured, total=len(scores))
    return v.say("summary.biggest", title=trouble[0].title) if trouble else v.say("summary.no_trouble")


def _meaning(d: Dossier, v: Voice, trouble: list[Finding]) -> str:
    """What is at stake: kroner of the first finding's own area, else of the next that has any."""
    costs = {name: text for name, text in _costs(d, v).items() if text}
    first = trouble[0].area if trouble and trouble[0].area in KRONER else ""
    text = costs.get(first) or next(iter(costs.values()), v.say("cost.none"))
    return v.say("summary.meaning", text=text)


def _costs(d: Dossier, v: Voice) -> dict[str, str]:
    gains, depth = record(d, "gains_by_municipality"), record(d, "depth_by_municipality")
    plan, leadership = record(d, "plan_by_municipality"), record(d, "leadership_by_municipality")
    harvested = positive(gains, "H") and known(gains, "I16")
    return {
        "gains": v.say("cost.gains", cut=gains["H"], share=gains["I16"]) if harvested else "",
        "depth": v.say("cost.depth", kr=depth["I10b_kr"]) if positive(depth, "I10b_kr") else "",
        "plan": v.say("cost.plan", kr=plan["expected_gain_kr"]) if positive(plan, "expected_gain_kr") else "",
        "leadership": v.say("cost.leadership", share=leadership["I21a"]) if known(leadership, "I21a") else "",
    }


def _first_step(v: Voice, trouble: list[Finding]) -> str:
    return v.say("summary.first", step=trouble[0].first_step) if trouble else v.say("summary.keep")


def _in_area_order(d: Dossier) -> list[Row]:
    order = ("plan", "depth", "gains", "leadership")
    return sorted(rows(d, "area_scores"), key=lambda row: order.index(row["area"]))


def _area_figure(v: Voice, row: Row) -> KeyFigure:
    label = v.label("area", row["area"])
    if not known(row, "R"):
        return KeyFigure(label, capital(v.say("status.not_examined")), note=capital(reason_words(v, row)))
    return KeyFigure(
        label=label,
        value=numbers.score(row["R"], language=v.language),
        tone=row["light"],
        word=v.say("step." + row["label"]),
        note=v.say("area.criteria", n=row["n_criteria"]),
    )


def _silent_criteria(d: Dossier, v: Voice) -> list[str]:
    """One line per reason, naming the criteria it silences."""
    by_reason: dict[str, list[str]] = {}
    for row in rows(d, "scores"):
        if not known(row, "R"):
            by_reason.setdefault(reason_words(v, row), []).append(row["criterion"])
    return [
        v.say("silences.criteria", criteria=criteria, reason=capital(reason))
        for reason, criteria in by_reason.items()
    ]


def _stated_criteria(d: Dossier, v: Voice) -> list[str]:
    stated = [
        row["criterion"] for row in rows(d, "scores") if known(row, "R") and row["status"] == "estimated"
    ]
    if len(stated) > MOST_NAMED:
        return [v.say("silences.stated_many", n=len(stated))]
    return [v.say("silences.stated", criteria=stated)] if stated else []


def _silent_solutions(d: Dossier, v: Voice) -> list[str]:
    solutions = rows(d, "depth_by_solution")
    silent = [row["solution"] for row in solutions if row["I04"] == "cannot_be_said" and true(row, "is_new")]
    return [v.say("silences.solutions", solutions=silent)] if silent else []


def _silent_self_image(d: Dossier, v: Voice) -> list[str]:
    scores = rows(d, "scores")
    return (
        [] if not scores or any(true(row, "I25a_shown") for row in scores) else [v.say("silences.self_image")]
    )
