"""Where targets were and where tracks say they are, at any time: truth interpolated, tracks extrapolated."""

import math
from typing import Final, NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.geo import ecef_to_enu_vector, ecef_to_geodetic, enu_to_ecef_vector, geodetic_to_ecef
from foedus.jit import kernel, part
from foedus.limits import SCORE_STATES_MAX
from foedus.model import F64, I64, Bool
from foedus.score.tables import Truth, Updates

NONE: Final = -1


class States(NamedTuple):
    """States at the evaluation times, ordered by time and item."""

    starts: I64  # (times + 1,) states of time k are starts[k] .. starts[k + 1] - 1
    step: I64  # (n,) index of the evaluation time
    item: I64  # (n,) index of the target or the track
    row: I64  # (n,) row at or before the time
    place: F64  # (n, 3) latitude, longitude in radians, height in metres; height NaN unknown
    velocity_m_s: F64  # (n, 3) east, north, up; NaN unknown


@part
def _newest(time_ns: I64, first: int, end: int, at_ns: int) -> int:
    """The last of the ordered rows first .. end - 1 whose time is not after `at_ns`; NONE if all are."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if time_ns[middle] <= at_ns:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low > first else NONE


@part
def _to_ecef(place: F64, velocity_m_s: F64, row: int) -> tuple[float, float, float, float, float, float]:
    """Position and velocity of a row; an unknown height is taken as 0, an unknown vertical speed too."""
    lat, lon, height = place[row, 0], place[row, 1], place[row, 2]
    up = velocity_m_s[row, 2]
    x, y, z = geodetic_to_ecef(lat, lon, 0.0 if math.isnan(height) else height)
    u, v, w = enu_to_ecef_vector(
        velocity_m_s[row, 0], velocity_m_s[row, 1], 0.0 if math.isnan(up) else up, lat, lon
    )
    return x, y, z, u, v, w


@part
def _put(
    out_place: F64,
    out_velocity: F64,
    i: int,
    position: tuple[float, float, float],
    velocity: tuple[float, float, float],
    height_known: bool,
    up_known: bool,
) -> None:
    lat, lon, height = ecef_to_geodetic(position[0], position[1], position[2])
    east, north, up = ecef_to_enu_vector(velocity[0], velocity[1], velocity[2], lat, lon)
    out_place[i, 0] = lat
    out_place[i, 1] = lon
    out_place[i, 2] = height if height_known else np.nan
    out_velocity[i, 0] = east
    out_velocity[i, 1] = north
    out_velocity[i, 2] = up if up_known else np.nan


@part
def _copy(place: F64, velocity_m_s: F64, row: int, out_place: F64, out_velocity: F64, i: int) -> None:
    for j in range(3):
        out_place[i, j] = place[row, j]
        out_velocity[i, j] = velocity_m_s[row, j]


@part
def _hermite(p0: float, v0: float, p1: float, v1: float, s: float, span_s: float) -> tuple[float, float]:
    """Value and slope at the share s of a cubic with these ends; Bartels et al., Splines (1987), 3.1."""
    a = 2.0 * (p0 - p1) + span_s * (v0 + v1)
    b = 3.0 * (p1 - p0) - span_s * (2.0 * v0 + v1)
    c = span_s * v0
    return ((a * s + b) * s + c) * s + p0, ((3.0 * a * s + 2.0 * b) * s + c) / span_s


@kernel
def _interpolate(
    starts: I64,
    gap_ns: I64,
    time_ns: I64,
    place: F64,
    velocity_m_s: F64,
    item: I64,
    at_ns: I64,
    out_row: I64,
    out_place: F64,
    out_velocity: F64,
) -> None:
    """Truth of `item` at `at_ns`; out_row is NONE where the target does not count then.

    Between two rows with velocities a cubic in ECEF through both, otherwise a straight line.
    """
    for i in range(item.shape[0]):
        end = starts[item[i] + 1]
        row = _newest(time_ns, starts[item[i]], end, at_ns[i])
        out_row[i] = row
        if row == NONE:
            continue
        if time_ns[row] == at_ns[i]:
            _copy(place, velocity_m_s, row, out_place, out_velocity, i)
            continue
        if row + 1 == end or time_ns[row + 1] - time_ns[row] > gap_ns[item[i]]:
            out_row[i] = NONE
            continue
        span_s = (time_ns[row + 1] - time_ns[row]) * 1e-9
        s = (at_ns[i] - time_ns[row]) * 1e-9 / span_s
        a, b = _to_ecef(place, velocity_m_s, row), _to_ecef(place, velocity_m_s, row + 1)
        height_known = not math.isnan(place[row, 2] + place[row + 1, 2])
        up_known = not math.isnan(velocity_m_s[row, 2] + velocity_m_s[row + 1, 2])
        if math.isnan(a[3] + b[3] + a[4] + b[4] + a[5] + b[5]):
            unknown = (np.nan, np.nan, np.nan)
            position = (a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1]), a[2] + s * (b[2] - a[2]))
            _put(out_place, out_velocity, i, position, unknown, height_known, False)
            continue
        x, u = _hermite(a[0], a[3], b[0], b[3], s, span_s)
        y, v = _hermite(a[1], a[4], b[1], b[4], s, span_s)
        z, w = _hermite(a[2], a[5], b[2], b[5], s, span_s)
        _put(out_place, out_velocity, i, (x, y, z), (u, v, w), height_known, up_known)


@kernel
def _extrapolate(
    starts: I64,
    time_ns: I64,
    place: F64,
    velocity_m_s: F64,
    ended: Bool,
    keep_ns: int,
    item: I64,
    at_ns: I64,
    out_row: I64,
    out_place: F64,
    out_velocity: F64,
) -> None:
    """Tracks at `at_ns`, straight on in ECEF from their newest row; out_row is NONE where it is too old."""
    for i in range(item.shape[0]):
        row = _newest(time_ns, starts[item[i]], starts[item[i] + 1], at_ns[i])
        out_row[i] = NONE
        if row == NONE or ended[row] or at_ns[i] - time_ns[row] >= keep_ns:
            continue
        out_row[i] = row
        if time_ns[row] == at_ns[i]:
            _copy(place, velocity_m_s, row, out_place, out_velocity, i)
            continue
        dt_s = (at_ns[i] - time_ns[row]) * 1e-9
        x, y, z, u, v, w = _to_ecef(place, velocity_m_s, row)
        height_known = not math.isnan(place[row, 2])
        up_known = not math.isnan(velocity_m_s[row, 2])
        position = (x + dt_s * u, y + dt_s * v, z + dt_s * w)
        _put(out_place, out_velocity, i, position, (u, v, w), height_known, up_known)


def truth_at(truth: Truth, target: I64, at_ns: I64) -> tuple[I64, F64, F64]:
    """(row at or before, place, velocity) of targets at times; row NONE where the target does not count."""
    row, place, velocity = (
        np.zeros(len(target), np.int64),
        np.zeros((len(target), 3)),
        np.zeros((len(target), 3)),
    )
    _interpolate(
        truth.starts, truth.gap_ns, truth.time_ns, truth.place, truth.velocity_m_s,
        target, at_ns, row, place, velocity,
    )  # fmt: skip
    return row, place, velocity


def tracks_at(updates: Updates, track: I64, at_ns: I64, *, keep_ns: int) -> tuple[I64, F64, F64]:
    """(newest row, place, velocity) of tracks at times; row NONE where the track does not count."""
    row, place, velocity = (
        np.zeros(len(track), np.int64),
        np.zeros((len(track), 3)),
        np.zeros((len(track), 3)),
    )
    _extrapolate(
        updates.starts, updates.time_ns, updates.place, updates.velocity_m_s, updates.ended,
        keep_ns, track, at_ns, row, place, velocity,
    )  # fmt: skip
    return row, place, velocity


def _questions(starts: I64, time_ns: I64, times_ns: I64, keep_ns: int) -> tuple[I64, I64]:
    """(item, step) for every item, at every evaluation time from its first row to `keep_ns` past its last."""
    if len(starts) == 1:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = np.searchsorted(times_ns, time_ns[starts[:-1]], side="left")
    end = np.searchsorted(times_ns, time_ns[starts[1:] - 1] + keep_ns, side="right")
    counts = np.maximum(0, end - first)
    total = int(counts.sum())
    if total > SCORE_STATES_MAX:
        raise LimitError(name="SCORE_STATES_MAX", limit=SCORE_STATES_MAX, asked=total)
    item = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return item.astype(np.int64), step.astype(np.int64)


def _states(steps: int, step: I64, item: I64, found: tuple[I64, F64, F64]) -> States:
    row, place, velocity = found
    order = np.flatnonzero(row != NONE)
    order = order[np.lexsort((item[order], step[order]))]
    starts = np.searchsorted(step[order], np.arange(steps + 1)).astype(np.int64)
    return States(starts, step[order], item[order], row[order], place[order], velocity[order])


def truth_states(truth: Truth, times_ns: I64) -> States:
    """Every target at every evaluation time at which it counts."""
    item, step = _questions(truth.starts, truth.time_ns, times_ns, 0)
    return _states(len(times_ns), step, item, truth_at(truth, item, times_ns[step]))


def track_states(updates: Updates, times_ns: I64, *, keep_ns: int) -> States:
    """Every track at every evaluation time at which its newest row is younger than `keep_ns`."""
    item, step = _questions(updates.starts, updates.time_ns, times_ns, keep_ns)
    return _states(len(times_ns), step, item, tracks_at(updates, item, times_ns[step], keep_ns=keep_ns))
