"""Did we harvest where we sowed? Cuts, assumptions and what explains the gap (framework 4.3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.gains.factors import (
    LETTERS,
    MEASURED,
    explain_by_solution,
    follow_assumptions,
    pool_achievement,
)
from klktools.indicators.gains.ledger import lay_ledger, prepare_gains, sum_ledger
from klktools.indicators.scope import list_visit_periods

__all__ = ["measure_gains"]

# what holds -> status, reason, evidence; in the order in which the conditions are asked
_HARVEST = [("not_examined", "not_delivered", ""), ("cannot_be_said", "no_cut", "")]
_FACTOR = [
    ("not_examined", "not_in_instrument", ""),
    ("not_examined", "not_delivered", ""),
    ("cannot_be_said", "not_measured", "D"),
    ("estimated", "", "C"),
]
_CRITERIA = ("G1", "G2", "G3", "G4", "G5")
_BY_MUNICIPALITY = [
    *[
        "H",
        "in_place_kr",
        "undocumented_kr",
        "elsewhere_kr",
        "core_welfare_kr",
        "across_kr",
        "I16",
        "I17",
        "I17r",
    ],
    *[
        "undocumented_share",
        "n_gains",
        "one_off_kr",
        "n_price_levels",
        "n_assumptions",
        "n_followed_up",
        "I18",
    ],
    *["n_adjusted", "I19F", "I19U", "I19T", "n_F", "n_U", "n_T", "I20_bc", "I20_cut", "I20_sr", "I20_low"],
    *[
        "I20_high",
        "I20_gap",
        *[f"{kind}_{c}" for kind in ("evidence", "status", "reason") for c in _CRITERIA],
    ],
]
_BY_SOLUTION = [
    *["municipality", "solution", "I19F", "n_functions", "n_functions_missing", "functions_missing", "I19U"],
    *["usage_assumed", "usage_measured", "I19T", "F_measured", "U_measured", "T_measured", "bc_kr", "cut_kr"],
    *["I20_sr", "I20_low", "I20_high", "I20_gap", "sr_share"],
]
_ASSUMPTION_ROWS = [
    *["municipality", "assumption", "solution", "type", "description", "baseline_value", "assumed_value"],
    *["measured_value", "measured_date", "evidence", "achieved", "followed_up", "adjusted"],
]


def measure_gains(
    tables: Mapping[str, pd.DataFrame], depth_by_solution: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """Measure what became of the gains (I16-I20).

    Parameters
    ----------
    tables : mapping
        The round's municipalities, visits, departments, initiatives, gains and assumptions.
    depth_by_solution : DataFrame
        Usage of each solution: municipality, solution, I01 (share), expected_volume, evidence.
    assumptions : mapping
        `follow_up_months`, `usage_factor_cap`, `window_months`.

    Returns
    -------
    dict of DataFrame
        - gain_ledger: one row per gain x placement with a permanent cut at the common price level.
        - gains_by_municipality: one row per municipality; G3 and G4 are not_examined under instrument v1.
        - gains_by_solution: one row per solution with assumptions or gains.
        - assumption_rows: one row per assumption; `evidence` says how its measured_value was come by.
    """
    periods = list_visit_periods(tables["visits"], assumptions=assumptions)
    gains = prepare_gains(tables["gains"], tables["initiatives"])
    ledger = lay_ledger(gains, tables["departments"])
    rows = follow_assumptions(tables, depth_by_solution, periods, assumptions=assumptions)
    solutions = explain_by_solution(rows, gains, assumptions=assumptions)
    places = pd.Index(tables["municipalities"]["municipality"], name="municipality")
    parts = [
        sum_ledger(ledger, gains),
        count_follow_up(rows),
        pool_factors(rows, solutions, depth_by_solution),
        sum_realisation(solutions),
        state_kinds(rows, tables["visits"], periods),
    ]
    summary = conclude(pd.concat([part.reindex(places) for part in parts], axis=1))
    solutions = solutions.rename(columns={f"measured_{x}": f"{x}_measured" for x in LETTERS.values()})
    return {
        "gain_ledger": ledger,
        "gains_by_municipality": summary[_BY_MUNICIPALITY].reset_index(),
        "gains_by_solution": solutions[_BY_SOLUTION],
        "assumption_rows": rows[_ASSUMPTION_ROWS],
    }


def count_follow_up(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of all assumptions that were followed up (I18), and the adjustments made; index municipality."""
    by_place = rows.groupby("municipality")
    return pd.DataFrame(
        {
            "n_assumptions": by_place.size().astype(float),
            "n_followed_up": by_place["followed_up"].sum().astype(float),
            "I18": by_place["followed_up"].mean().astype(float),
            "n_adjusted": by_place["adjusted"].sum().astype(float),
        }
    )


def pool_factors(
    rows: pd.DataFrame, solutions: pd.DataFrame, depth_by_solution: pd.DataFrame
) -> pd.DataFrame:
    """Pool I19F, I19U and I19T over the municipality; index municipality.

    F and T pool all assumptions by their weights. U is the mean over solutions by expected volume, or an
    equal mean in a municipality where a volume is missing.
    """
    pooled = pool_achievement(rows, ["municipality"])
    volumes = depth_by_solution[["municipality", "solution", "expected_volume"]]
    used = solutions.dropna(subset=["I19U"]).merge(volumes, on=["municipality", "solution"], how="left")
    place = used["municipality"]
    used = used[used["measured_U"] | ~used["measured_U"].groupby(place).transform("any")]
    place, volume = used["municipality"], used["expected_volume"].astype(float)
    weight = volume.where((volume > 0).groupby(place).transform("all"), 1.0)
    sums = pd.DataFrame({"part": used["I19U"] * weight, "weight": weight}).groupby(place).sum()
    mean = pd.Series(stats.ratio(sums["part"], sums["weight"]), index=sums.index)
    return pooled.assign(I19U=mean.reindex(pooled.index))


def sum_realisation(solutions: pd.DataFrame) -> pd.DataFrame:
    """Sum I20 over solutions with a business case; with a part missing it is missing; index municipality."""
    cases = solutions.dropna(subset=["bc_kr"])
    names = {
        "bc_kr": "I20_bc",
        "cut_kr": "I20_cut",
        "I20_sr": "I20_sr",
        "I20_low": "I20_low",
        "I20_high": "I20_high",
        "I20_gap": "I20_gap",
    }
    sums = cases.groupby("municipality")[list(names)].sum(min_count=1)
    partly = cases[["I20_sr", "I20_gap"]].isna().groupby(cases["municipality"]).any()
    return sums.assign(**sums[["I20_sr", "I20_gap"]].mask(partly)).rename(columns=names)


def state_kinds(rows: pd.DataFrame, visits: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Kinds of assumptions delivered, and the instrument of the latest visit; index municipality."""
    kinds = pd.DataFrame({letter: rows["type"].eq(kind) for kind, letter in LETTERS.items()})
    asked = kinds.groupby(rows["municipality"]).any().add_prefix("asked_")
    latest = periods[["municipality", "period_to", "as_of"]].rename(columns={"as_of": "end_date"})
    latest = visits.merge(latest, on=["municipality", "period_to", "end_date"]).drop_duplicates(
        "municipality"
    )
    versions = latest.set_index("municipality")[["instrument_version"]]
    return versions.join(asked, how="left").astype({name: "boolean" for name in asked})


def conclude(summary: pd.DataFrame) -> pd.DataFrame:
    """Give each criterion G1-G5 its evidence, status and reason from the parts put side by side."""
    v1 = summary["instrument_version"].eq("v1")
    asked = ["I19U", "I19T", "n_U", "n_T"]
    judged = [
        _judge("G1", [summary["H"].isna(), summary["H"].eq(0)], _HARVEST, summary["evidence_G1"]),
        _judge_factor(summary, "G2", "F", pd.Series(False, index=summary.index)),
        _judge_factor(summary, "G3", "U", v1),
        _judge_factor(summary, "G4", "T", v1),
        _judge("G5", [summary["n_assumptions"].isna()], _HARVEST[:1], pd.Series("B", index=summary.index)),
    ]
    values = summary.drop(columns="evidence_G1").assign(**summary[asked].mask(v1))
    return pd.concat([values, *judged], axis=1)


def _judge_factor(summary: pd.DataFrame, criterion: str, letter: str, unasked: pd.Series) -> pd.DataFrame:
    evidence = summary[f"evidence_{letter}"]
    undelivered = ~summary[f"asked_{letter}"].fillna(False).astype(bool)
    unmeasured = summary[f"I19{letter}"].isna()
    conditions = [unasked, undelivered, unmeasured, ~evidence.isin(MEASURED)]
    return _judge(criterion, conditions, _FACTOR, evidence)


def _judge(
    criterion: str, conditions: list[pd.Series], outcomes: list[tuple[str, str, str]], evidence: pd.Series
) -> pd.DataFrame:
    """Status, reason and evidence of the first condition that holds, else measured; "" becomes missing."""
    status, reason, basis = zip(*outcomes, strict=True)
    columns = {
        f"evidence_{criterion}": np.select(conditions, basis, evidence.fillna("")),
        f"status_{criterion}": np.select(conditions, status, "measured"),
        f"reason_{criterion}": np.select(conditions, reason, ""),
    }
    codes = pd.DataFrame(columns, index=evidence.index, dtype="str")
    return codes.replace("", np.nan)
