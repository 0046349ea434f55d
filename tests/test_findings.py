"""The findings engine: what fires, what is silenced, what is replaced, in which order, with which values."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from klktools.findings import find, select_main
from klktools.framework import FindingRule, OptionalSentence, Suppression, load_framework

NOTHING = {"da": "", "en": ""}
SOLUTIONS = pd.DataFrame(
    {
        "municipality": ["0010", "0010", "0010", "0010", "0011"],
        "solution": ["a", "b", "c", "d", "a"],
        "u": [0.1, 0.2, 0.05, 0.15, 0.9],
        "volume": [10.0, 40.0, 30.0, 20.0, 5.0],
        "evidence_D3": ["A", "B", "A", "A", "C"],
        "go_live": pd.to_datetime(["2017-01-01", "2017-02-01", "2017-03-01", None, "2016-01-01"]),
    }
)
MUNICIPALITIES = pd.DataFrame(
    {"municipality": ["0010", "0011"], "I27": [0.9, 0.9], "evidence_P1": ["B", None]}
)


def rule(name: str, trigger: str, **changes) -> FindingRule:
    plain = FindingRule(
        id=name,
        version=1,
        criterion="D3",
        area="depth",
        severity="high",
        scope="solution",
        trigger=trigger,
        requires="",
        suppressed_by=(),
        weight="volume",
        values={},
        sentences={},
        title=NOTHING,
        text=NOTHING,
        others=None,
        recommendation=NOTHING,
        first_step=NOTHING,
        evidence=NOTHING,
        responsible="KD",
        effect=1,
        effort=1,
    )
    return replace(plain, **changes)


LIMITED = rule(
    "F-Q01",
    "I27 < 0.80",
    scope="municipality",
    severity="medium",
    criterion="data",
    weight="1 - I27",
    values={"quality": "I27"},
)


KEYS = {
    "municipality": ["municipality"],
    "solution": ["municipality", "solution"],
    "group": ["municipality", "solution", "group"],
    "criterion": ["municipality", "criterion"],
}


def run(*rules: FindingRule, **more: pd.DataFrame):
    return find({"municipality": MUNICIPALITIES, "solution": SOLUTIONS, **more}, rules, keys=KEYS)


def test_several_subjects_are_one_finding_led_by_the_heaviest():
    findings, subjects = run(rule("F-D02", "u <= 0.25", values={"share": "u", "solution": "solution"}))
    expected = {
        "municipality": "0010",
        "finding": "F-D02",
        "version": 1,
        "area": "depth",
        "criterion": "D3",
        "severity": "high",
        "rank": 1,
        "weight": 40.0,
        "subject_kind": "solution",
        "subject": "b",
        "subjects": "b|c|d",
        "n_subjects": 4,
        "values": '{"share": 0.2, "solution": "b"}',
        "evidence_class": "B",
        "strength": False,
    }
    assert len(findings) == 1 and findings.drop(columns="n").iloc[0].to_dict() == expected
    assert subjects["subject"].tolist() == ["b", "c", "d", "a"]
    assert subjects["weight"].tolist() == [40, 30, 20, 10]
    assert json.loads(subjects["values"].iloc[3]) == {"share": 0.1, "solution": "a"}


def test_nothing_that_fires_is_an_empty_table_with_its_columns():
    findings, subjects = run(rule("F-D02", "u < 0"), LIMITED)
    assert findings.empty and subjects.empty
    assert findings.columns.tolist()[:3] == ["municipality", "finding", "version"] and "n" in findings
    assert subjects.columns.tolist() == ["municipality", "finding", "subject", "weight", "values"]


def test_values_are_plain_json():
    values = {"n": "volume", "day": "go_live", "gap": "u / (u - u)", "text": "solution"}
    first = rule(
        "F-D02", "u < 0.2", values=values, sentences={"late": OptionalSentence("volume >= 30", NOTHING)}
    )
    _, subjects = run(first)
    found = {s: json.loads(v) for s, v in zip(subjects["subject"], subjects["values"], strict=True)}
    assert found["c"] == {"n": 30, "day": "2017-03-01", "gap": None, "text": "c", "late": True}
    assert found["d"] == {"n": 20, "day": None, "gap": None, "text": "d", "late": False}


def test_a_failed_precondition_is_replaced_by_limited_data():
    findings, _ = run(rule("F-D04", "u > 0.25", requires="evidence_D3 in ('A', 'B')"), LIMITED)
    assert findings[["municipality", "finding", "subject_kind"]].values.tolist() == [
        ["0011", "F-Q01", "municipality"]
    ]
    assert json.loads(findings["values"].iloc[0]) == {"quality": 0.9}


def test_limited_data_is_said_once_when_it_also_fires_by_itself():
    poor = MUNICIPALITIES.assign(I27=[0.9, 0.5])
    facts = {"municipality": poor, "solution": SOLUTIONS}
    rules = [rule("F-D04", "u > 0.25", requires="evidence_D3 == 'A'"), LIMITED]
    findings, subjects = find(facts, rules, keys=KEYS)
    assert findings["finding"].tolist() == ["F-Q01"] and len(subjects) == 1


def test_a_stronger_rule_silences_the_same_subject_only():
    stronger = rule("F-D09", "solution == 'b'")
    weaker = rule("F-D02", "u <= 0.25", suppressed_by=(Suppression("F-D09", True),))
    _, subjects = run(weaker, stronger)
    assert subjects.groupby("finding")["subject"].agg(list).to_dict() == {
        "F-D02": ["c", "d", "a"],
        "F-D09": ["b"],
    }


def test_a_stronger_rule_may_silence_the_whole_municipality():
    stronger = rule("F-D01", "municipality == '0010'", scope="municipality", weight="1")
    weaker = rule("F-D02", "u >= 0", suppressed_by=(Suppression("F-D01", False),))
    findings, _ = run(weaker, stronger)
    assert findings[["municipality", "finding"]].values.tolist() == [["0010", "F-D01"], ["0011", "F-D02"]]


def test_the_municipality_is_never_the_same_subject_as_a_solution():
    stronger = rule("F-D01", "I27 > 0", scope="municipality", weight="1")
    weaker = rule("F-D02", "u >= 0", suppressed_by=(Suppression("F-D01", True),))
    findings, _ = run(weaker, stronger)
    assert findings["finding"].tolist().count("F-D02") == 2


def test_a_silenced_finding_on_weak_data_does_not_ask_for_better_data():
    stronger = rule("F-D09", "u > 0.25")
    weaker = rule(
        "F-D04", "u > 0.25", requires="evidence_D3 == 'A'", suppressed_by=(Suppression("F-D09", True),)
    )
    findings, _ = run(weaker, stronger, LIMITED)
    assert findings["finding"].tolist() == ["F-D09"]


def test_the_order_is_severity_then_weight_then_id():
    rules = [
        rule("F-A", "volume == 40", severity="medium", weight="0.9"),
        rule("F-B", "volume == 40", severity="critical", weight="0.1"),
        rule("F-C", "volume == 40", severity="medium", weight="0.9"),
        rule("F-E", "volume == 40", severity="strength", weight="1"),
        rule("F-F", "volume == 40", severity="medium", weight="0.95"),
        rule("F-G", "volume == 40", severity="medium", weight="u / 0"),
        rule("F-H", "volume == 40", severity="low", weight="1"),
    ]
    findings, _ = run(*rules)
    assert findings["finding"].tolist() == ["F-B", "F-F", "F-A", "F-C", "F-G", "F-H", "F-E"]
    assert findings["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_a_subject_of_several_keys_is_named_by_all_it_has():
    grouped = SOLUTIONS.assign(group=["x", None, "y", "x", "x"])
    findings, _ = run(rule("F-L01", "u < 0.5", scope="group"), group=grouped)
    assert findings[["subject", "subjects", "n_subjects"]].values.tolist() == [["b", "b|c/y|d/x", 4]]


def test_n_counts_the_persons_asked_about_the_criterion():
    scores = pd.DataFrame(
        {
            "municipality": ["0010", "0010"],
            "criterion": ["D3", "P1"],
            "n_persons": [7.0, 3.0],
            "gap": [1.0, 1.5],
            "evidence": ["A", "C"],
        }
    )
    rules = [
        rule("F-D02", "volume == 40"),
        rule("F-S01", "gap >= 1", scope="criterion", criterion="all", weight="gap"),
        LIMITED,
        rule("F-P10", "I27 > 0", scope="municipality", criterion="P", weight="1"),
    ]
    findings, _ = run(*rules, criterion=scores)
    own = findings[findings["municipality"].eq("0010")].set_index("finding")
    assert own.loc[["F-D02", "F-S01"], "n"].tolist() == [7, 3] and own.loc[["F-P10"], "n"].isna().all()
    assert own.loc["F-S01", "evidence_class"] == "C"


def shortlist(*severities: str) -> list[int]:
    table = pd.DataFrame(
        {"municipality": "0010", "severity": severities, "rank": range(1, len(severities) + 1)}
    )
    return select_main(table.assign(strength=table["severity"].eq("strength")))["rank"].tolist()


@pytest.mark.parametrize(
    ("severities", "chosen"),
    [
        (["high"] * 10, [1, 2, 3, 4, 5, 6, 7, 8]),
        (["high"] * 10 + ["strength"], [1, 2, 3, 4, 5, 6, 7, 11]),
        (["high"] * 10 + ["strength"] * 4, [1, 2, 3, 4, 5, 6, 11, 12]),
        (["high"] * 3 + ["strength"] * 9, [1, 2, 3, 4, 5, 6, 7, 8]),
        (["strength"] * 10, [1, 2, 3, 4, 5, 6, 7, 8]),
        (["high", "strength"], [1, 2]),
        ([], []),
    ],
)
def test_the_main_report_holds_eight_findings_and_two_strengths(severities, chosen):
    assert shortlist(*severities) == chosen


def test_every_rule_of_the_catalogue_names_a_scope_of_the_architecture():
    framework = load_framework()
    assert {item.scope for item in framework.findings} <= set(framework.subjects)
