"""Formulas that failed (E37): missing and told, in workbooks and in text files."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from klktools.intake import read_round
from tests.intake.small_round import grids, read_edited, write_workbook


def test_a_failed_formula_of_a_workbook_is_missing_and_told(tmp_path):
    path = write_workbook(grids(), tmp_path / "runde.xlsx")
    book = load_workbook(path)
    book["staffing"]["E2"] = "#DIV/0!"
    book.save(path)
    found = read_round(path)
    assert found.problems[
        ["file", "sheet", "cell", "value", "rule", "severity", "message"]
    ].values.tolist() == [
        ["runde.xlsx", "staffing", "E2", "#DIV/0!", "E37", "warning"]
        + ["»Årsværk« er en formel, der er gået i stykker (#DIV/0!); cellen regnes som tom"]
    ]
    assert found.tables["staffing"]["fte"].isna().tolist() == [True, False]


@pytest.mark.parametrize("text", ["#I/T", "#VÆRDI!", "#NAVN?", "#REFERENCE!", "#ref!", "########"])
def test_a_failed_formula_of_a_text_file_is_missing_and_told(text, tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"fte": text})])
    assert found.problems[["cell", "value", "rule"]].values.tolist() == [["E2", text, "E37"]]
    assert found.tables["processes"]["fte"].isna().all()


def test_a_failed_formula_where_a_value_is_required_rejects_the_row(tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"org_level": "#N/A"})])
    assert found.problems[["cell", "rule", "severity"]].values.tolist() == [
        ["D2", "E37", "warning"],
        ["D2", "C01", "error"],
    ]


def test_a_text_that_begins_with_a_number_sign_is_a_text(tmp_path):
    found = read_edited(tmp_path, [("gains", 0, {"description": "#digitalisering"})])
    assert found.problems.empty
    assert found.tables["gains"]["description"].tolist()[0] == "#digitalisering"
