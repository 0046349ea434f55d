"""The names of cells are those of openpyxl."""

from __future__ import annotations

import pytest
from openpyxl.utils import get_column_letter

from klktools.intake.files.sheet import cell_name


@pytest.mark.parametrize("place", [0, 1, 25, 26, 51, 52, 701, 702, 16_383])
def test_a_cell_is_named_as_excel_names_it(place):
    assert cell_name(place, 7) == f"{get_column_letter(place + 1)}7"


def test_a_column_that_is_not_there_has_nocell_name():
    assert cell_name(-1, 7) == ""
