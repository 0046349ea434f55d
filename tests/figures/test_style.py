"""The house style: settings, fonts, palette."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.colors import to_hex

from klktools import fonts
from klktools.blocks import SYMBOLS
from klktools.figures import style
from klktools.figures.words import words

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted(
        (np.array([0.2126, 0.7152, 0.0722]) @ linear(c) + 0.05 for c in (one, other)), reverse=True
    )
    return light / dark


def lab(rgb):
    x = np.array(TO_XYZ) @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(x > 216 / 24389, np.cbrt(x), (24389 / 27 * x + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one, other):
    """Sharma, Wu and Dalal 2005, between two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    cos = [np.cos(np.radians(angle)) for angle in (hue - 30, 2 * hue, 3 * hue + 6, 4 * hue - 63)]
    t = 1 - 0.17 * cos[0] + 0.24 * cos[1] + 0.32 * cos[2] - 0.20 * cos[3]
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    twist = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    twist *= np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    d_l, d_c = (l2 - l1) / s_l, (c2 - c1) / s_c
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / s_h
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 + twist * d_c * d_h)


def test_the_colour_difference_agrees_with_the_published_pairs():
    # Sharma, Wu and Dalal 2005, table 1, pairs 1, 7, 17 and 25
    published = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    for one, other, difference in published:
        assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_any_two_lights_differ_clearly_in_every_colour_vision(vision):
    seen = {
        tone: lab(np.clip(np.array(VISION[vision]) @ linear(style.FILLS[tone]), 0, 1))
        for tone in ("green", "yellow", "orange", "red")
    }
    assert min(ciede2000(seen[one], seen[other]) for one, other in combinations(seen, 2)) >= 20


@pytest.mark.parametrize("ink", [style.TEXT, style.MUTED, style.NEUTRAL, style.LINK, *style.INKS.values()])
def test_words_have_enough_contrast_on_white(ink):
    assert contrast(ink, "#FFFFFF") >= 4.5


def test_numbers_can_be_read_in_every_cell_of_the_heat_map():
    cells = [to_hex(style.SHARES(share)) for share in np.linspace(0, 1, 101)]
    assert min(contrast(cell, style.TEXT) for cell in cells) >= 4.5


@pytest.mark.parametrize("tone", style.FILLS)
def test_every_mark_shows_against_white_by_its_fill_or_its_outline(tone):
    assert max(contrast(style.FILLS[tone], "#FFFFFF"), contrast(style.INKS[tone], "#FFFFFF")) >= 3


def test_every_tone_has_a_form_of_its_own_here_and_in_the_blocks():
    assert set(style.MARKERS) == set(style.FILLS) == set(style.INKS) == set(SYMBOLS)
    assert len({style.MARKERS[tone] for tone in ("green", "yellow", "orange", "red")}) == 4


def test_the_house_style_leaves_no_trace():
    with mpl.rc_context({"font.size": 3, "svg.fonttype": "path"}):
        before = dict(mpl.rcParams)
        with style.house_style():
            assert mpl.rcParams["svg.fonttype"] == "none"
            assert mpl.rcParams["text.parse_math"] is False
        assert dict(mpl.rcParams) == before


def test_the_house_style_leaves_no_trace_after_a_fault():
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), style.house_style():
        raise ZeroDivisionError
    assert dict(mpl.rcParams) == before


def test_the_fonts_are_the_packages_own_and_are_registered_once():
    with style.house_style(), style.house_style():
        pass
    files = [font.fname for font in font_manager.fontManager.ttflist if font.name == fonts.FAMILY]
    ours = [file for file in files if "klktools" in file]
    assert sorted(file.rpartition("-")[2] for file in ours) == ["Bold.ttf", "Regular.ttf"]


@pytest.mark.parametrize("face", ["Regular", "Semibold", "Bold"])
@pytest.mark.parametrize("ending", ["ttf", "woff2"])
def test_the_fonts_hold_our_letters_in_few_bytes_and_keep_to_their_licence(face, ending):
    path = fonts.FONTS / f"SourceSans3-{face}.{ending}"
    assert path.stat().st_size < (48_000 if ending == "ttf" else 21_000)
    if ending == "ttf":
        font = TTFont(path)
        letters = "abcæøåÆØÅéüß0123456789%.,»«…→—–−§½" + "".join(SYMBOLS.values()) + "△□\u00a0"
        assert [letter for letter in letters if ord(letter) not in font.getBestCmap()] == []
        # "Source" is a reserved font name (OFL 3)
        assert not any("Source" in str(font["name"].getDebugName(number)) for number in (1, 4, 6, 16))


def test_a_canvas_has_the_width_of_the_house_and_margins_in_inches():
    figure, axes = style.canvas(3.6, left=1.8, right=0.9, top=0.36, bottom=0.72)
    assert tuple(figure.get_size_inches()) == (7.2, 3.6)
    assert axes.get_position().bounds == pytest.approx((0.25, 0.2, 0.625, 0.7))


def test_rows_lie_at_whole_numbers_from_the_top_down():
    with style.house_style():
        figure, axes = style.row_canvas(["en", "to", "tre"])
    assert axes.get_ylim() == (2.5, -0.5)
    assert [(text.get_text(), text.get_position()[1]) for text in figure.texts] == [
        *(("en", 0), ("to", 1), ("tre", 2)),
    ]


def test_a_long_label_ends_in_an_ellipsis_on_the_second_line():
    assert (
        style.wrap("et navn, der er alt for langt til at stå her", 18) == "et navn, der er\nalt for langt …"
    )


def test_shares_have_the_same_axis_everywhere():
    with style.house_style():
        figure, axes = style.canvas(2)
        style.share_grid(axes, words("da"))
    assert axes.get_xlim() == (0, 1)
    assert [text.get_text() for text in figure.texts] == [
        *("0 pct.", "25 pct.", "50 pct.", "75 pct.", "100 pct."),
    ]
