"""A raw log: only its heading is read here; its rows may be far too many for memory."""

from __future__ import annotations

import codecs
import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow.parquet as pq

from klktools.contract.spec import TableSpec
from klktools.intake.files.sheet import Fault, Sheet
from klktools.intake.files.texts import choose_separator

LOG = "usage_log"
_BLOCK = 2**20


@dataclass(frozen=True)
class LogFile(Sheet):
    """A log as delivered: `rows` has the columns but no rows; those are in the file at `path`.

    `encoding` is "" for Parquet, whose columns are called `header`.
    """

    path: Path = Path()
    encoding: str = ""


def open_log(file: Path, name: str, spec: TableSpec) -> Iterator[LogFile | Fault]:
    """The heading of a csv (or csv.gz) or Parquet file; what is not UTF-8 is told."""
    if name.endswith(".parquet"):
        # pandas knows which columns were the index of the frame that was written
        header = tuple(str(column) for column in pq.read_schema(file).empty_table().to_pandas().columns)
        yield LogFile(spec.name, name, "", header, _no_rows(header), path=file)
        return
    encoding = _encoding(file)
    if encoding == "cp1252":
        yield Fault("E03", name, table=spec.name, value="cp1252", other="UTF-8", repaired=True)
    with open_bytes(file) as raw:
        line = raw.readline().decode(encoding).rstrip("\r\n")
    separator = choose_separator(line, spec)
    header = tuple(text.strip() for text in next(csv.reader([line], delimiter=separator), []))
    yield LogFile(spec.name, name, "", header, _no_rows(header), separator, path=file, encoding=encoding)


def open_bytes(file: Path) -> IO[bytes]:
    """The bytes of a text file, unpacked when it is packed."""
    return gzip.open(file) if file.name.endswith(".gz") else file.open("rb")  # type: ignore[return-value]


def blocks(file: Path) -> Iterator[bytes]:
    """The same, a MiB at a time."""
    with open_bytes(file) as raw:
        while block := raw.read(_BLOCK):
            yield block


def _encoding(file: Path) -> str:
    """UTF-8 when the whole file is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks(file):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _no_rows(header: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({place: pd.Series(dtype="str") for place in range(len(header))})
