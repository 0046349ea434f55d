"""Files as handed in → sheets: walked (`walk`) and read by kind (`texts`, `workbooks`, `parquet`)."""

from klktools.intake.files.logs import LOG, LogFile, blocks
from klktools.intake.files.sheet import Fault, Reading, Sheet
from klktools.intake.files.walk import read_files

__all__ = ["LOG", "Fault", "LogFile", "Reading", "Sheet", "blocks", "read_files"]
