"""The cross-municipality report: sentences with numbers, suppressed cells, and nobody named."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from klktools import wording
from klktools.wording.benchmark import (
    say_four_statements,
    show_benchmark_cover,
    show_certainty_classes,
    show_claim_matrix,
    show_correlations,
    show_harvest,
    show_plan_classes,
    show_quartiles,
    show_reference_basis,
    show_training_statement,
)

CLASSES = ["certainly_above", "undecided", "certainly_not_above", "cannot_be_said"]


def classes(counts, total=55):
    rows = [
        {"category": name, "n": n, "total": total, "share": None if n is None else n / total}
        | {"status": "suppressed" if n is None else "measured"}
        for name, n in counts.items()
    ]
    return pd.DataFrame(rows).astype({"n": float, "share": float})


def quartiles(measure, n, *values):
    status = "measured" if values else "suppressed"
    q25, median, q75 = values or (None, None, None)
    return {"measure": measure, "n": n, "q25": q25, "median": median, "q75": q75, "status": status}


TABLES = {
    "plan_classes": classes({"plan": 9, "partial": 28, "no_plan": 18}),
    "certainty_classes": classes(dict(zip(CLASSES, (8, 18, 14, 15), strict=True))),
    "knowledge": classes({"know_it": None, "believe_it": 14, "good_but_unknown": None, "do_not_know": 33}),
    "claim_matrix": pd.DataFrame(
        [
            {"claim": claim, "category": name, "n": n}
            for claim, row in {
                "yes": (None, 9, 5, 0),
                "no": (0, 5, 6, None),
                "dont_know": (5, 5, 5, 12),
            }.items()
            for name, n in zip(CLASSES, row, strict=True)
        ]
    ),
    "training": classes({"training_after_go_live": 40, "fixed_onboarding": 12}),
    "quartiles": pd.DataFrame(
        [
            quartiles("I16", 54, 0.27, 0.44, 0.60),
            quartiles("I17", 54, 0.07, 0.10, 0.23),
            quartiles("I21b", 4),
        ]
    ),
    "correlations": pd.DataFrame(
        [
            {"first": "D3", "second": "L2", "n": 38, "rho": 0.456, "low": 0.15, "high": 0.69},
            {
                "first": "D3",
                "second": "months_since_go_live",
                "n": 14,
                "rho": None,
                "low": None,
                "high": None,
            },
        ]
    ),
}


def reference(measure, kind, group, n, *values, status="measured"):
    return quartiles(measure, n, *values) | {"group_kind": kind, "group": group, "status": status}


REFERENCE = [
    reference("plan", "all", "all", 55, 1.0, 1.5, 2.0),
    reference("plan", "wave", "2018F", 25, 1.0, 1.5, 2.0),
    reference("plan", "size_class", "100000_plus", 4, status="suppressed"),
    reference("G3", "all", "all", 30, status="not_examined"),
    reference("G3", "wave", "2018E", 30, 0.0, 1.0, 2.0),
    reference("G3", "wave", "2018F", 0, status="suppressed"),
    reference("I16", "all", "all", 54, 0.27, 0.44, 0.60),
]


@dataclass(frozen=True)
class Benchmark:
    language: str = "da"
    tables: Any = field(default_factory=lambda: TABLES)
    reference: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(REFERENCE))
    meta: Any = field(default_factory=lambda: {"edition": "municipal"})


def test_the_cover_says_how_many_and_which_waves():
    assert show_benchmark_cover(Benchmark(meta={"edition": "municipal", "synthetic": True})).to_text() == (
        "Tværgående benchmark af digitaliserings- og organiseringstjek\n"
        "55 kommuner\n"
        "Bølger: forår 2018 og efterår 2018\n"
        "Udgave: Til kommunerne\n"
        "Data: Syntetiske eksempeldata"
    )


def test_the_statements_are_whole_sentences_and_suppressed_ones_say_so():
    assert say_four_statements(Benchmark()).items == (
        "**Plan:** 9 af 55 kommuner har en plan, der dækker administrationen.",
        "**Dybde:** 8 af 55 kommuner kan med sikkerhed sige, at mere end 25 pct. af transaktionerne "
        "går gennem de nye løsninger.",
        "**Selvbillede:** Tallet er skjult, så ingen enkelt kommune kan kendes.",
        "**Gevinst:** I den midterste kommune er 44 pct. af budgetreduktionerne dokumenteret høstet, "
        "hvor det var tiltænkt (54 kommuner).",
        "**Ledelse:** 40 af 55 kommuner uddanner også brugerne efter ibrugtagningen.",
        "**Halveringstid:** Tallet er skjult, så ingen enkelt kommune kan kendes.",
    )


def test_the_basis_names_what_compares_within_a_wave_only():
    table = show_reference_basis(Benchmark())
    assert table.rows == (("Alle", "55"), ("Bølgen forår 2018", "25"), ("Bølgen efterår 2018", "30"))
    assert table.note == (
        "Kun sammenlignet inden for hver bølge, fordi ikke alle har fået spørgsmålene: "
        "G3 Anvendelse som forudsat."
    )


def test_without_uneven_measures_all_compare():
    even = Benchmark("en", reference=pd.DataFrame(REFERENCE[:2]))
    assert show_reference_basis(even).note == "All criteria can be compared across the waves."


def test_classes_are_counted_with_their_share():
    assert show_plan_classes(Benchmark("en")).rows == (
        ("Yes, a plan that covers most", "9", "16 per cent"),
        ("A partial plan", "28", "51 per cent"),
        ("No plan", "18", "33 per cent"),
    )
    assert show_plan_classes(Benchmark()).note == ""
    assert [row[1] for row in show_certainty_classes(Benchmark()).rows] == ["8", "18", "14", "15"]


def test_the_claim_matrix_hides_small_cells_and_says_why():
    matrix, knowledge = show_claim_matrix(Benchmark("en")).blocks
    assert matrix.rows == (
        ("Yes", "suppressed", "9", "5", "0"),
        ("No", "0", "5", "6", "suppressed"),
        ("Do not know", "5", "5", "5", "12"),
    )
    assert knowledge.rows[:2] == (("Know it", "suppressed", "–"), ("Believe it", "14", "25 per cent"))
    assert matrix.note == knowledge.note != ""


def test_harvest_and_half_life_are_quartiles_without_extremes():
    assert show_harvest(Benchmark()).rows == (
        ("Høstet på stedet", "27 pct.", "44 pct.", "60 pct.", "54"),
        ("Taget fra kernevelfærden", "7 pct.", "10 pct.", "23 pct.", "54"),
    )
    assert show_training_statement(Benchmark()).blocks[1].rows == (
        ("Halveringstid", "skjult", "–", "–", "–"),
    )
    long_lived = TABLES | {"quartiles": pd.DataFrame([quartiles("I21b", 50, 2.41, 2.7, 3.11)])}
    assert show_training_statement(Benchmark(tables=long_lived)).blocks[1].rows == (
        ("Halveringstid", "2,4 år", "2,7 år", "3,1 år", "50"),
    )


def test_quartiles_of_criteria_not_asked_everywhere_stand_per_wave():
    assert show_quartiles(Benchmark()).rows == (
        ("Plan for digitalisering af administrationen", "1,0", "1,5", "2,0", "55"),
        ("G3 Anvendelse som forudsat, forår 2018", "ikke undersøgt", "–", "–", "–"),
        ("G3 Anvendelse som forudsat, efterår 2018", "0,0", "1,0", "2,0", "30"),
    )


def test_correlations_have_interval_and_n_and_are_no_causes():
    table = show_correlations(Benchmark())
    assert table.rows == (
        ("D3 Transaktionsandel, målt og sikker og L2 Løbende uddannelse", "0,46", "0,15 til 0,69", "38"),
        (
            "D3 Transaktionsandel, målt og sikker og Måneder siden ibrugtagning",
            "For få kommuner (14)",
            "–",
            "14",
        ),
    )
    assert table.note.endswith("viser ikke, at den ene er årsag til den anden.")


@pytest.mark.parametrize("verb", [show_reference_basis, show_quartiles])
def test_too_few_municipalities_for_any_figure_is_said(verb):
    nothing = Benchmark(reference=pd.DataFrame(columns=list(REFERENCE[0])))
    assert verb(nothing).texts == ("Der er for få kommuner til, at vi kan vise tal.",)


def test_every_benchmark_verb_speaks_both_languages():
    names = [name for name in wording.__all__ if getattr(wording, name).__module__.endswith("benchmark")]
    assert len(names) == 10
    for name in names:
        da, en = (getattr(wording, name)(Benchmark(language)).to_html() for language in ("da", "en"))
        assert da and en and da != en
