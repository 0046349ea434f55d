"""Hundreds of written and spoilt tables, from the file to accepted rows: right, or told with the cell.

A table in any notation, heading, order and kind of file of the contract is the table; a changed cell changes
that cell alone; what cannot be right is told at its place. `KLKTOOLS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from klktools.cli import main
from klktools.contract import ColumnSpec, load_contract
from klktools.intake.files.sheet import cell_name
from tests.intake.mutations import TABLES as FILES
from tests.intake.mutations import Dialect, broken_bytes, dialects, written
from tests.intake.one_table import Found, assert_equal, faultless, read_table
from tests.intake.small_round import grids
from tests.intake.test_mutations import often
from tests.intake.ways import Ways, ways, write, write_rows, written_as

WHOLE = st.integers(0, 4000).map(str)
DECIMALS = st.integers(0, 500_000).map(lambda n: f"{n / 100:.2f}".rstrip("0").rstrip("."))
SHARES = st.integers(0, 100).map(lambda n: f"{n / 100:g}")
DAYS = st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2030-12-31").date()).map(str)
TRUTHS = st.sampled_from(("yes", "no"))
NAMES = st.text("abcdefghijklmnopqrstuvwxyzæøåÆØÅé -", min_size=1, max_size=20)
PLAIN = NAMES.map(lambda text: f"Navn {text}".strip())
# a raw log is read by an engine of its own, and tested in test_usage_log.py
TABLES = [table for table in FILES if table != "usage_log"]
# cells that may have any value of these: no rule of the contract compares them with others
FREE = {
    ("processes", "fte"): DECIMALS,
    ("processes", "digital_task"): st.integers(0, 4).map(str),
    ("support", "enquiries_12m"): WHOLE,
    ("support", "response_hours_median"): DECIMALS,
    ("support", "known_by_users"): SHARES,
    ("support", "latest_feedback"): DAYS,
    ("support", "active_from"): DAYS,
    ("training", "date"): DAYS,
    ("training", "mandatory"): TRUTHS,
    ("staffing", "joined"): WHOLE,
    ("staffing", "internal_moves"): WHOLE,
    ("users", "in_onboarding"): TRUTHS,
    ("gains", "realised_kr"): st.integers(10_000, 900_000).map(str),
    ("gains", "target_value"): DECIMALS,
    ("plans", "decided_date"): DAYS,
    ("plans", "covers_administration"): TRUTHS,
    ("initiatives", "in_overall_plan"): TRUTHS,
    ("dependencies", "hard"): TRUTHS,
    ("solutions", "target_share"): SHARES,
    ("solutions", "follow_ups_12m"): WHOLE,
    ("solutions", "supplier"): PLAIN,
    ("municipalities", "region_name"): PLAIN,
    ("departments", "core_welfare"): TRUTHS,
    ("assumptions", "n_measurements"): WHOLE,
}
WRONG = {
    **dict.fromkeys(
        ("int", "decimal", "kr", "share"), ("tre", "12x", "1.2.3", "--5", "4 stk.", "1e999", "ja")
    ),
    "date": ("31-02-2018", "i morgen", "2018-13-01", "12", "0", "2018"),
    "month": ("2018-13", "foråret", "2018-00", "5"),
    "enum": ("zzz", "-1", "=1+1", "hverken"),
    "bool": ("måske", "2", "ja nej"),
    "code": ("0999", "12345", "06O", "60 Aarhus"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("rounds")


def emptied(folder: Path) -> Path:
    for path in folder.iterdir():
        path.unlink()
    return folder


@st.composite
def reordered(draw: st.DrawFn, table: str, grid: pd.DataFrame) -> pd.DataFrame:
    """The rows shuffled and the columns in another order."""
    places = range(len(grid))
    rows = (
        list(places) if table == "assumptions" else draw(st.permutations(places))
    )  # of equals the first counts
    return grid.iloc[rows][draw(st.permutations(list(grid)))].reset_index(drop=True)


def value_of(text: str, spec: ColumnSpec) -> object:
    """What a text of the small round stands for; told by Python and pandas alone."""
    if spec.type == "date":
        return pd.Timestamp(text)
    if spec.type == "bool":
        return text == "yes"
    kinds = {"int": int, "decimal": float, "share": float, "kr": float}
    return kinds.get(spec.type, str)(text)


@often(180)
@given(table=st.sampled_from(TABLES), way=ways, data=st.data())
def test_a_table_in_any_notation_order_and_kind_of_file_is_the_table(folder, table, way, data):
    grid = data.draw(reordered(table, grids()[table]))
    write(table, grid, way, emptied(folder))
    found = read_table(table, folder)
    assert_equal(found.data, faultless(table).data, table)
    assert severe(found) == severe(faultless(table))


def severe(found: Found) -> list[str]:
    return sorted(found.problems["rule"])


@often(130)
@given(place=st.sampled_from(sorted(FREE)), way=ways, data=st.data())
def test_a_cell_with_another_value_has_that_value_and_no_other_cell_changes(folder, place, way, data):
    table, column = place
    grid, expected = grids()[table], faultless(table).data.copy()
    row = data.draw(st.integers(0, len(grid) - 1))
    text = data.draw(FREE[place])
    grid.loc[row, column] = text
    expected.loc[row, column] = value_of(text, load_contract().tables[table].columns[column])
    write(table, data.draw(reordered(table, grid)), way, emptied(folder))
    assert_equal(read_table(table, folder).data, expected, table)


@st.composite
def wrong_cells(draw: st.DrawFn) -> tuple[str, int, str, str]:
    """A table, row and column, and what no cell of that column may be."""
    table = draw(st.sampled_from(TABLES))
    spec = load_contract().tables[table]
    row = draw(st.integers(0, len(grids()[table]) - 1))
    able = [name for name in grids()[table] if spec.columns[name].type in WRONG or name in spec.needed]
    column = draw(st.sampled_from(able))
    kinds = list(WRONG.get(spec.columns[column].type, ()))
    kinds += [""] if column in spec.needed else []
    low, high = spec.columns[column].low, spec.columns[column].high
    if spec.columns[column].type in ("int", "decimal", "kr") and column != "score":  # 5 spoils the file: E36
        kinds += [f"{low - 1:g}"] if low is not None else []
        kinds += [f"{high + 1:g}"] if high is not None else []
    return table, row, column, draw(st.sampled_from(kinds))


@often(180)
@given(wrong=wrong_cells(), kind=st.sampled_from(("csv", "csv.gz", "xlsx", "parquet")), dialect=dialects)
def test_a_cell_that_cannot_be_right_is_told_and_no_other_row_changes(folder, wrong, kind, dialect):
    table, row, column, text = wrong
    grid, clean = grids()[table], faultless(table)
    assume(not (column == "department_ref" and text == ""))
    grid.loc[row, column] = text
    name = write_rows(table, grid, Ways(kind, dialect), emptied(folder))
    found = read_table(table, folder)
    cell = cell_name(list(grid).index(column), row + 2)
    told = found.problems[found.problems["cell"] == cell]
    assert set(told["file"]) == {name} and set(told["sheet"]) == {table if kind == "xlsx" else ""}
    assert row not in found.data.index or "error" not in set(told["severity"])
    others = clean.data.index.difference([row])
    named = set(found.problems["row"].dropna().astype(int) - 2)
    for other in others:
        if other in found.data.index:
            pd.testing.assert_series_equal(found.data.loc[other], clean.data.loc[other])
        else:
            assert other in named


@often(120)
@given(table=st.sampled_from(TABLES), data=st.data(), way=ways)
def test_a_heading_that_is_gone_renamed_or_twice_is_told_or_changes_nothing_else(folder, table, data, way):
    grid, spec = grids()[table], load_contract().tables[table]
    column = data.draw(st.sampled_from(list(grid)))
    change = data.draw(st.sampled_from(("gone", "renamed", "twice")))
    rows = written_as(table, grid, Ways(heads=way.heads))
    heads = list(rows)
    place = list(grid).index(column)
    if change == "gone":
        rows = rows.drop(columns=heads[place])
    elif change == "renamed":
        rows = rows.set_axis([*heads[:place], "Kvittering", *heads[place + 1 :]], axis=1)
    else:
        assume(way.kind != "parquet")  # such a file cannot be written
        rows = pd.concat([rows, rows[[heads[place]]]], axis=1)
    write_rows(table, rows, Ways(way.kind, way.dialect), emptied(folder))
    found = read_table(table, folder)
    told = {(rule, cell) for rule, cell in zip(found.problems["rule"], found.problems["cell"], strict=True)}
    if change == "twice":
        assert told == {("F06", cell_name(len(grid.columns), 1))}
        assert found.data.empty and found.delivered == len(grid)
        return
    if change == "renamed":
        assert ("F04", cell_name(place, 1)) in told
    if column in spec.needed:
        assert ("F05", "") in told and found.data.empty
        return
    clean = faultless(table).data
    named = set(found.problems["row"].dropna().astype(int) - 2)
    assert set(clean.index) - set(found.data.index) <= named
    derived = {name for name, c in spec.columns.items() if c.derived or c.default is not None}
    same = [name for name in clean if name != column and name not in derived]
    pd.testing.assert_frame_equal(found.data[same], clean.loc[found.data.index, same])


@often(130)
@given(table=st.sampled_from(TABLES), kind=st.sampled_from(("csv.gz", "xlsx", "parquet")), data=st.data())
def test_spoilt_bytes_of_a_file_with_a_checksum_are_told_or_give_the_table(folder, table, kind, data):
    name = write_rows(table, grids()[table], Ways(kind), emptied(folder))
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(data.draw(broken_bytes(raw)))
    found = read_table(table, folder)
    if name not in set(found.problems["file"]):
        assert_equal(found.data, faultless(table).data, table)


@often(120)
@given(table=st.sampled_from(TABLES), dialect=dialects, data=st.data())
def test_no_row_of_a_spoilt_text_is_lost_without_a_word(folder, table, dialect, data):
    """A flipped letter may give another word; the csv module of Python says how many rows there are."""
    raw = data.draw(broken_bytes(written(grids()[table], dialect)))
    (emptied(folder) / f"{table}.csv").write_bytes(raw)
    found = read_table(table, folder)
    if found.problems.empty:
        text = raw.decode(dialect.encoding, "replace")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator)
        n_rows = sum(any(cell.strip() for cell in row) for row in rows) - 1
        assert found.delivered == n_rows


@often(30)
@given(
    table=st.sampled_from(TABLES), kind=st.sampled_from(("csv", "csv.gz", "xlsx", "parquet")), data=st.data()
)
def test_check_never_ends_in_a_traceback(folder, table, kind, data):
    emptied(folder)
    for name in ("municipalities", "visits"):
        write_rows(name, grids()[name], Ways("csv"), folder)
    name = write_rows(table, grids()[table], Ways(kind, Dialect()), folder)
    (folder / name).write_bytes(data.draw(broken_bytes((folder / name).read_bytes())))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["check", str(folder)])
    assert code in (0, 1)
    assert "Traceback" not in err.getvalue()
    assert code == 0 or name in out.getvalue() or "must" in err.getvalue()


ODD_LINES = (
    b"",
    b'"',
    b"Kilde: udtraek",
    b";;;;;;;;;;",
    b",,Note" + b"," * 8,
    b"a," * 14,
    ",".join(grids()["usage_log"]).encode(),
    b"0060,H9,2018-08-07T10:00:00,L1,A1, x,solution,T5,created,yes,a9,100",
)


@often(40)
@given(dialect=dialects, data=st.data())
def test_check_of_a_log_with_odd_lines_and_spoilt_bytes_never_ends_in_a_traceback(folder, dialect, data):
    emptied(folder)
    for name in ("municipalities", "visits", "departments", "solutions"):
        write_rows(name, grids()[name], Ways("csv"), folder)
    lines = written(grids()["usage_log"], dialect).splitlines(keepends=True)
    for line in data.draw(st.lists(st.sampled_from(ODD_LINES), max_size=4)):
        lines.insert(
            data.draw(st.integers(1, len(lines))), line + data.draw(st.sampled_from((b"\n", b"\r\n")))
        )
    raw = b"".join(lines)
    spoilt = data.draw(broken_bytes(raw)) if data.draw(st.booleans()) else raw
    (folder / "usage_log.csv").write_bytes(spoilt)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["check", str(folder)])
    assert code in (0, 1)
    assert "Traceback" not in err.getvalue()
    assert code == 0 or "usage_log.csv" in out.getvalue() or "must" in err.getvalue()
