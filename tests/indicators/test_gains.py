import numpy as np
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.indicators.gains import measure_gains
from tests.indicators.small_round import small_round

ASSUMPTIONS = load_framework().assumptions
NO_DEPTH = pd.DataFrame(
    {
        "municipality": pd.Series(dtype="str"),
        "solution": pd.Series(dtype="str"),
        "I01": pd.Series(dtype=float),
        "expected_volume": pd.Series(dtype=float),
        "evidence": pd.Series(dtype="str"),
    }
)
DEPARTMENTS = [
    {"department": name, "department_group": group, "core_welfare": core, "valid_from": "2007-01-01"}
    for name, group, core in (
        ("FIN", "finance", False),
        ("HR", "hr_payroll", False),
        ("SCHOOL", "children_youth", True),
        ("CARE", "social_health", True),
    )
]
PARTS = ["in_place_kr", "undocumented_kr", "elsewhere_kr", "core_welfare_kr", "across_kr"]


def gain(name, expected, placed, cut, documented, **fields):
    row = {
        "gain": name,
        "gain_type": "budget",
        "duration": "permanent",
        "price_level": "2018-pl",
        "expected_department": expected,
        "budget_department": placed,
        "budget_cut_kr": cut,
        "realised_kr": documented,
        "documentation": "measured",
    }
    return row | fields


def assumption(name, kind, assumed, measured, **fields):
    row = {
        "assumption": name,
        "solution": "S1",
        "type": kind,
        "description": name,
        "assumed_value": assumed,
        "measured_value": measured,
        "method": "system",
    }
    return row | fields


def depth(*rows):
    """Rows of (solution, share, expected volume)."""
    table = pd.DataFrame(rows, columns=["solution", "I01", "expected_volume"])
    return table.assign(municipality="0001", evidence="A")


def gains(depth_by_solution=NO_DEPTH, **rows):
    tables = small_round(**({"departments": DEPARTMENTS} | rows))
    return measure_gains(tables, depth_by_solution, assumptions=ASSUMPTIONS)


def only_row(depth_by_solution=NO_DEPTH, **rows):
    table = gains(depth_by_solution, **rows)["gains_by_municipality"]
    assert len(table) == 1
    return table.iloc[0]


def only_solution(depth_by_solution=NO_DEPTH, **rows):
    table = gains(depth_by_solution, **rows)["gains_by_solution"]
    assert table["solution"].tolist() == ["S1"]
    return table.iloc[0]


def judged(row, criterion):
    codes = row[[f"status_{criterion}", f"reason_{criterion}", f"evidence_{criterion}"]]
    return [None if pd.isna(code) else code for code in codes]


# --- harvested where sown ------------------------------------------------------------------------------

VECTOR = [
    gain("G1", "FIN", "FIN", 400_000, 300_000),
    gain("G2", "FIN", "SCHOOL", 600_000, 0),
    gain("G3", "HR", "HR", 200_000, 200_000, documentation="computed"),
    gain("G4", "CARE", "CARE", 300_000, 50_000),
]


def test_the_framework_vector_is_laid_out_in_kroner_and_shares():
    row = only_row(gains=VECTOR)
    assert row[["H", *PARTS]].tolist() == [1_500_000, 550_000, 350_000, 0, 600_000, 0]
    assert row["I16"] == pytest.approx(0.3667, abs=5e-5)
    assert (row["I17"], row["undocumented_share"]) == (0.4, pytest.approx(0.2333, abs=5e-5))
    assert row["I17r"] == pytest.approx(0.5667, abs=5e-5)
    assert (row["n_gains"], row["one_off_kr"], row["n_price_levels"]) == (4, 0, 1)
    assert judged(row, "G1") == ["measured", None, "B"]


def test_the_ledger_has_one_row_for_each_cut_and_its_parts_sum_to_the_cut():
    got = gains(
        gains=[
            gain("G1", "FIN", "FIN", 400, 300),
            gain("G1", "FIN", "HR", 100, 0),
            gain("G2", "FIN", "FAELLES", 50, 50),
            gain("G3", "CARE", "CARE", 70, 90, documentation="estimate", initiative="A"),
            gain("G4", "FIN", "FIN", 0, 100),
            gain("G5", "FIN", None, 30, 30),
        ],
        initiatives=[{"initiative": "A", "solution": "S9"}],
    )["gain_ledger"]
    columns = ["gain", "budget_department", "budget_group", "cut_kr", "documented_kr", *PARTS]
    rows = [
        ["G1", "FIN", "finance", 400, 300, 300, 100, 0, 0, 0],
        ["G1", "HR", "hr_payroll", 100, 0, 0, 0, 100, 0, 0],
        ["G2", "ACROSS_THE_BOARD", np.nan, 50, 50, 0, 0, 0, 0, 50],
        ["G3", "CARE", "social_health", 70, 0, 0, 70, 0, 0, 0],
        ["G5", "ACROSS_THE_BOARD", np.nan, 30, 30, 0, 0, 0, 0, 30],
    ]
    pd.testing.assert_frame_equal(got[columns], pd.DataFrame(rows, columns=columns), check_dtype=False)
    assert (got[PARTS].sum(axis=1) == got["cut_kr"]).all()
    assert got["undocumented_core_kr"].tolist() == [0, 0, 0, 70, 0]
    assert got["solution"].tolist()[3] == "S9"


def test_a_cut_in_a_renamed_department_is_in_place_and_one_in_an_unknown_place_is_elsewhere():
    renamed = {"department": "ECO", "department_group": "finance", "core_welfare": False}
    row = only_row(
        departments=[*DEPARTMENTS, renamed | {"replaces": "FIN", "valid_from": "2017-07-01"}],
        gains=[gain("G1", "FIN", "ECO", 100, 100), gain("G2", "FIN", "NOWHERE", 300, 300)],
    )
    assert row[PARTS].tolist() == [100, 0, 300, 0, 0]
    assert row["I16"] == 0.25


def test_documented_more_than_cut_counts_no_more_than_the_cut_and_negative_counts_nothing():
    row = only_row(gains=[gain("G1", "FIN", "FIN", 100, 250), gain("G2", "FIN", "FIN", 100, -20)])
    assert (row["in_place_kr"], row["undocumented_kr"], row["I16"]) == (100, 100, 0.5)
    assert row["evidence_G1"] == "A"


def test_one_off_gains_and_other_price_levels_are_kept_apart():
    row = only_row(
        gains=[
            gain("G1", "FIN", "FIN", 100, 100),
            gain("G2", "FIN", "FIN", 100, 0),
            gain("G3", "FIN", "FIN", 70, 70, duration="one_off"),
            gain("G4", "FIN", "FIN", 900, 900, price_level="2017-pl"),
            gain("G5", "FIN", "FIN", 900, 900, price_level=None),
        ]
    )
    assert (row["H"], row["I16"], row["one_off_kr"], row["n_price_levels"]) == (200, 0.5, 70, 3)


def test_no_gains_are_not_examined_and_gains_without_a_cut_cannot_be_said():
    nothing = only_row()
    assert judged(nothing, "G1") == ["not_examined", "not_delivered", None]
    assert nothing[["H", "I16", "n_gains"]].isna().all()
    uncut = only_row(gains=[gain("G1", "FIN", None, None, None, business_case_kr=500)])
    assert judged(uncut, "G1") == ["cannot_be_said", "no_cut", None]
    assert (uncut["H"], uncut["n_gains"], np.isnan(uncut["I16"])) == (0, 0, True)


# --- the assumptions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("measured", "expected"), [(8, 0.571), (14, -0.286)])
def test_time_achieved_is_the_share_of_the_assumed_saving(measured, expected):
    row = only_row(assumptions=[assumption("T", "time_per_task", 5, measured, baseline_value=12)])
    assert row["I19T"] == pytest.approx(expected, abs=5e-4)
    assert judged(row, "G4") == ["measured", None, "A"]


def test_functionality_is_weighted_and_what_falls_short_is_named():
    rows = {
        "assumptions": [
            assumption("coding", "functionality", 1, 1, weight=3),
            assumption("payroll link", "functionality", 1, 0.5, method="stopwatch"),
            assumption("archive", "functionality", 1, 0, weight=None),
            assumption("app", "functionality", 1, None),
        ]
    }
    row, solution = only_row(**rows), only_solution(**rows)
    assert row["I19F"] == solution["I19F"] == pytest.approx(3.5 / 5)
    assert (row["n_F"], row["n_assumptions"], row["evidence_G2"]) == (3, 4, "B")
    assert (solution["n_functions"], solution["n_functions_missing"]) == (4, 2)
    assert solution["functions_missing"] == "payroll link|archive"


def test_usage_is_held_against_a_system_measurement_else_against_the_measured_share():
    rows = {
        "assumptions": [
            assumption("U1", "usage", 0.8, 0.6),
            assumption("U2", "usage", 0.8, 0.9, method="estimate", solution="S2"),
            assumption("U3", "usage", 0.8, None, method=None, solution="S3"),
            assumption("U4", "usage", 0.8, 0.8, method="estimate", solution="S4"),
        ]
    }
    tables = gains(depth(("S1", 0.1, 1000), ("S2", 0.2, 3000), ("S3", np.nan, 5000)), **rows)
    got = tables["gains_by_solution"][["solution", "usage_assumed", "usage_measured", "I19U", "U_measured"]]
    expected = pd.DataFrame(
        {
            "solution": ["S1", "S2", "S3", "S4"],
            "usage_assumed": [0.8] * 4,
            "usage_measured": [0.6, 0.2, np.nan, 0.8],
            "I19U": [0.75, 0.25, np.nan, 1.0],
            "U_measured": [True, True, False, False],
        }
    )
    pd.testing.assert_frame_equal(got, expected)
    row = tables["gains_by_municipality"].iloc[0]
    assert row["I19U"] == pytest.approx((0.75 * 1000 + 0.25 * 3000) / 4000)
    assert (row["n_U"], row["evidence_G3"]) == (2, "A")


def test_usage_is_an_equal_mean_when_a_volume_is_missing():
    row = only_row(
        depth(("S1", 0.4, 1000), ("S2", 0.2, np.nan)),
        assumptions=[
            assumption("U1", "usage", 0.8, None),
            assumption("U2", "usage", 0.8, None, solution="S2"),
        ],
    )
    assert row["I19U"] == pytest.approx(0.375)


def test_what_is_only_said_is_an_estimate_and_gives_way_to_what_is_measured():
    said = assumption("T1", "time_per_task", 5, 5, baseline_value=10, method="self_reported")
    timed = assumption("T2", "time_per_task", 5, 10, baseline_value=10, method="stopwatch")
    alone, both = only_row(assumptions=[said]), only_row(assumptions=[said, timed])
    assert (alone["I19T"], both["I19T"]) == (1.0, 0.0)
    assert judged(alone, "G4") == ["estimated", None, "C"]
    assert judged(both, "G4") == ["measured", None, "B"]


def test_assumptions_without_a_measurement_cannot_be_said_and_those_not_delivered_are_not_examined():
    row = only_row(assumptions=[assumption("F", "functionality", 1, None)])
    assert judged(row, "G2") == ["cannot_be_said", "not_measured", "D"]
    assert judged(row, "G3") == ["not_examined", "not_delivered", None]
    nothing = only_row()
    assert judged(nothing, "G2") == judged(nothing, "G5") == ["not_examined", "not_delivered", None]


def test_the_spring_instrument_did_not_ask_about_usage_and_time():
    rows = {
        "visits": [{"instrument_version": "v1"}],
        "assumptions": [
            assumption("F", "functionality", 1, 1, measured_date="2018-05-01"),
            assumption("U", "usage", 0.8, 0.4),
        ],
    }
    row = only_row(**rows)
    assert judged(row, "G3") == judged(row, "G4") == ["not_examined", "not_in_instrument", None]
    assert judged(row, "G2") == ["measured", None, "A"]
    assert row[["I19U", "I19T", "n_U"]].isna().all()
    assert row["I18"] == 0.5


def test_follow_up_counts_all_assumptions_and_the_twelve_months_before_the_data_period_ends():
    rows = {
        "assumptions": [
            assumption("A", "functionality", 1, 1, measured_date="2017-09-01", adjusted=True),
            assumption("B", "functionality", 1, 1, measured_date="2017-08-31"),
            assumption("C", "functionality", 1, None),
            assumption("D", "functionality", 1, 1, measured_date="2018-09-15"),
        ]
    }
    row = only_row(**rows)
    assert row[["n_assumptions", "n_followed_up", "I18", "n_adjusted"]].tolist() == [4, 2, 0.5, 1]
    assert judged(row, "G5") == ["measured", None, "B"]
    listed = gains(**rows)["assumption_rows"]
    assert listed["followed_up"].tolist() == [True, False, False, True]
    assert listed["adjusted"].tolist() == [True, False, False, False]


def test_assumption_rows_show_the_value_used_and_what_was_achieved():
    got = gains(
        depth(("S1", 0.25, 1000)),
        assumptions=[
            assumption("F", "functionality", 1, 0.5),
            assumption("U", "usage", 0.8, None, method=None),
            assumption("T", "time_per_task", 3, 9, baseline_value=8, method="stopwatch"),
            assumption("N", "time_per_task", 9, 5, baseline_value=8),
        ],
    )["assumption_rows"]
    assert got["measured_value"].tolist() == [0.5, 0.25, 9, 5]
    assert got["achieved"].tolist()[:3] == pytest.approx([0.5, 0.3125, -0.2])
    assert np.isnan(got["achieved"].iloc[3])
    assert got["evidence"].tolist() == ["A", "A", "B", "A"]


# --- probable realisation ------------------------------------------------------------------------------


def case(**fields):
    return gain("G1", "FIN", "FIN", 2_000_000, None, business_case_kr=2_000_000, solution="S1") | fields


F = assumption("F", "functionality", 1, 0.9)
T = assumption("T", "time_per_task", 5, 8, baseline_value=12, method="stopwatch")
U = assumption("U", "usage", 0.8, None, method=None)
I20 = ["bc_kr", "cut_kr", "I20_sr", "I20_low", "I20_high", "I20_gap", "sr_share"]


def test_the_framework_vector_leaves_sixteen_per_cent_of_the_business_case():
    rows = {"gains": [case()], "assumptions": [F, U, T]}
    got = only_solution(depth(("S1", 0.25, 60_000)), **rows)
    expected = [2_000_000, 2_000_000, 321_429, 321_429, 321_429, 1_678_571, 0.1607]
    assert got[I20].tolist() == pytest.approx(expected, rel=2e-4)
    assert got["I20_sr"] == pytest.approx(321_428.57, abs=0.005)
    assert got[["F_measured", "U_measured", "T_measured"]].tolist() == [True, True, True]
    row = only_row(depth(("S1", 0.25, 60_000)), **rows)
    totals = row[["I20_bc", "I20_cut", "I20_sr", "I20_low", "I20_high", "I20_gap"]]
    assert totals.tolist() == pytest.approx(expected[:6], rel=1e-5)


def test_a_missing_factor_gives_an_interval_and_no_gap():
    got = only_solution(gains=[case()], assumptions=[F, T])
    assert got[["I20_sr", "I20_gap", "sr_share"]].isna().all()
    assert got[["I20_low", "I20_high"]].tolist() == pytest.approx([0, 2_000_000 * 0.9 * 4 / 7])


def test_a_factor_that_is_only_said_is_a_missing_factor():
    said = assumption("U", "usage", 0.8, 0.8, method="estimate")
    got = only_solution(gains=[case()], assumptions=[F, T, said])
    assert (got["I19U"], got["U_measured"], np.isnan(got["I20_sr"])) == (1.0, False, True)


def test_slower_than_before_realises_less_than_nothing_and_the_gap_is_the_cut():
    slow = T | {"measured_value": 14}
    known = only_solution(depth(("S1", 0.8, 1)), gains=[case()], assumptions=[F, U, slow])
    assert known["I20_sr"] == pytest.approx(2_000_000 * 0.9 * 1 * -2 / 7)
    assert known["I20_gap"] == 2_000_000
    unknown = only_solution(gains=[case()], assumptions=[F, slow])
    assert unknown[["I20_low", "I20_high"]].tolist() == pytest.approx([2_000_000 * 0.9 * -2 / 7, 0])


def test_factors_are_clipped_before_they_are_multiplied():
    much = T | {"measured_value": 1}
    over = F | {"assumed_value": 0.5, "measured_value": 1}
    got = only_solution(
        depth(("S1", 1.0, 1)), gains=[case()], assumptions=[over, U | {"assumed_value": 0.5}, much]
    )
    assert got["I20_sr"] == pytest.approx(2_000_000 * 1 * 1.2 * 1.2)
    worse = T | {"measured_value": 40}
    got = only_solution(depth(("S1", 0.8, 1)), gains=[case()], assumptions=[F, U, worse])
    assert got["I20_sr"] == pytest.approx(2_000_000 * 0.9 * 1 * -1)


def test_quality_gains_one_off_gains_and_other_price_levels_are_not_multiplied():
    others = [
        case(gain="G2", gain_type="quality"),
        case(gain="G3", duration="one_off"),
        case(gain="G4", price_level="2010-pl"),
        case(gain="G5", gain_type="time", business_case_kr=None, budget_cut_kr=None),
    ]
    got = only_solution(gains=[case(), *others], assumptions=[F])
    assert got[["bc_kr", "cut_kr"]].tolist() == [2_000_000, 2_000_000]


def test_the_municipality_has_no_sum_when_one_solution_lacks_a_factor():
    row = only_row(
        depth(("S1", 0.8, 1)),
        gains=[case(), case(gain="G2", solution="S2")],
        assumptions=[F, U, T],
    )
    assert (row["I20_bc"], row["I20_cut"]) == (4_000_000, 4_000_000)
    assert row[["I20_sr", "I20_gap"]].isna().all()
    realised = 2_000_000 * 0.9 * 4 / 7
    assert row[["I20_low", "I20_high"]].tolist() == pytest.approx([realised, realised + 2_000_000])


def test_municipalities_are_kept_apart_and_nothing_handed_in_is_changed():
    both = [{"municipality": "0001"}, {"municipality": "0002"}]
    tables = small_round(
        municipalities=both,
        visits=[place | {"visit": f"B{place['municipality']}"} for place in both],
        departments=[row | place for row in DEPARTMENTS for place in both],
        gains=[*VECTOR, gain("G1", "FIN", "FIN", 10, 10, municipality="0002", price_level="2016-pl")],
        assumptions=[F, F | {"municipality": "0002", "measured_value": 0}],
    )
    before = {name: table.copy() for name, table in tables.items()}
    got = measure_gains(tables, NO_DEPTH, assumptions=ASSUMPTIONS)["gains_by_municipality"]
    assert got["H"].tolist() == [1_500_000, 10]
    assert got["I19F"].tolist() == [0.9, 0.0]
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
