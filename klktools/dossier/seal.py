"""Sealing: what a report may show goes into its folder, the rest stays in the assessment.

No single answer, rating, consultant, supplier, price or free note is sealed, and no figure that too few
persons stand behind.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from klktools import framework
from klktools.assessment import Assessment, latest_visits
from klktools.benchmark import hide_small_groups
from klktools.contract import load_contract
from klktools.dossier import META, REFERENCE, TABLES
from klktools.dossier.pack import pack
from klktools.privacy import MASK, mask_cells

# results that hold single answers or single ratings, or that only the consultant's notebook needs
_UNSEALED = ("answer_scores", "rater_differences", "cells", "reference", "positions")
# of the round's tables: what names and labels things, never supplier, product, price, person or note
_LABELS = {
    "municipalities": [
        *("municipality", "name", "region_code", "region_name", "population", "wave", "size_class"),
    ],
    "visits": [
        *("municipality", "visit", "wave", "instrument_version", "start_date", "end_date"),
        *("period_from", "period_to", "status"),
    ],
    "solutions": [
        *("municipality", "solution", "function", "supports_function", "status", "is_new", "go_live"),
        *("transaction_unit", "denominator"),
    ],
    "departments": [
        *("municipality", "department", "name", "department_group", "core_welfare", "level"),
        *("valid_from", "valid_to", "replaces"),
    ],
    "initiatives": [
        *("municipality", "initiative", "name", "solution", "function", "type", "status"),
        *("start", "end", "go_live"),
    ],
}
# tables and columns whose delivered cells may point at a person
_PERSONAL_TABLES = ("interviews", "answers", "ratings", "usage_log")
_PERSONAL_COLUMNS = (
    "note",
    "description",
    "theme",
    "reason",
    "source",
    "supplier",
    "consultant",
    "consultants",
)

_OF_ENCODINGS = ("E03", "E03b")  # old and new are encodings, not what was delivered


def seal_dossiers(assessment: Assessment, folder: str | Path) -> pd.DataFrame:
    """Write every municipality's dossier and the reference.

    Parameters
    ----------
    assessment : Assessment
        Of the whole round.
    folder : path
        Receives one folder per municipality code, and `reference`. A folder whose content would not change is
        left as it is; one that changes is exchanged whole, so that no reader meets half of it.

    Returns
    -------
    DataFrame
        One row per municipality, in code order, and one for `reference`: municipality, folder, sha256 (of
        names and bytes; equal content gives equal sha256).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = _sealed_tables(assessment)

    def seal(own: tuple[str, dict[str, Any]]) -> tuple[str, str, str]:
        code, meta = own
        packed = pack({name: table.rows_of(code) for name, table in tables.items()})
        return code, *_exchange(folder / code, {TABLES: packed, META: _as_bytes(meta)})

    rows = list(map(seal, _metas(assessment)))
    shared = {TABLES: _packed({REFERENCE: assessment.reference}), META: _as_bytes({})}
    rows.append((REFERENCE, *_exchange(folder / REFERENCE, shared)))
    return pd.DataFrame(rows, columns=["municipality", "folder", "sha256"])


def seal_benchmark(assessment: Assessment, folder: str | Path, *, edition: str) -> str:
    """Write what the cross-municipality report may see: the four statements and the reference.

    Parameters
    ----------
    assessment : Assessment
        Of the whole round.
    folder : path
        Receives the files; exchanged whole, and only when they change.
    edition : {"internal", "municipal"}
        For the consultants, or for municipalities to read (`benchmark.four_statements`).

    Returns
    -------
    str
        sha256 of names and bytes.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    tables = {**assessment.statements[edition], REFERENCE: assessment.reference}
    meta = {"edition": edition, "synthetic": all(row["synthetic"] for _, row in _metas(assessment))}
    return _exchange(folder, {TABLES: _packed(tables), META: _as_bytes(meta)})[1]


def are_synthetic(codes: Iterable[str]) -> bool:
    """Whether all municipalities are invented: sample rounds keep outside the real codes (framework 7.3)."""
    return not set(codes) & set(_register())


class Sorted(NamedTuple):
    """A table in order of municipality, so that one municipality's rows are a slice of it."""

    table: pa.Table
    codes: np.ndarray

    def rows_of(self, code: str) -> pa.Table:
        first, after = self.codes.searchsorted(code, "left"), self.codes.searchsorted(code, "right")
        return self.table.slice(int(first), int(after - first))


def _sealed_tables(assessment: Assessment) -> dict[str, Sorted]:
    """Every table a dossier may hold."""
    round_ = assessment.round
    results = {name: table for name, table in assessment.tables.items() if name not in _UNSEALED}
    shown = hide_small_groups(results, assumptions=assessment.assumptions)
    shown["depth_by_solution"] = shown["depth_by_solution"].drop(columns="I10b_kr")
    shown["indicators"] = _without_prices(shown["indicators"])
    labels = {name: round_.tables[name][columns] for name, columns in _LABELS.items()}
    labels["visits"] = latest_visits(labels["visits"])
    labels["municipality"] = labels.pop("municipalities")
    journals = {
        "problems": _without_persons(round_.problems),
        "corrections": _without_persons(round_.corrections),
        "delivered": round_.delivered,
    }
    return {name: _sort(table) for name, table in {**shown, **labels, **journals}.items()}


def _without_prices(indicators: pd.DataFrame) -> pd.DataFrame:
    """What one solution costs is the supplier's secret; the sum over solutions is the municipality's own."""
    return indicators[indicators["indicator"].ne("I10b") | indicators["solution"].eq("")]


def _without_persons(journal: pd.DataFrame) -> pd.DataFrame:
    """Mask delivered cells that are personal by their place or by their look; paths become file names."""
    texts = [name for name in ("value", "old", "new", "message", "remedy") if name in journal]
    cells = [name for name in texts if name in ("value", "old", "new")]
    personal = journal["table"].isin(_PERSONAL_TABLES) | journal["column"].isin(_PERSONAL_COLUMNS)
    personal &= ~journal["rule"].isin(_OF_ENCODINGS)
    masked = journal.assign(file=journal["file"].str.replace(r"^.*[/\\]", "", regex=True))
    delivered = list(zip(*(journal.loc[personal, name] for name in cells), strict=True))
    telling = ~journal.loc[personal, "rule"].isin(_plain_rules())
    for name in [*cells, "message"]:  # a remedy repeats no cell
        rows = zip(journal.loc[personal, name], delivered, telling | (name != "message"), strict=True)
        masked.loc[personal, name] = [
            _masked(text, secrets) if tell else text for text, secrets, tell in rows
        ]
    return masked.assign(**{name: _wary(masked[name]) for name in texts})


@cache
def _plain_rules() -> frozenset[str]:
    """Rules whose sentence is always the same, so that no cell stands in it."""
    rules = load_contract().rules
    return frozenset(name for name, rule in rules.items() if "severity" in rule and "{" not in rule["da"])


def _wary(column: pd.Series) -> pd.Series:
    return pd.Series(mask_cells(column, wary=True), index=column.index, dtype=column.dtype)


def _masked(text: Any, secrets: tuple[Any, ...]) -> Any:
    """A text without the cells that were delivered; an empty cell hides nothing."""
    if isinstance(text, str):
        for secret in secrets:
            text = text.replace(secret, MASK) if isinstance(secret, str) and secret else text
    return text


def _in_code_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sorted by municipality; what belongs to none (a fault of a whole file) goes to nobody."""
    codes = table["municipality"]
    if codes.notna().all() and codes.is_monotonic_increasing:
        return table
    return table.dropna(subset=["municipality"]).sort_values("municipality", kind="stable", ignore_index=True)


def _sort(table: pd.DataFrame) -> Sorted:
    ordered = _in_code_order(table)
    return Sorted(_arrow(ordered), ordered["municipality"].to_numpy(dtype="U"))


def _arrow(table: pd.DataFrame) -> pa.Table:
    """A table whose types do not depend on which rows happen to be missing."""
    loose = {name: "str" for name in table if table[name].dtype == object}
    return pa.Table.from_pandas(table.astype(loose), preserve_index=False)


def _packed(tables: Mapping[str, pd.DataFrame]) -> bytes:
    return pack({name: _arrow(table) for name, table in tables.items()})


def _metas(assessment: Assessment) -> Iterator[tuple[str, dict[str, Any]]]:
    """Code and `meta.json` of every municipality, in code order."""
    visits = latest_visits(assessment.round.tables["visits"])
    visits = visits[["municipality", "instrument_version", "end_date", "status"]]
    table = assessment.municipalities.merge(visits, on="municipality", how="left")
    for row in _in_code_order(table).to_dict("records"):
        yield row["municipality"], _meta(row)


def _meta(row: Mapping[Any, Any]) -> dict[str, Any]:
    visited = row["end_date"]
    known = {name: None if pd.isna(value) else value for name, value in row.items() if name != "end_date"}
    return {
        "code": row["municipality"],
        "name": row["name"],
        "full_name": _register().get(row["municipality"], f"{row['name']} Kommune"),
        **{name: known[name] for name in ("wave", "size_class", "instrument_version")},
        "visit_month": "" if pd.isna(visited) else f"{visited:%Y-%m}",
        "visit_status": known["status"],
        "synthetic": are_synthetic([row["municipality"]]),
    }


@cache
def _register() -> Mapping[str, str]:
    """Code -> full name of the real municipalities."""
    path = Path(framework.__file__).with_name("municipalities.csv")
    return dict(pd.read_csv(path, dtype="str").set_index("municipality")["full_name"])


def _as_bytes(meta: Mapping[str, Any]) -> bytes:
    return (json.dumps(meta, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _exchange(target: Path, files: Mapping[str, bytes]) -> tuple[str, str]:
    """Put a folder with exactly these files in place, unless it is there; return its path and sha256."""
    sha256 = _digest(files)
    if not target.is_dir() or _digest({file.name: file.read_bytes() for file in target.iterdir()}) != sha256:
        with tempfile.TemporaryDirectory(prefix=".sealing-", dir=target.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            for name, content in files.items():
                (fresh / name).write_bytes(content)
            if target.exists():
                os.rename(target, Path(scratch) / "old")
            os.rename(fresh, target)
    return str(target), sha256


def _digest(files: Mapping[str, bytes]) -> str:
    lines = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
