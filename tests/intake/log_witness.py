"""T10 counted in pandas: an independent witness for what DuckDB counts."""

from __future__ import annotations

import pandas as pd

from klktools.contract import fold

_KEY = ["municipality", "transaction"]
_CELL = ["municipality", "solution", "department", "month"]
_COUNTS = {"through": "Int64", "eligible": "Int64", "as_intended": "Int64"}


def place_in_departments(log: pd.DataFrame, departments: pd.DataFrame) -> pd.DataFrame:
    """The log with `department`: the id that `department_ref` is, names or spells; missing when it is none.

    Parameters
    ----------
    log, departments : DataFrame
        Valid rows of T10 and T3. An id wins over a name, a name over another spelling.
    """
    known = pd.concat(
        [
            _spellings(departments, departments["department"]),
            _spellings(departments, departments["name"]),
            _spellings(departments, departments["aliases"].str.split("|").explode()),
        ]
    ).drop_duplicates(["municipality", "ref"])
    asked = log[["municipality"]].assign(ref=_folded(log["department_ref"]))
    found = asked.merge(known, on=["municipality", "ref"], how="left")
    return log.assign(department=found["department"].to_numpy())


def _spellings(departments: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    texts = texts.dropna()
    rows = departments.loc[texts.index, ["municipality", "department"]]
    return rows.assign(ref=_folded(texts).to_numpy())


def _folded(texts: pd.Series) -> pd.Series:
    distinct = {text: fold(text) for text in texts.dropna().unique()}
    return texts.map(distinct).astype("str")


def aggregate_log(log: pd.DataFrame) -> pd.DataFrame:
    """Count each transaction once, in the month it was completed and the department of the buyer.

    Parameters
    ----------
    log : DataFrame
        Valid rows of T10 with `department`; `timestamp` is Danish local time, `instant` the same in UTC.

    Returns
    -------
    DataFrame
        `logged_usage`, one row per municipality, solution, department and month: `eligible` transactions
        completed by any channel, `through` by the solution, `as_intended` among those (missing when any
        of them does not say). Transactions with a test, a cancellation or a credit note are left out.
    """
    void = log.loc[log["event_type"].isin(["test", "cancelled", "credited"]), _KEY].drop_duplicates()
    ranked = log.assign(
        channel_rank=log["channel"] != "solution",
        intended_rank=log["as_intended"].map({True: 0, False: 1}).fillna(2),
    )
    ordered = ranked.sort_values(["instant", "solution", "department", "channel_rank", "intended_rank"])
    done = ordered[ordered["event_type"] == "completed"].drop_duplicates(_KEY)
    done = done.merge(void, on=_KEY, how="left", indicator="void").query("void == 'left_only'")
    buyers = ordered[ordered["event_type"] == "created"].drop_duplicates(_KEY)[[*_KEY, "department"]]
    done = done.merge(buyers, on=_KEY, how="left", suffixes=("", "_buyer"))
    through = done["channel"] == "solution"
    counted = done.assign(
        department=done["department_buyer"].fillna(done["department"]),
        month=done["timestamp"].to_numpy().astype("datetime64[M]").astype("datetime64[us]"),
        eligible=1,
        through=through.astype(int),
        as_intended=done["as_intended"].where(through).astype("Int64"),
        unknown=(through & done["as_intended"].isna()).astype(int),
    )
    sums = counted.groupby(_CELL)[["through", "eligible", "as_intended", "unknown"]].sum().reset_index()
    sums["as_intended"] = sums["as_intended"].mask(sums["unknown"] > 0)
    return sums[[*_CELL, *_COUNTS]].astype({**dict.fromkeys(_CELL[:3], "str"), **_COUNTS})
