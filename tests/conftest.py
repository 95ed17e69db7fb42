"""Shared set-up: kernels compile into a fresh folder, so that no test runs stale code; workers share it."""

import os
import tempfile

import hypothesis

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="foedus-kernels-")

# A kernel compiles inside its first example, and machines differ: no timed tests. Derandomised: the same run
# twice; `make fuzz` explores.
hypothesis.settings.register_profile("foedus", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("foedus")
