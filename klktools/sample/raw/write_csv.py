"""A grid to csv, in the encoding and with the separator of its municipality."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from klktools.sample.raw.grids import Grid


def write_csv(grid: Grid, path: Path) -> None:
    """Write one table as csv, lines ended as Windows ends them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=grid.separator, lineterminator="\r\n")
    writer.writerows([line] for line in grid.above)
    writer.writerow([grid.heads[name] for name in grid.columns])
    writer.writerows(grid.cells.itertuples(index=False, name=None))
    writer.writerows([[line] if line else [] for line in (("", *grid.below) if grid.below else ())])
    path.write_bytes(encode(text.getvalue(), grid.encoding))


def encode(text: str, encoding: str) -> bytes:
    """Text as bytes; "mojibake" is UTF-8 that was taken for Windows-1252 and saved as UTF-8."""
    if encoding == "mojibake":
        return text.encode("utf-8").decode("cp1252").encode("utf-8")
    return text.encode(encoding)
