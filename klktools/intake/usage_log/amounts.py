"""Amounts as they are written → numbers in the two notations, by the patterns of `klktools.intake.cells`."""

from __future__ import annotations

from klktools.intake.cells import DANISH, ENGLISH, SPACES

_PLAIN = r"\d{1,15}"  # equal in both notations


def read_amounts(source: str) -> str:
    """The relation with `danish` and `english`, the number in either notation (missing where it is none), and
    `vote`, what the text says of the notation of its file: 1 Danish, -1 English, 0 nothing."""
    numeral = f"regexp_replace(replace(rtrim(amount, '%'), chr(8722), '-'), '{SPACES}', '', 'g')"
    odd = f"CASE WHEN number IS NULL AND NOT regexp_full_match(amount, '{_PLAIN}') THEN {numeral} END"
    return f"""
        SELECT * EXCLUDE (number, odd, in_danish, in_english),
            CASE WHEN in_danish THEN replace(replace(odd, '.', ''), ',', '.')::DOUBLE
                 WHEN odd IS NULL THEN coalesce(number, amount::DOUBLE) END AS danish,
            CASE WHEN in_english THEN try_cast(replace(odd, ',', '') AS DOUBLE)
                 WHEN odd IS NULL THEN coalesce(number, amount::DOUBLE) END AS english,
            CASE WHEN in_danish AND in_english
                 THEN CASE WHEN contains(odd, '.') THEN 1 WHEN contains(odd, ',') THEN -1 ELSE 0 END
                 ELSE in_danish::INTEGER - in_english::INTEGER END AS vote
        FROM (SELECT *, {odd} AS odd, coalesce(regexp_full_match(odd, '{DANISH}'), false) AS in_danish,
                     coalesce(regexp_full_match(odd, '{ENGLISH}'), false) AS in_english
              FROM ({source}))"""
