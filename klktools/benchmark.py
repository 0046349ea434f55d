"""Scores and indicators of all become what may be shown of all: disclosure control lives here, once
(framework 3.7).

Quartiles need `min_municipalities` municipalities, never a minimum or maximum, never a group whose remainder
is too small to hide in. Figures about answers, staff and users need `min_persons` persons.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas.api.typing import SeriesGroupBy
from scipy.special import ndtri

Tables = Mapping[str, pd.DataFrame]

REFERENCE_INDICATORS = ("I01", "I02", "I11", "I16", "I21a")
REFERENCE_COLUMNS = ["measure", "group_kind", "group", "n", "q25", "median", "q75", "status"]
PERSON_INDICATORS = ("I05b", "I21a", "I21b")
EDITIONS = ("internal", "municipal")
PLAN_CLASSES = ("plan", "partial", "no_plan")
CERTAINTY_CLASSES = ("certainly_above", "undecided", "certainly_not_above", "cannot_be_said")
CLAIMS = ("yes", "no", "dont_know")
KNOWLEDGE = ("know_it", "believe_it", "good_but_unknown", "do_not_know")
_QUARTILES = ["q25", "median", "q75"]
_POINTS = np.array([0.25, 0.5, 0.75])
_CELL = ["measure", "group_kind", "group"]


def collect_measures(
    scores: pd.DataFrame, area_scores: pd.DataFrame, indicators: pd.DataFrame, municipalities: pd.DataFrame
) -> pd.DataFrame:
    """Gather everything the benchmark compares in one long table.

    Parameters
    ----------
    scores, area_scores, indicators : DataFrame
        Results of scoring and the indicators; of `indicators` the rows of whole municipalities are read.
    municipalities : DataFrame
        municipality, wave, size_class.

    Returns
    -------
    DataFrame
        One row per municipality x measure (area, criterion or indicator): municipality, wave, size_class,
        measure, value, common. `common` is False for a criterion that only some instruments asked and for an
        area holding such a criterion: those may be compared within a wave only.
    """
    uneven = scores.groupby("criterion")["reason"].agg(
        lambda reason: reason.eq("not_in_instrument").nunique() > 1
    )
    uneven_criteria = set(uneven.index[uneven])
    uneven_areas = set(scores.loc[scores["criterion"].isin(uneven_criteria), "area"])
    whole = indicators["solution"].eq("") & indicators["department"].eq("")
    chosen = indicators[whole & indicators["indicator"].isin(REFERENCE_INDICATORS)]
    parts = [
        area_scores.rename(columns={"area": "measure", "R": "value"}),
        scores.rename(columns={"criterion": "measure", "R": "value", "value": "main"}),
        chosen.rename(columns={"indicator": "measure", "estimate": "value"}),
    ]
    long = pd.concat([part[["municipality", "measure", "value"]] for part in parts], ignore_index=True)
    long["common"] = ~long["measure"].isin(uneven_criteria | uneven_areas)
    return municipalities[["municipality", "wave", "size_class"]].merge(long, on="municipality")


def make_reference(
    scores: pd.DataFrame,
    area_scores: pd.DataFrame,
    indicators: pd.DataFrame,
    municipalities: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Quartiles of areas, criteria and five indicators over all, each wave and each size class.

    Returns
    -------
    DataFrame
        `reference` of docs/architecture.md. n counts municipalities with a value. status is `measured`,
        `suppressed` (quartiles missing: too few municipalities, or too few left outside the group) or
        `not_examined` (a criterion or area that not every instrument asked in full, compared within its wave
        only).
    """
    measures = collect_measures(scores, area_scores, indicators, municipalities)
    groups = {
        "all": pd.Series("all", index=measures.index),
        **{k: measures[k] for k in ("wave", "size_class")},
    }
    long = pd.concat([measures.assign(group_kind=kind, group=group) for kind, group in groups.items()])
    by_cell = long.groupby(_CELL, sort=False)
    table = (
        _quartiles_of(by_cell["value"])
        .assign(n=by_cell["value"].count(), common=by_cell["common"].first())
        .reset_index()
    )
    return _disclose(table, fewest=assumptions["min_municipalities"])


def make_function_reference(
    depth_by_solution: pd.DataFrame, *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Quartiles of the transaction share per administrative function (framework 6.2, 5).

    Parameters
    ----------
    depth_by_solution : DataFrame
        municipality, function, through, measured_eligible, I01. Several solutions of one function in one
        municipality are pooled, never averaged.

    Returns
    -------
    DataFrame
        Rows of `reference` with measure I01 and group_kind `function`.
    """
    known = depth_by_solution[depth_by_solution["I01"].notna()]
    pooled = known.groupby(["function", "municipality"])[["through", "measured_eligible"]].sum()
    share = pooled["through"] / pooled["measured_eligible"].where(pooled["measured_eligible"].gt(0))
    by_function = share.groupby("function")
    table = _quartiles_of(by_function).assign(n=by_function.count()).rename_axis("group").reset_index()
    table = table.assign(measure="I01", group_kind="function")
    table["status"] = np.where(table["n"].lt(assumptions["min_municipalities"]), "suppressed", "measured")
    table[_QUARTILES] = table[_QUARTILES].where(table["status"].eq("measured"))
    return table[REFERENCE_COLUMNS]


def place(own: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Put values in their quartile band of every group they belong to.

    Parameters
    ----------
    own : DataFrame
        Result of `collect_measures`, of one municipality or of all.
    reference : DataFrame
        Result of `make_reference`.

    Returns
    -------
    DataFrame
        One row per municipality x measure x group: municipality, measure, group_kind, group, value, band, n,
        q25, median, q75, status. Band 1 is below the lower quartile, 2 from there up to and including the
        median, 3 up to and including the upper quartile, 4 above it; missing when the value or the quartiles
        are. A band, never a rank.
    """
    groups = {"all": pd.Series("all", index=own.index), "wave": own["wave"], "size_class": own["size_class"]}
    long = pd.concat([own.assign(group_kind=kind, group=group) for kind, group in groups.items()])
    table = long.merge(reference, on=_CELL)
    value = table["value"]
    above = pd.concat([value.ge(table["q25"]), value.gt(table["median"]), value.gt(table["q75"])], axis=1)
    band = 1.0 + above.sum(axis=1)
    table["band"] = band.where(table["value"].notna() & table["median"].notna())
    columns = ["municipality", *_CELL, "value", "band", "n", *_QUARTILES, "status"]
    return table.sort_values(["municipality", "measure"], kind="stable", ignore_index=True)[columns]


def four_statements(
    tables: Tables, *, assumptions: Mapping[str, float], edition: str
) -> dict[str, pd.DataFrame]:
    """The seed's four statements as numbers, and what goes together (framework 6.2, 2 and 6).

    Parameters
    ----------
    tables : mapping
        plan_by_municipality, depth_by_municipality, depth_by_solution, gains_by_municipality,
        leadership_by_municipality, training_by_solution, claims and scores of all municipalities.
    edition : {"internal", "municipal"}
        The consultants' own edition counts every municipality; the one that municipalities may read hides
        counts of 1 to `min_municipalities` - 1, and the next smallest when one alone would follow from the
        total (missing, status `suppressed`). Quartiles and correlations are the same in both.

    Returns
    -------
    dict of DataFrame
        `plan_classes`, `certainty_classes`, `knowledge`: category, n, total, share, status. `claim_matrix`:
        claim, category, n, status. `training`: category, n, total, share, status. `quartiles`: measure, n,
        q25, median, q75, status (I16, I17, I21b). `correlations`: first, second, n, rho, low, high, status.
    """
    fewest = assumptions["min_municipalities"]
    counted = 0.0 if edition == "internal" else fewest
    depth, gains = tables["depth_by_municipality"], tables["gains_by_municipality"]
    claimed = _claimed(depth, tables["claims"])
    return {
        "plan_classes": _count(tables["plan_by_municipality"]["I11_class"], PLAN_CLASSES, fewest=counted),
        "certainty_classes": _count(depth["I04"], CERTAINTY_CLASSES, fewest=counted),
        "claim_matrix": _cross(claimed, fewest=counted),
        "knowledge": _count(claimed["knowledge"], KNOWLEDGE, fewest=counted),
        "training": _training(tables, fewest=counted),
        "quartiles": _quartiles(
            {"I16": gains["I16"], "I17": gains["I17"], "I21b": tables["leadership_by_municipality"]["I21b"]},
            fewest=fewest,
        ),
        "correlations": correlate(_pairs(tables), assumptions=assumptions),
    }


def correlate(
    pairs: Mapping[tuple[str, str], pd.DataFrame], *, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Spearman's rho with a 95 per cent interval for each pair (framework 4.5).

    Parameters
    ----------
    pairs : mapping
        (first, second) -> DataFrame of two columns, one row per municipality; rows with a gap are left out.

    Returns
    -------
    DataFrame
        first, second, n, rho, low, high, status. The interval is Fisher's z with Bonett and Wright's variance
        (1 + rho^2 / 2) / (n - 3). Below `min_correlation_n` municipalities, or when a column never varies,
        there is no coefficient: status `too_few` or `cannot_be_said`.
    """
    rows = [
        (*names, *_spearman(pair.dropna(), assumptions["min_correlation_n"])) for names, pair in pairs.items()
    ]
    return pd.DataFrame(rows, columns=["first", "second", "n", "rho", "low", "high", "status"])


def hide_small_groups(tables: Tables, *, assumptions: Mapping[str, float]) -> dict[str, pd.DataFrame]:
    """Blank every figure about answers, staff or users that too few persons stand behind (framework 3.7).

    Parameters
    ----------
    tables : mapping
        Result tables; those without such figures come back as they are.

    Returns
    -------
    dict of DataFrame
        The same tables and columns. A group mean is shown only when both groups are large enough, since the
        mean of all would give the other away; answers, single roles and single codings are not among the
        figures at all.
    """
    fewest = assumptions["min_persons"]
    return {
        name: _HIDERS[name](table, fewest) if name in _HIDERS else table for name, table in tables.items()
    }


def _quartiles_of(groups: SeriesGroupBy) -> pd.DataFrame:
    """One row per group, also when there is none."""
    return pd.DataFrame(
        {name: groups.quantile(point) for name, point in zip(_QUARTILES, _POINTS, strict=True)}
    )


def _disclose(table: pd.DataFrame, *, fewest: float) -> pd.DataFrame:
    """Blank what is uneven between instruments, too small, or small by subtraction."""
    is_all = table["group_kind"].eq("all")
    of_all = table["measure"].map(table[is_all].set_index("measure")["n"])
    uneven = ~table["common"] & table["group_kind"].ne("wave")
    rest = of_all - table["n"]
    hidden = table["n"].lt(fewest) | (rest.gt(0) & rest.lt(fewest))
    hidden |= _next_smallest(table, hidden, ["measure", "group_kind"], fewest=fewest)
    table["status"] = np.select([uneven, hidden], ["not_examined", "suppressed"], "measured")
    table[_QUARTILES] = table[_QUARTILES].where(table["status"].eq("measured"))
    return table[REFERENCE_COLUMNS]


def _next_smallest(table: pd.DataFrame, hidden: pd.Series, by: list[str], *, fewest: float) -> pd.Series:
    """Mark the smallest shown cell of every line where the hidden ones are one alone, or together too few."""
    keys = [table[column] for column in by]
    lines = table["n"].where(hidden & table["n"].gt(0)).groupby(keys)
    together = lines.transform("sum")
    weak = together.gt(0) & (together.lt(fewest) | lines.transform("count").eq(1))
    shown = table["n"].where(~hidden & table["n"].gt(0) & weak).dropna()
    marked = pd.Series(False, index=table.index)
    marked[shown.groupby([key[shown.index] for key in keys]).idxmin()] = True
    return marked


def _count(categories: pd.Series, order: tuple[str, ...], *, fewest: float) -> pd.DataFrame:
    counted = categories.value_counts().reindex(order, fill_value=0)
    table = pd.DataFrame({"category": list(order), "n": counted.to_numpy(float)})
    table["total"] = table["n"].sum()
    hidden = table["n"].gt(0) & table["n"].lt(fewest)
    hidden |= _next_smallest(table, hidden, ["total"], fewest=fewest)
    table["share"] = table["n"] / table["total"].where(table["total"].gt(0))
    return _blank(table, hidden, ["n", "share"])


def _claimed(depth: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Set what the municipality says beside what its figures say (I05)."""
    both = depth[["municipality", "I04"]].merge(claims[["municipality", "claim"]], on="municipality")
    both = both[both["claim"].isin(CLAIMS) & both["I04"].notna()]
    says_yes, is_above = both["claim"].eq("yes"), both["I04"].eq("certainly_above")
    known = np.select([says_yes & is_above, says_yes, is_above], KNOWLEDGE[:3], KNOWLEDGE[3])
    return both.assign(knowledge=pd.Series(known, index=both.index, dtype="str"))


def _cross(claimed: pd.DataFrame, *, fewest: float) -> pd.DataFrame:
    """Claim x class; hides until no row or column gives a small cell away."""
    every = pd.MultiIndex.from_product([CLAIMS, CERTAINTY_CLASSES], names=["claim", "category"])
    counted = claimed.groupby(["claim", "I04"]).size().rename_axis(every.names).reindex(every, fill_value=0)
    table = counted.astype(float).rename("n").reset_index()
    hidden = table["n"].gt(0) & table["n"].lt(fewest)
    while True:
        more = hidden.copy()
        for line in ("claim", "category"):
            more |= _next_smallest(table, more, [line], fewest=fewest)
        if more.equals(hidden):
            return _blank(table, hidden, ["n"])
        hidden = more


def _blank(table: pd.DataFrame, hidden: pd.Series, columns: list[str]) -> pd.DataFrame:
    status = np.where(hidden, "suppressed", "measured")
    return table.assign(**{column: table[column].mask(hidden) for column in columns}, status=status)


def _training(tables: Tables, *, fewest: float) -> pd.DataFrame:
    """How many train after the go-live in most of their solutions, and how many do so in the introduction."""
    later = tables["training_by_solution"].dropna(subset=["only_go_live"])
    share = 1 - later["only_go_live"].astype(float).groupby(later["municipality"]).mean()
    after = share.gt(0.5).map({True: "yes", False: "no"})
    onboarding = tables["leadership_by_municipality"]["fixed_onboarding"].dropna().astype(bool)
    parts = {
        "training_after_go_live": after,
        "fixed_onboarding": onboarding.map({True: "yes", False: "no"}),
    }
    counts = [
        _count(answer, ("yes", "no"), fewest=fewest).iloc[[0]].assign(category=name)
        for name, answer in parts.items()
    ]
    return pd.concat(counts, ignore_index=True)


def _quartiles(columns: Mapping[str, pd.Series], *, fewest: float) -> pd.DataFrame:
    finite = {name: column.replace([np.inf, -np.inf], np.nan) for name, column in columns.items()}
    table = pd.DataFrame(
        [(name, column.count(), *column.quantile(_POINTS)) for name, column in finite.items()],
        columns=["measure", "n", *_QUARTILES],
    )
    return _blank(table, table["n"].lt(fewest), _QUARTILES)


def _pairs(tables: Tables) -> dict[tuple[str, str], pd.DataFrame]:
    # what was measured, not what was judged: the main indicator of each criterion
    measured = tables["scores"].pivot(index="municipality", columns="criterion", values="value")
    new = tables["depth_by_solution"].loc[lambda table: table["is_new"].astype("boolean").fillna(False)]
    facts = pd.DataFrame(
        {
            "D3": measured["D3"],
            "L2": measured["L2"],
            "G5": measured["G5"],
            "months_since_go_live": new.groupby("municipality")["months_since_go_live"].median(),
            "I16": tables["gains_by_municipality"].set_index("municipality")["I16"],
            "I11": tables["plan_by_municipality"].set_index("municipality")["I11"],
        }
    ).astype(float)
    pairs = [("D3", "months_since_go_live"), ("D3", "L2"), ("I16", "G5"), ("I11", "D3")]
    return {pair: facts[list(pair)] for pair in pairs}


def _spearman(pair: pd.DataFrame, fewest: float) -> tuple[int, float, float, float, str]:
    n = len(pair)
    if n < fewest:
        return n, np.nan, np.nan, np.nan, "too_few"
    if pair.nunique().min() < 2:
        return n, np.nan, np.nan, np.nan, "cannot_be_said"
    rho = float(pair.corr(method="spearman").to_numpy()[0, 1])
    if abs(rho) > 1 - 1e-12:
        return n, rho, rho, rho, "measured"
    reach = ndtri(0.975) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    low, high = np.tanh(np.arctanh(rho) + np.array([-reach, reach]))
    return n, rho, float(low), float(high), "measured"


def _hide(table: pd.DataFrame, small: pd.Series, columns: list[str]) -> pd.DataFrame:
    return table.assign(**{column: table[column].mask(small) for column in columns})


def _hide_scores(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    table = _hide(table, ~_enough(table, fewest, "n_persons", "n_answers"), ["I"])
    table = _hide(table, ~table["I25a_shown"].astype("boolean").fillna(False).astype(bool), ["I25a"])
    return _hide_role_groups(table, fewest, ["I25c"])


def _hide_interview_scores(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    table = _hide(table, ~_enough(table, fewest, "n_persons", "n_answers"), ["I"])
    return _hide_role_groups(table, fewest, ["I25c", "mean_management", "mean_users"])


def _hide_role_groups(table: pd.DataFrame, fewest: float, columns: list[str]) -> pd.DataFrame:
    small = ~_enough(table, fewest, "n_management", "n_users")
    return _hide(table, small, [*columns, "n_management", "n_users"])


def _hide_claims(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    table = _hide(table, ~_enough(table, fewest, "n_claims"), ["claimed_share"])
    small = ~_enough(table, fewest, "n_claim_answers")
    return _hide(table, small, ["claim", "I05b", "n_dont_know_Q11_Q12"])


def _hide_coverage(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    """Staff representatives join the users when few; then both groups are shown or neither."""
    few = table["n_staff_representatives"].lt(fewest)
    users = table["n_users"] + table["n_staff_representatives"].where(few, 0)
    merged = table.assign(n_users=users, n_staff_representatives=table["n_staff_representatives"].mask(few))
    small = ~_enough(merged, fewest, "n_management", "n_users")
    return _hide(merged, small, ["n_management", "n_users", "n_observed"])


def _hide_training(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    figures = ["users", "trained", "I21a", "I21a_low", "I21a_high", "q", "q_low", "q_high", "I21b", "kappa"]
    return _hide(table, ~_enough(table, fewest, "users"), [name for name in figures if name in table])


def _hide_indicators(table: pd.DataFrame, fewest: float) -> pd.DataFrame:
    """Blank the indicators that count persons: don't know answers and trained users."""
    persons = table["indicator"].isin(PERSON_INDICATORS) & table["estimate"].notna()
    small = persons & ~_enough(table, fewest, "n")
    return _hide(table, small, ["estimate", "low", "high"]).assign(
        status=table["status"].mask(small, "suppressed"),
        reason=table["reason"].mask(small, "too_few_persons"),
    )


def _enough(table: pd.DataFrame, fewest: float, *counts: str) -> pd.Series:
    return table[list(counts)].astype(float).ge(fewest).all(axis=1)


_HIDERS = {
    "scores": _hide_scores,
    "interview_scores": _hide_interview_scores,
    "claims": _hide_claims,
    "indicators": _hide_indicators,
    "interview_coverage": _hide_coverage,
    "training_by_group": _hide_training,
    "training_by_solution": _hide_training,
}
