"""The roster: which reports are due and why, made side by side, recorded in `run.json`."""

from __future__ import annotations

import json
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from klktools.assessment import Assessment
from klktools.batch import DOSSIERS, NOTEBOOKS, Options
from klktools.batch.record import Record, stale_because
from klktools.batch.rests_on import frame_hash, shared_parts
from klktools.batch.workers import Workers, local_workers
from klktools.dossier import META, comparable
from klktools.dossier.seal import are_synthetic, seal_benchmark, seal_dossiers
from klktools.errors import ParameterError, sentence
from klktools.report.files import sweep, withdraw
from klktools.report.html import page_words
from klktools.report.make import Task, make_report, write_register
from klktools.report.notebook import in_language, read_notebook, write_notebook
from klktools.report.parameters import check_parameters, declared_parameters
from klktools.report.portal import write_portal
from klktools.wording.numbers import month

LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})
Make = Callable[[Sequence[Task]], Iterator[dict[str, Any]]]


def report_round(
    assessment: Assessment, *, to: Path, options: Options, inputs: str = "", workers: Workers | None = None
) -> pd.DataFrame:
    """Make the reports that are due and leave the others as they are.

    Parameters
    ----------
    assessment : Assessment
        Of the whole round, also when only some municipalities are asked for.
    to : Path
        The reports' folder.
    options : Options
        Language, formats, selection, number of processes.
    inputs : str, optional
        Hash of the files the round was read from (`rests_on.inputs_hash`); with it the next run sees by
        itself that nothing has changed.
    workers : Workers, optional
        Processes that are already loading; otherwise they are started here.

    Returns
    -------
    DataFrame
        One row per municipality asked for: municipality, name, stem, due (why it was run, "" if it was not),
        status (ok | failed | unchanged | not_run), stage, cell, error, seconds.

    Raises
    ------
    ParameterError
        If a municipality is not in the round or the notebook does not take the parameters; nothing has run.
    """
    roster = checked_roster(assessment.municipalities, options)
    to.mkdir(parents=True, exist_ok=True)
    sweep(to)
    record = Record(to)
    prints = fingerprints(assessment, seal_dossiers(assessment, to / DOSSIERS), options)
    plan = plan_runs(roster, prints, record, options)
    everyone = sorted(assessment.municipalities["municipality"])
    _withdraw_strangers(record, everyone)
    record.round = {"inputs": inputs, "municipalities": everyone} if inputs else {}
    about = {
        code: {
            **{"stem": stem, "language": options.language, "fingerprint": prints[code]},
            **{"inputs": inputs, "stale": ""},
        }
        for code, stem in zip(plan["municipality"], plan["stem"], strict=True)
    }
    outcomes: dict[str, dict[str, Any]] = {}
    try:
        for outcome in _outcomes(plan, assessment.municipalities, to=to, options=options, workers=workers):
            code = outcome["municipality"]
            outcomes[code] = outcome
            record.add({**outcome, **about[code]})
        for code in plan.loc[plan["due"] == "", "municipality"]:
            record.entries[code] |= about[code]
        for code in set(record.entries) - set(plan["municipality"]):  # not asked for
            entry = record.entries[code]
            entry["stale"] = stale_because(entry, prints[code], to / entry["stem"])
    finally:  # also after an interrupt: what was made is made
        record.write()
    return _runs(plan, outcomes)


def plan_round(assessment: Assessment, *, to: Path, options: Options) -> pd.DataFrame:
    """What `report_round` would make and why, without making or changing anything.

    Returns
    -------
    DataFrame
        One row per municipality asked for: municipality, name, stem, due.
    """
    roster = checked_roster(assessment.municipalities, options)
    with tempfile.TemporaryDirectory(prefix="klktools-") as scratch:
        prints = fingerprints(assessment, seal_dossiers(assessment, scratch), options)
    return plan_runs(roster, prints, Record(to), options)


def checked_roster(municipalities: pd.DataFrame, options: Options) -> pd.DataFrame:
    """The roster, when every code and every parameter is one the notebook may be run with."""
    roster = make_roster(municipalities, options.municipalities)
    declared = declared_parameters(read_notebook(options.notebook))
    for code in roster["municipality"]:
        check_parameters(_parameters(code, options.language), declared)
    return roster


def make_roster(municipalities: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    """One row per municipality, in code order: municipality, name, stem (code and plain-letter name).

    Raises
    ------
    ParameterError
        If a chosen code is not in the round.
    """
    known = set(municipalities["municipality"])
    if strangers := [code for code in chosen if code not in known]:
        raise ParameterError(
            sentence(
                must="a municipality must be a code of the round, as text of four characters",
                found=f"found {', '.join(map(repr, strangers[:5]))}",
                remedy=f"The round has {', '.join(sorted(known)[:5])} ...",
            )
        )
    rows = municipalities if not chosen else municipalities[municipalities["municipality"].isin(chosen)]
    stems = [f"{code}-{slug(name)}" for code, name in zip(rows["municipality"], rows["name"], strict=True)]
    return rows[["municipality", "name"]].assign(stem=stems).sort_values("municipality", ignore_index=True)


def slug(name: str) -> str:
    """A name in plain lower-case letters, digits and hyphens: "Kløverborg" is "kloeverborg"."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(LETTERS))
    letters = "".join(
        sign if sign.isascii() and sign.isalnum() else "-"
        for sign in plain.lower()
        if not unicodedata.combining(sign)
    )
    return "-".join(filter(None, letters.split("-"))) or "kommune"


def fingerprints(assessment: Assessment, sealed: pd.DataFrame, options: Options) -> dict[str, dict[str, str]]:
    """What each municipality's report rests on, by part: two equal fingerprints give equal reports."""
    hashes = dict(zip(sealed["municipality"], sealed["sha256"], strict=True))
    shared = shared_parts(options)
    groups = assessment.municipalities[["municipality", "wave", "size_class"]]
    compared = {
        (wave, size): frame_hash(comparable(assessment.reference, wave=wave, size_class=size))
        for wave, size in groups[["wave", "size_class"]].drop_duplicates().itertuples(index=False)
    }
    return {
        code: {"data": hashes[code], "reference": compared[wave, size], **shared}
        for code, wave, size in groups.itertuples(index=False)
    }


def plan_runs(
    roster: pd.DataFrame, prints: Mapping[str, Mapping[str, str]], record: Record, options: Options
) -> pd.DataFrame:
    """The roster with `due`: why each report must be made, or "" when what is there is up to date."""
    due = [
        "force" if options.force else stale_because(record.entries.get(code), prints[code], record.to / stem)
        for code, stem in zip(roster["municipality"], roster["stem"], strict=True)
    ]
    return roster.assign(due=due)


def write_index(assessment: Assessment, *, to: Path, language: str) -> Path:
    """Write the index page of all the round's reports, made, failed and outdated; its path."""
    columns = ["municipality", "wave", "population", "size_class"]
    roster = make_roster(assessment.municipalities, ())
    entries = Record(to).entries
    return write_portal(
        roster.merge(assessment.municipalities[columns], on="municipality"),
        assessment.area_scores,
        entries,
        to=to,
        language=language,
        synthetic=are_synthetic(roster["municipality"]),
        stale={code: entry["stale"] for code, entry in entries.items() if entry["stale"]},
    )


def report_benchmark(assessment: Assessment, *, to: Path, edition: str, options: Options) -> dict[str, Any]:
    """Make the cross-municipality report from its sealed tables alone.

    Returns
    -------
    dict
        As `make_report`; the files are ``benchmark/benchmark.html`` and so on.
    """
    to.mkdir(parents=True, exist_ok=True)
    seal_benchmark(assessment, to / DOSSIERS / "benchmark", edition=edition)
    source = NOTEBOOKS / "benchmark.ipynb"
    parameters = {"benchmark": f"../{DOSSIERS}/benchmark", "language": options.language}
    check_parameters(parameters, declared_parameters(read_notebook(source)))
    words = page_words(options.language)
    with _place(replace(options, jobs=1)) as (make, folder):
        task = Task(
            code="benchmark",
            stem="benchmark",
            root=to.resolve(),
            parameters=parameters,
            title=words["benchmark_title"],
            footer=words["benchmark_footer"],
            formats=options.formats,
            kernels=options.kernels,
            **_prepared(folder, source, options.language, assessment.municipalities),
        )
        return next(make([task]))


def _outcomes(
    plan: pd.DataFrame,
    municipalities: pd.DataFrame,
    *,
    to: Path,
    options: Options,
    workers: Workers | None,
) -> Iterator[dict[str, Any]]:
    """The outcome of every due report as it comes, with the progress on the screen."""
    due = plan[plan["due"] != ""]
    if due.empty:
        return
    with _place(options, workers) as (make, folder):
        common = _prepared(folder, options.notebook, options.language, municipalities)
        tasks = [
            _task(code, stem, common, to, options)
            for code, stem in zip(due["municipality"], due["stem"], strict=True)
        ]
        yield from _with_progress(make(tasks), len(tasks))


@contextmanager
def _place(options: Options, workers: Workers | None = None) -> Iterator[tuple[Make, Path]]:
    """What makes the reports where the options say, and a folder for what all tasks share."""
    if options.scheduler:
        from klktools.batch.cluster import cluster_outcomes

        with tempfile.TemporaryDirectory(prefix="klktools-") as folder:
            yield partial(cluster_outcomes, address=options.scheduler), Path(folder)
    else:
        with nullcontext(workers) if workers else local_workers(options.jobs, options.kernels) as pool:
            yield partial(pool.outcomes, make_report), pool.scratch


def _prepared(folder: Path, notebook: Path, language: str, municipalities: pd.DataFrame) -> Mapping[str, Any]:
    """What all tasks of a batch share: the notebook in one language and the register of names, as files."""
    prepared, register = folder / "report.ipynb", folder / "register.json"
    write_notebook(in_language(read_notebook(notebook), language), prepared)
    write_register(municipalities[["municipality", "name"]].itertuples(index=False, name=None), register)
    return {"notebook": prepared, "register": register, "language": language}


def _task(code: str, stem: str, common: Mapping[str, Any], to: Path, options: Options) -> Task:
    meta = _meta(to, code)
    words = page_words(options.language)
    visit = month(meta["visit_month"] or None, language=options.language)
    about = {"name": meta["full_name"], "visit": visit}
    return Task(
        code=code,
        stem=stem,
        root=to.resolve(),
        parameters=_parameters(code, options.language),
        title=words["title"].format(**about),
        footer=words["footer"].format(**about),
        formats=options.formats,
        kernels=options.kernels,
        cell_seconds=options.cell_seconds,
        report_seconds=options.report_seconds,
        **common,
    )


def _meta(to: Path, code: str) -> dict[str, Any]:
    return json.loads((to / DOSSIERS / code / META).read_text(encoding="utf-8"))


def _parameters(code: str, language: str) -> dict[str, Any]:
    # relative to the report's own folder: no path of the machine enters the notebook that is kept
    return {"dossier": f"../{DOSSIERS}/{code}", "language": language}


def _runs(plan: pd.DataFrame, outcomes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    missing = {"stage": "", "cell": None, "error": "", "seconds": 0.0}
    columns = ["status", *missing]
    rows = [
        {"status": "not_run" if due else "unchanged", **missing, **outcomes.get(code, {})}
        for code, due in zip(plan["municipality"], plan["due"], strict=True)
    ]
    return plan.join(pd.DataFrame(rows, columns=columns))


def _withdraw_strangers(record: Record, municipalities: Sequence[str]) -> None:
    """Reports of municipalities that are no longer in the round are outdated: they and their entries go."""
    for code in set(record.entries) - set(municipalities):
        withdraw(record.to / record.entries.pop(code)["stem"])


def _with_progress(outcomes: Iterator[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    failed = 0
    with tqdm(total=total, unit="report", disable=None, file=sys.stderr) as bar:
        for outcome in outcomes:
            failed += outcome["status"] == "failed"
            bar.set_postfix_str(f"{failed} failed" if failed else "", refresh=False)
            bar.update()
            yield outcome
