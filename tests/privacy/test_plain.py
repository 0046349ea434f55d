"""Signs that only look alike are made alike, and places in the plain text are places in the original."""

import sys
import unicodedata

import pytest

from klktools.privacy import make_plain, plain_digits


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("３１１２５７－５００５", "311257-5005"),  # full width
        ("٣١١٢٥٧", "311257"),  # Arabic-Indic digits
        ("311257\u20115005", "311257-5005"),  # hyphen that does not break
        ("311257\u20135005", "311257-5005"),
        ("311257\u22125005", "311257-5005"),
        ("311257\u00a05005", "311257 5005"),
        ("311257\u202f5005", "311257 5005"),
        ("3112\u200b57\u00ad5005", "3112575005"),  # zero width, soft hyphen
        ("\ufeff311257\u2060", "311257"),
        ("So\u0308ren A\u030age", "Sören Åge"),
        ("æøå ÆØÅ é", "æøå ÆØÅ é"),
        ("311257-5005² ½", "311257-5005   "),  # a note beside a number is no part of it
        ("ａｂ＠ｃ", "ab@c"),
        ("plain\ttext\n", "plain\ttext\n"),
    ],
)
def test_signs_become_plain(written, plain):
    assert make_plain(written).text == plain


@pytest.mark.parametrize(
    "text", ["", "a", "Å\u030a x\u200by", "３１１\u200b２５７ é", "\u200b\u200b", "a\u0301\u0301b"]
)
def test_a_place_in_the_plain_text_is_a_place_in_the_original(text):
    plain = make_plain(text)
    spans = [plain.span(place, place + 1) for place in range(len(plain.text))]
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    own = [make_plain(text[start:end]).text for start, end in spans]
    assert all(sign in signs for sign, signs in zip(plain.text, own, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_the_quick_way_reads_digits_blanks_and_dashes_alike():
    written = "３１１２５７－５００５ 311257\u20135005 3112\u200b575005 311257\u00a05005 æ"
    assert plain_digits(written) == "311257-5005 311257-5005 3112575005 311257 5005 æ"


def test_no_digit_blank_dash_or_invisible_sign_is_forgotten():
    signs = [chr(code) for code in range(128, sys.maxunicode + 1)]
    known = [sign for sign in signs if unicodedata.category(sign) in ("Nd", "Zs", "Pd", "Cf")]
    assert len(known) > 800
    assert all(plain_digits(sign) in "0123456789 -" for sign in known)
