"""Time limits of cells and whole notebooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def timeout_for(cell_seconds: float | None, notebook_seconds: float | None) -> Callable[[Any], float | None]:
    """The limit of the next cell: its own, or what is left of the notebook's since this call."""
    end = None if notebook_seconds is None else time.monotonic() + notebook_seconds

    def limit(_cell: Any = None) -> float | None:
        left = None if end is None else max(end - time.monotonic(), 0.01)
        known = [seconds for seconds in (cell_seconds, left) if seconds is not None]
        return min(known, default=None)

    return limit
