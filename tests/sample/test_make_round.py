"""The synthetic round itself: reproducible, whole, of any size, and invented."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from klktools.contract import load_contract
from klktools.errors import ParameterError
from klktools.intake import read_round
from klktools.sample import STORIES, make_chunks, make_round, write_chunks, write_round
from klktools.sample.profiles import block_profiles, generated_code, generated_name
from klktools.sample.resources import named_municipalities, read
from tests.conftest import same_draws

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
DERIVED = {"municipalities": {"size_class"}, "interviews": {"duplicate_of"}}


@pytest.fixture(scope="module")
def made():
    return make_round()


@pytest.fixture(scope="module")
def larger():
    return make_round(municipalities=60)


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True))


def delivered(column):
    """The type a column is delivered in: categories are a matter of the round that is read."""
    return "str" if column.dtype == "category" else column.dtype


def committed(name: str) -> pd.DataFrame:
    columns = load_contract().tables[name].columns
    table = pd.read_parquet(SAMPLE / f"{name}.parquet")
    return table.astype({column: delivered(columns[column]) for column in table})


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=same_draws if name == "usage" else ()) for name in load_contract().tables],
)
def test_the_committed_sample_is_what_make_round_makes(made, name):
    assert_same(committed(name), made[name])


def test_the_committed_sample_is_small_and_says_that_it_is_synthetic():
    files = list(SAMPLE.iterdir())
    assert sum(file.stat().st_size for file in files) < 15_000_000
    assert {file.stem for file in files if file.suffix == ".parquet"} == set(load_contract().tables)
    for file in SAMPLE.glob("*.parquet"):
        assert pq.read_metadata(file).metadata[b"klktools"].startswith(b"SYNTHETIC")
    assert "SYNTHETIC DATA" in (SAMPLE / "SYNTHETIC.md").read_text(encoding="utf-8")
    assert "synthetic" in (SAMPLE / "README.md").read_text(encoding="utf-8").lower()


def test_every_table_has_the_columns_and_types_of_the_contract(made):
    for name, spec in load_contract().tables.items():
        given = [c for c in spec.columns.values() if c.name not in DERIVED.get(name, set())]
        expected = {c.name: delivered(c) for c in given}
        assert {column: str(dtype) for column, dtype in made[name].dtypes.items()} == expected, name


def test_every_key_is_unique_and_every_table_sorted_by_it(made):
    for name, spec in load_contract().tables.items():
        key = made[name][list(spec.key)]
        assert not key.duplicated().any(), name
        assert_same(made[name], made[name].sort_values(list(spec.key), kind="stable"))


# told without a fault of a row: months not delivered, turnover without a definition, a circle
PLANTED = {"E12", "E27", "E28b"}


def test_the_sample_passes_the_data_contract_without_an_error_or_a_correction(sample_round):
    assert set(sample_round.problems["rule"]) == PLANTED
    assert set(sample_round.problems["severity"]) == {"warning"}
    assert sample_round.delivered[["rows_rejected", "rows_warned"]].sum().sum() == 0
    assert sample_round.corrections.empty


def test_the_circle_told_is_that_of_birkesund(sample_round):
    told = sample_round.problems.query("rule == 'E27'")
    assert told["municipality"].unique().tolist() == [STORIES["S10"]["municipality"]]


def test_the_months_told_as_missing_are_those_without_a_row(sample_round):
    own = {name: table[table["municipality"] == "0011"] for name, table in sample_round.tables.items()}
    names = own["departments"].set_index("department")["name"]
    period = own["visits"].iloc[0]
    expected = {
        (row.name, names[department], str(month))
        for row in own["solutions"].query("status != 'planned'").itertuples()
        for department in row.relevant_departments.split("|")
        for month in pd.period_range(max(row.go_live, period["period_from"]), period["period_to"], freq="M")
    }
    solutions = own["solutions"].set_index("solution")["name"]
    rows = zip(own["usage"]["solution"], own["usage"]["department"], own["usage"]["month"], strict=True)
    delivered = {(solutions[s], names[d], f"{month:%Y-%m}") for s, d, month in rows}
    told = set()
    for text in sample_round.problems.query("rule == 'E12' and municipality == '0011'")["message"]:
        solution, spans, where = re.fullmatch(
            r"(.*) har ingen brugbare tal for (.*) i (.*?); det .*", text
        ).groups()
        ends = [span.split("–") for span in spans.split(", ")]
        months = [str(m) for end in ends for m in pd.period_range(end[0], end[-1], freq="M")]
        told |= {(solution, department, month) for department in where.split(", ") for month in months}
    assert told == expected - delivered


def test_another_seed_gives_another_round_of_the_same_municipalities():
    one, other = make_round(municipalities=3, seed=1), make_round(municipalities=3, seed=2)
    assert_same(one["municipalities"], other["municipalities"])
    assert not one["usage"].equals(other["usage"])


def test_the_same_tables_are_written_with_the_same_bytes(tmp_path):
    tables = make_round(municipalities=3)
    first, second = write_round(tables, tmp_path / "a"), write_round(tables, tmp_path / "b")
    names = sorted(file.name for file in first.iterdir())
    assert names == sorted(file.name for file in second.iterdir())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


@pytest.mark.parametrize("count", [1, 3, 60])
def test_a_round_of_any_size_is_valid(count, tmp_path, larger):
    tables = larger if count == 60 else make_round(municipalities=count)
    assert len(tables["municipalities"]) == count
    read_back = read_round(write_round(tables, tmp_path))
    assert set(read_back.problems["rule"]) <= PLANTED
    assert len(read_back.tables["solutions"]) == len(tables["solutions"])


def test_a_municipality_is_the_same_however_many_are_made(made, larger):
    few = make_round(municipalities=3)
    kept = set(few["municipalities"]["municipality"])
    for name in load_contract().tables:
        assert_same(few[name], made[name][made[name]["municipality"].isin(kept)])
        named = larger[name]["municipality"].isin(made["municipalities"]["municipality"])
        assert_same(made[name], larger[name][named])


def test_a_round_written_in_chunks_is_the_round_written_at_once(tmp_path, larger):
    chunks = write_chunks(make_chunks(municipalities=60), tmp_path)
    written = pd.read_parquet(chunks / "initiatives.parquet", columns=["municipality", "initiative", "start"])
    assert_same(
        written.astype(larger["initiatives"].dtypes[written.columns]), larger["initiatives"][written.columns]
    )


def test_up_to_55_municipalities_are_the_named_ones_in_file_order():
    few = make_round(municipalities=3)["municipalities"].set_index("municipality")["name"]
    named = named_municipalities().head(3).set_index("municipality")["name"]
    assert few.to_dict() == named.to_dict()


def test_a_generated_block_fills_the_same_quotas_as_the_named_ones(larger):
    generated = pd.DataFrame([vars(profile) for profile in block_profiles(7, seed=2018)])
    assert generated["wave"].value_counts().to_dict() == {"2018E": 30, "2018F": 25}
    assert generated["plan_class"].value_counts().to_dict() == {"partial": 28, "no_plan": 18, "plan": 9}
    assert generated["depth_class"].value_counts().to_dict() == {
        "undecided": 18,
        "cannot_be_said": 15,
        "certainly_not_above": 14,
        "certainly_above": 8,
    }
    assert larger["municipalities"]["population"].between(6_400, 204_300).all()


def test_codes_are_text_of_four_characters(larger):
    codes = larger["municipalities"]["municipality"]
    assert codes.str.fullmatch("0[0-9]{3}|[A-Z][0-9]{3}").all()
    assert codes.is_unique
    assert [generated_code(n) for n in (0, 998, 999, 9_944)] == ["A001", "A999", "B001", "L954"]


def test_no_name_is_that_of_a_real_municipality():
    real = pd.read_csv(ROOT / "klktools" / "framework" / "municipalities.csv", dtype=str)
    taken = set(real["name"].str.casefold()) | set(real["full_name"].str.casefold())
    generated = [generated_name(n) for n in range(9_945)]
    names = [*named_municipalities()["name"], *generated]
    assert len(set(names)) == 10_000
    assert not taken & {name.casefold() for name in names}
    assert not set(real["municipality"]) & set(named_municipalities()["municipality"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"municipalities": 0},
            "The number of municipalities must be 1 to 10000; found 0. Choose another number.",
        ),
        (
            {"municipalities": 10_001},
            "The number of municipalities must be 1 to 10000; found 10001. Choose another number.",
        ),
        ({"seed": -1}, "The seed must be a whole number of 0 or more; found -1. Choose another seed."),
    ],
)
def test_a_size_or_seed_that_cannot_be_made_is_said_in_one_sentence(settings, message):
    with pytest.raises(ParameterError) as error:
        make_round(**settings)
    assert str(error.value) == message


def test_every_story_belongs_to_its_municipality_in_the_register():
    register = named_municipalities()
    told = register[register["story"].ne("")].set_index("story")["municipality"].to_dict()
    assert {story: entry["municipality"] for story, entry in STORIES.items()} == told
    assert sorted(STORIES) == [f"S{n:02d}" for n in range(1, 25)]


def test_scores_of_number_questions_follow_the_face_value_keys(made):
    """Framework 1.2: Q11 to 10 pct. 1, 25: 2, 50: 3, above 4; Q12 yes 3, no 1; others by breakpoints."""
    answers = made["answers"][made["answers"]["status"].eq("answered")]
    value = answers["value"]
    q11 = np.select([value <= 10, value <= 25, value <= 50], [1, 2, 3], 4)
    ratio = value / answers["assumed_value"]
    q19 = sum((ratio >= key).astype(int) for key in (0.25, 0.5, 0.75, 0.95))
    achieved = (answers["before_value"] - value) / (answers["before_value"] - answers["assumed_value"])
    q20 = sum((achieved >= key).astype(int) for key in (0, 0.25, 0.6, 0.9))
    for question, key in {"Q11": q11, "Q12": value.map({1.0: 3, 0.0: 1}), "Q19": q19, "Q20": q20}.items():
        asked = answers["question"].eq(question)
        assert asked.sum() > 50
        assert (answers["score"][asked].astype(float) == pd.Series(key, index=answers.index)[asked]).all(), (
            question
        )


def test_nobody_rates_or_answers_what_the_spring_instrument_does_not_ask(made):
    spring = made["visits"].loc[made["visits"]["instrument_version"].eq("v1"), "municipality"]
    asked = {
        name: made[name][made[name]["municipality"].isin(spring)]
        for name in ("ratings", "answers", "assumptions")
    }
    assert not asked["ratings"]["criterion"].isin(["G3", "G4"]).any()
    assert not asked["answers"]["question"].isin(["Q19", "Q20"]).any()
    assert set(asked["assumptions"]["type"]) == {"functionality"}


def test_all_dates_belong_to_the_wave(made):
    visits = made["visits"]
    spring = visits["wave"].eq("2018F")
    assert visits.loc[spring, "start_date"].between("2018-03-01", "2018-05-31").all()
    assert visits.loc[~spring, "start_date"].between("2018-09-01", "2018-11-30").all()
    month = made["usage"].merge(visits[["municipality", "period_from", "period_to"]])
    assert month["month"].between(month["period_from"], month["period_to"]).all()
    talk = made["interviews"].merge(visits[["visit", "start_date", "end_date"]])
    assert talk["date"].between(talk["start_date"], talk["end_date"]).all()


def test_nothing_in_the_sample_looks_like_a_personal_number_mail_or_path(made):
    pattern = r"(?<!\d)\d{6}[-–\s]?\d{4}(?!\d)|@|[A-Za-z]:\\|/home/|/Users/"
    for name, table in made.items():
        for column in table.select_dtypes("str").columns.difference(["user_hash"]):
            texts = pd.Series(table[column].dropna().unique())
            assert not texts.str.contains(pattern).any(), f"{name}.{column}"


def test_a_user_in_a_log_is_a_hash(made):
    users = made["usage_log"]["user_hash"].dropna()
    assert len(users) > 10_000
    assert all(re.fullmatch("[0-9a-f]{16}", user) for user in users.unique())


def test_six_municipalities_have_a_log_of_20_000_to_50_000_events(made):
    events = made["usage_log"].groupby("municipality").size()
    assert list(events.index) == sorted(read("names")["logged"])
    assert events.between(20_000, 50_000).all()
