"""A large Parquet file is read a column at a time and kept small, and gives what a small csv file gives."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from klktools.contract import load_contract
from klktools.intake import files, keys, read_round
from klktools.intake.files import parquet
from tests.conftest import SAMPLE
from tests.intake.small_round import edited, grids, write_csv

FAULTY = [
    ("usage", 0, {"through": "408", "source": ""}),
    ("usage", 1, {"through": "-4"}),
    ("usage", 2, {"department": "A9"}),
    ("usage", None, {"month": "2018-06"}),
    ("usage", None, {"month": "2018-05", "through": "9000"}),
    ("usage", None, {}),
    ("usage", None, {"month": "2018-04", "municipality": "60"}),
    ("answers", 0, {"question": ""}),
]


def write_parquet(tables, folder, *, rows: int):
    folder.mkdir(parents=True, exist_ok=True)
    for name, grid in tables.items():
        grid.astype("str").to_parquet(folder / f"{name}.parquet", row_group_size=rows)
    return folder


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_row_groups_of_any_size_give_the_round_of_the_csv_files(tmp_path, rows):
    tables = edited(FAULTY)
    expected = read_round(write_csv(tables, tmp_path / "csv"))
    found = read_round(write_parquet(tables, tmp_path / "parquet", rows=rows))

    assert len(expected.problems) >= 5
    assert set(expected.corrections["rule"]) >= {"E01", "E13a"}
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, obj=name)
    pd.testing.assert_frame_equal(found.delivered, expected.delivered)
    for journal in ("problems", "corrections"):
        one, other = getattr(found, journal), getattr(expected, journal)
        pd.testing.assert_frame_equal(one.drop(columns="file"), other.drop(columns="file"))


def test_a_parquet_file_is_read_one_column_at_a_time(tmp_path, monkeypatch):
    asked = []

    class Noting(pq.ParquetFile):
        def read(self, columns=None, **more):
            asked.append(columns)
            return super().read(columns, **more)

    monkeypatch.setattr(parquet.pq, "ParquetFile", Noting)
    folder = write_parquet({"usage": grids()["usage"]}, tmp_path, rows=2)
    (sheet,) = files.read_files(folder).sheets
    assert asked == [[name] for name in grids()["usage"]]
    assert set(sheet.rows.dtypes.astype("str")) == {"category"}


def test_the_usage_table_takes_few_bytes_a_row(sample_round):
    usage = sample_round.tables["usage"]
    texts = usage.select_dtypes("category")
    assert list(texts) == ["municipality", "solution", "department", "evidence", "source"]
    # one to four bytes a text, nine a count, eight a month or an amount
    assert usage.memory_usage(deep=True).sum() < 80 * len(usage)


@pytest.mark.parametrize("municipalities", [None, ["0011"]])
def test_categories_are_those_of_the_rows_in_order(municipalities):
    usage = read_round(SAMPLE, municipalities=municipalities).tables["usage"]
    for name, column in usage.select_dtypes("category").items():
        assert list(column.cat.categories) == sorted(column.dropna().unique()), name


def test_a_reference_is_looked_up_once_however_many_rows_have_it(sample_round, monkeypatch):
    looked_up = []
    references = keys._references

    def noting(data, column):
        looked_up.append(len(data))
        return references(data, column)

    monkeypatch.setattr(keys, "_references", noting)
    tables = sample_round.tables
    known = {
        name: keys.identities(tables[name], name) for name in ("municipalities", "solutions", "departments")
    }
    usage = tables["usage"]
    spec = load_contract().tables["usage"]
    assert not any(len(found) for found in keys.orphans(usage, spec, known, dict.fromkeys(known, set())))
    pairs = [len(usage[["municipality", column]].drop_duplicates()) for column in ("solution", "department")]
    assert looked_up == [usage["municipality"].nunique(), *pairs]
    assert sum(looked_up) < len(usage) / 100
