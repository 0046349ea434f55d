"""`klktools redact`: interview notes masked. The only module that opens the room of notes."""

from __future__ import annotations

import argparse
from pathlib import Path

from klktools.cli.arguments import Commands, add_command
from klktools.cli.say import OK, say, words
from klktools.errors import ParameterError, sentence


def add(commands: Commands) -> None:
    """Its arguments."""
    notes = add_command(commands, "redact", run, "mask what points at a person in interview notes")
    notes.add_argument("notes", type=Path, help="file, workbook or folder with notes")
    notes.add_argument("--to", type=Path, required=True, metavar="FILE", help="masked notes (.csv or .xlsx)")
    notes.add_argument(
        "--names", type=Path, metavar="FILE", help="names of the interviewees, one a line; kept nowhere"
    )


def run(args: argparse.Namespace) -> int:
    """Mask the notes; say how much was masked, never what."""
    from klktools.notes import read_names, read_notes, redact, write_redacted
    from klktools.privacy import load_names, own_names

    known = words(args.language)
    if args.to.resolve().is_relative_to(args.notes.resolve()):
        must = "Masked notes must be written beside the notes, never over or among them"
        raise ParameterError(sentence(must=must, found=f"found {args.to}"))
    found = read_notes(args.notes)
    names = own_names(read_names(args.names)) if args.names else load_names()
    redaction = redact(found.notes, names=names, masks=known["masks"])
    log = write_redacted(redaction, args.to, language=args.language)
    counts = redaction.log.groupby("kind")["count"].sum()
    kinds = ", ".join(f"{known['kinds'][str(kind)]} {count}" for kind, count in counts.items())
    told = {"places": counts.sum(), "notes": len(redaction.notes), "kinds": kinds or known["nothing_masked"]}
    print(say(args.language, "redacted", **told))
    if found.left_out:
        print(say(args.language, "left_out", n=found.left_out))
    print(say(args.language, "read_it", path=args.to, log=log))
    return OK
