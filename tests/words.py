"""Which language a text is in, by the small words that only one of the two has."""

from __future__ import annotations

import re

LETTERS = re.compile(r"\w*[æøåÆØÅ»«]\w*")
WORD = re.compile(r"[^\W\d_]+")
# words that are spelt alike in both languages (for, i, to, have, men, under, over ...) are left out
DANISH = WORD.findall("""
    og ikke af er det der den dem deres med til som på fra eller kan skal har havde ved var blev bliver hvis
    når også mellem efter uden kun hver hvor hvad hvilke hvilken ingen nogen noget mindst højst flere flest
    færre andre dette disse derfor fordi sig sin sine enten både mangler vises tal antal andel måned måneder
    år kommune kommunen kommunens kommuner afdeling afdelinger løsning løsninger gevinst gevinster svar pct
    mio kr
""")
ENGLISH = WORD.findall("""
    the of and is are was were been being not with which that this these those from when what than then their
    there only each between because other others least most more fewer some any does did how why where who
    must should shown month months year years municipality municipalities department departments solution
    solutions answer answers finding
""")


def strangers(text: str, language: str) -> list[str]:
    """The words in a text that belong to the other language; in English also whatever has a Danish letter."""
    foreign = set(ENGLISH if language == "da" else DANISH)
    # words in capitals are names: MED, the committee
    found = {word for word in WORD.findall(text) if word.lower() in foreign and not word.isupper()}
    return sorted(found | set(LETTERS.findall(text)) if language == "en" else found)
