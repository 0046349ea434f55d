"""The three lists of dependencies say the same."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_conda_environment_lists_what_pyproject_lists():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    *packages, by_pip = entries
    python, pip, *packages = packages
    *more, toolkit = by_pip["pip"]
    assert (python, pip, toolkit) == (f"python{PROJECT['requires-python']}", "pip", "-e .")
    assert sorted([*packages, *more]) == PROJECT["dependencies"]


def test_every_dependency_is_locked_with_a_hash():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(
        re.findall(r"^([a-z0-9._-]+)==\S+.*?((?:\n    --hash=sha256:[0-9a-f]{64}.*)+)", lock, flags=re.M)
    )
    for dependency in PROJECT["dependencies"]:
        name = re.split(r"[<>=]", dependency)[0]
        assert locked.get(name), f"{name} is not locked with a hash"


def test_no_lock_file_names_a_package_host():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"://|--index|--find-links|--extra-index", text), name
