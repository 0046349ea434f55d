"""What a workbook tells beside its cells (E34): left out and logged, hidden sheets not read."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName

from klktools.intake import read_round
from tests.intake.small_round import around, write_workbook

SECRET = "Mette Holm"
COLUMNS = ["sheet", "rule", "message"]


@pytest.fixture
def path(tmp_path):
    return write_workbook(around("usage"), tmp_path / "0060.xlsx")


def changed(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return read_round(path)


def told(round_):
    return [
        journal[COLUMNS].fillna("").to_numpy().tolist() for journal in (round_.problems, round_.corrections)
    ]


def with_parts(path, parts):
    """The workbook with these parts added, as Excel writes them."""
    with zipfile.ZipFile(path, "a") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return read_round(path)


def test_a_plain_workbook_tells_nothing(path):
    assert told(read_round(path)) == [[], []]


def test_author_and_last_modified_by_are_left_out_and_logged_without_the_name(path):
    def change(book):
        book.properties.creator = SECRET
        book.properties.lastModifiedBy = "mhj"

    round_ = changed(path, change)
    assert told(round_) == [
        [],
        [["", "E34", "Projektmappen har oplysninger om forfatter, leder eller firma; de er ikke læst med"]],
    ]
    assert round_.corrections[["municipality", "file", "old", "new"]].to_numpy().tolist() == [
        ["0060", "0060.xlsx", "", ""]
    ]


def test_comments_own_properties_links_and_paths_are_counted(path):
    def change(book):
        book["usage"]["A1"].comment = Comment("Ring til 311257-5005", SECRET)
        book["usage"]["B2"].comment = Comment("x", SECRET)
        book.custom_doc_props.append(StringProperty(name="Sagsbehandler", value=SECRET))
        book.defined_names["Kilde"] = DefinedName("Kilde", attr_text="'C:\\Users\\mhj\\[x.xlsx]Ark1'!$A$1")

    round_ = changed(path, change)
    assert [message for _, _, message in told(round_)[1]] == [
        "Projektmappen har egne dokumentegenskaber (1); de er ikke læst med",
        "Projektmappen har kommentarer (2); de er ikke læst med",
        "Projektmappen har navne med stier i (1); de er ikke læst med",
    ]
    whole = round_.corrections.to_csv() + round_.problems.to_csv()
    assert SECRET not in whole and "5005" not in whole and "mhj" not in whole
    assert len(round_.tables["usage"]) == 3


def test_threads_of_comments_and_their_writers_are_counted_once(path):
    comment = '<threadedComment ref="A1" personId="1"><text>x</text></threadedComment>'
    round_ = with_parts(
        path,
        {
            "xl/threadedComments/threadedComment1.xml": f"<ThreadedComments>{comment * 2}</ThreadedComments>",
            "xl/comments1.xml": '<comments><comment ref="A1"/></comments>',
            "xl/persons/person.xml": f'<personList><person displayName="{SECRET}" id="1"/></personList>',
            "xl/externalLinks/externalLink1.xml": "<externalLink/>",
        },
    )
    assert [message for _, _, message in told(round_)[1]] == [
        "Projektmappen har kommentarer (2); de er ikke læst med",
        "Projektmappen har navne på dem, der har skrevet kommentarer (1); de er ikke læst med",
        "Projektmappen har kæder til andre filer (1); de er ikke læst med",
    ]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_told_and_not_read(state, path):
    def change(book):
        book["usage"].sheet_state = state
        book.create_sheet("Lager").append([SECRET])
        book["Lager"].sheet_state = state

    round_ = changed(path, change)
    assert [row for row in told(round_)[0] if row[1] == "E34a"] == [
        ["usage", "E34a", "Arket »usage« er skjult og er ikke læst"],
        ["Lager", "E34a", "Arket »Lager« er skjult og er ikke læst"],
    ]
    assert len(round_.tables["usage"]) == 0
    assert SECRET not in round_.problems.to_csv()


def test_hidden_rows_and_columns_are_read_and_told(path):
    def change(book):
        book["usage"].row_dimensions[3].hidden = True
        book["usage"].row_dimensions[4].hidden = True
        book["usage"].column_dimensions["H"].hidden = True

    round_ = changed(path, change)
    assert told(round_)[0] == [
        ["usage", "E34b", "Arket »usage« har skjulte rækker (2); de er læst som de synlige"],
        ["usage", "E34b", "Arket »usage« har skjulte kolonner (1); de er læst som de synlige"],
    ]
    assert len(round_.tables["usage"]) == 3
