"""Files as handed in → sheets.

`walk` finds them, `kinds` says what each is, `limits` how large it may be; `texts`, `workbooks` and
`parquet` read one kind each, `shape` finds the table in a grid of cells. `logs` looks through a raw log,
whose rows stay in their file.
"""

from klktools.intake.files.limits import RAW_LOG, Limits
from klktools.intake.files.logs import LogFile, utf_8_blocks
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.walk import read_files

__all__ = ["RAW_LOG", "Fault", "Limits", "LogFile", "Reading", "Sheet", "read_files", "utf_8_blocks"]
