"""Notes → notes with masks in place of what points at a person, and a log of where, without what."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from klktools.contract import load_contract
from klktools.contract.excel import LONGEST_CELL, shown_as_text, starts_a_formula
from klktools.errors import ParameterError, sentence
from klktools.notes.read import Note
from klktools.privacy import MASK, Found, Names, find_personal, load_names, mask_text

REDACTED = ["note", "municipality", "interview", "text", "redacted", "redaction_log"]
LOG = ["file", "sheet", "row", "column", "kind", "count", "positions"]
_MADE = datetime(2018, 1, 1)  # equal notes give equal bytes


@dataclass(frozen=True)
class Redaction:
    """`notes` is table T6 with masked texts, one row per note.

    `log` says file, sheet, row, column, kind, count and positions (first sign-after the last, counted in the
    original) of what was masked, never its content.
    """

    notes: pd.DataFrame
    log: pd.DataFrame


def redact(notes: Iterable[Note], *, names: Names, masks: Mapping[str, str]) -> Redaction:
    """Mask CPR numbers, e-mail addresses, telephone numbers, number plates, addresses and names.

    Parameters
    ----------
    notes : iterable of Note
    names : Names
        `klktools.privacy.load_names`, or `own_names` with those of the municipality's own interviewees.
    masks : mapping
        Kind -> word that stands for it, as "[navn]".
    """
    rows, log = [], []
    for note in notes:
        found = {column: find_personal(getattr(note, column), names) for column in REDACTED[:4]}
        cells = {
            column: mask_text(getattr(note, column), found[column], lambda kind: f"[{masks[kind]}]")
            for column in found
        }
        counts = Counter(place.kind for place in found["text"])
        told = "; ".join(f"{masks[kind]} {count}" for kind, count in sorted(counts.items()))
        rows.append({**cells, "redacted": True, "redaction_log": told})
        log += [line for column, places in found.items() for line in _lines(note, column, places)]
    return Redaction(pd.DataFrame(rows, columns=REDACTED), pd.DataFrame(log, columns=LOG))


def _lines(note: Note, column: str, places: list[Found]) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for kind in sorted({place.kind for place in places}):
        spans = [f"{place.start}-{place.end}" for place in places if place.kind == kind]
        where = (_masked_name(note.file), _masked_name(note.sheet), note.row, column)
        lines.append((*where, kind, len(spans), " ".join(spans)))
    return lines


def _masked_name(name: str) -> str:
    """A file may be named after a person."""
    return mask_text(name, find_personal(name, load_names()), lambda kind: MASK)


def write_redacted(redaction: Redaction, to: Path, *, language: str) -> Path:
    """Write the masked notes and, beside them, the log; both or neither.

    Parameters
    ----------
    redaction : Redaction
    to : path
        A file .csv or .xlsx; headings are the Danish names of T6 or, in English, the canonical ones. In csv a
        cell that Excel would take for a formula begins with an apostrophe.
    language : {"da", "en"}

    Returns
    -------
    Path
        Of the log: `to` with "_log.csv" in place of its ending.

    Raises
    ------
    ParameterError
        When `to` has another ending, or a note is too long for a cell of a workbook.
    """
    if to.suffix.lower() not in (".csv", ".xlsx"):
        raise ParameterError(
            sentence(must="Redacted notes must be written as .csv or .xlsx", found=f"found {to.name}")
        )
    columns = load_contract().notes.columns
    heads = {name: columns[name].danish if language == "da" else name for name in REDACTED}
    truth = {"da": "ja", "en": "yes"}[language]
    table = redaction.notes.rename(columns=heads).replace({True: truth})
    log = to.with_name(f"{to.stem}_log.csv")
    content = _workbook(table, to.name) if to.suffix.lower() == ".xlsx" else _csv(table)
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".redacting-", dir=to.parent) as scratch:
        for place, whole in ((to, content), (log, _csv(redaction.log))):
            (Path(scratch) / place.name).write_bytes(whole)
        for place in (log, to):
            os.replace(Path(scratch) / place.name, place)
    return log


def _csv(table: pd.DataFrame) -> bytes:
    """As a Danish Excel opens it, and without a cell that it would take for a formula."""
    into = io.StringIO()
    writer = csv.writer(into, delimiter=";", lineterminator="\r\n")
    rows = [list(table.columns), *table.itertuples(index=False)]
    writer.writerows([shown_as_text(str(cell)) for cell in row] for row in rows)
    return into.getvalue().encode("utf-8-sig")


def _workbook(table: pd.DataFrame, name: str) -> bytes:
    longest = max((len(str(cell)) for cell in table.to_numpy().flat), default=0)
    if longest > LONGEST_CELL:
        must = f"A note in a workbook must have at most {LONGEST_CELL} characters"
        remedy = f"Write {name.removesuffix('.xlsx')}.csv instead"
        raise ParameterError(sentence(must=must, found=f"found {longest}", remedy=remedy))
    into = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(into, plain) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(load_contract().notes.danish)
        quoted = book.add_format({"quote_prefix": True})  # typed anew it is no formula either
        for number, row in enumerate([list(table.columns), *table.itertuples(index=False)]):
            for column, text in enumerate(map(str, row)):
                sheet.write_string(number, column, text, quoted if starts_a_formula(text) else None)
    return into.getvalue()
