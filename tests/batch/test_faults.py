"""Batches that are killed, interrupted or hindered leave whole files, and the next run finishes the rest."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from klktools.batch import Options
from klktools.batch.run import report_round
from tests.conftest import ROOT
from tests.report.notebooks import OPEN, write_tiny

KILLS = 30
MARK = "KLKTOOLS_TEST_MARK"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")


class Batches:
    """Runs of the same batch in processes of their own, with a temporary folder and a mark of their own."""

    def __init__(self, folder: Path, assessed) -> None:
        self.folder, self.mark = folder, uuid.uuid4().hex
        self.to, self.temp = folder / "reports", folder / "temp"
        self.temp.mkdir()
        (folder / "assessment.pickle").write_bytes(pickle.dumps(assessed))

    def start(self, notebook: Path, kernels: str = "warm") -> subprocess.Popen:
        """Begin a batch; it has loaded everything of its own when this returns."""
        env = {**os.environ, MARK: self.mark, "TMPDIR": str(self.temp), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.batch.runner", str(notebook), str(self.to), kernels]
        process = subprocess.Popen(
            [*command, str(self.folder / "assessment.pickle")],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "begins\n"
        return process

    def survivors(self) -> list[str]:
        """Processes of these batches that still run."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def assert_nothing_is_left(self) -> None:
        """In time no process runs and no temporary file or socket is there."""
        end = time.monotonic() + 20  # at once, but on a busy machine
        while time.monotonic() < end and (self.survivors() or any(self.temp.iterdir())):
            time.sleep(0.05)
        assert self.survivors() == []
        assert list(self.temp.iterdir()) == []

    def deliverables(self) -> dict[str, bytes]:
        """Every file of a report by its name."""
        files = self.to.glob("????-*/*")
        return {path.name: path.read_bytes() for path in files if not path.name.endswith(".part")}


def finished(process: subprocess.Popen) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


@pytest.fixture
def batches(tmp_path, assessed):
    return Batches(tmp_path, assessed)


@pytest.fixture
def editions(tmp_path, assessed):
    """Two notebooks, and the files that undisturbed runs of them give."""
    notebooks = [
        write_tiny(tmp_path / "old.ipynb", OPEN, "klk.show_scale(d)"),
        write_tiny(tmp_path / "new.ipynb", OPEN, "klk.plot_profile(d)", "klk.show_scale(d)"),
    ]
    files = []
    for notebook in notebooks:
        to = tmp_path / f"undisturbed-{notebook.stem}"
        report_round(assessed, to=to, options=Options(notebook=notebook))
        files.append({path.name: path.read_bytes() for path in to.glob("????-*/*")})
    return list(zip(notebooks, files, strict=True))


@POSIX
@pytest.mark.parametrize(("kernels", "kills"), [("warm", KILLS), ("ordinary", 4)])
def test_a_batch_killed_at_any_moment_leaves_whole_files_and_nothing_else(batches, editions, kernels, kills):
    moments = random.Random(2018)
    seconds = 3.0  # about what a whole batch takes
    whole = {name: {files[name] for _, files in editions} for name in editions[0][1]}
    for number in range(kills):
        process = batches.start(editions[number % 2][0], kernels)
        time.sleep(moments.uniform(0, seconds))
        process.kill()
        process.communicate()
        batches.assert_nothing_is_left()
        assert [name for name, content in batches.deliverables().items() if content not in whole[name]] == []
    notebook, expected = editions[0]
    assert finished(batches.start(notebook, kernels))[0] == 0
    assert batches.deliverables() == expected
    assert [path.name for path in batches.to.rglob("*.part")] == []
    batches.assert_nothing_is_left()


@POSIX
@pytest.mark.parametrize("kernels", ["warm", "ordinary"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, None])
def test_the_folder_of_a_batch_goes_with_it_before_any_worker_has_started(ending, kernels, batches):
    waits = "import time; time.sleep(60)" if ending else "pass"
    program = f"""
from klktools.batch.workers import local_workers
with local_workers(1, {kernels!r}) as pool:
    print(pool.scratch, flush=True)
    {waits}
"""
    env = {**os.environ, MARK: batches.mark, "TMPDIR": str(batches.temp)}
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    folder = Path(process.stdout.readline().strip())
    assert folder.parent == batches.temp
    if ending:
        assert folder.is_dir()
        process.send_signal(ending)
    process.communicate(timeout=60)
    batches.assert_nothing_is_left()


@POSIX
def test_a_killed_batch_is_taken_up_where_it_ended(batches, tmp_path):
    wait = (
        "import pathlib, time\nwhile int(d.code) > 73 and not pathlib.Path('../go').exists(): time.sleep(.1)"
    )
    notebook = write_tiny(tmp_path / "slow.ipynb", OPEN, f"{wait}\nklk.show_scale(d)")
    process = batches.start(notebook)
    until = time.monotonic() + 30
    while len(list(batches.to.glob("????-*/*.html"))) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    made = len(list(batches.to.glob("????-*/*.html")))
    assert made >= 3
    (batches.to / "go").touch()
    assert finished(batches.start(notebook)) == (0, f"begins\nmade {6 - made}\n".removeprefix("begins\n"))


@POSIX
def test_after_ctrl_c_the_running_reports_end_and_the_next_run_makes_the_rest(batches, tmp_path):
    notebook = write_tiny(tmp_path / "slow.ipynb", OPEN, "import time\ntime.sleep(0.5)\nklk.show_scale(d)")
    process = batches.start(notebook)
    until = time.monotonic() + 30
    while not list(batches.to.glob("????-*/*.html")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    code, told = finished(process)
    assert code != 0
    assert "KeyboardInterrupt" in told
    made = len(list(batches.to.glob("????-*/*.html")))
    assert 0 < made < 6
    batches.assert_nothing_is_left()
    assert finished(batches.start(notebook)) == (0, f"made {6 - made}\n")


@POSIX
@pytest.mark.parametrize("kernels", ["warm", "ordinary"])
def test_a_report_whose_process_is_killed_again_and_again_is_the_only_one_that_fails(
    assessed, tmp_path, kernels
):
    parent = "import os, psutil, signal"
    if kernels == "warm":  # the worker is not the parent of the cells: both are children of the template
        kill = "[p.kill() for p in psutil.Process(os.getppid()).children() if p.pid != os.getpid()]"
    else:
        kill = "psutil.Process(os.getppid()).kill()"
    notebook = write_tiny(
        tmp_path / "n.ipynb", OPEN, f"{parent}\nif d.code[2:] == '60':\n    {kill}\nklk.show_scale(d)"
    )
    runs = report_round(
        assessed, to=tmp_path / "reports", options=Options(notebook=notebook, kernels=kernels, jobs=1)
    )
    failed = runs[runs["status"] == "failed"]
    assert failed[["municipality", "stage", "error"]].values.tolist() == [
        ["0060", "process", "the process that made the report died"]
    ]


def test_a_hanging_cell_does_not_hold_up_the_others(assessed, tmp_path):
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN, "while d.code[2:] == '60': pass\nklk.show_scale(d)")
    runs = report_round(assessed, to=tmp_path / "reports", options=Options(notebook=notebook, cell_seconds=2))
    failed = runs[runs["status"] == "failed"]
    assert failed[["municipality", "stage", "cell"]].values.tolist() == [["0060", "time", 4]]


@POSIX
def test_without_a_template_ordinary_kernels_do_the_work(assessed, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("klktools.batch.workers.WARM_PRELOAD", ("no.such.module",))
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN)
    options = Options(notebook=notebook, municipalities=("0060",))
    runs = report_round(assessed, to=tmp_path / "reports", options=options)
    assert runs["status"].tolist() == ["ok"]
    assert "Ordinary kernels are used." in capfd.readouterr().err
