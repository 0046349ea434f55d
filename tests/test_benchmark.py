"""What may be shown of all: quartiles, bands, counts, correlations, and everything that is hidden."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from klktools.benchmark import collect_measures as collect
from klktools.benchmark import (
    correlate,
    four_statements,
    hide_small_groups,
    make_function_reference,
    make_reference,
    place,
)
from klktools.framework import load_framework

ASSUMPTIONS = load_framework().assumptions
QUARTILES = ["q25", "median", "q75"]


def make_round(waves: list[str], sizes: list[str], reported: list[float], **unasked: str):
    """One criterion D1 (area depth) and one indicator I16; G3 is asked except in the wave `unasked`."""
    who = [f"{n:04d}" for n in range(10, 10 + len(waves))]
    municipalities = pd.DataFrame({"municipality": who, "wave": waves, "size_class": sizes})
    asked = [wave != unasked.get("wave") for wave in waves]
    parts = [
        pd.DataFrame(
            {
                "municipality": who,
                "criterion": "D1",
                "area": "depth",
                "R": reported,
                "reason": "",
                "value": 0.0,
            }
        ),
        pd.DataFrame(
            {
                "municipality": who,
                "criterion": "G3",
                "area": "gains",
                "R": [r if a else np.nan for r, a in zip(reported, asked, strict=True)],
                "reason": ["" if a else "not_in_instrument" for a in asked],
                "value": 0.0,
            }
        ),
    ]
    areas = pd.DataFrame({"municipality": who * 2, "area": ["depth"] * len(who) + ["gains"] * len(who)})
    areas["R"] = reported * 2
    indicators = pd.DataFrame({"municipality": who, "indicator": "I16", "estimate": reported})
    indicators = indicators.assign(solution="", department="")
    return pd.concat(parts, ignore_index=True), areas, indicators, municipalities


def test_quartiles_count_only_those_with_a_value():
    tables = make_round(["2018E"] * 6, ["under_20000"] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    table = make_reference(*tables, assumptions=ASSUMPTIONS)
    row = table[table["measure"].eq("I16") & table["group_kind"].eq("all")].iloc[0]
    assert row[["n", *QUARTILES, "status"]].tolist() == [5, 2.0, 3.0, 4.0, "measured"]
    assert list(table.columns) == ["measure", "group_kind", "group", "n", *QUARTILES, "status"]


def test_quartiles_agree_with_numpy():
    values = np.random.default_rng(7).normal(size=23).tolist()
    table = make_reference(*make_round(["2018F"] * 23, ["under_20000"] * 23, values), assumptions=ASSUMPTIONS)
    row = table[table["measure"].eq("D1") & table["group_kind"].eq("wave")].iloc[0]
    assert row[QUARTILES].tolist() == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75]).tolist())


def test_four_municipalities_are_too_few():
    tables = make_round(["2018E"] * 4, ["under_20000"] * 4, [1.0, 2.0, 3.0, 4.0])
    table = make_reference(*tables, assumptions=ASSUMPTIONS)
    assert set(table["status"]) == {"suppressed"} and table[QUARTILES].isna().all(axis=None)
    assert set(table["n"]) == {4}


def test_a_wave_that_leaves_fewer_than_five_others_is_hidden_with_them():
    tables = make_round(["2018E"] * 12 + ["2018F"] * 4, ["under_20000"] * 16, [1.0] * 16)
    table = make_reference(*tables, assumptions=ASSUMPTIONS).query("measure == 'D1'")
    found = dict(zip(table["group"], table["status"], strict=True))
    assert found == {
        "all": "measured",
        "2018E": "suppressed",
        "2018F": "suppressed",
        "under_20000": "measured",
    }


def test_the_next_smallest_class_hides_a_single_small_one():
    sizes = ["under_20000"] * 6 + ["20000_39999"] * 9 + ["100000_plus"] * 4
    table = make_reference(*make_round(["2018E"] * 19, sizes, [1.0] * 19), assumptions=ASSUMPTIONS)
    found = table.query("measure == 'D1' and group_kind == 'size_class'").set_index("group")
    assert found["status"].to_dict() == {
        "under_20000": "suppressed",
        "20000_39999": "measured",
        "100000_plus": "suppressed",
    }
    assert found["n"].to_dict() == {"under_20000": 6, "20000_39999": 9, "100000_plus": 4}


def test_what_one_instrument_did_not_ask_is_compared_within_its_wave_only():
    waves = ["2018F"] * 6 + ["2018E"] * 7
    tables = make_round(waves, ["under_20000"] * 13, [float(n) for n in range(13)], wave="2018F")
    table = make_reference(*tables, assumptions=ASSUMPTIONS).set_index(["measure", "group"])
    status = {key: table.loc[key, "status"] for key in table.index if key[0] in ("G3", "gains", "depth")}
    assert status == {
        ("depth", "all"): "measured",
        ("depth", "2018F"): "measured",
        ("depth", "2018E"): "measured",
        ("depth", "under_20000"): "measured",
        ("gains", "all"): "not_examined",
        ("gains", "2018F"): "measured",
        ("gains", "2018E"): "measured",
        ("gains", "under_20000"): "not_examined",
        ("G3", "all"): "not_examined",
        ("G3", "2018F"): "suppressed",
        ("G3", "2018E"): "measured",
        ("G3", "under_20000"): "not_examined",
    }
    assert table.loc[("G3", "2018E"), QUARTILES].tolist() == [7.5, 9.0, 10.5]
    assert table.loc[("gains", "all"), QUARTILES].isna().all()


def test_no_smallest_or_largest_value_leaves():
    tables = make_round(["2018E"] * 9, ["under_20000"] * 9, [-99.0, *range(1, 8), 99.0])
    table = make_reference(*tables, assumptions=ASSUMPTIONS)
    assert table[QUARTILES].abs().max(axis=None) < 99


def test_a_value_finds_its_quartile_band():
    tables = make_round(["2018E"] * 8, ["under_20000"] * 8, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, np.nan])
    reference = make_reference(*tables, assumptions=ASSUMPTIONS)
    placed = place(collect(*tables), reference).query("measure == 'D1' and group_kind == 'all'")
    # quartiles 2.5, 4, 5.5
    assert placed["band"].tolist()[:7] == [1, 1, 2, 2, 3, 4, 4] and placed["band"].isna().tolist()[7]
    assert "rank" not in placed


def test_equal_values_are_neither_best_nor_worst():
    tables = make_round(["2018E"] * 6, ["under_20000"] * 6, [2.0] * 6)
    placed = place(collect(*tables), make_reference(*tables, assumptions=ASSUMPTIONS))
    assert set(placed.query("measure == 'D1'")["band"]) == {2}


def test_a_hidden_group_gives_no_band():
    tables = make_round(["2018E"] * 4, ["under_20000"] * 4, [1.0, 2.0, 3.0, 4.0])
    assert place(collect(*tables), make_reference(*tables, assumptions=ASSUMPTIONS))["band"].isna().all()


def test_functions_pool_a_municipality_and_never_average_shares():
    depth = pd.DataFrame(
        {
            "municipality": ["0010", "0010", "0011", "0012", "0013", "0014", "0014"],
            "function": ["post", "post", "post", "post", "post", "post", "time"],
            "through": [10.0, 90.0, 40, 50, 60, 70, 5],
            "measured_eligible": [100.0, 100.0, 100, 100, 100, 100, 10],
            "I01": [0.1, 0.9, 0.4, 0.5, 0.6, 0.7, 0.5],
        }
    )
    table = make_function_reference(depth, assumptions=ASSUMPTIONS).set_index("group")
    # shares 0.5, 0.4, 0.5, 0.6, 0.7
    assert table.loc["post", ["n", *QUARTILES]].tolist() == pytest.approx([5, 0.5, 0.5, 0.6])
    assert table.loc["time", "status"] == "suppressed" and table.loc["time", QUARTILES].isna().all()


def test_a_correlation_agrees_with_scipy_and_carries_its_interval():
    random = np.random.default_rng(3)
    first = random.normal(size=40)
    pair = pd.DataFrame({"x": first, "y": first + random.normal(size=40)})
    row = correlate({("D3", "L2"): pair}, assumptions=ASSUMPTIONS).iloc[0]
    rho = stats.spearmanr(pair["x"], pair["y"]).statistic
    # Bonett and Wright 2000 by hand
    reach = 1.959964 * ((1 + rho**2 / 2) / 37) ** 0.5
    assert row[["n", "rho"]].tolist() == pytest.approx([40, rho])
    assert row[["low", "high"]].tolist() == pytest.approx(
        [np.tanh(np.arctanh(rho) - reach), np.tanh(np.arctanh(rho) + reach)], abs=1e-6
    )
    assert row["status"] == "measured"


def test_a_correlation_needs_fifteen_municipalities_and_some_variation():
    few = pd.DataFrame({"x": range(15), "y": [np.nan, *range(14)]})
    flat = pd.DataFrame({"x": [1.0] * 20, "y": np.arange(20.0)})
    table = correlate({("a", "b"): few, ("c", "d"): flat}, assumptions=ASSUMPTIONS)
    assert table["n"].tolist() == [14, 20] and table["rho"].isna().all()
    assert table["status"].tolist() == ["too_few", "cannot_be_said"]


def statement_tables(i04: list[str], claim: list[str], plan: list[str]):
    who = [f"{n:04d}" for n in range(10, 10 + len(i04))]
    return {
        "plan_by_municipality": pd.DataFrame({"municipality": who, "I11_class": plan, "I11": 0.5}),
        "depth_by_municipality": pd.DataFrame({"municipality": who, "I04": i04}),
        "depth_by_solution": pd.DataFrame(
            {"municipality": who, "is_new": True, "months_since_go_live": 12.0}
        ),
        "gains_by_municipality": pd.DataFrame({"municipality": who, "I16": 0.4, "I17": 0.1}),
        "leadership_by_municipality": pd.DataFrame(
            {"municipality": who, "fixed_onboarding": [n < 5 for n in range(len(who))], "I21b": np.inf}
        ),
        "training_by_solution": pd.DataFrame(
            # all were trained in a first solution, seven also in two more
            {
                "municipality": who * 3,
                "only_go_live": [True] * len(who) + [n >= 7 for n in range(len(who))] * 2,
            }
        ),
        "claims": pd.DataFrame({"municipality": who, "claim": claim}),
        "scores": pd.DataFrame(
            [(code, criterion, 1.0) for code in who for criterion in ("D3", "L2", "G5")],
            columns=["municipality", "criterion", "value"],
        ),
    }


def test_the_four_statements_count_and_hide_small_cells():
    i04 = ["certainly_above"] * 6 + ["undecided"] * 7 + ["cannot_be_said"] * 3
    claim = ["yes"] * 12 + ["dont_know"] * 3 + ["none"]
    plan = ["plan"] * 5 + ["partial"] * 5 + ["no_plan"] * 5 + [None]
    statements = four_statements(
        statement_tables(i04, claim, plan), assumptions=ASSUMPTIONS, edition="municipal"
    )
    assert statements["plan_classes"].to_dict("list") == {
        "category": ["plan", "partial", "no_plan"],
        "n": [5, 5, 5],
        "total": [15, 15, 15],
        "share": [1 / 3] * 3,
        "status": ["measured"] * 3,
    }
    # three cannot be said, so the next smallest (six) is hidden too: the total would give it away
    certain = statements["certainty_classes"].set_index("category")
    assert certain["status"].to_dict() == {
        "certainly_above": "suppressed",
        "undecided": "measured",
        "certainly_not_above": "measured",
        "cannot_be_said": "suppressed",
    }
    assert certain.loc[["undecided", "certainly_not_above"], "n"].tolist() == [7, 0]
    known = statements["knowledge"].set_index("category")["n"]
    # six know it, six believe it (yes, but undecided); the other three do not know
    assert known.isna().to_dict() == {
        "know_it": True,
        "believe_it": False,
        "good_but_unknown": False,
        "do_not_know": True,
    }


def test_the_internal_edition_counts_every_municipality():
    i04 = ["certainly_above"] * 6 + ["undecided"] * 7 + ["cannot_be_said"] * 3
    claim = ["yes"] * 8 + ["no"] * 5 + ["dont_know"] * 3
    tables = statement_tables(i04, claim, ["plan"] * 2 + ["partial"] * 14)
    statements = four_statements(tables, assumptions=ASSUMPTIONS, edition="internal")
    assert statements["plan_classes"]["n"].tolist() == [2, 14, 0]
    assert statements["certainty_classes"].set_index("category")["n"].to_dict() == {
        "certainly_above": 6,
        "undecided": 7,
        "certainly_not_above": 0,
        "cannot_be_said": 3,
    }
    square = statements["claim_matrix"].pivot(index="claim", columns="category", values="n")
    assert square.loc["yes", ["certainly_above", "undecided"]].tolist() == [6, 2]
    assert statements["knowledge"].set_index("category")["n"].tolist() == [6, 2, 0, 8]


def test_no_small_cell_of_the_claim_matrix_follows_from_a_row_or_column():
    i04 = ["certainly_above"] * 8 + ["undecided"] * 15 + ["cannot_be_said"] * 9
    claim = ["yes"] * 6 + ["no"] * 2 + ["yes"] * 9 + ["no"] * 6 + ["dont_know"] * 9
    matrix = four_statements(
        statement_tables(i04, claim, ["plan"] * 32), assumptions=ASSUMPTIONS, edition="municipal"
    )["claim_matrix"]
    # the single small cell is "no" x certainly_above (2)
    square = matrix.pivot(index="claim", columns="category", values="n")
    hidden = square.isna()
    assert hidden.loc["no", "certainly_above"]
    assert 1 not in set(hidden.sum(axis=1)) and 1 not in set(hidden.sum(axis=0))
    assert matrix.loc[matrix["status"].eq("measured"), "n"].isin([0, 6, 9]).all()


def test_training_counts_those_who_train_after_the_go_live_and_in_onboarding():
    tables = statement_tables(["undecided"] * 16, ["yes"] * 16, ["plan"] * 16)
    training = four_statements(tables, assumptions=ASSUMPTIONS, edition="municipal")["training"]
    assert training[["category", "n", "total", "status"]].to_dict("list") == {
        "category": ["training_after_go_live", "fixed_onboarding"],
        "n": [7, 5],
        "total": [16, 16],
        "status": ["measured", "measured"],
    }


def test_an_endless_half_life_is_no_number():
    tables = statement_tables(["undecided"] * 16, ["yes"] * 16, ["plan"] * 16)
    quartiles = four_statements(tables, assumptions=ASSUMPTIONS, edition="municipal")["quartiles"].set_index(
        "measure"
    )
    assert quartiles.loc["I21b", "status"] == "suppressed" and quartiles.loc["I21b", "n"] == 0
    assert quartiles.loc["I16", ["n", *QUARTILES]].tolist() == pytest.approx([16, 0.4, 0.4, 0.4])


def test_figures_about_answers_need_five_persons():
    counts = {"n_answers": [5, 5, 4], "n_persons": [5, 4, 9], "n_management": [5, 3, 6], "n_users": [5, 1, 4]}
    scores = pd.DataFrame(
        {"I": [2.0, 2.0, 2.0], "I25a": 1.0, "I25a_shown": [True, False, False], "I25c": 0.5, "R": 1.0}
    )
    shown = hide_small_groups({"scores": scores.assign(**counts)}, assumptions=ASSUMPTIONS)["scores"]
    expected = pd.DataFrame(
        {
            "I": [2.0, np.nan, np.nan],
            "I25a": [1.0, np.nan, np.nan],
            "I25a_shown": [True, False, False],
            "I25c": [0.5, np.nan, np.nan],
            "R": 1.0,
            "n_answers": [5, 5, 4],
            "n_persons": [5, 4, 9],
            "n_management": [5, np.nan, np.nan],
            "n_users": [5, np.nan, np.nan],
        }
    )
    pd.testing.assert_frame_equal(shown, expected)


def test_a_group_mean_is_hidden_when_the_other_group_is_small():
    interview = pd.DataFrame(
        {
            "I": [2.0, 2.0],
            "I25c": 1.0,
            "mean_management": 3.0,
            "mean_users": 2.0,
            "n_answers": 9,
            "n_persons": 9,
        }
    ).assign(n_management=[5, 7], n_users=[5, 2])
    shown = hide_small_groups({"interview_scores": interview}, assumptions=ASSUMPTIONS)["interview_scores"]
    assert shown["I"].tolist() == [2.0, 2.0]
    assert shown["mean_management"].isna().tolist() == [False, True]
    assert shown["mean_users"].isna().tolist() == [False, True]


def test_claims_of_few_persons_are_hidden():
    claims = pd.DataFrame(
        {"municipality": ["0010", "0011"], "claimed_share": 0.6, "n_claims": [5, 4], "claim": "yes"}
    ).assign(n_claim_answers=[3, 5], n_dont_know_Q11_Q12=1, I05b=0.2)
    shown = hide_small_groups({"claims": claims}, assumptions=ASSUMPTIONS)["claims"]
    assert shown["claimed_share"].isna().tolist() == [False, True]
    assert shown[["claim", "I05b", "n_dont_know_Q11_Q12"]].isna().to_numpy().tolist() == [
        [True] * 3,
        [False] * 3,
    ]


def test_few_staff_representatives_join_the_users():
    coverage = pd.DataFrame(
        {
            "municipality": ["0010", "0011"],
            "n_persons": [12, 7],
            "n_management": [6, 6],
            "n_users": [5, 1],
            "n_staff_representatives": [1, 0],
            "n_observed": [1, 0],
        }
    )
    shown = hide_small_groups({"interview_coverage": coverage}, assumptions=ASSUMPTIONS)["interview_coverage"]
    assert shown["n_users"].tolist()[0] == 6 and shown["n_management"].tolist()[0] == 6
    assert shown.loc[1, ["n_users", "n_management", "n_staff_representatives"]].isna().all()


def test_training_of_fewer_than_five_users_is_hidden():
    training = pd.DataFrame(
        {
            "municipality": "0010",
            "solution": ["a", "b", "c"],
            "users": [5, 4, np.nan],
            "trained": 3.0,
            "I21a": 0.6,
        }
    )
    shown = hide_small_groups({"training_by_solution": training}, assumptions=ASSUMPTIONS)[
        "training_by_solution"
    ]
    assert shown["I21a"].isna().tolist() == [False, True, True] and shown["solution"].tolist() == [
        "a",
        "b",
        "c",
    ]


def test_indicators_that_count_persons_need_five_of_them():
    indicators = pd.DataFrame(
        {
            "indicator": ["I21a", "I21a", "I01", "I05b", "I21b"],
            "estimate": [0.5, 0.5, 0.5, 0.5, np.nan],
            "n": [5.0, 4.0, 2.0, 3.0, 1.0],
            "status": ["measured"] * 4 + ["cannot_be_said"],
            "reason": ["", "", "", "", "no_leavers"],
        }
    ).assign(low=0.4, high=0.6)
    shown = hide_small_groups({"indicators": indicators}, assumptions=ASSUMPTIONS)["indicators"]
    assert shown["estimate"].isna().tolist() == [False, True, False, True, True]
    assert shown["low"].isna().tolist() == [False, True, False, True, False]
    assert shown["status"].tolist() == ["measured", "suppressed", "measured", "suppressed", "cannot_be_said"]
    assert shown["reason"].tolist() == ["", "too_few_persons", "", "too_few_persons", "no_leavers"]
