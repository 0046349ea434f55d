import hashlib
import json

import pytest

from klktools.batch import Options
from klktools.batch.record import JOURNAL, RECORD, Record, all_current, stale_because
from klktools.batch.rests_on import inputs_hash, shared_parts

FINGERPRINT = {"data": "a", "reference": "b"}
STEM = "0060-almsund"


def entry(code="0060", **changes):
    known = {
        "municipality": code,
        "stem": f"{code}-almsund",
        "status": "ok",
        "outputs": {},
        "fingerprint": {},
    }
    return {**known, **changes}


def test_a_report_is_due_for_the_first_reason_that_holds(tmp_path):
    (tmp_path / "a.html").write_bytes(b"")
    empty = hashlib.sha256(b"").hexdigest()
    known = entry(fingerprint=dict(FINGERPRINT), outputs={"a.html": empty})
    assert stale_because(None, FINGERPRINT, tmp_path) == "new"
    assert stale_because({**known, "status": "failed"}, FINGERPRINT, tmp_path) == "failed"
    assert stale_because(known, {**FINGERPRINT, "reference": "c"}, tmp_path) == "reference"
    assert stale_because(known, FINGERPRINT, tmp_path) == ""
    (tmp_path / "a.html").write_bytes(b"edited")
    assert stale_because(known, FINGERPRINT, tmp_path) == "output"
    (tmp_path / "a.html").unlink()
    assert stale_because(known, FINGERPRINT, tmp_path) == "output"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 1, "runs": []}', '{"schema": 2}', '{"schema": 2, "runs": [{}]}']
)
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path, text):
    (tmp_path / RECORD).write_text(text, encoding="utf-8")
    assert Record(tmp_path).entries == {}


def test_what_a_killed_run_made_is_remembered(tmp_path):
    record = Record(tmp_path)
    record.add(entry("0048"))
    record.write()
    record.add(entry("0060"))
    with (tmp_path / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write('{"municipality": "0073", "sta')  # killed in the middle of a line
    assert sorted(Record(tmp_path).entries) == ["0048", "0060"]


def test_the_written_record_is_in_code_order_and_ends_the_journal(tmp_path):
    record = Record(tmp_path)
    record.add(entry("0060"))
    record.add(entry("0048"))
    record.round = {"inputs": "x", "municipalities": ["0048", "0060"]}
    record.write()
    text = (tmp_path / RECORD).read_text(encoding="utf-8")
    assert [run["municipality"] for run in json.loads(text)["runs"]] == ["0048", "0060"]
    assert [path.name for path in tmp_path.iterdir()] == [RECORD]
    assert Record(tmp_path).round == record.round


@pytest.fixture
def current(tmp_path):
    """Data and a reports' folder that holds all that was asked for."""
    data, to = tmp_path / "data", tmp_path / "reports"
    data.mkdir()
    (data / "visits.csv").write_text("a;b", encoding="utf-8")
    (to / STEM).mkdir(parents=True)
    (to / STEM / "a.html").write_bytes(b"page")
    (to / "index.html").write_bytes(b"index")
    record, inputs = Record(to), inputs_hash(data)
    outputs = {"a.html": hashlib.sha256(b"page").hexdigest()}
    record.add(entry(inputs=inputs, fingerprint=shared_parts(Options()), outputs=outputs))
    record.round = {"inputs": inputs, "municipalities": ["0060"]}
    record.write()
    return data, to


def test_when_nothing_has_changed_nothing_has_to_be_read(current):
    assert all_current(*current, Options()) == 1
    assert all_current(*current, Options(municipalities=("0060",))) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (Options(force=True), "force"),
        (Options(language="en"), "language"),
        (Options(formats=("html",)), "formats"),
        (Options(municipalities=("0048",)), "not made yet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_options_are_looked_into(current, options, why):
    assert all_current(*current, options) == 0


@pytest.mark.parametrize("name", ["data/visits.csv", "reports/0060-almsund/a.html"])
def test_a_changed_file_is_looked_into(current, tmp_path, name):
    (tmp_path / name).write_text("changed", encoding="utf-8")
    assert all_current(*current, Options()) == 0


@pytest.mark.parametrize("name", ["reports/index.html", "reports/0060-almsund/a.html", "reports/run.json"])
def test_a_missing_file_is_looked_into(current, tmp_path, name):
    (tmp_path / name).unlink()
    assert all_current(*current, Options()) == 0


def test_a_failed_report_is_looked_into(current):
    record = Record(current[1])
    record.entries["0060"]["status"] = "failed"
    record.write()
    assert all_current(*current, Options()) == 0


def test_another_file_with_the_same_content_is_another_input(current, tmp_path):
    before = inputs_hash(tmp_path / "data")
    (tmp_path / "data" / "visits.csv").rename(tmp_path / "data" / "usage.csv")
    assert inputs_hash(tmp_path / "data") != before


def test_hidden_files_and_the_lock_files_of_excel_are_no_input(current, tmp_path):
    before = inputs_hash(tmp_path / "data")
    (tmp_path / "data" / ".hidden").write_text("x", encoding="utf-8")
    (tmp_path / "data" / "~$round.xlsx").write_text("x", encoding="utf-8")
    assert inputs_hash(tmp_path / "data") == before
