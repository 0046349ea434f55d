"""papermill's engines: its own one made honest, and one that runs the cells in a forked process.

papermill marks every cell "completed" when its kernel was killed or ran out of time. Here the notebook says
where it ended, and comes with the error. Other modules are loaded when a notebook is run: papermill loads
this one whenever it starts.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine


class HonestEngine(NBClientEngine):
    """Runs cells as papermill does; on any failure the error carries the notebook and the running cell."""

    @classmethod
    def execute_notebook(cls, nb: Any, *args: Any, **options: Any) -> Any:
        """Run the notebook; an error in a cell is raised here, a step before papermill does.

        Raises
        ------
        Exception
            With `notebook`, the notebook as far as it went, and when the run did not end by itself
            `cell_index`, the number of its last cell among the code cells (None when none had started).
        """
        from papermill.exceptions import PapermillExecutionError
        from papermill.execute import raise_for_execution_errors

        ran = super().execute_notebook(nb, *args, **options)
        try:
            raise_for_execution_errors(ran, ran.metadata.papermill.get("output_path"))
        except PapermillExecutionError as error:
            error.notebook = ran
            raise
        return ran

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        """Run all cells; `notebook_timeout` (seconds) limits them together."""
        limit = options.pop("notebook_timeout", None)
        if limit is not None:
            from klktools.kernels.limits import timeout_for

            options["timeout_func"] = timeout_for(options.pop("execution_timeout", None), limit)
        try:
            cls._run(nb_man, kernel_name, options)
        except BaseException as error:
            error.notebook = nb_man.nb  # type: ignore[attr-defined]
            error.cell_index = _stopped(nb_man, error)  # type: ignore[attr-defined]
            raise

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, options: dict[str, Any]) -> None:
        super().execute_managed_notebook(nb_man, kernel_name, **options)


class ForkedEngine(HonestEngine):
    """Runs cells in a process forked from a warm template; where none can be had, as `HonestEngine`."""

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, options: dict[str, Any]) -> None:
        from papermill.log import logger

        from klktools.kernels import forked

        if forked.can_run(kernel_name, options):
            try:
                _with_client(forked.CellsClient, nb_man, kernel_name, options)
                return
            except forked.TemplateError as error:
                logger.warning("An ordinary kernel is started: %s", error)
        super()._run(nb_man, kernel_name, options)


def _with_client(client: Any, nb_man: Any, kernel_name: str, options: dict[str, Any]) -> None:
    """What `NBClientEngine` does, with another client."""
    from papermill.log import logger

    renamed = ("input_path", "timeout", "startup_timeout", "start_timeout", "execution_timeout")
    client(
        nb_man,
        timeout=options.get("execution_timeout") or options.get("timeout"),
        startup_timeout=options.get("start_timeout", 60),
        kernel_name=kernel_name,
        log=logger,
        **{name: value for name, value in options.items() if name not in renamed},
    ).execute()


def _stopped(nb_man: Any, error: BaseException) -> int | None:
    """Mark the cell where the run ended as failed; its number among the code cells."""
    code = [cell for cell in nb_man.nb.cells if cell.cell_type == "code"]
    started = [cell for cell in code if cell.metadata.papermill.status != nb_man.PENDING]
    # without a failed one papermill calls them all completed
    nb_man.cell_exception([*code[:1], *started][-1] if code else nb_man.nb.cells[0], exception=error)
    return code.index(started[-1]) + 1 if started else None
