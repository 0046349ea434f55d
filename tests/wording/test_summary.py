"""The first two pages, whole sentences."""

import pandas as pd
import pytest

from klktools.framework import load_framework
from klktools.wording import (
    say_area_scores,
    say_first_recommendations,
    say_silences,
    say_strengths,
    say_summary,
    say_top_findings,
    show_cover,
    show_synthetic_notice,
)
from tests.wording.conftest import area_score, finding, score

VISIT = {
    "start_date": pd.Timestamp("2018-03-12"),
    "end_date": pd.Timestamp("2018-03-14"),
    "period_from": pd.Timestamp("2017-03-01"),
    "period_to": pd.Timestamp("2018-02-01"),
    "instrument_version": "v1",
    "wave": "2018F",
    "status": "completed",
}
(RULE,) = [rule for rule in load_framework().findings if rule.id == "F-L05"]
NO_LEADER = finding("F-L05", 1, "high", '{"n": 5, "n_solutions": 7}')
BETTER = finding("F-S02", 2, "strength", '{"criterion": "L1", "interviews": 1.2, "data": 3.0}')
ALL_SCORED = [score(criterion) for criterion in ("P1", "D1", "G1", "L1")]


def test_the_cover_tells_who_when_and_how_far(dossier):
    assert show_cover(dossier(visits=[VISIT])).to_text() == (
        "Digitaliserings- og organiseringstjek\n"
        "Kløverborg\n"
        "Besøg: 12. marts 2018 til 14. marts 2018\n"
        "Dataperiode: marts 2017 til februar 2018\n"
        "Spørgeramme: v1 (forår)\n"
        "Status: Udkast til faktatjek"
    )


def test_the_cover_of_a_released_synthetic_report_says_so(dossier):
    cover = show_cover(dossier("en", visits=[VISIT | {"status": "released"}], meta={"synthetic": True}))
    assert cover.facts[-2:] == (("Status", "Final"), ("Data", "Synthetic sample data"))


def test_the_synthetic_notice_stands_only_on_synthetic_reports(dossier):
    assert show_synthetic_notice(dossier()).to_html() == ""
    assert show_synthetic_notice(dossier(meta={"synthetic": True})).to_text() == (
        "Det er syntetiske data\n"
        "- Kommunen findes ikke, og alle tal er lavet af en computer. "
        "Rapporten viser, hvordan en rigtig rapport ser ud."
    )


def test_the_summary_is_three_sentences_to_act_on(dossier):
    gains = {"H": 4_000_000.0, "I16": 0.62}
    d = dossier(findings=[NO_LEADER, BETTER], scores=ALL_SCORED, gains_by_municipality=[gains])
    assert say_summary(d).texts == (
        f"**Det vigtigste:** {RULE.title['da']}.",
        "**Det står på spil:** Budgetterne er reduceret med 4,0 mio. kr. om året. "
        "For 62 pct. af beløbet er det dokumenteret, at gevinsten er høstet, hvor den var tiltænkt.",
        f"**Begynd her:** {RULE.first_step['da']}",
    )
    assert say_summary(d).lead


@pytest.mark.parametrize(
    ("tables", "stake"),
    [
        (
            {
                "depth_by_municipality": [{"I10b_kr": 400_000.0}],
                "plan_by_municipality": [{"expected_gain_kr": 2e6}],
            },
            "The municipality pays DKK 0.4 million a year for solutions or modules that are hardly used.",
        ),
        (
            {"plan_by_municipality": [{"expected_gain_kr": 2e6}]},
            "The initiatives are to give gains of DKK 2.0 million a year.",
        ),
        (
            {
                "leadership_by_municipality": [{"I21a": 0.41}],
                "gains_by_municipality": [{"H": 0.0, "I16": None}],
            },
            "About 41 per cent of the users are trained in the solutions they are to use.",
        ),
        (
            {},
            "We cannot say. We have received no figures on gains, licences or training "
            "that can carry an answer.",
        ),
    ],
)
def test_what_is_at_stake_comes_from_the_first_place_with_a_number(dossier, tables, stake):
    d = dossier("en", findings=[NO_LEADER], scores=ALL_SCORED, **tables)
    assert say_summary(d).texts[1] == f"**What is at stake:** {stake}"


def test_the_summary_is_honest_when_data_are_almost_absent(dossier):
    stated = [score(criterion, 1.0, status="estimated") for criterion in ("P1", "D1", "G1")]
    d = dossier(scores=[*stated, score("L1"), score("L2", None)])
    assert say_summary(d).texts == (
        "**Det vigtigste:** Kun 1 af 5 kriterier kan vurderes på data. "
        "Resten bygger på det, vi har fået fortalt, eller er ikke undersøgt.",
        "**Det står på spil:** Det kan vi ikke sige. Vi har ikke fået tal for gevinster, "
        "licenser eller uddannelse, der kan bære et svar.",
        "**Begynd her:** Hold fast i det, der virker, og mål igen om et år.",
    )


def test_a_municipality_without_trouble_is_told_so(dossier):
    d = dossier(scores=ALL_SCORED, findings=[BETTER])
    assert say_summary(d).texts[0] == "**Det vigtigste:** Vi har ikke fundet noget, der kræver handling nu."
    assert say_top_findings(d).texts == ("Vi har ikke fundet noget, der kræver handling nu.",)


def test_the_four_areas_stand_in_order_with_symbol_word_and_basis(dossier):
    d = dossier(
        area_scores=[
            area_score("leadership", 0.8, label="incipient", light="red", n_criteria=3),
            area_score("gains", None),
            area_score("depth", 3.45, label="systematic", light="green"),
            area_score("plan", 2.0, n_criteria=1),
        ]
    )
    assert say_area_scores(d).to_text() == (
        "Plan for digitalisering af administrationen: 2,0 ▲ Delvist Gennemsnit af 1 kriterium\n"
        "Digitaliseret i dybden: 3,5 ● Systematisk Gennemsnit af 4 kriterier\n"
        "Gevinstrealisering: Ikke undersøgt For få af områdets kriterier kunne vurderes\n"
        "Ledelse af forandringen: 0,8 ■ Ansatser Gennemsnit af 3 kriterier"
    )


def test_top_findings_are_three_without_recommendation(dossier):
    many = [NO_LEADER | {"rank": rank} for rank in range(1, 6)]
    cards = say_top_findings(dossier(findings=many)).cards
    assert len(cards) == 3
    said = RULE.text["da"].replace("{n|int}", "5").replace("{n_solutions|count:solution}", "7 løsninger")
    assert cards[0].to_text() == f"◆ Høj: {RULE.title['da']}\n{said}"


def test_strengths_are_shown_or_their_absence_is_explained(dossier):
    assert [card.word for card in say_strengths(dossier(findings=[NO_LEADER, BETTER])).cards] == ["Styrke"]
    assert say_strengths(dossier(findings=[NO_LEADER])).texts == (
        "Vi har ikke fundet styrker, som data kan bære. Det betyder ikke, at der ikke er nogen.",
    )


def test_the_first_recommendations_are_numbered_and_leave_strengths_out(dossier):
    bullets = say_first_recommendations(dossier(findings=[NO_LEADER, NO_LEADER | {"rank": 3}, BETTER]))
    assert bullets.to_text() == f"1. {RULE.recommendation['da']}"
    assert say_first_recommendations(dossier()).texts == (
        "Vi har ingen anbefalinger, fordi der ikke er fund at bygge dem på.",
    )


def test_silences_name_what_could_not_be_said_and_why(dossier):
    d = dossier(
        scores=[
            score("G3", None, reason="not_in_instrument"),
            score("G4", None, reason="not_in_instrument"),
            score("D4", None, reason="not_delivered"),
            score("L1", 1.0, status="estimated", reason="not_delivered"),
        ],
        depth_by_solution=[
            {"solution": "S1", "is_new": True, "I04": "cannot_be_said"},
            {"solution": "S2", "is_new": False, "I04": "cannot_be_said"},
            {"solution": "S3", "is_new": True, "I04": "undecided"},
        ],
    )
    assert say_silences(d).to_text() == (
        "Det kan vi ikke sige\n"
        "- »Anvendelse som forudsat« og »Tid pr. opgave som forudsat«: "
        "Spørgerammen i dette besøg spurgte ikke om det.\n"
        "- »Bedre brug af det, vi har«: Vi har ikke modtaget data.\n"
        "- »Vedvarende støtte og vejledning«: Scoren bygger på det, vi har fået fortalt, ikke på målinger.\n"
        "- Anvendelse: Hvor stor en del af transaktionerne der går gennem Indkøb og e-handel.\n"
        "- Selvbillede: Om interviews og data peger samme vej. For få har svaret til, at det kan vises."
    )


def test_many_criteria_on_statements_are_counted_not_listed(dossier):
    stated = [score(f"P{at}", 1.0, status="estimated") for at in range(1, 5)] + [
        score("L1", 1.0, status="estimated")
    ]
    assert say_silences(dossier("en", scores=stated)).items[0] == (
        "**5 criteria** have a score that rests on what we have been told, not on measurements."
    )


def test_when_all_can_be_said_the_box_says_so(dossier):
    d = dossier(scores=[score("P1", I25a_shown=True, I25a=0.0)])
    assert say_silences(d).items == ("Alle kriterier er vurderet, og alle nye løsninger er målt.",)
