"""The test suites of papermill, nbclient and jupyter_kernel_test, stock and with warm processes.

``python benchmarks/peer_suites.py FOLDER`` makes an environment of its own under FOLDER (versions as in
requirements-dev.lock), runs each suite unedited once for each way, prints a table of the results and the
tests whose result differs from the stock one, and ends with 1 when one of them has no explanation.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import venv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
SOURCES = ("nbclient==0.11.0", "jupyter_kernel_test==0.7.0")
PACKAGES = (
    *("papermill", "nbclient", "jupyter_client", "ipykernel", "nbconvert", "pandas", "matplotlib", "psutil"),
    *("pytest", "pytest-asyncio", "pytest-mock", "flaky", "testpath", "xmltodict", "ipywidgets"),
    *("jsonschema", "requests"),
)
FORKED_KERNELS = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "klktools-forked"}
FORKED_CELLS = ["-p", "forked_by_default"]
NONE: list[str] = []
# these look at how papermill makes a client of its own, which the engine that forks does not make
EXPLAINED = {
    ("forked cells", ".TestNotebookHelpers::test_default_start_timeout"),
    ("forked cells", ".TestNotebookHelpers::test_start_timeout"),
}
# those on cloud storage need accounts
PAPERMILL = ("autosave", "cli", "clientwrap", "conf", "engines", "exceptions", "execute", "inspect", "iorw")
PAPERMILL += ("parameterize", "translators", "utils")


@dataclass(frozen=True)
class Suite:
    """Where a suite is and how it is run."""

    name: str
    folder: Path
    arguments: Sequence[str]


def main() -> int:
    """Make the environment, run all suites in all ways, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="the name of one suite")
    options = parser.parse_args()
    folder = options.folder.resolve()
    python = make_environment(folder)
    differing = 0
    print(f"{'suite':22}{'way':16}{'passed':>8}{'failed':>8}{'skipped':>8}{'differing':>11}")
    for suite in suites(folder):
        if options.only in (None, suite.name):
            differing += compare(suite, python, folder)
    return int(differing > 0)


def make_environment(folder: Path) -> Path:
    """The interpreter of an environment with the suites' needs and this toolkit; made once."""
    python = folder / "venv" / "bin" / "python"
    if python.exists():
        return python
    venv.create(folder / "venv", with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    lock = (ROOT / "requirements-dev.lock").read_text("utf-8")
    pins = re.findall(r"^([\w.-]+==[^\\\n]+)", lock, re.MULTILINE)
    (folder / "constraints.txt").write_text("\n".join(pins))
    constraints = ["--constraint", str(folder / "constraints.txt")]
    subprocess.run([*pip, "install", "--quiet", *constraints, *PACKAGES], check=True)
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--editable", str(ROOT)], check=True)
    for source in SOURCES:
        name = source.partition("==")[0]
        download = ["download", "--quiet", "--no-deps", "--no-binary", name, "--dest", str(folder), source]
        subprocess.run([*pip, *download], check=True)
        with tarfile.open(folder / f"{source.replace('==', '-')}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return python


def suites(folder: Path) -> list[Suite]:
    """The suites that `make_environment` has unpacked or installed."""
    (folder / "papermill").mkdir(exist_ok=True)
    modules = [f"papermill.tests.test_{name}" for name in PAPERMILL]
    loops = ["-o", "asyncio_default_fixture_loop_scope=function"]
    return [
        Suite("jupyter_kernel_test", folder / "jupyter_kernel_test-0.7.0", ["test_ipykernel.py"]),
        Suite("nbclient", folder / "nbclient-0.11.0", [*loops, "tests"]),
        Suite("papermill", folder / "papermill", ["--pyargs", *modules]),
    ]


def compare(suite: Suite, python: Path, folder: Path) -> int:
    """Run a suite in all ways and print what came of it; how many tests differ without an explanation."""
    nothing: dict[str, str] = {}
    ways = {"stock": (nothing, NONE), "forked kernels": (FORKED_KERNELS, NONE)}
    if suite.name == "papermill":
        ways["forked cells"] = (nothing, FORKED_CELLS)
    stock: dict[str, str] = {}
    differing = 0
    for way, (env, arguments) in ways.items():
        results = run(suite, python, folder / f"{suite.name}-{way.replace(' ', '-')}.xml", env, arguments)
        stock = stock or results
        other = [test for test in sorted(stock | results) if stock.get(test) != results.get(test)]
        counts = Counter(results.values())
        numbers = "".join(f"{counts[outcome]:>8}" for outcome in ("passed", "failed", "skipped"))
        print(f"{suite.name:22}{way:16}{numbers}{len(other):>11}", flush=True)
        for test in other:
            explained = (way, test) in EXPLAINED
            print(f"    {test}: {stock.get(test)} -> {results.get(test)}{' (explained)' * explained}")
            differing += not explained
    return differing


def run(
    suite: Suite, python: Path, report: Path, env: dict[str, str], arguments: Sequence[str]
) -> dict[str, str]:
    """The outcome of every test."""
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    path = os.pathsep.join((str(python.parent), os.environ["PATH"]))
    surroundings = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "benchmarks"), **env}
    with report.with_suffix(".log").open("w") as log:
        subprocess.run(
            [*command, *arguments, *suite.arguments],
            cwd=suite.folder,
            env=surroundings,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    cases = ElementTree.parse(report).iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}": outcome(case) for case in cases}


def outcome(case: ElementTree.Element) -> str:
    """passed, failed or skipped."""
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


if __name__ == "__main__":
    sys.exit(main())
