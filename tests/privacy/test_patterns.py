"""What looks like a CPR number, a contact or a user name; the numbers are those of framework 3.6."""

import duckdb
import pytest

from klktools.privacy import (
    CPR_RE2,
    USER_NAME,
    Found,
    contact_in,
    find_personal,
    has_cpr,
    is_cpr,
    load_names,
    looks_like_user,
    mask_cells,
    patterns,
)

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


@pytest.mark.parametrize(
    "text", ["3 1 1 2 5 7 - 5 0 0 5", "3 1 1 2 5 7\u00a0–\u00a05 0 0 5", "31 12 57 - 50 05"]
)
def test_a_cell_of_single_digits_or_pairs_is_one_alone_and_not_within_a_text(text):
    plain = text.replace("\u00a0", " ").replace("–", "-")
    assert has_cpr(text) and not has_cpr(f"svar {plain}") and not has_cpr(f"{plain} 1")
    assert duckdb.execute("SELECT regexp_matches(?, ?)", [text, CPR_RE2]).fetchone() == (True,)
    assert duckdb.execute("SELECT regexp_matches(?, ?)", [f"svar {plain}", CPR_RE2]).fetchone() == (False,)
    assert mask_cells([text, f"nr. {text}"]) == ["…", "nr. …"]


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


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(
            ("cpr", text)
            for text in (
                "31-12-1957-5005",
                "31.12.1957-5005",
                "31/12/57-5005",
                "7.7.51-5123",
                "311257_5005",
                "311257:5005",
                "311257--5005",
                "311257 - 5005",
                "311257-50 05",
                "7 07 51 5123",
                "311257-xxxx",
                "311257-****",
                "71 12 57 - 5003",
                "3 1 1 2 5 7 - 5 0 0 5",
                "3 1 1 2 5 7–5 0 0 5",
                "3 1 1 2 5 7   5 0 0 5",
                "31 12 57 - 50 05",
                "31 12 57-50 05",
                "7 1 1 2 5 7 - 5 0 0 3",
            )
        ),
        *(
            ("phone", text)
            for text in (
                "12-34-56-78",
                "12/34/56/78",
                "45 12 34 56 78",
                "+49 (0)30 1234567",
                "0046 70 123 45 67",
                "+46 70-123 45 67",
            )
        ),
        *(
            ("email", text)
            for text in (
                "navn(a)eksempel.dk",
                "navn (snabel-a) eksempel.dk",
                "navn[at]eksempel[dot]dk",
                "navn {at} eksempel.dk",
                "navn AT eksempel DOT dk",
                "navn@eksempel,dk",
                "navn@kommunen",
                "navn snabel-a eksempel punktum dk",
            )
        ),
        *(
            ("address", text)
            for text in (
                "Skovbrynet 5",
                "Højvang 12B",
                "Egebjerget 7, 1. th",
                "Dalgas Avenue 2",
                "Havnefronten 12",
                "Testgade 12 kld.",
                "Testgade 5, mf.",
                "Testgade3",
                "Nyhavn 12",
                "Tuborg Havn 12B",
                "Kalvebod Brygge 4",
                "Nyhavn 12, 2. tv",
                "Åhavnen 3 st. tv",
                "Møllehusene 4, 1. sal, 4000 Roskilde",
                "Christians Brygge 4, 1470 København K",
                "Kong Hans Kælder 7, kl. th",
                "Byen 3, 8000 Aarhus C",
                "Fasanlunden 3, 2000 Frederiksberg",
            )
        ),
    ],
)
def test_a_form_is_masked_whole_in_a_note(kind, text):
    note = f"Vi fik at vide, at {text} var forkert"
    start = note.index(text)
    assert Found(kind, start, start + len(text)) in find_personal(note, load_names())


@pytest.mark.parametrize(
    ("note", "hidden"),
    [
        ("Ring til 12 345 678 efter kl. 9", "12 345 678"),
        ("ring på 123 456 78", "123 456 78"),
        ("Telefon: 1234 5678", "1234 5678"),
        ("tlf. 12.34.56.78", "12.34.56.78"),
        ("Hun har lokal 4321", "4321"),
        ("Spørg på lokalnr. 12345", "12345"),
        ("reg.nr. ab 12 345", "ab 12 345"),
        ("reg. nr. AB 12345", "AB 12345"),
        ("køretøj ab12345 holder der", "ab12345"),
        ("bilen (ab12345)", "ab12345"),
        ("Hun bor Ved Skoven 7, 2. th.", "Ved Skoven 7"),
        ("Hun bor i Elmelyst 12 og kan nås der", "Elmelyst 12"),
        ("Adresse: Lille Mølle 3 B", "Lille Mølle 3 B"),
        ("Han er flyttet til Grønningen 17.", "Grønningen 17"),
        ("CPR-nr. 3 1 1 2 5 7 5 0 0 5 er hans", "3 1 1 2 5 7 5 0 0 5"),
        ("cpr: 3112 57 50 05", "3112 57 50 05"),
    ],
)
def test_a_number_is_known_by_the_words_before_it(note, hidden):
    found = find_personal(note, load_names())
    assert any(one.start <= note.index(hidden) < note.index(hidden) + len(hidden) <= one.end for one in found)


@pytest.mark.parametrize(
    "note",
    [
        "Version 12.34.56.78 er installeret, og IP er 10.20.30.40.",
        "Der er 12 345 678 kr. i budgettet og 1.234.567 på kontoen.",
        "I perioden 01-01-2018 til 31-12-2018 var der 1400 fakturaer.",
        "Den 12.09.2018 kom der 1230 bilag, og den 31-12-18 kom der 5005.",
        "Mødet var 12-09-2018 og 13-09-2018.",
        "Vi brugte 12/12 og 1/3 af tiden; 3-4 timer i uge 12-13.",
        "Der er 5 stk @ 10 kr. pr. licens.",
        "Systemet bruges at alle, og det er godt at se.",
        "Lokal 2018-aftale for lokale 1234",
        "Det koster på 12 345 kr. om året.",
        "Ved Systemskiftet 3 uger efter, og ved skiftet 7 dage.",
        "På Børneområdet 3 og i Skoledelen 25 brugere.",
        "Konto 00123456789 og ordre 0012345.",
        "Han gik hele vejen 3 gange, og i gaden 5 dage.",
        "Svarene var 3 1 1 2 4 3 2 1 0 3 på skalaen.",
        "EAN 5798000000000 og CVR er på fakturaen.",
        "Svarene var 3 1 1 2 4 3 2 – 1 0 3, og så 3 1 1 2 4 3.",
        "Den 01 02 18 - 12 kom de, og 31 12 18 - 9 gik.",
        "Uge 12, 2018 og budget 2018, 3 pct.; se afsnit 3, side 2.",
        "Bilag 3, 2. udgave, tabel 4, 2. række, niveau 3, 2. halvår.",
        "Skovmunde 12, København 12, Frederikshavn 3 og Fjordlund 4.",
        "Hun bor i Aarhus 3 dage om ugen, og de bor i Danmark 12 år.",
        "Office 365, Windows 10, 2. kvartal, Opus 5. og Lokale 3, kl. 12.",
        "Lufthavn 12 og Havnen 3 dage; mødet 3. maj, kl. 10.",
    ],
)
def test_what_only_looks_like_it_is_left_in_a_note(note):
    assert [note[one.start : one.end] for one in find_personal(note, load_names())] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring 0045 12 34 56 78", ["0045 12 34 56 78"]),
        ("00 45 12345678.", ["00 45 12345678"]),
        ("(+45) 12 34 56 78, +45 12345678", ["+45 12345678"]),
        ("100 45 94 26 54 94 88", []),  # shares in a row of a figure
        ("1,00 45 94 26 54 94 88", []),
        ("A00 45 94 26 54 94 88", []),
    ],
)
def test_a_number_with_a_country_code_is_sure_unless_it_is_the_end_of_another(text, found):
    numbers = [place[0] for pattern in patterns.SURE_PHONES for place in pattern.finditer(text)]
    assert numbers == found
