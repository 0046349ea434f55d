"""The contract as a pandera schema: a second, independent reading of the same YAML for tables made in memory.

Intake has its own checks: they must name file, cell and the value as delivered, which is gone when a
table is typed, and importing pandera takes longer than reading a round. It is therefore imported here,
when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from klktools.contract.spec import ColumnSpec, _spec

if TYPE_CHECKING:
    from pandera.pandas import Check, Column, DataFrameSchema


def schema(name: str) -> DataFrameSchema:
    """The pandera schema of one table: columns, dtypes, missing values, lists, limits and key.

    Parameters
    ----------
    name : str
        Canonical table name.

    Returns
    -------
    DataFrameSchema
        Strict: no other columns; the key is unique. ``schema("usage").validate(table, lazy=True)``.
    """
    import pandera.pandas as pa

    spec = _spec(name)
    columns = {column.name: _column(column, pa) for column in spec.columns.values()}
    return pa.DataFrameSchema(columns, name=name, strict=True, unique=list(spec.key))


def _column(spec: ColumnSpec, pa) -> Column:
    return pa.Column(spec.dtype, _checks(spec, pa), nullable=not spec.required, title=spec.label["en"])


def _checks(spec: ColumnSpec, pa) -> list[Check]:
    checks = []
    if spec.enum:
        checks.append(pa.Check.isin(sorted(set(spec.codes.values()))))
    if spec.type == "code":
        checks.append(pa.Check.str_matches(r"^[0-9A-Z]{4}$"))
    if spec.low is not None:
        checks.append(pa.Check.ge(spec.low))
    if spec.high is not None:
        checks.append(pa.Check.le(spec.high))
    return checks
