"""The register of planted errors by name, as `mistakes.yaml` calls them."""

from __future__ import annotations

from collections.abc import Callable

from klktools.sample.raw.delivery import Delivery
from klktools.sample.raw.grids import Grid

Plant = Callable[[Delivery], Delivery]
PLANTED: dict[str, Plant] = {}


def plant(how: Plant) -> Plant:
    """Register a function that plants an error somewhere in a delivery."""
    PLANTED[how.__name__] = how
    return how


def plant_in(table: str) -> Callable[[Callable[[Grid], Grid]], Callable[[Grid], Grid]]:
    """Register a function that plants an error in one table."""

    def register(how: Callable[[Grid], Grid]) -> Callable[[Grid], Grid]:
        PLANTED[how.__name__] = lambda delivery: delivery.change(table, how)
        return how

    return register
