"""`klktools sample`: a synthetic round."""

from __future__ import annotations

import argparse
from pathlib import Path

from klktools.cli.arguments import Commands, add_command, positive
from klktools.cli.say import OK, say


def add(commands: Commands) -> None:
    """Its arguments."""
    sample = add_command(commands, "sample", run, "write a synthetic round")
    sample.add_argument("--to", type=Path, required=True, help="folder to write")
    sample.add_argument(
        "--municipalities", type=positive, default=55, metavar="N", help="1 to 10000 (default 55)"
    )
    sample.add_argument(
        "--edition",
        choices=("clean", "raw"),
        default="clean",
        help="faultless, or as handed in with planted errors and a list of them (default clean)",
    )
    sample.add_argument("--seed", type=int, default=2018, help="equal seeds give equal bytes (default 2018)")


def run(args: argparse.Namespace) -> int:
    """Write the round."""
    from klktools.sample import make_chunks, write_chunks, write_raw_chunks

    write = write_raw_chunks if args.edition == "raw" else write_chunks
    path = write(make_chunks(municipalities=args.municipalities, seed=args.seed), args.to)
    print(say(args.language, "sample", path=path, municipalities=args.municipalities))
    return OK
