"""Putting a report's files in place: whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".part"
FAILED = "_failed"  # the folder of reports that could not be made, among the reports


def deliver(documents: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Write all documents beside their names, then rename them into place; their sha256 by name.

    When one cannot be written (a full disk, for example), what was there before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = {name: folder / f"{name}{TEMPORARY}" for name in documents}
    try:
        for name, content in documents.items():
            parts[name].write_bytes(content)
    except OSError:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise
    for name, part in parts.items():
        os.replace(part, folder / name)
    return {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}


def withdraw(folder: Path) -> None:
    """Remove a report's files (whole and half-written), and its folder when nothing else is in it."""
    for path in folder.glob(f"{folder.name}.*"):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def sweep(root: Path) -> None:
    """Remove what a killed run left half-written in the reports' folder."""
    for half in [*root.glob(f"*{TEMPORARY}"), *root.glob(f"*/*{TEMPORARY}"), *root.glob("*/.sealing-*")]:
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)
