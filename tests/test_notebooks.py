"""The committed notebooks keep the house rules: thin cells, prose first, no outputs, one parameters cell."""

import ast
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest

from klktools.report.notebook import in_language, read_notebook
from klktools.report.parameters import declared_parameters

FOLDER = Path(__file__).parents[1] / "notebooks"
REPORTS = ["municipality_report.ipynb", "benchmark.ipynb"]


def notebook(name: str) -> nbformat.NotebookNode:
    return read_notebook(FOLDER / name)


def code(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_committed_notebook_is_valid_and_has_no_outputs(path):
    read = read_notebook(path)
    nbformat.validate(read)
    assert all(
        not cell.outputs and cell.execution_count is None for cell in read.cells if cell.cell_type == "code"
    )


@pytest.mark.parametrize("name", REPORTS)
def test_there_is_one_parameters_cell_without_traps(name):
    assert [parameter.name for parameter in declared_parameters(notebook(name))][-1] == "language"
    (cell,) = [cell for cell in notebook(name).cells if "parameters" in cell.metadata.get("tags", [])]
    assert all("=" not in comment for comment in re.findall(r"#.*", cell.source))


@pytest.mark.parametrize("name", REPORTS)
def test_code_cells_are_thin(name):
    sources = [cell.source for cell in code(name)]
    lengths = [len(source.splitlines()) for source in sources]
    assert median(lengths) == 1
    assert max(lengths) <= 3
    heavy = (ast.FunctionDef, ast.For, ast.While, ast.If, ast.BinOp, ast.Subscript, ast.ListComp)
    for source in sources:
        assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, heavy)], source


@pytest.mark.parametrize("name", REPORTS)
def test_prose_comes_first_and_holds_no_numbers(name):
    cells = notebook(name).cells
    assert cells[0].cell_type == "markdown"
    for cell in cells:
        if cell.cell_type == "markdown":
            text = re.sub(
                r"\((?:1|2)\)|[Ff]ra 0 til 4|[Ff]rom 0 to 4|30 dage|30 days|25 p(?:ct\.|er cent)",
                "",
                cell.source,
            )
            assert not re.search(r"\d", text), cell.source


@pytest.mark.parametrize("name", REPORTS)
def test_every_prose_cell_is_there_in_both_languages(name):
    tags = [cell.metadata.get("tags", []) for cell in notebook(name).cells if cell.cell_type == "markdown"]
    assert [tag for (tag,) in tags] == ["lang-da", "lang-en"] * (len(tags) // 2)


@pytest.mark.parametrize("name", REPORTS)
def test_both_languages_have_the_same_headings_at_the_same_places(name):
    def shape(language):
        return [
            re.findall(r"^#+", cell.source, flags=re.M)
            for cell in in_language(notebook(name), language).cells
        ]

    assert shape("da") == shape("en")
