"""A report notebook: read, set to one language, run by papermill, cleaned of all traces of the machine."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klktools.errors import ParameterError, ReportError, sentence
from klktools.report.quick import nbformat

if TYPE_CHECKING:
    from traitlets.config import Config

    from klktools.report.make import Task

NotebookNode = nbformat.NotebookNode
LANGUAGES = ("da", "en")
START_SECONDS = 60
SOCKET_PATH = 95  # bytes that the name of a socket file may have, with its number still to come


def read_notebook(path: Path) -> NotebookNode:
    """The notebook at `path`; a ParameterError says so when there is none."""
    if not path.is_file():
        raise ParameterError(sentence(must="the notebook must exist", found=f"found no file {path.name}"))
    return nbformat.read(path, as_version=4)


def in_language(notebook: NotebookNode, language: str) -> NotebookNode:
    """A copy without the prose cells of the other languages (tags ``lang-da``, ``lang-en``)."""
    others = {f"lang-{other}" for other in LANGUAGES if other != language}
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if not others & set(cell.metadata.get("tags", []))]
    return copy


def run_notebook(task: Task) -> NotebookNode:
    """Run a task's prepared notebook with papermill.

    Parameters
    ----------
    task : Task
        `parameters` were checked against the notebook (`parameters.check_parameters`); relative paths in
        them start at the task's folder. `kernels` is "warm" (cells in a forked process where the platform
        can) or "ordinary".

    Returns
    -------
    NotebookNode
        The executed notebook.

    Raises
    ------
    Exception
        What papermill and nbclient raise, with the notebook so far as its attribute `notebook`.
    ReportError
        If a cell ended the run before the last one.
    """
    import papermill

    notebook = papermill.execute_notebook(
        task.notebook,
        None,
        parameters=dict(task.parameters),
        engine_name=_engine(task.kernels),
        kernel_name="python3",
        progress_bar=False,
        start_timeout=START_SECONDS,
        execution_timeout=task.cell_seconds,
        notebook_timeout=task.report_seconds,
        iopub_timeout=30,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(task.folder)}},
        config=_kernel_config(),
    )
    _check_complete(notebook)
    return notebook


def cleaned(notebook: NotebookNode, about: Mapping[str, Any]) -> NotebookNode:
    """A copy fit to be kept: no times, no paths, fixed ids; `about` becomes ``metadata.klktools``.

    What cells print (warnings above all) is dropped: it is not for the reader and may name files.
    """
    copy = nbformat.from_dict(notebook)
    copy.metadata = NotebookNode(
        kernelspec=NotebookNode(display_name="Python 3", language="python", name="python3"),
        language_info=NotebookNode(name="python"),
        klktools=NotebookNode(about),
    )
    for number, cell in enumerate(copy.cells):
        cell.metadata = NotebookNode({"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {})
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = f"injected-parameters-{number}"
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
    return copy


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write `notebook` as valid nbformat 4.5 with a final newline."""
    path.write_bytes(notebook_bytes(notebook))


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook as it stands in a file."""
    return (nbformat.writes(notebook) + "\n").encode()


def _engine(kernels: str) -> str:
    """The name of the engine, made known to papermill also where the toolkit is not installed."""
    from papermill.engines import papermill_engines

    from klktools.kernels.engine import ForkedEngine, HonestEngine

    engine = ForkedEngine if kernels == "warm" else HonestEngine
    papermill_engines.register(engine.__name__, engine)
    return engine.__name__


def _kernel_config() -> Config:
    """Sockets that are files instead of ports: nothing to collide with when many kernels start."""
    from jupyter_core.paths import jupyter_runtime_dir
    from traitlets.config import Config

    config = Config()
    address = Path(jupyter_runtime_dir(), f"klk-{uuid.uuid4().hex[:8]}")
    if os.name == "posix" and len(os.fsencode(address)) <= SOCKET_PATH:
        address.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for manager in (config.KernelManager, config.AsyncKernelManager):
            manager.transport, manager.ip = "ipc", str(address)
    return config


def _check_complete(notebook: NotebookNode) -> None:
    """A cell that leaves quietly (`sys.exit(0)`) is no fault to papermill, but no report either."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    left = next((at for at, cell in enumerate(code, start=1) if cell.execution_count is None), None)
    if left is None:
        return
    error = ReportError(
        sentence(must="every cell of a report must run", found=f"found the run ended before cell {left}")
    )
    error.notebook = notebook  # type: ignore[attr-defined]
    raise error
