"""What the interviews say, and what the consultants should talk about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np
import pandas as pd

from klktools import stats
from klktools.assessment import latest_visits

ROLE_GROUPS = ["management", "users", "staff_representatives"]


def compare_role_groups(answer_scores: pd.DataFrame) -> pd.DataFrame:
    """Compare what the role groups answered.

    Parameters
    ----------
    answer_scores : DataFrame
        `answer_scores`.

    Returns
    -------
    DataFrame
        One row per question: criterion, mean coded answer (0-4) of management, users and
        staff_representatives, n_<group> (coded answers), gap (management less users), n_dont_know and
        n_not_relevant.
    """
    by = ["municipality", "question", "criterion"]
    coded = answer_scores.groupby([*by, "role_group"])["coded"]
    index = pd.MultiIndex.from_frame(answer_scores[by].drop_duplicates().sort_values(by))
    means = coded.mean().unstack("role_group").reindex(index=index, columns=ROLE_GROUPS)
    counts = coded.count().unstack("role_group").reindex(index=index, columns=ROLE_GROUPS)
    said = {
        f"n_{status}": answer_scores["status"].eq(status).groupby([answer_scores[key] for key in by]).sum()
        for status in ("dont_know", "not_relevant")
    }
    table = means.join(counts.fillna(0.0).add_prefix("n_")).assign(
        gap=means["management"] - means["users"], **said
    )
    return table.rename_axis(columns=None).reset_index()


def count_dont_know(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Count who does not know what, and why.

    Parameters
    ----------
    answers, interviews : DataFrame
        T5 and T4; duplicated interviews are passed over.

    Returns
    -------
    DataFrame
        One row per question x reason (missing when none was noted): n (answers) and roles ("|" text).
    """
    unknown = _with_role(answers[answers["status"].eq("dont_know")], interviews)
    return _count_roles(unknown, "dont_know_reason", ["question"])


def count_themes(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Count the themes of the open question Q26, as `count_dont_know`: theme, n and roles."""
    themes = _with_role(answers[answers["question"].eq("Q26") & answers["theme"].notna()], interviews)
    return _count_roles(themes, "theme", [])


def list_for_consensus(
    scores: pd.DataFrame,
    differences: pd.DataFrame,
    visits: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """List the criteria that the consensus meeting should talk about.

    Parameters
    ----------
    scores, differences : DataFrame
        `scores` and `rater_differences`, of which the latest visit counts.
    visits : DataFrame
        T2.
    assumptions : mapping
        `max_deviation`.

    Returns
    -------
    DataFrame
        One row per criterion with something to discuss: discuss ("|" text: differ, the consultants' own
        ratings are far apart; provisional, nothing but statements; capped, the evidence holds the score
        down; deviates, the consensus lies `max_deviation` or more from the score reported), S, I, R,
        consensus (0-4), lowest, highest, difference, evidence, basis and deviation_reason.
    """
    latest = differences[differences["visit"].isin(latest_visits(visits)["visit"])].drop(columns="visit")
    table = scores.merge(latest, on=["municipality", "criterion"], how="left")
    apart = (table["consensus"] - table["R"]).abs() >= assumptions["max_deviation"] - stats.NOISE
    flags = {
        "differ": table["difference"].notna(),
        "provisional": table["provisional"].eq(True),
        "capped": table["capped"].eq(True),
        "deviates": apart,
    }
    words = [pd.Series(np.where(flag, f"|{name}", ""), dtype="str") for name, flag in flags.items()]
    table = table.assign(discuss=reduce(lambda left, right: left + right, words).str.removeprefix("|"))
    numbers = ["S", "I", "R", "consensus", "lowest", "highest", "difference"]
    columns = ["municipality", "criterion", "discuss", *numbers, "evidence", "basis", "deviation_reason"]
    return table.loc[table["discuss"].ne(""), columns].reset_index(drop=True)


def _with_role(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    kept = interviews.loc[interviews["duplicate_of"].isna(), ["municipality", "interview", "role"]]
    return answers.merge(kept, on=["municipality", "interview"])


def _count_roles(answers: pd.DataFrame, what: str, by: list[str]) -> pd.DataFrame:
    grouped = answers.groupby(["municipality", *by, what], dropna=False, as_index=False)
    counted = grouped.agg(n=("role", "size"), roles=("role", lambda roles: "|".join(sorted(set(roles)))))
    order = ["municipality", *by, "n", what]
    return counted.sort_values(order, ascending=[name != "n" for name in order], ignore_index=True)
