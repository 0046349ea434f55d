"""Rows → each event once → each transaction once → counts (framework T10)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from klktools.intake.usage_log import USAGE
from klktools.intake.usage_log.workspace import Workspace

_COUNTS = ("rows_delivered", "rows_accepted", "rows_rejected", "rows_warned")
_VOID = "'test', 'cancelled', 'credited'"
_GOOD, _BROKEN, _LOST = 0, 1, 2
_ZERO = 2**62  # so that times before 1970 are positive too
_BELOW_TIME = 2**63
# the number of an event below its time, so the order of events of one instant: each part's unit and limit
_PARTS = {
    "solution": (2**36, 2**16),
    "department": (2**20, 2**16),
    "channel": (2**19, 2),
    "intended": (2**17, 2**2),
    "month": (1, 2**17),
}


def keep_events(space: Workspace, judged: str) -> None:
    """Make `events`: of every row the municipality's place, its `state`, whether it was `warned` of or
    `repaired`, and of a row that can be read event, transaction, kind, `content` and `rank`, which orders the
    events of a transaction: by time, and at one time by solution, department, channel and as intended."""
    kind = f"CASE WHEN event_code IN ({_VOID}) THEN 'void' ELSE event_code END"
    parts = {
        "solution": "solution_code",
        "department": "department",
        "channel": "(channel_code <> 'solution')",
        "intended": "CASE WHEN intended THEN 0 WHEN NOT intended THEN 1 ELSE 2 END",
        "month": "(year(local) * 12 + month(local) - 1)",
    }
    number = " + ".join(f"({value})::BIGINT * {_PARTS[name][0]}" for name, value in parts.items())
    lost = "lost_owner <> '' OR lost_solution <> '' OR department IS NULL"
    space.step(f"""
        CREATE TABLE events AS
        SELECT place,
            (CASE WHEN broken THEN {_BROKEN} WHEN {lost} THEN {_LOST} ELSE {_GOOD} END)::UTINYINT AS state,
            doubtful AND NOT broken AS warned,
            usable AND coalesce(repair <> '' OR mended <> '' OR form > 0 OR in_danish, false) AS repaired,
            CASE WHEN NOT broken THEN event END AS event,
            CASE WHEN state = {_GOOD} THEN transaction END AS transaction,
            CASE WHEN state = {_GOOD} THEN ({kind}) END AS kind,
            CASE WHEN NOT broken THEN content END AS content,
            CASE WHEN state = {_GOOD} THEN
                (epoch_us(utc)::HUGEINT + {_ZERO}) * {_BELOW_TIME}::HUGEINT + ({number}) END AS rank
        FROM ({judged})""")


def find_repeats(space: Workspace) -> None:
    """Make `versions`: of the events that came more than once every different content, `n` times; and
    `conflicts`: the events of more than one content (E13)."""
    space.step(f"""
        CREATE TABLE repeated AS
        SELECT place, event FROM events WHERE state <> {_BROKEN} GROUP BY ALL HAVING count(*) > 1""")
    space.run(f"""
        CREATE TABLE versions AS
        SELECT place, event, content, any_value(state) AS state, any_value(warned) AS warned, count(*) AS n
        FROM events SEMI JOIN repeated USING (place, event) WHERE state <> {_BROKEN} GROUP BY ALL""")
    space.run("""
        CREATE TABLE conflicts AS SELECT place, event FROM versions GROUP BY ALL HAVING count(*) > 1""")


def count_usage(space: Workspace) -> pd.DataFrame:
    """`logged_usage`: each transaction in the month it was completed and the department of the buyer."""
    any_conflict = space.rows("SELECT count(*) FROM conflicts")[0][0]
    sound = "events ANTI JOIN conflicts USING (place, event)" if any_conflict else "events"
    space.step(f"""
        CREATE TABLE transactions AS
        SELECT place, done, bought FROM (
            SELECT place, transaction, bool_or(kind = 'void') AS void,
                (min(rank) FILTER (kind = 'completed') & {_BELOW_TIME - 1}::HUGEINT)::BIGINT AS done,
                (min(rank) FILTER (kind = 'created') & {_BELOW_TIME - 1}::HUGEINT)::BIGINT AS bought
            FROM {sound} WHERE state = {_GOOD} GROUP BY place, transaction)
        WHERE done IS NOT NULL AND NOT void""")
    found = space.rows(f"""
        SELECT municipality, solution, departments.department, make_date(month // 12, month % 12 + 1, 1),
            through, eligible, CASE WHEN unknown = 0 THEN as_intended END
        FROM (
            SELECT place, {_part("done", "solution")} AS solution_code,
                {_part("buyer", "department")} AS department_code,
                {_part("done", "month")} AS month,
                count(*) FILTER (by_solution) AS through, count(*) AS eligible,
                count(*) FILTER (by_solution AND intended = 0) AS as_intended,
                count(*) FILTER (by_solution AND intended = 2) AS unknown
            FROM (SELECT *, coalesce(bought, done) AS buyer, {_part("done", "channel")} = 0 AS by_solution,
                         {_part("done", "intended")} AS intended FROM transactions)
            GROUP BY ALL) AS counts
        JOIN (SELECT DISTINCT place, municipality FROM owners) USING (place)
        JOIN solutions ON solutions.place = counts.place AND solutions.code = solution_code
        JOIN departments ON departments.place = counts.place AND departments.code = department_code
        ORDER BY ALL""")
    return pd.DataFrame(found, columns=list(USAGE)).astype(USAGE)


def _part(number: str, name: str) -> str:
    """One part of a transaction's number."""
    width, above = _PARTS[name]
    return f"({number} // {width} % {above})"


def count_rows(space: Workspace, table: str) -> pd.DataFrame:
    """Rows of each municipality, "" for those without: delivered, accepted, rejected and warned.

    Identical copies are delivered but neither accepted nor rejected.
    """
    found = space.rows(f"""
        WITH rows AS (
            SELECT place, count(*) AS delivered, count(*) FILTER (state = {_GOOD}) AS good,
                count(*) FILTER (state = {_GOOD} AND warned) AS warned
            FROM events GROUP BY place),
        again AS (
            SELECT place, sum(n - 1) AS copies, sum(gone) FILTER (state = {_GOOD}) AS gone,
                sum(gone) FILTER (state = {_GOOD} AND warned) AS gone_warned
            FROM (SELECT *, CASE WHEN count(*) OVER (PARTITION BY place, event) > 1 THEN n
                                 ELSE n - 1 END AS gone FROM versions)
            GROUP BY place)
        SELECT coalesce(municipality, ''), delivered, good - coalesce(gone, 0) AS accepted,
            delivered - accepted - coalesce(copies, 0), warned - coalesce(gone_warned, 0)
        FROM rows LEFT JOIN again USING (place)
        LEFT JOIN (SELECT DISTINCT place, municipality FROM owners) USING (place)
        ORDER BY 1""")
    return _counted([(municipality, table, *counts) for municipality, *counts in found])


def no_rows() -> pd.DataFrame:
    """The same of a log of which nothing could be read."""
    return _counted([])


def _counted(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    types = {"municipality": "str", "table": "str"} | dict.fromkeys(_COUNTS, "int64")
    return pd.DataFrame(rows, columns=list(types)).astype(types)
