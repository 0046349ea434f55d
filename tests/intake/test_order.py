"""One order of day and month for a file (E10), and the calendar its serial dates count in (E09)."""

from __future__ import annotations

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from klktools.intake import read_round
from tests.intake.small_round import correction, grids, problem, read_edited, rows_of, write_workbook


def supports(*dates: str):
    """Rows of support with these first days, one channel each."""
    channels = ("hotline", "chat", "guide", "visits", "superuser")
    first = ("support", 0, {"active_from": dates[0], "channel": channels[0]})
    more = zip(dates[1:], channels[1:], strict=False)
    return [first, *(("support", None, {"active_from": date, "channel": channel}) for date, channel in more)]


def read_days(tmp_path, *dates: str):
    found = read_edited(tmp_path, supports(*dates))
    table = found.tables["support"].set_index("channel")["active_from"]
    channels = [edit[2]["channel"] for edit in supports(*dates)]
    return found, [f"{table[c]:%Y-%m-%d}" if c in table else None for c in channels]


def test_without_a_clear_date_the_day_comes_first(tmp_path):
    found, days = read_days(tmp_path, "04-03-2017", "05.06.17")
    assert days == ["2017-03-04", "2017-06-05"]
    assert rows_of(found.corrections) == [
        correction("support D2", "E10", "active_from", "04-03-2017", "2017-03-04", other="2")
    ]
    assert found.problems.empty


def test_a_clear_date_with_the_month_first_decides_for_its_file(tmp_path):
    found, days = read_days(tmp_path, "04/03/2017", "04/23/2017")
    assert days == ["2017-04-03", "2017-04-23"]
    assert rows_of(found.corrections) == [
        correction("support D2", "E10a", "active_from", "04/03/2017", "2017-04-03", other="2")
    ]
    assert found.problems.empty


def test_in_a_file_with_both_orders_a_date_that_could_be_two_is_told_and_the_clear_ones_are_not(tmp_path):
    found, days = read_days(tmp_path, "04/03/2017", "04/23/2017", "23/04/2017", "05/05/2017")
    assert days == ["2017-03-04", "2017-04-23", "2017-04-23", "2017-05-05"]
    said = (
        "»04/03/2017« kan være to datoer, for filen har datoer både med dagen og med måneden først; "
        "den er læst med dagen først"
    )
    assert rows_of(found.problems) == [problem("support D2", "E10b", "active_from", "04/03/2017", said)]
    assert found.corrections["rule"].tolist() == ["E10", "E10a"]


def test_a_month_that_is_impossible_in_both_orders_is_an_error(tmp_path):
    found, days = read_days(tmp_path, "04-03-2017", "13-13-2017")
    assert days == ["2017-03-04", None]
    assert found.problems[["rule", "cell"]].values.tolist() == [["C02", "D3"]]


def test_a_serial_date_is_told_with_its_value(tmp_path):
    found, days = read_days(tmp_path, str(int(to_excel(pd.Timestamp("2017-03-04")))))
    assert days == ["2017-03-04"]
    assert rows_of(found.corrections) == [
        correction("support D2", "E09", "active_from", "42798", "2017-03-04", other="1")
    ]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_a_workbook_says_in_which_calendar_its_serial_dates_count(epoch, tmp_path):
    path = write_workbook(grids(), tmp_path / "runde.xlsx")
    book = load_workbook(path)
    if epoch:
        book.epoch = epoch
    book["support"]["D2"] = to_excel(pd.Timestamp("2016-06-01"), epoch=epoch) if epoch else 42522
    book["training"]["E2"] = pd.Timestamp("2016-06-01").to_pydatetime()
    book.save(path)
    found = read_round(path)
    assert found.tables["support"]["active_from"].tolist() == [pd.Timestamp("2016-06-01")]
    assert found.tables["training"]["date"].tolist() == [pd.Timestamp("2016-06-01")]
    assert found.corrections["rule"].tolist() == ["E09a" if epoch else "E09"]


def serials(*days: str, shift: int = 0) -> list[str]:
    return [str(int(to_excel(pd.Timestamp(day))) - shift) for day in days]


def test_serial_dates_that_meet_the_visit_only_in_the_other_calendar_are_read_in_it(tmp_path):
    first, second = serials("2018-09-12", "2018-09-13", shift=1462)
    found = read_edited(tmp_path, [("interviews", 0, {"date": first}), ("interviews", 1, {"date": second})])
    assert found.problems.empty
    assert rows_of(found.corrections) == [
        correction("interviews D2", "E09a", "date", first, "2018-09-12", other="2")
    ]


def test_serial_dates_stay_in_the_usual_calendar_when_one_of_them_meets_the_visit_there(tmp_path):
    first, second = *serials("2018-09-12", shift=1462), *serials("2018-09-13")
    found = read_edited(tmp_path, [("interviews", 0, {"date": first}), ("interviews", 1, {"date": second})])
    assert found.corrections["rule"].tolist() == ["E09"]
    assert found.tables["interviews"]["date"].dt.strftime("%F").tolist() == ["2014-09-11", "2018-09-13"]
    assert found.problems[["rule", "cell"]].values.tolist() == [["R06", "D2"]]


def test_months_of_usage_are_moved_to_the_other_calendar_as_well(tmp_path):
    months = serials("2018-07-01", "2018-08-01", "2018-08-01", shift=1462)
    found = read_edited(tmp_path, [("usage", row, {"month": month}) for row, month in enumerate(months)])
    assert found.problems.empty
    assert set(found.corrections["rule"]) == {"E09a"}
    assert [f"{month:%Y-%m}" for month in found.tables["usage"]["month"]] == ["2018-07", "2018-08", "2018-08"]


@pytest.mark.parametrize("text", ["aug-18", "august 2018", "2018M08", "Aug. 2018", "08-2018", "08/15/2018"])
def test_a_month_in_another_notation_is_told_once(text, tmp_path):
    found = read_edited(tmp_path, [("usage", row, {"month": text}) for row in (1, 2)])
    assert found.problems.empty
    rule = "E10a" if "/15/" in text else "E11"
    assert rows_of(found.corrections) == [
        correction("usage D3", rule, "month", text, "2018-08-01", other="2")
    ]


def test_a_year_alone_is_no_month(tmp_path):
    found = read_edited(tmp_path, [("usage", 0, {"month": "2018"})])
    assert found.problems["rule"].tolist() == ["C02", "E12"]
