"""How far do the data carry? Data quality and interview coverage (framework 4.5: I26, I27)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from klktools import stats
from klktools.contract import load_contract
from klktools.framework import load_framework

_ROWS = ["rows_delivered", "rows_accepted", "rows_rejected", "rows_warned"]
_COVERAGE = [
    *["n_interviews", "n_persons", "n_roles", "n_management", "n_users", "n_staff_representatives"],
    *["n_observed", "n_answers", "n_dont_know", "n_not_relevant"],
]


def measure_data_quality(
    tables: Mapping[str, pd.DataFrame],
    problems: pd.DataFrame,
    corrections: pd.DataFrame,
    delivered: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """Measure the quality of what was delivered and the coverage of the interviews.

    Parameters
    ----------
    tables : mapping
        The round's municipalities, interviews and answers.
    problems, corrections : DataFrame
        One row per broken rule (municipality, rule, severity), one per value put right (municipality).
    delivered : DataFrame
        One row per municipality x table: rows_delivered, rows_accepted, rows_rejected, rows_warned.
    assumptions : mapping
        `warning_weight`, `min_interviews`.

    Returns
    -------
    dict of DataFrame
        data_quality (one row per municipality x table), quality_by_municipality and interview_coverage (one
        row per municipality each).
    """
    by_table = rate_rows(delivered, assumptions=assumptions)
    places = tables["municipalities"]
    return {
        "data_quality": by_table,
        "quality_by_municipality": rate_municipalities(
            places, delivered, problems, corrections, assumptions=assumptions
        ),
        "interview_coverage": cover_interviews(tables, assumptions=assumptions),
    }


def rate_rows(delivered: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Add I27 = 1 - (rejected + weight x warned) / delivered, missing where no row was delivered."""
    rows = delivered.astype(dict.fromkeys(_ROWS, "float64"))
    faulty = rows["rows_rejected"] + assumptions["warning_weight"] * rows["rows_warned"]
    return rows.assign(I27=1 - stats.ratio(faulty, rows["rows_delivered"]))


def rate_municipalities(
    municipalities: pd.DataFrame,
    delivered: pd.DataFrame,
    problems: pd.DataFrame,
    corrections: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Rate each municipality over all its rows.

    Returns
    -------
    DataFrame
        One row per municipality: I27, n_rejected and n_warned (rows), n_corrected (values) and main_cause,
        the rule broken most often: among errors if there are any, else among warnings; the first by name of
        equals. What does not lower I27 (`about` in the contract's rules) is no cause.
    """
    places = pd.Index(municipalities["municipality"], name="municipality")
    rows = delivered.groupby("municipality", as_index=False)[_ROWS].sum()
    rated = rate_rows(rows, assumptions=assumptions).set_index("municipality").reindex(places)
    sound = [name for name, rule in load_contract().rules.items() if "about" in rule]
    causes = (
        problems[~problems["rule"].isin(sound)]
        .groupby(["municipality", "severity", "rule"])
        .size()
        .rename("n")
        .reset_index()
    )
    causes = causes.assign(warning=causes["severity"].ne("error"))
    causes = causes.sort_values(["municipality", "warning", "n", "rule"], ascending=[True, True, False, True])
    corrected = corrections.groupby("municipality").size()
    return pd.DataFrame(
        {
            "I27": rated["I27"],
            "n_rejected": rated["rows_rejected"].fillna(0.0),
            "n_warned": rated["rows_warned"].fillna(0.0),
            "n_corrected": corrected.reindex(places).fillna(0.0).astype(float),
            "main_cause": causes.groupby("municipality")["rule"].first().reindex(places),
        }
    ).reset_index()


def cover_interviews(tables: Mapping[str, pd.DataFrame], *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Count who was met (I26), without duplicated interviews.

    Returns
    -------
    DataFrame
        One row per municipality: n_interviews, n_persons (participants), n_roles (of the framework's ten),
        n_management, n_users and n_staff_representatives (persons), n_observed (interviews with a task
        watched), n_answers, n_dont_know, n_not_relevant, and caveat: fewer than `min_interviews`, or no user
        was met. A "don't know" because it is not one's role is not relevant.
    """
    interviews = tables["interviews"]
    kept = interviews[interviews["duplicate_of"].isna()]
    groups = {role: entry["group"] for role, entry in load_framework().enums["role"].items()}
    persons = kept["participants"].astype(float)
    by_group = persons.groupby([kept["municipality"], kept["role"].map(groups)]).sum().unstack()
    by_group = by_group.reindex(columns=["management", "users", "staff_representatives"]).add_prefix("n_")
    met = kept.assign(participants=persons, observed=kept["observed"].fillna(False).astype(bool))
    counts = met.groupby("municipality").agg(
        n_interviews=("interview", "size"),
        n_persons=("participants", "sum"),
        n_roles=("role", "nunique"),
        n_observed=("observed", "sum"),
    )
    answers = _count_answers(
        tables["answers"].merge(kept[["municipality", "interview"]], on=["municipality", "interview"])
    )
    places = pd.Index(tables["municipalities"]["municipality"], name="municipality")
    counts = counts.join([by_group, answers]).reindex(places).astype(float).fillna(0.0)[_COVERAGE]
    caveat = (counts["n_interviews"] < assumptions["min_interviews"]) | counts["n_users"].eq(0)
    return counts.assign(caveat=caveat).reset_index()


def _count_answers(answers: pd.DataFrame) -> pd.DataFrame:
    not_mine = answers["status"].eq("dont_know") & answers["dont_know_reason"].eq("not_my_role")
    status = answers["status"].mask(not_mine, "not_relevant")
    flags = {
        "n_answers": status.eq("answered"),
        "n_dont_know": status.eq("dont_know"),
        "n_not_relevant": status.eq("not_relevant"),
    }
    return pd.DataFrame(flags).groupby(answers["municipality"]).sum()
