"""The consultant's own page: a line per municipality with scores and links, readable without a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from klktools.framework import load_framework
from klktools.report.files import FAILED, deliver
from klktools.report.html import ROOM, environment, page_words, stylesheet
from klktools.report.make import REASON
from klktools.texts import fill
from klktools.wording.numbers import danish_key, integer, score

# ending -> kind, in the order of the links; a report's files are those its record names
FORMATS = {
    ".html": "page",
    ".pdf": "pdf",
    ".docx": "letter",
    ".pptx": "slides",
    ".findings.json": "findings",
    ".ipynb": "notebook",
    REASON: "reason",
}
LIGHTS = ("red", "orange", "yellow", "green", "none")
STATES = {"ok": "green", "stale": "yellow", "failed": "red", "missing": "none"}
HIGHEST = 4
FACES = ("Regular", "Semibold")


def write_portal(
    roster: pd.DataFrame,
    area_scores: pd.DataFrame,
    record: Mapping[str, Any],
    *,
    to: Path,
    language: str,
    synthetic: bool,
    stale: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write ``index.html``.

    Parameters
    ----------
    roster : DataFrame
        One row per municipality: municipality, name, stem, wave, population; size_class if it is known.
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
    stale : mapping, optional
        Municipality -> why its report does not hold any more, as `batch.stale_because` says it.

    Returns
    -------
    Path
        The page.
    """
    portal = _Portal(language, area_scores, record, stale, to)
    rows = [portal.row(row) for row in sorted(roster.to_dict("records"), key=lambda r: danish_key(r["name"]))]
    words = page_words(language)
    text = (
        environment("portal")
        .get_template("index.html.j2")
        .render(
            language=language,
            words=words["portal"] | _counted(words["portal"], len(rows)),
            skip=words["skip"],
            css=stylesheet(FACES),
            portal_css=_asset("portal.css"),
            script=_asset("portal.js"),
            areas=list(load_framework().areas["area"]),
            rows=rows,
            states=Counter(row["state"] for row in rows),
            filters=portal.filters(roster, rows),
            synthetic=synthetic,
            benchmark=portal.links(
                "benchmark", [path.name for path in (to / "benchmark").glob("benchmark.*")]
            ),
        )
    )
    deliver({"index.html": f"{text}\n".encode()}, to)
    return to / "index.html"


def _counted(words: Mapping[str, Any], n: int) -> dict[str, str]:
    """The sentences with the number of municipalities; the page itself counts those that are `shown`."""
    return {name: fill(words[name], n=n, shown="{shown}") for name in ("lead", "lead_plain", "shown")}


@dataclass(frozen=True)
class _Portal:
    """What every row is made from."""

    language: str
    area_scores: pd.DataFrame
    record: Mapping[str, Any]
    stale: Mapping[str, str]
    root: Path

    @property
    def words(self) -> Mapping[str, Any]:
        return page_words(self.language)["portal"]

    def row(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """One municipality's line."""
        code = row["municipality"]
        state, reason = self._state(code)
        return {
            "name": row["name"],
            "code": code,
            "wave": row["wave"],
            "size": row.get("size_class", ""),
            "population": row["population"],
            "population_text": integer(row["population"], language=self.language),
            "scores": self._scores(code),
            "state": state,
            "tone": STATES[state],
            "reason": reason,
            "error": self.record[code]["error"] if state == "failed" else "",
            "links": self._files(row["stem"], code, state),
        }

    def links(self, folder: str, names: list[str]) -> list[dict[str, str]]:
        """A link to each file of a known format, in the order of `FORMATS`."""
        return [
            {"href": f"{folder}/{name}", "title": self.words["formats"][kind]}
            for ending, kind in FORMATS.items()
            for name in sorted(names)
            if name.endswith(ending)
        ]

    def _files(self, stem: str, code: str, state: str) -> list[dict[str, str]]:
        """The files of a report, or why there are none."""
        if state in ("ok", "stale"):
            return self.links(stem, list(self.record[code].get("outputs", {})))
        told = state == "failed" and (self.root / FAILED / stem / REASON).is_file()
        return self.links(f"{FAILED}/{stem}", [REASON]) if told else []

    def filters(self, roster: pd.DataFrame, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the rows can be narrowed down by: name, label and choices (value, word), two at least."""
        sizes = load_framework().enums["size_class"]
        known = {row["size"] for row in rows}
        choices = {
            "wave": [(wave, wave) for wave in sorted(set(roster["wave"].dropna()))],
            "size_class": [(size, label[self.language]) for size, label in sizes.items() if size in known],
            "status": [
                (state, self.words["states"][state])
                for state in STATES
                if any(row["state"] == state for row in rows)
            ],
        }
        return [
            {"name": name, "label": self.words[name], "choices": offered}
            for name, offered in choices.items()
            if len(offered) > 1
        ]

    def _state(self, code: str) -> tuple[str, str]:
        """The state of a report and what to say about it."""
        entry = self.record.get(code)
        if entry is None:
            return "missing", self.words["states"]["missing"]
        if entry["status"] != "ok":
            stage = self.words["stage"].get(entry["stage"], entry["stage"])
            return "failed", self.words["failed_in"].format(stage=stage)
        if code in self.stale:
            reason = self.words["reasons"].get(self.stale[code], self.stale[code])
            return "stale", self.words["stale_because"].format(reason=reason)
        return "ok", self.words["states"]["ok"]

    def _scores(self, code: str) -> list[dict[str, Any]]:
        """One score per area; an area without one keeps its place."""
        own = self.area_scores[self.area_scores["municipality"] == code].set_index("area")
        known = own["R"].dropna().to_dict()
        return [
            {
                "value": repr(float(known[area])) if area in known else "",
                "tone": str(own.at[area, "light"]) if area in known else "none",
                "share": float(known[area]) / HIGHEST if area in known else 0,
                "text": score(known.get(area), language=self.language) if area in known else "",
            }
            for area in load_framework().areas["area"]
        ]


def _asset(name: str) -> str:
    return (ROOM / "templates" / "portal" / name).read_text(encoding="utf-8")
