"""What can go wrong, and how it is said.

KlkError
├── TableError(ValueError)      a table breaks its contract
├── ParameterError(ValueError)  a parameter is missing, unexpected or of the wrong kind
└── ReportError(RuntimeError)   a report could not be made
"""

from __future__ import annotations


class KlkError(Exception):
    """Any fault the toolkit can explain in a sentence."""


class TableError(KlkError, ValueError):
    """A table, file or folder does not hold what its contract says."""


class ParameterError(KlkError, ValueError):
    """A parameter is missing, unexpected or of the wrong kind."""


class ReportError(KlkError, RuntimeError):
    """A report could not be made."""


def sentence(*, must: str, found: str, where: str = "", remedy: str = "") -> str:
    """One error sentence: what must hold, what was found, where, and what to do.

    Parameters
    ----------
    must, found : str
        Clauses without a full stop.
    where, remedy : str, optional
        The place (file, sheet, cell) and what to do.

    Returns
    -------
    str
        For example ``"`usage` must have a column `month`; found none (usage.csv). Add the column."``.
    """
    place = f" ({where})" if where else ""
    advice = f" {remedy}." if remedy else ""
    return f"{must}; {found}{place}.{advice}"
