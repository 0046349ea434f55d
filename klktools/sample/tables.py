"""From rows and columns to the contract's typed tables, and from tables to files with fixed bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from klktools.contract import load_contract

Rows = list[dict[str, Any]] | dict[str, Any]
MARK = {"klktools": "SYNTHETIC sample data: no real municipality, person or supplier"}
# computed by intake, never delivered
_DERIVED = {"municipalities": ["size_class"], "interviews": ["duplicate_of"]}


def table(name: str, parts: Sequence[Rows]) -> pd.DataFrame:
    """One table of the contract from what each municipality gave: its columns and dtypes, sorted by its key.

    A part is a list of rows or a mapping column -> array; either may be empty.
    """
    spec = load_contract().tables[name]
    whole = _whole([part for part in parts if part])
    columns = [c for c in spec.columns.values() if c.name not in _DERIVED.get(name, [])]
    dtypes = {c.name: "str" if c.dtype == "category" else c.dtype for c in columns}
    typed = {name: _typed(whole.get(name), len(whole), dtype) for name, dtype in dtypes.items()}
    return pd.DataFrame(typed).sort_values(list(spec.key), kind="stable", ignore_index=True)


def _whole(parts: Sequence[Rows]) -> pd.DataFrame:
    columns = [part for part in parts if isinstance(part, dict)]
    if columns:
        return pd.DataFrame({name: np.concatenate([part[name] for part in columns]) for name in columns[0]})
    return pd.DataFrame([row for part in parts for row in part])


def _typed(values: pd.Series | None, length: int, dtype: Any) -> pd.Series:
    if values is None:
        return pd.Series([None] * length, dtype=dtype)
    if dtype == "datetime64[us]":
        return pd.to_datetime(values).astype(dtype)
    return values.astype(dtype)


def write_tables(chunks: Iterable[Mapping[str, pd.DataFrame]], folder: Path) -> None:
    """Write every table to `folder`, one Parquet file each; the same chunks give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, pq.ParquetWriter] = {}
    try:
        for chunk in chunks:
            for name, content in chunk.items():
                arrow = pa.Table.from_pandas(content, preserve_index=False).replace_schema_metadata()
                if name not in writers:
                    writers[name] = _writer(folder / f"{name}.parquet", arrow.schema)
                writers[name].write_table(arrow)
    finally:
        for writer in writers.values():
            writer.add_key_value_metadata(MARK)
            writer.close()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=19, store_schema=False, version="2.6"
    )
