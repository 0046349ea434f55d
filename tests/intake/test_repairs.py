"""Repairs that need more than one cell: E07, E08, E15, E18 and E36, each with what must be left alone."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.intake import read_round
from tests.intake.small_round import (
    correction,
    edited,
    problem,
    read_edited,
    rows_of,
    write_csv,
    write_workbook,
)


@pytest.mark.parametrize("text", ["Ved ikke", "VI", "?", "-", "–", "9", "99", "don't know"])
def test_dont_know_in_the_score_is_moved_to_the_status(text, tmp_path):
    found = read_edited(tmp_path, [("answers", 0, {"score": text})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("answers F2", "E18", "score", text, ""),
        correction("answers J2", "E18", "status", "answered", "dont_know"),
    ]
    answer = found.tables["answers"].iloc[0]
    assert (answer["status"], pd.isna(answer["score"]), pd.isna(answer["dont_know_reason"])) == (
        "dont_know",
        True,
        True,
    )


def test_a_zero_that_stands_for_dont_know_is_emptied_and_the_status_stays(tmp_path):
    found = read_edited(tmp_path, [("answers", 2, {"score": "0"})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [correction("answers F4", "E18", "score", "0", "")]


def test_an_empty_status_beside_dont_know_in_the_score_is_filled(tmp_path):
    found = read_edited(tmp_path, [("answers", 0, {"score": "ved ikke", "status": ""})])
    assert found.problems.empty
    assert rows_of(found.corrections)[1] == correction("answers J2", "E18", "status", "", "dont_know")


def test_a_zero_is_a_score_when_the_question_was_answered(tmp_path):
    found = read_edited(tmp_path, [("answers", 0, {"score": "0"})])
    assert (len(found.problems), len(found.corrections)) == (0, 0)
    assert found.tables["answers"]["score"].tolist()[0] == 0


@pytest.mark.parametrize(
    ("row", "changes", "rule"),
    [
        (1, {"score": "9"}, "C04"),  # the answer has a value: not "don't know"
        (1, {"score": "-"}, "C02"),
        (0, {"score": "9", "status": "not_relevant"}, "C04"),
        (0, {"score": "0", "status": "not_examined"}, "R09"),
        (0, {"score": "0", "status": ""}, "C01"),
        (0, {"score": "7"}, "C04"),
        (0, {"score": "måske"}, "C02"),
    ],
)
def test_what_may_be_something_else_than_dont_know_is_an_error(row, changes, rule, tmp_path):
    found = read_edited(tmp_path, [("answers", row, changes)])
    assert found.problems["rule"].tolist() == [rule]
    assert found.corrections.empty


def test_a_dont_know_with_its_own_status_still_needs_a_reason(tmp_path):
    found = read_edited(tmp_path, [("answers", 2, {"dont_know_reason": ""})])
    assert found.problems["rule"].tolist() == ["R10"]


FIVE = "Filen har 5 som score, så den bruger skalaen 1-5 i stedet for 0-4; ingen af dens rækker kan bruges"


def test_a_five_among_the_scores_rejects_the_whole_file(tmp_path):
    found = read_edited(tmp_path, [("answers", 3, {"score": "5"})])
    assert rows_of(found.problems) == [problem("answers F5", "E36", "score", "5", FIVE)]
    assert found.tables["answers"].empty
    counts = found.delivered.set_index("table").loc["answers"]
    assert counts[["rows_delivered", "rows_accepted", "rows_rejected"]].tolist() == [5, 0, 5]


def test_only_the_file_with_the_five_is_rejected_and_every_municipality_in_it_is_told(tmp_path):
    for number, (edits, codes) in enumerate(
        [([("answers", 3, {"score": "5"})], ["0060", "0101"]), ([], ["0147"])]
    ):
        parts = [{n: g.replace({"municipality": {"0060": c}}) for n, g in edited([]).items()} for c in codes]
        parts[0] = edited(edits) if edits else parts[0]
        write_csv(
            {name: pd.concat([part[name] for part in parts]) for name in parts[0]}, tmp_path / str(number)
        )
    found = read_round(tmp_path)
    assert found.problems[["municipality", "file", "cell", "value", "rule"]].values.tolist() == [
        ["0060", "0/answers.csv", "F5", "5", "E36"],
        ["0101", "0/answers.csv", "F7", "2", "E36"],
    ]
    assert found.tables["answers"]["municipality"].unique().tolist() == ["0147"]


def test_a_four_is_on_the_scale(tmp_path):
    found = read_edited(tmp_path, [("answers", 0, {"score": "4"})])
    assert (len(found.problems), len(found.tables["answers"])) == (0, 5)


def test_ratings_on_another_scale_are_rejected_too(tmp_path):
    found = read_edited(tmp_path, [("ratings", 1, {"score": "5"})])
    assert rows_of(found.problems) == [problem("ratings F3", "E36", "score", "5", FIVE)]
    assert found.tables["ratings"].empty


def test_the_other_sheets_of_a_workbook_on_another_scale_are_used(tmp_path):
    path = write_workbook(edited([("answers", 3, {"score": "5"})]), tmp_path / "runde.xlsx")
    found = read_round(path)
    assert found.problems["rule"].tolist() == ["E36"]
    assert (len(found.tables["answers"]), len(found.tables["ratings"])) == (0, 3)


NOTE = {"through": "-20", "eligible": "-30", "as_intended": "-5", "active_users": "", "source": "kreditnota"}


def credit_note(**changes: str):
    """A second row of the first usage row's cell, with counts below zero."""
    cell = {"department": "A1", "month": "2018-07", "evidence": "A", "sample_n": ""}
    return ("usage", None, NOTE | cell | changes)


def test_a_credit_note_with_the_key_of_a_row_is_deducted_from_it(tmp_path):
    found = read_edited(tmp_path, [credit_note()])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("usage E2", "E08a", "through", "120", "100"),
        correction("usage F2", "E08a", "eligible", "400", "370"),
        correction("usage G2", "E08a", "as_intended", "60", "55"),
        correction("usage E5", "E08b", "through", "-20", ""),
    ]
    row = found.tables["usage"].iloc[0]
    assert row[["through", "eligible", "as_intended", "source"]].tolist() == [100, 370, 55, "udtræk"]
    counts = found.delivered.set_index("table").loc["usage"]
    assert counts[["rows_delivered", "rows_accepted", "rows_rejected"]].tolist() == [4, 3, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"through": "-121"},  # more than there is
        {"eligible": ""},  # the note does not say whether it was among all
        {"through": "20"},  # a correction upwards, or another count of the same
        {"as_intended": "5"},
    ],
)
def test_a_row_that_is_no_clear_credit_note_is_not_netted(changes, tmp_path):
    found = read_edited(tmp_path, [credit_note(**changes)])
    assert found.corrections.empty
    assert set(found.problems["rule"]) >= {"E13"}


def test_a_negative_count_without_a_row_to_deduct_it_from_is_kept_and_told(tmp_path):
    found = read_edited(tmp_path, [("usage", 0, {"through": "-5", "as_intended": ""})])
    said = "»Antal gennem løsningen« er negativ (-5); måneden regnes ikke som målt"
    assert rows_of(found.problems) == [problem("usage E2", "E08", "through", "-5", said)]
    assert found.tables["usage"]["through"].tolist() == [-5, 150, 1500]


def test_a_zero_is_no_negative_count(tmp_path):
    assert read_edited(tmp_path, [("usage", 0, {"through": "0", "as_intended": "0"})]).problems.empty


def total_row(name: str = "I alt", **changes: str):
    """A row of totals of August: 150 + 1500 and 420 + 4200."""
    sums = {"department": name, "through": "1650", "eligible": "4620", "evidence": "A", "sample_n": ""}
    return ("usage", None, sums | changes)


@pytest.mark.parametrize("name", ["I alt", "i alt:", "TOTAL", "Hele kommunen", "Sum"])
def test_a_row_of_totals_is_left_out_and_told(name, tmp_path):
    found = read_edited(tmp_path, [total_row(name)])
    assert found.problems.empty
    assert rows_of(found.corrections) == [correction("usage C5", "E15", "department", name, "")]
    assert found.tables["usage"]["department"].tolist() == ["A1", "A1", "A2"]
    counts = found.delivered.set_index("table").loc["usage"]
    assert counts[["rows_delivered", "rows_accepted", "rows_rejected"]].tolist() == [4, 3, 0]


def test_what_is_called_a_total_but_is_not_the_sum_is_an_error(tmp_path):
    found = read_edited(tmp_path, [total_row(through="1651")])
    said = "»I alt« ligner en række med totaler, men tallene er ikke summen af de øvrige afdelinger"
    assert rows_of(found.problems) == [problem("usage C5", "E15a", "department", "I alt", said)]
    assert found.corrections.empty


def test_a_department_with_the_numbers_of_the_sum_is_no_total_without_the_name(tmp_path):
    larger = ("municipalities", 0, {"population": "200000"})  # so that the volume is not unlikely (E20)
    third = {"department": "A3", "name": "Totalforsvar", "valid_from": "2018-08"}
    found = read_edited(tmp_path, [larger, ("departments", None, third), total_row("A3")])
    assert (len(found.problems), len(found.corrections), len(found.tables["usage"])) == (0, 0, 4)


def test_a_total_among_the_departments_leaves_every_table_and_list(tmp_path):
    edits = [
        ("departments", None, {"department": "A9", "name": "Hele kommunen"}),
        ("solutions", 0, {"relevant_departments": "A1|A2|A9"}),
        ("staffing", None, {"department": "A9", "headcount": "160", "fte": ""}),
        ("users", None, {"department": "A9", "users": "110"}),
        total_row("A9"),
    ]
    found = read_edited(tmp_path, edits)
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("departments C4", "E15", "name", "Hele kommunen", ""),
        correction("staffing B4", "E15", "department", "A9", ""),
        correction("solutions L2", "E15", "relevant_departments", "A1|A2|A9", "A1|A2"),
        correction("users C4", "E15", "department", "A9", ""),
        correction("usage C5", "E15", "department", "A9", ""),
    ]
