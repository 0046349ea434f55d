"""Text files (csv, csv.gz) → sheets, whatever their encoding and separator."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from klktools.contract import fold
from klktools.contract.spec import TableSpec
from klktools.intake.files.sheet import Fault, Sheet, split_grid


def read_text(file: Path, name: str, spec: TableSpec) -> Iterator[Sheet | Fault]:
    """One table; what was not UTF-8 is told."""
    raw = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
    encoding = _encoding(raw)
    if encoding == "cp1252":
        yield Fault("E03", name, table=spec.name, value="cp1252", other="UTF-8", repaired=True)
    separator = choose_separator(raw.split(b"\n", 1)[0].decode(encoding), spec)
    grid = pd.read_csv(
        io.BytesIO(raw),
        sep=separator,
        encoding=encoding,
        header=None,
        dtype="str",
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
    )
    yield Sheet(spec.name, name, "", *split_grid(grid), separator=separator)


def _encoding(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def choose_separator(header: str, spec: TableSpec) -> str:
    """The separator that makes most of the heading into known columns."""

    def recognised(separator: str) -> int:
        names = [fold(part.strip().strip('"')) for part in header.split(separator)]
        return sum(any(name in column.aliases for column in spec.columns.values()) for name in names)

    return max(";,", key=lambda separator: (recognised(separator), header.count(separator)))
