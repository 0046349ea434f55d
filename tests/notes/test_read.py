"""Notes as people keep them: tables in any encoding, workbooks, texts, Word documents, folders of these."""

from __future__ import annotations

import gzip

import openpyxl
import pandas as pd
import pytest
from docx import Document

from klktools.errors import ParameterError, TableError
from klktools.notes import Note, read_notes

HEADS = ["note_id", "kommunekode", "interview_id", "tekst"]
ROWS = [["N1", "0060", "I1", "Mødet gik godt"], ["N2", "0060", "I2", "Ingen målte"]]


def text(separator=";", rows=ROWS, heads=HEADS):
    return "\r\n".join(separator.join(row) for row in [heads, *rows])


def notes_of(path):
    return [
        (note.file, note.sheet, note.row, note.note, note.interview, note.text)
        for note in read_notes(path).notes
    ]


def expected(name, sheet=""):
    return [(name, sheet, 2, "N1", "I1", "Mødet gik godt"), (name, sheet, 3, "N2", "I2", "Ingen målte")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_of_any_encoding_and_separator(encoding, separator, tmp_path):
    path = tmp_path / "noter.csv"
    path.write_bytes(text(separator).encode(encoding))
    assert notes_of(path) == expected("noter.csv")


def test_a_packed_csv_and_parquet(tmp_path):
    (tmp_path / "noter.csv.gz").write_bytes(gzip.compress(text().encode()))
    pd.DataFrame(ROWS, columns=HEADS).to_parquet(tmp_path / "noter.parquet")
    assert notes_of(tmp_path / "noter.csv.gz") == expected("noter.csv.gz")
    assert notes_of(tmp_path / "noter.parquet") == expected("noter.parquet")


def test_a_note_of_many_lines_keeps_its_row(tmp_path):
    path = tmp_path / "noter.csv"
    path.write_text('tekst;note_id\n"linje 1\nlinje 2; stadig";N1\n;N2\nsidste;N3\n', encoding="utf-8")
    assert [(note.row, note.note, note.text) for note in read_notes(path).notes] == [
        (2, "N1", "linje 1\nlinje 2; stadig"),
        (4, "N3", "sidste"),
    ]


def test_every_sheet_with_a_column_of_notes_also_a_hidden_one(tmp_path):
    book = openpyxl.Workbook()
    for sheet, heads in (("Noter", HEADS), ("Skjult", HEADS), ("Andet", ["a", "b", "c", "d"])):
        book.create_sheet(sheet)
        for row in [heads, *ROWS]:
            book[sheet].append(row)
    book["Skjult"].sheet_state = "veryHidden"
    book.save(tmp_path / "noter.xlsx")
    assert notes_of(tmp_path / "noter.xlsx") == [
        *expected("noter.xlsx", "Noter"),
        *expected("noter.xlsx", "Skjult"),
    ]


def test_a_text_and_a_word_document_are_one_note_each_and_a_folder_is_all_of_them(tmp_path):
    (tmp_path / "dag 1").mkdir()
    (tmp_path / "dag 1" / "I1.txt").write_text("Første note\nto linjer\n", encoding="cp1252")
    letter = Document()
    letter.core_properties.author = "Mette Holm"
    letter.add_paragraph("Anden note")
    letter.add_table(1, 1).cell(0, 0).text = "i en tabel"
    letter.save(tmp_path / "I2.docx")
    (tmp_path / "tom.md").write_text(" \n")
    (tmp_path / "~$I2.docx").write_text("lås")
    (tmp_path / "billede.png").write_bytes(b"x")
    assert read_notes(tmp_path).notes == (
        Note("I2.docx", "", 1, "I2", "", "", "Anden note\ni en tabel"),
        Note("dag 1/I1.txt", "", 1, "I1", "", "", "Første note\nto linjer"),
    )


def test_columns_outside_the_table_of_notes_are_counted_and_left(tmp_path):
    path = tmp_path / "noter.csv"
    path.write_text("Tekst;Redigeret;Navn;Telefon\nEn note;nej;Mette;12345678\n", encoding="utf-8")
    found = read_notes(path)
    assert found.left_out == 2
    assert found.notes == (Note("noter.csv", "", 2, "", "", "", "En note"),)


def test_faults_are_sentences_without_content(tmp_path):
    table = tmp_path / "noter.csv"
    table.write_text("a;b\nHemmeligt;1\n", encoding="utf-8")
    (tmp_path / "noter.xlsx").write_bytes(b"Hemmeligt")
    (tmp_path / "noter.docx").write_bytes(b"Hemmeligt")
    (tmp_path / "noter.parquet").write_bytes(b"Hemmeligt")
    (tmp_path / "noter.pdf").write_bytes(b"Hemmeligt")
    told = {
        "noter.csv": "Notes must stand in a column `tekst`; found none (noter.csv). "
        "Give the column that heading, or each note its own text file.",
        **{
            name: f"A file of notes must be readable; could not read it ({name})."
            for name in ("noter.xlsx", "noter.docx", "noter.parquet")
        },
        "noter.pdf": "Notes must be one of .csv, .csv.gz, .xlsx, .xlsm, .parquet, .txt, .md, .docx; "
        "found noter.pdf.",
    }
    for name, sentence in told.items():
        with pytest.raises((TableError, ParameterError)) as fault:
            read_notes(tmp_path / name)
        assert str(fault.value) == sentence
    with pytest.raises(ParameterError, match="must be a file or a folder that exists"):
        read_notes(tmp_path / "nothing")
