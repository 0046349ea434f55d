"""The batch on real Dask workers in processes of their own."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from klktools.batch import Options
from klktools.batch.cluster import pack
from klktools.batch.run import report_round
from klktools.errors import ParameterError
from klktools.report.make import Task
from tests.report.notebooks import OPEN, write_tiny

distributed = pytest.importorskip("distributed", reason="Dask is an optional extra")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own threads and sockets


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        yield local


def files(to) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in to.glob("????-*/*")}


def test_a_cluster_gives_the_same_bytes_as_this_machine(assessed, tmp_path, cluster):
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN, "klk.plot_profile(d)")
    here, there = tmp_path / "here", tmp_path / "there"
    report_round(assessed, to=here, options=Options(notebook=notebook))
    options = Options(notebook=notebook, scheduler=cluster.scheduler_address)
    runs = report_round(assessed, to=there, options=options)
    assert runs["status"].tolist() == ["ok"] * 6
    assert files(there) == files(here)
    assert len(files(there)) == 24


def test_a_failing_report_of_a_cluster_is_set_aside_here(assessed, tmp_path, cluster):
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN, "assert d.code[2:] != '60', 'planted'")
    to = tmp_path / "reports"
    runs = report_round(
        assessed, to=to, options=Options(notebook=notebook, scheduler=cluster.scheduler_address)
    )
    failed = runs[runs["status"] == "failed"]
    assert failed[["municipality", "stage", "cell", "error"]].values.tolist() == [
        ["0060", "cell", 4, "AssertionError: planted"]
    ]
    assert (to / "_failed" / "0060-almsund" / "reason.txt").is_file()


def test_a_worker_killed_midway_costs_no_report(assessed, tmp_path, cluster):
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN, "import time\ntime.sleep(1)\nklk.plot_profile(d)")
    to = tmp_path / "reports"
    killed: list[int] = []

    def kill_one() -> None:
        until = time.monotonic() + 60
        while not list(to.glob("????-*/*.html")) and time.monotonic() < until:
            time.sleep(0.02)
        process = next(iter(cluster.workers.values())).pid
        killed.append(process)
        psutil.Process(process).kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    options = Options(notebook=notebook, scheduler=cluster.scheduler_address)
    runs = report_round(assessed, to=to, options=options)
    killer.join()
    assert killed
    assert runs["status"].tolist() == ["ok"] * 6
    undisturbed = tmp_path / "undisturbed"
    report_round(assessed, to=undisturbed, options=Options(notebook=notebook))
    assert files(to) == files(undisturbed)


def test_only_the_own_dossier_and_the_reference_travel(assessed, tmp_path):
    notebook = write_tiny(tmp_path / "n.ipynb", OPEN)
    to = tmp_path / "reports"
    report_round(assessed, to=to, options=Options(notebook=notebook, municipalities=("0060",)))
    parameters = {"dossier": "../_dossiers/0060", "language": "da"}
    task = Task("0060", "0060-almsund", to, notebook, parameters, "title", "footer", "da")
    folders = {name.rsplit("/", 1)[0] for name in pack(task)}
    assert folders == {"notebook.ipynb", "_dossiers/0060", "_dossiers/reference"}


def test_a_scheduler_that_does_not_answer_is_one_sentence(assessed, tmp_path):
    options = Options(
        notebook=write_tiny(tmp_path / "n.ipynb", OPEN), scheduler=f"tcp://127.0.0.1:{_closed_port()}"
    )
    with pytest.raises(ParameterError) as error:
        report_round(assessed, to=tmp_path / "reports", options=options)
    assert str(error.value).startswith(
        "`--scheduler` must be the address of a running Dask scheduler; found no answer at tcp://127.0.0.1:"
    )
    assert str(error.value).endswith("Start one with `dask scheduler`.")


def _closed_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
