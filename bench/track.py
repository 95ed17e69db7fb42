"""Tracker and fuser: plots a second at 2,000 targets with a sane picture, small steps, cold and warm start.

Seconds are processor seconds of this one thread, because machines are shared; `python -m bench.track` prints.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from bench.report import Row
from bench.scenario import SIZES, START_NS, Scenario, Size, make_scenario
from foedus.geo import MEAN_RADIUS_M
from foedus.model import SECOND_NS, Plots, Tracks, take
from foedus.track import Fuser, Tracker

ROUNDS = 5
LARGE = SIZES["L"]
NEAR_M = 2_000.0
COMPLETE_MIN = 0.95
START = """
import time
t = time.perf_counter()
import numpy as np
from foedus.model import Plots, Sensor, SensorKind
from foedus.track import Tracker
sensor = Sensor(
    id="a", kind=SensorKind.RECEIVER, lat_deg=46, lon_deg=8, height_m=0, period_s=4, range_max_m=3e5
)
tracker = Tracker((sensor,))
plots = Plots.empty(1)._replace(kind=np.array([1], np.int8), icao24=np.array([5], np.int32))
for turn in range(3):
    tracker.step(plots._replace(time_ns=np.array([turn * 4_000_000_000]), lat_rad=np.array([0.8]),
        lon_rad=np.array([0.14])), now_ns=turn * 4_000_000_000)
assert len(tracker.tracks().number) == 1
print(time.perf_counter() - t)
"""


def _steps(scenario: Scenario) -> list[tuple[Plots, int]]:
    """The plots second by second, as a node with a tick of one second would take them."""
    ends = START_NS + np.arange(1, int(scenario.duration_s) + 1) * SECOND_NS
    edges = [0, *np.searchsorted(scenario.plots.time_ns, ends, side="right")]
    return [
        (take(scenario.plots, np.arange(first, last)), int(end))
        for first, last, end in zip(edges[:-1], edges[1:], ends, strict=True)
    ]


def _track(scenario: Scenario) -> tuple[Tracker, float]:
    tracker = Tracker(scenario.sensors)
    steps = _steps(scenario)
    begin = time.process_time()
    for plots, now_ns in steps:
        tracker.step(plots, now_ns=now_ns)
    return tracker, time.process_time() - begin


def picture_quality(scenario: Scenario, tracks: Tracks) -> tuple[float, float]:
    """(share of the detectable targets with a track within NEAR_M, share of tracks with no target there).

    Detectable: at least three plots in the last 40 s.
    """
    targets = np.arange(len(scenario.truth.kind))
    recent = scenario.plots.time_ns > START_NS + (scenario.duration_s - 40.0) * SECOND_NS
    owners = scenario.target[(scenario.target >= 0) & recent]
    there = scenario.truth.alive(targets, np.full(len(targets), scenario.duration_s))
    detectable = (np.bincount(owners, minlength=len(targets)) >= 3) & there
    found = np.zeros(len(detectable), np.bool_)
    stray = 0
    for row in range(len(tracks.number)):
        lat, lon, _ = scenario.position((tracks.time_ns[row] - START_NS) / SECOND_NS)
        north = (lat - tracks.lat_rad[row]) * MEAN_RADIUS_M
        east = (lon - tracks.lon_rad[row]) * MEAN_RADIUS_M * np.cos(lat)
        gap = np.hypot(east, north)
        found |= gap < NEAR_M
        stray += int(gap.min() > NEAR_M)
    return float((found & detectable).sum() / detectable.sum()), stray / max(1, len(tracks.number))


def _median_us(action: Callable[[], object], *, repeat: int) -> float:
    """Microseconds per call, median of ROUNDS means."""
    action()
    values = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for _ in range(repeat):
            action()
        values.append((time.process_time() - begin) / repeat * 1e6)
    return statistics.median(values)


def _large() -> list[Row]:
    scenario = make_scenario(LARGE)
    _track(scenario)
    runs = [_track(scenario) for _ in range(ROUNDS)]
    complete, stray = picture_quality(scenario, runs[0][0].tracks())
    assert complete >= COMPLETE_MIN, f"speed without tracking: only {complete:.3f} of the targets are tracked"
    count = len(scenario.plots.time_ns)
    rate = count / statistics.median(seconds for _, seconds in runs)
    note = f"{count} plots, 12 radars, {LARGE.duration_s:.0f} s, no addresses, 1 s steps, median of {ROUNDS}"
    return [
        Row("tracker, 2,000 targets", rate, "plots/s", 100_000.0, None, note),
        Row(
            "  targets with a track within 2 km", complete, "share", COMPLETE_MIN, None, "of those detectable"
        ),
        Row("  tracks with no target within 2 km", stray, "share", None, None, ""),
    ]


def _step_on(tracker: Tracker, plots: Plots, now: list[int]) -> None:
    """The same plots a second later."""
    now[0] += SECOND_NS
    shift = now[0] - int(plots.time_ns.max())
    tracker.step(plots._replace(time_ns=plots.time_ns + shift), now_ns=now[0])


def _small() -> list[Row]:
    """What a node does at a tick: 40 plots, 100 tracks; then 5 parties of 80 rows."""
    scenario = make_scenario(Size("node", 100, 2, 60.0, 300_000.0, 2.0), seed=2)
    tracker, _ = _track(scenario)
    now = [START_NS + round(scenario.duration_s) * SECOND_NS]
    empty = Plots.empty()
    idle = _median_us(lambda: tracker.step(empty, now_ns=now[0]), repeat=500)
    plots = take(scenario.plots, np.arange(len(scenario.plots.time_ns) - 40, len(scenario.plots.time_ns)))
    busy = _median_us(lambda: _step_on(tracker, plots, now), repeat=200)
    listing = _median_us(tracker.tracks, repeat=200)
    own = tracker.tracks()
    fuser = Fuser()
    sources = [(bit, own._replace(number=own.number + 100 * bit)) for bit in range(5)]
    fusing = _median_us(lambda: fuser.update(sources, now_ns=now[0]), repeat=200)
    return [
        Row("tracker, step without plots", idle, "us", 30.0, None, f"{len(own.number)} tracks"),
        Row("tracker, step of 40 plots", busy, "us", 150.0, None, ""),
        Row("tracker, listing its tracks", listing, "us", None, None, f"{len(own.number)} tracks"),
        Row("fuser, 5 parties", fusing, "us", 300.0, None, f"{5 * len(own.number)} rows"),
    ]


def _start() -> list[Row]:
    """Wall seconds from the start of Python to the first track, twice with a fresh cache of kernels."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        cold, warm = (
            float(
                subprocess.run(
                    [sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True
                ).stdout
            )
            for _ in range(2)
        )
    return [
        Row("tracker, cold start to the first track", cold, "s", 8.0, None, "kernels compiled"),
        Row("tracker, warm start to the first track", warm, "s", 2.0, None, "kernels from disk"),
    ]


def run() -> list[Row]:
    """All rows of this benchmark."""
    return [*_large(), *_small(), *_start()]


if __name__ == "__main__":
    for row in run():
        goal = "" if row.goal is None else f"  goal {row.goal:g}"
        print(f"{row.name:42} {row.value:12,.3f} {row.unit:8}{goal:14}  {row.note}")
