"""Texts that fit their place on a slide, and the runs they are written as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.util import Pt

from klktools.report.measure import height_of
from klktools.report.office import INKS, bare, clean, spans

MORE = " …"
_SENTENCE = re.compile(r"(?<=[.!?:]) +(?=[A-ZÆØÅ»\"*0-9])")


@dataclass(frozen=True)
class Line:
    """One paragraph; `scale` is its size in parts of the text's, `gap` the space after it in points."""

    text: str
    scale: float = 1
    bold: bool = False
    colour: str = ""
    bullet: bool = False
    gap: float = 6

    def height(self, *, size: float, width: float) -> float:
        """The paragraph's estimated height in points."""
        indent = INDENT * size if self.bullet else 0
        bold = self.bold or "**" in self.text
        text = bare(self.text)
        return height_of(text, size=size * self.scale, width=width - indent, bold=bold) + self.gap


INDENT = 1.1  # of a bullet, in font sizes


@dataclass(frozen=True)
class Fitted:
    """Paragraphs, the size they fit in, and whether something was left out."""

    lines: tuple[Line, ...]
    size: float
    cut: bool = False


def fitted(lines: Sequence[Line], *, width: float, height: float, sizes: Sequence[float]) -> Fitted:
    """The lines at the largest size that fits.

    At the smallest size the end is left out, after a sentence if possible.
    """
    whole = tuple(line for line in lines if line.text)
    for size in sizes:
        if _height(whole, size, width) <= height:
            return Fitted(whole, size)
    size = sizes[-1]
    kept = list(whole)
    while kept and _height(kept, size, width) > height:
        last = kept.pop()
        room = height - _height(kept, size, width)
        if shorter := _shortened(last, size=size, width=width, height=room, must=not kept):
            kept.append(shorter)
            break
    return Fitted(tuple(kept), size, cut=True)


def _height(lines: Sequence[Line], size: float, width: float) -> float:
    return sum(line.height(size=size, width=width) for line in lines)


def _shortened(line: Line, *, size: float, width: float, height: float, must: bool) -> Line | None:
    """The line cut after a sentence, or (if something must stand) after a word; None if nothing fits."""
    ways = [(_SENTENCE.split(line.text), "")]
    ways += [(clean(line.text).split(" "), MORE)] if must else []
    ways += [(list(clean(line.text)), MORE)] if must else []
    for pieces, end in ways:
        glue = "" if len(pieces) == len(clean(line.text)) else " "
        low, high = 0, len(pieces) - 1  # the most pieces that fit
        while low < high:
            middle = (low + high + 1) // 2
            shorter = _part(line, glue.join(pieces[:middle]) + end)
            low, high = (
                (middle, high) if shorter.height(size=size, width=width) <= height else (low, middle - 1)
            )
        if low:
            return _part(line, glue.join(pieces[:low]) + end)
    return None


def _part(line: Line, text: str) -> Line:
    even = text.count("**") % 2 == 0  # a cut inside bold text ends it
    return Line(text if even else f"{text}**", line.scale, line.bold, line.colour, line.bullet, line.gap)


def write(frame: Any, lines: Sequence[Line], *, size: float, locale: str, centred: bool = False) -> None:
    """Fill a text frame; every run has its size and its language."""
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(line.gap)
        paragraph.space_before = Pt(0)
        if centred:
            paragraph.alignment = PP_ALIGN.CENTER
        if line.bullet:
            _bullet(paragraph, size * line.scale)
        for span in spans(line.text, bold=line.bold):
            add_run(
                paragraph,
                span.text,
                size=size * line.scale,
                bold=span.bold,
                colour=INKS.get(span.tone, line.colour),
                locale=locale,
            )


def add_run(paragraph: Any, text: str, *, size: float, bold: bool, colour: str, locale: str) -> None:
    """One run of literal text."""
    run = paragraph.add_run()
    run.text = text
    run.font.size = Pt(round(size, 1))
    run.font.bold = bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    run._r.get_or_add_rPr().set("lang", locale)


def _bullet(paragraph: Any, size: float) -> None:
    indent = str(Pt(INDENT * size))
    settings = paragraph._p.get_or_add_pPr()
    settings.attrib.update({"marL": indent, "indent": f"-{indent}"})
    for old in settings.findall("{*}buNone"):
        settings.remove(old)
    mark = settings.makeelement(settings.tag.replace("pPr", "buChar"), {"char": "•"})
    settings.append(mark)
