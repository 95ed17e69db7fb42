"""How long the steps of a tracker take, and the most memory it held, in a process that does nothing else.

The plots wait in a file and are read step by step, so that neither they nor the truth count as the tracker's
memory. `python -m bench.latency FOLDER` is what `measure_latency` starts.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from foedus.model import SECOND_NS, Plots, Sensor
from foedus.track import Tracker

ROOT = Path(__file__).parent.parent
KILO = 1024.0


class Latency(NamedTuple):
    """Milliseconds per step of half a second, wall clock, and megabytes."""

    median_ms: float
    p99_ms: float
    worst_ms: float
    peak_mb: float
    idle_mb: float  # with kernels loaded, before the first plot


def store(folder: Path, steps: list[tuple[Plots, int]], sensors: tuple[Sensor, ...]) -> None:
    """The steps as a file per column, with an index."""
    edges = np.cumsum([0, *(len(plots.time_ns) for plots, _ in steps)])
    np.save(folder / "edges.npy", edges)
    np.save(folder / "now.npy", np.array([now_ns for _, now_ns in steps]))
    (folder / "sensors.json").write_bytes(msgspec.json.encode(sensors))
    for name in Plots._fields:
        with (folder / f"{name}.bin").open("wb") as file:
            for plots, _ in steps:
                getattr(plots, name).tofile(file)


def _peak_mb() -> float:
    """Most memory ever resident; getrusage would count what the parent had before this program was loaded."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / KILO


def measure_here(folder: Path) -> Latency:
    """Track what is stored, in this process."""
    edges, now = np.load(folder / "edges.npy").tolist(), np.load(folder / "now.npy").tolist()
    sensors = msgspec.json.decode((folder / "sensors.json").read_bytes(), type=tuple[Sensor, ...])
    types = [column.dtype for column in Plots.empty()]
    warm = Tracker(sensors)
    warm.step(Plots.empty(1), now_ns=SECOND_NS)
    warm.tracks()
    del warm
    idle_mb = _peak_mb()
    tracker = Tracker(sensors)
    spent = np.zeros(len(now))
    for i, now_ns in enumerate(now):
        first, count = edges[i], edges[i + 1] - edges[i]
        plots = Plots._make(
            np.fromfile(folder / f"{name}.bin", kind, count=count, offset=first * kind.itemsize)
            for name, kind in zip(Plots._fields, types, strict=True)
        )
        begin = time.perf_counter()
        tracker.step(plots, now_ns=now_ns)
        spent[i] = 1_000.0 * (time.perf_counter() - begin)
    return Latency(
        float(np.median(spent)), float(np.percentile(spent, 99.0)), float(spent.max()), _peak_mb(), idle_mb
    )


def measure_latency(steps: list[tuple[Plots, int]], sensors: tuple[Sensor, ...]) -> Latency:
    """Track the steps in a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder), steps, sensors)
        command = [sys.executable, "-m", "bench.latency", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Latency(*json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(measure_here(Path(sys.argv[1]))))
