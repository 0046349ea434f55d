"""The roster: which reports are due and why, made side by side, recorded in `run.json`."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import signal
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

import klktools
from klktools.assessment import Assessment
from klktools.dossier import META, REFERENCE, findings_record, open_dossier
from klktools.dossier.seal import seal_benchmark, seal_dossiers
from klktools.errors import ParameterError, sentence
from klktools.report.html import page_words
from klktools.report.make import Task, deliver, make_report, withdraw
from klktools.report.notebook import in_language, read_notebook, write_notebook
from klktools.report.parameters import check_parameters, declared_parameters
from klktools.report.portal import write_portal
from klktools.wording.numbers import month

NOTEBOOKS = Path(klktools.__file__).parents[1] / "notebooks"
DOSSIERS = "_dossiers"
RECORD = "run.json"
SCHEMA = 1
LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})


@dataclass(frozen=True)
class Options:
    """What the caller chose; everything here that changes a page is part of its fingerprint."""

    language: str = "da"
    municipalities: tuple[str, ...] = ()
    jobs: int = os.cpu_count() or 1
    force: bool = False
    notebook: Path = NOTEBOOKS / "municipality_report.ipynb"


def report_round(assessment: Assessment, *, to: Path, options: Options) -> pd.DataFrame:
    """Make the reports that are due and leave the others as they are.

    Parameters
    ----------
    assessment : Assessment
        Of the whole round, also when only some municipalities are asked for.
    to : Path
        The reports' folder.
    options : Options
        Language, selection, number of processes.

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
    roster = make_roster(assessment.municipalities, options.municipalities)
    notebook = read_notebook(options.notebook)
    for code in roster["municipality"]:
        check_parameters(_parameters(code, options.language), declared_parameters(notebook))
    to.mkdir(parents=True, exist_ok=True)
    sealed = seal_dossiers(assessment, to / DOSSIERS)
    record = read_record(to)
    prints = fingerprints(sealed, options)
    plan = plan_runs(roster, prints, record, to=to, force=options.force)
    if not options.municipalities:
        _withdraw_strangers(record, roster, to)
    outcomes: dict[str, dict[str, Any]] = {}
    try:
        for outcome in _outcomes(plan, to=to, options=options):
            code = outcome["municipality"]
            outcomes[code] = outcome
            record[code] = {**outcome, "language": options.language, "fingerprint": prints[code]}
    finally:  # also after an interrupt: what was made is made
        write_record(record.values(), to)
    return _runs(plan, outcomes)


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


def fingerprints(sealed: pd.DataFrame, options: Options) -> dict[str, dict[str, str]]:
    """What each municipality's report rests on, by part: two equal fingerprints give equal pages."""
    hashes = dict(zip(sealed["municipality"], sealed["sha256"], strict=True))
    shared = {
        "reference": hashes[REFERENCE],
        "notebook": _hash(options.notebook.read_bytes()),
        "library": _library_hash(),
        "options": _hash(options.language.encode()),
        "environment": _environment_hash(),
    }
    return {code: {"data": sha, **shared} for code, sha in hashes.items() if code != REFERENCE}


def plan_runs(
    roster: pd.DataFrame,
    prints: Mapping[str, Mapping[str, str]],
    record: Mapping[str, Any],
    *,
    to: Path,
    force: bool,
) -> pd.DataFrame:
    """The roster with `due`: why each report must be made, or "" when what is there is up to date."""
    due = [
        "force" if force else stale_because(record.get(code), prints[code], to / stem)
        for code, stem in zip(roster["municipality"], roster["stem"], strict=True)
    ]
    return roster.assign(due=due)


def stale_because(entry: Mapping[str, Any] | None, fingerprint: Mapping[str, str], folder: Path) -> str:
    """The first reason why a recorded report does not hold any more, or ""."""
    if entry is None:
        return "new"
    if entry["status"] != "ok":
        return "failed"
    for part, value in fingerprint.items():
        if entry["fingerprint"].get(part) != value:
            return part
    for name, sha in entry["outputs"].items():
        path = folder / name
        if not path.is_file() or _hash(path.read_bytes()) != sha:
            return "output"
    return ""


def read_record(to: Path) -> dict[str, dict[str, Any]]:
    """The entries of `run.json` by municipality; empty when there is none or it cannot be read."""
    try:
        record = json.loads((to / RECORD).read_text(encoding="utf-8"))
        return (
            {entry["municipality"]: entry for entry in record["runs"]} if record["schema"] == SCHEMA else {}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_record(entries: Iterable[Mapping[str, Any]], to: Path) -> None:
    """Write `run.json` whole, in code order."""
    runs = sorted(entries, key=lambda entry: entry["municipality"])
    text = json.dumps(
        {"schema": SCHEMA, "toolkit": klktools.__version__, "runs": runs}, ensure_ascii=False, indent=1
    )
    deliver({RECORD: f"{text}\n".encode()}, to)


def write_index(assessment: Assessment, *, to: Path, language: str) -> Path:
    """Write the index page of all the round's reports, made and failed; its path."""
    municipalities = assessment.municipalities
    roster = make_roster(municipalities, ()).merge(
        municipalities[["municipality", "wave", "population"]], on="municipality"
    )
    return write_portal(
        roster,
        assessment.area_scores,
        read_record(to),
        to=to,
        language=language,
        synthetic=all(_meta(to, code)["synthetic"] for code in roster["municipality"]),
    )


def report_benchmark(assessment: Assessment, *, to: Path, edition: str, language: str) -> dict[str, Any]:
    """Make the cross-municipality report from its sealed tables alone.

    Returns
    -------
    dict
        As `make_report`; the files are ``benchmark/benchmark.html`` and ``.ipynb``.
    """
    to.mkdir(parents=True, exist_ok=True)
    seal_benchmark(assessment, to / DOSSIERS / "benchmark", edition=edition)
    notebook = read_notebook(NOTEBOOKS / "benchmark.ipynb")
    parameters = {"benchmark": f"../{DOSSIERS}/benchmark", "language": language}
    check_parameters(parameters, declared_parameters(notebook))
    words = page_words(language)
    with tempfile.TemporaryDirectory(prefix="klktools-") as scratch:
        prepared = Path(scratch) / "benchmark.ipynb"
        write_notebook(in_language(notebook, language), prepared)
        task = Task(
            code="benchmark",
            stem="benchmark",
            root=to.resolve(),
            notebook=prepared,
            parameters=parameters,
            title=words["benchmark_title"],
            footer=words["benchmark_footer"],
            language=language,
        )
        return next(run_tasks([task], jobs=1))


def run_tasks(tasks: Sequence[Task], *, jobs: int) -> Iterator[dict[str, Any]]:
    """The outcome of each task as it comes; a task whose process dies is tried once more, alone."""
    lost: list[Task] = []
    with _pool(min(jobs, max(len(tasks), 1))) as pool:
        futures = {pool.submit(make_report, task): task for task in tasks}
        try:
            for future in as_completed(futures):
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append(futures[future])
                else:
                    yield future.result()
        finally:  # an interrupt leaves no report half-way: the running ones end, the others never start
            pool.shutdown(wait=True, cancel_futures=True)
    for task in lost:
        yield _run_alone(task)


def _outcomes(plan: pd.DataFrame, *, to: Path, options: Options) -> Iterator[dict[str, Any]]:
    """The outcome of every due report as it comes, with the progress on the screen."""
    due = plan[plan["due"] != ""]
    with tempfile.TemporaryDirectory(prefix="klktools-") as folder:
        prepared = Path(folder) / "report.ipynb"
        write_notebook(in_language(read_notebook(options.notebook), options.language), prepared)
        tasks = [
            _task(code, stem, prepared, to, options.language)
            for code, stem in zip(due["municipality"], due["stem"], strict=True)
        ]
        yield from _with_progress(run_tasks(tasks, jobs=options.jobs), len(tasks))


def _task(code: str, stem: str, prepared: Path, to: Path, language: str) -> Task:
    dossier = open_dossier(to / DOSSIERS / code, language=language)
    words = page_words(language)
    visit = month(dossier.meta["visit_month"] or None, language=language)
    about = {"name": dossier.meta["full_name"], "visit": visit}
    return Task(
        code=code,
        stem=stem,
        root=to.resolve(),
        notebook=prepared,
        parameters=_parameters(code, language),
        title=words["title"].format(**about),
        footer=words["footer"].format(**about),
        language=language,
        record=findings_record(dossier),
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


def _withdraw_strangers(record: dict[str, Any], roster: pd.DataFrame, to: Path) -> None:
    """Reports of municipalities that are no longer in the round are outdated: they and their entries go."""
    for code in set(record) - set(roster["municipality"]):
        for name in record.pop(code)["outputs"]:
            withdraw(to / name.split(".")[0])


def _with_progress(outcomes: Iterator[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    failed = 0
    with tqdm(total=total, unit="report", disable=None if total else True, file=sys.stderr) as bar:
        for outcome in outcomes:
            failed += outcome["status"] == "failed"
            bar.set_postfix_str(f"{failed} failed" if failed else "", refresh=False)
            bar.update()
            yield outcome


def _run_alone(task: Task) -> dict[str, Any]:
    with _pool(1) as pool:
        try:
            return pool.submit(make_report, task).result()
        except BrokenProcessPool:
            withdraw(task.folder)
            error = "the process that made the report died"
            return {
                "municipality": task.code,
                "status": "failed",
                "stage": "process",
                "cell": None,
                "error": error,
                "outputs": {},
                "seconds": 0.0,
            }


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_prepare_process)


def _prepare_process() -> None:
    """Ctrl-C is the parent's to handle; kernels see a fixed, single-threaded environment."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(
        {
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
    )


@functools.cache
def _library_hash() -> str:
    root = Path(klktools.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return _hash(b"".join(path.relative_to(root).as_posix().encode() + path.read_bytes() for path in files))


@functools.cache
def _environment_hash() -> str:
    installed = sorted(f"{dist.name}=={dist.version}" for dist in importlib.metadata.distributions())
    return _hash("\n".join([sys.version, *installed]).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
