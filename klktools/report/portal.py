"""The consultant's own page: a line per municipality with scores and links, readable without a script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from klktools.blocks import SYMBOLS
from klktools.framework import load_framework
from klktools.report.html import ROOM, environment, page_words, stylesheet
from klktools.report.make import deliver
from klktools.wording.numbers import danish_key, integer, score

LINKS = {"page": ".html", "findings": ".findings.json", "notebook": ".ipynb"}


def write_portal(
    roster: pd.DataFrame,
    area_scores: pd.DataFrame,
    record: Mapping[str, Any],
    *,
    to: Path,
    language: str,
    synthetic: bool,
) -> Path:
    """Write ``index.html``.

    Parameters
    ----------
    roster : DataFrame
        One row per municipality: municipality, name, stem, wave, population.
    area_scores : DataFrame
        One row per municipality x area: R (0-4), light.
    record : mapping
        The entries of `run.json` by municipality.
    to : Path
        The reports' folder; links are relative to it.
    language : {"da", "en"}
        Language of the page.
    synthetic : bool
        Whether the page must say that all data are invented.

    Returns
    -------
    Path
        The page.
    """
    words = page_words(language)
    rows = sorted(roster.to_dict("records"), key=lambda row: danish_key(row["name"]))
    by_code = {code: scores.set_index("area") for code, scores in area_scores.groupby("municipality")}
    text = (
        environment("portal")
        .get_template("index.html.j2")
        .render(
            language=language,
            words=words["portal"],
            skip=words["skip"],
            css=stylesheet(),
            portal_css=(ROOM / "templates" / "portal" / "portal.css").read_text(encoding="utf-8"),
            script=(ROOM / "templates" / "portal" / "portal.js").read_text(encoding="utf-8"),
            columns=_columns(words["portal"]),
            rows=[
                _row(row, by_code.get(row["municipality"]), record.get(row["municipality"]), language)
                for row in rows
            ],
            synthetic=synthetic,
            benchmark=_if_there(to, "benchmark/benchmark.html"),
        )
    )
    deliver({"index.html": f"{text}\n".encode()}, to)
    return to / "index.html"


def _columns(words: Mapping[str, Any]) -> list[dict[str, Any]]:
    first = [("municipality", False), ("code", False), ("wave", False), ("population", True)]
    scored = [(words["areas"][area], True) for area in load_framework().areas["area"]]
    titles = [*((words[name], numeric) for name, numeric in first), *scored, (words["report"], False)]
    return [{"title": title, "numeric": numeric} for title, numeric in titles]


def _row(
    row: Mapping[Any, Any], scores: pd.DataFrame | None, entry: Mapping[str, Any] | None, language: str
) -> dict:
    words = page_words(language)["portal"]
    made = entry is not None and entry["status"] == "ok"
    links = [
        {"href": f"{row['stem']}/{row['stem']}{ending}", "title": words[kind]}
        for kind, ending in LINKS.items()
    ]
    return {
        "name": row["name"],
        "code": row["municipality"],
        "wave": row["wave"],
        "population": row["population"],
        "population_text": integer(row["population"], language=language),
        "scores": [_score(scores, area, language) for area in load_framework().areas["area"]],
        "status": "" if entry is None else entry["status"],
        "links": links if made else [],
        "error": "" if entry is None or made else _error(entry, words),
    }


def _score(scores: pd.DataFrame | None, area: str, language: str) -> dict[str, str]:
    known = {} if scores is None else scores["R"].dropna().to_dict()
    if scores is None or area not in known:
        return {"value": "", "symbol": "", "tone": "", "text": ""}
    tone, reached = str(scores.at[area, "light"]), float(known[area])
    return {
        "value": repr(reached),
        "symbol": SYMBOLS[tone],
        "tone": tone,
        "text": score(reached, language=language),
    }


def _error(entry: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    return words["failed_in"].format(stage=words["stage"][entry["stage"]], error=entry["error"])


def _if_there(to: Path, name: str) -> str:
    return name if (to / name).is_file() else ""
