"""A log from its files to `logged_usage`, with what was wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from klktools.contract import TableSpec, load_contract
from klktools.intake.files import Sheet
from klktools.intake.headings import Heading, stack
from klktools.intake.tables import Before, Checked
from klktools.intake.usage_log.clock import clock_table
from klktools.intake.usage_log.events import count_rows, count_usage, find_repeats, keep_events
from klktools.intake.usage_log.hits import journal
from klktools.intake.usage_log.lists import make_lists, read_texts
from klktools.intake.usage_log.rows import judged, plain
from klktools.intake.usage_log.sources import open_sources, relation
from klktools.intake.usage_log.workspace import Workspace, workspace

_STEPS = 4
_DANISH, _ENGLISH, _UNKNOWN = 1, -1, 0


def check_log(sheets: Sequence[Sheet], spec: TableSpec, before: Before) -> Checked:
    """Read, check and count a log of any size.

    Parameters
    ----------
    sheets : sequence of Sheet
        Every file and sheet of the log, at least one.
    spec : TableSpec
        The log's.
    before : Before
        Tables it refers to must have been checked.

    Returns
    -------
    Checked
        `data` is `logged_usage`; problems and corrections are one row a value, with the first place and how many.
    """
    piled, faults = stack(sheets, spec)
    with workspace(load_contract().rules["show"]["log"][before.language], _STEPS) as space:
        sources = open_sources(space, sheets, piled.headings)
        counted, numbered = (relation(sources, spec, ordered=ordered) for ordered in (False, True))
        space.put("clock", clock_table())
        read_texts(space, plain(counted))
        make_lists(space, spec, before)
        space.put("sheets", _sheets(space, sheets, piled.headings))
        keep_events(space, judged(counted, spec))
        find_repeats(space)
        return Checked(
            data=count_usage(space),
            delivered=count_rows(space).assign(table=spec.name),
            journal=journal(space, sources, judged(numbered, spec), spec, before.language),
            faults=faults,
            rejected=set(),
        )


def _sheets(space: Workspace, sheets: Sequence[Sheet], headings: Sequence[Heading]) -> pd.DataFrame:
    """Of each sheet whether its rows can be used, and how its amounts are written (E05)."""
    found = {row[0]: row[1:] for row in space.rows("SELECT sheet, personal, vote FROM texts WHERE about = 'sheet'")}
    personal, votes = zip(*(found.get(n, (False, 0)) for n in range(len(sheets))), strict=True)
    votes = np.sign(np.array(votes, dtype=float)).astype(int)
    commas = np.array([sheet.separator == "," for sheet in sheets])
    return pd.DataFrame(
        {
            "sheet": range(len(sheets)),
            "usable": [heading.usable for heading in headings] & ~np.array(personal, dtype=bool),
            "personal": personal,
            "notation": np.where(votes == 0, np.where(commas, _ENGLISH, _UNKNOWN), votes),
            "unit": [heading.units.get("amount", 1.0) for heading in headings],
        }
    )
