"""A document to 10-12 slides for the top management: summary, areas, what to do, what cannot be said."""

from __future__ import annotations

import io
from itertools import dropwhile

from pptx import Presentation

from klktools.blocks import SYMBOLS, Box, Card, Cards, KeyFigure, Paragraphs
from klktools.report.deck import BAR, BOTTOM, TOP, Deck, Frame, Panel
from klktools.report.document import Document
from klktools.report.office import MUTED, NOTICE, PALE, office_words, repacked, set_properties, template
from klktools.report.slide_template import INNER, MARGIN
from klktools.report.slide_text import Line
from klktools.report.story import POSITION, PROFILE, Area, Section, Story, recommendations_table, tell

BODY = (30, 28, 26, 24, 22, 20, 18, 16, 14)  # sizes tried, the first that fits is taken
SMALL = (16, 15, 14, 13, 12)
CARDS = (18, 17, 16, 15, 14, 13, 12, 11)
WHOLE = Frame(MARGIN, TOP, INNER, BOTTOM - TOP)


def export_pptx(document: Document) -> bytes:
    """The slides of a report: the same bytes for the same document.

    Cover, summary, the four areas, one slide for each area, the most important findings, recommendations,
    position and what cannot be said; what the document does not have is left out. A text too long for its
    place is cut, after a sentence where possible, and stands whole in the speaker notes.
    """
    words = office_words(document.language)
    show = Presentation(io.BytesIO(template("deck.pptx")))
    deck = Deck(show, words, document.footer)
    _tell(deck, tell(document), document.title)
    set_properties(show.core_properties, title=document.title, locale=words["locale"])
    package = io.BytesIO()
    show.save(package)
    return repacked(package.getvalue())


def _tell(deck: Deck, story: Story, title: str) -> None:
    _cover(deck, story, title)
    if story.summary:
        _summary(deck, story.summary)
        _scores(deck, story, story.summary)
    for area in story.areas:
        _area(deck, area)
    if story.summary:
        _findings(deck, story.summary)
    if story.recommendations:
        _recommendations(deck, story.recommendations)
    if story.position:
        _position(deck, story.position)
    if story.summary:
        for box in story.summary.all(Box):
            _silences(deck, box, story.summary.title)


def _cover(deck: Deck, story: Story, title: str) -> None:
    cover = story.cover
    slide = deck.cover(cover.title if cover else title, cover.subtitle if cover else "")
    facts = [Line(f"{label}: {value}", colour=PALE, gap=3) for label, value in cover.facts] if cover else []
    slide.put(10, facts, SMALL[1:], height=126 if story.notices else None)
    for notice in story.notices:
        lines = [Line(notice.title, bold=True, gap=2), *(Line(item, gap=0) for item in notice.items)]
        slide.panel(Frame(MARGIN + 20, 432, INNER - 40, 70), lines, SMALL, fill=NOTICE)
    slide.note(deck.footer)
    slide.done()


def _summary(deck: Deck, summary: Section) -> None:
    texts = summary.all(Paragraphs)
    lead = [Line(text, gap=24) for block in texts if block.lead for text in block.texts]
    slide = deck.slide("Text", summary.title)
    height = slide.put(10, lead, BODY, left=MARGIN + 26, width=INNER - 40)
    slide.bar(Frame(MARGIN, TOP + BAR, BAR, 0.9 * height), "green")  # the estimate is on the safe side
    slide.note(*(text for block in texts if not block.lead for text in block.texts))
    slide.done()


def _scores(deck: Deck, story: Story, summary: Section) -> None:
    profile = summary.figure(PROFILE)
    if not story.scores and not profile:
        return
    slide = deck.slide("Areas", profile.title if profile else summary.title)
    if story.scores:
        tiles = [Panel(tuple(_score(score)), score.tone, upper=True) for score in story.scores]
        slide.rows([tiles], SMALL, Frame(MARGIN, TOP, INNER, 130))
    if profile:
        slide.picture(profile)
    slide.put(14, [Line(text) for text in story.reading], SMALL[2:])
    slide.note(deck.words["section"].format(section=summary.title))
    slide.done()


def _area(deck: Deck, area: Area) -> None:
    finding = area.main_finding
    slide = deck.slide("Figure", finding.title if finding else area.figure.title)
    caption = [Line(area.figure.title, bold=True, gap=8)] if finding else []
    slide.picture(area.figure, top=TOP + slide.put(12, caption, (15, 14, 13, 12, 11), tight=True))
    if area.criteria:
        slide.table_under_picture(area.criteria, (13, 12, 11, 10))
    if area.score:
        tile = Panel(tuple(_score(area.score)), area.score.tone, upper=True)
        slide.rows([[tile]], SMALL, Frame(652, TOP, 264, 112))
    others = [card for card in area.findings if card is not finding]
    lines = [*_finding(finding), *(Line(f"{SYMBOLS[card.tone]} {card.title}", 0.9, gap=5) for card in others)]
    slide.put(14, lines if finding else [Line(text) for text in area.silence], SMALL)
    slide.note(finding.evidence if finding else "", deck.words["section"].format(section=area.section))
    slide.done()


def _finding(card: Card | None) -> list[Line]:
    if card is None:
        return []
    mark = Line(f"{SYMBOLS[card.tone]} {card.word}", 0.85, colour=MUTED, gap=3)
    return [mark, Line(card.text, gap=9), Line(card.recommendation, gap=12)]


def _score(score: KeyFigure) -> list[Line]:
    mark = f"{SYMBOLS[score.tone]} {score.word}" if score.word else ""
    return [
        Line(score.label, 0.95, bold=True, gap=2),
        Line(f"**{score.value}**  {mark}", 1.5, gap=1),
        Line(score.note, 0.85, colour=MUTED, gap=0),
    ]


def _findings(deck: Deck, summary: Section) -> None:
    blocks = summary.all(Cards)
    if not blocks:
        return
    cards = [card for block in blocks for card in block.cards]
    rows = [[card for card in cards if (card.tone == "green") == strength] for strength in (False, True)]
    panels = [[Panel(_card(card), card.tone) for card in row] for row in rows if row]
    if len(panels) == 1:  # then a sentence says why there are no strengths
        said = dropwhile(lambda part: part is not blocks[0], summary.parts)
        after = next((part for part in said if isinstance(part, Paragraphs)), None)
        panels += [[Panel(tuple(Line(text) for text in after.texts))]] if after else []
    slide = deck.slide("Title Only", summary.heading_of(Cards))
    slide.rows(panels, CARDS, WHOLE)
    slide.note(*(line for card in cards for line in (card.recommendation, card.evidence)))
    slide.note(deck.words["section"].format(section=summary.title))
    slide.done()


def _card(card: Card) -> tuple[Line, ...]:
    return (
        Line(f"{SYMBOLS[card.tone]} {card.word}", 0.8, colour=MUTED, gap=2),
        Line(card.title, 1.1, bold=True, gap=5),
        Line(card.text, gap=0),
    )


def _recommendations(deck: Deck, section: Section) -> None:
    table = recommendations_table(section)
    slide = deck.slide("Table" if table else "Text", section.title)
    if table:
        slide.table(table, (15, 14, 13, 12, 11))
    else:  # a sentence says why there are none
        said = [Line(text) for block in section.all(Paragraphs) for text in block.texts]
        slide.put(10, said, BODY)
    slide.note(table.note if table else "", deck.words["section"].format(section=section.title))
    slide.done()


def _position(deck: Deck, section: Section) -> None:
    figure = section.figure(POSITION)
    if figure is None:
        return
    slide = deck.slide("Figure", figure.title)
    slide.picture(figure, top=TOP + slide.put(12, [], SMALL))
    texts = [Line(text, gap=10) for block in section.all(Paragraphs) for text in block.texts]
    slide.put(14, texts, SMALL, top=TOP, height=WHOLE.height)
    slide.note(deck.words["section"].format(section=section.title))
    slide.done()


def _silences(deck: Deck, box: Box, section: str) -> None:
    slide = deck.slide("Text", box.title)
    slide.put(10, [Line(item, bullet=len(box.items) > 1, gap=10) for item in box.items], BODY[2:])
    slide.note(deck.words["section"].format(section=section))
    slide.done()
