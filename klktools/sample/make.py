"""Compose the rooms of the generator into whole rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from klktools.contract import load_contract
from klktools.errors import ParameterError, sentence
from klktools.sample import gains, interviews, people, planning, registers, usage
from klktools.sample.profiles import BLOCK, Profile, block_profiles
from klktools.sample.resources import read
from klktools.sample.structure import Draft, draft
from klktools.sample.tables import Rows, table, write_tables

MOST = 10_000
Made = dict[str, Rows]


def make_round(*, municipalities: int = 55, seed: int = 2018) -> dict[str, pd.DataFrame]:
    """Make a synthetic round: every table of the data contract, complete and without faults.

    Parameters
    ----------
    municipalities : int, default 55
        1 to 10,000. The first 55 are the named fictitious municipalities of framework 7.3 with the planted
        stories; those after have generated names and the codes A001 ... A999, B001 ... Municipality k is the
        same however many are made.
    seed : int, default 2018
        The same seed gives the same round with the same numpy (2.5 draws some binomial numbers otherwise).

    Returns
    -------
    dict of str to DataFrame
        Canonical table name (contract/tables.yaml) -> rows sorted by the table's key.
    """
    chunks = list(make_chunks(municipalities=municipalities, seed=seed))
    return {name: pd.concat([chunk[name] for chunk in chunks], ignore_index=True) for name in chunks[0]}


def make_chunks(*, municipalities: int = 55, seed: int = 2018) -> Iterator[dict[str, pd.DataFrame]]:
    """The same round in chunks of at most 55 municipalities, for rounds larger than memory."""
    _check(municipalities, seed)
    for block in range(-(-municipalities // BLOCK)):
        profiles = block_profiles(block, seed=seed)[: municipalities - block * BLOCK]
        yield _tables([_municipality(profile, seed) for profile in profiles])


def write_round(tables: Mapping[str, pd.DataFrame], folder: Path | str) -> Path:
    """Write a round to `folder`, one Parquet file per table, with the note SYNTHETIC.md beside them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As `make_round` returns them.
    folder : path
        Made when missing. The same tables give the same bytes.

    Returns
    -------
    Path
        The folder.
    """
    return write_chunks([tables], folder)


def write_chunks(chunks: Iterable[Mapping[str, pd.DataFrame]], folder: Path | str) -> Path:
    """As `write_round`, piece by piece, for the chunks of `make_chunks`."""
    path = Path(folder)
    write_tables(chunks, path)
    (path / "SYNTHETIC.md").write_text(read("names")["synthetic"], encoding="utf-8")
    return path


def _check(municipalities: int, seed: int) -> None:
    if not 1 <= municipalities <= MOST:
        must = f"The number of municipalities must be 1 to {MOST}"
        found = f"found {municipalities}"
        raise ParameterError(sentence(must=must, found=found, remedy="Choose another number"))
    if seed < 0:
        must = "The seed must be a whole number of 0 or more"
        raise ParameterError(sentence(must=must, found=f"found {seed}", remedy="Choose another seed"))


def _municipality(profile: Profile, seed: int) -> Made:
    """All tables of one municipality; every room draws from a stream of its own."""
    streams = np.random.SeedSequence(seed, spawn_key=(2, profile.index)).spawn(8)
    structure, used, planned, gained, led, talked, registered, logged = map(np.random.default_rng, streams)
    made = draft(profile, structure)
    counts = usage.counts(made, used)
    tables = _registers(made, registered) | _plan_and_gains(made, planned, gained)
    tables |= _leadership(made, led) | _interviews(made, talked)
    tables["usage"] = usage.usage_columns(made, counts, used)
    in_log = profile.municipality in read("names")["logged"]
    tables["usage_log"] = usage.log_columns(made, counts, logged) if in_log else {}
    return tables


def _registers(made: Draft, rng: np.random.Generator) -> Made:
    return {
        "municipalities": registers.municipality_rows(made),
        "visits": registers.visit_rows(made),
        "departments": registers.department_rows(made),
        "solutions": registers.solution_rows(made, rng),
        "processes": registers.process_rows(made, rng),
    }


def _plan_and_gains(made: Draft, planned: np.random.Generator, gained: np.random.Generator) -> Made:
    plan = planning.plan(made, planned)
    return {
        "plans": plan.head,
        "initiatives": plan.initiatives,
        "dependencies": plan.dependencies,
        "gains": gains.gain_rows(made, plan, gained),
        "assumptions": gains.assumption_rows(made, gained),
    }


def _leadership(made: Draft, rng: np.random.Generator) -> Made:
    users = people.users_rows(made, rng)
    return {
        "staffing": people.staffing_rows(made, rng),
        "users": users,
        "training": people.training_rows(made, users, rng),
        "support": people.support_rows(made, rng),
    }


def _interviews(made: Draft, rng: np.random.Generator) -> Made:
    levels = interviews.true_levels(made, rng)
    talks = interviews.interview_rows(made, rng)
    return {
        "interviews": talks,
        "answers": interviews.answer_rows(made, talks, levels, rng),
        "ratings": interviews.rating_rows(made, levels, rng),
    }


def _tables(made: list[Made]) -> dict[str, pd.DataFrame]:
    """One table per name of the contract, in its order, from what the municipalities gave."""
    return {name: table(name, [one[name] for one in made]) for name in load_contract().tables}
