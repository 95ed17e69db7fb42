"""Kernels against slow, obvious twins: numpy for the filter, enumeration for assignment, PROJ for places."""

import itertools
import math

import numpy as np
import pyproj
import pytest
from track_scenes import RADAR, SENSORS, flight, polar, report, seconds

from foedus.jit import kernel
from foedus.model import F64, I64, SECOND_NS, Bool, Plots, concatenate, take
from foedus.track.assign import MISS, assign
from foedus.track.gate import GATE, UNADDRESSED, distance_2, find_candidates
from foedus.track.motion import NOISE_PER_SPEED, VERTICAL_NOISE
from foedus.track.table import COUNT_CANDIDATES_CUT, GRID_ROWS, ROWS, SCAN_ROWS, STAMP, Desk, Rows, make_desk
from foedus.track.tracker import Tracker


@kernel
def _assign(plots: Rows, tracks: Rows, listed: I64, count: int, touched: I64, counts: I64) -> None:
    assign(plots, tracks, listed, count, touched, counts)


def _twin_update(state: F64, covariance: F64, dt: float, plot: Rows) -> tuple[F64, F64]:
    """Textbook Kalman filter: predict with dense matrices, update with all directions at once."""
    up = state[:3] / np.linalg.norm(state[:3])
    density = NOISE_PER_SPEED * (state[3:] @ state[3:])
    density = min(1_200.0, max(20.0, density))
    shape = density * (np.eye(3) + (VERTICAL_NOISE - 1.0) * np.outer(up, up))
    transition = np.block([[np.eye(3), dt * np.eye(3)], [np.zeros((3, 3)), np.eye(3)]])
    noise = np.block([[shape * dt**3 / 3, shape * dt**2 / 2], [shape * dt**2 / 2, shape * dt]])
    state = transition @ state
    covariance = transition @ covariance @ transition.T + noise
    up = state[:3] / np.linalg.norm(state[:3])
    unheld = up @ covariance[:3, :3] @ up > plot.variance_m2[2]
    rows = 3 if unheld else int(plot.measured)  # the prior of the height, where the track knows less
    h = np.hstack([plot.axes[:rows], np.zeros((rows, 3))])
    gap = plot.axes[:rows] @ plot.centre_m - h @ state
    s = h @ covariance @ h.T + np.diag(plot.variance_m2[:rows])
    gain = covariance @ h.T @ np.linalg.inv(s)
    left = np.eye(6) - gain @ h
    return state + gain @ gap, left @ covariance @ left.T + gain @ np.diag(plot.variance_m2[:rows]) @ gain.T


@kernel
def _pairs(desk: Desk, count: int, by_grid: bool, found: Bool) -> None:
    """Which track lies in the gate of which plot, by the grid or one by one."""
    for i in range(count):
        plot = desk.plots[i]
        if by_grid:
            plot.tier = UNADDRESSED
            find_candidates(desk, plot)
            for j in range(plot.candidates):
                found[i, plot.track[j]] = True
        else:
            for k in range(desk.head[ROWS]):
                dt_s = (plot.time_ns - desk.tracks[k].time_ns) * 1e-9
                found[i, k] = distance_2(desk.tracks[k], dt_s, plot, desk.sites[plot.sensor])[0] <= GATE


@pytest.mark.parametrize(
    ("top_deg", "lon_deg", "high_deg", "half_lon_deg"),
    [(47.0, 8.0, 2.0, 1.5), (-35.0, 179.9, 2.0, 1.2), (90.0, 0.0, 2.0, 180.0)],
)
def test_the_grid_misses_no_track_in_the_gate(
    top_deg: float, lon_deg: float, high_deg: float, half_lon_deg: float
) -> None:
    random = np.random.default_rng(31)
    tracker = Tracker(SENSORS)

    def scatter(time_s: float, count: int) -> Plots:
        # 220 km across: tracks of every age, so gates of 1 to 12 km, some across the date line and the pole.
        lat = top_deg - high_deg * np.sqrt(random.random(count))
        lon = (lon_deg + random.uniform(-1.0, 1.0, count) * half_lon_deg + 180.0) % 360.0 - 180.0
        return concatenate([report(time_s, *at, height_m=9_000.0) for at in zip(lat, lon, strict=True)])

    for time_s in (1.0, 5.0, 7.5, 9.75):
        tracker.step(scatter(time_s, 60), now_ns=seconds(time_s))
    tracker.step(scatter(10.25, 200), now_ns=seconds(10.25))
    desk = tracker._desk
    tracks = int(desk.head[ROWS])
    desk.head[STAMP] += 1  # as for the next scan: all tracks are open, those born last are not in the grid
    desk.head[SCAN_ROWS] = tracks
    by_grid, one_by_one = np.zeros((2, 200, tracks), np.bool_)
    _pairs(desk, 200, True, by_grid)
    _pairs(desk, 200, False, one_by_one)
    assert desk.counts[COUNT_CANDIDATES_CUT] == 0
    assert one_by_one[:, : int(desk.head[GRID_ROWS])].sum() > 30
    np.testing.assert_array_equal(by_grid, one_by_one)


def test_a_plot_older_than_the_track_is_compared_with_where_the_track_was() -> None:
    times = [4.0 * n for n in range(10)]
    tracker = Tracker(SENSORS)
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=times)
    tracker.step(plots, now_ns=seconds(36.0))
    track = tracker._desk.tracks[0]
    state, covariance = track.state.copy(), track.covariance.copy()
    lag = -3.0
    late = flight(lat_deg=46.5005, lon_deg=8.0005, east_m_s=220.0, times_s=[36.0 + lag])
    tracker.step(late, now_ns=seconds(36.0))
    plot = tracker._desk.plots[0]
    h = np.hstack([plot.axes, lag * plot.axes])
    density = NOISE_PER_SPEED * (state[3:] @ state[3:])
    variance = np.diag(plot.variance_m2) + np.eye(3) * density * abs(lag) ** 3 / 3.0
    gap = plot.axes @ plot.centre_m - h @ state
    gain = covariance @ h.T @ np.linalg.inv(h @ covariance @ h.T + variance)
    np.testing.assert_allclose(track.state, state + gain @ gap, atol=1e-4)
    np.testing.assert_allclose(track.covariance, covariance - gain @ h @ covariance, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("with_height", [True, False])
def test_the_filter_agrees_with_the_textbook(with_height: bool) -> None:
    noise = np.random.default_rng(7)
    times = [4.0 * n for n in range(12)]
    height = 9_000.0 if with_height else math.nan
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=times, noise=noise, height_m=height)
    tracker = Tracker(SENSORS)
    tracker.step(take(plots, np.array([0])), now_ns=0)
    track = tracker._desk.tracks[0]
    for n in range(1, 12):
        state, covariance = track.state.copy(), track.covariance.copy()
        tracker.step(take(plots, np.array([n])), now_ns=seconds(times[n]))
        assert tracker._desk.head[ROWS] == 1
        expected, expected_covariance = _twin_update(state, covariance, 4.0, tracker._desk.plots[0])
        np.testing.assert_allclose(track.state, expected, atol=1e-5)
        np.testing.assert_allclose(track.covariance, expected_covariance, rtol=1e-7, atol=1e-5)
        np.testing.assert_array_equal(track.covariance, track.covariance.T)
        assert np.linalg.eigvalsh(track.covariance).min() > 0.0


def _best_total(costs: list[dict[int, float]]) -> float:
    """Least total over all ways to give each plot one of its tracks or none, no track twice."""
    best = math.inf
    for choice in itertools.product(*[[None, *cost] for cost in costs]):
        used = [track for track in choice if track is not None]
        if len(used) == len(np.unique(used)):
            total = sum(MISS if t is None else cost[t] for t, cost in zip(choice, costs, strict=True))
            best = min(best, total)
    return best


def test_the_assignment_costs_what_the_best_of_all_assignments_costs() -> None:
    random = np.random.default_rng(11)
    desk = make_desk((RADAR,), number_first=1)
    for case in range(300):
        count, tracks = int(random.integers(1, 6)), int(random.integers(1, 6))
        costs: list[dict[int, float]] = []
        for i in range(count):
            linked = np.flatnonzero(random.random(tracks) < 0.7)
            cost, log = random.uniform(0.0, 16.0, len(linked)), random.uniform(0.0, 12.0, len(linked))
            plot = desk.plots[i]
            plot.candidates = len(linked)
            plot.track[: len(linked)] = linked
            plot.cost[: len(linked)] = cost
            plot.log[: len(linked)] = log
            relative = cost + log - (log.min() if len(log) else 0.0)
            costs.append({int(k): float(c) for k, c in zip(linked, relative, strict=True)})
        desk.listed[:count] = np.arange(count)
        _assign(desk.plots, desk.tracks, desk.listed, count, desk.touched, desk.counts)
        chosen = [int(desk.plots[i].chosen) for i in range(count)]
        taken = [k for k in chosen if k >= 0]
        assert len(taken) == len(np.unique(taken)), case
        total = sum(MISS if k < 0 else cost[k] for k, cost in zip(chosen, costs, strict=True))
        assert total == pytest.approx(_best_total(costs)), case


def test_a_polar_plot_with_height_lies_where_proj_puts_it() -> None:
    site = (RADAR.lon_deg, RADAR.lat_deg, RADAR.height_m)
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    to_local = pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84 "
        f"+lon_0={site[0]} +lat_0={site[1]} +h_0={site[2]}"
    )
    for lat, lon, height in ((47.5, 9.5, 11_000.0), (45.2, 5.1, 300.0), (46.02, 8.03, 2_500.0)):
        east, north, up = to_local.transform(lon, lat, height)
        slant = math.sqrt(east**2 + north**2 + up**2)
        plots = polar(0.0, slant, math.degrees(math.atan2(east, north)))
        plots.height_m[0] = height
        tracker = Tracker((RADAR,))
        tracker.step(plots, now_ns=0)
        np.testing.assert_allclose(
            tracker._desk.plots[0].centre_m, to_ecef.transform(lon, lat, height), atol=0.01
        )


def test_an_elevation_is_bent_by_the_four_thirds_earth() -> None:
    # ITU-R P.834: a ray at 0 degrees from sea level stands at d^2 / (2 k a) after d; 100 km: 588 m.
    plots = polar(0.0, 100_000.0, 0.0, elevation_deg=0.0)
    tracker = Tracker((RADAR,))
    tracker.step(plots, now_ns=0)
    centre = tracker._desk.plots[0].centre_m
    back = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    assert back.transform(*centre)[2] == pytest.approx(RADAR.height_m + 588.5, abs=2.0)


def test_the_errors_match_their_covariance_when_targets_move_as_modelled() -> None:
    """Normalised estimation error squared of 300 targets inside the 99 % bounds of chi-square."""
    random = np.random.default_rng(21)
    targets, dt, steps = 300, 4.0, 15
    offset = np.zeros((targets, 2))
    velocity = np.tile([230.0, 0.0], (targets, 1))
    blocks = 600.0 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    root = np.linalg.cholesky(blocks)
    lat0 = np.linspace(30.0, 60.0, targets)
    tracker = Tracker(SENSORS)
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    for n in range(steps):
        push = np.einsum("ij,tja->tia", root, random.normal(size=(targets, 2, 2)))
        offset += velocity * dt + push[:, 0]
        velocity += push[:, 1]
        lat, lon = (
            lat0 + offset[:, 1] / 111_200.0,
            8.0 + offset[:, 0] / (111_200.0 * np.cos(np.radians(lat0))),
        )
        seen = offset + random.normal(0.0, 60.0, (targets, 2))
        heights = 9_000.0 + random.normal(0.0, 50.0, targets)
        parts = [
            report(
                dt * n,
                lat0[t] + seen[t, 1] / 111_200.0,
                8.0 + seen[t, 0] / (111_200.0 * math.cos(math.radians(lat0[t]))),
                height_m=heights[t],
                icao24=t,
            )
            for t in range(targets)
        ]
        tracker.step(concatenate(parts), now_ns=round(dt * n * SECOND_NS))
    truth = np.column_stack(to_ecef.transform(lon, lat, np.full(targets, 9_000.0)))
    tracks = tracker._desk.tracks[:targets]
    assert tracker._desk.head[ROWS] == targets
    gap = tracks.state[np.argsort(tracks.icao24), :3] - truth
    inverse = np.linalg.inv(tracks.covariance[np.argsort(tracks.icao24), :3, :3])
    nees = np.einsum("ta,tab,tb->t", gap, inverse, gap)
    # Two horizontal degrees of freedom move as modelled; the height does not move, so it is overestimated.
    degrees = 3.0
    spread = 2.576 * math.sqrt(2.0 * degrees / targets)
    assert degrees - 1.0 - spread < nees.mean() < degrees + spread
