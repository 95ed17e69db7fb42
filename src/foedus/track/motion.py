"""Prediction and update of one track: nearly constant velocity in the earth-centred frame.

State x = (position, velocity), white-noise acceleration: Bar-Shalom, Li, Kirubarajan, Estimation with
Applications to Tracking and Navigation (2001), section 6.2.2, Q = q [dt^3/3, dt^2/2; dt^2/2, dt] per axis.
Measurements are processed one direction after the other (ibid. 5.4), so nothing is inverted; a plot older
than the state is compared with where the track was, h(x) = a . (p + v lag), to first order in lag.
"""

import math
from typing import Final

from foedus.jit import part
from foedus.track.table import Plot, Site, Track

NOISE_PER_SPEED: Final = 600.0 / 230.0**2
NOISE_MIN: Final = 20.0
NOISE_MAX: Final = 1_200.0
"""Power density q of the acceleration, m^2/s^3: 600 at an airliner's 230 m/s and as the square of speed, for
what turns at some rate accelerates in proportion to its speed; the bounds are 42 and 325 m/s. Figures for
this and for constants of 60 and 600 are in docs/tracking.md; taxiing aircraft would drown in 600."""
VERTICAL_NOISE: Final = 0.1
"""Share of q that acts vertically: climbs change by 1 m/s^2 where turns pull 10."""
VERTICAL_SPEED_SHARE: Final = 1.0 / 3.0
"""A new track's vertical velocity sigma over its horizontal one."""


@part
def noise_density(track: Track) -> float:
    """Power density q for a track, from its speed."""
    x = track.state
    square = x[3] ** 2 + x[4] ** 2 + x[5] ** 2
    return float(min(NOISE_MAX, max(NOISE_MIN, NOISE_PER_SPEED * square)))


@part
def up_vector(track: Track) -> tuple[float, float, float]:
    """Unit vector from the centre of the earth; within 0.2 degrees of the plumb line."""
    x, y, z = track.state[0], track.state[1], track.state[2]
    scale = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@part
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


@part
def aim(track: Track, dt_s: float, plot: Plot, site: Site) -> None:
    """Fill plot.gap_m with the innovations along the measured directions, for the track moved by dt_s.

    A slant range without height is compared at the track, where its height is known better: its direction
    then points from the sensor to the track. All else is linear around the plot.
    """
    x = track.state
    for row in range(3):
        gap_m = 0.0
        for a in range(3):
            gap_m += plot.axes[row, a] * (plot.centre_m[a] - x[a] - dt_s * x[a + 3])
        plot.gap_m[row] = gap_m
    if plot.ranged == 1:
        square_m2 = 0.0
        for a in range(3):
            square_m2 += (x[a] + dt_s * x[a + 3] - site.position_m[a]) ** 2
        distance_m = max(1.0, math.sqrt(square_m2))
        for a in range(3):
            plot.axes[0, a] = (x[a] + dt_s * x[a + 3] - site.position_m[a]) / distance_m
        plot.gap_m[0] = plot.range_m - distance_m


@part
def _update_direction(track: Track, lag_s: float, plot: Plot, row: int, lost_m2: float) -> None:
    """One scalar Kalman update along a direction; `lag_s` <= 0 is the plot's age before the state."""
    c, h, gain = track.covariance, plot.axes, track.gain
    variance = plot.variance_m2[row] + lost_m2
    for a in range(6):
        gain[a] = 0.0
        for b in range(3):
            gain[a] += (c[a, b] + lag_s * c[a, b + 3]) * h[row, b]
    for b in range(3):
        variance += h[row, b] * (gain[b] + lag_s * gain[b + 3])
    weight = 1.0 / variance
    for a in range(6):
        track.state[a] += gain[a] * weight * plot.gap_m[row]
        for b in range(6):
            c[a, b] -= gain[a] * gain[b] * weight


@part
def height_variance(track: Track) -> float:
    """Variance of a track's height, square metres."""
    c = track.covariance
    up = up_vector(track)
    total = 0.0
    for a in range(3):
        for b in range(3):
            total += up[a] * up[b] * c[a, b]
    return total


@part
def update_track(track: Track, plot: Plot, site: Site) -> None:
    """Take a plot into a track, after moving the track to the plot's time where that is later."""
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    lag_s = min(0.0, dt_s)
    if dt_s > 0.0:
        predict_track(track, dt_s)
        track.time_ns = plot.time_ns
    lost = noise_density(track) * -(lag_s * lag_s * lag_s) / 3.0
    rows = plot.measured
    if rows == 2 and height_variance(track) > plot.variance_m2[2]:
        # Nothing measures the height: it would drift without end. The prior holds it, where it knows more.
        rows = 3
    for row in range(rows):
        aim(track, lag_s, plot, site)
        _update_direction(track, lag_s, plot, row, lost)


@part
def seat_track(track: Track, plot: Plot, site: Site) -> None:
    """Put a track where a plot is, with its accuracy and an unknown velocity.

    The position's covariance is the inverse of the sum of a a' / variance over the three directions.
    """
    for a in range(3):
        track.state[a] = plot.centre_m[a]
        track.state[a + 3] = 0.0
    track.time_ns = plot.time_ns
    if plot.ranged == 1:  # earlier candidates have turned the direction of the slant range
        aim(track, 0.0, plot, site)
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
    up = up_vector(track)
    vertical = VERTICAL_SPEED_SHARE * VERTICAL_SPEED_SHARE - 1.0
    for a in range(3):
        for b in range(3):
            c[a, b + 3] = 0.0
            c[a + 3, b] = 0.0
            same = 1.0 if a == b else 0.0
            c[a + 3, b + 3] = (same + vertical * (up[a] * up[b])) * site.speed_sigma_m_s**2
