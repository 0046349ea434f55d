"""Files as handed in → sheets: walked (`walk`) and read by kind (`texts`, `workbooks`, `parquet`)."""

from klktools.intake.files.forms import without_examples
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.walk import read_files

__all__ = ["Fault", "Reading", "Sheet", "read_files", "without_examples"]
