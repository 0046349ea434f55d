"""Leadership of change: the vectors of framework 4.4, and what happens where data are missing."""

import numpy as np
import pandas as pd
import pytest

from klktools.indicators.leadership import measure_leadership
from tests.indicators.depth_round import ASSUMPTIONS, department, depth_tables, documented_columns, solution

# 2018-09-30 is the last day of the visit; whole years of 365.25 days before it
ONE_YEAR, TWO_YEARS, THREE_YEARS = "2017-09-30", "2016-09-30", "2015-09-30"
TABLES = [
    "leadership_by_municipality",
    "training_by_group",
    "training_by_solution",
    "support_matrix",
    "support_by_solution",
]


def leadership(**rows):
    return measure_leadership(depth_tables(**rows), assumptions=ASSUMPTIONS)


def one_municipality(**rows):
    table = leadership(**rows)["leadership_by_municipality"]
    assert len(table) == 1
    return table.iloc[0]


def users(n=100, **fields):
    return {"solution": "S", "department": "A", "users": n} | fields


def staffing(left=30, headcount=100, year=2017, **fields):
    return {"department": "A", "year": year, "headcount": headcount, "left": left} | fields


def training(persons, date, **fields):
    plain = {"training": f"U{persons}{date}", "solution": "S", "department": "A", "type": "go_live"}
    return plain | {"persons": persons, "date": date} | fields


def support(channel, **fields):
    return {"solution": "S", "channel": channel, "active_from": "2016-09-01"} | fields


def test_trained_now_is_the_framework_vector():
    found = leadership(
        users=[users()], staffing=[staffing()], training=[training(80, THREE_YEARS), training(10, ONE_YEAR)]
    )
    row = found["leadership_by_municipality"].iloc[0]

    # 80 x 0.343 + 10 x 0.7 of 100
    assert row[["I21a", "I21a_low", "I21a_high"]].tolist() == [pytest.approx(0.344, abs=5e-4)] * 3
    assert row[["q", "I21b"]].tolist() == [pytest.approx(0.3), pytest.approx(1.94, abs=5e-3)]
    assert row[["status_L2", "evidence_L2", "n_users"]].tolist() == ["measured", "B", 100]
    assert pd.isna(row["reason_L2"])
    assert found["training_by_group"]["I21a"].tolist() == [row["I21a"]]
    assert found["training_by_solution"]["trained"].tolist() == [pytest.approx(34.4, abs=0.05)]


def test_ninety_five_trained_two_years_ago_at_forty_per_cent_is_the_framework_vector():
    row = one_municipality(users=[users()], staffing=[staffing(left=40)], training=[training(95, TWO_YEARS)])

    assert row["I21a"] == pytest.approx(0.342, abs=5e-4)


@pytest.mark.parametrize(
    ("left", "years"), [(10, 6.58), (15, 4.27), (20, 3.11), (25, 2.41), (30, 1.94), (35, 1.61), (40, 1.36)]
)
def test_half_life_is_that_of_the_framework_table(left, years):
    row = one_municipality(users=[users()], staffing=[staffing(left=left)], training=[training(1, ONE_YEAR)])

    assert row["I21b"] == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize("definition", ["unknown", "own", "vive", "joined_and_left", None])
def test_a_stated_turnover_of_another_definition_gives_an_interval_from_half_of_it(definition):
    stated = staffing(left=None, turnover_stated=0.4, turnover_definition=definition)
    row = one_municipality(users=[users()], staffing=[stated], training=[training(50, ONE_YEAR)])

    # one year: 50 x 0.6 at worst, 50 x 0.8 at best; the point is the worst case
    expected = {"I21a": 0.3, "I21a_low": 0.3, "I21a_high": 0.4, "q": 0.4, "q_low": 0.2, "q_high": 0.4}
    assert row[list(expected)].tolist() == [pytest.approx(value, abs=5e-4) for value in expected.values()]
    assert row[["evidence_L2", "status_L2"]].tolist() == ["C", "estimated"]


def test_a_stated_turnover_of_leavers_is_exact():
    stated = staffing(left=None, turnover_stated=0.4, turnover_definition="left")
    row = one_municipality(users=[users()], staffing=[stated], training=[training(50, ONE_YEAR)])

    assert row[["q_low", "q_high", "evidence_L2"]].tolist() == [0.4, 0.4, "B"]


def test_the_latest_year_with_a_leaving_rate_counts_and_none_after_the_period():
    rows = [
        staffing(10, year=2015),
        staffing(20, year=2016),
        staffing(None, year=2017),
        staffing(90, year=2019),
    ]
    row = one_municipality(users=[users()], staffing=rows, training=[training(50, ONE_YEAR)])

    assert row["q"] == pytest.approx(0.2)


def test_more_leavers_than_heads_leave_nobody():
    row = one_municipality(users=[users()], staffing=[staffing(left=120)], training=[training(50, ONE_YEAR)])

    assert row[["I21a", "q", "I21b"]].tolist() == [0, 1, 0]


def test_trained_persons_are_at_most_the_users_of_each_department():
    two = {"departments": [department("A"), department("B", department_group="employment")]}
    found = leadership(
        **two,
        users=[users(10), users(30, department="B")],
        staffing=[staffing(0), staffing(0, department="B")],
        training=[training(50, ONE_YEAR), training(6, ONE_YEAR, department="B")],
    )

    assert found["leadership_by_municipality"]["I21a"].tolist() == [pytest.approx(16 / 40)]
    by_group = found["training_by_group"].set_index("department_group")
    assert by_group["I21a"].to_dict() == {"finance": 1, "employment": pytest.approx(0.2)}


def test_each_department_thins_out_at_its_own_rate():
    two = {"departments": [department("A"), department("B", department_group="employment")]}
    row = one_municipality(
        **two,
        users=[users(100), users(300, department="B")],
        staffing=[staffing(10), staffing(50, department="B")],
        training=[training(100, ONE_YEAR), training(300, ONE_YEAR, department="B")],
    )

    assert row["I21a"] == pytest.approx((90 + 150) / 400, abs=5e-4)
    assert row["q"] == pytest.approx((100 * 0.1 + 300 * 0.5) / 400)


def test_training_after_the_visit_or_in_other_solutions_does_not_count():
    row = one_municipality(
        users=[users()],
        staffing=[staffing(0)],
        training=[
            training(10, "2018-09-30"),
            training(50, "2018-10-01"),
            training(50, ONE_YEAR, solution="X"),
        ],
    )

    assert row["I21a"] == 0.1


def test_newcomers_trained_are_held_against_those_who_joined_in_a_year():
    new = {"type": "new_staff"}
    rows = [training(12, "2018-05-01", **new), training(12, "2017-05-01", **new), training(40, ONE_YEAR)]
    joined = one_municipality(users=[users()], staffing=[staffing(joined=40)], training=rows)
    unknown = one_municipality(users=[users()], staffing=[staffing(left=24)], training=rows)

    assert joined["kappa"] == pytest.approx(12 / 40)
    assert unknown["kappa"] == pytest.approx(12 / 24)


def test_onboarding_is_fixed_when_it_holds_for_most_users():
    pair = [users(60, in_onboarding=True), users(50, department="B", in_onboarding=False)]
    rows = {"staffing": [staffing(), staffing(department="B")], "training": [training(9, ONE_YEAR)]}

    assert one_municipality(users=pair, **rows)["fixed_onboarding"]
    assert not one_municipality(users=[pair[0] | {"users": 50}, pair[1]], **rows)["fixed_onboarding"]
    assert pd.isna(one_municipality(users=[users()], **rows)["fixed_onboarding"])


def test_without_staffing_only_the_training_cannot_be_said():
    found = leadership(
        users=[users(in_onboarding=True)],
        training=[training(50, ONE_YEAR)],
        support=[support("hotline"), support("guide")],
    )
    row = found["leadership_by_municipality"].iloc[0]

    assert row[["status_L2", "reason_L2", "evidence_L2"]].tolist() == ["cannot_be_said", "no_staffing", "C"]
    assert row[["I21a", "I21b", "q"]].isna().all()
    assert row["fixed_onboarding"]
    assert row[["status_L1", "I22"]].tolist() == ["measured", 1]
    assert found["training_by_group"]["evidence"].tolist() == ["D"]


def test_heads_are_not_users():
    row = one_municipality(staffing=[staffing()], training=[training(50, ONE_YEAR)])

    assert row[["status_L2", "reason_L2"]].tolist() == ["cannot_be_said", "no_users"]
    assert np.isnan(row["I21a"])


def test_without_any_list_of_training_nothing_was_examined():
    found = leadership(users=[users()], staffing=[staffing()])
    row = found["leadership_by_municipality"].iloc[0]

    assert row[["status_L2", "reason_L2", "evidence_L2"]].tolist() == ["not_examined", "not_delivered", "D"]
    assert np.isnan(row["I21a"])
    assert found["training_by_group"]["I21a"].isna().tolist() == [True]


def test_a_solution_nobody_was_trained_in_has_nobody_trained():
    found = leadership(
        solutions=[solution("S"), solution("T")],
        users=[users(), users(solution="T")],
        staffing=[staffing(0)],
        training=[training(50, ONE_YEAR)],
    )

    assert found["training_by_solution"]["I21a"].tolist() == [0.5, 0]
    assert found["training_by_solution"]["only_go_live"].tolist() == [True, False]


def test_training_by_solution_tells_go_live_training_from_continuous_training():
    found = leadership(
        solutions=[solution("S"), solution("T", go_live="2017-01-01")],
        training=[
            training(50, "2017-02-01", solution="T"),
            training(9, "2017-01-15", solution="T", type="super_user"),
            training(80, "2016-08-15"),
        ],
    )

    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0001"],
            "solution": ["S", "T"],
            "only_go_live": [True, False],
            "first_training": pd.to_datetime(["2016-08-15", "2017-01-15"]),
            "last_training": pd.to_datetime(["2016-08-15", "2017-02-01"]),
            "months_since_go_live": [23.0, 19.0],
        }
    )
    table = found["training_by_solution"]
    pd.testing.assert_frame_equal(table[list(expected)], expected, check_dtype=False)
    assert table[["users", "I21a"]].isna().all(axis=None)


def test_a_renamed_department_keeps_its_people():
    row = one_municipality(
        departments=[
            department("A", valid_to="2017-06-01"),
            department("A2", valid_from="2017-07-01", replaces="A"),
        ],
        users=[users(department="A2")],
        staffing=[staffing(40, 200, year=2016), staffing(20, year=2017, department="A2")],
        training=[training(50, TWO_YEARS), training(18, ONE_YEAR, department="A2")],
    )

    assert row["q"] == pytest.approx(0.2)
    assert row["I21a"] == pytest.approx(0.5 * 0.64 + 0.18 * 0.8, abs=5e-4)


def test_support_takes_two_running_channels_in_solutions_older_than_a_year():
    listed = [solution("S"), solution("T"), solution("U", go_live="2017-08-01")]
    found = leadership(
        solutions=[*listed, solution("V", go_live="2017-07-01")],
        support=[
            support("hotline", funding="operation"),
            support("guide", active_to="2018-09-30"),
            support("hotline", solution="T"),
            support("guide", solution="T", active_to="2018-09-29"),
            support("chat", solution="T", active_from="2018-10-01"),
        ],
    )
    row = found["leadership_by_municipality"].iloc[0]

    # U is exactly twelve months old, V thirteen and without a channel
    by_solution = found["support_by_solution"]
    assert by_solution["n_channels"].tolist() == [2, 1, 0, 0]
    assert by_solution["I22_ok"].astype(object).tolist() == [True, False, pd.NA, False]
    assert row[["I22", "n_I22_short", "n_old_solutions"]].tolist() == [pytest.approx(1 / 3), 2, 3]
    assert row[["evidence_L1", "status_L1"]].tolist() == ["B", "measured"]
    matrix = found["support_matrix"][["solution", "channel", "active"]]
    assert matrix.values.tolist() == [
        ["S", "guide", True],
        ["S", "hotline", True],
        ["T", "chat", False],
        ["T", "guide", False],
        ["T", "hotline", True],
    ]


def test_contact_with_users_takes_recent_feedback_and_a_change():
    found = leadership(
        solutions=[solution(name) for name in "STUV"],
        support=[
            support("hotline", latest_feedback="2018-03-30", changes_6m=0),
            support("guide", changes_6m=1),
            support("hotline", solution="T", latest_feedback="2018-03-29", changes_6m=3),
            support("hotline", solution="U", latest_feedback="2018-08-01", changes_6m=0),
        ],
    )
    row = found["leadership_by_municipality"].iloc[0]

    assert found["support_by_solution"]["I23_ok"].tolist() == [True, False, False, False]
    assert row[["I23", "n_I23_short", "n_I23_base"]].tolist() == [0.25, 3, 4]


def test_follow_up_takes_a_line_manager_and_two_follow_ups():
    listed = [
        solution("S", manager_role="OC", follow_ups_12m=2),
        solution("T", manager_role="OC", follow_ups_12m=1),
        solution("U", manager_role="DC", follow_ups_12m=4),
        solution("V", follow_ups_12m=4),
        solution("X", manager_role="IL", follow_ups_12m=2, go_live="2018-01-01"),
    ]
    found = leadership(solutions=listed)
    row = found["leadership_by_municipality"].iloc[0]

    assert found["support_by_solution"]["I24_ok"].astype(object).tolist() == [
        True,
        False,
        False,
        False,
        pd.NA,
    ]
    assert row[["I24", "n_I24_short", "status_L4"]].tolist() == [0.25, 3, "measured"]


def test_what_was_not_delivered_is_not_examined():
    row = one_municipality()

    for criterion in ("L1", "L2", "L3", "L4"):
        columns = [f"{kind}_{criterion}" for kind in ("evidence", "status", "reason")]
        assert row[columns].tolist() == ["D", "not_examined", "not_delivered"]
    assert row[["I22", "I23", "I24", "n_I22_short", "n_I23_short", "n_I24_short"]].isna().all()


def test_young_solutions_alone_have_no_lasting_support_yet():
    row = one_municipality(
        solutions=[solution(go_live="2018-01-01", manager_role="OC", follow_ups_12m=2)],
        support=[support("hotline", latest_feedback="2018-09-01", changes_6m=2)],
    )

    assert row[["status_L1", "reason_L1", "status_L4"]].tolist() == [
        "not_relevant",
        "no_old_solutions",
        "not_relevant",
    ]
    assert row[["I23", "status_L3", "n_old_solutions"]].tolist() == [1, "measured", 0]


def test_a_municipality_without_solutions_is_not_examined():
    row = one_municipality(solutions=[], staffing=[staffing()])

    for criterion in ("L1", "L2", "L3", "L4"):
        columns = [f"{kind}_{criterion}" for kind in ("evidence", "status", "reason")]
        assert row[columns].tolist() == ["D", "not_examined", "no_solutions"]
    assert row["n_old_solutions"] == 0


def test_tables_have_exactly_the_documented_columns():
    documented = {name: documented_columns(name) for name in TABLES}
    full = leadership(users=[users()], staffing=[staffing()], training=[training(5, ONE_YEAR)])
    empty = leadership(solutions=[], departments=[])

    assert {name: list(table.columns) for name, table in full.items()} == documented
    assert {name: list(table.columns) for name, table in empty.items()} == documented


def test_measuring_changes_none_of_its_tables():
    tables = depth_tables(users=[users()], staffing=[staffing()], training=[training(5, ONE_YEAR)])
    before = {name: table.copy(deep=True) for name, table in tables.items()}
    measure_leadership(tables, assumptions=ASSUMPTIONS)

    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
