"""The rules about rows (framework section 3), one function each, and which table each belongs to.

A rule takes the table, the tables accepted before it and the limits (assumptions by name and the
contract's own limits by rule), and returns hits. What a rule says is in `contract/rules.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from klktools.intake.rules import lookalikes, magnitude, months, rows
from klktools.intake.rules.common import Rule

_KRONER = ("business_case_kr", "budget_cut_kr", "realised_kr")

RULES: Mapping[str, tuple[Rule, ...]] = {
    "municipalities": (rows.unknown_municipality,),
    "visits": (
        rows.dates_in_order("start_date", "end_date"),
        rows.visit_too_long,
        rows.period_too_short,
        rows.period_after_visit,
    ),
    "departments": (
        rows.dates_in_order("valid_from", "valid_to"),
        rows.overlapping_periods,
        lookalikes.renamed_department,
    ),
    "interviews": (rows.interview_far_from_visit, lookalikes.duplicated_interviews),
    "answers": (
        rows.answer_without_score,
        rows.answer_without_value,
        rows.score_without_answer,
        rows.dont_know_without_reason,
        rows.question_not_in_version,
        rows.score_of_unscored_question,
        rows.value_unlike_answer_type,
    ),
    "ratings": (rows.score_between_steps, rows.two_consensus_ratings, rows.consensus_outside_span),
    "solutions": (
        partial(rows.robot_without, column="supports_function"),
        partial(rows.robot_without, column="underlying_solution"),
        rows.operation_without_go_live,
        rows.dates_in_order("go_live", "project_closed"),
        rows.more_modules_used_than_paid,
        partial(magnitude.unlikely_amount, column="licence_kr"),
        lookalikes.solutions_alike,
    ),
    "usage": (
        rows.share_above_limit,
        rows.through_without_eligible,
        rows.more_as_intended_than_through,
        rows.sample_above_eligible,
        rows.more_active_than_staff,
        rows.usage_before_go_live,
        *(partial(rows.negative_count, column=column) for column in ("through", "eligible", "as_intended")),
        magnitude.unlikely_volume,
        months.missing_months,
        lookalikes.renamed_in_usage,
    ),
    "initiatives": (
        rows.dates_in_order("start", "end"),
        rows.go_live_outside_initiative,
        rows.robot_on_nothing,
        partial(magnitude.unlikely_amount, column="economy_kr"),
    ),
    "dependencies": (rows.requires_itself, lookalikes.circle_of_initiatives),
    "gains": (
        rows.gain_of_nothing,
        rows.negative_cut,
        *(partial(magnitude.unlikely_amount, column=column) for column in _KRONER),
        magnitude.price_level_missing,
        magnitude.several_price_levels,
    ),
    "assumptions": (
        rows.time_without_baseline,
        rows.no_saving_assumed,
        partial(rows.value_unlike_unit, column="baseline_value"),
        partial(rows.value_unlike_unit, column="assumed_value"),
        partial(rows.value_unlike_unit, column="measured_value"),
        rows.functionality_in_between,
    ),
    "staffing": (
        rows.more_leavers_than_staff,
        rows.turnover_above_one,
        rows.more_full_time_than_heads,
        rows.turnover_undefined,
    ),
    "training": (rows.more_trained_than_users, rows.more_persons_than_participations),
    "support": (rows.dates_in_order("active_from", "active_to"),),
}
