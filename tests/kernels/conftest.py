"""What each test of warm processes starts from."""

from __future__ import annotations

import pytest

from klktools.kernels import client


@pytest.fixture
def template():
    """A template of the test's own with nothing but the standard library."""
    made = client.Template(["json"])
    yield made
    made.close()
