"""`klktools report`: one report for each municipality that is due."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from klktools.batch import INDEX, KERNELS, Options
from klktools.cli.arguments import Commands, add_command, add_data, add_formats, add_to, positive
from klktools.cli.reading import assess
from klktools.cli.say import FAILED, OK, say, words
from klktools.report.files import FAILED as ASIDE

if TYPE_CHECKING:
    import pandas as pd


def add(commands: Commands) -> None:
    """Its arguments."""
    report = add_command(commands, "report", run, "assess the round and write one report per municipality")
    add_data(report)
    add_to(report)
    report.add_argument(
        "--municipality", action="append", default=[], metavar="CODE", help="only this one (repeat)"
    )
    report.add_argument(
        "--jobs", type=positive, default=os.cpu_count() or 1, help="processes (default: cores)"
    )
    report.add_argument("--force", action="store_true", help="make also what is up to date")
    report.add_argument("--dry-run", action="store_true", help="say what would be made and why; make nothing")
    add_formats(report)
    report.add_argument(
        "--kernels",
        choices=KERNELS,
        default="warm",
        help="warm: notebooks run in forked processes where that can be done (default); ordinary: never",
    )
    report.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="make the reports on a Dask cluster, not here"
    )
    for name, seconds, text in (("cell", 120, "one cell"), ("report", 600, "one report")):
        report.add_argument(
            f"--{name}-seconds",
            type=positive,
            default=seconds,
            metavar="S",
            help=f"time limit of {text} (default {seconds})",
        )


def run(args: argparse.Namespace) -> int:
    """Make the reports that are due; 1 when any failed."""
    from klktools.batch.record import all_current

    options = _options(args)
    if current := all_current(args.data, args.to, options):
        print(say(args.language, "nothing_due", all=current))
        print(say(args.language, "index", path=args.to / INDEX))
        return OK
    if args.dry_run:
        return _tell_plan(args, options)
    return _make_reports(args, options)


def _make_reports(args: argparse.Namespace, options: Options) -> int:
    from klktools.batch.rests_on import inputs_hash
    from klktools.batch.workers import local_workers

    here = nullcontext() if options.scheduler else local_workers(options.jobs, options.kernels)
    with here as workers:  # they load while the round is assessed
        from klktools.batch.run import report_round, write_index

        inputs = inputs_hash(args.data)
        assessment = assess(args)
        runs = report_round(assessment, to=args.to, options=options, inputs=inputs, workers=workers)
        index = write_index(assessment, to=args.to, language=args.language)
    _tell(runs, args)
    print(say(args.language, "index", path=index))
    return FAILED if (runs["status"] == "failed").any() else OK


def _tell_plan(args: argparse.Namespace, options: Options) -> int:
    from klktools.batch.run import plan_round

    why = words(args.language)["why"]
    plan = plan_round(assess(args), to=args.to, options=options)
    for run in plan[plan["due"] != ""].to_dict("records"):
        print(f"{run['municipality']} {run['name']}: {why[run['due']]}")
    _tell_due(plan["due"], args.language)
    return OK


def _options(args: argparse.Namespace) -> Options:
    chosen = ("language", "formats", "jobs", "force", "kernels", "scheduler")
    limits = ("cell_seconds", "report_seconds")
    named = {name: getattr(args, name) for name in (*chosen, *limits)}
    return Options(municipalities=tuple(args.municipality), **named)


def _tell(runs: pd.DataFrame, args: argparse.Namespace) -> None:
    _tell_due(runs["due"], args.language)
    counts = runs["status"].value_counts()
    done = {status: counts.get(status, 0) for status in ("ok", "unchanged", "failed")}
    print(say(args.language, "done", **done))
    for run in runs[runs["status"] == "failed"].to_dict("records"):
        print(failure({str(name): value for name, value in run.items()}, args.language), file=sys.stderr)
        kept = args.to / ASIDE / run["stem"]
        if kept.is_dir():
            print(say(args.language, "kept", path=kept), file=sys.stderr)


def _tell_due(due: Iterable[str], language: str) -> None:
    reasons = list(due)
    why = Counter(reason for reason in reasons if reason)
    if why:
        known = words(language)["why"]
        said = ", ".join(f"{known[reason]} {n}" for reason, n in sorted(why.items()))
        print(say(language, "due", due=sum(why.values()), all=len(reasons), why=said))
    else:
        print(say(language, "nothing_due", all=len(reasons)))


def failure(run: dict[str, Any], language: str) -> str:
    """The line about a report that failed: the municipality, the stage, its cell and the reason."""
    cell = f" {run['cell']:.0f}" if run["cell"] is not None and run["cell"] == run["cell"] else ""
    stage = words(language)["stage"][run["stage"]]
    return say(language, "failed", **{**run, "stage": stage, "cell": cell})
