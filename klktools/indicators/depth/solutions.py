"""One row per solution in operation: the parts put together, and what is known of unmeasured solutions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.indicators.depth.cells import SOLUTION

VOLUME_NORM = "volume_norm_"
COUNTS = [
    "n_departments",
    "n_departments_over",
    "n_departments_measured",
    "n_trend_months",
    "months_measured",
]


def compare_shares(cells: pd.DataFrame, logged_usage: pd.DataFrame, operating: pd.DataFrame) -> pd.DataFrame:
    """Shares to hold against a suspect figure: the one stated, and the one in the raw log.

    Parameters
    ----------
    cells : DataFrame
        `cells` of docs/architecture.md.
    logged_usage : DataFrame
        One row per municipality, solution, department and month, with through and eligible.
    operating : DataFrame
        One row per solution in operation, with window_from and period_to.

    Returns
    -------
    DataFrame
        One row per solution with either: stated_share (pooled over the cells with a suspect denominator) and
        log_share (pooled over the window).
    """
    suspect = cells[(cells["reason"] == "suspect_denominator") & cells["eligible"].notna()]
    log = logged_usage.merge(operating[[*SOLUTION, "window_from", "period_to"]], on=SOLUTION)
    log = log[log["month"].between(log["window_from"], log["period_to"]) & log["eligible"].notna()]
    shares = {"stated_share": _pooled_share(suspect), "log_share": _pooled_share(log)}
    return pd.concat(shares, axis=1).rename_axis(SOLUTION).reset_index()


def join_solutions(
    operating: pd.DataFrame, parts: Iterable[pd.DataFrame], cells: pd.DataFrame, usage: pd.DataFrame
) -> pd.DataFrame:
    """Put together what was measured of each solution in operation, and say why the rest was not.

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation.
    parts : iterable of DataFrame
        Results with one row per solution, keyed by municipality and solution: those of `shares`, `trend` and
        `compare_shares`.
    cells : DataFrame
        `cells` of docs/architecture.md.
    usage : DataFrame
        One row per solution x department x month (T9).

    Returns
    -------
    DataFrame
        `operating` with the parts' columns, has_figure, suspect_denominator, evidence (A-D), status and
        reason.
    """
    table = operating
    for part in parts:
        table = table.merge(part, on=SOLUTION, how="left")
    figure = _marks(table, usage[usage["through"].notna()])
    suspect = _marks(table, cells[cells["reason"] == "suspect_denominator"])
    measured = table["I02"] > 0
    guess = pd.Series(np.where(figure, "C", "D"), index=table.index, dtype="str")
    return table.assign(
        I02=table["I02"].fillna(0.0),
        I04=table["I04"].fillna("cannot_be_said"),
        I07_class=table["I07_class"].fillna("cannot_be_assessed"),
        months_expected=table["months_expected"].fillna(0.0),
        last_months_measured=table["last_months_measured"].fillna(0.0),
        **{count: table[count].fillna(0.0).astype(float) for count in COUNTS},
        has_figure=figure,
        suspect_denominator=suspect | (table["denominator"] == "own_solution_only"),
        evidence=table["evidence"].where(measured, guess),
        status=pd.Series(np.where(measured, "measured", "cannot_be_said"), index=table.index, dtype="str"),
        reason=table["reason"].fillna("no_departments").mask(measured),
    )


def fill_volumes(
    depth: pd.DataFrame, municipalities: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Give solutions without a denominator a volume from the norm of their function (I03).

    Parameters
    ----------
    depth : DataFrame
        One row per solution in operation: function, go_live, window_from, period_to, expected_volume.
    municipalities : DataFrame
        One row per municipality (T1): municipality, population.
    assumptions : mapping
        `volume_norm_<function>`, yearly transactions per inhabitant.

    Returns
    -------
    DataFrame
        `depth` with expected_volume filled for the solution's months in the window, volume_from_norm and
        left_out (no volume and no norm).
    """
    norms = {
        name.removeprefix(VOLUME_NORM): value
        for name, value in assumptions.items()
        if name.startswith(VOLUME_NORM)
    }
    people = depth[["municipality"]].merge(municipalities[["municipality", "population"]], how="left")[
        "population"
    ]
    start = depth["window_from"].where(depth["window_from"] >= depth["go_live"], depth["go_live"])
    years = (stats.months_between(start, depth["period_to"]) + 1) / 12
    norm = depth["function"].map(norms).astype(float) * people.astype(float).to_numpy() * years
    volume = depth["expected_volume"].fillna(norm)
    return depth.assign(
        expected_volume=volume,
        volume_from_norm=depth["expected_volume"].isna() & norm.notna(),
        left_out=volume.isna(),
    )


def _pooled_share(rows: pd.DataFrame) -> pd.Series:
    sums = rows.groupby(SOLUTION)[["through", "eligible"]].sum().astype(float)
    return pd.Series(stats.ratio(sums["through"], sums["eligible"]), index=sums.index)


def _marks(table: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    marked = rows[SOLUTION].drop_duplicates().assign(marked=True)
    return table[SOLUTION].merge(marked, on=SOLUTION, how="left")["marked"].eq(True).set_axis(table.index)
