"""What was delivered, what was measured, and what the shares are shares of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from klktools import stats
from klktools.contract import load_contract

SOLUTION = ["municipality", "solution"]
DENOMINATORS = ("all_eligible", "all", "own_solution_only", "unknown")


def count_by_rule(journal: pd.DataFrame) -> pd.DataFrame:
    """Count the problems or corrections of a round by table and rule, the most frequent first.

    Returns
    -------
    DataFrame
        One row per table x rule (x severity of problems): n, and the first file, cell and message.
    """
    by = [name for name in ("severity", "table", "rule") if name in journal]
    grouped = journal.assign(n=1.0).groupby(by, dropna=False, as_index=False)
    first = {name: (name, "first") for name in ("file", "cell", "message")}
    counted = grouped.agg(n=("n", "sum"), **first)
    return counted.sort_values(["n", *by], ascending=[False] + [True] * len(by), ignore_index=True)


def list_deliveries(quality: pd.DataFrame) -> pd.DataFrame:
    """List every table of the contract, also those that one municipality did not deliver.

    Parameters
    ----------
    quality : DataFrame
        `data_quality` of one municipality.

    Returns
    -------
    DataFrame
        One row per table, in the order of the contract: delivered (flag), rows_delivered, rows_accepted,
        rows_rejected, rows_warned and I27 (0-1), missing where nothing was delivered.
    """
    names = pd.DataFrame({"table": list(load_contract().tables)})
    listed = names.merge(quality.drop(columns="municipality"), on="table", how="left")
    listed.insert(1, "delivered", listed["rows_delivered"].gt(0))
    return listed


def map_coverage(cells: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Map which part of the expected transactions was measured.

    Parameters
    ----------
    cells : DataFrame
        `cells`.
    by : {"month", "department"}
        What the columns are.

    Returns
    -------
    DataFrame
        One row per solution, one column per month (YYYY-MM) or department: measured part of the expected
        volume, 0-1; missing where nothing is expected. Without a volume every cell weighs the same.
    """
    weight = weigh_cells(cells)
    across = cells["month"].dt.strftime("%Y-%m") if by == "month" else cells[by]
    parts = pd.DataFrame({"all": weight, "measured": weight.where(cells["measured"], 0.0)})
    sums = parts.groupby([cells["municipality"], cells["solution"], across.rename(by)]).sum()
    share = pd.Series(stats.ratio(sums["measured"], sums["all"]), index=sums.index)
    return share.unstack(by).rename_axis(columns=None).reset_index()


def count_reasons(cells: pd.DataFrame) -> pd.DataFrame:
    """Count why cells are not measured: one row per solution x reason with n_cells and n_departments."""
    silent = cells[~cells["measured"]]
    grouped = silent.groupby([*SOLUTION, "reason"], as_index=False)
    return grouped.agg(n_cells=("month", "size"), n_departments=("department", "nunique"))


def compare_denominators(
    depth: pd.DataFrame,
    cells: pd.DataFrame,
    municipalities: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Hold the share of each solution against every denominator there is.

    Parameters
    ----------
    depth, cells : DataFrame
        `depth_by_solution` and `cells`.
    municipalities : DataFrame
        T1: municipality, population.
    assumptions : mapping
        `volume_norm_<function>`: yearly transactions per inhabitant.

    Returns
    -------
    DataFrame
        One row per solution: through and eligible as delivered in the window (transactions, measured or not);
        the delivered share under the denominator it was delivered with (of_all_eligible, of_all,
        of_own_solution_only, of_unknown); of_log, from the raw log; of_norm, of the function's norm; I01,
        what counts as measured; and I04. Shares are 0-1 but not capped: an own denominator gives 1.
    """
    both = cells[["through", "eligible"]].notna().all(axis=1)
    sums = cells[both].groupby(SOLUTION)[["through", "eligible"]].sum().reset_index()
    table = depth[[*SOLUTION, "function", "denominator", "months_expected", "log_share", "I01", "I04"]]
    table = table.merge(sums, on=SOLUTION, how="left")
    table = table.merge(municipalities[["municipality", "population"]], on="municipality", how="left")
    share = pd.Series(stats.ratio(table["through"], table["eligible"]), index=table.index)
    kinds = {f"of_{kind}": share.where(table["denominator"].eq(kind)) for kind in DENOMINATORS}
    norms = table["function"].map(lambda function: assumptions.get(f"volume_norm_{function}", np.nan))
    norm = norms.astype(float) * table["population"].astype(float) * table["months_expected"] / 12
    table = table.assign(**kinds, of_log=table["log_share"], of_norm=stats.ratio(table["through"], norm))
    return table[
        [
            *SOLUTION,
            "function",
            "denominator",
            "through",
            "eligible",
            *kinds,
            "of_log",
            "of_norm",
            "I01",
            "I04",
        ]
    ]


def weigh_cells(cells: pd.DataFrame) -> pd.Series:
    """Return the expected volume of each cell (transactions); 1 for each where the solution has none."""
    known = cells["expected_volume"].groupby([cells[key] for key in SOLUTION]).transform("sum") > 0
    return cells["expected_volume"].where(known, 1.0)
