"""The template: a process that imports modules once and then forks a ready process for each request.

It imports and does nothing else. No thread, event loop, ZMQ context, IPython shell or figure exists in it,
for none of them survives a fork. Every process it forked ends with it, and it ends when the last client has
gone, or the one that started it.

A request is one datagram on the control socket: JSON ``{target, args, env, cwd}`` with file descriptors,
first the channel of the new process, then its standard input, output and error, then what `target` gets. On
the channel the template tells ``{"pid": ...}`` and at the end ``{"exit": code}`` (minus the signal's number
when killed), and takes ``{"signal": number}``. A channel that closes kills its process. With a process go
all that it started, also what left its process group.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

REQUEST_BYTES = 1 << 17
REQUEST_FDS = 16
# what the template handles itself; other signals stay ignored where they were, as in a started process
RESET: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Child:
    """One forked process, alive or not yet reaped."""

    pid: int
    pidfd: int
    channel: socket.socket

    def signal(self, number: int) -> None:
        """Signal the process and its group; its pid is its own, since it is reaped by `Template` alone."""
        with suppress(PermissionError):  # of another user by now
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:  # it has no group of its own yet
                os.kill(self.pid, number)


class Template:
    """Serves requests until the control socket is closed by all clients, or the first of them has ended."""

    def __init__(self, control: socket.socket, fault: str, added: Mapping[str, str]) -> None:
        self.control, self.fault, self.added = control, fault, added
        self.children: dict[int, Child] = {}
        self.owner = os.pidfd_open(os.getppid())
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ, self._accept)
        self.selector.register(self.owner, selectors.EVENT_READ, self._stop)
        self.serving = True

    def serve(self) -> None:
        """Answer until no client is left, then end every child."""
        while self.serving:
            for key, _ in self.selector.select():
                key.data()
        for child in list(self.children.values()):
            child.signal(signal.SIGKILL)
            self._reap(child)

    def _stop(self) -> None:
        self.serving = False

    def _accept(self) -> None:
        flags = socket.MSG_CMSG_CLOEXEC  # or programs that a child starts would hold its connections open
        data, fds, _, _ = socket.recv_fds(self.control, REQUEST_BYTES, REQUEST_FDS, flags)
        if not data:
            self._stop()
            return
        channel = socket.socket(fileno=fds[0])
        try:
            if self.fault:
                raise OSError(self.fault)
            request = json.loads(data)
            if request["env"] is not None:
                request["env"] = {**self.added, **request["env"]}
            self._fork(request, channel, fds[1:])
        except OSError as error:
            _tell(channel, {"fault": str(error)})
            channel.close()
        for fd in fds[1:]:
            os.close(fd)

    def _fork(self, request: dict[str, Any], channel: socket.socket, fds: list[int]) -> None:
        me = os.getpid()
        pid = _fork_quietly()
        if pid == 0:
            self._forget()
            channel.close()
            become(request, fds, me)
        child = Child(pid, os.pidfd_open(pid), channel)
        self.children[pid] = child
        self.selector.register(child.pidfd, selectors.EVENT_READ, lambda: self._reap(child))
        self.selector.register(channel, selectors.EVENT_READ, lambda: self._obey(child))
        _tell(channel, {"pid": pid})

    def _reap(self, child: Child) -> None:
        if child.pid not in self.children:  # gone in the same turn
            return
        child.signal(signal.SIGKILL)  # what the process left running in its group
        _, status = os.waitpid(child.pid, 0)
        del self.children[child.pid]
        self._end_orphans()
        self.selector.unregister(child.pidfd)
        with suppress(KeyError):
            self.selector.unregister(child.channel)
        os.close(child.pidfd)
        _tell(child.channel, {"exit": os.waitstatus_to_exitcode(status)})
        child.channel.close()

    def _end_orphans(self) -> None:
        """End what ended children left behind: it is now the template's (see `_detach`)."""
        while orphans := [pid for pid in _children() if pid not in self.children]:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _obey(self, child: Child) -> None:
        if child.pid not in self.children:
            return
        try:
            data = child.channel.recv(REQUEST_BYTES)
        except ConnectionError:  # closed by a client that had not read all
            data = b""
        if data:
            child.signal(json.loads(data)["signal"])
        else:
            self.selector.unregister(child.channel)
            child.signal(signal.SIGKILL)

    def _forget(self) -> None:
        """In a child: let go of everything that is the template's."""
        self.selector.close()
        self.control.close()
        os.close(self.owner)
        for child in self.children.values():
            os.close(child.pidfd)
            child.channel.close()


def become(request: dict[str, Any], fds: Sequence[int], template: int) -> NoReturn:
    """Turn what the process `template` has just forked into what was asked for; never returns."""
    code = 1
    try:
        _end_with(template)
        _detach(request["env"], request["cwd"])
        for number, fd in enumerate(fds[:3]):
            os.dup2(fd, number)
            os.close(fd)
        module, name = request["target"].split(":")
        getattr(importlib.import_module(module), name)(*fds[3:], *request["args"])
        code = 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        _leave(code)


def _end_with(template: int) -> None:
    """Let this process end when its template does, also when it has by now."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != template:  # it died before the line above could work, and will send no signal
        os._exit(1)
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # what it starts stays below it, and falls to the template when it ends


def _detach(env: dict[str, str] | None, cwd: str | None) -> None:
    """A session, signals, environment and random numbers of its own."""
    os.setsid()
    for number, handler in RESET.items():
        signal.signal(number, handler)
    if env is not None:
        os.environ.clear()
        os.environ.update(env)
        tempfile.tempdir = None
    if cwd is not None:
        os.chdir(cwd)
    if random := sys.modules.get("numpy.random"):  # the standard library's `random` does so by itself
        random.seed()


def _leave(code: int) -> NoReturn:
    """End as an interpreter does, but without taking down what the template still uses."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:
        code = code or 1
    finally:
        os._exit(code)


def _fork_quietly() -> int:
    with warnings.catch_warnings():  # pyarrow has a native thread of its own, which no child uses
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _children() -> list[int]:
    """This process's children."""
    me = os.getpid()
    try:
        return [int(pid) for pid in Path(f"/proc/{me}/task/{me}/children").read_text().split()]
    except FileNotFoundError:  # a kernel built without that file
        return [int(folder.name) for folder in Path("/proc").iterdir() if _parent(folder) == me]


def _parent(folder: Path) -> int | None:
    """The parent of the process that has this folder in /proc."""
    if not folder.name.isdecimal():
        return None
    try:
        return int((folder / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):  # it has just gone
        return None


def _tell(channel: socket.socket, message: dict[str, Any]) -> None:
    with suppress(OSError):  # the client may have gone
        channel.send(json.dumps(message).encode(), socket.MSG_NOSIGNAL)


def _import(preload: Sequence[str]) -> str:
    """Import modules and call functions; what went wrong, or ""."""
    try:
        with _as_in_a_kernel():
            for name in preload:
                module, _, call = name.partition(":")
                imported = importlib.import_module(module)
                if call:
                    getattr(imported, call)()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """For libraries that look at their import where they are: pandas chooses its options by it."""
    shell, encoding = SimpleNamespace(kernel=None), sys.stdout.encoding
    sys.stdout.reconfigure(encoding="UTF-8")  # type: ignore[union-attr]
    builtins.get_ipython = lambda: shell  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
        sys.stdout.reconfigure(encoding=encoding)  # type: ignore[union-attr]


def _leave_when_alone(prctl: Any, control: socket.socket, scratch: str) -> None:
    """While modules are imported, nobody watches the control socket: a signal tells of the client's end."""

    def leave(*_: Any) -> NoReturn:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)

    signal.signal(signal.SIGTERM, leave)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    with suppress(BlockingIOError):
        if not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):  # it went before the line above
            leave()


def main(argv: Sequence[str]) -> None:
    """Run a template: ``CONTROL_FD SCRATCH MODULE_OR_CALL ...``; `SCRATCH` ("" for none) goes with it."""
    control_fd, scratch, *preload = argv
    control = socket.socket(fileno=int(control_fd))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's to handle
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    _leave_when_alone(prctl, control, scratch)
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder the client happens to work in
    before = set(os.environ)
    if scratch:
        os.makedirs(scratch, mode=0o700, exist_ok=True)
        tempfile.tempdir = scratch  # what is made while importing goes too
    fault = _import(preload)
    tempfile.tempdir = None
    prctl(PR_SET_PDEATHSIG, 0)  # from here on `Template` sees to it
    added = {name: value for name, value in os.environ.items() if name not in before}  # by what was imported
    gc.collect()
    gc.freeze()
    try:
        Template(control, fault, added).serve()
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    # under its own name, so that a child that imports this module meets the same classes
    importlib.import_module("klktools.kernels.template").main(sys.argv[1:])
