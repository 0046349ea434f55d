import numpy as np
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.interviews import score_answers
from tests.indicators.small_round import small_round

FRAMEWORK = load_framework()


def interview(name, role, **fields):
    return {"interview": name, "visit": "B1", "role": role, "participants": 1} | fields


def answer(name, question, score=None, **fields):
    return {"interview": name, "question": question, "status": "answered", "score": score} | fields


def unknown(name, question, reason="nobody_measures"):
    return answer(name, question, status="dont_know", dont_know_reason=reason)


def talks(role, scores, question="Q08", start=0):
    """One interview per score, all in the same role, and its one answer."""
    numbers = range(start, start + len(scores))
    met = [interview(f"{role}{i}", role) for i in numbers]
    said = [answer(f"{role}{i}", question, score) for i, score in zip(numbers, scores, strict=True)]
    return met, said


def score(**rows):
    return score_answers(
        small_round(**rows),
        framework_questions=FRAMEWORK.questions,
        assumptions=FRAMEWORK.assumptions,
    )


def coded(role, said, **fields):
    """The one answer's code and status."""
    table = score(interviews=[interview("1", role)], answers=[said], **fields)["answer_scores"]
    assert len(table) == 1
    return table["coded"].iloc[0], table["status"].iloc[0]


def criterion(name, **rows):
    table = score(**rows)["interview_scores"]
    return table[table["criterion"].eq(name)].iloc[0]


def claims(**rows):
    return score(**rows)["claims"].iloc[0]


# --- coding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 1), (10, 1), (10.5, 2), (25, 2), (26, 3), (50, 3), (51, 4), (100, 4)]
)
def test_a_claimed_share_is_coded_by_its_key_whatever_the_consultant_wrote(value, expected):
    assert coded("OC", answer("1", "Q11", 0, value=value)) == (expected, "answered")


@pytest.mark.parametrize(("value", "expected"), [(1, 3), (0, 1)])
def test_yes_to_certainty_is_three_and_no_is_one(value, expected):
    assert coded("OC", answer("1", "Q12", 2, value=value))[0] == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(19, 0), (20, 1), (39, 1), (40, 2), (60, 3), (75, 3), (76, 4), (90, 4)]
)
def test_claimed_usage_is_coded_by_the_share_of_the_assumed_eighty_per_cent(value, expected):
    assert coded("DC", answer("1", "Q19", 0, value=value, assumed_value=80))[0] == expected


@pytest.mark.parametrize(
    ("now", "expected"), [(12.5, 0), (12, 1), (10.5, 1), (10.25, 2), (8, 2), (7.8, 3), (5.7, 4), (4, 4)]
)
def test_minutes_are_coded_by_the_share_of_the_assumed_saving_from_twelve_to_five(now, expected):
    said = answer("1", "Q20", 3, value=now, assumed_value=5, before_value=12)
    assert coded("AM", said)[0] == expected


@pytest.mark.parametrize(
    "said",
    [
        answer("1", "Q20", 2, value=8, assumed_value=5),
        answer("1", "Q20", 2, value=8, before_value=12),
        answer("1", "Q19", 2, value=8),
        answer("1", "Q11", 2),
        answer("1", "Q12", 2),
        answer("1", "Q08", 2),
    ],
    ids=["no before", "no assumed", "no assumed usage", "no share", "no yes or no", "scale"],
)
def test_incomplete_numbers_and_scales_keep_the_consultants_score(said):
    assert coded("OC", said) == (2, "answered")


@pytest.mark.parametrize(
    ("role", "question", "reason", "expected"),
    [
        ("OC", "Q11", "nobody_measures", (0, "dont_know")),
        ("DC", "Q13", "do_not_know_self", (0, "dont_know")),
        ("OC", "Q20", "nobody_measures", (0, "dont_know")),
        ("AM", "Q20", "nobody_measures", (None, "dont_know")),
        ("KD", "Q11", "nobody_measures", (None, "dont_know")),
        ("OC", "Q16", "nobody_measures", (None, "dont_know")),
        ("OC", "Q11", "not_my_role", (None, "not_relevant")),
        ("OC", "Q11", None, (None, "dont_know")),
    ],
)
def test_dont_know_is_zero_only_from_those_who_ought_to_know(role, question, reason, expected):
    code, status = coded(role, unknown("1", question, reason))
    assert (None if np.isnan(code) else code, status) == expected


def test_answers_that_were_not_given_have_no_code():
    assert np.isnan(coded("OC", answer("1", "Q16", status="not_relevant"))[0])
    assert np.isnan(coded("OC", answer("1", "Q16", status="not_examined"))[0])


def test_open_answers_and_duplicated_interviews_are_left_out():
    got = score(
        interviews=[interview("1", "OC", participants=2), interview("2", "OC", duplicate_of="1")],
        answers=[answer("1", "Q26", theme="time"), answer("1", "Q16", 3), answer("2", "Q16", 1)],
    )["answer_scores"]
    expected = pd.DataFrame(
        {
            "municipality": ["0001"],
            "interview": ["1"],
            "role": ["OC"],
            "role_group": ["management"],
            "participants": [2.0],
            "question": ["Q16"],
            "criterion": ["G1"],
            "solution": [np.nan],
            "coded": [3.0],
            "status": ["answered"],
        }
    )
    pd.testing.assert_frame_equal(got.astype({"solution": float}), expected)


# --- interview scores ----------------------------------------------------------------------------------


def test_the_role_gap_of_the_framework_vector():
    leaders, users = talks("DC", [3, 3, 4, 2, 3], "Q22"), talks("AM", [1, 2, 1, 1, 2, 1], "Q22")
    row = criterion("L1", interviews=leaders[0] + users[0], answers=leaders[1] + users[1])
    assert row["I25c"] == pytest.approx(1.67, abs=0.005)
    assert row["I"] == pytest.approx((3 + 8 / 6) / 2)
    assert row[["mean_management", "mean_users"]].tolist() == pytest.approx([3, 4 / 3])
    assert row[["n_answers", "n_persons", "n_roles", "n_management", "n_users"]].tolist() == [11, 11, 2, 5, 6]
    assert (row["status"], pd.isna(row["reason"])) == ("measured", True)


def test_six_leaders_do_not_outvote_two_users():
    leaders, users = talks("DC", [4] * 6, "Q22"), talks("AM", [1, 1], "Q22")
    row = criterion("L1", interviews=leaders[0] + users[0], answers=leaders[1] + users[1])
    assert row["I"] == 2.5
    assert np.isnan(row["I25c"])


def test_an_interview_counts_once_however_many_answers_it_gave():
    row = criterion(
        "L1",
        interviews=[interview("1", "AM"), interview("2", "AM")],
        answers=[
            *[answer("1", "Q22", 4, solution=f"S{i}") for i in range(3)],
            answer("1", "Q22", None, solution="S9", status="dont_know", dont_know_reason="do_not_know_self"),
            answer("2", "Q22", 0),
        ],
    )
    assert (row["I"], row["n_answers"], row["n_persons"]) == (2.0, 4, 2)
    assert (row["status"], row["reason"]) == ("too_few", "too_few_answers")


def test_a_group_interview_counts_its_participants():
    row = criterion(
        "L1",
        interviews=[interview("1", "AM", participants=5), interview("2", "DC", participants=5)],
        answers=[answer("1", "Q22", 1), answer("2", "Q22", 3)],
    )
    assert row[["I", "I25c", "n_answers", "n_persons"]].tolist() == [2, 2, 2, 10]
    assert row["status"] == "measured"


@pytest.mark.parametrize(("persons", "expected"), [(4, (4 + 1) / 2), (5, (4 + 2 + 0) / 3)])
def test_staff_representatives_are_a_group_of_their_own_only_from_five_persons(persons, expected):
    row = criterion(
        "L2",
        interviews=[
            *[interview("1", "HRC"), interview("2", "AM")],
            interview("3", "TR", participants=persons),
        ],
        answers=[answer("1", "Q23", 4), answer("2", "Q23", 2), answer("3", "Q23", 0)],
    )
    assert row["I"] == pytest.approx(expected)
    assert row["n_users"] == (5 if persons == 4 else 1)


def test_when_all_who_ought_to_know_do_not_know_the_score_is_zero_and_not_missing():
    chiefs = [interview(f"{role}{i}", role) for role in ("OC", "HRC", "DC") for i in range(2)]
    row = criterion(
        "D3",
        interviews=chiefs,
        answers=[unknown(chief["interview"], q) for chief in chiefs for q in ("Q11", "Q12", "Q13")],
    )
    assert (row["I"], row["n_answers"], row["n_persons"], row["status"]) == (0, 18, 6, "measured")


def test_every_criterion_has_a_row_that_says_why_it_is_silent():
    rows = {
        "municipalities": [{"municipality": code} for code in ("0001", "0002")],
        "visits": [
            {"municipality": "0001", "visit": "B1", "instrument_version": "v1"},
            {"municipality": "0002", "visit": "B2"},
        ],
        "interviews": [interview("1", "AM")],
        "answers": [unknown("1", "Q22"), answer("1", "Q17", status="not_relevant")],
    }
    table = score(**rows)["interview_scores"]
    assert len(table) == 2 * 17
    assert table["I"].isna().all()
    codes = table.set_index(["municipality", "criterion"])[["status", "reason"]].apply(tuple, axis=1)
    assert codes["0001", "L1"] == ("cannot_be_said", "dont_know")
    assert codes["0001", "G1"] == ("not_examined", "no_answers")
    assert codes["0001", "G3"] == codes["0001", "G4"] == ("not_examined", "not_in_instrument")
    assert codes["0002", "G3"] == ("not_examined", "not_delivered")


# --- claims --------------------------------------------------------------------------------------------


def test_claims_are_the_median_share_and_the_most_frequent_answer_about_certainty():
    row = claims(
        interviews=[
            *[interview("1", "KD"), interview("2", "OC", participants=3), interview("3", "DC")],
            interview("4", "HRC"),
        ],
        answers=[
            answer("1", "Q11", 4, value=70),
            answer("2", "Q11", 4, value=60),
            answer("3", "Q11", 3, value=40),
            unknown("4", "Q11"),
            answer("2", "Q12", 3, value=1),
            answer("3", "Q12", 3, value=1),
            unknown("4", "Q12"),
        ],
    )
    assert row["claimed_share"] == pytest.approx(0.6)
    assert (row["n_claims"], row["claim"], row["n_claim_answers"]) == (5, "yes", 3)
    assert row["n_dont_know_Q11_Q12"] == 2
    assert row["I05b"] == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([1, 0], "no"),
        ([1, None], "dont_know"),
        ([0, None], "dont_know"),
        ([1, 1, None], "yes"),
        ([], "none"),
    ],
)
def test_of_equally_frequent_claims_the_most_cautious_stands(said, expected):
    met = [interview(str(i), "OC") for i in range(len(said))]
    given = [
        unknown(str(i), "Q12") if value is None else answer(str(i), "Q12", 1, value=value)
        for i, value in enumerate(said)
    ]
    assert claims(interviews=met, answers=given)["claim"] == expected


def test_not_my_role_is_no_claim_and_no_dont_know():
    row = claims(
        interviews=[interview("1", "OC")],
        answers=[unknown("1", "Q11", "not_my_role"), unknown("1", "Q12", "not_my_role")],
    )
    assert (row["claim"], row["n_claim_answers"], row["n_dont_know_Q11_Q12"]) == ("none", 0, 0)
    assert row[["claimed_share", "I05b"]].isna().all()


# --- raters --------------------------------------------------------------------------------------------


def rating(consultant, score, **fields):
    row = {"visit": "B1", "criterion": "P1", "consultant": consultant, "phase": "individual", "score": score}
    return row | fields


def test_consultants_two_points_apart_are_listed_and_the_consensus_is_not_a_rater():
    got = score(
        ratings=[
            rating("K1", 1),
            rating("K2", 3),
            rating("K1", 1, criterion="P2"),
            rating("K2", 2.5, criterion="P2"),
            rating("K1", 0, criterion="P2", phase="consensus"),
        ]
    )["rater_differences"]
    expected = pd.DataFrame(
        {
            "municipality": ["0001"],
            "visit": ["B1"],
            "criterion": ["P1"],
            "lowest": [1.0],
            "highest": [3.0],
            "difference": [2.0],
        }
    )
    pd.testing.assert_frame_equal(got, expected)


def test_a_round_without_interviews_gives_rows_and_no_numbers():
    got = score()
    assert got["answer_scores"].empty
    assert got["rater_differences"].empty
    assert got["interview_scores"]["reason"].unique().tolist() == ["not_delivered"]
    assert got["claims"]["claim"].tolist() == ["none"]
