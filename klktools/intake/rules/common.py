"""What every rule takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Limits = Mapping[str, float]
Rule = Callable[[pd.DataFrame, Tables, Limits], pd.DataFrame]


def months_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Whole months from one month to another (missing where one is)."""
    return (end.dt.year - start.dt.year) * 12 + (end.dt.month - start.dt.month)
