"""Files as handed in → a validated round: read, repaired with a log, checked against the contract."""

from klktools.intake.files import Limits
from klktools.intake.round import Round, read_round
from klktools.intake.show import format_corrections, format_problems

__all__ = ["Limits", "Round", "format_corrections", "format_problems", "read_round"]
