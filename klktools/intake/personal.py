"""Personal data in delivered tables: a CPR number stops the delivery, the rest is told; no content is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pandas as pd

from klktools.contract import load_contract
from klktools.intake.cells import Cells, split_cells
from klktools.intake.convert import Typed
from klktools.intake.files import Fault
from klktools.intake.headings import Stack
from klktools.intake.hits import hits, together
from klktools.privacy import MASK, contact_in, has_cpr, is_cpr, is_full_name, looks_like_user, mask_cells

_AMOUNTS = ("kr", "decimal")
_LISTED = ("enum", "code", "bool", "date", "month", "timestamp")
_SHORTEST = 9
_PLAIN_NUMBER = re.compile(r"[1-9]\d{8,9}")
# A number of nine or ten digits looks like a date by chance in 7-12 per cent of all. In a column of ids at
# most a quarter of at least 20 is a series; in a column of amounts half of at least 5 is no chance.
_SERIES, _SERIES_SHARE = 20, 0.25
_MANY, _MANY_SHARE = 5, 0.5
_PROSE = ("reason", "note", "description", "source", "theme", "indicator")
_CONSULTANTS = ("consultant", "consultants")
_PATH = re.compile(r"(?:^|[\s(])(?:[A-Za-z]:[\\/]|\\\\|file:|~?/[\w.-]+/).*[\\/]")
_WITHOUT_CONTENT = ("P01", "P02", "P03", "P05", "E30", "E34c")


def personal_cells(stack: Stack, typed: Typed) -> pd.DataFrame:
    """What looks like a CPR number (P01, P02), a contact or name (P03) or initials of a consultant (P05).

    A CPR number in a text, an id or a count stops the delivery, for no count of a municipality has nine
    digits. An amount may have: there it stops when it is written as no amount is (a hyphen, a leading zero),
    or when most of the column looks so.
    """
    found = []
    for name, cells in typed.cells.items():
        spec = stack.spec.columns[name]
        asked = _unread(name, cells, typed) if spec.type in _LISTED else np.arange(len(cells.texts))
        for rule, texts in _numbers(cells.texts, asked, amounts=spec.type in _AMOUNTS).items():
            found.append(hits(cells.mark(texts), rule, name))
        if spec.type == "text":
            found += _told(cells, name)
        if name in _CONSULTANTS:
            found.append(hits(cells.mark(_each(cells.texts, _is_person)), "P05", name))
    return together(found)


def unread_numbers(stack: Stack) -> list[Fault]:
    """What looks like a CPR number in a heading, or in a column that is not read (P01)."""
    faults = []
    for sheet, heading in zip(stack.sheets, stack.headings, strict=True):
        for place, text in enumerate(sheet.header):
            rows = [1] if has_cpr(text) else []
            if place not in heading.places.values() and not load_contract().names_number(text):
                rows += _rows_with_cpr(sheet.rows[place])
            faults += [
                Fault("P01", sheet.file, sheet.sheet, sheet.table, value=text, place=place, row=row)
                for row in rows
            ]
    return faults


def _rows_with_cpr(column: pd.Series) -> list[int]:
    cells = split_cells(column.reset_index(drop=True))
    found = _numbers(cells.texts, np.arange(len(cells.texts)), amounts=False)
    return [int(row) for row in column.index[cells.mark(found["P01"])]] if found else []


def _unread(name: str, cells: Cells, typed: Typed) -> np.ndarray:
    """The distinct texts that are no date, code or time; what is one of these is no CPR number."""
    if typed.broken.empty:
        return np.array([], dtype=int)
    rows = typed.broken.index[typed.broken["column"].eq(name)].to_numpy(dtype=int)
    return np.unique(cells.codes[rows])


def _numbers(texts: np.ndarray, asked: np.ndarray, *, amounts: bool) -> dict[str, np.ndarray]:
    """Of the distinct texts those that stop the delivery (P01), and those told as one of a series (P02)."""
    lengths = np.fromiter(map(len, texts[asked]), dtype=int, count=len(asked))
    long = asked[lengths >= _SHORTEST]
    alike = _each(texts[long], is_cpr if amounts else has_cpr)
    if not alike.any():
        return {}
    plain = _each(texts[long], lambda text: _PLAIN_NUMBER.fullmatch(text) is not None)
    plain_stop, plain_told = judge_numbers(int(plain.sum()), int((alike & plain).sum()), amounts=amounts)
    told, stops = plain & plain_told, ~plain | plain_stop
    return {"P01": _marks(texts, long[alike & stops]), "P02": _marks(texts, long[alike & told])}


def judge_numbers(plain: int, alike: int, *, amounts: bool) -> tuple[bool, bool]:
    """Whether plain numbers of nine or ten digits that look like CPR numbers stop the delivery, and whether
    they are told as some of a series.

    Parameters
    ----------
    plain, alike : int
        The distinct numbers of the column, and those that look like CPR numbers.
    amounts : bool
        Whether it is a column of amounts.
    """
    share = alike / max(plain, 1)
    is_series = not amounts and plain >= _SERIES and share <= _SERIES_SHARE
    by_chance = amounts and not (plain >= _MANY and share >= _MANY_SHARE)
    return not is_series and not by_chance, is_series


def _marks(texts: np.ndarray, places: np.ndarray) -> np.ndarray:
    marks = np.zeros(len(texts), dtype=bool)
    marks[places] = True
    return marks


def _each(texts: Iterable[str], asked: Callable[[str], bool]) -> np.ndarray:
    return np.array([asked(text) for text in texts], dtype=bool)


def _told(cells: Cells, name: str) -> Iterator[pd.DataFrame]:
    kinds = np.array([_kind(text, name) for text in cells.texts], dtype="U6")
    for kind in sorted(set(kinds) - {""}):
        yield hits(cells.mark(kinds == kind), "P03", name, phrase=kind)


def _kind(text: str, name: str) -> str:
    contact = contact_in(text)
    return contact or ("person" if name in _PROSE and is_full_name(text) else "")


def _is_person(text: str) -> bool:
    return any(looks_like_user(part) for part in text.split("|"))


def without_paths(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table with file names in place of paths in `source` (E34c), with the hits of what was cut."""
    if "source" not in data:
        return data, together([])
    column = data["source"]
    cut = {text: _PATH.sub("", text).strip() for text in column.dropna().unique() if _PATH.search(text)}
    if not cut:
        return data, together([])
    changed = column.isin(list(cut))
    told = hits(changed, "E34c", "source", new=[cut[text] for text in column[changed]])
    texts = column.astype("str").replace(cut)
    cleaned = texts.astype("category") if column.dtype == "category" else texts
    return data.assign(source=cleaned), told


def mask_journal(journal: pd.DataFrame) -> pd.DataFrame:
    """Problems or corrections without the content of cells that are personal, or that look so."""
    told = [
        name for name in ("value", "old", "message", "remedy", "column", "file", "sheet") if name in journal
    ]
    masked = journal.assign(**{name: _as(journal[name], mask_cells(journal[name])) for name in told})
    hidden = journal["rule"].isin(_WITHOUT_CONTENT)
    for name in ("value", "old"):
        if name in masked:
            masked[name] = masked[name].mask(hidden & journal[name].ne(""), MASK)
    return masked


def _as(column: pd.Series, values: list[object]) -> pd.Series:
    return pd.Series(values, index=column.index, dtype=column.dtype)
