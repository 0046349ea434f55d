"""Each planted story of framework 7.2 is found by the real assessment ("must be found as")."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.indicators.depth import measure_depth
from klktools.sample import STORIES


class Told:
    """One municipality of the assessment, seen through one story."""

    def __init__(self, assessment, story: str):
        self.assessment = assessment
        self.code = STORIES[story]["municipality"]
        self.values = STORIES[story].get("values", {})

    def rows(self, table: str) -> pd.DataFrame:
        content = getattr(self.assessment, table)
        return content[content["municipality"].eq(self.code)]

    def row(self, table: str) -> pd.Series:
        (row,) = self.rows(table).to_dict("records")
        return pd.Series(row)

    def solution(self, table: str, function: str) -> pd.Series:
        """The row of `table` about the solution of one function."""
        solutions = self.assessment.round.tables["solutions"]
        own = solutions[solutions["municipality"].eq(self.code) & solutions["function"].eq(function)]
        (row,) = self.rows(table).merge(own[["municipality", "solution"]]).to_dict("records")
        return pd.Series(row)

    def score(self, criterion: str) -> pd.Series:
        return self.rows("scores").set_index("criterion").loc[criterion]

    def subjects(self, finding: str) -> set[str]:
        """What a finding of this municipality is about."""
        subjects = self.rows("finding_subjects")
        return set(subjects.loc[subjects["finding"].eq(finding), "subject"])

    def findings(self) -> set[str]:
        return set(self.rows("findings")["finding"])


@pytest.fixture
def told(sample_assessment, request):
    return Told(sample_assessment, request.node.name.split("_")[1].upper())


@pytest.mark.parametrize("story", [story for story, entry in STORIES.items() if "findings" in entry])
def test_the_findings_of_every_story_fire(sample_assessment, story):
    assert set(STORIES[story]["findings"]) <= Told(sample_assessment, story).findings()


@pytest.mark.parametrize("story", [story for story, entry in STORIES.items() if "absent" in entry])
def test_the_findings_a_story_excludes_do_not_fire(sample_assessment, story):
    assert not set(STORIES[story]["absent"]) & Told(sample_assessment, story).findings()


def test_s01_is_deep_and_measured_in_every_month(told):
    depth = told.row("depth_by_municipality")
    assert depth["I03_low"] == pytest.approx(told.values["L"], abs=0.01)
    assert depth["I02"] == 1
    assert told.score("D3")["S"] == told.values["D3"]


def test_s02_claims_60_per_cent_where_data_say_12(told):
    gap = 100 * (told.row("claims")["claimed_share"] - told.row("depth_by_municipality")["I01"])
    assert gap == pytest.approx(told.values["share_gap_pp"], abs=1)


def test_s03_has_no_denominator_and_chiefs_who_do_not_know(told):
    assert told.row("depth_by_municipality")[["I04", "has_figure"]].tolist() == [told.values["class"], False]
    assert told.score("D3")[["S", "I", "R"]].tolist() == [told.values["D3"]] * 3
    assert told.row("claims")[["claim", "I05b"]].tolist() == ["dont_know", 1.0]


def test_s04_counts_its_own_orders_only_and_the_log_says_19_per_cent(told):
    bought = told.solution("depth_by_solution", told.values["function"])
    assert bought[["suspect_denominator", "stated_share"]].tolist() == [True, told.values["stated_share"]]
    assert bought["log_share"] == pytest.approx(told.values["log_share"], abs=0.01)
    assert bought["solution"] in told.subjects("F-D09")


def test_s05_has_one_department_of_seven_behind_a_pooled_27_per_cent(told):
    narrow = told.solution("depth_by_solution", told.values["function"])
    assert narrow["I01"] == pytest.approx(told.values["share"], abs=0.01)
    assert narrow["I06"] == pytest.approx(told.values["breadth"], abs=1e-6)
    assert narrow[["n_departments", "n_departments_over", "n_departments_measured"]].tolist() == [7, 1, 6]
    assert narrow["max_share_rest"] <= 0.06
    assert narrow["solution"] in told.subjects("F-D05")


def test_s06_peaked_at_32_per_cent_and_falls_a_point_a_month(told):
    falling = told.solution("depth_by_solution", told.values["function"])
    assert falling["I07_class"] == told.values["trend"]
    assert falling["I07"] == pytest.approx(-1.0, abs=0.25)
    months = told.rows("usage_by_month").loc[lambda t: t["solution"].eq(falling["solution"])]
    peak = months.set_index("months_since_go_live")["share"]
    assert peak[10] == pytest.approx(0.32, abs=0.02)
    assert falling["solution"] in told.subjects("F-D06")
    groups = told.rows("training_by_group").loc[lambda t: t["solution"].eq(falling["solution"])]
    assert groups["q"].between(0.37, 0.39).all()
    assert groups["I21a"].max() < 0.50


def test_s07_cut_four_million_on_schools_and_day_care(told):
    gains = told.row("gains_by_municipality")
    assert gains["core_welfare_kr"] == told.values["core_welfare_kr"]
    assert gains["I16"] == told.values["in_place"]
    taken = told.rows("gain_ledger").loc[lambda t: t["core_welfare_kr"].gt(0)]
    assert set(taken["budget_group"]) == {"children_youth"}
    assert set(taken["expected_group"]) == {"finance"}


def test_s08_takes_longer_to_find_an_item_than_before(told):
    bought = told.solution("gains_by_solution", told.values["function"])
    assert bought["I19T"] == pytest.approx(told.values["T"])
    searched = told.rows("assumption_rows").loc[lambda t: t["type"].eq("time_per_task")]
    searched = searched.loc[searched["solution"].eq(bought["solution"])]
    assert searched[["baseline_value", "assumed_value", "measured_value"]].to_numpy().tolist() == [[8, 3, 9]]


def test_s09_lacks_three_of_five_functions(told):
    bought = told.solution("gains_by_solution", told.values["function"])
    assert bought["I19F"] == pytest.approx(told.values["F"])
    assert bought[["n_functions", "n_functions_missing"]].tolist() == [5, 3]
    assert bought["solution"] in told.subjects("F-G03")


def test_s10_has_a_cycle_of_three_and_one_unknown_prerequisite(told):
    plan = told.row("plan_by_municipality")
    assert plan[["K1", "K3"]].tolist() == [told.values["K1"], told.values["K3"]]
    cycle = told.rows("conflicts").loc[lambda t: t["conflict"].eq("K1"), "ids"].item()
    assert len(set(cycle.split("|"))) == 3
    assert told.score("P2")["S"] <= 2


def test_s11_has_a_robot_live_four_months_before_its_system_is_replaced(told):
    assert told.row("plan_by_municipality")["K6"] == told.values["K6"]
    conflict = told.rows("conflicts").loc[lambda t: t["conflict"].eq("K6")]
    assert conflict["months"].tolist() == [told.values["months"]]


def test_s12_pays_for_three_solutions_it_does_not_use_and_buys_one_more(told):
    unused = told.rows("depth_by_solution").loc[lambda t: t["I10b_kr"].gt(0)]
    assert len(unused) == told.values["unused_solutions"]
    assert set(told.rows("double_purchases")["existing_solution"]) <= set(unused["solution"])


def test_s13_has_a_third_of_its_users_trained_two_years_after_go_live(told):
    leadership = told.row("leadership_by_municipality")
    assert leadership["I21a"] == pytest.approx(told.values["trained_share"], abs=0.03)
    assert leadership["q"] == pytest.approx(0.40)
    groups = told.rows("training_by_group")
    assert groups["I21a"].to_numpy() == pytest.approx(told.values["trained_share"], abs=0.04)


def test_s14_keeps_nine_in_ten_trained_with_the_same_turnover(told):
    leadership = told.row("leadership_by_municipality")
    assert leadership["I21a"] == pytest.approx(told.values["trained_share"], abs=0.03)
    assert leadership["q"] == pytest.approx(0.40)
    assert leadership["kappa"] == pytest.approx(0.85, abs=0.03)
    assert told.solution("depth_by_solution", "purchasing")["I07_class"] == "rising"


def test_s15_a_renamed_department_is_one_department_without_a_jump(told, sample_round):
    """The window is moved so that the rename stands in its middle."""
    own = {name: table[table["municipality"].eq(told.code)] for name, table in sample_round.tables.items()}
    own["visits"] = own["visits"].assign(period_to=pd.Timestamp("2017-12-01").as_unit("us"))
    departments = own["departments"]
    after = departments[departments["replaces"].notna()].iloc[0]
    old = own["solutions"].loc[
        lambda t: t["go_live"].lt("2016-01-01") & t["denominator"].isin(["all", "all_eligible"])
    ]
    assert after["valid_from"] == pd.Timestamp(told.values["month"])

    def months_of(tables):
        cells = measure_depth(tables, assumptions=load_framework().assumptions)["cells"]
        cells = cells[cells["solution"].isin(old["solution"])]
        assert after["replaces"] not in set(cells["department"])
        return cells[cells["department"].eq(after["department"])]

    mapped = months_of(own)
    assert mapped.groupby("solution")["month"].nunique().eq(12).all()
    measured = mapped[mapped["measured"]].assign(before=lambda t: t["month"].lt(after["valid_from"]))
    volume = (
        measured[~measured["month"].dt.month.isin([7, 12])].groupby(["solution", "before"])["eligible"].mean()
    )
    assert (volume.unstack()[True] / volume.unstack()[False]).between(0.7, 1.4).all()
    unmapped = months_of(own | {"departments": departments.assign(replaces=pd.NA)})
    assert unmapped.groupby("solution")["month"].nunique().eq(6).all()


def test_s16_the_clean_edition_of_a_dirty_file_is_whole(told, sample_round):
    assert told.code == "0073"
    quality = told.row("quality_by_municipality")
    assert quality[["I27", "n_rejected", "n_warned", "n_corrected"]].tolist() == [1, 0, 0, 0]
    delivered = {
        name for name, table in sample_round.tables.items() if told.code in set(table["municipality"])
    }
    assert set(sample_round.tables) - delivered == {"logged_usage"}
    assert told.row("depth_by_municipality")["I04"] == "certainly_not_above"


def test_s17_the_clean_edition_holds_no_notes_and_is_assessed_like_any_other(told, sample_round):
    assert "notes" not in sample_round.tables
    assert told.row("interview_coverage")["n_interviews"] >= 9
    assert len(told.rows("area_scores").dropna(subset="R")) == 4


def test_s18_has_too_few_interviews_for_groups_and_no_group_of_islands(told):
    coverage = told.row("interview_coverage")
    assert coverage[["n_interviews", "caveat"]].tolist() == [told.values["interviews"], True]
    assert told.rows("scores")["I25c"].isna().all()
    assert not told.rows("scores")["I25a_shown"].any()
    assert set(told.assessment.reference["group_kind"]) <= {"all", "wave", "size_class", "function"}


def test_s19_is_deep_without_a_plan(told):
    assert told.row("plan_by_municipality")["I11_class"] == "no_plan"
    assert told.row("depth_by_municipality")["I04"] == "certainly_above"
    assert told.score("D2")["S"] == told.values["D2"]
    assert told.score("D3")["S"] == told.values["D3"]


def test_s20_has_a_whole_plan_and_little_depth(told):
    plan = told.row("plan_by_municipality")
    assert plan["I11"] == pytest.approx(told.values["completeness"])
    assert plan["conflict_rate"] == 0
    depth = told.row("depth_by_municipality")
    assert depth["I01"] == pytest.approx(told.values["share"], abs=0.005)
    assert depth["I04"] == "certainly_not_above"


def test_s21_area_gains_rests_on_what_the_spring_instrument_asked(told):
    silent = told.rows("scores").loc[lambda t: t["criterion"].isin(told.values["not_examined"])]
    assert silent["status"].tolist() == ["not_examined", "not_examined"]
    assert silent[["S", "R"]].isna().all(axis=None)
    scores = [told.score(criterion)["R"] for criterion in ("G1", "G2", "G5")]
    area = told.rows("area_scores").set_index("area").loc["gains"]
    assert area["n_criteria"] == 3
    assert area["R"] == pytest.approx(sum(scores) / 3)
    assert told.subjects("F-Q02") == set(told.values["not_examined"])


def test_s22_rises_in_spite_of_deep_july_and_december(told):
    solutions = told.rows("depth_by_solution")
    assert told.solution("depth_by_solution", "purchasing")["I07_class"] == "rising"
    assert "falling" not in set(solutions["I07_class"])
    months = told.rows("usage_by_month").loc[lambda t: t["solution"].eq("") & t["in_window"]]
    share = months.set_index(months["month"].dt.month)["share"]
    assert share[7] < 0.7 * share[6]
    assert share[12] < 0.9 * share[11]


def test_s23_does_better_than_it_thinks(told):
    depth = told.score("D3")
    assert depth["S"] == told.values["D3"]
    assert depth["I"] == pytest.approx(told.values["interview"], abs=0.3)
    assert depth["I25a"] <= -1.0
    assert "D3" in told.subjects("F-S02")


def test_s24_measures_45_per_cent_of_half_and_cannot_decide(told):
    """Vector V3 of framework 4.1."""
    depth = told.row("depth_by_municipality")
    assert depth["I01"] == pytest.approx(told.values["share"], abs=0.01)
    assert depth["I02"] == pytest.approx(told.values["coverage"], abs=0.02)
    assert depth["I03_low"] == pytest.approx(0.225, abs=0.01)
    assert depth["I04"] == told.values["class"]
    undecided = told.rows("depth_by_solution").loc[lambda t: t["is_new"]]
    assert set(undecided["I04"]) == {"undecided"}
