"""What a delivery must contain: tables, columns, types, names they go by, and the rules they obey."""

from klktools.contract.describe import describe_contract
from klktools.contract.schema import schema
from klktools.contract.spec import ColumnSpec, Contract, TableSpec, empty_table, load_contract
from klktools.contract.text import fold, loosen, nearest

__all__ = [
    "ColumnSpec",
    "Contract",
    "TableSpec",
    "describe_contract",
    "empty_table",
    "fold",
    "load_contract",
    "loosen",
    "nearest",
    "schema",
]
