"""A round of six municipalities, 0060 and 0097 among them, and its assessment."""

import pytest

from klktools.assessment import assess
from klktools.intake import read_round
from klktools.sample import make_round, write_round


@pytest.fixture(scope="session")
def six_folder(tmp_path_factory):
    return write_round(make_round(municipalities=6), tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="session")
def six(six_folder):
    return read_round(six_folder)


@pytest.fixture(scope="session")
def assessed(six):
    return assess(six)
