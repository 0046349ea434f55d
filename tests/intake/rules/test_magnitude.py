"""Units and magnitudes (E20, E21, E23) just inside what is usual; outside they are told in `test_rules`."""

from __future__ import annotations

import pytest

from klktools.contract import load_contract
from klktools.framework import load_framework
from tests.intake.small_round import problem, read_edited, rows_of

RULES = load_contract().rules
PEOPLE = 42_000


def rules_of(tmp_path, *edits) -> list[str]:
    return read_edited(tmp_path, edits).problems["rule"].tolist()


NORM = load_framework().assumptions["volume_norm_purchasing"] * PEOPLE  # transactions a year


@pytest.mark.parametrize(("times", "told"), [(0.31, []), (0.29, ["E20"]), (2.99, []), (3.01, ["E20"])])
def test_the_denominator_of_a_year_is_held_against_the_norm(times, told, tmp_path):
    monthly = NORM * times / 12
    first, other = round(monthly / 10), round(monthly - round(monthly / 10))
    counts = [(0, first), (1, first), (2, other)]
    plain = {"through": "0", "as_intended": "", "sample_n": "", "active_users": ""}
    edits = [("usage", row, plain | {"eligible": str(number)}) for row, number in counts]
    assert rules_of(tmp_path, *edits) == told


def test_a_small_volume_is_not_told_where_a_department_has_no_denominator(tmp_path):
    small = [("usage", row, {"through": "1", "eligible": "2", "as_intended": ""}) for row in (0, 1)]
    assert rules_of(tmp_path, *small, ("usage", 2, {"eligible": "", "sample_n": ""})) == []


@pytest.mark.parametrize("denominator", ["own_solution_only", "unknown"])
def test_a_denominator_that_does_not_claim_to_be_all_is_not_held_against_the_norm(denominator, tmp_path):
    own = ("solutions", 0, {"denominator": denominator})
    assert rules_of(tmp_path, own, ("usage", 2, {"eligible": "420000"})) == []


def test_functions_without_a_norm_are_not_judged(tmp_path):
    assert (
        rules_of(tmp_path, ("solutions", 0, {"function": "time"}), ("usage", 2, {"eligible": "420000"})) == []
    )


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0", []), ("999", ["E21"]), ("1000", []), (str(450 * PEOPLE), []), (str(450 * PEOPLE + 1), ["E21"])],
)
def test_amounts_are_asked_about_outside_what_kroner_can_be(amount, told, tmp_path):
    assert rules_of(tmp_path, ("solutions", 0, {"licence_kr": amount})) == told


def test_the_upper_limit_is_one_per_cent_of_a_budget_of_45000_kr_per_inhabitant():
    assert RULES["E21"]["high"] == 0.01 * 45_000


def test_an_amount_in_thousands_with_its_unit_in_the_heading_is_not_asked_about(tmp_path):
    found = read_edited(tmp_path, [("gains", 0, {"budget_cut_kr": "", "Budgetreduktion (1.000 kr.)": "300"})])
    assert "E21" not in set(found.problems["rule"])


def test_one_price_level_and_gains_without_an_amount_are_not_told(tmp_path):
    empty = {"business_case_kr": "", "price_level": ""}
    assert rules_of(tmp_path, ("gains", 1, empty)) == []


def test_the_less_frequent_price_level_is_the_one_told(tmp_path):
    third = {"gain": "G3", "price_level": "2019-pl"}
    edits = [("gains", 0, {"price_level": "2019-pl"}), ("gains", None, third)]
    found = read_edited(tmp_path, edits)
    said = (
        "Prisniveauet 2018-pl er et andet end kommunens øvrige (2019-pl); "
        "beløb i flere prisniveauer lægges ikke sammen"
    )
    assert rows_of(found.problems) == [problem("gains H3", "E23a", "price_level", "2018-pl", said)]


def test_a_cut_of_nothing_has_the_right_sign(tmp_path):
    assert rules_of(tmp_path, ("gains", 0, {"budget_cut_kr": "0"})) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"turnover_stated": "1", "turnover_definition": "vive"},  # 100 per cent
        {"fte": "40"},  # as many full-time equivalents as heads
        {"turnover_definition": ""},  # leavers are known, so that the percentage is not used
        {"turnover_stated": "", "turnover_definition": "unknown", "left": ""},
    ],
)
def test_staff_figures_just_inside_what_is_possible_are_not_told(changes, tmp_path):
    assert rules_of(tmp_path, ("staffing", 0, changes)) == []


def test_as_many_trained_as_users_are_not_told(tmp_path):
    edits = [("training", 0, {"persons": "30"}), ("users", 0, {"users": "30"})]
    assert rules_of(tmp_path, *edits) == []
