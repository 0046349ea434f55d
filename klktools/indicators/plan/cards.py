"""Benefits in the plan: the benefit card of each open initiative (framework I15)."""

from __future__ import annotations

import pandas as pd

from klktools.indicators.plan.basis import KEY, yes

FIELDS = ["amount", "owner", "baseline", "indicator", "target"]
_COUNTS = {
    "has_card": "n_benefit_cards",
    "owner": "n_with_owner",
    "baseline": "n_with_baseline",
    "indicator": "n_with_indicator",
    "target": "n_with_target",
}


def check_benefit_cards(opened: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
    """Check the benefit card of each open initiative: complete when every gain row of it has every field.

    Returns
    -------
    DataFrame
        One row per open initiative: municipality, initiative, has_card (any gain row), the fields amount
        (kroner or a described benefit), owner, baseline, indicator and target (value and date), complete, and
        kr (business case). The flags are missing in a municipality that delivered no gains.
    """
    fields = gains[KEY].assign(
        amount=gains["business_case_kr"].notna() | gains["description"].fillna("").str.strip().ne(""),
        owner=gains["owner_role"].notna(),
        baseline=gains["baseline_date"].notna(),
        indicator=gains["indicator"].notna(),
        target=gains["target_value"].notna() & gains["target_date"].notna(),
    )
    cards = fields.groupby(KEY)[FIELDS].all()
    kroner = gains.groupby(KEY)["business_case_kr"].sum().astype(float)
    cards = cards.assign(has_card=True, complete=cards.all(axis=1), kr=kroner).reset_index()
    cards = opened[KEY].merge(cards, on=KEY, how="left")
    delivered = cards["municipality"].isin(gains["municipality"].unique())
    flags = {
        name: yes(cards[name]).astype("boolean").where(delivered)
        for name in ["has_card", *FIELDS, "complete"]
    }
    return cards.assign(**flags, kr=cards["kr"].fillna(0.0))


def sum_benefit_cards(cards: pd.DataFrame) -> pd.DataFrame:
    """Share of complete cards (I15), initiatives with each field, and expected kroner; index municipality.

    I15 weights by expected kroner, or equally in a municipality where no initiative has any.
    """
    known = cards[cards["complete"].notna()]
    place = known["municipality"]
    kroner = known["kr"].groupby(place)
    weight = known["kr"].where(kroner.transform("sum") > 0, 1.0)
    complete = (weight * known["complete"].astype(float)).groupby(place).sum()
    counts = known[list(_COUNTS)].astype(float).groupby(place).sum().rename(columns=_COUNTS)
    return counts.assign(I15=complete / weight.groupby(place).sum(), expected_gain_kr=kroner.sum())
