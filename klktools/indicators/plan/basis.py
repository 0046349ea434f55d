"""What the parts of the plan room share: which initiatives are open, and how a flag is read."""

from __future__ import annotations

import pandas as pd

OPEN = ("idea", "decided", "in_progress")
KEY = ["municipality", "initiative"]


def take_open(initiatives: pd.DataFrame) -> pd.DataFrame:
    """The open initiatives: an idea, decided or in progress."""
    return initiatives[initiatives["status"].isin(OPEN)]


def yes(flag: pd.Series) -> pd.Series:
    """A flag as plain truth: what is not said is not so."""
    return flag.fillna(False).astype(bool)
