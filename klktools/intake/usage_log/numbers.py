"""CPR numbers in a log (P01, P02), judged as in every other table (`klktools.intake.personal`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from klktools.contract import TableSpec, load_contract
from klktools.intake.files import Fault
from klktools.intake.personal import judge_numbers
from klktools.intake.usage_log.sources import Source, identifier, unread_columns
from klktools.intake.usage_log.workspace import Workspace
from klktools.privacy import CPR_RE2

_LISTED = ("enum", "code", "bool", "timestamp")  # what can be read as one of these is no CPR number
_AMOUNT = "amount"
_PLAIN = r"[1-9]\d{8,9}"
_TOLD = 20  # rows of a column that is not read


class Numbers(NamedTuple):
    """What is told of a column: P01 or P02, and of which rows, in SQL."""

    rule: str
    column: str
    where: str


def looks_like_cpr(name: str) -> str:
    """Whether a column has what looks like a CPR number, in SQL; most texts are too short to be asked."""
    column = identifier(name)
    alone = f"AND regexp_matches({column}, '^\\d.*\\d$')" if name == _AMOUNT else ""
    return f"coalesce(length({column}) >= 9 {alone} AND regexp_matches({column}, '{CPR_RE2}'), false)"


def free_columns(spec: TableSpec) -> list[str]:
    """The columns that may hold any text or number."""
    return [name for name, column in spec.columns.items() if column.type not in _LISTED]


def find_numbers(space: Workspace, source: str, spec: TableSpec) -> list[Numbers]:
    """What is to be told of each column, when any sheet has such numbers; the columns are then read again."""
    if not space.rows("SELECT coalesce(bool_or(numbered), false) FROM texts WHERE about = 'sheet'")[0][0]:
        return []
    found = []
    for name in free_columns(spec):
        column, alike, plain = identifier(name), looks_like_cpr(name), _is_plain(name)
        counts = space.rows(f"""
            SELECT count(DISTINCT {column}) FILTER ({plain}),
                count(DISTINCT {column}) FILTER ({plain} AND {alike}) FROM ({source})""")
        stops, told = judge_numbers(*counts[0], amounts=name == _AMOUNT)
        found.append(Numbers("P01", name, alike if stops else f"{alike} AND NOT {plain}"))
        if told:
            found.append(Numbers("P02", name, f"{alike} AND {plain}"))
    return found


def _is_plain(name: str) -> str:
    return f"coalesce(regexp_full_match({identifier(name)}, '{_PLAIN}'), false)"


def unread_numbers(space: Workspace, sources: Sequence[Source]) -> Iterator[Fault]:
    """The first rows that look so in columns of csv and Parquet files that are not read (P01)."""
    for source in sources:
        for place, column in unread_columns(source):
            text = source.sheet.header[place]
            if load_contract().names_number(text):
                continue
            for (row,) in _rows_of(space, f"(SELECT {column} AS given, row FROM {source.ordered})"):
                sheet = source.sheet
                yield Fault("P01", sheet.file, sheet.sheet, sheet.table, value=text, place=place, row=row)


def _rows_of(space: Workspace, source: str) -> list[tuple[int]]:
    alike, plain = looks_like_cpr("given"), _is_plain("given")
    counts = space.rows(f"""
        SELECT count(DISTINCT given) FILTER ({plain}),
            count(DISTINCT given) FILTER ({plain} AND {alike}) FROM {source}""")
    stops, _ = judge_numbers(*counts[0], amounts=False)
    where = alike if stops else f"{alike} AND NOT {plain}"
    return space.rows(f"SELECT row FROM {source} WHERE {where} ORDER BY row LIMIT {_TOLD}")
