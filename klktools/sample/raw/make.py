"""A round as it is handed in: every municipality in its own way, with its own mistakes, and their truth."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from klktools.errors import ParameterError, sentence
from klktools.sample.raw.delivery import Delivery, deliver
from klktools.sample.raw.grids import Grid, Mark
from klktools.sample.raw.notes import notes_name, notes_of, truth_of_notes, write_notes
from klktools.sample.raw.planted import PLANTED
from klktools.sample.raw.truth import truth_of, truth_of_book, write_truth
from klktools.sample.raw.ways import settings_of, way_of
from klktools.sample.raw.write_csv import write_csv
from klktools.sample.raw.write_xlsx import write_xlsx
from klktools.sample.resources import read

ROUND, TRUTH = "round", "truth.csv"


def write_raw_chunks(chunks: Iterable[Mapping[str, pd.DataFrame]], folder: Path | str) -> Path:
    """Write a round as handed in, and the truth about it.

    Parameters
    ----------
    chunks : iterable of mapping
        Clean tables, as `make_chunks` yields them.
    folder : path
        Made when missing. `round` in it is the data folder, with a folder or a workbook per municipality;
        `truth.csv` beside it has one row per planted error. The same chunks give the same bytes. An earlier
        raw edition in the folder is replaced.

    Returns
    -------
    Path
        The data folder.

    Raises
    ------
    ParameterError
        When the folder holds a `round` that is no raw edition.
    """
    path = Path(folder)
    data = path / ROUND
    _make_room(data, path / TRUTH)
    truth = [row for delivery in deliveries(chunks) for row in _write(delivery, data)]
    write_truth(truth, path / TRUTH)
    (path / "SYNTHETIC.md").write_text(read("names")["synthetic"], encoding="utf-8")
    return data


def _make_room(data: Path, truth: Path) -> None:
    """An empty data folder; only what lies beside a truth file is replaced."""
    if truth.is_file() and data.is_dir():
        shutil.rmtree(data)
    elif data.exists():
        must, found = "The raw edition must be written to a folder of its own", f"found {data}"
        raise ParameterError(sentence(must=must, found=found, remedy="Choose another folder"))
    data.mkdir(parents=True)


def deliveries(chunks: Iterable[Mapping[str, pd.DataFrame]]) -> Iterator[Delivery]:
    """What each municipality hands in, its mistakes planted."""
    for chunk in chunks:
        parts = {name: dict(list(table.groupby("municipality"))) for name, table in chunk.items()}
        for code in chunk["municipalities"]["municipality"]:
            tables = {name: part.get(code, chunk[name].iloc[:0]) for name, part in parts.items()}
            delivery = deliver(tables, way_of(code))
            for mistake in settings_of(code).get("mistakes", ()):
                delivery = PLANTED[mistake](delivery)
            yield delivery


def _write(delivery: Delivery, data: Path) -> Iterator[dict[str, Any]]:
    """Write one municipality; the truth about its files."""
    for grid in [*delivery.grids.values(), *delivery.extras]:
        if grid.csv:
            file = _file(delivery, grid, "csv")
            write_csv(grid, data / file)
            yield from truth_of(grid, delivery.municipality, file, "", _of_file(grid))
    for file, sheets in _workbooks(delivery).items():
        write_xlsx(sheets, delivery.book, data / file)
        for sheet, grid in sheets.items():
            yield from truth_of(grid, delivery.municipality, file, sheet, ())
        yield from truth_of_book(delivery.book, delivery.municipality, file)
    if notes := notes_of(delivery.municipality):
        file = f"{delivery.stem}/{notes_name()}.csv"
        (data / file).write_bytes(write_notes(delivery.municipality, notes))
        yield from truth_of_notes(delivery.municipality, file, notes)


def _workbooks(delivery: Delivery) -> dict[str, dict[str, Grid]]:
    """The workbooks of a delivery: file -> sheet -> grid."""
    books: dict[str, dict[str, Grid]] = {}
    for grid in [*delivery.grids.values(), *delivery.extras]:
        if not grid.csv:
            label = grid.spec.label["da"]
            one = delivery.way.shape in ("workbook", "mixed") and not grid.folder
            file = _book(delivery) if one else _file(delivery, grid, "xlsx")
            books.setdefault(file, {})[label if one else "Ark1"] = grid
    return books


def _book(delivery: Delivery) -> str:
    if delivery.way.shape == "workbook":
        return f"{delivery.stem}.xlsx"
    return f"{delivery.stem}/Skema.xlsx"


def _file(delivery: Delivery, grid: Grid, ending: str) -> str:
    name = grid.spec.label["da"] if delivery.way.heads == "label" else grid.spec.danish
    return "/".join(part for part in (delivery.stem, grid.folder, f"{name}.{ending}") if part)


def _of_file(grid: Grid) -> list[Mark]:
    """What is to be corrected in a csv file as a whole."""
    marks = []
    if grid.encoding in ("cp1252", "mojibake"):
        marks.append(Mark("E03", "correction", planted=grid.encoding, clean="utf-8"))
    return marks
