"""Values that look like formulas are text in every workbook that is written."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from klktools.intake import read_round
from klktools.workbooks.problems import write_problems
from tests.intake.small_round import edited, write_csv

NASTY = ["=cmd|' /C calc'!A0", "+45", "-1+1", "@SUM(A1)", "=1+1"]


@pytest.mark.parametrize("text", NASTY)
def test_a_cell_that_looks_like_a_formula_is_text_in_the_list_of_problems(text, tmp_path):
    folder = write_csv(edited([("processes", 0, {"org_level": text})]), tmp_path / "round")
    write_problems(read_round(folder), tmp_path / "problems.xlsx")
    book = load_workbook(tmp_path / "problems.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)


def test_no_cell_of_the_list_of_problems_is_a_formula(tmp_path):
    edits = [("processes", None, {"org_level": text, "process": text}) for text in NASTY]
    folder = write_csv(edited(edits), tmp_path / "round")
    write_problems(read_round(folder), tmp_path / "problems.xlsx")
    book = load_workbook(tmp_path / "problems.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
