"""Who was met, what was received, how to read it."""

import pandas as pd
import pytest

from klktools.wording import show_data_received, show_evidence_classes, show_people_met, show_scale

COVERAGE = {
    "n_interviews": 12,
    "n_persons": 17,
    "n_roles": 9,
    "n_management": 8,
    "n_users": 9,
    "n_staff_representatives": None,
    "caveat": False,
}


def test_role_groups_are_shown_with_their_persons(dossier):
    table = show_people_met(dossier(interview_coverage=[COVERAGE]))
    assert table.rows == (("Ledelse", "8"), ("Brugere", "9"), ("I alt", "17"))
    assert table.note == (
        "12 interviews med 9 af 10 roller. Grupper på under 5 personer vises ikke, "
        "og heller ikke den gruppe, de ellers kunne regnes ud fra. Vi viser aldrig enkelte roller."
    )


@pytest.mark.parametrize("users", [4, 0, None])
def test_a_small_group_hides_the_other_too(dossier, users):
    table = show_people_met(dossier("en", interview_coverage=[COVERAGE | {"n_users": users}]))
    assert table.rows == (("Management", "suppressed"), ("Users", "suppressed"), ("In all", "17"))


@pytest.mark.parametrize(("representatives", "rows"), [(4, 3), (5, 4)])
def test_few_staff_representatives_have_no_row_of_their_own(dossier, representatives, rows):
    coverage = COVERAGE | {"n_staff_representatives": representatives}
    assert len(show_people_met(dossier(interview_coverage=[coverage])).rows) == rows


@pytest.mark.parametrize(
    ("interviews", "caveat"),
    [
        (4, "Der er under 5 interviews, så læs det, der bygger på dem, med forbehold."),
        (5, "Vi har ikke talt med brugere, så læs det, der bygger på interviews, med forbehold."),
    ],
)
def test_a_caveat_is_worded_by_its_cause(dossier, interviews, caveat):
    d = dossier(interview_coverage=[COVERAGE | {"n_interviews": interviews, "caveat": True}])
    assert show_people_met(d).note.endswith(f"Vi viser aldrig enkelte roller. {caveat}")


def test_one_interview_is_singular(dossier):
    d = dossier("en", interview_coverage=[COVERAGE | {"n_interviews": 1, "n_roles": 1}])
    assert show_people_met(d).note.startswith("1 interview with 1 of 10 roles.")


@pytest.mark.parametrize("tables", [{}, {"interview_coverage": [COVERAGE | {"n_persons": 0}]}])
def test_no_interviews_is_said(dossier, tables):
    assert show_people_met(dossier(**tables)).texts == (
        "Vi har ikke interviewet nogen i dette besøg. Rapporten bygger alene på data.",
    )


def test_data_received_and_not_received_are_named(dossier):
    delivered = [
        *({"table": name, "rows_delivered": 10} for name in ("usage", "solutions", "interviews")),
        {"table": "gains", "rows_delivered": 0},
        {"table": "staffing", "rows_delivered": None},
    ]
    visit = {"period_from": pd.Timestamp("2017-01-01"), "period_to": pd.Timestamp("2018-02-01")}
    assert show_data_received(dossier(delivered=delivered, visits=[visit])).to_text() == (
        "- Modtaget: Løsninger og Anvendelse pr. måned.\n"
        "- Ikke modtaget: Afdelinger, Initiativer i planen, Afhængigheder i planen, Plan, Gevinster, "
        "Forudsætninger i business cases, Bemanding, Brugere, Uddannelse, "
        "Støtte til brugerne og Arbejdsgange.\n"
        "- Periode: januar 2017 til februar 2018."
    )


def test_no_data_received_is_said(dossier):
    d = dossier(delivered=[{"table": "interviews", "rows_delivered": 10}])
    assert show_data_received(d).texts == (
        "Vi har ikke modtaget data fra kommunen. Rapporten bygger alene på interviews.",
    )


def test_evidence_classes_carry_the_caps_of_the_framework(dossier):
    table = show_evidence_classes(dossier())
    # framework 1.2, rule 3: class C at 2.0, class D at 1.0, statements alone at 2.5
    assert table.rows == (
        ("A", "Fuldt udtræk fra systemet med både tæller og nævner", "Data giver scoren"),
        ("B", "Optælling eller stikprøve, som er dokumenteret", "Data giver scoren"),
        ("C", "Skøn eller udsagn", "Højst 2,0 for det, der skal kunne måles"),
        ("D", "Intet grundlag", "Højst 1,0 for det, der skal kunne måles"),
    )
    assert table.note.endswith("Er der kun udsagn, er scoren højst 2,5.")


def test_the_scale_has_a_symbol_and_a_word_for_each_step(dossier):
    assert [row[:2] for row in show_scale(dossier()).rows] == [
        ("0", "■ Ikke til stede"),
        ("1", "◆ Ansatser"),
        ("2", "▲ Delvist"),
        ("3", "● Systematisk"),
        ("4", "● Forankret"),
    ]
