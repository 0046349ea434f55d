"""Change for the whole organisation: go-lives per department (framework I14, K7), and the plan's timeline."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from klktools import stats
from klktools.indicators.plan.basis import KEY

_PLACE = ["municipality", "department"]
_TIMELINE = [*KEY, "name", "function", "type", "start", "end", "go_live", "conflict"]


def measure_change_load(opened: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Find each department's busiest rolling period of go-lives.

    Returns
    -------
    DataFrame
        One row per affected department: municipality, department, go_lives (open initiatives going live in
        the period), period_from, period_to (months, both included), solutions and initiatives ("|" text). Of
        equally busy periods the first.
    """
    span = int(assumptions["change_load_months"])
    hits = opened.dropna(subset=["go_live", "affected_departments"])
    hits = hits.assign(department=hits["affected_departments"].str.split("|")).explode("department")
    hits = hits.assign(department=hits["department"].str.strip())
    starts = hits[[*_PLACE, "go_live"]].drop_duplicates().rename(columns={"go_live": "period_from"})
    pairs = starts.merge(hits[[*_PLACE, "initiative", "solution", "go_live"]], on=_PLACE)
    later = stats.months_between(pairs["period_from"], pairs["go_live"])
    pairs = pairs[(later >= 0) & (later < span)].sort_values(["go_live", "initiative"])
    sizes = pairs.groupby([*_PLACE, "period_from"]).size().astype(float).rename("go_lives").reset_index()
    busiest = sizes.sort_values(["go_lives", "period_from"], ascending=[False, True]).drop_duplicates(_PLACE)
    busiest = busiest.assign(period_to=busiest["period_from"] + pd.DateOffset(months=span - 1))
    return _name_what_goes_live(busiest, pairs)


def sum_change_load(load: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Departments with a high load (K7) and go-lives in the busiest one (I14_max); index municipality."""
    heavy = load["go_lives"] >= assumptions["change_load_go_lives"]
    places = load["municipality"]
    return pd.DataFrame(
        {
            "K7": heavy.groupby(places).sum().astype(float),
            "I14_max": load["go_lives"].groupby(places).max(),
        }
    )


def list_timeline(opened: pd.DataFrame, conflicts: pd.DataFrame, cycles: pd.DataFrame) -> pd.DataFrame:
    """List the dated open initiatives; `conflict` is the first kind each is part of, missing when none."""
    marks = pd.concat([conflicts[[*KEY, "conflict"]], cycles[KEY].assign(conflict="K1")])
    first = marks.dropna(subset=["initiative"]).groupby(KEY)["conflict"].min().reset_index()
    dated = opened.dropna(subset=["start", "end", "go_live"], how="all")
    rows = dated.merge(first, on=KEY, how="left")[_TIMELINE]
    return rows.sort_values(["municipality", "start", "go_live", "initiative"]).reset_index(drop=True)


def _name_what_goes_live(busiest: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    named = busiest.merge(pairs, on=[*_PLACE, "period_from"])
    load = busiest.set_index(_PLACE).sort_index()
    for name in ("solution", "initiative"):
        ids = named.dropna(subset=[name]).drop_duplicates([*_PLACE, name])
        load[f"{name}s"] = ids.groupby(_PLACE)[name].agg("|".join)
    return load[["go_lives", "period_from", "period_to", "solutions", "initiatives"]].reset_index()
