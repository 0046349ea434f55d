"""Ways to spoil a delivery: each changes the bytes or cells of one table of a small round."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pandas as pd
from hypothesis import strategies as st

from klktools.intake.files import RAW_LOG
from tests.intake.small_round import grids

# cells that nobody wants: formulas, marks, other alphabets, limits of numbers, dates that are none
NASTY = (
    "=1+1",
    "+4512345678",
    "-",
    "@SUM(A1)",
    "'0060",
    "#REF!",
    "#I/T",
    "NaN",
    "nan",
    "None",
    "NULL",
    "inf",
    "-inf",
    "1e308",
    "1e-320",
    "1e999",
    "9" * 400,
    "1.234,5",
    "1,234.5",
    "1.234",
    "٣",
    "½",
    "0x10",
    "1_000",
    "31-02-2018",
    "2018-13",
    "0000-00-00",
    "9999-12-31",
    "12345-01",
    "sep-18",
    "43355",
    "ja;nej",
    "a|b||c",
    "\u202e0060",
    "e\u0301",
    "😀",
    " ",
    "\u00a0",
    "x" * 40_000,
    'a "quoted" word',
    "a\nb",
    "a,b;c\td",
    "<script>",
    "../../etc/passwd",
    "I alt",
    "%",
    "100 %",
    "-0",
    "0,0",
    "\ufeff",
    "\u2028",
)
TABLES = tuple(grids())


@dataclass(frozen=True)
class Dialect:
    """How a table is written as text."""

    separator: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL


dialects = st.builds(
    Dialect,
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    newline=st.sampled_from(("\n", "\r\n", "\r")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)


def written(grid: pd.DataFrame, dialect: Dialect) -> bytes:
    """The table as bytes; letters that the encoding does not have become question marks."""
    file = io.StringIO(newline="")
    # the writer leaves a line break of the other kind bare, and then nobody can tell the two apart
    bare = dialect.newline == "\n" and grid.map(lambda cell: "\r" in str(cell)).to_numpy().any()
    quoting = csv.QUOTE_ALL if dialect.newline == "\r" or bare else dialect.quoting
    rows = csv.writer(file, delimiter=dialect.separator, lineterminator=dialect.newline, quoting=quoting)
    rows.writerow(grid.columns)
    rows.writerows(grid.values.tolist())
    return file.getvalue().encode(dialect.encoding, "replace")


cells = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.integers().map(str), st.floats().map(str))


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int, str]:
    """A table, a row from 0 and a column; the rows of a log are not read into memory."""
    table = draw(st.sampled_from([table for table in TABLES if table != RAW_LOG]))
    grid = grids()[table]
    return table, draw(st.integers(0, len(grid) - 1)), draw(st.sampled_from(list(grid)))


@st.composite
def broken_bytes(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes flipped, cut, doubled, with others put between, or without some."""
    spoilt = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(spoilt) - 1, 0)))
        kind = draw(st.sampled_from(("flip", "cut", "put", "drop", "double")))
        if kind == "flip" and spoilt:
            spoilt[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del spoilt[at:]
        elif kind == "put":
            spoilt[at:at] = draw(st.binary(max_size=8))
        elif kind == "drop":
            del spoilt[at : at + draw(st.integers(1, 40))]
        else:
            spoilt[at:at] = spoilt[at : at + 60]
    return bytes(spoilt)
