"""What the exploration notebook asks: hand arithmetic, the framework's vectors, and the notebook itself."""

from __future__ import annotations

from dataclasses import replace

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from pandas.testing import assert_frame_equal

from klktools import explore
from klktools.dossier import open_dossier
from klktools.dossier.seal import seal_dossiers
from klktools.errors import ParameterError
from klktools.framework import load_framework
from klktools.framework.triggers import evaluate, names
from tests.conftest import ROOT, SAMPLE

PLACE = {"municipality": "0001"}
THRESHOLD = 0.25


def table(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame([PLACE | row for row in rows])


def same(left: pd.DataFrame, rows: list[dict]) -> None:
    assert_frame_equal(left, table(rows), check_dtype=False, rtol=1e-4)


def make_cells(*rows: tuple) -> pd.DataFrame:
    """Cells from (solution, department, month of 2018, expected volume, measured)."""
    columns = ["solution", "department", "month", "expected_volume", "measured"]
    cells = pd.DataFrame(rows, columns=columns).assign(municipality="0001")
    months = pd.to_datetime({"year": 2018, "month": cells["month"], "day": 1})
    return cells.assign(month=months, reason=cells["measured"].map({True: None, False: "not_delivered"}))


# --- one municipality


def test_only_one_municipality_is_kept_in_every_table_of_assessment_and_round(sample_assessment):
    own = explore.keep_one(sample_assessment, "0048")
    tables = {**own.tables, **own.round.tables, "delivered": own.round.delivered}
    held = {name: set(rows["municipality"]) for name, rows in tables.items() if "municipality" in rows}
    assert {frozenset(codes) for codes in held.values()} <= {frozenset({"0048"}), frozenset()}
    assert len(own.scores) == 17
    assert_frame_equal(own.reference, sample_assessment.reference)
    assert set(sample_assessment.municipalities["municipality"]) > {"0048"}


def test_an_unknown_municipality_is_refused_with_the_nearest(sample_assessment):
    with pytest.raises(ParameterError) as error:
        explore.keep_one(sample_assessment, "48")
    assert str(error.value) == (
        "`municipality` must be a code of the round, as text of four characters; found '48'. "
        "The nearest is 0048."
    )


def test_problems_of_whole_files_concern_every_municipality(sample_assessment):
    problems = pd.DataFrame({"municipality": ["0048", "0047", "", None], "rule": ["a", "b", "c", "d"]})
    round_ = replace(sample_assessment.round, problems=problems)
    own = explore.keep_one(replace(sample_assessment, round=round_), "0048")
    assert list(own.round.problems["rule"]) == ["a", "c", "d"]


def test_the_dossier_opened_in_passing_is_the_one_the_report_gets(sample_assessment, tmp_path):
    dossier = explore.open_one(explore.keep_one(sample_assessment, "0047"))
    seal_dossiers(sample_assessment, tmp_path)
    sealed = open_dossier(tmp_path / "0047").tables
    assert (dossier.code, dossier.name) == ("0047", "Enebærø")
    assert set(dossier.tables) == set(sealed)
    for name, rows in sealed.items():
        assert_frame_equal(dossier.tables[name], rows)


# --- what was delivered


def test_problems_are_counted_by_rule_with_the_first_of_each():
    rows = [
        ("warning", "usage", "E07", "u.csv", "D2", "over 100"),
        ("warning", "usage", "E07", "u.csv", "D9", "over 100 again"),
        ("error", "gains", "type", "g.csv", "A1", "not a number"),
    ]
    problems = pd.DataFrame(rows, columns=["severity", "table", "rule", "file", "cell", "message"])
    expected = [
        ("warning", "usage", "E07", 2.0, "u.csv", "D2", "over 100"),
        ("error", "gains", "type", 1.0, "g.csv", "A1", "not a number"),
    ]
    columns = ["severity", "table", "rule", "n", "file", "cell", "message"]
    assert_frame_equal(explore.count_by_rule(problems), pd.DataFrame(expected, columns=columns))
    assert list(explore.count_by_rule(problems.drop(columns="severity")).columns) == columns[1:]
    assert explore.count_by_rule(problems.head(0)).empty


def test_a_table_that_was_not_delivered_is_listed_as_missing_and_not_as_zero(sample_assessment):
    listed = explore.list_deliveries(explore.keep_one(sample_assessment, "0047").data_quality)
    missing = listed[~listed["delivered"]]
    assert len(listed) == 19
    assert {"gains", "training", "staffing", "usage_log"} <= set(missing["table"])
    assert missing["rows_delivered"].isna().all()
    assert listed.set_index("table").loc["departments", "rows_accepted"] == 9


def test_coverage_is_mapped_by_volume_and_by_cells_where_there_is_no_volume():
    cells = make_cells(
        ("L1", "A", 1, 30.0, True),
        ("L1", "B", 1, 10.0, False),
        ("L1", "A", 2, 30.0, False),
        ("L2", "A", 1, np.nan, True),
        ("L2", "B", 1, np.nan, False),
    )
    same(
        explore.map_coverage(cells, by="month"),
        [
            {"solution": "L1", "2018-01": 0.75, "2018-02": 0.0},
            {"solution": "L2", "2018-01": 0.5, "2018-02": np.nan},
        ],
    )
    same(
        explore.map_coverage(cells, by="department"),
        [{"solution": "L1", "A": 0.5, "B": 0.0}, {"solution": "L2", "A": 1.0, "B": 0.0}],
    )
    same(
        explore.count_reasons(cells),
        [
            {"solution": "L1", "reason": "not_delivered", "n_cells": 2, "n_departments": 2},
            {"solution": "L2", "reason": "not_delivered", "n_cells": 1, "n_departments": 1},
        ],
    )


def test_the_share_stands_under_the_denominator_it_was_delivered_with():
    common = {"months_expected": 6.0, "log_share": np.nan, "I01": np.nan, "I04": "cannot_be_said"}
    depth = table(
        [
            common
            | {"solution": "L1", "function": "invoices", "denominator": "all_eligible", "log_share": 0.3},
            common | {"solution": "L2", "function": "time", "denominator": "own_solution_only"},
            common | {"solution": "L3", "function": "time", "denominator": "unknown"},
        ]
    )
    cells = table(
        [
            {"solution": "L1", "through": 400.0, "eligible": 1000.0},
            {"solution": "L1", "through": 900.0, "eligible": np.nan},
            {"solution": "L2", "through": 50.0, "eligible": 50.0},
            {"solution": "L3", "through": 50.0, "eligible": np.nan},
        ]
    )
    found = explore.compare_denominators(
        depth, cells, table([{"population": 2000}]), assumptions={"volume_norm_invoices": 2.0}
    )
    # the norm: 2 invoices x 2,000 inhabitants x half a year is 2,000
    columns = ["of_all_eligible", "of_all", "of_own_solution_only", "of_unknown", "of_log", "of_norm"]
    expected = [[0.4, *[np.nan] * 3, 0.3, 0.2], [np.nan, np.nan, 1.0, *[np.nan] * 3], [np.nan] * 6]
    np.testing.assert_allclose(found[columns].to_numpy(dtype=float), expected)


# --- certainty: the vectors of framework 4.1


@pytest.mark.parametrize(
    ("bounds", "goal", "supposed", "needed", "extra"),
    [
        ((0.75, 0.300, 0.550, "certainly_above"), "none", np.nan, np.nan, np.nan),  # V1
        # V2: U = c x 0.2 + 1 - c is 0.25 at c = 0.75 / 0.80
        ((0.75, 0.150, 0.400, "undecided"), "certainly_not_above", 0.2, 0.9375, 0.1875),
        # V3: L = c x 0.45 is 0.25 at c = 0.25 / 0.45
        ((0.50, 0.225, 0.725, "undecided"), "certainly_above", 0.45, 0.5556, 0.0556),
        ((0.95, 0.100, 0.150, "certainly_not_above"), "none", np.nan, np.nan, np.nan),  # V4
        ((1.00, 0.2489, 0.4014, "undecided"), "larger_sample", np.nan, np.nan, np.nan),  # V5
        ((0.00, np.nan, np.nan, "cannot_be_said"), "first_figures", 1.0, 0.25, 0.25),  # V8
        ((0.50, 0.250, 0.750, "undecided"), "certainly_above", 0.5, 0.5, 0.0),  # V9
        ((0.80, 0.400, 0.600, "undecided"), "left_out_volumes", np.nan, np.nan, np.nan),
        ((np.nan, np.nan, np.nan, None), "none", np.nan, np.nan, np.nan),  # no solution at all
    ],
)
def test_what_must_be_measured_to_be_certain(bounds, goal, supposed, needed, extra):
    row = dict(zip(["I02", "I03_low", "I03_high", "I04"], bounds, strict=True))
    found = explore.need_to_measure(table([row]), threshold=THRESHOLD)
    said = {"supposed_share": supposed, "coverage_needed": needed, "extra_coverage": extra}
    assert list(found["goal"]) == [goal]
    np.testing.assert_allclose(found[list(said)].iloc[0].astype(float), list(said.values()), atol=5e-5)


def test_measuring_exactly_the_coverage_needed_settles_every_undecided_sample_solution(sample_assessment):
    depth = sample_assessment.depth_by_solution
    needs = explore.need_to_measure(depth, threshold=THRESHOLD)
    helped = needs[needs["goal"].isin(["certainly_above", "certainly_not_above"])]
    low = helped["coverage_needed"] * helped["supposed_share"]
    edge = low.where(helped["goal"].eq("certainly_above"), low + 1 - helped["coverage_needed"])
    assert len(helped) > 20
    np.testing.assert_allclose(edge, THRESHOLD)
    assert helped["coverage_needed"].between(helped["I02"], 1).all()


CELLS = make_cells(
    *[("L1", "M", month, 20.0, True) for month in range(1, 6)],
    *[("L1", "X", month, 10.0, False) for month in range(1, 5)],
    *[("L1", "Y", month, 20.0, False) for month in range(1, 4)],
)


def rank(**need: object) -> pd.DataFrame:
    start = {"solution": "L1", "I02": 0.5, "goal": "certainly_above", "extra_coverage": 0.15}
    return explore.rank_departments(CELLS, table([start | need]))


def test_departments_to_measure_come_by_missing_volume_and_stop_when_it_is_enough():
    common = {"solution": "L1", "goal": "certainly_above", "reason": "not_delivered"}
    # 200 in all, 100 measured; a month of Y is a tenth, of X a twentieth: 0.15 takes two months of Y
    expected = [
        ("Y", 3, 2, 0.3, 0.8),
        ("X", 4, 0, 0.2, 1.0),
    ]
    columns = ["department", "months_missing", "months_needed", "part_missing", "coverage_after"]
    rows = [common | dict(zip(columns, row, strict=True)) for row in expected]
    assert_frame_equal(rank(), table(rows)[rank().columns], check_dtype=False)


def test_above_is_strictly_above_and_not_above_may_lie_at_the_threshold():
    # two months of Y measure exactly 0.2: L = 0.25 is not above, U = 0.25 is not above either
    assert rank(extra_coverage=0.2)["months_needed"].sum() == 3
    assert rank(extra_coverage=0.2, goal="certainly_not_above")["months_needed"].sum() == 2
    assert rank(extra_coverage=0.0)["months_needed"].sum() == 1
    assert rank(extra_coverage=0.35)["months_needed"].tolist() == [3, 2]
    assert rank(extra_coverage=np.nan, goal="larger_sample").empty


def test_solutions_to_measure_come_by_missing_volume_and_only_new_ones_with_a_volume_count():
    columns = ["solution", "function", "is_new", "left_out", "expected_volume", "I02"]
    rows = [
        ("L1", "invoices", True, False, 600.0, 0.5),
        ("L2", "time", True, False, 360.0, 0.0),
        ("L3", "post", True, False, 40.0, 1.0),
        ("L4", "budget", True, True, np.nan, 0.0),
        ("L5", "travel", False, False, 900.0, 0.0),
    ]
    depth = table([dict(zip(columns, row, strict=True)) for row in rows])
    # c = 0.3 + 0.04; L = 0.6 x 0.2 + 0.04 x 0.5 = 0.14, so the measured share is 0.14 / 0.34
    whole = table([{"I02": 0.34, "I03_low": 0.14, "I03_high": 0.8, "I04": "undecided"}])
    needs = explore.need_to_measure(whole, threshold=THRESHOLD)
    np.testing.assert_allclose(needs["coverage_needed"], 0.25 * 0.34 / 0.14)
    found = explore.rank_solutions(depth, needs)
    expected = [
        ("L2", "time", True, 0.36, 0.0, 0.36, 0.70),
        ("L1", "invoices", False, 0.60, 0.5, 0.30, 1.00),
    ]
    columns = ["solution", "function", "needed", "volume_share", "I02", "part_missing", "coverage_after"]
    rows = [{"goal": "certainly_above"} | dict(zip(columns, row, strict=True)) for row in expected]
    assert_frame_equal(found, table(rows)[found.columns])


# --- plan, gains and training


def test_dependencies_are_laid_out_in_their_order_with_their_conflicts():
    dates = {"A": "2018-01", "B": "2018-03", "C": "2018-05", "D": "2018-07", "E": "2018-09"}
    rows = [{"initiative": key, "name": f"name {key}", "start": start} for key, start in dates.items()]
    initiatives = table(rows).assign(go_live=pd.Timestamp("2019-01-01"), end=pd.NaT)
    pairs = [("A", "B"), ("B", "C"), ("D", "E"), ("E", "D"), ("C", "Z")]
    dependencies = table([{"initiative": one, "requires": other} for one, other in pairs])
    dependencies = dependencies.assign(type="data", hard=True)
    conflicts = table(
        [
            {"conflict": "K1", "initiative": "D", "requires": None},
            {"conflict": "K2", "initiative": "A", "requires": "B"},
            {"conflict": "K4", "initiative": "A", "requires": "B"},
            {"conflict": "K3", "initiative": "C", "requires": "Z"},
        ]
    )
    found = explore.trace_dependencies(dependencies, initiatives, conflicts)
    shown = found[["step", "initiative", "requires", "requires_name", "conflict"]]
    expected = [
        (0.0, "D", "E", "name E", "K1"),
        (0.0, "E", "D", "name D", "K1"),
        (1.0, "C", "Z", np.nan, "K3"),
        (2.0, "B", "C", "name C", ""),
        (3.0, "A", "B", "name B", "K2|K4"),
    ]
    assert_frame_equal(shown, pd.DataFrame(expected, columns=shown.columns))
    assert explore.trace_dependencies(dependencies.head(0), initiatives, conflicts).empty


GAIN = {
    **{"solution": "L1", "bc_kr": 2_000_000.0, "cut_kr": 2_000_000.0},
    **{
        "I19F": 0.9,
        "I19U": 0.3125,
        "I19T": 4 / 7,
        "F_measured": True,
        "U_measured": True,
        "T_measured": True,
    },
}
CAP = {"usage_factor_cap": 1.2}


@pytest.mark.parametrize(
    ("changes", "supposed", "realised", "gap"),
    [
        ({}, {}, 321_429, 1_678_571),  # the vector of I20
        ({}, {"usage": 1.0}, 1_028_571, 971_429),
        ({}, {"functionality": 1.0, "usage": 2.0, "time": 2.0}, 2_880_000, -880_000),  # capped at 1.2
        ({}, {"time": -0.5}, -281_250, 2_000_000),  # slower than before explains nothing
        ({"T_measured": False}, {}, np.nan, np.nan),
        ({"T_measured": False}, {"time": 4 / 7}, 321_429, 1_678_571),
    ],
)
def test_what_if_multiplies_the_business_case_by_what_is_measured_or_supposed(
    changes, supposed, realised, gap
):
    found = explore.what_if(table([GAIN | changes]), **supposed, assumptions=CAP)
    np.testing.assert_allclose(found[["supposed_kr", "gap_kr"]].iloc[0], [realised, gap], atol=0.5)


def test_a_solution_without_a_business_case_has_no_what_if():
    assert explore.what_if(table([GAIN | {"bc_kr": np.nan}]), assumptions=CAP).empty


def test_training_thins_out_as_the_vectors_of_the_framework_say():
    group = {"solution": "L1", "department_group": "finance", "users": 100.0, "I21a": 0.95, "q": 0.4}
    groups = table([group | {"kappa": 0.85}])
    expected = {"department_group": "finance", "users": 100.0, "q": 0.4, "half_life": 1.3569}
    alone = {"newcomers": 0.0, "now": 0.95, "in_2": 0.342}
    same(explore.project_training(groups, years=[2], newcomers=0.0), [expected | alone])
    kept_up = {"newcomers": 0.85, "now": 0.95, "in_2": 0.886}
    same(explore.project_training(groups, years=[2]), [expected | kept_up])


def test_a_group_is_the_mean_over_its_solutions_by_users_without_the_unknown():
    rows = [
        {"solution": "L1", "users": 30.0, "I21a": 1.0, "q": 0.5, "kappa": 0.0},
        {"solution": "L2", "users": 10.0, "I21a": 0.6, "q": 0.1, "kappa": 0.0},
        {"solution": "L3", "users": 90.0, "I21a": np.nan, "q": 0.1, "kappa": 0.0},
    ]
    found = explore.project_training(table(rows).assign(department_group="finance"), years=[1])
    # now (30 x 1 + 10 x 0.6) / 40; in a year (30 x 0.5 + 10 x 0.54) / 40; q (15 + 1) / 40
    expected = [["finance", 40.0, 0.4, np.log(2) / -np.log(0.6), 0.0, 0.9, 0.51]]
    columns = ["department_group", "users", "q", "half_life", "newcomers", "now", "in_1"]
    same(found, [dict(zip(columns, row, strict=True)) for row in expected])


# --- interviews


def test_answers_are_compared_by_role_group():
    columns = ["question", "role_group", "coded", "status"]
    rows = [
        ("Q09", "management", 4.0, "answered"),
        ("Q09", "management", 3.0, "answered"),
        ("Q09", "users", 1.0, "answered"),
        ("Q09", "users", np.nan, "dont_know"),
        ("Q09", "management", np.nan, "not_relevant"),
        ("Q13", "users", 0.0, "dont_know"),
    ]
    answers = table([dict(zip(columns, row, strict=True)) | {"criterion": "D1"} for row in rows])
    none = {"staff_representatives": np.nan, "n_staff_representatives": 0.0}
    expected = [
        {"question": "Q09", "management": 3.5, "users": 1.0, "n_management": 2.0, "n_users": 1.0, "gap": 2.5}
        | {"n_dont_know": 1, "n_not_relevant": 1},
        {"question": "Q13", "users": 0.0, "n_management": 0.0, "n_users": 1.0}
        | {"n_dont_know": 1, "n_not_relevant": 0},
    ]
    found = explore.compare_role_groups(answers)
    whole = table([{"criterion": "D1", "management": np.nan, "gap": np.nan} | none | row for row in expected])
    assert_frame_equal(found, whole[found.columns])


ANSWERS = table(
    [
        {"interview": "N1", "question": "Q12", "status": "dont_know", "dont_know_reason": "nobody_measures"},
        {"interview": "N2", "question": "Q12", "status": "dont_know", "dont_know_reason": "nobody_measures"},
        {"interview": "N2", "question": "Q11", "status": "dont_know", "dont_know_reason": None},
        {"interview": "N3", "question": "Q11", "status": "dont_know", "dont_know_reason": "not_my_role"},
        {"interview": "N1", "question": "Q26", "status": "answered", "theme": "ledelse"},
        {"interview": "N2", "question": "Q26", "status": "answered", "theme": "ledelse"},
        {"interview": "N2", "question": "Q26", "status": "answered", "theme": "måling"},
        {"interview": "N3", "question": "Q26", "status": "answered", "theme": "måling"},
    ]
)
INTERVIEWS = table(
    [
        {"interview": "N1", "role": "OC", "duplicate_of": None},
        {"interview": "N2", "role": "DC", "duplicate_of": None},
        {"interview": "N3", "role": "AM", "duplicate_of": "N1"},  # the same talk noted twice
    ]
)


def test_who_does_not_know_is_counted_by_reason_without_duplicated_interviews():
    same(
        explore.count_dont_know(ANSWERS, INTERVIEWS),
        [
            {"question": "Q11", "dont_know_reason": np.nan, "n": 1, "roles": "DC"},
            {"question": "Q12", "dont_know_reason": "nobody_measures", "n": 2, "roles": "DC|OC"},
        ],
    )


def test_the_themes_of_the_open_question_are_counted():
    same(
        explore.count_themes(ANSWERS, INTERVIEWS),
        [{"theme": "ledelse", "n": 2, "roles": "DC|OC"}, {"theme": "måling", "n": 1, "roles": "DC"}],
    )


def test_the_consensus_meeting_gets_what_is_uncertain_or_disputed():
    plain = {"S": 2.0, "I": 2.0, "R": 2.0, "provisional": False, "capped": False, "consensus": 2.0}
    plain |= {"evidence": "A", "basis": "data", "deviation_reason": None}
    changes = {
        "P1": {},
        "P2": {"consensus": 3.0},
        "P3": {"consensus": 2.5},
        "D1": {"capped": True, "provisional": True, "consensus": np.nan},
        "L1": {"consensus": 1.0},
        "L2": {"S": np.nan, "R": np.nan, "consensus": np.nan},
    }
    scores = table([plain | {"criterion": criterion} | change for criterion, change in changes.items()])
    differences = table(
        [
            {"visit": "B2", "criterion": "L1", "lowest": 1.0, "highest": 3.0, "difference": 2.0},
            {"visit": "B1", "criterion": "P1", "lowest": 0.0, "highest": 4.0, "difference": 4.0},
        ]
    )
    visits = table([{"visit": "B1", "period_to": "2017-01"}, {"visit": "B2", "period_to": "2018-01"}])
    visits = visits.assign(status="released", end_date=visits["period_to"])
    found = explore.list_for_consensus(scores, differences, visits, assumptions={"max_deviation": 1.0})
    assert dict(zip(found["criterion"], found["discuss"], strict=True)) == {
        "P2": "deviates",
        "D1": "provisional|capped",
        "L1": "differ|deviates",
    }
    assert found.loc[2, ["lowest", "highest", "difference"]].tolist() == [1.0, 3.0, 2.0]


# --- triggers and near misses

FRAMEWORK = load_framework()
GRID = pd.DataFrame({"a": [0.0, 0.5, 0.9, 1.05, 2.0, np.nan], "b": [3.0, 2.0, 1.9, 1.8, 1.0, 2.0]})


@pytest.mark.parametrize(
    ("condition", "written_anew"),
    [
        ("a < 0.30", ["a < (0.3 + 0.1 * abs(0.3))"]),
        ("a <= -1.0", ["a <= (-1.0 + 0.1 * abs(-1.0))"]),
        ("a >= 0.5 * b", ["a >= (0.5 * b - 0.1 * abs(0.5 * b))"]),
        (
            "a < 1 and  (b >= 2 or b == 0)",
            [
                "a < (1 + 0.1 * abs(1)) and (b >= 2 or b == 0)",
                "a < 1 and (b >= (2 - 0.1 * abs(2)) or b == 0)",
            ],
        ),
        ("not a > 1", ["not a > (1 + 0.1 * abs(1))"]),
        ("kind == 'æble' and a > 1", ["kind == 'æble' and a > (1 - 0.1 * abs(1))"]),
        ("kind in ('x', 'y')", []),
        ("known(a)", []),
    ],
)
def test_each_threshold_is_relaxed_alone(condition, written_anew):
    assert [relaxed for *_, relaxed in explore.relax(condition, margin=0.1)] == written_anew


@pytest.mark.parametrize("condition", ["a < 1", "a >= 1 or b > 2", "not (a < 1 or b <= 1.9)", "a > 0.5 * b"])
def test_what_holds_still_holds_when_relaxed(condition):
    holds = evaluate(condition, GRID)
    for *_, relaxed in explore.relax(condition, margin=0.1):
        assert (evaluate(relaxed, GRID) | ~holds).all()
    assert any(
        (evaluate(relaxed, GRID) & ~holds).any() for *_, relaxed in explore.relax(condition, margin=0.1)
    )


@pytest.mark.parametrize("rule", FRAMEWORK.findings, ids=lambda rule: rule.id)
def test_every_trigger_of_the_catalogue_can_be_relaxed(rule):
    for condition, left, right, relaxed in explore.relax(rule.trigger, margin=0.1):
        assert names(relaxed) == names(rule.trigger)
        assert names(left) | names(right) == names(condition)


def test_a_near_miss_is_within_the_margin_trusted_and_not_a_finding_already():
    rule = next(rule for rule in FRAMEWORK.findings if rule.id == "F-G03")
    assert (rule.trigger, rule.requires) == ("I19F < 0.70", "F_measured")
    rows = {
        "L1": (0.72, True),  # near
        "L2": (0.72, False),  # not measured
        "L3": (0.80, True),  # far
        "L4": (0.65, True),  # a finding
        "L5": (np.nan, True),  # unknown
        "L6": (0.70, True),  # at the threshold
    }
    facts = {
        "solution": table(
            [{"solution": key, "I19F": value, "F_measured": flag} for key, (value, flag) in rows.items()]
        )
    }
    only = replace(FRAMEWORK, findings=(rule,))
    common = {"finding": "F-G03", "severity": "high", "condition": "I19F < 0.7", "limit": 0.7}
    expected = table([common | {"subject": "L1", "value": 0.72}, common | {"subject": "L6", "value": 0.70}])
    found = explore.near_misses(facts, framework=only)
    assert_frame_equal(found, expected[found.columns])
    assert explore.near_misses(facts, framework=only, margin=0.01)["subject"].tolist() == ["L6"]
    assert explore.near_misses({"solution": facts["solution"].tail(0)}, framework=only).empty


def test_near_misses_of_the_sample_are_not_among_its_findings(sample_assessment):
    own = explore.keep_one(sample_assessment, "0048")
    misses = explore.near_misses(explore.gather(own, framework=FRAMEWORK), framework=FRAMEWORK)
    fired = pd.MultiIndex.from_frame(own.finding_subjects[["finding", "subject"]])
    assert len(misses) > 0
    assert not pd.MultiIndex.from_frame(misses[["finding", "subject"]]).isin(fired).any()
    distance = (misses["value"] - misses["limit"]).abs() / misses["limit"].abs()
    assert (distance <= 0.1 + 1e-9).all()


def test_findings_stand_beside_their_triggers_by_rank(sample_assessment):
    own = explore.keep_one(sample_assessment, "0048")
    listed = explore.list_triggers(own.findings, FRAMEWORK.findings)
    assert listed["rank"].tolist() == list(range(1, len(own.findings) + 1))
    triggers = {rule.id: rule.trigger for rule in FRAMEWORK.findings}
    assert listed["trigger"].tolist() == [triggers[finding] for finding in listed["finding"]]


# --- the notebook


@pytest.mark.parametrize("municipality", ["0048", "0047"])
def test_the_notebook_runs_on_a_rich_and_on_an_almost_empty_municipality(municipality, tmp_path):
    run = papermill.execute_notebook(
        ROOT / "notebooks" / "explore.ipynb",
        tmp_path / "run.ipynb",
        parameters={"municipality": municipality, "data": str(SAMPLE)},
        progress_bar=False,
    )
    nbformat.validate(run)
    outputs = [output for cell in run.cells if cell.cell_type == "code" for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"execute_result", "display_data"}
    assert len(outputs) > 30
    drawings = [output for output in outputs if "klk-svg" in "".join(output.data.get("text/html", ""))]
    assert len(drawings) >= 4
