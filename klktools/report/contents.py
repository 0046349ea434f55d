"""What a finished file says: read back from its bytes, apart from the writer that made it."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from html import unescape
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import pikepdf
import pypdfium2

from klktools.errors import ReportError, sentence

_STYLE = re.compile(r"<(style|script)\b.*?</\1>", flags=re.S)
_COMMENT = re.compile(r"<!--(.*?)-->", flags=re.S)
_LABEL = re.compile(r'\s(?:aria-label|alt|title|content|descr|placeholder)="([^"]*)"')
_INLINE = re.compile(r"</?(?:strong|b|em|i|u|s|q|small|mark|sub|sup|span|a|tspan|code|abbr|wbr)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
# a drawing's coordinates, and names of vocabularies: they look like numbers and addresses
_VOCABULARY = (
    r"(?:http://(?:www\.w3\.org|schemas\.openxmlformats\.org|schemas\.microsoft\.com|purl\.org"
    r'|ns\.adobe\.com|www\.aiim\.org)/|urn:schemas-)[^"]*'
)
_GEOMETRY = re.compile(
    rf'\s(?:(?:d|points|viewBox)="[-\d\s.,+MLHVCSQTAZmlhvcsqtaz]*"|xmlns(?::\w+)?="{_VOCABULARY}")'
)
_SCHEMAS = re.compile(
    rf'\s(?:xmlns(?::\w+)?|[\w:]*[Ss]chemaLocation|Type|(?:\w+:)?uri)="(?:{_VOCABULARY}\s*)+"'
)
_DATA = re.compile(r"data:(font/woff2|image/png|image/svg\+xml);base64,([A-Za-z0-9+/=\s]+)")
_OTHER_DATA = re.compile(r":(?:(?<=[=(\"']data:)|(?<=[=(\"']\sdata:))[\w/+.;=-]*,", flags=re.I)
# A code or a number of a person in a tag, where other numbers are sizes. A pattern that begins with a fixed
# sign is fast.
_TELLING = (
    re.compile(r"-[a-zæøå](?<=(\d{4}-.))(?<![\w.#-]\d{4}-.)"),
    re.compile(r"-\d{4}(?<=(\d{6}-\d{4}))(?<!\w\d{6}-\d{4})(?!\w)"),
)
_CODES = (re.compile(r"\"(0\d{3})[\"/]"), re.compile(r"/(0\d{3})[\"/]"), re.compile(r"\"(\d{10})\""))
_NAMESPACE = re.compile(r"(<pdfaSchema:namespaceURI>)[^<]*")
_TEXT_RUN = re.compile(r"<(?:w|a):t\b[^>]*>([^<]*)<|<(/(?:w|a):p|(?:w|a):(?:tab|br)\b[^>]*)>")
_OTHER_TEXT = re.compile(
    r"<(?!(?:w|a):t[\s>])[^>]*>\s*([^<\s][^<]*)"
)  # of fields, formulas, deleted words ...
_STREAM = re.compile(rb"stream\r?\n.*?endstream", flags=re.S)
# a stream of other objects, as every writer of compressed files makes them
_PDF_OBJECTS = re.compile(rb"<<(?P<about>[^<>]*/ObjStm[^<>]*)>>\s*stream\r?\n")
_PDF_HEAD = re.compile(rb"(<<(?:[^<>]|<[^<>]*>|<<[^<>]*>>)*>>)\s*stream\r?\n")
# what a stream says it is: objects, letters, hatching, a picture, the properties, a space of colours
_PDF_KIND = re.compile(rb"/Type\s*/(?:ObjStm|XRef|CMap|Pattern|XObject|Metadata)|/N \d")
_PDF_USED = re.compile(rb"/(?:Contents|FontFile[23]?|CIDSet|CIDToGIDMap)\s+(\d+) \d+ R")
# what is read aloud or copied in place of what is drawn
_PDF_SAID = re.compile(rb"/(?:ActualText|Alt|E)\s*(\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>)", flags=re.S)
_PDF_NAME = re.compile(rb"/[^\s/<>\[\]()%]+")
_PDF_COMMENT = re.compile(rb"^%.*$|(?<=%%EOF).*\Z", flags=re.M | re.S)
_PDF_ID = re.compile(rb"/ID\s*\[.*?\]", flags=re.S)
_PDF_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)|(?<!<)<[0-9A-Fa-f\s]*>(?!>)", flags=re.S)
_PDF_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", flags=re.S)
_DEFAULT = re.compile(r'dossier: str = "[./\w]*"')
_LINE_END = re.compile(r"\r?\n")
# signs within a word that are not seen: soft hyphens, spaces of no width, a PDF's divided words
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufffe"
_PNG_IMAGE = (
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"pHYs",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"sBIT",
    b"bKGD",
)
_SILENT = (".ttf", ".otf", ".odttf", ".fntdata", ".woff2")


@dataclass(frozen=True)
class Contents:
    """What one file says.

    `text` is what its reader sees or hears, alternative texts too; `about` what is kept beside it
    (properties, comments, strings of a PDF); `markup` the rest of what is text.
    """

    text: str = ""
    about: str = ""
    markup: str = ""

    @property
    def readable(self) -> str:
        """What a person may read of it."""
        return f"{self.text}\n{self.about}"

    @property
    def whole(self) -> str:
        """All of it."""
        return f"{self.readable}\n{self.markup}"


def read_contents(name: str, content: bytes) -> Contents:
    """Read one finished file.

    Parameters
    ----------
    name : str
        Its name; the ending says what it is.
    content : bytes

    Returns
    -------
    Contents

    Raises
    ------
    ReportError
        If the ending is unknown or the file cannot be read.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending not in READERS:
        raise ReportError(
            sentence(
                must=f"a file of a report must be one of {', '.join(READERS)}",
                found=f"found {ending or 'no ending'}",
                where=name,
            )
        )
    try:
        return _as_seen(READERS[ending](content))
    except ReportError:
        raise
    except Exception as fault:  # every library here has errors of its own
        raise ReportError(
            sentence(
                must="a file of a report must be readable",
                found=f"could not read it ({type(fault).__name__})",
                where=name,
            )
        ) from None


def _together(parts: list[Contents]) -> Contents:
    return Contents(*("\n".join(getattr(part, f.name) for part in parts) for f in fields(Contents)))


def _as_seen(said: Contents) -> Contents:
    """Letters composed, and without the signs that nobody sees: a word is then one word."""
    return Contents(*(_seen(getattr(said, field.name)) for field in fields(Contents)))


def _seen(text: str) -> str:
    for sign in _UNSEEN:
        text = text.replace(sign, "")
    return unicodedata.normalize("NFC", text)


def _strange(must: str, found: str) -> ReportError:
    return ReportError(sentence(must=must, found=f"found {found}"))


def _page(content: bytes) -> Contents:
    return _html(content.decode())


def _html(source: str) -> Contents:
    """A page or a drawing: its text and labels; comments; and the tags without geometry."""
    pictures = [_picture(kind, data) for kind, data in _DATA.findall(source)]
    page = _DATA.sub("", source)
    if strange := _OTHER_DATA.search(page):
        raise _strange("a page must hold pictures and fonts only", f"data{strange[0]}")
    shown = _COMMENT.sub("", _STYLE.sub(" ", page))
    text = _TAG.sub(" ", _INLINE.sub("", shown))
    tags = "\n".join(dict.fromkeys(_TAG.findall(_GEOMETRY.sub("", shown))))
    own = Contents(
        unescape("\n".join([text, *_LABEL.findall(shown)])),
        unescape("\n".join([*_COMMENT.findall(page), *_telling(tags, (*_TELLING, *_CODES))])),
        unescape("\n".join([tags, *(found[0] for found in _STYLE.finditer(page))])),
    )
    return _together([own, *pictures])


def _telling(tags: str, patterns: Iterable[re.Pattern[str]]) -> list[str]:
    return [found for pattern in patterns for found in pattern.findall(tags)]


def _picture(kind: str, data: str) -> Contents:
    content = base64.b64decode(data)
    if kind == "image/svg+xml":
        return _page(content)
    return _png(content) if kind == "image/png" else Contents()


def _png(content: bytes) -> Contents:
    """A picture's own notes (software, author ...); nothing else may be with its image."""
    at, notes = 8, list[bytes]()
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            notes += _png_note(kind, body)
        elif kind not in _PNG_IMAGE:
            raise _strange("a picture must hold its image only", repr(kind.decode("latin-1")))
        at += size + 12
    return Contents(
        about="\n".join(note.decode(code, "replace") for note in notes for code in ("utf-8", "latin-1"))
    )


def _png_note(kind: bytes, body: bytes) -> list[bytes]:
    keyword, _, value = body.partition(b"\0")
    if kind == b"iTXt":  # whether it is packed, how, language, translated keyword
        packed, (language, translated, value) = value[:1] == b"\1", value[2:].split(b"\0", 2)
        return [keyword, language, translated, zlib.decompress(value) if packed else value]
    return [keyword, zlib.decompress(value[1:]) if kind == b"zTXt" else value]


def _notebook(content: bytes) -> Contents:
    """A notebook is for the consultant: its code and outputs are looked through, not read as prose.

    The default of the dossier is passed over: it is the same in every report.
    """
    return Contents(about=_DEFAULT.sub("", _record(content).about))


def _record(content: bytes) -> Contents:
    """Every string of plain data; those that are markup as what they say, each of their tags once."""
    strings = list(_strings(json.loads(content)))
    said = _html("\n".join(text for text in strings if text.startswith("<")))
    plain = "\n".join(text for text in strings if not text.startswith("<"))
    return Contents(about=f"{plain}\n{said.whole}")


def _strings(value: Any) -> Iterator[str]:
    """Every string and key of plain data, and the notes of its pictures."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        if "image/png" in value:
            yield _png(base64.b64decode("".join(value["image/png"]))).about
        value = list(value.values())
    if isinstance(value, list):
        if value and isinstance(value[0], str) and value[0].startswith("<"):  # Jupyter keeps lines apart
            value = ["".join(value)]
        for entry in value:
            yield from _strings(entry)


def _office(content: bytes) -> Contents:
    """A Word, PowerPoint or Excel file, part by part."""
    parts = zipfile.ZipFile(BytesIO(content))
    names = parts.namelist()
    _check_package(parts.infolist(), len(content))
    return _together(
        [Contents(about="\n".join(names)), *(_office_part(name, parts.read(name)) for name in names)]
    )


def _check_package(parts: list[zipfile.ZipInfo], size: int) -> None:
    """Nothing is before, between, beside or behind the parts, and no part is there twice."""
    heads, end = 30 + 46, 22  # of a part in its two places, and of the package
    known = end + sum(heads + 2 * len(part.filename.encode()) + part.compress_size for part in parts)
    if known != size or len({part.filename for part in parts}) < len(parts):
        raise _strange("an Office file must hold its parts only, each once", f"{size - known} bytes more")


def _office_part(name: str, content: bytes) -> Contents:
    path = PurePosixPath(name)
    ending = f".{name.rpartition('.')[2].lower()}"  # a part may be called just ".rels"
    if ending in (".xml", ".rels", ".vml"):
        return _office_xml(path, content.decode())
    if ending == ".png":
        return _png(content)
    if ending in (".svg", ".xlsx"):
        return READERS.get(ending, _page)(content)
    if ending in _SILENT or name.endswith("/"):
        return Contents()
    raise _strange("an Office file must hold texts, pictures, fonts and workbooks only", path.name)


def _office_xml(path: PurePosixPath, source: str) -> Contents:
    if "<!" in source:  # a comment, a quotation or a declaration could hide what is in it
        raise _strange("a part of an Office file must be plain XML", f"<! ({path.name})")
    marks = unescape(" ".join(dict.fromkeys(_TAG.findall(_SCHEMAS.sub("", source)))))
    beside = unescape("\n".join([*_OTHER_TEXT.findall(source), *_telling(marks, _TELLING)]))
    if path.parts[0] == "docProps" or "comment" in path.name.lower():
        return Contents(about=f"{unescape(_TAG.sub(chr(10), source))}\n{beside}", markup=marks)
    runs = "".join(text if not end else "\n" for text, end in _TEXT_RUN.findall(source))
    return Contents(unescape("\n".join([runs, *_LABEL.findall(source)])), beside, marks)


def _pdf(content: bytes) -> Contents:
    """A PDF: the text of its pages; every string in it (alternatives, bookmarks, links); its attachments."""
    pages = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    plain = _STREAM.sub(b"", content)
    if b"/Encrypt" in plain:
        raise _strange("a PDF must be readable by everyone", "an encrypted one")
    objects = b"\n".join([plain, *_packed_objects(content, plain)])
    streams = _pdf_streams(content)
    attached = _attachments(content) if b"/EmbeddedFile" in objects else []
    _check_streams(content, objects, [kind for kind, _ in streams], len(attached))
    properties = "\n".join(stream.decode() for kind, stream in streams if kind == b"Metadata")
    marks = _NAMESPACE.sub(r"\1", _SCHEMAS.sub("", properties))
    said = {found for kind, stream in streams if not kind for found in _PDF_SAID.findall(stream)}
    strings = _pdf_strings(b"\n".join([objects, *sorted(said)]))
    about = "\n".join([*strings, unescape(_TAG.sub("\n", marks))])
    unbroken = _LINE_END.sub("", text)  # an address may be broken over two lines
    names = b"\n".join([*sorted(set(_PDF_NAME.findall(objects))), *_PDF_COMMENT.findall(plain)])
    markup = f"{unescape(marks)}\n{unbroken}\n{names.decode('latin-1')}"
    return _together([Contents(text, about, markup), *attached])


def _attachments(content: bytes) -> list[Contents]:
    with pikepdf.open(BytesIO(content)) as pdf:
        return [read_contents(name, file.get_file().read_bytes()) for name, file in pdf.attachments.items()]


def _pdf_streams(content: bytes) -> list[tuple[bytes, bytes]]:
    """What each stream says it is, and its bytes where those may say something: drawings and properties."""
    streams = []
    for head in _PDF_HEAD.finditer(content):
        found = _PDF_KIND.search(head[1])
        kind = found[0].split(b"/")[-1] if found else b""
        packed = b"/FlateDecode" in head[1]
        read = kind in (b"", b"Metadata")
        streams.append((kind, _unpacked(content, head.end(), packed) if read else b""))
    return streams


def _unpacked(content: bytes, at: int, packed: bool) -> bytes:
    """The stream that begins there."""
    if packed:
        return zlib.decompressobj().decompress(content[at:])
    return content[at : content.index(b"endstream", at)]


def _check_streams(content: bytes, objects: bytes, kinds: list[bytes], attached: int) -> None:
    """No stream is there but for the pages, their fonts, pictures and colours, and the files attached."""
    used = len(set(_PDF_USED.findall(objects))) + attached
    unread = content.count(b"endstream") - len(kinds)
    others = unread + kinds.count(b"") - used + max(0, kinds.count(b"Metadata") - 1)
    if others:
        raise _strange(
            "a PDF must hold pages, fonts, pictures and attachments only", f"{others} other streams"
        )


def _pdf_strings(objects: bytes) -> Iterator[str]:
    for found in dict.fromkeys(_PDF_STRING.findall(_PDF_ID.sub(b"", objects))):
        yield str(pikepdf.String(_pdf_bytes(found)))


def _packed_objects(content: bytes, plain: bytes) -> list[bytes]:
    """Objects that are in streams, unpacked; a ReportError when one of them could not be read."""
    found = list(_PDF_OBJECTS.finditer(content))
    if len(found) != plain.count(b"/ObjStm") or not all(b"/FlateDecode" in each["about"] for each in found):
        raise _strange("the objects of a PDF must be plain or deflated", "another filter")
    return [_unpacked(content, each.end(), True) for each in found]


def _pdf_bytes(found: bytes) -> bytes:
    if found[:1] == b"<":
        return bytes.fromhex(found[1:-1].decode())
    return _PDF_ESCAPE.sub(_unescaped, found[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8) & 255]) if sign[:1].isdigit() else sign


READERS: Mapping[str, Callable[[bytes], Contents]] = {
    ".html": _page,
    ".pdf": _pdf,
    ".docx": _office,
    ".pptx": _office,
    ".ipynb": _notebook,
    ".json": _record,
    ".xlsx": _office,
}
