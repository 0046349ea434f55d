"""A notebook's cells in a forked process: IPython's own kernel, without its sockets and threads.

The process runs the notebook of one municipality and ends. What a kernel would publish goes over the
connection instead, message by message, so the client treats it as it treats a kernel's.
"""

from __future__ import annotations

import asyncio
import codecs
import io
import os
import select
import signal
import sys
import threading
import time
from functools import partial
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any, cast

from ipykernel.eventloops import enable_gui
from ipykernel.ipkernel import IPythonKernel
from IPython.core.shellapp import InteractiveShellApp
from jupyter_client.session import Session
from traitlets.config import Config
from traitlets.log import get_logger

from klktools.kernels.client import INLINE

SHOWN_AFTER = 0.2  # seconds, as in a kernel


class CellSession(Session):
    """Sends a kernel's messages over a connection.

    A process that a cell forks has no way to the notebook but its standard output.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection, self.owner, self.lock = connection, os.getpid(), threading.RLock()
        self._kept: list[Any] = []

    def send(  # type: ignore[override]
        self,
        stream: Any,
        msg_or_type: Any,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        ident: Any = None,
        buffers: Any = None,
        **kinds: Any,
    ) -> dict[str, Any]:
        """Send a message; packed as `Session` does, so that the same values are refused."""
        message = msg_or_type
        if not isinstance(message, dict):
            metadata, header = kinds.get("metadata"), kinds.get("header")
            message = self.msg(msg_or_type, content, parent, header=header, metadata=metadata)
        if os.getpid() == self.owner:
            packed = self.pack(message), [bytes(buffer) for buffer in buffers or ()]
            with self.lock:
                self.connection.send([*self._kept, packed])
                self._kept.clear()
        return message

    def keep(self, kind: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        """Send a message together with the next, which nothing is lost by: each wakes the client once."""
        with self.lock:
            self._kept.append((self.pack(self.msg(kind, content, parent)), []))


class Stream(io.TextIOBase):
    """Standard output or error: of the cells, and of the programs and C code they call."""

    encoding, errors = "UTF-8", "replace"

    def __init__(self, name: str, number: int, kernel: IPythonKernel) -> None:
        self.name, self.number, self._kernel = name, number, kernel
        assert kernel.session is not None
        self._send = kernel.session.send
        self._owner, self._lock, self._text = os.getpid(), threading.RLock(), io.StringIO()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._outside = os.dup(number)
        self.pipe, writing = os.pipe()
        os.set_blocking(self.pipe, False)
        os.dup2(writing, number)
        os.close(writing)

    def write(self, text: str) -> int:
        """Add `text`, after what other programs have written by now."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:
            os.write(self.number, text.encode(errors="replace"))
        else:
            with self._lock:
                self.collect()
                self._text.write(text)
        return len(text)

    def flush(self) -> None:
        """Send what there is."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self.collect()
            text, self._text = self._text.getvalue(), io.StringIO()
            if text:
                content = {"name": self.name, "text": text}
                self._send(None, "stream", content, self._kernel.get_parent("shell"))

    def collect(self) -> None:
        """Take what other programs have written."""
        with self._lock:
            try:
                while data := os.read(self.pipe, 1 << 16):
                    self._text.write(self._decoder.decode(data))
            except BlockingIOError:
                pass

    def fileno(self) -> int:
        """The stream the process was given, as in a kernel."""
        return self._outside

    def writable(self) -> bool:
        """Always."""
        return True


def serve(connection_fd: int) -> None:
    """Run the cells that come over the connection until it is closed."""
    sys.argv = ["ipykernel_launcher.py"]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # but for the time a cell runs
    asyncio.run(_serve(Connection(connection_fd)))
    sys.stdout, sys.stderr, sys.displayhook = sys.__stdout__, sys.__stderr__, sys.__displayhook__


async def _serve(connection: Connection) -> None:
    kernel = _kernel(connection)
    streams = Stream("stdout", 1, kernel), Stream("stderr", 2, kernel)
    sys.stdout, sys.stderr = streams
    threading.Thread(target=_show_in_time, args=streams, daemon=True).start()
    connection.send(kernel.language_info)
    assert kernel.shell is not None
    while not kernel.shell.exit_now and (request := await _received(connection)):
        await _run(kernel, request)


def _kernel(connection: Connection) -> IPythonKernel:
    config = Config()
    config.HistoryManager.enabled = False
    config.IPKernelApp.quiet = True  # that there is this section tells libraries that this is a kernel
    kernel = IPythonKernel.instance(
        config=config,
        log=get_logger(),
        session=CellSession(connection),
        shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
    )
    InteractiveShellApp.init_path(SimpleNamespace(ignore_cwd=False))  # type: ignore[arg-type]
    os.environ["MPLBACKEND"] = os.environ.get("MPLBACKEND") or INLINE
    assert kernel.shell is not None
    # the shell looks for the application of its kernel, which this one does not have
    kernel.shell.enable_gui = partial(enable_gui, kernel=kernel)
    return kernel


async def _run(kernel: IPythonKernel, request: dict[str, Any]) -> None:
    """What `Kernel.execute_request` does, without its sockets."""
    kernel.set_parent([], request)
    code, count = request["content"]["code"], kernel.execution_count
    session = cast(CellSession, kernel.session)
    session.keep("status", {"execution_state": "busy"}, request)
    session.keep("execute_input", {"code": code, "execution_count": count}, request)
    kernel.pre_handler_hook()
    try:
        reply = await kernel.do_execute(code, silent=False, store_history=True)
    finally:
        kernel.post_handler_hook()
    sys.stdout.flush()
    sys.stderr.flush()
    session.keep("status", {"execution_state": "idle"}, request)
    session.send(None, "execute_reply", reply, request)


async def _received(connection: Connection) -> dict[str, Any] | None:
    """The next request, or None after the last; tasks that cells have started go on meanwhile."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(connection.fileno(), there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(connection.fileno())
    try:
        return connection.recv()
    except (EOFError, ConnectionError):
        return None


def _show_in_time(*streams: Stream) -> None:
    """Take what other programs write while a cell waits for them, and show text that has waited."""
    pipes = [stream.pipe for stream in streams]
    shown = time.monotonic()
    while True:
        select.select(pipes, [], [], SHOWN_AFTER)
        for stream in streams:
            stream.collect()
        if time.monotonic() - shown >= SHOWN_AFTER:
            shown = time.monotonic()
            for stream in streams:
                stream.flush()
