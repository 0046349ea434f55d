"""A raw log: it is looked through and its heading is read; its rows may be far too many for memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import pandas as pd
import pyarrow.parquet as pq

from klktools.contract.spec import TableSpec
from klktools.intake.files.kinds import PARQUET, ending
from klktools.intake.files.limits import MEGABYTE, Limits, within
from klktools.intake.files.parquet import BROKEN, column_names
from klktools.intake.files.shape import Where, is_note
from klktools.intake.files.sheet import FIRST_ROW, Fault, Sheet, Unreadable
from klktools.intake.files.texts import (
    HEAD,
    UTF_16,
    Top,
    as_utf_8,
    find_top,
    most_unpacked,
    separator_faults,
    titles,
)

_LONGEST_LINE = 16 * MEGABYTE


@dataclass(frozen=True)
class LogFile(Sheet):
    """A log as delivered: `rows` has the columns but no rows; those are in the file at `path`.

    `names` are the columns of a Parquet file as it calls them, () for a text. Of a text `above` are the lines
    before the first row, `first` is that row's number, `is_plain` whether it can be read as it lies there
    (not packed, in UTF-8, and no letters to mend), and `is_odd` whether any of its lines is empty or a note
    stands under its table.
    """

    path: Path = Path()
    names: tuple[str, ...] = ()
    above: int = 1
    first: int = FIRST_ROW
    is_plain: bool = True
    is_odd: bool = False


def open_log(file: Path, name: str, spec: TableSpec, limits: Limits) -> Iterator[LogFile | Fault]:
    """The heading of a text or Parquet file, after what must be done to read it."""
    where = Where(name, "", spec)
    if ending(name) in PARQUET:
        yield _open_parquet(file, where, limits)
        return
    looks = _look_through(file, where, limits)
    yield from looks.mended
    instruction, top = find_top(looks.head, spec)
    yield from separator_faults(top, where)
    last = looks.end.replace(b"\r", b"\n").rpartition(b"\n")[2]
    if last and (last.count(top.separator.encode()) < top.width - 1 or last.count(b'"') % 2):
        yield where.fault("F12")
    within(top.width, limits.columns, "limit_columns")
    yield from titles(top, where)
    header = tuple(text.strip() for text in top.records[top.heading])
    yield LogFile(
        *(spec.name, name, "", header, _no_rows(header), top.below),
        path=file,
        above=(instruction > 0) + _lines(looks.head[instruction:], top),
        first=top.heading + FIRST_ROW,
        is_plain=not looks.mended and not _is_packed(file),
        is_odd=looks.has_blank or _ends_with_note(looks.end, top, spec),
    )


def _open_parquet(file: Path, where: Where, limits: Limits) -> LogFile:
    try:
        schema = pq.read_schema(file)
    except BROKEN as why:
        raise Unreadable("damaged") from why
    within(len(schema.names), limits.columns, "limit_columns")
    names = column_names(schema)
    header = tuple(name.strip() for name in names)
    return LogFile(where.spec.name, where.file, "", header, _no_rows(header), path=file, names=names)


class _Looks(NamedTuple):
    """What must be mended in a text (each kind once), how it begins and ends, and if any line is empty."""

    mended: list[Fault]
    head: bytes
    end: bytes
    has_blank: bool


def _look_through(file: Path, where: Where, limits: Limits) -> _Looks:
    faults: dict[str, Fault] = {}
    head, end, has_blank = b"", b"", False
    for block, told in utf_8_blocks(file, where, limits):
        faults = {fault.rule: fault for fault in told} | faults
        has_blank = has_blank or _has_blank(block)
        head += block if len(head) < HEAD else b""
        end = (end + block)[-HEAD:] if len(block) < HEAD else block[-HEAD:]
    return _Looks(list(faults.values()), head, end, has_blank)


def _has_blank(block: bytes) -> bool:
    """Whether any of these whole lines is empty."""
    breaks = (b"\n\n", b"\n\r\n", b"\r\r") if b"\r" in block[:HEAD] else (b"\n\n",)
    return block.startswith((b"\n", b"\r")) or any(two in block for two in breaks)


def _ends_with_note(end: bytes, top: Top, spec: TableSpec) -> bool:
    """Whether the last line with anything in it is a note."""
    lines = [line for line in end.decode("utf-8", "ignore").splitlines() if line.strip(f"{top.below} ")]
    return any(is_note(record, spec) for record in csv.reader(lines[-1:], delimiter=top.below))


def utf_8_blocks(file: Path, where: Where, limits: Limits) -> Iterator[tuple[bytes, list[Fault]]]:
    """The text of a log in UTF-8, some MB of whole lines at a time, and what was mended in them.

    Raises
    ------
    Unreadable
        F08 when a packed file becomes too large, F01 for what is no text.
    """
    wide = _begins(file).startswith(UTF_16)
    told = [where.fault("E03b", value="UTF-16", other="UTF-8", repaired=True)] if wide else []
    bytes_ = _unpacked(file, limits)
    lines = 0
    for block in _whole_lines(_narrowed(bytes_) if wide else bytes_):
        try:
            text, faults = as_utf_8(block, where)
        except Unreadable as why:
            why.why["row"] += lines
            raise
        yield text, [*told, *faults]
        lines += block.count(b"\n")


def _is_packed(file: Path) -> bool:
    return file.name.lower().endswith(".gz")


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file) if _is_packed(file) else file.open("rb")  # type: ignore[return-value]


def _begins(file: Path) -> bytes:
    with _open(file) as raw:
        return raw.read(2)


def _unpacked(file: Path, limits: Limits) -> Iterator[bytes]:
    """The bytes of a file, a MB at a time."""
    size = 0
    most = most_unpacked(file, limits) if _is_packed(file) else limits.text
    with _open(file) as raw:
        while block := raw.read(MEGABYTE):
            size = within(size + len(block), most, "limit_text_bytes")
            yield block


def _narrowed(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-16")()
    lines = 0
    try:
        for block in blocks:
            text = decoder.decode(block)
            yield text.encode("utf-8")
            lines += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as why:
        raise Unreadable("charset", row=1 + lines, place=0) from why


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, each block ending with a line, so that no letter is cut."""
    rest = b""
    for block in blocks:
        whole = rest + block
        end = max(whole.rfind(b"\n"), whole.rfind(b"\r", 0, -1)) + 1
        if not end:
            within(len(whole), _LONGEST_LINE, "limit_text_bytes")
        rest = whole[end:]
        if end:
            yield whole[:end]
    if rest:
        yield rest


def _lines(head: bytes, top: Top) -> int:
    """The lines that the heading and what stands above it take; a quoted text may have several."""
    text = io.StringIO(head.decode("utf-8", "ignore"), newline="")
    records = csv.reader(text, delimiter=top.separator)
    for _ in range(top.heading + 1):
        next(records, None)
    return records.line_num


def _no_rows(header: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({place: pd.Series(dtype="str") for place in range(len(header))})
