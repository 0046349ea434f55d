"""Documents for the tests of the Word and PowerPoint files."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import nbformat
from lxml import etree

from klktools.blocks import (
    Box,
    Bullets,
    Card,
    Cards,
    Cover,
    Figure,
    KeyFigure,
    KeyFigures,
    Paragraphs,
    Table,
)
from klktools.report.document import Document, Heading, read_document
from klktools.report.story import AREAS, EFFORT, POSITION, PROFILE

# markup of every format, a control character, a lone surrogate and text that looks like a field
HOSTILE = '<b>&amp;"\' {TOC} \x0b\x00\ud800 $x$ #read("x") [a](b) _x0041_'
LITERAL = '<b>&amp;"\' {TOC}  $x$ #read("x") [a](b) _x0041_'
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 518.4 {height}">'
    '<rect width="518.4" height="{height}" '
    'fill="#ffffff"/><rect x="20" y="20" width="200" height="40" fill="#259582"/>'
    '<text x="20" y="90" font-family="Source Sans 3" font-size="12">Plan æøå</text></svg>'
)


def figure(id: str, height: float = 259.2, title: str = "Figuren siger noget") -> Figure:
    alt = f"En figur ({id}), der viser to tal: 1 og 2."
    return Figure(id, title, SVG.format(height=height), alt, "Kommunens tal", n=7)


def card(title: str, tone: str = "orange", text: str = "Det er sådan.") -> Card:
    return Card(title, tone, "Høj", text, "**Vi anbefaler:** Gør det.", "F-P01 · evidensklasse B")


def report(text: str = "Tekst", language: str = "da") -> Document:
    """A small document with every role of a report; `text` stands in every kind of place."""
    scores = tuple(KeyFigure(f"Område {at} {text}", "2,5", "yellow", "Delvist", "n = 4") for at in range(4))
    parts: list = [
        Cover("Tjek", f"Øby {text}", (("Besøg", text),)),
        Box("Syntetisk", ("Ikke virkelige tal.",)),
        Heading(2, f"Sammenfatning {text}", "s1"),
        Paragraphs(("Læs dette først.",)),
        Paragraphs((f"**Vigtigst:** {text}", "To.", "Tre."), lead=True),
        figure(PROFILE, 173.5),
        KeyFigures(scores),
        Heading(3, "Fund", "s2"),
        Cards((card(f"Fund {text}"), card("Andet", "red"))),
        Cards((card("Styrke", "green"),)),
        Heading(3, "Råd", "s3"),
        Bullets(("Gør dette.", text), ordered=True),
        Box("Kan ikke siges", ("Et.", text)),
        Heading(2, "Metode", "s4"),
        Paragraphs(("Sådan læses det.",)),
    ]
    for at, ids in enumerate(AREAS.values()):
        table = Table(f"Kriterier {at}", ("K", "Score", "Data", "Klasse"), (("P1", "● 3", text, "A"),))
        parts += [Heading(2, f"Område {at}", f"a{at}"), table, *map(figure, ids)]
        parts += [Cards((card(f"Vigtigst i {at}"), card("Næst")))] if at else [Paragraphs(("Ingen fund.",))]
    columns = ("Nr.", "Råd", "Hvem", "Skridt", "Effekt", "Indsats", "Fund")
    row = ("1", text, "Direktør", "Gør det", "Stor", "Lille", "F-1")
    parts += [Heading(2, "Anbefalinger", "r"), Table("Råd", columns, (row, row), (6,)), figure(EFFORT)]
    parts += [Heading(2, "Placering", "p"), Paragraphs(("Kvartil.",)), figure(POSITION)]
    parts += [Heading(2, "Bilag", "b"), Bullets(("a", "b"), ordered=True), Bullets(("c",))]
    parts += [Table("Tal", ("Navn", "n"), (("Ø", "1.234"),), numeric=(1,), row_header=False, note="Note.")]
    return Document(f"Tjek: Øby {text}", f"Øby · {text}", language, tuple(parts))


def documents(folder: Path) -> list[Document]:
    """The documents of all reports in a folder, from their executed notebooks."""
    return [
        read_document(nbformat.read(path, as_version=4), title=path.stem, footer="Fod", language="da")
        for path in sorted(folder.glob("[0-9]*/*.ipynb"))
    ]


def parts_of(package: bytes) -> dict[str, bytes]:
    """The files of a package by name."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_says_only_title_and_language(properties) -> None:
    """The properties of a file of `report()`."""
    assert (properties.title, properties.language) == ("Tjek: Øby Tekst", "da-DK")
    silent = ("author", "last_modified_by", "comments", "keywords", "category", "subject", "version")
    assert {name: getattr(properties, name) for name in silent} == dict.fromkeys(silent, "")
    assert (properties.created.year, properties.modified.year, properties.revision) == (1980, 1980, 1)


def assert_same_parts(made: bytes, committed: bytes) -> None:
    """Two packages are equal part by part, however their XML is written."""
    ours, theirs = parts_of(made), parts_of(committed)
    assert ours.keys() == theirs.keys()
    for name, content in ours.items():
        canonical = (
            etree.tostring(etree.fromstring(part), method="c14n") for part in (content, theirs[name])
        )
        assert len(set(canonical)) == 1, name
