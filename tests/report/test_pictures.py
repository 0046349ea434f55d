import io

import pytest
from PIL import Image

from klktools.report.pictures import _picture, picture_of
from tests.report.office import SVG, figure


def image(height=259.2):
    return Image.open(io.BytesIO(picture_of(figure("figure-x", height))))


def test_a_picture_is_a_png_of_the_drawing_at_185_pixels_per_inch():
    drawn = image()
    assert (drawn.format, drawn.mode) == ("PNG", "P")
    assert drawn.width == pytest.approx(7.2 * 185, abs=1)
    assert drawn.height == pytest.approx(3.6 * 185, abs=1)


def test_plain_fields_keep_their_exact_colour():
    drawn = image().convert("RGB")
    scale = drawn.width / 518.4
    assert drawn.getpixel((2, 2)) == (255, 255, 255)
    assert drawn.getpixel((int(100 * scale), int(40 * scale))) == (37, 149, 130)


def test_text_is_drawn_with_the_vendored_font():
    # a missing font draws nothing: below the bar, the text's own place holds dark pixels
    drawn = image().convert("L")
    scale = drawn.width / 518.4
    box = tuple(int(length * scale) for length in (20, 78, 80, 94))
    assert drawn.crop(box).getextrema()[0] < 80


def test_the_same_drawing_gives_the_same_bytes():
    first = picture_of(figure("figure-x"))
    _picture.cache_clear()
    assert picture_of(figure("figure-x")) == first
    assert picture_of(figure("figure-x", 200)) != first


def test_a_picture_says_nothing_of_when_and_where_it_was_made():
    assert image().info.keys() <= {"srgb", "gamma", "dpi"}
    assert SVG.format(height=259.2) == figure("figure-x").svg
