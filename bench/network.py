"""The whole recorded day through the five nodes of the alpine network, with every disk write, on one core."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Row

ROOT = Path(__file__).parent.parent
DAY_S = 61_190
"""First to last position of the recording."""


def run() -> list[Row]:
    """Speed, largest resident set, and a summary that shows that the work was done."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "foedus", "run", "networks/alpine.toml", "--speed", "max"]
        command += ["--exit", "--no-console", "--json", "--folder", folder]
        began_s = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True, preexec_fn=_one_core
        )
        wall_s = time.perf_counter() - began_s
        size_mb = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    summary = json.loads(done.stdout)
    plots = sum(member["plots"] for member in summary)
    rows = sum(link["received_rows"] for member in summary for link in member["links"])
    warned = sum(member["warnings_stored"] for member in summary)
    rss_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    note = f"{plots:,} plots, {rows:,} rows to partners, {warned} warnings stored, journals {size_mb:.0f} MB"
    assert plots > 139_098
    assert warned >= 1
    return [
        Row(
            "whole day through five nodes",
            DAY_S / wall_s,
            "x real time",
            200,
            None,
            f"{wall_s:.0f} s; {note}",
        ),
        Row("largest resident set of any process so far", rss_mb, "MB", 1000),
    ]


def _one_core() -> None:
    os.sched_setaffinity(0, {0})
