"""Figures across the areas: what is drawn and what is said."""

import numpy as np
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.figures import profile
from klktools.framework import load_framework
from tests.figures.drawings import bars, dossier, points, row_names, svg, texts

AREAS = pd.DataFrame(
    {
        "area": ["leadership", "plan", "depth", "gains"],
        "R": [3.1, 2.4, 0.8, np.nan],
        "label": ["systematic", "partial", "incipient", None],
        "light": ["green", "yellow", "red", None],
        "reason": [None, None, None, "too_few_criteria"],
        "n_criteria": [4, 4, 4, 2],
    }
)
SCORES = pd.DataFrame(
    {
        "criterion": ["P1", "P2", "D3", "G1"],
        "I": [3.0, 1.5, np.nan, 2.0],
        "S": [1.0, 3.0, 2.0, np.nan],
        "I25a": [2.0, -1.5, np.nan, np.nan],
        "I25a_shown": pd.array([True, True, False, False], dtype="boolean"),
    }
)
GAP = {"gap": 1.0, "language": "da"}
ADVICE = pd.DataFrame(
    {
        "number": [1, 2, 3, 4],
        "title": ["Mål brugen", "Skriv en plan", "Følg op", "Uddan"],
        "effect": [3, 2, 3, 3],
        "effort": [1, 2, 1, 3],
    }
)
REFERENCE = pd.DataFrame(
    {
        "measure": ["plan", "depth", "gains", "gains", "gains", "I16", "I02"],
        "group_kind": ["all", "all", "all", "wave", "wave", "all", "all"],
        "group": ["all", "all", "all", "2018E", "2018F", "all", "all"],
        "n": [55, 55, 55, 30, 25, 40, 3],
        "q25": [1.0, 1.0, np.nan, 1.2, 9.0, 0.3, np.nan],
        "median": [2.0, 1.5, np.nan, 1.8, 9.0, 0.45, np.nan],
        "q75": [2.4, 2.0, np.nan, 2.6, 9.0, 0.62, np.nan],
        "status": ["measured", "measured", "not_examined", "measured", "measured", "measured", "suppressed"],
    }
)
INDICATORS = pd.DataFrame(
    {
        "indicator": ["I16", "I16", "I02"],
        "solution": ["", "s1", ""],
        "department": "",
        "estimate": [0.2, 0.9, 0.7],
    }
)


def test_the_profile_puts_four_dots_on_the_scale_in_the_order_of_the_framework():
    axes = profile.draw_profile(AREAS, language="da").axes[0]
    assert points(axes, "^") == [(2.4, 0)]
    assert points(axes, "s") == [(0.8, 1)]
    assert points(axes, "o") == [(3.1, 3)]
    assert axes.get_xlim() == (0, 4)


def test_an_area_not_examined_is_an_open_diamond_with_its_reason():
    axes = profile.draw_profile(AREAS, language="da").axes[0]
    (diamond,) = (line for line in axes.lines if line.get_marker() == "D")
    assert diamond.get_ydata().tolist() == [2]
    assert diamond.get_markerfacecolor() == "#FFFFFF"
    assert "Ikke undersøgt (for få af" in " ".join(texts(axes.figure)).replace("\n", " ")


def test_the_profile_says_score_and_step_and_never_a_total():
    said = texts(profile.draw_profile(AREAS, language="da"))
    assert [text for text in said if text[0] in "●▲■"] == [
        "▲ 2,4  Delvist",
        "■ 0,8  Ansatser",
        "● 3,1  Systematisk",
    ]
    title, alt = profile.describe_profile(AREAS, language="da")
    assert title == "Stærkest: Ledelse af forandringen (3,1 af 4). Svagest: Digitaliseret i dybden (0,8)"
    assert alt.startswith(
        "De fire områder på skalaen 0-4, uden samlet tal. "
        "Plan for digitalisering af administrationen: 2,4 (delvist). "
    )


def test_the_profile_of_one_area_and_of_level_areas():
    one = AREAS.iloc[[0]]
    level = AREAS.assign(R=[2.0, 2.0, 2.0, np.nan])
    assert [profile.describe_profile(table, language="da")[0] for table in (one, level)] == [
        "Kun ét område er vurderet: Ledelse af forandringen (3,1 af 4)",
        "De vurderede områder ligger lige: 2,0 af 4",
    ]


def test_perception_has_a_row_for_every_criterion_and_both_ends_of_the_dumbbell():
    figure = profile.draw_perception(SCORES, **GAP)
    axes = figure.axes[0]
    assert len(row_names(figure)) == len(load_framework().criteria)
    drawn = [point for point in points(axes, "o") if not np.isnan(point[0])]
    assert drawn == [(3.0, 0), (1.5, 1), (2.0, 8)]
    assert [point for point in points(axes, "s") if not np.isnan(point[0])] == [(1.0, 0), (3.0, 1), (2.0, 6)]


def test_perception_says_why_a_gap_is_not_shown():
    said = texts(profile.draw_perception(SCORES, **GAP))
    assert said.count("◆ +2,0 over data") == said.count("◆ −1,5 under data") == 1
    assert said.count("for få svar") == said.count("data rækker ikke") == 1
    assert said.count("ikke undersøgt") == len(load_framework().criteria) - 4


def test_a_gap_that_may_not_be_shown_is_not_said():
    hidden = SCORES.assign(I25a_shown=False)
    said = texts(profile.draw_perception(hidden, **GAP))
    assert said.count("for få roller") == 2
    assert profile.describe_perception(hidden, **GAP)[0] == (
        "Selvbilledet kan ikke holdes op mod data: For få har svaret, eller data mangler"
    )


@pytest.mark.parametrize(
    ("gaps", "title"),
    [
        ([2.0, -1.5], "Selvbilledet er lysere end data på 1 og mørkere på 1 af 2 kriterier"),
        ([2.0, 1.0], "Selvbilledet er lysere end data på 2 af 2 kriterier"),
        ([-2.0, 0.9], "Selvbilledet er mørkere end data på 1 af 2 kriterier"),
        ([0.9, -0.9], "Selvbillede og data følges ad på 2 kriterier"),
    ],
)
def test_perception_says_on_how_many_criteria_the_self_image_departs(gaps, title):
    assert profile.describe_perception(SCORES.assign(I25a=[*gaps, np.nan, np.nan]), **GAP)[0] == title


def test_recommendations_stand_in_the_cell_of_their_effect_and_effort():
    axes = profile.draw_effort_effect(ADVICE, language="da").axes[0]
    places = points(axes, "o")
    assert len(places) == 4
    cells = sorted((round(x), round(y)) for x, y in places)
    assert cells == [(1, 3), (1, 3), (2, 2), (3, 3)]
    numbers = {text.get_text() for text in axes.texts}
    assert {"1", "2", "3", "4"} <= numbers


def test_eight_recommendations_in_one_cell_do_not_cover_one_another():
    crowd = pd.concat([ADVICE.iloc[[0]]] * 8, ignore_index=True).assign(number=range(1, 9))
    places = points(profile.draw_effort_effect(crowd, language="da").axes[0], "o")
    assert len({(round(x, 3), round(y, 3)) for x, y in places}) == 8
    assert all(0.5 < x < 1.5 and 2.5 < y < 3.5 for x, y in places)


def test_the_recommendations_say_where_to_begin():
    title, alt = profile.describe_effort_effect(ADVICE, language="da")
    assert title == "Anbefaling 1 og 3 giver størst effekt for mindst indsats"
    assert "nr. 2: effekt middel, indsats middel" in alt


def test_the_position_shows_quartiles_and_the_own_mark_and_nothing_outside():
    block_table = positions()
    axes = profile.draw_position(block_table, language="da").axes[0]
    assert bars(axes) == [(0, 0.25, 0.6), (1, 0.25, 0.5), (2, 0.3, 0.65), (5, 0.3, 0.62)]
    assert points(axes, "D") == [
        pytest.approx((2.4 / 4, 0)),
        pytest.approx((0.8 / 4, 1)),
        pytest.approx((3.1 / 4, 3)),
        pytest.approx((0.7, 4)),
        pytest.approx((0.2, 5)),
    ]


def positions():
    return profile._positions(dossier(reference=REFERENCE, area_scores=AREAS, indicators=INDICATORS))


def test_a_measure_that_not_every_instrument_asked_is_compared_within_its_wave():
    gains = positions().set_index("measure").loc["gains"]
    assert (gains["group_kind"], gains["n"], gains["median"]) == ("wave", 30, 1.8)


def test_the_position_is_said_as_a_band_never_as_a_rank():
    title, alt = profile.describe_position(positions(), language="da")
    assert title == "Over midten på 1 af 3 målepunkter"
    assert alt == (
        "Placering i kvartiler: Plan for digitalisering af administrationen: over midten (n = 55); "
        "Digitaliseret i dybden: laveste fjerdedel (n = 55); Høstet på stedet: laveste fjerdedel (n = 40)."
    )


def test_the_position_says_when_there_is_no_comparison():
    said = texts(profile.draw_position(positions(), language="da"))
    assert "70 pct.\ningen sammenligning" in said
    assert "ikke undersøgt\n30 i samme bølge" in said


def test_the_position_block_tells_the_number_of_municipalities():
    d = dossier(reference=REFERENCE, area_scores=AREAS, indicators=INDICATORS)
    assert figures.plot_position(d).n == "30–55 kommuner"


@pytest.mark.parametrize(
    ("draw", "table", "options"),
    [
        (profile.draw_profile, AREAS, {}),
        (profile.draw_perception, SCORES, {"gap": 1.0}),
        (profile.draw_effort_effect, ADVICE, {}),
    ],
)
def test_the_same_scores_give_the_same_bytes(draw, table, options):
    assert svg(draw, table, language="en", **options) == svg(draw, table, language="en", **options)
