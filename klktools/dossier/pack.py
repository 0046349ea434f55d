"""Many small tables as one file: an Arrow IPC file of one row, with a list of rows for each table.

One file opens in a fraction of the time that as many Parquet files take, and is smaller: a dossier's tables
have a few rows each, so most of a file of their own is its footer. Any Arrow reader opens it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa


def pack(tables: Mapping[str, pa.Table]) -> bytes:
    """The file of some tables by name; the same bytes for the same rows and types."""
    lists = [_one_list(table) for table in tables.values()]
    fields = [
        pa.field(name, rows.type, metadata=table.schema.metadata)
        for (name, table), rows in zip(tables.items(), lists, strict=True)
    ]
    batch = pa.RecordBatch.from_arrays(lists, schema=pa.schema(fields))
    buffer = io.BytesIO()
    with pa.ipc.new_file(buffer, batch.schema) as writer:
        writer.write_batch(batch)
    return buffer.getvalue()


def _one_list(table: pa.Table) -> pa.ListArray:
    rows = table.to_struct_array().combine_chunks()
    return pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)


def unpack(content: bytes) -> dict[str, pd.DataFrame]:
    """Name -> table of a packed file; pa.ArrowException when it is none."""
    row = pa.ipc.open_file(pa.py_buffer(content)).get_batch(0)
    return {field.name: _table(row.column(at), field) for at, field in enumerate(row.schema)}


def _table(rows: pa.ListArray, field: pa.Field) -> pd.DataFrame:
    table = pa.Table.from_batches([pa.RecordBatch.from_struct_array(rows.flatten())])
    # a process in which threads have been started cannot be forked
    return table.replace_schema_metadata(field.metadata).to_pandas(use_threads=False)
