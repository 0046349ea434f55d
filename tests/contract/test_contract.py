"""The contract's files agree with one another and with the page made from them."""

from __future__ import annotations

import string
from pathlib import Path

import pandas as pd
import pandera.errors
import pytest

from klktools.contract import describe_contract, empty_table, fold, load_contract, nearest, schema
from klktools.errors import ParameterError
from klktools.framework import load_framework

TABLES = load_contract().tables
COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns.values()]
ROOT = Path(__file__).parents[2]


def test_no_two_columns_of_a_table_share_a_name():
    for table in TABLES.values():
        names = [alias for column in table.columns.values() for alias in column.aliases]
        assert len(names) == len(set(names)), table.name


def test_no_two_tables_share_a_name():
    names = {fold(text) for t in TABLES.values() for text in (t.name, t.danish, *t.label.values())}
    assert {load_contract().table_named(name) for name in names} == set(TABLES)


def test_every_code_of_a_list_is_found_by_code_danish_and_english_label_and_alias():
    enums = load_framework().enums
    for table, column in COLUMNS:
        for code, entry in enums[column.enum].items() if column.enum else ():
            for text in (code, entry["da"], entry["en"], *entry.get("aliases", ())):
                assert column.codes[fold(str(text))] == code, (table.name, column.name, text)


def test_a_label_of_a_table_fits_as_the_name_of_a_sheet():
    labels = [label for table in TABLES.values() for label in table.label.values()]
    assert [label for label in labels if len(label) > 31 or set(label) & set("[]:*?/\\")] == []


def test_references_and_keys_are_columns_and_tables_of_the_contract():
    assert {column.references for _, column in COLUMNS} - {""} <= set(TABLES)
    assert [table.name for table in TABLES.values() if not set(table.key) <= set(table.columns)] == []


def test_danish_and_english_sentences_of_a_rule_take_the_same_parts():
    def parts(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    rules = {name: rule for name, rule in load_contract().rules.items() if "severity" in rule}
    assert [name for name, rule in rules.items() if parts(rule["da"]) != parts(rule["en"])] == []
    remedied = {name for name, rule in rules.items() if "do_da" in rule and "do_en" in rule}
    assert remedied == {name for name, rule in rules.items() if rule["severity"] != "correction"}


def test_what_is_said_once_for_many_is_said_in_both_languages_with_the_first_and_their_number():
    many = {name: rule for name, rule in load_contract().rules.items() if any("many" in key for key in rule)}
    assert list(many) == ["E12", "E13"]
    for rule in many.values():
        for text in (rule["many_da"], rule["many_en"]):
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} == {"first", "n"}


def test_a_rule_is_lifted_only_by_a_correction():
    rules = load_contract().rules
    lifted = {name: rule["unless"] for name, rule in rules.items() if "unless" in rule}
    assert {rules[by]["severity"] for by in lifted.values()} == {"correction"}
    assert {rule["about"] for rule in rules.values() if "about" in rule} == {"content", "gap"}


def test_every_phrase_is_said_in_danish_and_in_english():
    phrases = load_contract().rules["phrases"]
    assert [name for name, phrase in phrases.items() if set(phrase) != {"da", "en"}] == []


def test_an_empty_table_has_the_dtypes_of_a_round():
    dtypes = empty_table("usage").dtypes.astype("str").to_dict()
    assert dtypes == {
        "municipality": "category",
        "solution": "category",
        "department": "category",
        "month": "datetime64[us]",
        "through": "Int64",
        "eligible": "Int64",
        "as_intended": "Int64",
        "amount_through": "float64",
        "amount_all": "float64",
        "active_users": "Int64",
        "evidence": "category",
        "source": "category",
        "sample_n": "Int64",
    }


def test_an_unknown_table_is_answered_with_the_tables_there_are():
    with pytest.raises(
        ParameterError, match="A table must be one of the data contract; found `usages`. Choose one of"
    ):
        empty_table("usages")


@pytest.mark.parametrize("name", TABLES)
def test_pandera_accepts_the_empty_table(name):
    pd.testing.assert_frame_equal(schema(name).validate(empty_table(name)), empty_table(name))


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("municipality", "101", "str_matches"),
        ("digital_task", 5, "less_than_or_equal_to"),
        ("fte", -1.0, "greater_than_or_equal_to"),
        ("function", "indkoeb", "isin"),
        ("process", None, "not_nullable"),
    ],
)
def test_pandera_refuses_what_the_contract_refuses(column, value, check):
    row = {"process": "P1", "municipality": "0101", "function": "budget", "org_level": "central", "fte": 1.0}
    table = pd.concat([empty_table("processes"), pd.DataFrame([row | {column: value}])])
    table = table.astype(empty_table("processes").dtypes.to_dict())
    with pytest.raises(pandera.errors.SchemaErrors) as failure:
        schema("processes").validate(table, lazy=True)
    cases = failure.value.failure_cases
    assert [(case.column, case.check.split("(")[0]) for case in cases.itertuples()] == [(column, check)]


def test_spellings_of_one_name_are_equal_when_folded():
    spellings = ["Løsnings-id", "loesnings_id", "LØSNINGS ID", "  løsnings\u00a0id ", "Løsnings_id"]
    assert {fold(text) for text in spellings} == {"loesnings_id"}
    assert fold("Å\u0072") == fold("A\u030a\u0072") == fold("aar")


def test_the_nearest_name_is_given_only_when_it_is_near():
    assert [nearest(text, ["Idriftsat", "Projekt afsluttet"]) for text in ("Idrifsat", "Xyz")] == [
        "Idriftsat",
        "",
    ]


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("turnover_stated", 1),
        ("omsaetning_pct_oplyst", 100),
        ("Oplyst personaleomsætning (pct.)", 100),
        ("Oplyst personaleomsætning (andel)", 1),
        ("Staff turnover stated", 1),
        ("Staff turnover stated (%)", 100),
        ("Oplyst personaleomsætning (kr.)", None),
        ("Afgang", None),
    ],
)
def test_the_unit_in_a_heading_decides_what_a_share_is_divided_by(heading, unit):
    assert TABLES["staffing"].columns["turnover_stated"].unit_of(heading) == unit


@pytest.mark.parametrize(
    ("heading", "unit"), [("Licens (1.000 kr.)", 1000), ("Licens (mio. kr.)", 1e6), ("Licens", 1)]
)
def test_the_unit_in_a_heading_decides_what_kroner_are_multiplied_by(heading, unit):
    assert TABLES["solutions"].columns["licence_kr"].unit_of(heading) == unit


def test_the_page_about_the_contract_is_up_to_date():
    page = (ROOT / "docs" / "data-contract.md").read_text(encoding="utf-8")
    assert page == describe_contract("en")


def test_the_page_can_be_had_in_danish():
    page = describe_contract("da")
    assert page.startswith("# Datakontrakten\n")
    row = "| `score` | `score` | Score | Score | et helt tal | nej | mellem 0 og 4 |"
    assert row in page.split("## T5 `answers` · Svar · Answers")[1].split("## T7")[0]
