"""Asking a template for processes: `Template.fork` gives one that can be used like a `subprocess.Popen`."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from klktools.errors import KlkError, sentence

TEMPLATE = "klktools.kernels.template"
# what an interpreter or library reads once, at its start: a process that needs another value cannot be forked
FROZEN = ("PYTHONHASHSEED", "PYTHONPATH", "MPLBACKEND", "MPLCONFIGDIR", "TZ", "LANG", "OMP_NUM_THREADS")
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
        self.frozen = {name: os.environ.get(name) for name in FROZEN}
        command = [sys.executable, "-m", TEMPLATE, str(theirs.fileno()), scratch, *preload]
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=_single_threaded(os.environ) | {"MPLBACKEND": INLINE} | dict(env or {}),
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
        template.frozen = {name: os.environ.get(name) for name in FROZEN}
        template.control = socket.socket(fileno=control)
        return template

    def suits(self, env: Mapping[str, str]) -> bool:
        """Whether a process with the environment `env` may be forked from this template."""
        wanted = {name: env.get(name) for name in FROZEN}
        if wanted["MPLBACKEND"] == INLINE:
            wanted["MPLBACKEND"] = self.frozen["MPLBACKEND"]
        return wanted == self.frozen

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
            If the template has gone.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        nowhere = os.open(os.devnull, os.O_RDWR)
        try:
            request = {"target": target, "args": args, "env": None if env is None else dict(env), "cwd": cwd}
            sent = [theirs.fileno(), *(stdio or [nowhere] * 3), *fds]
            socket.send_fds(self.control, [json.dumps(request).encode()], sent, socket.MSG_NOSIGNAL)
        except OSError as error:
            ours.close()
            raise TemplateError(_gone(type(error).__name__)) from None
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
        """The process id; waits for the template when it is still importing.

        Raises
        ------
        TemplateError
            If the template died or could not import.
        """
        while self._pid is None:
            if self.returncode is not None:
                raise TemplateError(_gone("no process"))
            self._read(None)
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
        if self._channel.fileno() < 0 or not select.select([self._channel], [], [], timeout)[0]:
            return False
        try:
            data = self._channel.recv(1 << 16)
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


def _single_threaded(env: Mapping[str, str]) -> dict[str, str]:
    """Native threads do not survive a fork, so none may be started by what the template imports."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**env, **one, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _gone(found: str) -> str:
    return sentence(must="the template of warm processes must be running", found=f"found {found}")
