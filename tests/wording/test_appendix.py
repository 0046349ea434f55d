"""Appendices: findings with evidence, data and corrections, criteria and assumptions."""

import pytest

from klktools.framework import load_framework
from klktools.wording import (
    show_all_findings,
    show_consultant_deviations,
    show_corrections,
    show_criteria,
    show_data_basis,
    show_definitions,
    show_method_assumptions,
    show_problems,
)
from tests.wording.conftest import finding, score


def line(**changes):
    row = {"table": "usage", "file": "anvendelse.xlsx", "sheet": "Ark1", "row": 14, "cell": "D14"}
    row |= {
        "column": "antal_alle",
        "rule": "E07",
        "severity": "warning",
        "message": "Andelen er over 100 pct.",
    }
    return row | {"remedy": "Ret nævneren."} | changes


def test_every_finding_stands_with_severity_evidence_and_values(dossier):
    (rule,) = [rule for rule in load_framework().findings if rule.id == "F-P06"]
    values = '{"share_without": 0.3333333, "n": 1500, "solution": "S1", "flag": true, "none": null}'
    d = dossier(
        findings=[finding("F-P06", 2, "medium", values), finding("F-P06", 1, "low", '{"share_without": 0}')]
    )
    table = show_all_findings(d)
    assert table.caption == "Alle fund (2)"
    assert [row[0] for row in table.rows] == ["○ Lav", "▲ Middel"]
    assert table.rows[1][1].startswith(f"**{rule.title['da']}.** ")
    assert table.rows[1][2] == f"F-P06 · evidensklasse A · 6 personer adspurgt · {rule.evidence['da']}"
    assert table.rows[1][3] == "share_without = 0,333; n = 1.500"


def test_no_findings_is_said_with_a_caution(dossier):
    assert show_all_findings(dossier()).texts == (
        "Ingen regel har udløst et fund. Det kan skyldes, at der mangler data.",
    )


def test_deviations_are_printed_with_their_reason(dossier):
    d = dossier(scores=[score("P1", 3.0, S=2.0, deviation_reason="Planen blev vedtaget i går."), score("P2")])
    assert show_consultant_deviations(d).rows == (
        ("P1 Overblik og sammenhæng", "2,0", "3,0", "Planen blev vedtaget i går."),
    )
    assert show_consultant_deviations(dossier(scores=[score("P1")])).texts == (
        "Konsulenterne har ikke ændret nogen af de scorer, data giver.",
    )


def test_the_data_basis_counts_rows_and_quality(dossier):
    counts = {
        "rows_delivered": 1000,
        "rows_accepted": 950,
        "rows_rejected": 50,
        "rows_warned": 40,
        "I27": 0.94,
    }
    d = dossier("en", data_quality=[{"table": "usage"} | counts], quality_by_municipality=[{"I27": 0.94}])
    table = show_data_basis(d)
    assert table.rows == (("Usage by month", "1,000", "950", "50", "40", "94 per cent"),)
    assert table.note == (
        "The data quality is 94 per cent over all rows: "
        "rejected rows count in full, rows with a warning by a quarter."
    )


def test_data_not_received_have_no_quality(dossier):
    d = dossier(data_quality=[{"table": "gains", "I27": None} | dict.fromkeys(COUNTS, 0)])
    assert show_data_basis(d).rows == (("Gevinster", "0", "0", "0", "0", "ikke modtaget"),)


COUNTS = ["rows_delivered", "rows_accepted", "rows_rejected", "rows_warned"]


def test_corrections_are_counted_by_kind_the_most_frequent_first(dossier):
    d = dossier(
        corrections=[
            line(rule="E01", column="kommunekode", message="Koden er gjort firecifret."),
            *[line(message="Decimalkomma læst.", rule="E05")] * 3,
        ]
    )
    table = show_corrections(d)
    assert table.caption == "Rettelser ved indlæsningen (4 rækker)"
    assert table.rows == (
        ("Anvendelse pr. måned: antal_alle", "Decimalkomma læst.", "3"),
        ("Anvendelse pr. måned: kommunekode", "Koden er gjort firecifret.", "1"),
    )
    assert show_corrections(dossier()).texts == ("Vi har ikke rettet noget ved indlæsningen.",)


def test_problems_are_a_list_for_the_next_extract(dossier):
    d = dossier(
        problems=[
            line(),
            line(cell="D15"),
            line(severity="error", rule="E13", file=None, sheet=None),
            line(rule="E25", message="Der er anvendelse, før løsningen blev idriftsat (2016-06)"),
        ]
    )
    table = show_problems(d)
    assert table.rows == (
        (
            "Anvendelse pr. måned: antal_alle",
            "Andelen er over 100 pct. Ret nævneren.",
            "Ikke målt",
            "2",
            "anvendelse.xlsx, Ark1, D14",
        ),
        ("Anvendelse pr. måned: antal_alle", "Andelen er over 100 pct. Ret nævneren.", "Afvist", "1", "D14"),
        (
            "Anvendelse pr. måned: antal_alle",
            "Der er anvendelse, før løsningen blev idriftsat (2016-06). Ret nævneren.",
            "Taget med",
            "1",
            "anvendelse.xlsx, Ark1, D14",
        ),
    )
    assert show_problems(dossier()).texts == ("Der var hverken fejl eller advarsler i de data, vi modtog.",)


def test_of_problems_in_several_words_the_first_is_told_as_such(dossier):
    d = dossier(problems=[line(rule="E12", message=f"Handel mangler 2018-0{month}") for month in (1, 2)])
    assert show_problems(d).rows[0][1:4] == (
        "Den første: Handel mangler 2018-01. Ret nævneren.",
        "Ikke målt",
        "2",
    )


def test_a_problem_about_rows_that_are_not_there_is_about_its_whole_table(dossier):
    d = dossier(problems=[line(rule="E12", column="", cell="")])
    assert show_problems(d).rows[0][0] == "Anvendelse pr. måned"


def test_a_problem_without_a_place_or_column_keeps_its_row(dossier):
    row = line(table=None, column=None, cell=None, file=None, sheet=None, remedy=None)
    assert show_problems(dossier("en", problems=[row])).rows == (
        ("–", "Andelen er over 100 pct.", "Not measured", "1", "–"),
    )


def test_long_lists_say_how_much_is_left_out(dossier):
    d = dossier(problems=[line(rule=f"R{at}", column=f"c{at:02}") for at in range(42)])
    assert len(show_problems(d).rows) == 40
    assert show_problems(d).note == "Ikke vist: 2 linjer mere."


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_criteria_stand_with_breakpoints_and_anchors(dossier, language):
    overview, *anchors = show_criteria(dossier(language)).blocks
    # framework 1.3: P1 breaks at 10/40/70/90, G4 at 0/25/60/90; D3 goes by class
    limits = {row[0][:2]: row[3] for row in overview.rows}
    unit = {"da": "pct.", "en": "per cent"}[language]
    assert (limits["P1"], limits["G4"]) == (f"10 / 40 / 70 / 90 {unit}", f"0 / 25 / 60 / 90 {unit}")
    assert limits["D3"] == {"da": "Efter 25-pct.-status", "en": "By the 25 per cent status"}[language]
    assert [len(table.rows) for table in anchors] == [4, 4, 5, 4]
    assert all(len(row) == 6 and all(row) for table in anchors for row in table.rows)


def test_every_indicator_is_defined(dossier):
    rows = show_definitions(dossier()).rows
    assert [row[0] for row in rows] == load_framework().indicators["indicator"].tolist()
    assert all(all(row) for row in rows)


def test_every_threshold_is_printed_in_its_unit_with_its_mark(dossier):
    printed = {row[0]: row[1:] for row in show_method_assumptions(dossier("en")).rows}
    notes = load_framework().assumption_notes.set_index("name")
    assert len(printed) == len(notes)
    expected = {
        "certainty_threshold": ("25 per cent", "[F]", "I04"),
        "window_months": ("12 months", "[A]", "I01"),
        "new_solution_years": ("5 years", "[A]", "T8"),
        "trend_slope_pp": ("0.5 percentage points", "[A]", "I07"),
        "wilson_z": ("1.645", "[A]", "I03"),
        "hourly_rate": ("DKK 350", "[A]", "I10"),
        "statement_cap": ("2.5", "[A]", "P1-L4"),
        "max_left_out_share": ("33 per cent", "[A]", "I03"),
        "min_persons": ("5", "[A]", "–"),
    }
    assert {name: printed[notes.at[name, "en"]] for name in expected} == expected
