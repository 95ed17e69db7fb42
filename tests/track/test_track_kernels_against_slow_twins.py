"""Kernels against slow, obvious twins: numpy for the filter, one by one for the grid, PROJ for places."""

import math

import numpy as np
import pyproj
import pytest
from scipy.linalg import expm
from track_scenes import RADAR, SENSORS, flight, polar, report, seconds

from foedus.jit import kernel
from foedus.model import F64, Bool, Plots, concatenate, take
from foedus.track.gate import GATE, distance_2, find_candidates
from foedus.track.motion import (
    LOW_NOISE,
    NOISE_MAX,
    NOISE_MIN,
    NOISE_PER_SPEED,
    PASS_ON,
    PROBABILITY_MIN,
    RATE_NOISE,
    RATE_SIGMA,
    SHARE_MIN,
    STAY_S,
    TURN_NOISE,
    VERTICAL_HIGH,
    VERTICAL_LOW,
)
from foedus.track.table import (
    COUNT_CANDIDATES_CUT,
    CV_HIGH,
    FREE_ROWS,
    HIGH,
    STAMP,
    TURN,
    Desk,
    Rows,
)
from foedus.track.tracker import Tracker
from foedus.track.update import _update_rate, update_track


@kernel
def find_pairs(desk: Desk, count: int, by_grid: bool, found: Bool) -> None:
    """Which track lies in the gate of which plot, by the grid or one by one."""
    for i in range(count):
        plot = desk.plots[i]
        if by_grid:
            find_candidates(desk, plot)
            for j in range(plot.candidates):
                found[i, plot.track[j]] = True
        else:
            for k in range(desk.head[HIGH]):
                square, _ = distance_2(desk.tracks[k], desk.banks[k], plot, desk.sites[plot.sensor])
                found[i, k] = square <= GATE


@kernel
def take_plot(tracks: Rows, banks: Rows, sites: Rows, plots: Rows, works: Rows) -> None:
    update_track(tracks[0], banks[0], sites[plots[0].sensor], plots[0], works[0])


@kernel
def take_rate(banks: Rows, j: int, sites: Rows, plots: Rows, works: Rows) -> float:
    return _update_rate(banks[0], j, plots[0], sites[plots[0].sensor], works[0])


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

    for time_s in (1.0, 5.0, 7.5, 9.5):
        tracker.step(scatter(time_s, 60), now_ns=seconds(time_s))
    tracker.step(scatter(10.5, 200), now_ns=seconds(10.5))
    desk = tracker._time.desk
    tracks = int(desk.head[HIGH])
    assert desk.head[FREE_ROWS] == 0
    desk.head[STAMP] += (
        1  # as for the next scan: all tracks are open, also those born after the grid was built
    )
    by_grid, one_by_one = np.zeros((2, 200, tracks), np.bool_)
    find_pairs(desk, 200, True, by_grid)
    find_pairs(desk, 200, False, one_by_one)
    assert desk.counts[COUNT_CANDIDATES_CUT] == 0
    assert one_by_one[:, : tracks - 200].sum() > 30
    np.testing.assert_array_equal(by_grid, one_by_one)


def _noise(dt_s: float, density: float, vertical: float, up: F64) -> F64:
    shape = density * (np.eye(3) + (vertical - 1.0) * np.outer(up, up))
    return np.block([[shape * dt_s**3 / 3, shape * dt_s**2 / 2], [shape * dt_s**2 / 2, shape * dt_s]])


def _turned(state: F64, dt_s: float, up: F64) -> F64:
    """A turn of state[6] about `up` by the exponential of its generator."""
    cross = np.array([[0.0, -up[2], up[1]], [up[2], 0.0, -up[0]], [-up[1], up[0], 0.0]])
    generator = np.block([[np.zeros((3, 3)), np.eye(3)], [np.zeros((3, 3)), state[6] * cross]])
    return np.concatenate([expm(generator * dt_s) @ state[:6], state[6:]])


def _slopes(state: F64, dt_s: float, up: F64) -> F64:
    columns = []
    for i, step in enumerate([1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 1e-5]):
        shift = np.zeros(7)
        shift[i] = step
        columns.append((_turned(state + shift, dt_s, up) - _turned(state - shift, dt_s, up)) / (2.0 * step))
    return np.array(columns).T


class Twin:
    """An interacting multiple model filter with dense seven-state matrices, straight from the book."""

    def __init__(self, state: F64, bank: Rows) -> None:
        self.track = state.copy()
        self.probability = bank.probability[:3].copy()
        self.states, self.covariances = bank.state[:3].copy(), bank.covariance[:3].copy()
        self._hide_extra()

    def _hide_extra(self) -> None:
        """What a model has no seventh state for is at the prior."""
        for j in range(TURN):
            self.states[j, 6] = 0.0
            self.covariances[j, 6, :] = self.covariances[j, :, 6] = 0.0
            self.covariances[j, 6, 6] = RATE_SIGMA**2

    def move(self, dt_s: float) -> None:
        stay = np.exp(-dt_s / np.array(STAY_S[:3]))
        switch = np.diag(stay) + (1.0 - stay)[:, None] * PASS_ON[:3, :3]
        mixed = self.probability @ switch
        weights = self.probability[:, None] * switch / mixed
        states = weights.T @ self.states
        gaps = self.states[None] - states[:, None]
        self.covariances = np.einsum("ij,iab->jab", weights, self.covariances)
        self.covariances += np.einsum("ij,jia,jib->jab", weights, gaps, gaps)
        self.states = states
        self.probability = mixed / mixed.sum()
        up = self.track[:3] / np.linalg.norm(self.track[:3])
        density = min(NOISE_MAX, max(NOISE_MIN, NOISE_PER_SPEED * (self.track[3:] @ self.track[3:])))
        noises = [(LOW_NOISE, VERTICAL_LOW), (density, VERTICAL_HIGH), (TURN_NOISE, VERTICAL_HIGH)]
        for j, (power, vertical) in enumerate(noises):
            straight = self.states[j].copy()
            if j < TURN:
                straight[6] = 0.0
            f = _slopes(straight, dt_s, up)
            if j < TURN:
                f[:6, 6] = 0.0
            self.states[j] = _turned(straight, dt_s, up)
            self._follow_earth(j, dt_s, up)
            self.covariances[j] = f @ self.covariances[j] @ f.T
            self.covariances[j][:6, :6] += _noise(dt_s, power, vertical, up)
        self.covariances[TURN][6, 6] += RATE_NOISE * dt_s
        self._hide_extra()

    def _follow_earth(self, j: int, dt_s: float, up: F64) -> None:
        x = self.states[j]
        level = x[3:6] - (x[3:6] @ up) * up
        fall = -(level @ level) / np.linalg.norm(x[:3]) * up
        x[:3] += 0.5 * dt_s**2 * fall
        x[3:6] += dt_s * fall

    def take(self, plot: Rows, rows: int, lag_s: float = 0.0) -> None:
        """All directions at once; only the measured ones, the first ones, weigh the models."""
        h = np.hstack([plot.axes[:rows], lag_s * plot.axes[:rows], np.zeros((rows, 1))])
        logs = []
        for j in range(3):
            x, c = self.states[j], self.covariances[j]
            gap = plot.axes[:rows] @ plot.centre_m - h @ x
            s = h @ c @ h.T + np.diag(plot.variance_m2[:rows])
            gain = c @ h.T @ np.linalg.inv(s)
            left = np.eye(7) - gain @ h
            n = int(plot.measured)
            log_volume = np.linalg.slogdet(s[:n, :n])[1]
            logs.append(-0.5 * (gap[:n] @ np.linalg.solve(s[:n, :n], gap[:n]) + log_volume))
            self.states[j] = x + gain @ gap
            noise = np.diag(plot.variance_m2[:rows])
            self.covariances[j] = left @ c @ left.T + gain @ noise @ gain.T
        self._hide_extra()
        likelihoods = self.probability * np.exp(np.array(logs) - max(logs))
        likelihoods = np.maximum(likelihoods, PROBABILITY_MIN)
        self.probability = likelihoods / likelihoods.sum()
        self.track = self.shares() @ self.states[:, :6]

    def shares(self) -> F64:
        """Weights of the models in the track."""
        shares = np.where(self.probability >= SHARE_MIN, self.probability, 0.0)
        return shares / shares.sum()

    def covariance(self) -> F64:
        gaps = self.states[:, :6] - self.track
        return np.einsum(
            "i,iab->ab", self.shares(), self.covariances[:, :6, :6] + np.einsum("ia,ib->iab", gaps, gaps)
        )

    def agrees_with(self, track: Rows, bank: Rows) -> None:
        np.testing.assert_allclose(bank.probability[:3], self.probability, rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(track.state, self.track, atol=1e-3)
        np.testing.assert_allclose(track.covariance, self.covariance(), rtol=1e-5, atol=1e-2)
        np.testing.assert_allclose(bank.state[TURN], self.states[TURN], rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(bank.covariance[TURN], self.covariances[TURN], rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("with_height", [True, False])
def test_the_filter_agrees_with_the_textbook(with_height: bool) -> None:
    noise = np.random.default_rng(7)
    times = [4.0 * n for n in range(12)]
    height = 9_000.0 if with_height else math.nan
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=times, noise=noise, height_m=height)
    tracker = Tracker(SENSORS)
    tracker.step(take(plots, np.array([0])), now_ns=0)
    desk = tracker._time.desk
    twin = Twin(desk.tracks[0].state, desk.banks[0])
    for n in range(1, 12):
        tracker.step(take(plots, np.array([n])), now_ns=seconds(times[n]))
        desk = tracker._time.desk
        assert desk.head[HIGH] == 1
        plot = desk.plots[0]
        up = twin.track[:3] / np.linalg.norm(twin.track[:3])
        unheld = up @ twin.covariance()[:3, :3] @ up > plot.variance_m2[2]
        twin.move(4.0)
        twin.take(plot, 3 if unheld else int(plot.measured))  # the prior of the height holds what knows less
        twin.agrees_with(desk.tracks[0], desk.banks[0])
        np.testing.assert_allclose(
            desk.tracks[0].covariance, desk.tracks[0].covariance.T, rtol=1e-9, atol=1e-6
        )
        assert np.linalg.eigvalsh(desk.tracks[0].covariance).min() > 0.0


def a_desk() -> Desk:
    """A desk with one track after ten looks, and the last plot still on it."""
    noise = np.random.default_rng(9)
    times = [4.0 * n for n in range(10)]
    tracker = Tracker(SENSORS)
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, times_s=times, noise=noise)
    tracker.step(plots, now_ns=seconds(36.0))
    return tracker._time.desk


@pytest.mark.parametrize("bias_s", [0.0, 0.3])
def test_a_plot_older_than_the_state_is_compared_with_where_the_track_was(bias_s: float) -> None:
    desk = a_desk()
    desk.sites[1].bias[2] = bias_s
    track, plot = desk.tracks[0], desk.plots[0]
    twin = Twin(track.state, desk.banks[0])
    plot.time_ns = track.time_ns - seconds(0.4)
    plot.centre_m = track.state[:3] + np.array([60.0, -90.0, 40.0])
    time_ns = int(track.time_ns)
    take_plot(desk.tracks, desk.banks, desk.sites, desk.plots, desk.work)
    twin.take(plot, 3, lag_s=-0.4 - bias_s)
    twin.agrees_with(desk.tracks[0], desk.banks[0])
    assert desk.tracks[0].time_ns == time_ns


@pytest.mark.parametrize("late_s", [0.0, 0.3])
def test_a_time_bias_is_taken_off_the_stamp(late_s: float) -> None:
    """A plot stamped late, of a sensor known to stamp so, shifts nothing."""
    desk = a_desk()
    track, plot = desk.tracks[0], desk.plots[0]
    before = track.state.copy()
    desk.sites[1].bias[2] = late_s
    plot.time_ns = track.time_ns - seconds(0.1)
    plot.centre_m = before[:3] + before[3:] * (-0.1 - late_s)
    for j in range(3):
        desk.banks[0].state[j, :6] = before
    take_plot(desk.tracks, desk.banks, desk.sites, desk.plots, desk.work)
    np.testing.assert_allclose(desk.tracks[0].state, before, atol=1e-6)


@pytest.mark.parametrize("j", [CV_HIGH, TURN])
def test_a_doppler_speed_updates_as_numpy_does(j: int) -> None:
    desk = a_desk()
    bank, plot, site = desk.banks[0], desk.plots[0], desk.sites[1]
    size = 7 if j == TURN else 6
    x, c = bank.state[j, :size].copy(), bank.covariance[j, :size, :size].copy()
    away = x[:3] - site.position_m
    h = np.zeros(size)
    h[3:6] = away / np.linalg.norm(away)
    variance = h @ c @ h + site.range_rate_sigma_m_s**2
    plot.range_rate_m_s = h @ x + 1.5 * math.sqrt(variance)
    gain = c @ h / variance
    log = take_rate(desk.banks, j, desk.sites, desk.plots, desk.work)
    assert log == pytest.approx(-0.5 * (1.5**2 + math.log(variance)))
    np.testing.assert_allclose(bank.state[j, :size], x + gain * 1.5 * math.sqrt(variance), atol=1e-6)
    np.testing.assert_allclose(
        bank.covariance[j, :size, :size], c - np.outer(gain, gain) * variance, rtol=1e-9, atol=1e-6
    )


def test_a_doppler_speed_beyond_five_sigma_changes_nothing() -> None:
    desk = a_desk()
    desk.plots[0].range_rate_m_s = 5_000.0
    before = desk.banks[0].state.copy()
    take_rate(desk.banks, CV_HIGH, desk.sites, desk.plots, desk.work)
    np.testing.assert_array_equal(desk.banks[0].state, before)


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
            tracker._time.desk.plots[0].centre_m, to_ecef.transform(lon, lat, height), atol=0.01
        )


def test_an_elevation_is_bent_by_the_four_thirds_earth() -> None:
    # ITU-R P.834: a ray at 0 degrees from sea level stands at d^2 / (2 k a) after d; 100 km: 588 m.
    plots = polar(0.0, 100_000.0, 0.0, elevation_deg=0.0)
    tracker = Tracker((RADAR,))
    tracker.step(plots, now_ns=0)
    centre = tracker._time.desk.plots[0].centre_m
    back = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    assert back.transform(*centre)[2] == pytest.approx(RADAR.height_m + 588.5, abs=2.0)


def test_the_errors_of_straight_flights_match_their_covariance() -> None:
    """Normalised estimation error squared of 300 flights, horizontally: 2 where the covariance is honest.

    The models allow for turns that do not come, so it may be smaller, down to a half; never much larger.
    """
    random = np.random.default_rng(21)
    targets, dt, steps = 300, 4.0, 15
    lat0 = np.linspace(30.0, 60.0, targets)
    metre_lon = np.cos(np.radians(lat0)) * 111_200.0
    tracker = Tracker(SENSORS)
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    for n in range(steps):
        east_m = 230.0 * dt * n
        seen = random.normal(0.0, 60.0, (targets, 2))
        parts = [
            report(
                dt * n,
                lat0[t] + seen[t, 1] / 111_200.0,
                8.0 + (east_m + seen[t, 0]) / metre_lon[t],
                height_m=9_000.0 + random.normal(0.0, 50.0),
                icao24=t,
            )
            for t in range(targets)
        ]
        tracker.step(concatenate(parts), now_ns=seconds(dt * n))
    truth = np.column_stack(to_ecef.transform(8.0 + east_m / metre_lon, lat0, np.full(targets, 9_000.0)))
    desk = tracker._time.desk
    assert desk.head[HIGH] == targets
    order = np.argsort(desk.tracks["icao24"][:targets])
    gap = desk.tracks["state"][:targets][order, :3] - truth
    nees: F64 = np.empty(targets)
    for t, c in enumerate(desk.tracks["covariance"][:targets][order, :3, :3]):
        up = truth[t] / np.linalg.norm(truth[t])
        east = np.cross([0.0, 0.0, 1.0], up)
        axes = np.array([east / np.linalg.norm(east), np.cross(up, east) / np.linalg.norm(east)])
        level = axes @ gap[t]
        nees[t] = level @ np.linalg.solve(axes @ c @ axes.T, level)
    spread = 2.576 * math.sqrt(4.0 / targets)
    assert 1.0 < nees.mean() < 2.0 + spread
