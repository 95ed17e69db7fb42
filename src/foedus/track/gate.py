"""Which tracks a plot may belong to: a grid of contiguous buckets, then the statistical distance.

Positions are put on a sphere first, so that an unknown height costs no search, then on a plane that touches
it amid the sensors (orthographic: distances only shrink, so none is missed, anywhere on earth). What a
look-up reads of a bucket's tracks lies side by side (counting sort).
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import part
from foedus.limits import PAIR_LOOKS_MAX, TRACK_CANDIDATES_MAX
from foedus.model import F64, I64
from foedus.track.measure import GATE_SIGMA
from foedus.track.motion import VERTICAL_NOISE, aim, noise_density, up_vector
from foedus.track.table import (
    COUNT_CANDIDATES_CUT,
    GRID_MASK,
    GRID_ROWS,
    LEVELS,
    ROWS,
    SCAN_ROWS,
    STAMP,
    Desk,
    Plot,
    Site,
    Track,
)

GATE: Final = GATE_SIGMA * GATE_SIGMA
"""Largest squared statistical distance: 4 sigma holds 99.9 % of the plots of two or three dimensions."""
UNADDRESSED: Final = 0
ADDRESSED: Final = 1
"""Tiers of tracks: a plot without address goes to the first where it can."""
CELL_M: Final = (4_000.0, 16_000.0, 64_000.0)
"""Sizes of a cell, one grid each: a track lies in the finest grid whose cells are as wide as its gate. Most
confirmed tracks fit the first, new ones (velocity unknown) the second, lost ones the last, so that the lost
do not widen everyone's search. The last also bounds a gate."""
MODE_A_MISMATCH: Final = 9.0
"""Added to the cost when both Mode A codes are known and differ: 3 sigma. Codes are garbled and reassigned,
so they persuade but do not decide."""


@part
def _key(level: int, x: int, y: int) -> int:
    """One number below 2^26 for a cell; the earth's 6,400 km are less than 2,048 of the smallest cells."""
    return (level * 4_096 + x + 2_048) * 4_096 + y + 2_048


@part
def _bucket(key: int, mask: int) -> int:
    return (key * 2_654_435_761) >> 9 & mask


@part
def locate(track: Track, time_ns: int) -> None:
    """Where a track is at time_ns on the sphere, and how far from there a plot of it may lie."""
    x, c = track.state, track.covariance
    dt = (time_ns - track.time_ns) * 1e-9
    px, py, pz = x[0] + dt * x[3], x[1] + dt * x[4], x[2] + dt * x[5]
    scale = MEAN_RADIUS_M / max(1.0, math.sqrt(px * px + py * py + pz * pz))
    track.flat_m[0] = px * scale
    track.flat_m[1] = py * scale
    track.flat_m[2] = pz * scale
    up = up_vector(track)
    total = noise_density(track) * abs(dt * dt * dt) * 2.0 / 3.0
    for a in range(3):
        total += _spread(c, a, a, dt)
        for b in range(3):
            total -= up[a] * up[b] * _spread(c, a, b, dt)
    # A scan is shorter than a second: half of it stands for the plots' own times.
    slack_m = 0.5 * math.sqrt(x[3] ** 2 + x[4] ** 2 + x[5] ** 2)
    track.radius_m = min(CELL_M[2], GATE_SIGMA * math.sqrt(max(0.0, total)) + slack_m)


@part
def _level_of(radius_m: float) -> int:
    return 0 if radius_m <= CELL_M[0] else 1 if radius_m <= CELL_M[1] else 2


@part
def _on_plane(desk: Desk, flat_m: F64) -> tuple[float, float]:
    """Coordinates on the plane of the grid."""
    x, y, z = flat_m[0], flat_m[1], flat_m[2]
    plane = desk.plane
    return (
        plane[0, 0] * x + plane[0, 1] * y + plane[0, 2] * z,
        plane[1, 0] * x + plane[1, 1] * y + plane[1, 2] * z,
    )


@part
def _enter_cell(desk: Desk, track: Track) -> None:
    """Set the key of the track's cell."""
    level = _level_of(track.radius_m)
    size_m = CELL_M[level]
    x, y = _on_plane(desk, track.flat_m)
    track.cell = _key(level, math.floor(x / size_m), math.floor(y / size_m))
    desk.head[LEVELS] |= 1 << level


@part
def build_grid(desk: Desk, time_ns: int) -> None:
    """Sort all tracks into buckets as they are at time_ns."""
    tracks, starts, items = desk.tracks, desk.starts, desk.items
    rows = desk.head[ROWS]
    mask = 15
    while mask + 1 < 2 * rows:
        mask = 2 * mask + 1
    for bucket in range(mask + 2):
        starts[bucket] = 0
    desk.head[LEVELS] = 0
    for k in range(rows):
        locate(tracks[k], time_ns)
        _enter_cell(desk, tracks[k])
        starts[_bucket(tracks[k].cell, mask)] += 1
    for bucket in range(mask + 1):
        starts[bucket + 1] += starts[bucket]
    for back in range(rows):  # each bucket is filled from its end, so its start is left over
        track = tracks[rows - 1 - back]
        bucket = _bucket(track.cell, mask)
        starts[bucket] -= 1
        item = items[starts[bucket]]
        item.cell = track.cell
        item.row = rows - 1 - back
        item.radius_m = track.radius_m
        for a in range(3):
            item.flat_m[a] = track.flat_m[a]
    desk.head[GRID_MASK] = mask
    desk.head[GRID_ROWS] = rows


@part
def _spread(c: F64, a: int, b: int, dt_s: float) -> float:
    """Element (a, b) of a track's position covariance, dt_s later, without process noise."""
    return float(c[a, b] + dt_s * (c[a, b + 3] + c[b, a + 3]) + dt_s * dt_s * c[a + 3, b + 3])


@part
def _spread_at(track: Track, dt_s: float, plot: Plot) -> None:
    """Fill plot.spread_m2 with the track's position covariance dt_s later, process noise included."""
    up = up_vector(track)
    q = noise_density(track) * abs(dt_s * dt_s * dt_s) / 3.0
    for a in range(3):
        for b in range(3):
            share = (VERTICAL_NOISE - 1.0) * up[a] * up[b] + (1.0 if a == b else 0.0)
            plot.spread_m2[a, b] = _spread(track.covariance, a, b, dt_s) + q * share


@part
def _covariance_along(plot: Plot, row: int, other: int) -> float:
    """Element of the innovations' covariance without the plot's own variance."""
    total = 0.0
    for a in range(3):
        for b in range(3):
            total += plot.axes[row, a] * plot.spread_m2[a, b] * plot.axes[other, b]
    return total


@part
def distance_2(track: Track, dt_s: float, plot: Plot, site: Site) -> tuple[float, float]:
    """(squared statistical distance, log of the innovation's determinant) of a plot and a track, dt_s later.

    Bar-Shalom et al. (2001), equation 5.4.1-7, by Cholesky. The log is 0 outside the gate.
    """
    aim(track, dt_s, plot, site)
    _spread_at(track, dt_s, plot)
    factor = plot.factor
    square = 0.0
    volume = 1.0
    for row in range(plot.measured):
        rest = plot.variance_m2[row] + _covariance_along(plot, row, row)
        gap = plot.gap_m[row]
        for other in range(row):
            share = _covariance_along(plot, row, other)
            for inner in range(other):
                share -= factor[row, inner] * factor[other, inner]
            share /= factor[other, other]
            factor[row, other] = share
            rest -= share * share
            gap -= share * plot.gap_m[other]
        factor[row, row] = math.sqrt(max(1e-6, rest))
        plot.gap_m[row] = gap / factor[row, row]  # whitened from here on
        square += plot.gap_m[row] ** 2
        volume *= factor[row, row]
        if square > GATE:
            return square, 0.0
    return square, 2.0 * math.log(volume)


@part
def _offer(plot: Plot, k: int, cost: float, log: float, counts: I64) -> None:
    """Keep track k among the best candidates of the plot."""
    at = plot.candidates
    if at < TRACK_CANDIDATES_MAX:
        plot.candidates = at + 1
    else:
        counts[COUNT_CANDIDATES_CUT] += 1
        at = 0
        for j in range(1, TRACK_CANDIDATES_MAX):
            if plot.cost[j] + plot.log[j] > plot.cost[at] + plot.log[at]:
                at = j
        if cost + log >= plot.cost[at] + plot.log[at]:
            return
    plot.track[at] = k
    plot.cost[at] = cost
    plot.log[at] = log


@part
def _meets(flat_m: F64, radius_m: float, plot: Plot) -> bool:
    """Whether the circles around a track and a plot meet."""
    limit_m = radius_m + plot.reach_m
    x, y, z = flat_m[0] - plot.flat_m[0], flat_m[1] - plot.flat_m[1], flat_m[2] - plot.flat_m[2]
    return bool(x * x + y * y + z * z <= limit_m * limit_m)


@part
def _weigh(desk: Desk, k: int, plot: Plot) -> None:
    """Offer track k to the plot if it is of its tier, not updated by this scan yet, and in the gate."""
    track = desk.tracks[k]
    if (track.icao24 >= 0) != (plot.tier == ADDRESSED) or track.taken == desk.head[STAMP]:
        return
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    cost, log = distance_2(track, dt_s, plot, desk.sites[plot.sensor])
    if cost <= GATE:
        if plot.mode_a >= 0 and track.mode_a >= 0 and plot.mode_a != track.mode_a:
            cost += MODE_A_MISMATCH
        _offer(plot, k, cost, log, desk.counts)


@part
def _search_level(desk: Desk, plot: Plot, level: int) -> None:
    """Weigh the tracks of one grid around the plot."""
    size_m = CELL_M[level]
    reach_m = min(plot.reach_m, CELL_M[2]) + size_m
    x, y = _on_plane(desk, plot.flat_m)
    for cx in range(math.floor((x - reach_m) / size_m), math.floor((x + reach_m) / size_m) + 1):
        for cy in range(math.floor((y - reach_m) / size_m), math.floor((y + reach_m) / size_m) + 1):
            key = _key(level, cx, cy)
            bucket = _bucket(key, desk.head[GRID_MASK])
            for at in range(desk.starts[bucket], desk.starts[bucket + 1]):
                item = desk.items[at]
                if item.cell == key and plot.looks_left > 0:
                    plot.looks_left -= 1
                    if _meets(item.flat_m, item.radius_m, plot):
                        _weigh(desk, item.row, plot)


@part
def find_candidates(desk: Desk, plot: Plot) -> None:
    """Fill the plot's candidates: tracks of its tier in whose gate it lies.

    Tracks that earlier scans have started since the grid was built are looked at one by one.
    """
    plot.candidates = 0
    plot.looks_left = PAIR_LOOKS_MAX
    for level in range(len(CELL_M)):
        if desk.head[LEVELS] >> level & 1 == 1:
            _search_level(desk, plot, level)
    for k in range(desk.head[GRID_ROWS], desk.head[SCAN_ROWS]):
        if _meets(desk.tracks[k].flat_m, desk.tracks[k].radius_m, plot):
            _weigh(desk, k, plot)
    if plot.looks_left == 0:
        desk.counts[COUNT_CANDIDATES_CUT] += 1
