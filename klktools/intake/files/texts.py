"""Text files (csv, csv.gz, tsv, txt) → sheets, whatever their encoding and separator."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from klktools.contract.spec import TableSpec
from klktools.intake.files.characters import CONTROLS, is_mojibake, without_mojibake
from klktools.intake.files.limits import MEGABYTE, Limits, within
from klktools.intake.files.shape import (
    SEPARATORS,
    TOP,
    Where,
    heading_row,
    mended_faults,
    read_grid,
    recognised,
    separator_name,
    title,
)
from klktools.intake.files.sheet import Fault, Sheet, Unreadable

HEAD = 65_536
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENDS = (b"\n", b"\r")
_BLOCK = 4_096  # bytes that are written at a time: a file cut off is often so many of them
_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile(f"[{re.escape(CONTROLS)}]".encode("ascii"))
_INSTRUCTION = re.compile(rb'"?sep=([;,\t|])"?[;,\t|]*\r?\n', re.IGNORECASE)
# Danish letters of DOS and old Macs inside a word, as Windows shows them: "B›rn", "B¿rn"
_OTHER_LETTERS = re.compile("[a-zA-Z][‘›†¾¿Œ‡][a-zA-Z]")


@dataclass(frozen=True)
class Top:
    """The first records of a file: the separator, the number of the heading, and the separator below it."""

    separator: str
    heading: int
    below: str
    records: list[list[str]]

    @property
    def width(self) -> int:
        """Fields of the heading."""
        return len(self.records[self.heading])


def read_text(file: Path, name: str, spec: TableSpec, limits: Limits) -> Iterator[Sheet | Fault]:
    """One table, after what had to be done to read it."""
    where = Where(name, "", spec)
    delivered = _content(file, limits)
    raw, faults = as_utf_8(delivered, where)
    yield from faults
    instruction, top = find_top(raw, spec)
    raw = raw[instruction:] if instruction else raw
    where = replace(where, separator=top.below)
    yield from separator_faults(top, where)
    yield from _table(raw, top, where, limits, in_blocks=len(delivered) % _BLOCK == 0)


def find_top(raw: bytes, spec: TableSpec) -> tuple[int, Top]:
    """The bytes that only tell Excel the separator, a line that it does not show, and the records below."""
    instruction = _INSTRUCTION.match(raw)
    start = instruction.end() if instruction else 0
    return start, _top(raw[start : start + HEAD], spec)


def separator_faults(top: Top, where: Where) -> Iterator[Fault]:
    """E04: a separator that is neither a comma nor a semicolon, or two of them."""
    if top.separator not in ";," or top.below != top.separator:
        yield where.fault("E04", top.heading + 1, 0, value=separator_name(top.separator), repaired=True)


def titles(top: Top, where: Where) -> Iterator[Fault]:
    """E16: the lines above the heading."""
    for number, record in enumerate(top.records[: top.heading], start=1):
        yield from title(number, [*record], where)


def most_unpacked(file: Path, limits: Limits) -> int:
    """The bytes that a packed file may become."""
    return min(limits.text, max(64 * MEGABYTE, file.stat().st_size * limits.ratio))


def _content(file: Path, limits: Limits) -> bytes:
    """The file as it is, or unpacked; never more than the limit."""
    if not file.name.lower().endswith(".gz"):
        within(file.stat().st_size, limits.text, "limit_text_bytes")
        return file.read_bytes()
    most = most_unpacked(file, limits)
    with gzip.open(file) as packed:
        raw = packed.read(most + 1)
    within(len(raw), most, "limit_text_bytes")
    return raw


def as_utf_8(raw: bytes, where: Where) -> tuple[bytes, list[Fault]]:
    """The file in UTF-8 without a byte order mark, and what had to be done for it."""
    faults: list[Fault] = []
    if raw.startswith(UTF_16):
        raw = _decoded(raw, "utf-16").encode("utf-8")
        faults.append(where.fault("E03b", value="UTF-16", other="UTF-8", repaired=True))
    elif not _is_utf_8(raw):
        text = _decoded(raw, "cp1252")
        if other := _OTHER_LETTERS.search(text):
            raise Unreadable("charset", row=1 + text.count("\n", 0, other.start()), place=0)
        raw = text.encode("utf-8")
        faults.append(where.fault("E03", value="cp1252", other="UTF-8", repaired=True))
    raw = raw.removeprefix(_BOM)
    if b"\0" in raw:
        raise Unreadable("nul", row=1 + raw.count(b"\n", 0, raw.index(b"\0")), place=0)
    raw, mended = _mended(raw, where)
    return raw, [*faults, *mended]


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as why:
        raise Unreadable("charset", row=1 + raw.count(b"\n", 0, why.start), place=0) from why


def _mended(raw: bytes, where: Where) -> tuple[bytes, list[Fault]]:
    """Spoilt Danish letters put right and control characters taken out."""
    faults: list[Fault] = []
    if found := _CONTROL.search(raw):
        around = raw[max(0, found.start() - 20) : found.end() + 20]
        faults += mended_faults([around.decode("utf-8", "ignore")], where)
        raw = _CONTROL.sub(b"", raw)
    if b"\xc3\x83" in raw or b"\xc3\xaf\xc2\xbb" in raw:
        text = raw.decode("utf-8")
        if is_mojibake(text):
            spoilt = next(line for line in text.splitlines() if is_mojibake(line))
            faults += mended_faults([spoilt[:80]], where)
            raw = without_mojibake(text).encode("utf-8").removeprefix(_BOM)
    return raw, faults


def _top(raw: bytes, spec: TableSpec) -> Top:
    """The separator that makes most of the heading into known columns."""
    head = raw.decode("utf-8", "ignore")
    tops = [_top_by(separator, head, spec) for separator in SEPARATORS]
    best = max(tops, key=lambda top: (recognised(top.records[top.heading], spec), top.width))
    rows = [record for record in best.records[best.heading + 1 :] if record]
    if rows and best.width > 1 and all(len(row) == 1 for row in rows):
        for other in SEPARATORS:
            if all(row[0].count(other) == best.width - 1 for row in rows):
                return replace(best, below=other)
    return best


def _top_by(separator: str, head: str, spec: TableSpec) -> Top:
    try:
        records = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=separator), TOP))
    except csv.Error:
        records = []
    return Top(separator, heading_row(records, spec), separator, records or [[]])


def _table(raw: bytes, top: Top, where: Where, limits: Limits, *, in_blocks: bool) -> Iterator[Sheet | Fault]:
    within(top.width, limits.columns, "limit_columns")
    lines = max(raw.count(b"\n"), raw.count(b"\r")) + 1
    within(lines * top.width, limits.text_cells, "limit_cells")
    yield from titles(top, where)
    grid, faults = _parsed(raw, top, limits)
    if top.below != top.separator:
        grid.iloc[0] = top.records[top.heading]
    last = faults[-1] if faults and faults[-1]["row"] == grid.index[-1] else _WHOLE
    if last["rule"] != "F12a" and not raw.endswith(_ENDS) and (in_blocks or _is_half(last)):
        yield where.fault("F12")
    yield from read_grid(grid, where, limits, [where.fault(**fault) for fault in faults])


_Odd = dict[str, Any]
_WHOLE: _Odd = {"rule": ""}


def _is_half(last: _Odd) -> bool:
    """Whether the last row has too few fields; many honest exports lack the last line end, but no fields."""
    return last["rule"] == "F07" and int(last["value"]) < int(last["other"])


def _parsed(raw: bytes, top: Top, limits: Limits) -> tuple[pd.DataFrame, list[_Odd]]:
    """The records from the heading on, and those with more or fewer fields than it has."""
    if top.below != top.separator:
        return _by_record(raw, top, limits)
    try:
        grid = pd.read_csv(
            io.BytesIO(raw),
            sep=top.below,
            encoding="utf-8",
            header=None,
            dtype="str",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            skiprows=top.heading,
        )
    except pd.errors.EmptyDataError as why:
        raise Unreadable("empty") from why
    except pd.errors.ParserError:
        return _by_record(raw, top, limits)
    grid.index = pd.RangeIndex(top.heading + 1, top.heading + 1 + len(grid))
    whole = b'"' not in raw and raw.count(top.below.encode()) == len(grid) * (top.width - 1)
    return grid, [] if whole and not top.heading else list(_odd(_records(raw, top.below), top))


def _records(raw: bytes, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
    records = csv.reader(lines, delimiter=separator, strict=strict)
    done = 0
    try:
        for record in records:
            yield record
            done += 1
    except csv.Error as why:
        raise Unreadable("quote", row=done + 1, place=0) from why


def _odd(records: Iterator[list[str]], top: Top) -> Iterator[_Odd]:
    """Records with more fields than the heading, or fewer; a blank line is none."""
    for number, record in enumerate(records, start=1):
        length = len(record)
        odd = length < top.width or any(record[top.width :])
        if odd and record and number > top.heading + 1:
            yield {
                "rule": "F07",
                "row": number,
                "place": min(length, top.width),
                "value": str(length),
                "other": str(top.width),
            }


def _by_record(raw: bytes, top: Top, limits: Limits) -> tuple[pd.DataFrame, list[_Odd]]:
    """What pandas will not read: each record on its own, cut or filled to the width of the heading."""
    within(raw.count(top.below.encode()), limits.sheet_cells, "limit_cells")
    records, is_cut = _read_strictly(raw, top, limits.sheet_cells // max(top.width, 1) + 1)
    within(len(records) * top.width, limits.sheet_cells, "limit_cells")
    odd = list(_odd(iter(records), top))
    if is_cut and len(records[-1]) > 1:
        place = min(len(records[-1]), top.width) - 1
        odd = [fault for fault in odd if fault["row"] < len(records)]
        odd.append({"rule": "F12a", "row": len(records), "place": place, "value": records[-1][place]})
    cells = [(record + [""] * top.width)[: top.width] for record in records[top.heading :]]
    grid = pd.DataFrame(cells, dtype="str", index=range(top.heading + 1, len(records) + 1))
    return grid.replace("", None), odd


def _read_strictly(raw: bytes, top: Top, most: int) -> tuple[list[list[str]], bool]:
    """The records, and whether the file ends inside a text in quotation marks.

    A mark that is open at the end may as well be a stray one; whole rows in its text tell of that.
    """
    try:
        return list(islice(_records(raw, top.below, strict=True), most)), False
    except Unreadable:
        if raw.endswith(_ENDS):
            raise
        records = list(islice(_records(raw + b'"', top.below, strict=True), most))
        if any(line.count(top.below) >= top.width - 1 for line in records[-1][-1].splitlines()[1:]):
            raise
        return records, True
