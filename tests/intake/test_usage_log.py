"""The log of T10, counted by hand and against pandas, however it is written and whatever is wrong in it."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from klktools.intake import Round, read_round
from tests.conftest import ROOT
from tests.intake.log_witness import aggregate_log, place_in_departments
from tests.intake.small_round import edited, grids, write_csv, write_workbook

COLUMNS = list(grids()["usage_log"])
SMALL = ("municipalities", "visits", "departments", "solutions")


def log_of(*events: tuple[str, ...]) -> pd.DataFrame:
    """Events: time, department, channel, transaction, type, and as intended ("yes" when left out)."""
    rows = [
        ("0060", f"H{n}", time, "L1", department, channel, transaction, kind, *(more or ("yes",)), "", "")
        for n, (time, department, channel, transaction, kind, *more) in enumerate(events)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def with_log(log: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The small round with another log, and only what a log needs."""
    return {name: grids()[name] for name in SMALL} | {"usage_log": log}


def read_log(log: pd.DataFrame, folder: Path, **more: str) -> Round:
    return read_round(write_csv(with_log(log), folder), **more)


def counted(found: Round) -> list[list]:
    """Department, month, through, eligible and as intended."""
    table = found.tables["logged_usage"]
    months = table.assign(month=table["month"].dt.strftime("%Y-%m")).astype(object)
    return months.drop(columns=["municipality", "solution"]).where(months.notna(), None).values.tolist()


def told(found: Round, name: str = "problems") -> list[list]:
    table = getattr(found, name)
    return table.loc[table["table"] == "usage_log", ["cell", "rule", "message"]].values.tolist()


def rows_of(found: Round) -> list[list]:
    """Municipality, rows delivered, accepted, rejected and warned."""
    table = found.delivered[found.delivered["table"] == "usage_log"]
    return table.drop(columns="table").values.tolist()


def test_a_transaction_counts_once_in_the_month_it_was_completed_and_the_buyers_department(tmp_path):
    log = log_of(
        ("2018-08-30", "A2", "solution", "T1", "created"),
        ("2018-08-31", "A1", "solution", "T1", "approved"),
        ("2018-10-01", "A1", "solution", "T1", "completed"),
        ("2018-09-01", "A1", "solution", "T1", "completed"),
    )
    assert counted(read_log(log, tmp_path)) == [["A2", "2018-09", 1, 1, 1]]


def test_tests_cancelled_credited_and_unfinished_transactions_do_not_count(tmp_path):
    log = log_of(
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-09-02", "A1", "solution", "T2", "completed"),
        ("2018-09-03", "A1", "solution", "T2", "cancelled"),
        ("2018-09-02", "A1", "solution", "T3", "completed"),
        ("2018-11-03", "A1", "solution", "T3", "credited"),
        ("2018-09-04", "A1", "solution", "T4", "test"),
        ("2018-09-04", "A1", "solution", "T4", "completed"),
        ("2018-09-05", "A1", "solution", "T5", "created"),
        ("2018-09-02", "A1", "paper", "T6", "completed", ""),
        ("2018-10-02", "A1", "solution", "T7", "completed", ""),
        ("2018-11-02", "A1", "solution", "T8", "completed", "no"),
    )
    assert counted(read_log(log, tmp_path)) == [
        ["A1", "2018-09", 1, 2, 1],
        ["A1", "2018-10", 1, 1, None],  # one does not say whether it was as intended
        ["A1", "2018-11", 1, 1, 0],
    ]


@pytest.mark.parametrize(
    ("time", "month"),
    [
        ("2018-08-31T21:59:59Z", "2018-08"),  # summer: two hours before Denmark
        ("2018-08-31T22:00:00Z", "2018-09"),
        ("2018-12-31T22:59:59Z", "2018-12"),  # winter: one hour
        ("2018-12-31T23:00:00Z", "2019-01"),
        ("2018-09-01T00:30:00+03:00", "2018-08"),
        ("2018-08-31T20:00:00-0230", "2018-09"),
        ("2018-08-31 23:59:59 lokal", "2018-08"),
        ("2018-10-31 23:30", "2018-10"),
        ("31.08.2018 kl. 23.59", "2018-08"),
        ("31-08-18 23:59:59", "2018-08"),
        ("43343,9999", "2018-08"),  # Excel's day number of 31 August 2018
        ("43344", "2018-09"),
    ],
)
def test_the_month_is_that_of_danish_time(time, month, tmp_path):
    log = log_of((time, "A1", "solution", "T1", "completed"))
    assert counted(read_log(log, tmp_path)) == [["A1", month, 1, 1, 1]]


def test_in_the_hour_that_october_repeats_the_first_is_the_first(tmp_path):
    log = log_of(
        ("2018-10-28T02:10:00+01:00", "A1", "paper", "T1", "completed"),  # an hour after the next
        ("2018-10-28T02:50:00+02:00", "A2", "solution", "T1", "completed"),
        ("2018-10-28T02:50:00", "A1", "solution", "T2", "completed"),  # without an offset: summer time
        ("2018-10-28T01:20:00Z", "A2", "paper", "T2", "completed"),
        ("2018-10-28T03:00:00", "A1", "paper", "T3", "completed"),
        ("2018-10-28T01:59:00Z", "A1", "solution", "T3", "completed"),
    )
    assert counted(read_log(log, tmp_path)) == [["A1", "2018-10", 2, 2, 2], ["A2", "2018-10", 1, 1, 1]]


def test_an_hour_that_does_not_exist_in_denmark_is_told_and_counts(tmp_path):
    log = log_of(
        ("2018-03-25T01:59:59", "A1", "solution", "T1", "completed"),
        ("2018-03-25T02:30:00", "A1", "solution", "T2", "completed"),
        ("2018-03-25T03:00:00", "A1", "solution", "T3", "completed"),
        ("2018-03-25T02:30:00Z", "A1", "solution", "T4", "completed"),
    )
    found = read_log(log, tmp_path)
    message = (
        "»2018-03-25T02:30:00« findes ikke i dansk tid, for uret er stillet frem den time; "
        "er loggens tider i UTC?"
    )
    assert told(found) == [["C3", "E31", message]]
    assert counted(found) == [["A1", "2018-03", 4, 4, 4]]
    assert rows_of(found) == [["0060", 4, 4, 0, 1]]


def test_a_department_is_an_id_a_name_or_a_spelling(tmp_path):
    texts = ["A1", "økonomi", "OEKONOMI", "Økonomiafdelingen", " børn og unge ", "BOERN_OG_UNGE", "a2"]
    log = log_of(
        *((f"2018-09-0{n + 1}", text, "solution", f"T{n}", "completed") for n, text in enumerate(texts))
    )
    assert counted(read_log(log, tmp_path)) == [["A1", "2018-09", 4, 4, 4], ["A2", "2018-09", 3, 3, 3]]


def test_a_log_delivered_twice_counts_once(tmp_path):
    log = grids()["usage_log"]
    once = read_log(log, tmp_path)
    write_csv({"usage_log": log}, tmp_path / "igen")
    twice = read_round(tmp_path)
    pd.testing.assert_frame_equal(twice.tables["logged_usage"], once.tables["logged_usage"])
    assert rows_of(twice) == [["0060", 16, 8, 0, 0]]
    assert told(twice) == []
    assert told(twice, "corrections") == [["B2", "E13a", "Rækken var leveret mere end én gang (8 rækker)"]]


def test_different_events_of_one_id_are_all_rejected(tmp_path):
    log = log_of(
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-09-01", "A1", "solution", "T2", "completed"),
        ("2018-09-01", "A1", "solution", "T3", "completed"),
    )
    log["event"] = ["H1", "H1", "H2"]
    found = read_log(log, tmp_path)
    message = "Anvendelseslog har flere forskellige rækker med samme nøgle: 0060 · H1 (2 rækker)"
    assert told(found) == [["B2", "E13", message]]
    assert rows_of(found) == [["0060", 3, 1, 2, 0]]
    assert counted(found) == [["A1", "2018-09", 1, 1, 1]]


WRONG = [
    ("usage_log", 0, {"municipality": "60", "timestamp": "31.08.2018 23:59", "amount": "1.234,50"}),
    ("usage_log", 2, {"channel": "fax"}),
    ("usage_log", 3, {"channel": "fax", "event": ""}),
    ("usage_log", 4, {"timestamp": "i går", "as_intended": "måske"}),
    ("usage_log", 5, {"solution": "L9"}),
    ("usage_log", 6, {"department_ref": "Ukendt"}),
    ("usage_log", 7, {"amount": "12,,5"}),
]
SAID = [
    ["F4", "C03", '"fax" is not on the list for "Channel" (2 rows)'],
    ["B5", "C01", '"Event id" must be filled in in Usage log'],
    ["C6", "C02", '"Timestamp" must be a point in time; found "i går"'],
    ["I6", "C02", '"As intended" must be yes or no; found "måske"'],
    ["D7", "E26", '"L9" does not exist in Solutions'],
    ["E8", "R34", 'The department "Ukendt" is neither an id, a name nor a spelling in the departments'],
    ["K9", "C02", '"Amount (DKK)" must be an amount in kroner; found "12,,5"'],
]
REPAIRED = [
    ["A2", "E01", '1 cell of the column "municipality" was a municipality code without its leading zero'],
    ["C2", "E10", '1 cell of the column "timestamp" was read as a date with the day first'],
    ["K2", "E05a", '1 cell of the column "amount" was read as a Danish number'],
]


def as_csv(tables, folder):
    return write_csv(tables, folder, separator=";")


def as_packed_windows_text(tables, folder):
    write_csv(tables, folder, separator=";", encoding="cp1252")
    plain = folder / "usage_log.csv"
    (folder / "usage_log.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return folder


def as_workbook(tables, folder):
    return write_workbook(tables, folder / "round.xlsx")


def as_parquet(tables, folder):
    write_csv({name: table for name, table in tables.items() if name != "usage_log"}, folder)
    tables["usage_log"].replace("", None).to_parquet(folder / "usage_log.parquet", row_group_size=3)
    return folder


@pytest.mark.parametrize("write", [as_csv, as_packed_windows_text, as_workbook, as_parquet])
def test_problems_are_told_with_their_place_however_the_log_is_written(write, tmp_path):
    tables = edited(WRONG)
    found = read_round(write({name: tables[name] for name in (*SMALL, "usage_log")}, tmp_path), language="en")
    assert told(found) == SAID
    assert [row for row in told(found, "corrections") if row[1] != "E03"] == REPAIRED
    assert rows_of(found) == [["0060", 8, 2, 6, 0]]
    assert counted(found) == [["A1", "2018-09", 1, 1, 1]]


def test_columns_of_types_are_read_as_their_texts(tmp_path):
    log = grids()["usage_log"].replace("", None)
    times = pd.to_datetime(log["timestamp"].str.removesuffix("Z"), format="ISO8601").dt.tz_localize("UTC")
    typed = log.assign(
        timestamp=times, amount=log["amount"].astype("float64"), as_intended=log["as_intended"] == "yes"
    )
    as_text = with_log(log.assign(timestamp=log["timestamp"].str.removesuffix("Z") + "Z"))
    as_text["usage_log"]["as_intended"] = np.where(typed["as_intended"], "ja", "nej")
    found = read_round(as_parquet(with_log(typed), tmp_path / "typed"))
    assert found.problems.empty
    expected = read_round(as_csv(as_text, tmp_path / "text"))
    pd.testing.assert_frame_equal(found.tables["logged_usage"], expected.tables["logged_usage"])


def test_many_values_of_one_fault_are_twenty_rows_and_one(tmp_path):
    log = log_of(*(("2018-09-01", f"Afd {n:03}", "solution", f"T{n}", "completed") for n in range(1250)))
    problems = read_log(log, tmp_path).problems
    assert len(problems) == 21
    assert problems["message"].iloc[-1] == (
        "1.230 rækker til med 1.230 andre værdier i »department_ref« har samme fejl"
    )
    assert problems[["row", "value"]].iloc[-1].tolist() == [22, ""]


@pytest.mark.parametrize(
    "user", ["hj", "HAJE", "hje12", "hansen", "hanne.jensen", "Hanne Jensen", r"ADM\haje", "haje@almsund.dk"]
)
def test_a_log_with_persons_is_refused_and_the_person_not_repeated(user, tmp_path):
    tables = edited([("usage_log", 3, {"user_hash": user})])
    found = read_log(tables["usage_log"], tmp_path)
    assert told(found) == [
        [
            "J5",
            "E30",
            "»Brugerkode (hash)« skal være en saltet hashværdi; her er initialer, brugernavne, navne eller "
            "mailadresser. Ingen af filens rækker er brugt",
        ]
    ]
    assert rows_of(found) == [["0060", 8, 0, 8, 0]]
    assert user not in found.problems.astype("str").to_csv()
    assert counted(found) == []


@pytest.mark.parametrize(
    "user", ["a9", "5d0b26cbc755e2d7", "abcdefab", "q83vEjRWeJASNFZ4kBI0VniQ", "$2b$12$abc./def"]
)
def test_a_hash_is_no_person(user, tmp_path):
    log = edited([("usage_log", 3, {"user_hash": user})])["usage_log"]
    assert read_log(log, tmp_path).problems.empty


def test_text_that_breaks_lines_rows_without_cells_and_rows_that_are_cut(tmp_path):
    folder = write_csv(with_log(grids()["usage_log"]), tmp_path)
    lines = (folder / "usage_log.csv").read_text("utf-8").splitlines()
    lines[4] = lines[4].replace("A1", '"A1\n"')
    lines[5] = ",,,,,,,,,,"
    lines[8] = lines[8][:22]
    (folder / "usage_log.csv").write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    found = read_round(folder)
    assert [row[:2] for row in told(found)] == [["", "F12"], ["D9", "F07"]]
    assert rows_of(found) == [["0060", 7, 6, 1, 0]]


LONG = "0060,H9,2018-08-07T10:00:00,L1,Økonomi, løn,solution,T5,created,yes,a9,100\n"


def with_lines(folder: Path, at: int, *lines: str) -> Path:
    """The small round with lines put into its log, the first of them on line `at`."""
    write_csv(with_log(grids()["usage_log"]), folder)
    log = (folder / "usage_log.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "usage_log.csv").write_text("".join([*log[: at - 1], *lines, *log[at - 1 :]]), "utf-8")
    return folder


def located(found: Round) -> list[list]:
    return found.problems[["file", "row", "cell", "rule", "message"]].values.tolist()


def assert_the_rest_is_read(found: Round, folder: Path) -> None:
    expected = read_log(grids()["usage_log"], folder / "expected")
    pd.testing.assert_frame_equal(found.tables["logged_usage"], expected.tables["logged_usage"])


def test_a_row_with_more_cells_than_the_heading_is_told_and_the_rest_read(tmp_path):
    found = read_round(with_lines(tmp_path / "round", 4, LONG))
    message = "Rækken har 12 felter, men overskriften har 11"
    assert located(found) == [["usage_log.csv", 4, "L4", "F07", message]]
    assert rows_of(found) == [["0060", 9, 8, 1, 0]]
    assert_the_rest_is_read(found, tmp_path)


def test_of_many_rows_with_more_cells_the_first_twenty_are_told_and_the_others_counted(tmp_path):
    found = read_round(with_lines(tmp_path / "round", 3, *[LONG] * 21))
    assert [row[1] for row in located(found)] == [*range(3, 24)]
    assert located(found)[-1][2:] == ["L23", "F16", "1 række til i filen har samme fejl (F07)"]
    assert rows_of(found) == [["0060", 29, 8, 21, 0]]
    assert_the_rest_is_read(found, tmp_path)


SHORT = "0060,H9,2018-08-07T10:00:00,L1\n"


@pytest.mark.parametrize(
    ("line", "cell", "n"),
    [(SHORT, "E", "4"), (SHORT.replace("\n", ',"a, b",solution,T9\n'), "H", "7"), ("0060\n", "B", "1")],
)
@pytest.mark.parametrize("at", [2, 5, 10])
def test_a_row_without_the_fields_that_an_event_must_have_is_told_once(at, line, cell, n, tmp_path):
    found = read_round(with_lines(tmp_path / "round", at, line))
    message = f"Rækken har {n} {'felt' if n == '1' else 'felter'}, men overskriften har 11"
    assert located(found) == [["usage_log.csv", at, f"{cell}{at}", "F07", message]]
    assert rows_of(found) == [["0060", 9, 8, 1, 0]]
    assert_the_rest_is_read(found, tmp_path)


def test_a_row_without_its_last_empty_fields_is_an_event(tmp_path):
    folder = write_csv(with_log(grids()["usage_log"]), tmp_path / "round")
    log = (folder / "usage_log.csv").read_text("utf-8").splitlines()
    (folder / "usage_log.csv").write_text("\n".join([log[0], *(row.rstrip(",") for row in log[1:]), ""]))
    found = read_round(folder)
    assert rows_of(found) == [["0060", 8, 8, 0, 0]]
    assert located(found) == []


def test_short_texts_are_notes_under_the_table_and_short_rows_within_it(tmp_path):
    note, heads = "Kilde: indkøbssystemet\n", ",".join(COLUMNS) + "\n"
    folder = with_lines(tmp_path / "round", 10, note)
    with_heads = with_lines(tmp_path / "again", 5, note, heads)
    within = with_lines(tmp_path / "within", 5, note)
    rules = {"round": ["E16b"], "again": ["E16b", "E16a"], "within": ["F07"]}
    for part in (folder, with_heads, within):
        found = read_round(part)
        assert [row[3] for row in located(found)] == rules[part.name]
        assert_the_rest_is_read(found, tmp_path)


def of_two(folder: Path, *lines: str) -> Path:
    """A round of two municipalities with one log, and lines below its events."""
    names = {"0060": "0048", "Almsund": "Kløverborg"}
    tables = with_log(grids()["usage_log"])
    both = {name: pd.concat([table, table.replace(names)]) for name, table in tables.items()}
    log = write_csv(both, folder) / "usage_log.csv"
    log.write_text(log.read_text("utf-8") + "".join(lines), "utf-8")
    return folder


def test_odd_rows_of_a_log_of_several_are_told_to_the_municipality_that_they_name(tmp_path):
    other = [line.replace("0060", "Kløverborg") for line in (LONG, SHORT)]
    heads, note = ",".join(COLUMNS) + "\n", "Kilde: begge" + "," * 10 + "\n"
    lost = SHORT.replace("0060", "0999")
    found = read_round(of_two(tmp_path, *other, LONG, heads, SHORT, lost, note))
    assert found.problems[["municipality", "row", "rule"]].values.tolist() == [
        ["0048", 18, "F07"],
        ["0048", 19, "F07"],
        ["0060", 20, "F07"],
        ["", 21, "E16a"],
        ["0060", 22, "F07"],
        ["", 23, "F07"],
        ["", 24, "E16b"],
    ]
    own = read_round(tmp_path, municipalities=["0048"]).problems
    assert own["municipality"].tolist() == ["0048", "0048", "", "", ""]


def test_each_municipality_of_a_log_has_its_own_first_twenty_odd_rows(tmp_path):
    other = LONG.replace("0060", "0048")
    found = read_round(of_two(tmp_path, *[LONG] * 22, *[other] * 23))
    problems = found.problems.groupby(["municipality", "rule"])["row"].agg(["min", "max", "size"])
    assert problems.reset_index().values.tolist() == [
        ["0048", "F07", 40, 59, 20],
        ["0048", "F16", 60, 60, 1],
        ["0060", "F07", 18, 37, 20],
        ["0060", "F16", 38, 38, 1],
    ]
    said = found.problems.loc[found.problems["rule"] == "F16", "message"].tolist()
    assert said == [f"{n} rækker til i filen har samme fejl (F07)" for n in (2, 3)]


def test_a_number_in_a_column_that_is_not_read_is_told_to_the_municipality_of_its_row(tmp_path):
    log = with_log(grids()["usage_log"])["usage_log"].assign(note=["", CPR, *[""] * 6])
    found = read_log(log, tmp_path)
    assert found.problems[["municipality", "cell", "rule"]].values.tolist() == [
        ["", "L1", "F04"],
        ["0060", "L3", "P01"],
    ]


def test_a_fault_of_a_cell_of_a_log_in_a_workbook_is_told_to_the_municipality_of_its_row(tmp_path):
    book = write_workbook(with_log(grids()["usage_log"]), tmp_path / "round.xlsx")
    opened = load_workbook(book)
    opened["usage_log"]["K4"] = "=1+1"
    opened.save(book)
    found = read_round(book)
    assert found.problems[["municipality", "cell", "rule"]].values.tolist() == [["0060", "K4", "F14"]]


def test_a_log_in_which_every_row_has_more_cells_or_is_a_heading_counts_nothing(tmp_path):
    folder = write_csv(with_log(grids()["usage_log"]), tmp_path)
    head = (folder / "usage_log.csv").read_text("utf-8").splitlines(keepends=True)[0]
    for rows, rule in (([LONG, LONG], "F07"), ([head, head], "E16a")):
        (folder / "usage_log.csv").write_text("".join([head, *rows]), "utf-8")
        found = read_round(folder)
        assert [row[1:4:2] for row in located(found)] == [[2, rule], [3, rule]]
        assert counted(found) == []


def test_a_row_with_more_cells_says_nothing_of_persons_but_a_cpr_number_in_it_stops_the_delivery(tmp_path):
    shifted = LONG.replace("created,yes,a9", "Hanne Jensen,created,yes")
    found = read_round(with_lines(tmp_path / "round", 9, shifted, LONG.replace("T5", CPR)))
    assert [row[1:4] for row in located(found)] == [[9, "L9", "F07"], [10, "L10", "F07"], [10, "H10", "P01"]]
    assert "Hanne" not in found.problems.astype("str").to_csv()
    assert len(found.stopped) == 1


@pytest.mark.parametrize("at", [2, 5, 10])
def test_headings_below_the_heading_of_a_log_are_told_once_a_row(at, tmp_path):
    heads = ",".join(COLUMNS) + "\n"
    found = read_round(with_lines(tmp_path / "round", at, heads))
    message = "Der er to rækker med overskrifter (»municipality«)"
    assert located(found) == [["usage_log.csv", at, f"A{at}", "E16a", message]]
    assert rows_of(found) == [["", 1, 0, 1, 0], ["0060", 8, 8, 0, 0]]
    assert_the_rest_is_read(found, tmp_path)


def test_notes_under_a_log_are_told_once_a_row(tmp_path):
    notes = ("\n", "Kilde: indkøbssystemet" + "," * 10 + "\n", ",,Udtrukket af os" + "," * 8 + "\n", "\n")
    found = read_round(with_lines(tmp_path / "round", 10, *notes))
    said = [
        ["usage_log.csv", 11, "A11", "E16b", "Under tabellen står en bemærkning (»Kilde: indkøbssystemet«)"],
        ["usage_log.csv", 12, "C12", "E16b", "Under tabellen står en bemærkning (»Udtrukket af os«)"],
    ]
    assert located(found) == said
    assert_the_rest_is_read(found, tmp_path)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rows_below_blank_lines_are_numbered_as_excel_shows_them(newline, tmp_path):
    log = edited(
        [("usage_log", 1, {"channel": "fax"}), ("usage_log", 2, {"department_ref": "A1\n,\n\n"})]
        + [("usage_log", row, {"solution": f"L{row}"}) for row in (4, 7)]
    )["usage_log"]
    folder = write_csv(with_log(log), tmp_path)
    text = (folder / "usage_log.csv").read_text("utf-8")
    rows = [f"0060,{row}" for row in text.split("0060,")[1:]]
    head = text.split("0060,")[0]
    spaced = [head, "\n", *rows[:2], "\n\n", *rows[2:7], "\n", rows[7], "\n"]
    (folder / "usage_log.csv").write_bytes("".join(spaced).replace("\n", newline).encode())
    found = read_round(folder)
    said = [["F4", "C03"], ["E7", "R34"], ["D9", "E26"], ["D13", "E26"]]
    assert [row[:2] for row in told(found)] == said
    assert rows_of(found) == [["0060", 8, 4, 4, 0]]


def test_a_log_without_a_column_or_rows_counts_nothing(tmp_path):
    log = grids()["usage_log"]
    assert counted(read_log(log.drop(columns="channel"), tmp_path / "column")) == []
    empty = read_log(log.head(0), tmp_path / "rows")
    assert (counted(empty), rows_of(empty), len(empty.problems)) == ([], [], 0)


@pytest.mark.parametrize(("missing", "rule"), [("departments", "E26a"), ("solutions", "E26")])
def test_a_log_without_the_table_it_refers_to_is_rejected(missing, rule, tmp_path):
    tables = {name: table for name, table in with_log(grids()["usage_log"]).items() if name != missing}
    found = read_round(write_csv(tables, tmp_path))
    assert set(found.problems.loc[found.problems["table"] == "usage_log", "rule"]) == {rule}
    assert (counted(found), rows_of(found)) == ([], [["0060", 8, 0, 8, 0]])


def test_a_log_is_read_whatever_its_separator_letters_and_lines_above(tmp_path):
    folder = write_csv(
        with_log(edited([("usage_log", 2, {"department_ref": "Økonomi"})])["usage_log"]), tmp_path
    )
    plain = (folder / "usage_log.csv").read_text("utf-8")
    expected = read_round(folder)
    spoilt = plain.replace("Økonomi", "Økonomi".encode().decode("cp1252")).encode()
    written = {
        "E04": plain.replace(",", "\t").encode(),
        "E03b": plain.encode("utf-16"),
        "E03a": spoilt,
        "E16c": ("Udtræk fra indkøbssystemet\n\n" + plain).encode(),
        "F13": plain.replace("A1", "A1\x02").encode(),
    }
    for rule, content in written.items():
        (folder / "usage_log.csv").write_bytes(content)
        found = read_round(folder)
        assert rule in found.corrections["rule"].to_list(), rule
        assert found.problems.empty, rule
        pd.testing.assert_frame_equal(found.tables["logged_usage"], expected.tables["logged_usage"])


def test_rows_under_lines_above_the_heading_are_numbered_as_excel_shows_them(tmp_path):
    folder = write_csv(with_log(edited([("usage_log", 2, {"solution": "L9"})])["usage_log"]), tmp_path)
    text = (folder / "usage_log.csv").read_text("utf-8")
    (folder / "usage_log.csv").write_text("sep=,\nUdtræk\n\n" + text, encoding="utf-8")
    assert [row[:2] for row in told(read_round(folder))] == [["D6", "E26"]]


def test_a_log_that_is_no_text_or_unpacks_to_very_much_is_refused(tmp_path):
    folder = write_csv(with_log(grids()["usage_log"]), tmp_path)
    text = (folder / "usage_log.csv").read_bytes()
    row = text.splitlines(keepends=True)[1]
    (folder / "usage_log.csv").write_bytes(text + row * 1_000 + b"00\x0060\n")
    (folder / "usage_log.csv.gz").write_bytes(gzip.compress(text + b"," * 80_000_000, 1))
    problems = read_round(folder).problems
    assert problems[["file", "rule", "row"]].values.tolist() == [
        ["usage_log.csv", "F01", 1010],
        ["usage_log.csv.gz", "F08", pd.NA],
    ]


def test_a_log_that_ends_where_a_sheet_of_excel_does_is_refused(tmp_path):
    log = grids()["usage_log"].iloc[np.zeros(65_535, dtype=int)]
    found = read_log(log.assign(event=[f"H{n}" for n in range(65_535)]), tmp_path)
    assert [row[1] for row in told(found)] == ["E38"]
    assert rows_of(found) == [["0060", 65_535, 0, 65_535, 0]]


def test_a_solution_in_another_spelling_or_by_its_name_is_found(tmp_path):
    name = grids()["solutions"].set_index("solution").loc["L1", "name"]
    log = edited([("usage_log", 2, {"solution": "l1"}), ("usage_log", 3, {"solution": name})])["usage_log"]
    found = read_log(log, tmp_path / "spelled")
    assert [row[:2] for row in told(found, "corrections")] == [["D4", "E35"], ["D5", "E32a"]]
    expected = read_log(grids()["usage_log"], tmp_path / "ids")
    pd.testing.assert_frame_equal(found.tables["logged_usage"], expected.tables["logged_usage"])


CPR = "010157-5001"


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_cpr_number_in_any_column_stops_the_delivery_and_is_not_repeated(write, tmp_path):
    columns = [name for name in COLUMNS if name not in ("municipality", "event_type", "as_intended")]
    edits = [("usage_log", row, {column: CPR}) for row, column in enumerate(columns)]
    found = read_round(write(with_log(edited(edits)["usage_log"]), tmp_path))
    cells = [f"{'ABCDEFGHIJK'[COLUMNS.index(column)]}{row + 2}" for row, column in enumerate(columns)]
    assert [place.split()[1] for place in found.stopped] == cells
    assert "5001" not in found.problems.astype("str").to_csv() + found.corrections.astype("str").to_csv()
    assert rows_of(found) == [["0060", 8, 0, 8, 0]]


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_cpr_number_in_a_column_that_is_not_read_stops_the_delivery(write, tmp_path):
    log = grids()["usage_log"].assign(note=["", CPR, *[""] * 6])
    found = read_round(write(with_log(log), tmp_path))
    assert [place.split()[1] for place in found.stopped] == ["L3"]


def test_an_address_in_place_of_a_department_is_told_and_not_repeated(tmp_path):
    log = edited([("usage_log", 3, {"department_ref": "haje@almsund.dk"})])["usage_log"]
    found = read_log(log, tmp_path)
    assert [row[:2] for row in told(found)] == [["E5", "R34"], ["E5", "P03"]]
    assert "haje" not in found.problems.astype("str").to_csv()


def random_log(seed: int) -> pd.DataFrame:
    """2,000 events of 500 transactions around the changes of clock and year, many at the same time."""
    rng = np.random.default_rng(seed)
    size = 2_000
    starts = pd.DatetimeIndex(
        ["2018-03-24 22:00", "2018-10-27 22:00", "2018-12-31 20:00", "2018-08-31 20:00"]
    )
    utc = starts[rng.integers(0, 4, size)] + pd.to_timedelta(rng.integers(0, 16, size) * 20, unit="min")
    local = pd.Series(utc).dt.tz_localize("UTC").dt.tz_convert("Europe/Copenhagen")
    texts = np.where(
        rng.random(size) < 0.5, local.map(pd.Timestamp.isoformat), pd.Series(utc).astype("str") + "Z"
    )
    return pd.DataFrame(
        {
            "municipality": "0060",
            "event": [f"H{n}" for n in range(size)],
            "timestamp": texts,
            "solution": rng.choice(["L1", "L2"], size),
            "department_ref": rng.choice(["A1", "Børn og Unge", "oekonomi", "A2"], size),
            "channel": rng.choice(["solution", "paper", "mail"], size),
            "transaction": [f"T{n}" for n in rng.integers(0, 500, size)],
            "event_type": rng.choice(
                ["created", "completed", "approved", "test"], size, p=[0.3, 0.5, 0.16, 0.04]
            ),
            "as_intended": rng.choice(["yes", "no", ""], size, p=[0.6, 0.38, 0.02]),
            "user_hash": "",
            "amount": "",
        }
    )


def counted_by_pandas(log: pd.DataFrame, departments: pd.DataFrame) -> pd.DataFrame:
    instant = pd.to_datetime(log["timestamp"], format="ISO8601", utc=True)
    typed = log.assign(
        instant=instant,
        timestamp=instant.dt.tz_convert("Europe/Copenhagen").dt.tz_localize(None),
        as_intended=log["as_intended"].map({"yes": True, "no": False}).astype("boolean"),
    )
    return aggregate_log(place_in_departments(typed, departments))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_counts_are_those_of_pandas_in_any_order_of_rows(seed, tmp_path):
    log = random_log(seed)
    found = read_log(log, tmp_path / "one")
    assert found.problems.empty
    expected = counted_by_pandas(log, found.tables["departments"])
    pd.testing.assert_frame_equal(found.tables["logged_usage"], expected)
    again = read_log(log.sample(frac=1, random_state=seed), tmp_path / "other")
    pd.testing.assert_frame_equal(again.tables["logged_usage"], expected)


def test_the_counts_of_the_sample_are_those_of_pandas(sample_round):
    log = pd.read_parquet(ROOT / "data" / "sample" / "usage_log.parquet")
    log = log.assign(instant=log["timestamp"], as_intended=log["as_intended"].astype("boolean"))
    expected = aggregate_log(place_in_departments(log, sample_round.tables["departments"]))
    pd.testing.assert_frame_equal(sample_round.tables["logged_usage"], expected)


def test_nothing_is_left_in_the_temporary_folder_and_nothing_said(tmp_path, monkeypatch, capsys):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    read_log(grids()["usage_log"], tmp_path / "round")
    assert list(scratch.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_duckdb_is_imported_only_for_a_log(tmp_path):
    write_csv({name: grids()[name] for name in SMALL}, tmp_path)
    code = (
        "import sys, klktools.intake, klktools.assessment, klktools.batch;"
        f"klktools.intake.read_round({str(tmp_path)!r});"
        "sys.exit('duckdb' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_log_needs_no_extension_that_must_be_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    log = log_of(("2018-08-31T22:00:00Z", "A1", "solution", "T1", "completed"))
    assert counted(read_log(log, tmp_path / "round")) == [["A1", "2018-09", 1, 1, 1]]
    assert not (tmp_path / "nobody").exists()
