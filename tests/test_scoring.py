"""Scores: breakpoints, special rules, ceilings, deviations, the perception gap and the area mean."""

import numpy as np
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.scoring import certainty_grade, limit_data_scores, score_areas, score_criteria

ASSUMPTIONS = load_framework().assumptions
CRITERIA = load_framework().criteria
COUNTS = ("n_answers", "n_persons", "n_roles", "n_management", "n_users")


def values(*rows: dict) -> pd.DataFrame:
    plain = {
        "municipality": "0048",
        "wave": "2018E",
        "instrument_version": "v2",
        "value": np.nan,
        "category": None,
        "limit": np.nan,
        "evidence": "A",
        "status": "measured",
        "reason": "",
    }
    return pd.DataFrame([plain | row for row in rows]).astype({"category": "str", "reason": "str"})


def answers(*rows: dict) -> pd.DataFrame:
    plain = {"municipality": "0048", "I25c": np.nan} | dict(zip(COUNTS, (6, 8, 4, 5, 3), strict=True))
    return pd.DataFrame(
        [plain | row for row in rows], columns=["municipality", "criterion", "I", "I25c", *COUNTS]
    )


def ratings(*rows: dict) -> pd.DataFrame:
    plain = {"municipality": "0048", "phase": "consensus", "evidence": "C", "reason": None}
    columns = ["municipality", "criterion", "phase", "score", "evidence", "reason"]
    return pd.DataFrame([plain | row for row in rows], columns=columns).astype({"reason": "str"})


def score(value: pd.DataFrame, answer: pd.DataFrame | None = None, rating: pd.DataFrame | None = None):
    answer = answers() if answer is None else answer
    rating = ratings() if rating is None else rating
    return score_criteria(value, answer, rating, CRITERIA, assumptions=ASSUMPTIONS)


def one(*args) -> pd.Series:
    table = score(*args)
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize(
    ("criterion", "value", "expected"),
    [
        # framework 1.3: the breakpoints of every criterion, just below and exactly at them
        *[
            ("P1", value, step)
            for value, step in [(0.0999, 0), (0.1, 1), (0.4, 2), (0.6999, 2), (0.7, 3), (0.9, 4)]
        ],
        *[("D1", value, step) for value, step in [(0.09, 0), (0.1, 1), (0.25, 2), (0.5, 3), (0.75, 4)]],
        *[("D2", value, step) for value, step in [(0.1, 1), (0.3, 2), (0.6, 3), (0.85, 4)]],
        *[("G1", value, step) for value, step in [(0.367, 2), (0.6, 3), (0.85, 4)]],
        *[("G2", value, step) for value, step in [(0.49, 0), (0.5, 1), (0.7, 2), (0.85, 3), (0.95, 4)]],
        *[("G3", value, step) for value, step in [(0.25, 1), (0.5, 2), (0.75, 3), (0.95, 4)]],
        # G4: slower than before is 0, no saving at all is 1
        *[
            ("G4", value, step)
            for value, step in [(-0.286, 0), (0.0, 1), (0.25, 2), (0.571, 2), (0.6, 3), (0.9, 4)]
        ],
        *[
            ("L2", value, step)
            for value, step in [(0.29, 0), (0.3, 1), (0.344, 1), (0.5, 2), (0.7, 3), (0.886, 4)]
        ],
    ],
)
def test_the_data_score_is_the_number_of_breakpoints_reached(criterion, value, expected):
    assert one(values({"criterion": criterion, "value": value}))["S"] == expected


def test_a_breakpoint_survives_float_noise():
    nine_tenths = np.cumsum([0.1] * 9)[-1]
    assert nine_tenths < 0.9
    assert one(values({"criterion": "P1", "value": nine_tenths}))["S"] == 4


def test_d3_is_scored_by_its_class():
    depth = pd.DataFrame(
        {
            "I04": ["cannot_be_said", "cannot_be_said", "certainly_not_above", "undecided"]
            + ["certainly_above"] * 5,
            "has_figure": pd.array([False, True] + [True] * 7, dtype="boolean"),
            "I03_low": [np.nan, np.nan, 0.1, 0.225, 0.3, 0.51, 0.5, 0.6, 0.6],
            "I02": [0, 0, 0.95, 0.5, 0.75, 0.9, 1, 0.89, 1],
            "last_months_measured": [0, 0, 6, 6, 6, 6, 6, 6, 5],
        }
    )
    grades = certainty_grade(depth, assumptions=ASSUMPTIONS)
    rows = [
        {"municipality": f"00{n}", "criterion": "D3", "category": grade, "evidence": "A"}
        for n, grade in enumerate(grades)
    ]
    assert score(values(*rows))["S"].tolist() == [0, 1, 2, 2, 3, 4, 3, 3, 3]


def test_special_rules_hold_a_data_score_at_two():
    who = ["0010", "0011"]
    limits = limit_data_scores(
        pd.DataFrame({"municipality": who, "K1": [1.0, 0.0]}),
        pd.DataFrame({"municipality": who, "n_adjusted": [0.0, 2.0]}),
        pd.DataFrame({"municipality": who, "fixed_onboarding": pd.array([None, True], dtype="boolean")}),
    )
    assert limits.to_dict("list") == {
        "municipality": ["0010"] * 3,
        "criterion": ["P2", "G5", "L2"],
        "limit": [2.0] * 3,
    }
    rows = [{"criterion": code, "value": 0.95, "limit": 2.0} for code in limits["criterion"]]
    rows += [{"criterion": "P1", "value": 0.05, "limit": 2.0}]
    assert score(values(*rows))["S"].tolist() == [2, 2, 2, 0]


def test_measured_evidence_reports_the_data_score_whatever_is_said():
    row = one(
        values({"criterion": "D2", "value": 0.14}),
        answers({"criterion": "D2", "I": 3.0}),
        ratings({"criterion": "D2", "score": 3.0}),
    )
    assert (row["S"], row["I"], row["R"], row["basis"], row["status"]) == (1, 3.0, 1, "data", "measured")
    assert (row["label"], row["light"], row["evidence"]) == ("incipient", "orange", "A")
    assert pd.isna(row["deviation_reason"])


@pytest.mark.parametrize(
    ("consensus", "reported"), [(1.5, 1.5), (2.0, 2.0), (3.5, 2.0), (0.0, 0.0), (1.0, 1.0)]
)
def test_the_consultants_may_deviate_by_at_most_one_with_a_reason(consensus, reported):
    rating = ratings({"criterion": "D2", "score": consensus, "reason": "Ny måling i september"})
    row = one(values({"criterion": "D2", "value": 0.14}), answers(), rating)
    assert (row["R"], row["basis"], row["consensus"], row["capped"]) == (reported, "data", consensus, False)
    assert (row["deviation_reason"] == "Ny måling i september") == (reported != 1.0)


def test_the_evidence_ceiling_follows_class_and_criterion():
    codes = ["D1", "G2", "L2", "P1", "L1", "L3"]
    unmeasured = [{"criterion": code, "evidence": "C", "status": "cannot_be_said"} for code in codes]
    classes = ["C", "D", "B", "C", "D", "B"]
    agreed = [{"criterion": c, "score": 4.0, "evidence": e} for c, e in zip(codes, classes, strict=True)]
    table = score(values(*unmeasured), answers(), ratings(*agreed))
    assert table["R"].tolist() == [2.0, 1.0, 2.0, 2.5, 2.5, 4.0]
    # L2 cannot be better than C without a measured value; L3 rests on a document
    assert table["evidence"].tolist() == ["C", "D", "C", "C", "D", "B"]
    assert table["capped"].tolist() == [True, True, True, True, True, False]
    assert set(table["basis"]) == {"consensus"} and set(table["status"]) == {"estimated"}


def test_an_estimate_never_becomes_a_data_score():
    row = one(values({"criterion": "G4", "value": 0.95, "evidence": "C"}))
    assert pd.isna(row["S"]) and pd.isna(row["R"]) and row["status"] == "not_examined"


def test_the_interview_score_stands_in_rounded_to_half_and_provisional():
    said = [
        {"municipality": f"00{n}", "criterion": "L1", "I": i}
        for n, i in enumerate([1.24, 1.25, 2.2, 3.9, 1.75])
    ]
    empty = [{"municipality": r["municipality"], "criterion": "L1", "status": "not_examined"} for r in said]
    table = score(values(*empty), answers(*said))
    assert table["R"].tolist() == [1.0, 1.5, 2.0, 2.5, 2.0]
    assert table["provisional"].all() and set(table["basis"]) == {"interview"}
    assert table["capped"].tolist() == [False, False, False, True, False]


def test_few_persons_do_not_stand_in():
    row = one(
        values({"criterion": "L1", "status": "not_examined", "reason": "not_delivered"}),
        answers({"criterion": "L1", "I": 3.0, "n_persons": 4}),
    )
    assert pd.isna(row["R"]) and (row["status"], row["reason"]) == ("too_few", "too_few_answers")
    assert not row["provisional"]


def test_what_the_instrument_does_not_ask_is_missing_and_never_zero():
    row = one(
        values({"criterion": "G3", "value": 0.1, "status": "not_examined", "reason": "not_in_instrument"}),
        answers({"criterion": "G3", "I": 2.0}),
        ratings({"criterion": "G3", "score": 2.0}),
    )
    assert row[["value", "S", "I", "I25a", "R", "consensus", "basis", "label", "light"]].isna().all()
    assert (row["status"], row["reason"]) == ("not_examined", "not_in_instrument")


def test_the_perception_gap_is_interview_minus_data_and_shown_from_five_answers_of_three_roles():
    # framework 4.5: 3,3,4,2,3 against 1,2,1,1,2,1 is 1.67 as a role gap; here I = 3.0 against S = 1
    counts = [(5, 5, 3), (4, 9, 3), (5, 4, 3), (5, 5, 2)]
    said = [
        {"municipality": f"00{n}", "criterion": "D2", "I": 3.0, "n_answers": a, "n_persons": p, "n_roles": r}
        for n, (a, p, r) in enumerate(counts)
    ]
    measured = [{"municipality": r["municipality"], "criterion": "D2", "value": 0.14} for r in said]
    table = score(values(*measured), answers(*said))
    assert table["I25a"].tolist() == [2.0] * 4
    assert table["I25a_shown"].tolist() == [True, False, False, False]


def test_counts_without_answers_are_zero_and_scores_missing():
    row = one(values({"criterion": "P4", "status": "not_examined", "reason": "not_delivered"}))
    assert row[list(COUNTS)].tolist() == [0.0] * 5
    assert row[["S", "I", "R"]].isna().all() and row["reason"] == "not_delivered"


@pytest.mark.parametrize(
    ("reported", "label", "light"),
    [
        (0.0, "absent", "red"),
        (0.5, "incipient", "red"),
        (1.0, "incipient", "orange"),
        (1.5, "partial", "orange"),
        (2.0, "partial", "yellow"),
        (2.5, "systematic", "yellow"),
        (3.0, "systematic", "green"),
        (3.5, "embedded", "green"),
        (4.0, "embedded", "green"),
    ],
)
def test_label_and_light_follow_the_reported_score(reported, label, light):
    rating = ratings({"criterion": "L4", "score": reported, "evidence": "B"})
    row = one(values({"criterion": "L4", "status": "not_examined"}), answers(), rating)
    assert (row["R"], row["label"], row["light"]) == (reported, label, light)


def area_of(*reported: float, status: str = "measured") -> pd.Series:
    rows = [
        {
            "municipality": "0048",
            "wave": "2018E",
            "area": "gains",
            "criterion": f"G{n}",
            "R": r,
            "status": status,
        }
        for n, r in enumerate(reported, start=1)
    ]
    return score_areas(pd.DataFrame(rows), assumptions=ASSUMPTIONS).iloc[0]


def test_an_area_is_the_mean_of_its_scored_criteria():
    # S21: G3 and G4 not examined, the area is the mean of G1, G2 and G5
    row = area_of(2.0, 1.0, np.nan, np.nan, 2.5)
    assert row["R"] == pytest.approx(5.5 / 3) and row["n_criteria"] == 3
    assert (row["label"], row["light"], row["status"], row["reason"]) == ("partial", "orange", "measured", "")


def test_an_area_with_two_scored_criteria_is_not_examined():
    row = area_of(4.0, 3.0, np.nan, np.nan, np.nan)
    assert pd.isna(row["R"]) and pd.isna(row["label"]) and row["n_criteria"] == 2
    assert (row["status"], row["reason"]) == ("not_examined", "too_few_criteria")


def test_the_light_of_an_area_agrees_with_its_printed_decimal():
    row = area_of(3.0, 3.0, 2.9)  # 2.967 is printed 3,0
    assert (row["light"], row["label"]) == ("green", "systematic")


def test_an_area_resting_on_a_judgement_says_so():
    assert area_of(1.0, 2.0, 3.0, status="estimated")["status"] == "estimated"


def test_nothing_handed_in_is_changed():
    frames = [
        values({"criterion": "D2", "value": 0.5}),
        answers({"criterion": "D2", "I": 1.0}),
        ratings(),
        CRITERIA,
    ]
    before = [frame.copy() for frame in frames]
    score_criteria(*frames, assumptions=ASSUMPTIONS)
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
