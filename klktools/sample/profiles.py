"""Who the municipalities are: latent values, quotas and the planted stories (framework 7.1 and 7.2).

Municipalities come in blocks of 55. The first block is the named ones with the stories; the blocks after it
have generated names. Every block fills the same quotas by ranking its own latent values, so municipality k is
the same however many are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from klktools.sample.resources import named_municipalities, read

BLOCK = 55
# 25-per-cent classes by wave and plan classes over the block, in the order they are filled (framework 7.1)
DEPTH_QUOTA = {
    "2018F": {"certainly_above": 3, "undecided": 8, "certainly_not_above": 6},
    "2018E": {"certainly_above": 5, "undecided": 10, "certainly_not_above": 8},
}
PLAN_QUOTA = {"plan": 9, "partial": 28, "no_plan": 18}
ROBOT_QUOTA = {"operation": 15, "planned": 32, "none": 8}
_CORRELATION = np.array([[1.0, 0.35, 0.5], [0.35, 1.0, 0.4], [0.5, 0.4, 1.0]])  # leadership, plan, steering
_NOISES = 12
_CODES_PER_LETTER = 999
_CODE_LETTERS = "ABCDFGHJKLMN"  # in order, so that the codes sort as the municipalities are made


@dataclass(frozen=True)
class Profile:
    """One municipality before its tables are made. Shares are 0-1, kroner whole, ages in months."""

    index: int
    municipality: str
    name: str
    region_code: int
    region_name: str
    population: int
    wave: str
    story: str
    z_lead: float
    z_plan: float
    z_steer: float
    depth_rank: float
    depth_class: str
    plan_class: str
    plan_rank: float
    in_place: float
    core_share: float
    follow_up: float
    onboarding: bool
    go_live_training: bool
    delivers_staff: bool
    robots: str
    usage: float | None = None
    coverage: float | None = None
    delivers_usage: bool = True
    own_denominator: bool = False
    concentrated: str = ""
    path: str = "logistic"
    low_departments: float | None = None
    old_usage: float | None = None
    unused: int | None = None
    go_live_age: int | None = None
    turnover: float | None = None
    training: str = "ordinary"
    users_of_new_only: bool = False
    completeness: float | None = None
    conflict_rate: float | None = None
    cycle: bool = False
    robot_on_outgoing: bool = False
    cut_kr: int | None = None
    search_minutes: tuple[float, float, float] | None = None
    functions_working: tuple[float, ...] | None = None
    claim: float | None = None
    chiefs_do_not_know: bool = False
    pessimistic: bool = False
    interviews: int | None = None
    sparse: bool = False
    renamed: bool = False

    @property
    def version(self) -> str:
        return "v1" if self.wave.endswith("F") else "v2"

    @property
    def planted(self) -> bool:
        return bool(self.story)


def block_profiles(block: int, *, seed: int) -> list[Profile]:
    """The 55 profiles of one block; block 0 holds the named municipalities and the stories."""
    people = _people(block, seed=seed)
    people = _latent(people, seed=seed)
    people = _quotas(people)
    names = {field.name for field in fields(Profile)}
    return [Profile(**_settings(row, names)) for row in people.to_dict("records")]


def _settings(row: Mapping[Any, Any], names: set[str]) -> dict[str, Any]:
    told = read("stories").get(row["story"], {}).get("settings", {})
    values = {key: value for key, value in row.items() if key in names}
    return values | {key: tuple(v) if isinstance(v, list) else v for key, v in told.items()}


def _people(block: int, *, seed: int) -> pd.DataFrame:
    named = named_municipalities()
    table = named.assign(index=np.arange(BLOCK) + block * BLOCK)
    if block == 0:
        return table
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, block)))
    population = np.clip(43_500 * np.exp(rng.normal(0, 0.58, BLOCK)), 6_400, 204_300)
    serial = table["index"] - BLOCK
    return table.assign(
        municipality=[generated_code(n) for n in serial],
        name=[generated_name(n) for n in serial],
        population=np.round(population, -2).astype("int64"),
        story="",
    )


def generated_code(serial: int) -> str:
    """The 4-character text code of generated municipality `serial` (0-based): A001 ... A999, B001 ..."""
    letter, number = divmod(serial, _CODES_PER_LETTER)
    return f"{_CODE_LETTERS[letter]}{number + 1:03d}"


def generated_name(serial: int) -> str:
    """A Danish-sounding name of three parts, different for every serial below 10,560."""
    names = read("names")
    first, middle, last = names["first"], names["middle"], names["last"]
    total = len(first) * len(middle) * len(last)
    # a stride without a common factor with the total spreads neighbours over the alphabet
    position = (serial * 6_997 + 1_234) % total
    position, a = divmod(position, len(first))
    c, b = divmod(position, len(middle))
    return f"{first[a]}{middle[b]}{last[c]}"


def _latent(people: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    draws = np.stack(
        [
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, k))).normal(size=3 + _NOISES)
            for k in people["index"]
        ]
    )
    # whitened within the block: 55 are too few to leave the correlations to luck
    draws = draws - draws.mean(axis=0)
    draws = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws, rowvar=False))).T
    z = draws[:, :3] @ np.linalg.cholesky(_CORRELATION).T
    size = (np.log(people["population"].to_numpy()) - np.log(43_500)) / 0.58
    latent = {"z_lead": z[:, 0], "z_plan": z[:, 1] + 0.15 * size, "z_steer": z[:, 2]}
    noise = {f"e{i}": draws[:, 3 + i] for i in range(_NOISES)}
    return people.assign(**latent, **noise)


def _quotas(people: pd.DataFrame) -> pd.DataFrame:
    stories = read("stories")
    told = pd.DataFrame([stories.get(s, {}).get("settings", {}) for s in people["story"]], index=people.index)
    told = told.reindex(
        columns=["depth_class", "plan_class", "robots", "onboarding", "in_place", "core_share"]
    )
    lead, plan, steer = people["z_lead"], people["z_plan"], people["z_steer"]
    depth = 0.6 * lead + 0.4 * steer + 0.3 * people["e0"]
    unknown = 0.7 * steer + 0.5 * lead + 0.3 * people["e1"]
    normal = pd.Series(norm.ppf(_rank(steer + 0.9 * people["e4"])), index=people.index).clip(-1.75, 2.1)
    in_place = told["in_place"].astype(float).fillna(0.45 + 0.24 * normal)
    plain, sparse = people["story"].eq(""), int(people["story"].eq("S18").any())
    return people.assign(
        depth_rank=_rank(depth),
        depth_class=_depth_classes(depth, unknown, told["depth_class"], people["wave"]),
        plan_class=_fill(PLAN_QUOTA, plan + 0.5 * people["e2"], told["plan_class"]),
        robots=_fill(ROBOT_QUOTA, people["e3"], told["robots"]),
        plan_rank=_rank(plan + 0.5 * people["e2"]),
        in_place=in_place,
        core_share=_core_shares(in_place, people["e5"], told["core_share"], people["story"]),
        follow_up=0.04 + 0.92 * _rank(steer + 0.9 * people["e6"]),
        onboarding=_fill({"true": 12, "false": 43}, lead + 0.4 * people["e7"], _words(told["onboarding"])).eq(
            "true"
        ),
        go_live_training=~_lowest(lead + people["e8"], 5 - sparse, allowed=plain),
        delivers_staff=~_lowest(people["e9"], 2 - sparse, allowed=plain),
    )


def _rank(score: pd.Series) -> pd.Series:
    """Rank within the block as a share strictly between 0 and 1."""
    return (score.rank(method="first") - 0.5) / len(score)


def _words(fixed: pd.Series) -> pd.Series:
    return fixed.map({True: "true", False: "false"})


def _fill(quota: Mapping[str, int], score: pd.Series, fixed: pd.Series) -> pd.Series:
    """Give labels in the order of `quota`, highest score first; what is `fixed` counts against it."""
    left = {label: count - int(fixed.eq(label).sum()) for label, count in quota.items()}
    labels = [label for label, count in left.items() for _ in range(max(count, 0))]
    free = score[fixed.isna()].sort_values(ascending=False, kind="stable").index
    return fixed.astype(object).fillna(pd.Series(labels[: len(free)], index=free, dtype=object))


def _depth_classes(depth: pd.Series, unknown: pd.Series, fixed: pd.Series, wave: pd.Series) -> pd.Series:
    """The least steered cannot say; of the rest the deepest are certainly above (framework 7.1)."""
    result = fixed.astype(object)
    for name, quota in DEPTH_QUOTA.items():
        mine = wave.eq(name)
        known = fixed[mine].eq("cannot_be_said").sum()
        missing = int(mine.sum()) - sum(quota.values()) - int(known)
        free = unknown[mine & fixed.isna()].sort_values(kind="stable").index
        result.loc[free[:missing]] = "cannot_be_said"
        rest = result[mine & result.ne("cannot_be_said")]
        result.loc[rest.index] = _fill(quota, depth[rest.index], rest)
    return result


def _core_shares(in_place: pd.Series, noise: pd.Series, fixed: pd.Series, story: pd.Series) -> pd.Series:
    """16 take a fifth or more from core welfare, the more likely the less is harvested in place."""
    many = _lowest(4 * in_place + noise, 15, allowed=fixed.isna() & in_place.lt(0.70) & story.ne("S18"))
    room = 1 - in_place
    high = 0.22 + (0.9 * room - 0.22) * norm.cdf(noise) * 0.5
    low = (0.5 * room).clip(upper=0.14) * norm.cdf(noise)
    return fixed.astype(float).fillna(high.where(many, low))


def _lowest(score: pd.Series, count: int, *, allowed: pd.Series) -> pd.Series:
    chosen = score[allowed].sort_values(kind="stable").index[:count]
    return pd.Series(score.index.isin(chosen), index=score.index)
