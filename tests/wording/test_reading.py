"""Findings in words: the whole catalogue renders, and the main report's choice follows framework 5."""

import json
import re

import pandas as pd
import pytest

from klktools.errors import TableError
from klktools.findings import select_main
from klktools.framework import load_framework
from klktools.framework.triggers import evaluate
from klktools.wording.reading import all_findings, card, evidence_line, main_findings, wave_words
from klktools.wording.templates import voice
from tests.wording.conftest import finding

RULES = load_framework().findings
SAMPLES = {
    "months": 3,
    "int": 3,
    "mio": 1_700_000,
    "pct": 0.27,
    "pp": -1.5,
    "score": 2.5,
    "minutes": 8,
    "years1": 1.4,
    "month": "2018-10-01",
    "date": "2018-10-01",
    "solution": "S1",
    "solutions": "S1|S2",
    "initiative": "I1",
    "initiatives": "I1|I2",
    "department": "D1",
    "departments": "D1|D2",
    "group": "children_youth",
    "groups": "children_youth|finance",
    "function": "payroll",
    "criterion": "D3",
    "criteria": "D3|L2",
    "role": "DC",
    "version": "v1",
    "text": "noget",
    "texts": "a|b",
    "table": "usage",
}


def values_of(rule, *, missing):
    """A value for every variable of a rule, by its formatter; sentences all said."""
    sentences = [text for optional in rule.sentences.values() for text in optional.text.values()]
    parts = [rule.title, rule.text, rule.recommendation, rule.first_step, rule.evidence, rule.others or {}]
    texts = " ".join([*sentences, *(text for part in parts for text in part.values())])
    values = {}
    for name, formatter in re.findall(r"\{(\w+)\|(\w+)", texts):
        values[name] = None if missing else SAMPLES.get(formatter, 2)
    return values | dict.fromkeys(rule.sentences, True)


@pytest.mark.parametrize("missing", [False, True], ids=["known", "missing"])
@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_finding_of_the_catalogue_can_be_said(rule, language, missing, dossier):
    values = json.dumps(values_of(rule, missing=missing))
    row = finding(rule.id, 1, rule.severity, values, n_subjects=3, subjects="S1|S2|S3")
    (said,) = all_findings(dossier(language, findings=[row]), voice(dossier(language)))
    for text in (said.title, said.text, said.recommendation, said.first_step, said.evidence):
        assert text and not re.search(r"[{}]|\bNone\b|\bnan\b|  |\.\.| [.,]|\bTrue\b", text), text


def test_optional_sentences_are_left_out_unless_they_hold(dossier):
    values = {"n_initiatives": 1, "share_without": 0.5}
    say = [json.dumps(values | {"initiatives": flag}) for flag in (True, False)]
    d = dossier(findings=[finding("F-P01", at, "high", text) for at, text in enumerate(say)])
    seen = "Vi har ikke kunnet finde en samlet plan for digitaliseringen af administrationen."
    with_it, without = (said.text for said in all_findings(d, voice(d)))
    assert with_it.startswith(f"{seen} 1 initiativ er i gang eller på vej")
    assert without == seen


def test_use_that_hardly_moves_is_said_in_words_not_as_zero():
    (rule,) = [rule for rule in RULES if rule.id == "F-D06"]
    table = pd.DataFrame({"I07": [0.04, -0.04, 0.05, -1.1], "I07_class": "stable"})
    holds = {name: evaluate(optional.when, table).tolist() for name, optional in rule.sentences.items()}
    assert holds["moving"] == [False, False, True, True]
    assert holds["unmoved"] == [True, True, False, False]


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        (0.04, "Andelen, der går gennem Indkøb og e-handel, er stort set den samme fra måned til måned."),
        (-1.1, "Andelen, der går gennem Indkøb og e-handel, ændrer sig −1,1 procentpoint om måneden."),
    ],
)
def test_the_slope_of_use_is_a_number_when_it_has_one(dossier, slope, said):
    values = {"solution": "S1", "slope": slope, "share": 0.06, "target": 0.7, "standing": True}
    values |= {"moving": abs(slope) >= 0.05, "unmoved": abs(slope) < 0.05}
    d = dossier(findings=[finding("F-D06", 1, "medium", json.dumps(values))])
    (found,) = all_findings(d, voice(d))
    assert found.text.startswith(f"{said} I måleperioden er den 6 pct.")


def test_further_subjects_are_told_only_when_there_are_any(dossier):
    values = json.dumps({"initiatives": "I1|I2"})
    d = dossier("en", findings=[finding("F-P03", n, "high", values, n_subjects=n) for n in (1, 2)])
    one, two = (said.text for said in all_findings(d, voice(d)))
    assert two == f"{one} There are 2 such circles in all."


def test_a_finding_outside_the_catalogue_is_refused(dossier):
    d = dossier(findings=[finding("F-X99", 1, "high")])
    with pytest.raises(TableError) as caught:
        all_findings(d, voice(d))
    assert str(caught.value) == "every finding must be in the catalogue; found F-X99. Seal again."


@pytest.mark.parametrize(("others", "strengths"), [(10, 5), (10, 1), (10, 0), (3, 7), (7, 2), (0, 9), (0, 0)])
def test_the_main_findings_are_those_the_findings_room_selects(others, strengths, dossier):
    kinds = [("F-P06", "medium", False)] * others + [("F-L06", "strength", True)] * strengths
    values = {"F-P06": '{"share_without": 0.5}', "F-L06": json.dumps(values_of(RULES[34], missing=False))}
    assert RULES[34].id == "F-L06"
    rows = [
        finding(name, at, severity, values[name], municipality="0048", strength=strength, weight=at / 100)
        for at, (name, severity, strength) in enumerate(kinds)
    ]
    d = dossier(findings=[row | {"evidence_class": str(row["rank"])} for row in rows])
    chosen = [int(said.evidence_class) for said in main_findings(d, voice(d))]
    witness = select_main(pd.DataFrame(rows))["rank"].tolist() if rows else []
    assert chosen == witness


def test_a_card_says_evidence_with_class_and_n(dossier):
    d = dossier(findings=[finding("F-P06", 1, "medium", '{"share_without": 0.5}')])
    (said,), rule = all_findings(d, voice(d)), RULES[5]
    assert card(voice(d), said).to_text() == (
        f"▲ Middel: {rule.title['da']}\n"
        f"{rule.text['da'].replace('{share_without|pct}', '50 pct.')}\n"
        f"Vi anbefaler: {rule.recommendation['da']}\n"
        "F-P06 · evidensklasse A · 6 personer adspurgt"
    )
    assert evidence_line(voice(d), said).endswith(f" · 6 personer adspurgt · {rule.evidence['da']}")


@pytest.mark.parametrize(
    ("n", "told"), [(None, ""), (4, " · færre end 5 adspurgt"), (5.0, " · 5 personer adspurgt")]
)
def test_few_persons_are_not_counted_out(n, told, dossier):
    row = finding("F-P06", 1, "medium", '{"share_without": 0.5}', n=n, evidence_class=None)
    d = dossier(findings=[row])
    (said,) = all_findings(d, voice(d))
    assert evidence_line(voice(d), said) == f"F-P06{told} · {RULES[5].evidence['da']}"


@pytest.mark.parametrize(
    ("wave", "words"), [("2018F", "forår 2018"), ("2018E", "efterår 2018"), ("3", "3"), ("EF", "EF")]
)
def test_waves_are_seasons_when_written_so(wave, words, dossier):
    assert wave_words(voice(dossier()), wave) == words
