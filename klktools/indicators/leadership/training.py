"""Training that lasts: who is trained now, how fast it thins out, who trains the new (I21)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators import scope

SOLUTION = ["municipality", "solution"]
PAIR = [*SOLUTION, "department"]
DEPARTMENT = ["municipality", "department"]
REMAINING = ["trained", "trained_low", "trained_high", "new_trained"]
TRAINING = ["users", "trained", "I21a", "I21a_low", "I21a_high", "q", "q_low", "q_high", "I21b", "kappa"]


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
        One row per department: municipality, department, q, q_low, q_high, joining (all shares of heads a
        year) and counted. q is left / headcount; a stated rate serves where leavers were not counted, as an
        interval from `unknown_turnover_low_factor` of it up to it unless it is defined as leavers. The
        point is its upper end: the worst case.
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
        One row per solution x department (T15u), with `listed`: whether the municipality delivered its
        training.
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
        One row per solution x department with users: the keys, users, trained, trained_low and trained_high
        (persons, at most the users; missing without a leaving rate or a list of training), q, q_low, q_high,
        counted, onboarding (users with a fixed onboarding, missing when not stated), new_trained and
        newcomers (persons a year).
    """
    named = scope.rename_departments(users, lineage).merge(operating[SOLUTION], on=SOLUTION)
    named = named.assign(users=named["users"].astype(float))
    named = named.assign(onboarding=named["users"] * named["in_onboarding"].astype(float))
    summed = named.groupby([*PAIR, "listed"])[["users", "onboarding"]].sum(min_count=1).reset_index()
    reach = summed[summed["users"] > 0].merge(turnover, on=DEPARTMENT, how="left")
    reach = reach.merge(_sum_remaining(past, turnover), on=PAIR, how="left")
    known = reach["listed"] & reach["q"].notna()
    remaining = reach[REMAINING].fillna(0.0).clip(upper=reach["users"], axis=0).where(known, axis=0)
    newcomers = reach["users"] * reach["joining"]
    return reach.assign(newcomers=newcomers, **remaining).drop(columns=["joining", "listed"])


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
        One row per `by` (as index): users and trained (persons), I21a with I21a_low and I21a_high (shares),
        q with q_low and q_high (users' mean leaving rate a year), I21b (half-life in years), kappa (share
        of a year's newcomers trained), in_onboarding (more than half of the users, missing when not stated)
        and evidence (B when most of the turnover was counted as leavers, else C; D without turnover).
    """
    known = reach["users"].where(reach["trained"].notna())
    parts = reach[[*by, *REMAINING, "newcomers", "onboarding"]].assign(
        users=known,
        stated=reach["users"].where(reach["onboarding"].notna()),
        counted=known * reach["counted"].astype(float),
        **{rate: known * reach[rate] for rate in ("q", "q_low", "q_high")},
    )
    sums = parts.groupby(by).sum(min_count=1)
    per_user = sums.div(sums["users"], axis=0)
    onboarding, kappa = sums["onboarding"] / sums["stated"], sums["new_trained"] / sums["newcomers"]
    table = sums[["users", "trained"]].join(per_user[["q", "q_low", "q_high"]])
    return table.assign(
        I21a=per_user["trained"],
        I21a_low=per_user["trained_low"],
        I21a_high=per_user["trained_high"],
        I21b=stats.half_life(table["q"]),
        kappa=kappa.where(sums["newcomers"] > 0).clip(upper=1.0),
        in_onboarding=(onboarding > 0.5).astype("boolean").mask(onboarding.isna()),
        evidence=_grade_turnover(per_user["counted"]),
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
        `training_by_solution` of docs/architecture.md: one row per solution in operation. only_go_live is
        false when there was no training.
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


def judge_training(reach: pd.DataFrame, training: pd.DataFrame, solutions: pd.DataFrame) -> pd.DataFrame:
    """Share trained in each municipality, or why it cannot be said (L2).

    Parameters
    ----------
    reach : DataFrame
        Result of `measure_reach`.
    training : DataFrame
        One row per training (T16), as delivered.
    solutions : DataFrame
        One row per solution in operation; its municipalities have a row in the result.

    Returns
    -------
    DataFrame
        One row per municipality (as index): the columns of `sum_reach` with users as n_users and
        in_onboarding as fixed_onboarding, evidence_L2, status_L2 and reason_L2.
    """
    codes = pd.Index(solutions["municipality"].unique(), name="municipality")
    table = sum_reach(reach, ["municipality"]).reindex(codes)
    known = table["I21a"].notna()
    listed = pd.Series(codes.isin(training["municipality"].unique()), index=codes)
    has_users = pd.Series(codes.isin(reach["municipality"].unique()), index=codes)
    reason = np.select([~listed, ~has_users], ["not_delivered", "no_users"], default="no_staffing")
    status = np.select(
        [known & (table["evidence"] == "B"), known, listed],
        ["measured", "estimated", "cannot_be_said"],
        default="not_examined",
    )
    return table.rename(columns={"users": "n_users", "in_onboarding": "fixed_onboarding"}).assign(
        evidence_L2=table["evidence"].where(known, pd.Series(np.where(listed, "C", "D"), index=codes)),
        status_L2=pd.Series(status, index=codes, dtype="str"),
        reason_L2=pd.Series(reason, index=codes, dtype="str").mask(known),
    )


def _grade_turnover(counted: pd.Series) -> pd.Series:
    grade = np.select([counted > 0.5, counted.notna()], ["B", "C"], default="D")
    return pd.Series(grade, index=counted.index, dtype="str")


def _sum_departments(staffing: pd.DataFrame) -> pd.DataFrame:
    """One row per surviving department and year; a sum is missing when a part of it is."""
    counts = ["headcount", "left", "joined"]
    typed = staffing.astype(dict.fromkeys(counts, float))
    parts = typed.groupby([*DEPARTMENT, "year"])
    sums = parts[counts].sum().where(parts[counts].count().eq(parts.size(), axis=0))
    return sums.join(parts[["turnover_stated", "turnover_definition"]].last()).reset_index()


def _sum_remaining(past: pd.DataFrame, turnover: pd.DataFrame) -> pd.DataFrame:
    table = past.merge(turnover, on=DEPARTMENT)
    persons, years = table["persons"], table["years"]
    newcomers = (table["type"] == "new_staff") & (years <= 1)
    remaining = table[PAIR].assign(
        trained=stats.remaining_trained(persons, years, leaving=table["q"]),
        trained_low=stats.remaining_trained(persons, years, leaving=table["q_high"]),
        trained_high=stats.remaining_trained(persons, years, leaving=table["q_low"]),
        new_trained=persons.where(newcomers),
    )
    return remaining.groupby(PAIR).sum().reset_index()
