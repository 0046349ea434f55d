"""Do the assumptions hold? Functionality, usage and time, and what is left of the business case (I18-I20)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from klktools import stats

MEASURED = ("A", "B")
LETTERS = {"functionality": "F", "usage": "U", "time_per_task": "T"}
_CLASS_OF_METHOD = {"system": "A", "stopwatch": "B", "self_reported": "C", "estimate": "C"}
_PLACE = ["municipality", "solution"]


def follow_assumptions(
    tables: Mapping[str, pd.DataFrame],
    depth_by_solution: pd.DataFrame,
    periods: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Hold each assumption of the business cases against what was measured.

    A usage assumption is held against its own system measurement, else against I01 of the solution. For time,
    `done` and `due` are the minutes saved and to be saved; where no saving was assumed nothing can be
    achieved.

    Returns
    -------
    DataFrame
        One row per assumption: the columns of T14 with measured_value as used, evidence (A system, B
        stopwatch, C said or unknown method; that of the solution for I01), done, due, achieved, followed_up
        (dated within `follow_up_months` of the end of the data period) and adjusted.
    """
    usage = depth_by_solution.reindex(columns=[*_PLACE, "I01", "evidence"]).rename(
        columns={"evidence": "found"}
    )
    rows = tables["assumptions"].merge(usage, on=_PLACE, how="left")
    rows = rows.merge(periods[["municipality", "period_to"]], on="municipality", how="left")
    by_system = rows["method"].eq("system") & rows["measured_value"].notna()
    by_depth = rows["type"].eq("usage") & ~by_system & rows["I01"].notna()
    value = rows["measured_value"].mask(by_depth, rows["I01"])
    evidence = rows["method"].map(_CLASS_OF_METHOD).fillna("C").mask(by_depth, rows["found"].fillna("B"))
    timed = rows["type"].eq("time_per_task")
    due = rows["assumed_value"].mask(timed, rows["baseline_value"] - rows["assumed_value"])
    done = value.mask(timed, rows["baseline_value"] - value)
    months = pd.DateOffset(months=1 - int(assumptions["follow_up_months"]))
    return rows.drop(columns=["I01", "found", "period_to"]).assign(
        weight=rows["weight"].fillna(1.0),
        measured_value=value,
        evidence=evidence.where(value.notna()),
        done=done,
        due=due,
        achieved=stats.ratio(done, due),
        followed_up=rows["measured_date"] >= rows["period_to"] + months,
        adjusted=rows["adjusted"].fillna(False).astype(bool),
    )


def pool_achievement(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Pool what was achieved (I19) per key and type: weighted sum done / weighted sum due.

    What is only said (class C) is used where nothing of that type was measured, and never mixed with what
    was.

    Returns
    -------
    DataFrame
        Index keys; per letter F, U and T: I19F, n_F (assumptions behind it), evidence_F (the weakest),
        measured_F.
    """
    known = rows.dropna(subset=["achieved"])
    firm = known["evidence"].isin(MEASURED)
    group = [*keys, "type"]
    used = known[firm | ~firm.groupby([known[key] for key in group]).transform("any")]
    used = used.assign(done=used["weight"] * used["done"], due=used["weight"] * used["due"])
    pooled = used.groupby(group).agg(
        done=("done", "sum"), due=("due", "sum"), n=("due", "size"), evidence=("evidence", "max")
    )
    pooled = pooled.assign(value=stats.ratio(pooled["done"], pooled["due"]), n=pooled["n"].astype(float))
    kinds = pooled.index.get_level_values("type")
    parts = [_letter(pooled[kinds == kind], letter) for kind, letter in LETTERS.items()]
    return pd.concat(parts, axis=1)


def explain_by_solution(
    rows: pd.DataFrame, gains: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Say per solution whether its assumptions hold and what the cut can rest on (I19, I20).

    Parameters
    ----------
    rows : DataFrame
        Result of `follow_assumptions`.
    gains : DataFrame
        Result of `prepare_gains`. Business case and cut are those of permanent budget and time gains at the
        common price level: I20 is blind to quality and service.
    assumptions : mapping
        `usage_factor_cap`.

    Returns
    -------
    DataFrame
        One row per solution with assumptions or gains. I20_sr is missing, and I20_low to I20_high an
        interval, when a factor was not measured (class A or B); I20 is an indication.
    """
    counted = (
        gains["duration"].eq("permanent") & gains["common"] & gains["gain_type"].isin(["budget", "time"])
    )
    cases = gains[counted].assign(cut=gains["budget_cut_kr"].clip(lower=0)).groupby(_PLACE)
    money = {"bc_kr": cases["business_case_kr"].sum(min_count=1), "cut_kr": cases["cut"].sum(min_count=1)}
    pooled = pool_achievement(rows, _PLACE)
    named = pd.concat([rows[_PLACE], gains[_PLACE].dropna()]).drop_duplicates().sort_values(_PLACE)
    index = pd.MultiIndex.from_frame(named)
    parts = [pooled, _list_functions(rows), _state_usage(rows), pd.DataFrame(money).astype(float)]
    table = pd.concat([part.reindex(index) for part in parts], axis=1)
    flags = {f"measured_{letter}": table[f"measured_{letter}"].eq(True) for letter in LETTERS.values()}
    return estimate_realisation(table.assign(**flags), assumptions=assumptions).reset_index()


def estimate_realisation(table: pd.DataFrame, *, assumptions: Mapping[str, float]) -> pd.DataFrame:
    """Multiply the business case by its three factors (I20), each clipped; an unmeasured factor is 0 to 1."""
    cap = assumptions["usage_factor_cap"]
    factors = pd.DataFrame(
        {
            "F": table["I19F"].clip(0, 1),
            "U": table["I19U"].clip(0, cap),
            "T": table["I19T"].clip(-1, cap),
        }
    )
    factors = factors.where(table[["measured_F", "measured_U", "measured_T"]].to_numpy(dtype=bool))
    whole = factors.notna().all(axis=1)
    known = table["bc_kr"] * factors.prod(axis=1)
    realised = known.where(whole)
    return table.assign(
        I20_sr=realised,
        I20_low=known.where(whole, known.clip(upper=0)),
        I20_high=known.where(whole, known.clip(lower=0)),
        I20_gap=table["cut_kr"] - realised.clip(lower=0),
        sr_share=stats.ratio(realised, table["bc_kr"]),
    )


def _letter(pooled: pd.DataFrame, letter: str) -> pd.DataFrame:
    """What was achieved of one type of assumption, under its letter."""
    part = pooled.droplevel("type")
    return pd.DataFrame(
        {
            f"I19{letter}": part["value"],
            f"n_{letter}": part["n"],
            f"evidence_{letter}": part["evidence"],
            f"measured_{letter}": part["value"].notna() & part["evidence"].isin(MEASURED),
        }
    )


def _list_functions(rows: pd.DataFrame) -> pd.DataFrame:
    """Functions assumed per solution, and those known to fall short of what was assumed ("|" text)."""
    functions = rows[rows["type"].eq("functionality")]
    short = functions[functions["done"] < functions["due"]]
    n = functions.groupby(_PLACE).size().astype(float)
    missing = short.groupby(_PLACE).size().astype(float).reindex(n.index).fillna(0.0)
    texts = short.groupby(_PLACE)["description"].agg("|".join)
    return pd.DataFrame({"n_functions": n, "n_functions_missing": missing, "functions_missing": texts})


def _state_usage(rows: pd.DataFrame) -> pd.DataFrame:
    """Usage assumed and measured per solution (shares), weighted over its usage assumptions."""
    usage = rows[rows["type"].eq("usage")]
    both = usage[usage["measured_value"].notna()]
    return pd.DataFrame(
        {"usage_assumed": _mean(usage, "assumed_value"), "usage_measured": _mean(both, "measured_value")}
    )


def _mean(rows: pd.DataFrame, name: str) -> pd.Series:
    sums = rows.assign(part=rows[name] * rows["weight"]).groupby(_PLACE)[["part", "weight"]].sum()
    return pd.Series(stats.ratio(sums["part"], sums["weight"]), index=sums.index)
