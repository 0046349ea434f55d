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
from klktools.report.document import read_document
from klktools.report.pdf import export_pdf
from tests.conftest import SAMPLE

NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
URL = re.compile(r"(?:https?|ftp|file):/{2,3}[^\s\"'<>)]+|(?<![\w:])//[a-z0-9-]+\.[a-z]{2,}")
PATH = re.compile(r"/(?:home|root|tmp|usr|work|var|Users|opt)/|[A-Z]:\\\\?\w")
CPR = re.compile(
    r"(?<![\d.,-])(0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(0[1-9]|1[0-2])\d{2}[-–\s]?\d{4}(?![\d.,])"
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")


@pytest.fixture(scope="module")
def municipalities() -> pd.DataFrame:
    return pd.read_parquet(SAMPLE / "municipalities.parquet", columns=["municipality", "name"])


@pytest.fixture(scope="module")
def folders(sample_reports):
    return sorted(path for path in sample_reports.iterdir() if re.match(r"\d{4}-", path.name))


def page(folder) -> str:
    return (folder / f"{folder.name}.html").read_text(encoding="utf-8")


def visible(text: str) -> str:
    """What a reader can see or hear: the texts and the labels, without style and drawing."""
    labels = re.findall(r'(?:aria-label|alt|title)="([^"]*)"', text)
    bare = re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.S)
    return html.unescape(" ".join([bare, *labels]))


def without_data(text: str, code: str) -> str:
    """The text without what is Danish because it was delivered or is quoted: names, texts, »seeds«."""
    for table, column in (("initiatives", "name"), ("departments", "name"), ("assumptions", "description")):
        delivered = pd.read_parquet(SAMPLE / f"{table}.parquet", columns=["municipality", column])
        for name in delivered.loc[delivered["municipality"] == code, column].dropna().unique():
            text = text.replace(name, "")
    return re.sub(r"»[^«]*«", "", text)


def test_there_is_a_complete_report_for_every_municipality(folders, municipalities):
    assert [folder.name[:4] for folder in folders] == sorted(municipalities["municipality"])
    for folder in folders:
        names = sorted(path.name for path in folder.iterdir())
        assert names == [f"{folder.name}{ending}" for ending in (".findings.json", ".html", ".ipynb")]


def test_the_record_says_that_all_went_well(sample_reports):
    runs = json.loads((sample_reports / "run.json").read_text(encoding="utf-8"))["runs"]
    assert [run["status"] for run in runs] == ["ok"] * 55
    assert all(run["error"] == "" and len(run["outputs"]) == 3 for run in runs)


def test_no_report_names_another_municipality(folders, municipalities):
    names = dict(zip(municipalities["municipality"], municipalities["name"], strict=True))
    for folder in folders:
        others = [name for code, name in names.items() if code != folder.name[:4]]
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, others))})", flags=re.I)
        for path in folder.iterdir():
            found = pattern.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.name} names {found}"


def test_no_report_holds_another_municipalitys_code(folders, municipalities):
    for folder in folders:
        others = set(municipalities["municipality"]) - {folder.name[:4]}
        text = visible(page(folder)) + (folder / f"{folder.name}.findings.json").read_text(encoding="utf-8")
        assert not others & set(re.findall(r"(?<![\w.,])\d{4}(?![\w.,])", text)), folder.name


def test_no_report_holds_a_path_an_outside_address_a_cpr_number_or_a_mail_address(folders):
    for folder in folders:
        for path in folder.iterdir():
            text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text(encoding="utf-8"))
            for namespace in NAMESPACES:
                text = text.replace(namespace, "")
            for pattern in (URL, PATH, MAIL):
                assert pattern.search(text) is None, f"{path.name}: {pattern.search(text)}"
        assert CPR.search(visible(page(folder))) is None, folder.name


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


def test_every_page_is_well_formed_for_a_screen_reader(folders):
    for folder in folders:
        text = page(folder)
        assert '<html lang="da">' in text
        assert text.count("<h1") == 1
        assert all("<caption>" in table for table in re.findall(r"<table.*?</table>", text, flags=re.S))
        assert all('scope="' in head for head in re.findall(r"<th\b[^>]*>", text))
        assert all('role="img"' in svg and 'aria-label="' in svg for svg in re.findall(r"<svg[^>]*>", text))
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), folder.name


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


def test_the_english_edition_has_the_same_skeleton_and_english_words(tmp_path, sample_reports):
    assert (
        main(["report", str(SAMPLE), "--to", str(tmp_path), "--language", "en", "--municipality", "0048"])
        == 0
    )
    (folder,) = tmp_path.glob("0048-*")
    english = page(folder)
    danish = page(sample_reports / folder.name)
    assert '<html lang="en">' in english
    assert english.count("<h2") == danish.count("<h2")
    assert english.count("<figure") == danish.count("<figure")
    assert english.count("<table") == danish.count("<table")
    assert not re.search(r"\b(?:og|ikke|løsninger|kommunen|pct)\b", without_data(visible(english), "0048"))


def test_the_benchmark_names_no_municipality(sample_reports, municipalities):
    text = (sample_reports / "benchmark" / "benchmark.html").read_text(encoding="utf-8")
    assert not [name for name in municipalities["name"] if re.search(rf"(?<!\w){re.escape(name)}", text)]


def test_every_report_is_an_accessible_pdf_for_the_archive(sample_reports):
    notebooks = sorted(sample_reports.glob("*/*.ipynb"))
    assert len(notebooks) == 56  # the benchmark too
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        pdf = export_pdf(read_document(notebook, title=path.stem, footer=path.stem, language="da"))
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
