"""One round, however it is written down, is one round."""

from __future__ import annotations

import gzip
import shutil

import pandas as pd
import pytest
from openpyxl import load_workbook

from klktools.contract import empty_table, load_contract, schema
from klktools.errors import ParameterError, TableError
from klktools.framework import load_framework
from klktools.intake import Round, read_round
from tests.intake.small_round import edited, grids, write_csv, write_workbook

TABLES = load_contract().tables


@pytest.fixture(scope="module")
def english(tmp_path_factory) -> Round:
    """The small round as English csv."""
    return read_round(write_csv(grids(), tmp_path_factory.mktemp("english")))


def assert_same(found: Round, expected: Round) -> None:
    assert list(found.tables) == list(expected.tables)
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, obj=name)
    pd.testing.assert_frame_equal(found.delivered, expected.delivered)
    pd.testing.assert_frame_equal(found.problems, expected.problems)


def danish(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The round as a Danish office types it: labels, decimal commas, the day first, ja and nej."""
    return {TABLES[name].label["da"]: _danish_table(name, grid) for name, grid in tables.items()}


def _danish_table(name: str, grid: pd.DataFrame) -> pd.DataFrame:
    specs = TABLES[name].columns
    columns = {c: grid[c].map(lambda text, c=c: _danish_cell(text, specs[c]) if text else "") for c in grid}
    return pd.DataFrame(columns).rename(columns={c: specs[c].label["da"] for c in grid})


def _danish_cell(text: str, spec) -> str:
    if spec.enum:
        return load_framework().enums[spec.enum][text]["da"]
    if spec.type == "bool":
        return {"yes": "Ja", "no": "Nej"}[text]
    if spec.type == "month":
        return pd.Timestamp(text).strftime("%m-%Y")
    if spec.type == "date":
        return pd.Timestamp(text).strftime("%d.%m.%Y")
    if spec.type in ("decimal", "share"):
        return text.replace(".", ",")
    if spec.type == "kr" and len(text) > 3:
        return f"{text[:-3]}.{text[-3:]}"
    return text.replace("ACROSS_THE_BOARD", "FAELLES")


def test_the_small_round_is_faultless(english):
    assert english.problems.empty
    assert english.corrections.empty
    assert (english.delivered["rows_accepted"] == english.delivered["rows_delivered"]).all()


def test_every_table_of_the_round_keeps_the_contract_as_pandera_reads_it(english):
    for name, table in english.tables.items():
        if name != "logged_usage":
            pd.testing.assert_frame_equal(schema(name).validate(table, lazy=True), table)


def test_a_danish_workbook_gives_the_same_tables(english, tmp_path):
    found = read_round(write_workbook(danish(grids()), tmp_path / "runde.xlsx"))
    assert_same(found, english)
    assert set(found.corrections["rule"]) == {"E05a", "E10", "E11"}


def test_danish_csv_in_windows_encoding_gives_the_same_tables(english, tmp_path):
    write_csv(danish(grids()), tmp_path, separator=";", encoding="cp1252")
    found = read_round(tmp_path)
    assert_same(found, english)
    assert set(found.corrections["rule"]) == {"E03", "E05a", "E10", "E11"}


def test_parquet_gives_the_same_tables(english, tmp_path):
    for name in TABLES:
        table = english.tables.get(name, grids().get(name))
        table.to_parquet(tmp_path / f"{name}.parquet")
    found = read_round(tmp_path)
    assert_same(found, english)
    assert found.corrections.empty


def test_a_folder_per_municipality_gives_the_same_tables_as_one_folder(tmp_path):
    codes = ["0060", "0101"]
    apart, together = tmp_path / "apart", tmp_path / "together"
    parts = [{n: g.replace({"municipality": {"0060": code}}) for n, g in grids().items()} for code in codes]
    write_csv(parts[0], apart / codes[0])
    write_workbook(danish(parts[1]), apart / "0101 København.xlsx")
    write_csv({name: pd.concat([part[name] for part in parts]) for name in parts[0]}, together)
    found = read_round(apart)
    assert_same(found, read_round(together))
    assert found.tables["municipalities"]["municipality"].tolist() == codes


def test_cells_of_a_workbook_that_are_numbers_and_dates_are_read_as_such(english, tmp_path):
    path = write_workbook(grids(), tmp_path / "round.xlsx")
    book = load_workbook(path)
    book["visits"]["E2"] = pd.Timestamp("2018-09-12").to_pydatetime()
    book["visits"]["H2"] = pd.Timestamp("2018-08-01").date()
    book["municipalities"]["E2"] = 42000
    book["municipalities"]["A2"] = 60
    book["staffing"]["E2"] = 37.5
    book["solutions"]["I2"] = True
    book.save(path)
    found = read_round(path)
    assert_same(found, english)
    row = found.corrections[["table", "sheet", "cell", "column", "old", "new", "rule"]].iloc[0].tolist()
    assert row == ["municipalities", "municipalities", "A2", "municipality", "60", "0060", "E01"]


def test_compressed_csv_is_read(tmp_path):
    small = {name: grids()[name] for name in ("municipalities", "visits")}
    write_csv(small, tmp_path)
    plain = (tmp_path / "visits.csv").read_bytes()
    (tmp_path / "visits.csv").unlink()
    (tmp_path / "visits.csv.gz").write_bytes(gzip.compress(plain))
    assert read_round(tmp_path).tables["visits"]["visit"].tolist() == ["B1"]


def test_tables_that_were_not_delivered_are_empty_and_typed(tmp_path):
    small = {name: grids()[name] for name in ("municipalities", "visits")}
    found = read_round(write_csv(small, tmp_path))
    for name in set(TABLES) - {"municipalities", "visits", "usage_log"}:
        pd.testing.assert_frame_equal(found.tables[name], empty_table(name))
    assert found.tables["logged_usage"].dtypes.astype("str").to_dict() == {
        "municipality": "str",
        "solution": "str",
        "department": "str",
        "month": "datetime64[us]",
        "through": "Int64",
        "eligible": "Int64",
        "as_intended": "Int64",
    }
    assert "usage_log" not in found.tables


@pytest.mark.parametrize("missing", ["municipalities", "visits"])
def test_a_table_that_must_be_there_is_asked_for_in_one_sentence(missing, tmp_path):
    small = {name: grids()[name] for name in ("municipalities", "visits", "plans") if name != missing}
    folder = write_csv(small, tmp_path)
    label = TABLES[missing].label["da"]
    with pytest.raises(TableError) as fault:
        read_round(folder)
    assert str(fault.value) == (
        f"A round must have the table {missing} ({label}); found {', '.join(sorted(small))} ({folder}). "
        "Add a file or a sheet with that name."
    )


def test_a_fault_of_a_file_belongs_to_the_municipality_its_name_or_folder_begins_with(tmp_path):
    small = {name: grids()[name] for name in ("municipalities", "visits")}
    write_csv(small, tmp_path)
    write_csv({"bilag": small["visits"]}, tmp_path / "0060 Almsund")
    write_csv({"2018_bilag": small["visits"]}, tmp_path)
    found = read_round(tmp_path).problems
    assert found[["municipality", "file", "rule"]].values.tolist() == [
        ["0060", "0060 Almsund/bilag.csv", "F03"],
        ["", "2018_bilag.csv", "F03"],
    ]


def test_a_path_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(
        TableError, match="The data must be a folder or a workbook that exists; found no .*nowhere"
    ):
        read_round(tmp_path / "nowhere")


def test_one_municipality_can_be_asked_for(tmp_path):
    parts = [
        {n: g.replace({"municipality": {"0060": c}}) for n, g in grids().items()} for c in ("0060", "0101")
    ]
    folder = write_csv({name: pd.concat([part[name] for part in parts]) for name in parts[0]}, tmp_path)
    only = read_round(folder, municipalities=["0101"])
    assert {code for table in only.tables.values() for code in table["municipality"]} == {"0101"}
    assert set(only.delivered["municipality"]) == {"0101"}
    with pytest.raises(
        ParameterError, match="A municipality must be in the round; found 0102. The nearest is 0101"
    ):
        read_round(folder, municipalities=["0102"])


@pytest.mark.parametrize("code", ["0102", "0098", "x001", "12345"])
def test_a_code_that_is_no_municipality_is_refused(code, tmp_path):
    small = {
        name: edited([("municipalities", None, {"municipality": code})])[name]
        for name in ("municipalities", "visits")
    }
    found = read_round(write_csv(small, tmp_path))
    assert found.problems[["rule", "cell", "value", "message"]].values.tolist() == [
        [
            "C05",
            "A3",
            code,
            f"»{code}« er ikke kommunekoden på en af de 98 kommuner eller en opdigtet kommune",
        ]
    ]
    assert found.tables["municipalities"]["municipality"].tolist() == ["0060"]


def test_generated_codes_with_a_letter_are_fictitious_municipalities(tmp_path):
    small = {name: grids()[name].replace({"0060": "X001"}) for name in ("municipalities", "visits")}
    assert read_round(write_csv(small, tmp_path)).tables["visits"]["municipality"].tolist() == ["X001"]


def test_the_same_row_twice_is_kept_once_and_logged(tmp_path):
    small = {name: edited([("visits", None, {})])[name] for name in ("municipalities", "visits")}
    found = read_round(write_csv(small, tmp_path))
    assert found.problems.empty
    assert found.corrections[["table", "row", "rule", "message"]].values.tolist() == [
        ["visits", 3, "E13a", "Rækken var leveret mere end én gang"]
    ]
    counts = found.delivered.set_index("table").loc["visits"]
    assert counts[["rows_delivered", "rows_accepted", "rows_rejected"]].tolist() == [2, 1, 0]


def test_messages_can_be_had_in_english(tmp_path):
    small = {name: edited([("visits", 0, {"status": "done"})])[name] for name in ("municipalities", "visits")}
    found = read_round(write_csv(small, tmp_path), language="en").problems
    assert found[["message", "remedy"]].values.tolist() == [
        ['"done" is not on the list for "Status"', "Use one of the list's codes or labels"]
    ]


def with_usage(edits) -> dict[str, pd.DataFrame]:
    """Usage and the tables it refers to."""
    return {n: edited(edits)[n] for n in ("municipalities", "visits", "departments", "solutions", "usage")}


def test_a_share_just_above_one_is_set_to_one_and_logged_and_above_the_limit_it_is_kept(tmp_path):
    edits = [
        ("usage", 0, {"through": "408", "as_intended": "405"}),
        ("usage", 1, {"through": "429"}),
    ]
    found = read_round(write_csv(with_usage(edits), tmp_path))
    usage = found.tables["usage"]
    assert usage["through"].tolist() == [400, 429, 1500]
    assert usage["as_intended"].tolist()[:2] == [400, 75]
    assert found.corrections[["cell", "old", "new", "rule"]].values.tolist() == [
        ["E2", "408", "400", "E07a"],
        ["G2", "405", "400", "E07a"],
    ]
    assert found.problems[["rule", "severity", "cell"]].values.tolist() == [["E07", "warning", "E3"]]


def test_the_limit_of_a_share_is_the_assumption(tmp_path):
    folder = write_csv(with_usage([("usage", 1, {"through": "429"})]), tmp_path)
    found = read_round(folder, assumptions=dict(load_framework().assumptions) | {"share_over_limit": 1.05})
    assert found.problems.empty
    assert found.tables["usage"]["through"].tolist() == [120, 420, 1500]


def many_rows() -> dict[str, pd.DataFrame]:
    """55 municipalities, 9 solutions, 11 departments and 28 months, every cell filled."""
    codes, solutions = [f"X{n:03d}" for n in range(55)], [f"L{n}" for n in range(9)]
    departments, months = [f"A{n}" for n in range(11)], pd.period_range("2016-06", "2018-09", freq="M")
    small = grids()
    tables = {
        name: _crossed(small[name].head(1), municipality=codes, **more)
        for name, more in {
            "municipalities": {},
            "visits": {},
            "departments": {"department": departments},
            "solutions": {"solution": solutions, "relevant_departments": ["A0"]},
        }.items()
    }
    keys = {"solution": solutions, "department": departments, "month": months.astype("str")}
    usage = _crossed(small["usage"].head(1), municipality=codes, **keys)
    named = tables["solutions"].assign(name="Løsning " + tables["solutions"]["solution"], function="time")
    volume = pd.Series(range(len(usage))) % 5000 + 100
    return tables | {
        "solutions": named,
        "usage": usage.assign(through=volume // 3, eligible=volume, as_intended="", active_users=""),
    }


def _crossed(row: pd.DataFrame, **values) -> pd.DataFrame:
    """The row once for every combination of the values."""
    cells = pd.MultiIndex.from_product(values.values(), names=values).to_frame(index=False)
    return cells.merge(row.drop(columns=list(values)), how="cross")[list(row)]


def test_every_row_of_a_large_delivery_is_read(tmp_path):
    found = read_round(write_csv(many_rows(), tmp_path))
    assert (len(found.tables["usage"]), len(found.problems)) == (152_460, 0)


def test_nothing_is_changed_by_reading_again(english, tmp_path):
    folder = write_csv(grids(), tmp_path / "again")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_same(read_round(folder), english)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    shutil.rmtree(folder)


def test_a_merged_department_has_one_row_per_predecessor(tmp_path):
    tables = grids()
    merged = tables["departments"].tail(1)
    rows = [merged.assign(department="A3", valid_from="2017-01", replaces=old) for old in ("A1", "A2")]
    tables["departments"] = pd.concat([tables["departments"], *rows], ignore_index=True)
    found = read_round(write_csv(tables, tmp_path))
    read = found.tables["departments"]
    assert len(found.problems) == 0
    assert read.loc[read["department"] == "A3", "replaces"].tolist() == ["A1", "A2"]
