"""How time and memory of an assessment grow with the number of municipalities.

    python benchmarks/assessment_scale.py                              55, 500 and 2,000: a few minutes
    python benchmarks/assessment_scale.py --sizes 55,500,5000,10000    the whole range
    python benchmarks/assessment_scale.py --smoke                      3 municipalities, to see that it runs

Each size is made in one fresh process, and read, assessed and sealed in another, so that one size's memory is
not another's. CPU seconds are of all threads; peak memory is that of the process up to the end of the stage.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
SIZES = (55, 500, 2_000)
SMOKE = (3,)
STAGES = ("sample", "read", "assess", "seal")
Result = TypeVar("Result")
Stages = dict[str, dict[str, float]]


def peak_mib() -> float:
    """The most memory this process has had, in MiB."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measured(stages: Stages, name: str, work: Callable[[], Result]) -> Result:
    """Do the work and note its CPU and wall seconds and the peak memory so far."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    stages[name] = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak": peak_mib(),
    }
    return result


def make_sample(size: int, folder: Path) -> dict[str, Any]:
    """Write a round of `size` municipalities to `folder`/round."""
    from klktools.sample import make_chunks, write_chunks

    stages: Stages = {}
    measured(stages, "sample", lambda: write_chunks(make_chunks(municipalities=size), folder / "round"))
    return {"stages": stages}


def run_assessment(size: int, folder: Path) -> dict[str, Any]:
    """Read, assess and seal the round in `folder`/round, as a user does."""
    from klktools import assess, read_round, seal_dossiers

    stages: Stages = {}
    round_ = measured(stages, "read", lambda: read_round(folder / "round"))
    assessment = measured(stages, "assess", lambda: assess(round_))
    measured(stages, "seal", lambda: seal_dossiers(assessment, folder / "dossiers"))
    counted = {"municipalities": len(assessment.municipalities), "usage": len(round_.tables["usage"])}
    if counted["municipalities"] != size:
        raise SystemExit(f"{size} municipalities were made; {counted['municipalities']} were assessed")
    return {"stages": stages, **counted}


CHILDREN = {"sample": make_sample, "assessment": run_assessment}


def measure_size(size: int, folder: Path) -> dict[str, Any]:
    """Everything about one size: its stages, usage rows, and number and size of the sealed files."""
    sample, assessment = (_child(name, size, folder) for name in CHILDREN)
    sealed = [path.stat().st_size for path in (folder / "dossiers").rglob("*") if path.is_file()]
    return {
        **assessment,
        "stages": sample["stages"] | assessment["stages"],
        "files": len(sealed),
        "mib": sum(sealed) / 2**20,
    }


def _child(name: str, size: int, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", name, "--sizes", str(size), "--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return json.loads(done.stdout.splitlines()[-1])


HEAD = (
    f"{'munici-':>8} {'usage':>11}" + "".join(f" |{stage:^25}" for stage in STAGES) + " |  sealed\n"
    f"{'palities':>8} {'rows':>11}" + " |  cpu s  wall s  peak MiB" * len(STAGES) + " |   files     MiB"
)


def line(found: dict[str, Any]) -> str:
    """One row of the table."""
    stages = "".join(
        f" |{stage['cpu']:>7.1f} {stage['wall']:>7.1f} {stage['peak']:>9,.0f}"
        for stage in (found["stages"][name] for name in STAGES)
    )
    whole = f"{found['municipalities']:>8,} {found['usage']:>11,}"
    return f"{whole}{stages} | {found['files']:>7,} {found['mib']:>7,.0f}"


def main(argv: list[str] | None = None) -> None:
    """Print one row per size as soon as it is measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=SIZES)
    parser.add_argument("--smoke", action="store_true", help="a size for continuous integration")
    parser.add_argument("--folder", type=Path, help="keep rounds and dossiers here (default: thrown away)")
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.child:
        print(json.dumps(CHILDREN[args.child](args.sizes[0], args.folder)))
        return
    print(HEAD, flush=True)
    for size in SMOKE if args.smoke else args.sizes:
        with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
            folder = args.folder / str(size) if args.folder else Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            print(line(measure_size(size, folder)), flush=True)


if __name__ == "__main__":
    main()
