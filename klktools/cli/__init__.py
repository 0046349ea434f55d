"""The command `klktools`: arguments in, verbs called, exit code out.

Exit codes: 0 all well, 1 some reports failed or the data have errors, 2 usage (nothing ran), 130 interrupted.
One module for each command, with its arguments (`add`) and what it does (`run`); what they share is in
`arguments` (how options are written), `say` (what is said on the screen) and `reading` (a round and its
assessment). A command imports what it needs when it runs: the start of every other one waits for that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from klktools import __version__
from klktools.batch import collect_seldom
from klktools.cli import benchmark, check, lab, redact, report, sample, template
from klktools.cli.say import FAILED, INTERRUPTED, USAGE, say
from klktools.errors import KlkError, ParameterError

COMMANDS = (check, report, benchmark, sample, template, redact, lab)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    args = parser().parse_args(argv)
    collect_seldom()
    try:
        return args.run(args)
    except ParameterError as error:
        return _fault(error, USAGE)
    except (KlkError, OSError) as error:
        return _fault(error, FAILED)
    except KeyboardInterrupt:
        print(say(args.language, "interrupted"), file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    top = argparse.ArgumentParser(prog="klktools", description=(__doc__ or "").splitlines()[0])
    top.add_argument("--version", action="version", version=f"klktools {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top


def _fault(error: Exception, code: int) -> int:
    print(f"klktools: {error}", file=sys.stderr)
    return code
