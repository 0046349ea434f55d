"""One file, one notation: the majority of its numbers decides, and what stays unclear is an error."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.intake import read_round
from tests.intake.small_round import grids, write_csv, write_workbook

HEAD = "municipality{s}process{s}function{s}org_level{s}fte{s}digital_task{s}digital_flow"


def read_processes(tmp_path, numbers: list[str], separator: str):
    """A round whose table of processes has these full-time equivalents."""
    write_csv({name: grids()[name] for name in ("municipalities", "visits")}, tmp_path)
    rows = [separator.join(["0060", f"P{n}", "budget", "central", x, "", ""]) for n, x in enumerate(numbers)]
    text = "\n".join([HEAD.format(s=separator), *rows]) + "\n"
    (tmp_path / "processes.csv").write_text(text, encoding="utf-8")
    return read_round(tmp_path)


def test_the_majority_of_a_file_makes_an_unclear_number_danish(tmp_path):
    found = read_processes(tmp_path, ["1.234", "1.234,5", "0,5"], ";")
    assert found.tables["processes"]["fte"].tolist() == [1234, 1234.5, 0.5]
    assert found.corrections[["cell", "old", "new", "rule", "message"]].values.tolist() == [
        ["E2", "1.234", "1234", "E05a", "3 celler i kolonnen »fte« er læst som danske tal"]
    ]


def test_the_majority_of_a_file_makes_an_unclear_number_english(tmp_path):
    found = read_processes(tmp_path, ["1.234", "1234.5", "0.5"], ";")
    assert found.tables["processes"]["fte"].tolist() == [1.234, 1234.5, 0.5]
    assert found.corrections.empty


def test_a_number_against_the_majority_is_an_error(tmp_path):
    found = read_processes(tmp_path, ["1,5", "2,5", "0.25"], ";")
    assert found.tables["processes"]["fte"].tolist() == [1.5, 2.5]
    assert found.problems[["rule", "cell", "value", "message"]].values.tolist() == [
        ["C02", "E4", "0.25", "»Årsværk« skal være et tal; der står »0.25«"]
    ]


def test_with_commas_between_fields_a_point_is_a_decimal_mark(tmp_path):
    assert read_processes(tmp_path, ["1.234"], ",").tables["processes"]["fte"].tolist() == [1.234]


def test_an_unclear_number_in_a_file_that_does_not_tell_is_an_error(tmp_path):
    why = "fordi filen ikke viser, om komma eller punktum er decimaltegn"
    found = read_processes(tmp_path, ["1.234", "17"], ";")
    assert found.tables["processes"]["fte"].tolist() == [17]
    assert found.problems[["rule", "severity", "cell", "value", "message", "remedy"]].values.tolist() == [
        ["E05", "error", "E2", "1.234"]
        + [f"»1.234« kan ikke læses entydigt som et tal, {why}"]
        + ["Brug decimalkomma i hele filen"]
    ]


def test_numbers_of_a_workbook_are_not_drawn_into_the_notation_of_its_texts(tmp_path):
    rows = pd.DataFrame({"process": ["P1", "P2", "P3"], "fte": [1.234, "1.234,5", "0,5"]})
    rows = rows.assign(municipality="0060", function="budget", org_level="central")
    tables = {name: grids()[name] for name in ("municipalities", "visits")}
    found = read_round(write_workbook(tables | {"processes": rows}, tmp_path / "runde.xlsx"))
    assert found.tables["processes"]["fte"].tolist() == [1.234, 1234.5, 0.5]


@pytest.mark.parametrize(
    ("heading", "text", "share"),
    [
        ("turnover_stated", "0.27", 0.27),
        ("turnover_stated", "27 %", 0.27),
        ("omsaetning_pct_oplyst", "27", 0.27),
        ("Oplyst personaleomsætning (pct.)", "27%", 0.27),
    ],
)
def test_the_declared_unit_of_a_share_decides(heading, text, share, tmp_path):
    tables = {name: grids()[name] for name in ("municipalities", "visits", "departments", "staffing")}
    staffing = (
        tables["staffing"]
        .assign(turnover_stated=["", text], turnover_definition="left")
        .rename(columns={"turnover_stated": heading})
    )
    found = read_round(write_csv(tables | {"staffing": staffing}, tmp_path))
    assert found.problems.empty
    assert found.tables["staffing"]["turnover_stated"].tolist()[1] == share


def test_thousands_of_kroner_are_kroner_when_the_heading_says_so(tmp_path):
    tables = {name: grids()[name] for name in ("municipalities", "visits", "departments", "solutions")}
    solutions = tables["solutions"].rename(columns={"licence_kr": "Licens (1.000 kr.)"})
    found = read_round(write_csv(tables | {"solutions": solutions}, tmp_path))
    assert found.tables["solutions"]["licence_kr"].tolist()[0] == 250_000_000
