import numpy as np
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.indicators.data_quality import measure_data_quality
from tests.indicators.small_round import small_round

ASSUMPTIONS = load_framework().assumptions
DELIVERED = ["municipality", "table", "rows_delivered", "rows_accepted", "rows_rejected", "rows_warned"]


def delivered(*rows):
    table = pd.DataFrame([("0001", *row) for row in rows], columns=DELIVERED)
    return table.astype(dict.fromkeys(DELIVERED[2:], "Int64"))


def problems(*rules):
    """Problems of municipality 0001 as (rule, severity)."""
    table = pd.DataFrame(rules, columns=["rule", "severity"], dtype="str")
    return table.assign(municipality="0001")


def quality(rows=(), rules=(), n_corrected=0, **tables):
    corrections = pd.DataFrame({"municipality": pd.Series(["0001"] * n_corrected, dtype="str")})
    return measure_data_quality(
        small_round(**tables), problems(*rules), corrections, delivered(*rows), assumptions=ASSUMPTIONS
    )


def coverage(**tables):
    table = quality(**tables)["interview_coverage"]
    assert len(table) == 1
    return table.iloc[0]


def interview(name, role, **fields):
    return {"interview": name, "visit": "B1", "role": role, "participants": 1} | fields


def test_a_rejected_row_costs_one_and_a_warned_row_a_quarter():
    got = quality(rows=[("usage", 100, 90, 10, 8), ("gains", 20, 20, 0, 0), ("plans", 0, 0, 0, 0)])
    assert got["data_quality"]["I27"].tolist()[:2] == pytest.approx([1 - (10 + 0.25 * 8) / 100, 1.0])
    assert np.isnan(got["data_quality"]["I27"].iloc[2])
    row = got["quality_by_municipality"].iloc[0]
    assert row["I27"] == pytest.approx(1 - 12 / 120)
    assert (row["n_rejected"], row["n_warned"], row["n_corrected"]) == (10, 8, 0)
    assert pd.isna(row["main_cause"])


def test_the_main_cause_is_the_most_frequent_error_and_warnings_count_only_without_errors():
    warned = [("E25", "warning")] * 3
    errors = [("E26", "error"), ("E13", "error"), ("E26", "error")]
    causes = [
        quality(rules=rules)["quality_by_municipality"]["main_cause"].iloc[0]
        for rules in (warned + errors, warned, [("E26", "error"), ("E13", "error")])
    ]
    assert causes == ["E26", "E25", "E13"]


def test_months_that_are_not_there_and_circles_of_the_plan_lower_no_quality_and_are_no_cause():
    row = quality(rows=[("usage", 10, 10, 0, 0)], rules=[("E12", "warning"), ("E27", "warning")])
    row = row["quality_by_municipality"].iloc[0]
    assert row["I27"] == 1.0
    assert pd.isna(row["main_cause"])


def test_a_municipality_that_delivered_nothing_has_a_row_and_no_quality():
    got = quality(
        rows=[("usage", 10, 10, 0, 0)],
        n_corrected=2,
        municipalities=[{"municipality": "0001"}, {"municipality": "0002"}],
    )["quality_by_municipality"]
    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0002"],
            "I27": [1.0, np.nan],
            "n_rejected": [0.0, 0.0],
            "n_warned": [0.0, 0.0],
            "n_corrected": [2.0, 0.0],
            "main_cause": [np.nan, np.nan],
        }
    )
    pd.testing.assert_frame_equal(got.astype({"main_cause": float}), expected)


def test_coverage_counts_persons_by_role_group_and_leaves_duplicates_out():
    row = coverage(
        interviews=[
            interview("1", "KD"),
            interview("2", "OC", participants=2),
            interview("3", "AM", participants=4, observed=True),
            interview("4", "SB", observed=False),
            interview("5", "TR"),
            interview("6", "AM", participants=4, observed=True, duplicate_of="3"),
        ],
        answers=[
            {"interview": "1", "question": "Q01", "status": "answered", "score": 2},
            {
                "interview": "2",
                "question": "Q11",
                "status": "dont_know",
                "dont_know_reason": "nobody_measures",
            },
            {"interview": "2", "question": "Q12", "status": "dont_know", "dont_know_reason": "not_my_role"},
            {"interview": "3", "question": "Q20", "status": "not_relevant"},
            {"interview": "4", "question": "Q20", "status": "not_examined"},
            {"interview": "6", "question": "Q08", "status": "answered", "score": 2},
        ],
    )
    assert row.drop("municipality").to_dict() == {
        "n_interviews": 5,
        "n_persons": 9,
        "n_roles": 5,
        "n_management": 3,
        "n_users": 5,
        "n_staff_representatives": 1,
        "n_observed": 1,
        "n_answers": 1,
        "n_dont_know": 1,
        "n_not_relevant": 2,
        "caveat": False,
    }


@pytest.mark.parametrize(
    ("roles", "caveat"),
    [
        (["KD", "OC", "DC", "HRC", "AM"], False),
        (["KD", "OC", "DC", "AM"], True),
        (["KD", "OC", "DC", "HRC", "FC", "TR"], True),
        ([], True),
    ],
    ids=["five with a user", "four", "no user", "nobody"],
)
def test_few_interviews_or_no_user_give_a_caveat(roles, caveat):
    assert bool(coverage(interviews=[interview(str(i), r) for i, r in enumerate(roles)])["caveat"]) is caveat
