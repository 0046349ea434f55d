"""papermill's client of `cells`: nbclient's own loop over the notebook, a process instead of a kernel."""

from __future__ import annotations

import asyncio
import os
import queue
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from jupyter_client import KernelManager
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.session import json_unpacker
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient

from klktools.errors import sentence
from klktools.kernels import client
from klktools.kernels.client import Forked, Template, TemplateError, connected, is_own_program, readable

CELLS = "klktools.kernels.cells:serve"
GRACE = 5.0  # seconds for what is registered to run at exit
# options of kernels that a process without sockets does not have
KERNEL_OPTIONS = ("km", "kernel_manager_class", "extra_arguments")

_inherited: list[Template] = []


def use_template(template: Template) -> None:
    """From now on this process forks from `template`."""
    _inherited[:] = [template]


def template() -> Template:
    """The template in use: the one given, or one of this process, started when first asked for."""
    return _inherited[-1] if _inherited else client.own_template(client.CELLS_PRELOAD)


def can_run(kernel_name: str, options: Mapping[str, Any]) -> bool:
    """Whether a forked process can do what the kernel of that name would."""
    if not client.can_fork() or any(options.get(name) for name in KERNEL_OPTIONS):
        return False
    try:
        manager = KernelManager(kernel_name=kernel_name)
        command = manager.format_kernel_cmd()
    except NoSuchKernel:
        return False
    plain = command[1:4] == ["-m", "ipykernel_launcher", "-f"] and len(command) == 5
    return plain and is_own_program(command) and not (manager.kernel_spec and manager.kernel_spec.env)


class CellsClient(PapermillNotebookClient):
    """papermill's client whose kernel is a forked process."""

    kc: Any
    km: Any

    @contextmanager
    def setup_kernel(self, **_: Any) -> Iterator[None]:
        """The process, as long as the notebook runs.

        Raises
        ------
        TemplateError
            If there is none to be had; nothing has run then.
        """
        cwd = self.resources.get("metadata", {}).get("path") or os.getcwd()
        env = {**os.environ, "JPY_PARENT_PID": str(os.getpid())}
        source, grace = template(), 0.0 if self.shutdown_kernel == "immediate" else GRACE
        if not source.suits(env):
            raise TemplateError(_unlike("an environment that differs in what is read at the start"))
        with connected(source, CELLS, cwd=str(cwd), env=env, grace=grace) as (connection, process):
            self.kc = self.km = CellsKernel(connection, process)
            self.kc.start(self.startup_timeout)
            yield

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> NotebookNode:
        """Run one cell as nbclient does, with its messages coming in."""
        with self.kc.listening():
            return await super().async_execute_cell(cell, cell_index, **options)

    execute_cell = run_sync(async_execute_cell)

    async def _async_poll_kernel_alive(self) -> None:
        await self.kc.ended.wait()
        assert self.task_poll_for_reply is not None
        self.task_poll_for_reply.cancel()


class CellsKernel:
    """What nbclient needs of a kernel's manager and client."""

    def __init__(self, connection: Connection, process: Forked) -> None:
        self._connection, self._process = connection, process
        self.shell_channel, self.iopub_channel = Channel(), Channel()
        self.ended = asyncio.Event()
        self._language: dict[str, Any] = {}

    def start(self, timeout: float | None) -> None:
        """Wait until the process is ready for cells."""
        self._process.started(timeout)
        try:
            if self._connection.poll(timeout):
                self._language = self._connection.recv()
        except (EOFError, ConnectionError):
            pass
        if not self._language:
            raise TemplateError(_unlike("a process that is not ready for cells"))

    def execute(self, code: str, **_: Any) -> str:
        """Have a cell run; the id of the request."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request"}
        try:
            self._connection.send({"header": header, "content": {"code": code}})
        except ConnectionError:
            raise DeadKernelError("Kernel died") from None
        return header["msg_id"]

    def kernel_info(self) -> str:
        """Have the language described; the id of the request."""
        content = {"language_info": self._language}
        self.shell_channel.put({"parent_header": {"msg_id": "kernel_info"}, "content": content})
        return "kernel_info"

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def interrupt_kernel(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(2)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take messages, and notice an end, while an event loop runs."""
        loop = asyncio.get_running_loop()
        watched = self._connection.fileno(), self._process.fileno()
        loop.add_reader(watched[0], self._receive)
        loop.add_reader(watched[1], self._look)
        try:
            yield
        finally:
            for fd in watched:
                loop.remove_reader(fd)

    def _receive(self) -> None:
        try:
            while readable(self._connection.fileno(), 0):  # `Connection.poll` makes a selector every time
                for packed, buffers in self._connection.recv():
                    message = {**json_unpacker(packed), "buffers": buffers}
                    reply = message["msg_type"] == "execute_reply"
                    (self.shell_channel if reply else self.iopub_channel).put(message)
        except (EOFError, ConnectionError):
            self._end()

    def _look(self) -> None:
        if self._process.poll() is not None:
            self._receive()
            self._end()

    def _end(self) -> None:
        self.ended.set()


def _unlike(found: str) -> str:
    return sentence(must="a warm process must be as a kernel would be", found=f"found {found}")


class Channel:
    """Messages of one kind, in their order."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put(self, message: dict[str, Any]) -> None:
        """Add one."""
        self._messages.put_nowait(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next one; queue.Empty when there is none in time."""
        try:
            return await asyncio.wait_for(self._messages.get(), timeout)
        except TimeoutError:
            raise queue.Empty from None
