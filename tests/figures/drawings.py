"""What the tests of the figures share: how to read a drawing, and a small dossier."""

import io

import pandas as pd
from matplotlib.patches import Rectangle

from klktools.dossier import Dossier
from klktools.figures.style import house_style

SOLUTIONS = pd.DataFrame(
    {"solution": ["s1", "s2", "s3"], "function": ["purchasing", "invoices", "purchasing"], "is_new": True}
)
LABELS = {"s1": "Indkøb og e-handel", "s2": "Fakturahåndtering", "s3": "Indkøb og e-handel (2)"}


def texts(figure):
    """Every word in a drawing: names beside the axes, words inside, titles."""
    beside = [text.get_text() for text in figure.texts]
    inside = [text.get_text() for part in figure.axes for text in part.texts]
    titles = [part.get_title(loc="left") for part in figure.axes]
    return [text for text in (*beside, *inside, *titles) if text]


def row_names(figure):
    """The words to the left of the axes, from the top."""
    return [text.get_text() for text in figure.texts if text.get_horizontalalignment() == "right"]


def column_names(figure):
    """The words below the axes, from the left."""
    return [text.get_text() for text in figure.texts if text.get_verticalalignment() == "top"]


def bars(axes):
    """(y of the middle, left, right) of every horizontal bar."""
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [
        (box.get_y() + box.get_height() / 2, round(box.get_x(), 6), round(box.get_x() + box.get_width(), 6))
        for box in boxes
    ]


def points(axes, marker):
    """(x, y) of every point drawn with a marker."""
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(float(x), float(y)) for line in lines for x, y in zip(*line.get_data(), strict=True)]


def svg(draw, *tables, **options):
    """The bytes of a drawing as blocks.Figure would write them."""
    with house_style():
        buffer = io.BytesIO()
        draw(*tables, **options).savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def dossier(*, language="da", reference=None, **tables):
    """A dossier of one invented municipality with the tables given."""
    meta = {"wave": "2018E", "synthetic": True}
    empty = pd.DataFrame(columns=["measure", "group_kind", "group", "n", "q25", "median", "q75", "status"])
    shown = empty if reference is None else reference
    return Dossier("0048", "Kløverborg", language, {"solutions": SOLUTIONS} | tables, shown, meta)
