"""What the slides tell: the parts of a report chosen by their place and kind, never by their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from klktools.blocks import Block, Box, Card, Cards, Cover, Figure, KeyFigure, KeyFigures, Paragraphs, Table
from klktools.report.document import Document, Heading, Part

# the figures of each area, its main one first; the same ids in every report
AREAS: Mapping[str, tuple[str, ...]] = {
    "plan": ("figure-plan-completeness", "figure-timeline"),
    "depth": ("figure-certainty", "figure-usage-heatmap", "figure-adoption"),
    "gains": ("figure-gain-ledger", "figure-gain-waterfall"),
    "leadership": ("figure-training", "figure-support"),
}
PROFILE, EFFORT, POSITION = "figure-profile", "figure-effort-effect", "figure-position"

_B = TypeVar("_B", bound=Block)


@dataclass(frozen=True)
class Section:
    """A section of the report: its heading's text and its parts, headings within it too."""

    title: str
    parts: tuple[Part, ...]

    def all(self, kind: type[_B]) -> list[_B]:
        """Its blocks of one kind."""
        return [part for part in self.parts if isinstance(part, kind)]

    def figure(self, id: str) -> Figure | None:
        """Its figure of that id."""
        return next((figure for figure in self.all(Figure) if figure.id == id), None)

    def heading_of(self, kind: type[Block]) -> str:
        """The heading that its first block of a kind stands under."""
        title = self.title
        for part in self.parts:
            if isinstance(part, kind):
                break
            title = part.text if isinstance(part, Heading) else title
        return title


@dataclass(frozen=True)
class Area:
    """One area: the section of its main figure, that figure, its findings and its score.

    `criteria` are the scores behind the area's own; `silence` is what the report says in place of findings.
    """

    section: str
    figure: Figure
    findings: tuple[Card, ...]
    score: KeyFigure | None
    criteria: Table | None = None
    silence: tuple[str, ...] = ()

    @property
    def main_finding(self) -> Card | None:
        """The most important finding: the first that is no strength (green), else the first strength."""
        return next((card for card in self.findings if card.tone != "green"), next(iter(self.findings), None))


@dataclass(frozen=True)
class Story:
    """A report by its roles; what it does not have is None or empty."""

    cover: Cover | None
    notices: tuple[Box, ...]
    summary: Section | None
    areas: tuple[Area, ...]
    recommendations: Section | None
    position: Section | None
    reading: tuple[str, ...]  # how the scores are read

    @property
    def scores(self) -> tuple[KeyFigure, ...]:
        """The areas' key figures, from the summary."""
        return _scores(self.summary)


def tell(document: Document) -> Story:
    """The roles of a document's parts."""
    sections = _sections(document.parts)
    front, rest = sections[0], sections[1:]
    summary = next((section for section in rest if any(text.lead for text in section.all(Paragraphs))), None)
    return Story(
        cover=next(iter(front.all(Cover)), None),
        notices=tuple(front.all(Box)),
        summary=summary,
        areas=tuple(_areas(rest, _scores(summary))),
        recommendations=_with(rest, EFFORT),
        position=_with(rest, POSITION),
        reading=_reading(rest, summary),
    )


def recommendations_table(section: Section) -> Table | None:
    """The recommendations without the last column, the finding's code."""
    table = next(iter(section.all(Table)), None)
    if table is None:
        return None
    return Table(table.caption, table.columns[:-1], tuple(row[:-1] for row in table.rows), note=table.note)


def _criteria(section: Section) -> Table | None:
    """The first table of an area's section, its first three columns: criterion, score, what the data show."""
    table = next(iter(section.all(Table)), None)
    return table and Table(table.caption, table.columns[:3], tuple(row[:3] for row in table.rows))


def _sections(parts: Iterable[Part]) -> list[Section]:
    """The document cut at its second-level headings; the first is what stands before them."""
    sections = [Section("", ())]
    for part in parts:
        if isinstance(part, Heading) and part.level == 2:
            sections.append(Section(part.text, ()))
        else:
            last = sections[-1]
            sections[-1] = Section(last.title, (*last.parts, part))
    return sections


def _with(sections: Iterable[Section], figure: str) -> Section | None:
    return next((section for section in sections if section.figure(figure)), None)


def _reading(sections: list[Section], summary: Section | None) -> tuple[str, ...]:
    """The last words of prose in the section after the summary, which says how the work was done."""
    after = sections[sections.index(summary) + 1 :][:1] if summary else []
    return tuple(text for section in after for block in section.all(Paragraphs)[-1:] for text in block.texts)


def _scores(summary: Section | None) -> tuple[KeyFigure, ...]:
    return tuple(score for block in summary.all(KeyFigures) for score in block.figures) if summary else ()


def _areas(sections: list[Section], scores: tuple[KeyFigure, ...]) -> Iterator[Area]:
    for at, ids in enumerate(AREAS.values()):
        own = [section for section in sections if any(section.figure(id) for id in ids)]
        main = next((section for section in own if section.figure(ids[0])), None)
        figure = main.figure(ids[0]) if main else None
        if main and figure:
            cards = tuple(card for section in own for block in section.all(Cards) for card in block.cards)
            score = scores[at] if len(scores) == len(AREAS) else None
            last = own[-1].all(Paragraphs)[-1:] if not cards else []
            silence = tuple(text for block in last for text in block.texts)
            yield Area(main.title, figure, cards, score, _criteria(main), silence)
