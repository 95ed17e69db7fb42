"""Which tracks lie within the cutoff of which truths at one time, and how far they are apart.

Horizontal distance: both places are taken at the height of the truth (0 if unknown), and their difference is
turned into the local frame of the truth; its horizontal part counts. Exact on WGS-84, also across the date
line and at the poles. Height apart: the difference of the heights, where both are known.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.geo import ecef_to_enu_vector, geodetic_to_ecef
from foedus.jit import kernel, part
from foedus.limits import SCORE_PAIRS_MAX
from foedus.model import F64, I64

MARGIN: Final = 1.01
"""The search looks this much farther than the cutoff. It compares chords on the ellipsoid, which are longer
than a horizontal distance by 3e-5 at 100 km, and by 2e-4 for a truth 1 km below the ellipsoid."""

CUTOFF_MIN_M: Final = 10.0
CUTOFF_MAX_M: Final = 100_000.0
"""Cells of a smaller cutoff would have numbers beyond 21 bits; a larger one is no statement about tracks."""

_CELL_OFFSET: Final = 1 << 20
_EMPTY: Final = -1


class Pairs(NamedTuple):
    """Pairs at one time, truth by truth; tracks of one truth in the order of the tracks."""

    starts: I64  # (truths + 1,) pairs of truth i are starts[i] .. starts[i + 1] - 1
    tracks: I64  # (pairs,)
    distances_m: F64  # (pairs,)


@part
def gap_m(truth: F64, i: int, track: F64, j: int) -> tuple[float, float, float]:
    """From the truth in row i to the track in row j: east, north in metres, height apart (NaN unknown)."""
    lat, lon, height = truth[i, 0], truth[i, 1], truth[i, 2]
    level = 0.0 if math.isnan(height) else height
    x, y, z = geodetic_to_ecef(lat, lon, level)
    u, v, w = geodetic_to_ecef(track[j, 0], track[j, 1], level)
    east, north, _ = ecef_to_enu_vector(u - x, v - y, w - z, lat, lon)
    return east, north, track[j, 2] - height


@part
def _key(x: int, y: int, z: int) -> int:
    return ((x + _CELL_OFFSET) << 42) | ((y + _CELL_OFFSET) << 21) | (z + _CELL_OFFSET)


@part
def _bucket(key: int, mask: int) -> int:
    """A bucket by multiplication with 2^63 / golden ratio; Knuth, TAOCP 3, 6.4."""
    return ((key * 5_700_357_409_661_599_241) >> 32) & mask


@kernel
def _fill_flat(place: F64, out_m: F64) -> None:
    for i in range(place.shape[0]):
        out_m[i, 0], out_m[i, 1], out_m[i, 2] = geodetic_to_ecef(place[i, 0], place[i, 1], 0.0)


@kernel
def _link(flat_m: F64, cell_m: float, heads: I64, nexts: I64, keys: I64) -> None:
    """Linked lists of the tracks of each bucket, in the order of the tracks."""
    mask = heads.shape[0] - 1
    for j in range(flat_m.shape[0] - 1, -1, -1):
        keys[j] = _key(
            math.floor(flat_m[j, 0] / cell_m),
            math.floor(flat_m[j, 1] / cell_m),
            math.floor(flat_m[j, 2] / cell_m),
        )
        bucket = _bucket(keys[j], mask)
        nexts[j] = heads[bucket]
        heads[bucket] = j


@part
def _search(
    truth: F64,
    i: int,
    truth_flat_m: F64,
    track: F64,
    cell_m: float,
    cutoff_m: float,
    with_height: bool,
    heads: I64,
    nexts: I64,
    keys: I64,
    found: int,
    out_tracks: I64,
    out_distances_m: F64,
) -> int:
    """Add the tracks near truth i; gives how many pairs there are now, also where they found no room."""
    reach = cutoff_m * MARGIN
    mask = heads.shape[0] - 1
    x0, x1 = (
        math.floor((truth_flat_m[i, 0] - reach) / cell_m),
        math.floor((truth_flat_m[i, 0] + reach) / cell_m),
    )
    y0, y1 = (
        math.floor((truth_flat_m[i, 1] - reach) / cell_m),
        math.floor((truth_flat_m[i, 1] + reach) / cell_m),
    )
    z0, z1 = (
        math.floor((truth_flat_m[i, 2] - reach) / cell_m),
        math.floor((truth_flat_m[i, 2] + reach) / cell_m),
    )
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            for z in range(z0, z1 + 1):
                key = _key(x, y, z)
                j = heads[_bucket(key, mask)]
                while j != _EMPTY:
                    if keys[j] == key:
                        east, north, up = gap_m(truth, i, track, j)
                        distance = math.hypot(east, north)
                        if with_height and not math.isnan(up):
                            distance = math.hypot(distance, up)
                        if distance < cutoff_m:
                            if found < out_tracks.shape[0]:
                                out_tracks[found] = j
                                out_distances_m[found] = distance
                            found += 1
                    j = nexts[j]
    return found


@part
def _sort(tracks: I64, distances_m: F64, first: int, end: int) -> None:
    """Pairs of one truth in the order of the tracks, by insertion: there are few."""
    for at in range(first + 1, end):
        track, distance = tracks[at], distances_m[at]
        to = at
        while to > first and tracks[to - 1] > track:
            tracks[to] = tracks[to - 1]
            distances_m[to] = distances_m[to - 1]
            to -= 1
        tracks[to] = track
        distances_m[to] = distance


@kernel
def _find(
    truth: F64,
    truth_flat_m: F64,
    track: F64,
    cell_m: float,
    cutoff_m: float,
    with_height: bool,
    heads: I64,
    nexts: I64,
    keys: I64,
    out_starts: I64,
    out_tracks: I64,
    out_distances_m: F64,
) -> int:
    found = 0
    for i in range(truth.shape[0]):
        out_starts[i] = found
        found = _search(
            truth, i, truth_flat_m, track, cell_m, cutoff_m, with_height, heads, nexts, keys,
            found, out_tracks, out_distances_m,
        )  # fmt: skip
        if found <= out_tracks.shape[0]:
            _sort(out_tracks, out_distances_m, out_starts[i], found)
    out_starts[truth.shape[0]] = found
    return found


def find_pairs(truth: F64, track: F64, *, cutoff_m: float, with_height: bool) -> Pairs:
    """All pairs closer than the cutoff of places (n, 3), (m, 3): latitude, longitude, height (NaN unknown).

    with_height: distance in three dimensions where both heights are known, else horizontal.
    """
    assert CUTOFF_MIN_M <= cutoff_m <= CUTOFF_MAX_M
    truth_flat, track_flat = np.empty((len(truth), 3)), np.empty((len(track), 3))
    _fill_flat(truth, truth_flat)
    _fill_flat(track, track_flat)
    cell_m = 2.0 * MARGIN * cutoff_m  # a search then looks into two cells a side at most
    heads = np.full(1 << max(4, (2 * len(track)).bit_length()), _EMPTY, np.int64)
    nexts, keys = np.zeros(len(track), np.int64), np.zeros(len(track), np.int64)
    _link(track_flat, cell_m, heads, nexts, keys)
    starts = np.zeros(len(truth) + 1, np.int64)
    room = 2 * len(truth) + 16
    while True:
        tracks, distances_m = np.zeros(room, np.int64), np.zeros(room)
        found = _find(
            truth, truth_flat, track, cell_m, cutoff_m, with_height, heads, nexts, keys,
            starts, tracks, distances_m,
        )  # fmt: skip
        if found <= room:
            return Pairs(starts, tracks[:found], distances_m[:found])
        if found > SCORE_PAIRS_MAX:
            raise LimitError(name="SCORE_PAIRS_MAX", limit=SCORE_PAIRS_MAX, asked=found)
        room = found
