"""Parquet files → sheets, one column at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from klktools.intake.files.sheet import FIRST_ROW, Sheet


def read_parquet(file: Path, name: str, table: str) -> Sheet:
    """Read column by column, so that never more than one stands in memory as it was delivered."""
    schema = pq.read_schema(file)
    # pandas knows which columns were the index of the frame that was written
    header = [str(column) for column in schema.empty_table().to_pandas().columns]
    texts = [text for text in header if pa.types.is_string(schema.field(text).type)]
    with pq.ParquetFile(file, read_dictionary=texts) as parquet:
        rows = range(FIRST_ROW, parquet.metadata.num_rows + FIRST_ROW)
        columns = {place: _coded(parquet.read([text])[text]) for place, text in enumerate(header)}
    pa.default_memory_pool().release_unused()
    return Sheet(table, name, "", tuple(header), pd.DataFrame(columns, index=rows, copy=False))


def _coded(column: pa.ChunkedArray) -> Any:
    """One column as codes into its distinct values; lists as they are."""
    values = column.to_pandas()
    if pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type):
        return values.array
    codes, distinct = pd.factorize(values)
    return pd.Categorical.from_codes(codes, distinct)
