"""The house style: palette, type, margins and the few marks all figures share.

Every figure is 7.2 inches wide, has fixed margins (nothing is drawn twice to find room) and carries colour
only together with a form and a word.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import cache, lru_cache
from typing import Any, cast

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from klktools.figures.words import Words
from klktools.fonts import FAMILIES, register_fonts

WIDTH = 7.2  # inches
POINTS = 72  # an inch

TEXT = "#1B1F24"
MUTED = "#4A5561"
NEUTRAL = "#5F6B7A"
SOFT = "#A9B8C7"
GRID = "#D9DFE5"
LINK = "#004B87"
# Any two of the four differ by CIEDE2000 >= 20, also in simulated colour blindness; see the tests.
FILLS = {"green": "#259582", "yellow": "#FBCC12", "orange": "#D16200", "red": "#8E0013", "none": "#FFFFFF"}
# outlines and words: at least 4.5:1 on white
INKS = {"green": "#106859", "yellow": "#906D05", "orange": "#A34800", "red": "#8E0013", "none": NEUTRAL}
# the same forms as blocks.SYMBOLS, as matplotlib markers
MARKERS = {"green": "o", "yellow": "^", "orange": "D", "red": "s", "none": "D"}
HATCH = "////"
QUARTERS = (0, 0.25, 0.5, 0.75, 1)
# light enough for dark numbers in every cell
SHARES = LinearSegmentedColormap.from_list("klk_shares", ["#F4F8F8", "#A9D5CC", "#2F9E8C"])

STYLE: dict[str, Any] = {
    "font.family": list(FAMILIES),
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": 700,
    "axes.titlelocation": "left",
    "axes.titlepad": 4,
    "axes.titley": 1.0,
    "text.color": TEXT,
    "text.parse_math": False,
    "hatch.linewidth": 0.6,
    "hatch.color": NEUTRAL,
    "lines.solid_capstyle": "butt",
    "svg.fonttype": "none",
    "svg.hashsalt": "klktools",
}

# settings that no style changes
SESSION = (
    *("backend", "date.epoch", "docstring", "figure.max", "figure.raise", "interactive"),
    *("savefig.directory", "timezone", "tk.", "toolbar", "webagg"),
)


_styled = ContextVar("_styled", default=False)


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style: a context manager, also usable as a decorator (``@house_style()``).

    matplotlib's settings are put back afterwards, whatever they were; a reader's own matplotlibrc has no say.
    """
    if _styled.get():  # within another one
        yield
        return
    register_fonts()
    now = cast(Mapping[str, Any], mpl.rcParams)
    differing: dict[Any, Any] = {name: value for name, value in _settings().items() if now[name] != value}
    token = _styled.set(True)
    try:
        with mpl.rc_context(differing):
            yield
    finally:
        _styled.reset(token)


@cache
def _settings() -> Mapping[str, Any]:
    """Every setting of matplotlib as the house has it, but those of the session (the backend ...)."""
    with matplotlib.style.context(["default", STYLE]):
        now = cast(Mapping[str, Any], mpl.rcParams)
        return {name: now[name] for name in mpl.rcParamsDefault if not name.startswith(SESSION)}


def canvas(
    height: float, *, left: float = 2.2, right: float = 0.3, top: float = 0.15, bottom: float = 0.45
) -> tuple[Figure, Axes]:
    """A figure of the house's width with one axes; `height` and margins in inches."""
    figure = Figure(figsize=(WIDTH, height))
    box = (left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH, (height - top - bottom) / height)
    return figure, field(figure, box)


class _NoTicks:
    """An axis that makes no tick before one is set; matplotlib makes one of every kind to copy its looks."""

    majorTicks = property(lambda axis: axis.__dict__.setdefault("_major_ticks", []))
    minorTicks = property(lambda axis: axis.__dict__.setdefault("_minor_ticks", []))


class _XAxis(_NoTicks, XAxis): ...


class _YAxis(_NoTicks, YAxis): ...


class _Ground(Rectangle):
    # a unit square needs no transform of its own; every mark asks for it to be cut to the field
    def get_transform(self) -> Any:
        return Artist.get_transform(self)


class _Field(Axes):
    # the way matplotlib's guide to projections of one's own takes
    def _init_axis(self) -> None:
        super()._init_axis()  # type: ignore[misc]
        self.xaxis.__class__, self.yaxis.__class__ = _XAxis, _YAxis

    def _gen_axes_patch(self) -> Rectangle:
        return _Ground((0, 0), 1, 1)

    def text(self, x: float, y: float, s: str, **look: Any) -> Text:  # type: ignore[override]
        made = _text(x, y, s, **({"transform": self.transData, "clip_on": False} | look))
        self.add_artist(made)
        return made


def field(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Axes without matplotlib's ticks, which cost more than all else in a figure; see `grid`, `row_names`."""
    axes = figure.add_axes(_Field(figure, box))
    axes.set_axis_off()
    return axes


NOWHERE: Mapping[str, tuple[type[Artist], tuple[Any, ...]]] = {
    "text": (Text, ()),
    "line": (Line2D, ([], [])),
    "bar": (Rectangle, ((0, 0), 1, 1)),
}


def _made(kind: str, look: Mapping[str, Any]) -> Any:
    """A mark of that look, still without its place: copied, since finding out what a look means is slow."""
    return copy(_model(kind, tuple(look.items())))


@lru_cache(maxsize=1024)
def _model(kind: str, look: tuple[tuple[str, Any], ...]) -> Artist:
    made, place = NOWHERE[kind]
    return made(*place, **dict(look))


def _text(x: float, y: float, text: str, *, transform: Any, **look: Any) -> Text:
    made: Text = _made("text", look)
    made.set(x=x, y=y, text=text, transform=transform, fontproperties=made.get_fontproperties())
    return made


def _write(figure: Figure, x: float, y: float, text: str, **look: Any) -> Text:
    """`Figure.text`, with a text of that look."""
    made = _text(x, y, text, **look)
    made.set_figure(figure)
    figure.texts.append(made)
    return made


def row_canvas(
    labels: Sequence[str], *, row: float = 0.4, fontsize: float = 10.5, **margins: float
) -> tuple[Figure, Axes]:
    """A canvas with one labelled row per item, the first on top; row n lies at y = n."""
    margins = {"left": 2.2, "top": 0.3, "bottom": 0.4} | margins
    figure, axes = canvas(margins["top"] + row * len(labels) + margins["bottom"], **margins)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    wide = round(15 * (margins["left"] - 0.2))  # characters: an inch holds about fifteen
    names = [wrap(label, wide) for label in labels]
    row_names(axes, range(len(labels)), names, fontsize=fontsize, linespacing=0.95)
    return figure, axes


def row_names(
    axes: Axes, at: Iterable[float], names: Sequence[str], *, pad: float = 8, **options: Any
) -> list[Text]:
    """Write to the left of the axes, at heights of its rows; `pad` in points."""
    figure = cast(Figure, axes.get_figure())
    look: dict[str, Any] = {"ha": "right", "va": "center_baseline", "fontsize": 10.5}
    look |= {"transform": axes.get_yaxis_transform()} | options
    x = -pad / POINTS * figure.dpi / axes.bbox.width
    return [_write(figure, x, y, name, **look) for y, name in zip(at, names, strict=True)]


def value_names(axes: Axes, at: Iterable[float], names: Sequence[str]) -> None:
    """Write the values of a vertical scale to the left of the axes."""
    row_names(axes, at, names, pad=3.5, fontsize=9.5, color=MUTED)


def column_names(
    axes: Axes, at: Iterable[float], names: Sequence[str], *, pad: float = 3.5, **options: Any
) -> list[Text]:
    """Write below the axes, at places across; `pad` in points."""
    figure = cast(Figure, axes.get_figure())
    look: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 9.5, "color": MUTED}
    look |= {"transform": axes.get_xaxis_transform()} | options
    y = -pad / POINTS * figure.dpi / axes.bbox.height
    return [_write(figure, x, y, name, **look) for x, name in zip(at, names, strict=True)]


def grid(axes: Axes, *, x: Iterable[float] = (), y: Iterable[float] = ()) -> None:
    """Fine lines below all else: vertical ones at `x`, horizontal ones at `y`, from edge to edge."""
    upright, level = [[(at, 0), (at, 1)] for at in x], [[(0, at), (1, at)] for at in y]
    look: dict[str, Any] = {"colors": GRID, "linewidths": 0.8, "zorder": 0.5}
    for lines, across in ((upright, axes.get_xaxis_transform()), (level, axes.get_yaxis_transform())):
        if lines:
            axes.add_collection(LineCollection(lines, transform=across, **look), autolim=False)


def wrap(text: str, width: int = 30, lines: int = 2) -> str:
    """The text on at most so many lines; what does not fit ends in an ellipsis."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


def bar(axes: Axes, y: float, width: float, height: float, left: float = 0, **look: Any) -> None:
    """A bar across, its middle at height y. Like `line`, it leaves the limits of the axes as they are."""
    made = _made("bar", look)
    made.set_bounds(left, y - height / 2, width, height)
    axes.add_artist(made)


def line(axes: Axes, x: Any, y: Any, form: str = "", **look: Any) -> None:
    """A line through points or, with `form` (a marker of matplotlib's), that form at each of them."""
    forms = {"marker": form, "linestyle": "none"} if form else {}
    across, up = (np.atleast_1d(np.asarray(values, dtype="float64")) for values in (x, y))
    made = _made("line", forms | look)
    made.set_data(across, up)
    axes.add_artist(made)


def mark(axes: Axes, x: Any, y: Any, tone: str, **options: Any) -> None:
    """Put the form of a tone ("green" ... "red"; "none" is an open diamond) at points of the axes."""
    look: dict[str, Any] = {
        "marker": MARKERS[tone],
        "markersize": 9.5,
        "markerfacecolor": FILLS[tone],
        "markeredgecolor": INKS[tone],
        "markeredgewidth": 1.2,
        "linestyle": "none",
        "clip_on": False,
        "zorder": 4,
    }
    line(axes, x, y, **(look | options))


def beside(axes: Axes, y: float, text: str, **options: Any) -> None:
    """Write to the right of the axes, at height y of its rows; `x` is in axes widths."""
    look: dict[str, Any] = {"va": "center", "ha": "left"} | options
    axes.text(look.pop("x", 1.03), y, text, transform=axes.get_yaxis_transform(), **look)


def slanted(axes: Axes, at: Any, y: float, labels: Sequence[str]) -> None:
    """Write the names of columns slanted above them, on at most two lines."""
    for x, label in zip(at, labels, strict=True):
        look: dict[str, Any] = {"rotation": 50, "rotation_mode": "anchor", "va": "center", "linespacing": 0.9}
        axes.text(x, y, wrap(label, 20), fontsize=9.5, **look)


def footnote(figure: Figure, text: str, *, x: float = 0.0) -> None:
    """Write a muted line at the foot of the figure; x in inches."""
    figure.text(
        x / WIDTH, 0.06 / figure.get_figheight(), text, fontsize=9.5, color=MUTED, va="bottom", ha="left"
    )


def headline(axes: Axes, x: float, text: str, **options: Any) -> None:
    """Write a muted word above the axes at x (data)."""
    look: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 9.5, "color": MUTED} | options
    axes.text(x, 1.0, text, transform=axes.get_xaxis_transform(), **look)


def vertical_grid(axes: Axes, at: Sequence[float], labels: Sequence[str]) -> None:
    """Fine vertical lines with their values below, and the x limits at the outermost."""
    axes.set_xlim(at[0], at[-1])
    grid(axes, x=at)
    column_names(axes, at, labels)


def share_grid(axes: Axes, w: Words) -> None:
    """Fine vertical lines at the quarters of 0-100 per cent."""
    vertical_grid(axes, QUARTERS, [w.pct(share) for share in QUARTERS])
