"""What looks like a CPR number, a contact or a user name; the numbers are those of framework 3.6."""

import duckdb
import pytest

from klktools.privacy import CPR_RE2, USER_NAME, contact_in, has_cpr, is_cpr, looks_like_user, mask_cells

NUMBERS = (
    "311257-5005",
    "150656-7129",
    "290252-5117",
    "010157-6507",
    "010157-5001",
    "711257-5003",
    "707515123",
)
WRITTEN = [
    form
    for number in NUMBERS
    for form in (number, number.replace("-", ""), number.replace("-", " "), number.replace("-", "–"))
]
NONE = (
    *(
        "5798000000000",
        "12345678",
        "1234567",
        "2018-09-12",
        "12.09.2018",
        "2018-09-12T07:00:00",
        "4.112.345.678",
    ),
    *("321257-5005", "001257-5005", "311357-5005", "310057-5005", "921257-5005", "601257-5005", "F-D09", ""),
    *("a3112575005b", "5d0b3112575005e2", "31125750051", "13112575005", "0,123456789x", "H000001"),
)


@pytest.mark.parametrize("text", WRITTEN)
def test_every_form_is_recognised_alone_and_in_a_text(text):
    assert is_cpr(text)
    assert has_cpr(f"Sagen om {text}, som blev lukket")
    assert mask_cells([f"nr. {text}"]) == ["nr. …"]


def test_a_note_beside_a_number_is_no_part_of_it():
    assert has_cpr("311257-5005²") and mask_cells(["se 311257-5005²"]) == ["se …²"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_none_is_left(text):
    assert (is_cpr(text), has_cpr(text), mask_cells([text])) == (False, False, [text])


def test_modulus_11_is_never_asked():
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    assert sum(int(digit) * weight for digit, weight in zip("0101575001", weights, strict=True)) % 11 != 0
    assert is_cpr("010157-5001")


@pytest.mark.parametrize("text", [*WRITTEN, *NONE, "x 311257-5005.", "nr.707515123", "N311257-5005"])
def test_the_pattern_for_an_engine_without_lookaround_agrees(text):
    found = duckdb.execute("SELECT regexp_matches(?, ?)", [text, CPR_RE2]).fetchone()
    assert found == (has_cpr(text),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Oplyst af navn@eksempel.dk", "email"),
        ("navn＠eksempel.dk", "email"),
        ("navn (at) eksempel.dk", "email"),
        ("Ring 12 34 56 78", "phone"),
        ("+4512345678", "phone"),
        ("tlf. 12345678", "phone"),
        ("Rapport 20180912", ""),
        ("CVR 12345678", ""),
        ("10 20 30 40", "phone"),  # four pairs of digits may be one
        ("Udtræk fra fagsystem", ""),
        ("@", ""),
    ],
)
def test_contacts_in_a_cell(text, kind):
    assert contact_in(text) == kind


@pytest.mark.parametrize(
    ("text", "person"),
    [
        *(
            (text, True)
            for text in ("mhj", "MHJ", "ab", "navn@eksempel.dk", "KOM\\mhj", "mette.holm", "Mette Holm")
        ),
        *((text, False) for text in ("K01", "K1", "k-1", "5d0b26cbc755e2d7", "7", "konsulent1", "")),
    ],
)
def test_a_user_name_is_told_from_a_pseudonym_also_by_duckdb(text, person):
    assert looks_like_user(text) is person
    assert duckdb.execute("SELECT regexp_matches(?, ?)", [text, USER_NAME]).fetchone() == (person,)


def test_what_leaves_the_house_is_masked_more_warily():
    cells = ["12345678", "20180912", "31.12.57-5005", None, 3]
    assert mask_cells(cells) == cells
    assert mask_cells(cells, wary=True) == ["…", "…", "…", None, 3]
