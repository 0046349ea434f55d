"""The house's fonts, as matplotlib finds them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from matplotlib import font_manager

FONTS = Path(str(resources.files("klktools.report"))) / "fonts"
FAMILY = "Source Sans 3"
FAMILIES = (FAMILY, "sans-serif")  # the second for letters the first lacks
FACES = {"Regular": 400, "Bold": 700}


@cache
def register_fonts() -> None:
    """Make the faces known to matplotlib in this process."""
    for face, weight in FACES.items():
        entry = font_manager.FontEntry(
            fname=str(FONTS / f"SourceSans3-{face}.ttf"),
            name=FAMILY,
            style="normal",
            variant="normal",
            weight=weight,
            stretch="normal",
            size="scalable",
        )
        font_manager.fontManager.ttflist.append(entry)
