"""What holds of every verb: a report about nothing is still whole, and hostile names stay text."""

import inspect
import re

import pytest

from klktools import wording
from klktools.blocks import Block
from tests.wording.conftest import Dossier, area_score, finding, score

VERBS = [name for name in wording.__all__ if "d" in inspect.signature(getattr(wording, name)).parameters]
SILENT = {"show_synthetic_notice"}
HOSTILE = "<script>alert(1)</script> {x|pct} | **"


def call(name, d):
    verb = getattr(wording, name)
    areas = ("plan", "depth", "gains", "leadership") if "area" in inspect.signature(verb).parameters else ()
    return [verb(d, area=area) for area in areas] or [verb(d)]


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", VERBS)
def test_a_dossier_without_any_table_still_gives_an_honest_block(name, language):
    for block in call(name, Dossier(language=language)):
        assert isinstance(block, Block)
        html = block.to_html()
        assert (html != "") is (name not in SILENT)
        assert re.search(r"[{}]|\bNone\b|\bnan\b|NaT|&lt;NA", html) is None


@pytest.mark.parametrize("name", VERBS)
def test_hostile_names_are_shown_as_text(name, dossier):
    d = dossier(
        initiatives=[{"initiative": "I1", "name": HOSTILE}],
        departments=[{"department": "D1", "name": HOSTILE}],
        area_scores=[area_score("plan")],
        scores=[score("P1", deviation_reason=HOSTILE, I25a_shown=True, I25a=1.5, **{"I": 3.5})],
        plan_by_municipality=[{"n_initiatives": 3, "expected_gain_kr": None}],
        gains_by_municipality=[
            {"H": 1e6, "I16": 0.5, "n_followed_up": 1, "n_assumptions": 2, "reason_G1": None}
            | {
                f"{part}_kr": 2e5
                for part in ("in_place", "undocumented", "elsewhere", "core_welfare", "across")
            }
        ],
        gain_ledger=[
            {"solution": "S1", "cut_kr": 1e6, "documented_kr": None}
            | {"expected_department": "D1", "budget_department": "D1"}
        ],
        conflicts=[{"conflict": "K2", "initiative": "I1", "requires": "I1", "months": 2.0, "ids": None}],
        assumption_rows=[
            {"solution": "S1", "type": "usage", "description": HOSTILE, "followed_up": True}
            | {"assumed_value": 0.8, "measured_value": None}
        ],
        findings=[
            finding("F-P04", 1, "medium", '{"initiative": "I1", "required": "I1", "months": 2}'),
            finding("F-P07", 2, "medium", f'{{"department": "D1", "go_lives": 4, {PERIOD}}}'),
        ],
        problems=[problem(HOSTILE)],
        corrections=[problem(HOSTILE)],
    )
    for block in call(name, d):
        assert "<script" not in block.to_html()


PERIOD = '"period_from": "2018-01-01", "period_to": "2018-06-01"'


def problem(text):
    return {
        "table": "usage",
        "file": text,
        "sheet": None,
        "row": 2,
        "cell": "D2",
        "column": text,
        "rule": "E07",
        "severity": "warning",
        "message": text,
        "remedy": text,
    }


def test_hostile_names_do_reach_the_page_as_text(dossier):
    d = dossier(
        initiatives=[{"initiative": "I1", "name": HOSTILE}],
        plan_by_municipality=[{"n_initiatives": 3}],
        conflicts=[{"conflict": "K3", "initiative": "I1", "requires": "X", "months": None, "ids": None}],
    )
    html = wording.show_plan_conflicts(d).to_html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {x|pct} | **" in html
