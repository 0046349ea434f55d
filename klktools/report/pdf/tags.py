"""What Typst does not tag yet: the header cells of a table's rows."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import pikepdf


def with_row_headers(pdf: bytes, headed: Sequence[bool]) -> bytes:
    """The tagged PDF with the first cell of each body row as its row's header, in the tables that have them.

    Parameters
    ----------
    pdf : bytes
        As Typst writes it: header cells have a scope, data cells name their column headers.
    headed : sequence of bool
        Per table in reading order, whether its rows have headers.

    Returns
    -------
    bytes
        The same for the same input.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        tables = [tag for tag in _tags(file.Root.StructTreeRoot) if tag.S == "/Table"]
        for table, has_headers in zip(tables, headed, strict=True):
            if has_headers:
                _head_rows(table)
        out = io.BytesIO()
        modes = pikepdf.ObjectStreamMode
        file.save(out, object_stream_mode=modes.generate, deterministic_id=True, fix_metadata_version=False)
        return out.getvalue()


def _tags(tag: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """The structure elements below one, in reading order."""
    children = tag.get("/K", pikepdf.Array())
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _tags(child)


def _head_rows(table: pikepdf.Dictionary) -> None:
    """Scopes then say what heads a cell, so its own list of column headers goes."""
    for row in [tag.K for tag in _tags(table) if tag.S == "/TR" and tag.P.S == "/TBody"]:
        for cell in row:
            del cell.A
        row[0].S = pikepdf.Name.TH
        row[0].A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
