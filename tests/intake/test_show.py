"""Problems as a person sees them in a terminal."""

from __future__ import annotations

import pandas as pd

from klktools.intake import format_corrections, format_problems, read_round
from tests.intake.small_round import edited, write_csv


def rows(number: int, **more: str) -> pd.DataFrame:
    row = {"municipality": "0060", "table": "usage", "file": "usage.csv", "sheet": "", "column": "month"}
    row |= {
        "value": "x",
        "rule": "C02",
        "severity": "error",
        "message": "»Måned« er forkert",
        "remedy": "Ret den",
    }
    return pd.DataFrame([row | {"row": n + 2, "cell": f"D{n + 2}"} | more for n in range(number)])


def test_no_problems_are_said_in_two_words():
    assert format_problems(rows(0).reindex(columns=rows(1).columns)) == "Ingen problemer"
    assert format_problems(rows(0).reindex(columns=rows(1).columns), language="en") == "No problems"


def test_equal_problems_stand_together_and_errors_come_first():
    warning = rows(
        1, severity="warning", rule="E25", message="For tidlig", cell="A9", file="b/usage.xlsx", sheet="Ark"
    )
    assert format_problems(pd.concat([warning, rows(3)])).splitlines() == [
        "Hvor                            Regel  Antal   Hvad der er galt",
        "-" * 100,
        "usage.csv D2                    C02    3       Fejl: »Måned« er forkert.",
        "                                                 Ret den.",
        "b/usage.xlsx Ark A9             E25    1       Advarsel: For tidlig.",
        "                                                 Ret den.",
        "",
        "Fejl: 3. Advarsler: 1.",
    ]


def test_after_fifty_kinds_of_problems_the_rest_is_counted():
    many = pd.concat([rows(1, message=f"Nummer {number}") for number in range(53)])
    lines = format_problems(many, language="en").splitlines()
    assert lines[-3:] == ["... and 3 more", "", "Errors: 53. Warnings: 0."]


def test_no_line_is_wider_than_a_terminal(tmp_path):
    edits = [
        ("answers", 1, {"value": "162"}),
        ("usage", 0, {"month": "ukendt" * 20}),
        ("plans", 0, {"z" * 90: "x"}),
    ]
    text = format_problems(read_round(write_csv(edited(edits), tmp_path / ("mappe" * 8))).problems)
    assert max(len(line) for line in text.splitlines()) <= 100


def test_gaps_in_many_words_are_told_once_for_each_file_after_the_others():
    gaps = [
        rows(
            1,
            rule="E12",
            severity="warning",
            message=f"Handel mangler 2018-0{n}",
            cell="",
            remedy="Lever dem",
            file=file,
        )
        for file, n in (("a.csv", 1), ("a.csv", 2), ("b.csv", 3))
    ]
    warning = rows(1, severity="warning", rule="E25", message="For tidlig")
    lines = format_problems(pd.concat([*gaps, warning]), language="en").splitlines()[2:]
    assert [line.split()[:3] for line in lines if ".csv" in line[:10]] == [
        ["usage.csv", "D2", "E25"],
        ["a.csv", "E12", "2"],
        ["b.csv", "E12", "1"],
    ]
    assert " ".join(" ".join(lines).split()).count("Handel mangler 2018-01") == 1
    assert "2 gaps in the data period" in " ".join(" ".join(lines).split())
    assert lines[-1] == "Errors: 0. Warnings: 4."


def test_what_is_corrected_in_whole_files_is_said_once():
    common = {
        "municipality": "",
        "table": "usage",
        "sheet": "",
        "row": pd.NA,
        "column": "",
        "old": "",
        "new": "",
        "cells": 1,
    }
    said = {"rule": "E03", "message": "Filen var ikke UTF-8 og er læst som Windows-1252"}
    files = [{**common, **said, "file": f"{name}.csv", "cell": ""} for name in ("a", "b", "c")]
    cell = {**common, "file": "b.csv", "cell": "A2", "rule": "E01", "message": "Nul foran"}
    shown = format_corrections(pd.DataFrame([*files, cell])).splitlines()
    assert [line for line in shown if "E0" in line] == [
        "a.csv                           E03    3       Filen var ikke UTF-8 og er læst som Windows-1252.",
        "b.csv A2                        E01    1       Nul foran.",
    ]
