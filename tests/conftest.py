"""Shared set-up: kernels compile into a fresh folder, so that no test runs stale code."""

import os
import tempfile

import hypothesis

os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="foedus-kernels-")

# A kernel compiles inside its first example, and machines differ: no timed tests. Derandomised: the same run
# twice; `make fuzz` explores.
hypothesis.settings.register_profile("foedus", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("foedus")
