"""Parquet files → sheets, one column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from klktools.contract.spec import TableSpec
from klktools.intake.files.characters import is_mojibake, without_controls, without_mojibake
from klktools.intake.files.limits import Limits, within
from klktools.intake.files.shape import CUT_AT, Where, mended_faults
from klktools.intake.files.sheet import Fault, Sheet, Unreadable

if TYPE_CHECKING:
    import duckdb

_FIRST_ROW = 2  # as Excel would show it: the heading is row 1
_INDEX = re.compile(r"__index_level_\d+__")  # what pandas calls the index of a frame
_SIZES = """
    SELECT sum(total_uncompressed_size)::BIGINT, sum(num_values)::BIGINT
    FROM parquet_metadata(?) GROUP BY column_id"""
# of DuckDB: extensions are neither fetched nor loaded by themselves
OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
BROKEN = (pa.ArrowException, OSError, ValueError, LookupError, TypeError, MemoryError)


def read_parquet(file: Path, name: str, spec: TableSpec, limits: Limits) -> Iterator[Sheet | Fault]:
    """One table, read column by column, so that never more than one stands in memory as it was delivered."""
    within(file.stat().st_size, limits.parquet, "limit_parquet_bytes")
    where = Where(name, "", spec)
    try:
        with pq.ParquetFile(file) as parquet:
            schema, rows = parquet.schema_arrow, _rows(file, parquet.metadata, limits)
    except BROKEN as why:
        raise Unreadable("damaged") from why
    yield from _sheet(file, schema, range(_FIRST_ROW, rows + _FIRST_ROW), where)
    pa.default_memory_pool().release_unused()


def column_names(schema: pa.Schema) -> tuple[str, ...]:
    """The columns without the index of a frame."""
    return tuple(name for name in schema.names if not _INDEX.fullmatch(name))


def _rows(file: Path, metadata: pq.FileMetaData, limits: Limits) -> int:
    """The number of rows, when neither it nor any column is too large."""
    within(metadata.num_columns, limits.columns, "limit_columns")
    for size, values in _column_sizes(file):
        within(size, limits.parquet_column, "limit_column_bytes")
        within(values, limits.rows, "limit_rows")
    return within(metadata.num_rows, limits.rows, "limit_rows")


def _column_sizes(file: Path) -> list[tuple[int, int]]:
    """Bytes and values of each column, unpacked; asked of DuckDB, for pyarrow ends the process where what a
    file says of a column is spoilt."""
    import duckdb

    try:
        return _database().execute(_SIZES, [str(file)]).fetchall()
    except duckdb.Error as why:
        _database.cache_clear()  # an error of the worst kind ends a database, and the next file needs one
        raise ValueError(str(why)) from why


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all files: beginning one takes longer than what it is asked."""
    import duckdb

    return duckdb.connect(config={"threads": 1, "enable_external_file_cache": False, **OFFLINE})


def _sheet(file: Path, schema: pa.Schema, rows: range, where: Where) -> Iterator[Sheet | Fault]:
    names = column_names(schema)
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    columns: dict[int, Any] = {}
    faults: list[Fault] = []
    with pq.ParquetFile(file, read_dictionary=texts, page_checksum_verification=True) as parquet:
        for place, name in enumerate(names):
            try:
                columns[place] = _coded(_column(parquet, name, names[:place].count(name)))
            except BROKEN:
                faults.append(where.fault("F15", place=place, value=name))
                columns[place] = _empty(len(rows))
            columns[place], told = _mended(columns[place], where)
            faults += told
    if rows.stop - 1 in CUT_AT:
        faults.append(where.fault("E38", value=str(rows.stop - 1)))
    yield from faults
    header = tuple(without_controls(name).strip() for name in names)
    refused = rows if any(fault.rule == "E38" for fault in faults) else ()
    table = pd.DataFrame(columns, index=rows, copy=False)
    yield Sheet(where.spec.name, where.file, "", header, table, refused=refused)


def _empty(rows: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.full(rows, -1, dtype="int8"), pd.Index([], dtype="str"))


def _column(parquet: pq.ParquetFile, name: str, before: int) -> pa.ChunkedArray:
    """One column; several may have one name."""
    read = parquet.read([name])
    places = [place for place, given in enumerate(read.column_names) if given == name]
    return read.column(places[before])


def _coded(column: pa.ChunkedArray) -> Any:
    """One column as codes into its distinct values; lists as they are.

    Raises
    ------
    TypeError
        For a type that stands for no cell, such as a record in a cell, bytes or a duration.
    """
    kind, types = column.type, pa.types
    if types.is_dictionary(kind) and not types.is_string(kind.value_type):
        return _coded(column.cast(kind.value_type))
    if types.is_large_string(kind) or types.is_string_view(kind):
        return _coded(column.cast(pa.string()).dictionary_encode())
    if types.is_decimal(kind):
        return _coded(column.cast(pa.float64()))
    if types.is_dictionary(kind) or (types.is_list(kind) and not types.is_nested(kind.value_type)):
        return column.to_pandas().array
    if not (types.is_primitive(kind) or types.is_string(kind) or types.is_null(kind)) or (
        types.is_duration(kind) or types.is_time(kind)
    ):
        raise TypeError(kind)
    codes, distinct = pd.factorize(column.to_pandas())
    return pd.Categorical.from_codes(codes, distinct)


def _mended(column: Any, where: Where) -> tuple[Any, list[Fault]]:
    """The column with spoilt letters put right, and what was done."""
    if not isinstance(column.dtype, pd.CategoricalDtype) or column.categories.dtype != "str":
        return column, []
    joined = "".join(column.categories)
    if joined.isprintable() and not is_mojibake(joined):
        return column, []
    texts = {text: without_controls(without_mojibake(text)) for text in column.categories}
    changed = sorted(old for old, new in texts.items() if old != new)
    if not changed:
        return column, []
    return pd.Categorical(pd.Series(column).astype("str").map(texts)), mended_faults(changed, where)
