"""The last look at a report before it is delivered: nothing in it may be another's, or not for its reader.

The gate reads the finished files, not what they were made from, so it also catches a fault in a writer.

A municipality is named when its name stands as whole words, case as written or in capitals, also with a
genitive s. It is not named where the name is part of the report's own municipality's name or of a text
that municipality delivered itself (a department called "Skov og Park" where there is a town of Skov). A
name that is also a word of the toolkit's own texts ("Plan") counts only beside "Kommune" or "Municipality".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

import pandas as pd

from klktools import privacy
from klktools.errors import ReportError, sentence
from klktools.report.contents import Contents, read_contents

# "message": what is wrong in a delivered cell, which it quotes
DELIVERED = ("name", "description", "supplier", "message")
FOR_READERS = (".html", ".pdf", ".docx", ".pptx")
_WORD = re.compile(r"[^\W\d_]+")
# what stands before is looked at after the digits are found: so the search goes from digit to digit
_CODE = re.compile(r"\d{4}(?<![\w.,]\d{4})(?!\w|[.,]\w)")
_YEARS = range(1900, 2100)
_BESIDE = "(?:Kommune[sn]?|kommune[sn]?|Municipality|municipality)"
# What may stand nowhere, not even in an attribute. A pattern that begins with a fixed sign is fast.
_ANYWHERE = {
    "an e-mail address": (re.compile(r"@[\w-]+\.[a-z]{2,}"),),
    "a telephone number": privacy.SURE_PHONES,
    "a path of a machine": (
        re.compile(r"/(?:home|root|tmp|usr|work|var|Users|opt|mnt|private|srv|etc|Volumes)/\w[^\s\"'<>]*"),
        re.compile(r"~/\w[^\s\"'<>]*"),
        re.compile(r":(?<=\b[A-Z]:)[\\/]+\w[^\s\"'<>]*"),
        re.compile(r"\\\\\w+\\\w+"),
    ),
    "an address outside the report": (
        re.compile(r"://[^\s\"'<>)]+"),
        re.compile(r"//(?<!:\/\/)[\w-]+\.[a-z]{2,}[^\s\"'<>)]*"),
        re.compile(r"www\.\w[\w.]*"),
        re.compile(r"\.(?:dk|com|org|net|eu)/\w[\w/.-]*"),
    ),
    "a script": (
        re.compile(r"<script\b"),
        re.compile(r"javascript:"),
        re.compile(r"on(?<=\son)[a-z]{3,}\s*=\s*[\"']"),
        re.compile(r"/(?:JavaScript|JS|Launch)\b"),
    ),
}
# a CPR number with signs in its date; found by its end, for a text has few of them
_CPR_END = re.compile(r"-\d{4}(?!\w)")
_CPR_DATE = re.compile(r"(?:0[1-9]|[1-9]\d)[ ./-](?:0[1-9]|1[0-2])[ ./-]\d\d")
_WITHIN_NUMBER = re.compile(r"[\w.,-]")
# what a reader must never meet
_IN_TEXT = {
    "source code": (
        re.compile(r"klk\.\w+"),
        re.compile(r"import [a-z_.]+$", flags=re.M),
        re.compile(r"def \w+\("),
        re.compile(r"Traceback \("),
        re.compile(r"\(\w+="),
        re.compile(r"\{\w+(?:\|[\w:]+)?\}"),
        re.compile(r"<\w[\w.]* object at"),
        re.compile(r"\(['\"](?<=\w..)"),
        re.compile(r"\[['\"](?<=\w..)"),
        re.compile(r"np\.(?<=\bnp\.)\w+"),
        re.compile(r"Error(?<=\wError)\b"),
        re.compile(r"Exception(?<=\wException)\b"),
        re.compile(r"\.py(?<=\w\.py)\b"),
    ),
}
_STORED = (
    *(
        re.compile(rf"{value}(?<![\w-]{value})(?![\w-])")
        for value in ("nan", "NaN", "NaT", "inf", "null", "True", "False")
    ),
    re.compile(r"<NA>"),
    re.compile(r"-\d\d-\d\d(?<=\d{4}-\d\d-\d\d)"),
)
# "None of them" is English
_NONE = {"da": re.compile(r"None(?<!\wNone)(?!\w)"), "en": re.compile(r"None(?<!\wNone)(?! [a-z]|\w)")}
_PLATES = {"a number plate": (privacy.PLATE,)}
# the marks of the other language, which no formatter of this one writes; years have four digits, and dates a
# hyphen within them, where a minus is another sign
_UNSEPARATED = r"\d{5,}|(?!(?:19|20)\d\d$)[1-9]\d{3}|\d{4,}[.,]\d+|-\d+(?:[.,]\d+)?|\d+(?:\.\d+)?e[+-]?\d+"
_NUMBERS = {
    "da": re.compile(rf"[−+-]?(?:\d+\.\d{{1,2}}|0\.\d+|\d+\.\d{{4,}}|\d+(?:,\d{{3}})+\.\d+|{_UNSEPARATED})"),
    "en": re.compile(rf"[−+-]?(?:\d+,\d{{1,2}}|0,\d+|\d+,\d{{4,}}|\d+(?:\.\d{{3}})+,\d+|{_UNSEPARATED})"),
}
_AROUND = "()[]»«\"'“”.,:;!?%"


@dataclass(frozen=True)
class Register:
    """The municipalities of the round as (code, name), the report's own among them; cheap to send about."""

    entries: tuple[tuple[str, str], ...]

    def names(self, own: str) -> set[str]:
        """The names of all but `own`."""
        return {name for code, name in self.entries if code != own} - self.own_names(own)

    def own_names(self, own: str) -> set[str]:
        """The name of `own`, empty for a report of no municipality."""
        return {name for code, name in self.entries if code == own}


def check_release(
    documents: Mapping[str, bytes],
    *,
    own: str,
    register: Register,
    language: str,
    delivered: Collection[str] = (),
) -> list[str]:
    """Look through all files of one report.

    Parameters
    ----------
    documents : mapping
        File name -> bytes.
    own : str
        The municipality's code; "" for a report that is about no single one (the benchmark).
    register : Register
        Every municipality of the round.
    language : {"da", "en"}
        Of the report; its numbers must be written so.
    delivered : collection of str
        Names and texts the municipality handed in itself. They may hold what looks like a name or a number.

    Returns
    -------
    list of str
        One sentence per file and kind of fault; empty when the report may be delivered.
    """
    if not documents:
        return [sentence(must="a report must have at least one file", found="found none")]
    if not register.entries or (own and not register.own_names(own)):
        found = (
            f"found {len(register.entries)} municipalities, not {own!r}" if register.entries else "found none"
        )
        return [sentence(must="the register must name the municipalities of the round", found=found)]
    rules = _Rules(own, register, language, _phrases(register.own_names(own), delivered))
    return [fault for name, content in documents.items() for fault in _faults(name, content, rules)]


def delivered_texts(tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """The names and texts a municipality handed in, as its dossier's `tables` hold them."""
    columns = [
        table[name] for table in tables.values() for name in DELIVERED if name in table and len(table) > 0
    ]
    return frozenset(str(text) for column in columns for text in column.dropna().unique())


@dataclass(frozen=True)
class _Rules:
    """What one report is held against; `allowed` are its own names and texts, the longest first."""

    own: str
    register: Register
    language: str
    allowed: tuple[str, ...]


def _faults(name: str, content: bytes, rules: _Rules) -> Iterator[str]:
    try:
        said = read_contents(name, content)
    except ReportError as fault:
        yield str(fault)
        return
    for_readers = PurePosixPath(name).suffix in FOR_READERS
    if not _WORD.search(said.text if for_readers else said.about):
        yield sentence(must="a file of a report must say something", found="found no text", where=name)
        return
    found = _of_others(said, rules) | _anywhere(said) | (_in_text(said, rules) if for_readers else {})
    for what, all_places in found.items():
        if places := _places(all_places):
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            yield sentence(
                must=f"a report must not hold {what}", found=f"found {places[0]!r}{more}", where=name
            )


def _places(found: Iterable[str]) -> list[str]:
    """Each place once, and none that is part of another."""
    places = dict.fromkeys(map(str.strip, found))
    return [place for place in places if not any(place != other and place in other for other in places)]


def _of_others(said: Contents, rules: _Rules) -> dict[str, list[str]]:
    readable = _once(said.readable)
    codes = _index(rules.register).codes - {rules.own}
    words = {*_WORD.findall(readable), *_WORD.findall(_once(said.markup))}
    return {
        "another municipality's name": _names_in(said, words, rules),
        "another municipality's code": sorted(codes.intersection(_CODE.findall(readable))),
    }


def _once(text: str) -> str:
    """What stands between blanks, each once: a drawing repeats much of what it is made of."""
    return " ".join(set(text.split()))


def _names_in(said: Contents, words: set[str], rules: _Rules) -> list[str]:
    """The names of others. First a quick look at single words, which settles nearly every file."""
    index = _index(rules.register)
    words = words | {word[:-1] for word in words if word[-1] in "sS"}
    close = {name for word in words & index.by_word.keys() for name in index.by_word[word]}
    close -= rules.register.own_names(rules.own)
    if not close:
        return []
    pattern = _any_of(close)
    near = [phrase for phrase in rules.allowed if pattern.search(phrase)]
    allowed = "|".join(map(_over_lines, near)) or r"(?!)"
    plain, ordinary = close - _vocabulary(), close & _vocabulary()
    wanted = [f"(?:{_any_of(plain).pattern})"] if plain else []
    if ordinary:
        ambiguous = f"(?:{_any_of(ordinary).pattern})"
        wanted.append(rf"{ambiguous}\s+{_BESIDE}(?!\w)|{_BESIDE}\s+{ambiguous}")
    both = re.compile(rf"(?<!\w)(?:{allowed})(?!\w)|(?P<other>{'|'.join(wanted)})")
    return [found["other"] for found in both.finditer(said.whole) if found["other"]]


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    spellings = sorted(
        {form for name in names for form in (name, name.upper())}, key=lambda form: (-len(form), form)
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_over_lines, spellings))})[sS]?(?!\w)")


def _over_lines(words: str) -> str:
    """A pattern for words that a file may have broken into lines."""
    return re.escape(words).replace(r"\ ", r"\s+").replace(r"\-", r"-\s*")


def _anywhere(said: Contents) -> dict[str, list[str]]:
    numbers = [*_cpr_numbers(said.readable), *_dated_cpr_numbers(said.readable)]
    return {"a CPR number": numbers, **_matches(_ANYWHERE, said.whole)}


def _cpr_numbers(text: str) -> list[str]:
    """What looks like one, unless it is part of a longer number, as coordinates of a drawing are."""
    plain = privacy.plain_digits(text)
    around = (
        (found[0], plain[max(0, found.start() - 1) : found.start()]) for found in privacy.CPR.finditer(plain)
    )
    return [number for number, before in around if not _WITHIN_NUMBER.match(before)]


def _dated_cpr_numbers(text: str) -> list[str]:
    """Those with signs in the date: 01.02.03-4567."""
    ends = (found.span() for found in _CPR_END.finditer(text))
    return [text[at - 8 : end] for at, end in ends if _CPR_DATE.fullmatch(text[max(0, at - 8) : at])]


def _in_text(said: Contents, rules: _Rules) -> dict[str, list[str]]:
    raw = _unformatted(said.text, rules)
    if any(raw.values()):  # perhaps in what the municipality has written itself
        numbered = [_over_lines(phrase) for phrase in rules.allowed if any(map(str.isdigit, phrase))]
        raw = _unformatted(re.sub("|".join(numbered) or "(?!)", " ", said.text), rules)
    written = {**_matches(_IN_TEXT, said.text), **raw}
    return written | {what: _foreign(found, rules) for what, found in _of_persons(said.text).items()}


def _unformatted(text: str, rules: _Rules) -> dict[str, list[str]]:
    """Values as they are stored, and numbers that the language does not write so; not the own code."""
    words = {word.strip(_AROUND) for word in text.split()} - {rules.own}
    odd = sorted(word for word in words if _NUMBERS[rules.language].fullmatch(word))
    stored = _matches({"a value as it is stored": (*_STORED, _NONE[rules.language])}, text)
    return {**stored, "a number that no formatter has written": odd}


def _of_persons(text: str) -> dict[str, list[str]]:
    joined = " ".join(text.split())  # a file may have broken a name into lines
    persons = {"an address": privacy.addresses(joined), "a person's name": privacy.full_names(joined)}
    return persons | _matches(_PLATES, joined)


def _foreign(found: Iterable[str], rules: _Rules) -> list[str]:
    """What no text of the municipality's own has in it, such as a school named after someone."""
    return [text for text in found if not any(text in phrase for phrase in rules.allowed)]


def _matches(kinds: Mapping[str, Iterable[re.Pattern[str]]], text: str) -> dict[str, list[str]]:
    return {
        what: [found[0] for pattern in patterns for found in pattern.finditer(text)]
        for what, patterns in kinds.items()
    }


def _phrases(names: Iterable[str], delivered: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names, *delivered} - {""}, key=lambda phrase: (-len(phrase), phrase)))


@dataclass(frozen=True)
class _Index:
    by_word: Mapping[str, list[str]]  # first word, also in capitals -> names
    codes: frozenset[str]


@functools.lru_cache(maxsize=4)
def _index(register: Register) -> _Index:
    by_word: dict[str, list[str]] = {}
    for _, name in register.entries:
        for word in {
            first for found in [_WORD.search(name)] if found for first in (found[0], found[0].upper())
        }:
            by_word.setdefault(word, []).append(name)
    codes = {code for code, _ in register.entries if not (code.isdigit() and int(code) in _YEARS)}
    return _Index(by_word, frozenset(codes))


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Every word of the toolkit's own texts."""
    root = Path(str(resources.files("klktools")))
    files = [*root.glob("texts/*.yaml"), *root.glob("framework/*.yaml"), root / "report" / "page.yaml"]
    return frozenset(word for file in files for word in _WORD.findall(file.read_text(encoding="utf-8")))
