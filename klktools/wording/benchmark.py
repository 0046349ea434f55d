"""The cross-municipality report in words: four statements, distributions, what goes together (framework 6.2).

A missing count is one that `klktools.benchmark` has suppressed (municipal edition). No municipality is named,
and there is no minimum, maximum or rank.
"""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from klktools.blocks import Bullets, Cover, Group, Paragraphs, Table
from klktools.wording import numbers
from klktools.wording.reading import (
    NO_VALUE,
    Row,
    known,
    measure_label,
    measure_writer,
    records,
    wave_order,
    wave_words,
)
from klktools.wording.templates import Sealed, Voice, framework_labels

CERTAINTY_CLASSES = ("certainly_above", "undecided", "certainly_not_above", "cannot_be_said")
CLAIMS = ("yes", "no", "dont_know")


class Benchmark(Sealed, Protocol):
    """What the benchmark may see: the tables of `four_statements`, the reference, and `meta`."""


def show_benchmark_cover(b: Benchmark) -> Cover:
    """The front page: how many municipalities and which waves."""
    v = _voice(b)
    groups = _groups(b)
    waves = [wave_words(v, group) for kind, group, _ in groups if kind == "wave"]
    facts = [
        ("waves", numbers.join(waves, language=v.language) if waves else None),
        ("edition", v.say(f"benchmark.edition.{b.meta['edition']}")),
        ("data", v.say("cover.synthetic") if b.meta.get("synthetic") else None),
    ]
    everyone = next((n for kind, _, n in groups if kind == "all"), None)
    return Cover(
        title=v.say("benchmark.title"),
        subtitle=v.say("benchmark.subtitle", n=everyone),
        facts=tuple((v.say(f"benchmark.label.{name}"), value) for name, value in facts if value),
    )


def say_four_statements(b: Benchmark) -> Bullets:
    """The seed's statements as numbers: plan, certainty, self-image, harvest, training, half-life."""
    v = _voice(b)
    quartiles = {row["measure"]: row for row in records(b.tables["quartiles"])}
    found = {
        "plan": _category(b.tables["plan_classes"], "plan"),
        "certainty": _category(b.tables["certainty_classes"], "certainly_above"),
        "knowledge": _category(b.tables["knowledge"], "know_it"),
        "harvest": quartiles["I16"],
        "training": _category(b.tables["training"], "training_after_go_live"),
        "half_life": quartiles["I21b"],
    }
    return Bullets(tuple(_statement(v, name, row) for name, row in found.items()))


def show_reference_basis(b: Benchmark) -> Table | Paragraphs:
    """How many municipalities stand behind the comparisons, and which measures compare within a wave only."""
    v, groups = _voice(b), _groups(b)
    if not groups:
        return Paragraphs((v.say("benchmark.none"),))
    reference = b.reference
    uneven = reference[reference["group_kind"].eq("all") & reference["status"].eq("not_examined")]["measure"]
    measures = [measure_label(v, measure) for measure in uneven]
    return Table(
        caption=v.say("benchmark.basis.caption"),
        columns=(v.say("benchmark.basis.group"), v.say("column.municipalities")),
        rows=tuple((_group_label(v, kind, group), _integer(v, n)) for kind, group, n in groups),
        numeric=(1,),
        note=v.say("benchmark.basis.note", measures=measures)
        if measures
        else v.say("benchmark.basis.note_none"),
    )


def show_plan_classes(b: Benchmark) -> Table:
    """How many municipalities have a plan, a partial plan, none."""
    v = _voice(b)
    return _class_table(v, b.tables["plan_classes"], "benchmark.plan.caption", "benchmark.plan")


def show_certainty_classes(b: Benchmark) -> Table:
    """How many municipalities are in each of the four classes of the 25 per cent status."""
    v = _voice(b)
    return _class_table(v, b.tables["certainty_classes"], "benchmark.certainty_caption", "certainty_class")


def show_claim_matrix(b: Benchmark) -> Group:
    """What municipalities say against what their data show (I05), and who knows and who believes."""
    v = _voice(b)
    cells = {(row["claim"], row["category"]): row["n"] for row in records(b.tables["claim_matrix"])}
    matrix = Table(
        caption=v.say("benchmark.claims.caption"),
        columns=(
            v.say("benchmark.claims.claim"),
            *(v.say(f"certainty_class.{name}") for name in CERTAINTY_CLASSES),
        ),
        rows=tuple(
            (
                v.say(f"benchmark.claims.{claim}"),
                *(_integer(v, cells[claim, name]) for name in CERTAINTY_CLASSES),
            )
            for claim in CLAIMS
        ),
        numeric=tuple(range(1, 1 + len(CERTAINTY_CLASSES))),
        note=_hidden_note(v, b.tables["claim_matrix"]),
    )
    known_or_believed = _class_table(
        v, b.tables["knowledge"], "benchmark.knowledge.caption", "benchmark.knowledge"
    )
    return Group((matrix, known_or_believed))


def show_harvest(b: Benchmark) -> Table:
    """Quartiles of the share harvested in place and the share taken from front-line welfare (I16, I17)."""
    v = _voice(b)
    return _quartile_table(v, _measures(b, "I16", "I17"), v.say("benchmark.harvest_caption"))


def show_training_statement(b: Benchmark) -> Group:
    """How many train after go-live and in the introduction, and the quartiles of the half-life."""
    v = _voice(b)
    counts = _class_table(v, b.tables["training"], "benchmark.training.caption", "benchmark.training")
    return Group((counts, _quartile_table(v, _measures(b, "I21b"), v.say("benchmark.training.half_life"))))


def show_quartiles(b: Benchmark) -> Table | Paragraphs:
    """Quartiles of areas and criteria over all; those not asked everywhere, within each wave."""
    v, reference = _voice(b), b.reference
    wanted = reference[reference["measure"].isin([*v.labels["area"], *v.labels["criterion"]])]
    everyone = wanted["group_kind"].eq("all")
    uneven = wanted[everyone & wanted["status"].eq("not_examined")]["measure"]
    within = wanted["group_kind"].eq("wave") & wanted["measure"].isin(uneven)
    shown = records(wanted[(everyone & ~wanted["measure"].isin(uneven)) | within])
    if not shown:
        return Paragraphs((v.say("benchmark.none"),))
    order = [*v.labels["area"], *v.labels["criterion"]]
    rows = sorted(shown, key=lambda row: (order.index(row["measure"]), wave_order(row["group"])))
    return _quartile_table(v, rows, v.say("benchmark.quartiles_caption"))


def show_correlations(b: Benchmark) -> Table:
    """What goes together (Spearman with interval and n); never as causes."""
    v = _voice(b)
    return Table(
        caption=v.say("benchmark.correlations.caption"),
        columns=(
            v.say("column.measure"),
            v.say("benchmark.correlations.rho"),
            v.say("column.interval"),
            v.say("column.municipalities"),
        ),
        rows=tuple(_correlation(v, row) for row in records(b.tables["correlations"])),
        numeric=(1, 2, 3),
        note=v.say("benchmark.correlations.note"),
    )


def _voice(b: Benchmark) -> Voice:
    return Voice(b.language, framework_labels(b.language))


def _integer(v: Voice, n: Any) -> str:
    return numbers.integer(n, language=v.language, status="hidden")


def _category(table: pd.DataFrame, name: str) -> Row:
    return next(row for row in records(table) if row["category"] == name)


def _statement(v: Voice, name: str, row: Row) -> str:
    if not known(row, "n") or ("median" in row and not known(row, "median")):
        silence = "hidden" if row["status"] == "suppressed" else "unknown"
        return v.say(f"benchmark.{silence}", subject=v.say(f"benchmark.subject.{name}"))
    return v.say(f"benchmark.statement.{name}", **row)


def _groups(b: Benchmark) -> list[tuple[str, str, Any]]:
    """The largest n of all and of each wave."""
    reference = b.reference[b.reference["group_kind"].isin(["all", "wave"])]
    largest = reference.groupby(["group_kind", "group"], sort=True)["n"].max().reset_index()
    groups = [(row["group_kind"], row["group"], row["n"]) for row in records(largest)]
    return sorted(groups, key=lambda group: (group[0], wave_order(group[1])))


def _group_label(v: Voice, kind: str, group: str) -> str:
    return v.say(f"benchmark.basis.{kind}", group=wave_words(v, group))


def _class_table(v: Voice, classes: pd.DataFrame, caption: str, words: str) -> Table:
    return Table(
        caption=v.say(caption),
        columns=(v.say("column.category"), v.say("column.municipalities"), v.say("column.share")),
        rows=tuple(
            (
                v.say(f"{words}.{row['category']}"),
                _integer(v, row["n"]),
                numbers.pct(row["share"], language=v.language) if known(row, "share") else NO_VALUE,
            )
            for row in records(classes)
        ),
        numeric=(1, 2),
        note=_hidden_note(v, classes),
    )


def _hidden_note(v: Voice, counts: pd.DataFrame) -> str:
    return v.say("benchmark.suppressed_note") if counts["n"].isna().any() else ""


def _measures(b: Benchmark, *names: str) -> list[Row]:
    return [row for row in records(b.tables["quartiles"]) if row["measure"] in names]


def _quartile_table(v: Voice, rows: list[Row], caption: str) -> Table:
    return Table(
        caption=caption,
        columns=(
            v.say("column.measure"),
            v.say("benchmark.lower"),
            v.say("column.median"),
            v.say("benchmark.upper"),
            v.say("column.municipalities"),
        ),
        rows=tuple(_quartile_row(v, row) for row in rows),
        numeric=(1, 2, 3, 4),
        note=v.say("benchmark.quartiles_note"),
    )


def _quartile_row(v: Voice, row: Row) -> tuple[str, ...]:
    label, write = measure_label(v, row["measure"]), measure_writer(v, row["measure"])
    if row.get("group_kind") == "wave":
        label = v.say("benchmark.wave", measure=label, group=wave_words(v, row["group"]))
    if not known(row, "median"):
        return (
            label,
            v.say(f"status.{'hidden' if row['n'] else 'not_examined'}"),
            NO_VALUE,
            NO_VALUE,
            NO_VALUE,
        )
    return (label, *(write(row[name]) for name in ("q25", "median", "q75")), _integer(v, row["n"]))


def _correlation(v: Voice, row: Row) -> tuple[str, ...]:
    first, second = (_correlated(v, row[name]) for name in ("first", "second"))
    pair = v.say("benchmark.correlations.pair", first=first, second=second)
    if not known(row, "rho"):
        return pair, v.say("benchmark.correlations.too_few", n=row["n"]), NO_VALUE, _integer(v, row["n"])
    rho, low, high = (
        numbers.number(row[name], decimals=2, language=v.language) for name in ("rho", "low", "high")
    )
    return pair, rho, v.say("benchmark.correlations.interval", low=low, high=high), _integer(v, row["n"])


def _correlated(v: Voice, name: str) -> str:
    months = "benchmark.correlations.months_since_go_live"
    return v.say(months) if name == "months_since_go_live" else measure_label(v, name)
