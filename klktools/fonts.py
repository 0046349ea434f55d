"""The house's fonts, as matplotlib finds them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from matplotlib import font_manager

FONTS = Path(str(resources.files("klktools.report"))) / "fonts"
FAMILY = "Source Sans 3"
CUT = "KLK Sans"  # what the vendored cuts call themselves inside; see fonts/README.md
FAMILIES = (FAMILY, "sans-serif")  # the second for letters the first lacks
FACES = {"Regular": 400, "Bold": 700}


def in_own_cut(svg: str) -> str:
    """A drawing for a program that knows fonts by the name inside the files only."""
    return svg.replace(FAMILY, CUT)


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
