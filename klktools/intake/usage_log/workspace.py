"""A database of its own in a folder that is removed, and a bar that shows how far it is."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psutil
import pyarrow as pa
from tqdm import tqdm

from klktools.errors import TableError, sentence
from klktools.intake.files.parquet import OFFLINE

_MEMORY = 2 * 2**30  # DuckDB's own; beside it stand Python, the other tables and what DuckDB does not count
_PART_OF_MACHINE = 4
_THREADS = 8
_TICK = 0.5  # seconds; a log read sooner shows no bar
_BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"


class Workspace:
    """A connection, a folder for its files, and a progress bar.

    Extensions are neither fetched nor loaded by themselves: a check works offline.
    """

    def __init__(self, folder: Path, bar: tqdm) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{_memory()}B",
            "threads": min(os.cpu_count() or 1, _THREADS),
            "temp_directory": str(folder / "spilled"),
            "preserve_insertion_order": False,
            # the rows of a csv are not known beforehand: guessed few, they would be kept in memory for a join
            "disabled_optimizers": "join_order,build_side_probe_side",
            **OFFLINE,
        }
        self.folder = folder
        self._bar = bar
        self._database = duckdb.connect(folder / "log.duckdb", config=settings)
        if not bar.disable:  # DuckDB then knows how far it is, and our bar says so
            self.run("SET enable_progress_bar = true; SET enable_progress_bar_print = false")

    def run(self, sql: str) -> None:
        """Run one statement."""
        self._database.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._database.execute(sql).fetchall()

    def step(self, sql: str) -> None:
        """Run a statement that reads the whole log, the bar moving by one."""
        if self._bar.disable:
            return self.run(sql)
        start, done = self._bar.n, threading.Event()
        watch = threading.Thread(target=self._follow, args=(start, done), daemon=True)
        watch.start()
        try:
            self.run(sql)
        finally:
            done.set()
            watch.join()
        self._bar.n = start + 1

    def parts(self, sql: str, size: int = 100_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query, so many at a time."""
        with self._database.cursor() as cursor:
            cursor.execute(sql)
            while found := cursor.fetchmany(size):
                yield found

    def put(self, name: str, table: pd.DataFrame) -> None:
        """Make a table, or add to it."""
        self._database.register("given", pa.Table.from_pandas(table, preserve_index=False))
        known = self.rows(f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{name}'")[0][0]
        self.run(f"INSERT INTO {name} FROM given" if known else f"CREATE TABLE {name} AS FROM given")
        self._database.unregister("given")

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()

    def _follow(self, start: float, done: threading.Event) -> None:
        while not done.wait(_TICK):
            part = max(self._database.query_progress(), 0) / 100
            self._bar.n = max(start + min(part, 0.99), self._bar.n)
            self._bar.refresh()


@contextmanager
def workspace(title: str, steps: int) -> Iterator[Workspace]:
    """A workspace whose folder is removed at the end, whatever happened.

    Parameters
    ----------
    title : str
        Said before the bar, which stands on stderr when that is a terminal and reading takes a while.
    steps : int
        How many statements read the whole log.
    """
    with (
        tempfile.TemporaryDirectory(prefix="klktools-log-", ignore_cleanup_errors=True) as folder,
        tqdm(
            desc=title, total=steps, disable=None, delay=1, leave=False, file=sys.stderr, bar_format=_BAR
        ) as bar,
    ):
        space = Workspace(Path(folder), bar)
        try:
            yield space
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise TableError(_no_room(folder)) from error
        finally:
            space.close()


def _no_room(folder: str) -> str:
    place = Path(folder).parent
    free = psutil.disk_usage(str(place)).free / 2**30
    return sentence(
        must="A usage log needs room in memory and in the temporary folder",
        found=f"found {free:.1f} GiB free",
        where=str(place),
        remedy="Make room, or set TMPDIR to a folder on another disk",
    )


def _memory() -> int:
    return min(_MEMORY, psutil.virtual_memory().total // _PART_OF_MACHINE)
