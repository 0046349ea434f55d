"""A hit is one broken or repaired cell: the row's number in its table as index, `rule` and `column`, and what the
rule adds (`other`, `new`, `target`, ...). The journal turns hits into sentences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def hits(rows: Any, rule: str, column: str, **more: Any) -> pd.DataFrame:
    """The rows where a rule was broken.

    Parameters
    ----------
    rows : Series or ndarray of bool
        True where the rule is broken (missing counts as not broken). A Series keeps its own row numbers.
    rule, column : str
        Rule of `rules.yaml`; the canonical column to blame.
    **more
        One text per broken row, or one for all.
    """
    flags = pd.Series(rows).astype("boolean").fillna(False).astype(bool)
    index = flags.index[flags]
    texts = {name: np.asarray(value, dtype=object) for name, value in more.items()}
    return pd.DataFrame({"rule": rule, "column": column, **texts}, index=index)


def no_hits() -> pd.DataFrame:
    """An empty table of hits."""
    return pd.DataFrame({"rule": pd.Series(dtype="str"), "column": pd.Series(dtype="str")})
