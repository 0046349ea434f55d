"""Self-image, recommendations and position."""

import numpy as np
import pandas as pd
import pytest

from klktools.benchmark import place
from klktools.framework import load_framework
from klktools.wording import say_perception, say_position, show_position, show_recommendations
from klktools.wording.advice import band
from tests.wording.conftest import area_score, finding, score

BETTER = finding("F-S02", 2, "strength", '{"criterion": "L1", "interviews": 1.2, "data": 3.0}')
POOR_DATA = finding(
    "F-Q01",
    1,
    "medium",
    '{"coverage": 0.1, "n_rejected": 1, "n_interviews": 3, "measured": true, "unmeasured": false, '
    '"rejected": true, "interviews": true}',
)


def shown(criterion, gap, **changes):
    return score(criterion, I25a=gap, I25a_shown=True, **changes)


def test_the_self_image_names_where_it_is_higher_and_lower(dossier):
    d = dossier(
        scores=[shown("P1", 1.0), shown("D3", -1.4), shown("L1", 0.2, I25c=1.0), score("L2", I25c=0.9)],
        claims=[{"claimed_share": 0.6}],
        depth_by_municipality=[{"I01": 0.12}],
        findings=[POOR_DATA, BETTER, finding("F-P06", 3, "medium", '{"share_without": 0.5}')],
    )
    told, cards = say_perception(d).blocks
    assert told.texts == (
        "Selvbilledet kan holdes op mod data på 3 kriterier.",
        "Interviewene er mere positive end data på »Overblik og sammenhæng«.",
        "Interviewene er mindre positive end data på »Transaktionsandel, målt og sikker«.",
        "De adspurgte regner med, at 60 pct. af transaktionerne går gennem løsningerne. "
        "Målt er det 12 pct. af dem.",
        "Ledelsen ser mere positivt på det end brugerne på »Vedvarende støtte og vejledning«.",
    )
    assert [card.evidence[:5] for card in cards.cards] == ["F-Q01", "F-S02"]


def test_an_agreeing_self_image_is_said_in_the_singular_too(dossier):
    (told,) = say_perception(dossier("en", scores=[shown("P1", 0.9)])).blocks
    assert told.texts == (
        "The self-image can be held against data on 1 criterion.",
        "Here, interviews and data point the same way.",
    )


def test_a_self_image_of_too_few_is_not_shown(dossier):
    d = dossier(scores=[score("P1", I25a=3.0)], claims=[{"claimed_share": 0.6}])
    assert say_perception(d).blocks[0].texts == (
        "Vi kan ikke vise selvbilledet ved siden af data. Det kræver mindst 5 svar fra mindst 3 roller.",
        "De adspurgte regner med, at 60 pct. af transaktionerne går gennem løsningerne. Det er ikke målt.",
    )


def test_recommendations_are_numbered_without_those_of_strengths(dossier):
    (rule,) = [rule for rule in load_framework().findings if rule.id == "F-P06"]
    d = dossier(findings=[finding("F-P06", 1, "medium", '{"share_without": 0.5}'), BETTER])
    table = show_recommendations(d)
    # framework.findings: F-P06 has a director responsible, effect 2 and effort 2
    assert table.rows == (
        ("1", rule.recommendation["da"], "Direktør", rule.first_step["da"], "Middel", "Middel", "F-P06"),
    )


def test_without_findings_there_is_nothing_to_recommend(dossier):
    assert show_recommendations(dossier("en", findings=[BETTER])).texts == (
        "We have no recommendations because there are no findings to build them on.",
    )


def reference(measure, kind="all", group="all", n=55, quartiles=(1.0, 1.5, 2.0), status="measured"):
    q25, median, q75 = quartiles
    row = {"measure": measure, "group_kind": kind, "group": group, "n": n, "status": status}
    return row | {"q25": q25, "median": median, "q75": q75}


MISSING = (None, None, None)
REFERENCE = [
    reference("plan"),
    reference("depth", n=4, quartiles=MISSING, status="suppressed"),
    reference("gains", quartiles=MISSING, status="not_examined"),
    reference("gains", "wave", "2018F", 25, (1.3, 2.0, 2.7)),
    reference("gains", "wave", "2018E", 30, (0.1, 0.2, 0.3)),
    reference("leadership"),
    reference("I16", n=54, quartiles=(0.27, 0.44, 0.6)),
]


def test_the_position_is_a_quarter_with_n_and_no_rank(dossier):
    d = dossier(
        reference=REFERENCE,
        area_scores=[
            area_score("plan", 2.3),
            area_score("depth", 1.0),
            area_score("gains", 1.4),
            area_score("leadership", None),
        ],
        indicators=[
            {"indicator": "I16", "solution": "", "department": "", "estimate": 0.2},
            {"indicator": "I16", "solution": "S1", "department": "", "estimate": 0.9},
            {"indicator": "I01", "solution": "", "department": "", "estimate": 0.9},
        ],
    )
    table = show_position(d)
    assert table.rows == (
        (
            "Plan for digitalisering af administrationen",
            "2,3",
            "1,0 til 2,0",
            "I den højeste fjerdedel",
            "55 kommuner",
        ),
        ("Digitaliseret i dybden", "1,0", "–", "Vises ikke", "skjult (færre end 5)"),
        ("Gevinstrealisering", "1,4", "1,3 til 2,7", "Under midten", "25 kommuner i samme bølge"),
        ("Ledelse af forandringen", "ikke undersøgt", "1,0 til 2,0", "Vises ikke", "55 kommuner"),
        ("Høstet på stedet", "20 pct.", "27 pct. til 60 pct.", "I den laveste fjerdedel", "54 kommuner"),
    )
    assert table.note == ""  # how to read it is said above the figure
    assert len(say_position(d).texts) == 3


def test_the_wave_rule_is_told_only_where_it_applies(dossier):
    d = dossier("en", reference=[reference("plan")], area_scores=[area_score("plan")])
    assert say_position(d).texts == (
        "The middle half is the values between the lowest and the highest quarter of the municipalities.",
    )


def test_nothing_to_compare_is_said(dossier):
    assert show_position(dossier()).texts == ("Kommunen har ingen værdier, der kan sammenlignes med andres.",)


def test_bands_are_those_the_benchmark_places():
    values = [0.0, 0.99, 1.0, 1.2, 1.5, 1.51, 2.0, 2.01, 4.0, np.nan]
    own = pd.DataFrame({"municipality": [f"{at:04}" for at in range(10)], "measure": "plan", "value": values})
    own = own.assign(wave="2018F", size_class="x")
    table = pd.DataFrame([reference("plan")])
    witness = place(own, table).sort_values("municipality")["band"].tolist()
    mine = [band(value, reference("plan")) for value in values]
    assert [float("nan") if at is None else float(at) for at in mine] == pytest.approx(witness, nan_ok=True)
