"""The errors of the catalogue (framework 3.8): each function plants one in a delivery."""

from klktools.sample.raw.planted import dates, files, keys, money, numbers, people, rows
from klktools.sample.raw.planted.registry import PLANTED, plant

__all__ = ["PLANTED", "dates", "files", "keys", "money", "numbers", "people", "plant", "rows"]
