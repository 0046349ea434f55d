"""All 55 sample reports, made once by real papermill runs: what must hold for every one of them."""

from __future__ import annotations

import html
import json
import re

import nbformat
import page as validation
import pandas as pd
import pypdfium2 as pdfium
import pytest

from klktools.cli import main
from klktools.dossier import open_dossier
from klktools.report.gate import Register, check_release, delivered_texts
from tests.conftest import SAMPLE
from tests.pages import axe_findings, contrast_faults, drawn_texts, nu_errors, structural_faults
from tests.words import strangers

# a strong one, one of many findings, one with missing tables, an island with little data
LOOKED_AT = ("0048", "0023", "0012", "0047")
# with those above they have every finding; the contrast is measured, which takes long, where a plan has many
# findings, a ring at the edge of its years, or a circle
RARE = {"0015": True, "0017": False, "0020": False, "0022": True, "0028": False, "0070": True, "0079": False}
LARGEST = 400 * 1024


@pytest.fixture(scope="module")
def municipalities() -> pd.DataFrame:
    return pd.read_parquet(SAMPLE / "municipalities.parquet", columns=["municipality", "name"])


@pytest.fixture(scope="module")
def folders(sample_reports):
    return sorted(path for path in sample_reports.iterdir() if re.match(r"\d{4}-", path.name))


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """The English edition of some reports."""
    to = tmp_path_factory.mktemp("english")
    chosen = [word for code in LOOKED_AT for word in ("--municipality", code)]
    assert main(["report", str(SAMPLE), "--to", str(to), "--language", "en", *chosen]) == 0
    assert main(["benchmark", str(SAMPLE), "--to", str(to), "--language", "en"]) == 0
    return to


@pytest.fixture(scope="module")
def register(municipalities):
    return Register(tuple(zip(municipalities["municipality"], municipalities["name"], strict=True)))


def page(folder) -> str:
    return (folder / f"{folder.name}.html").read_text(encoding="utf-8")


def visible(text: str) -> str:
    """What a reader can see or hear: the texts and the labels, without style and drawing."""
    labels = re.findall(r'(?:aria-label|alt|title)="([^"]*)"', text)
    bare = re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.S)
    return html.unescape(" ".join([bare, *labels]))


def without_quotes(text: str, delivered) -> str:
    """The text without what was delivered, what is quoted, and values under their names in findings.json."""
    for phrase in sorted(delivered, key=len, reverse=True):
        text = text.replace(f"{phrase} Kommune", " ").replace(phrase, " ")
    return re.sub(r"»[^«]*«|\b\w+ = \S+", " ", text)


def sealed(folder):
    return open_dossier(folder.parent / "_dossiers" / folder.name[:4])


def test_there_is_a_complete_report_for_every_municipality(folders, municipalities):
    assert [folder.name[:4] for folder in folders] == sorted(municipalities["municipality"])
    for folder in folders:
        names = sorted(path.name for path in folder.iterdir())
        assert names == [f"{folder.name}{ending}" for ending in (".findings.json", ".html", ".ipynb", ".pdf")]


def test_the_record_says_that_all_went_well(sample_reports):
    runs = json.loads((sample_reports / "run.json").read_text(encoding="utf-8"))["runs"]
    assert [run["status"] for run in runs] == ["ok"] * 55
    assert all(run["error"] == "" and len(run["outputs"]) == 4 for run in runs)


@pytest.mark.parametrize("edition", ["da", "en"])
def test_every_report_passes_the_release_gate(edition, request, register):
    root = request.getfixturevalue("sample_reports" if edition == "da" else "english")
    folders = sorted(root.glob("[0-9]*-*"))
    assert len(folders) == (55 if edition == "da" else len(LOOKED_AT))
    for folder in folders:
        documents = {path.name: path.read_bytes() for path in folder.iterdir()}
        known = {"own": folder.name[:4], "register": register, "language": edition}
        assert check_release(documents, **known, delivered=delivered_texts(sealed(folder).tables)) == []
    documents = {path.name: path.read_bytes() for path in (root / "benchmark").iterdir()}
    assert check_release(documents, own="", register=register, language=edition) == []


def test_a_report_given_to_the_wrong_municipality_is_stopped_by_the_gate(folders, register):
    documents = {path.name: path.read_bytes() for path in folders[0].iterdir()}
    faults = check_release(documents, own=folders[1].name[:4], register=register, language="da")
    for name in documents:
        assert [fault for fault in faults if "another municipality's name" in fault and f"({name})" in fault]


def test_no_report_shows_code_a_script_or_a_missing_value_as_such(folders):
    for folder in folders:
        text = page(folder)
        assert "<script" not in text
        assert "klk." not in visible(text)
        assert not re.search(r"(?<!\w)(?:nan|NaN|None|NaT|<NA>|inf)(?!\w)", visible(text)), folder.name
        assert not re.search(r"\{[a-z_|:]+\}", visible(text)), folder.name


def test_every_report_says_that_its_data_are_synthetic(folders):
    for folder in folders:
        assert "syntetisk" in visible(page(folder)).lower(), folder.name


def test_all_reports_have_the_same_headings_and_the_same_figures(folders):
    def skeleton(folder):
        return re.findall(r"<h([23]) id=\"([^\"]+)\"|<figure[^>]* id=\"([^\"]+)\"", page(folder))

    expected = skeleton(folders[0])
    assert len(expected) > 20
    for folder in folders:
        assert skeleton(folder) == expected, folder.name


def test_every_page_is_well_built_and_small(folders):
    for folder in folders:
        text = page(folder)
        assert structural_faults(text, "da") == [], folder.name
        assert len(text.encode()) <= LARGEST, folder.name


def test_the_nu_checker_finds_no_error_in_any_page(sample_reports, english):
    pages = sorted([*sample_reports.rglob("*.html"), *english.rglob("*.html")])
    assert len(pages) == 55 + len(LOOKED_AT) + 2 * len(("index", "benchmark"))
    assert nu_errors(pages) == []


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("edition", ["da", "en"])
@pytest.mark.parametrize("code", [*LOOKED_AT, "benchmark", "index"])
def test_a_page_is_accessible_at_every_width_and_offline(code, edition, width, request, browser):
    root = request.getfixturevalue("sample_reports" if edition == "da" else "english")
    (path,) = root.glob("index.html" if code == "index" else f"{code}*/*.html")
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(path.as_uri())
    violations, unsure = axe_findings(opened)
    assert violations == []
    assert contrast_faults(opened, unsure) == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


@pytest.mark.parametrize(("code", "measured"), RARE.items())
def test_the_findings_and_drawings_of_other_pages_are_accessible_too(code, measured, sample_reports, browser):
    (path,) = sample_reports.glob(f"{code}-*/*.html")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(path.as_uri())
    assert axe_findings(opened, contrast=False) == ([], [])
    drawn = drawn_texts(opened)
    assert len(drawn) > 100
    assert not measured or contrast_faults(opened, drawn) == []
    context.close()


def test_every_finding_that_any_report_has_stands_on_a_page_that_is_looked_at(folders):
    found = {folder.name[:4]: set(re.findall(r"F-[PDGLSQ]\d\d", page(folder))) for folder in folders}
    looked_at = [found[code] for code in (*LOOKED_AT, *RARE)]
    assert set().union(*looked_at) == set().union(*found.values())


def test_three_sentences_to_act_on_come_before_the_first_figure(folders):
    for folder in folders:
        text = page(folder)
        lead = re.search(r'<div class="klk-lead">(.*?)</div>', text, flags=re.S)
        assert lead is not None
        assert lead.start() < text.index("<figure")
        assert len(re.findall("<p>", lead[1])) == 3, folder.name


def test_every_figure_has_a_title_a_source_and_an_n_or_says_why_it_is_empty(folders):
    for folder in folders:
        for figure in re.findall(r"<figure.*?</figure>", page(folder), flags=re.S):
            assert "<figcaption" in figure
            assert "Kilde:" in figure


def test_the_kept_notebooks_are_valid_and_free_of_times(folders):
    for folder in folders:
        text = (folder / f"{folder.name}.ipynb").read_text(encoding="utf-8")
        nbformat.validate(nbformat.reads(text, as_version=4))
        assert not re.search(r"start_time|end_time|\"duration\"", text)


def test_the_findings_file_and_the_page_tell_the_same_findings(folders):
    for folder in folders:
        record = json.loads((folder / f"{folder.name}.findings.json").read_text(encoding="utf-8"))
        text = visible(page(folder))
        assert record["municipality"] == folder.name[:4]
        assert {finding["id"] for finding in record["findings"]} == set(re.findall(r"F-[PDGLSQ]\d\d", text))


def test_a_second_run_in_another_folder_gives_the_same_bytes(sample_reports, tmp_path):
    chosen = ["0048", "0023", "0047"]
    arguments = [word for code in chosen for word in ("--municipality", code)]
    assert main(["report", str(SAMPLE), "--to", str(tmp_path), "--jobs", "1", *arguments]) == 0
    for folder in (path for path in tmp_path.iterdir() if path.name[:4] in chosen):
        for path in folder.iterdir():
            assert path.read_bytes() == (sample_reports / folder.name / path.name).read_bytes(), path.name


def test_a_second_run_over_the_same_folder_makes_nothing_again(sample_reports, capsys):
    before = {path: path.stat().st_mtime_ns for path in sample_reports.glob("????-*/*")}
    assert main(["report", str(SAMPLE), "--to", str(sample_reports)]) == 0
    assert "Alle 55 rapporter er ajour." in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in sample_reports.glob("????-*/*")} == before


def test_the_english_edition_has_the_same_skeleton(sample_reports, english):
    for folder in sorted(english.glob("[0-9]*-*")):
        text = page(folder)
        danish = page(sample_reports / folder.name)
        assert structural_faults(text, "en") == []
        for tag in ("<h2", "<h3", "<figure", "<table", "<li"):
            assert text.count(tag) == danish.count(tag), f"{folder.name}: {tag}"


def test_every_report_is_an_accessible_pdf_for_the_archive(sample_reports):
    files = sorted(sample_reports.glob("*/*.pdf"))
    assert len(files) == 56  # the benchmark too
    for path in files:
        pdf = path.read_bytes()
        for profile in ("ua1", "2a"):
            assert not validation.validate_pdf_bytes(pdf, profile=profile).failures, path.stem
        assert len(pdf) <= 250 * 1024, path.stem
        sheets = list(pdfium.PdfDocument(pdf))[2:]
        for number, sheet in enumerate(sheets, start=3):
            text = sheet.get_textpage()
            boxes = [text.get_charbox(at) for at in range(0, text.count_chars(), 5)]
            boxes = [box for box in boxes if box[3] > box[1] + 0.1]  # not the spaces at line ends
            assert min(box[0] for box in boxes) >= 67, (path.stem, number)  # 24 mm of white on either side
            assert max(box[2] for box in boxes) <= 595.3 - 67, (path.stem, number)
            lowest = min(box[1] for box in boxes if box[1] > 72)  # above the footer
            assert lowest < 560 or number == len(sheets) + 2, f"{path.stem}: page {number} is nearly empty"


def test_no_page_has_words_of_the_other_language(sample_reports, english):
    for edition, root in (("da", sample_reports), ("en", english)):
        for folder in sorted(english.glob("[0-9]*-*")):
            text = without_quotes(visible(page(root / folder.name)), delivered_texts(sealed(folder).tables))
            assert strangers(text, edition) == [], f"{folder.name}, {edition}"
        text = (root / "benchmark" / "benchmark.html").read_text(encoding="utf-8")
        assert strangers(without_quotes(visible(text), ()), edition) == []
