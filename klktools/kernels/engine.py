"""papermill's engines: its own one made honest, and one that runs the cells in a forked process.

papermill marks every cell "completed" when its kernel was killed or ran out of time, and saves no notebook
then. Here the notebook says where it ended, and comes with the error. Other modules are loaded when a
notebook is run: papermill loads this one whenever it starts.
"""

from __future__ import annotations

import copy
from typing import Any

from papermill.engines import NBClientEngine


class HonestEngine(NBClientEngine):
    """Runs cells as papermill does; on any failure the error carries the notebook and the running cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        """Run all cells; `notebook_timeout` (seconds) limits them together."""
        try:
            cls._run(nb_man, kernel_name, options)
        except Exception as error:
            error.notebook = nb_man.nb  # type: ignore[attr-defined]
            error.cell_index = _stopped(nb_man, error)  # type: ignore[attr-defined]
            raise
        _raise_with_notebook(nb_man.nb)

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, options: dict[str, Any]) -> None:
        limit = options.pop("notebook_timeout", None)
        if limit is not None:
            from klktools.kernels.limits import timeout_for

            options["timeout_func"] = timeout_for(options.pop("execution_timeout", None), limit)
        super().execute_managed_notebook(nb_man, kernel_name, **options)


class ForkedEngine(HonestEngine):
    """Runs cells in a process forked from a warm template; where none can be had, as `HonestEngine`."""

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, options: dict[str, Any]) -> None:
        from klktools.kernels.client import can_fork

        if not can_fork() or nb_man.nb.metadata.kernelspec.get("language") != "python":
            super()._run(nb_man, kernel_name, options)
            return
        from klktools.kernels.forked import run_cells

        run_cells(nb_man, options)


def _stopped(nb_man: Any, error: Exception) -> int | None:
    """Mark the cell where the run ended as failed; its number among the code cells."""
    code = [cell for cell in nb_man.nb.cells if cell.cell_type == "code"]
    started = [cell for cell in code if cell.metadata.papermill.status != nb_man.PENDING]
    if not started:
        return None
    nb_man.cell_exception(started[-1], exception=error)
    return code.index(started[-1]) + 1


def _raise_with_notebook(notebook: Any) -> None:
    """Raise what papermill would raise for a failed cell, with the marked notebook."""
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    if not notebook.metadata.papermill.exception:
        return
    marked = copy.deepcopy(notebook)
    try:
        raise_for_execution_errors(marked, None)
    except PapermillExecutionError as error:
        error.notebook = marked
        raise
