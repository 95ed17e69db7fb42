"""What no sensor should send is counted by reason, bounded, and leaves the others' picture as it was."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from bad_plots import (
    ANYTHING,
    BAD,
    LENGTH_S,
    SENSORS,
    SPOILED,
    START_S,
    WRONGS,
    Spoiled,
    Wrong,
    digest,
    good_plots,
    run,
    shift,
    spoiled_plot,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from track_scenes import flight, same, seconds

from foedus.model import DAY_NS, PlotKind, Plots, Sensor, SensorKind, Tracks, concatenate, take
from foedus.track import Tracker

GOOD = good_plots()
UNTOUCHED = run(GOOD)
UNKNOWN = ("height_m", "velocity_up_m_s")
"""NaN where nothing has measured the height."""


def _interleaved(bad: list[Plots], bad_at_s: np.ndarray, chance: np.random.Generator) -> Tracker:
    """The tracker after the good plots and the bad ones, which come at bad_at_s, in an order of chance."""
    arrival_ns = np.concatenate([GOOD.time_ns, seconds(START_S) + np.round(bad_at_s * 1e9).astype(np.int64)])
    mixed = chance.permutation(len(arrival_ns))
    return run(take(concatenate([GOOD, *bad]), mixed), arrival_ns=arrival_ns[mixed])


def _check_health(tracker: Tracker, bad: list[Spoiled]) -> None:
    """What was refused is told of the sensor that sent it, and of no other."""
    health = tracker.sensor_health()
    assert [one.id for one in health] == [sensor.id for sensor in SENSORS]
    for index, one in enumerate(health):
        sent = [each.wrong for each in bad if each.sensor == index and "sensor" not in each.wrong.change]
        assert dict(one.refused) == Counter(wrong.reason for wrong in sent)


def _balanced(tracker: Tracker) -> bool:
    counts = tracker.counts
    taken = counts.associated + counts.started + counts.waiting
    return counts.plots == taken + sum(n for _, n in counts.refused)


def _sane(tracks: Tracks) -> bool:
    """Every track is a place on earth with a positive and finite accuracy."""
    finite = all(
        np.isfinite(getattr(tracks, name)).all()
        for name in Tracks._fields
        if name not in UNKNOWN and getattr(tracks, name).dtype == np.float64
    )
    finite = finite and (np.isfinite(tracks.height_m) == np.isfinite(tracks.velocity_up_m_s)).all()
    sigmas = (tracks.position_sigma_m, tracks.height_sigma_m, tracks.velocity_sigma_m_s)
    return finite and all((sigma > 0.0).all() for sigma in sigmas)


def test_the_scene_of_the_good_sensors_has_its_three_tracks() -> None:
    assert len(UNTOUCHED.tracks().number) == 3
    assert UNTOUCHED.counts.refused == ()


@pytest.mark.parametrize("wrong", WRONGS, ids=str)
def test_each_wrong_plot_is_refused_for_its_reason(wrong: Wrong) -> None:
    tracker = Tracker(SENSORS)
    tracker.step(Plots.empty(), now_ns=seconds(START_S + 1.0))
    tracker.step(spoiled_plot(Spoiled(wrong, 1.5, BAD[0], -1)), now_ns=seconds(START_S + 2.0))
    assert tracker.counts.refused == ((wrong.reason, 1),)
    assert tracker.tentative() == 0
    assert _balanced(tracker)


@settings(max_examples=60)
@given(st.lists(SPOILED, min_size=1, max_size=30), st.integers(0, 1 << 30))
def test_refused_plots_change_no_byte_of_the_picture(bad: list[Spoiled], seed: int) -> None:
    plots = [spoiled_plot(one) for one in bad]
    tracker = _interleaved(plots, np.array([one.at_s for one in bad]), np.random.default_rng(seed))
    assert same(tracker.tracks(), UNTOUCHED.tracks())
    assert tracker.tentative() == UNTOUCHED.tentative()
    assert dict(tracker.counts.refused) == Counter(one.wrong.reason for one in bad)
    _check_health(tracker, bad)
    assert _balanced(tracker)


@settings(max_examples=150)
@given(st.lists(ANYTHING, min_size=1, max_size=40), st.integers(0, 1 << 30))
def test_whatever_the_columns_hold_tracks_stay_places_and_plots_are_accounted_for(
    bad: list[Plots], seed: int
) -> None:
    chance = np.random.default_rng(seed)
    tracker = _interleaved(bad, chance.uniform(0.01, LENGTH_S, len(bad)), chance)
    assert _sane(tracker.tracks())
    assert _balanced(tracker)
    assert tracker.counts.plots == len(GOOD.time_ns) + len(bad)


def test_a_sensor_whose_clock_falls_back_a_day_is_refused_and_the_others_go_on() -> None:
    flown = flight(lat_deg=46.1, lon_deg=9.5, east_m_s=180.0, times_s=[0.3 + n for n in range(24)])
    flown = shift(flown)._replace(sensor=np.full(24, BAD[1], np.int32))
    fallen = flown.time_ns > seconds(START_S + 12.0)
    late = flown._replace(time_ns=np.where(fallen, flown.time_ns - DAY_NS, flown.time_ns))
    plots = concatenate([GOOD, late])
    tracker = run(plots, arrival_ns=np.concatenate([GOOD.time_ns, flown.time_ns]))
    assert tracker.counts.refused == (("too old", 12),)
    # The last true plots are 12 s old: the track is still there, or gone, but never moved by the fallen ones.
    only = run(concatenate([GOOD, take(flown, ~fallen)]))
    assert same(tracker.tracks(), only.tracks())
    assert set(UNTOUCHED.tracks().icao24.tolist()) <= set(tracker.tracks().icao24.tolist())


def test_a_sensor_that_says_everything_three_times_makes_no_further_tracks() -> None:
    once = run(GOOD).tracks()
    tracker = run(take(GOOD, np.repeat(np.arange(len(GOOD.time_ns)), 3)))
    assert _balanced(tracker)
    assert len(tracker.tracks().number) == len(once.number)


FAULTLESS = Sensor(
    id="absurd",
    kind=SensorKind.RADAR,
    lat_deg=46.0,
    lon_deg=8.0,
    height_m=0.0,
    period_s=1.0,
    range_max_m=3e5,
    range_sigma_m=0.0,
    azimuth_sigma_deg=0.0,
    elevation_sigma_deg=0.0,
    position_sigma_m=0.0,
    height_sigma_m=0.0,
)
"""A sensor that claims to make no errors."""
ABSURD = st.builds(
    Sensor,
    id=st.just("absurd"),
    kind=st.sampled_from(SensorKind),
    lat_deg=st.sampled_from([46.0, 90.0, -90.0, 0.0]),
    lon_deg=st.sampled_from([8.0, 180.0, -180.0]),
    height_m=st.sampled_from([0.0, -500.0, 100_000.0]),
    period_s=st.sampled_from([1e-9, 0.01, 4.0, 3_600.0]),
    range_max_m=st.sampled_from([1e-3, 1.0, 3e5, 1e7]),
    **{
        name: st.sampled_from([0.0, 5e-324, 1e-9, 60.0, 1e6])
        for name in (
            "range_sigma_m",
            "azimuth_sigma_deg",
            "elevation_sigma_deg",
            "position_sigma_m",
            "height_sigma_m",
        )
    },
    detection_probability=st.sampled_from([0.0, 5e-324, 0.5, 1.0]),
    clutter_per_scan=st.sampled_from([0.0, 1.0, 10_000.0]),
)


def _absurd_plots(chance: np.random.Generator) -> Plots:
    """Something that stands still in polar plots, the addressed flight again, and plots at odd places."""
    flown = shift(flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=[0.7 + n for n in range(23)]))
    flown = flown._replace(icao24=np.full(23, chance.choice([-1, 0x4B1234]), np.int32))
    count = 23
    still = Plots.empty(count)._replace(
        time_ns=flown.time_ns + 7,
        range_m=np.full(count, chance.choice([1.0, 50.0, 60e3, 4e5])),
        azimuth_rad=np.full(count, chance.uniform(0.0, 6.28)),
        elevation_rad=np.full(count, chance.choice([np.nan, -1.57, 0.0, 0.05, 1.57])),
        range_rate_m_s=np.full(count, chance.choice([np.nan, 0.0, 1e300, -200.0])),
    )
    odd = Plots.empty(count)._replace(
        time_ns=flown.time_ns + 14,
        kind=np.full(count, PlotKind.GEODETIC, np.int8),
        lat_rad=chance.choice([0.81, 1.5707963, -1.5707963, 0.0], count),
        lon_rad=chance.choice([0.14, 3.1415926, -3.1415926], count),
        icao24=chance.choice(np.array([-1, 1], np.int32), count),
    )
    plots = concatenate([flown, flown, still, odd])  # all of the flight twice
    return plots._replace(sensor=np.full(len(plots.time_ns), 2, np.int32))


@settings(max_examples=150)
@given(ABSURD, st.integers(0, 1 << 30))
@example(FAULTLESS, 1)
def test_a_sensor_with_absurd_errors_keeps_every_track_a_place(sensor: Sensor, seed: int) -> None:
    plots = _absurd_plots(np.random.default_rng(seed))
    tracker = run(concatenate([GOOD, plots]), (*SENSORS[:2], sensor))
    assert _sane(tracker.tracks())
    assert _balanced(tracker)


def test_a_sensor_without_plots_changes_nothing_however_absurd() -> None:
    useless = Sensor(
        id="useless", kind=SensorKind.RADAR, lat_deg=46.0, lon_deg=8.0, height_m=0.0, period_s=3_600.0,
        range_max_m=1e-3, range_sigma_m=1e6, azimuth_sigma_deg=1e6, detection_probability=0.0,
    )  # fmt: skip
    assert same(run(GOOD, (*SENSORS, useless)).tracks(), UNTOUCHED.tracks())


def test_interpreted_kernels_agree_with_compiled_ones_to_the_bit() -> None:
    count = 24
    command = [sys.executable, str(Path(__file__).with_name("bad_plots.py")), str(count)]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert child.returncode == 0, child.stderr
    assert child.stdout.split() == [digest(run(take(GOOD, np.arange(count))))]


def test_the_digest_tells_scenes_apart() -> None:
    assert digest(run(take(GOOD, np.arange(24)))) != digest(run(take(GOOD, np.arange(23))))
