"""Whatever stands around a CPR number, it is masked in a free text; places are always places of the text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from klktools.privacy import find_personal, load_names, make_plain, mask_cells, mask_text

NUMBERS = ("311257-5005", "1506567129", "290252 5117", "010157–6507", "711257-5003", "707515123")
# no digits, so that the number stands whole
AROUND = st.text(max_size=40).map(lambda text: "".join(sign for sign in text if not sign.isdecimal()))
INVISIBLE = st.sampled_from(["", "", "\u200b", "\u00ad", "\u2060"])


@settings(max_examples=150, deadline=None)
@given(before=AROUND, after=AROUND, number=st.sampled_from(NUMBERS), between=INVISIBLE)
def test_a_number_is_masked_whatever_stands_around_it(before, after, number, between):
    written = number[:3] + between + number[3:]
    text = f"{before}{written}{after}"
    found = find_personal(text, load_names())
    place = (len(before), len(before) + len(written))
    assert any(one.start <= place[0] and place[1] <= one.end for one in found)
    shown = mask_text(text, found, lambda kind: "[]")
    assert number[-4:] not in make_plain(shown).text


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=80))
def test_places_are_in_order_apart_and_within_the_text(text):
    found = find_personal(text, load_names())
    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    again = mask_text(text, found, lambda kind: "")
    assert len(again) == len(text) - sum(one.end - one.start for one in found)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=80))
def test_a_masked_cell_masked_again_is_the_same(text):
    once = mask_cells([text], wary=True)
    assert mask_cells(once, wary=True) == once
