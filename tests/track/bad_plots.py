"""Plots that no sensor should send, and the scene of good sensors that they must not disturb."""

import hashlib
import math
import sys
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from track_scenes import RADAR, RECEIVER, flight, polar, seconds

from foedus.model import DAY_NS, PlotKind, Plots, Sensor, SensorKind, concatenate, take
from foedus.track import Tracker

BAD_RADAR = Sensor(
    id="bad-radar",
    kind=SensorKind.RADAR,
    lat_deg=46.2,
    lon_deg=8.4,
    height_m=300.0,
    period_s=4.0,
    range_max_m=200_000.0,
)
BAD_RECEIVER = Sensor(
    id="bad-receiver",
    kind=SensorKind.RECEIVER,
    lat_deg=46.2,
    lon_deg=8.4,
    height_m=300.0,
    period_s=1.0,
    range_max_m=200_000.0,
)
SENSORS = (RADAR, RECEIVER, BAD_RADAR, BAD_RECEIVER)
BAD = (2, 3)
STEP_S = 1.0
LENGTH_S = 24.0
START_S = 200_000.0
"""Two days and more after the epoch, so that a day back is still a time."""

INT64 = np.iinfo(np.int64)
INT32 = np.iinfo(np.int32)


class Wrong(NamedTuple):
    """One way to be wrong: columns to overwrite (time_ns relative to the step's end), and the reason."""

    change: dict[str, float]
    reason: str


def shift(plots: Plots, start_s: float = START_S) -> Plots:
    return plots._replace(time_ns=plots.time_ns + seconds(start_s))


def good_plots() -> Plots:
    """Three flights: one with address and one without seen by the receiver, one by the radar."""
    noise = np.random.default_rng(7)
    times = [0.2 + 2.0 * n for n in range(12)]
    parts = [
        flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=times, icao24=0x4B1234, noise=noise),
        flight(lat_deg=46.9, lon_deg=8.9, east_m_s=-150.0, north_m_s=90.0, times_s=times, noise=noise),
    ]
    for turn in range(6):
        parts.append(polar(4.0 * turn + 0.4, 80_000.0 + 800.0 * turn, 200.0, elevation_deg=4.0))
    plots = shift(concatenate(parts))
    return take(plots, np.argsort(plots.time_ns, kind="stable"))


def run(
    plots: Plots, sensors: tuple[Sensor, ...] = SENSORS, *, arrival_ns: np.ndarray | None = None
) -> Tracker:
    """The tracker after all steps; a plot arrives in the step of its time, or of arrival_ns."""
    tracker = Tracker(sensors)
    arrival_ns = plots.time_ns if arrival_ns is None else arrival_ns
    for step in range(round(LENGTH_S / STEP_S)):
        first_ns, now_ns = seconds(START_S + step * STEP_S), seconds(START_S + (step + 1) * STEP_S)
        tracker.step(take(plots, (arrival_ns > first_ns) & (arrival_ns <= now_ns)), now_ns=now_ns)
    return tracker


def digest(tracker: Tracker) -> str:
    """Hash of every byte of the tracks, and of what is counted of them."""
    state = hashlib.sha256()
    for column in tracker.tracks():
        state.update(column.tobytes())
    counts = tracker.counts
    state.update(repr((counts.associated, counts.started, counts.confirmed, counts.dropped)).encode())
    return state.hexdigest()


NAN, INF = math.nan, math.inf
POLAR = {"kind": float(PlotKind.POLAR), "range_m": 60e3, "azimuth_rad": 1.0}
PLACE = {"kind": float(PlotKind.GEODETIC), "lat_rad": 0.81, "lon_rad": 0.145}
BEYOND = [INF, -INF, 1e300, -1e300]

_impossible = [
    *({**POLAR, "range_m": value} for value in (*BEYOND, -60e3, -1e-300, 0.0, 5e-324, 300_001.0)),
    *({**POLAR, "azimuth_rad": value} for value in (*BEYOND, 6.5, -3.4, 1e6)),
    *({**POLAR, "elevation_rad": value} for value in (*BEYOND, 1.6, -1.6)),
    *({**POLAR, "height_m": value} for value in (*BEYOND, 1.1e6, -2_001.0)),
    *({**POLAR, "baro_m": value} for value in (*BEYOND, 1.1e6, -2_001.0)),
    *({**PLACE, "lat_rad": value} for value in (*BEYOND, 1.5708, -1.5708)),
    *({**PLACE, "lon_rad": value} for value in (*BEYOND, 3.1416, -3.1416)),
    *({**PLACE, "height_m": value} for value in (*BEYOND, 1.1e6)),
    *({**PLACE, "baro_m": value} for value in (*BEYOND, -2_001.0)),
]
_placeless = [
    {**POLAR, "range_m": NAN},
    {**POLAR, "azimuth_rad": NAN},
    {**PLACE, "lat_rad": NAN},
    {**PLACE, "lon_rad": NAN},
    {"kind": float(PlotKind.POLAR)},
    {"kind": float(PlotKind.GEODETIC)},
    {**POLAR, "kind": float(PlotKind.GEODETIC)},
    {**PLACE, "kind": float(PlotKind.POLAR)},
]
_whens = [
    ("too old", (-DAY_NS, -10 * DAY_NS, -seconds(20.0), INT64.min)),
    ("time lies beyond now", (DAY_NS, 10_000 * DAY_NS, seconds(3.0), INT64.max)),
]

WRONGS = [
    *(Wrong(change, "impossible value") for change in _impossible),
    *(Wrong(change, "no position") for change in _placeless),
    *(Wrong({**PLACE, "time_ns": offset}, reason) for reason, offsets in _whens for offset in offsets),
    *(Wrong({**POLAR, "sensor": number}, "no such sensor") for number in (-1, 4, 62, INT32.min, INT32.max)),
]


class Spoiled(NamedTuple):
    """A wrong plot and when it comes: at_s after the start, from one of the bad sensors."""

    wrong: Wrong
    at_s: float
    sensor: int
    icao24: int  # of a plot that would otherwise meet a good flight


def spoiled_plot(spoiled: Spoiled) -> Plots:
    """The plot, refused for exactly one reason."""
    plot = Plots.empty(1)
    plot.sensor[0] = spoiled.sensor
    plot.icao24[0] = spoiled.icao24
    plot.time_ns[0] = seconds(START_S + spoiled.at_s)
    for column, value in spoiled.wrong.change.items():
        if column == "time_ns":
            far = value in (INT64.min, INT64.max)
            plot.time_ns[0] = value if far else int(plot.time_ns[0]) + int(value)
        else:
            getattr(plot, column)[0] = value
    return plot


SPOILED = st.builds(
    Spoiled,
    wrong=st.sampled_from(WRONGS),
    at_s=st.floats(0.01, LENGTH_S, allow_nan=False),
    sensor=st.sampled_from(BAD),
    icao24=st.sampled_from([-1, 0x4B1234, 0xFFFFFF, INT32.max, INT32.min]),
)

_NASTY = st.sampled_from(
    [NAN, INF, -INF, 0.0, -0.0, 1e-300, 1e300, -1e300, 5e-324, 1.0, -1.0, 3.1, 6.28, 0.8]
)
_METRES = st.one_of(_NASTY, st.floats(-3e3, 2e5), st.floats())
_ANGLES = st.one_of(_NASTY, st.floats(-4.0, 7.0), st.floats())
_WHOLE = {8: st.integers(-128, 127), 16: st.integers(-(1 << 15), (1 << 15) - 1)}


def anything(draw: st.DrawFn) -> Plots:
    """One plot whose columns hold anything that their types can, its time near the scene's more often."""
    plot = Plots.empty(1)
    near = st.integers(seconds(START_S), seconds(START_S + LENGTH_S))
    plot.time_ns[0] = draw(st.one_of(near, near, near, st.integers(INT64.min, INT64.max)))
    plot.sensor[0] = draw(st.one_of(st.integers(-1, 4), st.integers(INT32.min, INT32.max)))
    plot.kind[0] = draw(st.one_of(st.integers(0, 1), _WHOLE[8]))
    for name in ("range_m", "range_rate_m_s", "height_m", "baro_m"):
        getattr(plot, name)[0] = draw(_METRES)
    for name in ("azimuth_rad", "elevation_rad", "lat_rad", "lon_rad"):
        getattr(plot, name)[0] = draw(_ANGLES)
    plot.icao24[0] = draw(st.one_of(st.just(-1), st.just(0x4B1234), st.integers(INT32.min, INT32.max)))
    plot.mode_a[0] = draw(_WHOLE[16])
    plot.callsign[0] = draw(st.integers(INT64.min, INT64.max))
    return plot


ANYTHING = st.composite(anything)()

if __name__ == "__main__":  # a child process prints what its kernels make of the scene, compiled or not
    print(digest(run(take(good_plots(), np.arange(int(sys.argv[1]))))))
