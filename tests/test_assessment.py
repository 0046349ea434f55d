"""The assessment: every table of the architecture, the main indicators, the facts behind the findings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from klktools.assessment import criterion_values, gather_facts, latest_visits, list_indicators
from klktools.framework import load_framework

FRAMEWORK = load_framework()
ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"


def columns_of_the_architecture() -> dict[str, list[str]]:
    """Table -> columns, from the rows of docs/architecture.md."""
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", ARCHITECTURE.read_text(encoding="utf-8"), re.M)
    return {name: list(_columns(re.sub(r"\([^)]*\)", "", text))) for name, text in rows}


def _columns(text: str):
    for part in text.split(","):
        run = re.match(r"(\w+?)(\d)\.\.\w+?(\d)$", part.strip())
        if run:
            yield from (f"{run[1]}{n}" for n in range(int(run[2]), int(run[3]) + 1))
        else:
            yield part.split()[0]


@pytest.mark.parametrize(("name", "columns"), columns_of_the_architecture().items())
def test_every_table_of_the_architecture_is_there_with_its_columns(sample_assessment, name, columns):
    table = getattr(sample_assessment, name)
    assert set(columns) <= set(table.columns)


def test_the_grain_of_every_result_is_what_the_architecture_says(sample_assessment):
    keys = {
        "scores": ["municipality", "criterion"],
        "area_scores": ["municipality", "area"],
        "interview_scores": ["municipality", "criterion"],
        "indicators": ["municipality", "indicator", "solution", "department"],
        "findings": ["municipality", "finding"],
        "finding_subjects": ["municipality", "finding", "subject"],
        "reference": ["measure", "group_kind", "group"],
        "positions": ["municipality", "measure", "group_kind", "group"],
    }
    repeated = {
        name: int(getattr(sample_assessment, name).duplicated(key).sum()) for name, key in keys.items()
    }
    assert repeated == dict.fromkeys(keys, 0)


def test_every_municipality_has_every_criterion_and_area(sample_assessment):
    assert len(sample_assessment.scores) == 55 * 17 and len(sample_assessment.area_scores) == 55 * 4


def test_scores_stay_on_the_scale_and_under_their_ceiling(sample_assessment):
    scores = sample_assessment.scores
    assert scores[["S", "I", "R"]].min().min() >= 0 and scores[["S", "I", "R"]].max().max() <= 4
    capped = FRAMEWORK.criteria.set_index("criterion")["evidence_capped"].astype(bool)
    strict = scores["criterion"].map(capped) & scores["basis"].ne("data")
    assert (scores.loc[strict & scores["evidence"].eq("C"), "R"] <= 2.0).all()
    assert (scores.loc[strict & scores["evidence"].eq("D"), "R"] <= 1.0).all()


def test_what_the_spring_instrument_did_not_ask_is_not_examined(sample_assessment):
    scores = sample_assessment.scores
    spring = scores[scores["instrument_version"].eq("v1")]
    silent = spring[spring["reason"].eq("not_in_instrument")]
    assert set(silent["criterion"]) == {"G3", "G4"} and len(silent) == 25 * 2
    assert silent[["S", "R"]].isna().all(axis=None)
    assert set(silent["status"]) == {"not_examined"}


def test_a_finding_cites_no_figure_of_too_few_persons(sample_assessment):
    said = sample_assessment.finding_subjects.query("finding in ['F-S01', 'F-S02', 'F-S03']")
    scores = sample_assessment.scores.rename(columns={"criterion": "subject"})
    behind = said.merge(scores, on=["municipality", "subject"])
    assert len(behind) == len(said) > 0
    gaps = behind[behind["finding"].ne("F-S03")]
    assert (gaps.loc[gaps["subject"].ne("D3"), "n_persons"] >= 5).all()
    assert (behind.loc[behind["finding"].eq("F-S03"), ["n_management", "n_users"]] >= 5).all(axis=None)


def test_the_main_report_holds_at_most_eight_findings_and_the_gravest_first(sample_assessment):
    main = sample_assessment.findings[sample_assessment.findings["main"]]
    assert main.groupby("municipality").size().max() <= 8
    assert set(main["municipality"]) == set(sample_assessment.findings["municipality"])
    assert sample_assessment.findings.query("rank == 1")["main"].all()


def test_the_assessment_is_the_same_twice_and_leaves_the_round_alone(sample_round, sample_assessment):
    from klktools.assessment import assess

    before = {name: table.copy() for name, table in sample_round.tables.items()}
    again = assess(sample_round)
    for name, table in sample_assessment.tables.items():
        pd.testing.assert_frame_equal(table, getattr(again, name))
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, sample_round.tables[name])


def test_the_latest_held_visit_counts():
    visits = pd.DataFrame(
        {
            "municipality": ["0010", "0010", "0010", "0011"],
            "visit": ["early", "late", "next", "only"],
            "status": ["released", "completed", "planned", "planned"],
            "period_to": pd.to_datetime(["2018-02-01", "2018-08-01", "2019-02-01", "2018-02-01"]),
            "end_date": pd.to_datetime(["2018-03-01", "2018-09-01", "2019-03-01", "2018-03-01"]),
        }
    )
    assert sorted(latest_visits(visits)["visit"]) == ["late", "only"]


def results(**changes: object) -> dict[str, pd.DataFrame]:
    """One municipality, one row per table, with what criteria.yaml reads."""
    row: dict[str, object] = {"municipality": "0010", "status": "measured", "reason": ""}
    row |= {name: np.nan for name in FRAMEWORK.criteria["value"]}
    for kind in ("evidence", "status", "reason"):
        row |= {f"{kind}_{code}": None for code in FRAMEWORK.criteria["criterion"]}
    row |= {"I04": "undecided", "has_figure": True, "I02": 0.5, "last_months_measured": 6.0, "evidence": "A"}
    row |= {"K1": 0.0, "n_adjusted": 1.0, "fixed_onboarding": True} | changes
    table = pd.DataFrame([row])
    return {name: table for name in set(FRAMEWORK.criteria["table"])}


def tables(version: str = "v2") -> dict[str, pd.DataFrame]:
    visits = pd.DataFrame(
        {
            "municipality": ["0010"],
            "visit": ["v"],
            "status": ["completed"],
            "instrument_version": [version],
            "period_to": pd.to_datetime(["2018-02-01"]),
            "end_date": pd.to_datetime(["2018-03-01"]),
        }
    )
    return {"municipalities": pd.DataFrame({"municipality": ["0010"], "wave": ["2018E"]}), "visits": visits}


def values(version: str = "v2", **changes: object) -> pd.DataFrame:
    return criterion_values(results(**changes), tables(version), FRAMEWORK).set_index("criterion")


def test_a_list_or_document_counts_as_class_b():
    found = values(I11a=0.5, I22=0.4, evidence_L1="C", I06=0.3)
    assert found.loc[["P1", "L1", "D2"], "evidence"].tolist() == ["B", "B", "A"]
    assert found.loc["P1", ["value", "status", "reason"]].tolist() == [0.5, "measured", ""]


def test_an_unknown_main_indicator_is_said_to_be_missing():
    found = values()
    assert found.loc["P4", ["status", "reason"]].tolist() == ["cannot_be_said", "not_delivered"]
    assert found.loc["P4", "evidence"] is np.nan or pd.isna(found.loc["P4", "evidence"])


def test_d3_carries_its_refined_class_and_the_others_none():
    found = values(I04="cannot_be_said", has_figure=False)
    assert found.loc["D3", "category"] == "no_figure" and found["category"].drop("D3").isna().all()


def test_special_rules_reach_the_values_they_hold_down():
    found = values(K1=1.0, n_adjusted=0.0, fixed_onboarding=False)
    assert found["limit"].dropna().to_dict() == {"P2": 2.0, "G5": 2.0, "L2": 2.0}


def test_the_instrument_decides_what_was_asked():
    found = values("v1", I19U=0.5, evidence_G3="A", status_G3="measured")
    silent = found.loc[["G3", "G4"], ["status", "reason"]]
    assert silent.values.tolist() == [["not_examined", "not_in_instrument"]] * 2
    assert found.drop(index=["G3", "G4"])["reason"].ne("not_in_instrument").all()


def test_indicators_keep_a_row_with_the_reason_why_there_is_no_value(sample_assessment):
    indicators = sample_assessment.indicators
    unknown = indicators["estimate"].isna() & indicators["category"].isna()
    assert indicators.loc[~unknown, "status"].eq("measured").all()
    assert indicators.loc[unknown, "status"].ne("measured").all()
    whole = indicators[indicators["solution"].eq("")]
    assert (whole.groupby("indicator").size() == 55).all()


def test_an_indicator_row_says_what_stands_in_its_table(sample_assessment):
    depth = sample_assessment.depth_by_solution.set_index(["municipality", "solution"])
    indicators = sample_assessment.indicators
    shares = indicators[indicators["indicator"].eq("I01") & indicators["solution"].ne("")]
    shares = shares.set_index(["municipality", "solution"])
    assert set(shares["unit"]) == {"share"}
    pd.testing.assert_series_equal(shares["estimate"], depth["I01"].astype(float), check_names=False)
    pd.testing.assert_series_equal(shares["low"], depth["I03_low"].astype(float), check_names=False)


def test_facts_join_left_to_right_and_the_first_table_gives_the_column(sample_assessment):
    facts = gather_facts(
        sample_assessment.tables,
        pd.DataFrame({"municipality": ["0048"], "criterion": ["P1"], "evidence": ["B"]}),
        FRAMEWORK,
    )
    assert set(facts) == set(FRAMEWORK.subjects)
    # depth_by_municipality is first, so `status` is the status of depth
    depth = sample_assessment.depth_by_municipality.set_index("municipality")["status"]
    found = facts["municipality"].set_index("municipality")["status"]
    pd.testing.assert_series_equal(found.sort_index(), depth.sort_index(), check_names=False)
    assert facts["municipality"].set_index("municipality").loc["0048", "evidence_P1"] == "B"
    assert len(facts["criterion"]) == len(sample_assessment.scores)


def test_a_solution_keeps_its_own_evidence_for_depth(sample_assessment):
    evidence = pd.DataFrame({"municipality": ["0048"] * 2, "criterion": ["P1", "D3"], "evidence": ["B", "D"]})
    facts = gather_facts(sample_assessment.tables, evidence, FRAMEWORK)["solution"]
    own = sample_assessment.depth_by_solution.set_index(["municipality", "solution"])["evidence"]
    found = facts.set_index(["municipality", "solution"])["evidence_D3"].dropna()
    pd.testing.assert_series_equal(found.sort_index(), own.sort_index(), check_names=False)


def test_list_indicators_names_the_group_in_department(sample_assessment):
    table = list_indicators(sample_assessment.tables, sample_assessment.municipalities, FRAMEWORK)
    grouped = table[table["department"].ne("")]
    assert set(grouped["department"]) <= set(FRAMEWORK.enums["department_group"])
    assert set(grouped["indicator"]) == {"I21a", "I21b"}
