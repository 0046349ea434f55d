"""What a visit looks at: period, window, and the departments that live on."""

import pandas as pd

from klktools.indicators import scope
from tests.indicators.depth_round import ASSUMPTIONS, department
from tests.indicators.small_round import small_round


def periods(*visits):
    table = small_round(visits=list(visits))["visits"]
    return scope.list_visit_periods(table, assumptions=ASSUMPTIONS)


def lineage(*departments):
    table = scope.trace_departments(small_round(departments=list(departments))["departments"])
    return dict(zip(table["department"], table["survivor"], strict=True))


def test_the_latest_visit_counts_and_a_planned_one_only_alone():
    held = {"visit": "B1", "status": "released"}
    later = held | {"visit": "B2", "period_to": "2019-02-01", "end_date": "2019-03-20"}
    planned = {"visit": "B3", "status": "planned", "period_to": "2019-08-01", "municipality": "0001"}
    found = periods(later, held, planned, planned | {"municipality": "0060"})

    expected = pd.DataFrame(
        {
            "municipality": ["0001", "0060"],
            "period_from": pd.to_datetime(["2016-09-01", "2016-09-01"]),
            "period_to": pd.to_datetime(["2019-02-01", "2019-08-01"]),
            "window_from": pd.to_datetime(["2018-03-01", "2018-09-01"]),
            "as_of": pd.to_datetime(["2019-03-20", "2018-09-30"]),
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_short_data_period_is_its_own_window():
    found = periods({"period_from": "2018-02-01"})

    assert found["window_from"].tolist() == [pd.Timestamp("2018-02-01")]


def test_a_chain_of_renames_ends_in_the_last_name():
    first, second = department("A"), department("B", valid_from="2016-01-01", replaces="A")
    third = department("C", valid_from="2017-01-01", replaces="B")

    assert lineage(third, first, second) == {"A": "C", "B": "C"}


def test_a_merger_gathers_its_parts_and_a_split_has_no_single_successor():
    parts = department("A"), department("B"), department("X")
    merged = (
        department("C", valid_from="2016-01-01", replaces="A"),
        department("C", valid_from="2016-02-01", replaces="B"),
    )
    split = (department(name, valid_from="2016-01-01", replaces="X") for name in "YZ")

    assert lineage(*parts, *merged, *split) == {"A": "C", "B": "C"}


def test_departments_that_replace_each_other_or_themselves_are_left_alone():
    assert lineage(department("A", replaces="B"), department("B", replaces="A")) == {}
    assert lineage(department("A", valid_from="2016-01-01", replaces="A")) == {}


def test_a_predecessor_outside_the_list_is_followed_all_the_same():
    assert lineage(department("A", replaces="OLD")) == {"OLD": "A"}


def test_a_department_has_the_group_it_had_last():
    table = small_round(
        departments=[
            department("A", department_group="finance", valid_to="2015-12-01"),
            department("A", department_group="secretariat", valid_from="2016-01-01"),
        ]
    )["departments"]
    found = scope.describe_departments(table, scope.trace_departments(table))

    assert found.values.tolist() == [["0001", "A", "secretariat"]]


def test_rows_are_repeated_for_each_month_and_a_reversed_span_has_none():
    table = pd.DataFrame({"name": ["a", "b", "c"]})
    first = pd.Series(pd.to_datetime(["2017-12-01", "2018-05-01", "2018-01-01"]))
    last = pd.Series(pd.to_datetime(["2018-01-01", "2018-04-01", "2018-01-01"]))
    found = scope.repeat_months(table, first, last)

    expected = pd.DataFrame(
        {"name": ["a", "a", "c"], "month": pd.to_datetime(["2017-12-01", "2018-01-01", "2018-01-01"])}
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_round_is_split_in_blocks_of_about_one_size_with_every_row_in_one_of_them():
    codes = [f"{n:04d}" for n in range(11)]
    places = pd.DataFrame({"municipality": codes[::-1]})
    rows = pd.DataFrame({"municipality": pd.Series(codes * 3, dtype="category"), "n": range(33)})
    tables = {"municipalities": places, "visits": places.head(3), "usage": rows}
    blocks = list(scope.split_municipalities(tables, at_most=4))

    assert [len(block["municipalities"]) for block in blocks] == [4, 4, 3]
    assert [code for block in blocks for code in sorted(block["municipalities"]["municipality"])] == codes
    assert sorted(n for block in blocks for n in block["usage"]["n"]) == list(range(33))
    for block in blocks:
        assert block["usage"]["municipality"].dtype == "str"
        assert set(block["usage"]["municipality"]) == set(block["municipalities"]["municipality"])


def test_a_round_of_nobody_is_one_empty_block():
    nobody = pd.DataFrame({"municipality": pd.Series(dtype="str")})
    (block,) = scope.split_municipalities({"municipalities": nobody, "visits": nobody}, at_most=4)
    assert {name: len(table) for name, table in block.items()} == {"municipalities": 0, "visits": 0}
