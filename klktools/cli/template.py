"""`klktools template`: the workbook a municipality fills in, or that of an interview."""

from __future__ import annotations

import argparse
from pathlib import Path

from klktools.cli.arguments import Commands, add_command
from klktools.cli.say import OK, say


def add(commands: Commands) -> None:
    """Its arguments."""
    template = add_command(commands, "template", run, "write the workbook a municipality fills in")
    template.add_argument("--to", type=Path, required=True, metavar="FILE.xlsx", help="workbook to write")
    template.add_argument(
        "--interview", action="store_true", help="the sheets of one interview and its ratings instead"
    )
    template.add_argument(
        "--municipality", default="", metavar="CODE", help="fill in this municipality code beforehand"
    )


def run(args: argparse.Namespace) -> int:
    """Write the workbook."""
    from klktools.workbooks import write_interview, write_template

    write = write_interview if args.interview else write_template
    write(args.to, language=args.language, municipality=args.municipality)
    print(say(args.language, "template_to", path=args.to))
    return OK
