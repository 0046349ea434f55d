"""A round read and assessed, with what is said of it on the screen."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from klktools.cli.say import say
from klktools.errors import TableError

if TYPE_CHECKING:
    from klktools.assessment import Assessment
    from klktools.intake import Round


def read(args: argparse.Namespace) -> Round:
    """The round of `data`, with its rows said on the screen."""
    from klktools.intake import Limits, read_round

    round_ = read_round(args.data, language=args.language, file_limits=Limits().times(args.large_files))
    delivered = round_.delivered
    counts = {name: delivered[f"rows_{name}"].sum() for name in ("rejected", "warned")}
    print(
        say(
            args.language,
            "read",
            municipalities=len(round_.tables["municipalities"]),
            rows=delivered["rows_delivered"].sum(),
            corrected=len(round_.corrections),
            **counts,
        )
    )
    return round_


def assess(args: argparse.Namespace) -> Assessment:
    """The assessment of the round of `data`.

    Raises
    ------
    TableError
        When a cell stops the delivery.
    """
    from klktools import assessment

    round_ = read(args)
    if stopped := round_.stopped:
        said = say(args.language, "stopped", cells=len(stopped), first=stopped[0], data=args.data)
        raise TableError(said)
    if len(round_.problems):
        print(say(args.language, "see_check", data=args.data))
    found = assessment.assess(round_)
    municipalities = len(round_.tables["municipalities"])
    print(say(args.language, "assessed", findings=len(found.findings), municipalities=municipalities))
    return found
