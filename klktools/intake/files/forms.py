"""The sheets we hand out that are not plain tables: forms are read as the tables they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from klktools.contract import TableSpec, fold, load_contract
from klktools.contract.forms import Cells, Head, column_named, form_of, heading_row, is_missing, read_head
from klktools.framework import load_framework
from klktools.intake.files.sheet import Fault, Sheet, cell_name


def is_aside(name: str) -> bool:
    """Whether a sheet is the guide or the lists of a workbook of ours, in either language."""
    words = load_contract().words["workbook"]["aside"]
    return fold(name) in {fold(text) for names in words.values() for text in names.values()}


def is_problem_list(names: Iterable[str]) -> bool:
    """Whether the sheets of a workbook are those of the list of problems that we send."""
    returned = load_contract().words["workbook"]["returned"].values()
    return any(
        {fold(labels[language]) for labels in returned} == set(map(fold, names)) for language in ("da", "en")
    )


def without_examples(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without those whose first cell says that they are an example."""
    if rows.empty:
        return rows
    words = {fold(text) for text in load_contract().words["workbook"]["example"].values()}
    first = rows[rows.columns[0]]
    return rows[~first.map(lambda cell: isinstance(cell, str) and fold(cell) in words).astype(bool)]


def read_form(cells: Cells, file: str, sheet: str) -> Iterator[Sheet | Fault]:
    """The tables a filled-in form stands for; nothing when it was left empty.

    A form whose rows have lost their heading is a fault (F05).

    Parameters
    ----------
    cells : sequence of sequences
        The whole sheet, row by row; "" or None in an empty cell.
    file, sheet : str
        Where it was found.
    """
    name = form_of(cells)
    form = load_contract().words["workbook"]["forms"][name]
    tables = load_contract().tables
    rows, above = tables[form["rows"]], tables[form["head"]]
    start = heading_row(cells, rows, form["first"])
    if start == len(cells):
        yield Fault("F05", file, sheet, rows.name, column=form["first"])
    head = read_head(cells[:start], above)
    table = _read_rows(cells, start, rows, form)
    if name == "interview":
        table = _with_types(_with_states(table))
        if len(table) or head.values.keys() - {"municipality"}:
            yield _head_sheet(head, above, file, sheet)
    if len(table):
        yield _row_sheet(table, head, rows, (file, sheet))


def _read_rows(cells: Cells, start: int, table: TableSpec, form: Mapping[str, Any]) -> pd.DataFrame:
    """The rows where something was filled in, with the place of each column in the sheet as its attribute.

    Columns are numbered as in the sheet; `attrs` holds the heading of each, "" for columns beside.
    """
    beside = {fold(text) for texts in form["beside"].values() for text in texts}
    heading = [] if start == len(cells) else list(cells[start])
    texts = ["" if is_missing(cell) or fold(str(cell)) in beside else str(cell).strip() for cell in heading]
    grid = pd.DataFrame([list(row) for row in cells[start + 1 :]], dtype=object)
    grid = grid.reindex(columns=range(len(texts))).set_axis(range(start + 2, len(cells) + 1))
    names = _first_of_each({place: column_named(text, table) for place, text in enumerate(texts) if text})
    kept = grid[list(names)].rename(columns=names)
    kept = kept.mask(kept.map(is_missing))
    filled = kept.drop(columns=form["first"], errors="ignore").notna().any(axis=1)
    kept = kept[filled]
    kept.attrs = {"places": {name: place for place, name in names.items()}, "texts": texts}
    return kept


def _first_of_each(names: Mapping[int, str]) -> dict[int, str]:
    """Place -> column, where it stands first; the place itself for a strange or repeated one."""
    known: dict[int, str] = {}
    for place, name in names.items():
        known[place] = f"#{place}" if not name or name in known.values() else name
    return known


def _with_states(table: pd.DataFrame) -> pd.DataFrame:
    """An answer that has no status was given; with a reason for not knowing it was not."""
    if table.empty:
        return table
    state = (
        table["status"].astype(object) if "status" in table else pd.Series(index=table.index, dtype=object)
    )
    reason = table.get("dont_know_reason", pd.Series(index=table.index, dtype=object))
    told = state.where(
        state.notna(), reason.map(lambda cell: "answered" if is_missing(cell) else "dont_know")
    )
    return _assigned(table, status=told)


def _with_types(table: pd.DataFrame) -> pd.DataFrame:
    """The type of answer follows from the question; yes and no become 1 and 0."""
    if table.empty:
        return table
    kinds = {question["question"]: question["answer_type"] for question in _questions()}
    types = table["question"].map(lambda cell: kinds.get(str(cell).strip().upper()))
    if "value" not in table:
        return _assigned(table, answer_type=types)
    truths = load_contract().words["booleans"]
    numbers = {text: number for truth, number in ((True, 1), (False, 0)) for text in truths[truth]}
    value = table["value"].astype(object)
    said = value.map(lambda cell: numbers.get(str(cell).strip().casefold(), cell))
    return _assigned(table, answer_type=types, value=value.where(types != "yes_no", said))


def _assigned(table: pd.DataFrame, **columns: pd.Series) -> pd.DataFrame:
    changed = table.assign(**columns)
    changed.attrs = table.attrs
    return changed


def _questions() -> list[dict[str, Any]]:
    return load_framework().questions.to_dict("records")  # type: ignore[return-value]


def _head_sheet(head: Head, table: TableSpec, file: str, sheet: str) -> Sheet:
    names = list(dict.fromkeys([*head.cells]))
    values = [head.values.get(name) for name in names]
    return Sheet(
        table.name,
        file,
        sheet,
        tuple(table.columns[name].label["da"] for name in names),
        pd.DataFrame([values], index=[head.row], dtype=object),
        cells={place: cell_name(*head.cells[name]) for place, name in enumerate(names)},
    )


def _row_sheet(table: pd.DataFrame, head: Head, spec: TableSpec, where: tuple[str, str]) -> Sheet:
    """The rows with the columns of the head that they share, in the places they have in the sheet."""
    texts: list[str] = list(table.attrs["texts"])
    places: dict[str, int] = dict(table.attrs["places"])
    shared = {name: value for name, value in head.values.items() if name in spec.columns}
    shared = {name: value for name, value in shared.items() if name not in table}
    cells: dict[int, str] = {}
    for name in [*shared, *(name for name in table if name not in places)]:
        places[str(name)] = len(texts)
        cells |= {len(texts): cell_name(*head.cells[name])} if name in shared else {}
        texts.append(spec.columns[str(name)].label["da"])
    whole = table.assign(**shared).rename(columns=places).reindex(columns=range(len(texts)))
    return Sheet(spec.name, *where, tuple(texts), whole.astype(object), cells=cells)
