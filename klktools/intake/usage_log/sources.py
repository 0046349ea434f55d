"""The files and sheets of a log as relations of one shape, whatever they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.cells import split_cells
from klktools.intake.dates import SHIFT_1904
from klktools.intake.files import Fault, Limits, LogFile, Sheet, utf_8_blocks
from klktools.intake.files.shape import Where
from klktools.intake.headings import Heading
from klktools.intake.usage_log.workspace import Workspace

_WHITE = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(65279)"
_FLOATS = ("FLOAT", "DOUBLE")
_PARALLEL, _SERIAL = "parallel = true", "parallel = false"  # a break inside a cell can only be read serially
_INSTANT = "TIMESTAMP WITH TIME ZONE"
_SURPLUS = 3  # cells that are read beyond the heading; DuckDB leaves out those further on


@dataclass(frozen=True)
class Source:
    """One file or sheet in SQL: `scan` gives its rows, in any order, `ordered` the same with `row` as Excel
    shows it. `columns` maps the contract's names to the expression and type of each that is there; `cells`
    are the names of the cells of a row of a text, and some more; `path` is that text, and `refused` the
    condition for rows that a fault of the file makes unusable."""

    sheet: Sheet
    heading: Heading
    scan: str
    ordered: str
    columns: dict[str, tuple[str, str]]
    cells: tuple[str, ...] = ()
    path: Path = Path()
    refused: str = "false"


def open_sources(space: Workspace, sheets: Sequence[Sheet], headings: Sequence[Heading]) -> list[Source]:
    """Every sheet as a source."""
    pairs = zip(sheets, headings, strict=True)
    return [_source(space, number, *pair) for number, pair in enumerate(pairs)]


def sound_sources(space: Workspace, sources: Sequence[Source]) -> tuple[list[Source], list[Fault]]:
    """The sources that can be read to their end, slowly if need be, and a fault for each other (F01)."""
    sound, faults = [], []
    for source in sources:
        slow = replace(source, scan=source.scan.replace(_PARALLEL, _SERIAL))
        try:
            space.rows(f"SELECT count(COLUMNS(*)) FROM {slow.scan}")
            sound.append(slow)
        except duckdb.Error:
            faults.append(unread(source.sheet, "damaged"))
    return sound, faults


def unread(sheet: Sheet, phrase: str) -> Fault:
    """F01 of a whole sheet."""
    return Fault("F01", sheet.file, sheet.sheet, sheet.table, phrase=phrase)


def unread_columns(source: Source) -> list[tuple[int, str]]:
    """The columns of a file that are none of the contract: their place, and their text in SQL."""
    sheet = source.sheet
    if not isinstance(sheet, LogFile):
        return []  # those of a workbook are in memory
    names = source.cells or sheet.names
    places = [place for place in range(len(sheet.header)) if place not in source.heading.places.values()]
    return [(place, f"{identifier(names[place])}::VARCHAR") for place in places]


def _source(space: Workspace, number: int, sheet: Sheet, heading: Heading) -> Source:
    if not isinstance(sheet, LogFile):
        return _grid(space, f"sheet_{number}", sheet, heading)
    if not sheet.names:
        return _csv(_plain(sheet, space.folder / f"{number}.csv"), sheet, heading)
    file = f"read_parquet({quoted(str(sheet.path))}, file_row_number = true)"
    types = {name: kind for name, kind, *_ in space.rows(f"DESCRIBE SELECT * FROM {file}")}
    columns = {
        name: (identifier(sheet.names[place]), types[sheet.names[place]])
        for name, place in heading.places.items()
    }
    return Source(sheet, heading, file, f"(SELECT *, file_row_number + 2 AS row FROM {file})", columns)


def _grid(space: Workspace, name: str, sheet: Sheet, heading: Heading) -> Source:
    """A sheet of a workbook, its cells as text."""
    cells = {column: split_cells(sheet.rows[place]) for column, place in heading.places.items()}
    texts = {column: pd.Series(given.spread(given.texts), dtype="str") for column, given in cells.items()}
    rows = sheet.rows.index.to_numpy(dtype="int64")
    refused = np.isin(rows, list(sheet.refused))
    space.put(name, pd.DataFrame({"row": rows, "refused": refused, **texts}))
    columns = {column: (identifier(column), "VARCHAR") for column in texts}
    return Source(sheet, heading, name, name, columns, refused="refused")


def _csv(path: Path, sheet: LogFile, heading: Heading) -> Source:
    names = [f"c{place}" for place in range(len(sheet.header) + _SURPLUS)]
    shape = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    scan = (
        f"read_csv({quoted(str(path))}, delim = '{sheet.separator}', quote = '\"', escape = '\"', "
        f"header = false, skip = {sheet.above}, auto_detect = false, columns = {{{shape}}}, "
        f"null_padding = true, strict_mode = false, {_PARALLEL})"
    )
    ordered = (
        f"(SELECT *, row_number() OVER () + {sheet.first - 1} AS row FROM {scan.replace(_PARALLEL, _SERIAL)})"
    )
    columns = {name: (names[place], "VARCHAR") for name, place in heading.places.items()}
    return Source(sheet, heading, scan, ordered, columns, tuple(names), path)


def _plain(sheet: LogFile, copy: Path) -> Path:
    """The file itself, or its text unpacked, mended and in UTF-8 in the workspace."""
    if sheet.is_plain:
        return sheet.path
    where = Where(sheet.file, "", load_contract().tables[sheet.table])
    with copy.open("wb") as plain:
        for block, _ in utf_8_blocks(sheet.path, where, Limits().of_table(sheet.table)):
            plain.write(block)
    return copy


def relation(sources: Sequence[Source], spec: TableSpec, *, ordered: bool) -> str:
    """All sources under one another: `sheet`, `row`, every column of the contract as text (missing when
    empty), and for those whose type tells more: `wall` and `shift` (a time, and its minutes east of UTC when
    it says so) and `number` (an amount); `ragged` when the row has more cells than the heading, `short`
    when the last cell that it must have is empty, `refused` when another fault of the file reaches it (of a
    text only when ordered), and `days_later`, when Excel's calendar of its sheet begins. Rows of empty cells
    are left out."""
    return " UNION ALL ".join(
        _select(number, source, spec, ordered=ordered) for number, source in enumerate(sources)
    )


def _select(number: int, source: Source, spec: TableSpec, *, ordered: bool) -> str:
    texts = [f"{_text(source, name)} AS {identifier(name)}" for name in spec.columns]
    row = "row::BIGINT" if ordered else "NULL::BIGINT"
    wall, shift = _typed_time(source)
    later = SHIFT_1904.astype(int) if source.sheet.date1904 else 0
    refused = source.refused if ordered or not source.cells else "false"
    given = ", ".join(
        [f"{number} AS sheet", f"{row} AS row", *texts, f"{wall} AS wall", f"{shift} AS shift"]
        + [f"{_typed_number(source)} AS number", f"{_ragged(source)} AS ragged"]
        + [f"{_short(source, spec)} AS short"]
        + [f"{refused} AS refused", f"{later}::INTEGER AS days_later"]
    )
    some = f"WHERE coalesce({', '.join(source.cells)}) IS NOT NULL" if source.cells else ""
    return f"SELECT {given} FROM {source.ordered if ordered else source.scan} {some}"


def _ragged(source: Source) -> str:
    return f"coalesce({', '.join(source.cells[-_SURPLUS:])}) IS NOT NULL" if source.cells else "false"


def _short(source: Source, spec: TableSpec) -> str:
    fewest = source.heading.fewest(spec)
    return f"{source.cells[fewest - 1]} IS NULL" if source.cells and fewest else "false"


def _text(source: Source, name: str) -> str:
    column, kind = source.columns.get(name, ("NULL", ""))
    if not kind:
        return "NULL::VARCHAR"
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return _tidy(f"{column}::VARCHAR")
    if kind in _FLOATS:
        whole = f"{column} = trunc({column}) AND abs({column}) < 9007199254740992"
        exact = f"WHEN {whole} THEN {column}::BIGINT::VARCHAR"
        return f"CASE {exact} WHEN NOT isnan({column}) THEN {column}::VARCHAR END"
    return f"{column}::VARCHAR"


def _tidy(text: str) -> str:
    """Composed, without white space around it; most texts need no trimming, which is slow."""
    visible = " AND ".join(f"{end}({text}, 1) BETWEEN '!' AND '~'" for end in ("left", "right"))
    composed = f"nfc_normalize({text})"
    return f"CASE WHEN {visible} THEN {composed} ELSE nullif(trim({composed}, {_WHITE}), '') END"


def _typed_time(source: Source) -> tuple[str, str]:
    column, kind = source.columns.get("timestamp", ("NULL", ""))
    if kind == _INSTANT:
        return f"make_timestamp(epoch_us({column}))", "0"
    return (f"{column}::TIMESTAMP" if kind.startswith(("TIMESTAMP", "DATE")) else "NULL::TIMESTAMP"), "NULL"


def _typed_number(source: Source) -> str:
    column, kind = source.columns.get("amount", ("NULL", "VARCHAR"))
    numeric = kind in _FLOATS or kind.endswith("INT") or kind.startswith(("DECIMAL", "INTEGER"))
    return f"{column}::DOUBLE" if numeric else "NULL::DOUBLE"


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"
