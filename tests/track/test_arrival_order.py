"""Late plots in their place: how plots arrive must not matter, within LATE_S_MAX."""

import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from track_scenes import SENSORS, Course, look, same, seconds

from foedus.limits import LATE_S_MAX
from foedus.model import F64, SECOND_NS, Plots, Tracks, concatenate, take
from foedus.track import Tracker

UNTIL_S = 60.0


@cache
def scene() -> Plots:
    """Two crossing flights, one with an address, one that comes up late, and plots of nothing."""
    random = np.random.default_rng(12)
    north, south = Course(46.5, 7.7, 210.0, 60.0), Course(46.56, 7.7, 210.0, -60.0)
    parts = [
        look(SENSORS, i, c, random, until_s=UNTIL_S, detection=0.9) for c in (north, south) for i in (0, 1)
    ]
    known = Course(46.2, 8.4, -180.0, 40.0, icao24=0x4B0001)
    parts += [look(SENSORS, i, known, random, until_s=UNTIL_S, detection=0.9) for i in (0, 1)]
    parts.append(look(SENSORS, 0, Course(46.7, 8.2, -120.0), random, from_s=25.0, until_s=UNTIL_S))
    junk = Plots.empty(60)
    junk.time_ns[:] = random.integers(1, seconds(UNTIL_S), 60)
    junk.range_m[:] = random.uniform(20e3, 150e3, 60)
    junk.azimuth_rad[:] = random.uniform(0.0, 6.28, 60)
    plots = concatenate([*parts, junk])
    return take(plots, np.argsort(plots.time_ns, kind="stable"))


def run(arrival_s: F64, step_s: float, *, first_s: float = 0.0) -> tuple[Tracker, list[Tracks]]:
    """The tracker after all plots, each given at its time of arrival, and its picture at every step."""
    plots = scene()
    tracker = Tracker(SENSORS)
    pictures = []
    before_s = -1.0
    for now_s in np.arange(first_s + step_s, UNTIL_S + LATE_S_MAX + 2 * step_s, step_s):
        rows = np.flatnonzero((arrival_s > before_s) & (arrival_s <= now_s))
        tracker.step(take(plots, rows[np.argsort(arrival_s[rows])]), now_ns=seconds(float(now_s)))
        pictures.append(tracker.tracks())
        before_s = float(now_s)
    tracker.step(Plots.empty(), now_ns=seconds(UNTIL_S + 15.0))
    pictures.append(tracker.tracks())
    return tracker, pictures


@cache
def on_time() -> Tracker:
    return run(scene().time_ns / SECOND_NS, 1.0)[0]


def punctual() -> Tracks:
    return on_time().tracks()


def _learnt(tracker: Tracker) -> list[bytes]:
    """What the past has left besides tracks."""
    desk = tracker._time.desk
    scores = np.sort(desk.tracks["score"][desk.tracks["number"] > 0])
    counts = np.array([site.plots for site in desk.sites] + [site.taken for site in desk.sites])
    return [part.tobytes() for part in (scores, counts, desk.clutter, desk.clutter_ns, desk.normal)]


def _but_numbers(tracks: Tracks) -> Tracks:
    """Ordered by place, without numbers."""
    tracks = take(tracks, np.argsort(tracks.lat_rad))
    return tracks._replace(number=np.zeros_like(tracks.number))


delays = st.lists(st.floats(0.0, LATE_S_MAX - 3.0), min_size=1, max_size=12)
steps = st.sampled_from([0.5, 0.7, 1.0, 2.5])


def _arrivals(delay_s: list[float]) -> F64:
    plots = scene()
    late = np.resize(np.array(delay_s), len(plots.time_ns))
    return plots.time_ns / SECOND_NS + late


@settings(max_examples=15)
@given(delays, steps)
def test_any_order_of_arrival_and_any_split_give_the_same_tracks(delay_s: list[float], step_s: float) -> None:
    """Numbers may differ: they are handed out as tracks are first confirmed, which is as plots arrive."""
    tracker, pictures = run(_arrivals(delay_s), step_s)
    assert tracker.counts.refused == ()
    assert len(pictures[-1].number) >= 3
    assert same(_but_numbers(pictures[-1]), _but_numbers(punctual()))
    assert _learnt(tracker) == _learnt(on_time())


@settings(max_examples=15)
@given(st.integers(0, 1_000), steps)
def test_delays_that_differ_from_plot_to_plot_change_no_track(seed: int, step_s: float) -> None:
    random = np.random.default_rng(seed)
    delay_s = np.minimum(random.exponential(1.5, len(scene().time_ns)), LATE_S_MAX - 3.0)
    _, pictures = run(scene().time_ns / SECOND_NS + delay_s, step_s)
    assert same(_but_numbers(pictures[-1]), _but_numbers(punctual()))


def _places(tracks: Tracks) -> dict[int, tuple[float, float]]:
    return dict(
        zip(
            tracks.number.tolist(),
            zip(tracks.lat_rad.tolist(), tracks.lon_rad.tolist(), strict=True),
            strict=True,
        )
    )


@settings(max_examples=20)
@given(st.integers(0, 1_000), st.sampled_from([0.5, 1.0, 2.5]))
def test_numbers_of_live_tracks_never_change_under_rewinds_and_none_is_used_twice(
    seed: int, step_s: float
) -> None:
    random = np.random.default_rng(seed)
    delay_s = np.minimum(random.exponential(2.0, len(scene().time_ns)), LATE_S_MAX - 3.0)
    tracker, pictures = run(scene().time_ns / SECOND_NS + delay_s, step_s)
    assert tracker.counts.rewinds > 5
    for before, after in pairwise(pictures):
        assert len(np.unique(after.number)) == len(after.number)
        old, new = _places(before), _places(after)
        for number, place in new.items():
            # Flights are 5 km apart but where two of them cross; in a step and a rewind they fly less.
            if number in old:
                assert np.hypot(place[0] - old[number][0], place[1] - old[number][1]) * 6.37e6 < 3_500.0
        for number, place in old.items():
            if number not in new:  # ended or, with what came late, never was; its place has no new number
                near = [
                    n
                    for n in new
                    if n not in old and np.hypot(*np.subtract(new[n], place)) * 6.37e6 < 2_000.0
                ]
                assert not near


def test_a_track_confirmed_by_a_late_plot_gets_one_number_and_keeps_it() -> None:
    plots = look(SENSORS, 1, Course(46.5, 7.7), np.random.default_rng(3), until_s=40.0, phase_s=0.3)
    tracker = Tracker(SENSORS)
    seen = []
    order = [0, 2, 1, 4, 3, 6, 5, 8, 7, 9]
    for place, row in enumerate(order):
        tracker.step(take(plots, np.array([row])), now_ns=seconds(4.0 * max(order[: place + 1]) + 1.0))
        seen += tracker.tracks().number.tolist()
    assert set(seen) == {1}
    assert tracker.counts.rewinds == 4


def test_a_plot_later_than_the_window_is_refused_and_one_just_inside_is_taken() -> None:
    plots = scene()
    tracker = Tracker(SENSORS)
    tracker.step(take(plots, plots.time_ns <= seconds(30.0)), now_ns=seconds(30.0))
    extra = take(plots, plots.time_ns > seconds(55.0))
    extra = take(extra, np.array([0, 1]))
    extra.time_ns[:] = seconds(30.0 - LATE_S_MAX) - 1, seconds(30.0 - LATE_S_MAX) + 1
    before = tracker.counts
    tracker.step(extra, now_ns=seconds(30.0))
    assert tracker.counts.refused == (("too old", 1),)
    assert tracker.counts.plots == before.plots + 2


@pytest.mark.parametrize("log", [False, True])
def test_keeping_a_log_changes_no_track(log: bool) -> None:
    tracker = Tracker(SENSORS, log=log)
    for now_s in np.arange(1.0, UNTIL_S + 16.0):
        plots = scene()
        now_ns = seconds(float(now_s))
        tracker.step(
            take(plots, (plots.time_ns > now_ns - SECOND_NS) & (plots.time_ns <= now_ns)), now_ns=now_ns
        )
    assert same(tracker.tracks(), punctual())


HASHED = """
import hashlib
import test_arrival_order as order
tracker, pictures = order.run(order.scene().time_ns / 1e9 + 1.3, 2.5)
digest = hashlib.sha256()
for picture in pictures:
    for column in picture:
        digest.update(column.tobytes())
print(digest.hexdigest(), len(pictures[-1].number))
"""


def test_the_seed_of_python_hashes_changes_no_byte() -> None:
    said = []
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", HASHED]
        here = str(Path(__file__).parent)
        done = subprocess.run(
            command, cwd=here, env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        said.append(done.stdout)
    assert said[0] == said[1]
    assert int(said[0].split()[1]) >= 3
