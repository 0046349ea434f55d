# ruff: noqa: E501 - parts of workbooks
"""Files that are broken, misnamed or made to fill the memory, as small as they can be."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.intake.small_round import grids, write_workbook

PLANS = "municipality,visit,plan_exists\n0060,B1,yes\n"
_SHEET = "xl/worksheets/sheet1.xml"
_STRINGS = "xl/sharedStrings.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Target="xl/workbook.xml" '
    f'Type="{_OFFICE}/officeDocument"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Planens hoved" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="{_OFFICE}/worksheet"/>'
    f'<Relationship Id="r2" Target="sharedStrings.xml" Type="{_OFFICE}/sharedStrings"/></Relationships>',
}
HEADING = '<row r="1"><c r="A1" t="str"><v>municipality</v></c><c r="B1" t="str"><v>visit</v></c></row>'


def workbook(rows: str = HEADING, **parts: str | bytes) -> bytes:
    """A workbook with one sheet of these rows; other parts by the last piece of their name."""
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    named = {"sheet": _SHEET, "strings": _STRINGS, "macros": "xl/vbaProject.bin"}
    content = _PARTS | {_SHEET: sheet} | {named[part]: text for part, text in parts.items()}
    return packed(content)


def packed(content: Mapping[str, str | bytes]) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return file.getvalue()


def lying(raw: bytes, part: str = _SHEET) -> bytes:
    """The zip file with the unpacked size of a part said to be 100 bytes."""
    size = struct.pack("<I", zipfile.ZipFile(io.BytesIO(raw)).getinfo(part).file_size)
    return raw.replace(size, struct.pack("<I", 100))


def compound(stream: str) -> bytes:
    """What Excel 97 and a workbook with a password are: a compound file with one stream of this name."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    head += struct.pack("<I", free) * 108
    table = struct.pack("<II", 0xFFFFFFFD, end) + struct.pack("<I", free) * 126
    entries = b"".join(
        _entry(name, kind, child) for name, kind, child in (("Root Entry", 5, 1), (stream, 2, free))
    )
    return head + table + entries + bytes(256)


def _entry(name: str, kind: int, child: int) -> bytes:
    free, text = 0xFFFFFFFF, name.encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, free, free, child)
    ends = struct.pack("<IQ", 0xFFFFFFFE, 0)
    return text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + links + bytes(36) + ends


def zeros(megabytes: int) -> bytes:
    """Many zeros, packed by deflate."""
    block, pack = bytes(2**20), zlib.compressobj(9, wbits=31)
    return b"".join(pack.compress(block) for _ in range(megabytes)) + pack.flush()


def parquet(table: pa.Table) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def plans_parquet(**columns: pa.Array) -> bytes:
    """The plans as Parquet with other columns."""
    plain = {name: pa.array([text]) for name, text in zip(*_plans(), strict=True)}
    return parquet(pa.table(plain | columns))


def _plans() -> list[list[str]]:
    return [line.split(",") for line in PLANS.splitlines()]


def valid_workbook(folder: Path) -> bytes:
    """The plans as a workbook."""
    return write_workbook({"plans": grids()["plans"]}, folder / "valid.xlsx").read_bytes()


_CORNER = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
_DTD = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{_LAUGHS}]>'
_CELLS = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 60_001))
_LONG = f'<sst xmlns="{_MAIN}"><si><t>{"x" * 32_767}</t></si></sst>'

# file name -> content
FILES: dict[str, Callable[[], bytes]] = {
    "truncated/plans.xlsx": lambda: workbook()[:400],
    "locked/plans.xlsx": lambda: compound("EncryptedPackage"),
    "xls/plans.xlsx": lambda: compound("Workbook"),
    "csv/plans.xlsx": lambda: PLANS.encode(),
    "zip/plans.xlsx": lambda: packed({"plans.csv": PLANS}),
    "word/plans.xlsx": lambda: packed({"word/document.xml": "<x/>"}),
    "html/plans.xls": lambda: b"<html><table><tr><td>1</td></tr></table></html>",
    "html/plans.csv": lambda: b"<html><table><tr><td>1</td></tr></table></html>",
    "parquet/plans.csv": lambda: plans_parquet(),
    "xlsx/plans.csv": lambda: workbook(),
    "gzip/plans.csv": lambda: gzip.compress(PLANS.encode()),
    "text/plans.csv.gz": lambda: PLANS.encode(),
    "text/plans.parquet": lambda: PLANS.encode(),
    "empty/plans.parquet": lambda: b"",
    "cut/plans.csv.gz": lambda: gzip.compress(PLANS.encode())[:-12],
    "cut/plans.parquet": lambda: plans_parquet()[:-20],
    "nul/plans.csv": lambda: PLANS.encode() + bytes(70_000),
    "late nul/plans.csv": lambda: (PLANS + "0060,B1,yes\n" * 6_000).encode() + b"00\x0060,B1,no\n",
    "quote/plans.csv": lambda: PLANS.encode() + b'0060,"B1,yes\n',
    "dos/plans.csv": lambda: PLANS.encode() + "0060,Børn,yes\n".encode("cp865"),
    "corner/plans.xlsx": lambda: workbook(HEADING + _CORNER),
    "beyond/plans.xlsx": lambda: workbook(HEADING + '<row r="2"><c r="ZZZ9999999"><v>1</v></c></row>'),
    "nowhere/plans.xlsx": lambda: workbook('<row><c><v>1</v></c><c r="A2"><v>1</v></c></row>'),
    "unnamed/plans.xlsx": lambda: workbook(
        "<row><c/></row>" + f"<row>{'<c/>' * 9_000}</row>" + "<row/>" * 9_000
    ),
    "laughs/plans.xlsx": lambda: workbook(
        sheet=f'{_DTD}<worksheet xmlns="{_MAIN}"><sheetData>&a9;</sheetData></worksheet>'
    ),
    "outside/plans.xlsx": lambda: workbook(
        strings='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst><si><t>&f;</t></si></sst>'
    ),
    "deep/plans.xlsx": lambda: workbook(f"<row>{'<a>' * 300_000}{'</a>' * 300_000}</row>"),
    "repeated/plans.xlsx": lambda: workbook(_CELLS, strings=_LONG),
    "bomb/plans.xlsx": lambda: workbook(strings=b" " * (80 * 2**20)),
    "lying/plans.xlsx": lambda: lying(workbook(HEADING + " " * (300 * 2**10))),
    "parts/plans.xlsx": lambda: packed(_PARTS | {f"xl/{n}.bin": "" for n in range(5_100)}),
    "twice/plans.xlsx": lambda: packed_twice(),
    "bomb/plans.csv.gz": lambda: zeros(200),
    "comma bomb/plans.csv.gz": lambda: gzip.compress(PLANS.encode() + b"," * 2**20 + b"x"),
    "half a row/plans.csv": lambda: PLANS.encode() + b"0060,B1",
    "line bomb/plans.csv.gz": lambda: gzip.compress(b"municipality," + b"," * 900 + b"\n" + b"\n" * 2**20),
    "wide/plans.csv": lambda: b"," * 20_000 + b"\n",
    "rows/plans.parquet": lambda: parquet(pa.table({"visit": pa.array([None] * 10, pa.null())})),
}


def packed_twice() -> bytes:
    """A zip file with two parts of one name."""
    other = io.BytesIO(workbook())
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr(_SHEET.upper(), "<x/>")
    return other.getvalue()


def write_hostile(folder: Path) -> Path:
    """Every file, in a folder each."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content())
    return folder


def sparse(path: Path, gigabytes: int) -> None:
    """A file of zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(gigabytes * 2**30)


def special(folder: Path) -> None:
    """What is no ordinary file: a pipe, a device, links to nothing, to itself and to the folder above."""
    os.mkfifo(folder / "users.csv")
    (folder / "training.csv").symlink_to("/dev/zero")
    (folder / "support.csv").symlink_to("nothing.csv")
    (folder / "gains.csv").symlink_to("gains.csv")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
