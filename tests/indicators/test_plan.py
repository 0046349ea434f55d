import numpy as np
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.indicators.plan import measure_plan
from tests.indicators.small_round import small_round

ASSUMPTIONS = load_framework().assumptions
SHARES = ["I11", "I11a", "I11b", "I11c", "I11d", "I12"]


def initiative(name, **fields):
    return {"initiative": name, "name": name, "type": "new_solution", "status": "decided"} | fields


def requires(one, other, **fields):
    return {"initiative": one, "requires": other, "type": "finish_to_start"} | fields


def card(name, **fields):
    complete = {
        "gain": f"G-{name}",
        "initiative": name,
        "business_case_kr": 100_000,
        "owner_role": "OC",
        "baseline_date": "2018-01-01",
        "indicator": "minutes",
        "target_value": 3,
        "target_date": "2019-01-01",
    }
    return complete | fields


def plan(**rows):
    return measure_plan(small_round(**rows), assumptions=ASSUMPTIONS)


def only_row(**rows):
    table = plan(**rows)["plan_by_municipality"]
    assert len(table) == 1
    return table.iloc[0]


def conflict_rows(**rows):
    """The conflicts without the columns that are missing in all of them."""
    return plan(**rows)["conflicts"].drop(columns="municipality").dropna(axis=1, how="all")


# --- completeness --------------------------------------------------------------------------------------


def twenty_initiatives():
    """Framework 4.2: of 20 initiatives 14, 10, 4 and 6 meet the four clauses."""
    return [
        initiative(
            f"I{i:02d}",
            relations_described=i < 14,
            no_dependencies=i < 10,
            start="2018-10-01",
            end="2018-12-01",
            change_admin_described=i < 4,
            change_rest_described=i < 7,
            manager_role="OC",
        )
        for i in range(20)
    ]


def test_completeness_is_the_mean_of_the_four_clauses():
    row = only_row(
        plans=[{"visit": "B1", "plan_exists": "yes", "covers_administration": True}],
        initiatives=twenty_initiatives(),
        gains=[card(f"I{i:02d}") for i in range(6)],
    )
    assert row["I11"] == pytest.approx(0.425)
    assert row[["I11a", "I11b", "I11c", "I11d"]].tolist() == pytest.approx([0.70, 0.50, 0.20, 0.30])
    assert (row["I11_class"], row["weakest_part"], row["n_initiatives"]) == ("partial", "I11c", 20)
    assert (row["status"], row["P2"]) == ("measured", 0.5)
    assert pd.isna(row["reason"])


@pytest.mark.parametrize(
    ("head", "share", "expected"),
    [
        ({"plan_exists": "yes", "covers_administration": True}, 0.7, "plan"),
        ({"plan_exists": "yes"}, 0.6, "partial"),
        ({"plan_exists": "partly", "covers_administration": True}, 0.7, "plan"),
        ({"plan_exists": "yes", "covers_administration": False}, 0.9, "no_plan"),
        ({"plan_exists": "no", "covers_administration": True}, 0.9, "no_plan"),
    ],
)
def test_a_plan_that_is_absent_or_for_citizens_only_is_no_plan_however_complete(head, share, expected):
    n = round(share * 10)
    met = [
        initiative(
            f"I{i}",
            relations_described=i < n,
            no_dependencies=True if i < n else None,
            start="2018-10-01",
            go_live="2018-12-01",
            change_admin_described=i < n,
            change_rest_described=i < n,
            manager_role="OC",
        )
        for i in range(10)
    ]
    cards = [card(f"I{i}") for i in range(n)]
    row = only_row(plans=[{"visit": "B1"} | head], initiatives=met, gains=cards)
    assert row["I11"] == pytest.approx(share)
    assert row["I11_class"] == expected


def test_what_a_municipality_never_said_is_missing_and_not_zero():
    row = only_row(
        initiatives=[initiative("A", relations_described=True), initiative("B", start="2018-10-01")]
    )
    assert row[["I11a", "I11"]].tolist() == [0.5, 0.5]
    assert row[["I11b", "I11c", "I11d", "I12", "P2", "I15", "n_benefit_cards", "K5"]].isna().all()
    assert row[["K1", "K2", "K3", "K4", "K6", "K7", "n_dependencies", "conflict_rate"]].eq(0).all()


def test_finished_and_stopped_initiatives_are_not_open():
    row = only_row(
        initiatives=[
            initiative("A", relations_described=True),
            initiative("B", relations_described=False, status="finished"),
            initiative("C", relations_described=False, status="stopped"),
        ]
    )
    assert (row["n_initiatives"], row["I11a"]) == (1, 1.0)


def test_nothing_delivered_is_not_examined_and_a_plan_without_open_initiatives_cannot_be_said():
    table = plan(
        municipalities=[{"municipality": code} for code in ("0001", "0002", "0003", "0004")],
        visits=[{"municipality": code, "visit": f"B{code}"} for code in ("0001", "0002", "0003", "0004")],
        plans=[{"visit": "B0001", "plan_exists": "no"}],
        initiatives=[
            initiative("A", municipality="0003", status="finished"),
            initiative("A", municipality="0004", relations_described=True),
        ],
    )["plan_by_municipality"]
    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0002", "0003", "0004"],
            "I11_class": ["no_plan", np.nan, "partial", "plan"],
            "status": ["cannot_be_said", "not_examined", "cannot_be_said", "measured"],
            "reason": ["no_initiatives", "not_delivered", "no_initiatives", np.nan],
        }
    )
    got = table[["municipality", "I11_class", "status", "reason"]]
    pd.testing.assert_frame_equal(got, expected)
    assert table[SHARES].iloc[:3].isna().all(axis=None)


def test_the_plan_head_is_that_of_the_latest_visit_and_ages_to_its_end():
    row = only_row(
        visits=[
            {"visit": "B2", "end_date": "2018-09-30"},
            {"visit": "B1", "end_date": "2018-03-31", "period_to": "2018-02-01"},
        ],
        plans=[
            {"visit": "B2", "plan_exists": "partly", "decided_by": "heads", "decided_date": "2017-06-15"},
            {"visit": "B1", "plan_exists": "no", "last_updated": "2018-01-01"},
        ],
    )
    assert (row["plan_exists"], row["decided_by"], row["plan_age_months"]) == ("partly", "heads", 15)


# --- sequence ------------------------------------------------------------------------------------------


def test_a_start_before_a_hard_prerequisite_ends_is_an_overlap_of_three_months():
    got = conflict_rows(
        initiatives=[
            initiative("A", start="2018-01-01", end="2018-06-01"),
            initiative("B", start="2018-04-01", end="2018-12-01"),
        ],
        dependencies=[requires("B", "A", hard=True)],
    )
    expected = pd.DataFrame({"conflict": ["K2"], "initiative": ["B"], "requires": ["A"], "months": [3.0]})
    pd.testing.assert_frame_equal(got, expected)


@pytest.mark.parametrize(
    ("dependency", "start", "status", "n"),
    [
        ({"hard": True}, "2018-06-01", "decided", 1),
        ({"hard": True}, "2018-07-01", "decided", 0),
        ({"hard": False}, "2018-04-01", "decided", 0),
        ({}, "2018-04-01", "decided", 1),
        ({"type": "data"}, "2018-04-01", "decided", 0),
        ({"type": "live_to_live"}, "2018-04-01", "decided", 1),
        ({}, "2018-04-01", "finished", 0),
    ],
    ids=["same month", "the month after", "soft", "not said", "data", "live", "already finished"],
)
def test_too_early_depends_on_the_kind_of_dependency(dependency, start, status, n):
    row = only_row(
        initiatives=[
            initiative("A", start="2018-01-01", end="2018-06-01", go_live="2018-08-01", status=status),
            initiative("B", start=start, end="2018-12-01", go_live="2018-07-01"),
        ],
        dependencies=[requires("B", "A", **dependency)],
    )
    assert (row["K2"], row["n_dependencies"], row["conflict_rate"]) == (n, 1, n)


def test_p2_is_dependency_coverage_less_the_share_of_dependencies_in_conflict():
    dated = {"start": "2018-10-01", "end": "2018-11-01"}
    row = only_row(
        initiatives=[
            initiative("A", no_dependencies=True, **dated),
            initiative("B", start="2019-01-01", end="2019-02-01"),
            initiative("C"),
            initiative("D", **dated),
        ],
        dependencies=[
            requires("B", "A"),
            requires("B", "X"),
            requires("D", "C"),
            requires("B", "A", type="data"),
        ],
    )
    assert (row["I12"], row["conflict_rate"], row["n_dependencies"]) == (0.75, 0.5, 4)
    assert row["P2"] == pytest.approx(0.375)
    assert (row["K3"], row["K4"], row["I11b"]) == (1, 1, 0.75)


def test_a_dangling_and_an_undated_prerequisite_are_listed():
    got = conflict_rows(
        initiatives=[
            initiative("A", start="2018-10-01"),
            initiative("B"),
            initiative("F", status="finished"),
        ],
        dependencies=[requires("A", "X"), requires("A", "B"), requires("A", "F")],
    )
    expected = pd.DataFrame({"conflict": ["K3", "K4"], "initiative": ["A", "A"], "requires": ["X", "B"]})
    pd.testing.assert_frame_equal(got, expected)


def test_a_self_loop_and_two_cycles_are_three_conflicts_and_the_shortest_is_named():
    rows = {
        "initiatives": [initiative(name) for name in "ABCDEFG"],
        "dependencies": [
            *[requires("C", "A"), requires("A", "B"), requires("B", "C"), requires("B", "A")],
            *[requires("E", "D"), requires("D", "E")],
            requires("F", "F"),
            requires("G", "A"),
        ],
    }
    got = conflict_rows(**rows)
    cycles = got[got["conflict"].eq("K1")].reset_index(drop=True)
    expected = pd.DataFrame({"initiative": ["A", "D", "F"], "ids": ["A|B", "D|E", "F"]})
    pd.testing.assert_frame_equal(cycles[["initiative", "ids"]], expected)
    row = only_row(**rows)
    assert (row["K1"], row["cycle_text_ids"], row["conflict_rate"]) == (3, "F", 1.0)


def test_only_the_links_inside_a_cycle_are_in_conflict_with_it():
    dated = {"start": "2018-10-01", "end": "2018-12-01"}
    rows = {
        "initiatives": [initiative(name, **dated) for name in "ABC"] + [initiative("D", start="2019-01-01")],
        "dependencies": [
            *[requires(one, other, hard=False) for one, other in ("AB", "BC", "CA")],
            requires("D", "A"),
        ],
    }
    row = only_row(**rows)
    assert (row["K1"], row["cycle_text_ids"], row["conflict_rate"]) == (1, "A|B|C", 0.75)
    timeline = plan(**rows)["timeline"]
    assert timeline["initiative"].tolist() == ["A", "B", "C", "D"]
    assert timeline["conflict"].tolist()[:3] == ["K1"] * 3
    assert timeline["conflict"].isna().tolist() == [False, False, False, True]


def test_cycles_do_not_join_municipalities_that_use_the_same_ids():
    both = [{"municipality": "0001"}, {"municipality": "0002"}]
    table = plan(
        municipalities=both,
        visits=[place | {"visit": f"B{place['municipality']}"} for place in both],
        initiatives=[initiative(name, **place) for name in "AB" for place in both],
        dependencies=[requires("A", "B"), requires("B", "A", municipality="0002")],
    )["plan_by_municipality"]
    assert table["K1"].tolist() == [0, 0]


def test_the_longest_chain_adds_the_months_of_those_that_wait_and_leaves_cycles_out():
    row = only_row(
        initiatives=[
            initiative("A", start="2018-01-01", end="2018-06-01"),
            initiative("B", start="2018-07-01", go_live="2018-09-01"),
            initiative("C", start="2018-10-01", end="2018-10-01"),
            initiative("D", start="2018-01-01", end="2018-08-01"),
            initiative("E"),
            initiative("F", start="2018-01-01", end="2018-05-01"),
            initiative("G", start="2018-01-01", end="2018-05-01"),
        ],
        dependencies=[
            *[requires("B", "A"), requires("C", "B"), requires("E", "C")],
            *[requires("F", "G"), requires("G", "F")],
        ],
    )
    assert row["longest_chain_months"] == 6 + 3 + 1


def test_a_plan_without_dates_has_no_chain():
    row = only_row(initiatives=[initiative("A"), initiative("B")], dependencies=[requires("A", "B")])
    assert pd.isna(row["longest_chain_months"])


def robot_round(robot_live, replaced, **fields):
    payroll = {"solution": "S-PAY", "function": "payroll", "status": "operation"}
    robot = {"solution": "S-ROB", "function": "robot", "underlying_solution": "S-PAY", "status": "planned"}
    return {
        "solutions": [payroll, robot],
        "initiatives": [
            initiative("ROB", type="robot", solution="S-ROB", go_live=robot_live),
            initiative("NEW", type="replacement", replaces_solution="S-PAY", go_live=replaced) | fields,
        ],
    }


def test_a_robot_live_four_months_before_its_system_is_replaced_is_a_conflict():
    got = conflict_rows(**robot_round("2018-10-01", "2019-02-01"))
    expected = pd.DataFrame(
        {
            "conflict": ["K6"],
            "initiative": ["ROB"],
            "requires": ["NEW"],
            "months": [4.0],
            "solution": ["S-ROB"],
            "system_solution": ["S-PAY"],
            "go_live": pd.to_datetime(["2018-10-01"]).astype("datetime64[us]"),
        }
    )
    pd.testing.assert_frame_equal(got, expected)


@pytest.mark.parametrize(
    ("replaced", "fields", "n"),
    [
        ("2019-10-01", {}, 1),
        ("2019-11-01", {}, 0),
        ("2018-08-01", {}, 1),
        ("2018-08-01", {"status": "stopped"}, 0),
        (None, {}, 0),
    ],
    ids=["12 months after", "13 months after", "before", "stopped", "undated"],
)
def test_a_robot_is_in_conflict_when_its_system_leaves_before_or_within_a_year(replaced, fields, n):
    assert only_row(**robot_round("2018-10-01", replaced, **fields))["K6"] == n


def test_a_robot_in_operation_on_a_leaving_system_is_a_conflict_without_an_initiative():
    rows = robot_round("2018-10-01", "2019-02-01")
    rows["initiatives"] = rows["initiatives"][1:]
    rows["solutions"][1] |= {"status": "operation", "go_live": "2018-03-01"}
    got = conflict_rows(**rows)
    assert got[["conflict", "requires", "months"]].to_numpy().tolist() == [["K6", "NEW", 11.0]]


def test_dependencies_of_a_robot_in_conflict_are_in_conflict():
    rows = robot_round("2018-10-01", "2019-02-01")
    dependencies = [requires("ROB", "NEW", hard=False)]
    assert only_row(**rows, dependencies=dependencies)["conflict_rate"] == 1.0


def test_a_budget_cut_from_a_year_that_begins_before_go_live_is_a_conflict_in_kroner_and_months():
    cut = {"budget_cut_kr": 300_000, "budget_year": 2018}
    got = conflict_rows(
        initiatives=[initiative("A", go_live="2018-10-01", solution="S0")],
        solutions=[{"solution": "S1", "go_live": "2018-01-01"}, {"solution": "S2", "go_live": "2019-02-01"}],
        gains=[
            {"gain": "G1", "initiative": "A", "budget_department": "D1"} | cut,
            {"gain": "G1", "initiative": "A", "budget_department": "D2"} | cut,
            {"gain": "G2", "solution": "S1"} | cut,
            {"gain": "G3", "solution": "S2"} | cut,
            {"gain": "G4", "solution": "S2", "budget_cut_kr": 0, "budget_year": 2018},
            {"gain": "G5", "solution": "S2", "budget_cut_kr": 100, "budget_year": None},
        ],
    )
    expected = pd.DataFrame(
        {
            "conflict": ["K5", "K5"],
            "initiative": ["A", np.nan],
            "months": [9.0, 13.0],
            "kr": [600_000.0, 300_000.0],
            "solution": ["S0", "S2"],
            "go_live": pd.to_datetime(["2018-10-01", "2019-02-01"]).astype("datetime64[us]"),
            "budget_year": [2018.0, 2018.0],
        }
    )
    pd.testing.assert_frame_equal(got, expected)


# --- change load ---------------------------------------------------------------------------------------


def test_four_go_lives_in_one_department_within_six_months_are_a_high_load():
    months = ["2018-07-01", "2018-10-01", "2018-11-01", "2018-12-01", "2019-03-01", "2019-04-01"]
    rows = {
        "initiatives": [
            initiative(f"I{i}", go_live=month, affected_departments="D1|D2" if i == 1 else "D1")
            for i, month in enumerate(months)
        ]
    }
    rows["initiatives"][1]["solution"] = "S1"
    got = plan(**rows)["change_load"]
    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0001"],
            "department": ["D1", "D2"],
            "go_lives": [4.0, 1.0],
            "period_from": pd.to_datetime(["2018-07-01", "2018-10-01"]).astype("datetime64[us]"),
            "period_to": pd.to_datetime(["2018-12-01", "2019-03-01"]).astype("datetime64[us]"),
            "solutions": ["S1", "S1"],
            "initiatives": ["I0|I1|I2|I3", "I1"],
        }
    )
    pd.testing.assert_frame_equal(got, expected)
    row = only_row(**rows)
    assert (row["K7"], row["I14_max"]) == (1, 4)


def test_go_lives_six_months_apart_are_not_in_the_same_period():
    months = ["2018-01-01", "2018-02-01", "2018-03-01", "2018-07-01"]
    row = only_row(
        initiatives=[initiative(f"I{i}", go_live=m, affected_departments="D1") for i, m in enumerate(months)]
    )
    assert (row["K7"], row["I14_max"]) == (0, 3)


# --- benefit cards -------------------------------------------------------------------------------------


def test_benefit_cards_are_weighted_by_expected_kroner():
    row = only_row(
        initiatives=[initiative(name) for name in "ABCD"],
        gains=[
            card("A", business_case_kr=300_000),
            card("B", business_case_kr=500_000),
            card("B", gain="G-B2", business_case_kr=100_000, owner_role=None),
            card("C", business_case_kr=100_000, target_date=None, indicator=None),
        ],
    )
    assert row["I15"] == pytest.approx(300 / 1000)
    assert (row["I11d"], row["expected_gain_kr"]) == (0.25, 1_000_000)
    counts = ["n_benefit_cards", "n_with_owner", "n_with_baseline", "n_with_indicator", "n_with_target"]
    assert row[counts].tolist() == [3, 2, 3, 2, 2]


def test_cards_count_equally_when_no_initiative_has_kroner_and_a_described_benefit_is_enough():
    row = only_row(
        initiatives=[initiative(name) for name in "ABC"],
        gains=[
            card("A", business_case_kr=None, description="fewer errors"),
            card("B", business_case_kr=None, description=" "),
        ],
    )
    assert row["I15"] == pytest.approx(1 / 3)
    assert row["expected_gain_kr"] == 0


def test_nothing_handed_in_is_changed():
    tables = small_round(
        initiatives=[initiative("A", start="2018-01-01"), initiative("B")],
        dependencies=[requires("A", "B"), requires("B", "A")],
        gains=[card("A")],
    )
    before = {name: table.copy() for name, table in tables.items()}
    measure_plan(tables, assumptions=ASSUMPTIONS)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
