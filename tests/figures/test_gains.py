"""Figures of the gains: what is drawn and what is said."""

import numpy as np
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.figures import gains
from tests.figures.drawings import bars, dossier, svg, texts

# framework 4.3, the vector of I16 in kr: H = 1,500,000; in place 36.7, core welfare 40.0 pct.
LEDGER = pd.DataFrame(
    {
        "gain": ["g1", "g2", "g3", "g4"],
        "expected_group": ["finance", "finance", "hr_payroll", "social_health"],
        "cut_kr": [400_000.0, 600_000.0, 200_000.0, 300_000.0],
        "in_place_kr": [300_000.0, 0.0, 200_000.0, 50_000.0],
        "undocumented_kr": [100_000.0, 0.0, 0.0, 250_000.0],
        "elsewhere_kr": 0.0,
        "across_kr": 0.0,
        "core_welfare_kr": [0.0, 600_000.0, 0.0, 0.0],
    }
)
# framework 4.3, the vector of I20: 16.1 per cent of 2,000,000 kr.
CASE = pd.DataFrame(
    {
        "solution": ["s1"],
        "bc_kr": [2_000_000.0],
        "cut_kr": [2_000_000.0],
        "I19F": [0.9],
        "I19U": [0.3125],
        "I19T": [4 / 7],
        "I20_sr": [321_428.57],
        "I20_low": [321_428.57],
        "I20_high": [321_428.57],
    }
)
WATERFALL = {"usage_cap": 1.2, "language": "da"}


def test_the_ledger_bars_are_the_shares_of_the_framework_vector():
    axes = gains.draw_gain_ledger(LEDGER, language="da").axes[0]
    sown = [bar[1:] for bar in bars(axes) if bar[0] == pytest.approx(0.95)]
    taken = [bar[1:] for bar in bars(axes) if bar[0] == pytest.approx(2.75)]
    assert np.array(sown) == pytest.approx(np.array([(0, 2 / 3), (2 / 3, 13 / 15), (13 / 15, 1)]), abs=1e-6)
    ends = np.cumsum([550, 350, 0, 0, 600]) / 1500
    assert [right for _, right in taken] == pytest.approx(ends, abs=1e-6)


def test_the_ledger_says_group_and_part_in_words_and_kroner():
    said = texts(gains.draw_gain_ledger(LEDGER, language="da"))
    assert "Økonomi\n1,0 mio. kr." in said
    assert "Social og\nSundhed\n0,3 mio. kr." in said
    assert "Øvrige\n0,2 mio. kr." in said
    assert [text for text in said if "pct." in text] == ["● 37 pct.", "○ 23 pct.", "■ 40 pct."]
    assert "0,6 mio. kr. taget fra kernevelfærden" in said
    assert "0 kr. taget som grønthøster" in said


def test_the_ledger_title_names_core_welfare_when_it_gave_most():
    title, alt = gains.describe_gain_ledger(LEDGER, language="da")
    assert (
        title == "40 pct. af besparelsen er taget fra kernevelfærden; "
        "37 pct. er dokumenteret høstet, hvor der blev sået"
    )
    assert alt.startswith(
        "Budgetterne er sat ned med 1,5 mio. kr.. Sået: Økonomi 1,0 mio. kr., Social og Sundhed"
    )


def test_the_ledger_title_is_the_harvest_otherwise_and_says_when_there_is_none():
    harvested = LEDGER.assign(in_place_kr=LEDGER["cut_kr"], undocumented_kr=0.0, core_welfare_kr=0.0)
    nothing = LEDGER.assign(in_place_kr=0.0, undocumented_kr=LEDGER["cut_kr"], core_welfare_kr=0.0)
    titles = [gains.describe_gain_ledger(table, language="da")[0] for table in (harvested, nothing)]
    assert titles == [
        "100 pct. af besparelsen er dokumenteret høstet, hvor der blev sået",
        "Intet af besparelsen er dokumenteret høstet, hvor der blev sået",
    ]


def test_groups_too_narrow_for_their_words_stand_together():
    groups = ["finance", "hr_payroll", "digital_it", "culture_leisure"]
    cuts = [700_000.0, 240_000.0, 40_000.0, 20_000.0]
    narrow = LEDGER.assign(expected_group=groups, cut_kr=cuts)
    said = texts(gains.draw_gain_ledger(narrow, language="da"))
    assert [text for text in said if "\n" in text] == ["Økonomi\n0,7 mio. kr.", "Øvrige\n0,3 mio. kr."]


def test_the_ledger_block_counts_gains():
    tables = {"gain_ledger": LEDGER, "gains_by_municipality": pd.DataFrame({"reason_G1": [None]})}
    assert figures.plot_gain_ledger(dossier(**tables)).n == "4 gevinster"


def test_a_ledger_without_a_cut_is_not_drawn():
    tables = {
        "gain_ledger": LEDGER.iloc[:0],
        "gains_by_municipality": pd.DataFrame({"reason_G1": ["no_cut"]}),
    }
    assert "ikke undersøgt" in figures.plot_gain_ledger(dossier(**tables)).title


def test_the_waterfall_falls_through_the_three_factors_of_the_framework_vector():
    axes = gains.draw_gain_waterfall(CASE, **WATERFALL).axes[0]
    edges = [bar[1:] for bar in bars(axes)]
    assert np.array(edges) == pytest.approx(
        np.array([(0, 1), (0.9, 1), (0.28125, 0.9), (0.160714, 0.28125), (0, 0.160714), (0, 1)]), abs=1e-5
    )


def test_the_waterfall_says_kroner_at_each_step_and_that_it_is_an_indication():
    said = texts(gains.draw_gain_waterfall(CASE, **WATERFALL))
    assert [text for text in said if "mio. kr." in text] == [
        *("2,0 mio. kr.", "−0,2 mio. kr.", "−1,2 mio. kr.", "−0,2 mio. kr.", "0,3 mio. kr.", "2,0 mio. kr."),
    ]
    assert "Indikation, ikke en måling" in said
    title, alt = gains.describe_gain_waterfall(CASE, **WATERFALL)
    assert title == "Sandsynligt realiseret: 0,3 mio. kr. af 2,0 mio. kr. (indikation)"
    assert alt.endswith("Gælder 1 af 1 løsning med business case.")


def test_more_use_than_assumed_is_capped():
    eager = CASE.assign(I19F=1.0, I19U=3.0, I19T=1.0, I20_sr=2_400_000.0)
    edges = [bar[1:] for bar in bars(gains.draw_gain_waterfall(eager, **WATERFALL).axes[0])]
    assert edges[2] == pytest.approx((1, 1.2))
    assert edges[4] == pytest.approx((0, 1.2))


def test_a_loss_is_drawn_to_the_left_of_nothing():
    slower = CASE.assign(I19T=-0.2, I20_sr=-112_500.0)
    axes = gains.draw_gain_waterfall(slower, **WATERFALL).axes[0]
    assert bars(axes)[4][1:] == pytest.approx((-0.05625, 0))
    assert axes.get_xlim()[0] == pytest.approx(-0.05625)


def test_without_all_three_factors_the_gain_is_an_interval():
    unknown = CASE.assign(I19T=np.nan, I20_sr=np.nan, I20_low=0.0, I20_high=562_500.0)
    axes = gains.draw_gain_waterfall(unknown, **WATERFALL).axes[0]
    assert np.array([bar[1:] for bar in bars(axes)]) == pytest.approx(
        np.array([(0, 1), (0, 0.28125), (0, 1)])
    )
    title, _ = gains.describe_gain_waterfall(unknown, **WATERFALL)
    assert title == "Sandsynligt realiseret: 0 kr. til 0,6 mio. kr. af 2,0 mio. kr. (indikation)"


def test_solutions_without_all_factors_stay_out_of_the_steps_and_are_told():
    both = pd.concat([CASE, CASE.assign(solution="s2", I19F=np.nan, I20_sr=np.nan)], ignore_index=True)
    _, alt = gains.describe_gain_waterfall(both, **WATERFALL)
    assert alt.startswith("Indikation i trin: business case 2,0 mio. kr.")
    assert alt.endswith("Gælder 1 af 2 løsninger med business case.")


def test_the_same_gains_give_the_same_bytes():
    assert svg(gains.draw_gain_ledger, LEDGER, language="da") == svg(
        gains.draw_gain_ledger, LEDGER, language="da"
    )
    one, two = (svg(gains.draw_gain_waterfall, CASE, **WATERFALL) for _ in range(2))
    assert one == two
