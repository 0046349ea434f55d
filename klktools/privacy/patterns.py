"""What personal data look like (framework 3.6): one set of patterns for intake, redaction and release.

They are recognised, not proved: modulus 11 is never asked, since valid CPR numbers break it. All patterns are
for plain text (`klktools.privacy.plain`).
"""

from __future__ import annotations

import re

from klktools.privacy.plain import make_plain

RESTRICTED = "_restricted"  # the folder of interview notes beside the data; never opened by intake or a batch
MASK = "…"

_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"  # 61-91: replacement numbers
_MONTH = r"(?:0[1-9]|1[0-2])"
_TEN = rf"{_DAY}{_MONTH}\d{{2}}[-–\s]?\d{{4}}"
_NINE = rf"[1-9]{_MONTH}\d{{2}}[-–\s]?\d{{4}}"  # its first zero was lost in a spreadsheet
# the same, standing by itself; what is before is looked at after the digits are found: so the search goes
# from digit to digit
CPR = re.compile(
    rf"\d{{4}}(?<![^\W_]\d{{4}})(?:(?<={_DAY}{_MONTH})\d\d[-–\s]?|(?<=[1-9]{_MONTH}\d)\d[-–\s]?)\d{{4}}(?![^\W_])"
)
_CPR_CELL = re.compile(rf"{_TEN}|{_NINE}")
# in free text also as a date with signs between, with its whole year, in pairs, with its end hidden
_LOOSE = r"(?:0?[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])[./-](?:0?[1-9]|1[0-2])[./-]"
# a blank after each digit, or after each pair; without a sign in its midst any ten digits look so
_APART = (
    r"(?:0 [1-9]|[12] \d|3 [01]|6 [1-9]|[78] \d|9 [01]) (?:0 [1-9]|1 [0-2]) \d \d(?: ?- ?| {2,3})\d \d \d \d"
    rf"|{_DAY} {_MONTH} \d\d ?- ?\d\d \d\d"
)
CPR_APART = re.compile(rf"(?<!\d)(?<!\d )(?:{_APART})(?!\d| \d)")
_CPR_WORDS = ("cpr ", "cpr: ", "cpr. ", "cpr-nr ", "cpr-nr. ", "cpr-nr.: ", "cpr-nummer ", "cpr-nummer: ")
CPR_NAMED = re.compile(
    rf"(?i:{'|'.join(f'(?<={word})' for word in (*_CPR_WORDS, 'personnummer ', 'personnummer: '))})"
    r"\d(?:[ -]{0,3}\d){9}(?!\d)"
)
CPR_FREE = re.compile(
    rf"(?<!\d)(?:{_TEN}|{_NINE}|{_DAY}[ ./-]?{_MONTH}[ ./-]?\d{{2}}\s{{0,2}}[-/._:]{{0,2}}\s{{0,2}}\d{{4}}"
    rf"|{_LOOSE}(?:19|20)?\d\d ?- ?\d{{4}}"
    rf"|{_DAY} {_MONTH} \d\d \d\d \d\d|{_DAY}{_MONTH}\d\d[- ]\d\d \d\d|[1-9] {_MONTH} \d\d \d{{4}})(?!\d)"
    rf"|(?<!\d){_DAY}{_MONTH}\d\d ?- ?(?:[xX]{{4}}|\*{{4}})(?!\w)"
)
# the same for an engine that cannot look around (RE2), on cells with ordinary signs
CPR_RE2 = rf"(?:^|[^0-9A-Za-zÆØÅæøå])(?:{_TEN}|{_NINE})(?:$|[^0-9A-Za-zÆØÅæøå])".replace(
    r"[-–\s]", "[-–\u00a0 ]"
) + rf"|^(?:{_APART})$".replace(" ?- ?", " ?[-–] ?").replace(" ", "[ \u00a0]")
_NINE_DIGITS = re.compile(r"(?:\d\D*){9}")  # what has no nine digits has no CPR number

EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]+ ?(?:@|\(at\)|\[at\]|\bsnabel-?a\b) ?[\w-]+"
    r"(?: ?(?:\.|\(dot\)|\bpunktum\b) ?[\w-]+)+",
    re.I,
)
_NOT_KRONER = r"(?!\d| ?(?:kr|mio|mia|t\.? ?kr)\b)"
_TWO_YEARS = r"(?:19|20)\d\d[ -](?:19|20)\d\d"
# words before a number that make any eight digits one, and before the few digits of an extension
_CALL = (
    "tlf ",
    "tlf. ",
    "tlf: ",
    "tlf.: ",
    "telefon ",
    "telefon: ",
    "mobil ",
    "mobil: ",
    "ring på ",
    "ring til ",
)
_EXTENSION = ("lokal ", "lok. ", "lokalnr. ", "lokalnummer ")
PHONE = re.compile(
    rf"(?<!\d)(?!{_TWO_YEARS})(?:\(?(?:(?:\+|00) ?)?45\)?[ .-]?)?\d{{2}}(?: ?\d{{2}}){{3}}{_NOT_KRONER}"
    rf"|(?<!\d)(?!{_TWO_YEARS})\d{{4}}[ -]\d{{4}}(?!\d)"
    r"|(?<![\d.,/-])\d\d([/-])\d\d\1\d\d\1\d\d(?![\d]|[.,/-]\d)"
    r"|(?:\+|00) ?45(?:[ .-]?\d){8}(?!\d)"
    r"|(?:\+[1-9]\d{0,2}|(?<!\d)00[34]\d) ?(?:\(0\))?(?:[ -]?\d){6,12}(?!\d)"
    rf"|(?i:{'|'.join(f'(?<={word})' for word in _CALL)})\d(?:[ .-]?\d){{7}}(?!\d)"
    rf"|(?i:{'|'.join(f'(?<={word})' for word in _EXTENSION)})\d{{4,5}}(?![\w-])"
)
# also without an end, or with the signs in words
EMAIL_FREE = re.compile(
    r"(?<![\w.+'-])[\w.+'-]+"
    r"(?: ?[(\[{] ?(?:at|a|snabel-?a) ?[)\]}] ?|@| ?\bsnabel-?a\b ?| at (?=[\w-]+ dot \w))"
    r"[\w-]+(?:(?: ?[(\[{] ?(?:dot|punktum|prik) ?[)\]}] ?| dot | punktum |\.|,(?=dk\b))[\w-]+)*",
    re.I,
)
# beyond doubt also beside other numbers: a country code, a word for it, or no number of another kind
SURE_PHONES = (  # each begins with one of few signs, which a long text is searched for quickly
    re.compile(r"[+0](?:(?<=\+)|0(?<![\w.,]00)) ?45(?:[ .-]?\d){8}(?!\d)"),
    re.compile(
        r"[TtMmPp](?<!\w[TMP])(?:(?<=T)(?:lf|elefon|el)|(?<=M)obil|(?<=P)hone)"
        r"\w*\.?:? ?(?:nr\.? ?)?\d{2}(?:[ .-]?\d{2}){3}(?!\d)",
        re.I,
    ),
)
_SURE_PHONE = "|".join(pattern.pattern for pattern in SURE_PHONES)
CELL_PHONE = re.compile(rf"(?<![\w.,-])(?:\d{{2}} \d{{2}} \d{{2}} \d{{2}}|{_SURE_PHONE})(?![\w,])", re.I)
_CAR = (
    "plade ",
    "plade: ",
    "il ",
    "ilen ",
    "il (",
    "ilen (",
    "eg.nr. ",
    "eg. nr. ",
    "eg.nr.: ",
    "egnr. ",
    "øretøj ",
)
PLATE = re.compile(
    rf"(?<!\w)(?:[A-ZÆØÅ]{{2}}|(?:{'|'.join(f'(?<={re.escape(word)})' for word in _CAR)})[a-zæøå]{{2}})"
    r"[ -]?\d{2}[ .-]?\d{3}(?!\w)"
)

_ROADS = "vej|vejen|gade|gaden|gyde|allé|alle|alléen|alleen|stræde|strædet|vænge|vænget"
# the ends of other roads are those of many words ("forandringen 1"): they count with a capital only
_PLACES = (
    "parken|plads|pladsen|torv|torvet|boulevard|boulevarden|stien|bakken|haven|toften|ageren|marken|engen|skrænten"
    "|højen|lunden|kajen|passagen|gården|krogen|svinget|kæret|vang|vangen|brynet|bjerget|bækken|fronten|dalen"
    "|holmen|hegnet|skoven|vigen|mosen|avenue"
)
_WORDS = ("alle", "alleen")  # "Kommuner: Alle 55"
_CAPITALS = "|".join(word.title() for word in f"{_ROADS}|{_PLACES}".split("|") if word not in _WORDS)
_HOUSE = r"(?:nr\.? ?)?\d{1,3}(?:-\d{1,3})? ?(?:[A-ZÆØÅ]|[a-zæøå])?(?!\w)"
_FLOOR = (
    r"(?:,? ?(?:(?:st|kl|\d{1,2})\.?,? ?(?:th|tv|mf|dør ?\d+)\b\.?|\d{1,2}\. ?(?:sal)?"
    r"|(?:st|th|tv|mf|kld)\b\.?))?"
)
_TOWN = r"(?:,?\s(?:DK-?)?[1-9]\d{3} [A-ZÆØÅ][\w-]+(?: [A-ZÆØÅ][\wæøå]*)*)?"
_BEFORE = r"(?:(?<!\w)(?:[A-ZÆØÅ][\w.']{0,30} |[A-ZÆØÅ]\. ?){0,3})"
_ROAD = (
    rf"(?:\w{{2,}}(?:{_ROADS})|(?<!\w)[A-ZÆØÅ]\w*(?:{_PLACES})|(?<!\w)[A-ZÆØÅ][\w.']{{1,30}} (?:{_CAPITALS})"
    rf"|(?<!\w)[A-ZÆØÅ][\w.']{{1,30}}s (?:{_ROADS}|{_PLACES}))"
)
# "Ved Skoven 7" is one where nothing is counted by the number
_BESIDE = r"(?<!\w)(?:Ved|Bag) [A-ZÆØÅ][a-zæøå]{2,}(?:en|et|ne) \d{1,3} ?[A-Z]?(?=[,.;:)]|\n|$)"
ADDRESS = re.compile(
    rf"{_BEFORE}{_ROAD}\.? {_HOUSE}{_FLOOR}{_TOWN}|(?<!\w)\w{{2,}}(?:gade|vej|allé|stræde)\d{{1,3}}(?!\w)"
    rf"|{_BESIDE}{_FLOOR}{_TOWN}"
)
# the name of any road, where the number, what follows it or what stands before says that it is one
_CAPITAL = r"[A-ZÆØÅ][\w'.]{0,30}"
_NAME = rf"(?<!\w){_CAPITAL}[a-zæøåé](?: (?:{_CAPITAL}|(?:af|de|den|du|og|van|von)(?= [A-ZÆØÅ]))){{0,3}}"
_NUMBER = r"(?:nr\.? ?)?\d{1,3}(?:-\d{1,3})? ?[A-Za-z]?(?!\w)"
_DOOR = (
    r",? ?(?:(?:st|kl|kld|\d{1,2})(?:\.? ?(?:sal|etage))?\.?,? ?(?:th|tv|mf|dør ?\d+)\b\.?"
    r"|(?<=,)? ?\d{1,2}\. ?(?:sal|etage)\b)"
)
# 2018 is a year
_POSTCODE = (
    r"(?:DK-?)?(?:(?!19|20)[1-9]\d{3}|(?:19\d\d|2000)(?= Fr)) [A-ZÆØÅ][a-zæøå][\w-]*(?: [A-ZÆØÅ][\wæøå]*)*"
)
_LIVES = (
    *(f"{verb} {at}" for verb in ("bor", "boede", "boende", "bosat") for at in ("i ", "på ", "ved ", "")),
    *(f"{verb} til " for verb in ("flyttet", "flytter", "flyttede")),
    *("hjemme i ", "hjemme på ", "adresse ", "adresse: ", "adressen ", "adressen er ", "adr. ", "adr.: "),
    *("bopæl ", "bopæl: ", "bopæl i ", "bopæl på "),
)
_COUNTED = (
    r"(?! ?(?:år|dag|uge|måned|gang|time|minut|pct|procent|%|kr|km|person|menneske|barn|børn|borger|bruger"
    r"|ansat|medarbejder|kolleg|familie|sted|steder|andre|ud af|af de))"
)
# quays and the like; not the towns whose names end so
_QUAYS = (
    "(?<!Køben)(?<!Frederiks)(?<!Luft)(?<!luft)[Hh]avn"
    "|[Bb]rygge|bryggen|kanalen|[Vv]olden|dammen|[Ll]økken|pynten|stranden"
)
SURE_ADDRESS = re.compile(rf"{_NAME} {_NUMBER}(?:{_DOOR}(?:,? {_POSTCODE})?|, {_POSTCODE})")
# where one of them may end: what the numbers of a long text are looked at for
DOOR = re.compile(
    r", (?<=[\dA-Za-z], )(?:(?:st|kl|kld|\d{1,2})\.? ?(?:sal|etage|th|tv|mf|dør)\b|[1-9]\d{3} [A-ZÆØÅ])"
)
OTHER_ADDRESS = re.compile(
    rf"{SURE_ADDRESS.pattern}"
    rf"|(?=[A-ZÆØÅ])(?i:{'|'.join(f'(?<={word})' for word in _LIVES)}){_NAME} {_NUMBER}{_COUNTED}"
    rf"|{_BEFORE}(?<!\w)[A-ZÆØÅ](?:\w*|[\w.']{{0,30}} )(?:{_QUAYS}) {_NUMBER}{_COUNTED}"
)
# what stands before the number of every address
BEFORE_NUMBER = (*f"{_ROADS}|{_PLACES}".split("|"), "en", "et", "ne")
# a road without its number is an address when it is named as one
ROAD = re.compile(r"(?<=[^.!?:\n] )[A-ZÆØÅ][a-zæøåé]{3,}(?:vej|gade|allé|stræde|vænget)(?!\w)")

# What a hash is not: initials, an e-mail address, a user of a domain, a name in parts. Also a pattern of RE2.
USER_NAME = r"^(?:[A-Za-zÆØÅæøå]{2,4}|\S+@\S+|[\w-]+\\\S+|[A-Za-zÆØÅæøå]{2,}(?:[. _-][A-Za-zÆØÅæøå]+\.?)+)$"
_USER_NAME = re.compile(USER_NAME)


def has_cpr(text: str) -> bool:
    """Whether a cell of text holds what looks like a CPR number, standing by itself."""
    if not _NINE_DIGITS.search(text):
        return False
    plain = make_plain(text).text
    return CPR.search(plain) is not None or CPR_APART.fullmatch(plain) is not None


def is_cpr(text: str) -> bool:
    """Whether a cell is nothing but what looks like a CPR number."""
    return _CPR_CELL.fullmatch(make_plain(text).text.strip()) is not None


def contact_in(text: str) -> str:
    """ "email" or "phone" when a cell of text holds one beyond doubt, else ""."""
    plain = make_plain(text).text
    if EMAIL.search(plain):
        return "email"
    return "phone" if CELL_PHONE.search(plain) else ""


def looks_like_user(text: str) -> bool:
    """Whether an id is a person's initials, user name or e-mail address (E30)."""
    return _USER_NAME.match(make_plain(text).text.strip()) is not None
