"""A document to one PDF: tagged (PDF/UA-1), made for the archive (PDF/A-2a), set by Typst.

All texts reach Typst as data; the template is the only program. What Typst cannot say yet, the row headers of
tables, is added to its tags afterwards.
"""

from __future__ import annotations

import functools
import json
from typing import cast

import typst

from klktools.blocks import Table
from klktools.errors import ReportError, sentence
from klktools.report.document import Document
from klktools.report.html import ROOM
from klktools.report.pdf.data import report_data
from klktools.report.pdf.faces import FOLDERS
from klktools.report.pdf.finish import finished

TEMPLATE = ROOM / "templates" / "pdf" / "report.typ"
# Typst keeps what it has computed for 30 compilations; so many empty ones a report let it keep 15 reports
BLANKS = 1


def export_pdf(document: Document) -> bytes:
    """The PDF of a document: A4, tagged, with cover, contents, bookmarks and page numbers.

    Parameters
    ----------
    document : Document
        A `Cover` in front becomes the cover page; without one the title does.

    Returns
    -------
    bytes
        The same for the same document: PDF/UA-1 and PDF/A-2a, fonts inside, no author, a fixed date.

    Raises
    ------
    ReportError
        If the document cannot be accessible, when it skips a heading level for example.
    """
    headed = [part.row_header for part in document.parts if isinstance(part, Table)]
    return finished(_set(document), headed)


def _set(document: Document) -> bytes:
    compiler = _compiler()
    try:
        pdf = compiler.compile(_source(document), format="pdf", pdf_standards=["a-2a", "ua-1"])
    except typst.TypstError as error:
        raise ReportError(
            sentence(
                must="a report must be fit for an accessible PDF (PDF/UA-1, PDF/A-2a)",
                found=f"found: {error.message.strip().splitlines()[0]}",
                where=document.title,
                remedy=". ".join(hint[:1].upper() + hint[1:] for hint in error.hints),
            )
        ) from error
    for _ in range(BLANKS):
        compiler.compile(b" ", format="svg")
    return cast(bytes, pdf)


def _source(document: Document) -> bytes:
    """The template behind its data, which is one Typst string.

    As an input of the compiler (`sys_inputs`) the data would be a part of all that Typst computes, and
    nothing of one report could serve for the next.
    """
    data = json.dumps(report_data(document), ensure_ascii=False)
    literal = data.replace("\\", "\\\\").replace('"', '\\"')
    return f'#let report = json(bytes("{literal}"))\n{_template()}'.encode()


@functools.cache
def _template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


@functools.cache
def _compiler() -> typst.Compiler:
    """One for all reports of a process: fonts and template are read once."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(FOLDERS))
    return typst.Compiler(root=TEMPLATE.parent, font_paths=fonts)
