"""Tiny report notebooks for the tests."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SHOW = "from klktools.blocks import Paragraphs\nParagraphs((f'{dossier} in {language}',))"
OPEN = "import klktools as klk\nd = klk.open_dossier(dossier, language=language)\nklk.show_cover(d)"


def tiny(*sources: str) -> nbformat.NotebookNode:
    """Parameters, a heading in each language, then one code cell per source."""
    cells = [
        new_code_cell(
            'dossier: str = "x"\nlanguage: str = "da"', metadata={"tags": ["parameters"]}, id="parameters"
        ),
        new_markdown_cell("## Afsnit & mere", metadata={"tags": ["lang-da"]}, id="heading-da"),
        new_markdown_cell("## Section & more", metadata={"tags": ["lang-en"]}, id="heading-en"),
        *(new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write_tiny(path: Path, *sources: str) -> Path:
    path.write_text(nbformat.writes(tiny(*sources)), encoding="utf-8")
    return path
