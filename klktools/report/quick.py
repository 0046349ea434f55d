"""nbformat, loaded in a fraction of its time.

It loads jsonschema, and that, where it can, a grammar of international addresses: a second, for a check no
notebook asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

GRAMMAR = "rfc3987_syntax"


@contextmanager
def _as_if_missing(module: str) -> Iterator[None]:
    """Whoever can do without the module does; afterwards it can be imported as ever."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


with _as_if_missing(GRAMMAR):
    import nbformat

__all__ = ["nbformat"]
