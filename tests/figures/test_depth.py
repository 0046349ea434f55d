"""Figures of depth: what is drawn and what is said."""

import numpy as np
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.figures import depth
from tests.figures.drawings import LABELS, bars, dossier, points, svg, texts

# vectors V1, V4 and V8 of framework 4.1
BY_SOLUTION = pd.DataFrame(
    {
        "solution": ["s2", "s1", "s3"],
        "is_new": True,
        "I01": [0.105, 0.40, np.nan],
        "I03_low": [0.10, 0.30, np.nan],
        "I03_high": [0.15, 0.55, np.nan],
        "I04": ["certainly_not_above", "certainly_above", "cannot_be_said"],
    }
)
WHOLE = pd.DataFrame({"I01": [0.2], "I03_low": [0.15], "I03_high": [0.40], "I04": ["undecided"]})
CERTAINTY = {"labels": LABELS, "threshold": 0.25, "language": "da"}
USAGE = pd.DataFrame(
    {
        "solution": ["s1", "s1", "s2"],
        "department_group": ["finance", "children_youth", "finance"],
        "share": [0.8, 0.05, np.nan],
    }
)
MONTHS = pd.DataFrame(
    {
        "solution": ["s1", "s1", "s1", "s2"],
        "months_since_go_live": [10.0, 11.0, 12.0, 12.0],
        "share": [0.20, np.nan, 0.30, np.nan],
        "reference": [0.2, 0.225, 0.25, 0.25],
    }
)


def test_certainty_draws_each_interval_from_its_lower_to_its_upper_bound():
    axes = depth.draw_certainty(BY_SOLUTION, WHOLE, **CERTAINTY).axes[0]
    assert [(round(y), left, right) for y, left, right in bars(axes)] == [
        (0, 0.15, 0.40),
        (1, 0.30, 0.55),
        (2, 0.10, 0.15),
        (3, 0, 1),
    ]
    assert points(axes, "o") == [(0.2, 0), (0.4, 1), (0.105, 2)]


def test_certainty_puts_the_municipality_on_top_and_a_word_and_a_form_on_every_row():
    said = texts(depth.draw_certainty(BY_SOLUTION, WHOLE, **CERTAINTY))
    assert said[:4] == [
        "De nye løsninger samlet",
        "Indkøb og e-handel",
        "Fakturahåndtering",
        "Indkøb og e-handel (2)",
    ]
    verdicts = [text for text in said if text[0] in "●▲■○"]
    assert verdicts == ["▲ Kan ikke afgøres", "● Sikkert over", "■ Sikkert ikke over", "○ Kan ikke siges"]
    assert [text for text in said if text in ("20 pct.", "40 pct.", "11 pct.")] == [
        "20 pct.",
        "40 pct.",
        "11 pct.",
    ]


def test_certainty_says_the_finding_and_every_bound():
    title, alt = depth.describe_certainty(BY_SOLUTION, WHOLE, **CERTAINTY)
    assert (
        title == "Indkøb og e-handel er den eneste løsning med sikkerhed over 25 pct. – "
        "de nye samlet: kan ikke afgøres"
    )
    assert alt == (
        "Andel af transaktionerne gennem 3 løsninger, i pct., laveste til højeste mulige. "
        "Kan ikke afgøres: De nye løsninger samlet 15-40 (målt 20). "
        "Sikkert over: Indkøb og e-handel 30-55 (målt 40). "
        "Sikkert ikke over: Fakturahåndtering 10-15 (målt 11). Kan ikke siges: Indkøb og e-handel (2)."
    )


@pytest.mark.parametrize(
    ("classes", "title"),
    [
        (["certainly_above"] * 3, "Alle løsninger er med sikkerhed over 25 pct."),
        (
            ["certainly_above", "certainly_above", "undecided"],
            "2 af 3 løsninger er med sikkerhed over 25 pct.",
        ),
        (["undecided", "cannot_be_said", "undecided"], "Ingen løsning er med sikkerhed over 25 pct."),
        (
            ["cannot_be_said"] * 3,
            "For ingen af 3 løsninger kan kommunen sige, hvor stor en del af transaktionerne der går igennem",
        ),
    ],
)
def test_certainty_has_a_title_for_every_case(classes, title):
    table = BY_SOLUTION.assign(I04=classes, I01=0.3, I03_low=0.2, I03_high=0.4)
    assert depth.describe_certainty(table, WHOLE.iloc[:0], **CERTAINTY)[0] == title


def test_a_full_count_is_still_seen():
    exact = BY_SOLUTION.iloc[[1]].assign(I03_low=0.4, I03_high=0.4)
    ((_, left, right),) = bars(depth.draw_certainty(exact, WHOLE.iloc[:0], **CERTAINTY).axes[0])
    assert left < 0.4 < right


def test_the_certainty_block_counts_its_solutions():
    block = figures.plot_certainty(dossier(depth_by_solution=BY_SOLUTION, depth_by_municipality=WHOLE))
    assert block.n == "3 løsninger"
    assert "Indkøb og e-handel (2)" in block.svg


def test_the_heat_map_writes_numbers_marks_the_unmeasured_and_leaves_the_irrelevant_empty():
    figure = depth.draw_usage_heatmap(USAGE, labels=LABELS, language="da")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in said if text.isdigit() or text == "?"] == ["80", "5", "?"]
    assert "Børn og Unge" in said
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    assert len(hatched) == 1


def test_the_heat_map_has_the_same_colours_for_the_same_share_everywhere():
    figure = depth.draw_usage_heatmap(USAGE, labels=LABELS, language="da")
    assert figure.axes[0].collections[0].get_clim() == (0, 1)


def test_the_heat_map_says_where_most_and_where_least():
    title, alt = depth.describe_usage_heatmap(USAGE, labels=LABELS, language="da")
    assert title == (
        "Mest brugt: Indkøb og e-handel i Økonomi (80 pct.). "
        "Mindst: Indkøb og e-handel i Børn og Unge (5 pct.)"
    )
    assert alt == (
        "Laveste og højeste andel af transaktionerne på tværs af områderne, i pct.: "
        "Indkøb og e-handel 5-80. 1 af 3 felter er ikke målt."
    )


def test_adoption_has_the_same_axes_in_every_panel():
    figure = depth.draw_adoption(MONTHS, labels=LABELS, language="da")
    assert {(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes} == {((0, 60), (0, 1))}
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Fakturahåndtering", "Indkøb og e-handel"]


def test_adoption_breaks_the_line_at_a_missing_month_and_says_when_nothing_is_measured():
    unmeasured, measured = depth.draw_adoption(MONTHS, labels=LABELS, language="da").axes
    assert np.isnan(measured.lines[1].get_ydata()).tolist() == [False, True, False]
    assert [text.get_text() for text in unmeasured.texts] == ["ikke målt"]
    assert [text.get_text() for text in measured.texts] == ["30 pct."]


def test_adoption_says_how_many_keep_up_with_the_curve():
    title, alt = depth.describe_adoption(MONTHS, labels=LABELS, language="da")
    assert title == "1 af 1 løsning følger eller ligger over referencekurven"
    assert alt == (
        "Seneste målte andel i pct. og referencekurven i parentes: Indkøb og e-handel 30 (25). "
        "Uden måling: 1."
    )


def test_adoption_shows_new_solutions_in_their_first_five_years_only():
    late = pd.concat([MONTHS, MONTHS.assign(months_since_go_live=61.0), MONTHS.assign(solution="")])
    depth_by_solution = BY_SOLUTION.assign(is_new=[False, True, True])
    block = figures.plot_adoption(dossier(usage_by_month=late, depth_by_solution=depth_by_solution))
    assert block.n == "1 løsning"
    assert "Fakturahåndtering" not in block.svg


@pytest.mark.parametrize(
    ("draw", "tables", "options"),
    [
        (depth.draw_certainty, (BY_SOLUTION, WHOLE), CERTAINTY),
        (depth.draw_usage_heatmap, (USAGE,), {"labels": LABELS, "language": "en"}),
        (depth.draw_adoption, (MONTHS,), {"labels": LABELS, "language": "en"}),
    ],
)
def test_the_same_tables_give_the_same_bytes(draw, tables, options):
    before = [table.copy() for table in tables]
    assert svg(draw, *tables, **options) == svg(draw, *tables, **options)
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)
