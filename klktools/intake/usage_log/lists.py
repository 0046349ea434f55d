"""What the texts of the columns with few of them mean: read once each, by the rules of every other table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.cells import Cells, read_codes, read_municipalities
from klktools.intake.convert import truths
from klktools.intake.names import Lookup, municipality_names
from klktools.intake.tables import Before
from klktools.intake.usage_log.workspace import Workspace
from klktools.privacy import contact_in

_JOIN = "\x1f"
_LISTED = ("channel", "event_type", "as_intended")
_BY_OWNER = ("solution", "department_ref")
_TEXTS = (*_BY_OWNER, *_LISTED)


def read_texts(space: Workspace, source: str) -> None:
    """Make `texts`: each distinct text of a column (`about`), of solutions and departments by municipality,
    and a row for each sheet: whether any row is `uneven` (has more cells than the heading, or lacks the last
    that it must have), whether any user looks like a person (E30; cells out of place say nothing of persons),
    whether anything looks like a CPR number (`numbered`), how its amounts are written, and how many rows it
    has."""
    about = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in ("sheet", *_TEXTS))
    sets = ", ".join([*(f"(municipality, {name})" for name in _BY_OWNER), *(f"({name})" for name in _LISTED)])
    space.step(f"""
        CREATE TABLE texts AS
        SELECT CASE {about} ELSE 'municipality' END AS about, sheet, municipality,
               coalesce({", ".join(_TEXTS)}) AS text, bool_or(ragged OR short) AS uneven,
               bool_or(personal AND NOT ragged) AS personal, bool_or(numbered) AS numbered,
               coalesce(sum(vote) FILTER (NOT ragged), 0) AS vote, count(*) AS rows
        FROM ({source})
        GROUP BY GROUPING SETS ((sheet), (municipality), {sets})""")


def make_lists(space: Workspace, spec: TableSpec, before: Before) -> None:
    """Make the tables that give each text its meaning; what is not in them cannot be read.

    `owners`: text, municipality, its number (`place`), repair (E01, E02 or "") and lost (E26, E26a or "").
    `solutions`, `departments`: place, id and code, their number within the municipality in the order of ids;
    solutions also lost. `solution_texts`: also the id and how it was mended (E35, E32a or "").
    `department_texts` (also `contact`, P03), `channel_texts`, `event_type_texts`, `as_intended_texts`: text
    and code.
    """
    owners = _owners(distinct_texts(space, "municipality"), before)
    places = dict(zip(owners["municipality"], owners["place"], strict=True))
    space.put("owners", owners)
    space.put("solutions", _solutions(places, before))
    _put_solution_texts(space, Lookup(before.tables["solutions"], spec.columns["solution"]))
    _put_departments(space, places, before.tables["departments"])
    codes = {name: spec.columns[name].codes for name in _LISTED} | {
        "as_intended": truths(load_contract().words["booleans"])
    }
    for name in _LISTED:
        space.put(f"{name}_texts", _listed(distinct_texts(space, name), codes[name]))


def distinct_texts(space: Workspace, about: str) -> list[str]:
    column = "municipality" if about == "municipality" else "text"
    found = space.rows(
        f"SELECT {column} FROM texts WHERE about = '{about}' AND {column} IS NOT NULL ORDER BY 1"
    )
    return [text for (text,) in found]


def _listed(texts: list[str], codes: Mapping[str, Any]) -> pd.DataFrame:
    read = read_codes(_cells(texts), codes)
    frame = pd.DataFrame({"text": texts, "code": read}, dtype="object").dropna()
    return frame.astype({"text": "str", "code": "bool" if True in codes.values() else "str"})


def _cells(texts: list[str]) -> Cells:
    none = np.zeros(len(texts), dtype=bool)
    return Cells(np.arange(len(texts)), np.array(texts, dtype=object), none, none)


def _owners(texts: list[str], before: Before) -> pd.DataFrame:
    names = municipality_names(before.tables["municipalities"])
    codes, repairs = read_municipalities(_cells(texts), names)
    read = pd.DataFrame({"text": texts, "municipality": codes, "repair": repairs}, dtype="object").dropna()
    lost = [_lost(code, "municipalities", before) for code in read["municipality"]]
    place = pd.factorize(read["municipality"], sort=True)[0].astype("int32")
    return read.astype("str").assign(lost=pd.Series(lost, index=read.index, dtype="str"), place=place)


def _lost(key: str, table: str, before: Before) -> str:
    if key in before.known[table]:
        return ""
    return "E26a" if key in before.rejected[table] else "E26"


def _solutions(places: Mapping[str, int], before: Before) -> pd.DataFrame:
    keys = sorted(before.known["solutions"] | before.rejected["solutions"])
    parts = [key.split(_JOIN, 1) for key in keys]
    rows = pd.DataFrame(parts, columns=["municipality", "solution"], dtype="str")
    lost = [_lost(key, "solutions", before) for key in keys]
    return _numbered(rows.assign(lost=pd.Series(lost, dtype="str")), places)


def _numbered(rows: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """Rows in the order of municipality and id, with the municipality's place and their number within it."""
    own = rows[rows["municipality"].isin(places)]
    code = own.groupby("municipality").cumcount().astype("int32")
    return own.assign(place=own["municipality"].map(places).astype("int32"), code=code).drop(
        columns="municipality"
    )


def _asked(space: Workspace, about: str) -> Iterator[pd.DataFrame]:
    """Every text of a column with its municipality and that one's place, some at a time."""
    asked = f"""
        SELECT DISTINCT owners.municipality, owners.place, texts.text
        FROM texts JOIN owners ON owners.text = texts.municipality
        WHERE about = '{about}' AND texts.text IS NOT NULL"""
    for part in space.parts(asked):
        yield pd.DataFrame(part, columns=["municipality", "place", "text"])


def _put_solution_texts(space: Workspace, lookup: Lookup) -> None:
    """An id as it is; else what another spelling of it, or a name, stands for (E35, E32a)."""
    columns = "place INTEGER, text VARCHAR, solution VARCHAR, mended VARCHAR"
    space.run(f"CREATE TABLE read_solutions ({columns})")
    for texts in _asked(space, "solution"):
        found = [lookup.mend(*pair) for pair in zip(texts["municipality"], texts["text"], strict=True)]
        read = pd.DataFrame(found, columns=["solution", "mended"], dtype="str")
        space.put("read_solutions", texts[["place", "text"]].join(read))
    space.run("""
        CREATE TABLE solution_texts AS
        SELECT given.place, given.text, coalesce(own.code, other.code) AS code,
            coalesce(own.lost, other.lost) AS lost,
            coalesce(own.solution, other.solution) AS solution,
            CASE WHEN own.code IS NULL THEN mended ELSE '' END AS mended
        FROM read_solutions AS given
        LEFT JOIN solutions AS own ON own.place = given.place AND own.solution = given.text
        LEFT JOIN solutions AS other ON other.place = given.place AND other.solution = given.solution""")


def _put_departments(space: Workspace, places: Mapping[str, int], departments: pd.DataFrame) -> None:
    """An id wins over a name, a name over another spelling; what holds a contact is marked (P03)."""
    ids = departments[["municipality", "department"]].drop_duplicates()
    numbered = _numbered(ids.sort_values(["municipality", "department"]), places)
    space.put("departments", numbered)
    lookup = Lookup(departments, load_contract().tables["usage"].columns["department"])
    columns = "place INTEGER, text VARCHAR, code INTEGER, contact VARCHAR"
    space.run(f"CREATE TABLE department_texts ({columns})")
    for texts in _asked(space, "department_ref"):
        pairs = zip(texts["municipality"], texts["text"], strict=True)
        ids_ = pd.Series([lookup.mend(*pair)[0] for pair in pairs], dtype="str")
        contact = pd.Series([contact_in(text) for text in texts["text"]], dtype="str")
        known = texts.assign(department=ids_, contact=contact).merge(
            numbered, on=["place", "department"], how="left"
        )
        known["code"] = known["code"].astype("Int32")
        space.put("department_texts", known[["place", "text", "code", "contact"]])
