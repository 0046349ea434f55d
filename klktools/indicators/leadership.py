"""Leadership of change: training that lasts, support, contact with users and follow-up (I21-I24)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators import scope

SOLUTION = ["municipality", "solution"]
PAIR = [*SOLUTION, "department"]
DEPARTMENT = ["municipality", "department"]
# managers in the line; the head of digitalisation owns the system, not the work it is used for (framework, L4)
LINE_MANAGERS = ("KD", "DIR", "OC", "HRC", "FC", "IL")
TRAINING = ["users", "trained", "I21a", "I21a_low", "I21a_high", "q", "q_low", "q_high", "I21b", "kappa"]


def measure_leadership(
    tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """Measure the leadership of change of all municipalities (framework 4.4).

    Parameters
    ----------
    tables : mapping
        The round's tables: municipalities, visits, departments, solutions, staffing, users, training, support.
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
    turnover = measure_turnover(tables["staffing"], periods, lineage, assumptions=assumptions)
    past = keep_past_training(tables["training"], operating, lineage)
    reach = measure_reach(tables["users"], past, turnover, operating, lineage)
    channels = list_channels(tables["support"], operating)
    support = check_support(operating, tables["support"], channels, assumptions=assumptions)
    return {
        "leadership_by_municipality": join_municipalities(tables, operating, reach, support),
        "training_by_group": group_training(reach, groups),
        "training_by_solution": describe_training(operating, reach, past),
        "support_matrix": channels,
        "support_by_solution": support,
    }


def measure_turnover(
    staffing: pd.DataFrame, periods: pd.DataFrame, lineage: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Yearly leaving rate of each department, from the latest year that has one (I21).

    Parameters
    ----------
    staffing : DataFrame
        One row per department and year (T15).
    periods : DataFrame
        Result of `scope.list_visit_periods`; later years are passed over.
    lineage : DataFrame
        Result of `scope.trace_departments`.
    assumptions : mapping
        `unknown_turnover_low_factor`.

    Returns
    -------
    DataFrame
        One row per department: municipality, department, q, q_low, q_high, joining (all shares of heads a year)
        and counted. q is left / headcount; a stated rate serves where leavers were not counted, as an interval
        from `unknown_turnover_low_factor` of it up to it unless it is defined as leavers. The point is its upper
        end: the worst case.
    """
    named = scope.rename_departments(staffing, lineage).merge(periods, on="municipality")
    named = named[named["year"] <= named["period_to"].dt.year]
    yearly = _sum_departments(named)
    left = pd.Series(stats.ratio(yearly["left"], yearly["headcount"]), index=yearly.index)
    exact = left.notna() | (yearly["turnover_definition"] == "left")
    q = left.fillna(yearly["turnover_stated"]).clip(upper=1.0)
    low = q.where(exact, assumptions["unknown_turnover_low_factor"] * q)
    joining = pd.Series(stats.ratio(yearly["joined"], yearly["headcount"]), index=yearly.index).fillna(q)
    rates = yearly[DEPARTMENT].assign(q=q, q_low=low, q_high=q, joining=joining, counted=exact)
    return rates.dropna(subset=["q"]).drop_duplicates(DEPARTMENT, keep="last", ignore_index=True)


def keep_past_training(
    training: pd.DataFrame, operating: pd.DataFrame, lineage: pd.DataFrame
) -> pd.DataFrame:
    """Keep the training given in solutions in operation up to the visit.

    Parameters
    ----------
    training : DataFrame
        One row per training (T16).
    operating : DataFrame
        One row per solution in operation.
    lineage : DataFrame
        Result of `scope.trace_departments`.

    Returns
    -------
    DataFrame
        municipality, solution, department, date, type, persons and years (age at the visit).
    """
    named = scope.rename_departments(training, lineage).merge(operating[[*SOLUTION, "as_of"]], on=SOLUTION)
    past = named[named["date"] <= named["as_of"]]
    years = stats.years_between(past["date"], past["as_of"])
    past = past.assign(persons=past["persons"].astype(float), years=years)
    return past[[*PAIR, "date", "type", "persons", "years"]].reset_index(drop=True)


def measure_reach(
    users: pd.DataFrame,
    past: pd.DataFrame,
    turnover: pd.DataFrame,
    operating: pd.DataFrame,
    lineage: pd.DataFrame,
) -> pd.DataFrame:
    """How many of a department's present users of a solution are trained (I21a).

    Those trained thin out at the department's leaving rate. Real decay is slower, because the same posts turn
    over again: it is a worst case.

    Parameters
    ----------
    users : DataFrame
        One row per solution x department (T15u).
    past : DataFrame
        Result of `keep_past_training`.
    turnover : DataFrame
        Result of `measure_turnover`.
    operating : DataFrame
        One row per solution in operation.
    lineage : DataFrame
        Result of `scope.trace_departments`.

    Returns
    -------
    DataFrame
        One row per solution x department with users and a known leaving rate: the keys, users, trained,
        trained_low and trained_high (persons, at most the users), q, q_low, q_high, counted, onboarding (users
        with a fixed onboarding, missing when not stated), new_trained and newcomers (persons a year).
    """
    named = scope.rename_departments(users, lineage).merge(operating[SOLUTION], on=SOLUTION)
    named = named.assign(users=named["users"].astype(float))
    named = named.assign(onboarding=named["users"] * named["in_onboarding"].astype(float))
    summed = named.groupby(PAIR)[["users", "onboarding"]].sum(min_count=1).reset_index()
    reach = summed[summed["users"] > 0].merge(turnover, on=DEPARTMENT)
    reach = reach.merge(_sum_remaining(past, turnover), on=PAIR, how="left")
    trained = ["trained", "trained_low", "trained_high", "new_trained"]
    reach[trained] = reach[trained].fillna(0.0).clip(upper=reach["users"], axis=0)
    return reach.assign(newcomers=reach["users"] * reach["joining"]).drop(columns="joining")


def sum_reach(reach: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Share trained, turnover and half-life over any grain (I21).

    Parameters
    ----------
    reach : DataFrame
        Result of `measure_reach`.
    by : list of str
        Columns of the result's grain.

    Returns
    -------
    DataFrame
        One row per `by` (as index): users and trained (persons), I21a with I21a_low and I21a_high (shares), q with
        q_low and q_high (users' mean leaving rate a year), I21b (half-life in years), kappa (share of a year's
        newcomers trained), in_onboarding (more than half of the users, missing when not stated) and evidence (B
        when most of the turnover was counted as leavers, else C).
    """
    weighted = reach.assign(
        stated=reach["users"].where(reach["onboarding"].notna()),
        counted=reach["users"] * reach["counted"],
        **{rate: reach["users"] * reach[rate] for rate in ("q", "q_low", "q_high")},
    )
    sums = weighted.drop(columns=[key for key in [*PAIR, "department_group"] if key in weighted and key not in by])
    sums = sums.groupby(by).sum()
    per_user = sums.div(sums["users"], axis=0)
    onboarding = pd.Series(stats.ratio(sums["onboarding"], sums["stated"]), index=sums.index)
    kappa = pd.Series(stats.ratio(sums["new_trained"], sums["newcomers"]), index=sums.index).clip(upper=1.0)
    table = sums[["users", "trained"]].join(per_user[["q", "q_low", "q_high"]])
    return table.assign(
        I21a=per_user["trained"],
        I21a_low=per_user["trained_low"],
        I21a_high=per_user["trained_high"],
        I21b=stats.half_life(table["q"]),
        kappa=kappa,
        in_onboarding=(onboarding > 0.5).astype("boolean").mask(onboarding.isna()),
        evidence=pd.Series(np.where(per_user["counted"] > 0.5, "B", "C"), index=sums.index, dtype="str"),
    )


def group_training(reach: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Share trained in each department group.

    Parameters
    ----------
    reach : DataFrame
        Result of `measure_reach`.
    groups : DataFrame
        Result of `scope.describe_departments`.

    Returns
    -------
    DataFrame
        `training_by_group` of docs/architecture.md.
    """
    grouped = reach.merge(groups, on=DEPARTMENT).dropna(subset=["department_group"])
    table = sum_reach(grouped, [*SOLUTION, "department_group"]).reset_index()
    return table[[*SOLUTION, "department_group", *TRAINING, "in_onboarding", "evidence"]]


def describe_training(operating: pd.DataFrame, reach: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Training in each solution.

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation.
    reach : DataFrame
        Result of `measure_reach`.
    past : DataFrame
        Result of `keep_past_training`.

    Returns
    -------
    DataFrame
        `training_by_solution` of docs/architecture.md: one row per solution in operation. only_go_live is false
        when there was no training.
    """
    dated = past.assign(go_live_only=past["type"] == "go_live").groupby(SOLUTION)
    given = dated.agg(
        only_go_live=("go_live_only", "all"), first_training=("date", "min"), last_training=("date", "max")
    )
    trained = sum_reach(reach, SOLUTION)[["users", "trained", "I21a", "in_onboarding"]]
    table = operating[[*SOLUTION, "go_live", "months_since_go_live"]]
    table = table.merge(given.join(trained, how="outer").reset_index(), on=SOLUTION, how="left")
    table = table.assign(only_go_live=table["only_go_live"].eq(True))
    columns = ["users", "trained", "I21a", "only_go_live", "first_training", "last_training"]
    return table[[*SOLUTION, *columns, "go_live", "months_since_go_live", "in_onboarding"]]


def list_channels(support: pd.DataFrame, operating: pd.DataFrame) -> pd.DataFrame:
    """Support channels of the solutions in operation, and whether they run at the visit.

    Parameters
    ----------
    support : DataFrame
        One row per solution x channel (T17).
    operating : DataFrame
        One row per solution in operation.

    Returns
    -------
    DataFrame
        `support_matrix` of docs/architecture.md.
    """
    table = support.merge(operating[[*SOLUTION, "as_of"]], on=SOLUTION)
    ended = table["active_to"] < table["as_of"]
    table = table.assign(active=(table["active_from"] <= table["as_of"]) & ~ended)
    columns = [*SOLUTION, "channel", "active", "funding", "known_by_users"]
    return table.sort_values([*SOLUTION, "channel"], ignore_index=True)[columns]


def check_support(
    operating: pd.DataFrame, support: pd.DataFrame, channels: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Support, contact with users and follow-up of each solution (I22-I24).

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation.
    support : DataFrame
        One row per solution x channel (T17).
    channels : DataFrame
        Result of `list_channels`.
    assumptions : mapping
        `support_min_channels`, `support_min_age_months`, `feedback_months`, `follow_ups_min`.

    Returns
    -------
    DataFrame
        `support_by_solution` of docs/architecture.md: one row per solution in operation. I22_ok and I24_ok are
        missing for young solutions; each is missing when the municipality delivered nothing on it.
    """
    table = operating.merge(_sum_support(support, channels), on=SOLUTION, how="left")
    old = table["months_since_go_live"] > assumptions["support_min_age_months"]
    since = table["as_of"] - pd.DateOffset(months=int(assumptions["feedback_months"]))
    asked = _delivered(table, support, ["channel"])
    heard = _delivered(table, support, ["latest_feedback", "changes_6m"])
    led = _delivered(table, operating, ["manager_role", "follow_ups_12m"])
    n_channels = table["n_channels"].fillna(0.0).where(asked)
    manager = table["manager_role"].isin(LINE_MANAGERS)
    follow_ups = table["follow_ups_12m"].astype(float)
    listened = (table["latest_feedback"] >= since) & (table["changes_6m"] >= 1)
    followed = manager & (follow_ups >= assumptions["follow_ups_min"])
    table = table.assign(
        n_channels=n_channels,
        I22_ok=(n_channels >= assumptions["support_min_channels"]).astype("boolean").where(old & asked),
        I23_ok=listened.astype("boolean").where(heard),
        follow_ups_12m=follow_ups,
        I24_ok=followed.astype("boolean").where(old & led),
    )
    columns = ["n_channels", "I22_ok", "latest_feedback", "changes_6m", "I23_ok", "manager_role", "follow_ups_12m"]
    return table[[*SOLUTION, "months_since_go_live", *columns, "I24_ok"]]


def join_municipalities(
    tables: Mapping[str, pd.DataFrame], operating: pd.DataFrame, reach: pd.DataFrame, support: pd.DataFrame
) -> pd.DataFrame:
    ...
