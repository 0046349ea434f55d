"""Dossiers: sealed whole, the same bytes twice, one municipality only, and nothing a report may not see."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pandas as pd
import pyarrow as pa
import pytest

from klktools.assessment import assess
from klktools.dossier import (
    Dossier,
    findings_record,
    open_benchmark,
    open_dossier,
)
from klktools.dossier.pack import Packed, pack
from klktools.dossier.seal import seal_benchmark, seal_dossiers
from klktools.errors import ParameterError, TableError
from klktools.intake import read_round
from tests.intake.small_round import grids, write_csv, write_workbook

CODE = "0020"


@pytest.fixture(scope="module")
def folder(sample_assessment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    seal_dossiers(sample_assessment, folder)
    return folder


@pytest.fixture(scope="module")
def dossier(folder) -> Dossier:
    return open_dossier(folder / CODE)


def with_round(assessment, *codes: str, **changes):
    """The same assessment on a round with other journals, of these municipalities only."""
    known = assessment.round.tables
    kept = known["municipalities"][known["municipalities"]["municipality"].isin(codes)]
    smaller = dataclasses.replace(assessment.round, tables={**known, "municipalities": kept}, **changes)
    return dataclasses.replace(assessment, round=smaller)


def journal(**changes: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "municipality": CODE,
        "table": "usage",
        "file": "usage.csv",
        "sheet": None,
        "row": 14,
        "cell": "D14",
        "column": "through",
        "value": "12x",
        "rule": "type",
        "severity": "error",
        "message": "»12x« er ikke et tal",
        "remedy": "Ret cellen",
    }
    return pd.DataFrame([row | changes])


def sealed_problem(assessment, to, **changes) -> pd.Series:
    table = journal(**changes)
    seal_dossiers(with_round(assessment, CODE, problems=table), to)
    return open_dossier(to / CODE).tables["problems"].iloc[0]


def test_every_municipality_has_a_folder_and_all_share_the_reference(sample_assessment, folder):
    codes = sorted(sample_assessment.municipalities["municipality"])
    assert sorted(path.name for path in folder.iterdir()) == sorted([*codes, "reference"])


def test_a_dossier_holds_one_municipality_only(dossier):
    for name, table in dossier.tables.items():
        assert set(table["municipality"]) <= {CODE}, name


def test_no_other_municipality_is_mentioned_in_any_file(sample_assessment, folder):
    others = sample_assessment.municipalities.query("municipality != @CODE")
    words = [*others["name"], *(f'"{code}"' for code in others["municipality"])]
    texts = (folder / CODE / "meta.json").read_text(encoding="utf-8")
    for table in open_dossier(folder / CODE).tables.values():
        texts += table.select_dtypes(["str", "object"]).to_csv()
    assert not [word for word in words if word in texts]


def test_a_dossier_gives_back_the_tables_that_were_sealed(sample_assessment, dossier):
    expected = sample_assessment.depth_by_municipality.query("municipality == @CODE").reset_index(drop=True)
    pd.testing.assert_frame_equal(dossier.tables["depth_by_municipality"], expected)
    reference = sample_assessment.reference
    foreign = reference["group_kind"].isin(["wave", "size_class"]) & ~reference["group"].isin(
        [dossier.meta["wave"], dossier.meta["size_class"]]
    )
    assert foreign.any()
    pd.testing.assert_frame_equal(dossier.reference, reference[~foreign].reset_index(drop=True))
    assert (dossier.code, dossier.name, dossier.language) == (CODE, "Havnekær", "da")


def test_what_a_report_may_not_see_is_not_there(dossier):
    forbidden = {
        "answer_scores",
        "rater_differences",
        "interviews",
        "answers",
        "ratings",
        "usage_log",
        "cells",
    }
    assert not forbidden & set(dossier.tables)
    columns = {column for table in dossier.tables.values() for column in table.columns}
    secrets = {
        "supplier",
        "licence_kr",
        "consultant",
        "consultants",
        "user_hash",
        "note",
        "theme",
        "interview",
    }
    assert not secrets & columns
    assert "role" not in columns and "name" not in dossier.tables["solutions"]
    assert "I10b_kr" not in dossier.tables["depth_by_solution"]
    priced = dossier.tables["indicators"].query("indicator == 'I10b'")
    assert priced["solution"].tolist() == [""]


def test_figures_of_fewer_than_five_persons_are_not_there(folder, sample_assessment):
    hidden = 0
    for code in sample_assessment.municipalities["municipality"].head(20):
        tables = open_dossier(folder / code).tables
        scores, groups = tables["scores"], tables["training_by_group"]
        few = scores["n_persons"].lt(5)
        hidden += int(few.sum())
        assert scores.loc[few, ["I", "I25a", "I25c"]].isna().all(axis=None)
        assert not groups["users"].lt(5).any()
        claims = tables["claims"].iloc[0]
        assert claims["n_claims"] >= 5 or pd.isna(claims["claimed_share"])
    assert hidden > 0


def test_sealing_twice_gives_the_same_bytes_and_touches_nothing(sample_assessment, folder, tmp_path):
    few = with_round(sample_assessment, CODE, "0048")
    first = seal_dossiers(few, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    second = seal_dossiers(few, tmp_path)
    pd.testing.assert_frame_equal(first, second)
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for path in (tmp_path / CODE).iterdir():
        assert path.read_bytes() == (folder / CODE / path.name).read_bytes(), path.name


def test_a_change_in_one_municipality_changes_its_dossier_only(sample_assessment, tmp_path):
    few = with_round(sample_assessment, CODE, "0048", "0023")
    first = seal_dossiers(few, tmp_path).set_index("municipality")["sha256"]
    change = few.depth_by_municipality
    changed = change.assign(I09=change["I09"].mask(change["municipality"].eq(CODE), 0.123))
    again = dataclasses.replace(few, depth_by_municipality=changed)
    second = seal_dossiers(again, tmp_path).set_index("municipality")["sha256"]
    assert second.index[second.ne(first)].tolist() == [CODE]
    assert open_dossier(tmp_path / CODE).tables["depth_by_municipality"].loc[0, "I09"] == 0.123


def test_a_half_written_dossier_is_replaced_whole(sample_assessment, tmp_path):
    few = with_round(sample_assessment, CODE)
    first = seal_dossiers(few, tmp_path)
    (tmp_path / CODE / "tables.arrow").unlink()
    (tmp_path / CODE / "stray.txt").write_text("x", encoding="utf-8")
    second = seal_dossiers(few, tmp_path)
    pd.testing.assert_frame_equal(first, second)
    assert (tmp_path / CODE / "tables.arrow").is_file() and not (tmp_path / CODE / "stray.txt").exists()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_meta_holds_what_the_report_is_called_by(dossier):
    assert dict(dossier.meta) == {
        "code": CODE,
        "name": "Havnekær",
        "full_name": "Havnekær Kommune",
        "wave": "2018E",
        "size_class": "60000_99999",
        "instrument_version": "v2",
        "visit_month": dossier.tables["visits"]["end_date"].iloc[0].strftime("%Y-%m"),
        "visit_status": dossier.tables["visits"]["status"].iloc[0],
        "synthetic": True,
    }


def test_a_broken_cell_is_shown_as_delivered(sample_assessment, tmp_path):
    found = sealed_problem(sample_assessment, tmp_path)
    assert (found["value"], found["message"], found["cell"]) == ("12x", "»12x« er ikke et tal", "D14")


@pytest.mark.parametrize(
    "cell",
    # numbers nobody can have (framework 3.6), a mail address, a telephone number
    [
        "311257-5005",
        "3112575005",
        "010157 5001",
        "711257-5003",
        "707515123",
        "navn@eksempel.dk",
        "12 34 56 78",
    ],
)
def test_a_cell_that_looks_personal_is_masked_wherever_it_stands(sample_assessment, tmp_path, cell):
    found = sealed_problem(sample_assessment, tmp_path, value=cell, message=f"»{cell}« er ikke et tal")
    assert (found["value"], found["message"]) == ("…", "»…« er ikke et tal")


@pytest.mark.parametrize(
    ("table", "column"), [("answers", "score"), ("solutions", "supplier"), ("gains", "description")]
)
def test_a_cell_from_a_personal_place_is_masked_whatever_it_says(sample_assessment, tmp_path, table, column):
    found = sealed_problem(sample_assessment, tmp_path, table=table, column=column, value="12x")
    assert (found["value"], found["message"]) == ("…", "»…« er ikke et tal")


def test_an_empty_cell_of_a_personal_place_masks_nothing(sample_assessment, tmp_path):
    told = {"value": "", "message": "Feltet skal udfyldes", "remedy": "Udfyld cellen"}
    problem = sealed_problem(sample_assessment, tmp_path, table="answers", column="score", **told)
    assert problem[list(told)].to_dict() == told


def test_a_sentence_without_a_cell_in_it_is_left_whole(sample_assessment, tmp_path):
    """Only what was delivered is masked, not the words of the toolkit that happen to be equal to it."""
    encoding = {"file": "0020 interviews.csv", "row": None, "cell": "", "column": "", "rule": "E03"}
    told = {"old": "cp1252", "new": "UTF-8", "message": "Filen var ikke UTF-8 og er læst som Windows-1252"}
    score = {"rule": "R09", "column": "score", "old": "2", "new": "", "message": "Der står »2«"}
    plain = {
        "rule": "R10",
        "column": "status",
        "old": "kende",
        "new": "",
        "message": "Et »ved ikke« skal kende",
    }
    made = [journal(table="interviews", **encoding, **told)]
    made += [journal(table="answers", remedy="Se 2", **more) for more in (score, plain)]
    corrections = pd.concat(made, ignore_index=True)
    seal_dossiers(with_round(sample_assessment, CODE, corrections=corrections), tmp_path)
    sealed = open_dossier(tmp_path / CODE).tables["corrections"]
    assert sealed[["old", "new", "message", "remedy"]].values.tolist() == [
        ["cp1252", "UTF-8", "Filen var ikke UTF-8 og er læst som Windows-1252", "Ret cellen"],
        ["…", "", "Der står »…«", "Se 2"],
        ["…", "", "Et »ved ikke« skal kende", "Se 2"],
    ]


def test_a_path_becomes_a_file_name(sample_assessment, tmp_path):
    assert sealed_problem(sample_assessment, tmp_path, file="/home/abc/ind/usage.csv")["file"] == "usage.csv"


def test_a_problem_of_another_municipality_stays_out(sample_assessment, tmp_path):
    table = pd.concat([journal(municipality="0048"), journal(municipality=None)])
    problems = table.reset_index(drop=True)
    seal_dossiers(with_round(sample_assessment, CODE, problems=problems), tmp_path)
    assert open_dossier(tmp_path / CODE).tables["problems"].empty


def test_a_missing_dossier_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ParameterError) as fault:
        open_dossier(tmp_path / "0999")
    assert str(fault.value) == (
        "`dossier` must be a folder sealed by klktools; found no 0999/meta.json."
        " Run `klktools report DATA` first."
    )


def test_a_dossier_without_its_reference_is_said_in_one_sentence(folder, tmp_path):
    shutil.copytree(folder / CODE, tmp_path / CODE)
    with pytest.raises(ParameterError, match="found no reference/meta.json"):
        open_dossier(tmp_path / CODE)


def test_an_unknown_language_is_refused(folder):
    with pytest.raises(ParameterError, match="`language` must be da or en; found 'sv'"):
        open_dossier(folder / CODE, language="sv")


def test_a_spoilt_dossier_is_refused_without_a_traceback(folder, tmp_path):
    for name in (CODE, "reference"):
        shutil.copytree(folder / name, tmp_path / name)
    (tmp_path / CODE / "tables.arrow").write_bytes(b"not arrow")
    with pytest.raises(TableError, match="A sealed folder must be readable; could not read 0020"):
        open_dossier(tmp_path / CODE)


@pytest.mark.parametrize("kept", [0, 1, 8, 1000, -8, -1])
def test_a_dossier_cut_short_is_refused_without_a_traceback(folder, tmp_path, kept):
    for name in (CODE, "reference"):
        shutil.copytree(folder / name, tmp_path / name)
    whole = (tmp_path / CODE / "tables.arrow").read_bytes()
    (tmp_path / CODE / "tables.arrow").write_bytes(whole[:kept])
    with pytest.raises(TableError, match="A sealed folder must be readable; could not read 0020"):
        open_dossier(tmp_path / CODE)


def test_a_packed_file_gives_back_every_table_as_it_was():
    tables = {
        "kinds": pd.DataFrame(
            {
                "text": pd.array(["æ", None, ""], "str"),
                "whole": pd.array([1, None, 3], "Int64"),
                "number": [0.5, float("nan"), -1.0],
                "flag": pd.array([True, None, False], "boolean"),
                "month": pd.to_datetime(["2018-09-01", None, "2017-01-01"]).astype("datetime64[us]"),
            }
        ),
        "none": pd.DataFrame({"text": pd.Series(dtype="str"), "whole": pd.Series(dtype="Int64")}),
    }
    packed = pack({name: pa.Table.from_pandas(table) for name, table in tables.items()})
    assert packed == pack({name: pa.Table.from_pandas(table) for name, table in tables.items()})
    opened = Packed(packed)
    assert (list(opened), len(opened), repr(opened)) == (list(tables), 2, "<2 tables: kinds, none>")
    assert list(opened.having(["whole", "nowhere"])) == ["kinds", "none"]
    assert list(opened.having(["flag"])) == ["kinds"]
    assert "other" not in opened
    for name, table in tables.items():
        pd.testing.assert_frame_equal(opened[name], table)


def test_a_packed_file_can_be_read_without_the_toolkit(folder, dossier):
    row = pd.read_feather(folder / CODE / "tables.arrow")
    assert (len(row), list(row)) == (1, list(dossier.tables))
    findings = [finding["finding"] for finding in row.loc[0, "findings"]]
    assert findings == dossier.tables["findings"]["finding"].tolist()


def test_an_open_dossier_cannot_be_changed(dossier):
    with pytest.raises(dataclasses.FrozenInstanceError):
        dossier.code = "0101"
    with pytest.raises(TypeError):
        dossier.tables["scores"] = pd.DataFrame()


def test_the_record_of_findings_holds_the_facts_of_the_text(sample_assessment, dossier):
    record = json.loads(json.dumps(findings_record(dossier), allow_nan=False))
    table = sample_assessment.findings.query("municipality == @CODE").sort_values("rank")
    assert (record["municipality"], record["wave"], record["instrument_version"]) == (CODE, "2018E", "v2")
    assert [item["id"] for item in record["findings"]] == table["finding"].tolist()
    assert [item["rank"] for item in record["findings"]] == list(range(1, len(table) + 1))
    for item, row in zip(record["findings"], table.to_dict("records"), strict=True):
        assert item["values"] == json.loads(row["values"]) and item["version"] == row["version"]
        assert (
            item["main"] == row["main"]
            and item["trigger"]
            and len(item["subjects"]) == row["n_subjects"] == item["n_subjects"]
        )
        assert item["subjects"][0] == {"subject": row["subject"], "values": item["values"]}


def test_the_benchmark_opens_with_the_statements_and_names_nobody(sample_assessment, tmp_path):
    first = seal_benchmark(sample_assessment, tmp_path / "benchmark", edition="municipal")
    assert first == seal_benchmark(sample_assessment, tmp_path / "benchmark", edition="municipal")
    benchmark = open_benchmark(tmp_path / "benchmark", language="en")
    assert set(benchmark.tables) == set(sample_assessment.statements["municipal"])
    assert dict(benchmark.meta) == {"edition": "municipal", "synthetic": True} and benchmark.language == "en"
    pd.testing.assert_frame_equal(benchmark.reference, sample_assessment.reference)
    assert not [name for name, table in benchmark.tables.items() if "municipality" in table]


def test_a_missing_benchmark_says_what_to_run(tmp_path):
    with pytest.raises(ParameterError, match="Run `klktools benchmark DATA` first"):
        open_benchmark(tmp_path / "benchmark")


def test_dossiers_of_a_round_with_notes_hold_none_of_them(tmp_path):
    secret = "Hemmelig Udtalelse"
    notes = pd.DataFrame({"note_id": ["1"], "interview_id": ["I1"], "tekst": [secret]})
    tables = grids()
    tables["interviews"] = tables["interviews"].assign(notetekst=secret)
    tables["ratings"].loc[0, "reason"] = secret  # a free text that the contract asks for
    write_csv({**tables, "noter": notes}, tmp_path / "round")
    write_csv({"usage": notes}, tmp_path / "round" / "_restricted")
    write_workbook({"Referat": notes}, tmp_path / "round" / "0060 bilag.xlsx")
    round_ = read_round(tmp_path / "round")
    assert round_.problems["rule"].to_list().count("P04") == 3
    seal_dossiers(assess(round_), tmp_path / "sealed")
    sealed = open_dossier(tmp_path / "sealed" / "0060")
    texts = [table.to_csv() for table in (*sealed.tables.values(), sealed.reference)]
    raw = [path.read_bytes() for path in (tmp_path / "sealed").rglob("*") if path.is_file()]
    assert len(texts) > 20 and any("P04" in text for text in texts)
    assert not any(secret in text for text in texts)
    assert not any(secret.encode() in content for content in raw)
