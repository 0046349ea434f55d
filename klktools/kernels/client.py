"""Asking a template for processes: `Template.fork` gives one that can be used like a `subprocess.Popen`.

A template lives as long as the process that started it, and sees neither code that is edited nor variables
that are set meanwhile: where what is read at its start (`FROZEN`) is another, another template is needed.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from typing import Any

from klktools.errors import KlkError, sentence
from klktools.kernels.template import REQUEST_BYTES

TEMPLATE = "klktools.kernels.template"
# names and beginnings of names that an interpreter or library reads once, at its start: a process that needs
# another value cannot be forked
FROZEN = ("PYTHON", "MPL", "TZ", "LANG", "LC_", "OMP_", "OPENBLAS_", "MKL_", "LD_", "HOME", "XDG_", "PANDAS_")
# what every notebook of ours and most others use; no shell, kernel or figure may come of it
CELLS_PRELOAD = (
    "klktools.kernels.cells",
    "ipykernel.debugger",  # found late and slowly by name otherwise
    *("IPython.core.oinspect", "IPython.core.completerlib"),  # loaded when there is a shell
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
)
INLINE = "module://matplotlib_inline.backend_inline"


class TemplateError(KlkError, RuntimeError):
    """A template could not do what it was asked to."""


def can_fork() -> bool:
    """Whether this platform has what warm processes need (Linux 5.3 or later)."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


class Template:
    """A running template.

    Parameters
    ----------
    preload : sequence of str
        Modules to import, in order; ``module:function`` also calls the function.
    scratch : str, optional
        A folder to remove when the template ends, also after its clients were killed.
    env : mapping, optional
        Environment variables beyond those of this process.
    """

    def __init__(
        self, preload: Sequence[str], scratch: str = "", env: Mapping[str, str] | None = None
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.owner = os.getpid()
        self.frozen = _frozen({**os.environ, **(env or {})})
        command = [sys.executable, "-m", TEMPLATE, str(theirs.fileno()), scratch, *preload]
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=_prepared({**os.environ, **(env or {})}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.control = ours
        atexit.register(self.close)

    @classmethod
    def adopt(cls, control: int) -> Template:
        """The template behind an inherited control socket; it is closed by others."""
        template = cls.__new__(cls)
        template.owner, template._process = os.getpid(), None
        template.frozen = _frozen(os.environ)
        template.control = socket.socket(fileno=control)
        return template

    def suits(self, env: Mapping[str, str]) -> bool:
        """Whether a process with the environment `env` may be forked from this template."""
        return _frozen(env) == self.frozen

    def runs(self) -> bool:
        """Whether it has not ended; one that was adopted is taken to run."""
        return self._process is None or self._process.poll() is None

    def fork(
        self,
        target: str,
        *args: str,
        fds: Sequence[int] = (),
        stdio: Sequence[int] | None = None,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Forked:
        """Ask for a process that calls `target` ("module:function") with the `fds` it inherits and `args`.

        Parameters
        ----------
        fds : sequence of int
            Given to `target` as (other) numbers, before `args`; the caller keeps and closes its own.
        stdio : three int, optional
            Standard input, output and error; nowhere unless given.
        cwd, env : optional
            The template's own unless given.

        Raises
        ------
        TemplateError
            If the template has gone or the environment is larger than it can take.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        nowhere = os.open(os.devnull, os.O_RDWR)
        try:
            request = {"target": target, "args": args, "env": None if env is None else dict(env), "cwd": cwd}
            sent = [theirs.fileno(), *(stdio or [nowhere] * 3), *fds]
            _send(self.control, json.dumps(request).encode(), sent)
        except TemplateError:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(nowhere)
        return Forked(ours)

    def close(self) -> None:
        """End the template and all its processes (only in the process that started it)."""
        atexit.unregister(self.close)
        self.control.close()
        if self._process is not None and self.owner == os.getpid():
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Forked:
    """A process of a template, with the face of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._pid: int | None = None
        self.returncode: int | None = None

    @property
    def pid(self) -> int:
        """The process id; waits as `started`."""
        return self.started()

    def started(self, timeout: float | None = None) -> int:
        """The process id, after waiting for the template, which may still be importing.

        Raises
        ------
        TemplateError
            If the template died, could not import, or did not answer within `timeout` seconds.
        """
        while self._pid is None:
            if self.returncode is not None:
                raise TemplateError(_gone("no process"))
            if not self._read(timeout):
                raise TemplateError(_gone(f"no answer in {timeout:g} seconds"))
        return self._pid

    def poll(self) -> int | None:
        """The exit code (minus the signal's number when killed), or None while it runs."""
        while self.returncode is None and self._read(0):
            pass
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code when the process has ended; TimeoutExpired after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if end is None else max(end - time.monotonic(), 0)
            if not self._read(left) and left == 0:
                raise subprocess.TimeoutExpired("forked process", timeout or 0)
        return self.returncode

    def end(self, grace: float) -> int:
        """The exit code; the process is killed when it has not ended by itself after `grace` seconds."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(grace)
        self.kill()
        return self.wait()

    def send_signal(self, number: int) -> None:
        """Signal the process and its group, if it still runs."""
        if self.poll() is None:
            try:
                self._channel.send(json.dumps({"signal": int(number)}).encode(), socket.MSG_NOSIGNAL)
            except OSError:
                self.poll()

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and its group."""
        self.send_signal(signal.SIGKILL)

    def fileno(self) -> int:
        """Readable when there is news of the process."""
        return self._channel.fileno()

    def _read(self, timeout: float | None) -> bool:
        """Take one message from the template, if there is one in time."""
        if self._channel.fileno() < 0 or not readable(self._channel.fileno(), timeout):
            return False
        try:
            data = self._channel.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:  # taken by another thread
            return False
        except OSError:
            data = b""
        message: dict[str, Any] = json.loads(data) if data else {"exit": -signal.SIGKILL}
        if "pid" in message:
            self._pid = message["pid"]
            return True
        self.returncode = message.get("exit", 1)
        self._channel.close()
        if "fault" in message:
            raise TemplateError(_gone(message["fault"]))
        return True

    def __del__(self) -> None:
        self._channel.close()


@contextmanager
def connected(
    source: Template,
    target: str,
    *,
    fds: Sequence[int] = (),
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    grace: float = 0,
) -> Iterator[tuple[Connection, Forked]]:
    """A forked process that talks over a connection, which is the first of its descriptors.

    When the block is left the connection closes, and the process may take `grace` seconds to end by itself;
    it is killed at once when the block raises.
    """
    ours, theirs = Pipe()
    try:
        process = source.fork(target, fds=[theirs.fileno(), *fds], cwd=cwd, env=env)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    try:
        yield ours, process
    except BaseException:
        grace = 0
        raise
    finally:
        ours.close()
        process.end(grace)


_templates: dict[tuple[Any, ...], Template] = {}
_starting = threading.Lock()


def own_template(preload: Sequence[str]) -> Template:
    """This process's template with these modules (not one inherited by a fork), started when needed.

    Where the environment has since changed in what is read at the start, another one is started.
    """
    key = os.getpid(), tuple(preload), tuple(sorted(_frozen(os.environ).items()))
    with _starting:
        if key not in _templates or not _templates[key].runs():
            _templates[key] = Template(preload)
        return _templates[key]


def is_own_program(command: Sequence[str]) -> bool:
    """Whether `command` starts this interpreter in this environment (two may share one file by links)."""
    program, ours = command[0], sys.executable
    same_folder = os.path.realpath(os.path.dirname(program)) == os.path.realpath(os.path.dirname(ours))
    return same_folder and os.path.realpath(program) == os.path.realpath(ours)


def _frozen(env: Mapping[str, str]) -> dict[str, str]:
    backend = {"MPLBACKEND": env.get("MPLBACKEND") or INLINE}  # as an IPython kernel does
    return {name: value for name, value in env.items() if name.startswith(FROZEN)} | backend


def _prepared(env: Mapping[str, str]) -> dict[str, str]:
    """Native threads do not survive a fork, so none may be started by what the template imports."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    backend = {"MPLBACKEND": env.get("MPLBACKEND") or INLINE}
    return {**env, **one, **backend, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _send(control: socket.socket, data: bytes, fds: Sequence[int]) -> None:
    if len(data) > REQUEST_BYTES:
        raise TemplateError(
            sentence(
                must=f"the environment of a warm process must fit in {REQUEST_BYTES} bytes",
                found=f"found {len(data)} bytes",
            )
        )
    try:
        socket.send_fds(control, [data], fds, socket.MSG_NOSIGNAL)
    except OSError as error:
        raise TemplateError(_gone(type(error).__name__)) from None


def readable(fd: int, timeout: float | None) -> bool:
    """Whether there is something to read in time; unlike `select.select` for any number of open files."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


def _gone(found: str) -> str:
    return sentence(must="the template of warm processes must be running", found=f"found {found}")
