"""The rules about one row, or a row and what it refers to."""

from __future__ import annotations

from functools import partial

import pandas as pd

from klktools.framework import load_framework
from klktools.intake.hits import hits
from klktools.intake.keys import beside
from klktools.intake.names import real_municipalities
from klktools.intake.rules.common import Limits, Rule, Tables, months_between

_FICTITIOUS = ("0011", "0097")


def _order(data: pd.DataFrame, tables: Tables, limits: Limits, *, first: str, last: str) -> pd.DataFrame:
    """R01: the first of two dates or months is not after the last."""
    return hits(data[last] < data[first], "R01", last, first=first, last=last)


def dates_in_order(first: str, last: str) -> Rule:
    """The rule that `first` is not after `last`."""
    return partial(_order, first=first, last=last)


def unknown_municipality(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """C05: a code of digits only is one of the 98 or lies in the range for fictitious ones."""
    code = data["municipality"]
    known = code.isin(real_municipalities()["municipality"]) | code.between(*_FICTITIOUS)
    return hits(code.str.fullmatch(r"\d{4}") & ~known, "C05", "municipality")


def visit_too_long(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R02."""
    days = (data["end_date"] - data["start_date"]).dt.days
    return hits(days > limits["R02"], "R02", "end_date")


def period_too_short(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R03: both months included."""
    months = months_between(data["period_from"], data["period_to"]) + 1
    return hits(months < limits["R03"], "R03", "period_to")


def period_after_visit(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R04."""
    return hits(data["period_to"] > data["end_date"], "R04", "period_to")


def overlapping_periods(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R05: the periods of one department do not overlap; the later row is blamed.

    A merged department has a row per predecessor, all of one period.
    """
    period = ["municipality", "department", "valid_from", "valid_to"]
    ordered = data.drop_duplicates(period).sort_values(period)
    own = ordered.groupby(["municipality", "department"])["valid_to"]
    earlier_end = own.shift().fillna(pd.Timestamp.max.floor("D")).where(own.cumcount() > 0)
    overlaps = ordered["valid_from"] <= earlier_end
    return hits(overlaps.reindex(data.index, fill_value=False), "R05", "valid_from")


def interview_far_from_visit(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R06."""
    visit = beside(data, tables["visits"], ["municipality", "visit"], ["start_date", "end_date"])
    margin = pd.Timedelta(days=limits["R06"])
    outside = (data["date"] < visit["start_date"] - margin) | (data["date"] > visit["end_date"] + margin)
    return hits(outside, "R06", "date")


def _unscored(data: pd.DataFrame) -> pd.Series:
    """Rows of questions that belong to no criterion (Q26)."""
    questions = load_framework().questions
    return data["question"].isin(questions.loc[questions["criterion"] == "", "question"])


def answer_without_score(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R07."""
    missing = (data["status"] == "answered") & data["score"].isna() & ~_unscored(data)
    return hits(missing, "R07", "score")


def answer_without_value(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R08."""
    numeric = data["answer_type"].isin(["percent", "minutes", "yes_no"])
    return hits((data["status"] == "answered") & numeric & data["value"].isna(), "R08", "value")


def score_without_answer(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R09."""
    return hits((data["status"] != "answered") & data["score"].notna(), "R09", "score")


def dont_know_without_reason(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R10: not said of a "don't know" that was typed as a score (E18)."""
    return hits((data["status"] == "dont_know") & data["dont_know_reason"].isna(), "R10", "dont_know_reason")


def question_not_in_version(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R11."""
    interviews = tables["interviews"]
    visits = beside(interviews, tables["visits"], ["municipality", "visit"], ["instrument_version"])
    keys, wanted = ["municipality", "interview"], ["instrument_version"]
    version = beside(data, interviews.assign(**visits), keys, wanted)["instrument_version"]
    asked = load_framework().questions.explode("versions")
    pairs = set(asked["question"].str.cat(asked["versions"], sep=" "))
    wrong = version.notna() & ~data["question"].str.cat(version, sep=" ").isin(pairs)
    return hits(wrong, "R11", "question", other=version[wrong])


def score_of_unscored_question(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R12."""
    return hits(_unscored(data) & data["score"].notna(), "R12", "score")


def value_unlike_answer_type(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R13."""
    kind, value = data["answer_type"], data["value"]
    wrong = (
        ((kind == "percent") & ~value.between(0, 100))
        | ((kind == "minutes") & ~value.between(limits["R13.low"], limits["R13.high"]))
        | ((kind == "yes_no") & ~value.isin([0, 1]))
    )
    return hits(wrong & value.notna(), "R13", "value")


def score_between_steps(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R14."""
    return hits((data["score"] * 2) % 1 != 0, "R14", "score")


def two_consensus_ratings(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R15."""
    consensus = data[data["phase"] == "consensus"]
    twice = consensus.duplicated(["municipality", "visit", "criterion"], keep=False)
    return hits(twice, "R15", "criterion")


def consensus_outside_span(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R16."""
    keys = ["municipality", "visit", "criterion"]
    individual = data[data["phase"] == "individual"].groupby(keys)["score"].agg(["min", "max"]).reset_index()
    consensus = data[data["phase"] == "consensus"]
    span = beside(consensus, individual, keys, ["min", "max"])
    outside = (consensus["score"] < span["min"]) | (consensus["score"] > span["max"])
    wrong = span[outside]
    texts = [f"{low:g}-{high:g}" for low, high in zip(wrong["min"], wrong["max"], strict=True)]
    return hits(outside, "R16", "score", other=texts)


def robot_without(data: pd.DataFrame, tables: Tables, limits: Limits, *, column: str) -> pd.DataFrame:
    """R17."""
    return hits((data["function"] == "robot") & data[column].isna(), "R17", column)


def operation_without_go_live(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R18."""
    return hits((data["status"] == "operation") & data["go_live"].isna(), "R18", "go_live")


def more_modules_used_than_paid(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R19."""
    return hits(data["modules_used"] > data["modules_paid"], "R19", "modules_used")


def share_above_limit(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E07: kept, but does not count as measured; a share up to the limit was set to 100 per cent before."""
    over = (data["eligible"] > 0) & (data["through"] > limits["share_over_limit"] * data["eligible"])
    return hits(over, "E07", "through")


def through_without_eligible(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R20."""
    return hits((data["eligible"] == 0) & (data["through"] > 0), "R20", "eligible")


def more_as_intended_than_through(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R21."""
    return hits((data["as_intended"] > data["through"]) & (data["through"] >= 0), "R21", "as_intended")


def sample_above_eligible(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R22."""
    return hits((data["sample_n"] > data["eligible"]) & (data["eligible"] >= 0), "R22", "sample_n")


def negative_count(data: pd.DataFrame, tables: Tables, limits: Limits, *, column: str) -> pd.DataFrame:
    """E08: a count below zero is kept, but does not count as measured."""
    return hits(data[column] < 0, "E08", column)


def more_active_than_staff(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R23: active users against the headcount of the department in the year of the month."""
    given = data.loc[data["active_users"].notna(), ["municipality", "department", "month", "active_users"]]
    given = given.assign(year=given["month"].dt.year.astype("Int64"))
    staff = beside(given, tables["staffing"], ["municipality", "department", "year"], ["headcount"])[
        "headcount"
    ]
    over = (given["active_users"] > limits["R23"] * staff).fillna(False)
    return hits(over, "R23", "active_users", other=staff[over].astype("str"))


def usage_before_go_live(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E25."""
    go_live = beside(data, tables["solutions"], ["municipality", "solution"], ["go_live"])["go_live"]
    early = (data["month"] < go_live) & (data["through"] > 0).fillna(False)
    return hits(early, "E25", "month", other=go_live[early].dt.strftime("%Y-%m"))


def go_live_outside_initiative(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R24: go-live from the start until the month after the end."""
    early = data["go_live"] < data["start"]
    late = months_between(data["end"], data["go_live"]) > 1
    return hits(early | late, "R24", "go_live")


def robot_on_nothing(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R25: a robot's solution names the solution underneath."""
    keys = ["municipality", "solution"]
    below = beside(data, tables["solutions"], keys, ["underlying_solution"])["underlying_solution"]
    return hits((data["type"] == "robot") & below.isna(), "R25", "solution")


def requires_itself(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R26."""
    return hits(data["requires"] == data["initiative"], "R26", "requires")


def negative_cut(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E22: a cut is a positive number."""
    return hits(data["budget_cut_kr"] < 0, "E22", "budget_cut_kr")


def gain_of_nothing(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R27."""
    return hits(data["solution"].isna() & data["initiative"].isna(), "R27", "solution")


def time_without_baseline(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R28."""
    return hits((data["type"] == "time_per_task") & data["baseline_value"].isna(), "R28", "baseline_value")


def no_saving_assumed(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R29."""
    equal = data["baseline_value"] == data["assumed_value"]
    return hits((data["type"] == "time_per_task") & equal, "R29", "assumed_value")


def value_unlike_unit(data: pd.DataFrame, tables: Tables, limits: Limits, *, column: str) -> pd.DataFrame:
    """R30: minutes and shares within their limits."""
    value, unit = data[column], data["unit"]
    minutes = (unit == "minutes") & ~value.between(limits["R30.low"], limits["R30.high"])
    shares = (unit == "share") & ~value.between(0, 1)
    return hits((minutes | shares) & value.notna(), "R30", column)


def functionality_in_between(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R31."""
    value = data["measured_value"]
    wrong = (data["type"] == "functionality") & value.notna() & ~value.isin([0, 0.5, 1])
    return hits(wrong, "R31", "measured_value")


def more_leavers_than_staff(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R32."""
    return hits(data["left"] > limits["R32"] * data["headcount"], "R32", "left")


def more_full_time_than_heads(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E28a."""
    return hits(data["fte"] > limits["E28a"] * data["headcount"], "E28a", "fte")


def turnover_undefined(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E28b: the turnover becomes an interval (I21)."""
    undefined = data["turnover_definition"].isna() | data["turnover_definition"].eq("unknown")
    rests_on_it = data["turnover_stated"].notna() & data["left"].isna()
    return hits(undefined & rests_on_it, "E28b", "turnover_definition")


def turnover_above_one(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E28."""
    return hits(data["turnover_stated"] > limits["E28"], "E28", "turnover_stated")


def more_trained_than_users(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E29."""
    keys = ["municipality", "solution", "department"]
    users = beside(data, tables["users"], keys, ["users"])["users"]
    over = (data["persons"] > users).fillna(False)
    return hits(over, "E29", "persons", other=users[over].astype("str"))


def more_persons_than_participations(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """R33."""
    return hits(data["persons"] > data["participations"], "R33", "persons")
