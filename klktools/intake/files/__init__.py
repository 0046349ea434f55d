"""Files as handed in → sheets.

`walk` finds them, `kinds` says what each is, `limits` how large it may be; `texts`, `workbooks` and
`parquet` read one kind each, `shape` finds the table in a grid of cells.
"""

from klktools.intake.files.limits import Limits
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.walk import read_files

__all__ = ["Fault", "Limits", "Reading", "Sheet", "read_files"]
