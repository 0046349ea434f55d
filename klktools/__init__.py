"""klktools: scores a round of municipal digitalisation checks and says what was found.

The public verbs in reading order: read a round, assess it, seal a dossier for each municipality, open one,
and say, show and plot what is in it. Everything is loaded when first used, so that a report's kernel loads
only what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "klktools.errors": ("KlkError", "ParameterError", "ReportError", "TableError"),
    "klktools.framework": ("Framework", "load_framework"),
    "klktools.intake": ("Round", "format_problems", "read_round"),
    "klktools.assessment": ("Assessment", "assess"),
    "klktools.dossier.seal": ("seal_benchmark", "seal_dossiers"),
    "klktools.dossier": ("Benchmark", "Dossier", "open_benchmark", "open_dossier"),
    "klktools.wording": (
        "say_area_scores",
        "say_certainty",
        "say_findings",
        "say_first_recommendations",
        "say_four_statements",
        "say_perception",
        "say_position",
        "say_silences",
        "say_strengths",
        "say_summary",
        "say_top_findings",
        "show_all_findings",
        "show_assumptions_followed",
        "show_benchmark_cover",
        "show_certainty_classes",
        "show_claim_matrix",
        "show_consultant_deviations",
        "show_correlations",
        "show_corrections",
        "show_cover",
        "show_criteria",
        "show_data_basis",
        "show_data_received",
        "show_definitions",
        "show_evidence_classes",
        "show_gain_ledger",
        "show_harvest",
        "show_method_assumptions",
        "show_people_met",
        "show_plan_classes",
        "show_plan_conflicts",
        "show_position",
        "show_problems",
        "show_quartiles",
        "show_recommendations",
        "show_reference_basis",
        "show_scale",
        "show_scores",
        "show_synthetic_notice",
        "show_training",
        "show_training_statement",
    ),
    "klktools.figures": (
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
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *_ROOM_OF]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'klktools' has no attribute {name!r}")
    return getattr(import_module(_ROOM_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
