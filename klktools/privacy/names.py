"""Names of persons in Danish text.

`names.csv` holds given names and surnames that are common in Denmark, taken from DaCy 2.9 (Apache-2.0, Centre
for Humanities Computing, Aarhus University), whose sources are two registers of the University of Copenhagen:
Danskernes navne and Muslimske fornavne. Given names of later years (92) are added; words that no one would
take for a name are left out. `also` says which are words as well: `word` counts as a name only with a
capital, `opener` at the start of a sentence only where what follows is what follows a name.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?\n•*]|\n\s*-)[\s\"'»«“”(–-]*$")
_DATE_BEFORE = re.compile(r"\d\.?\s*$")
_DATE_AFTER = re.compile(r"\.?\s*\d")
_SAYS = (
    "er|var|har|havde|siger|sagde|mener|mente|fortæller|fortalte|oplyser|oplyste|synes|syntes|vil|ville|kan|kunne"
    "|skal|skulle|bruger|brugte|får|fik|tror|troede|bliver|blev|savner|oplever|forklarer|forklarede|nævner|nævnte"
    "|ønsker|arbejder|kører|laver|gør|sidder|kommer|fra|ringede|skrev|spurgte|svarede"
)
_AFTER_NAME = re.compile(
    rf"\s+[A-ZÆØÅ]|\s*[:(]|,\s+(?:som|der)\b|\s+(?:{_SAYS})\b|\s+(?:og|samt|eller)\s+[A-ZÆØÅ]"
)
_TITLE = re.compile(
    r"(?<!\w)(?:hr|fru|frk|frøken|dr|\w*direktør(?:en)?|\w*chef(?:en)?|\w*leder(?:en)?|\w*borgmester(?:en)?|rådmand"
    r"|\w*konsulent(?:en)?|\w*medarbejder(?:en)?|sekretær(?:en)?|sagsbehandler(?:en)?|kollega(?:en)?|rektor"
    r"|tillidsmand(?:en)?|pædagog(?:en)?|lærer(?:en)?|borger(?:en)?)\.? $",
    re.I,
)
# not the letter of "Evidensklasse A. Data ..."
_INITIALS = re.compile(r"(?<!lasse )(?<!ilag )(?<!ruppe )(?<!fsnit )(?<!ype )(?<!\w)(?:[A-ZÆØÅ]\. ?){1,3}$")
_BETWEEN = re.compile(r"(?:-| +(?:(?:de|von|van|af|du|la|el|al) )?| +(?:[A-ZÆØÅ]\. ?)+)")
# what stands after one of these are persons, also as initials
_PERSONS = re.compile(
    r"(?<!\w)(?:(?:til ?stede|deltagere?|referent|interviewer|interviewede|kontakt(?:person)?|afbud"
    r"|fraværende|underskrift)\s*:|(?:hilsen|mvh|vh)\b\.?,?)\s*([^\n.!?;]{1,200})",
    re.I,
)
_CAPITALS = re.compile(r"(?<!\w)[A-ZÆØÅ][\w'-]*(?:\.? [A-ZÆØÅ][\w'-]*)*")
_MONTHS = ("jan", "maj", "jun", "august")
_PARTICLES = ("de", "von", "van", "af", "du", "la", "el", "al", "og")
# what opens a sentence is no surname after "bilag B."
_OPENS = frozenset(
    (
        "Den",
        "Det",
        "De",
        "Der",
        "Dette",
        "Disse",
        "Vi",
        "I",
        "Og",
        "Men",
        "Så",
        "En",
        "Et",
        "Her",
        "Hun",
        "Han",
    )
    + ("Ingen", "Alle", "For", "Som", "På", "Ved", "Når", "Hvis", "Da", "Nogle", "Flere", "Man", "Jeg", "Ja")
    + (
        "Nej",
        "Til",
        "Om",
        "Af",
        "Med",
        "Efter",
        "Før",
        "Kun",
        "Også",
        "Både",
        "Hver",
        "Hvor",
        "Hvad",
        "Andre",
    )
)
_LONGEST = 4  # words of one name


@dataclass(frozen=True)
class Names:
    """Folded name -> what else it is ("", "word" or "opener"); `own` finds the names given by hand."""

    given: Mapping[str, str]
    surnames: Mapping[str, str]
    own: re.Pattern[str] | None = None


@cache
def load_names() -> Names:
    """The names of `names.csv`."""
    text = (resources.files("klktools.privacy") / "names.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    given, surnames = (
        {_key(row["name"]): row["also"] for row in rows if row["kind"] == kind}
        for kind in ("given", "surname")
    )
    return Names(given, surnames)


def own_names(lines: Iterable[str]) -> Names:
    """The known names with those of the municipality's own interviewees.

    Parameters
    ----------
    lines : iterable of str
        One name each, as "Mette Holm" or initials. A name is found whole and in parts, whatever its case; a
        part that is also a word, of two letters, or in capitals, only as it is written.
    """
    known = load_names()
    parts = {part for line in lines for part in (line.strip(), *_WORD.findall(line))}
    wanted = {part for part in parts if len(part) > 1 and part not in _PARTICLES}
    spelled = [
        _spelled(part, exact=_is_ordinary(part, known))
        for part in sorted(wanted, key=lambda part: (-len(part), part))
    ]
    own = re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?:['’]?s)?(?!\w)") if spelled else None
    return replace(known, own=own)


def _is_ordinary(part: str, known: Names) -> bool:
    """Whether a part of a name in small letters may be a word: two letters, initials, a name that is one."""
    key = _key(part)
    return len(part) < 3 or part.isupper() or bool(known.given.get(key) or known.surnames.get(key))


def _spelled(part: str, *, exact: bool) -> str:
    """A pattern for a name: å as aa, é as e, blanks of any length."""
    plain = re.escape(unicodedata.normalize("NFC", part))
    for sign, other in (("å", "aa"), ("Å", "Aa"), ("é", "e"), ("æ", "ae"), ("ø", "oe")):
        plain = plain.replace(sign, f"(?:{sign}|{other})")
    plain = re.sub(r"(\\ )+", r"\\s+", plain)
    return plain if exact else f"(?i:{plain})"


@lru_cache(maxsize=1 << 16)  # texts repeat their words
def _key(name: str) -> str:
    folded = unicodedata.normalize("NFC", name).casefold().replace("é", "e")
    return folded.replace("aa", "å").replace("ae", "æ").replace("oe", "ø")


def names_in(text: str, names: Names) -> Iterator[tuple[int, int]]:
    """First and last place of every name in a plain text; they may overlap."""
    if names.own:
        for found in names.own.finditer(text):
            yield found.span()
    for persons in _PERSONS.finditer(text):
        for found in _CAPITALS.finditer(text, *persons.span(1)):
            yield found.span()
    words = list(_WORD.finditer(text))
    number = 0
    while number < len(words):
        if _begins_name(text, words[number], names):
            last = _last_of_name(text, words, number, names)
            yield _start(text, words, number, names), _with_genitive(text, words[last].end())
            number = last
        number += 1


def _begins_name(text: str, word: re.Match[str], names: Names) -> bool:
    return (
        _is_given(text, word, names)
        or _is_surname(text, word, names)
        or (_is_capital(word[0]) and _TITLE.search(text, max(0, word.start() - 40), word.start()) is not None)
    )


def may_name(text: str, names: Names) -> bool:
    """Whether a text has a given name with a capital at all: a quick look before a close one."""
    return any(_is_capital(word) and _also(word, names.given) is not None for word in _WORD.findall(text))


def is_full(name: str, names: Names) -> bool:
    """Whether a name begins with a given name and goes on, after a word ("Mark") with a known one."""
    words = _WORD.findall(name)
    if len(words) < 2 or " " not in name or not all(_is_capital(word) for word in words[:2]):
        return False
    also = _also(words[0], names.given)
    return also == "" or (also is not None and _is_known(words[1], names))


def _is_capital(word: str) -> bool:
    """ "Mette", not "mette" nor an abbreviation as "KMD"."""
    return word[0].isupper() and word[1:].islower()


def _also(word: str, known: Mapping[str, str]) -> str | None:
    """What else a name is, also with a genitive s; None when it is no name."""
    key = _key(word)
    if key in known:
        return known[key]
    stem = key.removesuffix("s")
    return ("word" if known[stem] else "") if stem != key and stem in known else None


def _is_given(text: str, word: re.Match[str], names: Names) -> bool:
    also = _also(word[0], names.given)
    if not also or (also == "word" and len(word[0]) > 3 and word[0].isupper()):
        return also is not None
    return _is_capital(word[0]) and (also != "opener" or _stands_as_name(text, word))


def _stands_as_name(text: str, word: re.Match[str]) -> bool:
    """Whether a name that may open a sentence as a word is a name here."""
    before, after = text[max(0, word.start() - 20) : word.start()], text[word.end() : word.end() + 40]
    is_month = word[0].casefold() in _MONTHS
    if is_month and (_DATE_BEFORE.search(before) or _DATE_AFTER.match(after)):
        return False
    opens = _SENTENCE_START.search(before) is not None and (word.start() <= 20 or before.strip() != "")
    return not opens or _AFTER_NAME.match(after) is not None


def _is_surname(text: str, word: re.Match[str], names: Names) -> bool:
    also = _also(word[0], names.surnames)
    if _is_capital(word[0]) and word[0] not in _OPENS:
        return also == "" or _initials_before(text, word) is not None
    return also == "" and _key(word[0]).removesuffix("s").endswith("sen")


def _initials_before(text: str, word: re.Match[str]) -> re.Match[str] | None:
    """ "J. P." before "Skov"; what ends a sentence as "klasse A." is told by what begins the next."""
    return _INITIALS.search(text, max(0, word.start() - 16), word.start())


def _last_of_name(text: str, words: list[re.Match[str]], first: int, names: Names) -> int:
    """The last word of the name: capitals that follow, joined by a blank, a hyphen, a particle or initials.

    After a given name any capital is a surname, after another only one that is known.
    """
    last, after_given = first, _also(words[first][0], names.given) is not None
    while last - first < _LONGEST:
        following = _next_word(text, words, last, names)
        if not following or not (after_given or _is_known(words[following][0], names)):
            break
        last = following
    return last


def _is_known(word: str, names: Names) -> bool:
    return any(_also(word, known) is not None for known in (names.given, names.surnames))


def _next_word(text: str, words: list[re.Match[str]], last: int, names: Names) -> int:
    """The word that goes on with the name, also after "von" or initials; 0 when none does."""
    for number in range(last + 1, min(last + 4, len(words))):
        between = text[words[last].end() : words[number].start()]
        if _may_go_on(words[number][0], names) and _BETWEEN.fullmatch(between):
            return number
    return 0


def _may_go_on(word: str, names: Names) -> bool:
    """A capital, or a name in any case that is no word as well: "mette hansen", "METTE HANSEN"."""
    return _is_capital(word) or "" in (_also(word, names.given), _also(word, names.surnames))


def _start(text: str, words: list[re.Match[str]], number: int, names: Names) -> int:
    """Initials, or an unknown given name, before a surname belong to it."""
    word = words[number]
    initials = _initials_before(text, word)
    if initials:
        return initials.start()
    before = words[number - 1] if number else word
    joined = text[before.end() : word.start()] in (" ", "-") and _also(word[0], names.given) is None
    titled = _TITLE.search(text, max(0, word.start() - 40), word.start()) is not None
    known = _also(before[0], names.given) is not None
    if joined and not titled and (known or _is_capital(before[0])):
        return before.start()
    return word.start()


def _with_genitive(text: str, end: int) -> int:
    return end + 2 if text[end : end + 2] in ("'s", "’s") else end
