"""The contract in words: the page that municipalities and colleagues read."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from klktools.contract.spec import ColumnSpec, Contract, TableSpec, load_contract
from klktools.framework import load_framework
from klktools.texts import plural

_LANGUAGES = ("da", "en")


def describe_contract(language: str = "da") -> str:
    """The data contract as one Markdown page: tables, columns, lists and rules.

    Parameters
    ----------
    language : {"da", "en"}
        Language of headings and rules; column labels are given in both.

    Returns
    -------
    str
        ``docs/data-contract.md`` is ``describe_contract("en")``.
    """
    contract = load_contract()
    parts = [
        *_opening(contract, language),
        *(_table(spec, contract, language) for spec in contract.tables.values()),
        _table(contract.notes, contract, language),
        _word(contract, "restricted", language),
        _lists(contract, language),
        _rules(contract, language),
    ]
    return "\n\n".join(parts) + "\n"


def _word(contract: Contract, name: str, language: str) -> str:
    return contract.words["words"][name][language]


def _opening(contract: Contract, language: str) -> list[str]:
    title, intro, codes, rule = (
        _word(contract, name, language) for name in ("title", "intro", "codes_title", "codes")
    )
    return [f"# {title}", intro, f"## {codes}", rule]


def _markdown(rows: list[dict[str, str]]) -> str:
    """A Markdown table; the first row's keys are the heads."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _table(spec: TableSpec, contract: Contract, language: str) -> str:
    mandatory = "" if spec.optional else f" · {_word(contract, 'mandatory', language)}"
    key = ", ".join(f"`{name}`" for name in spec.key)
    title = f"## {spec.id} `{spec.name}` · {spec.label['da']} · {spec.label['en']}"
    line = f"`{spec.danish}` · {_word(contract, 'key', language)}: {key}{mandatory}"
    return "\n\n".join(
        [title, line, _markdown([_column(c, contract, language) for c in spec.columns.values()])]
    )


def _column(spec: ColumnSpec, contract: Contract, language: str) -> dict[str, str]:
    heads = ("column", "danish_name", "danish_label", "english_label", "type", "required", "limits")
    cells = (
        f"`{spec.name}`",
        f"`{spec.danish}`",
        spec.label["da"],
        spec.label["en"],
        contract.words["types"][spec.type][language],
        _word(contract, _demand(spec), language),
        _limits(spec, contract, language),
    )
    return {_word(contract, head, language): cell for head, cell in zip(heads, cells, strict=True)}


def _demand(spec: ColumnSpec) -> str:
    if spec.derived:
        return "computed"
    if spec.default is not None:
        return "filled"
    return "yes" if spec.required else "no"


def _limits(spec: ColumnSpec, contract: Contract, language: str) -> str:
    reference = f"→ `{spec.references}`" if spec.references else ""
    codes = f"{_word(contract, 'list', language)} `{spec.enum}`" if spec.enum else ""
    return " ".join(part for part in (limits_in_words(spec, contract, language), reference, codes) if part)


def limits_in_words(spec: ColumnSpec, contract: Contract, language: str) -> str:
    """ "mellem 0 og 4", "mindst 0" or "" for a column without limits."""
    bounds = {"low": spec.low, "high": spec.high}
    known = [name for name, bound in bounds.items() if bound is not None]
    if not known:
        return ""
    phrase = "between" if len(known) == 2 else {"low": "at_least", "high": "at_most"}[known[0]]
    texts = {name: f"{bounds[name]:g}" if name in known else "" for name in bounds}
    comma = {name: text.replace(".", ",") if language == "da" else text for name, text in texts.items()}
    return contract.rules["phrases"][phrase][language].format(**comma)


def _lists(contract: Contract, language: str) -> str:
    used = {c.enum for spec in contract.tables.values() for c in spec.columns.values() if c.enum}
    enums = load_framework().enums
    parts = [_list(name, enums[name], contract, language) for name in sorted(used)]
    return "\n\n".join([f"## {_word(contract, 'lists', language)}", *parts])


def _list(name: str, entries: Mapping[str, Mapping], contract: Contract, language: str) -> str:
    heads = [_word(contract, head, language) for head in ("code", "danish_label", "english_label")]
    rows = [
        dict(zip(heads, (f"`{code}`", *(entry[x] for x in _LANGUAGES)), strict=True))
        for code, entry in entries.items()
    ]
    return f"### `{name}`\n\n{_markdown(rows)}"


def _rules(contract: Contract, language: str) -> str:
    heads = [_word(contract, head, language) for head in ("rule", "severity", "message", "remedy")]
    rules = {name: rule for name, rule in contract.rules.items() if "severity" in rule}
    rows = pd.DataFrame(
        [
            (name, rule["severity"], plural(rule[language]), rule.get(f"do_{language}", ""))
            for name, rule in rules.items()
        ],
        columns=heads,
    ).to_dict("records")
    return f"## {_word(contract, 'rules', language)}\n\n{_markdown(rows)}"  # type: ignore[arg-type]
