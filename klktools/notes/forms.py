"""The notes on a filled-in interview sheet."""

from __future__ import annotations

from klktools.contract import fold, load_contract
from klktools.contract.forms import Cells, heading_row, is_missing, read_head


def form_notes(cells: Cells) -> list[tuple[int, dict[str, str]]]:
    """The notes of an interview sheet: row as Excel shows it -> note, municipality, interview, text."""
    form = load_contract().words["workbook"]["forms"]["interview"]
    tables = load_contract().tables
    start = heading_row(cells, tables[form["rows"]], form["first"])
    heading = cells[start] if start < len(cells) else ()
    known = {fold(texts[-1]) for texts in form["beside"].values()}
    place = next((at for at, cell in enumerate(heading) if fold(str(cell)) in known), len(heading))
    head = read_head(cells[:start], tables[form["head"]]).values
    about = {name: str(head.get(name, "")).strip() for name in ("municipality", "interview")}
    return [
        (number, {"note": f"{about['interview']}-{number}", **about, "text": str(row[place]).strip()})
        for number, row in enumerate(cells[start + 1 :], start=start + 2)
        if place < len(row) and not is_missing(row[place])
    ]
