"""Is there a plan? Completeness, sequence, change load and benefit cards (framework 4.2).

The shares are over open initiatives. A blank on one initiative means "not described"; a column blank for all
of a municipality's open initiatives was not delivered, and its share is missing, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.plan.basis import KEY, take_open, yes
from klktools.indicators.plan.cards import check_benefit_cards, sum_benefit_cards
from klktools.indicators.plan.load import list_timeline, measure_change_load, sum_change_load
from klktools.indicators.plan.sequence import (
    count_conflicts,
    find_cycles,
    link_dependencies,
    list_conflicts,
    measure_chains,
    rate_conflicts,
)
from klktools.indicators.scope import list_visit_periods

__all__ = ["measure_plan"]

# float noise: the mean of four shares must not fall short of a threshold that it equals
_NOISE = 1e-9
_PARTS = ["I11a", "I11b", "I11c", "I11d"]
_COUNTS = ["K1", "K2", "K3", "K4", "K6", "K7", "I14_max", "n_dependencies", "conflict_rate"]
_COLUMNS = [
    "plan_exists", "decided_by", "decided_date", "last_updated", "plan_age_months", "covers_administration",
    "n_initiatives", "I11", "I11_class", "I11a", "I11b", "I11c", "I11d", "weakest_part", "I12", "K1", "K2",
    "K3", "K4", "K5", "K6", "K7", "n_dependencies", "conflict_rate", "P2", "longest_chain_months", "I14_max",
    "I15", "n_benefit_cards", "n_with_owner", "n_with_baseline", "n_with_indicator", "n_with_target",
    "expected_gain_kr", "cycle_text_ids", "status", "reason",
]  # fmt: skip


def measure_plan(
    tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """Measure every municipality's plan (I11-I15, conflicts K1-K7).

    Parameters
    ----------
    tables : mapping
        The round's municipalities, visits, plans, initiatives, dependencies, gains and solutions.
    assumptions : mapping
        `plan_complete`, `robot_horizon_months`, `change_load_go_lives`, `change_load_months`.

    Returns
    -------
    dict of DataFrame
        - plan_by_municipality: one row per municipality. P1's value is I11a as defined in framework 4.2 (over
          open initiatives), so that one number has one meaning. I11 is the mean of the parts that can be
          said. `status` is cannot_be_said when no initiative is open, not_examined when nothing was
          delivered.
        - conflicts: one row per conflict K1-K6.
        - change_load: one row per department, with its busiest period.
        - timeline: one row per dated open initiative.
    """
    opened = take_open(tables["initiatives"])
    links = link_dependencies(tables["dependencies"], tables["initiatives"])
    cycles = find_cycles(links)
    conflicts = list_conflicts(tables, links, cycles, assumptions=assumptions)
    cards = check_benefit_cards(opened, tables["gains"])
    load = measure_change_load(opened, assumptions=assumptions)
    parts = [
        describe_plans(tables, assumptions=assumptions),
        share_completeness(opened, links, cards),
        count_conflicts(conflicts),
        rate_conflicts(links, cycles, conflicts),
        measure_chains(opened, links, cycles),
        sum_change_load(load, assumptions=assumptions),
        sum_benefit_cards(cards),
    ]
    places = pd.Index(tables["municipalities"]["municipality"], name="municipality")
    summary = pd.concat([part.reindex(places) for part in parts], axis=1)
    return {
        "plan_by_municipality": conclude(summary, assumptions=assumptions).reset_index(),
        "conflicts": conflicts,
        "change_load": load,
        "timeline": list_timeline(opened, conflicts, cycles),
    }


def describe_plans(tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Take the plan head of each municipality's latest visit, and note what was delivered.

    Returns
    -------
    DataFrame
        Index municipality; the columns of `plans`, plan_age_months (from the latest update, else the
        decision, to the end of the latest visit) and the flags plan_delivered, initiatives_delivered,
        gains_delivered.
    """
    dates = tables["visits"][["municipality", "visit", "end_date"]]
    heads = tables["plans"].merge(dates, on=["municipality", "visit"], how="left").sort_values("end_date")
    heads = heads.drop_duplicates("municipality", keep="last").set_index("municipality")
    periods = list_visit_periods(tables["visits"], assumptions=assumptions).set_index("municipality")
    plans = heads.reindex(tables["municipalities"]["municipality"])
    updated = plans["last_updated"].fillna(plans["decided_date"])
    return plans.assign(
        plan_age_months=stats.months_between(updated, periods["as_of"].reindex(plans.index)),
        plan_delivered=plans["plan_exists"].notna(),
        initiatives_delivered=plans.index.isin(tables["initiatives"]["municipality"].unique()),
        gains_delivered=plans.index.isin(tables["gains"]["municipality"].unique()),
    )


def share_completeness(opened: pd.DataFrame, links: pd.DataFrame, cards: pd.DataFrame) -> pd.DataFrame:
    """Share of open initiatives that meet each clause of a plan (I11a-d), and dependency coverage (I12).

    I11b asks for a dependency or an explicit "none", a start, and an end or a go-live; I11c for both
    descriptions of change and a responsible manager; I11d for a complete benefit card.

    Returns
    -------
    DataFrame
        Index municipality; n_initiatives, I11a, I11b, I11c, I11d, I12 (shares 0-1).
    """
    linked = _linked(opened, links)
    ordered = linked | yes(opened["no_dependencies"])
    dated = opened["start"].notna() & (opened["end"].notna() | opened["go_live"].notna())
    told = linked | opened["no_dependencies"].notna()
    change = yes(opened["change_admin_described"]) & yes(opened["change_rest_described"])
    told_change = opened["change_admin_described"].notna() | opened["change_rest_described"].notna()
    place = opened["municipality"]
    related = opened["relations_described"]
    return pd.DataFrame(
        {
            "n_initiatives": place.groupby(place).size().astype(float),
            "I11a": _share(yes(related), related.notna(), place),
            "I11b": _share(ordered & dated, told, place),
            "I11c": _share(change & opened["manager_role"].notna(), told_change, place),
            "I11d": _share(yes(cards["complete"]), cards["complete"].notna(), cards["municipality"]),
            "I12": _share(ordered, told, place),
        }
    )


def conclude(summary: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Draw completeness (I11), its class, P2's value and the row's status from the parts put side by side.

    A count that found nothing is 0 only where the tables behind it were delivered (K5 needs gains).
    """
    opened = summary["n_initiatives"].notna()
    delivered = summary["plan_delivered"] | summary["initiatives_delivered"]
    counts = summary[_COUNTS].fillna(0.0).where(opened)
    complete = summary[_PARTS].mean(axis=1)
    full = complete >= assumptions["plan_complete"] - _NOISE
    none = summary["plan_exists"].eq("no") | ~yes(summary["covers_administration"].fillna(True))
    known = [opened, delivered]
    result = summary.assign(
        **counts,
        K5=summary["K5"].fillna(0.0).where(summary["gains_delivered"]),
        I11=complete,
        I11_class=_codes([~delivered, none, full], ["", "no_plan", "plan"], "partial"),
        weakest_part=summary[_PARTS].dropna(how="all").idxmin(axis=1).reindex(summary.index),
        P2=summary["I12"] * (1 - counts["conflict_rate"]),
        status=_codes(known, ["measured", "cannot_be_said"], "not_examined"),
        reason=_codes(known, ["", "no_initiatives"], "not_delivered"),
    )
    return result[_COLUMNS]


def _linked(opened: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Whether an open initiative states a dependency."""
    stated = pd.MultiIndex.from_frame(links[KEY])
    return pd.Series(pd.MultiIndex.from_frame(opened[KEY]).isin(stated), index=opened.index)


def _share(flag: pd.Series, known: pd.Series, place: pd.Series) -> pd.Series:
    """Share of initiatives with the flag, missing where nothing was said about any of them."""
    return flag.groupby(place).mean().where(known.groupby(place).any())


def _codes(conditions: list[pd.Series], codes: list[str], otherwise: str) -> pd.Series:
    """The code of the first condition that holds, as text; an empty code is missing."""
    text = pd.Series(np.select(conditions, codes, otherwise), index=conditions[0].index, dtype="str")
    return text.where(text.ne(""))
