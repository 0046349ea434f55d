"""What was said: answers become interview scores, claims and rater differences (framework 1.2, 2 and 4.5).

An answer is coded at face value: what the person says is the case. Whether it is proved is the evidence
class.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.framework import load_framework

NOISE = 1e-9
# framework 1.2: Q11 claims of more than 10, 25 and 50 per cent are 2, 3 and 4; Q12 yes is 3, no is 1
CLAIM_STEPS = (0.10, 0.25, 0.50)
CERTAINTY_CODES = {1.0: 3.0, 0.0: 1.0}
COUNTING_REASONS = ("do_not_know_self", "nobody_measures")
_KEY = ["municipality", "criterion"]
_BREAKPOINTS = ["breakpoint_1", "breakpoint_2", "breakpoint_3", "breakpoint_4"]
_ANSWERS = [
    *["municipality", "interview", "role", "role_group", "participants", "question", "criterion", "solution"],
    *["coded", "status"],
]
_SCORES = [
    *[*_KEY, "I", "n_answers", "n_persons", "n_roles", "n_management", "n_users", "mean_management"],
    *["mean_users", "I25c", "status", "reason"],
]


def score_answers(
    tables: Mapping[str, pd.DataFrame],
    *,
    framework_questions: pd.DataFrame,
    assumptions: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """Score the answers of a round.

    Parameters
    ----------
    tables : mapping
        The round's municipalities, visits, interviews, answers and ratings.
    framework_questions : DataFrame
        The interview guide: question, criterion ("" when it scores none), versions, dont_know_counts (roles).
    assumptions : mapping
        `min_persons`, `rater_difference`.

    Returns
    -------
    dict of DataFrame
        - answer_scores: one row per answer to a scored question; `status` is that of the answer (answered,
          dont_know, not_relevant, not_examined), `coded` 0-4 or missing.
        - interview_scores: one row per municipality x criterion; persons below `min_persons` give status
          too_few, and I stays in the row.
        - claims: one row per municipality.
        - rater_differences: one row per visit x criterion on which two consultants are far apart.
    """
    answers = collect_answers(tables, framework_questions)
    coded = code_answers(answers)
    scores = score_interviews(coded, assumptions=assumptions)
    return {
        "answer_scores": coded[_ANSWERS],
        "interview_scores": fill_criteria(
            scores, coded, tables, framework_questions, assumptions=assumptions
        ),
        "claims": summarise_claims(answers, tables["municipalities"]),
        "rater_differences": find_rater_differences(tables["ratings"], assumptions=assumptions),
    }


def collect_answers(tables: Mapping[str, pd.DataFrame], questions: pd.DataFrame) -> pd.DataFrame:
    """Put interview and criterion to each answer to a scored question, without duplicated interviews.

    Returns
    -------
    DataFrame
        The columns of `answers`, with role, role_group, participants, criterion, `ought` (the role ought to
        know) and status, where a "don't know" because it is not one's role is not relevant.
    """
    interviews = tables["interviews"]
    kept = interviews.loc[
        interviews["duplicate_of"].isna(), ["municipality", "interview", "role", "participants"]
    ]
    scored = questions.loc[questions["criterion"].ne(""), ["question", "criterion", "dont_know_counts"]]
    rows = tables["answers"].merge(kept, on=["municipality", "interview"])
    rows = rows.merge(scored[["question", "criterion"]], on="question")
    knowing = scored.explode("dont_know_counts").dropna(subset=["dont_know_counts"])
    ought = pd.MultiIndex.from_frame(knowing[["question", "dont_know_counts"]])
    groups = {role: entry["group"] for role, entry in load_framework().enums["role"].items()}
    not_mine = rows["status"].eq("dont_know") & rows["dont_know_reason"].eq("not_my_role")
    return rows.assign(
        role_group=rows["role"].map(groups),
        participants=rows["participants"].astype(float),
        ought=pd.MultiIndex.from_frame(rows[["question", "role"]]).isin(ought),
        status=rows["status"].mask(not_mine, "not_relevant"),
    )


def code_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """Code the answers 0-4 in a column `coded`.

    A number is coded by its key where it is complete, else the consultant's score stands. "Don't know" is
    missing, but 0 from a role that ought to know, unless the reason is unknown.
    """
    score = answers["score"].astype(float)
    for question, code in _face_value(answers).items():
        score = score.mask(answers["question"].eq(question) & code.notna(), code)
    unknown = answers["status"].eq("dont_know") & answers["dont_know_reason"].isin(COUNTING_REASONS)
    coded = score.where(answers["status"].eq("answered")).mask(unknown & answers["ought"], 0.0)
    return answers.assign(coded=coded)


def score_interviews(answers: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Average coded answers per interview, then per role group, then over the groups (I).

    Staff representatives are a group of their own from `min_persons` persons, else they count among the
    users.

    Returns
    -------
    DataFrame
        Index municipality x criterion; I, n_answers, n_persons (participants), n_roles, n_management,
        n_users, mean_management, mean_users, and I25c (management less users) when both groups have
        `min_persons` persons.
    """
    coded = answers.dropna(subset=["coded"])
    by_interview = coded.groupby([*_KEY, "interview", "role", "role_group"], as_index=False)
    talks = by_interview.agg(coded=("coded", "mean"), persons=("participants", "first"), n=("coded", "size"))
    staff = talks["role_group"].eq("staff_representatives")
    enough = talks["persons"].where(staff).groupby([talks[key] for key in _KEY]).transform("sum")
    few = staff & (enough < assumptions["min_persons"])
    talks = talks.assign(role_group=talks["role_group"].mask(few, "users"))
    groups = talks.groupby([*_KEY, "role_group"]).agg(mean=("coded", "mean"), persons=("persons", "sum"))
    by_criterion = talks.groupby(_KEY)
    scores = pd.DataFrame(
        {
            "I": groups["mean"].groupby(level=_KEY).mean(),
            "n_answers": by_criterion["n"].sum().astype(float),
            "n_persons": by_criterion["persons"].sum(),
            "n_roles": by_criterion["role"].nunique().astype(float),
        }
    )
    for group in ("management", "users"):
        part = groups[groups.index.get_level_values("role_group") == group]
        part = part.droplevel("role_group").reindex(scores.index)
        scores = scores.assign(**{f"n_{group}": part["persons"].fillna(0.0), f"mean_{group}": part["mean"]})
    both = scores[["n_management", "n_users"]].min(axis=1) >= assumptions["min_persons"]
    return scores.assign(I25c=(scores["mean_management"] - scores["mean_users"]).where(both))


def fill_criteria(
    scores: pd.DataFrame,
    answers: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    questions: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Give every municipality a row per criterion, with the status and reason of its interview score."""
    criteria = questions.loc[questions["criterion"].ne(""), "criterion"].unique()
    places = tables["municipalities"]["municipality"]
    index = pd.MultiIndex.from_product([places, criteria], names=_KEY)
    table = scores.reindex(index)
    counts = ["n_answers", "n_persons", "n_roles", "n_management", "n_users"]
    table[counts] = table[counts].fillna(0.0)
    unknown = answers[answers["status"].eq("dont_know")]
    outcomes = [
        (table["n_persons"] >= assumptions["min_persons"], "measured", ""),
        (table["n_persons"] > 0, "too_few", "too_few_answers"),
        (~index.isin(_asked(tables["visits"], questions)), "not_examined", "not_in_instrument"),
        (~table.index.isin(answers["municipality"].unique(), level=0), "not_examined", "not_delivered"),
        (index.isin(pd.MultiIndex.from_frame(unknown[_KEY])), "cannot_be_said", "dont_know"),
    ]
    conditions = [np.asarray(condition, dtype=bool) for condition, _, _ in outcomes]
    table["status"] = np.select(conditions, [code for _, code, _ in outcomes], "not_examined")
    table["reason"] = np.select(conditions, [code for _, _, code in outcomes], "no_answers")
    table[["status", "reason"]] = table[["status", "reason"]].astype("str").replace("", np.nan)
    return table.reset_index()[_SCORES]


def summarise_claims(answers: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Summarise what each municipality claims about its share of transactions (Q11, Q12; I05b, I25b).

    Returns
    -------
    DataFrame
        One row per municipality: claimed_share (median of Q11, 0-1), n_claims (persons behind it), claim (the
        most frequent answer to Q12: yes, no or dont_know; of equally frequent ones the most cautious; none
        without answers), n_claim_answers (answers to Q12), n_dont_know_Q11_Q12 and I05b, the share of "don't
        know" among those who ought to know.
    """
    places = pd.Index(municipalities["municipality"], name="municipality")
    shares = answers[
        answers["question"].eq("Q11") & answers["status"].eq("answered") & answers["value"].notna()
    ]
    persons = (
        shares.drop_duplicates(["municipality", "interview"]).groupby("municipality")["participants"].sum()
    )
    sure = answers[answers["question"].eq("Q12")]
    said = sure["value"].map({1.0: "yes", 0.0: "no"}).where(sure["status"].eq("answered"))
    said = said.mask(sure["status"].eq("dont_know"), "dont_know")
    votes = said.groupby([sure["municipality"], said]).size().unstack(fill_value=0)
    votes = votes.reindex(index=places, columns=["dont_know", "no", "yes"]).fillna(0.0)
    ought = answers[answers["question"].isin(["Q11", "Q12"]) & answers["ought"]]
    ought = ought[ought["status"].isin(["answered", "dont_know"])]
    unknown = ought["status"].eq("dont_know").astype(float).groupby(ought["municipality"])
    claims = {
        "claimed_share": shares.groupby("municipality")["value"].median() / 100,
        "n_claims": persons.reindex(places).fillna(0.0),
        "claim": votes.idxmax(axis=1).where(votes.sum(axis=1) > 0, "none"),
        "n_claim_answers": votes.sum(axis=1),
        "n_dont_know_Q11_Q12": unknown.sum().reindex(places).fillna(0.0),
        "I05b": unknown.mean(),
    }
    return pd.DataFrame({name: column.reindex(places) for name, column in claims.items()}).reset_index()


def find_rater_differences(ratings: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Find the criteria on which the individual ratings of a visit are `rater_difference` or more apart.

    Returns
    -------
    DataFrame
        municipality, visit, criterion, lowest, highest, difference.
    """
    own = ratings[ratings["phase"].eq("individual")]
    spans = own.groupby(["municipality", "visit", "criterion"])["score"].agg(lowest="min", highest="max")
    spans = spans.assign(difference=spans["highest"] - spans["lowest"]).reset_index()
    apart = spans["difference"] >= assumptions["rater_difference"] - NOISE
    return spans[apart].reset_index(drop=True)


def _face_value(answers: pd.DataFrame) -> dict[str, pd.Series]:
    """The code of each number question by its key; missing where the numbers are not complete."""
    value, assumed, before = answers["value"], answers["assumed_value"], answers["before_value"]
    usage = pd.Series(stats.ratio(value, assumed), index=answers.index)
    time = pd.Series(stats.ratio(before - value, before - assumed), index=answers.index)
    return {
        "Q11": _code_claim(value / 100),
        "Q12": value.map(CERTAINTY_CODES),
        "Q19": _count_reached(usage, "G3"),
        "Q20": _count_reached(time, "G4"),
    }


def _code_claim(share: pd.Series) -> pd.Series:
    over = [stats.exceeds(share, step) for step in CLAIM_STEPS]
    return pd.Series(1.0 + np.sum(over, axis=0), index=share.index).where(share.notna())


def _count_reached(values: pd.Series, criterion: str) -> pd.Series:
    """The number of the criterion's breakpoints that each value reaches."""
    criteria = load_framework().criteria
    steps = criteria.loc[criteria["criterion"].eq(criterion), _BREAKPOINTS].to_numpy(dtype=float)
    reached = (values.to_numpy()[:, None] >= steps - NOISE).sum(axis=1)
    return pd.Series(reached, index=values.index, dtype=float).where(values.notna())


def _asked(visits: pd.DataFrame, questions: pd.DataFrame) -> pd.MultiIndex:
    """Municipality x criterion that the instrument of any of the municipality's visits asks about."""
    versions = questions[["criterion", "versions"]].explode("versions")
    asked = visits.merge(versions, left_on="instrument_version", right_on="versions")
    return pd.MultiIndex.from_frame(asked[_KEY].drop_duplicates())
