"""The raw edition read back: every planted error is found, nothing else, and repairs give what it was."""

from __future__ import annotations

import pandas as pd
import pytest

from klktools.assessment import assess
from klktools.cli import main
from klktools.errors import ParameterError
from klktools.intake import read_round
from klktools.sample import STORIES, make_chunks, make_round, write_raw_chunks
from klktools.sample.raw import ROUND, TRUTH
from klktools.sample.raw.delivery import Delivery, deliver
from klktools.sample.raw.planted import PLANTED
from klktools.sample.raw.ways import load, way_of
from tests.conftest import same_draws
from tests.sample.raw.compare import NOTATIONS, compare, read_truth, said, without

CATALOGUE = [f"E{number:02d}" for number in range(1, 39)]
AAMUNDE, RAVNFJORD = STORIES["S16"]["municipality"], STORIES["S15"]["municipality"]
# the answers of an interview that was entered twice (E17)
MORE_ROWS = {("0030", "answers"), ("0066", "answers")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    to = tmp_path_factory.mktemp("raw")
    assert main(["sample", "--edition", "raw", "--to", str(to)]) == 0
    return to


@pytest.fixture(scope="module")
def truth(folder):
    return read_truth(folder / TRUTH)


@pytest.fixture(scope="module")
def raw(folder):
    return read_round(folder / ROUND)


@pytest.fixture(scope="module")
def found(raw, sample_round):
    return without(said(raw), said(sample_round))


@pytest.fixture(scope="module")
def differences(truth, found):
    return compare(*(table[table["table"] != "usage_log"] for table in (truth, found)))


@pytest.fixture(scope="module")
def assessment(raw):
    return assess(raw)


def of(table: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """A municipality's rows, categories as texts."""
    texts = table.select_dtypes("category").columns
    rows = table[table["municipality"] == municipality].astype(dict.fromkeys(texts, "str"))
    return rows.reset_index(drop=True)


def test_every_error_of_the_catalogue_is_planted(truth):
    assert sorted(set(truth["error"]) - {"S17"}) == CATALOGUE


def test_every_kind_of_mistake_is_made_by_some_municipality():
    made = {name for entry in load("mistakes")["municipalities"].values() for name in entry["mistakes"]}
    assert made == set(PLANTED)


def test_every_municipality_writes_something_otherwise_than_the_contract(truth, sample_round):
    harmless = truth[truth["handling"] == "correction"]
    assert set(harmless["municipality"]) == set(sample_round.tables["municipalities"]["municipality"])


def test_every_planted_error_is_found_at_its_cell_with_its_rule_and_handling(differences):
    missed, _ = differences
    assert missed.to_dict("records") == []


def test_nothing_is_found_that_was_not_planted(differences):
    _, unplanted = differences
    assert unplanted.to_dict("records") == []


def test_the_errors_in_the_logs_are_found_and_nothing_else_is(truth, found):
    missed, unplanted = compare(*(table[table["table"] == "usage_log"] for table in (truth, found)))
    assert missed.to_dict("records") == []
    assert unplanted.to_dict("records") == []


def test_a_notation_is_told_once_with_the_number_of_cells_it_was_found_in(truth, found):
    """Danish numbers, days first and months in words; the witness is the text of the cells as written."""
    notations = truth[truth["rule"].isin(["E05", "E10", "E11"]) & (truth["handling"] == "correction")]
    notations = notations[notations["table"] != "usage_log"]
    told = found[found["rule"].isin(["E05", "E10", "E11"]) & (found["handling"] == "correction")]
    told = told.assign(column=told["cell"].str.extract("([A-Z]+)", expand=False))
    planted = notations.assign(column=notations["cell"].str.extract("([A-Z]+)", expand=False))
    both = planted.merge(told, on=["file", "sheet", "rule", "column"], suffixes=("_planted", "_told"))
    # dates in both orders are of two notations in one column, beside those that could be either; a number in
    # a row without a municipality is told apart
    both = both[~both.duplicated(["file", "sheet", "rule", "column"], keep=False)]
    assert len(both) == len(notations) - 3 > 800
    assert (both["message"].str.extract(r"^(\d+) celler?", expand=False) == both["cells"]).all()


def test_codes_and_serial_dates_are_told_once_a_column_with_the_number_of_cells(truth, found):
    told = found[found["rule"].isin(NOTATIONS) & (found["handling"] == "correction")]
    planted = truth[truth["rule"].isin(NOTATIONS) & (truth["handling"] == "correction")]
    letter = "([A-Z]+)"
    key = ["file", "sheet", "rule", "letter"]
    counts = planted.assign(
        letter=planted["cell"].str.extract(letter, expand=False), n=planted["cells"].astype(int)
    )
    said_of = told.assign(letter=told["cell"].str.extract(letter, expand=False))
    said_of = said_of.assign(n=told["message"].str.extract(r"^(\d+) celler?", expand=False).astype(int))
    expected, actual = (table.groupby(key)["n"].sum() for table in (counts, said_of))
    assert len(said_of) == len(actual) > 150
    pd.testing.assert_series_equal(actual, expected)


@same_draws
def test_a_table_with_nothing_but_corrections_is_that_of_the_clean_edition(truth, raw, sample_round):
    other = truth[~truth["handling"].isin(["correction", "read"])]
    spoilt = set(other[["municipality", "table"]].itertuples(index=False, name=None)) | MORE_ROWS
    compared = 0
    for name in set(raw.tables) - {"logged_usage"}:
        for municipality in sample_round.tables["municipalities"]["municipality"]:
            if (municipality, name) not in spoilt:
                found, clean = (of(round_.tables[name], municipality) for round_ in (raw, sample_round))
                pd.testing.assert_frame_equal(found, clean, obj=f"{municipality} {name}")
                compared += 1
    assert compared > 940


def test_logs_give_the_usage_of_the_clean_edition(raw, sample_round):
    pd.testing.assert_frame_equal(raw.tables["logged_usage"], sample_round.tables["logged_usage"])


def test_s16_aamunde_is_assessed_as_if_its_files_were_clean(truth, assessment, sample_assessment):
    """The share of 104 per cent stands where the clean edition measures nothing, so no result differs."""
    planted = set(truth.loc[truth["municipality"] == AAMUNDE, "error"])
    assert {"E01", "E03", "E05", "E07", "E09", "E13", "E15"} <= planted
    tables = [
        name
        for name, table in vars(sample_assessment).items()
        if isinstance(table, pd.DataFrame) and "municipality" in table
    ]
    # the quality of the data is told as it is, and the quartiles are those of all municipalities
    for name in set(tables) - {"data_quality", "quality_by_municipality", "indicators", "positions"}:
        found, clean = (of(getattr(made, name), AAMUNDE) for made in (assessment, sample_assessment))
        pd.testing.assert_frame_equal(found, clean, obj=name)
    assert len(of(sample_assessment.findings, AAMUNDE)) > 5


@same_draws
def test_s15_a_renamed_department_is_one_with_the_mapping_and_two_without(assessment, sample_assessment):
    """Without it the months before July 2017 are nobody's; with it they are those of the new department."""
    new = of(sample_assessment.round.tables["departments"], RAVNFJORD).query("replaces == 'A05'").iloc[0]
    assert [new["name"], f"{new['valid_from']:%Y-%m}"] == ["Børn, Unge og Kultur", "2017-07"]
    problems = [of(made.round.problems, RAVNFJORD) for made in (sample_assessment, assessment)]
    assert [int((table["rule"] == "E14").sum()) for table in problems] == [0, 1]
    (warning,) = problems[1].query("rule == 'E14'").to_dict("records")
    assert warning["message"] == (
        "»Børn, Unge og Kultur« kommer til (2017-07), når »Børn og Kultur« ophører (2017-06), "
        "men det står ikke, om den ene afløser den anden"
    )
    months = [of(made.usage_by_month, RAVNFJORD) for made in (sample_assessment, assessment)]
    before = [table[table["month"] < "2017-07-01"]["through"].sum() for table in months]
    after = [table[table["month"] >= "2017-07-01"]["through"].sum() for table in months]
    assert before[0] > before[1]
    assert after[0] == after[1]


def finding(made, municipality, name):
    return name in set(of(made.findings, municipality)["finding"])


def test_what_is_a_finding_is_found_by_the_assessment(truth, assessment, sample_assessment):
    findings = truth[truth["handling"] == "finding"]
    (own,) = set(findings.loc[findings["error"] == "E19", "municipality"])
    assert [finding(made, own, "F-D09") for made in (sample_assessment, assessment)] == [False, True]
    (cycle,) = set(truth.loc[truth["error"] == "E27", "municipality"])
    assert [finding(made, cycle, "F-P03") for made in (sample_assessment, assessment)] == [False, True]
    (dangling,) = findings[findings["error"] == "E26"].to_dict("records")
    conflicts = of(assessment.conflicts, dangling["municipality"])
    assert dangling["planted"] in set(conflicts.loc[conflicts["conflict"] == "K3", "requires"])


def test_gains_of_one_year_are_summed_apart(truth, assessment, sample_assessment):
    for municipality in set(truth.loc[truth["error"] == "E24", "municipality"]):
        made = (sample_assessment, assessment)
        before, after = (of(a.gains_by_municipality, municipality)["one_off_kr"].item() for a in made)
        gains = of(assessment.round.tables["gains"], municipality).query("duration == 'one_off'")
        assert before == 0
        assert after == gains["budget_cut_kr"].sum() > 0


def test_months_left_out_are_listed_as_missing(truth, assessment):
    (gap,) = truth[(truth["error"] == "E12") & (truth["rule"] == "E12")].to_dict("records")
    solution, *months = gap["clean"].split()
    depth = of(assessment.depth_by_solution, gap["municipality"]).set_index("solution")
    assert set(months) <= set(depth.at[solution, "missing_months"].split("|"))


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_raw_chunks(make_chunks(municipalities=8), tmp_path / name)
    first, second = ({p.relative_to(tmp_path / n): p for p in (tmp_path / n).rglob("*.*")} for n in "ab")
    assert set(first) == set(second)
    assert {path.suffix for path in first} >= {".xlsx", ".csv", ".md"}
    assert all(path.read_bytes() == second[name].read_bytes() for name, path in first.items())


def test_a_folder_with_another_round_in_it_is_left_alone(tmp_path):
    other = tmp_path / ROUND / "kommuner.csv"
    other.parent.mkdir()
    other.write_text("kommunekode", encoding="utf-8")
    with pytest.raises(ParameterError) as error:
        write_raw_chunks(make_chunks(municipalities=1), tmp_path)
    assert str(error.value) == (
        f"The raw edition must be written to a folder of its own; found {tmp_path / ROUND}. "
        "Choose another folder."
    )
    assert other.read_text(encoding="utf-8") == "kommunekode"


def test_a_municipality_hands_in_the_same_however_many_there_are(tmp_path):
    few, more = (write_raw_chunks(make_chunks(municipalities=n), tmp_path / str(n)) for n in (1, 3))
    files = [path.relative_to(few) for path in few.rglob("*.*")]
    assert all((few / name).read_bytes() == (more / name).read_bytes() for name in files)


def test_mistakes_are_left_out_where_there_is_nothing_to_make_them_in():
    clean = {name: table.head(1) for name, table in make_round(municipalities=1, seed=1).items()}
    delivery = deliver(clean, way_of("0073"))
    assert {name for name, how in PLANTED.items() if not isinstance(how(delivery), Delivery)} == set()


def test_a_generated_municipality_keeps_the_letter_of_its_code(tmp_path):
    chunk = list(make_chunks(municipalities=58, seed=1))[-1]
    data = write_raw_chunks([chunk], tmp_path)
    assert list(read_round(data).tables["municipalities"]["municipality"]) == ["A001", "A002", "A003"]


def test_an_earlier_raw_edition_in_the_folder_is_replaced(tmp_path):
    data = write_raw_chunks(make_chunks(municipalities=2), tmp_path)
    write_raw_chunks(make_chunks(municipalities=1), tmp_path)
    assert [path.name for path in data.iterdir()] == ["0073 Aamunde"]


def test_a_round_as_handed_in_gives_reports(folder, tmp_path):
    """Aamunde, Gyvelø, and two whose problems quote a number as delivered."""
    wanted = [part for code in ("0073", "0058", "0033", "0043") for part in ("--municipality", code)]
    assert main(["report", str(folder / ROUND), "--to", str(tmp_path), "--formats", "html", *wanted]) == 0
    assert len(list(tmp_path.glob("0*/*.html"))) == 4
