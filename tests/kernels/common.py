"""What the tests of warm processes share: notebooks made of sources, run in the ways there are."""

from __future__ import annotations

import difflib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from typing import Any

import papermill
import psutil
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from klktools.kernels import client, provisioner

needs_fork = pytest.mark.skipif(not client.can_fork(), reason="warm processes need Linux with pidfd")
TIMES = ("start_time", "end_time", "duration", r"[a-z]+\.[a-z_.]+")


def notebook(*sources: str | tuple[str, str]) -> Any:
    """A notebook of code cells; a pair is a source and its tag, and a source that begins with # is prose."""
    pairs = [(source, "") if isinstance(source, str) else source for source in sources]
    cells = [
        new_markdown_cell(source, id=f"cell-{number}")
        if source.startswith("# ")
        else new_code_cell(source, id=f"cell-{number}", metadata={"tags": [tag]} if tag else {})
        for number, (source, tag) in enumerate(pairs)
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run(made: Any, way: str = "klktools-forked", **options: Any) -> Any:
    """The executed notebook; `way` is an engine or "provisioner"."""
    KernelProvisionerFactory.clear_instance()  # it reads the name of the provisioner once
    # without an address of their own kernels of tests side by side meet in the working folder
    sockets = tempfile.TemporaryDirectory(dir="/tmp")  # a socket's path must be short
    with sockets as folder, pytest.MonkeyPatch.context() as patch:
        config = Config()
        for manager in (config.KernelManager, config.AsyncKernelManager):
            manager.transport, manager.ip = "ipc", f"{folder}/socket"
        # a kernel under pytest does not watch what programs write
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        if way == "provisioner":
            patch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", provisioner.NAME)
            way = "klktools"
        quiet = {"progress_bar": False, "engine_name": way, "config": config}
        return papermill.execute_notebook(made, None, **{**quiet, **options})


def plain(executed: Any) -> str:
    """The whole notebook as text, without times, process ids and addresses."""
    text = json.dumps(executed, sort_keys=True, indent=1, default=str)
    text = re.sub(rf'"({"|".join(TIMES)})": .*', r'"\1": 0', text)
    text = re.sub(r'"id": "[0-9a-f]{8}"', '"id": ""', text)  # of papermill's error markers
    text = re.sub(r"ipykernel_\d+", "ipykernel_0", text)
    text = re.sub(r"\(pid=\d+\)", "(pid=0)", text)  # of the warning about a fork, from Python 3.12 on
    return re.sub(r"0x[0-9a-f]{6,}", "0x0", text)


def differences(executed: Any, expected: Any) -> list[str]:
    """The lines in which two executed notebooks differ, shortened."""
    one, other = plain(executed).splitlines(), plain(expected).splitlines()
    return [line[:200] for line in difflib.unified_diff(other, one, lineterm="", n=0)]


def texts(executed: Any) -> list[str]:
    """What each code cell printed or returned as text."""
    return [
        "".join(
            output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
        ).strip()
        for cell in executed.cells
        if cell.cell_type == "code"
    ]


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def told(template: client.Template, source: str, **options: Any) -> str:
    """What a forked process that runs `source` prints."""
    reading, writing = os.pipe()
    nowhere = os.open(os.devnull, os.O_RDWR)
    process = template.fork("builtins:exec", source, stdio=[nowhere, writing, writing], **options)
    os.close(writing)
    os.close(nowhere)
    with os.fdopen(reading) as text:
        said = text.read().strip()
    process.wait(10)
    return said


def started(template: client.Template, source: str) -> client.Forked:
    """A forked process that runs `source`."""
    process = template.fork("builtins:exec", source)
    process.started(10)
    return process
