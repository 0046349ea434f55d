"""One municipality of an assessment, and what its report would see."""

from __future__ import annotations

from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from klktools.assessment import Assessment
from klktools.contract import nearest
from klktools.dossier import Dossier, open_dossier
from klktools.dossier.seal import seal_dossiers
from klktools.errors import ParameterError, sentence
from klktools.intake import Round


def only(table: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """Keep the rows of one municipality, numbered anew; a table without municipalities is kept whole."""
    if "municipality" not in table:
        return table
    return table[table["municipality"].eq(municipality)].reset_index(drop=True)


def keep_one(assessment: Assessment, municipality: str) -> Assessment:
    """Keep one municipality of an assessment, with the reference and the statements of all.

    Raises
    ------
    ParameterError
        The municipality is not in the round.
    """
    known = list(assessment.municipalities["municipality"])
    if municipality not in known:
        near = nearest(municipality, known)
        raise ParameterError(
            sentence(
                must="`municipality` must be a code of the round, as text of four characters",
                found=f"found {municipality!r}",
                remedy=f"The nearest is {near}" if near else "",
            )
        )
    whole = assessment.round
    own = Round(
        tables={name: only(table, municipality) for name, table in whole.tables.items()},
        problems=_concerning(whole.problems, municipality),
        corrections=_concerning(whole.corrections, municipality),
        delivered=only(whole.delivered, municipality),
    )
    tables: dict[str, Any] = {name: only(table, municipality) for name, table in assessment.tables.items()}
    return replace(assessment, round=own, **tables)


def open_one(assessment: Assessment) -> Dossier:
    """Open what the report of the one municipality of an assessment (`keep_one`) may see.

    The dossier is sealed to a temporary folder, which is gone again before this returns.
    """
    (code,) = assessment.municipalities["municipality"]
    with TemporaryDirectory() as folder:
        seal_dossiers(assessment, folder)
        return open_dossier(f"{folder}/{code}")


def _concerning(journal: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """What was wrong with one municipality's rows, and with whole files."""
    about = journal["municipality"].fillna("")
    return journal[about.isin([municipality, ""])].reset_index(drop=True)
