"""How far tracks are from the truths they follow: in place, along and across, in height and in velocity."""

import math
from typing import Final

import msgspec
import numpy as np

from foedus.geo import ecef_to_enu_vector, enu_to_ecef_vector
from foedus.jit import kernel
from foedus.model import F64, I64
from foedus.score.pairs import gap_m
from foedus.score.states import States

COURSE_SPEED_MIN_M_S: Final = 10.0
"""A slower target has no course to speak of."""


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """Spread of the size of an error; None without values."""

    values: int
    median: float | None
    p95: float | None
    rms: float | None


class Components(msgspec.Struct, frozen=True):
    """Errors, one row per pair of truth and track; NaN where one of the two is unknown."""

    position_m: F64
    along_m: F64
    across_m: F64
    height_m: F64
    velocity_m_s: F64  # horizontal


@kernel
def _measure(
    truth: F64,
    truth_velocity: F64,
    truth_row: I64,
    track: F64,
    track_velocity: F64,
    track_row: I64,
    course_speed_m_s: float,
    out: F64,
) -> None:
    for n in range(truth_row.shape[0]):
        i, j = truth_row[n], track_row[n]
        east, north, height = gap_m(truth, i, track, j)
        out[0, n] = math.hypot(east, north)
        out[3, n] = height
        x, y, z = enu_to_ecef_vector(
            track_velocity[j, 0], track_velocity[j, 1], 0.0, track[j, 0], track[j, 1]
        )
        u, v, _ = ecef_to_enu_vector(x, y, z, truth[i, 0], truth[i, 1])
        speed = math.hypot(truth_velocity[i, 0], truth_velocity[i, 1])
        out[1, n] = np.nan
        out[2, n] = np.nan
        if speed > course_speed_m_s:
            along_east, along_north = truth_velocity[i, 0] / speed, truth_velocity[i, 1] / speed
            out[1, n] = east * along_east + north * along_north
            out[2, n] = east * along_north - north * along_east
        out[4, n] = math.hypot(u - truth_velocity[i, 0], v - truth_velocity[i, 1])


def measure(truths: States, truth_row: I64, tracks: States, track_row: I64) -> Components:
    """Errors of pairs of states; along is positive ahead of the truth, across to its right."""
    out = np.zeros((5, len(truth_row)))
    _measure(
        truths.place, truths.velocity_m_s, truth_row, tracks.place, tracks.velocity_m_s, track_row,
        COURSE_SPEED_MIN_M_S, out,
    )  # fmt: skip
    return Components(*out)


def spread(errors: F64) -> Errors:
    """Median, 95th percentile and root mean square of the sizes of the errors that are known."""
    sizes = np.abs(errors[~np.isnan(errors)])
    if len(sizes) == 0:
        return Errors(values=0, median=None, p95=None, rms=None)
    median, p95 = np.percentile(sizes, [50.0, 95.0])
    return Errors(
        values=len(sizes), median=float(median), p95=float(p95), rms=float(np.sqrt(np.mean(sizes**2)))
    )
