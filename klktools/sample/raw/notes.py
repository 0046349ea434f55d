"""Interview notes with personal data in them (T6, S17): a file that no one but `klktools redact` may read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from klktools.sample.raw.ways import load

_PERSONAL = re.compile(r"\{(\w+):([^}]*)\}")


def notes_of(municipality: str) -> Mapping[str, str]:
    """Interview -> note, with what must be masked as {kind:text}; empty for most municipalities."""
    return load("mistakes")["notes"].get(municipality, {})


def notes_name() -> str:
    """What the file of notes is called."""
    return load("mistakes")["notes"]["name"]


def write_notes(municipality: str, notes: Mapping[str, str]) -> bytes:
    """The notes as csv (UTF-8 with BOM, semicolons), one row each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(load("mistakes")["notes"]["heads"])
    for number, (interview, note) in enumerate(notes.items(), start=1):
        writer.writerow([f"T{number:02d}", municipality, interview, _PERSONAL.sub(r"\2", note)])
    return text.getvalue().encode("utf-8-sig")


def truth_of_notes(municipality: str, file: str, notes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One row for the file, which must not lie among the data, and one for everything to be masked in it."""
    whole = {"municipality": municipality, "table": "notes", "file": file, "sheet": "", "error": "S17"}
    yield whole | {"rule": "P04", "handling": "warning", "planted": file.rpartition("/")[2]}
    for row, note in enumerate(notes.values(), start=2):
        for kind, text in _PERSONAL.findall(note):
            place = {
                "cell": f"D{row}",
                "row": row,
                "column": load("mistakes")["notes"]["heads"][-1],
                "cells": 1,
            }
            yield whole | place | {"rule": kind, "handling": "masked", "planted": text}
