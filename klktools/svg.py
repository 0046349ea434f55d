"""Drawings to SVG in few bytes: matplotlib's renderer interface, written for figures inside a page.

matplotlib's own SVG backend wraps every mark in groups with ids, repeats the whole style in every element and
measures every text anew. Here a style that all share stands once, coordinates have two decimals (of a point),
marks of the same look are one element, and the extent of a text is measured once in a process.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any, NamedTuple, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font, weight_dict
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D, Bbox, Transform
from PIL import Image

POINTS = 72  # an inch
HATCH = 72  # side of a hatch's tile, points
SHARPNESS = 2  # pixels of an image for each point
ANCHORS = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}
LETTERS = {1: "M", 2: "L", 3: "Q", 4: "C"}  # matplotlib's path codes
CLOSE, STOP = 79, 0
# where a font file tells how high its lines are: ascent, descent, gap
FONT_HEIGHTS = (
    ("OS/2", "sTypoAscender", "sTypoDescender", "sTypoLineGap"),
    ("hhea", "ascent", "descent", "lineGap"),
)
WEIGHTS: dict[Any, int] = dict(weight_dict)
GENERIC = ("serif", "sans-serif", "cursive", "fantasy", "monospace")


def draw_svg(figure: Figure, *, id: str, alt: str) -> str:
    """The figure as one <svg> element that may stand inside a page with others.

    Parameters
    ----------
    figure : Figure
        Made without pyplot. Links (`set_url`) are not written.
    id : str
        Every id inside begins with it. The same figure and id give the same text.
    alt : str
        What a screen reader says.
    """
    figure.set_dpi(POINTS)
    width, height = figure.get_size_inches() * POINTS
    renderer = _Renderer(width, height, id=id)
    figure.draw(renderer)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" id="{id}-svg" '
        f'class="klk-svg" width="100%" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(alt)}" font-family="{renderer.family}" stroke-linejoin="round">'
        f"{renderer.content()}</svg>"
    )


class Face(NamedTuple):
    """What a text is set in, whatever its size."""

    family: tuple[str, ...]
    style: Any
    variant: Any
    weight: Any
    stretch: Any


class _Renderer(RendererBase):
    """What matplotlib draws on; see its "backend template" for the interface."""

    def __init__(self, width: float, height: float, *, id: str) -> None:
        super().__init__()
        self.width, self.height, self.id = width, height, id
        self.family = _family(FontProperties())
        self._defined: dict[str, str] = {}  # what is defined -> its id
        self._elements: list[str] = []
        self._line = ("", "")  # look and outline of a line that may go on

    def content(self) -> str:
        """All that was drawn."""
        self._end_line()
        named = "".join(content.replace("*", f'id="{name}"', 1) for content, name in self._defined.items())
        return (f"<defs>{named}</defs>" if named else "") + "".join(self._elements)

    def draw_path(
        self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None
    ) -> None:
        points, codes = _parts(path, transform, sketch=gc.get_sketch_params())
        points = self._flipped(points)
        clip = self._clip(gc, points[codes != STOP], gc.get_linewidth() / 2)
        look, outline = self._look(gc, rgbFace) + clip, _outline(points, codes)
        if rgbFace is None and gc.get_hatch() is None and not ("opacity" in look or "dash" in look):
            self._draw_line(look, outline)
        elif outline:
            self._add(f'<path d="{outline}"{look}/>')

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        form, codes = _parts(marker_path, marker_trans)
        outline = _outline(form * (1, -1), codes)
        if not outline:
            return
        name = self._define(f'<path * d="{outline}"{self._look(gc, rgbFace)}/>')
        places = self._flipped(_parts(path, trans)[0][:-1])
        clip = self._clip(gc, places, np.abs(form).max() + gc.get_linewidth() / 2)
        uses = (f'<use xlink:href="#{name}" x="{x:g}" y="{y:g}"/>' for x, y in _rounded(places))
        self._add(_clipped("".join(uses), clip))

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        if ismath:  # formulas are drawn
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        anchor = ""
        if mtext is not None and (angle == 0 or mtext.get_rotation_mode() == "anchor"):
            x, y = self._anchored(x, y, angle, mtext)
            anchor = ANCHORS[mtext.get_ha()]
        turned = f' transform="rotate({-angle:g} {_number(x)} {_number(y)})"' if angle else ""
        clip = self._clip(gc, np.array([(x, y)]), 0)
        drawn = (
            f'<text x="{_number(x)}" y="{_number(y)}"{turned}{anchor}{self._face(prop)}{_ink(gc)}>'
            f"{escape(s, quote=False)}</text>"
        )
        self._add(_clipped(drawn, clip))

    def draw_image(
        self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Transform | None = None
    ) -> None:
        rows, columns = im.shape[0] / SHARPNESS, im.shape[1] / SHARPNESS
        buffer = io.BytesIO()
        Image.fromarray(im[::-1]).save(buffer, format="png")
        data = base64.b64encode(buffer.getvalue()).decode()
        top = self.height - y - rows
        clip = self._clip(gc, np.array([(x, top), (x + columns, top + rows)]), 0)
        self._add(
            f'<image x="{_number(x)}" y="{_number(top)}" width="{columns:g}" height="{rows:g}"{clip}'
            f' xlink:href="data:image/png;base64,{data}"/>'
        )

    def get_image_magnification(self) -> float:
        return SHARPNESS

    def option_image_nocomposite(self) -> bool:
        return True

    def flipy(self) -> bool:
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        return _measure().get_text_width_height_descent(s, prop, ismath) if ismath else extent(s, prop)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        # without this hook of matplotlib's, every text looks for its font file and three of its tables
        scale = prop.get_size_in_points()
        ascent, descent, gap = _font_height(_face_of(prop))
        return ascent * scale, descent * scale, gap * scale

    def _add(self, element: str) -> None:
        self._end_line()
        self._elements.append(element)

    def _draw_line(self, look: str, outline: str) -> None:
        """Lines of one look after another become one element: where they cross, the colour is the same."""
        if look != self._line[0]:
            self._end_line()
        self._line = (look, self._line[1] + outline)

    def _end_line(self) -> None:
        look, outline = self._line
        self._line = ("", "")
        if outline:
            self._elements.append(f'<path d="{outline}"{look}/>')

    def _define(self, content: str) -> str:
        """The id of something many elements use; its place in the content is the first star."""
        return self._defined.setdefault(content, f"{self.id}-{len(self._defined) + 1}")

    def _flipped(self, points: np.ndarray) -> np.ndarray:
        """From matplotlib's y, which grows upwards, to that of SVG."""
        return points * (1, -1) + (0, self.height)

    def _anchored(self, x: float, y: float, angle: float, text: Any) -> tuple[float, float]:
        """The point a text is aligned to, moved along the vertical of the text to its baseline."""
        ax, ay = text.get_transform().transform(text.get_unitless_position())
        ay = self.height - ay
        upright = np.array([np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
        offset = upright @ (x - ax, y - ay)
        return ax + offset * upright[0], ay + offset * upright[1]

    def _clip(self, gc: GraphicsContextBase, points: np.ndarray, reach: float) -> str:
        """The attribute that cuts a mark off; empty where nothing of it lies outside."""
        path, transform = gc.get_clip_path()
        if path is not None:
            points, codes = _parts(path, transform)
            return self._clip_by(f'<path d="{_outline(self._flipped(points), codes)}"/>')
        box = gc.get_clip_rectangle()
        if box is None or not len(points) or _inside(points, box, reach, self.height):
            return ""
        x, width, height = (_number(value) for value in (box.x0, box.width, box.height))
        top = _number(self.height - box.y1)
        return self._clip_by(f'<rect x="{x}" y="{top}" width="{width}" height="{height}"/>')

    def _clip_by(self, form: str) -> str:
        return f' clip-path="url(#{self._define(f"<clipPath *>{form}</clipPath>")})"'

    def _look(self, gc: GraphicsContextBase, face: Any) -> str:
        """Fill and stroke as attributes."""
        if gc.get_hatch() is not None:
            fill = f"url(#{self._hatch(gc, face)})"
        else:
            fill = "none" if face is None else _hex(tuple(face[:3]))
        look = "" if fill == "#000000" else f' fill="{fill}"'
        if gc.get_forced_alpha():
            look += "" if gc.get_alpha() == 1 else f' opacity="{gc.get_alpha():g}"'
        elif face is not None and len(face) == 4 and face[3] != 1:
            look += f' fill-opacity="{face[3]:g}"'
        return look + (_stroke(gc) if gc.get_linewidth() else "")

    def _face(self, prop: FontProperties) -> str:
        """Font of a text as attributes; the family only where it is not that of the whole drawing."""
        family, weight = _family(prop), WEIGHTS.get(prop.get_weight(), prop.get_weight())
        face = f' font-size="{prop.get_size_in_points():g}"'
        face += "" if weight == 400 else f' font-weight="{weight}"'
        for name in ("style", "variant", "stretch"):
            value = getattr(prop, f"get_{name}")()
            face += "" if value == "normal" else f' font-{name}="{value}"'
        return face if family == self.family else f'{face} font-family="{family}"'

    def _hatch(self, gc: GraphicsContextBase, face: Any) -> str:
        lines = _parts(gc.get_hatch_path(), Affine2D().scale(HATCH, -HATCH).translate(0, HATCH))
        ink = _hex(tuple(gc.get_hatch_color()[:3]))
        ground = "" if face is None else f'<rect width="72" height="72" fill="{_hex(tuple(face[:3]))}"/>'
        return self._define(
            f'<pattern * patternUnits="userSpaceOnUse" width="72" height="72">{ground}<path '
            f'd="{_outline(*lines)}" fill="{ink}" stroke="{ink}" '
            f'stroke-width="{gc.get_hatch_linewidth():g}" stroke-linejoin="miter"/></pattern>'
        )


def _clipped(drawn: str, clip: str) -> str:
    """In a group when cut off: on an element that is moved or turned, the cut would be moved with it."""
    return f"<g{clip}>{drawn}</g>" if clip else drawn


def _parts(path: Any, transform: Any, sketch: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Points and codes of a path in place, without gaps; the last code is `STOP`."""
    cleaned = path.cleaned(transform, remove_nans=True, curves=True, sketch=sketch)
    return cleaned.vertices, cleaned.codes


def _outline(points: np.ndarray, codes: np.ndarray) -> str:
    """The commands of a <path>; a letter that only repeats the last is left out."""
    parts, last = [], 0
    for (x, y), code in zip(_rounded(points), codes.tolist(), strict=True):
        if code == CLOSE:
            parts.append("Z")
        elif code != STOP:
            # after M a pair is a line; a second M must be said
            silent = code == last != 1 or (last == 1 and code == 2)
            parts.append(f" {x:g} {y:g}" if silent else f"{LETTERS[code]}{x:g} {y:g}")
        last = 2 if last == 1 and code == 2 else code
    return "".join(parts)


def _stroke(gc: GraphicsContextBase) -> str:
    width, rgb = gc.get_linewidth(), gc.get_rgb()
    offset, dashes = cast(tuple[float, Sequence[float] | None], gc.get_dashes())
    look = f' stroke="{_hex(tuple(rgb[:3]))}"'
    look += "" if width == 1 else f' stroke-width="{width:g}"'
    look += "" if gc.get_forced_alpha() or rgb[3] == 1 else f' stroke-opacity="{rgb[3]:g}"'
    look += "" if gc.get_joinstyle() == "round" else f' stroke-linejoin="{gc.get_joinstyle()}"'
    cap = {"projecting": "square"}.get(gc.get_capstyle(), gc.get_capstyle())
    look += "" if cap == "butt" else f' stroke-linecap="{cap}"'
    if dashes is not None:
        look += f' stroke-dasharray="{" ".join(_number(dash) for dash in dashes)}"'
        look += f' stroke-dashoffset="{_number(offset)}"' if offset else ""
    return look


def _ink(gc: GraphicsContextBase) -> str:
    """Colour of a text as attributes."""
    rgb = gc.get_rgb()
    colour, alpha = _hex(tuple(rgb[:3])), gc.get_alpha() if gc.get_forced_alpha() else rgb[3]
    return f' fill="{colour}"' + ("" if alpha == 1 else f' opacity="{alpha:g}"')


def _family(prop: FontProperties) -> str:
    names: list[str] = []
    settings = cast(Mapping[str, Any], mpl.rcParams)
    for name in prop.get_family():
        names += [*settings[f"font.{name}"], name] if name in GENERIC else [name]
    quoted = (name if name in GENERIC else f"'{name}'" for name in dict.fromkeys(names))
    return escape(", ".join(quoted))


def extent(text: str, prop: FontProperties) -> tuple[float, float, float]:
    """Width, height and descent of a text in points.

    A text is as wide as its words and the spaces between them. Words are measured once in a process: the same
    ones stand in every report, and measuring is a large part of drawing.
    """
    face = _face_of(prop)
    words = [_word(word, face) for word in text.split(" ")]
    width = sum(width for width, _, _ in words) + _word("x x", face)[0] * (len(words) - 1)
    ascent, descent = max(up for _, up, _ in words), max(down for _, _, down in words)
    scale = prop.get_size_in_points() / TextToPath.FONT_SCALE
    return scale * width, scale * (ascent + descent), scale * descent


def _face_of(prop: FontProperties) -> Face:
    weight = WEIGHTS.get(prop.get_weight(), prop.get_weight())
    return Face(tuple(prop.get_family()), prop.get_style(), prop.get_variant(), weight, prop.get_stretch())


def _properties(face: Face, size: float) -> FontProperties:
    return FontProperties(**(face._asdict() | {"family": list(face.family)}), size=size)


@lru_cache(maxsize=256)
def _font_height(face: Face) -> tuple[float, float, float]:
    """Ascent, descent and line gap of the face's first font, in em, as matplotlib reads them of it."""
    font: Any = get_font(findfont(_properties(face, 1)))
    for table, *names in FONT_HEIGHTS:
        if heights := font.get_sfnt_table(table):
            ascent, descent, gap = (heights[name] / font.units_per_EM for name in names)
            return ascent, -descent, gap
    _, height, depth = extent("lp", _properties(face, 1))
    return height - depth, depth, 0.0


@lru_cache(maxsize=16384)
def _word(word: str, face: Face) -> tuple[float, float, float]:
    """Width, ascent and descent at matplotlib's own scale; of "x x" the width of the space."""
    prop = _properties(face, TextToPath.FONT_SCALE)
    width, height, descent = _measure().get_text_width_height_descent(word, prop, False)
    if word == "x x":
        width -= 2 * _measure().get_text_width_height_descent("x", prop, False)[0]
    return width, height - descent, descent


_measure = cache(TextToPath)


def _inside(points: np.ndarray, box: Bbox, reach: float, height: float) -> bool:
    (left, top), (right, bottom) = points.min(axis=0) - reach, points.max(axis=0) + reach
    spare = 0.01
    return bool(
        left >= box.x0 - spare
        and right <= box.x1 + spare
        and top >= height - box.y1 - spare
        and bottom <= height - box.y0 + spare
    )


@lru_cache(maxsize=1024)
def _hex(rgb: Any) -> str:
    return to_hex(rgb)


def _rounded(points: np.ndarray) -> list[list[float]]:
    return (np.round(points, 2) + 0.0).tolist()  # + 0.0: never "-0"


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:g}"
