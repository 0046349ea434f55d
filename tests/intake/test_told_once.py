"""A correction of many cells is one line; each municipality's own is in its own list, and only there."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from klktools.intake import format_corrections, read_round
from klktools.workbooks import write_problems
from tests.intake.small_round import edited, grids, rows_of, write_csv

TWO = ("0060", "0048")
MANY = 40


def of_two(edits=()) -> dict[str, pd.DataFrame]:
    """The small round with a second municipality of the same rows in the same files."""
    own = edited(edits)
    names = {"0060": "0048", "60": "48", "60.0": "48.0", "Almsund": "Kløverborg"}
    return {name: pd.concat([grid, grid.replace(names)], ignore_index=True) for name, grid in own.items()}


def many(column: str, text: str, extra: dict | None = None) -> dict[str, pd.DataFrame]:
    """The small round with usage of many months whose cells in a column all say the same."""
    tables = {name: grids()[name] for name in ("municipalities", "visits", "departments", "solutions")}
    row = grids()["usage"].iloc[[0]]
    months = pd.period_range("2015-01", periods=MANY, freq="M").astype(str)
    usage = row.iloc[[0] * MANY].assign(month=months, **{column: text, **(extra or {})})
    return {**tables, "usage": usage.reset_index(drop=True)}


def corrections_of(found, *columns: str) -> list[list]:
    table = found.corrections[found.corrections["rule"] != "E10"]
    return table[list(columns)].values.tolist()


@pytest.mark.parametrize(
    ("column", "text", "rule", "message"),
    [
        (
            "department",
            "Økonomi",
            "E14a",
            "»Økonomi« er læst som »A1« ud fra afdelingens navn eller en anden stavemåde (40 celler)",
        ),
        ("solution", "HANDEL", "E32a", "»HANDEL« er læst som »L1« ud fra løsningens navn (40 celler)"),
        ("solution", "l1", "E35", "»l1« er læst som »L1«, stavet på en anden måde (40 celler)"),
    ],
)
def test_a_name_or_spelling_in_many_cells_is_told_once_with_their_number(
    column, text, rule, message, tmp_path
):
    found = read_round(write_csv(many(column, text), tmp_path))
    told = rows_of(found.corrections[found.corrections["rule"] == rule])
    assert [[row["row"], row["old"], row["cells"], row["message"]] for row in told] == [
        [2, text, MANY, message]
    ]


def test_each_name_is_told_with_what_it_was_read_as(tmp_path):
    tables = many("department", "Økonomi")
    tables["usage"].loc[[5, 9], "department"] = "OEKONOMI"
    found = read_round(write_csv(tables, tmp_path))
    told = found.corrections[found.corrections["rule"] == "E14a"]
    assert told[["cell", "old", "new", "cells"]].values.tolist() == [
        ["C2", "Økonomi", "A1", MANY - 2],
        ["C7", "OEKONOMI", "A1", 2],
    ]


def test_paths_of_many_documents_are_told_once_for_a_column(tmp_path):
    tables = many("source", "x")
    tables["usage"]["source"] = [f"C:\\Users\\mhj\\udtraek{n}.xlsx" for n in range(MANY)]
    found = read_round(write_csv(tables, tmp_path))
    told = found.corrections[found.corrections["rule"] == "E34c"]
    message = "Dokumentets sti er taget ud af »Kilde«; filnavnet er beholdt (40 celler)"
    assert told[["row", "old", "new", "cells", "message"]].values.tolist() == [
        [2, "…", "udtraek0.xlsx", MANY, message]
    ]


EDITS = [
    ("departments", 0, {"municipality": "60"}),
    ("departments", 1, {"municipality": "60.0"}),
    ("interviews", 0, {"date": "43355"}),
    ("processes", 0, {"fte": "1.234,5"}),
]


def test_each_municipality_of_a_file_has_its_own_corrections_with_its_own_cells(tmp_path):
    found = read_round(write_csv(of_two(EDITS), tmp_path, separator=";"))
    for rule in ("E01", "E02", "E09", "E05a"):
        told = found.corrections[found.corrections["rule"] == rule]
        assert sorted(told["municipality"]) == sorted(TWO), rule
        assert told["cells"].tolist() == [1, 1], rule
        assert told["row"].nunique() == 2, rule


def test_what_every_municipality_has_is_said_once_on_the_screen(tmp_path):
    found = read_round(write_csv(of_two(EDITS), tmp_path, separator=";"), language="en")
    shown = " ".join(format_corrections(found.corrections, language="en").split())
    assert shown.count("were municipality codes without their leading zero") == 1
    assert "E01 2 2 cells of the column" in shown


def test_the_list_of_one_municipality_in_shared_files_has_its_own_lines_and_no_other(tmp_path):
    wrong = [*EDITS, ("staffing", 0, {"headcount": "-4"}), ("usage", 0, {"department": "økonomi"})]
    found = read_round(write_csv(of_two(wrong), tmp_path / "round", separator=";"))
    names = {"0060": "Almsund", "0048": "Kløverborg"}
    for own, other in (TWO, TWO[::-1]):
        write_problems(found, tmp_path / f"{own}.xlsx", municipality=own)
        book = openpyxl.load_workbook(tmp_path / f"{own}.xlsx")
        lines = [
            [cell.value for cell in row]
            for sheet in book.worksheets[1:]
            for row in sheet.iter_rows(min_row=2)
        ]
        rules = {row[-1] for row in lines}
        assert {"E01", "E02", "E09", "E05a", "C04", "E14a"} <= rules, own
        texts = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        assert other not in texts and names[other] not in texts
        assert (
            len(lines)
            == (found.problems["municipality"].eq(own)).sum()
            + (found.corrections["municipality"].eq(own)).sum()
        )


def test_a_row_of_a_shared_file_that_cannot_be_used_is_told_to_its_municipality(tmp_path):
    folder = write_csv(of_two(), tmp_path)
    file = folder / "staffing.csv"
    lines = file.read_text("utf-8").splitlines()
    last = lines[-1]
    assert last.startswith("0048")
    file.write_text("\n".join([*lines[:-1], f"{last},x,y", "Kilde: begge", ""]), "utf-8")
    found = read_round(folder)
    told = found.problems[found.problems["rule"].isin(["F07", "E16b"])]
    assert told[["rule", "municipality"]].values.tolist() == [["E16b", ""], ["F07", "0048"]]
