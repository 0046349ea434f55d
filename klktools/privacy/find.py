"""Where personal data stand in a text, told by kind and place, and the text with them masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from klktools.privacy import patterns
from klktools.privacy.names import Names, is_full, load_names, may_name, names_in
from klktools.privacy.plain import Plain, make_plain, plain_digits

_Kinds = tuple[tuple[str, re.Pattern[str]], ...]
_FREE: _Kinds = (
    ("cpr", patterns.CPR_FREE),
    ("cpr", patterns.CPR_APART),
    ("cpr", patterns.CPR_NAMED),
    ("email", patterns.EMAIL),
    ("email", patterns.EMAIL_FREE),
    ("phone", patterns.PHONE),
    ("plate", patterns.PLATE),
    ("address", patterns.ADDRESS),
    ("address", patterns.OTHER_ADDRESS),
    ("address", patterns.ROAD),
)
_CELL: _Kinds = (
    ("cpr", patterns.CPR),
    ("cpr", patterns.CPR_APART),
    ("email", patterns.EMAIL),
    ("phone", patterns.CELL_PHONE),
)
_WARY: _Kinds = (
    ("cpr", patterns.CPR_FREE),
    ("cpr", patterns.CPR_APART),
    ("email", patterns.EMAIL),
    ("phone", patterns.PHONE),
)
_NUMBER = re.compile(r"\d+")
_NEAR, _ROAD_END = 100, 20  # signs: an address, and the end of a road's name with "nr.", are shorter
_DIGITS = re.compile(r"(?:\d\D*){8}")
_SENTENCES = re.compile(r"(?<=[.!?]) (?=[^\W\d_]{2})")  # but after initials
_AT = re.compile(r"[@＠]|\(at\)|\[at\]|snabel", re.I)


class Found(NamedTuple):
    """One place: what kind of personal data, from which sign of the text up to which."""

    kind: str
    start: int
    end: int


def find_personal(text: str, names: Names) -> list[Found]:
    """Everything in a free text that may point at a person: recall before precision.

    Parameters
    ----------
    text : str
        As it was written; places are counted in it.
    names : Names
        Given names and surnames to look for (`load_names`, `own_names`).

    Returns
    -------
    list of Found
        In order, apart from one another. Kinds: cpr, email, phone, plate, address, name. Where two overlap
        they are one, of the kind of the longer.
    """
    plain = make_plain(text)
    found = [*_matches(plain, _FREE), *(Found("name", *span) for span in names_in(plain.text, names))]
    return [Found(kind, *plain.span(first, after)) for kind, first, after in _apart(found)]


def addresses(text: str) -> list[str]:
    """The addresses in a long text, which is looked at closely only around numbers that may be of a house."""
    found, end = [], 0
    for number in _NUMBER.finditer(text):
        at = number.start()
        if at >= end and _may_end_address(text[max(0, at - _ROAD_END) : at].lower()):
            place = patterns.ADDRESS.search(text, max(end, at - _NEAR), at + _NEAR)
            if place:
                found.append(place[0])
                end = place.end()
    others = (place for place in _with_door(text) if not any(place in other for other in found))
    return [*found, *others]


def _with_door(text: str) -> Iterator[str]:
    """The addresses of any road that go on with a door or a postcode ("Nyhavn 12, 2. tv")."""
    for end in patterns.DOOR.finditer(text):
        around = max(0, end.start() - _NEAR), end.end() + _NEAR
        for place in patterns.SURE_ADDRESS.finditer(text, *around):
            if place.start() < end.start() < place.end():
                yield place[0]


def _may_end_address(before: str) -> bool:
    road = before.rstrip(" .").removesuffix("nr").rstrip(" .")
    return road.endswith(patterns.BEFORE_NUMBER)


def full_names(text: str) -> list[str]:
    """The names that begin with a given name and go on ("Mette Holm"); one word alone may be a product."""
    known = load_names()
    sentences = (sentence for sentence in _SENTENCES.split(text) if may_name(sentence, known))
    found = (sentence[first:after] for sentence in sentences for first, after in names_in(sentence, known))
    return [name for name in found if is_full(name, known)]


def is_full_name(text: str) -> bool:
    """Whether a text holds a name of at least two words."""
    return bool(full_names(make_plain(text).text))


def mask_text(text: str, found: Sequence[Found], masks: Callable[[str], str]) -> str:
    """The text with every place in it replaced by the mask of its kind."""
    parts, at = [], 0
    for kind, start, end in found:
        parts += [text[at:start], masks(kind)]
        at = end
    return "".join([*parts, text[at:]])


def mask_cells(texts: Iterable[object], *, wary: bool = False) -> list[object]:
    """Cells with CPR numbers, e-mail addresses and telephone numbers as "…"; what is no text stays.

    Parameters
    ----------
    texts : iterable
    wary : bool
        Also what only may be one, such as any eight digits: for what leaves the house.
    """
    known: dict[str, str] = {}
    kinds = _WARY if wary else _CELL
    return [_mask_cell(text, kinds, known) if isinstance(text, str) else text for text in texts]


def _mask_cell(text: str, kinds: _Kinds, known: dict[str, str]) -> str:
    if text not in known:
        kinds = _possible(text, kinds)
        plain = make_plain(text) if kinds else Plain("", (), ())
        found = [Found(kind, *plain.span(*span)) for kind, *span in _apart(_matches(plain, kinds))]
        known[text] = mask_text(text, found, lambda kind: patterns.MASK)
    return known[text]


def _possible(text: str, kinds: _Kinds) -> _Kinds:
    """The kinds a cell may hold, found quickly: most hold neither a long number nor an @."""
    digits, at = _DIGITS.search(text) is not None, _AT.search(text) is not None
    if not digits and not at:
        return ()
    quick = plain_digits(text)
    return tuple((kind, p) for kind, p in kinds if (at if kind == "email" else digits) and p.search(quick))


def _matches(plain: Plain, kinds: _Kinds) -> Iterator[Found]:
    for kind, pattern in kinds:
        for match in pattern.finditer(plain.text):
            yield Found(kind, *match.span())


def _apart(found: Iterable[Found]) -> list[Found]:
    """What overlaps is one, of the kind of the longest part."""
    whole: list[Found] = []
    longest = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if whole and one.start < whole[-1].end:
            before = whole.pop()
            kind = one.kind if one.end - one.start > longest else before.kind
            longest = max(longest, one.end - one.start)
            whole.append(Found(kind, before.start, max(before.end, one.end)))
        else:
            whole.append(one)
            longest = one.end - one.start
    return whole
