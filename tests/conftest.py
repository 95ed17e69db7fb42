"""Shared set-up: kernels compile into a fresh folder, so that no test runs stale code; workers share it.

While you edit anything but kernels, `mkdir .kernels` in the project folder keeps them from run to run; remove
it before you trust a result.
"""

import os
import tempfile
from pathlib import Path

import hypothesis

if "PYTEST_XDIST_WORKER" not in os.environ:
    kept = Path(__file__).parents[1] / ".kernels"
    fresh = kept if kept.is_dir() else tempfile.mkdtemp(prefix="foedus-kernels-")
    os.environ["NUMBA_CACHE_DIR"] = str(fresh)

# A kernel compiles inside its first example, and machines differ: no timed tests. Derandomised: the same run
# twice; `make fuzz` explores.
hypothesis.settings.register_profile("foedus", deadline=None, derandomize=True, database=None)
# `make soak`: 100,000 histories of each state machine, drawn anew; a failure prints how to repeat it.
hypothesis.settings.register_profile(
    "soak",
    deadline=None,
    max_examples=100_000,
    database=None,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("foedus")
