"""A hit is one broken or repaired cell.

The row's number in its table is the index; `rule` and `column` say what and where, other columns what
the rule adds (`other`, `new`, `target` ...). The journal turns hits into sentences.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

NO_HITS = pd.DataFrame({"rule": pd.Series(dtype="str"), "column": pd.Series(dtype="str")})


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
    flags = rows.to_numpy(dtype=bool, na_value=False) if isinstance(rows, pd.Series) else np.asarray(rows)
    if not flags.any():
        return NO_HITS
    index = rows.index[flags] if isinstance(rows, pd.Series) else np.flatnonzero(flags)
    texts = {name: np.asarray(value, dtype=object) for name, value in more.items()}
    return pd.DataFrame({"rule": rule, "column": column, **texts}, index=index)


def repaired_notation(
    rows: np.ndarray, rule: str, column: pd.Series, sheet: pd.Series, owners: pd.Series
) -> pd.DataFrame:
    """The first cell of each sheet and municipality that was in another notation, with the number like it.

    Parameters
    ----------
    rows : ndarray of bool
        The cells that were repaired.
    rule : str
    column : Series
        The column as it is now, by its canonical name.
    sheet, owners : Series
        The sheet and the municipality of each row.
    """
    if not rows.any():
        return NO_HITS
    places = pd.DataFrame({"sheet": sheet.to_numpy()[rows], "owner": owners.array[rows]})
    alike = places.groupby(list(places), dropna=False, observed=True).ngroup()
    first = ~alike.duplicated().to_numpy()
    chosen = np.isin(np.arange(len(rows)), np.flatnonzero(rows)[first])
    counts = alike.map(alike.value_counts())[first].astype("str")
    new = [say_value(value) for value in column[chosen]]
    return hits(chosen, rule, str(column.name), new=new, other=counts)


def say_value(value: object) -> str:
    """A value as a log shows it: dates without a time, whole numbers without a decimal point, "" for none."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def together(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of hits as one."""
    found = [part for part in parts if len(part)]
    return pd.concat(found) if found else NO_HITS
