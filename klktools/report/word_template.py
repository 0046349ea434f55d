"""Makes ``templates/reference.docx``: the styles of the Word report. Run it after a change to this file.

    python -m klktools.report.word_template

A consultant can also change the styles of that file in Word; the report takes them as they are.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Literal

from docx import Document as open_docx

from klktools.report.html import ROOM
from klktools.report.office import DEEP, FILLS, INK, LINE, MUTED, PALE, SOFT, repacked

FONT, STAND_IN = "Source Sans 3", "Calibri"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SCHEMAS = "application/vnd.openxmlformats-officedocument"
_PARTS = {
    "document.xml": "wordprocessingml.document.main",
    "styles.xml": "wordprocessingml.styles",
    "settings.xml": "wordprocessingml.settings",
    "numbering.xml": "wordprocessingml.numbering",
    "fontTable.xml": "wordprocessingml.fontTable",
    "theme/theme1.xml": "theme",
}


@dataclass(frozen=True)
class Look:
    """One paragraph style; sizes and spaces in points, `line` in lines, `more` is further XML of its pPr."""

    name: str
    size: float = 0
    bold: bool = False
    colour: str = ""
    before: float = 0
    after: float = 0
    line: float = 1.15
    based_on: str = "Normal"
    next: str = ""
    keep: bool = False
    level: int | None = None
    align: Literal["", "right", "center"] = ""
    more: str = ""
    numbering: int = 0
    indent: tuple[float, float, float] | None = None  # left, hanging, right

    @property
    def id(self) -> str:
        """The style's id: its name without spaces, as Word makes it."""
        return self.name.replace(" ", "")

    def xml(self) -> str:
        """The style element."""
        default = ' w:default="1"' if self.name == "Normal" else ""
        custom = "" if self.name in _BUILT_IN else ' w:customStyle="1"'
        base = "" if self.name == "Normal" else f'<w:basedOn w:val="{self.based_on}"/>'
        following = f'<w:next w:val="{self.next}"/>' if self.next else ""
        return (
            f'<w:style w:type="paragraph" w:styleId="{self.id}"{default}{custom}>'
            f'<w:name w:val="{_BUILT_IN.get(self.name, self.name)}"/>{base}{following}<w:qFormat/>'
            f"<w:pPr>{self._paragraph()}</w:pPr><w:rPr>{self._run()}</w:rPr></w:style>"
        )

    def _paragraph(self) -> str:
        keep = "<w:keepNext/>" if self.keep else ""
        number = f'<w:numPr><w:numId w:val="{self.numbering}"/></w:numPr>' if self.numbering else ""
        spacing = (
            f'<w:spacing w:before="{_twips(self.before)}" w:after="{_twips(self.after)}" '
            f'w:line="{round(self.line * 240)}" w:lineRule="auto"/>'
        )
        indent = ""
        if self.indent is not None:
            left, hanging, right = map(_twips, self.indent)
            indent = f'<w:ind w:left="{left}" w:right="{right}" w:hanging="{hanging}"/>'
        align = f'<w:jc w:val="{self.align}"/>' if self.align else ""
        level = "" if self.level is None else f'<w:outlineLvl w:val="{self.level}"/>'
        # in the order of the schema
        return f"{keep}<w:keepLines/>{number}{self.more}{spacing}{indent}{align}{level}"

    def _run(self) -> str:
        bold = "<w:b/>" if self.bold else ""
        colour = f'<w:color w:val="{self.colour}"/>' if self.colour else ""
        size = f'<w:sz w:val="{round(2 * self.size)}"/>' if self.size else ""
        return f"{bold}{colour}{size}"


def _twips(points: float) -> int:
    return round(20 * points)


def border(side: str, *, colour: str, points: float, space: int = 0, kind: str = "single") -> str:
    """One side of a paragraph's or a table's border."""
    return f'<w:{side} w:val="{kind}" w:sz="{round(8 * points)}" w:space="{space}" w:color="{colour}"/>'


def shade(colour: str) -> str:
    """A plain background."""
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{colour}"/>'


def _frame(colour: str, *, points: float, spaces: tuple[int, int], kind: str = "single") -> str:
    """All four sides; `spaces` to the text above and below, left and right."""
    sides = {"top": 0, "left": 1, "bottom": 0, "right": 1}
    return "".join(
        border(side, colour=colour, points=points, space=spaces[at], kind=kind) for side, at in sides.items()
    )


def _borders(inner: str) -> str:
    return f"<w:pBdr>{inner}</w:pBdr>"


# names Word knows, with its own spelling of them
_BUILT_IN = {
    "Normal": "Normal",
    "Title": "Title",
    "Subtitle": "Subtitle",
    **{f"Heading {level}": f"heading {level}" for level in (1, 2, 3)},
    "Caption": "caption",
    "List Bullet": "List Bullet",
    "List Number": "List Number",
    "Header": "header",
    "Footer": "footer",
    "TOC Heading": "TOC Heading",
    "TOC 1": "toc 1",
}
# the cover's paragraphs have one frame and one indent, so they make one field of colour
_COVER = _borders(_frame(DEEP, points=0.5, spaces=(28, 16))) + shade(DEEP)
_CARD = _borders(border("left", colour=FILLS["none"], points=4.5, space=8)) + shade(SOFT)
_BOX = _borders(_frame(FILLS["none"], points=1, spaces=(6, 8), kind="dashed"))
_COVERED, _INSET, _FRAMED = (16.0, 0.0, 16.0), (14.0, 0.0, 0.0), (8.0, 0.0, 8.0)
_LISTED = (22.0, 14.0, 8.0)

STYLES = (
    Look("Normal", 10.5, colour=INK, after=6, line=1.18),
    Look("Title", 30, True, "FFFFFF", 0, 4, 1.0, next="Subtitle", more=_COVER, indent=_COVERED),
    Look("Subtitle", 17, False, "FFFFFF", 0, 22, 1.0, more=_COVER, indent=_COVERED),
    Look("Cover Fact", 10.5, False, "FFFFFF", 0, 3, 1.1, more=_COVER, indent=_COVERED),
    Look(
        "Heading 1",
        20,
        True,
        DEEP,
        26,
        7,
        1.0,
        next="Normal",
        keep=True,
        level=0,
        more=_borders(border("top", colour=DEEP, points=3, space=6)),
    ),
    Look("Heading 2", 14, True, DEEP, 15, 4, 1.0, next="Normal", keep=True, level=1),
    Look("Heading 3", 11.5, True, DEEP, 12, 3, 1.0, next="Normal", keep=True, level=2),
    Look(
        "Lead",
        13,
        False,
        INK,
        0,
        7,
        1.2,
        more=_borders(border("left", colour=FILLS["green"], points=4.5, space=9)),
        indent=(12.0, 0.0, 0.0),
    ),
    Look("Caption", 10.5, True, DEEP, 11, 4, 1.1, keep=True),
    Look("Figure", before=0, after=2, line=1.0, keep=True),
    Look("Source", 8.5, False, MUTED, 0, 11, 1.1),
    Look("Note", 8.5, False, MUTED, 4, 11, 1.1),
    Look("List Bullet", after=3, numbering=1, indent=(18.0, 18.0, 0.0)),
    Look("List Number", after=3, numbering=2, indent=(18.0, 18.0, 0.0)),
    Look("Table Text", 9.5, line=1.08),
    Look("Table Heading", 9.5, True, DEEP, line=1.05, based_on="TableText", keep=True),
    Look("Table Number", 9.5, line=1.08, based_on="TableText", align="right"),
    Look("Key Value", 19, True, line=1.05, based_on="TableText"),
    Look("Card Mark", 8.5, False, MUTED, 0, 0, 1.25, keep=True, more=_CARD, indent=_INSET),
    Look("Card Title", 12, True, INK, 0, 0, 1.1, keep=True, more=_CARD, indent=_INSET),
    Look("Card", 10.5, False, INK, 2, 2, 1.15, more=_CARD, indent=_INSET),
    Look("Card Evidence", 8.5, False, MUTED, 2, 2, 1.1, more=_CARD, indent=_INSET),
    Look("Box Title", 11.5, True, INK, 9, 2, 1.1, keep=True, more=_BOX, indent=_FRAMED),
    Look("Box", 10.5, False, INK, 0, 2, 1.15, more=_BOX, indent=_FRAMED),
    Look("Box List", 10.5, False, INK, 0, 2, 1.15, based_on="Box", numbering=3, more=_BOX, indent=_LISTED),
    Look("TOC Heading", 14, True, DEEP, 20, 5, 1.0, keep=True),
    Look(
        "TOC 1",
        10.5,
        after=2,
        line=1.1,
        more='<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9638"/></w:tabs>',
    ),
    Look("Header", 8.5, False, MUTED),
    Look("Footer", 8.5, False, MUTED, more='<w:tabs><w:tab w:val="right" w:pos="9638"/></w:tabs>'),
)


def reference_document() -> bytes:
    """The prepared Word file: an empty page of A4 with every style of the report."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": _relations(
            {
                f"rId{number}": (name.split("/")[0].removesuffix(".xml"), name)
                for number, name in enumerate(list(_PARTS)[1:], start=1)
            }
        ),
        "word/document.xml": _body(),
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/numbering.xml": _numbering(),
        "word/fontTable.xml": _font_table(),
        "word/theme/theme1.xml": _theme(),
    }
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return repacked(package.getvalue())


def _content_types() -> str:
    parts = "".join(
        f'<Override PartName="/word/{name}" ContentType="{_SCHEMAS}.{kind}+xml"/>'
        for name, kind in _PARTS.items()
    )
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<Relationship Id="{id}" Type="{kind}/{name}" Target="{target}"/>'
        for id, (name, target) in targets.items()
    )
    return (
        f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{rows}</Relationships>"
    )


def _body() -> str:
    """A4 with margins of 20 mm; the first page, the cover, has no footer."""
    return (
        f'{_HEAD}<w:document {W}><w:body><w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" '
        'w:gutter="0"/><w:titlePg/></w:sectPr></w:body></w:document>'
    )


def _styles() -> str:
    theme = "".join(f' w:{script}Theme="minorHAnsi"' for script in ("ascii", "hAnsi", "cs"))
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts{theme}/><w:sz w:val="21"/><w:szCs w:val="21"/>'
        '<w:lang w:val="da-DK" w:eastAsia="da-DK" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    fixed = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:qFormat/>'
        "<w:rPr><w:b/></w:rPr></w:style>"
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        '<w:rPr><w:color w:val="004B87"/><w:u w:val="single"/></w:rPr></w:style>'
        '<w:style w:type="character" w:customStyle="1" w:styleId="CoverLabel"><w:name w:val="Cover Label"/>'
        f'<w:rPr><w:color w:val="{PALE}"/></w:rPr></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        "<w:semiHidden/></w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    )
    looks = "".join(look.xml() for look in STYLES)
    return f"{_HEAD}<w:styles {W}>{defaults}{fixed}{looks}{_table_style()}{_key_style()}</w:styles>"


def _table_style() -> str:
    """Thin rules between the rows, a heavy one under the heading row."""
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 55), ("left", 0), ("bottom", 55), ("right", 180))
    )
    rules = border("bottom", colour=LINE, points=0.5) + border("insideH", colour=LINE, points=0.5)
    heading = border("bottom", colour=DEEP, points=1.5)
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr>'
        f"<w:tblBorders>{rules}</w:tblBorders><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
        f'<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>{heading}</w:tcBorders>'
        '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
    )


def _key_style() -> str:
    """Key figures side by side: a soft field each."""
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 60), ("left", 120), ("bottom", 60), ("right", 100))
    )
    gaps = border("insideV", colour="FFFFFF", points=6)
    return (
        '<w:style w:type="table" w:customStyle="1" w:styleId="KeyFigures"><w:name w:val="Key Figures"/>'
        f'<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders>{gaps}</w:tblBorders>'
        f"<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr><w:tcPr>{shade(SOFT)}</w:tcPr></w:style>"
    )


def _settings() -> str:
    options = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1))
    )
    return (
        f'{_HEAD}<w:settings {W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
        f'<w:compat>{options}</w:compat><w:themeFontLang w:val="da-DK"/>'
        '<w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
    )


def _numbering() -> str:
    """Lists 1 (bullets), 2 (numbers) and 3 (bullets in a box); each has one level."""
    levels = (("bullet", "•", 18, 18), ("decimal", "%1.", 18, 18), ("bullet", "•", 22, 14))
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="singleLevel"/>'
        f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{_twips(left)}" w:hanging="{_twips(hanging)}"/>'
        "</w:pPr></w:lvl></w:abstractNum>"
        for number, (kind, text, left, hanging) in enumerate(levels)
    )
    used = "".join(
        f'<w:num w:numId="{number + 1}"><w:abstractNumId w:val="{number}"/></w:num>'
        for number in range(len(levels))
    )
    return f"{_HEAD}<w:numbering {W}>{lists}{used}</w:numbering>"


def _font_table() -> str:
    """Where Source Sans 3 is not installed, Word takes its alternative name."""
    return (
        f'{_HEAD}<w:fonts {W}><w:font w:name="{FONT}"><w:altName w:val="{STAND_IN}"/>'
        '<w:panose1 w:val="020B0503030403020204"/><w:charset w:val="00"/><w:family w:val="swiss"/>'
        '<w:pitch w:val="variable"/></w:font></w:fonts>'
    )


def _theme() -> str:
    """python-docx's own theme with the house's fonts and colours."""
    related = open_docx().part.rels.values()
    theme = next(part.target_part for part in related if part.reltype.endswith("/theme")).blob.decode("utf-8")
    return themed(theme)


def themed(theme: str) -> str:
    """An Office theme with the house's fonts and colours."""
    colours = {"dk1": INK, "lt1": "FFFFFF", "dk2": DEEP, "lt2": SOFT, "hlink": "004B87", "folHlink": MUTED}
    accents = (DEEP, *(FILLS[tone] for tone in ("green", "yellow", "orange", "red", "none")))
    colours |= {f"accent{number}": colour for number, colour in enumerate(accents, start=1)}
    order = ("dk1", "lt1", "dk2", "lt2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
    scheme = "".join(f'<a:{name}><a:srgbClr val="{colours[name]}"/></a:{name}>' for name in order)
    fonts = "".join(
        f'<a:{kind}Font><a:latin typeface="{FONT}" panose="020B0503030403020204"/><a:ea typeface=""/>'
        f'<a:cs typeface=""/></a:{kind}Font>'
        for kind in ("major", "minor")
    )
    theme = re.sub(r"(<a:clrScheme [^>]*>).*?(</a:clrScheme>)", rf"\1{scheme}\2", theme, flags=re.DOTALL)
    theme = re.sub(r"(<a:fontScheme [^>]*>).*?(</a:fontScheme>)", rf"\1{fonts}\2", theme, flags=re.DOTALL)
    return re.sub(r'name="Office( Theme)?"', 'name="klktools"', theme)


if __name__ == "__main__":
    (ROOM / "templates" / "reference.docx").write_bytes(reference_document())
