"""The problems and corrections of a round as plain tables for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pandas as pd

from klktools.contract import load_contract
from klktools.texts import ended, fill

_WIDTH = 100
_WIDTHS = (30, 5, 6)  # where, rule, count; the rest is the sentence
_ROWS = 50
_GROUP = ["severity", "file", "sheet", "column", "rule", "message", "remedy", "apart"]


def format_problems(problems: pd.DataFrame, *, language: str = "da") -> str:
    """Problems as text: errors first, equal ones of a column together with how many there are.

    What stops the delivery is told first, cell by cell.
    Of a rule that is broken in many places in many words (`many` in `rules.yaml`), the first of a file is
    said and how many there are.

    Parameters
    ----------
    problems : DataFrame
        ``Round.problems``.
    language : {"da", "en"}
        Language of the headings; the sentences are in the language the round was read in.

    Returns
    -------
    str
        Lines of at most 100 characters, at most 50 groups and then how many are left out.
    """
    words = load_contract().rules["show"]
    if problems.empty:
        return words["none"][language]
    lines = _table(_groups(_said_once(problems, language)), "heads", language)
    counts = problems["severity"].value_counts()
    summary = words["summary"][language]
    return "\n".join(
        [*lines, "", summary.format(errors=counts.get("error", 0), warnings=counts.get("warning", 0))]
    )


def format_corrections(corrections: pd.DataFrame, *, language: str = "da") -> str:
    """Corrections as text: equal ones of a file and column together with how many cells there are.

    What is corrected in whole files, such as their encoding, is said once with the first of them; what is
    told once for a column of each municipality, once for all of them.

    Parameters
    ----------
    corrections : DataFrame
        ``Round.corrections``.
    language : {"da", "en"}
        Language of the headings; the sentences are in the language the round was read in.

    Returns
    -------
    str
        Lines of at most 100 characters, at most 50 groups and then how many are left out; "" when there
        are none.
    """
    if corrections.empty:
        return ""
    told = _of_all(_in_first_file(corrections), language)
    groups = _groups(told.assign(severity="", remedy=""))
    return "\n".join(_table(groups, "fixed", language))


def _table(groups: pd.DataFrame, heads: str, language: str) -> list[str]:
    """The lines of the first groups under their headings, and how many are left out."""
    words = load_contract().rules["show"]
    lines = [_line(words[heads][language]), "-" * _WIDTH]
    for row in groups.head(_ROWS).to_dict("records"):
        lines += _entry(row, words[row["severity"]][language] if row["severity"] else "")
    if len(groups) > _ROWS:
        lines.append(fill(words["more"][language], n=len(groups) - _ROWS))
    return lines


def _in_first_file(corrections: pd.DataFrame) -> pd.DataFrame:
    """Corrections in which those without a cell that say the same stand in one file."""
    whole = corrections["cell"].fillna("").eq("")
    first = corrections[whole].groupby(["rule", "message"])[["file", "sheet"]].transform("first")
    return pd.concat([corrections[~whole], corrections[whole].assign(**first)]).sort_index()


def _of_all(corrections: pd.DataFrame, language: str) -> pd.DataFrame:
    """Corrections in which those of a column with `once` in `rules.yaml` have one sentence together."""
    rules = load_contract().rules
    counted = corrections["rule"].map(lambda rule: "once" in rules[rule]).astype(bool)
    if not counted.any():
        return corrections
    told = corrections[counted]
    several = told.groupby(["file", "sheet", "column", "rule"], dropna=False, sort=False)
    first, lines, cells = (
        several["message"].transform("first"),
        several["message"].transform("size"),
        several["cells"].transform("sum"),
    )
    said = [
        message if n == 1 else _of_cells(rule, header, message, int(many), language)
        for rule, header, message, n, many in zip(
            told["rule"], told["column"], first, lines, cells, strict=True
        )
    ]
    return pd.concat([corrections[~counted], told.assign(message=said)]).sort_index()


def _of_cells(rule: str, header: str, first: str, n: int, language: str) -> str:
    rules = load_contract().rules
    if rules[rule]["once"] == "value":
        return fill(rules["show"]["in_all"][language], first=first, n=n)
    return fill(rules[rule][language], header=header, label=header, other=n)


def _said_once(problems: pd.DataFrame, language: str) -> pd.DataFrame:
    """Problems in which all of a file and rule with `many` have one sentence; they come after the others."""
    rules = load_contract().rules
    many = {name: rule[f"many_{language}"] for name, rule in rules.items() if "many_da" in rule}
    gathered = problems["rule"].isin(many)
    if not gathered.any():
        return problems
    several = problems[gathered].groupby(["file", "sheet", "rule"], sort=False)["message"]
    first, n = several.transform("first"), several.transform("size")
    texts = zip(problems.loc[gathered, "rule"], first, n, strict=True)
    said = [fill(many[rule], first=message, n=number) for rule, message, number in texts]
    return pd.concat([problems[~gathered], problems[gathered].assign(message=said)])


def _groups(problems: pd.DataFrame) -> pd.DataFrame:
    """One row per file, sheet, column, rule and sentence, with the first cell and how many there are."""
    place, stops = problems["cell"].fillna(""), problems["rule"].isin(load_contract().stopping)
    filled = problems.assign(
        place=place, n=problems.get("cells", 1), apart=place.where(stops, "")
    ).sort_values("apart", key=lambda apart: apart.eq(""), kind="stable")
    grouped = filled.groupby(_GROUP, sort=False, dropna=False)
    return (
        grouped.agg(place=("place", "first"), n=("n", "sum"))
        .reset_index()
        .sort_values("severity", kind="stable")
    )


def _line(cells: list[str] | tuple[str, ...]) -> str:
    fixed = "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False))
    return f"{fixed}  {cells[-1]}".rstrip()


def _entry(row: dict, severity: str) -> Iterator[str]:
    """A problem in as many lines as its longest cell needs."""
    parts = [row["file"], row["sheet"], row["place"]]
    where = textwrap.wrap(" ".join(part for part in parts if part), _WIDTHS[0])
    room = _WIDTH - sum(_WIDTHS) - 2 * len(_WIDTHS)
    what = textwrap.wrap(f"{severity}: {ended(row['message'])}".removeprefix(": "), room) + textwrap.wrap(
        f"{row['remedy']}." if row["remedy"] else "", room, initial_indent="  ", subsequent_indent="  "
    )
    for number in range(max(len(where), len(what))):
        first = (row["rule"], str(row["n"])) if number == 0 else ("", "")
        left = where[number] if number < len(where) else ""
        yield _line((left, *first, what[number] if number < len(what) else ""))
