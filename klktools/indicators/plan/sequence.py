"""The sequence of the plan: dependencies, conflicts K1-K6 and the longest chain (framework I12-I13)."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import pandas as pd

from klktools import stats
from klktools.indicators.plan.basis import KEY, take_open, yes

KINDS = ["K1", "K2", "K3", "K4", "K5", "K6"]
_LINK = [*KEY, "requires"]
_TYPES = {
    "municipality": "str",
    "conflict": "str",
    "initiative": "str",
    "requires": "str",
    "months": "float64",
    "kr": "float64",
    "solution": "str",
    "system_solution": "str",
    "go_live": "datetime64[us]",
    "budget_year": "float64",
    "ids": "str",
}


def link_dependencies(dependencies: pd.DataFrame, initiatives: pd.DataFrame) -> pd.DataFrame:
    """Put the dates of both ends to each dependency of an open initiative.

    Returns
    -------
    DataFrame
        One row per initiative x requires x type: hard (True unless the file says otherwise), start, go_live;
        of the prerequisite: known, finished, open, finish (its end, else its go-live) and requires_go_live.
    """
    prerequisites = pd.DataFrame(
        {
            "municipality": initiatives["municipality"],
            "requires": initiatives["initiative"],
            "known": True,
            "finished": initiatives["status"].eq("finished"),
            "finish": initiatives["end"].fillna(initiatives["go_live"]),
            "requires_go_live": initiatives["go_live"],
        }
    )
    prerequisites["open"] = initiatives.index.isin(take_open(initiatives).index)
    stated = dependencies[[*_LINK, "type", "hard"]].drop_duplicates([*_LINK, "type"])
    links = stated.merge(take_open(initiatives)[[*KEY, "start", "go_live"]], on=KEY)
    links = links.merge(prerequisites, on=["municipality", "requires"], how="left")
    flags = {name: yes(links[name]) for name in ("known", "finished", "open")}
    return links.assign(hard=yes(links["hard"].fillna(True)), **flags)


def find_cycles(links: pd.DataFrame) -> pd.DataFrame:
    """Find the initiatives that require each other (K1): strongly connected components and self-loops.

    Returns
    -------
    DataFrame
        One row per initiative in a cycle: municipality, initiative, cycle (its number in the round) and ids,
        the shortest cycle as "|" text, each requiring the next.
    """
    graph = _graph(links)
    rows = []
    for number, part in enumerate(_knots(graph)):
        ids = "|".join(node[1] for node in _shortest_cycle(graph.subgraph(part)))
        rows += [(*node, number, ids) for node in sorted(part)]
    table = pd.DataFrame(rows, columns=[*KEY, "cycle", "ids"])
    return table.astype({"municipality": "str", "initiative": "str", "cycle": "int64", "ids": "str"})


def list_conflicts(
    tables: Mapping[str, pd.DataFrame],
    links: pd.DataFrame,
    cycles: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """List the sequence conflicts K1-K6.

    Returns
    -------
    DataFrame
        One row per conflict: municipality, conflict, initiative, requires, months, kr, solution,
        system_solution, go_live, budget_year, ids; what does not belong to the kind is missing.
    """
    heads = cycles.drop_duplicates("cycle")
    kinds = {
        "K1": heads.assign(initiative=heads["ids"].str.split("|").str[0]),
        "K2": early_starts(links),
        "K3": links[~links["known"]][_LINK],
        "K4": undated_prerequisites(links)[_LINK],
        "K5": early_cuts(tables),
        "K6": robots_on_leaving_systems(tables, assumptions=assumptions),
    }
    rows = [table.assign(conflict=kind).reindex(columns=list(_TYPES)) for kind, table in kinds.items()]
    found = pd.concat([table.astype(_TYPES) for table in rows], ignore_index=True)
    order = ["municipality", "conflict", "initiative", "requires", "solution", "budget_year"]
    return found.sort_values(order).reset_index(drop=True)


def early_starts(links: pd.DataFrame) -> pd.DataFrame:
    """K2: starts before a hard prerequisite has ended, or goes live before what must be live first.

    `months` is the overlap: from the start to the end of the prerequisite, both months included; or the
    months by which the go-live comes too early. A finished prerequisite is in place and gives no conflict.
    """
    waiting = links[~links["finished"]]
    overlap = stats.months_between(waiting["start"], waiting["finish"]) + 1
    ahead = stats.months_between(waiting["go_live"], waiting["requires_go_live"])
    late = waiting.assign(
        months=pd.Series(ahead, index=waiting.index).where(waiting["type"].eq("live_to_live"))
    )
    late["months"] = late["months"].mask(late["type"].eq("finish_to_start") & late["hard"], overlap)
    return late.loc[late["months"] > 0, [*_LINK, "months"]]


def undated_prerequisites(links: pd.DataFrame) -> pd.DataFrame:
    """K4: prerequisites in the plan, not yet finished, with neither end nor go-live."""
    return links[links["known"] & ~links["finished"] & links["finish"].isna()]


def early_cuts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """K5: budgets cut from a year that begins before go-live (of the initiative, else of the solution).

    One row per initiative, solution and budget year: kr cut, and months from January of that year to go-live.
    """
    gains = tables["gains"]
    cuts = gains[(gains["budget_cut_kr"] > 0) & gains["budget_year"].notna()]
    planned = tables["initiatives"][[*KEY, "go_live", "solution"]].rename(columns={"solution": "own"})
    live = tables["solutions"][["municipality", "solution", "go_live"]].rename(columns={"go_live": "live"})
    cuts = cuts.merge(planned, on=KEY, how="left")
    cuts = cuts.assign(solution=cuts["solution"].fillna(cuts["own"]))
    cuts = cuts.merge(live, on=["municipality", "solution"], how="left")
    go_live, year = cuts["go_live"].fillna(cuts["live"]), cuts["budget_year"].astype(float)
    months = (go_live.dt.year - year) * 12 + go_live.dt.month - 1
    cuts = cuts.assign(
        go_live=go_live, budget_year=year, months=months, kr=cuts["budget_cut_kr"].astype(float)
    )
    keys = [*KEY, "solution", "budget_year", "go_live", "months"]
    return cuts[cuts["months"] > 0].groupby(keys, dropna=False)["kr"].sum().reset_index()


def robots_on_leaving_systems(
    tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """K6: robots whose system is replaced before, or soon after, the robot goes live.

    `initiative` is the robot's open initiative (missing for a robot in operation), `requires` the initiative
    that replaces the system; `months` run from the robot's go-live to the replacement's, negative when that
    is first.
    """
    initiatives, solutions = tables["initiatives"], tables["solutions"]
    keys = ["municipality", "solution"]
    robots = solutions[solutions["function"].eq("robot") & solutions["status"].ne("phase_out")]
    robots = robots.dropna(subset=["underlying_solution"])[[*keys, "underlying_solution", "go_live"]]
    robots = robots.set_axis([*keys, "system_solution", "live"], axis=1)
    planned = take_open(initiatives[initiatives["type"].eq("robot")]).dropna(subset=["solution"])
    robots = robots.merge(planned[[*keys, "initiative", "go_live"]], on=keys, how="left")
    robots["go_live"] = robots["go_live"].fillna(robots["live"])
    leaving = initiatives[initiatives["status"].ne("stopped")].dropna(subset=["replaces_solution", "go_live"])
    leaving = leaving[["municipality", "replaces_solution", "initiative", "go_live"]]
    leaving = leaving.set_axis(["municipality", "system_solution", "requires", "leaves"], axis=1)
    pairs = robots.merge(leaving, on=["municipality", "system_solution"])
    pairs["months"] = stats.months_between(pairs["go_live"], pairs["leaves"])
    return pairs[pairs["months"] <= assumptions["robot_horizon_months"]]


def count_conflicts(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Count the conflicts by kind (K1-K6), with the shortest cycle as "|" text; index municipality."""
    counts = conflicts.groupby(["municipality", "conflict"]).size().unstack("conflict")
    counts = counts.reindex(columns=KINDS).astype(float).fillna(0.0)
    cycles = conflicts.dropna(subset=["ids"])
    cycles = cycles.assign(length=cycles["ids"].str.count("[|]")).sort_values(["length", "ids"])
    return counts.assign(cycle_text_ids=cycles.groupby("municipality")["ids"].first())


def rate_conflicts(links: pd.DataFrame, cycles: pd.DataFrame, conflicts: pd.DataFrame) -> pd.DataFrame:
    """Count the dependencies, and the share of them in K1-K4 or of a robot in K6; index municipality."""
    robots = conflicts[conflicts["conflict"].eq("K6")].dropna(subset=["initiative"])
    involved = (
        _in_cycle(links, cycles)
        | links.index.isin(early_starts(links).index)
        | ~links["known"]
        | links.index.isin(undated_prerequisites(links).index)
        | pd.MultiIndex.from_frame(links[KEY]).isin(pd.MultiIndex.from_frame(robots[KEY]))
    )
    rates = involved.groupby(links["municipality"]).agg(["size", "mean"]).astype(float)
    return rates.set_axis(["n_dependencies", "conflict_rate"], axis=1)


def measure_chains(opened: pd.DataFrame, links: pd.DataFrame, cycles: pd.DataFrame) -> pd.DataFrame:
    """Measure the longest chain of open initiatives that wait for each other; index municipality, in months.

    An initiative lasts from start to end (else go-live), both months included; an undated one adds nothing.
    Links inside a cycle are left out: a circle has no length.
    """
    months = stats.months_between(opened["start"], opened["end"].fillna(opened["go_live"])) + 1
    spans = pd.Series(months, index=pd.MultiIndex.from_frame(opened[KEY])).clip(lower=0).fillna(0.0)
    longest = spans.to_dict()
    graph = _graph(links[links["open"] & ~_in_cycle(links, cycles)])
    for node in reversed(list(nx.topological_sort(graph))):
        longest[node] += max((longest[other] for other in graph[node]), default=0.0)
    chains = pd.Series(longest.values(), index=opened["municipality"], dtype=float)
    return chains.where(chains > 0).groupby(level=0).max().to_frame("longest_chain_months")


def _graph(links: pd.DataFrame) -> nx.DiGraph:
    """The dependencies of all municipalities as one graph; its nodes are (municipality, initiative)."""
    graph: nx.DiGraph = nx.DiGraph()
    pairs = zip(links["municipality"], links["initiative"], links["requires"], strict=True)
    graph.add_edges_from(((place, one), (place, other)) for place, one, other in pairs)
    return graph


def _knots(graph: nx.DiGraph) -> list[set]:
    """Strongly connected components that hold a cycle, in a fixed order."""
    loops = set(nx.nodes_with_selfloops(graph))
    parts = nx.strongly_connected_components(graph)
    return sorted((part for part in parts if len(part) > 1 or part <= loops), key=min)


def _shortest_cycle(part: nx.DiGraph) -> list[tuple[str, str]]:
    """The shortest cycle, each node requiring the next, from its smallest id."""
    cycles = [nx.shortest_path(part, after, before) for before, after in part.edges]
    best = min(cycles, key=lambda nodes: (len(nodes), sorted(nodes)))
    first = best.index(min(best))
    return best[first:] + best[:first]


def _in_cycle(links: pd.DataFrame, cycles: pd.DataFrame) -> pd.Series:
    """Whether both ends of a dependency are in the same cycle."""
    number = cycles.set_index(KEY)["cycle"]
    starts, ends = (
        number.reindex(pd.MultiIndex.from_frame(links[["municipality", end]])).to_numpy(dtype=float)
        for end in ("initiative", "requires")
    )
    return pd.Series(starts == ends, index=links.index, dtype=bool)
