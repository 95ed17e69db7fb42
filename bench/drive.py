"""Drives a tracker through a scenario as a node would, and scores what it shows.

Plots come in steps of half a second, by their time of arrival. At the evaluation times of the scorer the
picture is listed, each track carried on to that very moment: what a person would have seen then.
"""

import time
from typing import Any, NamedTuple

import numpy as np

from bench.flights import ecef_to_enu, enu_to_ecef
from bench.scenario import START_NS, Scenario
from foedus.geo import ecef_from_geodetic, geodetic_from_ecef
from foedus.model import F64, I64, SECOND_NS, Plots, Tracks, concatenate, take
from foedus.score.score import Score, Settings, evaluation_times, score_picture
from foedus.score.tables import Truth, truth_from_table, updates_from_table
from foedus.track import Tracker

STEP_NS = SECOND_NS // 2
EVERY_S = 5.0
LOG_NS = SECOND_NS
LIVE = Settings(every_s=EVERY_S, keep_s=EVERY_S)
"""Rows are listed at every evaluation time, so that none has to last until the next."""
AFTERWARDS = Settings(every_s=EVERY_S, keep_s=60.0)
"""Rows are listed every second, and end when their track does."""


class Run(NamedTuple):
    """One pass of a tracker through a scenario."""

    tracker: Tracker
    shown: Any  # Arrow table: the picture at each evaluation time, as it was then
    logged: Any  # Arrow table: the same every second, by the times of the estimates; None unless asked for
    ends_s: F64  # of each step, in seconds of the scenario
    plots: I64  # of each step
    cpu_s: F64  # of each step, of this thread, listing at evaluation times included
    wall_s: F64


def plan_steps(scenario: Scenario) -> list[tuple[Plots, int]]:
    """(the plots that have arrived, now) of every step of a node; what arrives after the end is lost."""
    last_ns = START_NS + round(scenario.duration_s * SECOND_NS)
    ends = np.arange(START_NS + STEP_NS, last_ns + 1, STEP_NS)
    edges = np.searchsorted(scenario.arrival_ns, ends, side="right").tolist()
    rows = zip([0, *edges[:-1]], edges, ends.tolist(), strict=True)
    return [(take(scenario.plots, np.arange(first, end)), now_ns) for first, end, now_ns in rows]


def judge_truth(scenario: Scenario, *, until_s: float | None = None) -> Truth:
    """The truth every second, up to a time of the scenario."""
    import pyarrow.compute as pc

    table = scenario.truth_table(1.0)
    if until_s is not None:
        table = table.filter(pc.less_equal(table["time_ns"], START_NS + round(until_s * SECOND_NS)))
    return truth_from_table(table)


def carry_on(tracks: Tracks, now_ns: int) -> Tracks:
    """The tracks as they should be now if they fly straight on; an unknown height stays unknown."""
    unknown = np.isnan(tracks.height_m)
    place = ecef_from_geodetic(tracks.lat_rad, tracks.lon_rad, np.where(unknown, 0.0, tracks.height_m))
    speed = np.stack(
        [tracks.velocity_east_m_s, tracks.velocity_north_m_s, np.nan_to_num(tracks.velocity_up_m_s)], axis=1
    )
    velocity = enu_to_ecef(speed, tracks.lat_rad, tracks.lon_rad)
    place += velocity * ((now_ns - tracks.time_ns) / SECOND_NS)[:, None]
    lat, lon, height_m = geodetic_from_ecef(place).T
    east, north, up = ecef_to_enu(velocity, lat, lon).T
    return tracks._replace(
        time_ns=np.full(len(lat), now_ns),
        lat_rad=lat,
        lon_rad=lon,
        height_m=np.where(unknown, np.nan, height_m),
        velocity_east_m_s=east,
        velocity_north_m_s=north,
        velocity_up_m_s=up,
    )


def track_rows(parts: list[Tracks], ended: list[tuple[int, int]] = ()) -> Any:  # type: ignore[assignment]
    """An Arrow table of track rows; ended: (number, time) of tracks that were dropped."""
    import pyarrow as pa

    rows = concatenate([*parts, Tracks.empty(len(ended))])
    count = len(rows.number) - len(ended)
    rows.number[count:] = [number for number, _ in ended]
    rows.time_ns[count:] = [time_ns for _, time_ns in ended]
    status = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat([0, 1], [count, len(ended)]), pa.int8()), ["CONFIRMED", "DROPPED"]
    )
    columns = {
        name: pa.array(getattr(rows, name), from_pandas=True)
        for name in (
            "time_ns",
            "number",
            "height_m",
            "velocity_east_m_s",
            "velocity_north_m_s",
            "velocity_up_m_s",
        )
    }
    degrees = {"lat_deg": np.degrees(rows.lat_rad), "lon_deg": np.degrees(rows.lon_rad)}
    return pa.table({**columns, **degrees, "status": status.cast(pa.string())})


class _Log:
    """The picture every second, by the times of its estimates: a later one for the same time takes over."""

    def __init__(self) -> None:
        self.parts: list[Tracks] = []
        self.ended: list[tuple[int, int]] = []
        self._before = np.zeros(0, np.int32)

    def take(self, tracks: Tracks, now_ns: int) -> None:
        self.parts.append(tracks)
        gone = np.setdiff1d(self._before, tracks.number)
        self.ended += [(number, now_ns) for number in gone.tolist()]
        self._before = tracks.number


def drive(scenario: Scenario, truth: Truth, *, log: bool = False) -> Run:
    """The tracker through the whole scenario; the truth only says when the picture is listed."""
    steps = plan_steps(scenario)
    times_ns = evaluation_times(truth, LIVE)
    listed = np.isin([now_ns for _, now_ns in steps], times_ns).tolist()
    cpu, wall = np.zeros(len(steps)), np.zeros(len(steps))
    shown: list[tuple[Tracks, int]] = []
    journal = _Log()
    tracker = Tracker(scenario.sensors)
    for i, (plots, now_ns) in enumerate(steps):
        wall_from, cpu_from = time.perf_counter(), time.thread_time()
        tracker.step(plots, now_ns=now_ns)
        if listed[i]:
            shown.append((tracker.tracks(), now_ns))
        cpu[i], wall[i] = time.thread_time() - cpu_from, time.perf_counter() - wall_from
        if log and now_ns % LOG_NS == 0:
            journal.take(tracker.tracks(), now_ns)
    return Run(
        tracker=tracker,
        shown=track_rows([carry_on(tracks, now_ns) for tracks, now_ns in shown]),
        logged=track_rows(journal.parts, journal.ended) if log else None,
        ends_s=np.array([(now_ns - START_NS) / SECOND_NS for _, now_ns in steps]),
        plots=np.array([len(plots.time_ns) for plots, _ in steps]),
        cpu_s=cpu,
        wall_s=wall,
    )


def score_rows(truth: Truth, table: Any, settings: Settings, *, from_s: float = 0.0) -> Score:
    """The score of track rows; from_s: seconds of the scenario that are left out."""
    first_s = (int(truth.time_ns.min()) - START_NS) / SECOND_NS
    asked = Settings(every_s=settings.every_s, keep_s=settings.keep_s, from_s=max(0.0, from_s - first_s))
    return score_picture(truth, updates_from_table(table), asked).score
