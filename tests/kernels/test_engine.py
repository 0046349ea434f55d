"""The truth about runs that fail, what is left of them, and ordinary kernels where nothing can be forked."""

from __future__ import annotations

import os
import time

import psutil
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from klktools.kernels import client, forked
from tests.kernels.common import eventually, is_alive, needs_fork, notebook, run, texts

WAYS = [
    pytest.param("klktools-forked", marks=needs_fork),
    pytest.param("provisioner", marks=needs_fork),
    "klktools",
]


def failed(made, way, **options):
    """The error of a run that fails."""
    with pytest.raises((DeadKernelError, CellTimeoutError, PapermillExecutionError)) as caught:
        run(made, way, **options)
    return caught.value


def statuses(executed):
    return [cell.metadata.papermill.status for cell in executed.cells if "papermill" in cell.metadata]


@pytest.mark.parametrize("way", WAYS)
def test_a_cell_that_ends_in_a_plot_has_a_picture(way):
    made = notebook("import matplotlib.pyplot as plt", "plt.plot([1, 2])", "plt.plot([2, 1]);")
    _, *drawn = run(made, way).cells
    pictures = [[o.data["image/png"][:8] for o in cell.outputs if "image/png" in o.data] for cell in drawn]
    assert pictures == [["iVBORw0K"], ["iVBORw0K"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_after_a_killed_process_the_notebook_says_where(way, end):
    made = notebook("# Prose", "1", f"import os\nprint('last words', flush=True)\n{end}", "2")
    error = failed(made, way)
    assert (type(error), error.cell_index) == (DeadKernelError, 2)
    assert statuses(error.notebook) == ["completed", "completed", "failed", "pending"]
    assert error.notebook.metadata.papermill.exception is True


@needs_fork
def test_what_a_killed_process_had_printed_is_kept():
    made = notebook("import os\nprint('last words', flush=True)\nos.kill(os.getpid(), 9)")
    assert texts(failed(made, "klktools-forked").notebook) == ["last words"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", [{"execution_timeout": 1}, {"notebook_timeout": 3}])
def test_a_time_limit_ends_the_run_and_the_notebook_says_where(way, limit):
    error = failed(notebook("1", "import time; time.sleep(60)", "2"), way, **limit)
    assert (type(error), error.cell_index) == (CellTimeoutError, 2)
    assert statuses(error.notebook) == ["completed", "failed", "pending"]


@pytest.mark.parametrize("way", WAYS)
def test_an_error_comes_with_the_marked_notebook(way, tmp_path):
    error = failed(notebook("1", "1 / 0", "2"), way)
    assert (error.ename, error.exec_count, error.evalue) == ("ZeroDivisionError", 2, "division by zero")
    tags = [cell.metadata.get("tags", []) for cell in error.notebook.cells]
    assert tags == [["papermill-error-cell-tag"], [], ["papermill-error-cell-tag"], [], []]
    assert statuses(error.notebook) == ["completed", "failed", "pending"]


def test_a_kernel_that_does_not_start_leaves_no_cell_completed():
    made = notebook("1", "2")
    error = failed_start(made)
    assert error.cell_index is None
    assert statuses(error.notebook) == ["failed", "pending"]


def failed_start(made):
    with pytest.raises(ValueError) as caught:
        run(made, "klktools", extra_arguments=["--no-such-flag=\x00"], start_timeout=5)
    return caught.value


@pytest.mark.parametrize("way", WAYS)
def test_a_cell_that_leaves_with_code_0_ends_the_notebook_without_an_error(way):
    executed = run(notebook("print('a')", "import sys; sys.exit(0)", "print('b')"), way)
    assert statuses(executed) == ["completed", "failed", "pending"]
    assert texts(executed)[::2] == ["a", ""]


@needs_fork
@pytest.mark.parametrize("way", ["klktools-forked", "provisioner"])
def test_two_notebooks_draw_different_random_numbers(way):
    made = notebook("import random, numpy as np; print(random.random(), np.random.rand())")
    first, second = (texts(run(made, way))[0].split() for _ in range(2))
    assert not set(first) & set(second)


@needs_fork
def test_without_forks_the_notebook_comes_from_an_ordinary_kernel(monkeypatch):
    made = notebook("import os; os.getppid() == PARENT".replace("PARENT", str(os.getpid())), "1 + 1")
    assert texts(run(made, "klktools-forked")) == ["False", "2"]
    monkeypatch.setattr(client, "can_fork", lambda: False)
    for way in ("klktools-forked", "provisioner"):
        assert texts(run(made, way)) == ["True", "2"]


@needs_fork
@pytest.mark.parametrize("way", ["klktools-forked", "provisioner"])
def test_a_template_that_was_killed_is_replaced(way):
    made = notebook("1 + 1")
    run(made, way)
    for template in client._templates.values():
        template._process.kill()
        template._process.wait()
    assert texts(run(made, way)) == ["2"]


@needs_fork
def test_when_the_template_cannot_fork_an_ordinary_kernel_is_used(caplog):
    broken = client.Template(["no_such_module"])
    forked.use_template(broken)
    try:
        assert texts(run(notebook("1 + 1"), "klktools-forked")) == ["2"]
    finally:
        forked._inherited.clear()
        broken.close()
    assert "An ordinary kernel is started" in caplog.text


@needs_fork
def test_a_template_killed_while_a_notebook_runs_is_a_dead_kernel():
    killing = "import os, time; os.kill(os.getppid(), 9); time.sleep(30)"
    error = failed(notebook("1", killing, "2"), "klktools-forked")
    assert (type(error), error.cell_index) == (DeadKernelError, 2)
    assert statuses(error.notebook) == ["completed", "failed", "pending"]


@needs_fork
@pytest.mark.parametrize("way", ["klktools-forked", "provisioner"])
def test_another_environment_of_variables_read_at_the_start_gets_a_template_of_its_own(way, monkeypatch):
    sources = ("import os, time; os.getppid() == PARENT", "time.tzname[0]")
    made = notebook(*(source.replace("PARENT", str(os.getpid())) for source in sources))
    run(made, way)
    monkeypatch.setenv("TZ", "XYZ-9")
    assert texts(run(made, way)) == ["False", "'XYZ'"]


@needs_fork
def test_a_template_given_for_another_environment_is_not_used(monkeypatch):
    made = notebook("import os, time; os.getppid() == PARENT".replace("PARENT", str(os.getpid())))
    given = client.Template(client.CELLS_PRELOAD)
    forked.use_template(given)
    try:
        assert texts(run(made, "klktools-forked")) == ["False"]
        monkeypatch.setenv("TZ", "XYZ-9")
        assert texts(run(made, "klktools-forked")) == ["True"]
    finally:
        forked._inherited.clear()
        given.close()


@needs_fork
def test_kernels_of_other_programs_are_not_forked(tmp_path):
    assert forked.can_run("python3", {})
    assert not forked.can_run("no-such-kernel", {})
    assert not forked.can_run("python3", {"extra_arguments": ["--debug"]})


@needs_fork
@pytest.mark.parametrize("way", ["klktools-forked", "provisioner"])
def test_nothing_that_a_notebook_started_stays(way, tmp_path):
    path = tmp_path / "pids"
    source = f"""
import os, subprocess
apart = subprocess.Popen(["sleep", "60"], start_new_session=True)
os.system("setsid sleep 61 >/dev/null 2>&1 & echo $! > {path}.daemon")
open("{path}", "w").write(f"{{os.getpid()}} {{apart.pid}} " + open("{path}.daemon").read())
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
    run(notebook(source), way)
    pids = [int(pid) for pid in path.read_text().split()]
    assert len(pids) == 3
    assert eventually(lambda: not any(map(is_alive, pids)))


@needs_fork
def test_exit_handlers_of_a_notebook_run(tmp_path):
    path = tmp_path / "written"
    source = f"import atexit; atexit.register(open({str(path)!r}, 'w').write, 'done');"
    run(notebook(source), "klktools-forked")
    assert path.read_text() == "done"


@needs_fork
def test_an_exit_handler_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(forked, "GRACE", 0.5)
    made = notebook("import atexit, time, os; atexit.register(time.sleep, 60); print(os.getpid())")
    pid = int(texts(run(made, "klktools-forked"))[0])
    assert not is_alive(pid)


@needs_fork
def test_input_is_refused_as_in_a_kernel():
    made = notebook("input('?')")
    errors = [failed(made, way) for way in ("klktools-forked", "klktools")]
    assert {(error.ename, error.evalue) for error in errors} == {
        (
            "StdinNotImplementedError",
            "raw_input was called, but this frontend does not support input requests.",
        )
    }


@needs_fork
def test_an_interrupt_at_the_time_limit_ends_the_cell_only():
    made = notebook("import time; time.sleep(60)", "1 + 1")
    made.cells[0].metadata.tags = ["raises-exception"]
    limits = {"execution_timeout": 1, "interrupt_on_timeout": True, "allow_errors": True}
    error = failed(made, "klktools-forked", **limits)
    assert (error.ename, texts(error.notebook)[-1]) == ("KeyboardInterrupt", "2")


@needs_fork
def test_output_is_logged_and_copied_while_the_notebook_runs(tmp_path, caplog):
    caplog.set_level("INFO", logger="papermill")
    with (tmp_path / "out").open("w") as out:
        run(notebook("print('copied')"), "klktools-forked", log_output=True, stdout_file=out)
    assert (tmp_path / "out").read_text() == "copied\n"
    assert "copied" in caplog.messages[-2] + caplog.messages[-3]


@needs_fork
def test_two_hundred_notebooks_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    used = client.own_template(client.CELLS_PRELOAD)
    processes = [psutil.Process(), psutil.Process(used._process.pid)]
    made = notebook("x = 1", "print(x)")
    for _ in range(20):
        run(made, "klktools-forked")
    time.sleep(0.2)  # the template closes its end of the last one
    descriptors = [process.num_fds() for process in processes]
    memory = [process.memory_info().rss for process in processes]
    for _ in range(180):
        run(made, "klktools-forked")
    assert eventually(
        lambda: all(process.num_fds() <= then for process, then in zip(processes, descriptors, strict=True))
    )
    grown = [process.memory_info().rss - then for process, then in zip(processes, memory, strict=True)]
    assert max(grown) < 8e6
    assert processes[1].children() == []
    assert list(tmp_path.iterdir()) == []
