"""The document model: what a verb of a report returns, and how it is shown.

A report's output is a row of blocks. Each is a small frozen dataclass of plain data and shows itself as text,
as semantic HTML (classes ``klk-...``) and as ``application/vnd.klktools.block+json``, from which other
writers (PDF, Word) work. All data are escaped; the only markup inside a text is ``**bold**``.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from klktools.errors import ParameterError, sentence
from klktools.texts import load_texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MplFigure

MIME = "application/vnd.klktools.block+json"
ALT_LENGTH = (25, 600)
# One form per tone, so that colour never carries the meaning alone; also used for severities.
SYMBOLS = {"green": "●", "yellow": "▲", "orange": "◆", "red": "■", "none": "○"}
_TONES = {symbol: tone for tone, symbol in SYMBOLS.items()}
_BOLD = re.compile(r"\*\*(.+?)\*\*", flags=re.DOTALL)
_SYMBOL = re.compile("[" + "".join(SYMBOLS.values()) + "]")


class Block:
    """What all blocks can do: be HTML, be plain text, be plain data."""

    kind: ClassVar[str]

    def to_html(self) -> str:
        """The block as an HTML fragment."""
        raise NotImplementedError

    def to_text(self) -> str:
        """The block as plain text, one line per part."""
        raise NotImplementedError

    def to_data(self) -> dict[str, Any]:
        """The block as JSON-ready data: its fields and `type`."""
        return {"type": self.kind} | _plain(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": self.to_text(), "text/html": self.to_html(), MIME: self.to_data()}


@dataclass(frozen=True)
class Paragraphs(Block):
    """Sentences, one paragraph each; `lead` sets them large (the summary)."""

    kind: ClassVar[str] = "paragraphs"
    texts: tuple[str, ...]
    lead: bool = False

    def to_html(self) -> str:
        name = "klk-lead" if self.lead else "klk-text"
        return f'<div class="{name}">{_each("p", self.texts)}</div>'

    def to_text(self) -> str:
        return "\n".join(map(_bare, self.texts))


@dataclass(frozen=True)
class Bullets(Block):
    """A list; `ordered` numbers it."""

    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]
    ordered: bool = False

    def to_html(self) -> str:
        tag = "ol" if self.ordered else "ul"
        return f'<{tag} class="klk-list">{_each("li", self.items)}</{tag}>'

    def to_text(self) -> str:
        marks = (f"{number}." if self.ordered else "-" for number in range(1, len(self.items) + 1))
        return "\n".join(f"{mark} {_bare(item)}" for mark, item in zip(marks, self.items, strict=True))


@dataclass(frozen=True)
class Table(Block):
    """A display table of finished texts.

    `numeric` holds the positions of right-aligned columns; with `row_header` a row's first cell heads it.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    row_header: bool = True
    note: str = ""

    def to_html(self) -> str:
        head = "".join(self._cell("th", at, text, scope="col") for at, text in enumerate(self.columns))
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        note = f'<p class="klk-note">{_inline(self.note)}</p>' if self.note else ""
        # wide tables scroll sideways on small screens, also by keyboard
        name = escape(_bare(self.caption))
        return (
            f'<div class="klk-table-frame" role="group" tabindex="0" aria-label="{name}">'
            f'<table class="klk-table"><caption>{_inline(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
        )

    def _row(self, row: tuple[str, ...]) -> str:
        headers = ("th",) if self.row_header else ()
        tags = headers + ("td",) * (len(row) - len(headers))
        return "".join(
            self._cell(tag, at, text, scope="row" if tag == "th" else "")
            for at, (tag, text) in enumerate(zip(tags, row, strict=True))
        )

    def _cell(self, tag: str, at: int, text: str, *, scope: str) -> str:
        scoped = f' scope="{scope}"' if scope else ""
        styles = {"klk-number": at in self.numeric, "klk-marked": text[:1] in _TONES}
        named = " ".join(name for name, holds in styles.items() if holds)
        styled = f' class="{named}"' if named else ""
        return f"<{tag}{scoped}{styled}>{_inline(text)}</{tag}>"

    def to_text(self) -> str:
        lines = [self.caption, *(" | ".join(row) for row in (self.columns, *self.rows)), self.note]
        return "\n".join(_bare(line) for line in lines if line)


@dataclass(frozen=True)
class Card:
    """One finding in words. `tone` is a key of `SYMBOLS`; empty parts are not printed.

    `recommendation` and `evidence` are whole sentences with their own lead-in ("**Vi anbefaler:** ...").
    """

    title: str
    tone: str
    word: str
    text: str
    recommendation: str = ""
    evidence: str = ""

    def to_html(self) -> str:
        """The card as an HTML fragment."""
        parts = {
            "klk-card-text": self.text,
            "klk-card-advice": self.recommendation,
            "klk-card-evidence": self.evidence,
        }
        lines = "".join(f'<p class="{name}">{_inline(part)}</p>' for name, part in parts.items() if part)
        return (
            f'<div class="klk-card klk-{self.tone}">'
            f'<p class="klk-card-mark">{_mark(self.tone, self.word)}</p>'
            f'<p class="klk-card-title"><strong>{_inline(self.title)}</strong></p>{lines}</div>'
        )

    def to_text(self) -> str:
        """The card as plain text."""
        head = f"{SYMBOLS[self.tone]} {self.word}: {self.title}"
        return "\n".join(
            _bare(part) for part in (head, self.text, self.recommendation, self.evidence) if part
        )


@dataclass(frozen=True)
class Cards(Block):
    """Findings, one card each."""

    kind: ClassVar[str] = "cards"
    cards: tuple[Card, ...]

    def to_html(self) -> str:
        # two short cards stand side by side in print
        pair = len(self.cards) == 2 and not any(card.recommendation for card in self.cards)
        name = "klk-cards klk-pair" if pair else "klk-cards"
        return f'<div class="{name}">{"".join(card.to_html() for card in self.cards)}</div>'

    def to_text(self) -> str:
        return "\n\n".join(card.to_text() for card in self.cards)


@dataclass(frozen=True)
class KeyFigure:
    """One number that must be seen: label, value, tone with word, and a note (n, or why it is missing)."""

    label: str
    value: str
    tone: str = "none"
    word: str = ""
    note: str = ""

    def to_html(self) -> str:
        """The figure as an HTML fragment."""
        mark = f'<dd class="klk-figure-mark">{_mark(self.tone, self.word)}</dd>' if self.word else ""
        note = f'<dd class="klk-figure-note">{_inline(self.note)}</dd>' if self.note else ""
        return (
            f'<div class="klk-key-figure klk-{self.tone}"><dt>{_inline(self.label)}</dt>'
            f'<dd class="klk-figure-value">{_inline(self.value)}</dd>{mark}{note}</div>'
        )

    def to_text(self) -> str:
        """The figure as one line."""
        mark = f"{SYMBOLS[self.tone]} {self.word}" if self.word else ""
        return _bare(f"{self.label}: " + " ".join(part for part in (self.value, mark, self.note) if part))


@dataclass(frozen=True)
class KeyFigures(Block):
    """Key figures side by side, for example the four area scores."""

    kind: ClassVar[str] = "key_figures"
    figures: tuple[KeyFigure, ...]

    def to_html(self) -> str:
        return f'<dl class="klk-key-figures">{"".join(figure.to_html() for figure in self.figures)}</dl>'

    def to_text(self) -> str:
        return "\n".join(figure.to_text() for figure in self.figures)


@dataclass(frozen=True)
class Box(Block):
    """A framed list under a title, for example "Det kan vi ikke sige"."""

    kind: ClassVar[str] = "box"
    title: str
    items: tuple[str, ...]

    def to_html(self) -> str:
        items = f"<ul>{_each('li', self.items)}</ul>" if len(self.items) > 1 else _each("p", self.items)
        title = f'<p class="klk-box-title">{_inline(self.title)}</p>'
        return f'<div class="klk-box" role="note">{title}{items}</div>'

    def to_text(self) -> str:
        return "\n".join(map(_bare, (self.title, *(f"- {item}" for item in self.items))))


@dataclass(frozen=True)
class Cover(Block):
    """The front page: name, what the report is, and facts as (label, value)."""

    kind: ClassVar[str] = "cover"
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]

    def to_html(self) -> str:
        facts = "".join(
            f"<div><dt>{_inline(label)}</dt><dd>{_inline(value)}</dd></div>" for label, value in self.facts
        )
        return (
            f'<div class="klk-cover"><h1 class="klk-cover-title">{_inline(self.title)}</h1>'
            f'<p class="klk-cover-subtitle">{_inline(self.subtitle)}</p>'
            f'<dl class="klk-facts">{facts}</dl></div>'
        )

    def to_text(self) -> str:
        return "\n".join(
            map(_bare, (self.title, self.subtitle, *(f"{label}: {value}" for label, value in self.facts)))
        )


@dataclass(frozen=True)
class Figure(Block):
    """A drawn figure: inline SVG with its title above and source and n below.

    `alt` (25-600 characters) is what a screen reader says; `n` is a number or a text ("8 solutions"), None
    when the figure counts nothing.
    """

    kind: ClassVar[str] = "figure"
    id: str
    title: str
    svg: str
    alt: str
    source: str
    n: int | str | None = None
    language: str = "da"

    def __post_init__(self) -> None:
        shortest, longest = ALT_LENGTH
        if not shortest <= len(self.alt) <= longest:
            raise ParameterError(
                sentence(
                    must=f"`alt` must have {shortest}-{longest} characters",
                    found=f"found {len(self.alt)}",
                    where=f"figure {self.id}",
                    remedy="Say in words what the figure shows, with its numbers",
                )
            )

    @classmethod
    def from_matplotlib(
        cls,
        fig: MplFigure,
        *,
        id: str,
        title: str,
        alt: str,
        source: str,
        n: int | str | None = None,
        language: str = "da",
    ) -> Figure:
        """Take a drawn matplotlib figure (made without pyplot) as a block and clear it.

        The SVG is the same bytes for the same drawing: text stays text, and every id begins with `id`, so
        that none repeats on a page.
        """
        from klktools.svg import draw_svg  # with matplotlib, which only drawing needs

        drawing = draw_svg(fig, id=id, alt=alt)
        for axes in fig.axes:
            fig.delaxes(axes)
        return cls(id=id, title=title, svg=drawing, alt=alt, source=source, n=n, language=language)

    @property
    def foot(self) -> str:
        """Source and n as one line."""
        texts = load_texts(self.language)
        counted = "" if self.n is None else f" · n = {self.n}"
        return f"{texts['figure.source']}: {self.source}{counted}"

    def to_html(self) -> str:
        name = escape(_bare(self.title))
        return (
            f'<figure class="klk-figure" id="{escape(self.id)}">'
            f'<figcaption class="klk-figure-title">{_inline(self.title)}</figcaption>'
            f'<div class="klk-figure-frame" role="group" tabindex="0" aria-label="{name}">{self.svg}</div>'
            f'<p class="klk-figure-foot">{_inline(self.foot)}</p></figure>'
        )

    def to_text(self) -> str:
        return _bare(f"{self.title}\n{self.alt}\n{self.foot}")


@dataclass(frozen=True)
class Group(Block):
    """Blocks in order; an empty group shows nothing."""

    kind: ClassVar[str] = "group"
    blocks: tuple[Block, ...]

    def to_html(self) -> str:
        return "\n".join(block.to_html() for block in self.blocks)

    def to_text(self) -> str:
        return "\n\n".join(block.to_text() for block in self.blocks)

    def to_data(self) -> dict[str, Any]:
        return {"type": self.kind, "blocks": [block.to_data() for block in self.blocks]}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _inline(text: str) -> str:
    """Escaped text with **bold** as <strong> and the status symbols in their colour."""
    bold = _BOLD.sub(r"<strong>\1</strong>", escape(text))
    return _SYMBOL.sub(
        lambda found: f'<span class="klk-symbol klk-{_TONES[found[0]]}">{found[0]}</span>', bold
    )


def _bare(text: str) -> str:
    return _BOLD.sub(r"\1", text)


def _each(tag: str, texts: tuple[str, ...]) -> str:
    return "".join(f"<{tag}>{_inline(text)}</{tag}>" for text in texts)


def _mark(tone: str, word: str) -> str:
    return _inline(f"{SYMBOLS[tone]} {word}")
