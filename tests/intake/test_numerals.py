"""One file, one notation: the majority of its numbers decides, and what stays unclear is an error."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.intake import read_round
from tests.intake.small_round import grids, read_edited, write_csv, write_workbook

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


def read_shares(tmp_path, heading: str, *shares: str):
    """A round whose support is known by these shares of the users, one channel each."""
    tables = {
        name: grids()[name] for name in ("municipalities", "visits", "departments", "solutions", "support")
    }
    channels = ("hotline", "chat", "guide", "visits")[: len(shares)]
    rows = [
        tables["support"].assign(channel=c, known_by_users=s, response_hours_median="")
        for c, s in zip(channels, shares, strict=True)
    ]
    support = pd.concat(rows).rename(columns={"known_by_users": heading})
    return read_round(write_csv(tables | {"support": support}, tmp_path, separator=";"))


@pytest.mark.parametrize(
    ("heading", "shares", "wrong"),
    [
        ("known_by_users", ("0,27", "27"), ["27"]),
        ("known_by_users", ("0,27", "27 %"), ["27 %"]),
        ("known_by_users", ("27 %", "27", "0,27"), ["27 %", "27"]),
        ("Kendt af brugerne (pct.)", ("27", "0,27"), ["0,27"]),
        ("Kendt af brugerne (pct.)", ("27 %", "0,27", "0"), ["0,27"]),
    ],
)
def test_shares_written_in_several_ways_are_an_error_where_they_do_not_keep_the_unit(
    heading, shares, wrong, tmp_path
):
    found = read_shares(tmp_path, heading, *shares).problems
    said = "Andele er skrevet på flere måder i kolonnen »{0}«, og »{1}« følger ikke kolonnens enhed"
    assert found[["rule", "severity", "column", "value", "message"]].values.tolist() == [
        ["E06", "error", heading, text, said.format(heading, text)] for text in wrong
    ]


@pytest.mark.parametrize(
    ("heading", "shares", "values"),
    [
        ("known_by_users", ("0,27", "1", "0"), [0.27, 1, 0]),
        ("known_by_users", ("27 %", "100 %", "0"), [0.27, 1, 0]),
        ("Kendt af brugerne (pct.)", ("27", "100", "0"), [0.27, 1, 0]),
        ("Kendt af brugerne (pct.)", ("27", "99 %"), [0.27, 0.99]),
    ],
)
def test_shares_in_one_way_are_read_by_the_unit(heading, shares, values, tmp_path):
    found = read_shares(tmp_path, heading, *shares)
    assert found.problems.empty
    table = found.tables["support"].set_index("channel")["known_by_users"]
    assert [table[c] for c in ("hotline", "chat", "guide")[: len(shares)]] == pytest.approx(values)


def test_a_share_outside_its_unit_with_none_to_compare_is_outside_the_limits(tmp_path):
    found = read_shares(tmp_path, "known_by_users", "85").problems
    assert found[["rule", "message"]].values.tolist() == [
        ["C04", "»Kendt af brugerne (andel)« skal være mellem 0 og 1; der står »85«"]
    ]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_spaces_in_numbers_are_left_out_and_told_once(space, tmp_path):
    found = read_processes(tmp_path, [f"1{space}234", f"2{space}500", "3"], ";")
    assert found.problems.empty
    assert found.tables["processes"]["fte"].tolist() == [1234, 2500, 3]
    assert found.corrections[["cell", "old", "new", "rule", "message"]].values.tolist() == [
        ["E2", f"1{space}234", "1234", "E33", "2 celler i kolonnen »fte« er læst som tal uden mellemrum"]
    ]


def test_words_between_numbers_are_not_left_out(tmp_path):
    found = read_processes(tmp_path, ["1 234 stk", "3"], ";")
    assert found.problems[["rule", "value"]].values.tolist() == [["C02", "1 234 stk"]]
    assert found.corrections.empty


@pytest.mark.parametrize("column", ["digital_task", "fte"])
@pytest.mark.parametrize("text", ["1e999", "9" * 400, "-1e999"])
def test_a_number_beyond_all_numbers_is_told_at_its_cell(text, column, tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {column: text})])
    cell = {"digital_task": "F2", "fte": "E2"}[column]
    assert found.problems[["rule", "cell"]].values.tolist() == [["C02", cell]]
    assert found.tables["processes"].empty


@pytest.mark.parametrize("text", ["1e30", "99999999999999999999"])
def test_a_whole_number_that_no_computer_counts_to_is_told_at_its_cell(text, tmp_path):
    found = read_edited(tmp_path, [("processes", 0, {"digital_task": text})])
    assert found.problems[["rule", "cell"]].values.tolist() == [["C02", "F2"]]
