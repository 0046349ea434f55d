"""A small literal dossier; each test states only the rows it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest


@dataclass(frozen=True)
class Dossier:
    """What a verb needs of a dossier."""

    code: str = "0048"
    name: str = "Kløverborg"
    language: str = "da"
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    reference: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["measure", "group_kind", "group", "n", "q25", "median", "q75", "status"]
        )
    )
    meta: Mapping[str, Any] = field(default_factory=dict)


SOLUTIONS = [
    {"solution": "S1", "function": "purchasing"},
    {"solution": "S2", "function": "invoices"},
    {"solution": "S3", "function": "payroll"},
]
INITIATIVES = [
    {"initiative": "I1", "name": "Ny lønløsning"},
    {"initiative": "I2", "name": "Robot til lønkørsel"},
]
DEPARTMENTS = [{"department": "D1", "name": "Økonomi"}, {"department": "D2", "name": "Skoler"}]


@pytest.fixture
def dossier():
    """Make a dossier from rows by table name: ``dossier("en", scores=[...])``."""

    def make(language="da", *, reference=None, meta=None, **tables):
        named = {"solutions": SOLUTIONS, "initiatives": INITIATIVES, "departments": DEPARTMENTS} | tables
        frames = {name: pd.DataFrame(rows) for name, rows in named.items()}
        more = {} if reference is None else {"reference": pd.DataFrame(reference)}
        return Dossier(language=language, tables=frames, meta=meta or {}, **more)

    return make


def score(criterion, R=2.0, **changes):
    """One row of `scores`, measured, class A, without a shown self-image."""
    area = {"P": "plan", "D": "depth", "G": "gains", "L": "leadership"}[criterion[0]]
    words = ["absent", "incipient", "partial", "systematic", "embedded"]
    known = R is not None
    row = {
        "criterion": criterion,
        "area": area,
        "wave": "2018F",
        "value": 0.5,
        "S": R,
        "I": None,
        "I25a": None,
        "I25a_shown": False,
        "I25c": None,
        "evidence": "A" if known else None,
        "R": R,
        "provisional": False,
        "capped": False,
        "label": words[int(R + 0.5)] if known else None,
        "light": ["red", "orange", "yellow", "green", "green"][int(R)] if known else None,
        "deviation_reason": None,
        "status": "measured" if known else "not_examined",
        "reason": None,
    }
    return row | changes


def area_score(area, R=2.0, **changes):
    """One row of `area_scores`."""
    known = R is not None
    row = {
        "area": area,
        "wave": "2018F",
        "R": R,
        "n_criteria": 4 if known else 0,
        "label": "partial" if known else None,
        "light": "yellow" if known else None,
        "status": "measured" if known else "not_examined",
        "reason": "" if known else "too_few_criteria",
    }
    return row | changes


def finding(id, rank, severity, values="{}", **changes):
    """One row of `findings`."""
    row = {
        "finding": id,
        "rank": rank,
        "severity": severity,
        "subject": "",
        "subjects": "",
        "n_subjects": 1,
        "values": values,
        "evidence_class": "A",
        "n": 6,
    }
    return row | changes
