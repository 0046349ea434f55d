"""What intake found in a raw round against the truth about it, problem by problem."""

from __future__ import annotations

import re

import pandas as pd

SAID = ("correction", "warning", "error")  # a finding is the assessment's to make
_CELLS = re.compile(r"([A-Z]+)(\d+)(?::[A-Z]+(\d+))?")
# corrections told once for a column, or for a value in it, at the first of the cells
NOTATIONS = ("E01", "E02", "E09")
ONCE = (*NOTATIONS, "E14", "E32", "E34", "E35")
_KEYS = ["file", "sheet", "rule", "handling"]


def read_truth(path) -> pd.DataFrame:
    """The truth file, everything as text."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def said(round_) -> pd.DataFrame:
    """What intake said: problems and corrections; E05a is one of the cases of rule E05."""
    problems = round_.problems.assign(handling=round_.problems["severity"], text=round_.problems["value"])
    corrections = round_.corrections.assign(handling="correction", text=round_.corrections["old"])
    both = pd.concat([problems, corrections], ignore_index=True)
    both = both.assign(rule=both["rule"].str.slice(0, 3))
    return both[["municipality", "table", *_KEYS, "cell", "text", "message"]].fillna("")


def without(found: pd.DataFrame, clean: pd.DataFrame) -> pd.DataFrame:
    """What is not said of the clean edition, too, wherever that has it."""
    key = ["municipality", "table", "rule", "message"]
    known = pd.MultiIndex.from_frame(clean[key])
    return found[~pd.MultiIndex.from_frame(found[key]).isin(known)]


def compare(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the truth that intake did not find, and what intake found that was not planted.

    A planted cell is found when intake names its file, sheet, cell and rule and handles it as expected; a
    planted range when some of what intake says of the rule lies in it. What is told once for a column is
    found when it is told at this cell or above it.
    """
    planted = truth[truth["handling"].isin(SAID)]
    groups = dict(list(found.groupby(_KEYS)))
    missed, explained = [], set()
    for place, row in planted.iterrows():
        near = groups.get(tuple(row[_KEYS]))
        hit = [] if near is None else _inside(near["cell"], row["cell"], once=_is_once(row))
        explained |= set(hit)
        if not hit:
            missed.append(place)
    return planted.loc[missed], found[~found.index.isin(explained)]


def _is_once(row: pd.Series) -> bool:
    return row["rule"] in ONCE and row["handling"] == "correction"


def _inside(cells: pd.Series, planted: str, *, once: bool) -> list:
    column, first, last = _span(planted)
    first = 0 if once else first
    spans = cells.map(_span)
    return [place for place, (c, f, _) in spans.items() if c == column and first <= f <= last]


def _span(cell: str) -> tuple[str, int, int]:
    """Column, first and last row of a cell or range; a whole file is column "" and no row."""
    found = _CELLS.fullmatch(cell)
    if found is None:
        return "", 0, 0
    column, first, last = found.groups()
    return column, int(first), int(last or first)
