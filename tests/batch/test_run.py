"""The roster, what is due and faults, on real runs of small notebooks over the first six of the sample."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from klktools.assessment import assess
from klktools.batch import Options
from klktools.batch.record import Record
from klktools.batch.run import make_roster, plan_round, report_round, slug
from klktools.errors import ParameterError
from tests.report.notebooks import OPEN, write_tiny

FAULTS = """
import os, signal
if d.code[2:] == "60":
    os.kill(os.getpid(), signal.SIGKILL)
if d.code[2:] == "97":
    raise ValueError("planted")
"""
MUNICIPALITIES = pd.DataFrame({"municipality": ["0060", "0048"], "name": ["Almsund", "Kløverborg"]})


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


@pytest.mark.parametrize("kernels", ["warm", "ordinary"])
def test_a_killed_kernel_and_a_failing_cell_leave_the_others_good(assessed, tmp_path, kernels):
    good = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN), kernels=kernels)
    bad = replace(good, notebook=write_tiny(tmp_path / "bad.ipynb", OPEN, FAULTS))
    to = tmp_path / "reports"
    runs = report_round(assessed, to=to, options=bad)
    failed = runs[runs["status"] == "failed"].set_index("municipality")
    assert runs["status"].value_counts().to_dict() == {"ok": 4, "failed": 2}
    assert failed["stage"].to_dict() == {"0060": "kernel", "0097": "cell"}
    assert failed["cell"].to_dict() == {"0060": 4, "0097": 4}
    assert failed["error"].to_dict() == {"0060": "the kernel died", "0097": "ValueError: planted"}
    assert sorted(path.relative_to(to / "_failed").as_posix() for path in to.glob("_failed/*/*")) == [
        "0060-almsund/0060-almsund.ipynb",
        "0060-almsund/reason.txt",
        "0097-alleborg/0097-alleborg.ipynb",
        "0097-alleborg/reason.txt",
    ]
    assert not (to / "0060-almsund").exists()
    assert len(list(to.glob("????-*/*.html"))) == 4

    again = report_round(assessed, to=to, options=bad)
    assert again["due"].value_counts().to_dict() == {"": 4, "failed": 2}

    mended = report_round(assessed, to=to, options=good)
    assert mended["due"].value_counts().to_dict() == {"notebook": 4, "failed": 2}
    assert (mended["status"] == "ok").all()
    assert list((to / "_failed").iterdir()) == []


def test_a_reason_is_kept_beside_the_notebook_that_failed(assessed, tmp_path):
    options = Options(notebook=write_tiny(tmp_path / "bad.ipynb", OPEN, FAULTS), municipalities=("0097",))
    report_round(assessed, to=tmp_path / "reports", options=options)
    folder = tmp_path / "reports" / "_failed" / "0097-alleborg"
    assert (folder / "reason.txt").read_text(encoding="utf-8") == "ValueError: planted\n"
    kept = json.loads((folder / "0097-alleborg.ipynb").read_text(encoding="utf-8"))
    assert kept["metadata"]["klktools"] == {
        "municipality": "0097",
        "language": "da",
        "status": "failed",
        "stage": "cell",
        "cell": 4,
        "error": "ValueError: planted",
    }


def later_visit(round_, code):
    visits = round_.tables["visits"]
    later = visits["end_date"] + pd.to_timedelta((visits["municipality"] == code).astype(int), unit="D")
    return replace(round_, tables={**round_.tables, "visits": visits.assign(end_date=later)})


def test_one_municipality_changed_is_one_report_made(six, assessed, tmp_path):
    options = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN))
    report_round(assessed, to=tmp_path / "reports", options=options)
    changed = assess(later_visit(six, "0060"))
    planned = plan_round(changed, to=tmp_path / "reports", options=options)
    runs = report_round(changed, to=tmp_path / "reports", options=options)
    assert runs[["municipality", "due"]].equals(planned[["municipality", "due"]])
    assert runs.loc[runs["due"] != "", ["municipality", "due", "status"]].values.tolist() == [
        ["0060", "data", "ok"]
    ]


def test_a_changed_reference_of_one_wave_makes_the_reports_of_that_wave(assessed, tmp_path):
    options = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN))
    report_round(assessed, to=tmp_path / "reports", options=options)
    reference = assessed.reference
    wave = assessed.municipalities["wave"].iloc[0]
    row = reference.index[reference["group_kind"].eq("wave") & reference["group"].eq(wave)][0]
    moved = reference.assign(n=reference["n"].where(reference.index != row, reference["n"] + 1))
    planned = plan_round(replace(assessed, reference=moved), to=tmp_path / "reports", options=options)
    due = assessed.municipalities.merge(planned, on="municipality").groupby("wave")["due"].unique()
    assert {name: list(reasons) for name, reasons in due.items()} == {
        name: ["reference"] if name == wave else [""] for name in due.index
    }


def test_a_dry_run_changes_nothing(assessed, tmp_path):
    options = Options(notebook=write_tiny(tmp_path / "good.ipynb", OPEN))
    planned = plan_round(assessed, to=tmp_path / "reports", options=options)
    assert planned["due"].tolist() == ["new"] * 6
    assert not (tmp_path / "reports").exists()


def test_a_municipality_that_left_the_round_leaves_no_outdated_report(assessed, tmp_path):
    to = tmp_path / "reports"
    gone = to / "0999-borte"
    gone.mkdir(parents=True)
    (gone / "0999-borte.html").write_text("old", encoding="utf-8")
    (gone / "notes.txt").write_text("the consultant's own", encoding="utf-8")
    record = Record(to)
    record.add({"municipality": "0999", "stem": "0999-borte", "status": "ok", "outputs": {}})
    record.write()
    report_round(assessed, to=to, options=Options(notebook=write_tiny(tmp_path / "n.ipynb", OPEN)))
    assert [path.name for path in gone.iterdir()] == ["notes.txt"]
    assert "0999" not in Record(to).entries


def test_warm_and_ordinary_kernels_give_the_same_bytes(assessed, tmp_path):
    options = Options(municipalities=("0060",))
    for kernels in ("warm", "ordinary"):
        report_round(assessed, to=tmp_path / kernels, options=replace(options, kernels=kernels))
    files = sorted((tmp_path / "warm" / "0060-almsund").iterdir())
    assert len(files) >= 3
    for path in files:
        assert path.read_bytes() == (tmp_path / "ordinary" / "0060-almsund" / path.name).read_bytes(), path
