"""What many tests share: the committed sample round, its assessment, its 55 reports, and a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
# numpy 2.5, from Python 3.12 on, draws some large binomial numbers otherwise than the committed sample's
same_draws = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="the committed sample was drawn by numpy 2.4"
)
SAMPLE = ROOT / "data" / "sample"


@pytest.fixture(scope="session")
def sample_round():
    """The committed sample round."""
    from klktools.intake import read_round

    return read_round(SAMPLE)


@pytest.fixture(scope="session")
def sample_assessment(sample_round):
    """The assessment of the committed sample round."""
    from klktools.assessment import assess

    return assess(sample_round)


@pytest.fixture(scope="session")
def sample_reports(tmp_path_factory):
    """A folder with all 55 reports, made by the command line as a user would."""
    from klktools.cli import main

    folder = tmp_path_factory.mktemp("reports")
    assert main(["report", str(SAMPLE), "--to", str(folder)]) == 0
    assert main(["benchmark", str(SAMPLE), "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def browser():
    """A real headless Chromium; required where KLKTOOLS_BROWSER says so, else skipped when absent."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("KLKTOOLS_BROWSER") == "required":
            pytest.fail("a Chromium browser must be installed; found none")
        pytest.skip("no Chromium browser on this machine")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()
