"""What the template reads of a document: plain data, its texts such as can be set."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from klktools.blocks import SYMBOLS, Cover, Figure, Paragraphs, Table
from klktools.fonts import in_own_cut
from klktools.report.document import Document, Heading, Part
from klktools.report.html import ROOM, page_words
from klktools.report.pdf.columns import table_layout
from klktools.report.pdf.faces import FAMILIES, sign_widths

STICKY = 500  # signs of an introduction that stays with what it introduces
# what no reader sees, or what an archive must not hold: controls, private and unassigned signs
_UNFIT = ("Cc", "Cs", "Co", "Cn")


def report_data(document: Document) -> dict[str, Any]:
    """Words, fonts, symbols and parts.

    `front` is what stands before the first heading (it follows the list of contents), `parts` the rest.
    """
    words = {**page_words(document.language), **pdf_words(document.language)}
    parts = document.parts
    covered = bool(parts) and isinstance(parts[0], Cover)
    cover = parts[0] if covered else Cover(document.title, "", ())
    data = [_data(part, sticky) for part, sticky in zip(parts, _introducing(parts), strict=True)]
    start = next((at for at, part in enumerate(parts) if isinstance(part, Heading)), len(parts))
    return _fit(
        {
            "title": document.title,
            "footer": document.footer,
            "language": document.language,
            "region": words["region"],
            "words": {key: words[key] for key in ("contents", "page")},
            "fonts": FAMILIES,
            "symbols": SYMBOLS,
            "cover": _data(cover, False),
            "front": data[covered:start],
            "parts": data[start:],
        }
    )


@functools.cache
def pdf_words(language: str) -> Mapping[str, str]:
    """The words of the printed report itself, from ``words.yaml``."""
    return yaml.safe_load((ROOM / "pdf" / "words.yaml").read_text(encoding="utf-8"))[language]


def _data(part: Part, introduces: bool) -> dict[str, Any]:
    match part:
        case Heading():
            return {"type": "heading", "level": max(part.level - 1, 1), "text": part.text}
        case Table():
            return part.to_data() | table_layout(part)
        case Figure():
            return part.to_data() | {"foot": part.foot, "svg": in_own_cut(part.svg)}
        case Paragraphs():
            return part.to_data() | {"sticky": introduces}
    return part.to_data()


def _introducing(parts: Sequence[Part]) -> Iterator[bool]:
    """Whether a part is a short text right after a heading, which must not part from what follows."""
    follows = False
    for part in parts:
        short = isinstance(part, Paragraphs) and sum(map(len, part.texts)) <= STICKY
        yield follows and short
        follows = isinstance(part, Heading)


def _fit(value: Any) -> Any:
    """The data with composed letters, no line ends, and U+FFFD for each sign that cannot be shown."""
    match value:
        case str():
            text = unicodedata.normalize("NFC", value)
            strange = set(text) - _showable()
            signs = {ord(sign): " " if sign.isspace() else "\ufffd" for sign in strange}
            return text.translate(signs) if signs else text
        case dict():
            return {key: _fit(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_fit(inner) for inner in value]
    return value


@functools.cache
def _showable() -> frozenset[str]:
    return frozenset(sign for sign in sign_widths() if unicodedata.category(sign) not in _UNFIT)
