"""The sample round's own data files, read once: municipalities, catalogue of functions, names and stories."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import yaml

from klktools.framework import load_framework

_FOLDER = Path(__file__).parent


@cache
def read(name: str) -> Mapping[str, Any]:
    """The YAML file `name` of this folder as a read-only mapping."""
    return MappingProxyType(yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


@cache
def named_municipalities() -> pd.DataFrame:
    """The 55 fictitious municipalities in file order (framework 7.3); population in inhabitants."""
    columns: dict[str, Any] = {"municipality": str, "region_code": "int64", "population": "int64"}
    table = pd.read_csv(_FOLDER / "municipalities.csv", dtype=columns, encoding="utf-8")
    return table.fillna({"story": ""})


@cache
def labels(name: str) -> Mapping[str, str]:
    """The Danish labels of one of the framework's lists: code -> label."""
    return MappingProxyType({code: str(entry["da"]) for code, entry in load_framework().enums[name].items()})
