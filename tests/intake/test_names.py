"""Names and other spellings instead of codes and ids: E02, E14a, E32a, E35, and what could be two."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.contract import fold, loosen
from klktools.intake.names import municipality_names, real_municipalities
from tests.intake.small_round import correction, read_edited, rows_of

NONE = pd.DataFrame({"municipality": pd.Series(dtype="str"), "name": pd.Series(dtype="str")})


def test_each_of_the_98_is_found_by_its_names_and_by_them_without_danish_letters():
    names = municipality_names(NONE)
    for code, name, full in real_municipalities().itertuples(index=False):
        texts = (name, full, f"{name} Kommune", name.upper(), name.lower())
        assert {names[fold(text)] for text in texts} == {code}
        assert names[loosen(name)] == code
    assert names[fold("Ålborg")] == names[fold("Aalborg")] == "0851"


def test_a_name_of_two_municipalities_stands_for_none():
    names = municipality_names(
        pd.DataFrame({"municipality": ["X001", "X002"], "name": ["Almsund", "almsund"]})
    )
    assert names["almsund"] == names["almsund_kommune"] == ""


@pytest.mark.parametrize("text", ["60 Almsund", "60.0", "Almsund", "ALMSUND KOMMUNE", "Almsunds Kommune"])
def test_a_municipality_of_the_round_is_found_by_its_name(text, tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"municipality": text})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("processes B2", "E02", "municipality", text, "0060", other="1")
    ]


def test_a_code_without_its_zero_is_repaired_and_told(tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"municipality": "60"})])
    assert rows_of(found.corrections) == [
        correction("processes B2", "E01", "municipality", "60", "0060", other="1")
    ]


def test_a_code_and_the_name_of_another_municipality_are_an_error(tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"municipality": "60 Aarhus"})])
    assert found.problems[["rule", "cell", "value"]].values.tolist() == [["C05", "B2", "60 Aarhus"]]
    assert found.corrections.empty


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a1", "E35"),
        ("Økonomi", "E14a"),
        ("OEKONOMI", "E14a"),
        ("okonomi", "E14a"),
        ("O\u0308konomi", None),  # German o with dots is another letter
        ("Økonomiafdelingen", "E14a"),
    ],
)
def test_a_department_is_found_by_another_spelling_or_its_name(text, rule, tmp_path):
    found = read_edited(tmp_path, [("usage", 0, {"department": text})])
    if rule:
        assert found.problems.empty
        assert rows_of(found.corrections) == [correction("usage C2", rule, "department", text, "A1")]
        assert found.tables["usage"]["department"].tolist() == ["A1", "A1", "A2"]
    else:
        assert found.problems.query("severity == 'error'")["rule"].tolist() == ["E26"]


def test_a_solution_is_found_by_its_name(tmp_path):
    found = read_edited(tmp_path, [("support", 0, {"solution": "HANDEL"})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [correction("support B2", "E32a", "solution", "HANDEL", "L1")]


def test_a_list_of_departments_may_have_names_among_the_ids(tmp_path):
    found = read_edited(tmp_path, [("initiatives", 1, {"affected_departments": "A1|Børn og unge"})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("initiatives Q3", "E14a", "affected_departments", "A1|Børn og unge", "A1|A2")
    ]


def test_a_name_of_two_departments_is_not_guessed(tmp_path):
    schools = [
        ("departments", None, {"department": d, "name": n}) for d, n in (("A3", "Skole"), ("A4", "skole"))
    ]
    found = read_edited(tmp_path, [*schools, ("users", 0, {"department": "Skole"})])
    assert found.problems[["rule", "cell"]].values.tolist() == [["E26", "C2"]]
    assert found.corrections.empty


def test_a_known_id_is_never_taken_for_a_name(tmp_path):
    found = read_edited(tmp_path, [("departments", 1, {"name": "A1"})])
    assert (len(found.problems), len(found.corrections)) == (0, 0)


def test_rows_that_get_one_key_by_mending_are_compared_as_such(tmp_path):
    found = read_edited(tmp_path, [("usage", None, {"department": "a2"})])
    assert found.corrections["rule"].tolist() == ["E35", "E13a"]
    assert len(found.tables["usage"]) == 3


def test_letters_in_two_parts_are_told_once_for_each_sheet_and_column(tmp_path):
    watch = {"department": "A3", "name": "Va\u030agen 2"}
    found = read_edited(
        tmp_path, [("departments", 1, {"name": "Va\u030agen 1"}), ("departments", None, watch)]
    )
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("departments C3", "E35a", "name", "V\u00e5gen 1", "V\u00e5gen 1", other="2")
    ]


def test_a_column_of_codes_without_their_zero_is_told_once_with_the_number_of_cells(tmp_path):
    """A workbook keeps every code as a number; a row for each cell would hide all else."""
    found = read_edited(tmp_path, [("usage", row, {"municipality": "60"}) for row in range(3)])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("usage A2", "E01", "municipality", "60", "0060", other="3")
    ]
