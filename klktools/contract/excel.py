"""What Excel does with a text that a cell is given."""

from __future__ import annotations

LONGEST_CELL = 32_767  # characters
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def starts_a_formula(text: str) -> bool:
    """Whether Excel would read the text as a formula, were it typed or opened in a csv file."""
    return text.startswith(_FORMULA)


def shown_as_text(text: str) -> str:
    """The text for a csv file: after an apostrophe nothing is a formula."""
    return f"'{text}" if starts_a_formula(text) else text


def as_written(text: str) -> str:
    """The text without the apostrophe of `shown_as_text`."""
    return text[1:] if text.startswith("'") and starts_a_formula(text[1:]) else text
