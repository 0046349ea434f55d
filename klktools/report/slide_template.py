"""Makes ``templates/deck.pptx``: master and layouts of the slides. Run it after a change to this file.

    python -m klktools.report.slide_template

A consultant can also change the master of that file in PowerPoint; placeholders keep their numbers.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from klktools.report.html import ROOM
from klktools.report.office import DATE, repacked
from klktools.report.word_template import themed

WIDTH, HEIGHT = 960, 540  # points: 16:9
MARGIN = 44
INNER = WIDTH - 2 * MARGIN


@dataclass(frozen=True)
class Place:
    """One placeholder of a layout; position and size in points, `index` as in ``placeholder_format.idx``."""

    name: str
    kind: str  # title, ctrTitle, subTitle, body, pic, tbl, ftr, sldNum
    index: int
    box: tuple[float, float, float, float]  # left, top, width, height
    size: float = 16
    bold: bool = False
    colour: str = "tx1"
    anchor: str = "t"
    align: str = "l"

    def xml(self, number: int) -> str:
        """The placeholder's shape."""
        index = "" if self.kind in ("title", "ctrTitle") else f' idx="{self.index}"'
        left, top, width, height = (Pt(length) for length in self.box)
        inner = {"sldNum": _NUMBER, "ftr": ""}.get(self.kind, f"<a:r><a:t>{self.name}</a:t></a:r>")
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{self.name}"/>'
            f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{self.kind}"{index}/></p:nvPr>'
            f"</p:nvSpPr><p:spPr>{_rectangle(left, top, width, height)}</p:spPr>"
            f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{self.anchor}"><a:normAutofit/>'
            f"</a:bodyPr><a:lstStyle>{self._level()}</a:lstStyle><a:p>{inner}</a:p></p:txBody></p:sp>"
        )

    def _level(self) -> str:
        return (
            f'<a:lvl1pPr marL="0" indent="0" algn="{self.align}"><a:buNone/>'
            f'<a:defRPr sz="{round(100 * self.size)}" b="{int(self.bold)}">'
            f'<a:solidFill><a:schemeClr val="{self.colour}"/></a:solidFill></a:defRPr></a:lvl1pPr>'
        )


_NUMBER = '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr/><a:t>1</a:t></a:fld>'
TITLE = Place("Title", "title", 0, (MARGIN, 24, INNER, 78), 28, True, "tx2", "ctr")
FOOTER = Place("Footer", "ftr", 20, (MARGIN, 510, 700, 16), 10, colour="folHlink")
NUMBER = Place(
    "Slide Number", "sldNum", 21, (WIDTH - MARGIN - 100, 510, 100, 16), 10, colour="folHlink", align="r"
)
BODY = Place("Text", "body", 10, (MARGIN, 122, INNER, 370), 20)
SOURCE = Place("Source", "body", 13, (MARGIN, 484, 572, 16), 10, colour="folHlink")
# every layout's placeholders; footer and number are on all but the cover
LAYOUTS = {
    "Cover": (
        Place("Title", "ctrTitle", 0, (MARGIN + 20, 110, INNER - 40, 104), 40, True, "bg1", "b"),
        Place("Subtitle", "subTitle", 1, (MARGIN + 20, 226, INNER - 40, 34), 22, colour="bg1"),
        Place("Facts", "body", 10, (MARGIN + 20, 300, INNER - 40, 190), 14, colour="bg1"),
    ),
    "Text": (TITLE, BODY),
    "Figure": (
        TITLE,
        Place("Caption", "body", 12, (MARGIN, 116, 572, 52), 14, True, "tx2"),
        Place("Figure", "pic", 11, (MARGIN, 160, 572, 318)),
        SOURCE,
        Place("Comment", "body", 14, (652, 236, 264, 258), 16),
    ),
    "Areas": (
        TITLE,
        Place("Figure", "pic", 11, (MARGIN, 258, 620, 222)),
        SOURCE,
        Place("Comment", "body", 14, (700, 274, 216, 216), 16),
    ),
    "Table": (TITLE, Place("Table", "tbl", 15, (MARGIN, 116, INNER, 378))),
    "Title Only": (TITLE,),
}


def deck() -> bytes:
    """The prepared presentation: no slides, one master, the layouts of `LAYOUTS`."""
    show = Presentation()
    show.slide_width, show.slide_height = Pt(WIDTH), Pt(HEIGHT)
    del show.element.find(".//{*}sldSz").attrib["type"]
    for spare in list(show.slide_layouts)[len(LAYOUTS) :]:
        show.slide_layouts.remove(spare)
    master = show.slide_master
    _fill(master, "", (TITLE, Place("Text", "body", 1, BODY.box, 20), FOOTER, NUMBER), bar=True)
    for layout, (name, places) in zip(show.slide_layouts, LAYOUTS.items(), strict=True):
        cover = name == "Cover"
        _fill(layout, name, places if cover else (*places, FOOTER, NUMBER), deep=cover)
        layout.element.attrib.update({"showMasterSp": "0" if cover else "1", "userDrawn": "1"})
        layout.element.attrib.pop("type", None)
    theme = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    theme._blob = themed(theme.blob.decode("utf-8")).encode()
    _forget(show)
    package = io.BytesIO()
    show.save(package)
    return repacked(package.getvalue())


def _rectangle(left: int, top: int, width: int, height: int) -> str:
    return (
        f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    )


def _fill(layout: Any, name: str, places: Iterable[Place], *, bar: bool = False, deep: bool = False) -> None:
    """Give a master or layout its shapes and nothing else."""
    old = layout.element.cSld
    colour = "tx2" if deep else "bg1"
    shapes = "".join(place.xml(number) for number, place in enumerate(places, start=3))
    line = (
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Bar"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>'
        f'{_rectangle(0, 0, Pt(WIDTH), Pt(8))}<a:solidFill><a:schemeClr val="tx2"/></a:solidFill>'
        "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
    )
    new = parse_xml(
        f'<p:cSld {nsdecls("p", "a", "r")} name="{name}"><p:bg><p:bgPr><a:solidFill>'
        f'<a:schemeClr val="{colour}"/></a:solidFill><a:effectLst/></p:bgPr></p:bg><p:spTree><p:nvGrpSpPr>'
        '<p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{line if bar else ''}{shapes}</p:spTree></p:cSld>"
    )
    old.getparent().replace(old, new)


def _forget(show: Any) -> None:
    """Drop what the library's own template says of the machine it was made on."""
    part = show.part
    for holder in (part, part.package):
        rels = holder._rels if hasattr(holder, "_rels") else holder.rels
        for key, rel in list(rels.items()):
            if rel.reltype.endswith(("/printerSettings", "/thumbnail", "/extended-properties")):
                rels.pop(key)
    properties = show.core_properties
    properties.author = properties.last_modified_by = properties.title = properties.comments = ""
    properties.created = properties.modified = DATE


if __name__ == "__main__":
    (ROOM / "templates" / "deck.pptx").write_bytes(deck())
