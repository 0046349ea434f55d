"""Everything the door promises is there, and documented."""

import inspect

import pytest

import klktools


@pytest.mark.parametrize("name", klktools.__all__)
def test_every_public_name_is_behind_the_door(name):
    assert getattr(klktools, name) is not None


@pytest.mark.parametrize("name", [name for name in klktools.__all__ if name != "__version__"])
def test_every_public_name_has_a_docstring_and_its_own_name(name):
    thing = getattr(klktools, name)
    assert inspect.getdoc(thing)
    assert thing.__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError) as error:
        klktools.nothing  # noqa: B018
    assert str(error.value) == "module 'klktools' has no attribute 'nothing'"


def test_importing_the_door_loads_no_analysis():
    import subprocess
    import sys

    code = "import klktools, sys; print('pandas' in sys.modules, 'matplotlib' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
