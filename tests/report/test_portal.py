"""The index page in a real browser: sorting in Danish order, searching, and reading without a script."""

import pandas as pd
import pytest

from klktools.report.portal import write_portal

ROSTER = pd.DataFrame(
    {
        "municipality": ["0011", "0012", "0013", "0014", "0015"],
        "name": ["Aamunde", "Ørnesund", "Bregnsund", "Æ<b>", "Zone"],
        "stem": ["0011-aamunde", "0012-oernesund", "0013-bregnsund", "0014-ae-b", "0015-zone"],
        "wave": ["2018E", "2018F", "2018F", "2018E", "2018E"],
        "population": [21900, 49700, 54000, 6400, 104300],
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
RECORD = {
    "0011": {"status": "ok"},
    "0012": {"status": "failed", "stage": "kernel", "error": "the kernel died"},
    "0013": {"status": "ok"},
}


@pytest.fixture
def index(tmp_path):
    return write_portal(ROSTER, SCORES, RECORD, to=tmp_path, language="da", synthetic=True)


def column(page, at: int) -> list[str]:
    return page.eval_on_selector_all(
        "#klk-table tbody tr:not([hidden])", f"rows => rows.map(row => row.cells[{at}].textContent.trim())"
    )


def test_rows_stand_in_danish_order_and_can_be_sorted_and_searched(index, browser):
    page = browser.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(index.as_uri())
    assert column(page, 0) == ["Bregnsund", "Zone", "Æ<b>", "Ørnesund", "Aamunde"]
    page.get_by_role("button", name="Indbyggere").press("Enter")
    assert column(page, 3) == ["6.400", "21.900", "49.700", "54.000", "104.300"]
    page.get_by_role("button", name="Indbyggere").click()
    assert column(page, 3)[0] == "104.300"
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Indbyggere")
    page.locator("thead button").nth(4).click()
    assert column(page, 4)[:2] == ["◆ 1,2", "● 3,4"]
    page.get_by_role("button", name="Kommune", exact=True).click()
    assert column(page, 0) == ["Bregnsund", "Zone", "Æ<b>", "Ørnesund", "Aamunde"]
    page.get_by_label("Søg").fill("2018f")
    assert column(page, 0) == ["Bregnsund", "Ørnesund"]
    assert page.locator("#klk-shown").inner_text() == "Viser 2"
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    page.close()


def test_without_javascript_all_rows_are_there_and_the_search_is_not(index, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.as_uri())
    assert page.locator("#klk-table tbody tr").count() == 5
    assert not page.get_by_label("Søg").is_visible()
    context.close()


def test_a_failed_report_has_no_link_and_says_why(index):
    text = index.read_text(encoding="utf-8")
    assert "0012-oernesund.html" not in text
    assert "■ Fejlet (kerne): the kernel died" in text
    assert 'href="0011-aamunde/0011-aamunde.html"' in text


def test_the_page_is_small_and_says_it_is_synthetic(index):
    text = index.read_text(encoding="utf-8")
    assert len(text) < 200 * 1024
    assert "syntetiske prøvedata" in text
