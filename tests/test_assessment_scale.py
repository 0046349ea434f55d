"""The benchmark of large rounds runs, and counts what it says it counts."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def test_the_benchmark_prints_a_line_for_a_small_round(tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / "assessment_scale.py"), "--smoke"]
    done = subprocess.run([*command, "--folder", str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    *_, line = done.stdout.splitlines()
    counted, *stages, sealed = [part.split() for part in line.replace(",", "").split("|")]
    dossiers = [path for path in (tmp_path / "3" / "dossiers").rglob("*") if path.is_file()]
    assert int(counted[0]) == 3
    assert int(counted[1]) > 3_000
    assert int(sealed[0]) == len(dossiers)
    assert len(stages) == 4
    assert all(float(number) > 0 for stage in stages for number in stage)
