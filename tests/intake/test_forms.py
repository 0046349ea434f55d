"""Forms and examples of the workbooks we hand out, as intake sees them."""

import pandas as pd
import pytest

from klktools.contract.forms import form_of
from klktools.intake.files import Fault
from klktools.intake.files.forms import is_aside, read_form, without_examples

HEAD = [
    ["Interviewskema", None, None, None],
    ["Kommunekode", "0060", "Besøgs-id", "B1"],
    ["Interview-id", None, "Rolle", "Økonomichef"],
]
HEADING = ["Spørgsmål", "Spørges om", "Score", "Værdi", "Status", "Årsag til »ved ikke«", "Løsnings-id"]


def read(rows, heading=None):
    return {sheet.table: sheet for sheet in read_form([*HEAD, heading or HEADING, *rows], "n.xlsx", "Skema")}


@pytest.mark.parametrize("name", ["Vejledning", "vejledning ", "GUIDE", "Lister", "Lists"])
def test_guide_and_lists_are_no_tables(name):
    assert is_aside(name)


@pytest.mark.parametrize("name", ["Svar", "Ark1", "Vejledninger", ""])
def test_other_sheets_are_not_passed_over(name):
    assert not is_aside(name)


@pytest.mark.parametrize(
    ("first", "form"),
    [("Interviewskema", "interview"), ("Rating sheet", "rating"), ("Kommunekode", ""), (7, ""), (None, "")],
)
def test_a_form_is_known_by_its_title(first, form):
    assert form_of([[first]]) == form
    assert form_of([]) == ""


def test_a_row_is_an_example_by_its_first_cell_alone():
    rows = pd.DataFrame(
        [["Eksempel", 1], ["EXAMPLE ", 2], ["0060", "Eksempel"], [None, 3]], index=[2, 3, 4, 5]
    )
    assert list(without_examples(rows).index) == [4, 5]
    assert without_examples(rows.iloc[:0]).empty


def test_the_head_is_one_interview_with_the_cells_it_stands_in():
    sheet = read([["Q01", "", 2, None, None, None, None]])["interviews"]
    assert sheet.header == ("Kommunekode", "Besøgs-id", "Interview-id", "Rolle")
    assert list(sheet.rows.iloc[0].fillna("")) == ["0060", "B1", "", "Økonomichef"]
    assert [sheet.cell(place, 9) for place in range(4)] == ["B2", "D2", "B3", "D3"]


def test_rows_keep_their_place_and_share_the_head():
    sheet = read([["Q01", "", 2, None, None, None, None], ["Q03", "", 1, None, None, None, "L1"]])["answers"]
    table = sheet.rows.set_axis(list(sheet.header), axis=1)
    assert list(table.index) == [5, 6]
    assert list(table["Kommunekode"]) == ["0060", "0060"]
    assert list(table["Svartype"]) == ["scale", "scale"]
    assert list(table["Status"]) == ["answered", "answered"]
    assert (sheet.cell(2, 5), sheet.cell(sheet.header.index("Kommunekode"), 5)) == ("C5", "B2")


def test_a_question_that_was_not_asked_makes_no_row():
    sheet = read([["Q01", "tekst", None, None, None, None, None], ["Q02", "", 3, None, None, None, None]])[
        "answers"
    ]
    assert list(sheet.rows[0]) == ["Q02"]


def test_a_reason_makes_the_answer_a_dont_know_and_a_status_stands():
    rows = [
        ["Q01", "", None, None, None, "Ved det ikke selv", None],
        ["Q04", "", None, None, "Ikke relevant", None, None],
    ]
    sheet = read(rows)["answers"]
    assert list(sheet.rows[4]) == ["dont_know", "Ikke relevant"]


def test_yes_and_no_are_one_and_nought_only_where_yes_or_no_was_asked():
    rows = [["Q12", "", 3, "Ja", None, None, None], ["q12", "", 1, "nej", None, None, None]]
    rows += [["Q11", "", 1, "Ja", None, None, None]]
    assert list(read(rows)["answers"].rows[3]) == [1, 0, "Ja"]


def test_columns_beside_are_passed_over_and_strange_ones_are_not():
    sheet = read([["Q01", "tekst", 2, "?"]], ["Spørgsmål", "Spørges om", "Score", "Humør"])["answers"]
    assert sheet.header[:4] == ("Spørgsmål", "", "Score", "Humør")
    assert sheet.rows[1].isna().all()


def test_an_empty_form_is_nothing():
    empty = [["Interviewskema"], ["Kommunekode", None], HEADING, ["Q01", "tekst", None]]
    assert list(read_form(empty, "n.xlsx", "Skema")) == []


def test_a_form_whose_rows_lost_their_heading_is_a_fault():
    fault, sheet = read_form([*HEAD, ["Nr.", "", "Score"], ["Q01", "", 2]], "n.xlsx", "Skema")
    assert fault == Fault("F05", "n.xlsx", "Skema", "answers", column="question")
    assert sheet.table == "interviews"


def test_a_heading_that_is_there_twice_is_left_for_the_contract_to_refuse():
    sheet = read([["Q01", 2, 3, 1, 1]], ["Spørgsmål", "Score", "Score", "Humør", "Humør"])["answers"]
    assert sheet.header[:5] == ("Spørgsmål", "Score", "Score", "Humør", "Humør")
    assert list(sheet.rows[1]) == [2]
