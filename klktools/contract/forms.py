"""Forms that we hand out (`workbook.forms` of the labels): how one is known, and the head above its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from klktools.contract.spec import TableSpec, load_contract
from klktools.contract.text import fold

Cells = Sequence[Sequence[Any]]


@dataclass
class Head:
    """What stands above a form's rows: column of the contract -> value, and the cell it
    stands in (column from 0, row from 1)."""

    values: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)
    row: int = 1


def form_of(cells: Cells) -> str:
    """The name of the form a sheet is, by its title in the first cell; "" when it is none."""
    first = cells[0][0] if cells and len(cells[0]) else None
    forms = load_contract().words["workbook"]["forms"]
    titles = {fold(text): name for name, form in forms.items() for text in form["title"].values()}
    return titles.get(fold(first), "") if isinstance(first, str) else ""


def is_missing(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def column_named(cell: Any, table: TableSpec) -> str:
    """The column of a table that a cell is the name of, or ""."""
    if not isinstance(cell, str):
        return ""
    return next((name for name, spec in table.columns.items() if spec.unit_of(cell) is not None), "")


def heading_row(cells: Cells, table: TableSpec, first: str) -> int:
    """Where the rows' heading is, from 0: the row that begins with the form's first column."""
    found = (at for at, row in enumerate(cells) if at and len(row) and column_named(row[0], table) == first)
    return next(found, len(cells))


def read_head(cells: Cells, table: TableSpec) -> Head:
    """Labels and the value to the right of each, before the next label."""
    head = Head()
    for at, row in enumerate(cells):
        label = ""
        for place, cell in enumerate(row):
            if named := column_named(cell, table):
                label = named
                head.cells.setdefault(label, (place + 1, at + 1))
            elif label and not is_missing(cell):
                head.values[label] = cell
                head.cells[label] = (place, at + 1)
                label = ""
                head.row = at + 1 if len(head.values) == 1 else head.row
    return head
