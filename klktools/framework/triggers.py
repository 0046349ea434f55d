"""The small language of the findings catalogue: safe to read from a file, three-valued, vectorised.

An expression holds column names, numbers, texts, comparisons (also ``in ("a", "b")``), ``and``, ``or``,
``not``, ``+ - * /`` and the functions ``min max abs is_missing known``; nothing else. A comparison with
something missing is neither true nor false; ``and``, ``or`` and ``not`` follow Kleene, and an answer still
missing at the end is False.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pandas as pd

from klktools.errors import TableError, sentence

MAX_LENGTH = 600
MAX_DEPTH = 30

_COMPARE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def names(expression: str) -> frozenset[str]:
    """Return the column names an expression uses."""
    called = {id(node.func) for node in ast.walk(_parse(expression)) if isinstance(node, ast.Call)}
    nodes = ast.walk(_parse(expression))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called)


def check(expression: str, columns: Iterable[str]) -> None:
    """Raise TableError unless `expression` is in the language and uses only `columns`."""
    unknown = sorted(names(expression) - set(columns))
    if unknown:
        raise _fault(
            expression, must="uses only columns of its table", found=f"the unknown name {unknown[0]!r}"
        )


def evaluate(expression: str, table: pd.DataFrame) -> pd.Series:
    """Evaluate an expression for every row of a table.

    Parameters
    ----------
    expression : str
        For example ``"I06 < 0.30 and I01 > 0.25"``.
    table : DataFrame
        Its columns are the names of the language. Not changed.

    Returns
    -------
    Series
        On the index of `table`. A condition is ``bool`` (missing counts as False); a calculation is
        ``float64`` with missing kept (division by zero is missing); a column of text or dates stays as it is.

    Raises
    ------
    TableError
        The expression is not in the language, names a column the table lacks, or mixes text and numbers.
    """
    check(expression, table.columns)
    value = _series(_value(_parse(expression).body, table, expression), table)
    if pd.api.types.is_bool_dtype(value):
        return value.astype("boolean").fillna(False).astype(bool)
    return value


@lru_cache(maxsize=1024)
def _parse(expression: str) -> ast.Expression:
    """Parse and reject everything that is not in the language, before anything is computed."""
    if len(expression) > MAX_LENGTH:
        raise _fault(
            expression, must=f"is at most {MAX_LENGTH} characters", found=f"{len(expression)} characters"
        )
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _fault(expression, must="is a complete expression", found="one that cannot be read") from None
    _allow(tree.body, expression, depth=1)
    return tree


def _allow(node: ast.AST, expression: str, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _fault(expression, must=f"is at most {MAX_DEPTH} levels deep", found="a deeper one")
    for part in _parts(node, expression):
        _allow(part, expression, depth=depth + 1)


def _parts(node: ast.AST, expression: str) -> list[ast.expr]:
    """Return the parts of a permitted node; raise for a node outside the allow-list."""
    match node:
        case ast.Name(id=name) if not name.startswith("_"):
            return []
        case ast.Constant(value=value) if _is_plain(value):
            return []
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return [left, right]
        case ast.Compare(
            left=left, ops=[ast.In() | ast.NotIn()], comparators=[ast.Tuple(elts=list(members))]
        ) if members and all(isinstance(member, ast.Constant) for member in members):
            return [left, *members]
        case ast.Compare(left=left, ops=ops, comparators=right) if all(type(op) in _COMPARE for op in ops):
            return [left, *right]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS and args:
            return _arguments(name, args, expression)
    raise _fault(
        expression,
        must="holds only names, numbers, texts, comparisons, and, or, not, + - * /, " + ", ".join(_FUNCTIONS),
        found=repr((ast.get_source_segment(expression.strip(), node) or "")[:60]),
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    return isinstance(value, str) or (abs(value) <= 1e15 and math.isfinite(value))


def _arguments(name: str, args: list[ast.expr], expression: str) -> list[ast.expr]:
    if name not in ("min", "max") and len(args) != 1:
        raise _fault(expression, must=f"gives {name} one argument", found=f"{len(args)}")
    if any(isinstance(arg, ast.Starred) for arg in args):
        raise _fault(expression, must=f"writes the arguments of {name} out", found="a starred argument")
    return args


def _value(node: ast.expr, table: pd.DataFrame, expression: str) -> Any:
    """One permitted node as a Series (float64, boolean, text or dates) or a constant."""
    match node:
        case ast.Name(id=name):
            return _column(table[name])
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_condition(_value(operand, table, expression), expression)
        case ast.UnaryOp(operand=operand):
            return -_number(_value(operand, table, expression), table, expression)
        case ast.BoolOp(op=op, values=values):
            conditions = [_condition(_value(value, table, expression), expression) for value in values]
            return reduce(operator.and_ if isinstance(op, ast.And) else operator.or_, conditions)
        case ast.BinOp(left=left, op=op, right=right):
            first, second = (
                _number(_value(side, table, expression), table, expression) for side in (left, right)
            )
            return _ARITHMETIC[type(op)](first, second).replace([np.inf, -np.inf], np.nan)
        case ast.Compare():
            return _comparison(node, table, expression)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _FUNCTIONS[name]([_value(arg, table, expression) for arg in args], table, expression)
    raise AssertionError(f"_parts let {ast.dump(node)} through")  # pragma: no cover


def _column(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean")
    if pd.api.types.is_numeric_dtype(column) or column.isna().all() and column.dtype == object:
        return column.astype("Float64").astype("float64")
    return column


def _condition(value: Any, expression: str) -> pd.Series:
    if isinstance(value, pd.Series) and value.dtype == "boolean":
        return value
    if isinstance(value, pd.Series) and value.isna().all():
        return value.isna().astype("boolean").mask(value.isna())
    raise _fault(expression, must="gives and, or and not conditions only", found="a value")


def _number(value: Any, table: pd.DataFrame, expression: str) -> pd.Series:
    if isinstance(value, pd.Series) and value.dtype == "float64":
        return value
    if isinstance(value, int | float):
        return pd.Series(float(value), index=table.index)
    raise _fault(expression, must="calculates with numbers only", found="something else")


def _comparison(node: ast.Compare, table: pd.DataFrame, expression: str) -> pd.Series:
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        left = _series(_value(node.left, table, expression), table)
        members = [ast.literal_eval(member) for member in node.comparators[0].elts]  # type: ignore[attr-defined]
        found = left.isin(members).astype("boolean").mask(left.isna())
        return ~found if isinstance(node.ops[0], ast.NotIn) else found
    sides = [_series(_value(side, table, expression), table) for side in [node.left, *node.comparators]]
    links = zip(sides, node.ops, sides[1:], strict=False)
    return reduce(operator.and_, [_compare(left, type(op), right, expression) for left, op, right in links])


def _compare(left: pd.Series, op: type[ast.AST], right: pd.Series, expression: str) -> pd.Series:
    """Compare where both sides are known; missing elsewhere."""
    known = left.notna() & right.notna()
    answer = pd.Series(pd.NA, index=left.index, dtype="boolean")
    if known.any() and _kind(left) != _kind(right):
        raise _fault(expression, must="compares like with like", found=f"{_kind(left)} and {_kind(right)}")
    if known.any():
        answer[known] = _COMPARE[op](left[known], right[known]).astype("boolean")
    return answer


def _kind(column: pd.Series) -> str:
    kinds = {"f": "numbers", "b": "conditions", "M": "dates"}
    return kinds.get(column.dtype.kind, "text")


def _series(value: Any, table: pd.DataFrame) -> pd.Series:
    return value if isinstance(value, pd.Series) else _column(pd.Series(value, index=table.index))


def _extreme(name: str) -> Callable[[list[Any], pd.DataFrame, str], pd.Series]:
    """Row-wise min or max; missing when any argument is."""

    def compute(values: list[Any], table: pd.DataFrame, expression: str) -> pd.Series:
        columns = [_number(value, table, expression) for value in values]
        return getattr(pd.concat(columns, axis=1), name)(axis=1, skipna=False)

    return compute


def _missing(values: list[Any], table: pd.DataFrame, expression: str) -> pd.Series:
    return _series(values[0], table).isna().astype("boolean")


_FUNCTIONS: dict[str, Callable[[list[Any], pd.DataFrame, str], pd.Series]] = {
    "min": _extreme("min"),
    "max": _extreme("max"),
    "abs": lambda values, table, expression: _number(values[0], table, expression).abs(),
    "is_missing": _missing,
    "known": lambda values, table, expression: ~_missing(values, table, expression),
}


def _fault(expression: str, *, must: str, found: str) -> TableError:
    text = expression if len(expression) <= 80 else expression[:77] + "..."
    return TableError(sentence(must=f"An expression {must}", found=f"found {found}", where=text))
