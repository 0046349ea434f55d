"""`klktools check`: every problem of a round, on the screen and as a workbook to send."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from klktools.cli.arguments import Commands, add_command, add_data
from klktools.cli.reading import read
from klktools.cli.say import FAILED, OK, say
from klktools.privacy import RESTRICTED

if TYPE_CHECKING:
    import pandas as pd


def add(commands: Commands) -> None:
    """Its arguments."""
    check = add_command(commands, "check", run, "read and validate a round; list every problem")
    add_data(check)
    check.add_argument(
        "--to", type=Path, metavar="FILE.xlsx", help="write problems and corrections as a workbook to send"
    )
    check.add_argument(
        "--municipality", default="", metavar="CODE", help="only this one; the workbook tells of no other"
    )


def run(args: argparse.Namespace) -> int:
    """Print every problem of the round and what was corrected; 1 when any problem is an error."""
    from klktools.intake import format_corrections, format_problems
    from klktools.workbooks import names_in, write_problems

    round_ = read(args)
    names_in(round_, args.municipality)
    _tell_restricted(args.data, args.language)
    problems, corrections = (_about(t, args.municipality) for t in (round_.problems, round_.corrections))
    if args.to:
        write_problems(round_, args.to, language=args.language, municipality=args.municipality)
    if len(corrections):
        told = format_corrections(corrections, language=args.language)
        print(f"\n{say(args.language, 'corrections')}\n{told}\n")
    told = format_problems(problems, language=args.language) if len(problems) else ""
    print(told or say(args.language, "no_problems"))
    if args.to:
        print(say(args.language, "problems_to", path=args.to))
    return FAILED if (problems["severity"] == "error").any() else OK


def _about(journal: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """The lines about one municipality and about files of none; all when none is chosen."""
    return journal[journal["municipality"].isin([municipality, ""])] if municipality else journal


def _tell_restricted(data: Path, language: str) -> None:
    """Say that notes lie where nothing but `redact` opens them."""
    folders = [data / RESTRICTED, *data.glob(f"*/{RESTRICTED}")] if data.is_dir() else []
    for folder in folders:
        if folder.is_dir():
            print(say(language, "restricted", folder=folder.relative_to(data)))
