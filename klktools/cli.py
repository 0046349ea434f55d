"""The command `klktools`: arguments in, verbs called, exit code out.

Exit codes: 0 all well, 1 some reports failed or the data have errors, 2 usage (nothing ran), 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from klktools import __version__
from klktools.batch import DOSSIERS, FORMATS, INDEX, KERNELS, NOTEBOOKS, Options, collect_seldom
from klktools.errors import KlkError, ParameterError, TableError, sentence
from klktools.privacy import RESTRICTED
from klktools.report.files import FAILED as ASIDE
from klktools.report.formats import WRITERS

if TYPE_CHECKING:
    import pandas as pd

    from klktools.assessment import Assessment
    from klktools.intake import Round

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
# no news nor the question about it, no look for a newer version, no list of extensions to install
QUIET_LAB = (
    f"--LabApp.app_settings_dir={Path(__file__).with_name('lab')}",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


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
        print(_words(getattr(args, "language", "da"))["interrupted"], file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    top = argparse.ArgumentParser(prog="klktools", description=(__doc__ or "").splitlines()[0])
    top.add_argument("--version", action="version", version=f"klktools {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    check = _command(commands, "check", run_check, "read and validate a round; list every problem")
    _add_data(check)
    check.add_argument(
        "--to", type=Path, metavar="FILE.xlsx", help="write problems and corrections as a workbook to send"
    )
    check.add_argument(
        "--municipality", default="", metavar="CODE", help="only this one; the workbook tells of no other"
    )

    report = _command(
        commands, "report", run_report, "assess the round and write one report per municipality"
    )
    _add_data(report)
    _add_to(report)
    report.add_argument(
        "--municipality", action="append", default=[], metavar="CODE", help="only this one (repeat)"
    )
    report.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, help="processes (default: cores)"
    )
    report.add_argument("--force", action="store_true", help="make also what is up to date")
    report.add_argument("--dry-run", action="store_true", help="say what would be made and why; make nothing")
    _add_formats(report)
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
            type=_positive,
            default=seconds,
            metavar="S",
            help=f"time limit of {text} (default {seconds})",
        )

    benchmark = _command(commands, "benchmark", run_benchmark, "write the cross-municipality report")
    _add_data(benchmark)
    _add_to(benchmark)
    benchmark.add_argument(
        "--edition",
        choices=("internal", "municipal"),
        default="internal",
        help="for the consultants, or for municipalities with small counts hidden (default internal)",
    )
    _add_formats(benchmark)

    sample = _command(commands, "sample", run_sample, "write a synthetic round")
    sample.add_argument("--to", type=Path, required=True, help="folder to write")
    sample.add_argument(
        "--municipalities", type=_positive, default=55, metavar="N", help="1 to 10000 (default 55)"
    )
    sample.add_argument(
        "--edition",
        choices=("clean", "raw"),
        default="clean",
        help="faultless, or as handed in with planted errors and a list of them (default clean)",
    )
    sample.add_argument("--seed", type=int, default=2018, help="equal seeds give equal bytes (default 2018)")

    template = _command(commands, "template", run_template, "write the workbook a municipality fills in")
    template.add_argument("--to", type=Path, required=True, metavar="FILE.xlsx", help="workbook to write")
    template.add_argument(
        "--interview", action="store_true", help="the sheets of one interview and its ratings instead"
    )
    template.add_argument(
        "--municipality", default="", metavar="CODE", help="fill in this municipality code beforehand"
    )

    notes = _command(commands, "redact", run_redact, "mask what points at a person in interview notes")
    notes.add_argument("notes", type=Path, help="file, workbook or folder with notes")
    notes.add_argument("--to", type=Path, required=True, metavar="FILE", help="masked notes (.csv or .xlsx)")
    notes.add_argument(
        "--names", type=Path, metavar="FILE", help="names of the interviewees, one a line; kept nowhere"
    )

    lab = _command(commands, "lab", run_lab, "open JupyterLab on the exploration notebook")
    _add_data(lab)
    _add_to(lab)
    return top


def run_check(args: argparse.Namespace) -> int:
    """Print every problem of the round and what was corrected; 1 when any problem is an error."""
    from klktools.intake import Limits, format_corrections, format_problems, read_round
    from klktools.workbooks import names_in, write_problems

    words = _words(args.language)
    round_ = read_round(args.data, language=args.language, file_limits=Limits().times(args.large_files))
    names_in(round_, args.municipality)
    print(_reading(round_, words))
    _tell_restricted(args.data, words)
    problems, corrections = (_about(t, args.municipality) for t in (round_.problems, round_.corrections))
    if args.to:
        write_problems(round_, args.to, language=args.language, municipality=args.municipality)
    if len(corrections):
        print(f"\n{words['corrections']}\n{format_corrections(corrections, language=args.language)}\n")
    print(format_problems(problems, language=args.language) if len(problems) else words["no_problems"])
    if args.to:
        print(words["problems_to"].format(path=args.to))
    return FAILED if (problems["severity"] == "error").any() else OK


def _about(journal: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """The lines about one municipality and about files of none; all when none is chosen."""
    return journal[journal["municipality"].isin([municipality, ""])] if municipality else journal


def run_template(args: argparse.Namespace) -> int:
    """Write the workbook a municipality fills in, or that of an interview."""
    from klktools.workbooks import write_interview, write_template

    write = write_interview if args.interview else write_template
    write(args.to, language=args.language, municipality=args.municipality)
    print(_words(args.language)["template_to"].format(path=args.to))
    return OK


def run_report(args: argparse.Namespace) -> int:
    """Make the reports that are due; 1 when any failed."""
    from klktools.batch.record import all_current

    options = _options(args)
    if current := all_current(args.data, args.to, options):
        print(_words(args.language)["nothing_due"].format(all=current))
        print(_words(args.language)["index"].format(path=args.to / INDEX))
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
        assessment = _assess(args)
        runs = report_round(assessment, to=args.to, options=options, inputs=inputs, workers=workers)
        index = write_index(assessment, to=args.to, language=args.language)
    _tell(runs, args)
    print(_words(args.language)["index"].format(path=index))
    return FAILED if (runs["status"] == "failed").any() else OK


def _tell_plan(args: argparse.Namespace, options: Options) -> int:
    from klktools.batch.run import plan_round

    words = _words(args.language)
    plan = plan_round(_assess(args), to=args.to, options=options)
    due = plan[plan["due"] != ""]
    for run in due.to_dict("records"):
        print(f"{run['municipality']} {run['name']}: {words['why'][run['due']]}")
    _tell_due(plan["due"], words)
    return OK


def _options(args: argparse.Namespace) -> Options:
    chosen = ("language", "formats", "jobs", "force", "kernels", "scheduler")
    limits = ("cell_seconds", "report_seconds")
    named = {name: getattr(args, name) for name in (*chosen, *limits)}
    return Options(municipalities=tuple(args.municipality), **named)


def run_benchmark(args: argparse.Namespace) -> int:
    """Make the cross-municipality report."""
    from klktools.batch.run import report_benchmark, write_index

    assessment = _assess(args)
    words = _words(args.language)
    options = Options(language=args.language, formats=args.formats)
    outcome = report_benchmark(assessment, to=args.to, edition=args.edition, options=options)
    if outcome["status"] != "ok":
        print(_failure({"name": "", **outcome}, words), file=sys.stderr)
        return FAILED
    write_index(assessment, to=args.to, language=args.language)
    print(words["benchmark"].format(path=args.to / "benchmark" / "benchmark.html"))
    return OK


def run_sample(args: argparse.Namespace) -> int:
    """Write a synthetic round."""
    from klktools.sample import make_chunks, write_chunks, write_raw_chunks

    write = write_raw_chunks if args.edition == "raw" else write_chunks
    path = write(make_chunks(municipalities=args.municipalities, seed=args.seed), args.to)
    print(_words(args.language)["sample"].format(path=path, municipalities=args.municipalities))
    return OK


def run_redact(args: argparse.Namespace) -> int:
    """Mask the notes; say how much was masked, never what."""
    from klktools.notes import read_names, read_notes, redact, write_redacted
    from klktools.privacy import load_names, own_names

    words = _words(args.language)
    if args.to.resolve().is_relative_to(args.notes.resolve()):
        must = "Masked notes must be written beside the notes, never over or among them"
        raise ParameterError(sentence(must=must, found=f"found {args.to}"))
    found = read_notes(args.notes)
    names = own_names(read_names(args.names)) if args.names else load_names()
    redaction = redact(found.notes, names=names, masks=words["masks"])
    log = write_redacted(redaction, args.to, language=args.language)
    counts = redaction.log.groupby("kind")["count"].sum()
    kinds = ", ".join(f"{words['kinds'][str(kind)]} {count}" for kind, count in counts.items())
    told = {"places": counts.sum(), "notes": len(redaction.notes), "kinds": kinds or words["nothing_masked"]}
    print(words["redacted"].format(**told))
    if found.left_out:
        print(words["left_out"].format(n=found.left_out))
    print(words["read_it"].format(path=args.to, log=log))
    return OK


def run_lab(args: argparse.Namespace) -> int:
    """Seal the dossiers, then start JupyterLab in the notebooks' folder; it asks nothing of the outside."""
    from jupyterlab.labapp import LabApp

    from klktools.dossier.seal import seal_dossiers

    args.to.mkdir(parents=True, exist_ok=True)
    seal_dossiers(_assess(args), args.to / DOSSIERS)
    print(f'explore.ipynb: data = "{args.data.resolve().as_posix()}"')
    opened = [f"--ServerApp.root_dir={NOTEBOOKS}", str(NOTEBOOKS / "explore.ipynb")]
    LabApp.launch_instance([*QUIET_LAB, *opened])
    return OK


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    command.add_argument(
        "--language", choices=("da", "en"), default="da", help="of reports and messages (default da)"
    )
    command.set_defaults(run=run)
    return command


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", type=Path, help="folder or workbook with the round")
    command.add_argument(
        "--large-files",
        type=_positive,
        default=1,
        metavar="N",
        help="read files up to N times as large as the ordinary limits (default 1)",
    )


def _add_to(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--to", type=Path, default=Path("reports"), help="folder of the reports (default reports)"
    )


def _add_formats(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--formats",
        type=_formats,
        default=FORMATS,
        metavar="A,B",
        help=f"of {', '.join(WRITERS)} (default {','.join(FORMATS)})",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; found {number}")
    return number


def _formats(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if strangers := [name for name in chosen if name not in WRITERS]:
        raise argparse.ArgumentTypeError(f"must be among {', '.join(WRITERS)}; found {', '.join(strangers)}")
    return chosen


@cache
def _words(language: str) -> dict[str, Any]:
    text = (resources.files("klktools") / "texts" / "cli.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)[language]


def _assess(args: argparse.Namespace) -> Assessment:
    from klktools.assessment import assess
    from klktools.intake import Limits, read_round

    words = _words(args.language)
    round_ = read_round(args.data, language=args.language, file_limits=Limits().times(args.large_files))
    print(_reading(round_, words))
    if stopped := round_.stopped:
        raise TableError(words["stopped"].format(cells=len(stopped), first=stopped[0], data=args.data))
    if len(round_.problems):
        print(words["see_check"].format(data=args.data))
    assessment = assess(round_)
    print(
        words["assessed"].format(
            findings=len(assessment.findings), municipalities=len(round_.tables["municipalities"])
        )
    )
    return assessment


def _reading(round_: Round, words: dict[str, Any]) -> str:
    delivered = round_.delivered
    return words["read"].format(
        municipalities=len(round_.tables["municipalities"]),
        rows=delivered["rows_delivered"].sum(),
        rejected=delivered["rows_rejected"].sum(),
        warned=delivered["rows_warned"].sum(),
        corrected=len(round_.corrections),
    )


def _tell_restricted(data: Path, words: dict[str, Any]) -> None:
    """Say that notes lie where nothing but `redact` opens them."""
    folders = [data / RESTRICTED, *data.glob(f"*/{RESTRICTED}")] if data.is_dir() else []
    for folder in folders:
        if folder.is_dir():
            print(words["restricted"].format(folder=folder.relative_to(data)))


def _tell(runs: pd.DataFrame, args: argparse.Namespace) -> None:
    words = _words(args.language)
    _tell_due(runs["due"], words)
    counts = runs["status"].value_counts()
    print(words["done"].format(**{status: counts.get(status, 0) for status in ("ok", "unchanged", "failed")}))
    for run in runs[runs["status"] == "failed"].to_dict("records"):
        print(_failure({str(name): value for name, value in run.items()}, words), file=sys.stderr)
        kept = args.to / ASIDE / run["stem"]
        if kept.is_dir():
            print(words["kept"].format(path=kept), file=sys.stderr)


def _tell_due(due: Iterable[str], words: dict[str, Any]) -> None:
    reasons = list(due)
    why = Counter(reason for reason in reasons if reason)
    if why:
        said = ", ".join(f"{words['why'][reason]} {n}" for reason, n in sorted(why.items()))
        print(words["due"].format(due=sum(why.values()), all=len(reasons), why=said))
    else:
        print(words["nothing_due"].format(all=len(reasons)))


def _failure(run: dict[str, Any], words: dict[str, Any]) -> str:
    cell = f" {run['cell']:.0f}" if run["cell"] is not None and run["cell"] == run["cell"] else ""
    return words["failed"].format(**{**run, "stage": words["stage"][run["stage"]], "cell": cell})


def _fault(error: Exception, code: int) -> int:
    print(f"klktools: {error}", file=sys.stderr)
    return code
