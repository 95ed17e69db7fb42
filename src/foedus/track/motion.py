"""Prediction and update of one track: nearly constant velocity in the earth-centred frame.

State x = (position, velocity), white-noise acceleration: Bar-Shalom, Li, Kirubarajan, Estimation with
Applications to Tracking and Navigation (2001), section 6.2.2, Q = q [dt^3/3, dt^2/2; dt^2/2, dt] per axis.
Measurements are processed one direction after the other (ibid. 5.4), so nothing is inverted; a plot older
than the state is compared with where the track was, h(x) = a . (p + v lag), to first order in lag.
"""

import math
from typing import Final

from foedus.jit import kernel
from foedus.model import F64
from foedus.track.table import Plot, Site, Track

NOISE_PER_SPEED: Final = 600.0 / 230.0**2
NOISE_MIN: Final = 20.0
NOISE_MAX: Final = 2_000.0
"""Power density q of the acceleration, m^2/s^3: 600 at an airliner's 230 m/s and as the square of speed, for
what turns at some rate accelerates in proportion to its speed. 600 against 60 cut identity switches 25 times
(docs/tracking.md); taxiing aircraft and gliders would drown in it. The bounds are 42 and 420 m/s."""
VERTICAL_NOISE: Final = 0.1
"""Share of q that acts vertically: climbs change by 1 m/s^2 where turns pull 10."""
VERTICAL_SPEED_SHARE: Final = 1.0 / 3.0
"""A new track's vertical velocity sigma over its horizontal one."""


@kernel
def noise_density(track: Track) -> float:
    """Power density q for a track, from its speed and how little of it is known."""
    x, c = track.state, track.covariance
    square = x[3] ** 2 + x[4] ** 2 + x[5] ** 2 + c[3, 3] + c[4, 4] + c[5, 5]
    return min(NOISE_MAX, max(NOISE_MIN, NOISE_PER_SPEED * square))


@kernel
def up_vector(track: Track) -> tuple[float, float, float]:
    """Unit vector from the centre of the earth; within 0.2 degrees of the plumb line."""
    x, y, z = track.state[0], track.state[1], track.state[2]
    scale = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@kernel
def predict_track(track: Track, dt_s: float) -> None:
    """Move a track by dt_s >= 0."""
    c = track.covariance
    q = noise_density(track)
    up = up_vector(track)
    for a in range(3):
        track.state[a] += dt_s * track.state[a + 3]
    for a in range(3):
        for b in range(a + 1):
            spread = c[a, b] + dt_s * (c[a, b + 3] + c[b, a + 3]) + dt_s * dt_s * c[a + 3, b + 3]
            c[a, b] = spread
            c[b, a] = spread
    for a in range(3):
        for b in range(3):
            cross = c[a, b + 3] + dt_s * c[a + 3, b + 3]
            c[a, b + 3] = cross
            c[b + 3, a] = cross
    for a in range(3):
        for b in range(3):
            share = ((1.0 if a == b else 0.0) + (VERTICAL_NOISE - 1.0) * (up[a] * up[b])) * q
            c[a, b] += share * dt_s * dt_s * dt_s / 3.0
            c[a, b + 3] += share * dt_s * dt_s / 2.0
            c[b + 3, a] += share * dt_s * dt_s / 2.0
            c[a + 3, b + 3] += share * dt_s


@kernel
def _range_direction(
    track: Track, lag_s: float, site: Site
) -> tuple[float, float, float, float]:
    """(unit vector from a sensor to where a track was lag_s ago (negative), distance)."""
    x = track.state
    dx = x[0] + lag_s * x[3] - site.position_m[0]
    dy = x[1] + lag_s * x[4] - site.position_m[1]
    dz = x[2] + lag_s * x[5] - site.position_m[2]
    distance_m = max(1.0, math.sqrt(dx * dx + dy * dy + dz * dz))
    return dx / distance_m, dy / distance_m, dz / distance_m, distance_m


@kernel
def direction_of(
    track: Track, dt_s: float, plot: Plot, row: int, site: Site
) -> tuple[float, float, float, float]:
    """(unit vector, innovation) along measured direction `row` of a plot for a track moved by dt_s.

    A slant range without height is compared at the track, where its height is known better; all else is
    linear around the plot.
    """
    x = track.state
    if row == 0 and plot.ranged == 1:
        ax, ay, az, distance_m = _range_direction(track, dt_s, site)
        return ax, ay, az, plot.range_m - distance_m
    ax, ay, az = plot.axes[row, 0], plot.axes[row, 1], plot.axes[row, 2]
    gap = ax * (plot.centre_m[0] - x[0] - dt_s * x[3])
    gap += ay * (plot.centre_m[1] - x[1] - dt_s * x[4])
    gap += az * (plot.centre_m[2] - x[2] - dt_s * x[5])
    return ax, ay, az, gap


@kernel
def _update_direction(
    track: Track, lag_s: float, direction: tuple[float, float, float, float], variance: float
) -> None:
    """One scalar Kalman update along a direction; `lag_s` <= 0 is the plot's age before the state."""
    c = track.covariance
    ax, ay, az, gap = direction
    g0 = _gain(c, 0, ax, ay, az, lag_s)
    g1 = _gain(c, 1, ax, ay, az, lag_s)
    g2 = _gain(c, 2, ax, ay, az, lag_s)
    g3 = _gain(c, 3, ax, ay, az, lag_s)
    g4 = _gain(c, 4, ax, ay, az, lag_s)
    g5 = _gain(c, 5, ax, ay, az, lag_s)
    g = (g0, g1, g2, g3, g4, g5)
    innovation_variance = variance + ax * g0 + ay * g1 + az * g2 + lag_s * (ax * g3 + ay * g4 + az * g5)
    weight = 1.0 / innovation_variance
    for a in range(6):
        track.state[a] += g[a] * weight * gap
        for b in range(6):
            c[a, b] -= g[a] * g[b] * weight


@kernel
def _gain(c: F64, a: int, ax: float, ay: float, az: float, lag_s: float) -> float:
    """Row a of P h."""
    return (
        c[a, 0] * ax
        + c[a, 1] * ay
        + c[a, 2] * az
        + lag_s * (c[a, 3] * ax + c[a, 4] * ay + c[a, 5] * az)
    )


@kernel
def height_variance(track: Track) -> float:
    """Variance of a track's height, square metres."""
    c = track.covariance
    up = up_vector(track)
    total = 0.0
    for a in range(3):
        for b in range(3):
            total += up[a] * up[b] * c[a, b]
    return total


@kernel
def update_track(
    track: Track, time_ns: int, plot: Plot, site: Site
) -> None:
    """Take a plot into a track, after moving the track to the plot's time where that is later."""
    dt_s = (time_ns - track.time_ns) * 1e-9
    lag_s = min(0.0, dt_s)
    if dt_s > 0.0:
        predict_track(track, dt_s)
        track.time_ns = time_ns
    lost = noise_density(track) * -(lag_s * lag_s * lag_s) / 3.0
    for row in range(plot.measured):
        direction = direction_of(track, lag_s, plot, row, site)
        _update_direction(track, lag_s, direction, plot.variance_m2[row] + lost)
    if plot.measured == 2 and height_variance(track) > plot.variance_m2[2]:
        # Nothing measures the height: it would drift without end. The prior holds it, where it knows more.
        direction = direction_of(track, lag_s, plot, 2, site)
        _update_direction(track, lag_s, direction, plot.variance_m2[2])


@kernel
def seat_track(track: Track, time_ns: int, plot: Plot, speed_sigma_m_s: float) -> None:
    """Put a track where a plot is, with its accuracy and an unknown velocity.

    The position's covariance is the inverse of the sum of a a' / variance over the three directions.
    """
    m00 = m01 = m02 = m11 = m12 = m22 = 0.0
    for row in range(3):
        weight = 1.0 / plot.variance_m2[row]
        ax, ay, az = plot.axes[row, 0], plot.axes[row, 1], plot.axes[row, 2]
        m00 += weight * ax * ax
        m01 += weight * ax * ay
        m02 += weight * ax * az
        m11 += weight * ay * ay
        m12 += weight * ay * az
        m22 += weight * az * az
    a00, a01, a02 = m11 * m22 - m12 * m12, m02 * m12 - m01 * m22, m01 * m12 - m02 * m11
    scale = 1.0 / (m00 * a00 + m01 * a01 + m02 * a02)
    c = track.covariance
    c[0, 0] = a00 * scale
    c[0, 1] = c[1, 0] = a01 * scale
    c[0, 2] = c[2, 0] = a02 * scale
    c[1, 1] = (m00 * m22 - m02 * m02) * scale
    c[1, 2] = c[2, 1] = (m01 * m02 - m00 * m12) * scale
    c[2, 2] = (m00 * m11 - m01 * m01) * scale
    track.time_ns = time_ns
    for a in range(3):
        track.state[a] = plot.centre_m[a]
        track.state[a + 3] = 0.0
    up = up_vector(track)
    vertical = VERTICAL_SPEED_SHARE * VERTICAL_SPEED_SHARE - 1.0
    for a in range(3):
        for b in range(3):
            c[a, b + 3] = 0.0
            c[a + 3, b] = 0.0
            same = 1.0 if a == b else 0.0
            c[a + 3, b + 3] = (same + vertical * (up[a] * up[b])) * speed_sigma_m_s**2
