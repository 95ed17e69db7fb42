"""What a plot tells of a track: the update of each model, and which of them it speaks for.

Measurements are processed one direction after the other (Bar-Shalom, Li, Kirubarajan, Estimation with
Applications to Tracking and Navigation, 2001, 5.4), so nothing is inverted. A plot older than the state, or
stamped by a clock that runs ahead, is compared with where the track was, h(x) = a . (p + v lag), to first
order in lag: less than a slice, for what is late by more is put in its place first (rewind.py).
"""

import math
from typing import Final

from foedus.jit import part
from foedus.model import F64
from foedus.track.measure import GATE_SIGMA
from foedus.track.motion import (
    PROBABILITY_MIN,
    begin_bank,
    combine,
    height_of,
    height_variance,
    mix_bank,
    move_bank,
    up_vector,
    variance_along,
    watch_for_fall,
)
from foedus.track.table import (
    BALLISTIC,
    MODELS,
    STATES,
    TURN,
    Bank,
    Plot,
    Site,
    Track,
    Work,
)

VERTICAL_SPEED_SHARE: Final = 1.0 / 3.0
"""A new track's vertical velocity sigma over its horizontal one."""
WINGS_END_M: Final = 20_000.0
FALL_SPEED_SIGMA_M_S: Final = 700.0
"""A new track that is surely above WINGS_END_M falls or rises, at any angle: no wing carries there."""
RATE_GATE: Final = 25.0
"""Largest squared distance of a Doppler speed that is used: beyond five sigma it is folded or wrong."""
TIME_BIAS: Final = 2
"""Place of the time bias in Site.bias."""


@part
def _aim_slant(state: F64, covariance: F64, dt: float, plot: Plot, site: Site) -> None:
    """The first direction of a slant range without height: along the ground, at the height of the state.

    A range cannot tell height from distance, yet a filter that was given its slanted direction would believe
    so, because that direction turns as the state moves. So the height is taken as it is, and what it leaves
    open is added to the variance (a consider parameter; Bar-Shalom et al., 2001, 5.6.2, Schmidt-Kalman).
    """
    up = up_vector(state)
    axis = plot.axes[0]
    rise_m = square_m2 = 0.0
    for a in range(3):
        axis[a] = state[a] + dt * state[a + 3] - site.position_m[a]
        rise_m += axis[a] * up[a]
        square_m2 += axis[a] * axis[a]
    flat_m = math.sqrt(max(1.0, square_m2 - rise_m * rise_m))
    for a in range(3):
        axis[a] = (axis[a] - rise_m * up[a]) / flat_m
    ground_m = math.sqrt(max(1.0, plot.slant_m * plot.slant_m - rise_m * rise_m))
    plot.gap_m[0] = ground_m - flat_m
    steep, slanted = rise_m / ground_m, plot.slant_m / ground_m
    height_m2 = max(0.0, variance_along(covariance, up, 0))
    plot.variance_m2[0] = slanted * slanted * site.range_sigma_m**2 + steep * steep * height_m2


@part
def point_slant(plot: Plot, site: Site) -> None:
    """The first direction of a slant range without height, as its own prior height has it."""
    for a in range(3):
        plot.axes[0, a] = (plot.centre_m[a] - site.position_m[a]) / plot.slant_m
    plot.variance_m2[0] = site.range_sigma_m**2


@part
def aim_row(state: F64, covariance: F64, dt_s: float, plot: Plot, site: Site, row: int) -> None:
    """Fill plot.gap_m[row] with the innovation along a measured direction, for a state moved by dt_s.

    A slant range without height is compared at the track, where its height is known better. All else is
    linear around the plot. The site's time bias says how much later than true its plots are stamped.
    """
    dt = dt_s - site.bias[TIME_BIAS]
    if row == 0 and plot.ranged == 1:
        _aim_slant(state, covariance, dt, plot, site)
        return
    axis = plot.axes[row]
    gap_m = 0.0
    for a in range(3):
        gap_m += axis[a] * (plot.centre_m[a] - state[a] - dt * state[a + 3])
    plot.gap_m[row] = gap_m


@part
def aim(state: F64, covariance: F64, dt_s: float, plot: Plot, site: Site) -> None:
    """Fill plot.gap_m along all three directions, see aim_row."""
    for row in range(3):
        aim_row(state, covariance, dt_s, plot, site, row)


@part
def _take_gain(bank: Bank, j: int, size: int, gap: float, variance: float, work: Work) -> None:
    """Shift a model by work.gain * gap / variance; its covariance shrinks by gain gain' / variance."""
    x, c, gain = bank.state[j], bank.covariance[j], work.gain
    weight = 1.0 / variance
    for a in range(size):
        share = gain[a] * weight
        x[a] += share * gap
        for b in range(size):
            c[a, b] -= share * gain[b]


@part
def _update_direction(bank: Bank, j: int, lag_s: float, plot: Plot, row: int, work: Work) -> float:
    """One scalar Kalman update along a direction; returns the innovation's variance."""
    c, h, gain = bank.covariance[j], plot.axes, work.gain
    size = STATES if j >= TURN else 6
    variance = plot.variance_m2[row]
    for a in range(size):
        total = 0.0
        for b in range(3):
            total += (c[a, b] + lag_s * c[a, b + 3]) * h[row, b]
        gain[a] = total
    for b in range(3):
        variance += h[row, b] * (gain[b] + lag_s * gain[b + 3])
    _take_gain(bank, j, size, plot.gap_m[row], variance, work)
    return float(variance)


@part
def _slant(state: F64, site: Site, work: Work) -> float:
    """Radial speed of a state seen from a sensor; fills work.slant. The turn of the line is left out."""
    square_m2 = 0.0
    for a in range(3):
        work.slant[a] = state[a] - site.position_m[a]
        square_m2 += work.slant[a] ** 2
    scale = 1.0 / max(1.0, math.sqrt(square_m2))
    speed = 0.0
    for a in range(3):
        work.slant[a] *= scale
        speed += work.slant[a] * state[a + 3]
    return float(speed)


@part
def _update_rate(bank: Bank, j: int, plot: Plot, site: Site, work: Work) -> float:
    """Scalar update by the Doppler speed; returns its share of the model's log likelihood."""
    gap = plot.range_rate_m_s - _slant(bank.state[j], site, work)
    c, gain = bank.covariance[j], work.gain
    size = STATES if j >= TURN else 6
    variance = site.range_rate_sigma_m_s**2
    for a in range(size):
        total = 0.0
        for b in range(3):
            total += c[a, b + 3] * work.slant[b]
        gain[a] = total
    for b in range(3):
        variance += work.slant[b] * gain[b + 3]
    if gap * gap > RATE_GATE * variance:
        return -0.5 * (RATE_GATE + math.log(variance))
    _take_gain(bank, j, size, gap, variance, work)
    return -0.5 * (gap * gap / variance + math.log(variance))


@part
def _update_model(bank: Bank, j: int, lag_s: float, rows: int, plot: Plot, site: Site, work: Work) -> float:
    """All directions of a plot into one model; returns the log likelihood of the plot under it."""
    lag = lag_s - site.bias[TIME_BIAS]
    square = 0.0
    volume = 1.0
    for row in range(rows):
        aim_row(bank.state[j], bank.covariance[j], lag_s, plot, site, row)
        gap_m = plot.gap_m[row]
        variance = _update_direction(bank, j, lag, plot, row, work)
        if row < plot.measured:
            square += gap_m * gap_m / variance
            volume *= variance
    log = -0.5 * (square + math.log(volume))
    if not math.isnan(plot.range_rate_m_s):
        log += _update_rate(bank, j, plot, site, work)
    return log


@part
def _weigh_models(bank: Bank, work: Work) -> None:
    """Probabilities by Bayes from the log likelihoods; Bar-Shalom et al. (2001), 11.6.6-13."""
    best = -math.inf
    for j in range(MODELS):
        if bank.probability[j] > 0.0:
            best = max(best, work.log[j])
    total = 0.0
    for j in range(MODELS):
        if bank.probability[j] > 0.0:
            bank.probability[j] = max(PROBABILITY_MIN, bank.probability[j] * math.exp(work.log[j] - best))
            total += bank.probability[j]
    for j in range(MODELS):
        bank.probability[j] /= total


@part
def update_track(track: Track, bank: Bank, site: Site, plot: Plot, work: Work) -> None:
    """Take a plot into a track, after moving the track to the plot's time where that is later."""
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    lag_s = min(0.0, dt_s)
    if dt_s > 0.0:
        mix_bank(bank, track, dt_s, work)
        move_bank(bank, track, dt_s, work)
        track.time_ns = plot.time_ns
    rows = plot.measured
    if rows == 2 and height_variance(track) > plot.variance_m2[2]:
        # Nothing measures the height: it would drift without end. The prior holds it, where it knows more.
        rows = 3
    for j in range(MODELS):
        if bank.probability[j] > 0.0:
            work.log[j] = _update_model(bank, j, lag_s, rows, plot, site, work)
    _weigh_models(bank, work)
    combine(bank, track, work)
    watch_for_fall(bank, track)


@part
def seat_track(track: Track, bank: Bank, site: Site, plot: Plot, work: Work) -> None:
    """Put a track where a plot is, with its accuracy and an unknown velocity.

    The position's covariance is the inverse of the sum of a a' / variance over the three directions.
    """
    for a in range(3):
        track.state[a] = plot.centre_m[a]
        track.state[a + 3] = 0.0
    track.time_ns = plot.time_ns
    if plot.ranged == 1:  # earlier candidates have turned the direction of the slant range
        point_slant(plot, site)
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
    up = up_vector(track.state)
    speed_sigma_m_s, vertical = site.speed_sigma_m_s, VERTICAL_SPEED_SHARE * VERTICAL_SPEED_SHARE - 1.0
    height_m = height_of(track.state)
    if plot.measured == 3 and height_m > WINGS_END_M + GATE_SIGMA * math.sqrt(plot.variance_m2[2]):
        speed_sigma_m_s, vertical = FALL_SPEED_SIGMA_M_S, 0.0
    for a in range(3):
        for b in range(3):
            c[a, b + 3] = 0.0
            c[a + 3, b] = 0.0
            same = 1.0 if a == b else 0.0
            c[a + 3, b + 3] = (same + vertical * (up[a] * up[b])) * speed_sigma_m_s**2
    begin_bank(bank, track)
    if not math.isnan(plot.range_rate_m_s):
        for j in range(BALLISTIC):
            _update_rate(bank, j, plot, site, work)
        combine(bank, track, work)
