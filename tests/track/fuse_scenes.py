"""Aircraft that manoeuvre as the motion model says, each tracked by several parties on their own."""

import math
from typing import NamedTuple

import numpy as np

from foedus.geo import MEAN_RADIUS_M
from foedus.model import F64, I32, SECOND_NS, Tracks, TrackStatus

LAT_DEG = 46.5
END_S = 60


class Tracker(NamedTuple):
    """A party's sensor and its nearly constant velocity filter: optimal, so its sigmas are true."""

    sigma_m: float
    period_s: int
    phase_s: int = 0


class Scene(NamedTuple):
    """Truth and rows of one party after another; aircraft i has number i + 1 at each of them."""

    truth: F64  # (seconds, targets, 2, 2): east and north, offset from the aircraft's own place and velocity
    sent: list[list[Tracks]]  # per party, per second: its rows then


def fly(trackers: list[Tracker], *, targets: int, noise: float, seed: int) -> Scene:
    """Targets 0.3 degrees apart in random motion (m^2/s^3), each party's rows at every second of END_S."""
    random = np.random.default_rng(seed)
    move = np.array([[1.0, 1.0], [0.0, 1.0]])
    spread = noise * np.array([[1 / 3, 1 / 2], [1 / 2, 1.0]])
    root = np.linalg.cholesky(spread)
    truth = np.zeros((END_S, targets, 2, 2))
    truth[0, :, :, 1] = random.normal(0.0, 150.0, (targets, 2))
    for second in range(1, END_S):
        kick = random.normal(size=(targets, 2, 2)) @ root.T
        truth[second] = truth[second - 1] @ move.T + kick
    return Scene(truth, [_track(one, truth, move, spread, random) for one in trackers])


def _track(tracker: Tracker, truth: F64, move: F64, spread: F64, random: np.random.Generator) -> list[Tracks]:
    """A Kalman filter per axis (equal covariances), started at the truth with its own error."""
    cov = np.diag([tracker.sigma_m**2, 100.0**2])
    state = truth[0] + random.normal(size=truth[0].shape) * np.sqrt(np.diag(cov))
    sent, newest = [], _rows(state, cov, 0)
    for second in range(1, len(truth)):
        state, cov = state @ move.T, move @ cov @ move.T + spread
        if second % tracker.period_s == tracker.phase_s:
            gain = cov[:, 0] / (cov[0, 0] + tracker.sigma_m**2)
            seen = truth[second, :, :, 0] + random.normal(0.0, tracker.sigma_m, truth.shape[1:3])
            state = state + (seen - state[:, :, 0])[:, :, None] * gain
            cov = cov - np.outer(gain, cov[0])
            newest = _rows(state, cov, second)
        sent.append(newest)
    return [sent[0], *sent]


def places_rad(offset_m: F64) -> tuple[F64, F64]:
    """Latitudes and longitudes of aircraft (targets, 2) metres east and north of their places."""
    column, row = np.arange(len(offset_m)) % 25, np.arange(len(offset_m)) // 25
    lat = np.radians(LAT_DEG + 0.3 * row) + offset_m[:, 1] / MEAN_RADIUS_M
    middle = np.radians(LAT_DEG + 0.3 * row)
    return lat, np.radians(0.4 * column) + offset_m[:, 0] / (MEAN_RADIUS_M * np.cos(middle))


def errors_m(picture: Tracks, numbers: I32, truth: F64) -> F64:
    """(rows, 2) metres from the truth (seconds, targets, 2, 2) of the aircraft of those numbers."""
    seconds, who = picture.time_ns // SECOND_NS, numbers - 1
    offset = truth[seconds, :, :, 0][np.arange(len(who)), who]
    all_places = np.zeros((truth.shape[1], 2))
    lat_0, lon_0 = places_rad(all_places)
    north = (picture.lat_rad - lat_0[who]) * MEAN_RADIUS_M - offset[:, 1]
    east = (picture.lon_rad - lon_0[who]) * MEAN_RADIUS_M * np.cos(lat_0[who]) - offset[:, 0]
    return np.stack([east, north], axis=1)


def _rows(state: F64, cov: F64, second: int) -> Tracks:
    count = len(state)
    lat_rad, lon_rad = places_rad(state[:, :, 0])
    return Tracks.empty(count)._replace(
        number=np.arange(1, count + 1, dtype=np.int32),
        time_ns=np.full(count, second * SECOND_NS),
        status=np.full(count, TrackStatus.CONFIRMED, np.int8),
        lat_rad=lat_rad,
        lon_rad=lon_rad,
        height_m=np.full(count, math.nan),
        velocity_east_m_s=state[:, 0, 1].copy(),
        velocity_north_m_s=state[:, 1, 1].copy(),
        position_sigma_m=np.full(count, math.sqrt(cov[0, 0])),
        velocity_sigma_m_s=np.full(count, math.sqrt(cov[1, 1])),
    )
