"""How long a newcomer waits: help, and a first and a second start up to the first ticks of the network."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Row, median_seconds

ROOT = Path(__file__).parent.parent
SHORT = ["run", "networks/alpine.toml", "--speed", "max", "--exit", "--no-console", "--json"]
WINDOW = ["--from", "2018-08-01T11:30:00Z", "--to", "2018-08-01T11:30:30Z"]


def _foedus(arguments: list[str], cache: str) -> None:
    environment = dict(os.environ, NUMBA_CACHE_DIR=cache)
    command = [sys.executable, "-m", "foedus", *arguments]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=environment)


def run() -> list[Row]:
    """Seconds."""
    with tempfile.TemporaryDirectory() as cache:
        began_s = time.perf_counter()
        _foedus([*SHORT, *WINDOW, "--folder", str(Path(cache) / "cold")], cache)
        cold_s = time.perf_counter() - began_s
        count = iter(range(100))
        warm_s = median_seconds(
            lambda: _foedus([*SHORT, *WINDOW, "--folder", str(Path(cache) / f"warm{next(count)}")], cache)
        )
        help_s = median_seconds(lambda: _foedus(["--help"], cache))
        check_s = median_seconds(lambda: _foedus(["pact", "check", "pacts/alpine.toml"], cache))
    return [
        Row(
            "first start: compile all kernels on two cores, play 30 s of the network",
            cold_s,
            "s",
            15,
            None,
            "once",
        ),
        Row("warm start: the same with kernels on disk", warm_s, "s", 2),
        Row("foedus --help", help_s, "s", 0.3),
        Row("foedus pact check pacts/alpine.toml", check_s, "s", 0.3),
    ]
