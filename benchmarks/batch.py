"""All reports by the toolkit, beside what a user would do by hand and beside the least that can be done.

    python benchmarks/batch.py                    three rounds; the naive way on 4 municipalities, scaled up
    python benchmarks/batch.py --rounds 1 --naive 55    the naive way on all of them
    python benchmarks/batch.py --smoke            2 municipalities, one round, to see that it runs

In every round each way is run once, one after the other; the medians of the rounds are printed, in wall and
CPU seconds of all processes together. The ways:

    klktools    `klktools report` over the round: read, assess, seal, run every notebook, html and pdf
    ordinary    the same with `--kernels ordinary`
    naive       for each municipality `papermill`, `jupyter nbconvert --to html`, a pdf by headless Chromium
    bound       the same figures, sentences and exports in one warm process, without notebooks
    unchanged   a second `klktools report` over the same folder
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "municipality_report.ipynb"
BOUND = Path(__file__).with_name("bound.py")  # a program of its own, as the other ways are
FORMATS = ("html", "pdf")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds of one way, for all municipalities."""

    wall: float
    cpu: float

    def times(self, factor: float) -> Spent:
        """For more municipalities, where the way does one after the other."""
        return Spent(self.wall * factor, self.cpu * factor)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    args = parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="klktools-benchmark-") as folder:
        bench = Bench(Path(folder), args.data, 2 if args.smoke else args.naive, args.smoke)
        bench.prepare()
        rounds = [bench.round(number) for number in range(1 if args.smoke else args.rounds)]
    print(f"{bench.count} municipalities, {os.cpu_count()} cores, medians of {len(rounds)} rounds, {FORMATS}")
    for line in table({name: [spent[name] for spent in rounds] for name in rounds[0]}):
        print(line)


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, default=ROOT / "data" / "sample")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--naive", type=int, default=4, help="municipalities done the naive way")
    arguments.add_argument("--smoke", action="store_true")
    return arguments


def table(runs: dict[str, list[Spent]]) -> Iterator[str]:
    """One line for each way, with its ratio to the first."""
    ours = median(runs["klktools"])
    yield f"{'way':<10} {'wall s':>8} {'CPU s':>8} {'wall, klktools = 1':>20} {'CPU, klktools = 1':>20}"
    for name, spent in runs.items():
        seconds = median(spent)
        wall, cpu = seconds.wall / ours.wall, seconds.cpu / ours.cpu
        yield f"{name:<10} {seconds.wall:8.1f} {seconds.cpu:8.1f} {wall:20.2f} {cpu:20.2f}"


def median(spent: Sequence[Spent]) -> Spent:
    """The median of wall and of CPU."""
    return Spent(statistics.median(run.wall for run in spent), statistics.median(run.cpu for run in spent))


class Bench:
    """The ways, each over the same sealed dossiers or data."""

    def __init__(self, folder: Path, data: Path, naive: int, smoke: bool) -> None:
        self.folder, self.data, self.naive_count, self.smoke = folder, data, naive, smoke
        self.dossiers: list[Path] = []

    @property
    def count(self) -> int:
        """Municipalities of a whole round."""
        return len(self.dossiers)

    def prepare(self) -> None:
        """Seal the dossiers for the ways that begin there."""
        if self.smoke:
            self.data = self.folder / "data"
            run(klktools("sample", "--to", str(self.data), "--municipalities", "2"))
        seal(self.data, self.sealed)
        self.dossiers = sorted(self.sealed.glob("[0-9]*"))

    @property
    def sealed(self) -> Path:
        """Where the dossiers are."""
        return self.folder / "reports" / "_dossiers"

    def round(self, number: int) -> dict[str, Spent]:
        """Every way once."""
        ours = self.folder / f"ours-{number}"
        report = ["report", str(self.data), "--to", str(ours), "--formats", ",".join(FORMATS)]
        ordinary = [
            *report[:3],
            str(self.folder / f"ordinary-{number}"),
            *report[4:],
            "--kernels",
            "ordinary",
        ]
        chosen = self.dossiers[: self.naive_count]
        return {
            "klktools": spent(partial(run, klktools(*report))),
            "ordinary": spent(partial(run, klktools(*ordinary))),
            "naive": spent(lambda: [self.by_hand(dossier) for dossier in chosen]).times(
                self.count / len(chosen)
            ),
            "bound": spent(partial(run, [sys.executable, str(BOUND), str(self.sealed), *FORMATS])),
            "unchanged": spent(partial(run, klktools(*report))),
        }

    def by_hand(self, dossier: Path) -> None:
        """One report as a user without the toolkit's batch would make it."""
        out = self.folder / "naive"
        out.mkdir(exist_ok=True)
        notebook, page = out / f"{dossier.name}.ipynb", out / f"{dossier.name}.html"
        run([tool("papermill"), str(NOTEBOOK), str(notebook), "-p", "dossier", str(dossier), "-k", "python3"])
        run([tool("jupyter"), "nbconvert", "--to", "html", "--no-input", str(notebook)])
        profile = f"--user-data-dir={out / 'profile'}"
        pdf = f"--print-to-pdf={out / dossier.name}.pdf"
        run([browser(), *QUIET, profile, pdf, page.as_uri()])


def seal(data: Path, folder: Path) -> None:
    """Write the dossiers of a round."""
    import klktools as klk

    klk.seal_dossiers(klk.assess(klk.read_round(data)), folder)


def klktools(*arguments: str) -> list[str]:
    """The toolkit's command."""
    return [sys.executable, "-m", "klktools", *arguments]


def tool(name: str) -> str:
    """A command of this environment."""
    return str(Path(sys.executable).with_name(name))


def browser() -> str:
    """Chromium, or a sentence."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or sys.exit("the naive way needs Chromium; found none")


def run(command: Sequence[str]) -> None:
    """Run a command; stop when it fails."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)} ended with {result.returncode}:\n{result.stderr[-2000:]}")


def spent(way: Callable[[], object]) -> Spent:
    """Wall seconds, and CPU seconds of the processes that ended meanwhile."""
    before, started = children_cpu(), time.perf_counter()
    way()
    return Spent(time.perf_counter() - started, children_cpu() - before)


def children_cpu() -> float:
    """CPU seconds of ended child processes and theirs."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
