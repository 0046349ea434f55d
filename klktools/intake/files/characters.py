"""Letters that were spoilt on the way: Danish letters read in the wrong encoding, control characters."""

from __future__ import annotations

import re

_HIGH = bytes(range(0x80, 0x100))
# what each byte becomes when UTF-8 is read as Windows-1252 (where that has none, as Latin-1)
_READ_AS = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in _HIGH]
_BYTE = {ord(letter): byte for letter, byte in zip(_READ_AS, _HIGH, strict=True)}
_BYTE |= {byte: byte for byte in range(0x80, 0xA0)}
_FOLLOWS = "[" + re.escape("".join(chr(letter) for letter, byte in _BYTE.items() if byte < 0xC0)) + "]"
_PAIRS = re.compile(f"[ÂÃÄÅ]{_FOLLOWS}|[âï]{_FOLLOWS}{{2}}")
# the letters and marks that give it away: æ ø å Æ Ø Å é ü ö ä, and the byte order mark
MOJIBAKE = tuple(
    "".join(_READ_AS[byte - 0x80] for byte in letter.encode("utf-8")) for letter in "æøåÆØÅéüöäÉÜÖÄ"
)
_TELLING = re.compile("|".join(map(re.escape, (*MOJIBAKE, "Ã\x85", "Ã\x86", "Ã\x98", "ï»¿"))))
CONTROLS = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127)))
_CONTROL = re.compile(f"[{re.escape(CONTROLS)}\ud800-\udfff\ufffe\uffff]")


def is_mojibake(text: str) -> bool:
    """Whether the text has Danish letters as two others, such as "Ã¦" for "æ"."""
    return "Ã" in text and _TELLING.search(text) is not None or "ï»¿" in text


def without_mojibake(text: str) -> str:
    """The text with those letters put right, however many times it was spoilt."""
    while is_mojibake(text):
        mended = _PAIRS.sub(_mended, text)
        if mended == text:
            return text
        text = mended
    return text


def _mended(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTE[ord(letter)] for letter in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def without_controls(text: str) -> str:
    """The text without characters that no page, workbook or document can hold."""
    return _CONTROL.sub("", text)
