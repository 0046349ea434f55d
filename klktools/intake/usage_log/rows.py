"""Every row of a log judged: what its texts mean, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence

from klktools.contract import TableSpec
from klktools.intake.usage_log.amounts import read_amounts
from klktools.intake.usage_log.clock import place_in_time, read_times
from klktools.intake.usage_log.numbers import Numbers, free_columns, looks_like_cpr
from klktools.intake.usage_log.sources import identifier
from klktools.privacy import USER_NAME

_INITIALS = r"\p{L}{2,4}\d{0,3}|\p{L}{5,12}"  # beside USER_NAME: with a number, or one name alone
_HEX = r"[0-9A-Fa-f]{6,}"
_LONGEST_NAME = 40

_CONTENT = (
    "utc, coalesce(solution_id, solution), department_ref, channel_code, transaction, event_code, intended, "
    "user_hash, amount_read"
)

# the columns whose text may be there and still not be readable, and what the reading gives
READ = {
    "municipality": "place",
    "timestamp": "local",
    "channel": "channel_code",
    "event_type": "event_code",
    "as_intended": "intended",
    "amount": "amount_read",
}


def plain(relation: str, spec: TableSpec) -> str:
    """The relation with `personal`, whether its user looks like a person (E30), `numbered`, whether anything
    looks like a CPR number, and its amount read."""
    numbered = " OR ".join(map(looks_like_cpr, free_columns(spec)))
    return f"""
        SELECT *, coalesce({_personal("user_hash")}, false) AS personal, {numbered} AS numbered
        FROM ({read_amounts(relation)})"""


def _personal(user: str) -> str:
    """A hash has no spaces either, and is longer or has more digits than a user name."""
    short = f"regexp_full_match({user}, '{_INITIALS}') AND NOT regexp_full_match({user}, '{_HEX}')"
    return f"""CASE
        WHEN contains({user}, '@') THEN true
        WHEN regexp_matches({user}, '{USER_NAME}') THEN length({user}) <= {_LONGEST_NAME}
        WHEN contains({user}, ' ') OR contains({user}, chr(92)) THEN true
        WHEN length({user}) <= 12 THEN {short} ELSE false END"""


def judged(relation: str, spec: TableSpec, numbers: Sequence[Numbers]) -> str:
    """The relation with the meaning of every column (`READ`) and the judgement of the row.

    Needs the tables of `lists`, `clock` and `sheets` (sheet, usable, personal, notation, unit). `broken`: a
    cell that must be there is empty, a text cannot be read, or a CPR number stops the delivery. `doubtful`:
    what is kept and warned of. `lost_owner` and `lost_solution`: E26, E26a or
    "". `department`: the code of the department, missing when the text is none. `content`: equal in identical
    rows.
    """
    empty = [f"{identifier(name)} IS NULL" for name in spec.needed]
    unread = [f"({identifier(name)} IS NOT NULL AND {reading} IS NULL)" for name, reading in READ.items()]
    stops = [f"({number.where})" for number in numbers if number.rule == "P01"]
    told = [f"({number.where})" for number in numbers if number.rule == "P02"]
    return f"""
        SELECT *, NOT usable OR {" OR ".join([*empty, *unread, *stops])} AS broken,
            {" OR ".join(["coalesce(skipped OR contact <> '', false)", *told])} AS doubtful,
            hash({_CONTENT}) AS content FROM (
            SELECT s.*, owners.place, owners.municipality AS owner, owners.repair, owners.lost AS lost_owner,
                solution_texts.code AS solution_code, coalesce(solution_texts.lost, 'E26') AS lost_solution,
                solution_texts.mended, solution_texts.solution AS solution_id,
                department_texts.code AS department, channel_texts.code AS channel_code,
                event_type_texts.code AS event_code, as_intended_texts.code AS intended,
                sheets.usable AND NOT refused AND NOT ragged AS usable, department_texts.contact,
                sheets.personal AND NOT refused AND NOT ragged AS sheet_personal,
                notation = 0 AND danish <> english AS ambiguous,
                unit * CASE WHEN ambiguous THEN NULL WHEN notation = 1 THEN danish
                            WHEN notation = -1 THEN english ELSE coalesce(danish, english) END AS amount_read,
                danish IS NOT NULL AND danish IS DISTINCT FROM english
                    AND (notation = 1 OR notation = 0 AND english IS NULL) AS in_danish
            FROM ({place_in_time(read_times(plain(relation, spec)))}) AS s
            JOIN sheets ON sheets.sheet = s.sheet
            LEFT JOIN owners ON owners.text = s.municipality
            LEFT JOIN solution_texts
                ON solution_texts.place = owners.place AND solution_texts.text = s.solution
            LEFT JOIN department_texts
                ON department_texts.place = owners.place AND department_texts.text = s.department_ref
            LEFT JOIN channel_texts ON channel_texts.text = s.channel
            LEFT JOIN event_type_texts ON event_type_texts.text = s.event_type
            LEFT JOIN as_intended_texts ON as_intended_texts.text = s.as_intended)"""
