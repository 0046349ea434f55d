"""From drawing to block: the limits of the alternative text, figures that are not there, hostile words."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import klktools.figures as figures
from klktools.blocks import Figure
from klktools.figures.block import fit, reason_of
from tests.figures.drawings import dossier

BENCHMARK = (
    "plan_classes",
    "certainty_classes",
    "claim_matrix",
    "harvest",
    "criteria_quartiles",
    "turnover_half_life",
)
REPORT = [name for name in figures.__all__ if name.removeprefix("plot_") not in BENCHMARK]
# the tables of a dossier nobody delivered anything to
COLUMNS = {
    "depth_by_solution": ["solution", "is_new", "I01", "I03_low", "I03_high", "I04"],
    "depth_by_municipality": ["I01", "I03_low", "I03_high", "I04"],
    "usage_by_group": ["solution", "department_group", "share"],
    "usage_by_month": ["solution", "months_since_go_live", "share", "reference"],
    "timeline": ["initiative", "name", "start", "end", "go_live", "conflict"],
    "plan_by_municipality": ["I11", "I11a", "I11b", "I11c", "I11d", "I11_class", "n_initiatives", "reason"],
    "gain_ledger": ["gain", "expected_group", "cut_kr"],
    "gains_by_municipality": ["reason_G1", "reason_G4"],
    "gains_by_solution": ["bc_kr", "I20_high"],
    "training_by_group": ["department_group", "users", "trained", "I21a", "q"],
    "leadership_by_municipality": ["reason_L1", "reason_L2"],
    "support_matrix": ["solution", "channel", "active", "funding"],
    "support_by_solution": ["solution", "n_channels"],
    "area_scores": ["area", "R", "label", "light", "n_criteria", "reason"],
    "scores": ["criterion", "I", "S", "I25a", "I25a_shown"],
    "findings": ["finding", "rank", "values"],
    "indicators": ["indicator", "solution", "department", "estimate"],
}
EMPTY = {name: pd.DataFrame(columns=columns) for name, columns in COLUMNS.items()}


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", REPORT)
def test_a_figure_without_data_says_so_instead_of_being_blank(name, language):
    block = getattr(figures, name)(dossier(language=language, **EMPTY))
    said = "Ikke undersøgt (" if language == "da" else "Not examined ("
    assert isinstance(block, Figure)
    assert said in block.svg
    assert said in block.alt
    assert block.n is None
    assert said.removesuffix(" (").lower() in block.title


def test_the_reason_given_in_a_table_is_the_one_that_is_said():
    plan = pd.DataFrame({column: [None] for column in COLUMNS["plan_by_municipality"]}).assign(
        reason="no_initiatives"
    )
    block = figures.plot_plan_completeness(dossier(**EMPTY | {"plan_by_municipality": plan}))
    assert block.title == "Planens fire dele: ikke undersøgt (der er ingen initiativer i gang eller på vej)"


def test_the_first_reason_counts_and_no_reason_is_none():
    assert reason_of(pd.DataFrame({"reason": [None, "", "no_cut", "other"]})) == "no_cut"
    assert reason_of(pd.DataFrame({"reason": [None]})) is None
    assert reason_of(pd.DataFrame({"other": [1]})) is None


def test_an_alternative_text_that_is_too_long_ends_after_a_whole_part():
    said = fit("Første del. " + "; ".join(f"nummer {number} er lang" for number in range(60)))
    assert len(said) <= 600
    assert said.endswith("er lang …")


def test_an_alternative_text_that_fits_is_kept_but_for_a_double_stop():
    assert fit("Andelen er 27 pct.. Den måles.") == "Andelen er 27 pct. Den måles."


def test_hostile_names_stay_words_and_raise_no_warning():
    timeline = pd.DataFrame(
        {
            "initiative": ["i1"],
            "name": ["<script>$x^2$ {0} 安全"],
            "start": [pd.Timestamp(2018, 1, 1)],
            "end": [pd.Timestamp(2018, 6, 1)],
            "go_live": [pd.NaT],
            "conflict": ["K2"],
        }
    )
    visits = pd.DataFrame({"end_date": [pd.Timestamp(2018, 4, 20)]})
    block = figures.plot_timeline(dossier(timeline=timeline, visits=visits))
    assert "<script>" not in block.svg
    assert "&lt;script&gt;$x^2$ {0} 安全" in block.svg


def test_every_figure_of_a_page_has_its_own_ids():
    blocks = [getattr(figures, name)(dossier(**EMPTY)) for name in REPORT]
    assert len({block.id for block in blocks}) == len(REPORT)
    assert all(f'id="{block.id}-svg"' in block.svg for block in blocks)


def test_no_figure_is_left_open_in_pyplot():
    for name in REPORT:
        getattr(figures, name)(dossier(**EMPTY))
    assert plt.get_fignums() == []
