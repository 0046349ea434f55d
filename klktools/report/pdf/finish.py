"""What Typst leaves undone: the header cells of a table's rows, and figures' texts sign by sign."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

import pikepdf

# one sign of a figure's text, as Typst places it: scale and place, colour and face, the sign
_SIGN = re.compile(
    rb"q (?P<scale>[\d.]+) 0 0 -(?P<down>[\d.]+) (?P<x>[\d.-]+) (?P<y>[\d.-]+) cm"
    rb"(?P<face>/c\d+ cs [\d. ]+ scn\nBT 0 Tr/f\d+ [\d.]+ Tf )1 0 0 -1 0 0 Tm"
    rb"(?P<sign>\((?:\\.|[^\\()])*\)Tj)\nET\nQ\n",
    flags=re.DOTALL,
)
_LENGTH = re.compile(rb"/Length (\d+)")


def finished(pdf: bytes, headed: Sequence[bool]) -> bytes:
    """The tagged PDF with row headers in its tables, and smaller.

    Parameters
    ----------
    pdf : bytes
        As Typst writes it: header cells have a scope, data cells name their column headers.
    headed : sequence of bool
        Per table in reading order, whether the first cell of each body row heads it.

    Returns
    -------
    bytes
        The same for the same input; the pages look as before.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for table, has_headers in zip(_tables(file.Root.StructTreeRoot), headed, strict=True):
            if has_headers:
                _head_rows(table)
        for page in file.pages:
            drawing = page.Contents.read_bytes()
            if _SIGN.search(drawing):
                page.Contents.write(joined_signs(drawing))
        return _saved(file)


def joined_signs(content: bytes) -> bytes:
    """A page's drawing in which signs of one face that follow one another are one text object."""
    parts: list[bytes] = []
    end, last, same = 0, None, ("scale", "down", "face")
    for sign in _SIGN.finditer(content):
        joins = last and sign.start() == end and sign.group(*same) == last.group(*same)
        parts.append(
            _step(last, sign) if last and joins else _close(last) + content[end : sign.start()] + _begin(sign)
        )
        end, last = sign.end(), sign
    return b"".join((*parts, _close(last), content[end:]))


def _begin(sign: re.Match[bytes]) -> bytes:
    scale, down = (_short(float(sign[key]), 5) for key in ("scale", "down"))
    place = b" ".join(_short(float(sign[axis]), 3) for axis in ("x", "y"))
    return b"q%b%b 0 0 %b %b Tm%b" % (sign["face"], scale, down, place, sign["sign"])


def _step(last: re.Match[bytes], sign: re.Match[bytes]) -> bytes:
    """The way from one sign to the next, in units of the text."""
    right = (float(sign["x"]) - float(last["x"])) / float(sign["scale"])
    up = (float(sign["y"]) - float(last["y"])) / float(sign["down"])
    return b" %b %b Td%b" % (_short(right, 3), _short(up, 3), sign["sign"])


def _short(value: float, decimals: int) -> bytes:
    """A number in few signs: a hundredth of a point is less than a printer's dot."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".rstrip("0").rstrip(".").encode()  # never "-0"


def _close(last: re.Match[bytes] | None) -> bytes:
    return b"\nET\nQ\n" if last else b""


def _saved(file: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    file.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return well_ended(out.getvalue())


def well_ended(pdf: bytes) -> bytes:
    """The file with no stream that ends in a carriage return: validators take it for part of the line end.

    Such a stream gets a line feed more, which decoders skip, and its dictionary loses as many spaces, so that
    everything stays where the file's index says.
    """
    for ending in reversed(list(re.finditer(rb"\r\nendstream", pdf))):
        start, end = pdf.rindex(b" obj\n", 0, ending.start()), ending.start() + 1
        longer = _LENGTH.sub(lambda length: b"/Length %d" % (int(length[1]) + 1), pdf[start:end], count=1)
        pdf = pdf[:start] + longer.replace(b" /", b"/", len(longer) - (end - start) + 1) + b"\n" + pdf[end:]
    return pdf


def _tables(tag: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The tables below a structure element, in reading order."""
    for child in _children(tag):
        if child.S == "/Table":
            yield child
        else:
            yield from _tables(child)


def _children(tag: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The structure elements right below one; numbers and references stand for its own content."""
    below = tag.get("/K")
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child


def _head_rows(table: pikepdf.Object) -> None:
    """Scopes then say what heads a cell, so its own list of column headers goes."""
    for body in (tag for tag in _children(table) if tag.S == "/TBody"):
        for row in _children(body):
            first, *others = _children(row)
            for cell in others:
                del cell.A
            first.S = pikepdf.Name.TH
            first.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
