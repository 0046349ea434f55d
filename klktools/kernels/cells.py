"""A notebook's cells in a forked process: IPython's own shell, its outputs as data, no messaging.

The process runs the notebook of one municipality and ends. What a kernel would publish is collected as the
outputs nbformat defines; the engine on the other end of the connection puts them into the notebook.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, BinaryIO

from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config


@dataclass
class Ran:
    """What running one cell gave: its outputs, its number, and later versions of earlier displays."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    count: int | None = None
    updates: list[dict[str, Any]] = field(default_factory=list)
    clear: bool = False

    def add(self, output: dict[str, Any]) -> None:
        """Take an output, after a clear that waited for it; text goes on where text of its kind stands."""
        if self.clear:
            self.outputs.clear()
            self.clear = False
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


class Stream(io.TextIOBase):
    """Standard output or error of the cells."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, number: int, shell: CellShell) -> None:
        self.name, self._number, self._shell = name, number, shell

    def write(self, text: str) -> int:
        """Add `text` to the running cell's outputs."""
        if text:
            self._shell.ran.add({"output_type": "stream", "name": self.name, "text": text})
        return len(text)

    def fileno(self) -> int:
        """Where other programs may write."""
        return self._number

    def writable(self) -> bool:
        """Always."""
        return True


class CellDisplayHook(DisplayHook):
    """The value of a cell's last line becomes its result."""

    def write_output_prompt(self) -> None:
        """Nothing: the number stands in the result."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Collect the result in all its forms."""
        assert isinstance(self.shell, CellShell)
        count = self.prompt_count
        result = {"output_type": "execute_result", "execution_count": count, **_bundle(format_dict, md_dict)}
        self.shell.ran.add(result)

    def finish_displayhook(self) -> None:
        """Nothing: there is no terminal."""


class CellDisplayPublisher(DisplayPublisher):
    """What cells display."""

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Collect a display, or the newer version of an earlier one."""
        display = {"output_type": "display_data", **_bundle(data, metadata)}
        if name := (transient or {}).get("display_id"):
            display["transient"] = {"display_id": name}
        if update:
            self.shell.ran.updates.append(display)
        else:
            self.shell.ran.add(display)

    def clear_output(self, wait: bool = False) -> None:
        """Forget the running cell's outputs, now or when the next one comes."""
        self.shell.ran.clear = True
        if not wait:
            self.shell.ran.outputs.clear()
            self.shell.ran.clear = False


class CellShell(InteractiveShell):
    """IPython's shell whose outputs are collected."""

    displayhook_class = Type(CellDisplayHook)
    display_pub_class = Type(CellDisplayPublisher)

    ran = Ran()

    def run(self, source: str, written: BinaryIO) -> Ran:
        """Run one cell; `written` is the file that other programs and C code write to."""
        self.ran = Ran()
        self.ran.count = self.execution_count
        self.run_cell(source, store_history=True)
        if text := written.read():
            self.ran.add({"output_type": "stream", "name": "stdout", "text": text.decode(errors="replace")})
        return self.ran

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.ran.add(
            {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": stb}
        )


def serve(connection_fd: int) -> None:
    """Run the cells that come over the connection until it is closed."""
    connection = Connection(connection_fd)
    written = _caught_descriptors()
    config = Config()
    config.HistoryManager.enabled = False
    shell = CellShell.instance(config=config)
    sys.stdout, sys.stderr = Stream("stdout", 1, shell), Stream("stderr", 2, shell)
    sys.displayhook = shell.displayhook
    try:
        while True:
            connection.send(shell.run(connection.recv(), written))
    except (EOFError, ConnectionError):
        pass
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def _bundle(data: dict[str, Any], metadata: dict[str, Any] | None) -> dict[str, Any]:
    return {"data": json_clean(encode_images(data)), "metadata": json_clean(metadata or {})}


def _caught_descriptors() -> BinaryIO:
    """Descriptors 1 and 2 into a file without a name; the file, to be read from where it was left."""
    caught = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    reader = open(f"/proc/self/fd/{caught.fileno()}", "rb")  # noqa: SIM115
    flags = os.O_WRONLY | os.O_APPEND
    writer = os.open(f"/proc/self/fd/{caught.fileno()}", flags)
    for number in (1, 2):
        os.dup2(writer, number)
    os.close(writer)
    return reader
