import pytest
from matplotlib.ft2font import FT2Font

from klktools.report.html import ROOM
from klktools.report.measure import STAND_IN, column_widths, height_of, lines_of, width_of


@pytest.mark.parametrize(("bold", "face"), [(False, "Regular"), (True, "Bold")])
def test_a_width_is_that_of_the_vendored_font_and_a_tenth(bold, face):
    font = FT2Font(str(ROOM / "fonts" / f"SourceSans3-{face}.ttf"))
    font.set_size(100, 72)
    font.set_text("Kløverborg Kommune")
    measured = font.get_width_height()[0] / 64 * 12 / 100
    assert width_of("Kløverborg Kommune", 12, bold) == pytest.approx(measured * STAND_IN, rel=0.01)


def test_lines_are_broken_between_words():
    one = width_of("aaa bbb", 10)
    assert lines_of("aaa bbb", size=10, width=one + 0.1) == 1
    assert lines_of("aaa bbb", size=10, width=one - 0.1) == 2
    assert lines_of("aaa bbb ccc ddd", size=10, width=one + 0.1) == 2
    assert lines_of("", size=10, width=50) == 1


def test_a_word_wider_than_a_line_is_broken_too():
    assert lines_of("m" * 100, size=10, width=width_of("m" * 30, 10)) == 4


def test_a_paragraph_is_as_high_as_in_the_font_that_needs_more():
    wide = width_of("aaa bbb", 10)
    assert height_of("aaa bbb", size=10, width=wide + 1) == pytest.approx(13.3)  # one line of our own
    assert height_of("aaa bbb", size=10, width=wide - 1) == pytest.approx(24.6)  # two of the stand-in


def test_short_tables_are_no_wider_than_they_need():
    widths = column_widths([("Gruppe", "n"), ("Ledelse", "5")], size=10, total=500, padding=8)
    assert sum(widths) < 100


def test_short_columns_stay_on_one_line_and_long_ones_share_the_rest():
    long, longer = "ord " * 40, "ord " * 80
    rows = [("Nr.", "Kort", "Længere"), ("1", long, longer)]
    widths = column_widths(rows, size=10, total=400, padding=8)
    assert sum(widths) == pytest.approx(400)
    assert widths[0] == pytest.approx(8 + width_of("Nr.", 10, True))
    assert widths[0] < widths[1] < widths[2] < 2 * widths[1]


def test_no_word_is_broken_while_there_is_room():
    word = "Digitaliseringsforudsætning"
    rows = [("A", "B"), (word, "ord " * 200)]
    widths = column_widths(rows, size=10, total=300, padding=8)
    assert widths[0] >= 8 + width_of(word, 10)
    crowded = column_widths([(word, word, word)], size=10, total=120, padding=8)
    assert crowded == pytest.approx([40, 40, 40])
