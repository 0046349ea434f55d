"""Support, contact with users and follow-up after the project (I22-I24)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

SOLUTION = ["municipality", "solution"]
# managers in the line: the head of digitalisation owns the system, not the work done with it (framework, L4)
LINE_MANAGERS = ("KD", "DIR", "OC", "HRC", "FC", "IL")
COLUMNS = [
    *(*SOLUTION, "months_since_go_live", "n_channels", "I22_ok", "latest_feedback", "changes_6m", "I23_ok"),
    *("manager_role", "follow_ups_12m", "I24_ok"),
]


def list_channels(support: pd.DataFrame, operating: pd.DataFrame) -> pd.DataFrame:
    """Support channels of the solutions in operation, and whether they run at the visit.

    Parameters
    ----------
    support : DataFrame
        One row per solution x channel (T17).
    operating : DataFrame
        One row per solution in operation.

    Returns
    -------
    DataFrame
        `support_matrix` of docs/architecture.md.
    """
    table = support.merge(operating[[*SOLUTION, "as_of"]], on=SOLUTION)
    ended = table["active_to"] < table["as_of"]
    table = table.assign(active=(table["active_from"] <= table["as_of"]) & ~ended)
    columns = [*SOLUTION, "channel", "active", "funding", "known_by_users"]
    return table.sort_values([*SOLUTION, "channel"], ignore_index=True)[columns]


def check_support(
    operating: pd.DataFrame,
    support: pd.DataFrame,
    channels: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Support, contact with users and follow-up of each solution (I22-I24).

    Parameters
    ----------
    operating : DataFrame
        One row per solution in operation.
    support : DataFrame
        One row per solution x channel (T17).
    channels : DataFrame
        Result of `list_channels`.
    assumptions : mapping
        `support_min_channels`, `support_min_age_months`, `feedback_months`, `follow_ups_min`.

    Returns
    -------
    DataFrame
        `support_by_solution` of docs/architecture.md: one row per solution in operation. I22_ok and I24_ok
        are missing for young solutions; each is missing when the municipality delivered nothing on it.
    """
    table = operating.merge(_sum_support(support, channels), on=SOLUTION, how="left")
    old = table["months_since_go_live"] > assumptions["support_min_age_months"]
    since = table["as_of"] - pd.DateOffset(months=int(assumptions["feedback_months"]))
    asked = _delivered(table, support, ["channel"])
    heard = _delivered(table, support, ["latest_feedback", "changes_6m"])
    led = _delivered(table, operating, ["manager_role", "follow_ups_12m"])
    n_channels = table["n_channels"].fillna(0.0).where(asked)
    manager = table["manager_role"].isin(LINE_MANAGERS)
    follow_ups = table["follow_ups_12m"].astype(float)
    listened = (table["latest_feedback"] >= since) & (table["changes_6m"] >= 1)
    followed = manager & (follow_ups >= assumptions["follow_ups_min"])
    table = table.assign(
        n_channels=n_channels,
        I22_ok=(n_channels >= assumptions["support_min_channels"]).astype("boolean").where(old & asked),
        I23_ok=listened.astype("boolean").where(heard),
        follow_ups_12m=follow_ups,
        I24_ok=followed.astype("boolean").where(old & led),
    )
    return table[COLUMNS]


def judge_support(support: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Support, contact with users and follow-up in each municipality (L1, L3, L4).

    Parameters
    ----------
    support : DataFrame
        Result of `check_support`.
    assumptions : mapping
        `support_min_age_months`.

    Returns
    -------
    DataFrame
        One row per municipality (as index): n_old_solutions; I22, I23 and I24 (shares of solutions) with the
        number that fall short; n_I23_base (solutions in operation); evidence, status and reason of L1, L3
        and L4.
    """
    old = support["months_since_go_live"] > assumptions["support_min_age_months"]
    counts = {"n_old_solutions": old, "n_I23_base": support["I23_ok"].notna()}
    for indicator in ("I22", "I23", "I24"):
        counts[f"n_{indicator}_short"] = (~support[f"{indicator}_ok"]).fillna(False)
    table = pd.DataFrame(counts).astype(float).groupby(support["municipality"]).sum()
    for indicator, criterion in (("I22", "L1"), ("I23", "L3"), ("I24", "L4")):
        share = support[f"{indicator}_ok"].astype(float).groupby(support["municipality"]).mean()
        too_young = (table["n_old_solutions"] == 0) & (criterion != "L3")
        table = table.assign(**{indicator: share}).join(_judge(share, too_young, criterion))
    shares = (
        table[["I22", "I23", "I24"]].notna().set_axis(["n_I22_short", "n_I23_short", "n_I24_short"], axis=1)
    )
    return table.assign(**table[list(shares)].where(shares))


def _sum_support(support: pd.DataFrame, channels: pd.DataFrame) -> pd.DataFrame:
    active = channels.groupby(SOLUTION)["active"].sum().astype(float)
    contact = support.assign(changes_6m=support["changes_6m"].astype(float)).groupby(SOLUTION)
    heard = contact[["latest_feedback"]].max().join(contact[["changes_6m"]].sum(min_count=1))
    return heard.join(active.rename("n_channels"), how="outer").reset_index()


def _delivered(table: pd.DataFrame, source: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Whether the municipality delivered these columns: a blank is a no only where others are filled."""
    some = source.loc[source[columns].notna().any(axis=1), "municipality"]
    return table["municipality"].isin(some.unique())


def _judge(share: pd.Series, too_young: pd.Series, criterion: str) -> pd.DataFrame:
    known = share.notna()
    status = np.select([known, too_young], ["measured", "not_relevant"], default="not_examined")
    reason = np.where(too_young, "no_old_solutions", "not_delivered")
    judged = {
        f"evidence_{criterion}": pd.Series(np.where(known, "B", "D"), index=share.index, dtype="str"),
        f"status_{criterion}": pd.Series(status, index=share.index, dtype="str"),
        f"reason_{criterion}": pd.Series(reason, index=share.index, dtype="str").mask(known),
    }
    return pd.DataFrame(judged)
