"""Interview notes (T6) are known by the name of a file, sheet or column; their text reaches nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.batch.rests_on import inputs_hash
from klktools.intake import read_round
from tests.intake.small_round import around, write_csv, write_workbook

SECRET = "Hemmelig udtalelse af Xyzina Holm 311257-5005"
NOTES = pd.DataFrame({"note_id": ["1"], "interview_id": ["I1"], "tekst": [SECRET]})
COLUMNS = ["municipality", "table", "file", "sheet", "cell", "rule", "message"]


def told(round_):
    return round_.problems[COLUMNS].fillna("").to_numpy().tolist()


def everything(round_):
    frames = [*round_.tables.values(), round_.problems, round_.corrections, round_.delivered]
    return "".join(frame.to_csv() for frame in frames)


@pytest.mark.parametrize("name", ["noter", "0060 Interviewnoter", "Referat fra Almsund"])
def test_a_file_of_notes_is_told_and_never_opened(name, tmp_path):
    write_csv(around("interviews"), tmp_path)
    (tmp_path / f"{name}.csv").write_bytes(b"\xff\x00 no table at all")
    owner = "0060" if name.startswith("0060") else ""
    assert told(read_round(tmp_path)) == [
        [owner, "", f"{name}.csv", "", "", "P04", f"Interviewnoter er fundet (»{name}.csv«) og er ikke læst"]
    ]


def test_notes_that_are_no_table_are_told_too(tmp_path):
    write_csv(around("interviews"), tmp_path)
    for ending in (".docx", ".md", ".pdf", ".txt"):
        (tmp_path / f"noter{ending}").write_text(SECRET, encoding="utf-8")
        (tmp_path / f"vejledning{ending}").write_text("Læs mig", encoding="utf-8")
    assert [(row[2], row[5]) for row in told(read_round(tmp_path))] == [
        (f"noter{ending}", "P04") for ending in (".docx", ".md", ".pdf", ".txt")
    ]


def test_a_sheet_of_notes_is_told_and_not_read(tmp_path):
    round_ = read_round(write_workbook({**around("interviews"), "Noter": NOTES}, tmp_path / "0060.xlsx"))
    assert told(round_) == [
        ["0060", "", "0060.xlsx", "Noter", "", "P04", "Interviewnoter er fundet (»Noter«) og er ikke læst"]
    ]
    assert SECRET not in everything(round_)
    assert "notes" not in round_.tables


@pytest.mark.parametrize("heading", ["Notetekst", "citat"])
def test_a_column_of_notes_is_told_and_not_read(heading, tmp_path):
    tables = around("interviews")
    tables["interviews"] = tables["interviews"].assign(**{heading: "Hemmelig udtalelse"})
    round_ = read_round(write_csv(tables, tmp_path))
    assert told(round_) == [
        ["", "interviews", "interviews.csv", "", "L1", "P04"]
        + [f"Interviewnoter er fundet (»{heading}«) og er ikke læst"]
    ]
    assert "Hemmelig" not in everything(round_)


def test_the_note_of_a_dependency_is_a_column_of_its_table(tmp_path):
    assert told(read_round(write_csv(around("dependencies"), tmp_path))) == []


@pytest.mark.parametrize("folder", ["_restricted", "0060/_restricted", "_Restricted/dybt"])
def test_the_restricted_folder_is_not_opened_by_intake_nor_by_a_batch(folder, tmp_path):
    write_csv(around("interviews"), tmp_path)
    before = inputs_hash(tmp_path)
    restricted = tmp_path / folder
    write_csv({"usage": NOTES, "noter": NOTES}, restricted)
    (restricted / "noter.csv").chmod(0)
    round_ = read_round(tmp_path)
    assert told(round_) == []
    assert SECRET not in everything(round_)
    assert inputs_hash(tmp_path) == before
