"""What a consultant asks of a round before the report is written (framework 6.3); nothing here is delivered.

Tables in, tables out. The tables are those of docs/architecture.md, of one municipality or of all, and hold the
whole truth: figures of few persons are not hidden here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
import pandas as pd

from klktools import stats
from klktools.assessment import Assessment, criterion_values, gather_facts, latest_visits
from klktools.contract import load_contract, nearest
from klktools.dossier import Dossier, open_dossier, seal_dossiers
from klktools.errors import ParameterError, sentence
from klktools.framework import FindingRule, Framework, load_framework
from klktools.framework.triggers import evaluate
from klktools.intake import Round

SOLUTION = ["municipality", "solution"]
DENOMINATORS = ("all_eligible", "all", "own_solution_only", "unknown")
ROLE_GROUPS = ("management", "users", "staff_representatives")
MARGIN = 0.10


# --- one municipality ------------------------------------------------------------------------------------


def only(table: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """Keep the rows of one municipality, numbered anew; a table without municipalities is kept whole."""
    if "municipality" not in table:
        return table
    return table[table["municipality"].eq(municipality)].reset_index(drop=True)


def keep_one(assessment: Assessment, municipality: str) -> Assessment:
    """Keep one municipality of an assessment, with the reference and the statements of all.

    Raises
    ------
    ParameterError
        The municipality is not in the round.
    """
    known = list(assessment.municipalities["municipality"])
    if municipality not in known:
        near = nearest(municipality, known)
        raise ParameterError(
            sentence(
                must="`municipality` must be a code of the round, as text of four characters",
                found=f"found {municipality!r}",
                remedy=f"The nearest is {near}" if near else "",
            )
        )
    whole = assessment.round
    own = Round(
        tables={name: only(table, municipality) for name, table in whole.tables.items()},
        problems=only(whole.problems, municipality),
        corrections=only(whole.corrections, municipality),
        delivered=only(whole.delivered, municipality),
    )
    tables = {name: only(table, municipality) for name, table in assessment.tables.items()}
    return replace(assessment, round=own, **tables)  # type: ignore[arg-type]


def open_one(assessment: Assessment) -> Dossier:
    """Open what the report of the one municipality of an assessment (`keep_one`) may see.

    The dossier is sealed to a temporary folder, which is gone again before this returns.
    """
    (code,) = assessment.municipalities["municipality"]
    with TemporaryDirectory() as folder:
        seal_dossiers(assessment, folder)
        return open_dossier(f"{folder}/{code}")


# --- what was delivered ----------------------------------------------------------------------------------


def count_by_rule(journal: pd.DataFrame) -> pd.DataFrame:
    """Count the problems or corrections of a round by table and rule, the most frequent first.

    Returns
    -------
    DataFrame
        One row per table x rule (x severity of problems): n, and the first file, cell and message.
    """
    by = [name for name in ("severity", "table", "rule") if name in journal]
    grouped = journal.assign(n=1.0).groupby(by, dropna=False, as_index=False)
    first = {name: (name, "first") for name in ("file", "cell", "message")}
    counted = grouped.agg(n=("n", "sum"), **first)
    return counted.sort_values(["n", *by], ascending=[False] + [True] * len(by), ignore_index=True)


def list_deliveries(quality: pd.DataFrame) -> pd.DataFrame:
    """List every table of the contract, also those that one municipality did not deliver.

    Parameters
    ----------
    quality : DataFrame
        `data_quality` of one municipality.

    Returns
    -------
    DataFrame
        One row per table, in the order of the contract: delivered (flag), rows_delivered, rows_accepted,
        rows_rejected, rows_warned and I27 (0-1), missing where nothing was delivered.
    """
    names = pd.DataFrame({"table": list(load_contract().tables)})
    listed = names.merge(quality.drop(columns="municipality"), on="table", how="left")
    listed.insert(1, "delivered", listed["rows_delivered"].gt(0))
    return listed


def map_coverage(cells: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Map which part of the expected transactions was measured.

    Parameters
    ----------
    cells : DataFrame
        `cells`.
    by : {"month", "department"}
        What the columns are.

    Returns
    -------
    DataFrame
        One row per solution, one column per month (YYYY-MM) or department: measured part of the expected
        volume, 0-1; missing where nothing is expected. Without a volume every cell weighs the same.
    """
    weight = _weights(cells)
    across = cells["month"].dt.strftime("%Y-%m") if by == "month" else cells[by]
    parts = pd.DataFrame({"all": weight, "measured": weight.where(cells["measured"], 0.0)})
    sums = parts.groupby([cells["municipality"], cells["solution"], across.rename(by)]).sum()
    share = pd.Series(stats.ratio(sums["measured"], sums["all"]), index=sums.index)
    return share.unstack(by).rename_axis(columns=None).reset_index()


def count_reasons(cells: pd.DataFrame) -> pd.DataFrame:
    """Count why cells are not measured: one row per solution x reason with n_cells and n_departments."""
    silent = cells[~cells["measured"]]
    grouped = silent.groupby([*SOLUTION, "reason"], as_index=False)
    return grouped.agg(n_cells=("month", "size"), n_departments=("department", "nunique"))


# --- usage and certainty ---------------------------------------------------------------------------------


def compare_denominators(
    depth: pd.DataFrame,
    cells: pd.DataFrame,
    municipalities: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Hold the share of each solution against every denominator there is.

    Parameters
    ----------
    depth, cells : DataFrame
        `depth_by_solution` and `cells`.
    municipalities : DataFrame
        T1: municipality, population.
    assumptions : mapping
        `volume_norm_<function>`: yearly transactions per inhabitant.

    Returns
    -------
    DataFrame
        One row per solution: through and eligible as delivered in the window (transactions, measured or not);
        the delivered share under the denominator it was delivered with (of_all_eligible, of_all,
        of_own_solution_only, of_unknown); of_log, from the raw log; of_norm, of the function's norm; I01,
        what counts as measured; and I04. Shares are 0-1 but not capped: an own denominator gives 1.
    """
    both = cells[["through", "eligible"]].notna().all(axis=1)
    sums = cells[both].groupby(SOLUTION)[["through", "eligible"]].sum().reset_index()
    table = depth[[*SOLUTION, "function", "denominator", "months_expected", "log_share", "I01", "I04"]]
    table = table.merge(sums, on=SOLUTION, how="left")
    table = table.merge(municipalities[["municipality", "population"]], on="municipality", how="left")
    share = pd.Series(stats.ratio(table["through"], table["eligible"]), index=table.index)
    kinds = {f"of_{kind}": share.where(table["denominator"].eq(kind)) for kind in DENOMINATORS}
    norms = table["function"].map(lambda function: assumptions.get(f"volume_norm_{function}", np.nan))
    norm = norms.astype(float) * table["population"].astype(float) * table["months_expected"] / 12
    table = table.assign(**kinds, of_log=table["log_share"], of_norm=stats.ratio(table["through"], norm))
    return table[
        [
            *SOLUTION,
            "function",
            "denominator",
            "through",
            "eligible",
            *kinds,
            "of_log",
            "of_norm",
            "I01",
            "I04",
        ]
    ]


def need_to_measure(bounds: pd.DataFrame, *, threshold: float) -> pd.DataFrame:
    """Say how much more must be measured before a share is certain (I02-I04).

    Parameters
    ----------
    bounds : DataFrame
        `depth_by_solution` or `depth_by_municipality`: I02, I03_low, I03_high (0-1) and I04.
    threshold : float
        Share; `certainty_threshold`.

    Returns
    -------
    DataFrame
        The keys, I02, I03_low, I03_high and I04, with

        - goal: certainly_above or certainly_not_above, what more measuring can prove; first_figures where
          nothing is measured; larger_sample where not even measuring all proves anything, because the limits
          of a sample lie on either side; left_out_volumes where the limits suffice, but too many solutions
          have no volume; none where it is certain already.
        - supposed_share: the share supposed of what is not measured yet, the present (lower or upper) limit
          of the measured part; 1, the best case, where nothing is measured.
        - coverage_needed and extra_coverage (0-1): above, the coverage must exceed coverage_needed; not
          above, it must reach it. Missing where measuring more is no help or no need.
    """
    keys = [name for name in SOLUTION if name in bounds]
    table = bounds[[*keys, "I02", "I03_low", "I03_high", "I04"]].reset_index(drop=True)
    low = pd.Series(stats.ratio(table["I03_low"], table["I02"]))
    high = 1 - pd.Series(stats.ratio(1 - table["I03_high"], table["I02"]))
    undecided = table["I04"].eq("undecided")
    goals = {
        "none": table["I04"].isna() | table["I04"].str.startswith("certainly").eq(True),
        "first_figures": table["I04"].eq("cannot_be_said"),
        "left_out_volumes": undecided & stats.exceeds(table["I03_low"], threshold),
        "certainly_above": undecided & stats.exceeds(low, threshold),
        "certainly_not_above": undecided & ~stats.exceeds(high, threshold),
    }
    goal = pd.Series(np.select(list(goals.values()), list(goals), "larger_sample"), dtype="str")
    supposed = pd.Series(1.0, index=table.index).where(goal.eq("first_figures"))
    supposed = supposed.mask(goal.eq("certainly_above"), low).mask(goal.eq("certainly_not_above"), high)
    downwards = pd.Series(stats.ratio(1 - threshold, 1 - supposed), index=table.index)
    upwards = pd.Series(stats.ratio(threshold, supposed), index=table.index)
    needed = upwards.mask(goal.eq("certainly_not_above"), downwards)
    extra = (needed - table["I02"]).clip(lower=0)
    return table.assign(goal=goal, supposed_share=supposed, coverage_needed=needed, extra_coverage=extra)


def rank_departments(cells: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """Say which departments and months to measure for a solution to be certain, the largest volume first.

    Parameters
    ----------
    cells : DataFrame
        `cells`.
    needs : DataFrame
        Result of `need_to_measure` for solutions.

    Returns
    -------
    DataFrame
        One row per solution x department with something unmeasured, where measuring helps: goal;
        months_missing and months_needed (how many of them it takes, the departments above it first); part of
        the solution's expected volume that is missing; coverage_after, with all of the department's missing
        months measured too (0-1); and the commonest reason.
    """
    weight = _weights(cells)
    parts = cells.assign(part=weight / weight.groupby([cells[key] for key in SOLUTION]).transform("sum"))
    missing = parts[~parts["measured"]].merge(needs.dropna(subset=["extra_coverage"]), on=SOLUTION)
    department = [*SOLUTION, "department"]
    missing["total"] = missing.groupby(department)["part"].transform("sum")
    order = [*SOLUTION, "total", "department", "part", "month"]
    missing = missing.sort_values(order, ascending=[True, True, False, True, False, False], ignore_index=True)
    reached = missing.groupby(SOLUTION)["part"].cumsum()
    missing = missing.assign(
        coverage_after=missing["I02"] + reached, needed=_needed(missing, reached - missing["part"])
    )
    ranked = missing.groupby(department, sort=False, as_index=False).agg(
        goal=("goal", "first"),
        months_missing=("month", "size"),
        months_needed=("needed", "sum"),
        part_missing=("part", "sum"),
        coverage_after=("coverage_after", "last"),
        reason=("reason", lambda reasons: reasons.mode().iloc[0]),
    )
    return ranked


def rank_solutions(depth: pd.DataFrame, needs: pd.DataFrame) -> pd.DataFrame:
    """Say which new solutions to measure for the municipality to be certain, the largest volume first.

    Parameters
    ----------
    depth : DataFrame
        `depth_by_solution`.
    needs : DataFrame
        Result of `need_to_measure` for municipalities.

    Returns
    -------
    DataFrame
        One row per new solution with a volume and something unmeasured, where measuring helps: goal, needed
        (flag), volume_share (of the new solutions' expected volume), I02 (0-1), part_missing and
        coverage_after, the municipality's coverage with this and the solutions above it measured in full.
    """
    new = depth[depth["is_new"] & ~depth["left_out"]]
    volume_share = new["expected_volume"] / new.groupby("municipality")["expected_volume"].transform("sum")
    new = new.assign(volume_share=volume_share, part=volume_share * (1 - new["I02"]))
    helped = needs.dropna(subset=["extra_coverage"]).rename(columns={"I02": "covered"})
    helped = helped[["municipality", "covered", "goal", "extra_coverage"]]
    missing = new[new["part"] > 0].merge(helped, on="municipality")
    missing = missing.sort_values(["municipality", "part", "solution"], ascending=[True, False, True])
    reached = missing.groupby("municipality")["part"].cumsum()
    ranked = missing.assign(
        needed=_needed(missing, reached - missing["part"]), coverage_after=missing["covered"] + reached
    ).rename(columns={"part": "part_missing"})
    columns = ["goal", "needed", "volume_share", "I02", "part_missing", "coverage_after"]
    return ranked[[*SOLUTION, "function", *columns]].reset_index(drop=True)


def _weights(cells: pd.DataFrame) -> pd.Series:
    """Expected volume of each cell; where a solution has none, its cells weigh the same."""
    known = cells["expected_volume"].groupby([cells[key] for key in SOLUTION]).transform("sum") > 0
    return cells["expected_volume"].where(known, 1.0)


def _needed(missing: pd.DataFrame, before: pd.Series) -> pd.Series:
    """Whether what comes before in the list is not enough; above the threshold means strictly above."""
    short = stats.exceeds(missing["extra_coverage"], before)
    exactly = ~short & ~stats.exceeds(before, missing["extra_coverage"])
    return pd.Series(short | (exactly & missing["goal"].ne("certainly_not_above")), index=missing.index)


# --- plan and gains --------------------------------------------------------------------------------------


def trace_dependencies(
    dependencies: pd.DataFrame, initiatives: pd.DataFrame, conflicts: pd.DataFrame
) -> pd.DataFrame:
    """Lay the dependencies of the plan out in the order in which they must be done.

    Parameters
    ----------
    dependencies, initiatives : DataFrame
        T12 and T11.
    conflicts : DataFrame
        `conflicts`; K1 is marked on every dependency inside the cycle.

    Returns
    -------
    DataFrame
        One row per dependency: step (how many initiatives in a row must come before; those of a cycle share
        one), initiative, name, start, requires, requires_name, requires_end (end, else go-live), type, hard,
        conflict ("|" text, empty when there is none).
    """
    about = initiatives[["municipality", "initiative", "name", "start"]]
    end = initiatives["end"].fillna(initiatives["go_live"])
    before = initiatives[["municipality", "initiative", "name"]].assign(end=end)
    before = before.set_axis(["municipality", "requires", "requires_name", "requires_end"], axis=1)
    links = dependencies.merge(about, on=["municipality", "initiative"], how="left")
    links = links.merge(before, on=["municipality", "requires"], how="left")
    steps, knots = _steps(links)
    found = conflicts.dropna(subset=["requires"])[["municipality", "initiative", "requires", "conflict"]]
    found = pd.concat([found, knots.assign(conflict="K1")]).drop_duplicates()
    pair = ["municipality", "initiative", "requires"]
    joined = found.sort_values("conflict").groupby(pair)["conflict"].agg("|".join).reset_index()
    links = links.assign(step=steps).merge(joined.astype("str"), on=pair, how="left")
    columns = ["name", "start", "requires", "requires_name", "requires_end", "type", "hard", "conflict"]
    links = links.assign(conflict=links["conflict"].fillna(""))
    ordered = links.sort_values(["municipality", "step", "initiative", "requires"], ignore_index=True)
    return ordered[["municipality", "step", "initiative", *columns]]


def _steps(links: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """The step of each dependency's initiative, and the dependencies inside a cycle."""
    ends = [list(zip(links["municipality"], links[end], strict=True)) for end in ("requires", "initiative")]
    graph: nx.DiGraph = nx.DiGraph(list(zip(*ends, strict=True)))
    parts = nx.condensation(graph)
    generation = {node: at for at, nodes in enumerate(nx.topological_generations(parts)) for node in nodes}
    part_of = parts.graph.get("mapping", {})
    steps = [generation[part_of[node]] for node in ends[1]]
    same = [part_of[one] == part_of[other] for one, other in zip(*ends, strict=True)]
    inside = links.loc[same, ["municipality", "initiative", "requires"]]
    return pd.Series(steps, index=links.index, dtype=float), inside


def what_if(
    gains: pd.DataFrame,
    *,
    functionality: float | None = None,
    usage: float | None = None,
    time: float | None = None,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """Suppose other factors behind the gains (I20: an indication, not a measurement).

    Parameters
    ----------
    gains : DataFrame
        `gains_by_solution`.
    functionality, usage, time : float, optional
        I19F, I19U and I19T as supposed for every solution, 1 for "as assumed"; as measured unless given.
    assumptions : mapping
        `usage_factor_cap`.

    Returns
    -------
    DataFrame
        One row per solution with a business case: bc_kr, cut_kr, F, U, T (as used, clipped), supposed_kr
        (business case times the three; missing when one is neither measured nor supposed) and gap_kr (cut
        less supposed_kr, which explains nothing below zero).
    """
    cases = gains[gains["bc_kr"].notna()].reset_index(drop=True)
    cap = assumptions["usage_factor_cap"]
    limits = {"F": (functionality, 0, 1), "U": (usage, 0, cap), "T": (time, -1, cap)}
    factors = {
        letter: _factor(cases, letter, supposed).clip(low, high)
        for letter, (supposed, low, high) in limits.items()
    }
    supposed_kr = reduce(lambda left, right: left * right, factors.values(), cases["bc_kr"])
    gap = cases["cut_kr"] - supposed_kr.clip(lower=0)
    kept = cases[[*SOLUTION, "bc_kr", "cut_kr"]]
    return kept.assign(**factors, supposed_kr=supposed_kr, gap_kr=gap)


def _factor(cases: pd.DataFrame, letter: str, supposed: float | None) -> pd.Series:
    if supposed is not None:
        return pd.Series(float(supposed), index=cases.index)
    return cases[f"I19{letter}"].astype(float).where(cases[f"{letter}_measured"].eq(True))


# --- leadership ------------------------------------------------------------------------------------------


def project_training(
    groups: pd.DataFrame, *, years: Sequence[float] = (1, 2, 3), newcomers: float | None = None
) -> pd.DataFrame:
    """Project the share trained in each department group (I21; a worst case, since the same posts turn over).

    Parameters
    ----------
    groups : DataFrame
        `training_by_group`.
    years : sequence of float
        Years from now.
    newcomers : float, optional
        Share of newcomers trained from now on, 0-1; each group's own (kappa) unless given.

    Returns
    -------
    DataFrame
        One row per department group, over its solutions by users: users, q (leaving rate a year), half_life
        (years, if nobody is trained any more), newcomers, now and in_<years>: shares trained. Solutions
        whose share, leaving rate or newcomers are unknown are left out.
    """
    trained = groups if newcomers is None else groups.assign(kappa=float(newcomers))
    known = trained.dropna(subset=["I21a", "q", "kappa"])
    shares = {
        f"in_{year:g}": stats.share_trained(known["I21a"], year, leaving=known["q"], newcomers=known["kappa"])
        for year in years
    }
    parts = known[["q", "kappa", "I21a"]].assign(**shares).mul(known["users"], axis=0)
    by = [known["municipality"], known["department_group"]]
    sums = parts.assign(users=known["users"]).groupby(by).sum()
    means = sums.drop(columns="users").div(sums["users"], axis=0)
    table = means.rename(columns={"kappa": "newcomers", "I21a": "now"})
    table.insert(0, "users", sums["users"])
    table.insert(2, "half_life", stats.half_life(means["q"]))
    return table.reset_index()


# --- interviews ------------------------------------------------------------------------------------------


def compare_role_groups(answer_scores: pd.DataFrame) -> pd.DataFrame:
    """Compare what the role groups answered.

    Parameters
    ----------
    answer_scores : DataFrame
        `answer_scores`.

    Returns
    -------
    DataFrame
        One row per question: criterion, mean coded answer (0-4) of management, users and
        staff_representatives, n_<group> (coded answers), gap (management less users), n_dont_know and
        n_not_relevant.
    """
    by = ["municipality", "question", "criterion"]
    coded = answer_scores.groupby([*by, "role_group"])["coded"].agg(["mean", "count"]).unstack("role_group")
    index = pd.MultiIndex.from_frame(answer_scores[by].drop_duplicates().sort_values(by))
    means = coded["mean"].reindex(index=index, columns=list(ROLE_GROUPS))
    counts = coded["count"].reindex(index=index, columns=list(ROLE_GROUPS)).fillna(0.0).add_prefix("n_")
    said = {
        f"n_{status}": answer_scores["status"].eq(status).groupby([answer_scores[key] for key in by]).sum()
        for status in ("dont_know", "not_relevant")
    }
    table = means.join(counts).assign(gap=means["management"] - means["users"], **said)
    return table.rename_axis(columns=None).reset_index()


def count_dont_know(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Count who does not know what, and why.

    Parameters
    ----------
    answers, interviews : DataFrame
        T5 and T4; duplicated interviews are passed over.

    Returns
    -------
    DataFrame
        One row per question x reason (missing when none was noted): n (answers) and roles ("|" text).
    """
    unknown = _with_role(answers[answers["status"].eq("dont_know")], interviews)
    return _count_roles(unknown, "dont_know_reason", ["question"])


def count_themes(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Count the themes of the open question Q26, as `count_dont_know`: theme, n and roles."""
    themes = _with_role(answers[answers["question"].eq("Q26") & answers["theme"].notna()], interviews)
    return _count_roles(themes, "theme", [])


def _with_role(answers: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    kept = interviews.loc[interviews["duplicate_of"].isna(), ["municipality", "interview", "role"]]
    return answers.merge(kept, on=["municipality", "interview"])


def _count_roles(answers: pd.DataFrame, what: str, by: list[str]) -> pd.DataFrame:
    grouped = answers.groupby(["municipality", *by, what], dropna=False, as_index=False)
    counted = grouped.agg(n=("role", "size"), roles=("role", lambda roles: "|".join(sorted(set(roles)))))
    order = ["municipality", *by, "n", what]
    return counted.sort_values(order, ascending=[name != "n" for name in order], ignore_index=True)


# --- findings and consensus ------------------------------------------------------------------------------


def list_triggers(findings: pd.DataFrame, rules: Sequence[FindingRule]) -> pd.DataFrame:
    """Put the trigger and the precondition of its rule to each finding, by rank."""
    texts = pd.DataFrame(
        [(rule.id, rule.trigger, rule.requires) for rule in rules], columns=["finding", "trigger", "requires"]
    )
    named = findings.sort_values(["municipality", "rank"]).merge(texts, on="finding", how="left")
    columns = ["municipality", "rank", "finding", "severity", "criterion", "subjects", "n_subjects"]
    return named[[*columns, "evidence_class", "values", "trigger", "requires"]]


def gather(assessment: Assessment, *, framework: Framework | None = None) -> dict[str, pd.DataFrame]:
    """Gather what the rules of the findings look at: scope -> its subject table."""
    framework = framework or load_framework()
    values = criterion_values(assessment.tables, assessment.round.tables, framework)
    return gather_facts(assessment.tables, values, framework)


def near_misses(
    facts: Mapping[str, pd.DataFrame],
    rules: Sequence[FindingRule],
    *,
    keys: Mapping[str, Sequence[str]],
    margin: float = MARGIN,
) -> pd.DataFrame:
    """Find what would be a finding if one threshold were a little easier to pass.

    Parameters
    ----------
    facts : mapping
        Result of `gather`.
    rules : sequence of FindingRule
        `framework.findings`.
    keys : mapping
        Scope -> key columns of its table (`framework.subjects[scope]["key"]`).
    margin : float
        How far each threshold is moved, as a part of itself.

    Returns
    -------
    DataFrame
        One row per rule x subject x threshold: municipality, finding, severity, subject, condition, value and
        limit (the two sides of the condition as they are). The rule does not fire for the subject as it is,
        its precondition holds, and it fires with that one threshold moved. Thresholds inside a class (I04,
        I11_class, ...) are not moved; `need_to_measure` is about those of I04.
    """
    parts = [_nearly(facts[rule.scope], rule, keys[rule.scope], margin) for rule in rules]
    columns = ["municipality", "finding", "severity", "subject", "condition", "value", "limit"]
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled) if filled else pd.DataFrame(columns=columns)
    return table.sort_values(columns[:5], ignore_index=True)[columns]


def relax(condition: str, *, margin: float) -> list[tuple[str, str, str, str]]:
    """Write a condition anew for each of its thresholds, with that one threshold easier to pass.

    Parameters
    ----------
    condition : str
        In the language of `klktools.framework.triggers`; of a comparison by < <= > >= the right-hand side is
        the threshold. Chained comparisons are left alone.
    margin : float
        How far, as a part of the threshold.

    Returns
    -------
    list of tuple
        Per threshold: the comparison, its left and right side, and the whole condition as relaxed.
    """
    text = ast.unparse(ast.parse(condition.strip(), mode="eval"))
    tree = ast.parse(text, mode="eval").body
    return [_relaxed(text, node, upright, margin) for node, upright in _comparisons(tree)]


def _comparisons(node: ast.expr, upright: bool = True) -> Iterator[tuple[ast.Compare, bool]]:
    """Every order comparison, and whether it stands upright or under a not."""
    match node:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _comparisons(value, upright)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _comparisons(operand, not upright)
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            yield node, upright


def _relaxed(text: str, node: ast.Compare, upright: bool, margin: float) -> tuple[str, str, str, str]:
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    upwards = isinstance(node.ops[0], ast.Lt | ast.LtE) == upright
    moved = f"({right} {'+' if upwards else '-'} {margin} * abs({right}))"
    whole, limit = text.encode(), node.comparators[0]  # the columns of ast count bytes
    rewritten = whole[: limit.col_offset] + moved.encode() + whole[limit.end_col_offset :]
    return ast.unparse(node), left, right, rewritten.decode()


def _nearly(table: pd.DataFrame, rule: FindingRule, keys: Sequence[str], margin: float) -> pd.DataFrame:
    silent = ~evaluate(rule.trigger, table)
    trusted = evaluate(rule.requires, table) if rule.requires else silent
    rows = table[silent & trusted]
    named = [name for name in keys if name != "municipality"]
    subject = rows[named].astype("str").fillna("").agg("/".join, axis=1) if named and len(rows) else ""
    parts = []
    for condition, left, right, relaxed in relax(rule.trigger, margin=margin):
        sides = {name: evaluate(side, rows) for name, side in (("value", left), ("limit", right))}
        if all(pd.api.types.is_float_dtype(side) for side in sides.values()):
            row = rows[["municipality"]].assign(subject=subject, condition=condition, **sides)
            parts.append(row[evaluate(relaxed, rows)])
    found = [part for part in parts if len(part)]
    table = pd.concat(found) if found else pd.DataFrame()
    return table.assign(finding=rule.id, severity=rule.severity)


def list_for_consensus(
    scores: pd.DataFrame,
    differences: pd.DataFrame,
    visits: pd.DataFrame,
    *,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """List the criteria that the consensus meeting should talk about.

    Parameters
    ----------
    scores, differences : DataFrame
        `scores` and `rater_differences`, of which the latest visit counts.
    visits : DataFrame
        T2.
    assumptions : mapping
        `max_deviation`.

    Returns
    -------
    DataFrame
        One row per criterion with something to discuss: discuss ("|" text: differ, the consultants' own
        ratings are far apart; provisional, no consensus or no data yet; capped, the evidence holds the score
        down; deviates, the consensus lies `max_deviation` or more from the score reported), S, I, R,
        consensus (0-4), lowest, highest, difference, evidence, basis and deviation_reason.
    """
    latest = differences[differences["visit"].isin(latest_visits(visits)["visit"])].drop(columns="visit")
    table = scores.merge(latest, on=["municipality", "criterion"], how="left")
    apart = (table["consensus"] - table["R"]).abs() >= assumptions["max_deviation"] - stats.NOISE
    flags = {
        "differ": table["difference"].notna(),
        "provisional": table["provisional"].eq(True),
        "capped": table["capped"].eq(True),
        "deviates": apart,
    }
    words = [pd.Series(np.where(flag, f"|{name}", ""), dtype="str") for name, flag in flags.items()]
    table = table.assign(discuss=reduce(lambda left, right: left + right, words).str.removeprefix("|"))
    numbers = ["S", "I", "R", "consensus", "lowest", "highest", "difference"]
    columns = ["municipality", "criterion", "discuss", *numbers, "evidence", "basis", "deviation_reason"]
    return table.loc[table["discuss"].ne(""), columns].reset_index(drop=True)
