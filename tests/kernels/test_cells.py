"""The same notebook, compared whole, from a forked process and from an ordinary kernel."""

from __future__ import annotations

import functools

import pytest
from papermill.exceptions import PapermillExecutionError

from tests.kernels.common import differences, needs_fork, notebook, run

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

NOTEBOOKS = {
    "text": [
        "# Prose",
        "print('a', end='')\nprint('b')\nimport sys\nprint('err', file=sys.stderr)\nprint('c')",
        "print('æ ø å \\u2028 \\x1b[31mred\\x1b[0m'); 1 + 1",
        "'value';",
        "",
        "None",
        "print('x', flush=True); print('y')",
        "sys.stdout.write('no newline')",
        "sys.stdout.writelines(['a\\n', 'b\\n']); sys.stdout.isatty(), sys.stdout.name, sys.stdout.encoding",
        "print('one\\rtwo\\n', 'x' * 1_000)",
    ],
    "programs": [
        "!echo from a shell",
        "!echo to stderr >&2; false",
        "%%bash\necho in bash\necho and stderr >&2",
        "files = !printf 'a\\nb'\nfiles",
        "import subprocess, sys, os\nprint('before')\nsubprocess.run(['echo', 'between'])\nprint('after')",
        "subprocess.run('echo x > /dev/stderr', shell=True).returncode",
        "os.system('echo system'); os.write(1, b'raw\\n'); os.write(2, b'raw error\\n');",
        "subprocess.run([sys.executable, '-c', 'print((\"y\" * 99 + chr(10)) * 2_000)']).returncode",
        "subprocess.run(['echo', 'not here'], stdout=sys.stdout).returncode",
        "subprocess.run(['cat'], capture_output=True)",
    ],
    "warnings": [
        "import warnings\nwarnings.warn('careful')",
        "warnings.warn('old', DeprecationWarning)\nwarnings.warn('later', FutureWarning)",
        "def f():\n    warnings.warn('in a function', stacklevel=2)\nf()",
        "import logging\nlogging.warning('logged')\nlogging.getLogger('x').error('too')",
    ],
    "displays": [
        "from IPython.display import *\ndisplay('a', 'b', {'c': 1})",
        "print('before'); display(HTML('<b>æ</b>')); print('after'); Markdown('**x**')",
        "display({'application/json': {'a': [1, None, 2.5]}}, raw=True, metadata={'m': 1})",
        f"Image(data=__import__('base64').b64decode('{PIXEL}'), format='png')",
        "shown = display('first', display_id='name')",
        "display('again', display_id='name'); 'result'",
        "shown.update('changed'); update_display('changed twice', display_id='name')",
        "update_display('nobody', display_id='unknown')",
        "print('gone'); clear_output(); print('stays')",
        "print('gone'); clear_output(wait=True); display('stays')",
        "print('stays'); clear_output(wait=True)",
        "display('kept', display_id='k'); clear_output(); display('new', display_id='k2')",
        "update_display('late', display_id='k'); update_display('late 2', display_id='k2')",
        "class Both:\n"
        "    def _repr_mimebundle_(self, **k): return {'text/plain': 'p', 'text/html': 'h'}, {'x': 1}\n"
        "Both()",
        "JSON({'a': 1}), Latex('$x$')",
        "import comm\nc = comm.create_comm(target_name='jupyter.widget', comm_id='fixed', data={'state': "
        "{'_model_name': 'M', '_model_module': 'm', '_model_module_version': '1', 'value': 3}})",
        "c.send({'method': 'update', 'state': {'value': 4}, 'buffer_paths': [['data']]}, buffers=[b'abc'])",
    ],
    "figures": [
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "fig, axes = plt.subplots(1, 2); axes[0].set_title('æ')\nfig",
        "plt.scatter([1], [2]); plt.show(); print('after'); plt.figure();",
        "%matplotlib inline",
        "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'x'",
        "import os; os.environ['SOURCE_DATE_EPOCH'] = '0'\nplt.plot([2, 1]);",
        "plt.get_backend(), plt.isinteractive()",
        "import pandas as pd\npd.DataFrame({'a': [1.5, None], 'b': ['x', 'y']})",
    ],
    "errors": [
        ("1 / 0", "raises-exception"),
        ("def f(x):\n    raise ValueError(f'bad {x}') from KeyError('k')\nf(1)", "raises-exception"),
        ("print('before'); import nowhere_to_be_found", "raises-exception"),
        ("x = (", "raises-exception"),
        ("%no_such_magic", "raises-exception"),
        ("raise KeyboardInterrupt", "raises-exception"),
        ("raise ExceptionGroup('two', [ValueError(1), TypeError(2)])", "raises-exception"),
        ("class Bad:\n    def __repr__(self): raise RuntimeError('no text')\nBad()", "raises-exception"),
        ("not_run()", "skip-execution"),
        "_ = 5\n_, __name__, 'In' in dir()",
    ],
    "asynchronous": [
        "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')",
        "async def later():\n    await asyncio.sleep(0.01)\n    return 'done'\n"
        "task = asyncio.create_task(later())",
        "await task",
        "await asyncio.gather(later(), later())",
        ("one = later()\ntry: asyncio.run(one)\nfinally: one.close()", "raises-exception"),
        ("await asyncio.wait_for(asyncio.sleep(5), 0.01)", "raises-exception"),
        "asyncio.get_running_loop().is_running()",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, 2])))",
        "import threading\nt = threading.Thread(target=print, args=('in a thread',)); t.start(); t.join()",
        "async with asyncio.timeout(1):\n    print('in time')",
    ],
    "magics": [
        "%%capture out\nprint('caught')",
        "out.stdout, len(out.outputs)",
        "len?",
        "%who_ls",
        "%%writefile /dev/null\ntext",
        "%xmode Minimal",
        ("1 / 0", "raises-exception"),
        "1\n2\n3",
        "In[1], Out.keys(), _",
        "%history -n 1-2",
        "shell = get_ipython()\n"
        "shell.__class__.__name__, 'IPKernelApp' in shell.config, type(shell.kernel).__name__",
        "%%html\n<i>x</i>",
        "%pdb off",
        "%precision 3\n",
        "3.14159",
    ],
    "surroundings": [
        "import os, sys, signal, threading\nsorted(name for name in os.environ if name[:8] != 'JUPYTER_')",
        "sorted((k, v) for k, v in os.environ.items() if k[:8] != 'JUPYTER_')",
        "os.getcwd()",
        "[path for path in sys.path]",
        "mask = os.umask(0); _ = os.umask(mask); mask",
        "[(str(s), str(signal.getsignal(s))) for s in signal.valid_signals()]",
        "signal.pthread_sigmask(signal.SIG_BLOCK, [])",
        "import resource\n"
        "[resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith('RLIMIT')]",
        "os.getsid(0) == os.getpid() == os.getpgrp()",
        "sys.flags, sys.executable, sys.warnoptions, sys.getrecursionlimit(), len(sys.argv[0]) > 0",
        "threading.current_thread().name, __name__, sys.modules['__main__'].__dict__ is globals()",
        "import locale\nlocale.getlocale(), sys.getfilesystemencoding()",
    ],
    "state of libraries": [
        "import warnings, logging\nimport pandas as pd, numpy as np, matplotlib, matplotlib.pyplot as plt",
        "[(k, str(v)) for k, v in sorted(matplotlib.rcParams.items())]",
        "pd.describe_option()",
        "np.get_printoptions(), np.geterr()",
        "sorted(map(str, warnings.filters))",
        "logging.root.handlers, logging.root.level, logging.getLogger('matplotlib').level",
        "import decimal, gc, random\ndecimal.getcontext(), gc.isenabled(), gc.get_threshold()",
        "plt.get_fignums(), matplotlib.style.available[:3]",
        "[n for n in ('klktools', 'IPython') if n in globals()]",
    ],
    "processes": [
        "import multiprocessing as mp, os\nif __name__ == '__main__': print(mp.get_start_method())",
        "with mp.get_context('fork').Pool(2) as pool: print(pool.map(abs, range(-3, 3)))",
        "with mp.get_context('spawn').Pool(1) as pool: print(pool.map(abs, range(-3, 3)))",
        "p = mp.get_context('fork').Process(target=print, args=('printed by a child',))\n"
        "p.start(); p.join(); p.exitcode",
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool: print(sum(pool.map(pow, range(5), [2] * 5)))",
        "pid = os.fork()\nif pid == 0: os._exit(3)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    ],
}  # fmt: skip


@needs_fork
@pytest.mark.parametrize("way", ["klktools-forked", "provisioner"])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_the_same_as_from_an_ordinary_kernel(name, way):
    # a busy ordinary kernel may show late what another program has written, so then it is asked again
    for again in range(8 if name == "programs" else 1):
        found = differences(executed(name, way), ordinary(name, again))
        if not found:
            break
    assert found == []


@functools.cache
def ordinary(name, again):
    return executed(name, "klktools")


def executed(name, way):
    try:
        return run(notebook(*NOTEBOOKS[name]), way, coalesce_streams=True, allow_errors=True)
    except PapermillExecutionError as error:
        return error.notebook
