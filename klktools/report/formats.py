"""The formats a report can be had in, and their writers; a writer is loaded when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klktools.report.document import Document

WRITERS = {
    "html": "klktools.report.html:export_page",
    "pdf": "klktools.report.pdf:export_pdf",
    "docx": "klktools.report.word:export_docx",
    "pptx": "klktools.report.slides:export_pptx",
}


def write_formats(document: Document, formats: Sequence[str]) -> dict[str, bytes]:
    """The document in each format, by the ending of its file."""
    return {name: writer(name)(document) for name in formats}


def writer(name: str) -> Callable[[Document], bytes]:
    """The function that writes a format."""
    module, _, function = WRITERS[name].partition(":")
    return getattr(import_module(module), function)
