"""Rules about units and magnitudes: other things counted (E20), kroner (E21) and price levels (E23)."""

from __future__ import annotations

import pandas as pd

from klktools.intake.hits import NO_HITS, hits
from klktools.intake.keys import beside, distinct_rows
from klktools.intake.rules.common import Limits, Tables

_NORM = "volume_norm_"  # assumptions: yearly transactions per inhabitant, by function
_SOLUTION = ["municipality", "solution"]
_WHOLE = ("all_eligible", "all")  # denominators that claim to count every channel


def unlikely_volume(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E20: the yearly denominator of a solution against the norm of its function, at its first row.

    A department without a denominator makes the volume too small, so that only solutions with all of
    their departments can be too small.
    """
    norms = {name.removeprefix(_NORM): value for name, value in limits.items() if name.startswith(_NORM)}
    solutions = tables["solutions"]
    asked = solutions[solutions["function"].isin(norms) & solutions["denominator"].isin(_WHOLE)]
    places, pairs = distinct_rows(data, [*_SOLUTION, "department"])
    wanted = pairs.merge(asked[[*_SOLUTION, "function", "relevant_departments"]], on=_SOLUTION, how="left")
    counted = wanted["function"].notna().to_numpy()[places] & data["eligible"].ge(0).fillna(False).to_numpy(
        dtype=bool
    )
    if not counted.any():
        return NO_HITS
    monthly = data.loc[counted, "eligible"].astype(float).groupby(places[counted]).mean()
    yearly = wanted.loc[monthly.index].assign(volume=12 * monthly)
    sums = yearly.groupby([*_SOLUTION, "function", "relevant_departments"], as_index=False).agg(
        volume=("volume", "sum"), departments=("department", set)
    )
    people = sums[["municipality"]].merge(tables["municipalities"], on="municipality", how="left")[
        "population"
    ]
    norm = sums["function"].map(norms).astype(float) * people.astype(float)
    listed = zip(sums["relevant_departments"], sums["departments"], strict=True)
    whole = pd.Series(
        [set(texts.split("|")) <= given for texts, given in listed], index=sums.index, dtype=bool
    )
    odd = (sums["volume"] > limits["E20.high"] * norm) | ((sums["volume"] < limits["E20.low"] * norm) & whole)
    return _at_first_row(data, sums.assign(norm=norm)[odd])


def _at_first_row(data: pd.DataFrame, odd: pd.DataFrame) -> pd.DataFrame:
    if odd.empty:
        return NO_HITS
    found = beside(data, odd, _SOLUTION, ["volume", "norm"])
    first = found["volume"].notna() & ~data.duplicated(_SOLUTION)
    told = found[first].round().astype("int64").astype("str")
    return hits(first, "E20", "eligible", volume=told["volume"], norm=told["norm"])


def unlikely_amount(data: pd.DataFrame, tables: Tables, limits: Limits, *, column: str) -> pd.DataFrame:
    """E21: a yearly amount too small or too large for kroner, against a budget of the municipality's size."""
    people = data["municipality"].map(tables["municipalities"].set_index("municipality")["population"])
    amount = data[column].abs()
    odd = (amount > limits["E21.high"] * people.astype(float)) | ((amount > 0) & (amount < limits["E21.low"]))
    return hits(odd, "E21", column)


def price_level_missing(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E23: an amount without a price level."""
    amounts = data[["business_case_kr", "budget_cut_kr", "realised_kr"]].notna().any(axis=1)
    return hits(amounts & data["price_level"].isna(), "E23", "price_level")


def several_price_levels(data: pd.DataFrame, tables: Tables, limits: Limits) -> pd.DataFrame:
    """E23a: amounts that are not at the municipality's most frequent price level (of equals the first)."""
    levels = data.groupby(["municipality", "price_level"]).size().rename("n").reset_index()
    levels = levels.sort_values(["municipality", "n", "price_level"], ascending=[True, False, True])
    common = levels.drop_duplicates("municipality").rename(columns={"price_level": "common"})
    usual = beside(data, common, ["municipality"], ["common"])["common"]
    other = data["price_level"].notna() & data["price_level"].ne(usual)
    return hits(other, "E23a", "price_level", other=usual[other])
