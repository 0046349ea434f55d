"""papermill's own engine, made honest about dead kernels and time limits.

papermill marks every cell of a notebook "completed" when its kernel was killed. This engine stamps the
notebook with what happened before the error goes on, and hands the notebook over with the error.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine, papermill_engines

ENGINE = "klktools"


class HonestEngine(NBClientEngine):
    """Runs cells as papermill does; on any failure the error carries the notebook and the running cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **options)
        except Exception as error:
            error.notebook = nb_man.nb  # type: ignore[attr-defined]
            error.cell_index = _last_started_cell(nb_man.nb)  # type: ignore[attr-defined]
            raise


def register() -> str:
    """Make the engine known to papermill in this process; its name."""
    papermill_engines.register(ENGINE, HonestEngine)
    return ENGINE


def _last_started_cell(notebook: Any) -> int | None:
    """The number, among the code cells, of the last one that is not pending: where the run ended."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    started = [
        number
        for number, cell in enumerate(code, start=1)
        if cell.metadata.get("papermill", {}).get("status", "pending") != "pending"
    ]
    return started[-1] if started else None
