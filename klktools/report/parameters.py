"""What a notebook may be given, checked before any kernel starts.

papermill only logs a misspelt parameter and then runs with the default: a report that looks right and is
wrong. Here a wrong name or kind is an error.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from klktools.errors import ParameterError, sentence

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: its name, kind and default."""

    name: str
    kind: str
    default: Any


def declared_parameters(notebook: NotebookNode) -> tuple[Parameter, ...]:
    """The typed literals of the notebook's one `parameters` cell, in order.

    Raises
    ------
    ParameterError
        If there is not exactly one such cell, or a line is not ``name: kind = literal``.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise ParameterError(
            sentence(
                must="a report notebook must have exactly one cell tagged `parameters`",
                found=f"found {len(cells)}",
            )
        )
    return tuple(_parameter(statement) for statement in ast.parse(cells[0].source).body)


def check_parameters(given: Mapping[str, Any], declared: tuple[Parameter, ...]) -> None:
    """Compare what is given with what the notebook declares.

    Raises
    ------
    ParameterError
        Naming the first parameter that is unknown (with the nearest known name) or of the wrong kind.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name, value in given.items():
        if name not in known:
            raise ParameterError(_unknown(name, list(known)))
        kind = known[name].kind
        if type(value) is not KINDS[kind]:
            raise ParameterError(
                sentence(
                    must=f"the parameter `{name}` must be of kind {kind}",
                    found=f"found {value!r} of kind {type(value).__name__}",
                )
            )


def _parameter(statement: ast.stmt) -> Parameter:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.Constant(value=default)
        ) if kind in KINDS:
            return Parameter(name, kind, default)
    raise ParameterError(
        sentence(
            must="a line of the parameters cell must be `name: kind = literal`",
            found=f"found `{ast.unparse(statement)}`",
        )
    )


def _unknown(name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    fault = sentence(must=f"a parameter must be one of {', '.join(known)}", found=f"found `{name}`")
    return f"{fault} Did you mean `{nearest[0]}`?" if nearest else fault
