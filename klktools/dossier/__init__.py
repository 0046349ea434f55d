"""What one report may see: sealed once from the assessment, opened by the report and by nothing else.

This file opens what `seal` has sealed, and loads no analysis: it is what a report's kernel imports. A
dossier holds one municipality's rows; beside the dossiers lies `reference/`, the disclosure-controlled
comparison, and nothing about any other municipality.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa

from klktools import framework
from klktools.dossier.pack import Packed
from klktools.errors import ParameterError, TableError, sentence

REFERENCE = "reference"
META = "meta.json"
TABLES = "tables.arrow"
LANGUAGES = ("da", "en")
COMMANDS = {"dossier": "report DATA", "benchmark": "benchmark DATA"}


@dataclass(frozen=True)
class Dossier:
    """One municipality as its report may see it.

    Attributes
    ----------
    code, name : str
        Municipality code (text of four characters) and name.
    language : {"da", "en"}
        The language the report is written in.
    tables : mapping of str to DataFrame
        The tables of docs/architecture.md, the municipality's rows only; `municipality` is its row of T1.
    reference : DataFrame
        Quartiles of all and of the own wave and size class, disclosure-controlled.
    meta : mapping
        code, name, full_name, wave, size_class, instrument_version, visit_month (YYYY-MM), visit_status,
        synthetic.
    """

    code: str
    name: str
    language: str
    tables: Packed
    reference: pd.DataFrame
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Benchmark:
    """All municipalities together as the cross-municipality report may see them.

    Attributes
    ----------
    language : {"da", "en"}
        The language the report is written in.
    tables : mapping of str to DataFrame
        The tables of `benchmark.four_statements`; small counts hidden in the municipal edition.
    reference : DataFrame
        Quartiles of all, disclosure-controlled.
    meta : mapping
        synthetic.
    """

    language: str
    tables: Mapping[str, pd.DataFrame]
    reference: pd.DataFrame
    meta: Mapping[str, Any]


def open_dossier(path: str | Path, *, language: str = "da") -> Dossier:
    """Open one sealed dossier and the reference beside it, and nothing else.

    Parameters
    ----------
    path : path
        The folder of one municipality, as `seal_dossiers` wrote it.
    language : {"da", "en"}

    Returns
    -------
    Dossier

    Raises
    ------
    ParameterError
        There is no dossier there, or the language is unknown.
    TableError
        The dossier cannot be read.
    """
    path = Path(path)
    tables, meta = _open(path, "dossier", language)
    shared, _ = _open(path.parent / REFERENCE, "dossier", language)
    return Dossier(
        meta["code"],
        meta["name"],
        language,
        tables,
        comparable(shared[REFERENCE], wave=meta["wave"], size_class=meta["size_class"]),
        MappingProxyType(meta),
    )


def comparable(reference: pd.DataFrame, *, wave: str, size_class: str) -> pd.DataFrame:
    """The rows of the reference for one municipality: not those of other waves and size classes."""
    own = {"wave": wave, "size_class": size_class}
    wanted = reference["group_kind"].map(own)
    return reference[wanted.isna() | reference["group"].eq(wanted)].reset_index(drop=True)


def open_benchmark(path: str | Path, *, language: str = "da") -> Benchmark:
    """Open what `seal_benchmark` wrote.

    Parameters
    ----------
    path : path
        The folder.
    language : {"da", "en"}

    Returns
    -------
    Benchmark

    Raises
    ------
    ParameterError
        There is no sealed benchmark there, or the language is unknown.
    TableError
        It cannot be read.
    """
    tables, meta = _open(Path(path), "benchmark", language)
    shown = {name: table for name, table in tables.items() if name != REFERENCE}
    return Benchmark(language, MappingProxyType(shown), tables[REFERENCE], MappingProxyType(meta))


def findings_record(dossier: Dossier) -> dict[str, Any]:
    """Return the findings as plain data for `findings.json` (framework 5, rule 6).

    Parameters
    ----------
    dossier : Dossier

    Returns
    -------
    dict
        municipality, name, wave, instrument_version and `findings` in order of rank, each with id, version,
        trigger, severity, area, criterion, rank, weight, evidence_class, n and its subjects with their
        values. The same facts the report's sentences are made from.
    """
    triggers = {rule.id: rule.trigger for rule in framework.load_framework().findings}
    subjects = dossier.tables["finding_subjects"]
    by_finding = dict(tuple(subjects.groupby("finding"))) if len(subjects) else {}
    ordered = dossier.tables["findings"].sort_values("rank")
    return {
        "municipality": dossier.code,
        "name": dossier.name,
        **{name: dossier.meta[name] for name in ("wave", "instrument_version")},
        "findings": [
            _finding(row, triggers[row["finding"]], by_finding[row["finding"]])
            for row in ordered.to_dict("records")
        ],
    }


def _open(path: Path, parameter: str, language: str) -> tuple[Packed, dict[str, Any]]:
    """The tables and `meta.json` of one sealed folder."""
    if language not in LANGUAGES:
        raise ParameterError(sentence(must="`language` must be da or en", found=f"found {language!r}"))
    if not (path / META).is_file():
        raise ParameterError(
            sentence(
                must=f"`{parameter}` must be a folder sealed by klktools",
                found=f"found no {path.name}/{META}",
                remedy=f"Run `klktools {COMMANDS[parameter]}` first",
            )
        )
    try:
        meta = json.loads((path / META).read_text(encoding="utf-8"))
        return Packed((path / TABLES).read_bytes()), meta
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise TableError(
            sentence(
                must="A sealed folder must be readable",
                found=f"could not read {path.name} ({type(fault).__name__})",
                remedy=f"Remove it and run `klktools {COMMANDS[parameter]}`",
            )
        ) from None


def _finding(row: Mapping[Any, Any], trigger: str, subjects: pd.DataFrame) -> dict[str, Any]:
    plain = {
        str(name): None if pd.isna(value) else value
        for name, value in row.items()
        if name not in ("municipality", "finding", "subject", "subjects", "values", "strength")
    }
    heaviest = subjects.sort_values(["weight", "subject"], ascending=[False, True])
    return {
        "id": row["finding"],
        "trigger": trigger,
        **plain,
        "values": json.loads(row["values"]),
        "subjects": [
            {"subject": subject, "values": json.loads(values)}
            for subject, values in zip(heaviest["subject"], heaviest["values"], strict=True)
        ],
    }
