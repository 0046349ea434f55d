"""What a consultant asks of a round before the report is written (framework 6.3); nothing here is delivered.

Tables in, tables out: those of docs/architecture.md, of one municipality or of all, with the whole truth.
Figures of few persons are not hidden here.
"""

from klktools.explore.certainty import need_to_measure, rank_departments, rank_solutions
from klktools.explore.coverage import (
    compare_denominators,
    count_by_rule,
    count_reasons,
    list_deliveries,
    map_coverage,
)
from klktools.explore.interviews import (
    compare_role_groups,
    count_dont_know,
    count_themes,
    list_for_consensus,
)
from klktools.explore.one import keep_one, only, open_one
from klktools.explore.prospects import project_training, trace_dependencies, what_if
from klktools.explore.triggers import gather, list_triggers, near_misses, relax

__all__ = [
    "compare_denominators",
    "compare_role_groups",
    "count_by_rule",
    "count_dont_know",
    "count_reasons",
    "count_themes",
    "gather",
    "keep_one",
    "list_deliveries",
    "list_for_consensus",
    "list_triggers",
    "map_coverage",
    "near_misses",
    "need_to_measure",
    "only",
    "open_one",
    "project_training",
    "rank_departments",
    "rank_solutions",
    "relax",
    "trace_dependencies",
    "what_if",
]
