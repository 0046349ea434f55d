"""The workbook a municipality fills in: read back with openpyxl, filled in, and read by intake."""

import datetime as dt
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment

from klktools.contract import load_contract
from klktools.errors import ParameterError
from klktools.intake import read_round
from klktools.workbooks import write_template
from tests.workbooks.conftest import CODE
from tests.workbooks.filling import BESIDE, columns, fill_template

TABLES = load_contract().tables


@pytest.fixture(scope="module")
def danish(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "skema.xlsx"
    write_template(path)
    return path


@pytest.fixture(scope="module")
def book(danish):
    return openpyxl.load_workbook(danish)


def validation(sheet, cell):
    """The check on a cell."""
    found = [check for check in sheet.data_validations.dataValidation if cell in check.sqref]
    assert len(found) == 1, f"{sheet.title}!{cell}"
    return found[0]


def heading(sheet, label):
    return next(cell for cell in sheet[1] if cell.value == label)


def test_there_is_a_guide_a_sheet_for_each_table_and_the_lists(book):
    labels = [spec.label["da"] for spec in TABLES.values()]
    assert book.sheetnames == ["Vejledning", *labels, "Lister"]
    assert all(sheet.sheet_state == "visible" for sheet in book)


@pytest.mark.parametrize("name", TABLES)
def test_headings_are_the_labels_of_the_contract_the_code_first(book, name):
    labels = [cell.value for cell in book[TABLES[name].label["da"]][1]]
    expected = [column.label["da"] for column in TABLES[name].columns.values() if not column.derived]
    assert labels[0] == "Kommunekode"
    assert sorted(labels) == sorted(expected)


def test_a_required_column_is_marked_with_a_star_that_is_not_in_the_cell(book):
    sheet = book["Løsninger"]
    assert heading(sheet, "Navn").number_format == '@" *"'
    assert heading(sheet, "Leverandør").number_format == "@"


def test_a_heading_says_what_to_write(book):
    comment = heading(book["Løsninger"], "Mål for anvendelsen (andel)").comment
    assert comment.text == (
        "Jeres eget mål for den andel, der skal gå gennem løsningen. Skriv fx 80 %.\n"
        "Udfyldes, når I ved det.\n"
        "Skriv andelen i procent, fx 80 %.\n"
        "Eksempel: 80 %"
    )
    assert heading(book["Bemanding"], "År").comment.text == (
        "Kalenderåret.\nSkal udfyldes i hver række.\nSkriv et helt tal.\n"
        "Tilladt: mellem 2000 og 2100.\nEksempel: 2018"
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_heading_has_a_comment(book, name):
    comments = [cell.comment for cell in book[TABLES[name].label["da"]][1]]
    assert all(comment is not None and len(comment.text) > 20 for comment in comments)


def test_comments_have_no_person_as_author(danish):
    with zipfile.ZipFile(danish) as parts:
        comments = [parts.read(name).decode() for name in parts.namelist() if "comments" in name]
    assert len(comments) == len(TABLES)
    assert all("<authors><author>klktools</author></authors>" in text for text in comments)


def test_a_code_is_chosen_by_its_danish_label(book):
    check = validation(book["Løsninger"], f"{heading(book['Løsninger'], 'Status').column_letter}3")
    assert (check.type, check.errorStyle or "stop") == ("list", "stop")
    sheet, cells = check.formula1.replace("$", "").replace("'", "").split("!")
    entries = [row[0].value for row in book[sheet][cells]]
    assert entries == ["Planlagt", "Udrulning", "Drift", "Udfases"]
    assert check.error == "Vælg en af mulighederne på listen, eller lad cellen være tom, hvis I ikke ved det."


def test_yes_and_no_are_chosen(book):
    letter = heading(book["Løsninger"], "Ny løsning").column_letter
    sheet, cells = (
        validation(book["Løsninger"], f"{letter}3").formula1.replace("$", "").replace("'", "").split("!")
    )
    assert [row[0].value for row in book[sheet][cells]] == ["Ja", "Nej"]


def test_departments_are_chosen_from_the_sheet_of_departments(book):
    letter = heading(book["Anvendelse pr. måned"], "Afdelings-id").column_letter
    check = validation(book["Anvendelse pr. måned"], f"{letter}3")
    assert (check.type, check.formula1, check.errorStyle) == ("list", "id_afdelinger", "warning")
    assert book.defined_names["id_afdelinger"].value == (
        "'Afdelinger'!$B$3:INDEX('Afdelinger'!$B:$B,MAX(3,COUNTA('Afdelinger'!$B:$B)))"
    )


@pytest.mark.parametrize(
    ("sheet", "label", "kind", "low", "high"),
    [
        ("Kommuner", "Indbyggere", "whole", "500", "700000"),
        ("Kommuner", "Kommunekode", "textLength", "4", "4"),
        ("Afdelinger", "Afdelings-id", "textLength", "1", "40"),
        ("Støtte", "Kendt af brugerne (andel)", "decimal", "0", "1"),
        ("Bemanding", "Oplyst personaleomsætning (andel)", "decimal", "0", "1.5"),
        ("Bemanding", "Årsværk", "decimal", "0", "1000000000000"),
        ("Besøg", "Startdato", "date", "32874", "73050"),
        ("Besøg", "Dataperiode fra", "date", "32874", "73050"),
    ],
)
def test_numbers_dates_shares_and_codes_are_checked_as_they_are_typed(book, sheet, label, kind, low, high):
    check = validation(book[sheet], f"{heading(book[sheet], label).column_letter}3")
    assert (check.type, check.formula1, check.formula2) == (kind, low, high)
    assert check.errorTitle
    assert check.error
    assert check.showErrorMessage


def test_a_share_is_shown_in_per_cent_a_month_by_name_and_a_code_as_text(book):
    def shown(sheet, label):
        """The format of a column's empty cells."""
        letter = heading(book[sheet], label).column_letter
        return book[sheet].column_dimensions[letter].number_format

    assert shown("Støtte", "Kendt af brugerne (andel)") == "0.0%"
    assert shown("Anvendelse pr. måned", "Måned") == "[$-406]mmm yyyy"
    assert shown("Kommuner", "Kommunekode") == "@"


def test_headings_and_example_cannot_be_typed_over(book):
    check = validation(book["Afdelinger"], "B1")
    assert (check.type, check.formula1) == ("custom", "FALSE")
    assert validation(book["Afdelinger"], "B2") is check
    assert check.error == "Overskrifterne og eksemplet skal stå, som de er. Skriv i rækkerne nedenunder."


@pytest.mark.parametrize("name", TABLES)
def test_every_sheet_has_a_table_an_example_and_a_heading_that_stays(book, name):
    sheet = book[TABLES[name].label["da"]]
    (table,) = sheet.tables.values()
    assert table.ref.startswith("A1:")
    assert sheet["A2"].value == "Eksempel"
    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"


def test_tables_have_a_text_for_those_who_cannot_see_them(danish):
    with zipfile.ZipFile(danish) as parts:
        tables = [parts.read(name).decode() for name in parts.namelist() if "tables/table" in name]
    assert len(tables) == len(TABLES)
    assert all('altText="' in table and 'altTextSummary="' in table for table in tables)


def test_the_example_obeys_its_own_checks(book):
    """What is shown as an example can be typed: it is on the list, or within the limits."""
    for spec in TABLES.values():
        sheet = book[spec.label["da"]]
        for cell in sheet[2][1:]:
            check = next(
                (v for v in sheet.data_validations.dataValidation if f"{cell.column_letter}3" in v.sqref),
                None,
            )
            if cell.value is None or check is None:
                continue
            if check.type == "list" and "!" in check.formula1:
                name, cells = check.formula1.replace("$", "").replace("'", "").split("!")
                assert cell.value in [row[0].value for row in book[name][cells]], cell
            if check.type in ("whole", "decimal"):
                assert float(check.formula1) <= cell.value <= float(check.formula2), cell


def test_properties_name_nobody(book):
    assert book.properties.title == "Dataskema til digitaliserings- og organiseringstjekket"
    assert not book.properties.creator
    assert not book.properties.lastModifiedBy
    assert book.properties.created == dt.datetime(1980, 1, 1)


def test_the_guide_leads_to_every_sheet(book):
    cells = [cell for row in book["Vejledning"].iter_rows() for cell in row if cell.hyperlink]
    links = {cell.hyperlink.location.split("!")[0].strip("'") for cell in cells}
    assert links == {spec.label["da"] for spec in TABLES.values()}


def test_two_templates_are_equal_to_the_byte(danish, tmp_path):
    write_template(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == danish.read_bytes()


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_filled_template_is_the_clean_round_without_a_warning(municipality, tmp_path, language):
    write_template(tmp_path / "skema.xlsx", language=language)
    beside = BESIDE if language == "da" else (*BESIDE, "usage")  # the long table once
    tables = {name: municipality.tables[name] for name in TABLES if name not in beside}
    fill_template(tmp_path / "skema.xlsx", tables, language)
    read = read_round(tmp_path)
    # months that the sample itself does not have (E12), in the same words
    own = municipality.problems["message"] if "usage" in tables else []
    assert list(read.problems["message"]) == list(own)
    assert set(read.problems["rule"]) <= {"E12"}
    assert read.corrections.to_dict("records") == []
    for name, table in tables.items():
        expected = table.astype({c: "str" for c in table.select_dtypes("category")})
        found = read.tables[name].astype({c: "str" for c in read.tables[name].select_dtypes("category")})
        pd.testing.assert_frame_equal(found, expected)


def test_a_log_typed_in_the_template_is_counted(municipality, tmp_path):
    names = ("municipalities", "visits", "departments", "solutions")
    events = pd.DataFrame(
        {
            "municipality": CODE,
            "event": ["H1", "H2"],
            "timestamp": pd.to_datetime(["2018-08-14 09:35:00", "2018-08-14 10:00:30"]),
            "solution": "L01",
            "department_ref": "A01",
            "channel": ["solution", "mail"],
            "transaction": ["T1", "T2"],
            "event_type": "completed",
            "as_intended": [True, False],
            "user_hash": None,
            "amount": [640, 120],
        }
    )
    write_template(tmp_path / "skema.xlsx")
    tables = {name: municipality.tables[name] for name in names} | {"usage_log": events}
    fill_template(tmp_path / "skema.xlsx", tables, "da")
    read = read_round(tmp_path)
    assert read.problems.to_dict("records") == []
    (row,) = read.tables["logged_usage"].astype(object).to_dict("records")
    assert row["month"] == pd.Timestamp(2018, 8, 1)
    assert (row["solution"], row["department"], row["through"], row["eligible"]) == ("L01", "A01", 1, 2)


def test_the_example_may_be_sorted_in_among_the_rows_or_be_gone(municipality, tmp_path):
    tables = {name: municipality.tables[name] for name in ("municipalities", "visits", "departments")}
    for name, move in (("moved", True), ("gone", False)):
        path = tmp_path / name / "skema.xlsx"
        write_template(path)
        fill_template(path, tables, "da")
        book = openpyxl.load_workbook(path)
        sheet = book["Afdelinger"]
        example = [cell.value for cell in sheet[2]]
        sheet.delete_rows(2)
        if move:
            for at, value in enumerate(example, start=1):
                sheet.cell(sheet.max_row + (at == 1), at).value = value
        book.save(path)
        read = read_round(path)
        assert read.problems.to_dict("records") == []
        pd.testing.assert_frame_equal(read.tables["departments"], municipality.tables["departments"])


def test_an_example_whose_code_was_changed_is_data(tmp_path, municipality):
    path = tmp_path / "skema.xlsx"
    write_template(path)
    tables = {name: municipality.tables[name] for name in ("municipalities", "visits", "departments")}
    fill_template(path, tables, "da")
    book = openpyxl.load_workbook(path)
    book["Løsninger"]["A2"].value = CODE
    book.save(path)
    assert list(read_round(path).tables["solutions"]["solution"]) == ["L01"]


def test_a_code_of_the_98_comes_with_its_name_and_region(tmp_path):
    write_template(tmp_path / "skema.xlsx", municipality="0101")
    sheet = openpyxl.load_workbook(tmp_path / "skema.xlsx")["Kommuner"]
    places = columns(sheet, "municipalities", "da")
    row = {name: sheet.cell(3, at).value for name, at in places.items()}
    assert row == {
        **{"municipality": "0101", "name": "København", "region_code": 1084},
        **{"region_name": "Region Hovedstaden", "population": None, "wave": None},
    }


@pytest.mark.parametrize("code", ["0199", "101", "0098", "01 1", "0101 "])
def test_a_code_that_is_none_is_refused_in_a_sentence(code, tmp_path):
    with pytest.raises(ParameterError) as refused:
        write_template(tmp_path / "skema.xlsx", municipality=code)
    assert str(refused.value) == (
        "A municipality code must be one of the 98 or that of a fictitious municipality; "
        f"found {code!r}. Write four characters, such as 0101."
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", ["0011", "0060", "0097", "X001"])
def test_a_fictitious_municipality_has_its_code_alone(code, tmp_path):
    write_template(tmp_path / "skema.xlsx", municipality=code)
    sheet = openpyxl.load_workbook(tmp_path / "skema.xlsx")["Kommuner"]
    assert [cell.value for cell in sheet[3]] == [code, None, None, None, None, None]


def test_comments_of_people_are_told_of_and_ours_are_not(municipality, tmp_path):
    path = tmp_path / "skema.xlsx"
    write_template(path)
    fill_template(path, {name: municipality.tables[name] for name in ("municipalities", "visits")}, "da")
    book = openpyxl.load_workbook(path)
    book["Kommuner"]["B3"].comment = Comment("Spørg mig", "En person")
    book.save(path)
    corrections = read_round(path).corrections
    assert list(corrections["rule"]) == ["E34"]
    assert list(corrections["message"]) == ["Projektmappen har kommentarer (1); de er ikke læst med"]
