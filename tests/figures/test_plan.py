"""Figures of the plan: what is drawn and what is said."""

import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.dates import date2num

import klktools.figures as figures
from klktools.figures import plan
from tests.figures.drawings import bars, column_names, dossier, points, svg, texts
from tests.pages import contrast


def month(text):
    return pd.Timestamp(f"{text}-01")


TIMELINE = pd.DataFrame(
    {
        "initiative": ["i1", "i2", "i3"],
        "name": ["Nyt lønsystem", "Robot på løn", "E-handel i skoler"],
        "start": [month("2018-03"), month("2018-01"), pd.NaT],
        "end": [month("2019-02"), month("2018-09"), pd.NaT],
        "go_live": [month("2019-02"), month("2018-10"), month("2018-06")],
        "conflict": [None, "K6", None],
    }
)
VISITED = {"visited": pd.Timestamp(2018, 10, 12), "language": "da"}
# framework 4.2, the vector of I11: 20 initiatives, 14/10/4/6 fulfilled
PLAN = pd.DataFrame(
    {"I11a": [0.7], "I11b": [0.5], "I11c": [0.2], "I11d": [0.3], "I11": [0.425], "I11_class": ["partial"]}
).assign(n_initiatives=20)
COMPLETENESS = {"threshold": 0.7, "language": "da"}


def test_the_timeline_draws_each_initiative_from_its_first_to_its_last_date():
    axes = plan.draw_timeline(TIMELINE, **VISITED).axes[0]
    assert bars(axes) == [
        (0, date2num(month("2018-01")), date2num(month("2018-10"))),
        (1, date2num(month("2018-03")), date2num(month("2019-02"))),
        (2, date2num(month("2018-06")), date2num(month("2018-06"))),
    ]
    assert points(axes, "o") == [
        (date2num(month("2018-10")), 0),
        (date2num(month("2019-02")), 1),
        (date2num(month("2018-06")), 2),
    ]


def test_the_timeline_marks_a_conflict_by_form_and_word():
    said = texts(plan.draw_timeline(TIMELINE, **VISITED))
    assert said[:3] == ["Robot på løn", "Nyt lønsystem", "E-handel i skoler"]
    assert [text for text in said if text.startswith("◆")] == ["◆ robot på vigende system"]


def test_the_timeline_spans_the_same_four_years_round_every_visit():
    figure = plan.draw_timeline(TIMELINE, **VISITED)
    assert figure.axes[0].get_xlim() == (
        date2num(pd.Timestamp(2017, 1, 1)),
        date2num(pd.Timestamp(2021, 1, 1)),
    )
    assert column_names(figure) == ["2017", "2018", "2019", "2020"]


def test_what_runs_out_of_the_years_shown_has_an_arrow():
    outside = TIMELINE.iloc[[0, 0, 0]].assign(
        initiative=["a", "b", "c"],
        start=[month("2016-01"), month("2020-06"), month("2015-01")],
        end=[month("2018-01"), month("2021-06"), month("2015-06")],
        go_live=pd.NaT,
    )
    arrows = [text for text in texts(plan.draw_timeline(outside, **VISITED)) if set(text) <= set(" ←→")]
    assert arrows == ["←", " ←", "→ "]


def test_an_arrow_is_seen_on_its_bar():
    outside = TIMELINE.iloc[[0, 0]].assign(
        start=month("2020-06"), end=month("2021-06"), go_live=pd.NaT, conflict=[None, "K6"]
    )
    axes = plan.draw_timeline(outside, **VISITED).axes[0]
    inks = [to_rgb(text.get_color()) for text in axes.texts if text.get_text() == "→ "]
    fills = [bar.get_facecolor()[:3] for bar in axes.patches if bar.get_height() == 0.5]
    assert len(inks) == len(fills) == 2
    seen = [contrast([255 * c for c in a], [255 * c for c in b]) for a, b in zip(inks, fills, strict=True)]
    assert min(seen) >= 3
    assert max(seen) > 5  # they are not in one colour


@pytest.mark.parametrize(
    ("start", "go_live", "end"),
    [
        ("2016-06", "2017-01", "2017-02"),  # the ring fills what is left of the bar
        ("2016-06", None, "2017-02"),
        ("2016-06", "2017-02", "2018-06"),
        ("2020-11", "2020-12", "2021-06"),
        ("2020-02", "2020-12", "2021-06"),
        ("2016-06", "2018-03", "2018-06"),
    ],
)
@pytest.mark.parametrize("conflict", [None, "K6"])
def test_an_arrow_stands_neither_under_a_ring_nor_half_on_its_bar(start, go_live, end, conflict):
    live = pd.NaT if go_live is None else month(go_live)
    row = TIMELINE.iloc[[0]].assign(start=month(start), go_live=live, end=month(end), conflict=conflict)
    figure = plan.draw_timeline(row, **VISITED)
    axes = figure.axes[0]
    figure.draw_without_rendering()
    (arrow,) = [text for text in axes.texts if text.get_text().strip() in "←→"]
    blank = 0.25 * arrow.get_fontsize() * figure.dpi / 72
    place = arrow.get_window_extent()
    left, right = (
        place.x0 + blank * arrow.get_text().startswith(" "),
        place.x1 - blank * arrow.get_text().endswith(" "),
    )
    rings = [axes.transData.transform(point)[0] for point in points(axes, "o")]
    radius = (6.5 / 2 + 0.75) * figure.dpi / 72
    assert all(right <= ring - radius or left >= ring + radius for ring in rings)
    (bar,) = [patch.get_window_extent() for patch in axes.patches if patch.get_height() == 0.5]
    on_bar = left >= bar.x0 - 1 and right <= bar.x1 + 1
    assert on_bar or right <= bar.x0 + 1 or left >= bar.x1 - 1
    under = next(patch.get_facecolor()[:3] for patch in axes.patches) if on_bar else (1, 1, 1)
    seen = [[255 * part for part in colour] for colour in (to_rgb(arrow.get_color()), under)]
    assert contrast(*seen) >= 3


def test_a_long_timeline_keeps_the_conflicts_and_says_how_many_are_left_out():
    many = pd.concat([TIMELINE.iloc[[0]]] * 20 + [TIMELINE.iloc[[1]]], ignore_index=True)
    many = many.assign(initiative=[f"i{at:02d}" for at in range(21)])
    said = texts(plan.draw_timeline(many, **VISITED))
    assert said.count("Nyt lønsystem") == 17
    assert said.count("Robot på løn") == 1
    assert len([text for text in said if text.endswith("3 uden plads er udeladt.")]) == 1


def test_the_timeline_says_which_initiatives_clash_and_why():
    title, alt = plan.describe_timeline(TIMELINE, **VISITED)
    assert title == "1 af 3 initiativer med dato har en konflikt i rækkefølgen"
    assert alt == (
        "Tidslinje med 3 initiativer fra januar 2018 til februar 2019. "
        "Konflikter: Robot på løn (robot på vigende system)."
    )


def test_a_timeline_without_conflicts_says_so():
    title, _ = plan.describe_timeline(TIMELINE.assign(conflict=None), **VISITED)
    assert title == "Vi har ikke fundet konflikter i rækkefølgen mellem 3 initiativer med dato"


def test_the_plan_shows_its_four_parts_against_the_line_of_a_whole_plan():
    axes = plan.draw_plan_completeness(PLAN, **COMPLETENESS).axes[0]
    assert [bar for bar in bars(axes) if bar[2] < 1] == [(0, 0, 0.7), (1, 0, 0.5), (2, 0, 0.2), (3, 0, 0.3)]
    said = texts(axes.figure)
    assert [text for text in said if "pct." in text][-5:] == [
        *("70 pct.", "50 pct.", "20 pct. ◆", "30 pct.", "hel plan: 70 pct."),
    ]


@pytest.mark.parametrize(
    ("category", "title"),
    [
        ("partial", "Planen er delvis. Lavest er »Forandringer beskrevet« (20 pct. af initiativerne)"),
        (
            "no_plan",
            "Der er ingen samlet plan. Lavest er »Forandringer beskrevet« (20 pct. af initiativerne)",
        ),
        ("plan", "Planen dækker de fire dele. Lavest er »Forandringer beskrevet« (20 pct. af initiativerne)"),
    ],
)
def test_the_plan_says_its_class_and_its_weakest_part(category, title):
    assert plan.describe_plan_completeness(PLAN.assign(I11_class=category), **COMPLETENESS)[0] == title


def test_the_plan_block_tells_all_four_parts():
    block = figures.plot_plan_completeness(dossier(plan_by_municipality=PLAN))
    assert block.n == "20 initiativer"
    assert block.alt == (
        "Andel af de åbne initiativer, hvor hver del er på plads: Sammenhæng beskrevet 70 pct., "
        "Rækkefølge angivet 50 pct., Forandringer beskrevet 20 pct., Gevinster beskrevet 30 pct. "
        "Gennemsnit 43 pct.; en hel plan kræver 70 pct."
    )


def test_the_same_plan_gives_the_same_bytes():
    assert svg(plan.draw_timeline, TIMELINE, **VISITED) == svg(plan.draw_timeline, TIMELINE, **VISITED)
    one, two = (svg(plan.draw_plan_completeness, PLAN, **COMPLETENESS) for _ in range(2))
    assert one == two
