"""The loader and the lists: areas, criteria, questions, indicators, functions, enums and thresholds."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import yaml

import klktools.framework
from klktools.framework import load_framework
from tests.framework.test_findings_catalogue import columns_of_tables

FRAMEWORK = load_framework()
LANGUAGES = ("da", "en")


def test_the_four_areas_stand_in_the_order_of_the_seed():
    areas = FRAMEWORK.areas
    assert areas["area"].tolist() == ["plan", "depth", "gains", "leadership"]
    assert areas["letter"].str.cat() == "PDGL"
    assert areas["question_da"].iloc[0] == "Er der en plan for digitalisering af administrationen?"


def test_the_seventeen_criteria_belong_to_the_area_of_their_letter():
    criteria = FRAMEWORK.criteria
    codes = [*(f"P{i}" for i in range(1, 5)), *(f"D{i}" for i in range(1, 5))]
    codes += [*(f"G{i}" for i in range(1, 6)), *(f"L{i}" for i in range(1, 5))]
    assert criteria["criterion"].tolist() == codes
    letters = FRAMEWORK.areas.set_index("letter")["area"]
    assert criteria["area"].tolist() == letters[criteria["criterion"].str[0]].tolist()


def test_breakpoints_targets_and_floors_are_those_of_framework_1_3():
    plain, none = (0.10, 0.40, 0.70, 0.90, 0.90, 0.40), (np.nan,) * 6
    expected = {
        **{code: plain for code in ("P1", "P2", "P3", "P4", "D4", "G5", "L1", "L3", "L4")},
        "D1": (0.10, 0.25, 0.50, 0.75, 0.75, 0.25),
        "D2": (0.10, 0.30, 0.60, 0.85, 0.85, 0.30),
        "D3": none,
        "G1": (0.10, 0.30, 0.60, 0.85, 0.85, 0.30),
        "G2": (0.50, 0.70, 0.85, 0.95, 0.95, 0.70),
        "G3": (0.25, 0.50, 0.75, 0.95, 0.95, 0.50),
        "G4": (0.00, 0.25, 0.60, 0.90, 0.90, 0.25),
        "L2": (0.30, 0.50, 0.70, 0.85, 0.85, 0.50),
    }
    columns = [*(f"breakpoint_{score}" for score in (1, 2, 3, 4)), "target", "floor"]
    given = FRAMEWORK.criteria.set_index("criterion")[columns].sort_index()
    wanted = pd.DataFrame.from_dict(expected, orient="index", columns=columns).sort_index()
    pd.testing.assert_frame_equal(given, wanted, check_names=False)


def test_the_evidence_ceiling_covers_what_cannot_be_claimed_without_measuring():
    capped = FRAMEWORK.criteria.query("evidence_capped")["criterion"].tolist()
    assert capped == ["D1", "D2", "D3", "G1", "G2", "G3", "G4", "G5", "L2"]


def test_every_criterion_has_five_different_anchors_in_both_languages():
    for language in LANGUAGES:
        anchors = FRAMEWORK.criteria[f"anchors_{language}"]
        assert anchors.map(len).tolist() == [5] * 17
        assert anchors.explode().nunique() == 85
    d3 = FRAMEWORK.criteria.set_index("criterion").loc["D3"]
    assert d3["anchors_en"][0] == (
        "The municipality cannot say which share of transactions goes through the solutions."
    )
    assert d3["anchors_da"][3] == (
        "Andelen måles mindst kvartalsvis, og det kan med sikkerhed siges, at den er over 25 pct. for de nye "
        "løsninger samlet."
    )


def test_criteria_point_at_columns_that_exist():
    known = columns_of_tables()
    for row in FRAMEWORK.criteria.itertuples():
        named = {row.value, row.category, row.evidence, row.status, row.reason} - {""}
        assert named <= known[row.table], row.criterion
    assert set(FRAMEWORK.criteria["main_indicator"]) <= set(FRAMEWORK.indicators["indicator"])


def test_the_interview_guide_gives_every_role_its_number_of_questions():
    # framework 2, "Questions per role (Q26 included)"
    roles = FRAMEWORK.questions["roles"].explode().value_counts().to_dict()
    stated = {"KD": 5, "DIR": 10, "DC": 18, "OC": 20, "HRC": 14, "FC": 9, "IL": 10, "AM": 8, "SB": 9, "TR": 4}
    assert roles == stated
    assert FRAMEWORK.questions["question"].tolist() == [f"Q{number:02}" for number in range(1, 27)]


def test_criteria_and_questions_point_at_each_other():
    asked = FRAMEWORK.questions.query("criterion != ''").groupby("criterion")["question"].agg(tuple)
    held = FRAMEWORK.criteria.set_index("criterion")["questions"]
    assert asked.to_dict() == held.to_dict()


def test_the_autumn_instrument_alone_asks_for_assumed_usage_and_time():
    autumn = FRAMEWORK.questions[FRAMEWORK.questions["versions"].map(lambda versions: versions == ("v2",))]
    assert autumn["criterion"].tolist() == ["G3", "G4"]


def test_dont_know_counts_for_the_roles_that_ought_to_know():
    counted = FRAMEWORK.questions.set_index("question")["dont_know_counts"].map(set)
    assert counted[counted.map(bool)].to_dict() == {
        "Q11": {"OC", "HRC", "DC"},
        "Q12": {"OC", "HRC", "DC"},
        "Q13": {"OC", "HRC", "DC"},
        "Q19": {"OC", "HRC", "DC"},
        "Q20": {"OC"},
    }


def test_the_answer_types_are_those_of_the_guide():
    types = FRAMEWORK.questions.set_index("question")["answer_type"]
    assert types[types.ne("scale")].to_dict() == {
        **{"Q11": "percent", "Q12": "yes_no", "Q19": "percent", "Q20": "minutes", "Q26": "open"}
    }
    assert set(types) == set(FRAMEWORK.enums["answer_type"])


def test_the_indicators_run_from_i01_to_i27_without_a_gap():
    numbered = FRAMEWORK.indicators["indicator"].str.extract(r"^I(\d\d)")[0].dropna().astype(int)
    assert sorted(set(numbered)) == list(range(1, 28))
    assert FRAMEWORK.indicators["indicator"].is_unique


def test_an_indicator_has_a_unit_a_direction_and_a_known_criterion():
    indicators = FRAMEWORK.indicators
    units = {"share", "pp", "kr", "months", "years", "score", "number", "class"}
    assert set(indicators["unit"]) <= units
    assert set(indicators["direction"]) <= {-1, 0, 1}
    assert set(indicators["criterion"]) <= {"", *FRAMEWORK.criteria["criterion"]}
    assert set(indicators["area"]) <= set(FRAMEWORK.enums["finding_area"])


def test_every_place_of_an_indicator_is_in_the_architecture():
    known = columns_of_tables()
    for row in FRAMEWORK.indicator_places.itertuples():
        named = {row.estimate, row.low, row.high, row.n, row.category, row.evidence} - {""}
        assert named <= known[row.table], row
    lacking = set(FRAMEWORK.indicators["indicator"]) - set(FRAMEWORK.indicator_places["indicator"])
    assert lacking == {"I25b"}


def test_every_function_says_what_a_transaction_is():
    assert FRAMEWORK.functions["function"].tolist() == list(FRAMEWORK.enums["function"])
    assert FRAMEWORK.functions.notna().all(axis=None)


def test_every_threshold_is_marked_as_assumption_or_from_the_seed_and_said_in_both_languages():
    notes = FRAMEWORK.assumption_notes
    assert set(notes["mark"]) == {"A", "F"}
    assert notes.set_index("name").query("mark == 'F'")["value"].to_dict() == {"certainty_threshold": 0.25}
    assert notes[["value", "unit", "ref", *LANGUAGES]].notna().all(axis=None)
    assert notes["name"].is_unique and notes["da"].is_unique and notes["en"].is_unique
    assert dict(FRAMEWORK.assumptions) == notes.set_index("name")["value"].to_dict()
    assert set(notes["unit"]) <= {"share", "pp", "kr", "months", "years", "score", "number"}


def test_every_code_is_text_with_a_label_in_both_languages():
    allowed = {"da", "en", "aliases", "group", "core_welfare", "score"}
    for name, codes in FRAMEWORK.enums.items():
        for code, entry in codes.items():
            assert isinstance(code, str), (name, code)
            assert {"da", "en"} <= set(entry) <= allowed, (name, code)
            assert all(isinstance(entry[language], str) and entry[language] for language in LANGUAGES)


def test_labels_are_unique_within_a_list():
    for name, codes in FRAMEWORK.enums.items():
        for language in LANGUAGES:
            labels = [entry[language] for entry in codes.values()]
            assert len(set(labels)) == len(labels), (name, language)


def test_no_list_says_a_key_twice():
    class Strict(yaml.SafeLoader):
        pass

    def unique(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(set(keys)) == len(keys), node.start_mark
        return loader.construct_pairs(node, deep=True)

    Strict.add_constructor("tag:yaml.org,2002:map", unique)
    lists = list(Path(klktools.framework.__file__).parent.glob("*.yaml"))
    assert all(yaml.load(path.read_text("utf-8"), Loader=Strict) for path in lists) and lists


def test_a_caller_cannot_change_the_framework_of_another():
    mine = load_framework().criteria
    mine["floor"] = 0.0
    assert load_framework().criteria["floor"].max() == 0.70
    with pytest.raises(FrozenInstanceError):
        load_framework().criteria = None
    with pytest.raises(TypeError):
        load_framework().assumptions["hourly_rate"] = 0
    assert all(isinstance(rule.values, MappingProxyType) for rule in load_framework().findings)
