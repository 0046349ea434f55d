"""A batch as its own process, to be killed by the tests: ``runner.py NOTEBOOK TO KERNELS ASSESSMENT``."""

import pickle
import sys
from pathlib import Path

from klktools.batch import Options
from klktools.batch.run import report_round

if __name__ == "__main__":
    notebook, to, kernels, assessment = sys.argv[1:]
    assessed = pickle.loads(Path(assessment).read_bytes())
    print("begins", flush=True)
    runs = report_round(
        assessed, to=Path(to), options=Options(notebook=Path(notebook), kernels=kernels, jobs=2)
    )
    print("made", (runs["status"] == "ok").sum(), flush=True)
