"""How large a file may be before it is read, and why: a small file can stand for more than a memory holds."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from klktools.intake.files.sheet import Unreadable

MEGABYTE = 2**20
RAW_LOG = "usage_log"  # years of transactions, read by path and never as a whole
_UNLIMITED = 2**62


@dataclass(frozen=True)
class Limits:
    """The largest numbers that are read.

    A round of all 98 municipalities is far below each of them; what is above is a file of another kind, or
    one made to fill the memory. The raw log has no limit as text or Parquet (`of_table`).

    Attributes
    ----------
    entries, files : int
        In the folder: more is a drive or a home folder, not a round.
    workbook : int
        Bytes on disk. A sheet of 1,000,000 rows and 20 columns takes 100 MB.
    xml, strings : int
        Bytes a workbook, and its list of shared texts, unpack to.
    parts : int
        Files inside a workbook; one of 20 sheets has about 40.
    ratio : int
        Unpacked against packed bytes above 64 MB. A sheet is 5 to 50, a bomb up to 1,032.
    sheet_cells : int
        Rows x columns of a sheet up to its last cell. It takes about 130 bytes a cell to read, and one
        filled cell in the last corner of a sheet claims 17 billion.
    repeated_texts : int
        Letters of a sheet when each cell has a text of its own, though the file has it once.
    text : int
        Bytes of a text file, unpacked: 8 million rows of monthly usage.
    text_cells : int
        Rows x columns of a text file: 8 bytes each even when they are empty.
    parquet, parquet_column : int
        Bytes on disk, and bytes one column unpacks to, for columns are read one at a time.
    rows : int
        Rows of a Parquet file; 10,000 municipalities have 30 million of monthly usage.
    columns : int
        Columns of a table; the widest of the contract has 22.
    round_cells : int
        Cells of all workbooks and text files together.
    """

    entries: int = 500_000
    files: int = 20_000
    workbook: int = 256 * MEGABYTE
    xml: int = 1024 * MEGABYTE
    strings: int = 256 * MEGABYTE
    parts: int = 5_000
    ratio: int = 250
    sheet_cells: int = 20_000_000
    repeated_texts: int = 1_000_000_000
    text: int = 512 * MEGABYTE
    text_cells: int = 100_000_000
    parquet: int = 4096 * MEGABYTE
    parquet_column: int = 2048 * MEGABYTE
    rows: int = 50_000_000
    columns: int = 1_000
    round_cells: int = 200_000_000

    def times(self, factor: float) -> Limits:
        """All limits so many times as large, for one who knows that the files are what they say."""
        return Limits(**{each.name: int(getattr(self, each.name) * factor) for each in fields(self)})

    def of_table(self, table: str) -> Limits:
        """The limits of one table: the raw log may have any length."""
        if table != RAW_LOG:
            return self
        free = ("text", "text_cells", "parquet", "parquet_column", "rows", "round_cells")
        return replace(self, **dict.fromkeys(free, _UNLIMITED))


def within(number: int, limit: int, phrase: str, **why: Any) -> int:
    """The number when it is no larger than its limit.

    Raises
    ------
    Unreadable
        F08 with both numbers, in megabytes when the phrase is about bytes.
    """
    if number <= limit:
        return number
    unit = MEGABYTE if phrase.endswith("_bytes") else 1
    found, most = (f"{-(-value // unit)}" for value in (number, limit))
    raise Unreadable(phrase, "F08", value=found, other=most, **why)
