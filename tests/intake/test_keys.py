"""Keys as numbers, and each distinct key looked up once."""

import numpy as np
import pandas as pd

from klktools.intake.keys import beside, distinct_rows, number_rows

TABLE = pd.DataFrame(
    {
        "municipality": pd.Series(["0012", "0011", "0012", "0011", "0012"], dtype="category"),
        "solution": pd.Series(["L2", "L1", "L2", None, "L1"], dtype="str"),
        "month": pd.to_datetime(["2018-02-01", "2018-01-01", "2018-02-01", "2018-01-01", None]),
    }
)
KEYS = ["municipality", "solution", "month"]


def test_numbers_are_equal_for_equal_keys_and_sort_as_the_keys_do():
    numbers = number_rows(TABLE, KEYS)
    assert numbers[0] == numbers[2]
    assert len(set(numbers)) == 4
    assert list(np.argsort(numbers, kind="stable")) == list(TABLE.sort_values(KEYS, kind="stable").index)


def test_more_combinations_than_a_number_can_tell_apart_are_counted_anew():
    rng = np.random.default_rng(1)
    wide = pd.DataFrame({f"k{n}": rng.permutation(200) for n in range(12)})  # 201 ** 12 exceeds 2 ** 63
    twice = pd.concat([wide, wide], ignore_index=True)
    numbers = number_rows(twice, list(wide))
    assert len(set(numbers)) == 200
    assert (numbers[:200] == numbers[200:]).all()
    assert list(np.argsort(numbers[:200])) == list(wide.sort_values(list(wide)).index)


def test_every_combination_stands_once_and_as_text():
    places, combinations = distinct_rows(TABLE, ["municipality", "solution"])
    assert combinations.to_dict("list") == {
        "municipality": ["0012", "0011", "0011", "0012"],
        "solution": ["L2", "L1", np.nan, "L1"],
    }
    assert combinations.dtypes.astype("str").tolist() == ["str", "str"]
    assert places.tolist() == [0, 1, 0, 2, 3]


def test_a_table_without_rows_has_no_combinations():
    places, combinations = distinct_rows(TABLE.head(0), KEYS)
    assert (len(places), len(combinations)) == (0, 0)


def test_columns_of_another_table_stand_beside_their_rows():
    other = pd.DataFrame(
        {
            "municipality": ["0011", "0012", "0012"],
            "solution": ["L1", "L2", "L2"],
            "go_live": pd.to_datetime(["2016-01-01", "2017-01-01", "2018-01-01"]),
        }
    )
    rows = TABLE.set_axis([10, 20, 30, 40, 50])
    found = beside(rows, other, ["municipality", "solution"], ["go_live"])
    dates = pd.to_datetime(["2017-01-01", "2016-01-01", "2017-01-01", None, None])
    pd.testing.assert_frame_equal(
        found, pd.DataFrame({"go_live": dates}, index=rows.index), check_dtype=False
    )
