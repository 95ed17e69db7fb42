"""Do the errors match the covariances? Normalised estimation error squared (NEES) and its bounds.

Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), 5.4.2: if the
filter is consistent, error' covariance^-1 error is chi-square with as many degrees of freedom as the error
has components. The same summary serves the innovations (NIS) of a tracker that gives them.
"""

import math
from typing import Final

import msgspec
import numpy as np

from foedus.geo import ecef_to_enu_vector, enu_to_ecef_vector, geodetic_to_ecef
from foedus.jit import kernel, part
from foedus.model import F64, I64
from foedus.score.chi_square import mean_bounds

FULL: Final = 6
HORIZONTAL: Final = 4
_FULL_AXES: Final = np.arange(6)
_HORIZONTAL_AXES: Final = np.array([0, 1, 3, 4])


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """Mean of normalised squared errors against the bounds that a consistent filter keeps to."""

    degrees: int
    values: int
    mean: float | None
    """None without values; a consistent filter has `degrees`, more is overconfident, less is too cautious."""
    low: float | None
    high: float | None
    """95 % bounds of the mean, were all values independent."""
    inside: float | None
    """Share of single values inside their two-sided 95 % interval."""
    times_inside: float | None
    """Share of evaluation times at which the mean over targets lies inside its own 95 % bounds. Values of one
    time are independent but for common biases, those of one target at successive times are not."""


def summarise(values: F64, degrees: int, time: I64) -> Consistency:
    """The summary of values with so many degrees of freedom; `time` groups those of one instant."""
    known = ~np.isnan(values)
    values, time = values[known], time[known]
    if len(values) == 0:
        return Consistency(
            degrees=degrees, values=0, mean=None, low=None, high=None, inside=None, times_inside=None
        )
    low, high = mean_bounds(len(values), degrees)
    one_low, one_high = mean_bounds(1, degrees)
    _, group = np.unique(time, return_inverse=True)
    counts = np.bincount(group)
    means = np.bincount(group, weights=values) / counts
    within = [
        bounds[0] <= mean <= bounds[1]
        for mean, bounds in zip(means, (mean_bounds(int(n), degrees) for n in counts), strict=True)
    ]
    return Consistency(
        degrees=degrees,
        values=len(values),
        mean=float(values.mean()),
        low=low,
        high=high,
        inside=float(np.mean((values >= one_low) & (values <= one_high))),
        times_inside=float(np.mean(within)),
    )


@part
def _factor(covariance: F64, row: int, axes: I64, factor: F64) -> bool:
    """Cholesky factor of the chosen axes of a packed covariance; False if it is not positive definite."""
    for i in range(axes.shape[0]):
        for j in range(i + 1):
            a, b = axes[j], axes[i]
            total = covariance[row, a * 6 - a * (a - 1) // 2 + b - a]
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                factor[i, i] = math.sqrt(total)
            else:
                factor[i, j] = total / factor[j, j]
    return True


@kernel
def _count_not_positive(covariance: F64, axes: I64, factor: F64) -> tuple[int, int]:
    """(rows without covariance, rows whose covariance is not positive definite)."""
    unknown = 0
    bad = 0
    for row in range(covariance.shape[0]):
        known = 0
        for term in range(covariance.shape[1]):
            known += not math.isnan(covariance[row, term])
        if known == 0:
            unknown += 1
        elif known < covariance.shape[1] or not _factor(covariance, row, axes, factor):
            bad += 1
    return unknown, bad


@kernel
def _normalise(
    truth: F64,
    truth_velocity: F64,
    track: F64,
    track_velocity: F64,
    covariance: F64,
    axes: I64,
    factor: F64,
    out: F64,
) -> None:
    """error' covariance^-1 error of each row; NaN where the covariance or a part of the error is unknown."""
    error = np.zeros(6)
    scaled = np.zeros(6)
    for row in range(out.shape[0]):
        out[row] = np.nan
        lat, lon, height = track[row, 0], track[row, 1], track[row, 2]
        level = 0.0 if math.isnan(height) else height
        other = level if math.isnan(truth[row, 2] + height) else truth[row, 2]
        x, y, z = geodetic_to_ecef(lat, lon, level)
        u, v, w = geodetic_to_ecef(truth[row, 0], truth[row, 1], other)
        error[0], error[1], error[2] = ecef_to_enu_vector(u - x, v - y, w - z, lat, lon)
        if math.isnan(truth[row, 2] + height):
            error[2] = np.nan
        up = truth_velocity[row, 2]
        x, y, z = enu_to_ecef_vector(
            truth_velocity[row, 0], truth_velocity[row, 1], 0.0 if math.isnan(up) else up,
            truth[row, 0], truth[row, 1],
        )  # fmt: skip
        u, v, w = ecef_to_enu_vector(x, y, z, lat, lon)
        error[3], error[4] = u - track_velocity[row, 0], v - track_velocity[row, 1]
        error[5] = np.nan if math.isnan(up) else w - track_velocity[row, 2]
        if not _factor(covariance, row, axes, factor):
            continue
        total = 0.0
        for i in range(axes.shape[0]):
            scaled[i] = error[axes[i]]
            for k in range(i):
                scaled[i] -= factor[i, k] * scaled[k]
            scaled[i] /= factor[i, i]
            total += scaled[i] * scaled[i]
        out[row] = total


def count_not_positive(covariance: F64) -> tuple[int, int]:
    """(rows without covariance, rows whose 6 x 6 covariance is not positive definite or not complete)."""
    unknown, bad = _count_not_positive(covariance, _FULL_AXES, np.zeros((6, 6)))
    return int(unknown), int(bad)


def nees(
    truth: F64, truth_velocity: F64, track: F64, track_velocity: F64, covariance: F64, *, degrees: int
) -> F64:
    """Normalised errors of estimates (n, 3) against truths: all six components, or the four horizontal ones.

    covariance: (n, 21). NaN where it is not positive definite, or where height or velocity is unknown.
    """
    assert degrees in (FULL, HORIZONTAL)
    out = np.zeros(len(truth))
    axes = _FULL_AXES if degrees == FULL else _HORIZONTAL_AXES
    _normalise(
        truth, truth_velocity, track, track_velocity, covariance, axes, np.zeros((6, 6)), out
    )  # fmt: skip
    return out
