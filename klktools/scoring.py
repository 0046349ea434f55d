"""Evidence, answers and ratings become criterion and area scores (framework 1.1-1.3).

Three numbers stand side by side and are never averaged: the data score `S`, the interview score `I` and the
reported score `R`. There is no grand total.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

NOT_IN_INSTRUMENT = "not_in_instrument"
STEPS = ("absent", "incipient", "partial", "systematic", "embedded")
LIGHTS = ("red", "orange", "yellow", "green")
# framework 1.3: what the certainty class, refined by `certainty_grade`, is worth on D3
_CERTAINTY_SCORE = {
    "no_figure": 0.0,
    "cannot_be_said": 1.0,
    "certainly_not_above": 2.0,
    "undecided": 2.0,
    "certainly_above": 3.0,
    "certainly_above_half": 4.0,
}
_BREAKPOINTS = ["breakpoint_1", "breakpoint_2", "breakpoint_3", "breakpoint_4"]
_KEY = ["municipality", "criterion"]
_COUNTS = ["n_answers", "n_persons", "n_roles", "n_management", "n_users"]
_NOISE = 1e-9

SCORE_COLUMNS = [
    *(
        "municipality",
        "wave",
        "instrument_version",
        "area",
        "criterion",
        "value",
        "S",
        "I",
        "I25a",
        "I25a_shown",
    ),
    *(
        "I25c",
        "evidence",
        "R",
        "basis",
        "provisional",
        "capped",
        "consensus",
        "deviation_reason",
        "label",
        "light",
    ),
    *_COUNTS,
    *("status", "reason"),
]


def certainty_grade(depth: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.Series:
    """Refine the 25-per-cent class with what D3 needs beside it (framework 1.3).

    Parameters
    ----------
    depth : DataFrame
        One row per municipality: I04, has_figure, I03_low, I02 (shares) and last_months_measured (count of
        the last `half_months` months that were measured, or a flag that all of them were).

    Returns
    -------
    Series of str
        I04, except `no_figure` (cannot be said, not even an estimate) and `certainly_above_half` (lower bound
        above `half_threshold`, coverage at least `half_coverage`, the last `half_months` months all
        measured).
    """
    no_figure = depth["I04"].eq("cannot_be_said") & ~_true(depth["has_figure"])
    half = (
        depth["I04"].eq("certainly_above")
        & depth["I03_low"].gt(assumptions["half_threshold"] + _NOISE)
        & depth["I02"].ge(assumptions["half_coverage"] - _NOISE)
        & _all_last_months(depth["last_months_measured"], assumptions["half_months"])
    )
    return depth["I04"].mask(no_figure, "no_figure").mask(half, "certainly_above_half")


def limit_data_scores(plan: pd.DataFrame, gains: pd.DataFrame, leadership: pd.DataFrame) -> pd.DataFrame:
    """Return where a special rule of framework 1.3 holds a data score down.

    Parameters
    ----------
    plan, gains, leadership : DataFrame
        One row per municipality with K1 (cycles), n_adjusted (documented adjustments) and fixed_onboarding.

    Returns
    -------
    DataFrame
        municipality, criterion, limit: P2 with a cycle, G5 without an adjustment and L2 without fixed
        onboarding reach at most 2.
    """
    held = {
        "P2": plan.loc[plan["K1"].ge(1), "municipality"],
        "G5": gains.loc[~gains["n_adjusted"].ge(1), "municipality"],
        "L2": leadership.loc[~_true(leadership["fixed_onboarding"]), "municipality"],
    }
    parts = [
        pd.DataFrame({"municipality": who, "criterion": code, "limit": 2.0}) for code, who in held.items()
    ]
    return pd.concat(parts, ignore_index=True)


def score_criteria(
    values: pd.DataFrame,
    interview_scores: pd.DataFrame,
    ratings: pd.DataFrame,
    criteria: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Score every criterion of every municipality (framework 1.2).

    Parameters
    ----------
    values : DataFrame
        One row per municipality x criterion: wave, instrument_version, value (the main indicator), category
        (D3: the result of `certainty_grade`), limit (of `limit_data_scores`, else missing), evidence (A-D),
        status, reason.
    interview_scores : DataFrame
        One row per municipality x criterion with I, I25c and the counts n_answers, n_persons, n_roles,
        n_management, n_users.
    ratings : DataFrame
        The consultants' ratings of the visit; only the phase `consensus` is read.
    criteria : DataFrame
        `framework.criteria`: criterion, area, breakpoint_1..4, evidence_capped.

    Returns
    -------
    DataFrame
        `scores` of docs/architecture.md, in the order of `values`. Scores are 0-4 and missing (never 0) where
        nothing was examined. With class A or B the data score is reported, moved by at most `max_deviation`
        when the consultants differ and say why. Otherwise their consensus, or without one the interview score
        rounded to 0.5 (`provisional`; only with `min_persons` persons behind it), both under the evidence
        ceiling (`capped`).
    """
    table = _side_by_side(values, interview_scores, ratings, criteria)
    table["S"] = _data_scores(table)
    table = _report(table, assumptions=assumptions)
    table["I25a"] = table["I"] - table["S"]
    table["I25a_shown"] = (
        table["I25a"].notna()
        & table[["n_answers", "n_persons"]].ge(assumptions["min_persons"]).all(axis=1)
        & table["n_roles"].ge(assumptions["min_roles"])
    )
    return _name_steps(table)[SCORE_COLUMNS]


def score_areas(scores: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Average the scored criteria of each area (framework 1.2, rule 5).

    Parameters
    ----------
    scores : DataFrame
        Result of `score_criteria`.

    Returns
    -------
    DataFrame
        `area_scores` of docs/architecture.md: one row per municipality x area. R is missing, with status
        `not_examined` and reason `too_few_criteria`, below `area_min_criteria` scored criteria. Status is
        `estimated` when any of its criteria rests on the consultants or the interviews.
    """
    by_area = scores.assign(guess=scores["status"].eq("estimated")).groupby(
        ["municipality", "wave", "area"], sort=False, dropna=False
    )
    areas = by_area.agg(R=("R", "mean"), n_criteria=("R", "count"), guess=("guess", "any")).reset_index()
    enough = areas["n_criteria"].ge(assumptions["area_min_criteria"])
    areas["R"] = areas["R"].where(enough)
    areas["status"] = np.select([~enough, areas["guess"]], ["not_examined", "estimated"], "measured")
    areas["reason"] = np.where(enough, "", "too_few_criteria")
    areas = _name_steps(areas)
    return areas[["municipality", "wave", "area", "R", "n_criteria", "label", "light", "status", "reason"]]


def _side_by_side(
    values: pd.DataFrame, interview_scores: pd.DataFrame, ratings: pd.DataFrame, criteria: pd.DataFrame
) -> pd.DataFrame:
    """One row per municipality x criterion: data, answers and consensus; what was not asked stays out."""
    agreed = ratings.loc[ratings["phase"].eq("consensus"), [*_KEY, "score", "evidence", "reason"]].rename(
        columns={"score": "consensus", "evidence": "agreed_evidence", "reason": "agreed_reason"}
    )
    table = (
        values.merge(
            criteria[["criterion", "area", "evidence_capped", *_BREAKPOINTS]], on="criterion", how="left"
        )
        .merge(interview_scores[[*_KEY, "I", "I25c", *_COUNTS]], on=_KEY, how="left", validate="1:1")
        .merge(agreed, on=_KEY, how="left", validate="1:1")
    )
    numbers = ["value", "limit", "I", "I25c", "consensus", *_COUNTS]
    table = table.astype(dict.fromkeys(numbers, "float64"))
    table[_COUNTS] = table[_COUNTS].fillna(0)
    unasked = table["reason"].eq(NOT_IN_INSTRUMENT)
    table.loc[unasked, ["value", "I", "I25c", "consensus"]] = np.nan
    return table


def _data_scores(table: pd.DataFrame) -> pd.Series:
    """Breakpoints reached, only on class A or B; D3 by its class, which also says what cannot be measured."""
    reached = table[_BREAKPOINTS].sub(_NOISE).le(table["value"], axis=0).sum(axis=1).astype(float)
    measured = table["value"].notna() & table["evidence"].isin(["A", "B"])
    by_class = table["category"].map(_CERTAINTY_SCORE)
    score = reached.where(measured & table["breakpoint_1"].notna()).fillna(by_class)
    score = score.mask(score.gt(table["limit"]), table["limit"])
    return score.mask(table["reason"].eq(NOT_IN_INSTRUMENT))


def _report(table: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Add R and where it comes from."""
    basis = _basis(table, assumptions=assumptions)
    evidence = _evidence(table, basis)
    ceiling = _ceiling(table, evidence, assumptions=assumptions)
    moved = basis.eq("data") & table["consensus"].ne(table["S"]) & _told(table["agreed_reason"])
    step = assumptions["max_deviation"]
    near = table["consensus"].clip(table["S"] - step, table["S"] + step)
    claim = table["consensus"].where(basis.eq("consensus"), _round_half_up(table["I"], 2))
    free = basis.isin(["consensus", "interview"])
    reported = claim.where(free).clip(upper=ceiling).fillna(near.where(moved)).fillna(table["S"])
    unscored = basis.eq("")
    return table.assign(
        R=reported.mask(unscored),
        basis=basis.mask(unscored),
        evidence=evidence,
        provisional=basis.eq("interview"),
        capped=free & claim.gt(ceiling),
        deviation_reason=table["agreed_reason"].where(moved),
        **_standing(table, basis, assumptions=assumptions),
    )


def _basis(table: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.Series:
    # R on the interviews alone is a figure about answers, so the small-number rule (3.7) holds for it
    can_stand_in = table["I"].notna() & table["n_persons"].ge(assumptions["min_persons"])
    measured = table["S"].notna() & table["evidence"].isin(["A", "B"])
    conditions = [measured, table["consensus"].notna(), can_stand_in]
    return pd.Series(np.select(conditions, ["data", "consensus", "interview"], ""), index=table.index)


def _evidence(table: pd.DataFrame, basis: pd.Series) -> pd.Series:
    """The class behind R. Without a measured value a capped criterion is never better than C."""
    agreed = table["agreed_evidence"].fillna("C")
    agreed = agreed.mask(_true(table["evidence_capped"]) & agreed.isin(["A", "B"]), "C")
    choices = [table["evidence"], agreed, pd.Series("C", index=table.index)]
    conditions = [basis.eq(name) for name in ("data", "consensus", "interview")]
    chosen = np.select(conditions, [choice.fillna("") for choice in choices], "")
    return pd.Series(chosen, index=table.index, dtype="str").replace("", np.nan)


def _ceiling(table: pd.DataFrame, evidence: pd.Series, *, assumptions: Mapping[str, float]) -> pd.Series:
    by_class = evidence.map({"C": assumptions["class_c_cap"], "D": assumptions["class_d_cap"]})
    on_statements = evidence.isin(["C", "D"]).map({True: assumptions["statement_cap"], False: np.nan})
    return by_class.where(_true(table["evidence_capped"]), on_statements).astype(float).fillna(4.0)


def _standing(
    table: pd.DataFrame, basis: pd.Series, *, assumptions: Mapping[str, float]
) -> dict[str, pd.Series]:
    """How R stands, or why there is none; an estimate keeps the reason why nothing was measured."""
    few = basis.eq("") & table["I"].notna() & table["n_persons"].lt(assumptions["min_persons"])
    silent = table["status"].where(table["status"].isin(["cannot_be_said", "not_relevant"]), "not_examined")
    status = np.select([basis.eq("data"), basis.ne(""), few], ["measured", "estimated", "too_few"], silent)
    reason = table["reason"].fillna("").mask(few, "too_few_answers").mask(basis.eq("data"), "")
    return {"status": pd.Series(status, index=table.index, dtype="str"), "reason": reason}


def _name_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Add label and light, both judged on R as printed (one decimal), so that no page contradicts itself."""
    printed = _round_half_up(table["R"], 10)
    step = np.floor(printed + 0.5 + _NOISE)
    light = np.floor(printed + _NOISE).clip(upper=3)
    return table.assign(label=step.map(dict(enumerate(STEPS))), light=light.map(dict(enumerate(LIGHTS))))


def _round_half_up(column: pd.Series, parts: int) -> pd.Series:
    return np.floor(column * parts + 0.5 + _NOISE) / parts


def _all_last_months(column: pd.Series, months: float) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return _true(column)
    return column.ge(months).fillna(False).astype(bool)


def _true(flags: pd.Series) -> pd.Series:
    return flags.astype("boolean").fillna(False).astype(bool)


def _told(reasons: pd.Series) -> pd.Series:
    return reasons.fillna("").str.strip().ne("")
