"""The problems and corrections of a round as a workbook that a municipality can be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from klktools.contract import fold, load_contract, nearest
from klktools.contract.excel import starts_a_formula
from klktools.errors import ParameterError, sentence
from klktools.texts import fill
from klktools.workbooks.book import Book, cell_text, height_of, load_words, new_book

if TYPE_CHECKING:
    from klktools.intake import Round

MOST_LINES = 1_048_575  # rows of a sheet without its heading
_COLUMNS = {
    "problems": (
        *("severity", "municipality", "name", "file", "sheet", "cell"),
        *("column", "value", "message", "remedy", "rule"),
    ),
    "corrections": (
        *("municipality", "name", "file", "sheet", "cell"),
        *("column", "old", "new", "message", "rule"),
    ),
}
_WIDTHS = {
    **{"severity": 10, "municipality": 14, "name": 15, "file": 22, "sheet": 16, "cell": 8, "column": 20},
    **{"value": 20, "old": 20, "new": 20, "message": 48, "remedy": 42, "rule": 8},
}
_SHOWN = 400  # characters that make a row higher
_FRONT = 120  # characters over the columns of the front
_FOLLOWING = "E26a"  # the row referred to was rejected: gone when that one is corrected
_ORDER = ["following", "municipality", "file", "sheet", "row", "cell", "rule"]


def write_problems(
    round_: Round, path: Path, *, language: str = "da", municipality: str = "", most: int = MOST_LINES
) -> None:
    """Write what was wrong and what was corrected as a workbook.

    Parameters
    ----------
    round_ : Round
        The whole round, read in `language`.
    path : Path
        The workbook; it is put there when it is whole.
    language : {"da", "en"}
    municipality : str
        Only this one: neither lines nor names of other municipalities are in the workbook, and lines about
        files that cannot be told to be its own are left out.
    most : int
        Lines a sheet has room for; a sheet that was cut says so on the front.
    """
    returned = load_contract().words["workbook"]["returned"]
    sheets = {name: labels[language] for name, labels in returned.items()}
    words = {**load_words(language)["problems"], "sheets": sheets}
    names = names_in(round_, municipality)
    tables = {name: _lines(getattr(round_, name), name, names, municipality) for name in _COLUMNS}
    if municipality:
        tables = {name: _without_others(lines, names, municipality, words) for name, lines in tables.items()}
    with new_book(path, words["title"], streamed=True) as book:
        front = book.sheet(words["sheets"]["front"])
        _write_front(book, front, words, _Front(round_, tables, names, municipality, most))
        for name, lines in tables.items():
            _write_lines(book, name, lines.head(most), words)


def names_in(round_: Round, municipality: str = "") -> dict[str, str]:
    """Code -> name of every municipality handed in, "" for one whose own row was rejected.

    Raises
    ------
    ParameterError
        When the municipality asked for is not among them.
    """
    known = round_.tables["municipalities"]
    codes = {*round_.problems["municipality"], *round_.delivered["municipality"]} - {""}
    names = dict.fromkeys(sorted(codes), "")
    names |= dict(zip(known["municipality"], known["name"], strict=True))
    if municipality and municipality not in names:
        near = nearest(municipality, names)
        raise ParameterError(
            sentence(
                must="A municipality must be in the round",
                found=f"found {municipality}",
                remedy=f"The nearest is {near}" if near else "",
            )
        )
    return names


def _lines(journal: pd.DataFrame, kind: str, names: Mapping[str, str], municipality: str) -> pd.DataFrame:
    """The lines to show, in order: errors before warnings, causes before what follows, then by place."""
    about = {municipality, ""} if set(names) <= {municipality} else {municipality}
    kept = journal[journal["municipality"].isin(about)] if municipality else journal
    order = ["severity", *_ORDER] if kind == "problems" else _ORDER
    kept = kept.assign(following=kept["rule"] == _FOLLOWING)
    ordered = kept.sort_values(order, kind="stable", na_position="first", ignore_index=True)
    return ordered.assign(name=ordered["municipality"].map(names).fillna(""))


def _without_others(
    lines: pd.DataFrame, names: Mapping[str, str], own: str, words: Mapping[str, Any]
) -> pd.DataFrame:
    """The lines with the name of a file hidden where it tells of another municipality."""
    others = [fold(text) for code, name in names.items() if code != own for text in (code, name) if text]
    telling = {file for file in lines["file"].unique() if any(other in fold(file) for other in others)}
    return lines.assign(file=lines["file"].where(~lines["file"].isin(telling), words["other_file"]))


class _Front:
    """What the front sheet counts."""

    def __init__(
        self,
        round_: Round,
        tables: Mapping[str, pd.DataFrame],
        names: Mapping[str, str],
        municipality: str,
        most: int,
    ) -> None:
        self.tables, self.names, self.municipality, self.most = tables, names, municipality, most
        self.counts = _counts(round_.delivered, tables, names, municipality)

    def about(self, words: Mapping[str, Any]) -> str:
        """Whom the workbook is about."""
        if name := self.names.get(self.municipality, ""):
            return words["for_one"].format(name=name, code=self.municipality)
        if self.municipality:
            return self.municipality
        return fill(words["for_round"], n=len(self.names))

    def beyond(self, words: Mapping[str, Any]) -> list[str]:
        """A sentence for each sheet that has not room for all its lines."""
        return [
            fill(words["beyond"], sheet=words["sheets"][name], shown=self.most, all=len(lines))
            for name, lines in self.tables.items()
            if len(lines) > self.most
        ]


def _counts(
    delivered: pd.DataFrame, tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], municipality: str
) -> pd.DataFrame:
    """One row per municipality ("" for files of none): errors, warnings, corrections, rows."""
    problems, corrections = tables["problems"], tables["corrections"]
    own = delivered[delivered["municipality"] == municipality] if municipality else delivered
    rows = own.groupby("municipality")[["rows_delivered", "rows_rejected"]].sum()
    counts = pd.DataFrame(
        {
            "errors": problems.loc[problems["severity"] == "error", "municipality"].value_counts(),
            "warnings": problems.loc[problems["severity"] == "warning", "municipality"].value_counts(),
            "corrections": corrections["municipality"].value_counts(),
            **{name: rows[name] for name in rows},
        }
    )
    everyone = [municipality] if municipality else list(names)
    counts = counts.reindex(sorted({*counts.index, *everyone}, key=lambda code: (code == "", code)))
    return counts.fillna(0).astype("int64")


def _write_front(book: Book, sheet: Worksheet, words: Mapping[str, Any], front: _Front) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 6, 14)
    row = _paragraphs(
        book, sheet, 0, [(words["title"], "title"), (front.about(words), "subtitle"), (words["lead"], "lead")]
    )
    row = _paragraphs(book, sheet, row + 1, [(words["next_title"], "subtitle")])
    found = len(front.tables["problems"]) + len(front.tables["corrections"])
    texts = words["next"] if found else [words["none"]]
    row = _paragraphs(book, sheet, row, [(text, "text") for text in [*texts, *front.beyond(words)]])
    row = _paragraphs(book, sheet, row + 1, [(words["counts"], "subtitle")])
    _write_counts(book, sheet, row, words, front)
    sheet.set_footer(f"&L{words['title']}&R{words['page']}")


def _paragraphs(book: Book, sheet: Worksheet, row: int, texts: Sequence[tuple[str, str]]) -> int:
    """Texts over the width of the sheet, each in as many lines as it needs; the next row."""
    height = {"title": 30, "subtitle": 22}
    for text, style in texts:
        sheet.set_row(row, height.get(style, height_of(text, _FRONT, size=12 if style == "lead" else 11) + 2))
        sheet.merge_range(row, 0, row, 6, cell_text(text), book.text_style(style, text))
        row += 1
    return row


def _write_counts(book: Book, sheet: Worksheet, row: int, words: Mapping[str, Any], front: _Front) -> None:
    for column, head in enumerate(words["count_heads"]):
        sheet.write_string(row, column, head, book.style("head"))
    for at, (code, counts) in enumerate(front.counts.iterrows(), start=row + 1):
        name = front.names.get(str(code), "") if code else words["files"]
        for column, text in enumerate((cell_text(code), cell_text(name))):
            sheet.write_string(at, column, text, book.text_style("cell", text))
        for column, count in enumerate(counts, start=2):
            sheet.write_number(at, column, count, book.style("cell_count"))
    if len(front.counts) > 1:
        at = row + len(front.counts) + 1
        sheet.write_string(at, 0, words["total"], book.style("total", align="left"))
        sheet.write_string(at, 1, "", book.style("total"))
        for column, count in enumerate(front.counts.sum(), start=2):
            sheet.write_number(at, column, count, book.style("total"))
    sheet.repeat_rows(row)


@cache
def _height(text: str, width: float) -> float:
    return height_of(cell_text(text)[:_SHOWN], width)


def _write_lines(book: Book, kind: str, lines: pd.DataFrame, words: Mapping[str, Any]) -> None:
    sheet = book.sheet(words["sheets"][kind])
    columns = _COLUMNS[kind]
    for at, (name, head) in enumerate(zip(columns, words["heads"][kind], strict=True)):
        sheet.set_column(at, at, _WIDTHS[name])
        sheet.write_string(0, at, head, book.style("head"))
    sheet.freeze_panes(1, 0)
    # screen readers take a range of this name for headings
    last = xl_col_to_name(len(columns) - 1)
    book.file.define_name(f"'{sheet.name}'!ColumnTitle", f"='{sheet.name}'!$A$1:${last}$1")
    sheet.autofilter(0, 0, max(len(lines), 1), len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{words['sheets'][kind]}&R{words['page']}")
    if lines.empty:
        sheet.write_string(1, 0, words["empty"], book.style("muted"))
    shown = lines.replace({"severity": words["severity"]}) if "severity" in lines else lines
    plain, quoted = book.style("cell"), book.style("cell", quote_prefix=True)
    texts = [shown[name].astype("object").fillna("") for name in columns]
    widths = [_WIDTHS[name] for name in columns]
    for row, cells in enumerate(zip(*texts, strict=True), start=1):
        sheet.set_row(row, max(map(_height, cells, widths)))
        for at, value in enumerate(cells):
            text = cell_text(value)
            sheet.write_string(row, at, text, quoted if starts_a_formula(text) else plain)
