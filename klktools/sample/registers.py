"""The master tables of one municipality: itself, its visit, departments, solutions and processes."""

from __future__ import annotations

from typing import Any

import numpy as np

from klktools.sample.people import leadership_of
from klktools.sample.resources import labels, read
from klktools.sample.structure import DAY, Draft, Solution

Row = dict[str, Any]
_LEVELS = ("central", "service_administration", "institution")


def municipality_rows(draft: Draft) -> list[Row]:
    """Table `municipalities`; population is inhabitants on 1 January of the visit's year."""
    profile = draft.profile
    names = ("municipality", "name", "region_code", "region_name", "population", "wave")
    return [{name: getattr(profile, name) for name in names}]


def visit_rows(draft: Draft) -> list[Row]:
    """Table `visits`: one visit each."""
    visit, profile = draft.visit, draft.profile
    return [
        {
            "visit": visit.id,
            "municipality": profile.municipality,
            "wave": profile.wave,
            "instrument_version": profile.version,
            "start_date": visit.start,
            "end_date": visit.end,
            "period_from": visit.period_from,
            "period_to": visit.period_to,
            "consultants": "|".join(visit.consultants),
            "status": "quality_assured",
        }
    ]


def department_rows(draft: Draft) -> list[Row]:
    """Table `departments`; a renamed one has a predecessor with another id."""
    return [
        {
            "department": department.id,
            "municipality": draft.profile.municipality,
            "name": department.name,
            "department_group": department.group,
            "core_welfare": department.core_welfare,
            "level": department.level,
            "valid_from": department.valid_from,
            "valid_to": department.valid_to,
            "replaces": department.replaces,
        }
        for department in draft.departments
    ]


def solution_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `solutions`."""
    return [_solution(draft, solution, rng) for solution in draft.solutions]


def _solution(draft: Draft, solution: Solution, rng: np.random.Generator) -> Row:
    names = read("names")
    robot = solution.function == "robot"
    label = labels("function")[solution.supports] if solution.supports else ""
    row = {
        "solution": solution.id,
        "municipality": draft.profile.municipality,
        "name": names["robot"].format(function=label) if robot else solution.name,
        "function": solution.function,
        "supports_function": solution.supports,
        "underlying_solution": solution.underlying,
        "supplier": str(rng.choice(names["supplier"])),
        "status": solution.status,
        "is_new": solution.is_new,
        "go_live": solution.go_live,
        "project_closed": solution.closed,
        "relevant_departments": "|".join(draft.departments[d].id for d in solution.departments),
        "transaction_unit": read("catalogue")[solution.function]["unit"],
        "denominator": solution.denominator,
        "target_share": solution.target,
        "relations_described": bool(rng.random() < 0.4 + 0.1 * draft.profile.z_plan),
    }
    return row | (_upkeep(draft, solution, rng) if solution.status == "operation" else {})


def _upkeep(draft: Draft, solution: Solution, rng: np.random.Generator) -> Row:
    paid = int(rng.integers(3, 9))
    few = draft.profile.unused is None and rng.random() < 0.04
    used = int(rng.integers(1, (paid + 1) // 2)) if few else int(rng.integers((paid + 1) // 2, paid + 1))
    reviewed = rng.random() < 0.5 + 0.2 * draft.profile.z_steer
    age = rng.integers(20, 700) if reviewed else rng.integers(800, 1_500)
    date = draft.visit.last_day - age * DAY
    return {
        "licence_kr": round(draft.profile.population * rng.uniform(1.5, 7.0), -3),
        "modules_paid": paid,
        "modules_used": used,
        "utilisation_reviewed": date if reviewed or rng.random() < 0.5 else None,
    } | leadership_of(draft, solution, rng)


def process_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `processes` (optional, unscored): how each function's work is organised and digitalised."""
    if draft.profile.sparse:
        return []
    functions = [function for function in read("catalogue") if function != "robot"]
    return [
        {
            "process": f"P{i + 1:02d}",
            "municipality": draft.profile.municipality,
            "function": function,
            "org_level": str(rng.choice(_LEVELS, p=(0.55, 0.25, 0.2))),
            "fte": round(draft.profile.population / 10_000 * rng.uniform(0.3, 2.5), 1),
            "digital_task": int(rng.integers(0, 5)),
            "digital_flow": int(rng.integers(0, 4)),
        }
        for i, function in enumerate(functions)
    ]
