"""A pytest plug-in (``-p forked_by_default``): papermill's default engine is the one that forks."""

from papermill.engines import papermill_engines

from klktools.kernels.engine import ForkedEngine

papermill_engines.register(None, ForkedEngine)
