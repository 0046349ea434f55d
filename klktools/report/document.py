"""What an executed notebook says: headings and blocks in order. Every format is written from this alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mistune

from klktools.blocks import MIME, Block, Bullets, Card, Group, KeyFigure, Paragraphs
from klktools.errors import ReportError, sentence

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS: Mapping[str, type[Block]] = {kind.kind: kind for kind in Block.__subclasses__()}
_PARTS: Mapping[str, type] = {"cards": Card, "figures": KeyFigure}


@dataclass(frozen=True)
class Heading:
    """A heading of the prose; `level` is 2 for a section, 3 within one; `id` is unique in the document."""

    level: int
    text: str
    id: str


Part = Heading | Block


@dataclass(frozen=True)
class Document:
    """One report, ready to be written in any format.

    `title` is what the report is called outside itself (window, file properties), `footer` its closing line;
    `parts` hold no groups: those are laid out in their order.
    """

    title: str
    footer: str
    language: str
    parts: tuple[Part, ...]


def read_document(notebook: NotebookNode, *, title: str, footer: str, language: str) -> Document:
    """Read an executed, one-language notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Markdown cells hold headings, paragraphs, lists and bold text only; code cells put out blocks only.
    title, footer : str
        As in `Document`.
    language : {"da", "en"}

    Returns
    -------
    Document

    Raises
    ------
    ReportError
        If a cell holds anything else, an error or a warning for example.
    """
    parts: list[Part] = []
    number = 0  # of the code cell, as Jupyter prints it
    for cell in notebook.cells:
        number += cell.cell_type == "code"
        parts += _cell_parts(cell, number)
    return Document(title, footer, language, tuple(_with_unique_ids(parts)))


@functools.lru_cache(maxsize=256)
def prose_parts(source: str) -> tuple[Part, ...]:
    """The headings, paragraphs and lists of a prose cell; the same cells stand in every report."""
    return tuple(part for token in _markdown()(source) for part in _prose(token))


def block_parts(block: Block) -> Iterator[Block]:
    """The block itself, or what a group holds."""
    if isinstance(block, Group):
        for inner in block.blocks:
            yield from block_parts(inner)
    else:
        yield block


def block_of(data: Mapping[str, Any]) -> Block:
    """The block whose `to_data` is `data`."""
    fields = {name: value for name, value in data.items() if name != "type"}
    if data["type"] == Group.kind:
        return Group(tuple(block_of(entry) for entry in fields["blocks"]))
    return KINDS[data["type"]](**{name: _thawed(name, value) for name, value in fields.items()})


def _thawed(name: str, value: Any) -> Any:
    if name in _PARTS:
        return tuple(_PARTS[name](**entry) for entry in value)
    return tuple(_thawed("", entry) for entry in value) if isinstance(value, list) else value


def _cell_parts(cell: NotebookNode, number: int) -> list[Part]:
    if cell.cell_type == "markdown":
        return list(prose_parts(cell.source))
    if cell.cell_type != "code":
        return []
    return [part for output in cell.outputs for part in block_parts(_output(output, number))]


def _output(output: NotebookNode, number: int) -> Block:
    data = output.get("data", {})
    if output.output_type in ("execute_result", "display_data") and MIME in data:
        return block_of(data[MIME])
    shown = output.get("text") or output.get("ename") or data.get("text/plain", "")
    raise ReportError(
        sentence(
            must="a cell of a report must put out blocks only",
            found=f"found {output.output_type} ({str(shown).strip()[:120]})",
            where=f"cell {number}",
        )
    )


@functools.cache
def _markdown() -> Callable[[str], Any]:
    return mistune.create_markdown(renderer="ast")


def _prose(token: Mapping[str, Any]) -> Iterator[Part]:
    match token["type"]:
        case "heading":
            text = _text(token)
            yield Heading(token["attrs"]["level"], text, _anchor(text))
        case "paragraph":
            yield Paragraphs((_text(token),))
        case "list":
            yield Bullets(tuple(_text(item) for item in token["children"]), token["attrs"]["ordered"])
        case "blank_line":
            pass
        case "block_html" if token["raw"].strip().startswith("<!--"):  # a note to the consultant
            pass
        case other:
            raise _unknown(other)


def _text(token: Mapping[str, Any]) -> str:
    """The text of a token with ``**bold**`` as the only markup."""
    match token["type"]:
        case "text":
            return token["raw"]
        case "softbreak":
            return " "
        case "strong":
            return f"**{_children(token)}**"
        case "heading" | "paragraph" | "list_item" | "block_text":
            return _children(token)
        case other:
            raise _unknown(other)


def _children(token: Mapping[str, Any]) -> str:
    return "".join(map(_text, token["children"]))


def _unknown(kind: str) -> ReportError:
    return ReportError(
        sentence(
            must="the prose of a report must be headings, paragraphs, lists and bold text",
            found=f"found Markdown of the kind {kind}",
        )
    )


def _anchor(text: str) -> str:
    """A heading as an id: letters and digits (æøå too) joined by hyphens."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def _with_unique_ids(parts: list[Part]) -> Iterator[Part]:
    seen: dict[str, int] = {}
    for part in parts:
        if isinstance(part, Heading):
            seen[part.id] = seen.get(part.id, 0) + 1
            again = seen[part.id] > 1
            part = Heading(part.level, part.text, f"{part.id}-{seen[part.id]}") if again else part
        yield part
