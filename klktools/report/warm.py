"""Loading once what every report uses, in the process that reports are forked from."""

from __future__ import annotations

from importlib import import_module

import klktools
from klktools.framework import load_framework
from klktools.texts import LANGUAGES, load_texts


def warm_up() -> None:
    """Load the library's rooms for reading, the check, the words and the page."""
    from klktools.report.html import environment, page_words, stylesheet

    for room in ("klktools.dossier", "klktools.wording", "klktools.figures", "klktools.report.make"):
        import_module(room)
    load_framework()
    for language in LANGUAGES:
        load_texts(language)
        page_words(language)
    stylesheet()
    environment("page").get_template("index.html.j2")
    assert klktools.__version__
