"""Figures as PNG, for formats that cannot show SVG everywhere. Drawn by typst with the vendored fonts."""

from __future__ import annotations

import functools
import io
import re
from typing import Any

import typst
from PIL import Image

from klktools.blocks import Figure
from klktools.fonts import CUT, in_own_cut
from klktools.report.html import ROOM

PIXELS_PER_INCH = 185  # of the drawing's own 7.2 inches: about 200 on a page of A4
COLOURS = 64
EXACT = 12
NEARLY = 10
_PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#set text(font: "{family}")
#image(bytes(sys.inputs.svg), format: "svg", width: {width}pt)"""


def picture_of(figure: Figure) -> bytes:
    """The figure's drawing as PNG with a palette: the same bytes for the same drawing.

    Raises
    ------
    typst.TypstError
        If the drawing is no SVG.
    """
    return _picture(figure.svg)


# A page and its slides show the same figures.
@functools.lru_cache(maxsize=64)
def _picture(svg: str) -> bytes:
    page = _PAGE.format(family=CUT, width=_width(svg))
    fonts: Any = [str(ROOM / "fonts")]  # typst's own type hints want bytes here too
    drawn: bytes = typst.compile(
        page.encode(),
        format="png",
        ppi=PIXELS_PER_INCH,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"svg": in_own_cut(svg)},
    )
    return _with_palette(Image.open(io.BytesIO(drawn)).convert("RGB"))


def _width(svg: str) -> float:
    """The drawing's own width in points."""
    box = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) [\d.]+"', svg)
    return float(box[1]) if box else 7.2 * 72


def _with_palette(image: Image.Image) -> bytes:
    """The image as PNG in few colours, a third of the size; its plain fields keep their exact colour."""
    # every other pixel is enough to choose the colours
    smaller = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.NEAREST)
    palette = smaller.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.putpalette(_with_exact(palette.getpalette() or [], smaller))
    png = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(png, "PNG")
    return png.getvalue()


def _with_exact(palette: list[int], image: Image.Image) -> list[int]:
    """The palette with the image's most frequent colours exact, in the place of what is nearest to each.

    Entries that nearly are such a colour become it: Pillow tells neighbours apart only roughly.
    """
    entries = [tuple(palette[at : at + 3]) for at in range(0, len(palette), 3)]
    counted: Any = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    for _, colour in reversed(counted[:EXACT]):
        away = [sum((a - b) ** 2 for a, b in zip(entry, colour, strict=True)) for entry in entries]
        limit = max(min(away), NEARLY**2)
        entries = [colour if gap <= limit else entry for gap, entry in zip(away, entries, strict=True)]
    return [part for entry in entries for part in entry]
