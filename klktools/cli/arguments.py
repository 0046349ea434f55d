"""Arguments that several commands have, and how the values of options are written."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from klktools.batch import FORMATS
from klktools.report.formats import WRITERS

Commands = Any  # what `ArgumentParser.add_subparsers` gives
Run = Callable[[argparse.Namespace], int]


def add_command(commands: Commands, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """A command with its language, and `run`, which gets the arguments and gives the exit code."""
    command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    command.add_argument(
        "--language", choices=("da", "en"), default="da", help="of reports and messages (default da)"
    )
    command.set_defaults(run=run)
    return command


def add_data(command: argparse.ArgumentParser) -> None:
    """The round, and how large its files may be."""
    command.add_argument("data", type=Path, help="folder or workbook with the round")
    command.add_argument(
        "--large-files",
        type=positive,
        default=1,
        metavar="N",
        help="read files up to N times as large as the ordinary limits (default 1)",
    )


def add_to(command: argparse.ArgumentParser) -> None:
    """The folder of the reports."""
    command.add_argument(
        "--to", type=Path, default=Path("reports"), help="folder of the reports (default reports)"
    )


def add_formats(command: argparse.ArgumentParser) -> None:
    """What is written beside the notebook."""
    command.add_argument(
        "--formats",
        type=formats,
        default=FORMATS,
        metavar="A,B",
        help=f"of {', '.join(WRITERS)} (default {','.join(FORMATS)})",
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; found {number}")
    return number


def formats(text: str) -> tuple[str, ...]:
    """Names of writers with commas between them, each once."""
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if strangers := [name for name in chosen if name not in WRITERS]:
        raise argparse.ArgumentTypeError(f"must be among {', '.join(WRITERS)}; found {', '.join(strangers)}")
    return chosen
