"""`drain_updates`: one row per update, and what must hold in every row."""

import math
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from track_scenes import SENSORS, Course, drive, look, seconds

from foedus.model import F64, SECOND_NS, PlotKind, Plots, TrackStatus, concatenate, take
from foedus.track import Tracker
from foedus.track.table import MODELS, TURN
from foedus.track.tracker import Updates

UPPER = np.triu_indices(6)


def whole(upper: F64) -> F64:
    """Symmetric 6 x 6 from its upper triangle, row by row."""
    matrix = np.zeros((6, 6))
    matrix[UPPER] = upper
    return matrix + np.triu(matrix, 1).T


@cache
def updates() -> tuple[Updates, Tracker]:
    """Two flights, one of which ends at 60 s, until 120 s."""
    random = np.random.default_rng(1)
    stays, ends = Course(46.6, 7.7, 210.0, 60.0, icao24=0x4B0001), Course(46.3, 8.3, -180.0, 20.0)
    parts = [look(SENSORS, i, stays, random, until_s=120.0) for i in (0, 1)]
    parts.append(look(SENSORS, 0, ends, random, until_s=60.0))
    tracker = drive(SENSORS, concatenate(parts), until_s=120.0, log=True)
    return tracker.drain_updates(), tracker


def test_every_plot_that_a_confirmed_track_takes_gives_one_row() -> None:
    rows, tracker = updates()
    taken = sum(int(site.taken) for site in tracker._time.desk.sites)
    confirming = tracker.counts.confirmed
    assert np.count_nonzero(rows.status == TrackStatus.CONFIRMED) == taken + confirming


def test_the_last_row_of_a_track_that_ends_says_so_and_no_other_does() -> None:
    rows, tracker = updates()
    (live,) = tracker.tracks().number.tolist()
    assert sorted(set(rows.number.tolist())) == [1, 2]
    for number in (1, 2):
        status = rows.status[rows.number == number]
        assert (status[:-1] == TrackStatus.CONFIRMED).all()
        assert status[-1] == (TrackStatus.CONFIRMED if number == live else TrackStatus.DROPPED)
    assert np.count_nonzero(rows.status == TrackStatus.DROPPED) == tracker.counts.dropped == 1


def test_rows_are_in_order_of_time_but_for_one_half_second() -> None:
    rows, _ = updates()
    assert (np.diff(rows.time_ns) > -SECOND_NS // 2).all()
    for number in (1, 2):
        assert (np.diff(rows.time_ns[rows.number == number]) >= 0).all()


def test_covariances_are_positive_definite_and_agree_with_the_picture() -> None:
    rows, tracker = updates()
    for upper in rows.covariance:
        assert np.linalg.eigvalsh(whole(upper)).min() > 0.0
    tracks = tracker.tracks()
    last = np.flatnonzero(rows.number == tracks.number[0])[-1]
    c = whole(rows.covariance[last])
    assert math.isclose(math.sqrt(0.5 * (c[0, 0] + c[1, 1])), tracks.position_sigma_m[0], rel_tol=1e-3)
    assert math.isclose(math.sqrt(c[2, 2]), tracks.height_sigma_m[0], rel_tol=1e-3)
    assert rows.lat_rad[last] == tracks.lat_rad[0]
    assert rows.velocity_m_s[last].tolist() == [
        tracks.velocity_east_m_s[0],
        tracks.velocity_north_m_s[0],
        tracks.velocity_up_m_s[0],
    ]


def test_the_covariance_is_turned_into_east_north_up() -> None:
    """Across the beam a radar alone knows less than along it: north of it east is the worse one."""
    random = np.random.default_rng(2)
    course = Course(47.5, 8.0, east_m_s=0.0, north_m_s=150.0)
    rows = drive(
        SENSORS, look(SENSORS, 0, course, random, until_s=60.0), until_s=60.0, log=True
    ).drain_updates()
    c = whole(rows.covariance[-1])
    assert c[0, 0] > 4.0 * c[1, 1]
    assert abs(c[0, 1]) < 0.3 * math.sqrt(c[0, 0] * c[1, 1])


def test_probabilities_of_models_sum_to_one_and_quality_is_a_probability() -> None:
    rows, _ = updates()
    np.testing.assert_allclose(rows.model_probability.sum(axis=1), 1.0, atol=1e-12)
    assert rows.model_probability.shape[1] == MODELS
    assert (rows.quality > 0.99).sum() > 20
    assert ((rows.quality >= 0.0) & (rows.quality <= 1.0)).all()


def test_rows_are_given_once_and_those_of_the_time_gone_back_to_again() -> None:
    random = np.random.default_rng(3)
    plots = look(SENSORS, 1, Course(46.5, 7.7), random, until_s=60.0, phase_s=0.3)
    on_time = np.ones(len(plots.time_ns), np.bool_)
    on_time[-2] = False
    tracker = Tracker(SENSORS, log=True)
    tracker.step(take(plots, on_time), now_ns=seconds(60.0))
    first = tracker.drain_updates()
    assert len(tracker.drain_updates().number) == 0
    tracker.step(take(plots, ~on_time), now_ns=seconds(60.0))
    again = tracker.drain_updates()
    late_ns = int(plots.time_ns[-2])
    assert late_ns in again.time_ns.tolist()
    assert again.time_ns.min() > seconds(60.0 - 10.0 - 8.0)
    before = first.time_ns < late_ns
    for time_ns, lat in zip(again.time_ns.tolist(), again.lat_rad.tolist(), strict=True):
        if time_ns < late_ns:
            assert lat in first.lat_rad[before].tolist()
    assert again.time_ns.tolist() == sorted(again.time_ns.tolist())
    assert set(plots.time_ns[plots.time_ns >= late_ns].tolist()) <= set(again.time_ns.tolist())


def test_without_a_log_there_are_no_rows() -> None:
    plots = look(SENSORS, 1, Course(46.5, 7.7), np.random.default_rng(4), until_s=60.0)
    assert len(drive(SENSORS, plots, until_s=60.0).drain_updates().number) == 0


JOLTS = st.lists(
    st.tuples(
        st.floats(0.05, 30.0),  # seconds since the one before
        st.floats(-4_000.0, 4_000.0),  # metres from the one before
        st.floats(-4_000.0, 4_000.0),
        st.sampled_from([0, 1, 2, 3]),  # radar without, with height; receiver without, with height
        st.one_of(st.just(math.nan), st.floats(-1_500.0, 1_500.0)),  # Doppler speed
        st.sampled_from([100.0, 9_000.0, 14_000.0, 60_000.0]),
    ),
    min_size=3,
    max_size=40,
)
"""Plots that follow no flight: what comes out must still be a probability and a covariance."""


def _plots_of(steps: list[tuple[float, float, float, int, float, float]]) -> Plots:
    plots = Plots.empty(len(steps))
    time_s, east_m, north_m = 0.0, 0.0, 80_000.0
    for i, (after_s, east, north, kind, doppler, height_m) in enumerate(steps):
        time_s, east_m, north_m = time_s + after_s, east_m + east, north_m + north
        plots.time_ns[i] = seconds(time_s)
        plots.icao24[i] = 0x4B0001
        plots.range_rate_m_s[i] = doppler
        if kind % 2 == 1:
            plots.height_m[i] = height_m
        if kind < 2:
            plots.range_m[i] = math.hypot(east_m, north_m)
            plots.azimuth_rad[i] = math.atan2(east_m, north_m)
        else:
            plots.sensor[i] = 1
            plots.kind[i] = PlotKind.GEODETIC
            plots.lat_rad[i] = math.radians(46.0 + north_m / 111_200.0)
            plots.lon_rad[i] = math.radians(8.0 + east_m / 77_000.0)
    return plots


@settings(max_examples=40)
@given(JOLTS)
def test_whatever_comes_probabilities_sum_to_one_and_covariances_are_positive_definite(
    steps: list[tuple[float, float, float, int, float, float]],
) -> None:
    plots = _plots_of(steps)
    tracker = Tracker(SENSORS)
    for i in range(len(plots.time_ns)):
        tracker.step(
            take(plots, np.array([i])),
            now_ns=-(-int(plots.time_ns[i]) // (SECOND_NS // 2)) * (SECOND_NS // 2),
        )
        desk = tracker._time.desk
        for k in np.flatnonzero(desk.tracks["status"][: int(desk.head[0])] >= 0):
            track, bank = desk.tracks[k], desk.banks[k]
            assert math.isclose(float(bank.probability.sum()), 1.0, abs_tol=1e-9)
            assert (bank.probability >= 0.0).all()
            assert np.isfinite(track.state).all()
            _assert_positive(track.covariance)
            for j in np.flatnonzero(bank.probability > 0.0):
                size = 7 if j >= TURN else 6
                _assert_positive(bank.covariance[j, :size, :size])


def _assert_positive(c: F64) -> None:
    """As a correlation matrix, so that metres and radians count alike; symmetric to rounding."""
    assert (np.diag(c) > 0.0).all()
    sigma = np.sqrt(np.diag(c))
    correlation = c / np.outer(sigma, sigma)
    np.testing.assert_allclose(correlation, correlation.T, atol=1e-7)
    assert np.linalg.eigvalsh(correlation).min() > -1e-9


def test_four_thousand_updates_leave_the_covariance_symmetric() -> None:
    course = Course(46.5, 7.7, east_m_s=15.0)
    plots = look(SENSORS, 1, course, np.random.default_rng(5), until_s=16_000.0)
    tracker = drive(SENSORS, plots, until_s=16_000.0, step_s=500.0)
    desk = tracker._time.desk
    assert tracker.counts.associated > 3_990
    c = desk.tracks[int(np.flatnonzero(desk.tracks["number"] == 1)[0])].covariance
    sigma = np.sqrt(np.diag(c))
    np.testing.assert_allclose(c / np.outer(sigma, sigma), (c / np.outer(sigma, sigma)).T, atol=1e-9)
    assert np.linalg.eigvalsh(c).min() > 0.0
