"""Blocks: what they show, that everything is escaped, and that figures are the same bytes every time."""

import json
import re
from html.parser import HTMLParser

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure as Drawing

from klktools import blocks
from klktools.blocks import (
    MIME,
    Box,
    Bullets,
    Card,
    Cards,
    Cover,
    Figure,
    Group,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Table,
)

HOSTILE = '<script>alert("x")</script> {x} | & **bold**'
ALT = "Two points joined by a line, from 1 to 2."
VOID = {"br", "path", "use", "rect"}


class Balanced(HTMLParser):
    """Collects tags and fails on one that is closed in the wrong place."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def draw(text="label"):
    drawing = Drawing(figsize=(4, 3))
    axes = drawing.subplots()
    axes.plot([0, 1], [1, 2], marker="o")
    axes.set_title(text)
    return drawing


def make_figure(drawing, **changes):
    words = {"id": "figure-a", "title": "A title", "alt": ALT, "source": "usage", "n": 8, "language": "en"}
    return Figure.from_matplotlib(drawing, **(words | changes))


def all_blocks(text):
    return [
        Paragraphs((text, text), lead=True),
        Bullets((text, text), ordered=True),
        Table(text, (text, text), ((text, text),), numeric=(1,), note=text),
        Cards((Card(text, "red", text, text, text, text),)),
        KeyFigures((KeyFigure(text, text, "green", text, text),)),
        Box(text, (text, text)),
        Cover(text, text, ((text, text),)),
        make_figure(draw(text), title=text, alt=text, source=text),
    ]


@pytest.mark.parametrize("block", all_blocks(HOSTILE), ids=lambda block: block.kind)
def test_everything_is_escaped_and_only_bold_is_markup(block):
    html = block.to_html()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<strong>bold</strong>" in html
    Balanced(html)


@pytest.mark.parametrize("block", all_blocks("Some words that stand for text."), ids=lambda block: block.kind)
def test_a_block_shows_itself_as_text_html_and_plain_data(block):
    shown = block._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html", MIME}
    assert shown["text/html"] == block.to_html()
    assert "Some words that stand for text." in shown["text/plain"]
    assert json.loads(json.dumps(shown[MIME])) == shown[MIME]
    assert shown[MIME]["type"] == block.kind


def test_paragraphs_are_paragraphs():
    two = Paragraphs(("a", "**b**"))
    assert two.to_html() == '<div class="klk-text"><p>a</p><p><strong>b</strong></p></div>'
    assert two.to_text() == "a\nb"


def test_bullets_are_numbered_when_ordered():
    assert Bullets(("a", "b")).to_html() == '<ul class="klk-list"><li>a</li><li>b</li></ul>'
    assert Bullets(("a", "b"), ordered=True).to_text() == "1. a\n2. b"


def test_a_table_has_caption_scopes_and_right_aligned_numbers():
    table = Table("Scores", ("Criterion", "Score"), (("P1", "2.0"),), numeric=(1,), note="A note.")
    assert table.to_html() == (
        '<div class="klk-table-frame" role="group" tabindex="0" aria-label="Scores"><table class="klk-table">'
        "<caption>Scores</caption><thead><tr>"
        '<th scope="col">Criterion</th><th scope="col" class="klk-number">Score</th></tr></thead>'
        '<tbody><tr><th scope="row">P1</th><td class="klk-number">2.0</td></tr></tbody></table></div>'
        '<p class="klk-note">A note.</p>'
    )
    assert table.to_text() == "Scores\nCriterion | Score\nP1 | 2.0\nA note."


def test_a_table_without_row_headers_has_only_cells():
    assert "<tbody><tr><td>P1</td></tr></tbody>" in Table("c", ("a",), (("P1",),), row_header=False).to_html()


def test_a_cell_that_begins_with_a_symbol_is_not_broken():
    html = Table("c", ("a", "b"), (("P1", "▲ 2,0 Delvist"), ("P2", "se ▲"))).to_html()
    assert html.count('<td class="klk-marked">') == 1


def test_symbols_carry_their_tone_beside_the_word():
    assert blocks._inline("▲ 2.0") == '<span class="klk-symbol klk-yellow">▲</span> 2.0'
    card = Card("Title", "red", "Critical", "Text.")
    assert card.to_text() == "■ Critical: Title\nText."
    assert 'class="klk-card klk-red"' in card.to_html()


def test_a_card_leaves_out_what_is_empty():
    assert "klk-card-advice" not in Card("Title", "red", "Critical", "Text.").to_html()
    assert "klk-card-advice" in Card("Title", "red", "Critical", "Text.", "Do this.").to_html()


def test_two_short_cards_are_a_pair():
    short, long = (
        Card("Title", "green", "Strength", "Text."),
        Card("Title", "red", "High", "Text.", "Do this."),
    )
    assert 'class="klk-cards klk-pair"' in Cards((short, short)).to_html()
    for cards in ((short,), (short, long), (short, short, short)):
        assert 'class="klk-cards"' in Cards(cards).to_html()


def test_a_key_figure_reads_as_one_line():
    figure = KeyFigure("Plan", "2.3", "yellow", "Partial", "Mean of 4 criteria")
    assert figure.to_text() == "Plan: 2.3 ▲ Partial Mean of 4 criteria"


def test_a_box_of_one_line_is_no_list():
    assert "<ul>" not in Box("Title", ("one",)).to_html()
    assert "<ul><li>one</li><li>two</li></ul>" in Box("Title", ("one", "two")).to_html()


def test_an_empty_group_shows_nothing():
    assert Group(()).to_html() == ""
    assert Group(()).to_data() == {"type": "group", "blocks": []}


def test_a_group_keeps_the_order_of_its_blocks():
    group = Group((Paragraphs(("a",)), Bullets(("b",))))
    assert group.to_text() == "a\n\n- b"
    assert [block["type"] for block in group.to_data()["blocks"]] == ["paragraphs", "bullets"]


def test_a_figure_is_the_same_bytes_every_time():
    assert make_figure(draw()).svg == make_figure(draw()).svg


def test_a_figure_names_itself_to_a_screen_reader_and_keeps_its_box():
    svg = make_figure(draw("Title of <b>"), alt="A line from 1 to 2 & nothing more.").svg
    head = svg[: svg.index(">")]
    assert 'role="img" aria-label="A line from 1 to 2 &amp; nothing more."' in head
    assert 'viewBox="0 0 288 216"' in head  # 4 x 3 inches of 72 points
    assert 'width="100%"' in head and "height" not in head
    assert "Title of &lt;b&gt;</text>" in svg
    assert not re.search(r"<metadata|<\?xml|<!DOCTYPE|20\d\d-\d\d-\d\d", svg)


def test_no_id_repeats_on_a_page_with_two_figures():
    page = make_figure(draw()).to_html() + make_figure(draw(), id="figure-b").to_html()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 8
    assert set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_a_figure_brings_no_style_that_would_reach_the_page():
    assert "<style" not in make_figure(draw()).svg


def test_making_a_block_empties_the_drawing_and_leaves_matplotlib_alone():
    drawing, before = draw(), dict(mpl.rcParams)
    make_figure(drawing)
    assert drawing.axes == []
    assert dict(mpl.rcParams) == before


def test_a_figure_stands_between_its_title_and_its_source():
    figure = make_figure(draw())
    html = figure.to_html()
    assert html.startswith(
        '<figure class="klk-figure" id="figure-a">'
        '<figcaption class="klk-figure-title">A title</figcaption>'
        '<div class="klk-figure-frame" role="group" tabindex="0" aria-label="A title"><svg'
    )
    assert html.endswith('</svg></div><p class="klk-figure-foot">Source: usage · n = 8</p></figure>')
    assert make_figure(draw(), n=None, language="da").foot == "Kilde: usage"


@pytest.mark.parametrize("length", [24, 601])
def test_an_alt_text_must_have_a_fitting_length(length):
    with pytest.raises(ValueError) as caught:
        make_figure(draw(), alt="x" * length)
    assert str(caught.value) == (
        f"`alt` must have 25-600 characters; found {length} (figure figure-a). "
        "Say in words what the figure shows, with its numbers."
    )
