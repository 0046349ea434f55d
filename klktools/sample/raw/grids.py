"""A table on its way into a file: its cells as written, and what was written otherwise than it should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from klktools.contract import load_contract
from klktools.contract.spec import TableSpec
from klktools.sample.raw.ways import Way, heading, write_cells, write_value

Row = Any  # the label of a row: the number it has in the clean round, or a text for a planted one


@dataclass(frozen=True)
class Mark:
    """One planted error.

    `error` is the catalogue's number (E01-E38), `rule` what intake calls it where that is another. `handling`
    is what is expected: correction, warning, error, read (nothing is said, and the clean value is read) or
    finding (nothing is wrong with a cell, but the assessment must find it). `rows` are the rows it is in,
    none for a whole file; `planted` and `clean` what is and what should be in the first of them.
    """

    error: str
    handling: str
    column: str = ""
    rows: tuple[Row, ...] = ()
    planted: str = ""
    clean: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Grid:
    """One table of one municipality.

    `clean` has the values as they are, `cells` what is written, both under the contract's names; a row has
    one label in both. `above` are lines over the heading, `below` lines under the table, `merged` a column
    and the rows whose cells in it are one. A grid with a `folder` is an extra copy in a file of its own.
    `encoding` and `separator` are those of its csv file.
    """

    table: str
    clean: pd.DataFrame
    cells: pd.DataFrame
    heads: Mapping[str, str]
    way: Way
    csv: bool
    encoding: str = ""
    separator: str = ""
    marks: tuple[Mark, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    merged: tuple[str, tuple[Row, ...]] = ("", ())
    folder: str = ""

    @property
    def spec(self) -> TableSpec:
        """What the contract says about the table."""
        return load_contract().tables[self.table]

    @property
    def columns(self) -> list[str]:
        """The contract's names of the columns, in the order of the file."""
        return [str(name) for name in self.cells]

    def at(self, row: Row, column: str) -> Any:
        """The clean value of a cell."""
        return self.clean.at[row, column]

    def written(self, column: str, value: Any) -> Any:
        """A value in the municipality's notation."""
        return write_value(value, self.spec.columns[column], self.way, csv=self.csv)

    def value(self, column: str, row: Row) -> str:
        """The clean value of a cell as text, "" when it is empty or its row was planted."""
        given = self.clean[column].get(row) if column in self.clean else None
        return "" if given is None or pd.isna(given) else say(given)

    def pick(self, count: int, wanted: pd.Series | None = None) -> list[Row]:
        """Some rows in which nothing was planted yet, spread evenly over those wanted."""
        taken = {row for mark in self.marks for row in mark.rows}
        index = self.clean.index if wanted is None else self.clean.index[wanted.fillna(False).astype(bool)]
        free = index[~index.isin(taken)]
        return list(free[np.linspace(0, len(free), count, endpoint=False).astype(int)]) if len(free) else []

    def marked(self, *marks: Mark) -> Grid:
        """The grid with more marks."""
        return replace(self, marks=(*self.marks, *marks))

    def rewritten(self, column: str, cells: Mapping[Row, Any]) -> Grid:
        """Other cells in a column; nothing is marked."""
        nothing = pd.Series([None] * len(self.cells), index=self.cells.index, dtype=object)
        new = pd.Series(list(cells.values()), index=list(cells), dtype=object).reindex(self.cells.index)
        kept = ~self.cells.index.isin(list(cells))
        old = self.cells.get(column, nothing).where(kept, new)
        heads = {**self.heads, column: heading(self.spec.columns[column], self.way)}
        return replace(self, cells=self.cells.assign(**{column: old}), heads=heads)

    def with_cells(self, mark: Mark, cells: Mapping[Row, Any]) -> Grid:
        """Other cells in the mark's column, each an error of its own."""
        marks = [
            replace(mark, rows=(row,), planted=say(cell), clean=self.value(mark.column, row))
            for row, cell in cells.items()
        ]
        return self.rewritten(mark.column, cells).marked(*marks)

    def with_column(self, mark: Mark, cells: Mapping[Row, Any]) -> Grid:
        """Other cells in the mark's column that are one error together."""
        first = next(iter(cells))
        whole = replace(
            mark, rows=tuple(cells), planted=say(cells[first]), clean=self.value(mark.column, first)
        )
        return self.rewritten(mark.column, cells).marked(whole)

    def with_rows(self, rows: Sequence[Mapping[str, Any]], label: str) -> Grid:
        """More rows under the others, labelled as `labels` says."""
        labels = self.labels(label, len(rows))
        added = pd.DataFrame(list(rows), index=labels, columns=self.cells.columns, dtype=object)
        return replace(self, cells=pd.concat([self.cells, added.where(added.notna(), None)]))

    @staticmethod
    def labels(label: str, count: int) -> list[Row]:
        """The labels of rows planted together."""
        return [f"{label} {number}" for number in range(1, count + 1)]

    def cells_of(self, row: Row) -> dict[str, Any]:
        """A row's cells as they are written."""
        return {str(name): cell for name, cell in self.cells.loc[row].items()}

    def row(self, row: Row, **values: Any) -> dict[str, Any]:
        """A row's cells with other values in some columns, in the municipality's notation."""
        changed = {
            name: None if value is None else self.written(name, value) for name, value in values.items()
        }
        return self.cells_of(row) | changed


def say(value: Any) -> str:
    """A cell as the truth file shows it: whole numbers without a point, dates as ISO."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def write_grid(table: str, clean: pd.DataFrame, way: Way) -> Grid:
    """A clean table in the municipality's own notation; columns that are empty throughout are left out.

    Parameters
    ----------
    table : str
        Canonical name.
    clean : DataFrame
        The municipality's rows, every label once.
    way : Way
    """
    csv = way.is_csv(table)
    specs = load_contract().tables[table].columns
    given = [specs[str(name)] for name in clean if specs[str(name)].required or clean[name].notna().any()]
    cells = {spec.name: write_cells(clean[spec.name], spec, way, csv=csv) for spec in given}
    heads = {spec.name: heading(spec, way) for spec in given}
    frame = pd.DataFrame(cells, index=clean.index, dtype=object)
    return Grid(table, clean, frame, heads, way, csv, way.encoding, way.separator)


_DANISH = r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?|-?\d+,\d+"
_NOTATIONS = {
    "code": ("E01", r"\d{1,3}"),
    "date": ("E10", r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}"),
    "month": ("E11", r"\d{4}M\d{2}|[^\W\d]+[- ]\d{2,4}"),
    **dict.fromkeys(("int", "decimal", "share", "kr"), ("E05", _DANISH)),
}


def notations(grid: Grid) -> list[Mark]:
    """The harmless notations of a grid, one mark for a column: codes without their zero, Danish numbers,
    dates with the day first and months in words.

    Cells whose own mark is about their notation are not among them.
    """
    found = (_notation(grid, column) for column in grid.columns)
    return [mark for mark in found if mark is not None]


def _notation(grid: Grid, column: str) -> Mark | None:
    error, pattern = _NOTATIONS.get(grid.spec.columns[column].type, ("", ""))
    if not error:
        return None
    own = {row for mark in grid.marks if (mark.column, mark.error) == (column, error) for row in mark.rows}
    cells = grid.cells[column]
    if error == "E01":
        cells = cells.map(lambda cell: None if cell is None else str(cell))
    texts = cells[cells.map(lambda cell: isinstance(cell, str)) & ~cells.index.isin(own)].astype("str")
    rows = tuple(texts.index[texts.str.fullmatch(pattern)])
    if not rows:
        return None
    return Mark(error, "correction", column, rows, say(texts[rows[0]]), grid.value(column, rows[0]))
