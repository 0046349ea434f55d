"""Columns are known by many names; unknown, missing and repeated ones are said."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.intake import read_round
from tests.intake.small_round import grids, write_csv


def read_with(visits: pd.DataFrame, folder):
    return read_round(write_csv({"municipalities": grids()["municipalities"], "visits": visits}, folder))


FIELDS = ["rule", "severity", "row", "cell", "column", "message", "remedy"]


def test_an_unknown_column_is_warned_about_with_the_nearest_name(tmp_path):
    found = read_with(grids()["visits"].assign(**{"Startdag": "x"}), tmp_path)
    message = "Kolonnen »Startdag« findes ikke i Besøg og er ikke læst; mente du »Startdato«?"
    assert found.problems[FIELDS].values.tolist() == [
        ["F04", "warning", 1, "K1", "Startdag", message, "Ret overskriften, eller fjern kolonnen"]
    ]
    assert len(found.tables["visits"]) == 1


def test_a_column_without_a_heading_is_warned_about_only_when_it_has_cells(tmp_path):
    visits = grids()["visits"]
    with_blank = visits.assign(empty="", note="x").rename(columns={"empty": "", "note": " "})
    assert read_with(with_blank, tmp_path).problems[["rule", "cell"]].values.tolist() == [["F04", "L1"]]


def test_without_a_required_column_the_whole_table_is_rejected_with_one_problem(tmp_path):
    found = read_with(grids()["visits"].drop(columns="period_to"), tmp_path)
    missing = "Besøg mangler kolonnen »Dataperiode til« (`period_to`, `dataperiode_til`)"
    message = f"{missing}; ingen af rækkerne kan bruges"
    assert found.problems[FIELDS].astype("str").fillna("").values.tolist() == [
        ["F05", "error", "", "", "Dataperiode til", message, "Tilføj kolonnen, og lever filen igen"]
    ]
    counts = found.delivered.set_index("table").loc["visits"]
    assert counts[["municipality", "rows_delivered", "rows_accepted", "rows_rejected"]].tolist() == [
        "0060",
        1,
        0,
        1,
    ]


def test_the_same_column_under_two_names_is_refused(tmp_path):
    found = read_with(grids()["visits"].assign(Startdato="2018-09-01"), tmp_path)
    message = "Besøg har kolonnen »Startdato« mere end én gang; ingen af rækkerne kan bruges"
    assert found.problems[FIELDS].values.tolist() == [
        ["F06", "error", 1, "K1", "Startdato", message, "Behold én af kolonnerne, og lever filen igen"]
    ]
    assert found.tables["visits"].empty


@pytest.mark.parametrize(
    "heading", ["dataperiode_til", "Dataperiode til", "DATAPERIODE TIL", "Data period to"]
)
def test_a_column_is_known_by_its_danish_name_and_its_labels(heading, tmp_path):
    found = read_with(grids()["visits"].rename(columns={"period_to": heading}), tmp_path)
    assert found.problems.empty
    assert found.tables["visits"]["period_to"].tolist() == [pd.Timestamp("2018-08-01")]


def test_a_column_that_can_be_worked_out_need_not_be_there(tmp_path):
    tables = {name: grids()[name] for name in ("municipalities", "visits", "departments")}
    tables["departments"] = tables["departments"].drop(columns="core_welfare")
    found = read_round(write_csv(tables, tmp_path))
    assert found.problems.empty
    assert found.tables["departments"]["core_welfare"].tolist() == [False, True]
