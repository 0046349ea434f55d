"""papermill's client of `cells`: the same loop over the notebook, a forked process instead of a kernel."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient

from klktools.kernels.cells import Ran
from klktools.kernels.client import Forked, Template
from klktools.kernels.limits import timeout_for

CELLS = "klktools.kernels.cells:serve"
# what every notebook of ours and most others use; no shell, kernel or figure may come of it
PRELOAD = ("klktools.kernels.cells", "pandas", "matplotlib.pyplot", "matplotlib.backends.backend_agg")


@functools.cache
def own_template() -> Template:
    """The template of this process, started when first asked for."""
    return Template(PRELOAD)


_inherited: list[Template] = []


def use_template(template: Template) -> None:
    """From now on this process forks from `template`."""
    _inherited[:] = [template]


def template() -> Template:
    """The template in use."""
    return _inherited[-1] if _inherited else own_template()


def run_cells(nb_man: Any, options: dict[str, Any]) -> None:
    """Run the notebook of a papermill run in a forked process.

    Parameters
    ----------
    nb_man : papermill.engines.NotebookExecutionManager
        Holds the notebook, and is told of every cell.
    options : dict
        Of the engine; used are `execution_timeout`, `notebook_timeout`, `log_output`, `stdout_file`,
        `stderr_file`, `allow_errors` and the working folder in ``resources["metadata"]["path"]``.
    """
    limit = timeout_for(options.get("execution_timeout"), options.get("notebook_timeout"))
    names = ("log_output", "stdout_file", "stderr_file", "allow_errors", "resources")
    chosen = {name: options[name] for name in names if options.get(name) is not None}
    CellsClient(nb_man, limit=limit, **chosen).execute()


class CellsClient(PapermillNotebookClient):
    """papermill's client with `execute_cell` of its own."""

    def __init__(self, nb_man: Any, *, limit: Callable[[Any], float | None], **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.limit = limit
        self.connection: Connection | None = None
        self.displays: dict[str, list[NotebookNode]] = {}

    def execute(self, **_: Any) -> NotebookNode:
        """Run all cells in one forked process."""
        cwd = self.resources.get("metadata", {}).get("path") or os.getcwd()
        with connected(template(), CELLS, cwd=str(cwd)) as (self.connection, self.process):
            self.papermill_execute_cells()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **_: Any) -> NotebookNode:
        """Run one cell; raises as nbclient does."""
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or skipped:
            return cell
        ran = self._ask(cell)
        cell.execution_count = ran.count
        cell.outputs = [self._noted(output) for output in ran.outputs]
        for update in ran.updates:
            for shown in self.displays.get(update["transient"]["display_id"], ()):
                shown.update(NotebookNode(data=update["data"], metadata=update["metadata"]))
        for output in cell.outputs:
            self.log_output_message(output)
        self._raise_for(cell)
        return cell

    def _ask(self, cell: NotebookNode) -> Ran:
        assert self.connection is not None
        limit = self.limit(cell)
        try:
            self.connection.send(cell.source)
            if not self.connection.poll(limit):
                raise CellTimeoutError.error_from_timeout_and_cell("no answer", int(limit or 0), cell)
            return self.connection.recv()
        except (EOFError, ConnectionError):
            raise DeadKernelError("Kernel died") from None

    def _noted(self, output: dict[str, Any]) -> NotebookNode:
        name = output.pop("transient", {}).get("display_id")
        node: NotebookNode = NotebookNode(output)
        if name is not None:
            self.displays.setdefault(name, []).append(node)
        return node

    def _raise_for(self, cell: NotebookNode) -> None:
        errors = [output for output in cell.outputs if output.output_type == "error"]
        allowed = (
            self.allow_errors
            or "raises-exception" in cell.metadata.get("tags", [])
            or any(error.ename in self.allow_error_names for error in errors)
        )
        if errors and not allowed:
            raise CellExecutionError.from_cell_and_msg(cell, errors[-1])


@contextmanager
def connected(
    source: Template, target: str, *, fds: Sequence[int] = (), cwd: str | None = None
) -> Iterator[tuple[Connection, Forked]]:
    """A forked process that talks over a connection; killed when the block is left."""
    ours, theirs = Pipe()
    try:
        process = source.fork(target, fds=[theirs.fileno(), *fds], cwd=cwd)
    finally:
        theirs.close()
    try:
        yield ours, process
    finally:
        ours.close()
        process.kill()
        process.wait()
