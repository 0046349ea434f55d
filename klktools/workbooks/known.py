"""What is known of a municipality before it has handed in anything."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pandas as pd

from klktools.errors import ParameterError, sentence
from klktools.intake.rules import unknown_municipality


def known_of(code: str) -> dict[str, Any]:
    """The code, and name, region_code and region_name of one of the 98; nothing when there is no code.

    Raises
    ------
    ParameterError
        When the code is neither one of the 98 nor that of a fictitious municipality.
    """
    if not code:
        return {}
    if not re.fullmatch("[0-9A-Z]{4}", code) or len(unknown_municipality(_only(code), {}, {})):
        raise ParameterError(
            sentence(
                must="A municipality code must be one of the 98 or that of a fictitious municipality",
                found=f"found {code!r}",
                remedy="Write four characters, such as 0101",
            )
        )
    with resources.as_file(resources.files("klktools.framework") / "municipalities.csv") as path:
        real = pd.read_csv(path, dtype={"municipality": "str"}, encoding="utf-8")
    row = real[real["municipality"] == code]
    named = row[["name", "region_code", "region_name"]].to_dict("records")
    return {"municipality": code} | {str(key): value for entry in named for key, value in entry.items()}


def _only(code: str) -> pd.DataFrame:
    return pd.DataFrame({"municipality": pd.Series([code], dtype="str")})
