"""The list of problems as a workbook: read back with openpyxl."""

import time
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from klktools.errors import ParameterError, ReportError
from klktools.intake import read_round
from klktools.workbooks import write_problems
from klktools.workbooks.book import cell_text
from tests.intake.small_round import edited, write_workbook

FORMULA = '=HYPERLINK("http://example.org")'
EDITS = [
    ("staffing", 0, {"headcount": "-4"}),
    ("gains", 0, {"expected_department": "@A9"}),
    ("interviews", 0, {"municipality": "60"}),
    ("usage", 0, {"through": FORMULA.replace("=", "+")}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two municipalities with faults, and a file of none."""
    folder = tmp_path_factory.mktemp("round")
    write_workbook(edited(EDITS), folder / "0060 Almsund.xlsx")
    other = edited([("usage", 0, {"through": "9.999.999"}), ("staffing", 1, {"headcount": "mange"})])
    other = {name: grid.replace({"0060": "0048", "Almsund": "Kløverborg"}) for name, grid in other.items()}
    write_workbook(other, folder / "0048 Kløverborg.xlsx")
    (folder / "ukendt.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def round_(folder):
    return read_round(folder)


@pytest.fixture(scope="module")
def book(round_, tmp_path_factory):
    path = tmp_path_factory.mktemp("problems") / "fejl.xlsx"
    write_problems(round_, path)
    return openpyxl.load_workbook(path)


def lines(sheet):
    """The rows of a sheet by their headings."""
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return pd.DataFrame(rows, columns=head).fillna("")


def test_there_is_a_front_the_problems_and_the_corrections(book):
    assert book.sheetnames == ["Overblik", "Fejl og advarsler", "Rettelser"]


def test_there_is_a_line_for_every_problem_in_the_words_of_the_screen(book, round_):
    shown = lines(book["Fejl og advarsler"])
    assert list(shown) == [
        *("Alvor", "Kommunekode", "Kommune", "Fil", "Ark", "Celle"),
        *("Kolonne", "Der står", "Hvad der er galt", "Hvad I skal gøre", "Regel"),
    ]
    wanted = round_.problems[["file", "sheet", "cell", "message", "remedy", "rule"]].fillna("")
    found = shown[["Fil", "Ark", "Celle", "Hvad der er galt", "Hvad I skal gøre", "Regel"]]
    assert sorted(map(tuple, found.to_numpy())) == sorted(map(tuple, wanted.to_numpy()))
    assert set(shown["Alvor"]) == {"Fejl", "Advarsel"}
    assert shown.iloc[0].to_dict() == {
        **{"Alvor": "Fejl", "Kommunekode": "0048", "Kommune": "Kløverborg", "Fil": "0048 Kløverborg.xlsx"},
        **{"Ark": "staffing", "Celle": "D3", "Kolonne": "headcount", "Der står": "mange"},
        "Hvad der er galt": "»Antal ansatte« skal være et helt tal; der står »mange«",
        "Hvad I skal gøre": "Ret cellen; mangler oplysningen, skal den være tom",
        "Regel": "C02",
    }


def test_errors_come_before_warnings_and_causes_before_what_follows(book):
    shown = lines(book["Fejl og advarsler"])
    rank = shown["Alvor"].map({"Fejl": 0, "Advarsel": 1}) * 2 + (shown["Regel"] == "E26a")
    assert list(rank) == sorted(rank)


def test_corrections_show_before_and_after(book):
    shown = lines(book["Rettelser"])
    code = shown[shown["Regel"] == "E01"].iloc[0]
    assert (code["Celle"], code["Før"], code["Efter"]) == ("C2", "60", "0060")
    assert code["Hvorfor"] == (
        "1 celle i kolonnen »municipality« var en kommunekode uden det foranstillede nul"
    )


def test_the_front_counts_and_says_what_happens_now(book, round_):
    texts = [[cell.value for cell in row] for row in book["Overblik"].iter_rows()]
    assert texts[0][0] == "Kontrol af de leverede data"
    assert texts[1][0] == "Hele runden: 2 kommuner"
    heads = next(at for at, row in enumerate(texts) if row[0] == "Kommunekode")
    counts = {row[1] or row[0]: row[2:] for row in texts[heads + 1 :]}
    errors = int((round_.problems["severity"] == "error").sum())
    warnings = len(round_.problems) - errors
    delivered, rejected = (int(round_.delivered[name].sum()) for name in ("rows_delivered", "rows_rejected"))
    assert counts["I alt"] == [errors, warnings, len(round_.corrections), delivered, rejected]
    assert counts["Filer uden kommune"] == [0, 1, 0, 0, 0]
    assert sum(str(row[0]).startswith("Fejl: rækken er ikke brugt.") for row in texts) == 1


def test_what_would_be_a_formula_is_text(book):
    shown = {cell.value: cell for row in book["Fejl og advarsler"].iter_rows() for cell in row}
    for text in ("-4", "@A9", FORMULA.replace("=", "+")):
        assert shown[text].data_type == "s"
        assert shown[text].quotePrefix
    assert not any(cell.hyperlink for cell in shown.values())


def test_no_formula_and_no_link_is_in_the_file(round_, tmp_path):
    wild = round_.problems.head(6).assign(value=["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"], file="http://x")
    write_problems(replace(round_, problems=wild), tmp_path / "p.xlsx")
    with zipfile.ZipFile(tmp_path / "p.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
    written = [cell.value for cell in openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets[1]["H"]]
    assert set(written[1:]) >= {"=1+1", "+1", "-1", "@x"}


def test_a_sheet_can_be_filtered_and_printed(book):
    sheet = book["Fejl og advarsler"]
    assert sheet.auto_filter.ref == f"A1:K{sheet.max_row}"
    assert sheet.freeze_panes == "A2"
    assert sheet.defined_names["ColumnTitle"].value == "'Fejl og advarsler'!$A$1:$K$1"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet["I2"].alignment.wrap_text


def test_the_workbook_of_one_municipality_tells_of_no_other(round_, tmp_path):
    wrong = round_.problems.assign(
        file=round_.problems["file"].str.replace("0060 Almsund", "kloeverborg og os")
    )
    write_problems(replace(round_, problems=wrong), tmp_path / "p.xlsx", municipality="0060")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    texts = {
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert book["Overblik"]["A2"].value == "Almsund (0060)"
    assert not any("0048" in text or "loverborg" in text.lower().replace("ø", "o") for text in texts)
    assert not any("ukendt" in text or "kloeverborg" in text for text in texts)
    shown = lines(book["Fejl og advarsler"])
    assert set(shown["Kommunekode"]) == {"0060"}
    assert set(shown["Fil"]) == {"en samlet fil"}
    assert len(shown) == (round_.problems["municipality"] == "0060").sum()
    with zipfile.ZipFile(tmp_path / "p.xlsx") as parts:
        assert not any(b"verborg" in parts.read(name) for name in parts.namelist())


def test_alone_in_a_round_a_municipality_sees_the_problems_of_its_files(tmp_path):
    write_workbook(edited([]), tmp_path / "d" / "round.xlsx")
    (tmp_path / "d" / "ukendt.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    write_problems(read_round(tmp_path / "d"), tmp_path / "p.xlsx", municipality="0060")
    assert list(lines(openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets[1])["Fil"]) == ["ukendt.csv"]


def test_a_municipality_whose_own_row_was_rejected_gets_its_list(tmp_path):
    write_workbook(edited([("municipalities", 0, {"population": "mange"})]), tmp_path / "d" / "round.xlsx")
    write_problems(read_round(tmp_path / "d"), tmp_path / "p.xlsx", municipality="0060")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book["Overblik"]["A2"].value == "0060"
    assert lines(book["Fejl og advarsler"])["Celle"][0] == "E2"


def test_a_municipality_that_is_not_in_the_round_is_refused(round_, tmp_path):
    with pytest.raises(ParameterError) as refused:
        write_problems(round_, tmp_path / "p.xlsx", municipality="0061")
    assert str(refused.value) == ("A municipality must be in the round; found 0061. The nearest is 0060.")
    assert not list(tmp_path.iterdir())


def test_a_round_without_a_fault_says_so(tmp_path):
    path = write_workbook(edited([]), tmp_path / "d" / "round.xlsx")
    write_problems(read_round(path), tmp_path / "p.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    front = [row[0].value for row in book["Overview"].iter_rows()]
    assert "There are no errors and no warnings. There is nothing to do." in front
    assert book["Errors and warnings"]["A2"].value == "No lines"


def test_lines_a_sheet_has_no_room_for_are_told_of(round_, tmp_path):
    write_problems(round_, tmp_path / "p.xlsx", most=3)
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book["Fejl og advarsler"].max_row == 4
    front = [row[0].value for row in book["Overblik"].iter_rows()]
    assert (
        f"Arket »Fejl og advarsler« viser de første 3 linjer af {len(round_.problems)}; resten er der ikke "
        "plads til i et regneark. Ret disse først, og kør kontrollen igen."
    ) in front


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_list_that_comes_back_among_the_data_is_not_read(language, tmp_path):
    path = write_workbook(edited([]), tmp_path / "d" / "round.xlsx")
    write_problems(read_round(path), tmp_path / "d" / "fejl.xlsx", language=language)
    read = read_round(tmp_path / "d")
    assert read.problems.to_dict("records") == []
    assert read.corrections.to_dict("records") == []


def test_texts_that_excel_refuses_are_made_fit(round_, tmp_path):
    odd = round_.problems.head(3).assign(value=["a\x00b\x0bc", "x" * 40_000, "\uffff og \ufffe"])
    write_problems(replace(round_, problems=odd), tmp_path / "p.xlsx")
    values = [cell.value for cell in openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets[1]["H"]][1:]
    assert sorted(len(value) for value in values)[-1] == 32_767
    assert "\ufffd og \ufffd" in values


def test_ten_thousand_lines_take_seconds(round_, tmp_path):
    many = pd.concat([round_.problems] * (10_000 // len(round_.problems) + 1)).head(10_000)
    before = time.process_time()
    write_problems(replace(round_, problems=many), tmp_path / "p.xlsx")
    assert time.process_time() - before < 10  # some 0.8 s; 100,000 lines take ten times as long


def test_the_order_of_the_lines_handed_in_does_not_matter(round_, tmp_path):
    write_problems(round_, tmp_path / "a.xlsx")
    time.sleep(2.1)  # beyond the resolution of times in zip files
    write_problems(replace(round_, problems=round_.problems.iloc[::-1]), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_nothing_is_left_when_the_place_cannot_be_written(round_, tmp_path):
    (tmp_path / "p.xlsx").mkdir()
    with pytest.raises(ReportError) as refused:
        write_problems(round_, tmp_path / "p.xlsx")
    assert str(refused.value).startswith("The place of a workbook must be writable; found ")
    assert str(refused.value).endswith("Close the workbook where it is open, or choose another place.")
    assert [path.name for path in tmp_path.iterdir()] == ["p.xlsx"]


def test_a_name_that_is_no_workbook_is_refused(round_, tmp_path):
    with pytest.raises(ParameterError) as refused:
        write_problems(round_, tmp_path / "p.csv")
    assert str(refused.value) == (
        "The name of a workbook must end in .xlsx; found p.csv. Write for example p.xlsx."
    )


def test_half_a_character_is_shown_as_unreadable():
    assert cell_text("a\ud800b") == "a\ufffdb"
