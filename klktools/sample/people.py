"""Staffing, users, training and support of one municipality (framework 3.5 T15-T17, 7.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from klktools.sample.structure import DAY, Department, Draft, Solution

Row = dict[str, Any]
_YEAR = 365
_CHANNELS = ("super_user", "hotline", "guide", "e_learning", "user_group", "visits", "chat", "supplier")
_MANAGERS = ("OC", "HRC", "FC", "DC", "IL")


def staffing_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `staffing`: heads, leavers and joiners of the two latest full years per department."""
    if not draft.profile.delivers_staff:
        return []
    last = draft.visit.period_to.astype("M8[Y]").astype(int) + 1969
    only_stated = not draft.profile.planted and rng.random() < 0.12
    rows = [
        _staffing(department, year, only_stated, rng)
        for department in draft.departments
        for year in (last - 1, last)
        if department.valid_to is None or year <= 2016
    ]
    return [{"municipality": draft.profile.municipality} | row for row in rows]


def _staffing(department: Department, year: int, only_stated: bool, rng: np.random.Generator) -> Row:
    leavers = round(department.turnover * department.heads)
    moves = int(rng.integers(0, 1 + department.heads // 25))
    row: Row = {"department": department.id, "year": year, "headcount": department.heads}
    row["fte"] = round(department.heads * rng.uniform(0.82, 0.92), 1)
    if only_stated:
        stated = round((2 * leavers + moves) / department.heads, 3)
        return row | {"turnover_stated": min(stated, 0.9), "turnover_definition": "unknown"}
    joined = max(0, leavers + int(rng.integers(-2, 3)))
    return row | {"joined": joined, "left": leavers, "internal_moves": moves}


def trained_solutions(draft: Draft) -> list[Solution]:
    """The solutions whose users are counted: the new ones and, without a story, the youngest old one."""
    new = [s for s in draft.new if s.function != "robot"]
    if draft.profile.users_of_new_only:
        return new
    return new + sorted((s for s in draft.operating if not s.is_new), key=lambda s: s.go_live)[-1:]


def users_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `users`: users per solution and department."""
    if draft.profile.sparse:
        return []
    return [
        {
            "municipality": draft.profile.municipality,
            "solution": solution.id,
            "department": draft.departments[d].id,
            "users": _users(draft.departments[d], rng),
            "in_onboarding": draft.profile.onboarding,
        }
        for solution in trained_solutions(draft)
        for d in solution.departments
    ]


def _users(department: Department, rng: np.random.Generator) -> int:
    share = rng.uniform(0.5, 0.9) if department.level == "central" else rng.uniform(0.06, 0.2)
    return max(5, min(department.heads, 5 * round(share * department.heads / 5)))


def training_rows(draft: Draft, users: list[Row], rng: np.random.Generator) -> list[Row]:
    """Table `training`: at go-live, and afterwards where newcomers or everybody are trained again."""
    solutions = {solution.id: solution for solution in draft.solutions}
    turnover = {department.id: department.turnover for department in draft.departments}
    rows: list[Row] = []
    for user in users:
        place = {name: user[name] for name in ("solution", "department")}
        leaving = turnover[user["department"]]
        sessions = _sessions(draft, solutions[user["solution"]], user["users"], leaving, rng)
        mandatory = bool(rng.random() < 0.3)
        rows += [place | {"mandatory": mandatory} | session for session in sessions if session["persons"] > 0]
    code = draft.profile.municipality
    return [{"municipality": code, "training": f"U{i + 1:04d}"} | row for i, row in enumerate(rows)]


def _sessions(
    draft: Draft, solution: Solution, users: int, turnover: float, rng: np.random.Generator
) -> list[Row]:
    profile, age = draft.profile, _age_in_years(draft, solution)
    if profile.training == "go_live_only":
        return [_session(draft, "go_live", age, 0.95 * users, "course")]
    if profile.training == "all_newcomers":
        later = [_session(draft, "new_staff", a, 0.85 * turnover * users, "e_learning") for a in (1.0, 0.0)]
        return [_session(draft, "go_live", age, 0.95 * users, "course"), *later]
    start = float(np.clip(0.72 + 0.12 * profile.z_lead + rng.normal(0, 0.05), 0.35, 0.97))
    made = [_session(draft, "go_live", age, start * users, "course")] if profile.go_live_training else []
    years = np.arange(min(int(age), 4))
    if profile.onboarding:
        kappa = rng.uniform(0.75, 0.95)
        made += [_session(draft, "new_staff", a + 0.3, kappa * turnover * users, "e_learning") for a in years]
    elif rng.random() < 1 / (1 + np.exp(-(-1.4 + 2.0 * profile.z_lead))):
        share = rng.uniform(0.1, 0.25)
        made += [_session(draft, "update", a + 0.4, share * users, "guide") for a in years[:2]]
    return made


def _age_in_years(draft: Draft, solution: Solution) -> float:
    return float((draft.visit.period_to - solution.go_live).astype(int)) / 12


def _session(draft: Draft, kind: str, age: float, persons: float, form: str) -> Row:
    """One training `age` years before the data period ends."""
    date = draft.visit.last_day - round(age * _YEAR + age / 4) * DAY
    count = round(persons)
    return {"date": date, "type": kind, "form": form, "persons": count, "participations": count + count // 8}


def support_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `support`: about 35 per cent of the solutions keep two or more channels after a year."""
    if draft.profile.sparse:
        return []
    rows = [row for solution in draft.operating for row in _channels(draft, solution, rng)]
    return [{"municipality": draft.profile.municipality} | row for row in rows]


def _channels(draft: Draft, solution: Solution, rng: np.random.Generator) -> list[Row]:
    lead, last = draft.profile.z_lead, draft.visit.last_day
    lasting = rng.random() < 1 / (1 + np.exp(-(-0.68 + 0.7 * lead)))
    active = int(rng.integers(2, 5)) if lasting else int(rng.integers(0, 2))
    ended = int(rng.integers(0, 3))
    names = rng.choice(_CHANNELS, size=active + ended, replace=False)
    listened = rng.random() < 1 / (1 + np.exp(-(-0.7 + 0.7 * lead)))
    feedback = last - (rng.integers(10, 160) if listened else rng.integers(200, 700)) * DAY
    start = solution.go_live.astype("M8[D]")
    close = min(start + rng.integers(120, 360) * DAY, last)
    return [
        {
            "solution": solution.id,
            "channel": str(name),
            "active_from": start,
            "active_to": None if i < active else close,
            "funding": "operation" if i < active else "project",
            "enquiries_12m": int(rng.poisson(40)) if i < active else 0,
            "response_hours_median": round(rng.uniform(1, 40), 1),
            "latest_feedback": max(feedback, start) if i == 0 else None,
            "changes_6m": (int(rng.integers(1, 4)) if listened else 0) if i == 0 else None,
            "known_by_users": round(rng.uniform(0.3, 0.9), 2),
        }
        for i, name in enumerate(names)
    ]


def leadership_of(draft: Draft, solution: Solution, rng: np.random.Generator) -> Row:
    """The line manager and the follow-ups of one solution, for table `solutions`."""
    held = rng.random() < 1 / (1 + np.exp(-(-0.3 + 0.8 * draft.profile.z_lead)))
    role = str(rng.choice(_MANAGERS)) if held or rng.random() < 0.4 else None
    return {"manager_role": role, "follow_ups_12m": int(rng.integers(2, 7) if held else rng.integers(0, 2))}
