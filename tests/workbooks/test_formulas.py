"""Values that look like formulas are text in every workbook that is written."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest

from klktools.cli import main
from klktools.errors import ParameterError
from klktools.intake import read_round
from klktools.notes import Note, read_notes, redact, write_redacted
from klktools.privacy import load_names
from klktools.sample.raw.delivery import Book
from klktools.sample.raw.grids import Grid
from klktools.sample.raw.ways import way_of
from klktools.sample.raw.write_xlsx import write_xlsx
from klktools.workbooks import write_interview, write_problems, write_template
from tests.intake.small_round import edited, grids, write_csv

HOSTILE = (
    *("=cmd|' /C calc'!A0", "=1+1", "+45", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1"),
    *("{=1+1}", '=HYPERLINK("http://example.org")', "http://example.org", "\ufeff=1+1"),
)
FIRST = ("=", "+", "-", "@", "\t", "\r", "\n")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(path: Path) -> Iterator[tuple[str, openpyxl.cell.Cell]]:
    """Every cell with its text; openpyxl itself reads "=1" as a formula only where the file says so."""
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield openpyxl.utils.escape.unescape(str(cell.value)), cell


def formulas_of(path: Path) -> list[str]:
    """Formulas, links and commands in the parts of a workbook."""
    found = []
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                tree = ElementTree.fromstring(parts.read(name))
                found += [node.text or "" for tag in ("f", "hyperlink") for node in tree.iter(f"{MAIN}{tag}")]
            found += [name] if "externalLink" in name or "vbaProject" in name else []
    return found


def assert_text(path: Path, texts: tuple[str, ...], *, quoted: bool = True) -> None:
    """All these texts stand in the workbook as texts; typed anew they stay so."""
    assert formulas_of(path) == []
    found = {text: cell for text, cell in cells_of(path) if text in texts}
    assert set(found) == set(texts)
    assert {cell.data_type for cell in found.values()} == {"s"}
    assert not quoted or all(found[text].quotePrefix for text in texts if text.startswith(FIRST))


@pytest.mark.parametrize("column", ["file", "sheet", "cell", "column", "value", "message", "remedy", "rule"])
def test_no_text_of_a_problem_becomes_a_formula(column, round_, tmp_path):
    wild = round_.problems.iloc[[0] * len(HOSTILE)].assign(**{column: list(HOSTILE)})
    write_problems(replace(round_, problems=wild), tmp_path / "p.xlsx")
    assert_text(tmp_path / "p.xlsx", HOSTILE)


@pytest.mark.parametrize("column", ["file", "sheet", "cell", "column", "old", "new", "message"])
def test_no_text_of_a_correction_becomes_a_formula(column, round_, tmp_path):
    wild = round_.corrections.iloc[[0] * len(HOSTILE)].assign(**{column: list(HOSTILE)})
    write_problems(replace(round_, corrections=wild), tmp_path / "p.xlsx")
    assert_text(tmp_path / "p.xlsx", HOSTILE)


def test_no_name_of_a_municipality_becomes_a_formula(round_, tmp_path):
    row = round_.tables["municipalities"].iloc[[0] * len(HOSTILE)]
    wild = row.assign(name=list(HOSTILE), municipality=[f"00{n}X" for n in range(10, 10 + len(HOSTILE))])
    changed = replace(round_, tables={**round_.tables, "municipalities": wild})
    write_problems(changed, tmp_path / "all.xlsx")
    assert_text(tmp_path / "all.xlsx", HOSTILE)
    for code, name in zip(wild["municipality"], wild["name"], strict=True):
        write_problems(changed, tmp_path / "one.xlsx", municipality=code)
        assert_text(tmp_path / "one.xlsx", (f"{name} ({code})",))


@pytest.fixture(scope="module")
def round_(tmp_path_factory):
    """A round with problems and corrections."""
    edits = [("staffing", 0, {"headcount": "-4"}), ("interviews", 0, {"municipality": "60"})]
    return read_round(write_csv(edited(edits), tmp_path_factory.mktemp("round")))


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.startswith(("=", "+", "-", "@"))])
def test_a_cell_that_looks_like_a_formula_is_text_from_the_file_to_the_list(text, tmp_path):
    folder = write_csv(edited([("processes", 0, {"org_level": text})]), tmp_path / "round")
    assert main(["check", str(folder), "--to", str(tmp_path / "problems.xlsx")]) == 1
    assert_text(tmp_path / "problems.xlsx", (text,))


@pytest.mark.parametrize("write", [write_template, write_interview])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_template_is_filled_in_with_the_code_of_a_municipality_and_nothing_else(write, text, tmp_path):
    with pytest.raises(ParameterError):
        write(tmp_path / "skema.xlsx", municipality=text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("write", [write_template, write_interview])
def test_a_template_has_only_its_own_formulas_and_no_text_that_would_be_one(write, language, tmp_path):
    """Links of the guide to its sheets, and what the interview shows of the role that was chosen."""
    write(tmp_path / "any.xlsx", language=language)
    write(tmp_path / "skema.xlsx", language=language, municipality="0101")
    assert formulas_of(tmp_path / "skema.xlsx") == formulas_of(tmp_path / "any.xlsx")
    texts = [text for text, cell in cells_of(tmp_path / "skema.xlsx") if cell.data_type != "f"]
    assert texts and [text for text in texts if text.startswith(FIRST)] == []


def test_no_text_of_a_raw_delivery_becomes_a_formula(tmp_path):
    table = grids()["processes"]
    cells = pd.concat([table.iloc[[0]]] * len(HOSTILE), ignore_index=True).assign(org_level=list(HOSTILE))
    heads = {name: f"={name}" for name in cells}
    lines = ("=1+1 over", "@under")
    grid = Grid("processes", cells, cells, heads, way_of("0060"), False, above=lines[:1], below=lines[1:])
    write_xlsx({"processes": grid}, Book(hidden="skjult", comment="=1+1"), tmp_path / "raw.xlsx")
    assert_text(tmp_path / "raw.xlsx", (*HOSTILE, *heads.values(), *lines), quoted=False)


def test_no_masked_note_becomes_a_formula(tmp_path):
    notes = [Note("noter.csv", "", n, f"T{n}", "0058", "N1", text) for n, text in enumerate(HOSTILE)]
    redaction = redact(notes, names=load_names(), masks={"email": "e-mail"})
    write_redacted(redaction, tmp_path / "masked.xlsx", language="da")
    assert_text(tmp_path / "masked.xlsx", HOSTILE)


def test_no_cell_of_masked_notes_in_csv_begins_like_a_formula_and_all_texts_are_kept(tmp_path):
    notes = [Note("=noter.csv", "+ark", n, text, text, text, text) for n, text in enumerate(HOSTILE)]
    names = load_names()
    write_redacted(redact(notes, names=names, masks={"email": "e-mail"}), tmp_path / "m.csv", language="da")
    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    safe = [f"'{text}" if text.startswith(FIRST) else text for text in HOSTILE]
    assert [row[:4] for row in rows] == [[text] * 4 for text in safe]
    again = redact(read_notes(tmp_path / "m.csv").notes, names=names, masks={"email": "e-mail"})
    write_redacted(again, tmp_path / "again.csv", language="da")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "m.csv").read_bytes()


def test_the_log_of_masked_notes_has_no_cell_that_begins_like_a_formula(tmp_path):
    note = Note("=1+1.csv", "@ark", 2, "T1", "0058", "N1", "Ring til 12 34 56 78")
    redaction = redact([note], names=load_names(), masks={"phone": "telefon"})
    log = write_redacted(redaction, tmp_path / "m.csv", language="da")
    with log.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file, delimiter=";"))[1][:2] == ["'=1+1.csv", "'@ark"]


def test_a_note_too_long_for_a_cell_is_refused_for_a_workbook_and_not_cut(tmp_path):
    redaction = redact([Note("a.csv", "", 2, "T1", "0058", "N1", "x" * 40_000)], names=load_names(), masks={})
    with pytest.raises(ParameterError) as caught:
        write_redacted(redaction, tmp_path / "masked.xlsx", language="da")
    assert str(caught.value) == (
        "A note in a workbook must have at most 32767 characters; found 40000. Write masked.csv instead."
    )
    assert list(tmp_path.iterdir()) == []
    write_redacted(redaction, tmp_path / "masked.csv", language="da")
    with (tmp_path / "masked.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "x" * 40_000 in [cell for row in csv.reader(file, delimiter=";") for cell in row]
