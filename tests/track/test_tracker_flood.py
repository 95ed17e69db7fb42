"""One sensor that says far too much costs bounded time, and nobody else a track."""

import numpy as np
from bad_plots import BAD, LENGTH_S, START_S, good_plots, run, shift
from track_scenes import flight, same, seconds

from foedus.limits import TRACKS_MAX
from foedus.model import Plots, concatenate

GOOD = good_plots()


def _flood(count: int, at_s: float) -> Plots:
    """Plots of a bad radar in one instant, where none of the good flights is."""
    chance = np.random.default_rng(11)
    return Plots.empty(count)._replace(
        time_ns=np.full(count, seconds(START_S + at_s)),
        sensor=np.full(count, BAD[0], np.int32),
        range_m=chance.uniform(1_000.0, 30_000.0, count),
        azimuth_rad=chance.uniform(0.0, 6.28, count),
        elevation_rad=np.full(count, 0.05),
    )


def test_a_million_plots_in_one_scan_are_accounted_for_and_the_others_keep_their_tracks() -> None:
    tracker = run(concatenate([GOOD, _flood(1_000_000, LENGTH_S - 0.6)]))
    counts = tracker.counts
    refused = sum(count for _, count in counts.refused)
    assert counts.plots == len(GOOD.time_ns) + 1_000_000
    assert counts.plots == counts.associated + counts.started + counts.waiting + refused
    assert refused > 1_000_000 - TRACKS_MAX
    assert tracker.tentative() + len(tracker.tracks().number) <= TRACKS_MAX
    assert same(tracker.tracks(), run(GOOD).tracks())
    health = {one.id: dict(one.refused) for one in tracker.sensor_health()}
    assert sum(health["bad-radar"].values()) == refused


def test_a_flood_of_one_sensor_keeps_no_flight_of_another_from_being_tracked() -> None:
    late = shift(flight(lat_deg=47.5, lon_deg=9.8, east_m_s=200.0, times_s=[14.3 + n for n in range(9)]))
    late = late._replace(icao24=np.full(9, 0x3C1234, np.int32))
    tracker = run(concatenate([GOOD, _flood(TRACKS_MAX + 100, 12.4), late]))
    assert 0x3C1234 in tracker.tracks().icao24.tolist()
    health = {one.id: dict(one.refused) for one in tracker.sensor_health()}
    assert health["receiver"] == {}
