"""JupyterLab for real: the command that opens it, and the report run in it, seen in a browser."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from klktools.cli import main
from klktools.cli.lab import QUIET_LAB
from klktools.dossier.seal import seal_dossiers
from klktools.explore import keep_one
from tests.conftest import ROOT

REPORT = "municipality_report.ipynb"
PATIENCE = 120  # seconds; several suites may share the machine

RUN_ALL = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
    return panel.sessionContext.session.kernel.status;
}"""
CODE_CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map(cell => cell.model.toJSON()).filter(cell => cell.cell_type == 'code')"""


@dataclass(frozen=True)
class Lab:
    address: str
    token: str

    def url(self, path: str) -> str:
        return f"{self.address}{path}?token={self.token}&reset"


@contextmanager
def running(command: list[str], home: Path) -> Iterator[Lab]:
    """A JupyterLab with settings, data and token of its own on a free port; ended with all its kernels."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16))
    server = {"ip": "127.0.0.1", "port": port, "port_retries": 0, "open_browser": False, "allow_root": True}
    config = {"ServerApp": server, "IdentityProvider": {"token": lab.token}}
    folders = {
        name: home / "jupyter" / name for name in ("config", "data", "runtime", "settings", "workspaces")
    }
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["config"] / "jupyter_server_config.json").write_text(json.dumps(config), encoding="utf-8")
    kinds = {"settings": "JUPYTERLAB_SETTINGS_DIR", "workspaces": "JUPYTERLAB_WORKSPACES_DIR"}
    own = {kinds.get(name, f"JUPYTER_{name.upper()}_DIR"): str(path) for name, path in folders.items()}
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=home, env=os.environ | own, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(lab, process, home / "lab.log")
            yield lab
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(lab: Lab, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(lab.url("/api"), timeout=5):
                return
        except URLError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def report_lab(sample_assessment, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab in a folder laid out as the repository: notebooks beside the reports' dossiers."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / REPORT, home / "notebooks")
    seal_dossiers(keep_one(sample_assessment, "0048"), home / "reports" / "_dossiers")
    shown = ["--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={home / 'notebooks'}"]
    with running([sys.executable, "-m", "jupyterlab", *QUIET_LAB, *shown], home) as lab:
        yield lab


@pytest.fixture(scope="module")
def report_page(report_lab, browser):
    """The report notebook open in a browser, and every address the browser asked for."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report_lab.url(f"/lab/tree/{REPORT}"))
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'",
        timeout=PATIENCE * 1000,
    )
    page.evaluate(RUN_ALL)
    yield page, asked
    page.close()


def test_the_report_runs_in_jupyterlab_without_an_error_and_shows_its_figures(report_page, tmp_path):
    page, _ = report_page
    cells = page.evaluate(CODE_CELLS)
    assert all(cell["execution_count"] for cell in cells)
    drawn = sum(cell["source"].startswith("klk.plot_") for cell in cells)
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert kinds == {"execute_result"}
    page.wait_for_function(
        f"() => document.querySelectorAll('.jp-OutputArea svg.klk-svg').length == {drawn}",
        timeout=PATIENCE * 1000,
    )
    figure = page.locator("svg.klk-svg").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box["width"] > 300
    assert box["height"] > 100
    page.screenshot(path=tmp_path / "report.png")


def test_jupyterlab_asks_nothing_of_the_outside_and_offers_no_news(report_page, report_lab):
    page, asked = report_page
    assert asked
    assert not [url for url in asked if not url.startswith((report_lab.address, "data:", "blob:"))]
    assert page.evaluate("() => window.jupyterapp.restored.then(() => true)")
    assert page.get_by_text("Jupyter news").count() == 0


def test_klktools_lab_opens_the_exploration_notebook_in_the_notebooks_folder(tmp_path):
    main(["sample", "--to", str(tmp_path / "round"), "--municipalities", "3"])
    command = [sys.executable, "-m", "klktools", "lab", "round", "--to", "reports"]
    with running(command, tmp_path) as lab:
        with urlopen(lab.url("/lab/tree/explore.ipynb")) as answer:
            page = answer.read().decode()
        with urlopen(lab.url("/api/contents")) as answer:
            listed = {entry["name"] for entry in json.load(answer)["content"]}
    settings = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.S)[1])
    assert settings["treePath"] == "explore.ipynb"
    assert settings["news"] == {"disabled": True}
    assert settings["extensionManager"]["can_install"] is False
    assert {"explore.ipynb", "municipality_report.ipynb"} <= listed
    assert len(list((tmp_path / "reports" / "_dossiers").glob("[0-9]*"))) == 3
    said = (tmp_path / "lab.log").read_text(encoding="utf-8")
    assert f'explore.ipynb: data = "{(tmp_path / "round").resolve().as_posix()}"' in said
