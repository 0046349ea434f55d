"""Rules about files and shapes of sheets: whole rows of problems and corrections."""

from __future__ import annotations

import pandas as pd
import pytest
from openpyxl import load_workbook

from klktools.contract import load_contract
from klktools.intake import Round, read_round
from klktools.intake.files.limits import Limits
from klktools.intake.files.shape import Where, read_grid
from tests.intake.hostile_files import HEADING, workbook
from tests.intake.small_round import edited, grids, write_csv, write_workbook

ROW = ["0060", "P1", "purchasing", "central", "3.5", "3", "2"]
HEAD = ["municipality", "process", "function", "org_level", "fte", "digital_task", "digital_flow"]


@pytest.fixture
def folder(tmp_path):
    """The two tables that must be there."""
    return write_csv({name: grids()[name] for name in ("municipalities", "visits")}, tmp_path)


def lines(*rows: list[str], separator: str = ",") -> str:
    return "".join(separator.join(row) + "\n" for row in rows)


def text_round(folder, content: str, encoding: str = "utf-8") -> Round:
    (folder / "processes.csv").write_bytes(content.encode(encoding))
    return read_round(folder)


def book_round(folder, merged: tuple[str, ...] = (), **cells: object) -> Round:
    """The processes as a workbook of four rows, with cells changed and merged."""
    grid = pd.DataFrame([[*ROW[:1], f"P{n}", *ROW[2:]] for n in range(1, 5)], columns=HEAD)
    path = write_workbook({"processes": grid}, folder / "processes.xlsx")
    book = load_workbook(path)
    for cell, value in cells.items():
        book["processes"][cell] = value
    for area in merged:
        book["processes"].merge_cells(area)
    book.save(path)
    return read_round(folder)


def told(table: pd.DataFrame, *columns: str) -> list[list]:
    return table[["rule", *columns]].astype(object).where(table.notna(), None).values.tolist()


def problem(rule: str, row: int, cell: str, value: str, message: str, kind: str = "csv") -> dict:
    entry = load_contract().rules[rule]
    owner = "0060" if rule in ("F07", "F14", "E16") else ""  # of a row whose municipality can be read
    where = {"municipality": owner, "table": "processes", "file": f"processes.{kind}"}
    where |= {"sheet": "processes" if kind == "xlsx" else "", "row": row, "cell": cell, "column": ""}
    words = {"value": value, "rule": rule, "severity": entry["severity"], "message": message}
    return where | words | {"remedy": entry["do_da"]}


@pytest.mark.parametrize("separator", ["\t", "|"])
def test_rows_split_at_another_separator_are_told(separator, folder):
    found = text_round(folder, lines(HEAD, ROW, separator=separator))
    name = {"\t": "TAB"}.get(separator, separator)
    assert told(found.corrections, "cell", "old", "message") == [
        ["E04", "A1", name, f"Rækkerne stod i én kolonne og er delt ved hvert {name}"]
    ]
    assert found.problems.empty and len(found.tables["processes"]) == 1


@pytest.mark.parametrize(
    ("area", "rows"), [("D2:D4", [2, 3, 4]), ("A3:A4", [3, 4]), ("C5:C9", [5]), ("D2:E2", [2])]
)
def test_merged_cells_reject_the_rows_they_span_and_no_other(area, rows, folder):
    found = book_round(folder, (area,))
    first = area.partition(":")[0]
    value = {"D": "central", "A": "0060", "C": "purchasing"}[first[0]]
    message = f"Cellen er flettet med andre, så det ikke kan ses, hvilke rækker »{value}« gælder"
    (merged,) = found.problems[found.problems["rule"] == "E16"].to_dict("records")
    assert merged == problem("E16", rows[0], first, value, message, "xlsx")
    left = {f"P{row - 1}" for row in range(2, 6)} - {f"P{row - 1}" for row in rows}
    assert set(found.tables["processes"]["process"]) == left


def test_two_rows_of_headings_are_told(folder):
    found = text_round(folder, lines(HEAD, HEAD, ROW))
    message = "Der er to rækker med overskrifter (»municipality«)"
    assert found.problems.to_dict("records") == [problem("E16a", 2, "A2", "municipality", message)]
    assert found.tables["processes"]["process"].tolist() == ["P1"]


def numbered(*numbers: int) -> list[list[str]]:
    return [[ROW[0], f"P{number}", *ROW[2:]] for number in numbers]


def twice(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its headings and all its rows once more below it."""
    return pd.concat([table, pd.DataFrame([[*table]], columns=table.columns), table])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_table_put_below_itself_has_one_problem_the_row_of_headings(kind, tmp_path):
    once = grids()
    tables = {name: twice(table) for name, table in once.items()}
    book = tmp_path / "round.xlsx"
    found = read_round(write_csv(tables, tmp_path) if kind == "csv" else write_workbook(tables, book))
    told_of = found.problems[["municipality", "table", "cell", "rule", "value"]].values.tolist()
    assert sorted(told_of) == sorted(
        ["", name, f"A{len(table) + 2}", "E16a", table.columns[0]] for name, table in once.items()
    )
    expected = read_round(write_csv(once, tmp_path / "once"))
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table)


def test_exports_with_titles_put_below_one_another_are_told_row_by_row(folder):
    danish = [load_contract().tables["processes"].columns[name].danish for name in HEAD]
    title = ["Udtræk 2", *[""] * 6]
    blocks = [*numbered(1, 2), title, danish, *numbered(3), HEAD, *numbered(4)]
    found = text_round(folder, lines(HEAD, *blocks))
    assert told(found.problems, "cell", "value") == [
        ["E16a", "A5", danish[0]],
        ["E16a", "A7", "municipality"],
        ["E16b", "A4", "Udtræk 2"],
    ]
    assert found.tables["processes"]["process"].tolist() == ["P1", "P2", "P3", "P4"]
    rows = found.delivered[found.delivered["table"] == "processes"].drop(columns="table")
    assert rows.values.tolist() == [["", 3, 0, 3, 0], ["0060", 4, 4, 0, 0]]


@pytest.mark.parametrize("swapped", [("digital_task", "digital_flow"), ("municipality", "process")])
def test_a_table_below_in_another_order_is_told_and_none_of_its_rows_is_read_in_the_wrong_column(
    swapped, folder
):
    first, second = map(HEAD.index, swapped)
    other = {first: second, second: first}
    below = [[row[other.get(n, n)] for n in range(len(HEAD))] for row in (HEAD, *numbered(2, 3))]
    found = text_round(folder, lines(HEAD, *numbered(1), *below, HEAD, *numbered(4)))
    message = (
        f"Her begynder en tabel til med andre kolonner eller en anden rækkefølge (»{below[0][0]}«); "
        "dens rækker kan ikke bruges"
    )
    assert found.problems.to_dict("records")[0] == problem("E16d", 3, "A3", below[0][0], message)
    assert told(found.problems, "cell")[1:] == [["E16a", "A6"]]
    assert found.tables["processes"]["process"].tolist() == ["P1", "P4"]


def test_a_table_below_in_another_unit_is_told_and_not_read(folder):
    heads = ["gevinst_id", "kommunekode", "loesning_id", "budget_reduktion_kr (1.000 kr.)"]
    assert headings_fit(heads, [*heads[:3], "budget_reduktion_kr (1.000 kr.)"])
    assert not headings_fit(heads, [*heads[:3], "budget_reduktion_kr (mio. kr.)"])
    assert headings_fit(heads, [*heads[:3], ""])


def headings_fit(above: list[str], below: list[str]) -> bool:
    spec = load_contract().tables["gains"]
    grid = pd.DataFrame([above, ["x"] * 4, below, ["y"] * 4], index=range(1, 5)).replace("", None)
    *faults, sheet = read_grid(grid, Where("gains.csv", "", spec), Limits())
    assert set(sheet.refused) in ({3}, {3, 4})
    return [fault.rule for fault in faults] == ["E16a"]


def test_a_cell_that_is_a_heading_by_chance_makes_no_row_of_headings(folder):
    departments = edited([("departments", 1, {"name": "Afdeling"})])["departments"]
    found = read_round(write_csv({"departments": departments}, folder))
    assert found.problems.empty
    rows = [ROW, ["Kommunekode", "P2", *ROW[2:]]]
    assert told(text_round(folder, lines(HEAD, *rows)).problems, "cell") == [["C05", "A3"]]


def test_a_note_under_the_table_is_told(folder):
    found = text_round(folder, lines(HEAD, ROW) + "\nKilde: udtræk,,,,,,\n")
    message = "Under tabellen står en bemærkning (»Kilde: udtræk«)"
    assert found.problems.to_dict("records") == [problem("E16b", 4, "A4", "Kilde: udtræk", message)]


def test_a_title_above_the_table_is_skipped_and_told(folder):
    found = text_round(folder, "Processer 2018,,,,,,\n" + lines(HEAD, ROW))
    message = "Over tabellen stod »Processer 2018«; linjen er sprunget over"
    assert told(found.corrections, "row", "cell", "old", "message") == [
        ["E16c", 1, "A1", "Processer 2018", message]
    ]
    assert found.problems.empty and len(found.tables["processes"]) == 1


def test_a_csv_as_long_as_an_old_sheet_of_excel_is_refused_whole(folder):
    rows = [[ROW[0], f"P{n}", *ROW[2:]] for n in range(65_535)]
    found = text_round(folder, lines(HEAD, *rows))
    assert told(found.problems, "file", "value") == [["E38", "processes.csv", "65536"]]
    assert found.tables["processes"].empty


def test_a_csv_one_row_shorter_is_read(folder):
    rows = [[ROW[0], f"P{n}", *ROW[2:]] for n in range(65_534)]
    found = text_round(folder, lines(HEAD, *rows))
    assert found.problems.empty and len(found.tables["processes"]) == 65_534


def with_name(name: str) -> str:
    return lines([*grids()["municipalities"]], [*grids()["municipalities"].replace("Almsund", name).iloc[0]])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_danish_letters_in_utf_16_are_read_and_told(encoding, folder):
    mark = "" if encoding == "utf-16" else "\ufeff"
    (folder / "municipalities.csv").write_bytes((mark + with_name("Ærøskøbing Å")).encode(encoding))
    found = read_round(folder)
    assert found.tables["municipalities"]["name"].tolist() == ["Ærøskøbing Å"]
    assert told(found.corrections, "old", "new", "message") == [
        ["E03b", "UTF-16", "UTF-8", "Filen var ikke UTF-8 og er læst som UTF-16"]
    ]


def test_spoilt_danish_letters_are_put_right_and_told(folder):
    (folder / "municipalities.csv").write_text(with_name("ÆrÃ¸"), encoding="utf-8")
    found = read_round(folder)
    assert found.tables["municipalities"]["name"].tolist() == ["Ærø"]
    assert found.corrections["rule"].tolist() == ["E03a"]
    assert "og er rettet i hele filen" in found.corrections["message"].item()


def test_a_row_of_another_length_is_told_and_refused(folder):
    found = text_round(folder, lines(HEAD, ROW, [ROW[0], "P2", *ROW[2:], "9"], [ROW[0], "P3", *ROW[2:]]))
    message = "Rækken har 8 felter, men overskriften har 7"
    assert found.problems.to_dict("records") == [problem("F07", 3, "H3", "8", message)]
    assert found.tables["processes"]["process"].tolist() == ["P1", "P3"]


def test_half_a_row_at_the_end_is_told_and_a_missing_line_end_is_not(folder):
    assert text_round(folder, lines(HEAD, ROW)[:-1]).problems.empty
    found = text_round(folder, lines(HEAD, ROW) + "0060,P2,purch")
    assert found.problems["rule"].tolist() == ["F12", "F07"]


CUT = (
    "Filen slutter midt i en tekst i anførselstegn og kan være skåret over; dens sidste række kan ikke bruges"
)


@pytest.mark.parametrize(
    ("last", "cell", "value"),
    [
        ('"0060","P2","purchasing","central","3.5","3","2', "G3", "2"),
        ('"0060","P2","purchasing","central","3.5","3","', "G3", ""),
        ('"0060","P2","purch', "C3", "purch"),
        ('0060,P2,"first line\nand a, or b', "C3", "first line\nand a, or b"),
        ('"0060","P2","purchasing","central","3.5","3","2","5', "G3", "2"),
    ],
)
def test_a_file_cut_inside_a_quoted_text_is_told_and_its_other_rows_are_read(last, cell, value, folder):
    found = text_round(folder, lines(HEAD, ROW) + last)
    row = problem("F12a", 3, cell, value, CUT)
    assert found.problems.to_dict("records") == [row | {"municipality": "0060"}]
    assert found.tables["processes"]["process"].tolist() == ["P1"]


def test_a_file_cut_in_the_first_cell_of_a_row_is_told(folder):
    found = text_round(folder, lines(HEAD, ROW) + '"00')
    assert told(found.problems, "cell") == [["F12", ""], ["F07", "B3"]]


def test_a_stray_quotation_mark_far_from_the_end_is_no_cut(folder):
    stray = [ROW[0], "P2", '"purchasing', *ROW[3:]]
    for content in (lines(HEAD, ROW, stray, ROW)[:-1], lines(HEAD, ROW, stray)):
        problems = text_round(folder, content).problems
        assert problems[["rule", "row"]].values.tolist() == [["F01", 3]]


def test_a_file_cut_at_the_end_of_a_block_is_told_once(folder):
    rows = lines(HEAD, ROW) + "".join(f"0060,Q{n},purchasing,central,3.5,3,2\n" for n in range(99))
    for end, rules in (('0060,"P2', ["F12a"]), ("0060,P2", ["F12", "F07"])):
        whole = rows.replace("P1", "P1" + "x" * (-len(rows + end) % 4_096), 1) + end
        assert len(whole) % 4_096 == 0
        assert text_round(folder, whole).problems["rule"].tolist() == rules


def test_a_log_cut_inside_a_quoted_text_is_told(folder):
    tables = {name: grids()[name] for name in ("solutions", "departments", "usage_log")}
    log = write_csv(tables, folder) / "usage_log.csv"
    whole = log.read_text("utf-8")[:-1]
    for end, rules in (("", []), ('"100,5', ["F12", "C02"]), ('"100,5"', [])):
        log.write_text(whole + end, "utf-8")
        assert read_round(folder).problems["rule"].tolist() == rules


def test_a_file_that_ends_with_a_block_of_the_disk_is_told_unless_its_line_ends(folder):
    padded = lines(HEAD, ROW)[:-1]
    rows = padded + "".join(f"\n0060,Q{n},purchasing,central,3.5,3,2" for n in range(100))
    fill = 4_096 - len(rows.encode()) % 4_096
    whole = rows.replace("P1", "P1" + "x" * fill, 1)
    assert len(whole.encode()) % 4_096 == 0
    assert text_round(folder, whole).problems["rule"].tolist() == ["F12"]
    assert text_round(folder, whole.replace("P1x", "P1", 1) + "\n").problems.empty


def test_control_characters_are_taken_out_and_told(folder):
    found = text_round(folder, lines(HEAD, ["0060", "P\x071", *ROW[2:]]))
    assert found.tables["processes"]["process"].tolist() == ["P1"]
    assert told(found.corrections, "file", "message") == [
        ["F13", "processes.csv", "Usynlige styretegn er fjernet fra filens tekster"]
    ]


@pytest.mark.parametrize("cell", ["A3", "E3", "G3"])
def test_a_formula_without_a_result_is_told_at_its_cell(cell, folder):
    found = book_round(folder, **{cell: "=1+1"})
    message = "Cellen har en formel, som aldrig er regnet ud"
    (formula,) = found.problems[found.problems["rule"] == "F14"].to_dict("records")
    owner = "" if cell == "A3" else "0060"
    assert formula == problem("F14", 3, cell, "", message, "xlsx") | {"municipality": owner}
    assert found.tables["processes"]["process"].tolist() == ["P1", "P3", "P4"]


def test_an_error_in_the_last_cell_of_a_row_is_told_there_and_the_row_below_is_read(folder):
    found = book_round(folder, G3="#REF!")
    assert told(found.problems, "cell", "value") == [["E37", "G3", "#REF!"]]
    flow = found.tables["processes"]["digital_flow"].astype(object)
    assert flow.where(flow.notna(), None).tolist() == [2, None, 2, 2]


def test_a_column_of_parquet_that_is_no_column_of_cells_is_told(folder):
    grid = pd.DataFrame([ROW], columns=HEAD).astype("str").assign(fte=[b"\x00\x01"])
    grid.to_parquet(folder / "processes.parquet")
    found = read_round(folder)
    (broken,) = found.problems.to_dict("records")
    assert [broken[name] for name in ("rule", "cell", "value", "file")] == [
        "F15",
        "E1",
        "fte",
        "processes.parquet",
    ]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!"])
def test_an_error_of_a_formula_in_a_workbook_is_a_missing_value_and_told(error, folder):
    more = '<c r="C1" t="str"><v>plan_exists</v></c><c r="D1" t="str"><v>decided_by</v></c></row>'
    rows = HEADING.replace("</row>", more)
    rows += '<row r="2"><c r="A2" t="str"><v>0060</v></c><c r="B2" t="str"><v>B1</v></c>'
    rows += f'<c r="C2" t="str"><v>yes</v></c><c r="D2" t="e"><f>1/0</f><v>{error}</v></c></row>'
    (folder / "plans.xlsx").write_bytes(workbook(rows))
    found = read_round(folder)
    assert told(found.problems, "cell", "value", "severity") == [["E37", "D2", error, "warning"]]
    assert found.tables["plans"]["decided_by"].isna().all()
