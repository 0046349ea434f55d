"""What the command line says while it works (`texts/cli.yaml`), and its exit codes."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from klktools.texts import fill

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


@cache
def words(language: str) -> dict[str, Any]:
    """All of it in one language, by key."""
    text = (resources.files("klktools") / "texts" / "cli.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)[language]


def say(language: str, key: str, **values: Any) -> str:
    """One sentence with its values."""
    return fill(words(language)[key], **values)
