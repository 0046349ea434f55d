"""Redaction: what is masked, what the log says, and that neither holds what was masked (S17)."""

from __future__ import annotations

import csv

import openpyxl
import pytest

from klktools.cli import main
from klktools.errors import ParameterError
from klktools.notes import Note, read_names, redact, write_redacted
from klktools.privacy import load_names

MASKS = {"cpr": "CPR", "email": "e-mail", "phone": "telefon", "plate": "nummerplade", "address": "adresse"}
MASKS |= {"name": "navn"}
S17 = {  # row of the file -> what was written, and what may be shown of it
    2: ("Ring til Freja Testesen på 12 34 56 78.", "Ring til [navn] på [telefon]."),
    3: ("Der stod 311257-5005 og 707515123 i arket.", "Der stod [CPR] og [CPR] i arket."),
    4: ("Erstatning: 711257-5003; freja@eksempel.dk", "Erstatning: [CPR]; [e-mail]"),
    5: ("Ybe kører AB 12 345 til Kastanievej 4.", "[navn] kører [nummerplade] til [adresse]."),
    6: ("Der er 1.200 fakturaer om måneden.", "Der er 1.200 fakturaer om måneden."),
}
SECRETS = (
    "Freja",
    "Testesen",
    "12 34 56 78",
    "311257",
    "707515123",
    "711257",
    "freja",
    "Ybe",
    "AB 12",
    "Kastanie",
)
LOG = [
    ["file", "sheet", "row", "column", "kind", "count", "positions"],
    ["noter.csv", "", "2", "text", "name", "1", "9-23"],
    ["noter.csv", "", "2", "text", "phone", "1", "27-38"],
    ["noter.csv", "", "3", "text", "cpr", "2", "9-20 24-33"],
    ["noter.csv", "", "4", "text", "cpr", "1", "12-23"],
    ["noter.csv", "", "4", "text", "email", "1", "25-42"],
    ["noter.csv", "", "5", "text", "address", "1", "24-37"],
    ["noter.csv", "", "5", "text", "name", "1", "0-3"],
    ["noter.csv", "", "5", "text", "plate", "1", "10-19"],
]


@pytest.fixture
def notes(tmp_path):
    """A restricted folder with one file of notes, and a file of names."""
    folder = tmp_path / "_restricted"
    folder.mkdir()
    with (folder / "noter.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["note_id", "kommunekode", "interview_id", "tekst"])
        writer.writerows([f"T{row:02d}", "0058", f"N{row}", text] for row, (text, _) in S17.items())
    (tmp_path / "names.txt").write_text("Ybe Kvistgren\n", encoding="utf-8")
    return folder / "noter.csv"


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def command(notes, to, *more):
    return main(
        ["redact", str(notes), "--to", str(to), "--names", str(notes.parents[1] / "names.txt"), *more]
    )


def test_the_notes_of_the_story_are_masked_and_logged_without_content(notes, tmp_path, capsys):
    to = tmp_path / "maskeret.csv"
    assert command(notes, to) == 0
    told = ["navn 1; telefon 1", "CPR 2", "CPR 1; e-mail 1", "adresse 1; navn 1; nummerplade 1", ""]
    assert rows(to) == [
        ["note_id", "kommunekode", "interview_id", "tekst", "redigeret", "redaktion_log"],
        *(
            [f"T{row:02d}", "0058", f"N{row}", shown, "ja", log]
            for (row, (_, shown)), log in zip(S17.items(), told, strict=True)
        ),
    ]
    assert rows(tmp_path / "maskeret_log.csv") == LOG
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "Noter: 5. Maskerede steder: 9 (adresser 1, CPR-numre 3, e-mailadresser 1, navne 2, telefonnumre 1, "
        "nummerplader 1).",
        f"Læs {to} igennem, før noget bruges: maskeringen finder ikke alt. Log uden indhold: "
        f"{tmp_path / 'maskeret_log.csv'}",
    ]
    whole = to.read_text("utf-8") + (tmp_path / "maskeret_log.csv").read_text("utf-8") + said
    assert [secret for secret in SECRETS if secret in whole] == []


def test_a_workbook_and_an_english_one_hold_the_same_and_equal_bytes(notes, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        assert command(notes, tmp_path / name, "--language", "en") == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.properties.creator in (None, "")
    cells = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert cells[0] == ["note", "municipality", "interview", "text", "redacted", "redaction_log"]
    assert cells[1] == ["T02", "0058", "N2", "Ring til [name] på [telephone].", "yes", "name 1; telephone 1"]


def test_masked_notes_masked_again_are_the_same(notes, tmp_path):
    assert command(notes, tmp_path / "once.csv") == 0
    assert main(["redact", str(tmp_path / "once.csv"), "--to", str(tmp_path / "twice.csv")]) == 0
    first, second = rows(tmp_path / "once.csv"), rows(tmp_path / "twice.csv")
    assert [row[:5] for row in first] == [row[:5] for row in second]
    assert rows(tmp_path / "twice_log.csv") == LOG[:1]


def test_names_in_the_name_of_a_file_and_numbers_in_an_id_are_masked_too():
    note = Note("Mette Holm.txt", "", 1, "Mette Holm", "", "311257-5005", "Ingen målte")
    redaction = redact([note], names=load_names(), masks=MASKS)
    assert redaction.notes.to_numpy().tolist() == [["[navn]", "", "[CPR]", "Ingen målte", True, ""]]
    assert redaction.log.to_numpy().tolist() == [
        ["….txt", "", 1, "note", "name", 1, "0-10"],
        ["….txt", "", 1, "interview", "cpr", 1, "0-11"],
    ]


def test_given_names_are_kept_nowhere(notes, tmp_path):
    assert command(notes, tmp_path / "maskeret.csv") == 0
    written = [
        path for path in tmp_path.rglob("*") if path.is_file() and path.name not in ("names.txt", "noter.csv")
    ]
    assert not any(b"Ybe" in path.read_bytes() for path in written)
    assert load_names().own is None


@pytest.mark.parametrize("to", ["noter.csv", "maskeret.csv"])
def test_masked_notes_are_never_written_over_or_among_the_notes(to, notes, capsys):
    before = notes.read_bytes()
    asked = notes if to == "noter.csv" else notes.parent
    assert main(["redact", str(asked), "--to", str(notes.parent / to)]) == 2
    assert "must be written beside the notes" in capsys.readouterr().err
    assert notes.read_bytes() == before
    assert [path.name for path in notes.parent.iterdir()] == ["noter.csv"]


def test_another_ending_is_refused_and_nothing_is_left(notes, tmp_path):
    redaction = redact([], names=load_names(), masks=MASKS)
    with pytest.raises(ParameterError, match=r"must be written as \.csv or \.xlsx; found a\.txt"):
        write_redacted(redaction, tmp_path / "a.txt", language="da")
    assert main(["redact", str(notes), "--to", str(tmp_path / "a.txt")]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_restricted", "names.txt"]


def test_a_file_of_names_that_is_not_there_is_one_sentence(notes, tmp_path, capsys):
    assert main(["redact", str(notes), "--to", str(tmp_path / "a.csv"), "--names", str(tmp_path / "x")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_names_may_be_written_in_the_encoding_of_a_danish_windows(notes, tmp_path):
    (tmp_path / "names.txt").write_text("Ybe Kvistgærd\r\nÅsling", encoding="cp1252")
    assert read_names(tmp_path / "names.txt") == ["Ybe Kvistgærd", "Åsling"]
    assert command(notes, tmp_path / "a.csv") == 0
