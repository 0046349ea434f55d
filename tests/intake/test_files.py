"""Files as people really hand them in: other encodings, broken, empty, locked, misnamed."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.errors import TableError
from klktools.intake import read_round
from tests.intake.hostile_files import compound
from tests.intake.small_round import grids, write_csv, write_workbook


@pytest.fixture
def folder(tmp_path):
    """The two tables that must be there."""
    return write_csv({name: grids()[name] for name in ("municipalities", "visits")}, tmp_path)


def problems_of(folder) -> list[list[str]]:
    found = read_round(folder).problems
    return found[["rule", "severity", "table", "file", "sheet", "message"]].values.tolist()


LOCKED = compound("EncryptedPackage")  # what Excel writes for a workbook with a password


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (LOCKED, "den er beskyttet med adgangskode"),
        (b"PK\x03\x04 not a workbook", "den er beskadiget eller ikke af den type, navnet siger"),
        (b"", "den er tom"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_a_problem_and_not_a_crash(content, why, folder):
    (folder / "plans.xlsx").write_bytes(content)
    assert problems_of(folder) == [
        ["F01", "error", "plans", "plans.xlsx", "", f"Filen kan ikke læses: {why}"]
    ]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("plans.csv", b"", "den er tom"),
        ("plans.csv.gz", b"\x1f\x8bmunicipality", "den er beskadiget eller ikke af den type, navnet siger"),
        ("plans.parquet", b"PAR1", "den er beskadiget eller ikke af den type, navnet siger"),
        ("plans.xls", b"x", "typen kan ikke læses"),
    ],
)
def test_other_files_that_cannot_be_read_are_problems_too(name, content, why, folder):
    (folder / name).write_bytes(content)
    assert problems_of(folder) == [["F01", "error", "plans", name, "", f"Filen kan ikke læses: {why}"]]


def test_when_the_only_workbook_cannot_be_read_one_sentence_says_so(tmp_path):
    path = tmp_path / "runde.xlsx"
    path.write_bytes(LOCKED)
    with pytest.raises(TableError) as fault:
        read_round(path)
    assert str(fault.value) == (
        f"A round must have the table municipalities (Kommuner); found runde.xlsx could not be read (The "
        f"file cannot be read: it is protected by a password) ({path}). Add a file or a sheet with that name."
    )


def test_a_file_that_is_no_table_is_named_with_the_nearest(folder):
    (folder / "afdelinge.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert problems_of(folder) == [
        ["F03", "warning", "", "afdelinge.csv", ""]
        + ["»afdelinge« er ikke en tabel i datakontrakten og er ikke læst; mente du »Afdelinger«?"]
    ]


def test_a_sheet_that_is_no_table_is_named_and_an_empty_one_is_not(tmp_path):
    tables = {name: grids()[name] for name in ("municipalities", "visits")}
    extra = {"Bilag": pd.DataFrame({"tekst": ["x"]}), "Ark3": pd.DataFrame(), "Planens hoved": pd.DataFrame()}
    path = write_workbook(tables | extra, tmp_path / "runde.xlsx")
    assert problems_of(path) == [
        [
            "F03",
            "warning",
            "",
            "runde.xlsx",
            "Bilag",
            "»Bilag« er ikke en tabel i datakontrakten og er ikke læst",
        ],
        ["F02", "warning", "plans", "runde.xlsx", "Planens hoved"]
        + ["Planens hoved er leveret uden nogen overskrifter eller rækker"],
    ]


def test_a_workbook_named_as_a_table_may_call_its_sheet_anything(folder):
    (folder / "visits.csv").unlink()
    write_workbook({"Ark1": grids()["visits"]}, folder / "Besøg.xlsx")
    assert read_round(folder).tables["visits"]["visit"].tolist() == ["B1"]


def test_a_table_with_headings_only_is_an_empty_table(folder):
    grids()["plans"].head(0).to_csv(folder / "plans.csv", index=False)
    found = read_round(folder)
    assert found.problems.empty
    assert found.tables["plans"].empty


def test_notes_pictures_hidden_files_and_excels_lock_files_are_no_data(folder):
    for name in ("README.md", "kort.png", ".visits.csv", "~$plans.xlsx"):
        (folder / name).write_bytes(b"x")
    assert problems_of(folder) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_danish_letters_survive_every_encoding_and_only_windows_is_logged(encoding, folder):
    grid = grids()["municipalities"].replace({"Almsund": "Ærøskøbing å"})
    write_csv({"municipalities": grid}, folder, encoding=encoding)
    found = read_round(folder)
    assert found.tables["municipalities"]["name"].tolist() == ["Ærøskøbing å"]
    logged = found.corrections[["table", "file", "old", "new", "rule"]].values.tolist()
    assert logged == (
        [["municipalities", "municipalities.csv", "cp1252", "UTF-8", "E03"]] if encoding == "cp1252" else []
    )


def test_rows_keep_the_number_excel_shows_when_there_are_empty_rows_between(folder):
    text = (folder / "visits.csv").read_text(encoding="utf-8")
    head, row = text.splitlines()
    (folder / "visits.csv").write_text(
        f"{head}\n\n{',' * 9}\n{row.replace('completed', 'done')}\n", encoding="utf-8"
    )
    found = read_round(folder).problems
    assert found[["rule", "row", "cell"]].values.tolist() == [["C03", 4, "J4"]]
