"""The index page in a real browser: sorting in Danish order, narrowing down, and reading without a script."""

import pandas as pd
import pytest

from klktools.report.html import page_words
from klktools.report.portal import write_portal
from tests.pages import axe_findings, contrast_faults, nu_errors, structural_faults

ROSTER = pd.DataFrame(
    {
        "municipality": ["0011", "0012", "0013", "0014", "0015"],
        "name": ["Aamunde", "Ørnesund", "Bregnsund", "Æ<b>", "Zone"],
        "stem": ["0011-aamunde", "0012-oernesund", "0013-bregnsund", "0014-ae-b", "0015-zone"],
        "wave": ["2018E", "2018F", "2018F", "2018E", "2018E"],
        "population": [21900, 49700, 54000, 6400, 104300],
        "size_class": ["20000_39999", "40000_59999", "40000_59999", "under_20000", "100000_plus"],
    }
)
SCORES = pd.DataFrame(
    {
        "municipality": ["0011", "0012", "0013"],
        "area": ["plan", "plan", "plan"],
        "R": [1.2, 3.4, None],
        "light": ["orange", "green", None],
    }
)
ENDINGS = (".html", ".pdf", ".docx", ".pptx", ".findings.json", ".ipynb")
RECORD = {
    "0011": {"status": "ok", "outputs": {f"0011-aamunde{ending}": "" for ending in reversed(ENDINGS)}},
    "0012": {"status": "failed", "stage": "kernel", "error": "the kernel died", "outputs": {}},
    "0013": {"status": "ok", "outputs": {"0013-bregnsund.html": ""}},
    "0015": {"status": "ok", "outputs": {"0015-zone.html": ""}},
}
ALL = ["Bregnsund", "Zone", "Æ<b>", "Ørnesund", "Aamunde"]


@pytest.fixture
def index(tmp_path):
    (tmp_path / "benchmark").mkdir()
    (tmp_path / "benchmark" / "benchmark.html").touch()
    (tmp_path / "_failed" / "0012-oernesund").mkdir(parents=True)
    (tmp_path / "_failed" / "0012-oernesund" / "reason.txt").touch()
    stale = {"0013": "data"}
    return write_portal(ROSTER, SCORES, RECORD, to=tmp_path, language="da", synthetic=True, stale=stale)


@pytest.fixture
def page(index, browser):
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(index.as_uri())
    yield page
    context.close()


def column(page, at: int) -> list[str]:
    return page.eval_on_selector_all(
        "#klk-table tbody tr:not([hidden])", f"rows => rows.map(row => row.cells[{at}].textContent.trim())"
    )


def sorted_by(page) -> list[tuple[str, str]]:
    return page.eval_on_selector_all(
        "th[aria-sort]", "heads => heads.map(head => [head.textContent, head.ariaSort])"
    )


def test_rows_stand_in_danish_order_and_the_order_is_told(page):
    assert column(page, 0) == ALL
    assert sorted_by(page) == [["Kommune", "ascending"]]
    page.get_by_role("button", name="Kommune", exact=True).click()
    assert column(page, 0) == ALL[::-1]
    assert sorted_by(page) == [["Kommune", "descending"]]


def test_a_column_is_sorted_by_keyboard_and_what_is_missing_stands_last(page):
    page.get_by_role("button", name="Indbyggere").press("Enter")
    assert column(page, 3) == ["6.400", "21.900", "49.700", "54.000", "104.300"]
    page.keyboard.press("Space")
    assert column(page, 3)[0] == "104.300"
    assert sorted_by(page) == [["Indbyggere", "descending"]]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Plan"
    page.keyboard.press("Enter")
    assert column(page, 4) == ["1,2", "3,4", *["ikke undersøgt"] * 3]
    page.keyboard.press("Enter")
    assert column(page, 4) == ["3,4", "1,2", *["ikke undersøgt"] * 3]


def test_searching_finds_names_and_codes_and_counts_aloud(page):
    shown = page.get_by_role("status")
    assert shown.inner_text() == "Viser 5 af 5 kommuner"
    for wanted, found in {"øRNE": ["Ørnesund"], "åm": ["Aamunde"], "0014": ["Æ<b>"]}.items():
        page.get_by_label("Søg på navn eller kode").fill(wanted)
        assert column(page, 0) == found
    assert shown.inner_text() == "Viser 1 af 5 kommuner"
    page.get_by_label("Søg på navn eller kode").fill("x")
    assert shown.inner_text() == "Ingen kommuner passer. Nulstil for at se alle."


@pytest.mark.parametrize(
    ("label", "choice", "found"),
    [
        ("Bølge", "2018F", ["Bregnsund", "Ørnesund"]),
        ("Størrelse", "40.000-59.999", ["Bregnsund", "Ørnesund"]),
        ("Status", "Forældet", ["Bregnsund"]),
        ("Status", "Fejlet", ["Ørnesund"]),
        ("Status", "Ikke lavet", ["Æ<b>"]),
        ("Score i et område", "Plan: 3 og derover", ["Ørnesund"]),
        ("Score i et område", "Plan: ikke undersøgt", ["Bregnsund", "Zone", "Æ<b>"]),
    ],
)
def test_the_rows_can_be_narrowed_down_and_widened_again(page, label, choice, found):
    page.get_by_label(label).select_option(label=choice)
    assert column(page, 0) == found
    assert page.get_by_role("status").inner_text() == f"Viser {len(found)} af 5 kommuner"
    page.get_by_role("button", name="Nulstil").click()
    page.wait_for_function("document.getElementById('klk-shown').textContent == 'Viser 5 af 5 kommuner'")
    assert column(page, 0) == ALL


def test_filters_work_together(page):
    page.get_by_label("Bølge").select_option(label="2018E")
    page.get_by_label("Status").select_option(label="Klar")
    assert column(page, 0) == ["Zone", "Aamunde"]


def test_every_format_of_the_record_has_a_link_with_a_name_of_its_own(page):
    names = ["Rapport", "PDF", "Word", "PowerPoint", "Fund", "Notesbog"]
    for name, ending in zip(names, ENDINGS, strict=True):
        link = page.get_by_role("link", name=f"Aamunde, {name}", exact=True)
        assert link.get_attribute("href") == f"0011-aamunde/0011-aamunde{ending}"
    assert column(page, 9)[ALL.index("Zone")] == "Rapport"
    link = page.get_by_role("link", name="Tværgående benchmark: Rapport")
    assert link.get_attribute("href") == "benchmark/benchmark.html"


def test_what_went_wrong_is_said_and_what_failed_has_a_link_to_its_reason_only(page):
    assert column(page, 8) == [
        "Forældet: kommunens data er ændret siden",
        "Klar",
        "Ikke lavet",
        "Fejlet (kerne): the kernel died",
        "Klar",
    ]
    assert page.locator("td span[lang=en]").all_inner_texts() == ["the kernel died"]  # errors are in English
    assert column(page, 9)[ALL.index("Ørnesund")] == "Årsag"
    link = page.get_by_role("link", name="Ørnesund, Årsag", exact=True)
    assert link.get_attribute("href") == "_failed/0012-oernesund/reason.txt"
    states = [text.strip() for text in page.locator(".klk-states li").all_inner_texts()]
    assert states == ["Klar: 2", "Forældet: 1", "Fejlet: 1", "Ikke lavet: 1"]


def test_a_score_has_its_bar_beside_its_number(page):
    bar = page.locator("tbody tr", has_text="Ørnesund").locator("svg.klk-bar")
    assert bar.count() == 1
    inner, outer = bar.locator("path").bounding_box(), bar.bounding_box()
    assert inner["width"] / outer["width"] == pytest.approx(3.4 / 4, abs=0.02)


def test_without_javascript_all_rows_are_there_and_the_filters_are_not(index, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.as_uri())
    assert column(page, 0) == ALL
    assert "5 kommuner i alfabetisk rækkefølge." in page.locator("main").inner_text()
    assert not page.get_by_label("Søg på navn eller kode").is_visible()
    assert page.get_by_role("button").count() == 0
    context.close()


def test_a_round_of_one_wave_and_no_size_class_has_no_filter_for_them(tmp_path):
    roster = ROSTER.drop(columns="size_class").assign(wave="2018E")
    text = write_portal(roster, SCORES, {}, to=tmp_path, language="en", synthetic=False).read_text("utf-8")
    assert 'data-filter="score"' in text
    assert not [name for name in ("wave", "size_class", "status") if f'data-filter="{name}"' in text]


def test_every_reason_of_the_roster_has_its_words():
    reasons = {"data", "reference", "notebook", "library", "options", "environment", "output", "force"}
    for language in ("da", "en"):
        assert set(page_words(language)["portal"]["reasons"]) == reasons


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_page_is_accessible_and_asks_nothing_of_the_outside(tmp_path, browser, language):
    path = write_portal(
        ROSTER, SCORES, RECORD, to=tmp_path, language=language, synthetic=True, stale={"0013": "data"}
    )
    assert structural_faults(path.read_text("utf-8"), language, scripts=1) == []
    assert nu_errors([path]) == []
    for width in (1280, 320):
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
        page = context.new_page()
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        violations, unsure = axe_findings(page)
        assert violations == []
        assert contrast_faults(page, unsure) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        context.close()


@pytest.mark.parametrize(
    ("language", "plain", "shown"),
    [
        ("da", "1 kommune", "Viser 1 af 1 kommune"),
        ("en", "1 municipality", "Showing 1 of 1 municipality"),
    ],
)
def test_a_round_of_one_municipality_is_counted_as_one(language, plain, shown, browser, tmp_path):
    path = write_portal(ROSTER.head(1), SCORES, RECORD, to=tmp_path, language=language, synthetic=True)
    for script in (False, True):
        context = browser.new_context(offline=True, java_script_enabled=script)
        page = context.new_page()
        page.goto(path.as_uri())
        assert page.locator("#klk-lead").inner_text() == f"{plain}."
        assert page.locator("#klk-shown").inner_text() == (shown if script else "")
        context.close()


def test_a_round_of_55_is_small(tmp_path):
    rows = range(55)
    roster = pd.DataFrame(
        {
            "municipality": [f"{at:04}" for at in rows],
            "name": [f"Kommunenavnet {at}" for at in rows],
            "stem": [f"{at:04}-kommunenavnet-{at}" for at in rows],
            "wave": "2018E",
            "population": 50_000,
            "size_class": "40000_59999",
        }
    )
    scores = pd.DataFrame(
        [
            (f"{at:04}", area, 2.4, "yellow")
            for at in rows
            for area in ("plan", "depth", "gains", "leadership")
        ],
        columns=["municipality", "area", "R", "light"],
    )
    record = {
        row["municipality"]: {"status": "ok", "outputs": {f"{row['stem']}{ending}": "" for ending in ENDINGS}}
        for row in roster.to_dict("records")
    }
    path = write_portal(roster, scores, record, to=tmp_path, language="da", synthetic=True)
    assert path.stat().st_size < 200 * 1024
    assert "syntetiske prøvedata" in path.read_text("utf-8")
