"""Real papermill runs of tiny notebooks: every way a report can end."""

import json
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from klktools.dossier import findings_record, open_dossier
from klktools.dossier.seal import seal_dossiers
from klktools.report.make import Rendered, Task, make_report, settle, write_register
from tests.report.notebooks import SHOW as SHOW_DOSSIER
from tests.report.notebooks import write_tiny

SHOW = SHOW_DOSSIER.replace("{dossier}", "{place}")  # a report that is about no dossier
KILL = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
SLEEP = "import time\ntime.sleep({})"
KERNELS = pytest.mark.parametrize("kernels", ["warm", "ordinary"])
STEM = "0060-almsund"


def task(tmp_path, *sources, **changes) -> Task:
    about = {
        "code": "0060",
        "stem": STEM,
        "root": tmp_path,
        "notebook": write_tiny(tmp_path / "tiny.ipynb", *sources),
        "parameters": {"place": "../_dossiers/0060", "language": "da"},
        "title": "Tjek: Almsund",
        "footer": "Almsund",
        "language": "da",
    }
    return Task(**{**about, **changes})


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def said(outcome) -> tuple:
    return tuple(outcome[key] for key in ("status", "stage", "cell", "error", "outputs"))


def kept(tmp_path):
    return nbformat.read(tmp_path / "_failed" / STEM / f"{STEM}.ipynb", as_version=4)


def test_a_good_report_is_a_page_and_a_notebook(tmp_path):
    outcome = make_report(task(tmp_path, SHOW))
    assert (outcome["status"], outcome["error"]) == ("ok", "")
    assert files(tmp_path / STEM) == [f"{STEM}.html", f"{STEM}.ipynb"]
    assert sorted(outcome["outputs"]) == files(tmp_path / STEM)
    page = (tmp_path / STEM / f"{STEM}.html").read_text(encoding="utf-8")
    assert "<p>../_dossiers/0060 in da</p>" in page


@KERNELS
def test_two_runs_give_the_same_bytes(tmp_path, kernels):
    first = make_report(task(tmp_path, SHOW))
    second = make_report(task(tmp_path, SHOW, kernels=kernels))
    assert first["outputs"] == second["outputs"]


def test_the_kept_notebook_is_valid_and_names_no_time_and_no_path_of_the_machine(tmp_path):
    make_report(task(tmp_path, f"import warnings\nwarnings.warn('from a file')\n{SHOW}"))
    text = (tmp_path / STEM / f"{STEM}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["klktools"] == {"municipality": "0060", "language": "da", "status": "ok"}
    assert not re.search(r"start_time|end_time|duration|/tmp|/home|/root|\.py\b", text)


@KERNELS
def test_a_failing_cell_leaves_no_deliverable_and_a_marked_notebook(tmp_path, kernels):
    make_report(task(tmp_path, SHOW))
    outcome = make_report(task(tmp_path, SHOW, "raise ValueError('no such table')", kernels=kernels))
    assert said(outcome) == ("failed", "cell", 4, "ValueError: no such table", {})
    assert files(tmp_path / STEM) == []
    assert files(tmp_path / "_failed" / STEM) == [f"{STEM}.ipynb", "reason.txt"]
    assert kept(tmp_path).metadata["klktools"]["error"] == "ValueError: no such table"
    assert "papermill-error-cell" in kept(tmp_path).cells[0].source


@KERNELS
def test_a_killed_kernel_is_told_as_it_was(tmp_path, kernels):
    outcome = make_report(task(tmp_path, SHOW, KILL, SHOW, kernels=kernels))
    assert said(outcome) == ("failed", "kernel", 4, "the kernel died", {})
    assert kept(tmp_path).metadata["klktools"]["status"] == "failed"


@KERNELS
def test_a_cell_over_its_time_limit_is_told_as_it_was(tmp_path, kernels):
    outcome = make_report(task(tmp_path, SLEEP.format(60), cell_seconds=2, kernels=kernels))
    assert said(outcome) == ("failed", "time", 3, "a cell ran over its time limit", {})


@KERNELS
def test_a_report_over_its_time_limit_is_told_as_it_was(tmp_path, kernels):
    cells = [SLEEP.format(0.9)] * 8
    outcome = make_report(task(tmp_path, *cells, report_seconds=3, kernels=kernels))
    assert (outcome["status"], outcome["stage"]) == ("failed", "time")
    assert outcome["cell"] > 3


@KERNELS
def test_a_cell_that_ends_the_run_quietly_is_a_failure(tmp_path, kernels):
    outcome = make_report(task(tmp_path, SHOW, "import sys\nsys.exit(0)", SHOW, kernels=kernels))
    error = "ReportError: every cell of a report must run; found the run ended before cell 5."
    assert said(outcome) == ("failed", "page", None, error, {})


def test_a_bare_object_is_not_for_the_reader(tmp_path):
    outcome = make_report(task(tmp_path, "{'a': 1}"))
    assert outcome["error"] == (
        "ReportError: a cell of a report must put out blocks only; found execute_result ({'a': 1}) (cell 3)."
    )


def test_a_good_run_takes_the_failed_notebook_away(tmp_path):
    make_report(task(tmp_path, "1 / 0"))
    assert files(tmp_path / "_failed") == [STEM]
    make_report(task(tmp_path, SHOW))
    assert files(tmp_path / "_failed") == []


def test_a_folder_with_braces_and_spaces_is_a_folder_like_any_other(tmp_path):
    root = tmp_path / "my {reports}"
    root.mkdir()
    assert make_report(task(tmp_path, SHOW, root=root))["status"] == "ok"


def test_the_findings_file_is_the_record_of_the_dossier(tmp_path, sample_assessment):
    seal_dossiers(sample_assessment, tmp_path / "_dossiers")
    parameters = {"dossier": "../_dossiers/0048", "language": "da"}
    make_report(task(tmp_path, SHOW_DOSSIER, parameters=parameters))
    text = (tmp_path / STEM / f"{STEM}.findings.json").read_text(encoding="utf-8")
    assert json.loads(text) == findings_record(open_dossier(tmp_path / "_dossiers" / "0048"))
    assert "Kløverborg" in text


def test_a_folder_that_cannot_be_written_is_a_failure_that_names_no_path(tmp_path):
    (tmp_path / STEM).write_text("a file where the folder should be", encoding="utf-8")
    outcome = make_report(task(tmp_path, SHOW))
    assert said(outcome) == ("failed", "files", None, "File exists", {})


def test_a_report_that_names_another_municipality_is_set_aside_whole(tmp_path):
    register = tmp_path / "register.json"
    write_register([("0048", "Kløverborg")], register)
    leak = "from klktools.blocks import Paragraphs\nParagraphs(('Som i Kløverborg.',))"
    about = {"formats": ("html", "pdf"), "register": register}
    make_report(task(tmp_path, SHOW, **about | {"register": None}))
    outcome = make_report(task(tmp_path, leak, **about))
    assert (outcome["status"], outcome["stage"], outcome["outputs"]) == ("failed", "release", {})
    assert outcome["error"].endswith("(and 2 more)")
    assert files(tmp_path / STEM) == []
    aside = tmp_path / "_failed" / STEM
    assert files(aside) == [f"{STEM}.html", f"{STEM}.ipynb", f"{STEM}.pdf", "reason.txt"]
    reasons = (aside / "reason.txt").read_text(encoding="utf-8").splitlines()
    assert len(reasons) == 3
    assert all("another municipality's name" in reason and "Kløverborg" in reason for reason in reasons)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 300 KiB, which needs Linux and the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_the_old_report_stays_whole(small_disk):
    about = {"municipality": "0060", "status": "ok", "stage": "", "cell": None, "error": "", "seconds": 0.0}
    chosen = task(small_disk, SHOW)
    old = {f"{STEM}.html": b"old page", f"{STEM}.pdf": b"old pdf"}
    assert settle(chosen, Rendered(about, old))["status"] == "ok"
    new = {f"{STEM}.html": b"new page", f"{STEM}.pdf": bytes(400_000)}
    assert said(settle(chosen, Rendered(about, new))) == (
        "failed",
        "files",
        None,
        "No space left on device",
        {},
    )
    folder = Path(small_disk) / STEM
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == old


@pytest.mark.parametrize(("language", "heading"), [("da", "Afsnit &amp; mere"), ("en", "Section &amp; more")])
def test_the_page_speaks_one_language(tmp_path, language, heading):
    from klktools.report.notebook import in_language, read_notebook, write_notebook

    prepared = tmp_path / "prepared.ipynb"
    write_notebook(in_language(read_notebook(write_tiny(tmp_path / "t.ipynb", SHOW)), language), prepared)
    make_report(task(tmp_path, SHOW, notebook=prepared, language=language))
    page = (tmp_path / "0060-almsund" / "0060-almsund.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert page.count("<h2 ") == 1
    assert heading in page
