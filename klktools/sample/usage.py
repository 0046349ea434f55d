"""Monthly usage per solution and department, and the raw log behind some of it (framework 7.1).

The window of every solution is scaled to the share its draft decided, and as much of it is left out as the
decided coverage says, so the 25-per-cent class follows by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from klktools.sample.resources import read
from klktools.sample.structure import DATA_START, MONTH, WINDOW, Draft, Solution

_RATE = 0.13
_ONE_DEPARTMENT = {"weights": (0.29, 0.132, 0.132, 0.132, 0.132, 0.132, 0.05)}
_ONE_DEPARTMENT["shares"] = (0.80, 0.05, 0.04, 0.04, 0.03, 0.02, 0.03)
_SAMPLE_SIZE = 40
_MINUTE = np.timedelta64(1, "m")


@dataclass(frozen=True)
class Counts:
    """One solution's true monthly counts, department x month; `known` is where both counts were delivered."""

    solution: Solution
    months: np.ndarray
    through: np.ndarray
    eligible: np.ndarray
    as_intended: np.ndarray
    known: np.ndarray
    present: np.ndarray


def counts(draft: Draft, rng: np.random.Generator) -> list[Counts]:
    """The counts of every solution that delivers usage."""
    return [_counts(draft, solution, rng) for solution in draft.operating if solution.delivered]


def _counts(draft: Draft, solution: Solution, rng: np.random.Generator) -> Counts:
    first = max(DATA_START, solution.go_live)
    months = np.arange(first, draft.visit.period_to + MONTH)
    month = months.astype(int) % 12 + 1
    expected = solution.volume / 12 * np.outer(_weights(draft, solution), _season(draft, month))
    eligible = rng.poisson(expected * rng.lognormal(0, 0.06, expected.shape))
    share = _effects(draft, solution, rng)[:, None] * _path(draft, solution, months, rng)[None, :]
    through = rng.binomial(eligible, _scaled(share, eligible, solution.usage))
    intended = np.clip(rng.normal(0.58 + 0.08 * draft.profile.z_lead, 0.1), 0.35, 0.8)
    known, present = _missing(solution, through.shape, rng)
    if solution.path == "one_department":
        known[-1, :] = False
    return Counts(solution, months, through, eligible, rng.binomial(through, intended), known, present)


def _weights(draft: Draft, solution: Solution) -> np.ndarray:
    if solution.path == "one_department":
        return np.array(_ONE_DEPARTMENT["weights"])
    heads = np.array([draft.departments[d].heads for d in solution.departments], dtype=float)
    return np.sqrt(heads) / np.sqrt(heads).sum()


def _season(draft: Draft, month: np.ndarray) -> np.ndarray:
    july, december = (0.3, 0.5) if draft.profile.path == "rising_with_dips" else (0.6, 0.85)
    return np.select([month == 7, month == 12], [july, december], 1.0)


def _effects(draft: Draft, solution: Solution, rng: np.random.Generator) -> np.ndarray:
    """How each department differs: near 0.9 centrally, lower and more spread elsewhere (framework 7.1)."""
    count = len(solution.departments)
    if solution.path == "one_department":
        return np.array(_ONE_DEPARTMENT["shares"])
    if solution.path == "falling":
        return rng.uniform(0.95, 1.05, count)
    if draft.profile.low_departments is not None:
        low = np.arange(count) >= round(count * (1 - draft.profile.low_departments))
        return np.where(low, 0.45, 1.0) * rng.uniform(0.97, 1.03, count)
    central = np.array([draft.departments[d].level == "central" for d in solution.departments])
    return np.where(central, rng.uniform(0.85, 0.95, count), rng.beta(6, 5, count))


def _path(draft: Draft, solution: Solution, months: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The shape over time, up to a factor."""
    age = (months - solution.go_live).astype(int)
    left = (draft.visit.period_to - months).astype(int)
    noise = rng.normal(1, 0.01, len(months))
    if solution.path == "falling":
        return noise * np.where(age <= 10, 0.06 + 0.026 * age, 0.32 - 0.01 * (age - 10))
    if solution.path.startswith("rising"):
        line = np.clip(solution.usage + 0.012 * (5.5 - left), 0.02, None)
        month = months.astype(int) % 12 + 1
        dips = np.select([month == 7, month == 12], [0.5, 0.7], 1.0)
        return noise * line * (dips if solution.path == "rising_with_dips" else 1.0)
    if solution.path == "logistic":
        middle = 20 - 4 * draft.profile.z_lead + rng.normal(0, 2)
        return noise / (1 + np.exp(-_RATE * (age - middle)))
    return noise * rng.normal(1, 0.02, len(months))


def _scaled(share: np.ndarray, eligible: np.ndarray, target: float) -> np.ndarray:
    """Scale so that the pooled share of the window is `target`; no cell above 0.97."""
    window = eligible[:, -WINDOW:]
    for _ in range(6):
        pooled = (share[:, -WINDOW:] * window).sum() / max(window.sum(), 1)
        share = np.clip(share * target / max(pooled, 1e-9), 0, 0.97)
    return share


def _missing(
    solution: Solution, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Which cells have both counts, and which have a row at all.

    Before the window 8 per cent of the months are missing in blocks and 4 per cent singly; in the window
    every department loses one block of months, as long as the decided coverage says.
    """
    departments, months = shape
    known = rng.random(shape) >= 0.04
    before = months - WINDOW
    if before >= 6 and rng.random() < 0.5:
        start = int(rng.integers(0, before - 3))
        known[:, start : start + int(rng.integers(2, 5))] = False
    length = min(WINDOW, months)
    lost = np.floor((1 - solution.coverage) * length + rng.random(departments)).astype(int)
    lost = np.minimum(lost, length - 3)
    start = months - length + np.floor(rng.random(departments) * (length - lost + 1)).astype(int)
    position = np.arange(months)
    gone = (position >= start[:, None]) & (position < (start + lost)[:, None])
    known[:, months - length :] = True
    known &= ~gone
    # half of what is missing is a row without a denominator, the rest no row
    present = known | (rng.random(shape) < 0.5)
    return known, present


def usage_columns(draft: Draft, made: list[Counts], rng: np.random.Generator) -> dict[str, Any]:
    """Table `usage` as columns: one row per solution, department and month that was delivered."""
    parts = [_rows(draft, count, rng) for count in made]
    if not parts:
        return {}
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {"municipality": np.full(len(columns["month"]), draft.profile.municipality)} | columns


def _rows(draft: Draft, count: Counts, rng: np.random.Generator) -> dict[str, np.ndarray]:
    solution, shape = count.solution, count.through.shape
    own = solution.denominator == "own_solution_only"
    present = count.present | ~np.array(solution.measured)
    eligible = np.where(count.known, count.eligible, np.nan) if solution.measured else np.full(shape, np.nan)
    eligible = np.where(own, count.through, eligible)
    intended = np.where(np.isnan(eligible) & (rng.random(shape) < 0.5), np.nan, count.as_intended)
    size = np.where((eligible > 0) & (solution.evidence == "B"), np.minimum(eligible, _SAMPLE_SIZE), np.nan)
    columns = {
        "solution": np.full(shape, solution.id),
        "department": np.repeat(_department_ids(draft, count), shape[1]).reshape(shape)
        if not draft.profile.renamed
        else _renamed_ids(draft, count),
        "month": np.broadcast_to(count.months, shape),
        "through": count.through.astype(float),
        "eligible": eligible,
        "as_intended": intended,
        # a municipality that counts its own orders only believes that it has a full count
        "evidence": np.where(own, "A", np.where(np.isnan(eligible), "C", solution.evidence)),
        "source": np.full(shape, read("names")["source"][solution.evidence]),
        "sample_n": size,
    } | _amounts(count, eligible, rng)
    return {name: values[present] for name, values in columns.items()}


def _department_ids(draft: Draft, count: Counts) -> np.ndarray:
    return np.array([draft.departments[d].id for d in count.solution.departments])


def _renamed_ids(draft: Draft, count: Counts) -> np.ndarray:
    """Before it replaced another a department's usage stands under the predecessor's id."""
    columns = []
    for d in count.solution.departments:
        department = draft.departments[d]
        old = department.replaces or department.id
        columns.append(np.where(count.months < department.valid_from, old, department.id))
    return np.stack(columns)


def _amounts(count: Counts, eligible: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Kroner are known for purchases only; those through the solution are small (framework 0, point 5)."""
    if count.solution.function != "purchasing":
        return {name: np.full(eligible.shape, np.nan) for name in ("amount_through", "amount_all")}
    through = np.round(count.through * rng.normal(420, 30, eligible.shape))
    rest = np.round((eligible - count.through) * rng.normal(1_150, 80, eligible.shape))
    return {"amount_through": through, "amount_all": through + rest}


_EVENTS_WANTED = 24_000
_OTHER_CHANNELS = ("manual", "mail", "paper", "shop", "other")
_OTHER_SHARES = (0.34, 0.27, 0.18, 0.16, 0.05)


def log_columns(draft: Draft, made: list[Counts], rng: np.random.Generator) -> dict[str, Any]:
    """Table `usage_log`: every eligible purchase of the latest months, whatever its channel."""
    count = next(c for c in made if c.solution.function == "purchasing")
    yearly = count.eligible[:, -WINDOW:].sum()
    months = (
        WINDOW if draft.profile.own_denominator else int(np.clip(WINDOW * _EVENTS_WANTED / yearly, 3, WINDOW))
    )
    through, eligible = count.through[:, -months:].ravel(), count.eligible[:, -months:].ravel()
    cell = np.repeat(np.arange(len(eligible)), eligible)
    inside = np.arange(len(cell)) - np.repeat(np.cumsum(eligible) - eligible, eligible) < through[cell]
    # beside the eligible ones: orders taken back and tests, which the rules of T10 leave out
    extra = rng.choice(len(cell), size=len(cell) // 60, replace=False)
    fate = np.r_[np.full(len(cell), "completed"), rng.choice(["cancelled", "credited", "test"], len(extra))]
    rows = {
        "cell": np.r_[cell, cell[extra]],
        "inside": np.r_[inside, np.full(len(extra), True)],
        "intended": np.r_[rng.random(len(cell)) < 0.6, rng.random(len(extra)) < 0.6],
        "fate": fate,
    }
    return _events(draft, count, months, rows, rng)


def _events(
    draft: Draft, count: Counts, months: int, rows: dict[str, np.ndarray], rng: np.random.Generator
) -> dict[str, Any]:
    """From transactions to events: created, approved and completed; outside the solution completed only."""
    steps = np.where(rows["inside"], 3, 1) + np.isin(rows["fate"], ["cancelled", "credited"])
    transaction = np.repeat(np.arange(len(steps)), steps)
    step = np.arange(len(transaction)) - np.repeat(np.cumsum(steps) - steps, steps)
    step = np.where(rows["inside"][transaction], step, step + 2)
    inside, fate, cell = (rows[name][transaction] for name in ("inside", "fate", "cell"))
    kind = np.select([step == 0, step == 1, step == 2], ["created", "approved", "completed"], fate)
    time = _times(count.months[-months:][rows["cell"] % months], transaction, step, rng)
    users = np.array([f"{user:016x}" for user in rng.integers(0, 2**63, 160)])
    other = rng.choice(_OTHER_CHANNELS, len(steps), p=_OTHER_SHARES)[transaction]
    order = np.argsort(time, kind="stable")
    nothing = np.full(len(time), None)
    columns = {
        "timestamp": time,
        "solution": np.full(len(time), count.solution.id),
        "department_ref": _department_ids(draft, count)[cell // months],
        "channel": np.where(inside, "solution", other),
        "transaction": np.char.add("T", np.char.zfill(transaction.astype(str), 6)),
        "event_type": np.where(fate == "test", "test", kind),
        "as_intended": np.where(inside, rows["intended"][transaction].astype(object), nothing),
        "user_hash": np.where(inside, users[rng.integers(0, 160, len(time))].astype(object), nothing),
        "amount": np.round(np.where(inside, 420, 1_150) * rng.lognormal(0, 0.5, len(steps))[transaction]),
    }
    columns = {name: values[order] for name, values in columns.items()}
    number = np.char.add("H", np.char.zfill(np.arange(len(time)).astype(str), 6))
    return {"municipality": np.full(len(time), draft.profile.municipality), "event": number} | columns


def _times(
    month: np.ndarray, transaction: np.ndarray, step: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Local times in working hours; the steps of a transaction follow each other within the month."""
    day, minute = rng.integers(0, 24, len(month)), rng.integers(7 * 60, 15 * 60, len(month))
    start = month.astype("M8[D]").astype("M8[m]") + (day * 1_440 + minute) * _MINUTE
    return start[transaction] + step * 600 * _MINUTE
