"""Templates: every formatter, every fault, and hostile values."""

import pandas as pd
import pytest

from klktools.errors import TableError
from klktools.wording.templates import FORMATTERS, framework_labels, render, solution_labels

SOLUTIONS = pd.DataFrame(
    {"solution": ["S3", "S1", "S2"], "function": ["purchasing", "purchasing", "invoices"], "name": "Brand X"}
)
LABELS = dict(framework_labels("da")) | {
    "solution": solution_labels(SOLUTIONS, language="da"),
    "initiative": {"I1": "Ny lønløsning", "I2": "<script>alert(1)</script> {x} | **y**"},
    "department": {"D1": "Økonomi og indkøb"},
}


def say(template, language="da", **values):
    return render(template, values, language=language, labels=LABELS)


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("{x|pct} af dem", 0.27, "27 pct. af dem"),
        ("{x|pp} procentpoint", -1.25, "−1,3 procentpoint"),
        ("{x|mio}", 1_700_000, "1,7 mio. kr."),
        ("{x|minutes} minutter", 4.5, "4,5 minutter"),
        ("{x|years1} år", 1.36, "1,4 år"),
        ("{x|score}", 3, "3,0"),
        ("i {x|month}", "2018-10-01", "i oktober 2018"),
        ("den {x|date}", "2018-10-01", "den 1. oktober 2018"),
        ("{x|months} måneder", 24.0, "24 måneder"),
        ("{x|int}", 60000, "60.000"),
        ("{x|count:solution}", 1, "1 løsning"),
        ("{x|solution}", "S1", "Indkøb og e-handel"),
        (
            "{x|solutions}",
            "S1|S2|S3",
            "»Indkøb og e-handel«, »Fakturahåndtering« og »Indkøb og e-handel (2)«",
        ),
        ("{x|solutions}", ["S2"], "Fakturahåndtering"),
        ("{x|initiative}", "I1", "Ny lønløsning"),
        ("{x|initiatives}", "I1|I9", "Ny lønløsning og et initiativ uden for planen"),
        ("{x|department}", "D1", "Økonomi og indkøb"),
        ("{x|departments}", "D1", "Økonomi og indkøb"),
        ("{x|group}", "children_youth", "Børn og Unge"),
        ("{x|groups}", "hr_payroll|finance", "»HR og løn« og »Økonomi«"),
        ("{x|function}", "payroll", "Lønindberetning og stamdata"),
        ("{x|criterion}", "D2", "I alle dele af organisationen"),
        ("{x|criteria}", "G3|G4", "»Anvendelse som forudsat« og »Tid pr. opgave som forudsat«"),
        ("{x|role}", "DC", "Digitaliseringschef"),
        ("{x|version}", "v1", "v1 (forår)"),
        ("fra {x|text}", 2019.0, "fra 2019"),
        ("{x|texts}", "a|b|c", "a, b og c"),
        ("{x|table}", "usage", "Anvendelse pr. måned"),
    ],
)
def test_each_formatter_says_its_value(template, value, said):
    assert say(template, x=value) == said


def test_every_formatter_is_among_those_tested():
    (mark,) = [m for m in test_each_formatter_says_its_value.pytestmark if m.name == "parametrize"]
    tested = {template.split("|")[1].split("}")[0].split(":")[0] for template, *_ in mark.args[1]}
    assert tested == set(FORMATTERS)


@pytest.mark.parametrize("formatter", ["pct", "mio", "solution", "text", "month", "count:solution"])
def test_a_missing_value_cannot_be_said(formatter):
    assert say(f"{{x|{formatter}}}", x=None) == "kan ikke siges"
    assert say(f"{{x|{formatter}}}", "en", x=float("nan")) == "cannot be said"


@pytest.mark.parametrize("formatter", ["texts", "solutions"])
def test_a_missing_list_cannot_be_said_and_an_empty_one_is_empty(formatter):
    assert say(f"{{x|{formatter}}}", x=None) == "kan ikke siges"
    assert say(f"{{x|{formatter}}}", x="") == ""


def test_criteria_are_always_quoted_and_other_names_where_a_list_would_be_hard_to_read():
    both = "»Høstet, hvor der blev sået« og »Løbende uddannelse«"
    assert say("{x|criteria}", x="G1|L2") == both
    assert say("{x|criteria}", x="L2") == "»Løbende uddannelse«"
    assert say("{x|groups}", x="finance|secretariat") == "»Økonomi« og »Sekretariat og ledelse«"
    assert say("{x|initiatives}", x="I1|I9") == "Ny lønløsning og et initiativ uden for planen"


def test_an_unlisted_solution_never_shows_its_id_or_brand():
    assert say("{x|solution}", x="BRAND-X-42") == "en løsning uden for listen"


def test_solutions_of_one_function_are_numbered_by_id():
    assert solution_labels(SOLUTIONS, language="en") == {
        "S1": "Purchasing and e-trade",
        "S2": "Invoice handling",
        "S3": "Purchasing and e-trade (2)",
    }
    assert solution_labels(pd.DataFrame(), language="en") == {}


def test_a_value_is_never_read_as_a_template():
    assert say("Om {x|initiative}: {y|pct}.", x="I2", y=0.5) == (
        "Om <script>alert(1)</script> {x} | **y**: 50 pct."
    )


def test_an_empty_optional_sentence_leaves_no_gap():
    assert say("A. {x|text} B. {y|text}", x="", y="") == "A. B."


def test_a_full_stop_after_an_abbreviation_stands_once():
    assert (
        say("Det er {x|pct}. Det koster {y|mio}.", x=0.5, y=1e6) == "Det er 50 pct. Det koster 1,0 mio. kr."
    )
    assert say("Vent ...") == "Vent ..."


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{x}",
            'a variable must be written {name|formatter}; found {x} (in "{x}"). Correct the template.',
        ),
        (
            "{x.y|pct}",
            "a variable must be written {name|formatter}; "
            'found {x.y|pct} (in "{x.y|pct}"). Correct the template.',
        ),
        (
            "Andel {y|pct}",
            'every variable must have a value; found {y|pct} (in "Andel {y|pct}"). Correct the template.',
        ),
        (
            "{x|percent}",
            f"a formatter must be one of {', '.join(sorted(FORMATTERS))}; "
            'found {x|percent} (in "{x|percent}"). Correct the template.',
        ),
        ("{x|count:thing}", "count needs a noun of texts/noun; found 'thing'."),
        ("{x|count}", "count needs a noun of texts/noun; found ''."),
    ],
)
def test_a_faulty_template_raises_a_sentence(template, message):
    with pytest.raises(TableError) as caught:
        say(template, x=1)
    assert str(caught.value) == message
