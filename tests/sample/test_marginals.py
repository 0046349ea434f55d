"""The sample round as a whole has the shape of framework 7.1, measured by the real assessment."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.sample.profiles import block_profiles

D3_STEP = {"cannot_be_said": 0, "certainly_not_above": 1, "undecided": 2, "certainly_above": 3}


@pytest.fixture(scope="module")
def tables(sample_round):
    return sample_round.tables


def by_municipality(assessment, table: str, column: str) -> pd.Series:
    return getattr(assessment, table).set_index("municipality")[column]


def test_there_are_25_spring_and_30_autumn_municipalities_in_the_size_classes(tables):
    municipalities = tables["municipalities"]
    assert municipalities["wave"].value_counts().to_dict() == {"2018E": 30, "2018F": 25}
    assert municipalities["population"].median() == pytest.approx(43_500, rel=0.03)
    assert municipalities["size_class"].value_counts().to_dict() == {
        "under_20000": 5,
        "20000_39999": 19,
        "40000_59999": 15,
        "60000_99999": 12,
        "100000_plus": 4,
    }


def test_the_25_per_cent_classes_have_their_quotas(sample_assessment):
    classes = by_municipality(sample_assessment, "depth_by_municipality", "I04")
    assert classes.value_counts().to_dict() == {
        "certainly_above": 8,
        "undecided": 18,
        "certainly_not_above": 14,
        "cannot_be_said": 15,
    }


def test_the_spring_has_its_own_quotas_of_classes(sample_assessment):
    waves = sample_assessment.municipalities.set_index("municipality")["wave"]
    classes = by_municipality(sample_assessment, "depth_by_municipality", "I04")
    assert classes[waves[classes.index].eq("2018F")].value_counts().to_dict() == {
        "certainly_above": 3,
        "undecided": 8,
        "certainly_not_above": 6,
        "cannot_be_said": 8,
    }


def test_the_classes_follow_by_a_margin(sample_assessment):
    depth = sample_assessment.depth_by_municipality
    low, high = depth["I03_low"], depth["I03_high"]
    assert low[depth["I04"].eq("certainly_above")].min() > 0.27
    assert high[depth["I04"].eq("certainly_not_above")].max() < 0.23
    undecided = depth["I04"].eq("undecided")
    assert low[undecided].max() < 0.235
    assert high[undecided].min() > 0.28


def test_9_municipalities_have_a_plan_28_a_partial_one_and_18_none(sample_assessment):
    classes = by_municipality(sample_assessment, "plan_by_municipality", "I11_class")
    assert classes.value_counts().to_dict() == {"plan": 9, "partial": 28, "no_plan": 18}


def test_half_of_the_cuts_are_harvested_in_place(sample_assessment):
    in_place = by_municipality(sample_assessment, "gains_by_municipality", "I16").dropna()
    low, middle, high = in_place.quantile([0.25, 0.5, 0.75])
    assert len(in_place) == 54
    assert 0.25 <= low <= 0.35
    assert 0.40 <= middle <= 0.50
    assert 0.55 <= high <= 0.68


def test_about_16_take_a_fifth_or_more_from_core_welfare(sample_assessment):
    core = by_municipality(sample_assessment, "gains_by_municipality", "I17")
    assert 14 <= core.ge(0.20).sum() <= 18


def test_50_train_at_go_live_but_12_have_it_in_the_introduction(tables, sample_assessment):
    training = tables["training"]
    assert training.loc[training["type"].eq("go_live"), "municipality"].nunique() == 50
    fixed = by_municipality(sample_assessment, "leadership_by_municipality", "fixed_onboarding")
    assert fixed.fillna(False).sum() == 12


def test_turnover_is_lowest_centrally_and_highest_in_social_services(tables):
    told = {"0069", "0050", "0060"}  # S06, S13 and S14 have a turnover of their own
    staff = tables["staffing"].merge(tables["departments"], on=["municipality", "department"])
    staff = staff[staff["left"].notna() & ~staff["municipality"].isin(told) & staff["headcount"].ge(40)]
    share = staff["left"].astype(float) / staff["headcount"].astype(float)
    groups = staff["department_group"].where(staff["level"].ne("central"), "central")
    for group, (low, high) in {
        "central": (0.12, 0.18),
        "children_youth": (0.20, 0.30),
        "social_health": (0.25, 0.40),
    }.items():
        own = share[groups.eq(group)]
        assert len(own) > 50
        assert own.between(low - 0.0125, high + 0.0125).all(), group


def test_a_third_of_the_solutions_keep_two_support_channels(sample_assessment):
    support = sample_assessment.support_by_solution
    older = support[support["months_since_go_live"].gt(12)]
    assert 0.30 <= older["n_channels"].ge(2).mean() <= 0.40


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (("depth_by_municipality", "I04"), ("leadership_by_municipality", "I21a"), 0.30, 0.60),
        (("plan_by_municipality", "I11"), ("depth_by_municipality", "I04"), 0.10, 0.40),
        (("gains_by_municipality", "I16"), ("gains_by_municipality", "I18"), 0.35, 0.65),
    ],
    ids=["depth and training", "plan and depth", "harvest and follow-up"],
)
def test_what_the_latent_model_ties_together_is_correlated(sample_assessment, one, other, low, high):
    pair = [by_municipality(sample_assessment, *name) for name in (one, other)]
    first, second = (column.map(D3_STEP) if column.name == "I04" else column for column in pair)
    assert low <= first.astype(float).corr(second.astype(float), method="spearman") <= high


def test_about_a_fifth_of_the_eligible_purchases_go_through_the_solution(tables, sample_assessment):
    cells = sample_assessment.cells.merge(tables["solutions"][["municipality", "solution", "function"]])
    bought = cells[cells["function"].eq("purchasing") & cells["measured"]]
    assert 0.17 <= bought["through"].sum() / bought["eligible"].sum() <= 0.25


def test_a_purchase_is_on_average_used_as_intended_between_35_and_80_per_cent(sample_assessment):
    intended = sample_assessment.depth_by_solution.loc[lambda t: t["through"].gt(500), "I09"].dropna()
    assert len(intended) > 200
    assert intended.between(0.33, 0.82).all()


def test_every_municipality_has_7_to_12_solutions_and_the_common_ones_nearly_all(tables):
    solutions = tables["solutions"]
    assert solutions.groupby("municipality").size().between(7, 13).all()
    for function in ("purchasing", "invoices", "time", "post"):
        assert solutions.loc[solutions["function"].eq(function), "municipality"].nunique() > 0.9 * 55
    robots = solutions[solutions["function"].eq("robot")]["status"].value_counts()
    assert robots.to_dict() == {"planned": 32, "operation": 15}


def test_departments_grow_with_the_population(tables):
    current = tables["departments"][tables["departments"]["valid_to"].isna()]
    counts = current.groupby("municipality").size()
    population = tables["municipalities"].set_index("municipality")["population"].astype(int)
    assert counts.between(9, 24).all()
    expected = 9 + (population // 12_000).clip(upper=15)
    assert (counts - expected[counts.index]).abs().max() == 0


def test_the_data_period_is_24_to_35_months_and_usage_some_140_000_rows(tables):
    visits = tables["visits"]
    months = (visits["period_to"].dt.year - 2016) * 12 + visits["period_to"].dt.month
    assert months.between(24, 35).all()
    assert 110_000 <= len(tables["usage"]) <= 180_000


def test_invoices_are_about_two_per_inhabitant_and_year(tables, sample_assessment):
    depth = sample_assessment.depth_by_solution
    measured = depth[depth["function"].eq("invoices") & depth["evidence"].isin(["A", "B"])]
    population = tables["municipalities"].set_index("municipality")["population"].astype(float)
    per_inhabitant = measured["expected_volume"] / measured["municipality"].map(population)
    assert per_inhabitant.median() == pytest.approx(2.0, rel=0.10)
    assert per_inhabitant.between(1.5, 2.5).all()


def test_there_are_9_to_12_interviews_each_and_about_8_000_answers(tables):
    interviews = tables["interviews"].groupby("municipality").size()
    assert interviews.pop("0047") == 3
    assert interviews.between(9, 12).all()
    assert 530 <= len(tables["interviews"]) <= 590
    assert 7_000 <= len(tables["answers"]) <= 9_000


def test_one_in_eight_does_not_know_and_nearly_half_of_the_chiefs_the_share(tables):
    answers = tables["answers"].merge(tables["interviews"][["municipality", "interview", "role"]])
    unknown = answers["status"].eq("dont_know")
    claims = answers["question"].isin(["Q11", "Q12"]) & answers["role"].isin(["OC", "HRC", "DC"])
    assert 0.09 <= unknown.mean() <= 0.15
    assert 0.40 <= unknown[claims].mean() <= 0.50
    assert 0.035 <= answers["status"].eq("not_relevant").mean() <= 0.065


def test_leaders_are_more_optimistic_than_users(sample_assessment):
    scored = sample_assessment.answer_scores.loc[lambda t: t["status"].eq("answered")]
    mean = scored.groupby(["municipality", "criterion", "role_group"])["coded"].mean().unstack()
    assert 0.5 <= (mean["management"] - mean["users"]).mean() <= 1.1


def test_initiatives_and_dependencies_have_their_shares(tables):
    initiatives, dependencies = tables["initiatives"], tables["dependencies"]
    assert initiatives.groupby("municipality").size().between(8, 30).all()
    assert 0.6 <= len(dependencies) / len(initiatives) <= 0.8
    known = pd.MultiIndex.from_frame(initiatives[["municipality", "initiative"]])
    required = pd.MultiIndex.from_frame(dependencies[["municipality", "requires"]])
    assert 0.02 <= (~required.isin(known)).mean() <= 0.04
    assert 0.04 <= initiatives["start"].isna().mean() <= 0.09


def test_gains_are_6_to_20_rows_of_half_to_one_and_a_half_per_mille(tables, sample_assessment):
    assert tables["gains"].groupby("municipality").size().between(6, 20).all()
    cut = by_municipality(sample_assessment, "gains_by_municipality", "H").dropna().drop("0012")  # S07
    population = tables["municipalities"].set_index("municipality")["population"].astype(float)
    per_mille = 1_000 * cut / (45_000 * population[cut.index])
    assert per_mille.between(0.49, 1.51).all()


def test_a_gain_bearing_solution_has_3_to_6_assumptions(tables):
    assumptions = tables["assumptions"]
    ordinary = assumptions[
        assumptions["municipality"].ne("0029")
    ]  # S09 assumes five functions of one solution
    counts = ordinary.groupby(["municipality", "solution"]).size()
    assert counts.between(3, 6).all()


def test_15_municipalities_lack_denominators_for_their_new_solutions(tables):
    solutions = tables["solutions"]
    new = solutions[solutions["is_new"] & solutions["status"].eq("operation")]
    unknown = new["denominator"].isin(["unknown", "own_solution_only"]).groupby(new["municipality"]).mean()
    assert unknown.eq(1).sum() == 15
    assert unknown[unknown.lt(1)].max() < 0.34


def test_two_municipalities_deliver_no_staff_data(tables):
    assert 55 - tables["staffing"]["municipality"].nunique() == 2


def test_the_latent_values_are_correlated_as_the_model_says():
    profiles = pd.DataFrame([vars(profile) for profile in block_profiles(0, seed=2018)])
    found = profiles[["z_lead", "z_plan", "z_steer"]].corr()
    assert found.loc["z_lead", "z_steer"] == pytest.approx(0.50, abs=0.02)
    assert found.loc["z_lead", "z_plan"] == pytest.approx(0.35, abs=0.02)
    assert found.loc["z_plan", "z_steer"] == pytest.approx(0.40, abs=0.02)


def test_some_12_per_cent_of_the_cells_before_the_window_are_missing(tables):
    visits = tables["visits"].set_index("municipality")["period_to"]
    solutions = tables["solutions"]
    known = solutions[
        solutions["denominator"].isin(["all", "all_eligible"]) & ~solutions["municipality"].eq("0057")
    ]
    old = known[known["go_live"].lt("2016-01-01")]
    end = old["municipality"].map(visits)
    months_before = (end.dt.year - 2016) * 12 + end.dt.month - 12
    expected = (months_before * (old["relevant_departments"].str.count(r"\|") + 1)).sum()
    usage = tables["usage"].merge(old[["municipality", "solution"]])
    before = usage[usage["month"].le(usage["municipality"].map(visits) - pd.DateOffset(months=12))]
    assert 0.08 <= 1 - before["eligible"].notna().sum() / expected <= 0.16


def test_july_has_six_tenths_of_the_volume_of_its_neighbours(tables):
    ordinary = tables["usage"].loc[
        lambda t: t["municipality"].ne("0013") & t["month"].dt.year.eq(2017)
    ]  # S22
    volume = ordinary.groupby(["municipality", "solution", "department", ordinary["month"].dt.month])[
        "eligible"
    ].sum(min_count=1)
    months = volume.astype(float).unstack()[[6, 7, 8]].dropna().sum()
    assert 2 * months[7] / (months[6] + months[8]) == pytest.approx(0.6, abs=0.03)
