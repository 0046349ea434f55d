"""The raw edition of the sample: the round as municipalities hand it in, and the truth about its errors."""

from klktools.sample.raw.make import ROUND, TRUTH, deliveries, write_raw_chunks

__all__ = ["ROUND", "TRUTH", "deliveries", "write_raw_chunks"]
