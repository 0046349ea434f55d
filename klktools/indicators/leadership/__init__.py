"""Leadership of change: training that lasts, support, contact with users and follow-up (I21-I24)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from klktools.indicators import scope
from klktools.indicators.leadership import support, training

CRITERIA = ("L1", "L2", "L3", "L4")
MUNICIPALITY = [
    *("municipality", "I21a", "I21a_low", "I21a_high", "I21b", "q", "q_low", "q_high", "kappa"),
    *(
        "fixed_onboarding",
        "n_users",
        "n_old_solutions",
        "I22",
        "n_I22_short",
        "I23",
        "n_I23_short",
        "n_I23_base",
    ),
    *("I24", "n_I24_short"),
    *(f"{kind}_{criterion}" for kind in ("evidence", "status", "reason") for criterion in CRITERIA),
]


def measure_leadership(
    tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """Measure the leadership of change of all municipalities (framework 4.4).

    Parameters
    ----------
    tables : mapping
        The round's tables: municipalities, visits, departments, solutions, staffing, users, training,
        support.
    assumptions : mapping
        `framework.assumptions`.

    Returns
    -------
    dict of DataFrame
        leadership_by_municipality, training_by_group, training_by_solution, support_matrix and
        support_by_solution, each as docs/architecture.md has it.
    """
    departments = tables["departments"]
    periods = scope.list_visit_periods(tables["visits"], assumptions=assumptions)
    operating = scope.list_operating_solutions(tables["solutions"], periods, assumptions=assumptions)
    lineage = scope.trace_departments(departments)
    groups = scope.describe_departments(departments, lineage)
    turnover = training.measure_turnover(tables["staffing"], periods, lineage, assumptions=assumptions)
    past = training.keep_past_training(tables["training"], operating, lineage)
    listed = tables["users"]["municipality"].isin(tables["training"]["municipality"].unique())
    reach = training.measure_reach(tables["users"].assign(listed=listed), past, turnover, operating, lineage)
    channels = support.list_channels(tables["support"], operating)
    checked = support.check_support(operating, tables["support"], channels, assumptions=assumptions)
    trained = training.judge_training(reach, tables["training"], operating)
    supported = support.judge_support(checked, assumptions=assumptions)
    return {
        "leadership_by_municipality": join_municipalities(tables["municipalities"], trained, supported),
        "training_by_group": training.group_training(reach, groups),
        "training_by_solution": training.describe_training(operating, reach, past),
        "support_matrix": channels,
        "support_by_solution": checked,
    }


def join_municipalities(
    municipalities: pd.DataFrame, trained: pd.DataFrame, supported: pd.DataFrame
) -> pd.DataFrame:
    """Give every municipality of the round its row, also those without solutions.

    Parameters
    ----------
    municipalities : DataFrame
        One row per municipality (T1).
    trained : DataFrame
        Result of `training.judge_training`.
    supported : DataFrame
        Result of `support.judge_support`.

    Returns
    -------
    DataFrame
        `leadership_by_municipality` of docs/architecture.md. Without solutions in operation all four criteria
        are not_examined (reason no_solutions).
    """
    codes = pd.Index(municipalities["municipality"].sort_values(), name="municipality")
    table = trained.join(supported).reindex(codes).reset_index()
    empty = table["n_old_solutions"].isna()
    for fill, value in (("evidence", "D"), ("status", "not_examined"), ("reason", "no_solutions")):
        columns = [f"{fill}_{criterion}" for criterion in CRITERIA]
        table[columns] = table[columns].mask(empty, value)
    return table.assign(n_old_solutions=table["n_old_solutions"].fillna(0.0))[MUNICIPALITY]
