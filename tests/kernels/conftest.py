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


@pytest.fixture(autouse=True)
def provisioners_anew():
    """jupyter_client reads the name of the provisioner once for each process."""
    from jupyter_client.provisioning import KernelProvisionerFactory

    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()
