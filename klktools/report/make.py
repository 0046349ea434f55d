"""One task to one report: run the notebook, write it in every format, deliver all files or none."""

from __future__ import annotations

import functools
import json
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klktools.dossier import findings_record, open_dossier
from klktools.errors import ReportError
from klktools.report.document import Document, read_document
from klktools.report.files import FAILED, deliver, withdraw
from klktools.report.formats import write_formats
from klktools.report.gate import DELIVERED, Register, check_release, delivered_texts
from klktools.report.notebook import cleaned, notebook_bytes, run_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

REASON = "reason.txt"


@dataclass(frozen=True)
class Task:
    """One report to be made: where from, where to, and what the page says of itself.

    ``parameters["dossier"]`` is the folder of a municipality's sealed tables; a report about no single one
    has no such parameter and no findings file. `register` is the file of `write_register`.
    """

    code: str
    stem: str
    root: Path
    notebook: Path
    parameters: Mapping[str, Any]
    title: str
    footer: str
    language: str
    formats: tuple[str, ...] = ("html",)
    register: Path | None = None
    kernels: str = "warm"
    cell_seconds: int = 120
    report_seconds: int = 600

    @property
    def folder(self) -> Path:
        """The folder of this report's files, and the working folder of its cells."""
        return self.root / self.stem

    @property
    def failed_folder(self) -> Path:
        """Where the notebook and the reason are kept when the report fails."""
        return self.root / FAILED / self.stem


@dataclass(frozen=True)
class Rendered:
    """What became of a task: its outcome, and the files to deliver or, after a failure, to set aside.

    `delivered` are the names and texts that are the municipality's own (`gate.delivered_texts`).
    """

    outcome: Mapping[str, Any]
    documents: Mapping[str, bytes] = field(default_factory=dict)
    aside: Mapping[str, bytes] = field(default_factory=dict)
    delivered: frozenset[str] = frozenset()


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
        After ``ok`` all files are new and complete, and the release gate found nothing in them. After
        ``failed`` none is left among the deliverables and the notebook and the reason are in ``_failed/``;
        only when files could not be read or written (stage `files`, a full disk for example) do the old ones
        stay.
    """
    return settle(task, render(task))


def render(task: Task) -> Rendered:
    """Run the notebook and write every document, without touching a deliverable."""
    started = time.perf_counter()
    notebook: NotebookNode | None = None
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
        notebook = run_notebook(task)
        documents, delivered = _documents(task, cleaned(notebook, _about(task, "ok")))
        return Rendered(_outcome(task, started, {"status": "ok"}), documents, delivered=delivered)
    except Exception as error:  # one report's fault must not stop the others
        outcome = _outcome(task, started, {"status": "failed", **failure(error)})
        notebook = notebook or getattr(error, "notebook", None)
        return Rendered(outcome, aside=_aside(task, outcome, notebook, error))


def settle(task: Task, rendered: Rendered) -> dict[str, Any]:
    """Put the files where they belong, when they may be released; the outcome with their hashes."""
    rendered = _gated(task, rendered)
    outcome = {**rendered.outcome, "outputs": {}}
    try:
        if outcome["status"] == "ok":
            outcome["outputs"] = deliver(rendered.documents, task.folder)
            withdraw_failed(task)
        else:
            if outcome["stage"] != "files":
                withdraw(task.folder)
            withdraw_failed(task)
            deliver(rendered.aside, task.failed_folder)
    except OSError as error:
        outcome |= {"status": "failed"} | (failure(error) if outcome["status"] == "ok" else {})
    return outcome


def write_register(entries: Iterable[tuple[str, str]], path: Path) -> None:
    """Write the municipalities of a round, (code, name), for the release gate."""
    path.write_text(json.dumps(list(entries), ensure_ascii=False), encoding="utf-8")


def withdraw_failed(task: Task) -> None:
    """Remove what an earlier failure set aside."""
    for path in task.failed_folder.glob("*"):
        path.unlink()
    if task.failed_folder.is_dir():
        task.failed_folder.rmdir()


def failure(error: Exception) -> dict[str, Any]:
    """Stage, cell and one line of what went wrong, from the error of a run."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    cell = getattr(error, "cell_index", None)
    match error:
        case PapermillExecutionError():
            said = f"{error.ename}: {_first_line(error.evalue)}"
            return {"stage": "cell", "cell": error.exec_count, "error": said}
        case DeadKernelError():
            return {"stage": "kernel", "cell": cell, "error": "the kernel died"}
        case CellTimeoutError():
            return {"stage": "time", "cell": cell, "error": "a cell ran over its time limit"}
        case OSError():  # without the path, which is the machine's
            return {"stage": "files", "cell": None, "error": error.strerror or type(error).__name__}
    stage = "page" if isinstance(error, ReportError) else "run"
    return {"stage": stage, "cell": cell, "error": f"{type(error).__name__}: {_first_line(str(error))}"}


def _gated(task: Task, rendered: Rendered) -> Rendered:
    """The same, or a failure at stage `release` with all files set aside and the faults as the reason."""
    if rendered.outcome["status"] != "ok" or task.register is None:
        return rendered
    faults = check_release(
        rendered.documents,
        own=task.code if "dossier" in task.parameters else "",
        register=_register(task.register),
        language=task.language,
        delivered=rendered.delivered,
    )
    if not faults:
        return rendered
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    outcome = {**rendered.outcome, "status": "failed", "stage": "release", "error": f"{faults[0]}{more}"}
    reason = "".join(f"{fault}\n" for fault in faults)
    return Rendered(outcome, aside={**rendered.documents, REASON: reason.encode()})


@functools.cache
def _register(path: Path) -> Register:
    return Register(tuple(map(tuple, json.loads(path.read_text(encoding="utf-8")))))


def _documents(task: Task, notebook: NotebookNode) -> tuple[dict[str, bytes], frozenset[str]]:
    """Every file of the report, and what of their texts the municipality delivered itself."""
    documents = write_formats(_document(task, notebook), task.formats)
    documents["ipynb"] = notebook_bytes(notebook)
    delivered: frozenset[str] = frozenset()
    if "dossier" in task.parameters:
        dossier = open_dossier(task.folder / task.parameters["dossier"], language=task.language)
        documents["findings.json"] = _json_bytes(findings_record(dossier))
        delivered = delivered_texts(dossier.tables.having(DELIVERED))
    return {f"{task.stem}.{ending}": content for ending, content in documents.items()}, delivered


def _document(task: Task, notebook: NotebookNode) -> Document:
    return read_document(notebook, title=task.title, footer=task.footer, language=task.language)


def _outcome(task: Task, started: float, said: Mapping[str, Any]) -> dict[str, Any]:
    seconds = round(time.perf_counter() - started, 2)
    about = {"municipality": task.code, "status": "", "stage": "", "cell": None, "error": ""}
    return {**about, **said, "seconds": seconds}


def _about(task: Task, status: str) -> dict[str, Any]:
    return {"municipality": task.code, "language": task.language, "status": status}


def _aside(
    task: Task, outcome: Mapping[str, Any], notebook: NotebookNode | None, error: Exception
) -> dict[str, bytes]:
    """The notebook as far as it came, and the reason in full for whoever mends it."""
    reason = "".join(traceback.format_exception(error)) if outcome["stage"] == "run" else outcome["error"]
    files = {REASON: f"{reason.strip()}\n".encode()}
    if notebook is not None:
        told = {key: outcome[key] for key in ("stage", "cell", "error")}
        files[f"{task.stem}.ipynb"] = notebook_bytes(cleaned(notebook, _about(task, "failed") | told))
    return files


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"


def _json_bytes(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
