"""A round without some of its tables still gives whole, honest reports: every verb of the notebook runs."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import klktools as klk
from klktools.contract import load_contract
from klktools.report.notebook import in_language, read_notebook
from klktools.sample import make_round, write_round
from tests.conftest import ROOT

OPTIONAL = [name for name in load_contract().tables if name not in ("municipalities", "visits")]
REPORT = read_notebook(ROOT / "notebooks" / "municipality_report.ipynb")
VERBS = [
    cell.source
    for cell in in_language(REPORT, "da").cells
    if cell.cell_type == "code" and re.match(r"klk\.\w+\(d[,)]", cell.source)
]


@pytest.fixture(scope="module")
def one() -> dict[str, pd.DataFrame]:
    """The tables of a round of one municipality, of the autumn wave, which was asked everything."""
    return make_round(municipalities=1)


def reports_without(tables, missing, folder) -> dict[str, list[str]]:
    """The html of every verb by municipality, from a round that lacks the tables `missing`."""
    write_round({name: table for name, table in tables.items() if name not in missing}, folder / "round")
    assessment = klk.assess(klk.read_round(folder / "round"))
    klk.seal_dossiers(assessment, folder / "dossiers")
    opened = {
        code: klk.open_dossier(folder / "dossiers" / code)
        for code in tables["municipalities"]["municipality"]
    }
    return {
        code: [eval(verb, {"klk": klk, "d": dossier}).to_html() for verb in VERBS]
        for code, dossier in opened.items()
    }


@pytest.mark.parametrize("missing", OPTIONAL)
def test_a_round_without_one_table_gives_whole_reports(one, missing, tmp_path):
    for blocks in reports_without(one, [missing], tmp_path).values():
        assert len(blocks) == len(VERBS)


def test_a_round_of_municipalities_and_visits_alone_scores_nothing_and_says_so(one, tmp_path):
    for blocks in reports_without(one, OPTIONAL, tmp_path).values():
        page = "\n".join(blocks)
        assert "ikke undersøgt" in page
        assert not {"nan", "None", "NaT"} & set(page.replace("<", " <").replace(">", "> ").split())
