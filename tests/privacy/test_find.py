"""Personal data in Danish sentences: what is found, what is left, and how well, on two written sets."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from klktools.privacy import Found, addresses, find_personal, load_names, mask_text, own_names, patterns

_MARK = re.compile(r"\{(\w+):([^{}]*)\}")


def sentences(name: str) -> tuple[list[str], list[str]]:
    """Sentences with marks, and those that hold nothing."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return lines[: lines.index("---")], lines[lines.index("---") + 1 :]


def taken_apart(line: str) -> tuple[str, list[Found]]:
    """A sentence without its marks, and what they say."""
    text, places, at = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        places.append(Found(mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        at = mark.end()
    return text + line[at:], places


def masked(text: str, names=None) -> str:
    return mask_text(text, find_personal(text, names or load_names()), lambda kind: f"[{kind}]")


class Measured(NamedTuple):
    wanted: Counter
    found: Counter
    masked: int
    idle: int  # masked for nothing


def measured(name: str) -> Measured:
    wanted, hit, all_masked, idle = Counter(), Counter(), 0, 0
    for line in [line for lines in sentences(name) for line in lines]:
        text, places = taken_apart(line)
        found = find_personal(text, load_names())
        covered = [p for p in places if any(one.start <= p.start and p.end <= one.end for one in found)]
        wanted.update(place.kind for place in places)
        hit.update(place.kind for place in covered)
        all_masked += len(found)
        idle += sum(all(one.end <= p.start or p.end <= one.start for p in places) for one in found)
    return Measured(wanted, hit, all_masked, idle)


@pytest.mark.parametrize("line", sentences("sentences.txt")[0])
def test_all_of_a_persons_data_are_masked(line):
    text, places = taken_apart(line)
    shown = masked(text)
    assert [kind for kind in re.findall(r"\[(\w+)\]", shown)] == [place.kind for place in places]
    assert not any(text[place.start : place.end] in shown for place in places)


@pytest.mark.parametrize("line", sentences("sentences.txt")[1])
def test_a_sentence_without_personal_data_is_left_as_it_is(line):
    assert masked(line) == line


@pytest.mark.parametrize(
    ("name", "recall", "precision"), [("sentences.txt", 1.0, 1.0), ("unseen.txt", 1.0, 0.85)]
)
def test_recall_comes_before_precision(name, recall, precision):
    all_of = measured(name)
    assert sum(all_of.found.values()) / sum(all_of.wanted.values()) >= recall
    assert 1 - all_of.idle / all_of.masked >= precision


def test_both_sets_hold_every_kind():
    kinds = {"cpr", "phone", "email", "plate", "address", "name"}
    assert all(set(measured(name).wanted) == kinds for name in ("sentences.txt", "unseen.txt"))


def test_what_overlaps_is_one_place_of_the_longer_kind():
    text = "mette.holm@eksempel.dk"
    assert find_personal(text, load_names()) == [Found("email", 0, len(text))]
    assert masked("Nørregade 12, 8000 Aarhus C, tlf. 12345678") == "[address], tlf. [phone]"
    assert masked("cpr 010157-5001/311257-5005") == "cpr [cpr]/[cpr]"


def test_places_are_those_of_the_text_as_it_was_written():
    text = "Bøde til S\u200børen, nr. ３１１２５７\u00ad－５００５!"
    spans = [text[one.start : one.end] for one in find_personal(text, load_names())]
    assert spans == ["S\u200børen", "３１１２５７\u00ad－５００５"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Skovbæk har ansvaret, siger Aage.", "[name] har ansvaret, siger [name]."),
        ("AAGE SKOVBÆK og Åge  Skovbaeks leder", "[name] og [name] leder"),
        ("Spørg MHJ, men ikke mhj eller Xu.", "Spørg [name], men ikke mhj eller [name]."),
        ("Ybe Kvistgren er der ikke, ybe.", "[name] er der ikke, [name]."),
        ("En sol er ikke Sol.", "En sol er ikke [name]."),
    ],
)
def test_the_municipalitys_own_interviewees_are_found_whole_and_in_parts(text, shown):
    assert masked(text, own_names(["Åge Skovbæk", "MHJ", "Xu", "Ybe Kvistgren", "Sol", "", "  "])) == shown


def test_no_names_given_are_the_known_names():
    assert own_names([]) == load_names()


def test_a_long_text_takes_time_in_proportion():
    import time

    def seconds(text):
        start = time.process_time()
        find_personal(text, load_names())
        return time.process_time() - start

    for hostile in (
        "1" * 50_000,
        "A" * 50_000,
        "a@" * 25_000,
        "12 " * 20_000,
        "Å. " * 20_000,
        "Mette " * 10_000,
        "A." * 25_000,
        "Nyhavn " * 7_000,
        "Nyhavn 12, " * 5_000,
        "0 1 " * 12_000,
    ):
        assert seconds(hostile) < 5, hostile[:6]


@pytest.mark.parametrize(
    "address",
    [
        "Møllevej 12",
        "Store Torv nr. 4 B",
        "Nørregade12",
        "H.C. Andersens Boulevard 2, 4. th., 1553 København V",
        "Kong Georgs Vej 3 st. tv, 2000 Frederiksberg",
        "Rosenvænget 4-6",
        "Ved Skoven 7",
    ],
)
def test_an_address_is_found_in_a_long_text_as_in_a_short_one(address):
    before, after = "De 25 pct. af 3 områder er nået. " * 300, "Teksten 4 er som den 5. " * 300
    long = f"{before}Skriv til {address}. {after}"
    assert [found[0] for found in patterns.ADDRESS.finditer(address)] == [address]
    assert addresses(long) == [found[0] for found in patterns.ADDRESS.finditer(long)] != []


@pytest.mark.parametrize(
    "address",
    ["Nyhavn 12, 2. tv", "Nyhavn 12, st. th", "Elmelyst 3B, 1. sal", "Christians Brygge 4, 1470 København K"],
)
def test_an_address_of_any_road_is_known_in_a_long_text_by_its_door_or_postcode(address):
    before, after = "De 25 pct. af 3 områder er nået, 2 af 4. " * 300, "Teksten 4, 2018 og 5. " * 300
    assert addresses(f"{before}skriv til {address}, {after}") == [address]
    assert addresses(f"{before}Nyhavn 12, Niveau 3, 2. kvartal, Uge 4, 2018 Almsund. {after}") == []
