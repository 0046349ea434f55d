"""Small rounds for tests: rows as dictionaries in, every table of the contract out, typed as by intake."""

from pathlib import Path

import pandas as pd
import yaml

import klktools

CONTRACT = yaml.safe_load((Path(klktools.__file__).parent / "contract" / "tables.yaml").read_text("utf-8"))
DTYPES = {
    "int": "Int64",
    "decimal": "float64",
    "share": "float64",
    "kr": "float64",
    "bool": "boolean",
    "date": "datetime64[us]",
    "month": "datetime64[us]",
    "timestamp": "datetime64[us]",
}


def small_round(**rows):
    """Every table of the contract; one municipality, `0001`, whose visit ends 2018-09-30, unless told."""
    given = {"municipalities": [{}], "visits": [{}]} | rows
    return {name: _table(name, given.get(name, [])) for name in CONTRACT}


def _table(name, rows):
    columns = CONTRACT[name]["columns"]
    defaults = {
        "municipality": "0001",
        "visit": "B1",
        "instrument_version": "v2",
        "start_date": "2018-09-10",
        "end_date": "2018-09-30",
        "period_from": "2016-09-01",
        "period_to": "2018-08-01",
    }
    if name != "visits":
        defaults = {"municipality": "0001"}
    filled = pd.DataFrame([defaults | row for row in rows], columns=list(columns))
    return filled.astype({column: DTYPES.get(spec["type"], "str") for column, spec in columns.items()})
