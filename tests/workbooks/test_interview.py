"""The interview sheet: what stands on it, filled in as a consultant would, and read by intake."""

import openpyxl
import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.intake import read_round
from klktools.notes import Note, read_notes
from klktools.workbooks import write_interview, write_template
from tests.workbooks.conftest import CODE
from tests.workbooks.filling import SPOKEN, columns, fill_head, fill_rows, fill_template, heading_row

SHEETS = {"da": ("Interviewskema", "Vurderingsskema"), "en": ("Interview sheet", "Rating sheet")}
REFERRED = ("municipalities", "visits", "departments", "solutions")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("interview") / "interview.xlsx"
    write_interview(path)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def form(book):
    return book["Interviewskema"]


def rows_by_key(sheet, label):
    heading = heading_row(sheet, label)
    return {sheet.cell(row, 1).value: row for row in range(heading + 1, sheet.max_row + 1)}


def validation(sheet, cell):
    found = [check for check in sheet.data_validations.dataValidation if cell in check.sqref]
    assert len(found) == 1, cell
    return found[0]


def chosen(book, check):
    name, cells = check.formula1.replace("$", "").replace("'", "").split("!")
    return [row[0].value for row in book[name][cells]]


def test_there_is_a_guide_two_forms_and_the_lists(book):
    assert book.sheetnames == ["Vejledning", "Interviewskema", "Vurderingsskema", "Lister"]


def test_every_question_has_its_anchors_beside_it(form):
    rows = rows_by_key(form, "Spørgsmål")
    criteria = load_framework().criteria.set_index("criterion")["anchors_da"]
    questions = load_framework().questions.to_dict("records")
    assert len(questions) == 26
    for question in questions:
        row = rows[question["question"]]
        text = form.cell(row, 2).value
        assert text.startswith(question["text_da"])
        assert f"Roller: {' '.join(question['roles'])}" in text
        assert ("kun v2" in text) == (question["versions"] in (["v2"], ("v2",)))
        if question["criterion"]:
            anchors = form.cell(row, 3).value.split("\n")
            assert anchors == [f"{score}  {t}" for score, t in enumerate(criteria[question["criterion"]])]


def test_a_score_is_a_whole_step_and_reasons_are_chosen(book, form):
    places = columns(form, "answers", "da", heading_row(form, "Spørgsmål"))
    row = rows_by_key(form, "Spørgsmål")["Q01"]

    def check(name):
        return validation(form, form.cell(row, places[name]).coordinate)

    score = check("score")
    assert (score.type, score.formula1, score.formula2) == ("whole", "0", "4")
    assert chosen(book, check("dont_know_reason")) == [
        "Ved det ikke selv",
        "Ingen måler det",
        "Ikke min rolle",
    ]
    assert chosen(book, check("status")) == ["Besvaret", "Ved ikke", "Ikke relevant", "Ikke undersøgt"]


def test_yes_and_no_are_chosen_where_the_answer_is_yes_or_no(book, form):
    places = columns(form, "answers", "da", heading_row(form, "Spørgsmål"))
    row = rows_by_key(form, "Spørgsmål")["Q12"]
    assert chosen(book, validation(form, form.cell(row, places["value"]).coordinate)) == ["Ja", "Nej"]


@pytest.mark.parametrize(
    ("question", "name", "limits"),
    [
        ("Q11", "value", ("0", "100")),
        ("Q19", "assumed_value", ("0", "100")),
        ("Q20", "value", ("0.1", "600")),
        ("Q20", "before_value", ("0.1", "600")),
    ],
)
def test_a_value_is_within_what_its_question_asks_for(form, question, name, limits):
    places = columns(form, "answers", "da", heading_row(form, "Spørgsmål"))
    row = rows_by_key(form, "Spørgsmål")[question]
    check = validation(form, form.cell(row, places[name]).coordinate)
    assert (check.type, check.formula1, check.formula2) == ("decimal", *limits)


def test_whether_a_question_is_put_to_the_role_follows_from_the_role(form):
    row = rows_by_key(form, "Spørgsmål")["Q12"]
    assert form.cell(row, 4).value == (
        '=IF($G$6="","",IF(ISNUMBER(SEARCH("|"&$G$6&"|","|Økonomichef|HR- og lønchef|Digitaliseringschef|")),'
        '"● ja","– nej"))'
    )
    assert form["D6"].value == "Rolle"


def test_a_page_is_a4_landscape_and_repeats_the_heading(book):
    for name in SHEETS["da"]:
        sheet = book[name]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        heading = heading_row(sheet, "Spørgsmål" if name == "Interviewskema" else "Kriterium")
        assert sheet.print_title_rows == f"${heading}:${heading}"


def test_every_criterion_can_be_rated_with_evidence(book):
    sheet = book["Vurderingsskema"]
    places = columns(sheet, "ratings", "da", heading_row(sheet, "Kriterium"))
    rows = rows_by_key(sheet, "Kriterium")
    for criterion in load_framework().criteria["criterion"]:
        cell = sheet.cell(rows[criterion], places["evidence"]).coordinate
        assert [entry[0] for entry in chosen(book, validation(sheet, cell))] == ["A", "B", "C", "D"]


def _row_of(sheet, question):
    return next(row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == question)


def fill_interview(path, interview, answers, language):
    write_interview(path, language=language, municipality=interview["municipality"])
    book = openpyxl.load_workbook(path)
    sheet = book[SHEETS[language][0]]
    fill_head(sheet, interview, "interviews", language)
    fill_rows(sheet, answers, "answers", language)
    sheet.cell(_row_of(sheet, "Q01"), 14).value = "En fortrolig note, som intet andet må læse"
    book.save(path)


def fill_ratings(path, ratings, language):
    write_interview(path, language=language)
    book = openpyxl.load_workbook(path)
    sheet = book[SHEETS[language][1]]
    fill_head(sheet, ratings.iloc[0].to_dict(), "ratings", language)
    fill_rows(sheet, ratings, "ratings", language)
    book.save(path)


@pytest.mark.parametrize("language", ["da", "en"])
def test_filled_sheets_in_one_folder_are_interviews_answers_and_ratings(municipality, tmp_path, language):
    tables = municipality.tables
    write_template(tmp_path / "skema.xlsx", language=language)
    fill_template(tmp_path / "skema.xlsx", {name: tables[name] for name in REFERRED}, language)
    for interview in tables["interviews"].to_dict("records"):
        answers = tables["answers"].query("interview == @interview['interview']")
        fill_interview(tmp_path / f"{interview['interview']}.xlsx", interview, answers, language)
    for (consultant, phase), ratings in tables["ratings"].groupby(["consultant", "phase"]):
        fill_ratings(tmp_path / f"{consultant} {phase}.xlsx", ratings, language)
    read = read_round(tmp_path)
    assert read.problems.to_dict("records") == []
    assert read.corrections.to_dict("records") == []
    for name in SPOKEN:
        pd.testing.assert_frame_equal(read.tables[name], tables[name])
    assert not any("fortrolig" in table.to_csv() for table in read.tables.values())


def test_an_empty_sheet_is_no_interview(municipality, tmp_path):
    write_template(tmp_path / "skema.xlsx")
    fill_template(tmp_path / "skema.xlsx", {name: municipality.tables[name] for name in REFERRED}, "da")
    write_interview(tmp_path / "tom.xlsx")
    write_interview(tmp_path / "tom med kode.xlsx", municipality=CODE)
    read = read_round(tmp_path)
    assert read.problems.to_dict("records") == []
    assert read.tables["interviews"].empty
    assert read.tables["answers"].empty


def test_what_is_wrong_on_a_form_is_shown_in_the_cell_where_it_stands(municipality, tmp_path):
    write_template(tmp_path / "skema.xlsx")
    fill_template(tmp_path / "skema.xlsx", {name: municipality.tables[name] for name in REFERRED}, "da")
    interview = municipality.tables["interviews"].iloc[0].to_dict() | {"participants": 15}
    answers = municipality.tables["answers"].query("interview == @interview['interview']").head(2)
    fill_interview(tmp_path / "n.xlsx", interview, answers, "da")
    book = openpyxl.load_workbook(tmp_path / "n.xlsx")
    sheet = book["Interviewskema"]
    row = rows_by_key(sheet, "Spørgsmål")[answers.iloc[0]["question"]]
    sheet.cell(row, 5).value = "7"
    book.save(tmp_path / "n.xlsx")
    problems = read_round(tmp_path).problems
    found = problems[problems["rule"] == "C04"]
    assert list(zip(found["file"], found["sheet"], found["cell"], found["value"], strict=True)) == [
        ("n.xlsx", "Interviewskema", "C7", "15"),
        ("n.xlsx", "Interviewskema", f"E{row}", "7"),
    ]


def test_a_code_can_be_filled_in_beforehand(tmp_path):
    write_interview(tmp_path / "n.xlsx", municipality=CODE)
    book = openpyxl.load_workbook(tmp_path / "n.xlsx")
    assert book["Interviewskema"]["C5"].value == CODE
    assert book["Vurderingsskema"]["C4"].value == CODE


def test_two_interview_sheets_are_equal_to_the_byte(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_interview(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_notes_are_for_redact_alone(municipality, tmp_path):
    interview = municipality.tables["interviews"].iloc[0].to_dict()
    answers = municipality.tables["answers"].query("interview == @interview['interview']")
    fill_interview(tmp_path / "n.xlsx", interview, answers, "da")
    row = _row_of(openpyxl.load_workbook(tmp_path / "n.xlsx")["Interviewskema"], "Q01")
    text = "En fortrolig note, som intet andet må læse"
    assert read_notes(tmp_path / "n.xlsx").notes == (
        Note("n.xlsx", "Interviewskema", row, f"N01-{row}", CODE, "N01", text),
    )
