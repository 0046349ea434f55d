"""An executed notebook to one self-contained page: no code, no script, no request to the outside."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from klktools.errors import ReportError, sentence

ROOM = Path(str(resources.files("klktools.report")))
FACES = {"Regular": 400, "Semibold": 600, "Bold": 700}
HEADING = re.compile(r'<h2 id="(?P<id>[^"]+)">(?P<title>.*?)</h2>', flags=re.S)
CODE_POINT = re.compile(r"&#(\d{3,});")
ANCHOR_LINK = re.compile(r'<a class="anchor-link".*?</a>', flags=re.S)


@dataclass(frozen=True)
class Section:
    """One second-level section of the page, or what stands before the first (no id, no title)."""

    id: str
    title: str
    parts: tuple[str, ...]


class PageExporter(TemplateExporter):
    """nbconvert's exporter with the klk template; outputs are html already, so nothing is re-parsed."""

    file_extension = ".html"
    output_mimetype = "text/html"


def export_page(notebook: NotebookNode, *, title: str, footer: str, language: str) -> str:
    """The page of an executed, one-language notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Markdown cells become prose; of code cells only ``text/html`` outputs are kept.
    title, footer : str
        The page's title and closing line.
    language : {"da", "en"}
        The language of the page's own words.

    Returns
    -------
    str
        A complete html document.

    Raises
    ------
    ReportError
        If a cell put out something that cannot be shown to a reader (an error, a warning, a bare object).
    """
    sections = sections_of(notebook)
    page = {
        "title": title,
        "footer": footer,
        "language": language,
        "words": page_words(language),
        "css": stylesheet(),
        "sections": sections,
    }
    # the page is made of `sections`: nbconvert need not check and copy the notebook again
    return _exporter().from_notebook_node(new_notebook(), resources={"page": page})[0]


def sections_of(notebook: NotebookNode) -> list[Section]:
    """The page's parts in order, cut at every second-level heading."""
    sections = [Section("", "", ())]
    number = 0  # of the code cell, as Jupyter prints it
    for cell in notebook.cells:
        number += cell.cell_type == "code"
        html = _cell_html(cell, number)
        if heading := HEADING.search(html):
            sections.append(Section(heading["id"], heading["title"], (html,)))
        elif html:
            last = sections[-1]
            sections[-1] = Section(last.id, last.title, (*last.parts, html))
    return sections


@functools.cache
def stylesheet() -> str:
    """The page's style with its three font faces inside."""
    faces = "\n".join(_font_face(face, weight) for face, weight in FACES.items())
    return f"{faces}\n{(ROOM / 'page.css').read_text(encoding='utf-8')}"


@functools.cache
def page_words(language: str) -> Mapping[str, Any]:
    """The words of the page itself, from ``page.yaml``."""
    return yaml.safe_load((ROOM / "page.yaml").read_text(encoding="utf-8"))[language]


@functools.cache
def _exporter() -> PageExporter:
    return PageExporter(template_name="klk", extra_template_basedirs=[str(ROOM / "templates")])


def _font_face(face: str, weight: int) -> str:
    data = base64.b64encode((ROOM / "fonts" / f"SourceSans3-{face}.woff2").read_bytes()).decode()
    return (
        f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};font-display:swap;'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _cell_html(cell: NotebookNode, number: int) -> str:
    if cell.cell_type == "markdown":
        return _prose(cell.source)
    if cell.cell_type != "code":
        return ""
    return "\n".join(_output_html(output, number) for output in cell.outputs)


@functools.cache
def _prose(source: str) -> str:
    """Prose is the same in every report of a round, so it is made once."""
    html = ANCHOR_LINK.sub("", markdown2html_mistune(source)).strip()
    return CODE_POINT.sub(lambda found: chr(int(found[1])), html)  # headings come with æ as &#230;


def _output_html(output: NotebookNode, number: int) -> str:
    if output.output_type in ("execute_result", "display_data") and "text/html" in output.data:
        return output.data["text/html"]
    shown = output.get("text") or output.get("ename") or output.get("data", {}).get("text/plain", "")
    raise ReportError(
        sentence(
            must="a cell of a report must put out blocks only",
            found=f"found {output.output_type} ({str(shown).strip()[:120]})",
            where=f"cell {number}",
        )
    )
