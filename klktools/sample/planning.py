"""The plan of one municipality: head, initiatives and what they require (framework 3.4, 4.2, 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from klktools.sample.resources import labels, read
from klktools.sample.structure import DAY, MONTH, Draft

Row = dict[str, Any]
DANGLING = "I99"
_TYPES = ("new_solution", "extension", "replacement", "organisation", "training")
_TYPE_SHARES = (0.3, 0.27, 0.13, 0.18, 0.12)
_OPEN = ("idea", "decided", "in_progress")
_MANAGERS = ("DIR", "OC", "HRC", "FC", "DC")
_CONFLICT_RATE = {"plan": 0.03, "partial": 0.12, "no_plan": 0.22}
_IN_PLAN = {"plan": 0.95, "partial": 0.6, "no_plan": 0.1}
_ROBOT_LEAD, _OUTGOING = 5 * MONTH, 4 * MONTH
_MOST_CARDS = 9


@dataclass(frozen=True)
class Plan:
    """The rows of the plan; `cards` are the open initiatives with a complete benefit card."""

    head: list[Row]
    initiatives: list[Row]
    dependencies: list[Row]
    cards: tuple[str, ...]

    @property
    def open(self) -> list[Row]:
        return [row for row in self.initiatives if row["status"] in _OPEN]


def plan(draft: Draft, rng: np.random.Generator) -> Plan:
    """Everything about the plan of one municipality."""
    if draft.profile.sparse:
        return Plan([_head(draft, rng)], [], [], ())
    count = _count(draft, rng)
    a, b, c, d = _parts(draft, count)
    rows = [_initiative(draft, i, i < count, rng) for i in range(count + max(1, count // 5))]
    current = rows[:count]
    current = _plant(draft, current)
    rows = current + rows[count:]
    told = [rng.permutation(count)[:n] for n in (a, b, c, d)]
    for i in told[0]:
        current[i]["relations_described"] = True
    for i in told[2]:
        current[i] |= {"change_admin_described": True, "change_rest_described": True, "manager_role": "FC"}
    sequenced = {current[i]["initiative"] for i in told[1]}
    _leave_undated(draft, current, sequenced, rng)
    dependencies = _dependencies(draft, rows, sequenced, rng)
    cards = tuple(sorted(current[i]["initiative"] for i in told[3]))
    return Plan([_head(draft, rng)], rows, dependencies, cards)


def _count(draft: Draft, rng: np.random.Generator) -> int:
    """Open initiatives; a whole plan is on few pages, so its initiatives are few."""
    profile = draft.profile
    if profile.completeness is not None:
        return 10
    if profile.plan_class == "plan":
        return int(rng.integers(8, 11))
    return int(np.clip(7 + profile.population / 8_000 + rng.normal(0, 2), 7, 24))


def _parts(draft: Draft, count: int) -> tuple[int, ...]:
    """How many open initiatives fulfil each of the four clauses; the mean share is the completeness."""
    profile = draft.profile
    if profile.completeness is not None:
        parts = profile.completeness + np.array([0.05, 0.05, -0.05, -0.05])
        return tuple(int(n) for n in np.rint(parts * count))
    spread = np.array([0.10, 0.06, -0.04, -0.12])
    if profile.plan_class == "plan":
        parts = np.clip(0.77 + 0.8 * (profile.plan_rank - 0.84) + spread, 0, 1)
        return tuple(int(n) for n in np.ceil(parts * count - 1e-9))
    level = 0.15 + 0.55 * profile.plan_rank
    numbers = np.floor(np.clip(min(level, 0.62) + spread, 0.0, 1) * count).astype(int)
    return (*(int(n) for n in numbers[:3]), min(int(numbers[3]), _MOST_CARDS))


def _initiative(draft: Draft, i: int, is_open: bool, rng: np.random.Generator) -> Row:
    kind = str(rng.choice(_TYPES, p=_TYPE_SHARES))
    solution = draft.operating[int(rng.integers(len(draft.operating)))]
    functions = [f for f in read("catalogue") if f != "robot"]
    tied = kind != "new_solution"
    function = solution.function if tied else str(rng.choice(functions))
    last = draft.visit.period_to
    start = last + (rng.integers(-14, 22) if is_open else rng.integers(-40, -20)) * MONTH
    end = start + rng.integers(3, 10) * MONTH
    departments = [d.id for d in draft.departments if d.valid_to is None]
    affected = rng.choice(departments, size=int(rng.integers(2, 5)), replace=False)
    status = rng.choice(_OPEN, p=(0.2, 0.4, 0.4)) if is_open else rng.choice(["finished", "stopped"])
    return _named(
        {
            "municipality": draft.profile.municipality,
            "initiative": f"I{i + 1:02d}",
            "solution": solution.id if tied else None,
            "function": function,
            "type": kind,
            "status": str(status),
            "start": start,
            "end": end,
            "go_live": end - rng.integers(0, 2) * MONTH,
            "owner_role": str(rng.choice(_MANAGERS)),
            "in_overall_plan": bool(rng.random() < _IN_PLAN[draft.profile.plan_class]),
            "relations_described": False,
            "change_admin_described": bool(rng.random() < 0.5),
            "change_rest_described": False,
            "manager_role": str(rng.choice(_MANAGERS)) if rng.random() < 0.4 else None,
            "affected_departments": "|".join(sorted(affected)),
            "no_dependencies": False,
            "existing_assessed": bool(rng.random() < 0.65) if kind == "new_solution" else None,
            "economy_kr": round(draft.profile.population * rng.uniform(2, 20), -4),
        }
    )


def _named(row: Row) -> Row:
    name = read("names")["initiative"]
    kind, function = labels("initiative_type")[row["type"]], labels("function")[row["function"]]
    return row | {"name": name.format(type=kind, function=function)}


def _plant(draft: Draft, current: list[Row]) -> list[Row]:
    """Put in the planned robot and what the stories S11 and S12 need, in place of ordinary initiatives."""
    last = draft.visit.period_to
    robots = [s for s in draft.solutions if s.function == "robot" and s.status == "planned"]
    for robot in robots:
        dates = {"start": last, "go_live": last + _ROBOT_LEAD, "end": last + _ROBOT_LEAD}
        current[0] |= {"solution": robot.id, "function": "robot", "type": "robot"} | dates
        current[0]["status"] = "decided"
    underlying = {s.underlying for s in draft.solutions if s.underlying}
    if draft.profile.robot_on_outgoing:
        payroll = draft.solution("payroll").id
        start, go_live = last + MONTH, last + _ROBOT_LEAD + _OUTGOING
        current[1] |= {"solution": None, "function": "payroll", "type": "replacement", "status": "decided"}
        current[1] |= {"start": start, "go_live": go_live, "end": go_live, "replaces_solution": payroll}
    if draft.profile.unused:
        bought = next(s for s in draft.operating if s.unused)
        current[2] |= {"solution": None, "function": bought.function, "type": "new_solution"}
        current[2] |= {"status": "decided", "existing_assessed": False}
    for row in current:
        if row["type"] == "replacement" and "replaces_solution" not in row:
            # an outgoing system under a robot is a story of its own
            row["replaces_solution"] = None if row["solution"] in underlying else row["solution"]
            row["solution"] = None
    return [_named(row) for row in current]


def _leave_undated(draft: Draft, current: list[Row], sequenced: set[str], rng: np.random.Generator) -> None:
    """Some 6 per cent of the initiatives have no dates; those with a stated sequence have."""
    loose = [row for row in current if row["initiative"] not in sequenced]
    free = [row for row in loose if row["type"] not in ("robot", "replacement")]
    count = int(rng.binomial(len(current), 0.08))
    for row in free[: count if draft.profile.conflict_rate is None else 0]:
        row |= {"start": None, "end": None, "go_live": None}


def _dependencies(draft: Draft, rows: list[Row], sequenced: set[str], rng: np.random.Generator) -> list[Row]:
    """Every sequenced initiative requires earlier ones or says that it requires none."""
    dated = sorted((r for r in rows if r["start"] is not None), key=lambda r: (r["start"], r["initiative"]))
    undated = [r["initiative"] for r in rows if r["start"] is None]
    found: dict[tuple[str, str], Row] = {}
    for position, row in enumerate(dated):
        if row["initiative"] not in sequenced:
            continue
        earlier = dated[:position]
        wanted = int(rng.integers(1, 5)) if earlier and rng.random() < 0.85 else 0
        row["no_dependencies"] = wanted == 0
        for _ in range(wanted):
            link = _link(draft, row, earlier, undated, rng)
            found.setdefault((link["initiative"], link["requires"]), link)
    links = list(found.values())
    return _cycle(links, dated, sequenced) if draft.profile.cycle else links


def _link(draft: Draft, row: Row, earlier: list[Row], undated: list[str], rng: np.random.Generator) -> Row:
    profile = draft.profile
    rate = _CONFLICT_RATE[profile.plan_class] if profile.conflict_rate is None else profile.conflict_rate
    quiet = profile.conflict_rate is not None
    if not quiet and profile.plan_class != "plan" and rng.random() < 0.035:
        return _edge(row, DANGLING, "finish_to_start")
    if undated and not quiet and rng.random() < 0.04:
        return _edge(row, undated[int(rng.integers(len(undated)))], "finish_to_start")
    done = [r for r in earlier if r["end"] < row["start"]]
    late = [r for r in earlier if r["end"] >= row["start"]]
    if late and rng.random() < rate:
        return _edge(row, late[int(rng.integers(len(late)))]["initiative"], "finish_to_start")
    if done and rng.random() < 0.75:
        kind = "finish_to_start" if rng.random() < 0.7 else "live_to_live"
        return _edge(row, done[int(rng.integers(len(done)))]["initiative"], kind)
    soft = "data" if rng.random() < 0.6 else "competence"
    return _edge(row, earlier[int(rng.integers(len(earlier)))]["initiative"], soft)


def _edge(row: Row, requires: str, kind: str) -> Row:
    key = {"municipality": row["municipality"], "initiative": row["initiative"], "requires": requires}
    return key | {"type": kind, "hard": kind == "finish_to_start"}


def _cycle(links: list[Row], dated: list[Row], sequenced: set[str]) -> list[Row]:
    """Story S10: three initiatives that require each other, and one that requires what is not in the plan."""
    three = [row for row in dated if row["initiative"] in sequenced][-3:]
    names = {row["initiative"] for row in three}
    for row in three:
        row["no_dependencies"] = False
    ring = [
        _edge(row, other["initiative"], "data")
        for row, other in zip(three, three[1:] + three[:1], strict=True)
    ]
    kept = [link for link in links if not {link["initiative"], link["requires"]} <= names]
    return [*kept, *ring, _edge(three[0], DANGLING, "finish_to_start")]


def _head(draft: Draft, rng: np.random.Generator) -> Row:
    profile, visit = draft.profile, draft.visit
    row: Row = {"municipality": profile.municipality, "visit": visit.id, "plan_exists": "no"}
    if profile.plan_class == "no_plan":
        if profile.planted or rng.random() < 0.6:
            return row
        # a digital strategy for the citizens is no plan for the administration
        row |= {"plan_exists": "yes", "decided_by": "council", "covers_administration": False}
    else:
        whole = profile.plan_class == "plan"
        row |= {"plan_exists": "yes" if whole else "partly", "covers_administration": True}
        row |= {"decided_by": "executive_board" if whole or rng.random() < 0.5 else "heads"}
    updated = visit.last_day - rng.integers(20, 500) * DAY
    return row | {"last_updated": updated, "decided_date": updated - rng.integers(0, 400) * DAY}
