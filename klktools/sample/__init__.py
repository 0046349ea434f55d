"""A synthetic round of municipalities, with planted stories an assessment must find (framework 7)."""

from klktools.sample.make import make_chunks, make_round, write_chunks, write_round
from klktools.sample.raw import write_raw_chunks
from klktools.sample.resources import read

STORIES = read("stories")

__all__ = ["STORIES", "make_chunks", "make_round", "write_chunks", "write_raw_chunks", "write_round"]
