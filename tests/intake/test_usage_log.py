"""The log of T10 counted by hand."""

from __future__ import annotations

import pandas as pd

from klktools.intake.usage_log import aggregate_log, place_in_departments

DEPARTMENTS = pd.DataFrame(
    {
        "municipality": ["0060", "0060", "0101"],
        "department": ["A1", "A2", "A1"],
        "name": ["Økonomi", "Børn og Unge", "Økonomi"],
        "aliases": ["Økonomiafd.|EAN 1", None, None],
    }
).astype("str")


def log_of(*events: tuple[str, str, str, str, object]) -> pd.DataFrame:
    """Events: time, department, channel, transaction, type; all of one solution, done as intended."""
    log = pd.DataFrame(events, columns=["timestamp", "department", "channel", "transaction", "event_type"])
    log = log.assign(municipality="0060", solution="L1", as_intended=True)
    return log.astype({"as_intended": "boolean", "timestamp": "datetime64[us]"})


def counted(log: pd.DataFrame) -> list[list]:
    table = aggregate_log(log).assign(month=lambda rows: rows["month"].dt.strftime("%Y-%m"))
    return table.drop(columns=["municipality", "solution"]).values.tolist()


def test_a_transaction_counts_once_in_the_month_it_was_completed_and_the_buyers_department():
    log = log_of(
        ("2018-08-30", "A2", "solution", "T1", "created"),
        ("2018-08-31", "A1", "solution", "T1", "approved"),
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-10-01", "A1", "solution", "T1", "completed"),
    )
    assert counted(log) == [["A2", "2018-09", 1, 1, 1]]


def test_other_channels_count_among_all_and_not_through():
    log = log_of(
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-09-02", "A1", "paper", "T2", "completed"),
        ("2018-09-03", "A1", "shop", "T3", "completed"),
    )
    assert counted(log) == [["A1", "2018-09", 1, 3, 1]]


def test_tests_cancelled_credited_and_unfinished_transactions_do_not_count():
    log = log_of(
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-09-02", "A1", "solution", "T2", "completed"),
        ("2018-09-03", "A1", "solution", "T2", "cancelled"),
        ("2018-09-02", "A1", "solution", "T3", "completed"),
        ("2018-11-03", "A1", "solution", "T3", "credited"),
        ("2018-09-04", "A1", "solution", "T4", "test"),
        ("2018-09-04", "A1", "solution", "T4", "completed"),
        ("2018-09-05", "A1", "solution", "T5", "created"),
    )
    assert counted(log) == [["A1", "2018-09", 1, 1, 1]]


def test_as_intended_is_missing_when_one_transaction_does_not_say():
    log = log_of(
        ("2018-09-01", "A1", "solution", "T1", "completed"),
        ("2018-09-02", "A1", "solution", "T2", "completed"),
        ("2018-10-02", "A1", "solution", "T3", "completed"),
    )
    log.loc[0, "as_intended"] = pd.NA
    log.loc[2, "as_intended"] = False
    assert aggregate_log(log)["as_intended"].fillna(-1).tolist() == [-1, 0]


def test_a_department_is_found_by_id_name_or_spelling_in_its_own_municipality():
    log = pd.DataFrame(
        {
            "municipality": ["0060"] * 6 + ["0101"],
            "department_ref": ["A2", "økonomi", "OEKONOMI", "ean 1", "børn og unge", "Ukendt", "Økonomiafd."],
        }
    ).astype("str")
    found = place_in_departments(log, DEPARTMENTS)["department"].fillna("").tolist()
    assert found == ["A2", "A1", "A1", "A1", "A2", "", ""]
