"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

from klktools.intake.files.sheet import Unreadable

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".csv.gz", ".tsv", ".txt")
PARQUET = (".parquet",)
READABLE = (*WORKBOOKS, *TEXTS, *PARQUET)
OLD = (".xls", ".xlsb", ".ods", ".json", ".feather", ".zip", ".numbers")

_HEAD = 65_536
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<style", b"<meta")
_EXPECTED = {
    **dict.fromkeys(WORKBOOKS, "xlsx"),
    **dict.fromkeys(TEXTS, "text"),
    ".csv.gz": "gzip",
    ".parquet": "parquet",
}


def ending(filename: str) -> str:
    """The ending that says what the file is, in small letters; that of "x.csv.gz" is ".csv.gz"."""
    low = filename.lower()
    return ".csv.gz" if low.endswith(".csv.gz") else Path(low).suffix


def check_kind(file: Path) -> None:
    """Compare what a file is with what its name says.

    Raises
    ------
    Unreadable
        F01 for an empty or locked file, F09 for one that is of another kind.
    """
    with file.open("rb") as content:
        head = content.read(_HEAD)
    end = ending(file.name)
    if not head:
        raise Unreadable("empty")
    found = _kind(head)
    if end in WORKBOOKS and found == "ole":
        raise Unreadable("password") if _locked(file) else Unreadable("kind_xls", "F09", value=end)
    if found == "zip":
        found = _zipped(file)
    if found not in (_EXPECTED[end], "damaged"):
        raise Unreadable(f"kind_{found}", "F09", value=end)


def _kind(head: bytes) -> str:
    marks = {b"PAR1": "parquet", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", _OLE: "ole", b"\x1f\x8b": "gzip"}
    for mark, kind in marks.items():
        if head.startswith(mark):
            return kind
    if head.startswith(_UTF_16):
        return "text"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        return "markup"
    return "binary" if b"\0" in head else "text"


def _locked(file: Path) -> bool:
    """Excel keeps a workbook with a password as a stream of this name in a compound file."""
    name = "EncryptedPackage".encode("utf-16-le")
    with file.open("rb") as content:
        tail = b""
        while block := content.read(2**20):
            if name in tail + block:
                return True
            tail = block[-len(name) :]
    return False


def _zipped(file: Path) -> str:
    """What a zip file holds, by the names of its parts."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return "damaged"
    known = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "word/document.xml": "word"}
    return next((kind for part, kind in known.items() if part in names), "zip")
