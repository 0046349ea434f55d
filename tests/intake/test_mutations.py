"""Thousands of spoilt files: right, or told with the place; never a traceback, never silently other cells.

`KLKTOOLS_EXAMPLES=20000` tries so many of each kind, with a new seed each time.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from klktools.intake.files import Sheet, read_files
from tests.intake.mutations import (
    TABLES,
    Dialect,
    broken_bytes,
    cells,
    dialects,
    places,
    written,
)
from tests.intake.small_round import grids, write_workbook

LONG = int(os.environ.get("KLKTOOLS_EXAMPLES", "0"))


def often(examples: int):
    """So many examples, the same ones each time; many more when asked."""
    return settings(
        max_examples=LONG or examples,
        derandomize=not LONG,
        database=None,
        phases=[Phase.generate],  # a round takes too long to try hundreds of smaller ones
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mutations")


def delivered(folder: Path, name: str, content: bytes) -> Path:
    """The folder with this file and nothing else."""
    for path in folder.iterdir():
        path.unlink()
    (folder / name).write_bytes(content)
    return folder


def read_or_told(folder: Path) -> None:
    """Every file gives sheets or faults; anything else is a fault of the toolkit."""
    reading = read_files(folder)
    assert reading.sheets or reading.faults


def seen(folder: Path, name: str) -> tuple[list[Sheet], set[str]]:
    """The sheets of a file as delivered, and the rules that were told."""
    reading = read_files(folder / name)
    return reading.sheets, {fault.rule for fault in reading.faults}


@often(600)
@given(place=places(), cell=cells, dialect=dialects)
def test_a_cell_is_the_value_that_was_typed_and_no_other_cell_changes(folder, place, cell, dialect):
    table, row, column = place
    grid = grids()[table]
    grid.loc[row, column] = cell
    if dialect.encoding == "cp1252":
        grid.loc[row, column] = cell.encode("cp1252", "replace").decode("cp1252")
    if not _writable(cell):
        return
    sheets, told = seen(delivered(folder, f"{table}.csv", written(grid, dialect)), f"{table}.csv")
    if not sheets or told & {"E03a", "F13", "E16a", "E16b", "E16c"}:
        assert told
        return
    (sheet,) = sheets
    found = dict(zip(sheet.header, sheet.rows.items(), strict=True))
    for name in grid:
        given = [_plain(text) for text in grid[name]]
        texts = [_plain(text) for text in found[name][1].reindex(range(2, len(grid) + 2))]
        assert texts == given, name


def _writable(cell: str) -> bool:
    """Lone halves of letters cannot be written; NUL is refused with the file (another test)."""
    return not any("\ud800" <= letter <= "\udfff" or letter in "\0\ufeff" for letter in cell)


def _plain(cell: object) -> str:
    text = "" if cell is None or cell != cell else str(cell)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


@often(500)
@given(table=st.sampled_from(TABLES), dialect=dialects, data=st.data())
def test_spoilt_bytes_of_a_text_are_read_or_told(folder, table, dialect, data):
    raw = data.draw(broken_bytes(written(grids()[table], dialect)))
    packed = data.draw(st.booleans())
    name = f"{table}.csv.gz" if packed else f"{table}.csv"
    read_or_told(delivered(folder, name, gzip.compress(raw) if packed else raw))


@often(200)
@given(table=st.sampled_from(TABLES), data=st.data())
def test_a_text_that_was_cut_is_told_unless_its_last_row_has_all_its_fields(folder, table, data):
    raw = written(grids()[table], Dialect())
    cut = raw[: data.draw(st.integers(1, len(raw) - 1))]
    _, told = seen(delivered(folder, f"{table}.csv", cut), f"{table}.csv")
    records = list(csv.reader(io.StringIO(cut.decode("utf-8", "ignore"), newline="")))
    assert len(records[-1]) == len(records[0]) or told


@cache
def parquet_of(table: str) -> bytes:
    file = io.BytesIO()
    grids()[table].astype("str").to_parquet(file)
    return file.getvalue()


@cache
def workbook_of(table: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        return write_workbook({table: grids()[table]}, Path(name) / "x.xlsx").read_bytes()


@often(250)
@given(table=st.sampled_from(TABLES), data=st.data())
def test_spoilt_bytes_of_parquet_are_read_or_told(folder, table, data):
    raw = data.draw(broken_bytes(parquet_of(table)))
    read_or_told(delivered(folder, f"{table}.parquet", raw))


@often(250)
@given(table=st.sampled_from(TABLES), data=st.data())
def test_spoilt_bytes_of_a_workbook_are_read_or_told(folder, table, data, capfd):
    raw = data.draw(broken_bytes(workbook_of(table)))
    read_or_told(delivered(folder, f"{table}.xlsx", raw))
    assert "panicked" not in capfd.readouterr().err


@often(250)
@given(table=st.sampled_from(TABLES), data=st.data())
def test_spoilt_xml_of_a_workbook_is_read_or_told(folder, table, data, capfd):
    import zipfile

    source = zipfile.ZipFile(io.BytesIO(workbook_of(table)))
    victim = data.draw(st.sampled_from([name for name in source.namelist() if name.startswith("xl/")]))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, data.draw(broken_bytes(content)) if name == victim else content)
    read_or_told(delivered(folder, f"{table}.xlsx", file.getvalue()))
    assert "panicked" not in capfd.readouterr().err
