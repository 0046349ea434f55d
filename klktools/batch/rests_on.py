"""What a report rests on, as hashes: data, reference, notebook, library, options and environment.

Two equal sets give equal reports. Loads no analysis, so that "nothing has changed" is quickly said.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import klktools
from klktools.batch import Options
from klktools.privacy import RESTRICTED

if TYPE_CHECKING:
    import pandas as pd


def inputs_hash(path: Path) -> str:
    """Names and content of everything under `path` (a file or a folder), without hidden files and notes."""
    if path.is_file():
        return _hash_lines([f"{path.name} {file_hash(path)}"])
    files = (file for file in path.rglob("*") if file.is_file())
    seen = {file.relative_to(path).as_posix(): file for file in files}
    shown = [name for name in seen if not any(map(_is_left_out, name.split("/")))]
    return _hash_lines(f"{name} {_hash_if_open(seen[name])}" for name in sorted(shown))


def _is_left_out(part: str) -> bool:
    return part.startswith((".", "~$")) or part.casefold() == RESTRICTED


def shared_parts(options: Options) -> dict[str, str]:
    """What every report of a batch rests on."""
    return {
        "notebook": file_hash(options.notebook),
        "library": library_hash(),
        "options": _hash_lines([options.language, *sorted(options.formats)]),
        "environment": environment_hash(),
    }


@functools.cache
def library_hash() -> str:
    """Every file of the library."""
    root = Path(klktools.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return _hash_lines(f"{path.relative_to(root).as_posix()} {file_hash(path)}" for path in files)


@functools.cache
def environment_hash() -> str:
    """The interpreter and the installed packages with their versions."""
    folders = [Path(entry) for entry in sys.path if entry]
    installed = {found.name for folder in folders if folder.is_dir() for found in folder.glob("*.dist-info")}
    return _hash_lines([sys.version, sys.platform, *sorted(installed)])


def frame_hash(frame: pd.DataFrame) -> str:
    """The rows of a table in their order, whatever their index."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_if_open(path: Path) -> str:
    """The hash of a file that a user handed in; one that may not be read is told when the data are read."""
    try:
        return file_hash(path)
    except OSError:
        return "closed"


def _hash_lines(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
