"""Gains and the assumptions behind them (framework 3.5 T13-T14, 4.3, 7.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from klktools.sample.planning import Plan
from klktools.sample.resources import labels, read
from klktools.sample.structure import DAY, Draft, Solution

Row = dict[str, Any]
ACROSS = "ACROSS_THE_BOARD"
PRICE_LEVEL = "2018-pl"
_OWNERS = ("OC", "HRC", "FC", "DC", "DIR")
_KR_PER_INHABITANT = 45_000
_MOST_ROWS = 20
_GAIN_TYPES = ("budget", "time", "quality", "service")
_CARD = ("owner_role", "baseline_date", "indicator", "target_value", "target_date")


def bearing(draft: Draft) -> list[Solution]:
    """The solutions that bear gains: the new ones, at most three."""
    return list(draft.new[:3])


def gain_rows(draft: Draft, plan: Plan, rng: np.random.Generator) -> list[Row]:
    """Table `gains`: what was cut for solutions in operation, and what the plan expects."""
    if draft.profile.sparse:
        return []
    harvest = _harvest(draft, rng)
    rows = harvest + _expected(draft, plan, _MOST_ROWS - len(harvest) - len(plan.cards), rng)
    return [{"municipality": draft.profile.municipality} | row for row in rows]


def _harvest(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """The cuts, divided so that what is in place and in core welfare has the share the profile says."""
    profile = draft.profile
    total = profile.cut_kr or profile.population * _KR_PER_INHABITANT * rng.uniform(0.0005, 0.0015)
    rest = max(1 - profile.in_place - profile.core_share, 0)
    undocumented, elsewhere, across = rest * rng.dirichlet((3, 1.2, 1.2))
    parts = [("in_place", profile.in_place), ("undocumented", undocumented), ("elsewhere", elsewhere)]
    parts += [("core", profile.core_share), ("across", across)]
    amounts = [(kind, round(total * share, -3)) for kind, share in parts]
    solutions = bearing(draft)
    rows: list[Row] = []
    for kind, amount in amounts:
        for piece in _split(amount, kind, rng):
            solution = solutions[len(rows) % len(solutions)]
            rows.append(_cut(draft, solution, kind, piece, rng) | {"gain": f"G{len(rows) + 1:02d}"})
    return rows


def _split(amount: float, kind: str, rng: np.random.Generator) -> list[float]:
    """A part of the cuts as one to three gains in whole thousands."""
    if amount <= 0:
        return []
    count = {"in_place": 3, "undocumented": 2, "core": 2}.get(kind, 1)
    count = count if amount >= 60_000 else 1
    pieces = np.round(amount * rng.dirichlet(np.full(count, 6.0)), -3)
    pieces[-1] = amount - pieces[:-1].sum()
    return [float(piece) for piece in pieces if piece > 0]


def _cut(draft: Draft, solution: Solution, kind: str, amount: float, rng: np.random.Generator) -> Row:
    expected, placed = _places(draft, kind, rng)
    live = solution.go_live.astype("M8[Y]").astype(int) + 1970
    early = rng.random() < 0.04
    documentation = str(rng.choice(["measured", "computed"] if kind == "in_place" else ["estimate", "none"]))
    realised = {"estimate": round(0.5 * amount, -3), "none": None}.get(documentation, amount)
    return {
        "solution": solution.id,
        "gain_type": str(rng.choice(["budget", "time"], p=(0.4, 0.6))),
        "business_case_kr": round(amount * rng.uniform(1.0, 1.4), -3),
        "duration": "permanent",
        "price_level": PRICE_LEVEL,
        "expected_department": expected,
        "budget_cut_kr": amount,
        "budget_department": placed,
        "budget_year": live if early else live + 1,
        "realised_kr": realised,
        "documentation": documentation,
        "description": _described(solution.function),
    } | _card(draft, rng.random() < 0.4, rng)


def _places(draft: Draft, kind: str, rng: np.random.Generator) -> tuple[str, str]:
    """Where the gain was sown (a central department) and where the budget was cut."""
    current = [d for d in draft.departments if d.valid_to is None]
    central = [d.id for d in current if d.level == "central"]
    expected = central[int(rng.integers(len(central)))] if draft.profile.cut_kr is None else central[0]
    if kind in ("in_place", "undocumented"):
        return expected, expected
    if kind == "across":
        return expected, ACROSS
    if kind == "elsewhere":
        others = [d.id for d in current if not d.core_welfare and d.id != expected]
    elif draft.profile.cut_kr is None:
        others = [d.id for d in current if d.core_welfare]
    else:  # schools and day-care
        others = [d.id for d in current if d.group == "children_youth"]
    return expected, others[int(rng.integers(len(others)))]


def _expected(draft: Draft, plan: Plan, unfinished: int, rng: np.random.Generator) -> list[Row]:
    """Gains the plan expects: complete benefit cards and at most `unfinished` others."""
    rows: list[Row] = []
    for initiative in plan.open:
        complete = initiative["initiative"] in plan.cards
        if not complete and (unfinished <= 0 or rng.random() > 0.45):
            continue
        unfinished -= not complete
        amount = 100_000 if draft.profile.completeness else round(rng.uniform(40_000, 400_000), -4)
        central = [d.id for d in draft.departments if d.level == "central"]
        rows.append(
            {
                "gain": f"F{len(rows) + 1:02d}",
                "initiative": initiative["initiative"],
                "gain_type": str(rng.choice(_GAIN_TYPES, p=(0.3, 0.4, 0.2, 0.1))),
                "business_case_kr": amount,
                "duration": "permanent" if rng.random() < 0.93 else "one_off",
                "price_level": PRICE_LEVEL,
                "expected_department": central[int(rng.integers(len(central)))],
                "documentation": "none",
                "description": _described(initiative["function"]),
            }
            | _card(draft, complete, rng)
        )
    return rows


def _described(function: str) -> str:
    return str(read("names")["gain"].format(function=labels("function")[function].lower()))


def _card(draft: Draft, complete: bool, rng: np.random.Generator) -> Row:
    last = draft.visit.last_day
    kind = str(rng.choice(["time", "budget", "quality"]))
    card: Row = {
        "owner_role": str(rng.choice(_OWNERS)),
        "baseline_date": last - rng.integers(100, 900) * DAY,
        "indicator": read("names")["indicator"][kind],
        "target_value": float(rng.integers(2, 60)),
        "target_date": last + rng.integers(60, 700) * DAY,
    }
    if complete:
        return card
    lacking = rng.choice(_CARD, size=int(rng.integers(1, 4)), replace=False)
    return card | dict.fromkeys(lacking)


def assumption_rows(draft: Draft, rng: np.random.Generator) -> list[Row]:
    """Table `assumptions`; the spring instrument (v1) asked about functionality only."""
    if draft.profile.sparse:
        return []
    rows = [row for solution in bearing(draft) for row in _of_solution(draft, solution, rng)]
    followed = round(draft.profile.follow_up * len(rows))
    order = rng.permutation(len(rows))
    for place, i in enumerate(order):
        rows[i] |= _follow_up(draft, rows[i], place < followed, rng)
    code = draft.profile.municipality
    return [{"municipality": code, "assumption": f"F{i + 1:02d}"} | row for i, row in enumerate(rows)]


def _of_solution(draft: Draft, solution: Solution, rng: np.random.Generator) -> list[Row]:
    profile, names = draft.profile, read("names")
    told = profile.functions_working if solution.function == "purchasing" else None
    extended = profile.version == "v2"
    count = len(told) if told else int(rng.integers(2, 4) if extended else rng.integers(3, 6))
    works = float(np.clip(0.80 + 0.12 * profile.z_steer, 0.2, 0.97))
    weights = (1 - works, 0.12, max(works - 0.12, 0.05))
    drawn = rng.choice([0.0, 0.5, 1.0], size=count, p=np.array(weights) / sum(weights))
    chosen = rng.choice(names["functionality"], size=count, replace=False)
    common = {"type": "functionality", "unit": "yes_no", "assumed_value": 1.0}
    rows = [
        common | {"description": str(text), "measured_value": float(value)}
        for text, value in zip(chosen, told or drawn, strict=True)
    ]
    rows += [_usage(draft, solution, rng), _time(draft, solution, rng)] if extended else []
    return [{"solution": solution.id} | row for row in rows]


def _usage(draft: Draft, solution: Solution, rng: np.random.Generator) -> Row:
    known = solution.measured and solution.delivered
    claimed = float(np.clip(solution.usage + rng.uniform(0.05, 0.3), 0, 1))
    return {
        "type": "usage",
        "description": read("names")["usage_assumption"],
        "unit": "share",
        "assumed_value": round(rng.uniform(0.5, 0.85), 2),
        "measured_value": round(solution.usage if known else claimed, 2),
        "method": "system" if known else "estimate",
    }


def _time(draft: Draft, solution: Solution, rng: np.random.Generator) -> Row:
    profile, names = draft.profile, read("names")
    row: Row = {"type": "time_per_task", "unit": "minutes"}
    if profile.search_minutes and solution.function == "purchasing":
        before, assumed, now = profile.search_minutes
        row |= {"description": names["search_assumption"], "method": "stopwatch"}
    else:
        before = float(read("catalogue")[solution.function]["minutes"])
        assumed = round(before * rng.uniform(0.35, 0.65), 1)
        now = round(max(before - (before - assumed) * rng.normal(0.45 + 0.2 * profile.z_steer, 0.3), 0.5), 1)
        text = labels("function")[solution.function].lower()
        method = str(rng.choice(["stopwatch", "system", "self_reported"], p=(0.4, 0.3, 0.3)))
        row |= {"description": names["time_assumption"].format(function=text), "method": method}
    measured = {"measured_value": float(now), "n_measurements": int(rng.integers(8, 30))}
    return row | {"baseline_value": float(before), "assumed_value": float(assumed)} | measured


def _follow_up(draft: Draft, row: Row, followed: bool, rng: np.random.Generator) -> Row:
    """A date within the latest year when followed up; else an older measurement or none."""
    last = draft.visit.last_day
    planted = draft.profile.search_minutes and row["type"] == "time_per_task"
    planted = planted or (draft.profile.functions_working and row["type"] == "functionality")
    drawn = str(rng.choice(["system", "self_reported"], p=(0.85, 0.15)))
    method = row.get("method") or ("system" if planted else drawn)
    if followed or planted:
        adjusted = bool(rng.random() < 1 / (1 + np.exp(-(-0.6 + 0.8 * draft.profile.z_steer))))
        date = last - rng.integers(20, 330) * DAY
        change = {"adjusted": adjusted, "adjusted_date": date + 15 * DAY if adjusted else None}
        return {"measured_date": date, "method": method} | change
    if rng.random() < 0.7:
        return {"measured_date": last - rng.integers(430, 900) * DAY, "method": method, "adjusted": False}
    return dict.fromkeys(("measured_value", "measured_date", "method", "n_measurements")) | {
        "adjusted": False
    }
