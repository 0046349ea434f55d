"""Personal data in delivered tables: each kind of cell, what stops a delivery and what does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from klktools.assessment import assess
from klktools.errors import TableError
from klktools.intake import format_problems, read_round
from tests.intake.small_round import around, edited, write_csv, write_workbook

CPR = "311257-5005"
FORMS = (CPR, "3112575005", "311257 5005", "311257–5005", "711257-5003", "707515123", "311257\u00a05005")
PLACE = ["table", "file", "cell", "column", "value", "rule", "severity"]
SENTENCE = "Cellen indeholder, hvad der ligner et CPR-nummer; leverancen er stoppet"


def found(path, rules=("P01", "P02", "P03", "P05")):
    problems = read_round(path).problems
    return problems.loc[problems["rule"].isin(rules), PLACE].fillna("").to_numpy().tolist()


def delivered(folder, *edits):
    kept = around(*(table for table, _, _ in edits))
    return write_csv({name: grid for name, grid in edited(edits).items() if name in kept}, folder)


EVERYWHERE = {  # a text, a list's code, an id, a count, a date, a share, an enum
    "H2": ("ratings", "reason"),
    "M2": ("answers", "theme"),
    "A3": ("solutions", "solution"),
    "E2": ("usage", "through"),  # no count of a municipality has nine digits
    "F2": ("visits", "end_date"),
    "O2": ("solutions", "target_share"),
    "D2": ("initiatives", "solution"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_number_in_a_data_column_of_any_kind_stops_the_delivery(form, tmp_path):
    edits = [(table, int(cell[1:]) - 2, {column: form}) for cell, (table, column) in EVERYWHERE.items()]
    round_ = read_round(delivered(tmp_path, *edits))
    stopped = round_.problems[round_.problems["rule"] == "P01"]
    assert sorted(stopped[["table", "cell", "value", "severity", "message"]].to_numpy().tolist()) == sorted(
        [table, cell, "…", "error", SENTENCE] for cell, (table, _) in EVERYWHERE.items()
    )
    assert sorted(round_.stopped) == sorted(f"{table}.csv {cell}" for cell, (table, _) in EVERYWHERE.items())
    digits = round_.problems.astype("str").replace(r"\D", "", regex=True).to_numpy().ravel()
    assert not any(number in text for text in digits for number in ("2575005", "2575003", "7515123"))


def test_a_number_within_a_text_stops_too_and_every_other_sentence_about_the_cell_masks_it(tmp_path):
    path = delivered(tmp_path, ("ratings", 0, {"criterion": f"P1 {CPR}"}))
    rows = read_round(path, language="en").problems
    assert rows[["rule", "cell", "value", "message"]].to_numpy().tolist() == [
        ["C03", "C2", "P1 …", '"P1 …" is not on the list for "Criterion"'],
        ["P01", "C2", "…", "The cell holds what looks like a CPR number; the delivery is stopped"],
    ]


def test_numbers_that_excel_keeps_as_numbers_are_found(tmp_path):
    tables = around("usage")
    usage = tables["usage"].astype(object)
    usage.loc[0, "sample_n"], usage.loc[1, "active_users"] = 707515123, 3112575005.0
    path = write_workbook({**tables, "usage": usage}, tmp_path / "runde.xlsx")
    assert sorted(found(path)) == [
        ["usage", "runde.xlsx", "J3", "active_users", "…", "P01", "error"],
        ["usage", "runde.xlsx", "M2", "sample_n", "…", "P01", "error"],
    ]


def test_a_column_that_is_not_read_and_a_heading_are_looked_at(tmp_path):
    tables = around("users")
    tables["users"] = tables["users"].assign(**{"Borger": ["", CPR], "707515123": ""})
    assert found(write_csv(tables, tmp_path)) == [
        ["users", "users.csv", "F3", "Borger", "…", "P01", "error"],
        ["users", "users.csv", "G1", "…", "…", "P01", "error"],
    ]


def test_a_column_whose_heading_says_another_kind_of_number_does_not_stop(tmp_path):
    headings = ("P-nummer", "p_nr", "Produktionsenhedsnummer", "EAN-nummer", "CVR")
    tables = around("users")
    tables["users"] = tables["users"].assign(**dict.fromkeys(headings, "1003381234"))
    assert found(write_csv(tables, tmp_path)) == []


def test_ordinary_numbers_do_not_stop_a_delivery(tmp_path):
    edits = (
        ("usage", 0, {"amount_all": "412345678"}),  # as 04 12 34 ...
        ("usage", 1, {"amount_through": "1003381234", "amount_all": "412.345.678,00"}),
        ("gains", 0, {"business_case_kr": "112345678", "target_value": "512345678"}),
        ("usage_log", 0, {"transaction": "5798000000001", "user_hash": "5d0b3112575005e2"}),
        ("usage_log", 1, {"transaction": "20180912", "timestamp": "2018-08-31 21:59:00"}),
    )
    assert found(delivered(tmp_path, *edits)) == []


@pytest.mark.parametrize("form", ["0101575001", "010157-5001"])
def test_an_amount_written_as_no_amount_is_stops(form, tmp_path):
    path = delivered(tmp_path, ("usage", 0, {"amount_all": form}))
    assert found(path) == [["usage", "usage.csv", "I2", "amount_all", "…", "P01", "error"]]


def series(numbers):
    """A usage log with these transaction ids, one event each."""
    log = around("usage_log")["usage_log"].iloc[[2] * len(numbers)]
    return log.assign(event=[f"H{n}" for n in range(len(numbers))], transaction=[str(n) for n in numbers])


def test_a_series_of_numbers_some_of_which_look_like_dates_is_told_and_does_not_stop(tmp_path):
    numbers = [1_009_050_000 + 1_000_003 * n for n in range(40)]
    path = write_csv({**around("usage_log"), "usage_log": series(numbers)}, tmp_path)
    assert {(row[4], row[5]) for row in found(path)} == {("…", "P02")}


def test_one_number_with_a_hyphen_stops_also_within_a_series(tmp_path):
    numbers = [*(1_913_000_000 + 1_000_003 * n for n in range(40)), CPR]
    path = write_csv({**around("usage_log"), "usage_log": series(numbers)}, tmp_path)
    assert [row[5] for row in found(path)] == ["P01"]


def test_a_column_of_amounts_that_is_full_of_them_stops(tmp_path):
    tables = around("usage")
    births = pd.date_range("2057-12-01", periods=12).strftime("%d%m%y5005").str.lstrip("0")
    usage = tables["usage"].iloc[np.zeros(12, dtype=int)].reset_index(drop=True)
    months = pd.period_range("2017-01", periods=12).astype("str")
    tables["usage"] = usage.assign(month=months, amount_all=births)
    assert {row[5] for row in found(write_csv(tables, tmp_path))} == {"P01"}


@pytest.mark.parametrize(
    ("table", "column", "text", "what"),
    [
        ("usage", "source", "Oplyst af navn@eksempel.dk", "en e-mailadresse"),
        ("solutions", "supplier", "Firma, tlf. 12345678", "et telefonnummer"),
        ("ratings", "reason", "Mette Holm har vist planen", "et personnavn"),
        ("dependencies", "note", "Spørg 12 34 56 78", "et telefonnummer"),
        ("municipalities", "wave", "navn@eksempel.dk", "en e-mailadresse"),
    ],
)
def test_contacts_and_names_in_a_text_are_told_and_kept(table, column, text, what, tmp_path):
    path = delivered(tmp_path, (table, 0, {column: text}))
    round_ = read_round(path)
    assert round_.problems[["rule", "severity", "value", "message", "remedy"]].to_numpy().tolist() == [
        ["P03", "warning", "…", f"Cellen indeholder {what}; det hører ikke til i data"]
        + ["Fjern oplysningen, eller skriv en rolle i stedet"]
    ]
    assert round_.stopped == []
    assert text in round_.tables[table][column].to_list()


def test_a_name_of_a_place_and_an_ordinary_text_are_left(tmp_path):
    texts = {"name": "Mette Skole", "aliases": "Økonomiafdelingen|Mette Holms Plads"}
    edits = (("departments", 0, texts), ("usage", 0, {"source": "EAN 5798000000001, udtræk 2018"}))
    assert found(delivered(tmp_path, *edits)) == []


@pytest.mark.parametrize("text", ["mhj", "Mette Holm"])
def test_a_consultant_who_is_no_pseudonym_is_told(text, tmp_path):
    path = delivered(
        tmp_path, ("visits", 0, {"consultants": f"K1|{text}"}), ("ratings", 0, {"consultant": text})
    )
    problems = read_round(path, language="en").problems
    assert problems[["table", "value", "rule", "severity", "message"]].to_numpy().tolist() == [
        [
            "visits",
            "…",
            "P05",
            "warning",
            '"Consultants" looks like initials or a name but must be a pseudonym',
        ],
        [
            "ratings",
            "…",
            "P05",
            "warning",
            '"Consultant id" looks like initials or a name but must be a pseudonym',
        ],
    ]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("C:\\Users\\mhj\\Dokumenter\\udtræk 2018.xlsx", "udtræk 2018.xlsx"),
        ("\\\\server\\faelles\\udtræk.csv", "udtræk.csv"),
        ("/home/mhj/udtræk.csv", "udtræk.csv"),
        ("file:///C:/Users/mhj/udtræk.csv", "udtræk.csv"),
    ],
)
def test_the_path_of_a_document_is_taken_out_of_a_source(source, kept, tmp_path):
    round_ = read_round(delivered(tmp_path, ("usage", 0, {"source": source})))
    assert round_.problems.empty
    assert round_.corrections[["cell", "old", "new", "rule", "message"]].to_numpy().tolist() == [
        ["L2", "…", kept, "E34c", "Dokumentets sti er taget ud af »Kilde«; filnavnet er beholdt (1 celle)"]
    ]
    assert sorted(round_.tables["usage"]["source"].astype("str").unique()) == sorted(
        ["stikprøve", kept, "udtræk"]
    )
    assert round_.tables["usage"]["source"].dtype == "category"


def test_a_slash_is_no_path(tmp_path):
    texts = ("udtræk/optælling", "Udtræk og/eller skøn", "1/2 af sagerne")
    edits = [("usage", row, {"source": text}) for row, text in enumerate(texts)]
    assert read_round(delivered(tmp_path, *edits)).corrections.empty


def test_a_round_with_a_number_in_it_is_not_assessed_and_check_lists_every_cell(tmp_path):
    path = delivered(tmp_path, ("ratings", 0, {"reason": CPR}), ("ratings", 1, {"reason": "se 707515123"}))
    round_ = read_round(path, language="en")
    with pytest.raises(TableError) as stop:
        assess(round_)
    assert str(stop.value) == (
        "A delivery must hold no CPR number; cells with what looks like one: 2, the first (ratings.csv H2). "
        "Delete the number at its source and deliver the file again. If it is a P number, EAN or CVR number, "
        "the heading must say so."
    )
    shown = format_problems(round_.problems, language="en")
    lines = [line.split("  ")[0] for line in shown.splitlines() if line.startswith("ratings.csv")]
    assert lines == ["ratings.csv H2", "ratings.csv H3"]


def test_the_sample_holds_no_personal_data(sample_round):
    assert not sample_round.problems["rule"].str.startswith(("P", "E30", "E34")).any()
    assert sample_round.stopped == []
