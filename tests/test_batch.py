"""The roster, staleness and faults, on real runs of small notebooks over the first six of the sample."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from klktools.assessment import assess
from klktools.batch import Options, make_roster, read_record, report_round, slug, stale_because
from klktools.errors import ParameterError
from klktools.intake import read_round
from klktools.sample import make_round, write_round
from tests.report.notebooks import write_tiny

OPEN = "import klktools as klk\nd = klk.open_dossier(dossier, language=language)\nklk.show_cover(d)"
FAULTS = """
import os, signal
if d.code == "0060":
    os.kill(os.getpid(), signal.SIGKILL)
if d.code == "0097":
    raise ValueError("planted")
"""
MUNICIPALITIES = pd.DataFrame({"municipality": ["0060", "0048"], "name": ["Almsund", "Kløverborg"]})
FINGERPRINT = {"data": "a", "reference": "b"}


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """A round of the first six municipalities, 0060 and 0097 among them."""
    return read_round(write_round(make_round(municipalities=6), tmp_path_factory.mktemp("six")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kløverborg", "kloeverborg"),
        ("Åkøbing", "aakoebing"),
        ("Ravnfjord-Revlund", "ravnfjord-revlund"),
        ("A\u030akøbing", "aakoebing"),
        ("../../etc", "etc"),
        ("Sæby & Omegn", "saeby-omegn"),
        ("é ü", "e-u"),
        ("€", "kommune"),
    ],
)
def test_a_name_becomes_plain_letters(name, expected):
    assert slug(name) == expected


def test_the_roster_keeps_codes_as_text_and_sorts_by_code():
    assert make_roster(MUNICIPALITIES, ()).to_dict("list") == {
        "municipality": ["0048", "0060"],
        "name": ["Kløverborg", "Almsund"],
        "stem": ["0048-kloeverborg", "0060-almsund"],
    }


def test_an_unknown_code_stops_before_anything_runs():
    with pytest.raises(ParameterError) as error:
        make_roster(MUNICIPALITIES, ("60",))
    assert str(error.value) == (
        "a municipality must be a code of the round, as text of four characters; found '60'. "
        "The round has 0048, 0060 ...."
    )


def test_a_report_is_due_for_the_first_reason_that_holds(tmp_path):
    (tmp_path / "a.html").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    entry = {"status": "ok", "fingerprint": dict(FINGERPRINT), "outputs": {"a.html": empty}}
    assert stale_because(None, FINGERPRINT, tmp_path) == "new"
    assert stale_because({**entry, "status": "failed"}, FINGERPRINT, tmp_path) == "failed"
    assert stale_because(entry, {**FINGERPRINT, "reference": "c"}, tmp_path) == "reference"
    assert stale_because(entry, FINGERPRINT, tmp_path) == ""
    (tmp_path / "a.html").write_bytes(b"edited")
    assert stale_because(entry, FINGERPRINT, tmp_path) == "output"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 0, "runs": []}', '{"schema": 1}'])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert read_record(tmp_path) == {}


def test_a_killed_kernel_and_a_failing_cell_leave_the_others_good(six, tmp_path):
    good = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN))
    bad = Options(notebook=write_tiny(tmp_path / "bad.ipynb", OPEN, FAULTS))
    to = tmp_path / "reports"
    runs = report_round(assess(six), to=to, options=bad)
    failed = runs[runs["status"] == "failed"].set_index("municipality")
    assert runs["status"].value_counts().to_dict() == {"ok": 4, "failed": 2}
    assert failed["stage"].to_dict() == {"0060": "kernel", "0097": "cell"}
    assert failed["error"].to_dict() == {"0060": "the kernel died", "0097": "ValueError: planted"}
    assert sorted(path.name for path in (to / "_failed").iterdir()) == [
        "0060-almsund.ipynb",
        "0097-alleborg.ipynb",
    ]
    assert not (to / "0060-almsund").exists()
    assert len(list(to.glob("????-*/*.html"))) == 4

    again = report_round(assess(six), to=to, options=bad)
    assert again["due"].value_counts().to_dict() == {"": 4, "failed": 2}

    mended = report_round(assess(six), to=to, options=good)
    assert mended["due"].value_counts().to_dict() == {"notebook": 4, "failed": 2}
    assert (mended["status"] == "ok").all()
    assert list((to / "_failed").iterdir()) == []


def test_one_municipality_changed_is_one_report_made(six, tmp_path):
    options = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN), municipalities=("0073", "0060"))
    report_round(assess(six), to=tmp_path / "reports", options=options)
    visits = six.tables["visits"]
    later = visits["end_date"] + pd.to_timedelta((visits["municipality"] == "0060").astype(int), unit="D")
    changed = replace(six, tables={**six.tables, "visits": visits.assign(end_date=later)})
    runs = report_round(assess(changed), to=tmp_path / "reports", options=options)
    assert runs.set_index("municipality")["due"].to_dict() == {"0060": "data", "0073": ""}


def test_a_municipality_that_left_the_round_leaves_no_outdated_report(six, tmp_path):
    to = tmp_path / "reports"
    to.mkdir()
    gone = to / "0999-borte"
    gone.mkdir()
    (gone / "0999-borte.html").write_text("old", encoding="utf-8")
    (gone / "notes.txt").write_text("the consultant's own", encoding="utf-8")
    entry = {"municipality": "0999", "status": "ok", "fingerprint": {}, "outputs": {"0999-borte.html": "x"}}
    (to / "run.json").write_text(json.dumps({"schema": 1, "runs": [entry]}), encoding="utf-8")
    report_round(assess(six), to=to, options=Options(notebook=write_tiny(tmp_path / "n.ipynb", OPEN)))
    assert [path.name for path in gone.iterdir()] == ["notes.txt"]
    assert "0999" not in read_record(to)
