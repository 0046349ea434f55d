"""What is known of a municipality before it has handed in anything."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pandas as pd

from klktools.errors import ParameterError, sentence

_FICTITIOUS = re.compile(r"00(1[1-9]|[2-8]\d|9[0-7])|(?=.*[A-Z])[0-9A-Z]{4}")  # as rule C05 has it


def known_of(code: str) -> dict[str, Any]:
    """The code, and name, region_code and region_name of one of the 98; nothing when there is no code.

    Raises
    ------
    ParameterError
        When the code is neither one of the 98 nor that of a fictitious municipality.
    """
    if not code:
        return {}
    with resources.as_file(resources.files("klktools.framework") / "municipalities.csv") as path:
        real = pd.read_csv(path, dtype={"municipality": "str"}, encoding="utf-8")
    named = real.loc[real["municipality"] == code, ["name", "region_code", "region_name"]].to_dict("records")
    if not named and not _FICTITIOUS.fullmatch(code):
        raise ParameterError(
            sentence(
                must="A municipality code must be one of the 98 or that of a fictitious municipality",
                found=f"found {code!r}",
                remedy="Write four characters, such as 0101",
            )
        )
    return {"municipality": code} | {str(key): value for row in named for key, value in row.items()}
