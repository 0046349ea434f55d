"""A report notebook: read, set to one language, run by papermill, cleaned of all traces of the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from klktools.errors import ParameterError, sentence

LANGUAGES = ("da", "en")
START_SECONDS = 60


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


def run_notebook(
    source: Path, target: Path, parameters: Mapping[str, Any], *, folder: Path, cell_seconds: int
) -> NotebookNode:
    """Run the prepared notebook `source` with papermill in a kernel of its own.

    Parameters
    ----------
    source, target : Path
        Notebook files; `target` is written at the end or at the failing cell.
    parameters : mapping
        Checked against the notebook before (`parameters.check_parameters`).
    folder : Path
        Working folder of the kernel: relative paths in `parameters` start here.
    cell_seconds : int
        Time limit of one cell.

    Returns
    -------
    NotebookNode
        The executed notebook.
    """
    import papermill
    from traitlets.config import Config

    from klktools.report import engine

    config = Config()
    if os.name == "posix":  # files instead of ports: nothing to collide with when many kernels start
        config.KernelManager.transport = config.AsyncKernelManager.transport = "ipc"
    try:
        return papermill.execute_notebook(
            source,
            target,
            parameters=dict(parameters),
            engine_name=engine.register(),
            kernel_name="python3",
            request_save_on_cell_execute=False,
            progress_bar=False,
            start_timeout=START_SECONDS,
            execution_timeout=cell_seconds,
            iopub_timeout=30,
            shutdown_kernel="immediate",
            cwd=folder,
            config=config,
        )
    except papermill.PapermillExecutionError as error:
        error.notebook = read_notebook(target)  # with papermill's marker at the failing cell
        raise


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
