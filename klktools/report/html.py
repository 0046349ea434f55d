"""A document to one self-contained page: no code, no script, no request to the outside."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import yaml

from klktools.report.document import Document, Heading, Part

ROOM = Path(str(resources.files("klktools.report")))
FACES = {"Regular": 400, "Semibold": 600, "Bold": 700}


@dataclass(frozen=True)
class Section:
    """One second-level section of the page, or what stands before the first (no id, no title)."""

    id: str
    title: str
    parts: tuple[str, ...]


def export_page(document: Document) -> bytes:
    """The page of a document, as its file."""
    template = environment("page").get_template("index.html.j2")
    text = template.render(
        title=document.title,
        footer=document.footer,
        language=document.language,
        words=page_words(document.language),
        css=stylesheet(),
        sections=sections_of(document),
    )
    return text.encode()


def sections_of(document: Document) -> list[Section]:
    """The page's parts in order, cut at every second-level heading."""
    sections = [Section("", "", ())]
    for part in document.parts:
        if isinstance(part, Heading) and part.level == 2:
            sections.append(Section(part.id, part.text, (_part_html(part),)))
        else:
            last = sections[-1]
            sections[-1] = Section(last.id, last.title, (*last.parts, _part_html(part)))
    return sections


@functools.cache
def stylesheet(wanted: tuple[str, ...] = tuple(FACES)) -> str:
    """The page's style with the wanted font faces inside."""
    faces = "\n".join(_font_face(face, FACES[face]) for face in wanted)
    return f"{faces}\n{(ROOM / 'page.css').read_text(encoding='utf-8')}"


@functools.cache
def page_words(language: str) -> Mapping[str, Any]:
    """The words of the page itself, from ``page.yaml``."""
    return yaml.safe_load((ROOM / "page.yaml").read_text(encoding="utf-8"))[language]


@functools.cache
def environment(template: str) -> jinja2.Environment:
    """The templates of one kind of page; every value is escaped unless the template says `safe`."""
    loader = jinja2.FileSystemLoader(ROOM / "templates" / template)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)


def _part_html(part: Part) -> str:
    if isinstance(part, Heading):
        return f'<h{part.level} id="{escape(part.id)}">{escape(part.text)}</h{part.level}>'
    return part.to_html()


def _font_face(face: str, weight: int) -> str:
    data = base64.b64encode((ROOM / "fonts" / f"SourceSans3-{face}.woff2").read_bytes()).decode()
    return (
        f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};font-display:swap;'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )
