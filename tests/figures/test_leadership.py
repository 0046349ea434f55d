"""Figures of the leadership of change: what is drawn and what is said."""

import numpy as np
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.figures import leadership
from tests.figures.drawings import LABELS, dossier, points, svg, texts

# half-lives of framework 4.4: q = 0.20 gives 3.11 years, q = 0.40 gives 1.36
GROUPS = pd.DataFrame(
    {
        "department_group": ["finance", "social_health"],
        "users": [40.0, 60.0],
        "I21a": [0.8, 0.5],
        "q": [0.2, 0.4],
        "I21b": [3.106, 1.357],
    }
)
MATRIX = pd.DataFrame(
    {
        "solution": ["s1", "s1", "s2", "s2"],
        "channel": ["super_user", "hotline", "guide", "chat"],
        "active": [True, True, True, False],
        "funding": ["operation", "project", None, "operation"],
    }
)
BY_SOLUTION = pd.DataFrame({"solution": ["s1", "s2", "s3"], "n_channels": [2.0, 1.0, np.nan]})
SUPPORT = {"labels": LABELS, "fewest": 2, "language": "da"}


def test_training_falls_as_the_framework_table_says():
    axes = leadership.draw_training(GROUPS, language="da").axes[0]
    finance, social = (line.get_xydata() for line in axes.lines if len(line.get_xdata()) > 2)
    # framework 4.4: of 100 trained 80/64/51 are left after 1/2/3 years at 20 per cent, 60/36/22 at 40
    years = [8, 16, 24]
    assert finance[years, 0] == pytest.approx([1, 2, 3])
    assert finance[years, 1] / 0.8 == pytest.approx([0.80, 0.64, 0.51], abs=0.005)
    assert social[years, 1] / 0.5 == pytest.approx([0.60, 0.36, 0.22], abs=0.005)


def test_training_starts_at_the_share_now_and_marks_the_steepest_line():
    axes = leadership.draw_training(GROUPS, language="da").axes[0]
    assert points(axes, "o") == [(0, 0.8), (0, 0.5)]
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 5), (0, 1))
    weights = {text.get_text(): text.get_fontweight() for text in axes.texts}
    assert weights == {"Økonomi: halvt efter 3,1 år": 400, "Social og Sundhed: halvt efter 1,4 år": 700}


def test_the_names_of_ten_lines_do_not_cover_one_another():
    groups = ["finance", "hr_payroll", "digital_it", "citizen_service", "children_youth"]
    groups += ["social_health", "employment", "technical_environment", "culture_leisure", "secretariat"]
    same = pd.DataFrame({"department_group": groups, "I21a": 0.9, "q": 0.05, "I21b": 13.5, "users": 10.0})
    axes = leadership.draw_training(same, language="da").axes[0]
    heights = np.sort([text.get_position()[1] for text in axes.texts])
    assert np.diff(heights).min() >= leadership.LABEL_STEP - 1e-9
    assert heights.max() <= 1.02 + 1e-9


def test_training_says_where_it_disappears_fastest():
    title, alt = leadership.describe_training(GROUPS, language="da")
    assert title == "I Social og Sundhed er halvdelen af de oplærte væk efter 1,4 år uden ny oplæring"
    assert alt == (
        "Oplærte brugere nu og halveringstid uden ny oplæring: "
        "Økonomi 80 pct. nu, halveret efter 3,1 år; Social og Sundhed 50 pct. nu, halveret efter 1,4 år."
    )


def test_training_pools_a_groups_solutions_by_users_and_leaves_hidden_rows_out():
    by_solution = pd.DataFrame(
        {
            "solution": ["s1", "s2", "s1"],
            "department_group": ["finance", "finance", "social_health"],
            "users": [30.0, 10.0, np.nan],
            "I21a": [0.9, 0.5, np.nan],
            "q": [0.1, 0.3, np.nan],
        }
    )
    block = figures.plot_training(dossier(training_by_group=by_solution))
    # by hand: (27 + 5) / 40 = 80 per cent; q = (3 + 3) / 40 = 0.15, half-life 4.27 years (framework 4.4)
    assert block.alt.endswith("Økonomi 80 pct. nu, halveret efter 4,3 år.")
    assert block.n == "40 brugeradgange"


def test_nobody_leaving_means_no_end():
    still = GROUPS.iloc[[0]].assign(q=0.0, I21b=np.inf)
    assert "ingen ende" in leadership.describe_training(still, language="da")[1]


def test_support_marks_active_channels_full_and_project_paid_ones_open():
    axes = leadership.draw_support(MATRIX, BY_SOLUTION, **SUPPORT).axes[0]
    lasting, project = (line for line in axes.lines if line.get_marker() == "o")
    assert list(zip(*lasting.get_data(), strict=True)) == [(0, 0), (2, 1)]
    assert list(zip(*project.get_data(), strict=True)) == [(1, 0)]
    assert project.get_markerfacecolor() == "white"


def test_support_says_the_number_and_when_it_is_too_few():
    said = texts(leadership.draw_support(MATRIX, BY_SOLUTION, **SUPPORT))
    assert said[:3] == ["Indkøb og e-handel", "Fakturahåndtering", "Indkøb og e-handel (2)"]
    assert [text for text in said if text[0].isdigit()] == ["2", "1 ◆ for få", "0 ◆ for få"]


def test_support_tells_the_channels_of_every_solution():
    title, alt = leadership.describe_support(MATRIX, BY_SOLUTION, **SUPPORT)
    assert title == "1 af 3 løsninger har mindst 2 støttekanaler"
    assert alt == (
        "Aktive støttekanaler. Indkøb og e-handel: superbruger og hotline. "
        "Fakturahåndtering: vejledning. Indkøb og e-handel (2): ingen."
    )


def test_support_that_is_nowhere_enough_says_so():
    few = BY_SOLUTION.assign(n_channels=1.0)
    assert leadership.describe_support(MATRIX, few, **SUPPORT)[0] == (
        "Ingen af 3 løsninger har mindst 2 støttekanaler"
    )


def test_the_support_block_counts_solutions():
    tables = {"support_matrix": MATRIX, "support_by_solution": BY_SOLUTION}
    assert figures.plot_support(dossier(**tables)).n == "3 løsninger"


def test_the_same_leadership_gives_the_same_bytes():
    assert svg(leadership.draw_training, GROUPS, language="da") == svg(
        leadership.draw_training, GROUPS, language="da"
    )
    one, two = (svg(leadership.draw_support, MATRIX, BY_SOLUTION, **SUPPORT) for _ in range(2))
    assert one == two
