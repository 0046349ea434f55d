"""Kernels of a template, through jupyter_client as any of its users."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import psutil
import pytest
from jupyter_client import KernelManager
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from traitlets.config import Config

from klktools.kernels import client, provisioner
from tests.kernels.common import eventually, is_alive, needs_fork, notebook, run, texts

pytestmark = needs_fork


@pytest.fixture(autouse=True)
def forked_kernels(monkeypatch):
    """All kernels of this process come from a template."""
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", provisioner.NAME)
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def kernel():
    """A kernel's manager and client."""
    manager, channels = start_new_kernel()
    yield manager, channels
    channels.stop_channels()
    manager.shutdown_kernel(now=True)


def printed(channels, code):
    """What a cell prints."""
    said = []
    channels.execute_interactive(
        code,
        output_hook=lambda message: said.append(message["content"].get("text", "")),
        timeout=20,
    )
    return "".join(said).strip()


def test_a_kernel_is_a_child_of_the_template(kernel):
    manager, channels = kernel
    template = provisioner.template()._process.pid
    said = printed(channels, "import os; print(os.getpid(), os.getppid())").split()
    assert said == [str(manager.provisioner.pid), str(template)]


def test_a_kernel_restarts_as_another_process(kernel):
    manager, channels = kernel
    first = printed(channels, "import os; x = 1; print(os.getpid())")
    manager.restart_kernel(now=True)
    channels.wait_for_ready(timeout=30)
    second = printed(channels, "import os; print(os.getpid(), 'x' in globals())")
    assert second.split()[1] == "False"
    assert second.split()[0] != first and not is_alive(int(first))


def test_a_kernel_can_be_interrupted(kernel):
    manager, channels = kernel
    channels.execute("import time; print('sleeps', end='', flush=True); time.sleep(60)")
    while channels.get_iopub_msg(timeout=30)["content"].get("text") != "sleeps":
        pass
    time.sleep(0.5)  # until it does: a kernel interrupted while it prints may lose what it prints next
    manager.interrupt_kernel()
    assert channels.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
    assert printed(channels, "print('goes on')") == "goes on"


def test_a_killed_kernel_is_seen(kernel):
    manager, channels = kernel
    channels.execute("import os; os.kill(os.getpid(), 9)")
    assert eventually(lambda: not manager.is_alive())
    assert manager.provisioner.process.returncode == -signal.SIGKILL


def test_a_kernel_shuts_down_in_order_and_removes_its_files(tmp_path):
    manager, channels = start_new_kernel()
    path = tmp_path / "written"
    printed(channels, f"import atexit; atexit.register(open({str(path)!r}, 'w').write, 'done')")
    channels.stop_channels()
    process = manager.provisioner.process
    manager.shutdown_kernel()
    assert (path.read_text(), process.returncode) == ("done", 0)
    assert not os.path.exists(manager.connection_file)


def test_a_kernel_writes_where_the_client_says(tmp_path):
    manager = KernelManager()
    with (tmp_path / "out").open("wb") as out:
        manager.start_kernel(stdout=out, stderr=subprocess.PIPE)
        channels = manager.client()
        channels.start_channels()
        channels.wait_for_ready(timeout=30)
        printed(channels, "import sys; sys.__stdout__.write('out'); sys.__stderr__.write('err')")
        errors = manager.provisioner.process.stderr
        channels.stop_channels()
        manager.shutdown_kernel()
    assert (tmp_path / "out").read_text() == "out"
    assert errors.closed


def test_other_programs_and_independent_kernels_are_started_as_usual(tmp_path):
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.symlink_to(sys.executable)  # as in another environment of the same interpreter
    launch = [*provisioner.LAUNCH, "-f", "file"]
    environment = {"env": dict(os.environ)}
    assert provisioner.can_be_forked([sys.executable, *launch], environment)
    assert not provisioner.can_be_forked([str(other), *launch], environment)
    assert not provisioner.can_be_forked([sys.executable, "-m", "other"], environment)
    assert not provisioner.can_be_forked([sys.executable, *launch], environment | {"independent": True})
    assert not provisioner.can_be_forked([sys.executable, *launch], {"env": {"TZ": "Asia/Tokyo"}})


def test_without_forks_kernels_are_started_as_usual(monkeypatch):
    monkeypatch.setattr(client, "can_fork", lambda: False)
    manager, channels = start_new_kernel()
    said = printed(channels, "import os; print(os.getppid())")
    channels.stop_channels()
    manager.shutdown_kernel(now=True)
    assert said == str(os.getpid())
    assert isinstance(manager.provisioner, LocalProvisioner)


def sum_in_a_notebook(number):
    """What a notebook says, and whether its kernel was forked."""
    made = notebook(f"import os; print({number} + 1, os.getppid() == {os.getpid()})")
    return texts(run(made, "klktools", config=Config()))[0]  # by ports: stock kernels on files fail here


def sum_in_a_thread(number):
    """As above; nbclient leaves the loop of a thread open."""
    try:
        return sum_in_a_notebook(number)
    finally:
        ensure_event_loop().close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_clients_in_pools_have_kernels_of_their_own():
    sum_in_a_notebook(0)  # what children of this process inherit is in use
    expected = [f"{number + 1} False" for number in range(4)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(sum_in_a_notebook, range(4))) == expected
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(sum_in_a_thread, range(4))) == expected


def test_after_a_killed_client_no_kernel_is_left(tmp_path):
    path = tmp_path / "pids"
    script = f"""
    import os, time
    from jupyter_client.manager import start_new_kernel
    manager, channels = start_new_kernel()
    code = "import subprocess, time; subprocess.Popen(['sleep', '60'], start_new_session=True)"
    channels.execute_interactive(code, timeout=30)
    channels.execute("time.sleep(60)")

    open({str(path)!r}, "w").write(str(manager.provisioner.pid))
    time.sleep(60)
    """
    running = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    assert eventually(lambda: path.exists() and path.read_text() != "", 30)
    family = psutil.Process(running.pid).children(recursive=True)
    assert len(family) == 3  # template, kernel, its program
    running.kill()
    running.wait()
    assert eventually(lambda: not any(is_alive(process.pid) for process in family))
