"""The client's side of a template: which processes it suits, and connections that end."""

from __future__ import annotations

import os
import sys
import time

import pytest

from klktools.kernels import client, forked
from klktools.kernels.client import Template, TemplateError, connected
from klktools.kernels.limits import timeout_for
from tests.kernels.common import eventually, is_alive, needs_fork, notebook, run, texts

SILENT = "builtins:exec"


def test_other_platforms_cannot_fork(monkeypatch):
    for platform in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        assert not client.can_fork()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this platform has no pidfd")
def test_a_kernel_that_refuses_pidfd_cannot_fork(monkeypatch):
    def refused(*_):
        raise OSError

    monkeypatch.setattr(os, "pidfd_open", refused)
    assert not client.can_fork()


@needs_fork
@pytest.mark.parametrize(
    ("changed", "suits"),
    [
        ({}, True),
        ({"ANYTHING_ELSE": "x"}, True),
        ({"MPLBACKEND": client.INLINE}, True),
        ({"MPLBACKEND": "agg"}, False),
        ({"PYTHONHASHSEED": "7"}, False),
        ({"TZ": "Asia/Tokyo"}, False),
        ({"LC_ALL": "C"}, False),
        ({"OPENBLAS_NUM_THREADS": "3"}, False),
        ({"HOME": "/elsewhere"}, False),
    ],
)
def test_a_template_suits_what_it_read_at_its_start(template, changed, suits):
    assert template.suits({**os.environ, **changed}) is suits


@needs_fork
def test_the_backend_of_figures_is_the_one_asked_for(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    made = notebook("import matplotlib.pyplot as plt; plt.plot([1]); plt.get_backend()")
    assert texts(run(made, "klktools-forked")) == texts(run(made, "klktools")) == ["'agg'"]


@needs_fork
def test_one_template_serves_a_process_until_it_dies():
    first = client.own_template(["json"])
    assert client.own_template(["json"]) is first
    first._process.kill()
    first._process.wait()
    second = client.own_template(["json"])
    assert second is not first and second.runs()
    second.close()


@needs_fork
def test_another_environment_has_a_template_of_its_own(monkeypatch):
    first = client.own_template(["json"])
    monkeypatch.setenv("TZ", "UTC+7")
    second = client.own_template(["json"])
    assert second is not first and second.suits(os.environ) and not first.suits(os.environ)
    second.close()
    monkeypatch.undo()
    assert client.own_template(["json"]) is first


@needs_fork
def test_a_process_with_a_connection_is_killed_when_the_block_fails(template):
    with (
        pytest.raises(KeyError),
        connected(template, "time:sleep", grace=30) as (_, process),
    ):
        raise KeyError
    assert process.returncode is not None


@needs_fork
def test_a_process_that_does_not_end_by_itself_is_killed_after_the_grace(template):
    with connected(template, "time:sleep", grace=0.3) as (_, process):  # sleeps as long as its number
        pid = process.started(5)
        begun = time.monotonic()
    assert 0.2 < time.monotonic() - begun < 3
    assert (process.returncode, is_alive(pid)) == (-9, False)


@needs_fork
def test_without_a_template_there_is_no_connection():
    gone = Template(["json"])
    gone.close()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(TemplateError), connected(gone, forked.CELLS):
        pass
    assert len(os.listdir("/proc/self/fd")) == before


@needs_fork
def test_a_closed_template_is_gone_with_all_its_processes(template):
    process = template.fork(SILENT, "import time; time.sleep(60)")
    pid = process.started(5)
    template.close()
    assert eventually(lambda: not is_alive(pid))
    assert process.wait(5) == -9


@needs_fork
def test_a_process_that_runs_longer_than_waited_for_goes_on(template):
    process = template.fork(SILENT, "import time; time.sleep(60)")
    process.started(5)
    with pytest.raises(client.subprocess.TimeoutExpired):
        process.wait(0.05)
    assert process.poll() is None
    process.terminate()
    assert process.wait(5) == -15


def test_the_limit_of_a_cell_is_its_own_or_what_is_left_of_the_notebooks():
    assert timeout_for(None, None)() is None
    assert timeout_for(5, None)() == 5
    assert timeout_for(5, 1000)() == 5
    assert 0.9 < timeout_for(5, 1)() <= 1
    limit = timeout_for(None, 0.05)
    time.sleep(0.1)
    assert limit() == 0.01
