"""Whether memory and open files of a long batch stay level.

    python benchmarks/soak.py                  200 reports
    python benchmarks/soak.py --reports 1000   more
    python benchmarks/soak.py --smoke          3, to see that it runs

A sample of so many municipalities is made and `klktools report` run over it. While it runs its processes are
looked at twice a second: the command itself, the template, the workers; cells' processes live for one report.
A process's memory is what it has for itself. One line per quarter of the reports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
EVERY = 0.5  # seconds
QUARTERS = 4
HEAD = f"{'reports':>8} {'processes':>10} {'MiB':>8} {'open files':>11}"
Look = tuple[int, int, float, int]  # reports made, processes, MiB, open files


def looks(batch: subprocess.Popen[bytes], to: Path) -> Iterator[Look]:
    """What the batch has, again and again until it ends."""
    while batch.poll() is None:
        made = sum(1 for _ in to.glob("*/*.html"))
        memory = files = count = 0
        for process in lasting(batch.pid):
            try:
                memory, files = memory + process.memory_full_info().uss, files + process.num_fds()
                count += 1
            except psutil.Error:  # it has just ended
                continue
        if made and count:
            yield made, count, memory / 2**20, files
        time.sleep(EVERY)


def lasting(pid: int) -> list[psutil.Process]:
    """The processes of a batch that outlive a report."""
    try:
        whole = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return [process for process in whole if time.time() - process.create_time() > 5]
    except psutil.Error:
        return []


def soak(reports: int, folder: Path) -> None:
    """Make a round, run the batch, print a line per quarter and what is left."""
    from klktools.sample import make_chunks, write_chunks

    write_chunks(make_chunks(municipalities=reports), folder / "round")
    to, temporary = folder / "reports", folder / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "klktools", "report", str(folder / "round"), "--to", str(to)]
    environment = {**dict(psutil.Process().environ()), "TMPDIR": str(temporary)}
    batch = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    quarters: dict[int, list[Look]] = defaultdict(list)
    for look in looks(batch, to):
        quarters[min(look[0] * QUARTERS // reports, QUARTERS - 1)].append(look)
    print(HEAD)
    for seen in (quarters[number] for number in sorted(quarters)):
        made, count, memory, files = (max(values) for values in zip(*seen, strict=True))
        print(f"{made:>8,} {count:>10} {memory:>8,.0f} {files:>11}")
    made, left = sum(1 for _ in to.glob("*/*.html")), [path.name for path in temporary.iterdir()]
    print(f"exit code {batch.returncode}, {made:,} reports, {len(left)} temporary files left")


def main(argv: list[str] | None = None) -> None:
    """Run the soak in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--smoke", action="store_true", help="a number for continuous integration")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak(3 if args.smoke else args.reports, Path(folder))


if __name__ == "__main__":
    main()
