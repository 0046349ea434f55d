"""The raw usage log (framework T10) → counts per solution, department and month, out of memory by DuckDB.

`sources`: the files as one relation · `odd`: rows of a text that are no events · `clock`: times as they are
written → Danish time and one line of time · `amounts`: numbers in either notation · `lists`: what the few
distinct texts mean · `rows`: every row judged · `events`: each event and each transaction once · `hits`: what
was wrong, a value at a time · `check`: all of it in order. Only these modules need DuckDB; they are imported
when there is a log.
"""

from __future__ import annotations

import pandas as pd

USAGE = {
    **dict.fromkeys(("municipality", "solution", "department"), "str"),
    "month": "datetime64[us]",
    **dict.fromkeys(("through", "eligible", "as_intended"), "Int64"),
}


def no_usage() -> pd.DataFrame:
    """`logged_usage` of a round without a log."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in USAGE.items()})
