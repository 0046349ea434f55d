"""Excel workbooks that people get from us: the template, the interview sheet, the list of problems."""

from klktools.workbooks.interview import write_interview
from klktools.workbooks.problems import names_in, write_problems
from klktools.workbooks.template import write_template

__all__ = ["names_in", "write_interview", "write_problems", "write_template"]
