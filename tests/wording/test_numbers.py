"""Numbers in words. Witnesses: the framework's own examples, babel's Danish locale, and rounding by hand."""

import numpy as np
import pandas as pd
import pytest
from babel.dates import format_date
from babel.numbers import format_decimal

from klktools.wording import numbers


@pytest.mark.parametrize("value", [0, 1, 7.4, 12.3, 999.96, 1234.567, 1234567.89, -42.6])
@pytest.mark.parametrize(("language", "locale"), [("da", "da_DK"), ("en", "en_GB")])
def test_numbers_are_written_as_babel_writes_them(value, language, locale):
    witness = format_decimal(round(value, 1), format="#,##0.0", locale=locale).replace("-", "−")
    assert numbers.number(value, decimals=1, language=language) == witness


@pytest.mark.parametrize("day", ["2018-01-01", "2018-03-12", "2018-08-31", "2019-10-05", "2020-12-24"])
def test_dates_and_months_are_written_as_babel_writes_them(day):
    stamp = pd.Timestamp(day)
    assert numbers.date(stamp, language="da") == format_date(stamp, format="d. MMMM y", locale="da_DK")
    assert numbers.date(stamp, language="en") == format_date(stamp, format="d MMMM y", locale="en_GB")
    assert numbers.month(stamp, language="da") == format_date(stamp, format="MMMM y", locale="da_DK")
    assert numbers.month(stamp, language="en") == format_date(stamp, format="MMMM y", locale="en_GB")


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-2.5, 0, "−3"), (0.125, 2, "0,13"), (1.005, 2, "1,01")],
)
def test_halves_are_rounded_away_from_zero_as_written(value, decimals, written):
    assert numbers.number(value, decimals=decimals, language="da") == written


@pytest.mark.parametrize("value", [-0.04, -0.0, 0.04, np.float64(-0.049)])
def test_there_is_no_negative_zero(value):
    assert numbers.number(value, decimals=1, language="da") == "0,0"


@pytest.mark.parametrize(
    ("share", "danish", "english"),
    [
        (0.27, "27 pct.", "27 per cent"),
        (0.0, "0 pct.", "0 per cent"),
        (0.004, "under 1 pct.", "below 1 per cent"),
        (0.0099, "under 1 pct.", "below 1 per cent"),
        (0.01, "1 pct.", "1 per cent"),
        (0.145, "15 pct.", "15 per cent"),
        (1.0, "100 pct.", "100 per cent"),
        (-0.286, "−29 pct.", "−29 per cent"),
        (12.5, "1.250 pct.", "1,250 per cent"),
    ],
)
def test_shares_are_whole_per_cent(share, danish, english):
    assert numbers.pct(share, language="da") == danish
    assert numbers.pct(share, language="en") == english


@pytest.mark.parametrize(
    ("kroner", "danish", "english"),
    [
        (1_678_571, "1,7 mio. kr.", "DKK 1.7 million"),
        (4_100_000, "4,1 mio. kr.", "DKK 4.1 million"),
        (50_000, "0,1 mio. kr.", "DKK 0.1 million"),
        (49_999, "under 0,1 mio. kr.", "below DKK 0.1 million"),
        (0, "0 kr.", "DKK 0"),
        (-321_429, "−0,3 mio. kr.", "DKK −0.3 million"),
        (1_234_567_890, "1.234,6 mio. kr.", "DKK 1,234.6 million"),
    ],
)
def test_kroner_are_millions_with_one_decimal(kroner, danish, english):
    assert numbers.mio(kroner, language="da") == danish
    assert numbers.mio(kroner, language="en") == english


def test_the_other_formatters_have_one_decimal_and_no_unit():
    assert numbers.pp(0.905, language="da") == "0,9"
    assert numbers.years1(1.94, language="da") == "1,9"
    assert numbers.score(1.65, language="da") == "1,7"
    assert numbers.integer(1234.0, language="da") == "1.234"


@pytest.mark.parametrize(("value", "written"), [(8.0, "8"), (4.5, "4,5"), (9.96, "10"), (0.04, "0")])
def test_minutes_have_a_decimal_only_when_there_is_one(value, written):
    assert numbers.minutes(value, language="da") == written


@pytest.mark.parametrize(
    ("value", "noun", "danish", "english"),
    [
        (1, "solution", "1 løsning", "1 solution"),
        (2.0, "solution", "2 løsninger", "2 solutions"),
        (0, "criterion", "0 kriterier", "0 criteria"),
        (1.0, "function_", "1 funktion", "1 function"),
        (1500, "row", "1.500 rækker", "1,500 rows"),
    ],
)
def test_nouns_agree_with_their_number(value, noun, danish, english):
    assert numbers.count(value, noun, language="da") == danish
    assert numbers.count(value, noun, language="en") == english


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize(
    "write",
    [
        numbers.pct,
        numbers.pp,
        numbers.mio,
        numbers.minutes,
        numbers.years1,
        numbers.score,
        numbers.month,
        numbers.date,
        numbers.integer,
    ],
)
def test_missing_is_said_in_the_words_of_its_status_and_is_never_zero(write, missing):
    assert write(missing, language="da") == "ikke undersøgt"
    assert write(missing, language="da", status="cannot_be_said") == "kan ikke siges"
    assert write(missing, language="da", status="suppressed") == "skjult (færre end 5)"
    assert write(missing, language="en", status="suppressed") == "suppressed (fewer than 5)"


def test_a_missing_count_has_no_noun():
    assert numbers.count(np.nan, "solution", language="da") == "ikke undersøgt"


@pytest.mark.parametrize(
    ("texts", "danish"), [([], ""), (["a"], "a"), (["a", "b"], "a og b"), (["a", "b", "c"], "a, b og c")]
)
def test_lists_are_joined_in_words(texts, danish):
    assert numbers.join(texts, language="da") == danish
    assert numbers.join(texts, language="en") == danish.replace(" og ", " and ")


def test_danish_order_puts_ae_oe_aa_last_and_aa_with_the_ring():
    ordered = [
        "Billund",
        "Lejre",
        "Sorø",
        "Vejle",
        "Vejle Nord",
        "Ærø",
        "Øster",
        "Aabenraa",
        "Ålborg",
        "Aarhus",
    ]
    # by hand: a space sorts before letters, and Aa is the last letter, Å
    assert sorted(reversed(ordered), key=numbers.danish_key) == ordered


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.130, "0,13"), (1.2, "1,2"), (1.645, "1,645"), (1 / 3, "0,333"), (5.0, "5"), (1000, "1.000")],
)
def test_compact_numbers_have_no_idle_zeros(value, written):
    assert numbers.compact(value, language="da") == written
