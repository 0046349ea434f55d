"""Real papermill runs of tiny notebooks: every way a report can end."""

import json
import re

import nbformat
import pytest

from klktools.report.make import Task, make_report
from tests.report.notebooks import SHOW, write_tiny

KILL = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def task(tmp_path, *sources, **changes) -> Task:
    about = {
        "code": "0060",
        "stem": "0060-almsund",
        "root": tmp_path,
        "notebook": write_tiny(tmp_path / "tiny.ipynb", *sources),
        "parameters": {"dossier": "../_dossiers/0060", "language": "da"},
        "title": "Tjek: Almsund",
        "footer": "Almsund",
        "language": "da",
        "record": {"findings": []},
    }
    return Task(**{**about, **changes})


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_good_report_is_a_page_a_notebook_and_its_findings(tmp_path):
    outcome = make_report(task(tmp_path, SHOW))
    folder = tmp_path / "0060-almsund"
    assert (outcome["status"], outcome["error"]) == ("ok", "")
    assert files(folder) == ["0060-almsund.findings.json", "0060-almsund.html", "0060-almsund.ipynb"]
    assert sorted(outcome["outputs"]) == files(folder)
    assert "<p>../_dossiers/0060 in da</p>" in (folder / "0060-almsund.html").read_text(encoding="utf-8")


def test_two_runs_give_the_same_bytes(tmp_path):
    first = make_report(task(tmp_path, SHOW))
    second = make_report(task(tmp_path, SHOW))
    assert first["outputs"] == second["outputs"]


def test_the_kept_notebook_is_valid_and_names_no_time_and_no_path_of_the_machine(tmp_path):
    make_report(task(tmp_path, f"import warnings\nwarnings.warn('from a file')\n{SHOW}"))
    text = (tmp_path / "0060-almsund" / "0060-almsund.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["klktools"] == {"municipality": "0060", "language": "da", "status": "ok"}
    assert not re.search(r"start_time|end_time|duration|/tmp|/home|/root|\.py\b", text)


def test_a_failing_cell_leaves_no_deliverable_and_a_marked_notebook(tmp_path):
    make_report(task(tmp_path, SHOW))
    outcome = make_report(task(tmp_path, SHOW, "raise ValueError('no such table')"))
    assert {key: outcome[key] for key in ("status", "stage", "cell", "error", "outputs")} == {
        "status": "failed",
        "stage": "cell",
        "cell": 4,
        "error": "ValueError: no such table",
        "outputs": {},
    }
    assert files(tmp_path / "0060-almsund") == []
    kept = nbformat.read(tmp_path / "_failed" / "0060-almsund.ipynb", as_version=4)
    assert kept.metadata["klktools"]["error"] == "ValueError: no such table"
    assert "papermill-error-cell" in kept.cells[0].source


def test_a_killed_kernel_is_told_as_it_was(tmp_path):
    outcome = make_report(task(tmp_path, SHOW, KILL, SHOW))
    assert (outcome["status"], outcome["stage"], outcome["cell"], outcome["error"]) == (
        "failed",
        "kernel",
        4,
        "the kernel died",
    )
    kept = nbformat.read(tmp_path / "_failed" / "0060-almsund.ipynb", as_version=4)
    assert kept.metadata["klktools"]["status"] == "failed"


def test_a_cell_over_its_time_limit_is_told_as_it_was(tmp_path):
    outcome = make_report(task(tmp_path, "import time\ntime.sleep(30)", cell_seconds=2))
    assert (outcome["status"], outcome["stage"], outcome["cell"]) == ("failed", "time", 3)


def test_a_bare_object_is_not_for_the_reader(tmp_path):
    outcome = make_report(task(tmp_path, "{'a': 1}"))
    assert outcome["error"] == (
        "ReportError: a cell of a report must put out blocks only; found execute_result ({'a': 1}) (cell 3)."
    )


def test_a_good_run_takes_the_failed_notebook_away(tmp_path):
    make_report(task(tmp_path, "1 / 0"))
    assert files(tmp_path / "_failed") == ["0060-almsund.ipynb"]
    make_report(task(tmp_path, SHOW))
    assert files(tmp_path / "_failed") == []


def test_a_folder_with_braces_and_spaces_is_a_folder_like_any_other(tmp_path):
    root = tmp_path / "my {reports}"
    root.mkdir()
    assert make_report(task(tmp_path, SHOW, root=root))["status"] == "ok"


def test_the_findings_record_is_written_as_given(tmp_path):
    make_report(task(tmp_path, SHOW, record={"b": "ø", "a": [1]}))
    text = (tmp_path / "0060-almsund" / "0060-almsund.findings.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [1], "b": "ø"}
    assert "ø" in text


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
