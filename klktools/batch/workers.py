"""Processes of this machine that make reports one after another, warm where the platform can.

A worker keeps what all reports share loaded: papermill, the writers and their fonts. Warm workers are forked
from the template that also forks the cells of every notebook; ordinary ones are started. Both end when the
batch that started them has gone, and take their notebooks with them.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, cast

from klktools.batch import collect_seldom
from klktools.kernels.client import CELLS_PRELOAD, Template, TemplateError, can_fork

if TYPE_CHECKING:  # the process that hands out tasks needs little
    from klktools.report.make import Task

WARM = "klktools.batch.workers:serve_warm"
WARM_PRELOAD = (
    *CELLS_PRELOAD,
    *("papermill", "klktools.batch.workers", "klktools.report.make"),
    *("klktools.report.warm:warm_up", "klktools.report.pdf.faces:sign_widths", "klktools.privacy:load_names"),
)
# equal in every process that runs cells, so that warm and ordinary ones give the same bytes
FIXED = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# waits for a sign that all is well; without one, removes the folder, also what a kernel just starting adds
GUARD = """
import shutil, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
if not sys.stdin.buffer.read(1):
    for _ in range(30):
        shutil.rmtree(sys.argv[1], ignore_errors=True)
        time.sleep(0.1)
"""
GRACE = 60  # seconds beyond a report's own limit before its worker is given up
Call = Callable[["Task"], dict[str, Any]]


class Process(Protocol):
    """What a worker's process must be able to do."""

    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> Any: ...


@dataclass
class Worker:
    """One process, what it is doing, and until when it may."""

    process: Process
    connection: Connection
    task: Task | None = None
    end: float = 0.0

    def begin(self, call: Call, task: Task) -> None:
        """Hand over a task."""
        self.task, self.end = task, time.monotonic() + task.report_seconds + GRACE
        with suppress(OSError):  # a worker that died is noticed when its answer is read
            self.connection.send((call, task))

    def answer(self) -> dict[str, Any] | None:
        """What came of the task; None when the process died over it."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def close(self, *, kill: bool) -> None:
        """End the process, at once or after it has seen that there is no more to do."""
        if kill:
            self.process.kill()
        self.connection.close()
        self.process.wait()


class Scratch:
    """A folder that goes with the batch, also when that is killed; made when first asked for.

    A template sees to it, and where there is none a process of its own.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir(), f"klktools-{uuid.uuid4().hex[:12]}")
        self._guard: subprocess.Popen[bytes] | None = None

    def made(self) -> Path:
        """The folder."""
        if not self.path.is_dir():
            self.guarded()
            self.path.mkdir(mode=0o700, exist_ok=True)
        return self.path

    def guarded(self) -> None:
        """From now on it goes without a template, too."""
        if self._guard is None:
            self._guard = subprocess.Popen(
                [sys.executable, "-S", "-c", GUARD, str(self.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def remove(self) -> None:
        """The batch has ended."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._guard:
            self._guard.communicate(b".")


class Workers:
    """A pool that starts a worker when there is a task for it.

    Parameters
    ----------
    jobs : int
        Processes side by side.
    start : callable
        Starts one worker.
    scratch : Scratch
        For what all tasks share.
    """

    def __init__(self, jobs: int, start: Callable[[], Worker], scratch: Scratch) -> None:
        self.jobs, self._start, self._scratch = jobs, start, scratch
        self.idle: list[Worker] = []
        self.busy: dict[Connection, Worker] = {}

    @property
    def scratch(self) -> Path:
        """A folder for what all tasks share."""
        return self._scratch.made()

    def outcomes(self, call: Call, tasks: Sequence[Task]) -> Iterator[dict[str, Any]]:
        """What came of each task, as it comes.

        A task whose process dies is tried once more; then its outcome is a failure at stage `process`. After
        Ctrl-C no task is begun any more, the running ones end, and KeyboardInterrupt is raised; a second
        Ctrl-C ends them at once.
        """
        waiting, tried = list(reversed(tasks)), set[str]()
        try:
            with _first_interrupt_waits() as interrupted:
                while self.busy or (waiting and not interrupted):
                    while waiting and len(self.busy) < self.jobs and not interrupted:
                        self._begin(call, waiting.pop())
                    for task, outcome in self._answers():
                        if outcome is None and task.code not in tried:
                            tried.add(task.code)
                            waiting.append(task)
                        else:
                            yield outcome or lost(task)
            if interrupted:
                raise KeyboardInterrupt
        finally:
            self._end_all()

    def _begin(self, call: Call, task: Task) -> None:
        worker = self.idle.pop() if self.idle else self._start()
        worker.begin(call, task)
        self.busy[worker.connection] = worker

    def _answers(self) -> Iterator[tuple[Task, dict[str, Any] | None]]:
        """The tasks that have ended, with None for one whose process died or was far over its time."""
        for worker in self.busy.values():
            if time.monotonic() > worker.end:
                worker.process.kill()
        for connection in wait(list(self.busy), timeout=1):
            worker = self.busy.pop(cast(Connection, connection))
            task, outcome = worker.task, worker.answer()
            assert task is not None
            if outcome is None:
                worker.close(kill=True)
            else:
                worker.task = None
                self.idle.append(worker)
            yield task, outcome

    def _end_all(self) -> None:
        for worker in [*self.idle, *self.busy.values()]:
            worker.close(kill=worker.task is not None)
        self.idle.clear()
        self.busy.clear()


def lost(task: Task) -> dict[str, Any]:
    """The outcome of a task whose process died twice."""
    error = "the process that made the report died"
    about = {"municipality": task.code, "status": "failed", "stage": "process", "cell": None, "error": error}
    return {**about, "seconds": 0.0, "outputs": {}}


@contextmanager
def local_workers(jobs: int, kernels: str) -> Iterator[Workers]:
    """A pool on this machine; its template, if it is to be warm, starts loading at once.

    Parameters
    ----------
    jobs : int
        Processes side by side.
    kernels : {"warm", "ordinary"}
        Warm falls back to ordinary where the platform cannot fork.
    """
    scratch = Scratch()
    warm = kernels == "warm" and can_fork()
    template = Template(WARM_PRELOAD, str(scratch.path), FIXED) if warm else None
    start = partial(_start_warm, template, scratch) if template else partial(_start_ordinary, scratch)
    try:
        yield Workers(jobs, start, scratch)
    finally:
        if template:
            template.close()
        scratch.remove()


def serve_warm(connection: int, control: int) -> None:
    """In a forked process: make reports, with cells forked from the same template."""
    from klktools.kernels.forked import use_template

    use_template(Template.adopt(control))
    serve(Connection(connection), "")


def serve(connection: Connection, scratch: str) -> None:
    """Do what comes over the connection; end with it, and with everything it started.

    `scratch` is the batch's folder where temporary files go, "" where they do so anyway.
    """
    _prepare_process(scratch)
    tasks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection, tasks), daemon=True).start()
    while True:
        call, task = tasks.get()
        connection.send(call(task))


def _listen(connection: Connection, tasks: SimpleQueue[Any]) -> None:
    """Take in tasks; when the other end has gone, so must this process, in the middle of whatever it does."""
    while True:
        try:
            tasks.put(connection.recv())
        except (EOFError, OSError):
            _abandon()


def _abandon() -> None:
    """End at once, with all that was started here."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(0)


def _prepare_process(scratch: str) -> None:
    """Ctrl-C is the batch's to handle; kernels see a fixed, single-threaded environment."""
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(FIXED)
    if scratch:  # so that the sockets of killed kernels go too
        os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(scratch, f"{os.getpid()}")
        tempfile.tempdir = scratch  # where a kernel's connection file is made


def _start_warm(template: Template, scratch: Scratch) -> Worker:
    ours, theirs = Pipe()
    try:
        with theirs:
            process = template.fork(WARM, fds=[theirs.fileno(), template.control.fileno()])
        process.pid  # noqa: B018 - known once the template has loaded everything
    except TemplateError as error:
        ours.close()
        print(f"klktools: {error} Ordinary kernels are used.", file=sys.stderr)
        return _start_ordinary(scratch)
    return Worker(process, ours)


class _Started:
    """A process of `multiprocessing` with the two verbs of `Process`."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> None:
        self._process.join(timeout)


def _start_ordinary(scratch: Scratch) -> Worker:
    scratch.guarded()
    ours, theirs = Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, str(scratch.made())))
    process.start()
    theirs.close()
    return Worker(_Started(process), ours)


@contextmanager
def _first_interrupt_waits() -> Iterator[list[int]]:
    """The signals that came: the first Ctrl-C is noted here, the second interrupts as always."""
    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return

    def note(number: int, _frame: Any) -> None:
        seen.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
