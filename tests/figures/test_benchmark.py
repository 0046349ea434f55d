"""Figures of the benchmark: counts and quartiles, nothing that was hidden."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.figures import benchmark
from tests.figures.drawings import bars, points, row_names, svg, texts

PLANS = pd.DataFrame(
    {
        "category": ["plan", "partial", "no_plan"],
        "n": [9.0, 28.0, 18.0],
        "total": 55.0,
        "share": [9 / 55, 28 / 55, 18 / 55],
        "status": "measured",
    }
)
CLASSES = pd.DataFrame(
    {
        "category": ["certainly_above", "undecided", "certainly_not_above", "cannot_be_said"],
        "n": [np.nan, np.nan, 20.0, 15.0],
        "total": 45.0,
        "share": [np.nan, np.nan, 20 / 45, 15 / 45],
        "status": ["suppressed", "suppressed", "measured", "measured"],
    }
)
CELLS = [(claim, category) for claim in ("yes", "no", "dont_know") for category in benchmark.CLASS_TONES]
MATRIX = pd.DataFrame(CELLS, columns=["claim", "category"]).assign(n=[8, 9, 0, 5, 0, 6, 7, 0, 5, 5, 5, 5.0])
QUARTILES = pd.DataFrame(
    {
        "measure": ["I16", "I17", "I21b"],
        "n": [54, 54, 50],
        "q25": [0.30, 0.05, 2.1],
        "median": [0.45, 0.12, 2.9],
        "q75": [0.62, 0.24, 4.2],
        "status": "measured",
    }
)
REFERENCE = pd.DataFrame(
    {
        "measure": ["P1", "G4", "G4", "G4", "P2", "I16"],
        "group_kind": ["all", "all", "wave", "wave", "all", "all"],
        "group": ["all", "all", "2018F", "2018E", "all", "all"],
        "n": [55, 55, 25, 30, 3, 54],
        "q25": [1.0, np.nan, 2.0, 0.5, np.nan, 0.3],
        "median": [2.0, np.nan, 2.5, 1.0, np.nan, 0.45],
        "q75": [3.0, np.nan, 3.0, 1.5, np.nan, 0.62],
        "status": "measured",
    }
)
TABLES = {"plan_classes": PLANS, "certainty_classes": CLASSES, "claim_matrix": MATRIX, "quartiles": QUARTILES}
B = SimpleNamespace(tables=TABLES, reference=REFERENCE, language="da", meta={})


def test_classes_are_shares_of_all_with_their_number():
    figure = benchmark.draw_classes(PLANS, section="plan_classes", tones=benchmark.PLAN_TONES, language="da")
    assert [right for _, _, right in bars(figure.axes[0])] == pytest.approx(
        [9 / 55, 28 / 55, 18 / 55], abs=1e-6
    )
    said = texts(figure)
    assert said[:3] == ["● Plan", "▲ Delvis plan", "■ Ingen plan"]
    assert "28 kommuner (51 pct.)" in said


def test_the_plan_classes_say_how_many_have_a_plan():
    block = figures.plot_plan_classes(B)
    assert (block.title, block.n) == ("9 af 55 kommuner har en plan", "55 kommuner")
    assert block.alt == "Planer i 55 kommuner. Plan: 9; Delvis plan: 28; Ingen plan: 18."


def test_a_suppressed_class_has_no_bar_and_says_so():
    figure = benchmark.draw_classes(
        CLASSES, section="certainty_classes", tones=benchmark.CLASS_TONES, language="da"
    )
    assert [y for y, _, _ in bars(figure.axes[0])] == [2, 3]
    assert texts(figure).count("skjult (færre end 5)") == 2
    block = figures.plot_certainty_classes(B)
    assert block.title.endswith("at tallet er skjult")
    assert "Sikkert over: skjult (færre end 5)" in block.alt


def test_the_claim_matrix_counts_who_knows_it():
    said = texts(benchmark.draw_claim_matrix(MATRIX, language="da"))
    cells = [text for text in said if text.isdigit()]
    assert sorted(map(int, cells)) == sorted([8, 9, 0, 5, 0, 6, 7, 0, 5, 5, 5, 5])
    assert [said.count(word) for word in ("ved det", "tror det", "bedre end troet", "ved det ikke")] == [
        1,
        3,
        2,
        6,
    ]
    block = figures.plot_claim_matrix(B)
    assert (block.title, block.n) == ("8 kommuner ved, at de er over 25 pct.", "55 kommuner")


def test_a_claim_matrix_with_hidden_cells_does_not_tell_its_sum():
    hidden = SimpleNamespace(
        tables=TABLES | {"claim_matrix": MATRIX.assign(n=MATRIX["n"].mask(MATRIX["n"].eq(8)))}
    )
    hidden.language = "da"
    block = figures.plot_claim_matrix(hidden)
    assert block.n is None
    assert block.title == "Så få kommuner ved, at de er over 25 pct., at tallet er skjult"


def test_the_harvest_is_a_box_of_quartiles_without_whiskers():
    figure = benchmark.draw_harvest(QUARTILES.iloc[:2], language="da")
    axes = figure.axes[0]
    assert bars(axes) == [(0, 0.30, 0.62), (1, 0.05, 0.24)]
    assert [line.get_xdata()[0] for line in axes.lines] == [0.45, 0.12]
    assert {"45 pct.", "30 pct.", "62 pct.", "n = 54"} <= set(texts(figure))
    assert figures.plot_harvest(B).title == "I den midterste kommune er 45 pct. høstet, hvor der blev sået"


def test_a_criterion_compares_all_or_the_larger_wave_or_says_it_is_hidden():
    figure = benchmark.draw_criteria_quartiles(REFERENCE.iloc[:5], language="da")
    assert row_names(figure) == [
        "P1 Overblik og sammenhæng",
        "P2 Rækkefølge og afhængigheder",
        "G4 Tid pr. opgave som forudsat (2018E)",
    ]
    assert bars(figure.axes[0]) == [(0, 1.0, 3.0), (2, 0.5, 1.5)]
    assert " skjult (færre end 5)" in texts(figure)


def test_the_criteria_say_the_highest_and_the_lowest_median():
    block = figures.plot_criteria_quartiles(B)
    assert block.title == (
        "Højest: Overblik og sammenhæng (median 2,0). Lavest: Tid pr. opgave som forudsat (1,0)"
    )
    assert block.alt == "Median pr. kriterium på skalaen 0-4: P1 2,0; G4 1,0."


def test_the_half_life_curve_agrees_with_the_framework_table():
    axes = benchmark.draw_turnover_half_life(QUARTILES.iloc[2:], language="da").axes[0]
    # framework 4.4
    assert points(axes, "o") == [
        pytest.approx(point, abs=0.005) for point in ((0.1, 6.58), (0.2, 3.11), (0.3, 1.94), (0.4, 1.36))
    ]
    block = figures.plot_turnover_half_life(B)
    assert block.title == "I den midterste kommune er halvdelen af de oplærte væk efter 2,9 år"


@pytest.mark.parametrize(
    "name", ["plan_classes", "certainty_classes", "claim_matrix", "harvest", "turnover_half_life"]
)
def test_a_benchmark_without_data_says_so(name):
    empty = SimpleNamespace(tables={key: table.iloc[:0] for key, table in TABLES.items()}, language="da")
    assert "ikke undersøgt" in getattr(figures, f"plot_{name}")(empty).title


def test_the_same_benchmark_gives_the_same_bytes():
    one, two = (svg(benchmark.draw_claim_matrix, MATRIX, language="en") for _ in range(2))
    assert one == two
