"""The workbook of one interview: questions and anchors, and what is read as interview and answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from klktools.contract import load_contract
from klktools.framework import load_framework
from klktools.workbooks.book import Book, height_of, load_words, new_book
from klktools.workbooks.forms import (
    Checks,
    Column,
    Form,
    anchors,
    beside,
    named_fields,
    open_form,
    rows_of,
    write_across,
    write_code,
    write_head,
    write_heading,
    write_inputs,
)
from klktools.workbooks.guide import write_short_guide
from klktools.workbooks.known import known_of
from klktools.workbooks.lists import lists_of, write_lists
from klktools.workbooks.rating import write_rating_form

_HEAD = (
    *("municipality", "visit", "interview", "date", "role", "department_group"),
    *("participants", "form", "consultant", "duration_min", "observed"),
)
_PAIRS = (((0, 1), (2, 2)), ((3, 5), (6, 8)), ((9, 11), (12, 13)))
_WIDTHS = {
    **{"score": 7, "value": 8, "assumed_value": 10, "before_value": 8, "basis": 11, "status": 12},
    **{"dont_know_reason": 14, "solution": 11, "theme": 11},
}
# what a question of each type has cells for, beside status, reason and solution
_USED = {
    "scale": ("score",),
    "percent": ("score", "value", "assumed_value", "basis"),
    "minutes": ("score", "value", "assumed_value", "before_value", "basis"),
    "yes_no": ("score", "value"),
    "open": ("theme",),
}
_VALUES = ("value", "assumed_value", "before_value")
_ALWAYS = ("status", "dont_know_reason", "solution")
_EXTRA = 12  # rows for the same question about another solution
_OPENING, _TOP = 2, 4  # rows of the words read aloud, and of the head


def write_interview(path: Path, *, language: str = "da", municipality: str = "") -> None:
    """Write the workbook of one interview, with the consultant's rating sheet.

    Parameters
    ----------
    path : Path
        The workbook; it is put there when it is whole.
    language : {"da", "en"}
        Of questions, anchors, lists and messages; either can be read.
    municipality : str
        A municipality code to fill in beforehand.

    Raises
    ------
    ParameterError
        When the code is none, or the name is not that of a workbook.
    """
    words = load_words(language)["interview"]
    code = known_of(municipality).get("municipality", "")
    tables = ("interviews", "answers", "ratings")
    lists = lists_of([f for name in tables for f in named_fields(name, language).values()], language)
    sources = {entry.name: entry.source for entry in lists}
    with new_book(path, words["title"]) as book:
        write_short_guide(book, language, words)
        _write_form(book, language, sources, code)
        write_rating_form(book, language, sources, code)
        write_lists(book, lists, language)


def _write_form(book: Book, language: str, sources: Mapping[str, str], code: str) -> None:
    form = _form(language, sources)
    sheet = open_form(book, form)
    opening = f"{form.words['opening_title']}: {form.words['opening']}"
    write_across(book, sheet, form, (_OPENING, opening, "quote"))
    fields = named_fields("interviews", language)
    places = write_head(book, sheet, _TOP, [fields[name] for name in _HEAD], form, _PAIRS)
    write_code(book, sheet, places, code)
    heading = _TOP + -(-len(_HEAD) // len(_PAIRS)) + 1
    write_heading(book, sheet, form, heading)
    last = _write_questions(book, sheet, form, heading + 1, xl_rowcol_to_cell(*places["role"], True, True))
    _grey_others(book, sheet, form, (heading + 1, last))


def _form(language: str, sources: Mapping[str, str]) -> Form:
    fields = named_fields("answers", language)
    text, scale, asked, note = beside("interview", language)
    columns = (
        Column(fields["question"].heading, 9, fields["question"]),
        Column(text, 34),
        Column(scale, 60),
        Column(asked, 8),
        *(Column(fields[name].heading, width, fields[name]) for name, width in _WIDTHS.items()),
        Column(note, 28),
    )
    return Form("interview", language, columns, sources)


def _write_questions(book: Book, sheet: Worksheet, form: Form, row: int, role: str) -> int:
    """The questions by area, then rows for more answers; the last row."""
    criteria, areas = rows_of("criteria", "criterion"), rows_of("areas", "area")
    area = ""
    for question in rows_of("questions", "question").values():
        criterion = criteria.get(question["criterion"])
        if criterion is not None and criterion["area"] != area:
            area = criterion["area"]
            write_across(book, sheet, form, (row, areas[area][f"title_{form.language}"], "subtitle"))
            row += 1
        scale = anchors(criterion, form.language) if criterion else form.words["unscored"]
        text = _write_question(book, sheet, form, row, question)
        sheet.write_string(row, 2, scale, book.style("cell", font_size=12))
        heights = (
            height_of(scale, form.columns[2].width, size=12),
            height_of(text, form.columns[1].width, size=12),
        )
        sheet.set_row(row, max(*heights, 80) + 2)
        sheet.write_formula(row, 3, _asked(question, form, role), book.style("cell"), "")
        row += 1
    write_across(book, sheet, form, (row, form.words["extra"], "subtitle"))
    for at in range(row + 1, row + 1 + _EXTRA):
        _write_extra(book, sheet, form, at)
    return row + _EXTRA


def _write_question(book: Book, sheet: Worksheet, form: Form, row: int, question: Mapping[str, Any]) -> str:
    """The question, who is asked and the cells for its answer; the text that stands in its cell."""
    text, notes = question[f"text_{form.language}"], "\n".join(_notes(question, form))
    sheet.write_string(row, 0, question["question"], book.style("cell_strong"))
    sheet.write_rich_string(
        *(row, 1),
        *(book.style("plain", bold=True, font_size=12), text),
        *(book.style("plain", font_size=10, font_color="#4A5561"), f"\n{notes}"),
        book.style("cell"),
    )
    write_inputs(book, sheet, form, row, _checks(form, question["answer_type"]))
    sheet.write_blank(row, form.last, None, book.style("note"))
    return f"{text}\n{notes}"


def _checks(form: Form, kind: str) -> Checks:
    """The columns a type of answer fills in; its values are per cent, minutes, or yes and no."""
    checks: dict[str, dict[str, Any] | None] = dict.fromkeys((*_USED[kind], *_ALWAYS))
    minutes = load_contract().rules["R13"]
    limits = {"percent": (0, 100), "minutes": (minutes["low"], minutes["high"])}
    for column in form.columns:
        if column.field and column.name in _VALUES and column.name in checks:
            checks[column.name] = (
                column.field.within(*limits[kind])
                if kind in limits
                else {"validate": "list", "source": form.sources["yes_no"]}
            )
    return checks


def _notes(question: Mapping[str, Any], form: Form) -> list[str]:
    """Who is asked, how it is coded, and in which version of the guide."""
    words = form.words
    roles, coding = " ".join(question["roles"]), question[f"coding_{form.language}"]
    kind = load_framework().enums["answer_type"][question["answer_type"]][form.language]
    lines = [
        words["roles"].format(roles=roles),
        words["kind"].format(kind=kind),
        words["coding"].format(coding=coding),
    ]
    versions = question["versions"]
    only = words["versions"].format(versions=versions[0]) if len(versions) == 1 else ""
    return [line for line in (*lines, only) if line]


def _asked(question: Mapping[str, Any], form: Form, role: str) -> str:
    """Yes when the role in the head is among those the question is put to; empty before one is chosen."""
    roles = load_framework().enums["role"]
    known = "|".join(roles[code][form.language] for code in question["roles"])
    yes, no = form.words["ask_yes"], form.words["ask_no"]
    return f'=IF({role}="","",IF(ISNUMBER(SEARCH("|"&{role}&"|","|{known}|")),"{yes}","{no}"))'


def _write_extra(book: Book, sheet: Worksheet, form: Form, row: int) -> None:
    """A row where the question is chosen."""
    field = form.columns[0].field
    if field is not None and (check := field.check(form.sources)):
        sheet.data_validation(row, 0, row, 0, check)
    sheet.write_blank(row, 0, None, book.style("input"))
    for at in (1, 2, 3):
        sheet.write_blank(row, at, None, book.style("cell"))
    write_inputs(book, sheet, form, row, dict.fromkeys(_WIDTHS))
    sheet.write_blank(row, form.last, None, book.style("note"))
    sheet.set_row(row, 34)


def _grey_others(book: Book, sheet: Worksheet, form: Form, rows: tuple[int, int]) -> None:
    """Questions that are not put to the chosen role stand back; the column beside says so in words."""
    first, last = rows
    rule = f'=$D{first + 1}="{form.words["ask_no"]}"'
    grey = book.file.add_format({"font_color": "#5F6B7A", "bg_color": "#ECEFF2"})
    sheet.conditional_format(first, 0, last, form.last, {"type": "formula", "criteria": rule, "format": grey})
