"""Personal data in Danish sentences: what is found, what is left, and how well, on a written set."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from klktools.privacy import Found, find_personal, load_names

_MARK = re.compile(r"\{(\w+):([^{}]*)\}")
LINES = [
    line
    for line in Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
MARKED, CLEAN = LINES[: LINES.index("---")], LINES[LINES.index("---") + 1 :]


def taken_apart(line: str) -> tuple[str, list[Found]]:
    """A sentence without its marks, and what they say."""
    text, wanted = "", []
    at = 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        wanted.append(Found(mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        at = mark.end()
    return text + line[at:], wanted


def find(text: str) -> list[Found]:
    return find_personal(text, load_names())


def covers(found: list[Found], place: Found) -> bool:
    return any(one.start <= place.start and place.end <= one.end for one in found)


def measured() -> tuple[Counter[str], Counter[str], int, int]:
    """Places wanted and found by kind; places masked, and how many of them for nothing."""
    wanted, hit, masked, idle = Counter[str](), Counter[str](), 0, 0
    for line in LINES:
        text, places = taken_apart(line)
        found = find(text)
        wanted.update(place.kind for place in places)
        hit.update(place.kind for place in places if covers(found, place))
        masked += len(found)
        idle += sum(all(one.end <= p.start or p.end <= one.start for p in places) for one in found)
    return wanted, hit, masked, idle
