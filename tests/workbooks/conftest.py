"""What the tests of the workbooks share."""

import pytest

from tests.conftest import SAMPLE

CODE = "0060"


@pytest.fixture(scope="session")
def municipality():
    """The clean sample of one municipality."""
    from klktools.intake import read_round

    return read_round(SAMPLE, municipalities=[CODE])
