"""Columns that are computed; the witnesses are the framework's own limits."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.contract import empty_table, load_contract
from klktools.intake.derive import fill, mark_duplicates
from klktools.intake.hits import hits

TABLES = load_contract().tables
LIMITS = {"new_solution_years": 5}


def test_size_classes_begin_at_their_lower_limit():
    population = [500, 19_999, 20_000, 39_999, 40_000, 59_999, 60_000, 99_999, 100_000, 204_300]
    data = pd.DataFrame({"population": pd.array(population, dtype="Int64")})
    codes = ["under_20000", "20000_39999", "40000_59999", "60000_99999", "100000_plus"]
    found = fill(data, TABLES["municipalities"], {}, LIMITS)["size_class"]
    assert found.tolist() == [code for code in codes for _ in range(2)]


@pytest.mark.parametrize(
    ("go_live", "said", "new"),
    [
        ("2013-08-01", None, True),  # five years to the month before the end of the period
        ("2013-07-01", None, False),
        ("2013-07-01", True, True),  # what the municipality says wins
        ("2018-01-01", False, False),
        (None, None, None),
    ],
)
def test_a_solution_is_new_when_it_went_live_within_five_years_of_the_period(go_live, said, new):
    solutions = pd.DataFrame(
        {
            "municipality": ["0060"],
            "go_live": pd.to_datetime(pd.Series([go_live])),
            "is_new": pd.array([said], dtype="boolean"),
        }
    )
    visits = pd.DataFrame({"municipality": ["0060"], "period_to": [pd.Timestamp("2018-08-01")]})
    found = fill(solutions, TABLES["solutions"], {"visits": visits}, LIMITS)["is_new"].astype(object)
    assert found.where(found.notna(), None).tolist() == [new]


def test_a_department_is_core_welfare_by_its_group_or_when_it_is_an_institution():
    departments = pd.DataFrame(
        {
            "department_group": ["finance", "children_youth", "culture_leisure", "finance"],
            "level": ["central", "central", "institution", "central"],
            "core_welfare": pd.array([None, None, None, True], dtype="boolean"),
        }
    )
    assert fill(departments, TABLES["departments"], {}, LIMITS)["core_welfare"].tolist() == [
        False,
        True,
        True,
        True,
    ]


def test_an_assumption_weighs_one_unless_it_says_otherwise():
    assumptions = empty_table("assumptions").reindex(range(2)).assign(weight=[None, 2.0])
    assert fill(assumptions, TABLES["assumptions"], {}, LIMITS)["weight"].tolist() == [1.0, 2.0]


def test_an_interview_is_marked_with_the_one_it_is_a_duplicate_of():
    interviews = empty_table("interviews").reindex([3, 4, 5]).assign(interview=["I1", "I2", "I3"])
    found = hits(pd.Series([False, True, False], index=[3, 4, 5]), "E17", "interview", other="I1")
    assert mark_duplicates(interviews, found)["duplicate_of"].fillna("").tolist() == ["", "I1", ""]
    assert mark_duplicates(interviews, found.iloc[:0]) is interviews
