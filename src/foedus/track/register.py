"""Registration: range, azimuth and time bias of every sensor, from what several of them say of one track.

Two plots of different sensors on one track, brought to one time by the track's speed, differ by their biases
and their noise. Each pair adds to the normal equations of all biases, which fade with MEMORY_S; solved
every SETTLE_NS they give the biases with their covariance. Receivers of positions have a time bias only, so
ADS-B anchors the rest; among radars alone, range and azimuth are still seen, because each beam lies
differently on the ground, but a clock that all share is not: its prior holds it. Bar-Shalom, Willett, Tian,
Tracking and Data Fusion (2011), 10.3; normal equations by Cholesky, Golub, Van Loan, Matrix Computations
(2013), 4.2.
"""

import math
from typing import Final

from foedus.jit import part
from foedus.model import F64, SECOND_NS
from foedus.track.motion import variance_along
from foedus.track.table import COUNT_PAIRS, CV_LOW, HIGH, Bank, Desk, Plot, Rows, Site, Track, Work
from foedus.track.update import aim

SETTLE_NS: Final = 8 * SECOND_NS
MEMORY_S: Final = 300.0
PAIR_S: Final = 10.0
"""Longest time between the two plots of a pair: the speed's own error is added."""
STRAIGHT: Final = 0.5
"""Least probability of straight flight: a turn would look like a bias."""
SPEED_SIGMA_MAX_M_S: Final = 40.0
PAIR_GATE: Final = 36.0
STEEP: Final = 0.5
"""Largest sine of elevation: higher up, an error of height turns into one of range."""
PRIOR: Final = (150.0, math.radians(0.4), 0.1)
"""Sigmas that a radar's biases are believed to have before anything is known: m, rad, s."""
FIXED: Final = 1e-9
"""Sigma of what a sensor cannot have: a receiver of positions has no azimuth."""
APPLY_RANGE: Final = 0.5
APPLY_AZIMUTH: Final = 0.5
APPLY_TIME_S: Final = 0.15
"""A bias is applied once its sigma is below half of the sensor's own noise, or a tenth of a second."""
TWICE: Final = math.sqrt(2.0)
"""Each plot is in two pairs: what looks like n observations is worth n / 2."""
DRIFT_NS: Final = 64 * SECOND_NS
DRIFT_SIGMAS: Final = 5.0
DRIFT_NOISE: Final = 0.3
"""A sensor drifts if in DRIFT_NS a bias has moved by so many sigmas, and by so much of the sensor's noise."""


@part
def _dot(one: F64, other: F64) -> float:
    return float(one[0] * other[0] + one[1] * other[1] + one[2] * other[2])


@part
def _fill_slopes(
    slopes: F64, first: int, site: Site, along: F64, across: F64, range_m: float, plot: Plot, velocity: F64
) -> None:
    """Rows 0 and 1 of slopes, columns first..first + 2: how biases shift a plot along plot.axes 0 and 1."""
    for row in range(2):
        axis = plot.axes[row]
        if site.radar == 1:
            slopes[row, first] = _dot(axis, along)
            slopes[row, first + 1] = _dot(axis, across) * range_m
        else:
            slopes[row, first] = 0.0
            slopes[row, first + 1] = 0.0
        slopes[row, first + 2] = -_dot(axis, velocity)


@part
def _add_pair(sites: Rows, normal: F64, track: Track, plot: Plot, dt_s: float, work: Work) -> int:
    """Put a plot (its place in work.middle) and the track's last fix by another sensor into the equations.

    1 if they fit well enough to be used, else 0.
    """
    mine, other, fix_m = sites[plot.sensor], sites[track.fix_sensor], work.middle
    velocity = track.state[3:6]
    slopes, gap = work.slopes, work.gap
    _fill_slopes(slopes, 0, mine, plot.axes[0], plot.axes[1], plot.slant_m, plot, velocity)
    _fill_slopes(slopes, 3, other, track.fix_along, track.fix_across, track.fix_range_m, plot, velocity)
    walk = (
        dt_s * dt_s * variance_along(track.covariance, (plot.axes[1, 0], plot.axes[1, 1], plot.axes[1, 2]), 3)
    )
    s00, s01, s11 = plot.variance_m2[0] + walk, 0.0, plot.variance_m2[1] + walk
    for i in range(2):
        axis = track.fix_along if i == 0 else track.fix_across
        p, q = _dot(axis, plot.axes[0]), _dot(axis, plot.axes[1])
        s00 += track.fix_variance_m2[i] * p * p
        s01 += track.fix_variance_m2[i] * p * q
        s11 += track.fix_variance_m2[i] * q * q
    for row in range(2):
        total = 0.0
        for a in range(3):
            total += plot.axes[row, a] * (fix_m[a] - track.fix_m[a] - dt_s * velocity[a])
        gap[row] = total
    scale = 1.0 / (s00 * s11 - s01 * s01)
    w00, w01, w11 = s11 * scale, -s01 * scale, s00 * scale
    if gap[0] * (w00 * gap[0] + 2.0 * w01 * gap[1]) + w11 * gap[1] * gap[1] > PAIR_GATE:
        return 0
    for row in range(2):  # what the biases already applied have taken away belongs to the whole bias
        for i in range(3):
            slopes[row, i + 3] = -slopes[row, i + 3]
            gap[row] += slopes[row, i] * mine.bias[i] + slopes[row, i + 3] * other.bias[i]
    at = work.at
    for i in range(3):
        at[i] = 3 * plot.sensor + i
        at[i + 3] = 3 * track.fix_sensor + i
    last = normal.shape[0]
    for i in range(6):
        left = w00 * slopes[0, i] + w01 * slopes[1, i]
        right = w01 * slopes[0, i] + w11 * slopes[1, i]
        for j in range(6):
            normal[at[i], at[j]] += left * slopes[0, j] + right * slopes[1, j]
        normal[at[i], last] += left * gap[0] + right * gap[1]
    return 1


@part
def note_fix(sites: Rows, normal: F64, track: Track, bank: Bank, plot: Plot, work: Work) -> int:
    """Compare a plot of a confirmed track that flies straight with the last one of another sensor.

    1 if they made a pair, else 0. Called before the track takes the plot. The place is the track's, shifted
    to the plot horizontally, so that a height that is not measured well plays no part.
    """
    site = sites[plot.sensor]
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    c = track.covariance
    unsteady = c[3, 3] + c[4, 4] + c[5, 5] > 3.0 * SPEED_SIGMA_MAX_M_S * SPEED_SIGMA_MAX_M_S
    if bank.probability[CV_LOW] < STRAIGHT or unsteady or dt_s < 0.0:
        return 0
    aim(track.state, c, dt_s, plot, site)
    x = track.state
    steep = _dot(plot.axes[0], x[0:3]) / math.sqrt(_dot(x[0:3], x[0:3]))
    if abs(steep) > STEEP:
        return 0
    fix_m = work.middle
    for a in range(3):
        shift_m = plot.gap_m[0] * plot.axes[0, a] + plot.gap_m[1] * plot.axes[1, a]
        fix_m[a] = x[a] + dt_s * x[a + 3] + shift_m
    paired = 0
    since_s = (plot.time_ns - track.fix_ns) * 1e-9
    if track.fix_sensor >= 0 and track.fix_sensor != plot.sensor and since_s <= PAIR_S:
        paired = _add_pair(sites, normal, track, plot, since_s, work)
    track.fix_ns = plot.time_ns
    track.fix_sensor = plot.sensor
    track.fix_range_m = plot.slant_m
    for a in range(3):
        track.fix_m[a] = fix_m[a]
        track.fix_along[a] = plot.axes[0, a]
        track.fix_across[a] = plot.axes[1, a]
    track.fix_variance_m2[0] = plot.variance_m2[0]
    track.fix_variance_m2[1] = plot.variance_m2[1]
    return paired


@part
def _prior_sigma(site: Site, i: int) -> float:
    return PRIOR[i] if site.radar == 1 or i == 2 else FIXED


@part
def _invert(m: F64, size: int) -> None:
    """The inverse of a symmetric positive definite matrix in place, by its Cholesky factor."""
    for j in range(size):
        for i in range(j, size):
            total = m[i, j]
            for a in range(j):
                total -= m[i, a] * m[j, a]
            m[i, j] = math.sqrt(total) if i == j else total / m[j, j]
    for j in range(size):  # the factor's inverse, in the lower triangle
        m[j, j] = 1.0 / m[j, j]
        for i in range(j + 1, size):
            total = 0.0
            for a in range(j, i):
                total -= m[i, a] * m[a, j]
            m[i, j] = total / m[i, i]
    for i in range(size):  # its transpose times itself: rows below i are all that is still needed
        for j in range(i + 1):
            total = 0.0
            for a in range(i, size):
                total += m[a, i] * m[a, j]
            m[i, j] = total
            m[j, i] = total


@part
def _limit(site: Site, i: int) -> float:
    """Sigma below which a bias is applied."""
    if i == 0:
        return float(APPLY_RANGE * site.range_sigma_m)
    return float(APPLY_AZIMUTH * site.azimuth_sigma_rad) if i == 1 else APPLY_TIME_S


@part
def _watch_drift(site: Site) -> None:
    site.drifting = 0
    for i in range(3):
        moved = abs(site.bias[i] - site.bias_before[i])
        noise = _limit(site, i) / APPLY_RANGE
        if site.bias_before[i] != 0.0 and moved > max(DRIFT_SIGMAS * site.bias_sigma[i], DRIFT_NOISE * noise):
            site.drifting = 1
        site.bias_before[i] = site.bias[i]


@part
def settle_biases(desk: Desk, time_ns: int) -> None:
    """At multiples of SETTLE_NS: solve for all biases, apply what is known well, let the past fade."""
    if time_ns % SETTLE_NS != 0 or desk.counts[COUNT_PAIRS] == 0:
        return
    size = desk.normal.shape[0]
    fade = math.exp(-SETTLE_NS * 1e-9 / MEMORY_S)
    for i in range(size):
        for j in range(size):
            desk.solved[i, j] = desk.normal[i, j]
        desk.solved[i, i] += 1.0 / _prior_sigma(desk.sites[i // 3], i % 3) ** 2
    _invert(desk.solved, size)
    for i in range(size):
        total = 0.0
        for j in range(size):
            total += desk.solved[i, j] * desk.normal[j, size]
        site = desk.sites[i // 3]
        site.bias_sigma[i % 3] = TWICE * math.sqrt(desk.solved[i, i])
        known = site.bias_sigma[i % 3] < _limit(site, i % 3)
        site.bias[i % 3] = total if known else 0.0
    for i in range(size):
        for j in range(size + 1):
            desk.normal[i, j] *= fade
    for k in range(desk.head[HIGH]):  # their places were found with the biases of before
        desk.tracks[k].fix_sensor = -1
    if time_ns % DRIFT_NS == 0:
        for s in range(desk.sites.shape[0]):
            _watch_drift(desk.sites[s])
