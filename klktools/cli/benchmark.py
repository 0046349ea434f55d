"""`klktools benchmark`: the cross-municipality report."""

from __future__ import annotations

import argparse
import sys

from klktools.batch import Options
from klktools.cli.arguments import Commands, add_command, add_data, add_formats, add_to
from klktools.cli.reading import assess
from klktools.cli.report import failure
from klktools.cli.say import FAILED, OK, say


def add(commands: Commands) -> None:
    """Its arguments."""
    benchmark = add_command(commands, "benchmark", run, "write the cross-municipality report")
    add_data(benchmark)
    add_to(benchmark)
    benchmark.add_argument(
        "--edition",
        choices=("internal", "municipal"),
        default="internal",
        help="for the consultants, or for municipalities with small counts hidden (default internal)",
    )
    add_formats(benchmark)


def run(args: argparse.Namespace) -> int:
    """Make the report."""
    from klktools.batch.run import report_benchmark, write_index

    assessment = assess(args)
    options = Options(language=args.language, formats=args.formats)
    outcome = report_benchmark(assessment, to=args.to, edition=args.edition, options=options)
    if outcome["status"] != "ok":
        print(failure({"name": "", **outcome}, args.language), file=sys.stderr)
        return FAILED
    write_index(assessment, to=args.to, language=args.language)
    print(say(args.language, "benchmark", path=args.to / "benchmark" / "benchmark.html"))
    return OK
