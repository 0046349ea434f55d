"""One municipality's frame: visit, departments and solutions, and how each is used (framework 7.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from klktools.sample.profiles import Profile
from klktools.sample.resources import read

DAY, MONTH = np.timedelta64(1, "D"), np.timedelta64(1, "M")
DATA_START = np.datetime64("2016-01", "M")
WINDOW = 12
RENAME_MONTH = np.datetime64("2017-07", "M")
# Yearly leavers of heads (framework 7.1)
TURNOVER = {
    "children_youth": (0.20, 0.30),
    "social_health": (0.25, 0.40),
    "employment": (0.18, 0.26),
    "culture_leisure": (0.13, 0.20),
    "technical_environment": (0.13, 0.20),
}
CENTRAL_TURNOVER = (0.12, 0.18)
CORE_WELFARE = ("children_youth", "social_health", "employment")
# months since go-live
_NEW_AGE, _OLD_AGE, _ROBOT_AGE = (12, 46), (66, 140), (7, 19)
# purchases are harder to move than the rest: near 20 per cent of the eligible (framework 0.1)
_PURCHASING = 0.8
_NEW_FIRST = ("purchasing", "travel", "time", "recruitment", "payroll", "invoices", "supervision", "budget")
_VISIT_STARTS = {"2018F": ("2018-03-01", 78), "2018E": ("2018-09-03", 74)}


@dataclass(frozen=True)
class Visit:
    """The visit and its data period; months are datetime64[M], days datetime64[D]."""

    id: str
    start: np.datetime64
    end: np.datetime64
    period_from: np.datetime64
    period_to: np.datetime64
    consultants: tuple[str, str]

    @property
    def last_day(self) -> np.datetime64:
        """The last day of the data period."""
        return (self.period_to + MONTH).astype("M8[D]") - DAY


@dataclass(frozen=True)
class Department:
    """One department; `heads` persons, `turnover` yearly leavers as a share of heads."""

    id: str
    name: str
    group: str
    level: str
    heads: int
    turnover: float
    valid_from: np.datetime64
    valid_to: np.datetime64 | None = None
    replaces: str | None = None

    @property
    def core_welfare(self) -> bool:
        return self.group in CORE_WELFARE or self.level == "institution"


@dataclass(frozen=True)
class Solution:
    """One solution; its window will show `usage` and `coverage`; `volume` is eligible transactions a year.

    `go_live` is not a time (NaT) while it is planned.
    """

    id: str
    name: str
    function: str
    status: str
    is_new: bool
    go_live: np.datetime64
    closed: np.datetime64 | None
    departments: tuple[int, ...]
    volume: float
    usage: float
    coverage: float
    denominator: str
    evidence: str
    target: float | None
    path: str = "flat"
    unused: bool = False
    delivered: bool = True
    supports: str | None = None
    underlying: str | None = None

    @property
    def measured(self) -> bool:
        return self.denominator in ("all_eligible", "all")


@dataclass(frozen=True)
class Draft:
    """What every table of one municipality is made from."""

    profile: Profile
    visit: Visit
    departments: tuple[Department, ...]
    solutions: tuple[Solution, ...]

    @property
    def operating(self) -> tuple[Solution, ...]:
        return tuple(s for s in self.solutions if s.status == "operation")

    @property
    def new(self) -> tuple[Solution, ...]:
        return tuple(s for s in self.operating if s.is_new)

    def solution(self, function: str) -> Solution:
        """The solution in operation of one function."""
        return next(s for s in self.operating if s.function == function)


class _Site(NamedTuple):
    profile: Profile
    visit: Visit
    relevant: tuple[int, ...]
    rng: np.random.Generator


def draft(profile: Profile, rng: np.random.Generator) -> Draft:
    """Decide visit, departments and solutions of one municipality."""
    visit = _visit(profile, rng)
    departments = _departments(profile, rng)
    relevant = tuple(d for d, department in enumerate(departments) if department.valid_to is None)
    solutions = _solutions(_Site(profile, visit, relevant, rng))
    return Draft(profile, visit, departments, solutions)


def _visit(profile: Profile, rng: np.random.Generator) -> Visit:
    first, span = _VISIT_STARTS.get(profile.wave, _VISIT_STARTS["2018E"])
    start = np.datetime64(first, "D") + rng.integers(span) * DAY
    consultants = sorted(rng.choice(np.arange(1, 13), size=2, replace=False))
    return Visit(
        id=f"B-{profile.municipality}",
        start=start,
        end=start + rng.integers(2, 15) * DAY,
        period_from=DATA_START,
        period_to=start.astype("M8[M]") - MONTH,
        consultants=(f"K{consultants[0]:02d}", f"K{consultants[1]:02d}"),
    )


def _departments(profile: Profile, rng: np.random.Generator) -> tuple[Department, ...]:
    names = read("names")
    count = min(profile.population // 12_000, len(names["institutions"]))
    extra = [
        entry | {"level": "institution", "heads": names["institution_heads"]}
        for entry in names["institutions"][:count]
    ]
    entries: list[dict[str, Any]] = [*names["departments"], *extra]
    weights = np.array([entry["heads"] for entry in entries]) * rng.uniform(0.85, 1.15, len(entries))
    heads = 0.07 * profile.population * weights / weights.sum()
    made = [_department(i, entry, heads[i], profile, rng) for i, entry in enumerate(entries)]
    return tuple(_rename(made) if profile.renamed else made)


def _department(
    i: int, entry: dict[str, Any], heads: float, profile: Profile, rng: np.random.Generator
) -> Department:
    turnover = rng.uniform(*TURNOVER.get(entry["group"], CENTRAL_TURNOVER))
    return Department(
        id=f"A{i + 1:02d}",
        name=entry["name"],
        group=entry["group"],
        level=entry["level"],
        heads=max(10, 10 * round(heads / 10)),
        turnover=turnover if profile.turnover is None else profile.turnover,
        valid_from=np.datetime64("2015-01", "M"),
    )


def _rename(made: list[Department]) -> list[Department]:
    """The department that changes name in the middle of the period: its successor is put last."""
    names = read("names")["renamed"]
    old = next(d for d in made if d.group == names["group"])
    before = replace(old, name=names["from"], valid_to=RENAME_MONTH - MONTH)
    after = replace(
        old, id=f"A{len(made) + 1:02d}", name=names["to"], valid_from=RENAME_MONTH, replaces=old.id
    )
    return [before if d is old else d for d in made] + [after]


def _solutions(site: _Site) -> tuple[Solution, ...]:
    profile = site.profile
    functions = _functions(profile, site.rng)
    fresh = _new_functions(profile, functions, site.rng)
    unused = _unused(profile, functions, fresh, site.rng)
    made = []
    for i, function in enumerate(functions):
        base = _base(site, i, function, function in fresh)
        made.append(_new(base, site) if function in fresh else _old(base, site, function in unused))
    made = _one_department(made, site) if profile.concentrated else made
    return tuple(made + _robots(made, site))


def _functions(profile: Profile, rng: np.random.Generator) -> list[str]:
    catalogue = read("catalogue")
    common = [f for f, entry in catalogue.items() if entry.get("common")]
    keep = [f for f in common if profile.planted or f == "purchasing" or rng.random() < 0.95]
    forced = [f for f in (profile.concentrated, "payroll" if profile.robot_on_outgoing else "") if f]
    others = [f for f, entry in catalogue.items() if "weight" in entry and f not in forced]
    weights = np.array([catalogue[f]["weight"] for f in others])
    count = max(int(rng.integers(7, 12)) - len(keep) - len(forced), 2)
    drawn = rng.choice(others, size=count, replace=False, p=weights / weights.sum())
    chosen = {*keep, *forced, *drawn}
    return [f for f in catalogue if f in chosen]


def _new_functions(profile: Profile, functions: list[str], rng: np.random.Generator) -> set[str]:
    """Purchasing and two to three more are new; what a story needs to be old or new stays so."""
    old = {"payroll"} if profile.robot_on_outgoing else set()
    candidates = [f for f in _NEW_FIRST[1:] if f in functions and f not in old]
    count = min(int(rng.integers(2, 4)), len(candidates), len(functions) - 1 - (profile.unused or 1))
    fresh = {"purchasing", *rng.choice(candidates, size=max(count, 1), replace=False)}
    return fresh | ({profile.concentrated} if profile.concentrated else set())


def _unused(profile: Profile, functions: list[str], fresh: set[str], rng: np.random.Generator) -> set[str]:
    old = [f for f in functions if f not in fresh]
    count = int(rng.binomial(2, 0.2)) if profile.unused is None else profile.unused
    return set(rng.choice(old, size=min(count, len(old)), replace=False))


def _base(site: _Site, i: int, function: str, is_new: bool) -> Solution:
    entry, rng = read("catalogue")[function], site.rng
    go_live = site.visit.period_to - _age(site.profile, function, is_new, rng) * MONTH
    closed = go_live + rng.integers(3, 12) * MONTH
    few = max(5, round(0.7 * len(site.relevant)))
    chosen = (
        site.relevant if entry.get("everywhere") else sorted(rng.choice(site.relevant, few, replace=False))
    )
    return Solution(
        id=f"L{i + 1:02d}",
        name=entry["product"],
        function=function,
        status="operation",
        is_new=is_new,
        go_live=go_live,
        closed=closed if closed <= site.visit.period_to else None,
        departments=tuple(int(d) for d in chosen),
        volume=site.profile.population * entry["per_inhabitant"] * rng.uniform(0.85, 1.15),
        usage=0.5,
        coverage=1.0,
        denominator="all_eligible" if rng.random() < 0.7 else "all",
        evidence="A" if rng.random() < 0.8 else "B",
        target=round(rng.uniform(0.6, 0.9), 2) if rng.random() < 0.6 else None,
    )


def _age(profile: Profile, function: str, is_new: bool, rng: np.random.Generator) -> int:
    if is_new and profile.go_live_age is not None:
        return profile.go_live_age
    if function == "robot":
        return int(rng.integers(*_ROBOT_AGE))
    return int(rng.integers(*(_NEW_AGE if is_new else _OLD_AGE)))


def _new(base: Solution, site: _Site) -> Solution:
    profile, rng = site.profile, site.rng
    usage, coverage = _depth(profile, rng)
    if base.function == "purchasing" and profile.usage is None:
        usage *= _PURCHASING
    if base.function == "purchasing" and profile.path == "falling":
        return replace(base, usage=0.255, coverage=0.9, path="falling", evidence="A")
    path = "logistic" if profile.path == "falling" else profile.path
    if profile.depth_class != "cannot_be_said":
        evidence = base.evidence if profile.usage is None else "A"  # a planted share is a full count
        return replace(base, usage=usage, coverage=coverage, path=path, evidence=evidence)
    own = profile.own_denominator or rng.random() < 0.35
    silent = not profile.delivers_usage
    denominator = "own_solution_only" if own and not silent else "unknown"
    return replace(base, usage=usage, denominator=denominator, evidence="C", path=path, delivered=not silent)


def _depth(profile: Profile, rng: np.random.Generator) -> tuple[float, float]:
    """Share and coverage of a new solution: the class follows from its bounds L and U by a margin."""
    if profile.usage is not None and profile.coverage is not None:
        return profile.usage, profile.coverage
    level = profile.depth_rank
    if profile.depth_class == "certainly_above":
        return 0.36 + 0.10 * level + rng.uniform(-0.02, 0.02), rng.uniform(0.92, 1.0)
    if profile.depth_class == "certainly_not_above":
        return 0.05 + 0.08 * level + rng.uniform(0, 0.02), rng.uniform(0.95, 1.0)
    if profile.depth_class == "cannot_be_said":
        return profile.usage or 0.08 + 0.2 * level + rng.uniform(0, 0.05), 1.0
    if profile.index % 2:
        coverage = rng.uniform(0.45, 0.6)
        return (0.17 + 0.04 * level) / coverage, coverage
    return 0.19 + 0.05 * level + rng.uniform(-0.01, 0.01), rng.uniform(0.76, 0.86)


def _old(base: Solution, site: _Site, unused: bool) -> Solution:
    profile, rng = site.profile, site.rng
    usage = float(np.clip(0.68 + 0.10 * profile.z_lead + rng.normal(0, 0.14), 0.2, 0.93))
    usage = rng.uniform(0.02, 0.07) if unused else max(usage, profile.old_usage or 0)
    coverage = rng.uniform(0.85, 1.0) if profile.old_usage is None else 1.0
    known = profile.depth_class != "cannot_be_said" or rng.random() < 0.35
    known = (known and rng.random() < 0.93) or profile.unused is not None
    made = replace(base, usage=usage, coverage=coverage, unused=unused)
    if known:
        return made
    return replace(made, denominator="unknown", evidence="C", delivered=not profile.sparse)


def _one_department(made: list[Solution], site: _Site) -> list[Solution]:
    """Story S05: a solution for seven departments, used by HR and payroll alone; one is not measured."""

    def narrow(solution: Solution) -> Solution:
        return replace(
            solution,
            departments=(1, 0, 2, 3, 4, 6, 8),
            path="one_department",
            coverage=1.0,
            usage=0.2573,
            evidence="A",
            denominator="all_eligible",
            go_live=site.visit.period_to - 30 * MONTH,
        )

    return [narrow(s) if s.function == site.profile.concentrated else s for s in made]


def _robots(made: list[Solution], site: _Site) -> list[Solution]:
    profile, rng = site.profile, site.rng
    if profile.robots == "none":
        return []
    old = [s for s in made if not s.is_new]
    wanted = [s for s in old if s.function == "payroll"] if profile.robot_on_outgoing else old
    under = wanted[int(rng.integers(len(wanted)))]
    base = _base(site, len(made), "robot", profile.robots == "operation")
    robot = replace(base, supports=under.function, underlying=under.id, departments=base.departments[:5])
    if profile.robots == "operation":
        return [replace(_new(robot, site), path="flat")]
    never = np.datetime64("NaT", "M")
    planned = replace(robot, status="planned", go_live=never, closed=None, denominator="unknown")
    return [replace(planned, is_new=False)]
