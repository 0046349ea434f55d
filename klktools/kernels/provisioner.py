"""A jupyter_client provisioner: real kernels, forked from a warm template instead of started anew.

Chosen by ``JUPYTER_DEFAULT_PROVISIONER_NAME=klktools-forked`` or in a kernel's specification; notebooks and
clients are unchanged. What cannot be forked is started as usual.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from klktools.kernels import client
from klktools.kernels.client import Forked, Template, TemplateError, is_own_program

NAME = "klktools-forked"
KERNEL = "klktools.kernels.provisioner:run_kernel"
LAUNCH = ["-m", "ipykernel_launcher"]
PRELOAD = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",  # found late and slowly by name otherwise
    "klktools.kernels.provisioner",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
)


class ForkedProvisioner(LocalProvisioner):
    """Launches IPython kernels by forking; everything else, and all else, as `LocalProvisioner`."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; where that is not possible, start it."""
        if not can_be_forked(cmd, kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            with _standard_streams(kwargs) as (stdio, pipes):
                process = template().fork(
                    KERNEL,
                    *cmd[len(LAUNCH) + 1 :],
                    stdio=stdio,
                    cwd=_folder(kwargs),
                    env={**kwargs["env"], "JPY_PARENT_PID": str(os.getpid())},
                )
                await _started(process)
        except TemplateError as error:
            self.log.warning("An ordinary kernel is started: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        process.stdin, process.stdout, process.stderr = pipes
        self.process = process  # type: ignore[assignment]
        self.pid, self.cwd = process.pid, kwargs.get("cwd", Path.cwd())
        self.pgid = None  # signals go through the template, which knows whether the process is still its own
        return self.connection_info


def template() -> Template:
    """The template of this process, started when first asked for."""
    return client.own_template(PRELOAD)


def can_be_forked(cmd: Sequence[str], kwargs: dict[str, Any]) -> bool:
    """Whether a kernel's command and circumstances are those a template can give."""
    return (
        client.can_fork()
        and list(cmd[1 : len(LAUNCH) + 1]) == LAUNCH
        and is_own_program(cmd)
        and not kwargs.get("independent")  # such a kernel must outlive the template
        and template().suits(kwargs["env"])
    )


def run_kernel(*argv: str) -> None:
    """In the forked process: be the IPython kernel that `argv` describes."""
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher.py", *argv]
    # the class read its parent from the environment when the template imported it
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(list(argv))
    app.start()


async def _started(process: Forked) -> None:
    """Wait without blocking the event loop while the template still imports, and without threads.

    A loop that was inherited by a fork believes to have threads that are gone.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.fileno(), told.set)
    try:
        await told.wait()
    finally:
        loop.remove_reader(process.fileno())
    process.started()


def _folder(kwargs: dict[str, Any]) -> str:
    return str(kwargs.get("cwd") or os.getcwd())


@contextmanager
def _standard_streams(kwargs: dict[str, Any]) -> Iterator[tuple[list[int], list[Any]]]:
    """What Popen makes of `stdin`, `stdout` and `stderr`: the child's descriptors and our ends of pipes."""
    with ExitStack() as closing:
        ends: list[Any] = [None, None, None]
        numbers = [
            _descriptor(None if name == "stdin" else number, kwargs.get(name), closing, ends, number)
            for number, name in enumerate(("stdin", "stdout", "stderr"))
        ]
        if kwargs.get("stderr") == subprocess.STDOUT:
            numbers[2] = numbers[1]
        yield numbers, ends


def _descriptor(default: int | None, wanted: Any, closing: ExitStack, ends: list[Any], number: int) -> int:
    if wanted == subprocess.PIPE:
        reading, writing = os.pipe()
        theirs, ours = (reading, writing) if number == 0 else (writing, reading)
        closing.callback(os.close, theirs)
        ends[number] = os.fdopen(ours, "wb" if number == 0 else "rb", buffering=0)
        return theirs
    if wanted == subprocess.DEVNULL or (wanted is None and default is None):
        nowhere = os.open(os.devnull, os.O_RDWR)
        closing.callback(os.close, nowhere)
        return nowhere
    if wanted is None or wanted == subprocess.STDOUT:
        return number
    return wanted if isinstance(wanted, int) else wanted.fileno()
