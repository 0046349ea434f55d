"""S17, Gyvelø: the notes of the raw edition are masked whole; the gate stops each as it was written."""

from __future__ import annotations

import csv

import pytest

from klktools.cli import main
from klktools.report.gate import Register, check_release
from klktools.sample.raw.notes import notes_name, notes_of, truth_of_notes, write_notes
from tests.report.test_gate import page

GYVELOE = "0058"
NOTES = notes_of(GYVELOE)
PLANTED = [row for row in truth_of_notes(GYVELOE, "noter.csv", NOTES) if row["handling"] == "masked"]


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gyveloe")
    (folder / f"{notes_name()}.csv").write_bytes(write_notes(GYVELOE, NOTES))
    to = folder / "masked.csv"
    assert main(["redact", str(folder / f"{notes_name()}.csv"), "--to", str(to)]) == 0
    return to


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def faults(text):
    register = Register(((GYVELOE, "Gyvelø"), ("0048", "Kløverborg")))
    return check_release({"a.html": page(text)}, own=GYVELOE, register=register, language="da")


def test_the_story_has_every_kind_it_tells_of():
    assert {row["rule"] for row in PLANTED} == {"cpr", "email", "name", "phone"}
    assert {
        len(row["planted"].replace("-", "").replace(" ", "")) for row in PLANTED if row["rule"] == "cpr"
    } == {9, 10}


def test_everything_planted_is_masked_and_logged_by_kind_and_row(masked):
    whole = masked.read_text(encoding="utf-8")
    assert [row["planted"] for row in PLANTED if row["planted"] in whole] == []
    log = {
        (int(row["row"]), row["kind"]): int(row["count"]) for row in rows(masked.with_name("masked_log.csv"))
    }
    wanted: dict[tuple[int, str], int] = {}
    for row in PLANTED:
        wanted[row["row"], row["rule"]] = wanted.get((row["row"], row["rule"]), 0) + 1
    assert log == wanted


def test_a_report_with_a_note_as_it_was_written_is_stopped_and_with_the_masked_one_is_not(masked):
    with masked.with_name(f"{notes_name()}.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file, delimiter=";"))
    for number, (before, after) in enumerate(zip(written, rows(masked), strict=True), start=2):
        personal = [row for row in PLANTED if row["row"] == number]
        assert bool(faults(before["tekst"])) is bool(personal)
        assert faults(after["tekst"]) == []
