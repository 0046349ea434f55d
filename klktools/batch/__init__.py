"""The batch: which reports are due and why, made side by side, recorded so that nothing is made twice.

`rests_on` and `record` tell what is due and load no analysis; `run` assesses, seals and makes; `workers` are
the processes of this machine, `cluster` those of others.
"""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass
from pathlib import Path

import klktools

NOTEBOOKS = Path(klktools.__file__).parents[1] / "notebooks"
DOSSIERS = "_dossiers"
INDEX = "index.html"
FORMATS = ("html", "pdf")
KERNELS = ("warm", "ordinary")


@dataclass(frozen=True)
class Options:
    """What the caller chose.

    `language`, `formats` and `notebook` change what is written and are part of what a report rests on; the
    others do not. `kernels` is "warm" (forked where the platform can) or "ordinary"; `scheduler` is the
    address of a Dask scheduler whose workers make the reports instead of `jobs` processes of this machine.
    `cell_seconds` and `report_seconds` limit one cell and one notebook.
    """

    language: str = "da"
    formats: tuple[str, ...] = FORMATS
    municipalities: tuple[str, ...] = ()
    jobs: int = os.cpu_count() or 1
    force: bool = False
    kernels: str = "warm"
    scheduler: str = ""
    cell_seconds: int = 120
    report_seconds: int = 600
    notebook: Path = NOTEBOOKS / "municipality_report.ipynb"


def collect_seldom() -> None:
    """Look for garbage in cycles less often: there is little, and looking costs a tenth of all time."""
    gc.set_threshold(50_000, 20, 50)
