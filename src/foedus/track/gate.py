"""Which tracks a plot may belong to: a grid of contiguous buckets, then the statistical distance.

Positions are put on a sphere first, so that an unknown height costs no search. A cell is as wide as the
widest gate of the moment; the rows of a bucket's tracks lie side by side (counting sort).
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import part
from foedus.limits import TRACK_CANDIDATES_MAX
from foedus.model import F64, I64
from foedus.track.measure import GATE_SIGMA
from foedus.track.motion import VERTICAL_NOISE, aim, noise_density, up_vector
from foedus.track.table import (
    CELL_M,
    COUNT_CANDIDATES_CUT,
    GRID_MASK,
    GRID_ROWS,
    ROWS,
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
CELL_MIN_M: Final = 4_000.0
CELL_MAX_M: Final = 64_000.0
"""Bounds of a cell: below, cells outnumber tracks; above, the gate of a lost track would hold a country."""
MODE_A_MISMATCH: Final = 9.0
"""Added to the cost when both Mode A codes are known and differ: 3 sigma. Codes are garbled and reassigned,
so they persuade but do not decide."""


@part
def _hash(x: int, y: int, z: int) -> int:
    return (x * 73_856_093) ^ (y * 19_349_663) ^ (z * 83_492_791)


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
    track.radius_m = min(CELL_MAX_M, GATE_SIGMA * math.sqrt(max(0.0, total)) + slack_m)


@part
def build_grid(desk: Desk, time_ns: int) -> None:
    """Sort all tracks into buckets as they are at time_ns."""
    tracks, starts = desk.tracks, desk.starts
    rows = desk.head[ROWS]
    widest_m = CELL_MIN_M
    for k in range(rows):
        locate(tracks[k], time_ns)
        widest_m = max(widest_m, tracks[k].radius_m)
    size_m = math.ceil(widest_m)
    mask = 15
    while mask + 1 < 2 * rows:
        mask = 2 * mask + 1
    for bucket in range(mask + 2):
        starts[bucket] = 0
    for k in range(rows):
        track = tracks[k]
        for a in range(3):
            track.cell[a] = math.floor(track.flat_m[a] / size_m)
        track.bucket = _hash(track.cell[0], track.cell[1], track.cell[2]) & mask
        starts[track.bucket] += 1
    for bucket in range(mask + 1):
        starts[bucket + 1] += starts[bucket]
    for k in range(rows - 1, -1, -1):  # each bucket is filled from its end, so its start is left over
        bucket = tracks[k].bucket
        starts[bucket] -= 1
        desk.items[starts[bucket]] = k
    desk.head[CELL_M] = size_m
    desk.head[GRID_MASK] = mask
    desk.head[GRID_ROWS] = rows


@part
def _spread(c: F64, a: int, b: int, dt_s: float) -> float:
    """Element (a, b) of a track's position covariance, dt_s later, without process noise."""
    return c[a, b] + dt_s * (c[a, b + 3] + c[b, a + 3]) + dt_s * dt_s * c[a + 3, b + 3]


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
def _weigh(desk: Desk, k: int, plot: Plot) -> None:
    """Offer track k to the plot if it is of the plot's tier, not updated by this scan yet, and in the gate."""
    track = desk.tracks[k]
    if (track.icao24 >= 0) != (plot.tier == ADDRESSED) or track.taken == desk.head[STAMP]:
        return
    limit_m = track.radius_m + plot.reach_m
    square_m2 = 0.0
    for a in range(3):
        square_m2 += (track.flat_m[a] - plot.flat_m[a]) ** 2
    if square_m2 > limit_m * limit_m:
        return
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    cost, log = distance_2(track, dt_s, plot, desk.sites[plot.sensor])
    if cost <= GATE:
        if plot.mode_a >= 0 and track.mode_a >= 0 and plot.mode_a != track.mode_a:
            cost += MODE_A_MISMATCH
        _offer(plot, k, cost, log, desk.counts)


@part
def find_candidates(desk: Desk, plot: Plot) -> None:
    """Fill the plot's candidates: tracks of its tier in whose gate it lies.

    Tracks born since the grid was built are looked at one by one.
    """
    plot.candidates = 0
    head, tracks = desk.head, desk.tracks
    size_m = head[CELL_M]
    reach_m = min(plot.reach_m, CELL_MAX_M) + size_m
    x, y, z = plot.flat_m[0], plot.flat_m[1], plot.flat_m[2]
    for cx in range(math.floor((x - reach_m) / size_m), math.floor((x + reach_m) / size_m) + 1):
        for cy in range(math.floor((y - reach_m) / size_m), math.floor((y + reach_m) / size_m) + 1):
            for cz in range(math.floor((z - reach_m) / size_m), math.floor((z + reach_m) / size_m) + 1):
                bucket = _hash(cx, cy, cz) & head[GRID_MASK]
                for at in range(desk.starts[bucket], desk.starts[bucket + 1]):
                    k = desk.items[at]
                    if tracks[k].cell[0] == cx and tracks[k].cell[1] == cy and tracks[k].cell[2] == cz:
                        _weigh(desk, k, plot)
    for k in range(head[GRID_ROWS], head[ROWS]):
        _weigh(desk, k, plot)
