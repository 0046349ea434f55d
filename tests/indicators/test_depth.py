"""Depth from end to end: the vectors of framework 4.1, and what happens where data are missing."""

import numpy as np
import pandas as pd
import pytest

from klktools.indicators import depth as depth_of_all
from klktools.indicators.depth import measure_depth
from tests.indicators.depth_round import (
    ASSUMPTIONS,
    LATE,
    WINDOW,
    department,
    depth,
    depth_tables,
    documented_columns,
    one_municipality,
    one_solution,
    solution,
    usage,
)

FOUR = [department(name) for name in "ABCD"]
CERTAINTY = ["I02", "I01", "I03_low", "I03_high", "I04"]
TABLES = [
    "cells",
    "usage_by_month",
    "usage_by_group",
    "usage_by_department",
    "depth_by_solution",
    "depth_by_municipality",
    "double_purchases",
]


def four_departments(*rows):
    """A solution live for ten months in four departments, each cell of 1,000 transactions."""
    in_four = solution(go_live="2017-11-01", relevant_departments="A|B|C|D")
    return {"departments": FOUR, "solutions": [in_four], "usage": [row for part in rows for row in part]}


def counted(through, departments, *, months=LATE, evidence="A"):
    return [
        row
        for name in departments
        for row in usage(through, 1000, months=months, department=name, evidence=evidence)
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((counted(400, "ABC"), counted(400, "D", evidence="C")), (0.75, 0.4, 0.3, 0.55, "certainly_above")),
        ((counted(200, "ABC"), counted(200, "D", evidence="C")), (0.75, 0.2, 0.15, 0.4, "undecided")),
        ((counted(450, "AB"), counted(450, "CD", evidence="C")), (0.5, 0.45, 0.225, 0.725, "undecided")),
        (
            (
                counted(100, "ABC"),
                counted([100] * 6 + [200] * 2, "D", months=LATE[:8]),
                counted(100, "D", months=LATE[8:], evidence="C"),
            ),
            (0.95, 4 / 38, 0.1, 0.15, "certainly_not_above"),
        ),
    ],
    ids=["V1", "V2", "V3", "V4"],
)
def test_certainty_of_a_partly_measured_solution(rows, expected):
    found = one_solution(**four_departments(*rows))

    assert tuple(found[CERTAINTY]) == (*(pytest.approx(number) for number in expected[:-1]), expected[-1])
    assert found["expected_volume"] == 40_000


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        ([3] * 8 + [4] * 2, 10, (0.32, 0.2489, "undecided")),
        ([3] * 7 + [4] * 3, 10, (0.33, 0.2580, "certainly_above")),
        ([11] * 5 + [12] * 5, 40, (0.2875, 0.2518, "certainly_above")),
    ],
    ids=["V5", "V6", "V7"],
)
def test_certainty_of_a_sampled_solution(hits, n, expected):
    rows = usage(hits, n, months=LATE, evidence="B", sample_n=n)
    found = one_solution(solutions=[solution(go_live="2017-11-01")], usage=rows)

    assert tuple(found[["I02", "I01", "I03_low", "I04"]]) == (
        1,
        pytest.approx(expected[0]),
        pytest.approx(expected[1], abs=5e-5),
        expected[2],
    )
    assert found["evidence"] == "B"


def test_v8_a_statement_says_nothing_with_certainty_but_is_a_figure():
    found = one_solution(usage=usage(60, 100, evidence="C"))

    expected = ["cannot_be_said", "cannot_be_said", "estimate_only", "C", True, 0]
    assert found[["I04", "status", "reason", "evidence", "has_figure", "I02"]].tolist() == expected
    assert found[["I01", "I03_low", "I03_high", "I06", "I07", "I08", "I09"]].isna().all()


def test_v9_a_lower_limit_of_exactly_a_quarter_is_undecided():
    # 3,335 + 3,335 + 3,330 of 30,000 measured of 40,000: 0.75 x 1/3
    measured = counted([333] * 5 + [334] * 5, "AB") + counted(333, "C")
    found = one_solution(**four_departments(measured, counted(0, "D", evidence="C")))

    assert found["I03_low"] == pytest.approx(0.25, abs=1e-12)
    assert found["I04"] == "undecided"


def test_an_upper_limit_of_exactly_a_quarter_is_certainly_not_above():
    found = one_solution(usage=usage(25, 100))

    assert found[["I03_low", "I03_high", "I04"]].tolist() == [0.25, 0.25, "certainly_not_above"]


def test_sampled_and_complete_parts_are_combined_by_volume():
    both = solution(relevant_departments="A|B")
    rows = usage(50, 100) + usage(20, 100, department="B", evidence="B", sample_n=25)
    found = one_solution(solutions=[both], departments=[department("A"), department("B")], usage=rows)

    # Wilson at 60 of 300 with z = 1.645: centre 0.20268, half 0.03784, worked by hand
    assert found["I03_low"] == pytest.approx((0.5 + 0.16484) / 2, abs=5e-5)
    assert found["I03_high"] == pytest.approx((0.5 + 0.24052) / 2, abs=5e-5)
    assert found["evidence"] == "B"


def test_a_class_b_count_without_a_sample_size_is_a_full_count():
    found = one_solution(usage=usage(30, 100, evidence="B"))

    assert found[["I03_low", "I03_high", "evidence"]].tolist() == [0.3, 0.3, "B"]


def test_breadth_vector_keeps_the_unmeasured_department_in_the_denominator():
    shares = dict(zip("ABCDEF", (80, 5, 4, 4, 3, 2), strict=True))
    rows = [row for name, share in shares.items() for row in usage(share, 100, department=name)]
    seven = [department(name) for name in "ABCDEFG"]
    found = depth(departments=seven, solutions=[solution(relevant_departments="A|B|C|D|E|F|G")], usage=rows)
    row = found["depth_by_solution"].iloc[0]

    counts = ["n_departments", "n_departments_over", "n_departments_measured"]
    assert row[counts].tolist() == [7, 1, 6]
    assert row["I06"] == pytest.approx(1 / 7)
    assert row["I06_measured"] == pytest.approx(1 / 6)
    assert row["max_share_rest"] == pytest.approx(0.05)
    # P90 of 2, 3, 4, 4, 5, 80 lies half-way between 5 and 80, P10 half-way between 2 and 3
    assert row["I06b"] == pytest.approx(0.425 - 0.025)
    assert found["depth_by_municipality"]["I06"].tolist() == [pytest.approx(1 / 7)]
    assert row["missing_departments"] == "G"


def test_trend_vector_is_rising_in_spite_of_the_july_dip():
    found = one_solution(usage=usage([10, 11, 12, 12, 14, 15, 7, 16, 17, 18, 19, 20], 100))

    assert found["I07"] == pytest.approx(0.905, abs=5e-4)
    assert found["I07_p"] == pytest.approx(0.00035, abs=5e-6)
    assert found[["I07_class", "n_trend_months"]].tolist() == ["rising", 12]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([32 - month for month in range(12)], "falling"),
        ([20, 21] * 6, "stable"),
        ([20 + month / 4 for month in range(12)], "stable"),
    ],
    ids=["a point a month down", "no direction", "certain but slow"],
)
def test_trend_classes(shares, expected):
    found = one_solution(usage=usage([round(4 * share) for share in shares], 400))

    assert found["I07_class"] == expected


def test_a_trend_of_half_a_point_a_month_counts():
    found = one_solution(usage=usage([40 + month for month in range(12)], 200))

    assert found[["I07_class", "I07"]].tolist() == ["rising", pytest.approx(0.5)]


def test_a_trend_takes_eight_measured_months_and_keeps_the_gaps():
    months = WINDOW[:3] + WINDOW[6:]
    shares = [10, 11, 12, 16, 17, 18, 19, 20, 21]
    eight, seven = (usage(shares[:n], 100, months=months[:n]) for n in (8, 7))

    found = one_solution(usage=eight)
    assert found[["I07", "n_trend_months", "I07_class"]].tolist() == [pytest.approx(1.0), 8, "rising"]
    assert one_solution(usage=seven)["I07_class"] == "cannot_be_assessed"
    assert np.isnan(one_solution(usage=seven)["I07"])


def reference(age):
    return 0.8 / (1 + np.exp(-0.13 * (age - 18)))


def test_a_solution_on_the_reference_curve_has_no_distance_to_it():
    ages = range(12, 24)  # live from 2016-09, the window from 2017-09
    rows = usage([round(1e6 * reference(age)) for age in ages], 1_000_000)
    found = one_solution(usage=rows)

    assert found["I08"] == pytest.approx(0, abs=1e-3)
    assert found["I08_class"] == "on_course"


def test_a_solution_ten_points_below_the_curve_is_behind_after_six_months():
    curve = [round(1000 * reference(age)) for age in range(12, 24)]
    behind = one_solution(usage=usage([share - 101 for share in curve], 1000))
    near = one_solution(usage=usage([share - 99 for share in curve], 1000))

    assert behind["I08"] == pytest.approx(-10.1, abs=0.05)
    assert [behind["I08_class"], near["I08_class"]] == ["behind", "on_course"]


def test_a_young_solution_is_never_behind():
    young = solution(go_live="2018-03-01", target_share=1.0)
    found = one_solution(solutions=[young], usage=usage(0, 100, months=WINDOW[6:]))
    younger = one_solution(
        solutions=[young | {"go_live": "2018-04-01", "target_share": 5.0}],
        usage=usage(0, 100, months=WINDOW[7:]),
    )

    assert found[["months_since_go_live", "I08_class"]].tolist() == [5, "on_course"]
    assert younger["I08"] < -10
    assert younger["I08_class"] == "on_course"


def test_utilisation_gap_vector_in_kroner():
    minutes = {"assumption": "F1", "solution": "S", "type": "time_per_task"}
    found = one_solution(
        usage=usage(1000, 5000), assumptions=[minutes | {"baseline_value": 8, "assumed_value": 2}]
    )

    assert found["I10c_kr"] == pytest.approx(1_260_000)


def test_without_known_minutes_the_utilisation_gap_has_no_price():
    assert np.isnan(one_solution(usage=usage(1000, 5000))["I10c_kr"])


def test_as_intended_use_needs_no_denominator_but_the_strict_share_does():
    own = one_solution(
        solutions=[solution(denominator="own_solution_only")], usage=usage(40, 40, as_intended=10)
    )
    full = one_solution(usage=usage(40, 100, as_intended=10))

    assert own[["I09", "I04"]].tolist() == [0.25, "cannot_be_said"]
    assert np.isnan(own["I09b"])
    assert full[["I09", "I09b"]].tolist() == [0.25, 0.1]


def test_missing_months_count_as_not_measured_at_the_departments_median_volume():
    found = depth(usage=usage([40] * 6, [100, 100, 100, 100, 300, 300], months=WINDOW[:6]))
    row = found["depth_by_solution"].iloc[0]

    # 1,000 measured; six months missing at the median 100
    assert row["expected_volume"] == 1600
    assert row[["I02", "I01"]].tolist() == [pytest.approx(0.625), pytest.approx(0.24)]
    assert row[["months_measured", "months_expected", "last_months_measured"]].tolist() == [6, 12, 0]
    assert row["missing_months"] == "2018-03|2018-04|2018-05|2018-06|2018-07|2018-08"
    assert row["missing_departments"] == "A"
    assert found["cells"]["reason"].isna().tolist() == [True] * 6 + [False] * 6


def test_fewer_than_three_measured_months_are_not_measured():
    found = depth(usage=usage(40, 100, months=WINDOW[:2], as_intended=20))
    row = found["depth_by_solution"].iloc[0]

    columns = ["I02", "I04", "status", "reason", "months_measured", "evidence"]
    assert row[columns].tolist() == [0, "cannot_be_said", "cannot_be_said", "too_few_months", 2, "C"]
    assert row[["I01", "I06", "I08", "I09"]].isna().all()
    assert not found["cells"]["measured"].any()
    assert found["usage_by_month"].query("solution == 'S'")["share"].notna().sum() == 2


def test_measured_inactivity_is_measured_but_has_no_share():
    found = one_solution(usage=usage(0, 0))

    assert found[["I02", "I04", "reason", "months_measured"]].tolist() == [
        0,
        "cannot_be_said",
        "no_activity",
        12,
    ]
    assert np.isnan(found["I01"])


def test_an_inactive_month_among_others_is_measured():
    found = one_solution(usage=usage([30] * 11 + [0], [100] * 11 + [0]))

    assert found[["I02", "I01", "n_trend_months", "months_measured"]].tolist() == [1, 0.3, 11, 12]


def test_own_transactions_as_denominator_are_suspect():
    found = one_solution(
        solutions=[solution(denominator="own_solution_only")],
        usage=usage(38, 40),
        logged_usage=[
            {"solution": "S", "department": "A", "month": WINDOW[0], "through": 19, "eligible": 100},
            {"solution": "S", "department": "A", "month": "2017-08-01", "through": 100, "eligible": 100},
        ],
    )

    columns = ["I04", "reason", "suspect_denominator", "stated_share", "log_share", "evidence", "has_figure"]
    expected = ["cannot_be_said", "suspect_denominator", True, 0.95, 0.19, "C", True]
    assert found[columns].tolist() == expected


def test_six_months_at_exactly_100_per_cent_are_suspect_and_five_are_not():
    six = one_solution(usage=usage([100] * 6 + [50] * 6, 100))
    five = one_solution(usage=usage([100] * 5 + [50] * 7, 100))

    columns = ["suspect_denominator", "evidence", "I04", "stated_share"]
    assert six[columns].tolist() == [True, "C", "cannot_be_said", 0.75]
    assert five[columns[:3]].tolist() == [False, "A", "certainly_above"]
    assert np.isnan(five["stated_share"])


def test_a_count_below_zero_is_not_measured():
    found = depth(usage=usage([-5] + [40] * 11, [100] * 10 + [-100, 100]))
    cells = found["cells"]

    assert cells["measured"].tolist() == [False] + [True] * 9 + [False, True]
    assert cells["reason"].dropna().tolist() == ["not_delivered", "no_denominator"]
    row = found["depth_by_solution"].iloc[0]
    assert row[["I01", "I02"]].tolist() == [pytest.approx(0.4), pytest.approx(10 / 12)]


def test_a_share_slightly_over_one_is_capped_and_a_larger_one_not_measured():
    found = depth(usage=usage([102] * 4 + [103] * 2 + [50] * 6, 100))
    cells = found["cells"]

    assert cells["through"].tolist() == [100] * 4 + [103] * 2 + [50] * 6
    assert cells["reason"].tolist()[4:6] == ["share_over_limit"] * 2
    # the two unmeasured months stand at the median volume
    assert found["depth_by_solution"]["I02"].tolist() == [pytest.approx(10 / 12)]
    assert found["depth_by_solution"]["I01"].tolist() == [pytest.approx(0.7)]


@pytest.mark.parametrize(
    ("fields", "row", "reason"),
    [
        ({}, {"eligible": None}, "no_denominator"),
        ({"denominator": "unknown"}, {}, "no_denominator"),
        ({}, {"through": None}, "not_delivered"),
        ({}, {"evidence": "D"}, "estimate_only"),
    ],
)
def test_why_a_solution_cannot_be_said(fields, row, reason):
    rows = [one | row for one in usage(30, 100)]
    found = one_solution(solutions=[solution(**fields)], usage=rows)

    assert found[["I04", "reason"]].tolist() == ["cannot_be_said", reason]
    assert found["has_figure"] == (reason != "not_delivered")


def test_a_solution_without_departments_cannot_be_said():
    found = depth(solutions=[solution(relevant_departments=None)], departments=[], usage=usage(30, 100))
    row = found["depth_by_solution"].iloc[0]

    assert row[["I04", "reason", "I02", "n_departments"]].tolist() == [
        "cannot_be_said",
        "no_departments",
        0,
        0,
    ]
    assert found["cells"].empty
    assert found["usage_by_group"].empty


def test_a_department_unknown_to_the_list_is_taken_to_exist():
    assert one_solution(departments=[], usage=usage(30, 100))["I02"] == 1


def test_usage_before_go_live_and_in_other_departments_does_not_count():
    rows = usage(30, 100) + usage(90, 100, department="B")
    found = one_solution(
        solutions=[solution(go_live="2018-01-01")],
        departments=[department("A"), department("B")],
        usage=rows,
    )

    assert found[["through", "measured_eligible", "months_expected"]].tolist() == [240, 800, 8]


def test_a_renamed_department_is_one_department():
    renamed = [
        department("A", valid_to="2017-12-01"),
        department("A2", valid_from="2018-01-01", replaces="A", department_group="culture_leisure"),
    ]
    rows = usage(30, 100, months=WINDOW[:4]) + usage(30, 100, months=WINDOW[4:], department="A2")
    found = depth(departments=renamed, solutions=[solution(relevant_departments="A|A2")], usage=rows)
    row = found["depth_by_solution"].iloc[0]

    assert row[["I02", "I01", "n_departments", "I07_class"]].tolist() == [1, 0.3, 1, "stable"]
    assert found["cells"]["department"].tolist() == ["A2"] * 12
    assert found["usage_by_group"]["department_group"].tolist() == ["culture_leisure"]


def test_a_merged_department_is_measured_only_where_both_parts_were():
    merged = [
        department("A", valid_to="2017-12-01"),
        department("B", valid_to="2017-12-01"),
        department("C", valid_from="2018-01-01", valid_to="2018-01-01", replaces="A"),
        department("C", valid_from="2018-02-01", replaces="B"),
    ]
    rows = usage(10, 50, months=WINDOW[:4]) + usage(20, 50, months=WINDOW[:3], department="B")
    rows += usage(30, 100, months=WINDOW[4:], department="C")
    cells = depth(departments=merged, solutions=[solution(relevant_departments="A|B|C")], usage=rows)["cells"]

    assert cells["department"].tolist() == ["C"] * 12
    assert cells["through"].fillna(-1).tolist() == [30, 30, 30, -1] + [30] * 8
    assert cells["reason"].astype("str").fillna("").tolist() == ["", "", "", "not_delivered"] + [""] * 8
    assert cells["expected_volume"].tolist() == [100] * 12


def test_a_closed_department_is_no_longer_expected():
    closed = [department("A"), department("B", valid_to="2017-10-01")]
    cells = depth(departments=closed, solutions=[solution(relevant_departments="A|B")])["cells"]

    assert cells.groupby("department").size().to_dict() == {"A": 12, "B": 2}


def test_unmeasured_departments_get_a_volume_by_heads_and_without_heads_the_mean():
    two = {
        "departments": [department("A"), department("B")],
        "solutions": [solution(relevant_departments="A|B")],
        "usage": usage(40, 100),
    }
    staffing = [
        {"department": "A", "year": 2016, "headcount": 999},
        {"department": "A", "year": 2017, "headcount": 10},
        {"department": "B", "year": 2017, "headcount": 30},
    ]

    assert one_solution(**two, staffing=staffing)["expected_volume"] == 1200 + 3600
    assert one_solution(**two, staffing=staffing[:2])["expected_volume"] == 1200 + 1200
    assert one_solution(**two)["expected_volume"] == 1200 + 1200


def test_a_cell_without_a_numerator_keeps_its_own_volume():
    rows = usage(40, 100, months=WINDOW[:6]) + usage(None, 300, months=WINDOW[6:])

    assert one_solution(usage=rows)["expected_volume"] == 600 + 1800


def test_only_solutions_in_operation_at_the_end_of_the_period_are_measured():
    listed = [
        solution("S1", status="planned"),
        solution("S2", status="rollout", go_live="2018-08-01"),
        solution("S3", status="phase_out"),
        solution("S4", go_live="2018-09-01"),
        solution("S5", is_new=None, go_live="2013-08-01"),
        solution("S6", is_new=None, go_live="2013-07-01"),
    ]
    found = depth(solutions=listed)["depth_by_solution"]

    columns = ["solution", "months_since_go_live", "is_new"]
    assert found[columns].values.tolist() == [
        ["S2", 0, True],
        ["S3", 23, True],
        ["S5", 60, True],
        ["S6", 61, False],
    ]


def test_usage_by_month_covers_the_whole_period_and_pools_the_new_solutions():
    listed = [solution("S"), solution("T", go_live="2018-07-01"), solution("U", is_new=False)]
    early = usage(10, 100, months=["2016-10-01"])
    rows = (
        early + usage(30, 100) + usage(5, 100, months=WINDOW[10:], solution="T") + usage(9, 10, solution="U")
    )
    table = depth(solutions=listed, usage=rows)["usage_by_month"]

    assert table.groupby("solution").size().to_dict() == {"": 24, "S": 24, "T": 2, "U": 24}
    pooled = table[table["solution"] == ""].set_index("month")["share"]
    assert pooled["2016-10-01"] == pytest.approx(0.1)
    assert np.isnan(pooled["2016-11-01"])
    assert pooled["2018-08-01"] == pytest.approx(0.175)
    only = table[(table["solution"] == "T")].iloc[-1]
    assert only[["months_since_go_live", "in_window"]].tolist() == [1, True]
    assert only["reference"] == pytest.approx(reference(1))


def test_a_municipality_weighs_its_new_solutions_by_volume():
    listed = [solution("S"), solution("T"), solution("U", is_new=False)]
    rows = usage(60, 100) + usage(10, 300, solution="T") + usage(99, 100, solution="U")
    found = one_municipality(solutions=listed, usage=rows)

    # (100 x 0.6 + 300 x 1/30) / 400
    assert found[["I03_low", "I03_high", "I01"]].tolist() == [pytest.approx(0.175)] * 3
    counts = ["n_solutions", "n_new", "n_measured_new", "n_certain", "n_certain_not", "I05a", "evidence"]
    assert found[counts].tolist() == [3, 2, 2, 1, 1, 0, "A"]
    assert found[["I04", "status", "last_months_measured"]].tolist() == ["certainly_not_above", "measured", 6]


def test_an_unmeasured_new_solution_weighs_by_the_norm_of_its_function():
    listed = [solution("S"), solution("T", function="invoices")]
    found = depth(municipalities=[{"population": 600}], solutions=listed, usage=usage(60, 100))
    by_solution = found["depth_by_solution"].set_index("solution")
    row = found["depth_by_municipality"].iloc[0]

    # 2.0 invoices per inhabitant and year against 1,200 measured transactions
    assert by_solution["expected_volume"].tolist() == [1200, 1200]
    assert by_solution["volume_from_norm"].tolist() == [False, True]
    assert row[["I03_low", "I03_high", "I02"]].tolist() == [pytest.approx(0.3), pytest.approx(0.8), 0.5]
    assert row[["I04", "n_left_out", "I05a", "first_solution"]].tolist() == ["certainly_above", 0, 0.5, "T"]


def test_with_more_than_a_third_left_out_nothing_is_certainly_above():
    listed = [solution("S"), solution("T", function="time"), solution("U")]
    rows = usage(60, 100) + usage(60, 100, solution="U")
    third = one_municipality(solutions=listed, usage=rows)
    half = one_municipality(solutions=listed[:2], usage=rows[:12])

    assert third[["I03_low", "n_left_out", "I04"]].tolist() == [0.6, 1, "certainly_above"]
    assert half[["I03_low", "n_left_out", "I04"]].tolist() == [0.6, 1, "undecided"]


def test_a_municipality_without_usage_has_a_row_for_every_solution():
    found = depth(solutions=[solution("S"), solution("T", function="time")])
    row = found["depth_by_municipality"].iloc[0]

    by_solution = found["depth_by_solution"]
    assert by_solution["solution"].tolist() == ["S", "T"]
    assert by_solution["I02"].tolist() == [0, 0]
    assert by_solution["I04"].tolist() == ["cannot_be_said"] * 2
    assert by_solution["reason"].tolist() == ["not_delivered"] * 2
    columns = ["I04", "has_figure", "I02", "I05a", "evidence", "status", "reason"]
    assert row[columns].tolist() == [
        "cannot_be_said",
        False,
        0,
        1,
        "D",
        "cannot_be_said",
        "not_delivered",
    ]
    assert row[["I01", "I03_low", "I03_high", "I06"]].isna().all()


def test_a_municipality_without_solutions_is_not_examined():
    found = one_municipality(solutions=[])

    assert found[["status", "reason", "n_solutions", "evidence"]].tolist() == [
        "not_examined",
        "no_solutions",
        0,
        "D",
    ]
    assert found[["I01", "I02", "I04", "I05a", "I10a", "I10d"]].isna().all()


def test_a_municipality_without_new_solutions_still_has_its_utilisation():
    found = one_municipality(solutions=[solution(is_new=False)], usage=usage(30, 100))

    assert found[["status", "reason", "n_solutions", "n_new", "I10a"]].tolist() == [
        "not_relevant",
        "no_new_solutions",
        1,
        0,
        0,
    ]
    assert pd.isna(found["I04"])


def test_reviewed_and_utilised_solutions_among_all_in_operation():
    reviewed = {"utilisation_reviewed": "2016-09-30"}
    listed = [
        solution("S", **reviewed),
        solution("T", utilisation_reviewed="2016-09-29"),
        solution("U", target_share=0.9, **reviewed),
        solution("V", **reviewed),
    ]
    rows = usage(48, 100) + usage(48, 100, solution="T") + usage(48, 100, solution="U")
    found = depth(solutions=listed, usage=rows)
    table = found["depth_by_solution"]

    # 60 per cent of 0.80 is 0.48; V was not measured
    assert table["I10_reviewed"].tolist() == [True, False, True, True]
    assert table["I10_utilised"].astype(object).fillna("?").tolist() == [True, True, False, "?"]
    assert table["I10a"].tolist() == [True, False, False, False]
    assert found["depth_by_municipality"]["I10a"].tolist() == [0.25]


def test_licences_paid_for_what_is_not_used():
    paid = {"licence_kr": 100_000}
    listed = [
        solution("S", **paid),
        solution("T", modules_paid=4, modules_used=1, **paid),
        solution("U", modules_paid=4, modules_used=2, **paid),
        solution("V", **paid),
        solution("W"),
        solution("X", modules_paid=5, modules_used=1, **paid),
    ]
    shares = {"S": 9, "T": 30, "U": 10, "W": 0}
    rows = [row for name, share in shares.items() for row in usage(share, 100, solution=name)]
    found = depth(solutions=listed, usage=rows)

    # nothing is known of V; W has no licence on record; X is known by its modules alone
    assert found["depth_by_solution"]["I10b_kr"].fillna(-1).tolist() == [
        100_000,
        75_000,
        0,
        -1,
        -1,
        80_000,
    ]
    row = found["depth_by_municipality"].iloc[0]
    assert row[["I10b_kr", "I10b_n", "I10b_solutions"]].tolist() == [255_000, 3, "S|X|T"]


def test_a_double_purchase_is_a_new_solution_where_an_existing_one_lies_unused():
    bought = {"function": "purchasing", "type": "new_solution", "status": "decided"}
    initiatives = [
        bought | {"initiative": "I1"},
        bought | {"initiative": "I2", "existing_assessed": False},
        bought | {"initiative": "I3", "existing_assessed": True},
        bought | {"initiative": "I4", "status": "finished"},
        bought | {"initiative": "I5", "type": "extension"},
        bought | {"initiative": "I6", "function": "time"},
        bought | {"initiative": "I7", "solution": "S"},
    ]
    rows = usage(5, 100) + usage(90, 100, solution="T")
    found = depth(solutions=[solution("S"), solution("T")], usage=rows, initiatives=initiatives)

    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0001"],
            "initiative": ["I1", "I2"],
            "function": ["purchasing", "purchasing"],
            "existing_solution": ["S", "S"],
            "existing_share": [0.05, 0.05],
        }
    )
    pd.testing.assert_frame_equal(found["double_purchases"], expected, check_dtype=False)
    assert found["depth_by_municipality"]["I10d"].tolist() == [2]


def test_municipalities_are_measured_each_in_its_own_window():
    codes = [{"municipality": "0001", "population": 1}, {"municipality": "0060", "population": 1}]
    visits = [
        {},
        {"municipality": "0060", "visit": "B2", "period_to": "2018-02-01", "end_date": "2018-03-09"},
    ]
    both = [{}, {"municipality": "0060"}]
    rows = usage([10] * 6 + [70] * 6, 100)
    found = depth(
        municipalities=codes,
        visits=visits,
        solutions=[solution(**code) for code in both],
        departments=[department("A", **code) for code in both],
        usage=rows + [row | {"municipality": "0060"} for row in rows],
    )

    assert found["depth_by_municipality"]["I01"].tolist() == [pytest.approx(0.4), pytest.approx(0.1)]
    assert found["depth_by_solution"]["I02"].tolist() == [1, 0.5]


@pytest.mark.parametrize("rows", [{"usage": usage(30, 100)}, {"solutions": [], "departments": []}])
def test_tables_have_exactly_the_documented_columns(rows):
    found = {name: list(table.columns) for name, table in depth(**rows).items()}

    assert found == {name: documented_columns(name) for name in TABLES}


def test_measuring_changes_none_of_its_tables():
    tables = depth_tables(usage=usage(103, 100))
    before = {name: table.copy(deep=True) for name, table in tables.items()}
    measure_depth(tables, assumptions=ASSUMPTIONS)

    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_a_round_measured_in_blocks_is_a_round_measured_at_once(sample_round, sample_assessment, monkeypatch):
    monkeypatch.setattr(depth_of_all, "_BLOCK", 20)
    blocks = depth_of_all.measure_depth(sample_round.tables, assumptions=ASSUMPTIONS)
    for name, table in blocks.items():
        pd.testing.assert_frame_equal(table, getattr(sample_assessment, name), rtol=1e-12, obj=name)


def test_texts_of_cells_are_categories(sample_assessment):
    assert list(sample_assessment.cells.select_dtypes("category")) == [
        *("municipality", "solution", "department", "evidence", "reason")
    ]
