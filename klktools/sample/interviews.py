"""Interviews, answers and the consultants' ratings (framework 1.2, 2, 7.1).

What people say is the true level plus optimism (leaders +0.7, users -0.1) plus noise (0.5); what is coded
from a number follows the face-value keys of 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from klktools.framework import load_framework
from klktools.sample.resources import read
from klktools.sample.structure import DAY, Draft

Row = dict[str, Any]
_ALWAYS = ("KD", "DC", "OC", "HRC", "FC", "IL", "IL", "AM", "SB")
_MORE = ("DIR", "FC", "TR", "OC", "AM")
_FEW = ("KD", "OC", "AM")
_LEADERS = ("KD", "DIR", "DC", "OC", "HRC", "FC")
_GROUP_ROLES = ("IL", "AM", "SB")
_OPTIMISM = {True: 0.7, False: -0.1}
_NOISE = 0.5
# questions asked about two solutions rather than one
_PER_SOLUTION = ("Q08", "Q09", "Q10", "Q11", "Q12", "Q13", "Q22", "Q23", "Q24")
_TWO_SOLUTIONS = ("DC", "OC", "HRC", "SB", "IL")
_NOT_RELEVANT, _DO_NOT_KNOW, _OUGHT_TO_KNOW = 0.055, 0.07, 0.22
# share of the chiefs' answers to Q11-Q12 that are "don't know"; about 45 per cent over the municipalities
_CLAIM_UNKNOWN = {
    "certainly_above": 0.22,
    "undecided": 0.42,
    "certainly_not_above": 0.42,
    "cannot_be_said": 0.62,
}
_CLAIM_KEYS = (10, 25, 50)
_USAGE_KEYS = (0.25, 0.50, 0.75, 0.95)
_TIME_KEYS = (0.0, 0.25, 0.60, 0.90)
_D3_LEVEL = {"certainly_above": 3.0, "undecided": 2.0, "certainly_not_above": 1.6, "cannot_be_said": 0.8}
_D2_LEVEL = {"certainly_above": 3.5, "undecided": 2.3, "certainly_not_above": 0.5, "cannot_be_said": 1.0}
# the middle of what the data show, for the criteria no quota decides
_BASE = dict.fromkeys(("P1", "P2", "P3", "P4", "D2", "D3", "G1", "G5", "L2"), 1.7)
_BASE |= {"D1": 2.8, "D4": 1.0, "G2": 1.8, "G3": 1.2, "G4": 1.8, "L1": 1.3, "L3": 1.2, "L4": 1.3}
# which latent value carries a criterion that nothing else decides
_CARRIER = {"P": "z_plan", "D": "z_lead", "G": "z_steer", "L": "z_lead"}


@dataclass(frozen=True)
class Question:
    """What the generator needs to know of one question of the guide (framework 2)."""

    id: str
    criterion: str
    kind: str
    roles: tuple[str, ...]
    versions: tuple[str, ...]
    ought_to_know: tuple[str, ...]


@cache
def questions() -> tuple[Question, ...]:
    """The interview guide in order."""
    table = load_framework().questions
    columns = ("question", "criterion", "answer_type", "roles", "versions", "dont_know_counts")
    return tuple(Question(*row) for row in table[list(columns)].itertuples(index=False, name=None))


def true_levels(draft: Draft, rng: np.random.Generator) -> Mapping[str, float]:
    """The level 0-4 of every criterion before anybody talks about it."""
    profile = draft.profile
    spread = rng.normal(0, 0.35, 17)
    criteria = load_criteria()
    levels = {
        criterion: _BASE[criterion] + 0.6 * getattr(profile, _CARRIER[criterion[0]]) + noise
        for criterion, noise in zip(criteria, spread, strict=True)
    }
    plan = {"plan": 3.2, "partial": 1.9, "no_plan": 0.9}[profile.plan_class]
    levels |= {c: plan + e for c, e in zip(criteria[:4], spread[:4], strict=True)}
    levels |= {"D2": _D2_LEVEL[profile.depth_class], "D3": _D3_LEVEL[profile.depth_class]}
    levels |= {"G1": 4 * profile.in_place, "G5": 4 * profile.follow_up}
    levels["L2"] = 3.3 if profile.onboarding else 1.4 + 0.4 * profile.z_lead
    return {criterion: float(np.clip(level, 0, 4)) for criterion, level in levels.items()}


@cache
def load_criteria() -> tuple[str, ...]:
    """The ids of the 17 criteria in order."""
    return tuple(load_framework().criteria["criterion"])


def interview_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `interviews`: 9-12 conversations within the visit; group interviews of decentral roles."""
    visit = draft.visit
    days = int((visit.end - visit.start).astype(int)) + 1
    return [
        {
            "interview": f"N{i + 1:02d}",
            "visit": visit.id,
            "municipality": draft.profile.municipality,
            "date": visit.start + rng.integers(days) * DAY,
            "consultant": visit.consultants[int(rng.integers(2))],
        }
        | _conversation(draft, role, rng)
        for i, role in enumerate(_roles(draft, rng))
    ]


def _roles(draft: Draft, rng: np.random.Generator) -> tuple[str, ...]:
    if draft.profile.interviews is not None:
        return _FEW[: draft.profile.interviews]
    more = rng.permutation(_MORE)[: int(rng.integers(0, 4))]
    return (*_ALWAYS, *(str(role) for role in more))


def _conversation(draft: Draft, role: str, rng: np.random.Generator) -> Row:
    group = role in _GROUP_ROLES and rng.random() < 0.3
    local = role in ("FC", "IL", "AM", "SB")
    choices = [d.group for d in draft.departments if d.level != "central"]
    return {
        "role": role,
        "department_group": choices[int(rng.integers(len(choices)))] if local else None,
        "participants": int(rng.integers(2, 5)) if group else 1,
        "form": "group" if group else str(rng.choice(["in_person", "telephone"], p=(0.9, 0.1))),
        "duration_min": int(rng.integers(9, 19)) * 5,
        "observed": bool(role in ("AM", "SB") and rng.random() < 0.6),
    }


def answer_rows(
    draft: Draft, interviews: list[Row], levels: Mapping[str, float], rng: np.random.Generator
) -> list[Row]:
    """Table `answers`: one row per interview, question and solution asked about."""
    return [
        {
            "municipality": draft.profile.municipality,
            "interview": interview["interview"],
            "question": question.id,
            "solution": solution,
            "answer_type": question.kind,
        }
        | _answer(draft, question, interview["role"], levels, rng)
        for interview in interviews
        for question in questions()
        if interview["role"] in question.roles and draft.profile.version in question.versions
        for solution in _asked_about(draft, question, interview["role"])
    ]


def _asked_about(draft: Draft, question: Question, role: str) -> list[str | None]:
    if question.id not in _PER_SOLUTION:
        return [None]
    count = 2 if role in _TWO_SOLUTIONS else 1
    return [solution.id for solution in draft.new[:count]]


def _answer(
    draft: Draft, question: Question, role: str, levels: Mapping[str, float], rng: np.random.Generator
) -> Row:
    if question.kind == "open":
        return {"status": "answered", "theme": str(rng.choice(read("names")["themes"]))}
    draw, unknown = rng.random(), _unknown_share(draft, question, role)
    if draw < unknown:
        reasons = ("do_not_know_self", "nobody_measures", "not_my_role")
        shares = (0.4, 0.55, 0.05) if role in question.ought_to_know else (0.45, 0.2, 0.35)
        return {"status": "dont_know", "dont_know_reason": str(rng.choice(reasons, p=shares))}
    if draw < unknown + _NOT_RELEVANT and not _told(draft, question):
        return {"status": "not_relevant"}
    felt = _felt(draft, question, role, levels, rng)
    return {"status": "answered"} | _said(draft, question, felt, rng)


def _told(draft: Draft, question: Question) -> bool:
    """Whether a story decides what is answered to this question."""
    profile = draft.profile
    decided = profile.claim is not None or profile.pessimistic or profile.chiefs_do_not_know
    return decided and question.criterion == "D3"


def _unknown_share(draft: Draft, question: Question, role: str) -> float:
    profile = draft.profile
    if _told(draft, question):
        return 1.0 if profile.chiefs_do_not_know else 0.0
    if question.id in ("Q11", "Q12") and role in question.ought_to_know:
        return _CLAIM_UNKNOWN[profile.depth_class]
    return _OUGHT_TO_KNOW if role in question.ought_to_know else _DO_NOT_KNOW


def _felt(
    draft: Draft, question: Question, role: str, levels: Mapping[str, float], rng: np.random.Generator
) -> float:
    """The level a person describes; may lie outside 0-4 until it is coded."""
    level = levels[question.criterion]
    if draft.profile.pessimistic:
        return float(min(level - 1.8, 1.2)) + rng.normal(0, 0.25)
    return level + _OPTIMISM[role in _LEADERS] + rng.normal(0, _NOISE)


def _said(draft: Draft, question: Question, felt: float, rng: np.random.Generator) -> Row:
    """The coded answer and, for questions about numbers, the number it is coded from."""
    if question.id == "Q11":
        return _claim(draft, felt, rng)
    if question.id == "Q12":
        yes = draft.profile.claim is not None or felt > 2.0
        return {"value": float(yes), "score": 3 if yes else 1, "basis": "estimate"}
    if question.id == "Q19":
        assumed = float(5 * rng.integers(10, 18))
        today = float(min(100, max(1, round(assumed * felt * rng.uniform(0.22, 0.26)))))
        reached = sum(today / assumed >= key for key in _USAGE_KEYS)
        return {"value": today, "assumed_value": assumed, "score": reached, "basis": _basis(rng)}
    if question.id == "Q20":
        return _minutes(felt, rng)
    return {"score": int(np.clip(round(felt), 0, 4))}


def _claim(draft: Draft, felt: float, rng: np.random.Generator) -> Row:
    if draft.profile.claim is not None:
        share = draft.profile.claim + float(rng.choice([-5, 0, 0, 0, 5]))
    else:
        share = float(np.clip(5 * round(4 * felt * rng.uniform(0.7, 1.2)), 2, 95))
        share = min(share, 10.0) if draft.profile.pessimistic else share
    return {"value": share, "score": 1 + sum(share > key for key in _CLAIM_KEYS), "basis": _basis(rng)}


def _minutes(felt: float, rng: np.random.Generator) -> Row:
    before = float(rng.integers(6, 16))
    assumed = round(before * rng.uniform(0.35, 0.6))
    now = round(max(before - (before - assumed) * (0.3 * felt - 0.2 + rng.normal(0, 0.1)), 0.5), 1)
    achieved = (before - now) / (before - assumed)
    score = sum(achieved >= key for key in _TIME_KEYS)
    said = {"value": now, "assumed_value": float(assumed), "before_value": before}
    return said | {"score": score, "basis": "estimate"}


def _basis(rng: np.random.Generator) -> str:
    return str(rng.choice(["system", "count", "estimate"], p=(0.2, 0.2, 0.6)))


def rating_rows(draft: Draft, levels: Mapping[str, float], rng: np.random.Generator) -> list[Row]:
    """Table `ratings`: two consultants' own scores and their consensus; v1 did not ask about G3 and G4."""
    asked = [c for c in load_criteria() if draft.profile.version == "v2" or c not in ("G3", "G4")]
    return [row for criterion in asked for row in _ratings(draft, criterion, levels[criterion], rng)]


def _ratings(draft: Draft, criterion: str, level: float, rng: np.random.Generator) -> list[Row]:
    profile, visit = draft.profile, draft.visit
    evidence = _evidence(draft, criterion)
    cap = {"C": 2.0, "D": 1.0}.get(evidence, 4.0)
    agreed = float(np.clip(round(2 * level) / 2, 0, cap))
    if criterion == "D3" and not profile.delivers_usage:
        agreed = 0.0
    own = np.clip(agreed + rng.choice([-1, -0.5, 0, 0.5, 1, 2], 2, p=(0.1, 0.22, 0.4, 0.2, 0.06, 0.02)), 0, 4)
    if not own.min() <= agreed <= own.max():
        own[0] = agreed
    reason = rng.random() < 0.04 and not profile.planted
    text = str(rng.choice(read("names")["reasons"])) if reason else None
    scores = [(visit.consultants[0], "individual", own[0]), (visit.consultants[1], "individual", own[1])]
    scores.append((visit.consultants[0], "consensus", agreed))
    return [
        {
            "municipality": profile.municipality,
            "visit": visit.id,
            "criterion": criterion,
            "consultant": consultant,
            "phase": phase,
            "score": float(score),
            "evidence": evidence,
            "reason": text if phase == "consensus" else None,
        }
        for consultant, phase, score in scores
    ]


def _evidence(draft: Draft, criterion: str) -> str:
    profile = draft.profile
    if profile.sparse:
        return "D" if criterion[0] in "DG" else "C"
    if criterion in ("D1", "D2", "D3") and profile.depth_class == "cannot_be_said":
        return "C" if profile.delivers_usage else "D"
    return "A" if criterion in ("D1", "D2", "D3") else "B"
