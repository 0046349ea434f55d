"""The rules of the house (DESIGN, section 2), read from the imports of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import klktools

ROOT = Path(klktools.__file__).parent
MODULES = {
    ".".join(("klktools", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
STEPS = ("indicators", "interviews", "scoring", "benchmark", "findings", "figures", "wording")
AREAS = ("plan", "depth", "gains", "leadership", "data_quality")
# analysis that only the assessment composes
ANALYSIS = ("indicators", "interviews", "scoring", "benchmark", "findings")
# words and labels that a figure shares with the sentences beside it; no step is among them
WORDS = ("numbers", "templates", "reading", "benchmark")
READS = ("open", "read_text", "read_bytes", "read_csv", "read_excel", "read_parquet", "read_table")


def imported(path: Path) -> set[str]:
    """Every module and name a file imports, also inside functions; relative imports are not used here."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def room(module: str) -> str:
    return (module.split(".") + ["", ""])[1]


def rooms(path: Path) -> set[str]:
    return {room(name) for name in imported(path) if name.startswith("klktools.")}


def modules_of(*names: str) -> list[str]:
    return [module for module in MODULES if room(module) in names]


@pytest.mark.parametrize("module", modules_of(*STEPS))
def test_steps_do_not_import_one_another(module):
    others = rooms(MODULES[module]) & (set(STEPS) - {room(module)})
    if room(module) == "figures":
        others -= {"wording"}
    assert not others


@pytest.mark.parametrize("module", modules_of("figures"))
def test_figures_share_only_words_with_the_sentences(module):
    shared = {
        name.split(".")[2] for name in imported(MODULES[module]) if name.startswith("klktools.wording.")
    }
    assert shared <= set(WORDS)


@pytest.mark.parametrize("module", modules_of("indicators"))
def test_the_areas_do_not_import_one_another(module):
    area = (module.split(".") + ["", ""])[2]
    taken = {
        name.split(".")[2] for name in imported(MODULES[module]) if name.startswith("klktools.indicators.")
    }
    assert not taken & (set(AREAS) - {area})


@pytest.mark.parametrize("module", modules_of(*STEPS, "stats"))
def test_no_step_knows_what_is_made_of_it(module):
    assert not rooms(MODULES[module]) & {
        "assessment",
        "dossier",
        "report",
        "batch",
        "cli",
        "kernels",
        "sample",
    }


@pytest.mark.parametrize("module", modules_of("figures", "wording"))
def test_figures_and_wording_fit_no_models_and_read_no_data(module):
    outside = {name.split(".")[0] for name in imported(MODULES[module])}
    assert not outside & {"scipy", "statsmodels", "sklearn", "duckdb", "pyarrow", "sqlite3"}
    assert not rooms(MODULES[module]) & {"intake", "contract", *ANALYSIS} - {room(module)}


# the words of the figures are the library's own text files
READERS = ("klktools.figures.words",)


@pytest.mark.parametrize(
    "module", [name for name in modules_of("figures", "wording", *ANALYSIS) if name not in READERS]
)
def test_steps_read_no_files(module):
    calls = [
        node.func
        for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    names = [func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls]
    assert not set(names) & set(READS)


@pytest.mark.parametrize("module", modules_of("report", "batch", "cli", "kernels"))
def test_the_report_room_imports_no_analysis_beyond_assessment_and_dossier(module):
    assert not rooms(MODULES[module]) & {*ANALYSIS, "figures"}


@pytest.mark.parametrize(
    "module", [name for name in MODULES if room(name) not in ("assessment", "", "sample")]
)
def test_only_the_assessment_composes_the_analysis(module):
    allowed = {"benchmark"} if room(module) == "dossier" else set()  # disclosure control, before sealing
    assert not rooms(MODULES[module]) & (set(ANALYSIS) - {room(module)} - allowed)


def test_only_the_command_line_can_open_the_notes_of_interviews():
    importers = {name for name, path in MODULES.items() if "notes" in rooms(path) and room(name) != "notes"}
    assert importers == {"klktools.cli.redact"}
    outside = {name for name, path in MODULES.items() if "cli" in rooms(path) and room(name) != "cli"}
    assert outside == {"klktools.__main__"}


def test_the_room_of_notes_knows_only_the_contract_and_what_personal_data_look_like():
    for module in modules_of("notes"):
        assert rooms(MODULES[module]) <= {"notes", "privacy", "contract", "errors"}


def test_what_personal_data_look_like_depends_on_nothing_of_ours():
    for module in modules_of("privacy"):
        assert rooms(MODULES[module]) <= {"privacy"}


def test_a_process_that_makes_reports_has_not_loaded_the_room_of_notes():
    source = (
        "import sys, klktools, klktools.report.make, klktools.batch.run, klktools.assessment;"
        "print(sorted(name for name in sys.modules if name.startswith('klktools.notes')))"
    )
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_kernels_on_numbers_know_no_table_of_ours():
    assert rooms(MODULES["klktools.stats"]) <= {"errors"}


def test_the_framework_is_data_and_computes_nothing():
    for module in modules_of("framework"):
        assert rooms(MODULES[module]) <= {"errors", "framework"}
