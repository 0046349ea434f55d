"""What a process does once, so that every report made in it, or in processes forked from it, starts hot."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
from matplotlib.font_manager import FontProperties
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import klktools as klk
from klktools.dossier import LANGUAGES, META, REFERENCE, TABLES
from klktools.dossier.pack import pack
from klktools.fonts import FACES, FAMILIES
from klktools.report.document import read_document
from klktools.report.html import export_page
from klktools.svg import extent
from klktools.texts import load_figure_texts
from klktools.wording.templates import framework_labels

VERBS = ("say_", "show_", "plot_", "open_")
CODE = "0000"


def warm_up() -> None:
    """Load what every report needs: the library's rooms, its lists, texts and fonts, and the page's template.

    Nothing that a report could see is different afterwards: the settings of matplotlib and pandas, filters
    of warnings and the random states are as they were. pyplot is not loaded, so no backend is chosen, and no
    thread, kernel or event loop is started: the process may be forked.
    """
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="klktools-") as folder:
        for verb in klk.__all__:
            if verb.startswith(VERBS):
                getattr(klk, verb)
        _seal_an_invention(Path(folder))
        for language in LANGUAGES:
            _make_a_page(Path(folder) / CODE, language)
            _measure_words(language)


def _measure_words(language: str) -> None:
    """Most words of most figures: what figures say, the names of all codes, and numbers up to a hundred."""
    said = [text for texts in load_figure_texts(language).values() for text in texts.values()]
    names = [name for labels in framework_labels(language).values() for name in labels.values()]
    words = {*" ".join([*said, *names]).split(), *(str(number) for number in range(101))}
    for weight in FACES.values():
        extent(" ".join(sorted(words)), FontProperties(family=list(FAMILIES), weight=weight))


def _make_a_page(dossier: Path, language: str) -> None:
    """A page of one drawn and two spoken blocks, thrown away again."""
    d = klk.open_dossier(dossier, language=language)
    blocks = (klk.plot_profile(d), klk.say_area_scores(d), klk.show_criteria(d))
    outputs = [
        new_output("execute_result", data=block._repr_mimebundle_(), execution_count=1) for block in blocks
    ]
    cells = [new_markdown_cell("## –"), new_code_cell("", outputs=outputs)]
    about = {"title": "–", "footer": "–", "language": language}
    export_page(read_document(new_notebook(cells=cells), **about))


def _seal_an_invention(folder: Path) -> None:
    """A municipality of one table, with the kinds of columns there are."""
    areas = klk.load_framework().areas["area"].tolist()
    scores = pd.DataFrame({"area": areas, "R": 2.0, "label": "partial", "light": "yellow", "reason": None})
    kinds = {
        "n_criteria": pd.array([4] * len(areas), "Int64"),
        "asked": pd.array([True] * len(areas), "boolean"),
    }
    reference = scores.assign(group_kind="all", group="all")
    tables = {CODE: scores.assign(**kinds, visited=pd.Timestamp(2000, 1, 1)), REFERENCE: reference}
    for name, table in tables.items():
        (folder / name).mkdir()
        meta = {"code": CODE, "name": "–", "wave": "–", "size_class": "–"}
        (folder / name / META).write_text(json.dumps(meta), encoding="utf-8")
        stem = REFERENCE if name == REFERENCE else "area_scores"
        arrow = pa.Table.from_pandas(table.astype({"reason": "str"}), preserve_index=False)
        (folder / name / TABLES).write_bytes(pack({stem: arrow}))
