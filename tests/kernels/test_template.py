"""What a forked process inherits, how it ends, and what ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from klktools.kernels import forked
from klktools.kernels.client import Template, TemplateError
from tests.kernels.common import eventually, is_alive, needs_fork, started, told

pytestmark = needs_fork
# a child in its group, one in a session of its own, and a daemon that init would inherit
FAMILY = """
import os, subprocess, sys, time
plain = subprocess.Popen(["sleep", "60"])
apart = subprocess.Popen(["sleep", "60"], start_new_session=True)
daemon = subprocess.run(["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"], stdout=subprocess.PIPE)
family = [os.getpid(), plain.pid, apart.pid, int(daemon.stdout)]
with open(PATH + ".part", "w") as file: file.write(" ".join(map(str, family)))
os.rename(PATH + ".part", PATH)
"""


def family(path):
    """The process ids that FAMILY wrote, when it has."""
    assert eventually(path.exists, 20)
    pids = [int(pid) for pid in path.read_text().split()]
    assert all(map(is_alive, pids))
    return pids


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("pass", 0),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit('text')", 1),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_a_process_ends_with_its_own_exit_code(template, source, code):
    process = started(template, source)
    assert (process.wait(10), process.poll(), process.returncode) == (code, code, code)


def test_a_process_has_no_descriptors_but_its_own(template):
    siblings = [started(template, "import time; time.sleep(30)") for _ in range(3)]
    listed = told(template, "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")
    assert listed == "[0, 1, 2, 3]"  # the last is the listing's
    assert [sibling.poll() for sibling in siblings] == [None] * 3


def test_programs_that_a_process_starts_get_none_of_its_descriptors(template):
    kept = "import os; kept = os.open('/dev/null', os.O_RDONLY)"
    listed = told(template, f"{kept}; os.system('ls /proc/self/fd')")
    assert listed.split() == ["0", "1", "2", "3"]  # the last is the listing's


def test_a_process_leads_a_session_of_its_own_with_the_usual_signals(template):
    source = """
    import os, signal
    print(os.getpid() == os.getsid(0) == os.getpgrp(), signal.pthread_sigmask(signal.SIG_BLOCK, []))
    print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.set_wakeup_fd(-1))
    print([signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGCHLD)])
    """
    defaults = "[<Handlers.SIG_DFL: 0>, <Handlers.SIG_DFL: 0>]"
    assert told(template, textwrap.dedent(source)).splitlines() == ["True set()", "True -1", defaults]


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_signal_that_is_ignored_stays_so_as_in_a_started_process(handler):
    before = signal.signal(signal.SIGHUP, handler)  # ignored as by nohup
    try:
        template = Template(["json"])
        source = "import signal; print(repr(signal.getsignal(signal.SIGHUP)))"
        assert told(template, source) == repr(handler)
        template.close()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_environment_and_folder_are_those_asked_for(template, tmp_path):
    source = "import os, tempfile; print(dict(os.environ), os.getcwd(), tempfile.gettempdir())"
    env = {"A": "æ", "TMPDIR": str(tmp_path)}
    assert told(template, source, env=env, cwd=str(tmp_path)) == f"{env} {tmp_path} {tmp_path}"


def test_processes_draw_different_random_numbers():
    template = Template(["numpy.random:rand", "random:random"])  # used before the fork, so seeded
    source = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = (told(template, source).split() for _ in range(2))
    template.close()
    assert not set(first) & set(second)


def test_nothing_runs_in_a_template_that_a_fork_would_lose():
    template = forked.template()
    source = "import threading, sys, asyncio; print(threading.active_count(), 'IPython' in sys.modules)"
    assert told(template, source) == "1 True"
    instances = """
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib._pylab_helpers import Gcf
    import asyncio, sys, zmq
    print(InteractiveShell.initialized(), Gcf.figs, zmq.Context._instance, asyncio._get_running_loop())
    print([n for n in ("klktools.indicators", "matplotlib_inline.backend_inline") if n in sys.modules])
    """
    said = told(template, textwrap.dedent(instances)).splitlines()
    assert said == ["False OrderedDict() None None", "[]"]


def test_what_a_template_cannot_import_is_said():
    template = Template(["json", "no_such_module"])
    message = (
        "the template of warm processes must be running; "
        "found ModuleNotFoundError: No module named 'no_such_module'."
    )
    with pytest.raises(TemplateError) as caught:
        template.fork("builtins:exec", "pass").started(20)
    template.close()
    assert str(caught.value) == message


def test_a_process_whose_client_lets_go_is_killed(template, tmp_path):
    path = tmp_path / "family"
    process = started(template, f"PATH = {str(path)!r}\n{FAMILY}\ntime.sleep(60)")
    pids = family(path)
    del process
    assert eventually(lambda: not any(map(is_alive, pids)))


@pytest.mark.parametrize("end", ["pass", "os._exit(0)", "os.kill(os.getpid(), 11)"])
def test_with_a_process_ends_all_that_it_started(template, tmp_path, end):
    path = tmp_path / "family"
    process = started(template, f"PATH = {str(path)!r}\n{FAMILY}\ntime.sleep(1)\n{end}")
    pids = family(path)
    process.wait(10)
    assert not any(map(is_alive, pids))


def test_what_another_process_started_is_left_alone(template, tmp_path):
    path = tmp_path / "family"
    other = started(template, f"PATH = {str(path)!r}\n{FAMILY}\ntime.sleep(60)")
    pids = family(path)
    started(template, "pass").wait(10)
    assert all(map(is_alive, pids))
    other.kill()


def test_a_process_whose_template_has_gone_before_it_could_ask_for_its_end_ends_by_itself():
    """Between the fork and its first call no signal can come: the parent is another by now."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    source = (
        "import sys; from klktools.kernels import template; template._end_with(int(sys.argv[1])); print(1)"
    )
    left = subprocess.run([sys.executable, "-c", source, str(gone.pid)], capture_output=True, text=True)
    kept = subprocess.run([sys.executable, "-c", source, str(os.getpid())], capture_output=True, text=True)
    assert (left.returncode, left.stdout, kept.returncode, kept.stdout) == (1, "", 0, "1\n")


def test_a_killed_template_takes_its_processes_along(template):
    process = started(template, "import time; time.sleep(60)")
    pid = process.pid
    template._process.kill()
    assert process.wait(5) == -signal.SIGKILL
    assert eventually(lambda: not is_alive(pid))
    with pytest.raises(TemplateError) as caught:
        template.fork("builtins:exec", "pass").started(5)
    assert "the template of warm processes must be running; found " in str(caught.value)
    assert not template.runs()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_killed_client_nothing_is_left(tmp_path, number):
    path, scratch = tmp_path / "family", tmp_path / "scratch"
    scratch.mkdir()
    script = f"""
    import time
    from klktools.kernels.client import Template
    template = Template(["json"], {str(scratch)!r})
    source = "PATH = {str(path)!r}\\n" + {FAMILY!r} + "\\ntime.sleep(60)"
    process = template.fork("builtins:exec", source)
    time.sleep(60)
    """
    runner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    pids = family(path)
    pids.append(psutil.Process(pids[0]).ppid())
    runner.send_signal(number)
    runner.wait()
    assert eventually(lambda: not any(map(is_alive, pids)))
    assert eventually(lambda: not scratch.exists())


def test_a_template_ends_with_the_one_that_started_it_while_others_hold_it(tmp_path):
    path = tmp_path / "pid"
    script = f"""
    import os, time
    from klktools.kernels.client import Template
    template = Template(["json"])
    if os.fork() == 0:
        time.sleep(8)
        os._exit(0)
    open({str(path)!r}, "w").write(str(template._process.pid))
    template.fork("builtins:exec", "import time; time.sleep(60)").started()
    os._exit(0)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=30)
    assert eventually(lambda: not is_alive(int(path.read_text())))


def test_exit_handlers_run_and_text_is_written(template, tmp_path):
    path = tmp_path / "written"
    source = f"""
    import atexit, tempfile, threading, time
    atexit.register(lambda: open({str(path)!r}, "a").write("exit handler"))
    def later(sleep=time.sleep):
        sleep(0.2)
        open({str(path)!r}, "a").write("thread, ")
    threading.Thread(target=later).start()
    kept = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
    print("no newline, not flushed", end="")
    """
    assert told(template, textwrap.dedent(source)) == "no newline, not flushed"
    assert path.read_text() == "thread, exit handler"
    assert list(tmp_path.iterdir()) == [path]


def test_a_signal_arrives_once(template, tmp_path):
    path = tmp_path / "signals"
    source = f"""
    import signal, time
    def note(*_): open({str(path)!r}, "a").write("x")
    signal.signal(signal.SIGINT, note)
    open({str(path)!r}, "w").close()
    time.sleep(0.5)
    time.sleep(0.5)
    """
    process = started(template, textwrap.dedent(source))
    assert eventually(path.exists)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    process.send_signal(signal.SIGINT)  # to nobody
    assert path.read_text() == "x"


def test_no_zombie_and_no_descriptor_is_left_in_the_template(template):
    def descriptors():
        return len(os.listdir(f"/proc/{template._process.pid}/fd"))

    told(template, "pass")
    before = descriptors()  # perhaps with the channel of "pass", which is closed after its last message
    for _ in range(20):
        told(template, "import os; os.fork()")
    assert psutil.Process(template._process.pid).children() == []
    assert eventually(lambda: descriptors() <= before)


def test_a_client_that_does_not_listen_does_no_harm(template):
    for _ in range(20):
        template.fork("builtins:exec", "pass")._channel.close()
    time.sleep(0.2)
    assert told(template, "print('well')") == "well"


def test_an_environment_that_is_too_large_is_refused(template):
    with pytest.raises(TemplateError) as caught:
        template.fork("builtins:exec", "pass", env={"A": "x" * 200_000})
    assert "the environment of a warm process must fit in 131072 bytes; found 200" in str(caught.value)
    assert told(template, "print('well')") == "well"


def test_a_client_with_thousands_of_open_files_can_fork(template):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1200)]
    try:
        process = started(template, "pass")
        assert process.fileno() > 1024
        assert process.wait(10) == 0
    finally:
        for fd in opened:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_adopted_template_forks_and_is_left_running(template):
    adopted = Template.adopt(os.dup(template.control.fileno()))
    assert told(adopted, "print('adopted')") == "adopted"
    adopted.close()
    assert told(template, "print('still')") == "still"


def test_memory_is_shared_with_the_template():
    template = forked.template()
    source = "print(open('/proc/self/smaps_rollup').read())"
    fields = dict(line.split(":") for line in told(template, source).splitlines() if ":" in line[:30])
    own = int(fields["Private_Dirty"].split()[0])
    assert own < int(fields["Rss"].split()[0]) / 2
