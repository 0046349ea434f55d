"""Where a problem is: the names of cells are those of openpyxl."""

from __future__ import annotations

import pytest
from openpyxl.utils import get_column_letter

from klktools.intake.journal import _cell


@pytest.mark.parametrize("place", [0, 1, 25, 26, 51, 52, 701, 702, 16_383])
def test_a_cell_is_named_as_excel_names_it(place):
    assert _cell(place, 7) == f"{get_column_letter(place + 1)}7"


def test_a_column_that_is_not_there_has_no_cell():
    assert _cell(-1, 7) == ""
