"""Kernels on numbers and arrays. They know no table and no column of ours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]

DAYS_A_YEAR = 365.25
NOISE = 1e-9


class MannKendall(NamedTuple):
    """Mann-Kendall statistics, one value per series: S, its variance, z and the two-sided p."""

    s: Floats
    variance: Floats
    z: Floats
    p: Floats


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Divide where the denominator is above zero; elsewhere the quotient is missing."""
    top, bottom = np.broadcast_arrays(_floats(numerator), _floats(denominator))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def exceeds(values: ArrayLike, limit: ArrayLike) -> NDArray[np.bool_]:
    """Strictly above the limit, where a difference of floating-point noise is no difference.

    Missing values exceed nothing.
    """
    return _floats(values) - _floats(limit) > NOISE


def wilson_limits(share: ArrayLike, n: ArrayLike, *, z: float) -> tuple[Floats, Floats]:
    """Wilson limits of a share from a sample (I03).

    Parameters
    ----------
    share : array_like
        Share in the sample, 0-1.
    n : array_like
        Sample size; the limits are missing where it is not above zero.
    z : float
        Normal quantile of each limit: 1.645 gives a one-sided 95 per cent limit on either side.

    Returns
    -------
    low, high : ndarray
        Shares, 0-1.
    """
    p, m = np.broadcast_arrays(_floats(share), _floats(n))
    shrink = ratio(z**2, m)
    centre = (p + shrink / 2) / (1 + shrink)
    half = z * np.sqrt(ratio(p * (1 - p), m) + shrink**2 / (4 * z**2)) / (1 + shrink)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def certainty_bounds(coverage: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[Floats, Floats]:
    """Worst-case limits of a share of which only a part was measured (I03).

    Parameters
    ----------
    coverage : array_like
        Measured part of the whole, 0-1.
    low, high : array_like
        Limits of the share in the measured part, 0-1.

    Returns
    -------
    lower, upper : ndarray
        ``coverage * low`` (nothing of the rest) and ``coverage * high + 1 - coverage`` (all of the rest).
    """
    c = _floats(coverage)
    return c * _floats(low), c * _floats(high) + (1 - c)


def theil_sen(series: ArrayLike) -> Floats:
    """Theil-Sen slope per step of each row: the median slope over all pairs of values (I07).

    Parameters
    ----------
    series : array_like, shape (rows, steps)
        One equally spaced series a row; a missing value keeps its place and joins no pair.

    Returns
    -------
    ndarray, shape (rows,)
        Slope in the unit of the series per step; missing with fewer than two values.
    """
    values = _rows(series)
    early, late = np.triu_indices(values.shape[1], k=1)
    return _row_medians((values[:, late] - values[:, early]) / (late - early))


def mann_kendall(series: ArrayLike) -> MannKendall:
    """Mann-Kendall test for trend of each row, with tie and continuity correction (I07).

    Parameters
    ----------
    series : array_like, shape (rows, steps)
        One series a row, in time order; missing values are passed over.

    Returns
    -------
    MannKendall
        Arrays of shape (rows,): S, its variance, z and the two-sided p. A row without variance (fewer than
        two values, or all equal) has z = 0 and p = 1.
    """
    values = _rows(series)
    early, late = np.triu_indices(values.shape[1], k=1)
    s = np.nansum(np.sign(values[:, late] - values[:, early]), axis=1)
    variance = _kendall_variance(values)
    z = np.nan_to_num(ratio(s - np.sign(s), np.sqrt(variance)))
    return MannKendall(s, variance, z, 2 * ndtr(-np.abs(z)))


def logistic_share(months: ArrayLike, *, ceiling: ArrayLike, rate: float, midpoint: float) -> Floats:
    """Reference curve of adoption: ``ceiling / (1 + exp(-rate * (months - midpoint)))`` (I08)."""
    return _floats(ceiling) * expit(rate * (_floats(months) - midpoint))


def half_life(leaving: ArrayLike) -> Floats:
    """Years until half of those trained have left, ``ln 2 / -ln(1 - q)`` (I21b).

    Infinite when nobody leaves, 0 when all leave within the year.
    """
    q = np.clip(_floats(leaving), 0, 1)
    with np.errstate(divide="ignore"):
        return np.abs(np.log(2) / np.log1p(-q))


def remaining_trained(persons: ArrayLike, years: ArrayLike, *, leaving: ArrayLike) -> Floats:
    """Persons still there of those trained some years ago, ``persons * (1 - q) ** years`` (I21a)."""
    stay = 1 - np.clip(_floats(leaving), 0, 1)
    return _floats(persons) * stay ** _floats(years)


def share_trained(
    start: ArrayLike, years: ArrayLike, *, leaving: ArrayLike, newcomers: ArrayLike = 0.0
) -> Floats:
    """Share trained after some years, ``kappa + (c0 - kappa) * (1 - q) ** years`` (I21).

    Parameters
    ----------
    start : array_like
        Share trained at the outset, c0, 0-1.
    years : array_like
        Years since then.
    leaving : array_like
        Yearly leaving rate q, 0-1.
    newcomers : array_like, optional
        Share of newcomers trained, kappa, 0-1.

    Returns
    -------
    ndarray
        Share, 0-1.
    """
    kappa = _floats(newcomers)
    return kappa + remaining_trained(_floats(start) - kappa, years, leaving=leaving)


def months_between(start: ArrayLike, end: ArrayLike) -> Floats:
    """Calendar months from one date to another, days left aside; missing when a date is missing.

    Parameters
    ----------
    start, end : array_like of datetime64
        Dates or months.

    Returns
    -------
    ndarray
        Whole months as floats, negative when ``end`` is the earlier.
    """
    return _elapsed(start, end, "M")


def years_between(start: ArrayLike, end: ArrayLike) -> Floats:
    """Years from one date to another in days of a 365.25-day year; missing when a date is missing."""
    return _elapsed(start, end, "D") / DAYS_A_YEAR


def _floats(values: ArrayLike) -> Floats:
    if hasattr(values, "to_numpy"):  # a nullable column has its own missing value
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(values, dtype=float)


def _rows(series: ArrayLike) -> Floats:
    return np.atleast_2d(_floats(series))


def _row_medians(values: Floats) -> Floats:
    # np.nanmedian is slow over many short rows and warns at the empty ones
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)
    n = (~np.isnan(values)).sum(axis=1)
    rows = np.arange(len(values))
    return (ordered[rows, np.maximum(n - 1, 0) // 2] + ordered[rows, n // 2]) / 2


def _kendall_variance(values: Floats) -> Floats:
    n = (~np.isnan(values)).sum(axis=1)
    # a value tied with t - 1 others stands for its share of t(t-1)(2t+5), summed over all values of the row
    t = (values[:, :, None] == values[:, None, :]).sum(axis=2)
    ties = np.where(t > 0, (t - 1) * (2 * t + 5), 0).sum(axis=1)
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def _elapsed(start: ArrayLike, end: ArrayLike, unit: str) -> Floats:
    first = np.asarray(start, dtype="datetime64[ns]").astype(f"datetime64[{unit}]")
    last = np.asarray(end, dtype="datetime64[ns]").astype(f"datetime64[{unit}]")
    steps = (last - first).astype(float)
    return np.where(np.isnat(first) | np.isnat(last), np.nan, steps)
