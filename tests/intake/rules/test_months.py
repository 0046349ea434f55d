"""Months missing inside the data period (E12): what is expected, and how gaps are told together."""

from __future__ import annotations

import pandas as pd

from klktools.intake.rules.months import missing_months
from tests.intake.small_round import problem, read_edited, rows_of

PERIOD = pd.DataFrame(
    {
        "municipality": ["0060"],
        "period_from": [pd.Timestamp("2017-01-01")],
        "period_to": [pd.Timestamp("2017-06-01")],
    }
)


def months(text: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(f"2017-{month}-01") for month in text.split()]


def departments(*rows: tuple) -> pd.DataFrame:
    """Department, first month, last month, what it replaces."""
    columns = ["department", "valid_from", "valid_to", "replaces"]
    table = pd.DataFrame(
        rows or [("A1", "2016-01", None, None), ("A2", "2016-01", None, None)], columns=columns
    )
    dates = {name: pd.to_datetime(table[name]) for name in ("valid_from", "valid_to")}
    return table.assign(municipality="0060", name="Afd. " + table["department"], **dates)


def solutions(
    go_live: str | None = "2016-01", status: str = "operation", relevant: str = "A1|A2"
) -> pd.DataFrame:
    row = {"municipality": "0060", "solution": "L1", "name": "Handel", "status": status}
    return pd.DataFrame([row | {"go_live": pd.Timestamp(go_live), "relevant_departments": relevant}])


def usage(**delivered: str) -> pd.DataFrame:
    rows = [
        ("0060", "L1", department, month) for department, text in delivered.items() for month in months(text)
    ]
    table = pd.DataFrame(rows, columns=["municipality", "solution", "department", "month"])
    return table.astype({"month": "datetime64[us]"})


def gaps(table: pd.DataFrame, **tables: pd.DataFrame) -> list[tuple[str, str]]:
    """Departments and months of each gap."""
    given = {"visits": PERIOD, "solutions": solutions(), "departments": departments()} | tables
    found = missing_months(table, given, {})
    return list(zip(found["departments"], found["months"], strict=True)) if len(found) else []


ALL = "01 02 03 04 05 06"


def test_nothing_is_missing_when_every_month_has_a_row():
    assert gaps(usage(A1=ALL, A2=ALL)) == []


def test_departments_that_miss_the_same_months_are_told_together_and_months_in_a_row_as_a_span():
    assert gaps(usage(A1="01 03", A2="01 03")) == [("Afd. A1, Afd. A2", "2017-02, 2017-04–2017-06")]
    assert gaps(usage(A1="01 02 03 04 06", A2="01 02")) == [
        ("Afd. A1", "2017-05"),
        ("Afd. A2", "2017-03–2017-06"),
    ]


def test_a_relevant_department_without_any_row_misses_the_whole_period():
    assert gaps(usage(A1=ALL)) == [("Afd. A2", "2017-01–2017-06")]


def test_nothing_is_expected_before_go_live_and_of_what_is_not_in_operation():
    assert gaps(usage(A1="04 05 06", A2="04 05 06"), solutions=solutions("2017-04")) == []
    assert gaps(usage(A1="06"), solutions=solutions(status="planned")) == []
    assert gaps(usage(A1="06"), solutions=solutions(None)) == []
    assert gaps(usage(A1=ALL), solutions=solutions(relevant="A1")) == []


def test_rows_outside_the_period_and_of_other_departments_fill_no_gap():
    early = usage(A1=ALL, A2=ALL).assign(month=pd.Timestamp("2015-01-01"))
    assert gaps(pd.concat([early, usage(A3=ALL)])) == [("Afd. A1, Afd. A2", "2017-01–2017-06")]


def test_nothing_is_expected_of_a_department_before_or_after_it_existed():
    young = departments(("A1", "2017-03", None, None), ("A2", "2016-01", "2017-02", None))
    assert gaps(usage(A1="03 04 05 06", A2="01 02"), departments=young) == []
    assert gaps(usage(A1="03 04 05", A2="01"), departments=young) == [
        ("Afd. A1", "2017-06"),
        ("Afd. A2", "2017-02"),
    ]


def test_a_renamed_department_is_expected_under_its_old_name_until_it_was_renamed():
    renamed = departments(("A1", "2016-01", "2017-03", None), ("A2", "2017-04", None, "A1"))
    only_new = solutions(relevant="A2")
    assert gaps(usage(A1="01 02 03", A2="04 05 06"), departments=renamed, solutions=only_new) == []
    assert gaps(usage(A1="01", A2="04 05 06"), departments=renamed, solutions=only_new) == [
        ("Afd. A1", "2017-02–2017-03")
    ]


def test_months_delivered_under_the_new_name_throughout_are_there():
    renamed = departments(("A1", "2016-01", "2017-03", None), ("A2", "2017-04", None, "A1"))
    assert gaps(usage(A2=ALL), departments=renamed, solutions=solutions(relevant="A1|A2")) == []


def test_a_municipality_without_any_usage_is_left_out():
    other = usage(A1=ALL, A2=ALL)
    two = pd.concat([PERIOD, PERIOD.assign(municipality="0101")])
    both = pd.concat([solutions(), solutions().assign(municipality="0101")])
    assert gaps(other, visits=two, solutions=both) == []


def test_a_gap_is_told_without_a_cell_and_does_not_count_as_a_warned_row(tmp_path):
    found = read_edited(tmp_path, [("usage", 0, {"month": "2018-08", "department": "A2", "eligible": "x"})])
    said = "Handel har ingen brugbare tal for 2018-07 i Økonomi; det regnes som ikke målt"
    assert rows_of(found.problems)[-1] == problem("usage", "E12", "", "", said)
    counts = found.delivered.set_index("table").loc["usage"]
    assert counts[["rows_accepted", "rows_rejected", "rows_warned"]].tolist() == [2, 1, 0]
