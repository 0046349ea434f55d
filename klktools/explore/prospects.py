"""The plan in the order it must be done, and what other assumptions would mean for gains and training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import networkx as nx
import pandas as pd

from klktools import stats

SOLUTION = ["municipality", "solution"]


def trace_dependencies(
    dependencies: pd.DataFrame, initiatives: pd.DataFrame, conflicts: pd.DataFrame
) -> pd.DataFrame:
    """Lay the dependencies of the plan out in the order in which they must be done.

    Parameters
    ----------
    dependencies, initiatives : DataFrame
        T12 and T11.
    conflicts : DataFrame
        `conflicts`; K1 is marked on every dependency inside the cycle.

    Returns
    -------
    DataFrame
        One row per dependency: step (how many initiatives in a row must come before; those of a cycle share
        one), initiative, name, start, requires, requires_name, requires_end (end, else go-live), type, hard,
        conflict ("|" text, empty when there is none).
    """
    about = initiatives[["municipality", "initiative", "name", "start"]]
    end = initiatives["end"].fillna(initiatives["go_live"])
    before = initiatives[["municipality", "initiative", "name"]].assign(end=end)
    before = before.set_axis(["municipality", "requires", "requires_name", "requires_end"], axis=1)
    links = dependencies.merge(about, on=["municipality", "initiative"], how="left")
    links = links.merge(before, on=["municipality", "requires"], how="left")
    steps, knots = _steps(links)
    found = conflicts.dropna(subset=["requires"])[["municipality", "initiative", "requires", "conflict"]]
    found = pd.concat([found, knots.assign(conflict="K1")]).drop_duplicates()
    pair = ["municipality", "initiative", "requires"]
    joined = found.sort_values("conflict").groupby(pair)["conflict"].agg("|".join).reset_index()
    links = links.assign(step=steps).merge(joined.astype("str"), on=pair, how="left")
    columns = ["name", "start", "requires", "requires_name", "requires_end", "type", "hard", "conflict"]
    links = links.assign(conflict=links["conflict"].fillna(""))
    ordered = links.sort_values(["municipality", "step", "initiative", "requires"], ignore_index=True)
    return ordered[["municipality", "step", "initiative", *columns]]


def _steps(links: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """The step of each dependency's initiative, and the dependencies inside a cycle."""
    ends = [list(zip(links["municipality"], links[end], strict=True)) for end in ("requires", "initiative")]
    graph: nx.DiGraph = nx.DiGraph(list(zip(*ends, strict=True)))
    parts = nx.condensation(graph)
    generation = {node: at for at, nodes in enumerate(nx.topological_generations(parts)) for node in nodes}
    part_of = parts.graph.get("mapping", {})
    steps = [generation[part_of[node]] for node in ends[1]]
    same = [part_of[one] == part_of[other] for one, other in zip(*ends, strict=True)]
    inside = links.loc[same, ["municipality", "initiative", "requires"]]
    return pd.Series(steps, index=links.index, dtype=float), inside


def what_if(
    gains: pd.DataFrame,
    *,
    functionality: float | None = None,
    usage: float | None = None,
    time: float | None = None,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Suppose other factors behind the gains (I20: an indication, not a measurement).

    Parameters
    ----------
    gains : DataFrame
        `gains_by_solution`.
    functionality, usage, time : float, optional
        I19F, I19U and I19T as supposed for every solution, 1 for "as assumed"; as measured unless given.
    assumptions : mapping
        `usage_factor_cap`.

    Returns
    -------
    DataFrame
        One row per solution with a business case: bc_kr, cut_kr, F, U, T (as used, clipped), supposed_kr
        (business case times the three; missing when one is neither measured nor supposed) and gap_kr (cut
        less supposed_kr, which explains nothing below zero).
    """
    cases = gains[gains["bc_kr"].notna()].reset_index(drop=True)
    cap = assumptions["usage_factor_cap"]
    limits = {"F": (functionality, 0, 1), "U": (usage, 0, cap), "T": (time, -1, cap)}
    factors = {
        letter: _factor(cases, letter, supposed).clip(low, high)
        for letter, (supposed, low, high) in limits.items()
    }
    supposed_kr = reduce(lambda left, right: left * right, factors.values(), cases["bc_kr"])
    gap = cases["cut_kr"] - supposed_kr.clip(lower=0)
    kept = cases[[*SOLUTION, "bc_kr", "cut_kr"]]
    return kept.assign(**factors, supposed_kr=supposed_kr, gap_kr=gap)


def _factor(cases: pd.DataFrame, letter: str, supposed: float | None) -> pd.Series:
    if supposed is not None:
        return pd.Series(float(supposed), index=cases.index)
    return cases[f"I19{letter}"].astype(float).where(cases[f"{letter}_measured"].eq(True))


def project_training(
    groups: pd.DataFrame, *, years: Sequence[float] = (1, 2, 3), newcomers: float | None = None
) -> pd.DataFrame:
    """Project the share trained in each department group (I21; a worst case, since the same posts turn over).

    Parameters
    ----------
    groups : DataFrame
        `training_by_group`.
    years : sequence of float
        Years from now.
    newcomers : float, optional
        Share of newcomers trained from now on, 0-1; each group's own (kappa) unless given.

    Returns
    -------
    DataFrame
        One row per department group, over its solutions by users: users, q (leaving rate a year), half_life
        (years, if nobody is trained any more), newcomers, now and in_<years>: shares trained. Solutions
        whose share, leaving rate or newcomers are unknown are left out.
    """
    trained = groups if newcomers is None else groups.assign(kappa=float(newcomers))
    known = trained.dropna(subset=["I21a", "q", "kappa"])
    shares = {
        f"in_{year:g}": stats.share_trained(known["I21a"], year, leaving=known["q"], newcomers=known["kappa"])
        for year in years
    }
    parts = known[["q", "kappa", "I21a"]].assign(**shares).mul(known["users"], axis=0)
    by = [known["municipality"], known["department_group"]]
    sums = parts.assign(users=known["users"]).groupby(by).sum()
    means = sums.drop(columns="users").div(sums["users"], axis=0)
    table = means.rename(columns={"kappa": "newcomers", "I21a": "now"})
    table.insert(0, "users", sums["users"])
    table.insert(2, "half_life", stats.half_life(means["q"]))
    return table.reset_index()
