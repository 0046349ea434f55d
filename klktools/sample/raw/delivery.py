"""What one municipality hands in, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from klktools.contract import empty_table
from klktools.sample.raw.grids import Grid, Mark, write_grid
from klktools.sample.raw.ways import Way


@dataclass(frozen=True)
class Book:
    """What a workbook holds beside its sheets: author, hidden sheet, comment; or days counted from 1904.

    `marks` are what intake says of these, by the sheet it names ("" for none).
    """

    author: str = ""
    hidden: str = ""
    comment: str = ""
    since_1904: bool = False
    marks: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """The tables of one municipality, extra copies of some, and what its workbooks hold beside them."""

    municipality: str
    name: str
    way: Way
    grids: Mapping[str, Grid]
    extras: tuple[Grid, ...] = ()
    book: Book = Book()

    @property
    def stem(self) -> str:
        """The name of its folder or workbook."""
        return f"{self.municipality} {self.name}"

    def clean(self, table: str) -> pd.DataFrame:
        """The municipality's rows of a table as they are, none when it has none."""
        return self.grids[table].clean if table in self.grids else empty_table(table)

    def change(self, table: str, how: Callable[[Grid], Grid]) -> Delivery:
        """The delivery with one table changed, as it is when it has no such table."""
        if table not in self.grids:
            return self
        return replace(self, grids={**self.grids, table: how(self.grids[table])})

    def extra(self, grid: Grid) -> Delivery:
        """The delivery with one more file."""
        return replace(self, extras=(*self.extras, grid))


def deliver(tables: Mapping[str, pd.DataFrame], way: Way) -> Delivery:
    """The clean tables of one municipality in its own way of writing; one without rows is not delivered."""
    (own,) = tables["municipalities"].to_dict("records")
    grids = {name: write_grid(name, table, way) for name, table in tables.items() if len(table)}
    return Delivery(own["municipality"], own["name"], way, grids)
