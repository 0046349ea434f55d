"""`run.json`, the record of a reports' folder, and what it says about each report: due or not, and why.

While a batch runs, every outcome is added to a journal beside it, so that also a run that was killed is
remembered; the next one goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import klktools
from klktools.batch import INDEX, Options
from klktools.batch.rests_on import file_hash, inputs_hash, shared_parts
from klktools.report.files import deliver

RECORD = "run.json"
JOURNAL = "_run.jsonl"
SCHEMA = 2
Entry = dict[str, Any]


class Record:
    """The entries of a reports' folder by municipality code, and the round they were last compared with.

    Parameters
    ----------
    to : Path
        The reports' folder; without a readable record there it is empty.
    """

    def __init__(self, to: Path) -> None:
        self.to = to
        known = _read(to / RECORD)
        self.round: dict[str, Any] = known.get("round", {})
        self.entries: dict[str, Entry] = {entry["municipality"]: entry for entry in known.get("runs", [])}
        for entry in _journal(to / JOURNAL):
            self.entries[entry["municipality"]] = entry

    def add(self, entry: Entry) -> None:
        """Remember an outcome at once."""
        self.entries[entry["municipality"]] = entry
        with (self.to / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def write(self) -> None:
        """Write `run.json` whole, in code order; the journal has done its work then."""
        runs = sorted(self.entries.values(), key=lambda entry: entry["municipality"])
        about = {"schema": SCHEMA, "toolkit": klktools.__version__, "round": self.round, "runs": runs}
        text = json.dumps(about, ensure_ascii=False, indent=1)
        deliver({RECORD: f"{text}\n".encode()}, self.to)
        (self.to / JOURNAL).unlink(missing_ok=True)


def all_current(data: Path, to: Path, options: Options) -> int:
    """How many reports were asked for, if all of them hold as they are; 0 when anything must be looked into.

    Parameters
    ----------
    data : Path
        The round's file or folder.
    to : Path
        The reports' folder.
    options : Options
        As for `run.report_round`.
    """
    record = Record(to)
    if options.force or not record.round or not data.exists() or not (to / INDEX).is_file():
        return 0
    if record.round["inputs"] != inputs_hash(data):
        return 0
    codes = options.municipalities or record.round["municipalities"]
    shared = shared_parts(options)
    entries = [record.entries.get(code) for code in codes]
    current = all(
        entry is not None
        and entry["inputs"] == record.round["inputs"]
        and not stale_because(entry, shared, to / entry["stem"])
        for entry in entries
    )
    return len(codes) if current else 0


def stale_because(entry: Mapping[str, Any] | None, fingerprint: Mapping[str, str], folder: Path) -> str:
    """The first reason why a recorded report does not hold any more, or ""."""
    if entry is None:
        return "new"
    if entry["status"] != "ok":
        return "failed"
    for part, value in fingerprint.items():
        if entry["fingerprint"].get(part) != value:
            return part
    return "" if _files_hold(entry["outputs"], folder) else "output"


def _files_hold(outputs: Mapping[str, str], folder: Path) -> bool:
    try:
        return all(file_hash(folder / name) == sha256 for name, sha256 in outputs.items())
    except OSError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return known if known["schema"] == SCHEMA and _is_record(known) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_record(known: Mapping[str, Any]) -> bool:
    return isinstance(known["round"], dict) and all("municipality" in entry for entry in known["runs"])


def _journal(path: Path) -> Iterator[Entry]:
    """The whole lines of the journal; a killed run may have left half of one."""
    with suppress(OSError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                yield json.loads(line)
