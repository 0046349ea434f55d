"""Figures: tables in, drawings out; titles and alternative texts say the finding in words.

`plot_x(d)` takes a dossier (or the benchmark) and returns a block; the `draw_x` and `describe_x` behind it
take plain tables.
"""

from klktools.figures.benchmark import (
    plot_certainty_classes,
    plot_claim_matrix,
    plot_criteria_quartiles,
    plot_harvest,
    plot_plan_classes,
    plot_turnover_half_life,
)
from klktools.figures.depth import plot_adoption, plot_certainty, plot_usage_heatmap
from klktools.figures.gains import plot_gain_ledger, plot_gain_waterfall
from klktools.figures.leadership import plot_support, plot_training
from klktools.figures.plan import plot_plan_completeness, plot_timeline
from klktools.figures.profile import plot_effort_effect, plot_perception, plot_position, plot_profile

__all__ = [
    "plot_adoption",
    "plot_certainty",
    "plot_certainty_classes",
    "plot_claim_matrix",
    "plot_criteria_quartiles",
    "plot_effort_effect",
    "plot_gain_ledger",
    "plot_gain_waterfall",
    "plot_harvest",
    "plot_perception",
    "plot_plan_classes",
    "plot_plan_completeness",
    "plot_position",
    "plot_profile",
    "plot_support",
    "plot_timeline",
    "plot_training",
    "plot_turnover_half_life",
    "plot_usage_heatmap",
]
