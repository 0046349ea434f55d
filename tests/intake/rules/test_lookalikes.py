"""Rows that may be of one thing (E14, E17, E32) or in a circle (E27), and those that only look so."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.interviews import score_answers
from tests.intake.small_round import problem, read_edited, rows_of


def rules_of(tmp_path, *edits) -> list[str]:
    return read_edited(tmp_path, edits).problems["rule"].tolist()


def departments(old: dict, new: dict):
    """An old and a new department beside the two of the round."""
    base = {
        "name": "Børn og Kultur",
        "valid_from": "2015-01",
        "valid_to": "2017-06",
        "replaces": "",
        "aliases": "",
    }
    later = base | {"name": "Børn, Unge og Kultur", "valid_from": "2017-07", "valid_to": ""}
    return [
        ("departments", None, base | {"department": "A3"} | old),
        ("departments", None, later | {"department": "A4"} | new),
    ]


RENAMED = (
    "»Børn, Unge og Kultur« kommer til (2017-07), når »Børn og Kultur« ophører (2017-06), "
    "men det står ikke, om den ene afløser den anden"
)


def test_a_department_that_begins_as_another_ends_is_told(tmp_path):
    found = read_edited(tmp_path, departments({}, {}))
    assert rows_of(found.problems) == [problem("departments G5", "E14", "valid_from", "2017-07", RENAMED)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"replaces": "A3"}),
        ({}, {"aliases": "Boern og kultur"}),
        ({}, {"valid_from": "2017-09"}),  # three months later
        ({"valid_to": "2017-08"}, {}),  # they existed side by side
        ({"valid_to": ""}, {}),
    ],
)
def test_a_department_that_is_mapped_or_begins_at_another_time_is_not_told(old, new, tmp_path):
    assert rules_of(tmp_path, *departments(old, new)) == []


def switch(**changes: str):
    """Usage of A1 in July under its own name, in August under that of a third department."""
    new = {"department": "A3", "name": "Økonomi og Indkøb", "valid_from": "2018-07", "aliases": ""}
    return [
        ("departments", None, new | changes),
        ("usage", 1, {"department": "A3", "active_users": ""}),
        ("usage", None, {"month": "2018-07"}),
        ("solutions", 0, {"relevant_departments": "A2"}),
    ]


def test_a_new_name_in_usage_as_an_old_one_disappears_is_told_where_the_departments_give_no_dates(tmp_path):
    found = read_edited(tmp_path, switch())
    said = (
        "»Økonomi og Indkøb« kommer til (2018-08), når »Økonomi« ophører (2018-07), "
        "men det står ikke, om den ene afløser den anden"
    )
    assert rows_of(found.problems) == [problem("usage C3", "E14", "department", "A3", said)]


def test_usage_under_a_new_name_that_is_mapped_is_not_told(tmp_path):
    mapped = read_edited(tmp_path / "replaces", switch(replaces="A1"))
    spelled = read_edited(tmp_path / "alias", switch(aliases="økonomi"))
    assert (len(mapped.problems), len(spelled.problems)) == (0, 0)


@pytest.mark.parametrize(
    ("name", "other", "told"),
    [
        ("Indkøbsportalen", "Indkøbs-portal", True),
        ("Indkøbsportalen", "indkoebsportalen", True),
        ("Indkøbsportalen", "Indkobsportalen", True),
        ("Robot 1", "Robot 2", False),
        ("Vagtplan II", "Vagtplan III", False),
        ("Indkøbsportalen", "Fakturaflow", False),
    ],
)
def test_spellings_of_one_solution_are_told_and_two_solutions_are_not(name, other, told, tmp_path):
    second = {"solution": "L3", "name": other}
    assert rules_of(tmp_path, ("solutions", 1, {"name": name}), ("solutions", None, second)) == ["E32"] * told


def test_one_system_for_two_functions_is_two_solutions(tmp_path):
    second = {"solution": "L3", "function": "time", "supports_function": "", "underlying_solution": ""}
    assert rules_of(tmp_path, ("solutions", None, second)) == []


def answered(*scores: str, interview: str):
    """Answers to scale questions Q01 ... in an interview, after the five of the round."""
    plain = {
        "solution": "",
        "answer_type": "scale",
        "value": "",
        "assumed_value": "",
        "before_value": "",
        "theme": "",
    }
    rows = [
        {"interview": interview, "question": f"Q{n:02d}", "score": s} for n, s in enumerate(scores, start=1)
    ]
    return [("answers", None, plain | {"status": "answered", "basis": ""} | row) for row in rows]


def two_interviews(second: tuple[str, ...], **changes: str):
    """I3 and I4 of one role, area and visit, on following days, by each of the two consultants."""
    base = {"interview": "I3", "role": "FC", "department_group": "children_youth", "date": "2018-09-12"}
    base |= {"participants": "1", "form": "in_person", "consultant": "K1"}
    other = base | {"interview": "I4", "date": "2018-09-13", "consultant": "K2"} | changes
    given = [("interviews", None, base), ("interviews", None, other)]
    return [*given, *answered(*FIRST, interview="I3"), *answered(*second, interview="I4")]


FIRST = ("1", "2", "3", "4", "0", "1", "2", "3", "4", "0")
NINE_OF_TEN = (*FIRST[:9], "4")
EIGHT_OF_TEN = (*FIRST[:8], "0", "4")


def test_an_interview_entered_by_both_consultants_is_marked_and_told(tmp_path):
    found = read_edited(tmp_path, two_interviews(NINE_OF_TEN))
    said = (
        "Interviewet har næsten de samme svar som »I3« (samme besøg, rolle, område og dag) "
        "og regnes som en dublet af det"
    )
    assert rows_of(found.problems) == [problem("interviews A5", "E17", "interview", "I4", said)]
    marked = found.tables["interviews"].set_index("interview")["duplicate_of"]
    assert marked.dropna().to_dict() == {"I4": "I3"}
    counts = found.delivered.set_index("table").loc["interviews"]
    assert counts[["rows_delivered", "rows_accepted", "rows_warned"]].tolist() == [4, 4, 1]


def test_a_duplicate_counts_in_no_score(tmp_path):
    framework = load_framework()
    counted = []
    for name, edits in (("once", two_interviews(NINE_OF_TEN)[:1]), ("twice", two_interviews(NINE_OF_TEN))):
        alone = edits if name == "twice" else [*edits, *answered(*FIRST, interview="I3")]
        tables = read_edited(tmp_path / name, alone).tables
        scored = score_answers(
            tables, framework_questions=framework.questions, assumptions=framework.assumptions
        )
        counted.append(scored["interview_scores"])
    pd.testing.assert_frame_equal(*counted)


def test_of_two_the_interview_with_more_answers_is_kept(tmp_path):
    found = read_edited(tmp_path, two_interviews((*FIRST, "1")))
    assert found.tables["interviews"].set_index("interview")["duplicate_of"].dropna().to_dict() == {
        "I3": "I4"
    }


@pytest.mark.parametrize(
    ("second", "changes"),
    [
        (EIGHT_OF_TEN, {}),  # not more than four in five
        (FIRST, {"role": "IL"}),
        (FIRST, {"department_group": "social_health"}),
        (FIRST, {"date": "2018-09-14"}),
        (FIRST[:4], {}),
    ],
)
def test_two_interviews_that_differ_are_two(second, changes, tmp_path):
    found = read_edited(tmp_path, two_interviews(second, **changes))
    assert (len(found.problems), found.tables["interviews"]["duplicate_of"].notna().sum()) == (0, 0)


def test_few_equal_answers_do_not_make_a_duplicate(tmp_path):
    edits = [edit for edit in two_interviews(FIRST[:4]) if edit[2].get("question", "Q01") <= "Q04"]
    assert rules_of(tmp_path, *edits) == []


def test_what_leads_into_a_circle_or_out_of_it_is_not_in_it(tmp_path):
    more = [("initiatives", None, {"initiative": f"N{n}", "status": "idea"}) for n in (3, 4, 5)]
    links = [("N1", "N2"), ("N2", "N3"), ("N3", "N1"), ("N4", "N1"), ("N3", "N5")]
    edits = [
        ("dependencies", row if row < 2 else None, {"initiative": one, "requires": other})
        for row, (one, other) in enumerate(links)
    ]
    found = read_edited(tmp_path, [*more, *edits]).problems
    assert found[["rule", "cell"]].values.tolist() == [["E27", "C2"], ["E27", "C3"], ["E27", "C4"]]
