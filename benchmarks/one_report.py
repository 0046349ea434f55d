"""CPU time of one report in a warm process: a line per cell of the notebook, and one for the page.

    python benchmarks/one_report.py reports/_dossiers [0048 0012 ...]

Each report runs in fresh names after everything was used once; of several rounds the least CPU time counts,
since whatever else the machine does only adds to it. Compare ratios, not machines.
"""

from __future__ import annotations

import ast
import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from klktools.report.document import read_document
from klktools.report.html import export_page
from klktools.report.notebook import in_language, read_notebook

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "municipality_report.ipynb"
ROUNDS = 5


def main(folder: str, *codes: str) -> None:
    """Print the table."""
    dossiers = [Path(folder) / code for code in codes] or sorted(Path(folder).glob("[0-9]*"))[::7]
    notebook = in_language(read_notebook(NOTEBOOK), "da")
    report(notebook, dossiers[0])
    gc.collect()
    gc.freeze()  # as a kernel forked from a warm process has it
    best = [min(times) for times in zip(*(one_round(notebook, dossiers) for _ in range(ROUNDS)), strict=True)]
    for (name, _), seconds in zip(report(notebook, dossiers[0]), best, strict=True):
        print(f"{1000 * seconds:8.1f}  {name}")
    print(f"{1000 * sum(best):8.1f}  ms of CPU a report ({len(dossiers)} dossiers, best of {ROUNDS} rounds)")


def one_round(notebook: NotebookNode, dossiers: list[Path]) -> list[float]:
    """Mean CPU seconds of each step over the dossiers."""
    runs = [[seconds for _, seconds in report(notebook, dossier)] for dossier in dossiers]
    return [sum(times) / len(runs) for times in zip(*runs, strict=True)]


def report(notebook: NotebookNode, dossier: Path) -> list[tuple[str, float]]:
    """Name and CPU seconds of every step of one report."""
    return list(steps(NotebookNode(notebook | {"cells": [cell.copy() for cell in notebook.cells]}), dossier))


def steps(notebook: NotebookNode, dossier: Path) -> Iterator[tuple[str, float]]:
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            given = "parameters" in cell.metadata.get("tags", [])
            source = f"dossier, language = {str(dossier)!r}, 'da'" if given else cell.source
            cell.outputs, seconds = timed(lambda source=source: run_cell(source, names))
            yield "parameters" if given else cell.source, seconds
    document, seconds = timed(lambda: read_document(notebook, title="-", footer="-", language="da"))
    yield "read_document", seconds
    yield "export_page", timed(lambda: export_page(document))[1]


def run_cell(source: str, names: dict[str, Any]) -> list[NotebookNode]:
    """What Jupyter would show: the last expression's formats."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(source, names)
        return []
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return [new_output("execute_result", data=value._repr_mimebundle_(), execution_count=1)]


def timed(step: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    return step(), time.process_time() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
