"""The least that must be done: `bound.py DOSSIERS FORMAT ...` makes every report in one process.

The cells of the report notebook are run as plain Python and the documents written as the batch does, but no
notebook, kernel, dossier sealing or file is involved.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from klktools.batch import NOTEBOOKS
from klktools.blocks import Block
from klktools.report.document import Document, Part, block_parts, prose_parts
from klktools.report.formats import write_formats
from klktools.report.notebook import in_language, read_notebook


def main(folder: str, *formats: str) -> None:
    """Make all documents of all dossiers."""
    notebook = in_language(read_notebook(NOTEBOOKS / "municipality_report.ipynb"), "da")
    for dossier in sorted(Path(folder).glob("[0-9]*")):
        parts = tuple(document_parts(notebook, dossier))
        write_formats(Document("title", "footer", "da", parts), formats)


def document_parts(notebook: Any, dossier: Path) -> Iterator[Part]:
    """What the cells say, without a kernel."""
    names: dict[str, Any] = {"dossier": str(dossier), "language": "da"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from prose_parts(cell.source)
        elif "parameters" not in cell.metadata.get("tags", []):
            shown = run_cell(cell.source, names)
            if isinstance(shown, Block):
                yield from block_parts(shown)


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """The value of a cell's last line."""
    *statements, last = ast.parse(source).body
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return exec(compile(ast.Module([last], []), "cell", "exec"), names)


if __name__ == "__main__":
    main(*sys.argv[1:])
