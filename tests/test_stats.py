"""Every kernel against an outside witness: the framework's vectors, another library, arithmetic by hand."""

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm, theilslopes
from statsmodels.stats.proportion import proportion_confint

from klktools import stats

# framework 4.1, I07: a rising year with a dip in July
RISING = [10, 11, 12, 12, 14, 15, 7, 16, 17, 18, 19, 20]
few_values = st.lists(st.integers(0, 6) | st.just(np.nan), min_size=2, max_size=14)


def test_ratio_divides_and_leaves_a_quotient_without_a_denominator_missing():
    found = stats.ratio([1, 0, 1, np.nan, 3], [4, 4, 0, 4, np.nan])

    np.testing.assert_array_equal(found, [0.25, 0, np.nan, np.nan, np.nan])


def test_ratio_reads_nullable_columns():
    through, eligible = pd.array([1, None, 3], "Int64"), pd.array([2, 2, None], "Int64")

    np.testing.assert_array_equal(stats.ratio(pd.Series(through), pd.Series(eligible)), [0.5, np.nan, np.nan])


def test_exceeds_is_strict_and_blind_to_floating_point_noise():
    found = stats.exceeds([0.25, 0.1 + 0.15000000000000002, 0.2501, 0.2, np.nan], 0.25)

    assert found.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("share", "n", "low"),
    [(0.32, 100, 0.2489), (0.33, 100, 0.2580), (0.2875, 400, 0.2518)],
    ids=["V5", "V6", "V7"],
)
def test_wilson_limits_are_those_of_the_framework(share, n, low):
    assert stats.wilson_limits(share, n, z=1.645)[0] == pytest.approx(low, abs=5e-5)


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_limits_agree_with_statsmodels(hits, n):
    hits = min(hits, n)
    low, high = stats.wilson_limits(hits / n, n, z=1.645)

    expected = proportion_confint(hits, n, alpha=2 * norm.sf(1.645), method="wilson")
    np.testing.assert_allclose([low, high], expected, atol=1e-9)


def test_wilson_limits_are_missing_without_a_sample():
    low, high = stats.wilson_limits([0.3, np.nan], [0, np.nan], z=1.645)

    assert np.isnan(low).all()
    assert np.isnan(high).all()


@pytest.mark.parametrize(
    ("coverage", "share", "lower", "upper"),
    [(0.75, 0.4, 0.3, 0.55), (0.75, 0.2, 0.15, 0.4), (0.5, 0.45, 0.225, 0.725), (0.95, 4 / 38, 0.1, 0.15)],
    ids=["V1", "V2", "V3", "V4"],
)
def test_certainty_bounds_are_those_of_the_framework(coverage, share, lower, upper):
    assert stats.certainty_bounds(coverage, share, share) == pytest.approx((lower, upper))


def test_trend_of_the_framework_vector():
    slope, test = stats.theil_sen(RISING), stats.mann_kendall(RISING)

    assert slope == pytest.approx([0.905], abs=5e-4)
    assert test.s.tolist() == [53]
    assert test.variance == pytest.approx([211.67], abs=5e-3)
    assert test.z == pytest.approx([3.574], abs=5e-4)
    assert test.p == pytest.approx([0.00035], abs=5e-6)


@given(few_values)
def test_mann_kendall_agrees_with_pymannkendall_on_gaps_and_ties(series):
    present = [value for value in series if not np.isnan(value)]
    assume(len(set(present)) > 1)
    found, expected = stats.mann_kendall(series), pymannkendall.original_test(present)

    assert found.s[0] == expected.s
    assert found.variance[0] == pytest.approx(expected.var_s)
    assert found.z[0] == pytest.approx(expected.z)
    assert found.p[0] == pytest.approx(expected.p)


@given(few_values)
def test_theil_sen_agrees_with_scipy_when_months_are_missing(series):
    values = np.array(series, dtype=float)
    present = ~np.isnan(values)
    assume(present.sum() > 1)

    expected = theilslopes(values[present], np.flatnonzero(present)).slope
    assert stats.theil_sen(values) == pytest.approx([expected])


def test_trends_of_many_rows_are_those_of_each_row():
    rows = np.array([RISING, RISING[::-1], [5.0] * 12, [np.nan] * 11 + [3]])

    np.testing.assert_allclose(stats.theil_sen(rows)[:3], [stats.theil_sen(row)[0] for row in rows[:3]])
    assert stats.theil_sen(rows)[2] == 0
    assert np.isnan(stats.theil_sen(rows)[3])
    assert stats.mann_kendall(rows).s.tolist() == [53, -53, 0, 0]
    assert stats.mann_kendall(rows).p[2:].tolist() == [1, 1]


def test_trend_of_no_rows_or_no_steps_is_empty_or_missing():
    assert stats.theil_sen(np.empty((0, 5))).shape == (0,)
    assert np.isnan(stats.theil_sen(np.empty((2, 0)))).tolist() == [True, True]


def test_reference_curve_passes_through_the_framework_values():
    found = stats.logistic_share([3, 6, 12, 18, 24, 36, 48], ceiling=0.8, rate=0.13, midpoint=18)

    assert (100 * found).round().tolist() == [10, 14, 25, 40, 55, 73, 78]


def test_half_life_is_that_of_the_framework_table():
    found = stats.half_life([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4])

    assert found.round(2).tolist() == [6.58, 4.27, 3.11, 2.41, 1.94, 1.61, 1.36]


def test_half_life_at_the_ends():
    np.testing.assert_array_equal(stats.half_life([0, 1, np.nan]), [np.inf, 0, np.nan])


@pytest.mark.parametrize(
    ("leaving", "left"),
    [(0.1, (90, 81, 73)), (0.15, (85, 72, 61)), (0.2, (80, 64, 51)), (0.25, (75, 56, 42))]
    + [(0.3, (70, 49, 34)), (0.35, (65, 42, 27)), (0.4, (60, 36, 22))],
)
def test_remaining_of_a_hundred_trained_is_that_of_the_framework_table(leaving, left):
    # the table prints 28 at 35 per cent after three years; 0.65 ** 3 is 0.2746
    assert stats.remaining_trained(100, [1, 2, 3], leaving=leaving).round().tolist() == list(left)


def test_trained_persons_thin_out_as_in_the_first_framework_vector():
    assert stats.remaining_trained([80, 10], [3, 1], leaving=0.3).sum() / 100 == pytest.approx(
        0.344, abs=5e-4
    )


@pytest.mark.parametrize(("kappa", "expected"), [(0.0, 0.342), (0.85, 0.886)])
def test_share_trained_is_that_of_the_other_framework_vectors(kappa, expected):
    found = stats.share_trained(0.95, 2, leaving=0.4, newcomers=kappa)

    assert found == pytest.approx(expected, abs=5e-4)


def test_months_between_counts_calendar_months_and_leaves_missing_missing():
    start = pd.Series(pd.to_datetime(["2017-10-31", "2018-09-01", None]))
    end = pd.Series(pd.to_datetime(["2018-09-01", "2018-07-01", "2018-07-01"]))

    np.testing.assert_array_equal(stats.months_between(start, end), [11, -2, np.nan])


def test_years_between_counts_days():
    found = stats.years_between(pd.to_datetime(["2015-09-30"]), pd.to_datetime(["2018-09-30"]))

    assert found == pytest.approx([1096 / 365.25])
