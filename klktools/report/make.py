"""One task to one report: run the notebook, write the page, deliver all files or none."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from klktools.errors import ReportError
from klktools.report.document import Document, read_document
from klktools.report.html import export_page
from klktools.report.notebook import cleaned, notebook_bytes, run_notebook, write_notebook

TEMPORARY = ".part"


@dataclass(frozen=True)
class Task:
    """One report to be made: where from, where to, and what the page says of itself."""

    code: str
    stem: str
    root: Path
    notebook: Path
    parameters: Mapping[str, Any]
    title: str
    footer: str
    language: str
    record: Mapping[str, Any] | None = None
    cell_seconds: int = 120

    @property
    def folder(self) -> Path:
        """The folder of this report's files, and the working folder of its kernel."""
        return self.root / self.stem

    @property
    def failed_notebook(self) -> Path:
        """Where the notebook is kept when the report fails."""
        return self.root / "_failed" / f"{self.stem}.ipynb"


def make_report(task: Task) -> dict[str, Any]:
    """Make one report; never raises for a fault in it.

    Parameters
    ----------
    task : Task
        What to make.

    Returns
    -------
    dict
        ``municipality, status (ok | failed), stage, cell, error, seconds, outputs (file -> sha256)``.
        After ``ok`` all files are new and complete; after ``failed`` none is left among the deliverables and
        the notebook is in ``_failed/``.
    """
    started = time.perf_counter()
    task.folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="klktools-") as scratch:
            outputs = deliver(_documents(task, Path(scratch) / "run.ipynb"), task.folder)
        task.failed_notebook.unlink(missing_ok=True)
        outcome = {"status": "ok", "stage": "", "cell": None, "error": "", "outputs": outputs}
    except Exception as error:  # one report's fault must not stop the others
        outcome = {"status": "failed", **failure(error), "outputs": {}}
        _set_aside(task, error, outcome)
    seconds = round(time.perf_counter() - started, 2)
    return {"municipality": task.code, **outcome, "seconds": seconds}


def deliver(documents: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Write all documents beside their names, then rename them into place; their sha256 by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents.items():
        (folder / f"{name}{TEMPORARY}").write_bytes(content)
    for name in documents:
        os.replace(folder / f"{name}{TEMPORARY}", folder / name)
    return {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}


def withdraw(folder: Path) -> None:
    """Remove a report's files (whole and half-written), and its folder when nothing else is in it."""
    for path in folder.glob(f"{folder.name}.*"):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def failure(error: Exception) -> dict[str, Any]:
    """Stage, cell and one line of what went wrong, from the error of a run."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    cell = getattr(error, "cell_index", None)
    if isinstance(error, PapermillExecutionError):
        return {
            "stage": "cell",
            "cell": error.exec_count,
            "error": f"{error.ename}: {_first_line(error.evalue)}",
        }
    if isinstance(error, DeadKernelError):
        return {"stage": "kernel", "cell": cell, "error": "the kernel died"}
    if isinstance(error, CellTimeoutError):
        return {"stage": "time", "cell": cell, "error": "a cell ran over its time limit"}
    stage = "page" if isinstance(error, ReportError) else "run"
    return {"stage": stage, "cell": cell, "error": f"{type(error).__name__}: {_first_line(str(error))}"}


def _documents(task: Task, target: Path) -> dict[str, bytes]:
    notebook = run_notebook(
        task.notebook, target, task.parameters, folder=task.folder, cell_seconds=task.cell_seconds
    )
    kept = cleaned(notebook, {"municipality": task.code, "language": task.language, "status": "ok"})
    documents = {
        f"{task.stem}.html": export_page(_document(kept, task)).encode(),
        f"{task.stem}.ipynb": notebook_bytes(kept),
    }
    if task.record is not None:
        documents[f"{task.stem}.findings.json"] = _json_bytes(task.record)
    return documents


def _document(notebook: NotebookNode, task: Task) -> Document:
    try:
        return read_document(notebook, title=task.title, footer=task.footer, language=task.language)
    except ReportError as error:
        error.notebook = notebook  # type: ignore[attr-defined]
        raise


def _set_aside(task: Task, error: Exception, outcome: Mapping[str, Any]) -> None:
    withdraw(task.folder)
    notebook = getattr(error, "notebook", None)
    if notebook is None:
        return
    about = {"municipality": task.code, "language": task.language, "status": "failed"}
    about |= {key: outcome[key] for key in ("stage", "cell", "error")}
    task.failed_notebook.parent.mkdir(parents=True, exist_ok=True)
    write_notebook(cleaned(notebook, about), task.failed_notebook)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"


def _json_bytes(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
