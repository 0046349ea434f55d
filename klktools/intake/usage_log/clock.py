"""Times as they are written → Danish time, and one line of time for ordering (E31).

Denmark's summer time is looked up in the zone's own table, a row per year, so that no time zone extension
of DuckDB is needed. In the hour that October repeats a time without an offset is the first of the two; the
month is the same either way.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from klktools.intake.cells import ZONE

_YEARS = range(1980, 2100)
_WINTER, _SUMMER = 60, 120  # minutes east of UTC
_ISO = r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
_DAY = r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})"
_DAY_FIRST = rf"{_DAY}(?:[T ]+(?:kl\.? )?(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?(?:[.,]\d+)?)?"
_SERIAL = r"[2-5]\d{4}(?:[.,]\d+)?"
_OFFSET = r"[:.]\d{2,9}\s*([+-]\d{2}):?(\d{2})?$"
_TAIL = r"\s*[+-]\d{2}:?(\d{2})?$"
_PIVOT = 70  # two-digit years below are 20xx, as in `klktools.intake.cells`
PLAIN, DAY_FIRST, SERIAL = 0, 1, 2


def clock_table() -> pd.DataFrame:
    """One row per year: `year`, and `spring` and `autumn`, when summer time begins and ends, in UTC."""
    zone = ZoneInfo(ZONE)
    rows = [(year, *_changes(year, zone)) for year in _YEARS]
    table = pd.DataFrame(rows, columns=["year", "spring", "autumn"])
    return table.astype({"year": "int32", "spring": "datetime64[us]", "autumn": "datetime64[us]"})


def _changes(year: int, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    winter, summer, after = (dt.datetime(*day, tzinfo=dt.UTC) for day in _quarters(year))
    return _change(winter, summer, zone), _change(summer, after, zone)


def _quarters(year: int) -> tuple[tuple[int, int, int], ...]:
    return (year, 1, 1), (year, 7, 1), (year + 1, 1, 1)


def _change(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The hour in which the offset becomes that of `end`, found by halving."""
    before, after = 0, int((end - start).total_seconds()) // 3600
    while after - before > 1:
        middle = (before + after) // 2
        same = _offset(start + dt.timedelta(hours=middle), zone) == _offset(start, zone)
        before, after = (middle, after) if same else (before, middle)
    return (start + dt.timedelta(hours=after)).replace(tzinfo=None)


def _offset(instant: dt.datetime, zone: ZoneInfo) -> dt.timedelta | None:
    return instant.astimezone(zone).utcoffset()


def read_times(source: str) -> str:
    """The relation with `wall` (the clock as it was read) and `shift` also where the time is a text, and
    `form`, how the text was written; `wall` is missing where it is no time."""
    local = "lower(right(timestamp, 5)) = 'lokal'"
    marked = f"""
        SELECT *, wall IS NULL AND regexp_full_match(timestamp, '{_ISO}') AS iso,
            CASE WHEN wall IS NOT NULL OR iso THEN NULL
                 WHEN {local} THEN trim(left(timestamp, -5)) ELSE timestamp END AS said,
            CASE WHEN right(said, 1) IN ('Z', 'z') THEN 'Z'
                 WHEN regexp_matches(said, '{_OFFSET}') THEN '+' END AS mark,
            CASE mark WHEN 'Z' THEN trim(left(said, -1)) WHEN '+' THEN regexp_replace(said, '{_TAIL}', '')
                 ELSE said END AS bare
        FROM ({source})"""
    return f"""
        SELECT * EXCLUDE (wall, shift, iso, said, mark, bare),
            CASE WHEN wall IS NOT NULL OR iso OR regexp_full_match(bare, '{_ISO}') THEN {PLAIN}
                 WHEN regexp_full_match(bare, '{_DAY_FIRST}') THEN {DAY_FIRST}
                 WHEN regexp_full_match(bare, '{_SERIAL}') THEN {SERIAL} END AS form,
            CASE WHEN wall IS NOT NULL THEN wall
                 WHEN form = {PLAIN} THEN try_cast(replace(coalesce(bare, timestamp), ',', '.') AS TIMESTAMP)
                 WHEN form = {DAY_FIRST} THEN try_cast({_day_first("bare")} AS TIMESTAMP)
                 WHEN form = {SERIAL} THEN TIMESTAMP '1899-12-30'
                      + to_seconds(round((replace(bare, ',', '.')::DOUBLE + days_later) * 86400)) END AS wall,
            CASE mark WHEN 'Z' THEN 0 WHEN '+' THEN {_minutes("said")} ELSE shift END AS shift
        FROM ({marked})"""


def _minutes(text: str) -> str:
    hours, minutes = (f"regexp_extract({text}, '{_OFFSET}', {group})" for group in (1, 2))
    return f"({hours}::INTEGER * 60 + (left({hours}, 1) || coalesce(nullif({minutes}, ''), '0'))::INTEGER)"


def _day_first(text: str) -> str:
    day, month, year, hour, minute, second = (
        f"regexp_extract({text}, '^{_DAY_FIRST}$', {group})" for group in range(1, 7)
    )
    full = f"CASE WHEN length({year}) = 4 THEN '' WHEN {year} < '{_PIVOT}' THEN '20' ELSE '19' END || {year}"
    time = ", ':', ".join(f"coalesce(nullif({part}, ''), '00')" for part in (hour, minute, second))
    return f"concat({full}, '-', {month}, '-', {day}, ' ', {time})"


def place_in_time(source: str) -> str:
    """The relation with `utc`, the instant, `local`, the Danish clock, and `skipped`, whether that clock
    never shows such a time because summer time begins."""
    spring, autumn = (f"{change} + INTERVAL {_WINTER} MINUTE" for change in ("spring", "autumn"))
    hour = "INTERVAL 1 HOUR"
    east = f"CASE WHEN utc >= spring AND utc < autumn THEN {_SUMMER} ELSE {_WINTER} END"
    return f"""
        SELECT read.* EXCLUDE (wall, shift), wall,
            coalesce(shift, CASE WHEN wall >= {spring} + {hour} AND wall < {autumn} + {hour}
                                 THEN {_SUMMER} ELSE {_WINTER} END) AS said_east,
            wall - to_minutes(said_east) AS utc,
            CASE WHEN shift IS NULL THEN wall ELSE utc + to_minutes({east}) END AS local,
            coalesce(shift IS NULL AND wall >= {spring} AND wall < {spring} + {hour}, false) AS skipped
        FROM ({source}) AS read LEFT JOIN clock ON clock.year = year(wall)"""
