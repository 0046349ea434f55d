"""The same batch on a Dask cluster: only sealed dossiers travel out, and finished files come back.

Dask is an optional extra (`pip install klktools[cluster]`). Its workers need this version of the toolkit and
no access to our files; what they return is put in place here, as if it had been made here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from klktools.batch.rests_on import environment_hash, library_hash
from klktools.errors import ParameterError, sentence
from klktools.kernels.client import Template, can_fork
from klktools.kernels.forked import use_template
from klktools.report.make import Rendered, Task, failure, render, settle

AHEAD = (
    2  # tasks waiting at the cluster for each of its threads, so that a large round does not pile up there
)
Parcel = Mapping[str, bytes]


def cluster_outcomes(tasks: Sequence[Task], address: str) -> Iterator[dict[str, Any]]:
    """What came of each task, as it comes; made by the workers of the scheduler at `address`.

    A task whose worker dies is given to another one by Dask, and fails after three deaths.

    Raises
    ------
    ParameterError
        If Dask is not installed, the scheduler does not answer, has no workers, or these have another
        version of the toolkit or its environment.
    """
    distributed = _import_dask()
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ParameterError(_no_scheduler(address, type(error).__name__)) from None
    with client:
        _check_workers(client)
        waiting = list(reversed(tasks))
        window = AHEAD * sum(client.nthreads().values())
        running = distributed.as_completed([], loop=client.loop)
        sent: dict[str, Task] = {}
        while waiting or sent:
            while waiting and len(sent) < window:
                task = waiting.pop()
                future = client.submit(render_parcel, task, pack(task), pure=False)
                sent[future.key] = task
                running.add(future)
            future = next(running)
            task = sent.pop(future.key)
            yield settle(task, _result(task, future))


def pack(task: Task) -> Parcel:
    """The files one report is made from, by their path in the reports' folder: its dossier and reference."""
    dossier = (task.folder / task.parameters["dossier"]).resolve()
    root = task.root.resolve()
    folders = (dossier, dossier.parent / "reference")
    files = {path.relative_to(root).as_posix(): path for folder in folders for path in folder.iterdir()}
    return {"notebook.ipynb": task.notebook.read_bytes()} | {
        name: path.read_bytes() for name, path in sorted(files.items())
    }


def render_parcel(task: Task, parcel: Parcel) -> Rendered:
    """On a worker: unpack, make the documents, leave nothing behind."""
    if task.kernels == "warm" and can_fork():
        use_template(_template())
    with tempfile.TemporaryDirectory(prefix="klktools-") as folder:
        root = Path(folder)
        for name, content in parcel.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return render(replace(task, root=root, notebook=root / "notebook.ipynb"))


@cache
def _template() -> Template:
    from klktools.batch.workers import FIXED, WARM_PRELOAD

    return Template(WARM_PRELOAD, env=FIXED)


def _result(task: Task, future: Any) -> Rendered:
    try:
        return future.result()
    except Exception as error:  # the workers died, or could not read the task
        said = {"municipality": task.code, "status": "failed", "seconds": 0.0, **failure(error)}
        return Rendered({**said, "stage": "process"})


def _check_workers(client: Any) -> None:
    wanted = (library_hash(), environment_hash())
    workers = client.run(_versions)
    if not workers:
        raise ParameterError(
            sentence(must="the Dask scheduler must have workers", found="found none", remedy="Start some")
        )
    if strangers := [name for name, found in workers.items() if tuple(found) != wanted]:
        raise ParameterError(
            sentence(
                must="every Dask worker must have this toolkit and its environment",
                found=f"found another at {len(strangers)} of {len(workers)} workers",
                remedy="Install the same version and lock file there",
            )
        )


def _versions() -> tuple[str, str]:
    return library_hash(), environment_hash()


def _import_dask() -> Any:
    try:
        import distributed
    except ImportError:
        raise ParameterError(
            sentence(
                must="`--scheduler` needs Dask",
                found="found no package `distributed`",
                remedy="Run `pip install distributed`",
            )
        ) from None
    return distributed


def _no_scheduler(address: str, found: str) -> str:
    return sentence(
        must="`--scheduler` must be the address of a running Dask scheduler",
        found=f"found no answer at {address} ({found})",
        remedy="Start one with `dask scheduler`",
    )
