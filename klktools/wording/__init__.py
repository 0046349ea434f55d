"""Numbers and findings to sentences and display tables, in Danish and English: the toolkit's only rounding.

Each verb takes a dossier and returns a block (`klktools.blocks`): `say_...` speaks, `show_...` tabulates.
"""

from klktools.wording.advice import say_perception, say_position, show_position, show_recommendations
from klktools.wording.appendix import (
    show_all_findings,
    show_consultant_deviations,
    show_corrections,
    show_criteria,
    show_data_basis,
    show_definitions,
    show_method_assumptions,
    show_problems,
)
from klktools.wording.areas import (
    say_certainty,
    say_findings,
    show_assumptions_followed,
    show_gain_ledger,
    show_plan_conflicts,
    show_scores,
    show_training,
)
from klktools.wording.benchmark import (
    say_four_statements,
    show_benchmark_cover,
    show_certainty_classes,
    show_claim_matrix,
    show_correlations,
    show_harvest,
    show_plan_classes,
    show_quartiles,
    show_reference_basis,
    show_training_statement,
)
from klktools.wording.method import show_data_received, show_evidence_classes, show_people_met, show_scale
from klktools.wording.summary import (
    say_area_scores,
    say_first_recommendations,
    say_silences,
    say_strengths,
    say_summary,
    say_top_findings,
    show_cover,
    show_synthetic_notice,
)

__all__ = [
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
    "show_corrections",
    "show_correlations",
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
]
