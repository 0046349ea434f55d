"""Interview notes (T6): the one room that reads them, to mask what points at a person.

No room that makes reports can import this one, nor can intake (`tests/test_layers.py`); only the command
`klktools redact` opens notes.
"""

from klktools.notes.read import Note, read_names, read_notes
from klktools.notes.redact import Redaction, redact, write_redacted

__all__ = ["Note", "Redaction", "read_names", "read_notes", "redact", "write_redacted"]
