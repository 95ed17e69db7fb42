"""Which tracks a plot may belong to: a grid of contiguous buckets, then the statistical distance.

Positions are put on a sphere first, so that an unknown height costs no search, then on a plane that touches
it amid the sensors (orthographic: distances only shrink, so none is missed, anywhere on earth). What a
look-up reads of a bucket's tracks lies side by side (counting sort); tracks that begin after the grid was
built are chained behind their bucket.
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import part
from foedus.limits import PAIR_LOOKS_MAX, TRACK_CANDIDATES_MAX
from foedus.model import F64, I64, SECOND_NS
from foedus.track.measure import GATE_SIGMA
from foedus.track.motion import VERTICAL_HIGH, noise_density, up_vector
from foedus.track.table import (
    CLOCK,
    COUNT_CANDIDATES_CUT,
    CV_HIGH,
    FREE,
    GRID_BUILT,
    HIGH,
    STAMP,
    Bank,
    Desk,
    Grid,
    Plot,
    Rows,
    Site,
    Track,
)
from foedus.track.update import aim

GATE: Final = GATE_SIGMA * GATE_SIGMA
"""Largest squared statistical distance: 4 sigma holds 99.9 % of the plots of two or three dimensions."""
ADDRESS_GATE: Final = 49.0
"""The same for a plot with the track's own address, which cannot well be another's: 7 sigma."""
CLAIM_GATE: Final = 9.0
"""Squared distance within which a first plot with an address takes over a track without: 97 % of two or
three dimensions. Tight, for to claim wrongly hides something that answers nothing."""
CELL_M: Final = (4_000.0, 16_000.0, 64_000.0)
"""Sizes of a cell, one grid each: a track lies in the finest grid whose cells are as wide as its gate. Most
confirmed tracks fit the first, new ones (velocity unknown) the second, lost ones the last, so that the lost
do not widen everyone's search. The last also bounds a gate."""
GRID_NS: Final = 2 * SECOND_NS
"""How long a grid serves: it is built as of the middle of that time."""
MODE_A_MISMATCH: Final = 4.5
"""Taken from the log odds when both Mode A codes are known and differ: 3 sigma. Codes are garbled and
reassigned, so they persuade but do not decide."""
UNTOLD_PRIOR: Final = 0.2
"""Share of the plots of an addressed aircraft without its address, before a sensor has shown what it does: a
sensor that gives addresses hardly ever leaves one out, and what gives none is then something else."""
LOG_TWO_PI: Final = math.log(2.0 * math.pi)


@part
def cell_key(level: int, x: int, y: int) -> int:
    """One number below 2^26 for a cell; the earth's 6,400 km are less than 2,048 of the smallest cells."""
    return (level * 4_096 + x + 2_048) * 4_096 + y + 2_048


@part
def bucket_of(key: int, mask: int) -> int:
    """The bucket of a cell."""
    return (key * 2_654_435_761) >> 9 & mask


@part
def _locate(track: Track, bank: Bank, time_ns: int) -> None:
    """Where a track is at time_ns on the sphere, and how far from there a plot of it may lie.

    The radius is the gate of the manoeuvring model, which is the widest, around where that model is.
    """
    x, wild, c = track.state, bank.state[CV_HIGH], bank.covariance[CV_HIGH]
    dt = (time_ns - track.time_ns) * 1e-9
    px, py, pz = x[0] + dt * x[3], x[1] + dt * x[4], x[2] + dt * x[5]
    scale = MEAN_RADIUS_M / max(1.0, math.sqrt(px * px + py * py + pz * pz))
    track.flat_m[0] = px * scale
    track.flat_m[1] = py * scale
    track.flat_m[2] = pz * scale
    late_s = abs(dt) + 0.5e-9 * GRID_NS
    total = noise_density(x) * late_s * late_s * late_s * 2.0 / 3.0
    up = up_vector(x)
    apart_m2 = 0.0
    for a in range(3):
        apart_m2 += (wild[a] - x[a] + dt * (wild[a + 3] - x[a + 3])) ** 2
        total += _spread(c, a, a, late_s)
        for b in range(3):
            total -= up[a] * up[b] * _spread(c, a, b, late_s)
    # The grid serves GRID_NS: half of it either way stands for the plots' own times.
    slack_m = 0.5e-9 * GRID_NS * math.sqrt(x[3] ** 2 + x[4] ** 2 + x[5] ** 2)
    reach_m = GATE_SIGMA * math.sqrt(max(0.0, total)) + math.sqrt(apart_m2)
    track.radius_m = min(CELL_M[2], reach_m + slack_m)


@part
def _level_of(radius_m: float) -> int:
    return 0 if radius_m <= CELL_M[0] else 1 if radius_m <= CELL_M[1] else 2


@part
def on_plane(grid: Grid, flat_m: F64) -> tuple[float, float]:
    """Coordinates on the plane of the grid."""
    x, y, z = flat_m[0], flat_m[1], flat_m[2]
    plane = grid.plane
    return (
        plane[0, 0] * x + plane[0, 1] * y + plane[0, 2] * z,
        plane[1, 0] * x + plane[1, 1] * y + plane[1, 2] * z,
    )


@part
def _enter_cell(grid: Grid, track: Track, bank: Bank, time_ns: int) -> None:
    """Locate the track in the middle of the grid's time and set the key of its cell."""
    _locate(track, bank, time_ns + GRID_NS // 2)
    level = _level_of(track.radius_m)
    size_m = CELL_M[level]
    x, y = on_plane(grid, track.flat_m)
    track.cell = cell_key(level, math.floor(x / size_m), math.floor(y / size_m))
    grid.levels[level] += 1


@part
def _sort_tracks(grid: Grid, tracks: Rows, banks: Rows, rows: int, time_ns: int) -> None:
    """Counting sort of the live rows into buckets."""
    starts = grid.starts
    mask = 15
    while mask + 1 < 2 * rows:
        mask = 2 * mask + 1
    for bucket in range(mask + 2):
        starts[bucket] = 0
    for bucket in range(mask + 1):
        grid.newcomers[bucket] = -1
    for level in range(len(CELL_M)):
        grid.levels[level] = 0
    for k in range(rows):
        if tracks[k].status != FREE:
            _enter_cell(grid, tracks[k], banks[k], time_ns)
            starts[bucket_of(tracks[k].cell, mask)] += 1
    for bucket in range(mask + 1):
        starts[bucket + 1] += starts[bucket]
    for back in range(rows):  # each bucket is filled from its end, so its start is left over
        track = tracks[rows - 1 - back]
        if track.status == FREE:
            continue
        bucket = bucket_of(track.cell, mask)
        starts[bucket] -= 1
        item = grid.items[starts[bucket]]
        item.cell = track.cell
        item.row = rows - 1 - back
        item.radius_m = track.radius_m
        for a in range(3):
            item.flat_m[a] = track.flat_m[a]
    grid.mask[0] = mask
    grid.mask[1] = 0


@part
def build_grid(desk: Desk) -> None:
    """Sort all tracks into buckets for the GRID_NS after the clock."""
    _sort_tracks(desk.grid, desk.tracks, desk.banks, desk.head[HIGH], desk.head[CLOCK])
    desk.head[GRID_BUILT] = 1


@part
def enter_grid(grid: Grid, tracks: Rows, bank: Bank, k: int, time_ns: int) -> None:
    """Let track k, which has begun since the grid was built at time_ns, be found from now on."""
    track = tracks[k]
    _enter_cell(grid, track, bank, time_ns)
    bucket = bucket_of(track.cell, grid.mask[0])
    track.next = grid.newcomers[bucket]
    grid.newcomers[bucket] = k
    grid.mask[1] += 1


@part
def _spread(c: F64, a: int, b: int, dt_s: float) -> float:
    """Element (a, b) of a track's position covariance, dt_s later, without process noise."""
    return float(c[a, b] + dt_s * (c[a, b + 3] + c[b, a + 3]) + dt_s * dt_s * c[a + 3, b + 3])


@part
def _spread_at(state: F64, covariance: F64, dt_s: float, plot: Plot) -> None:
    """Fill plot.spread_m2 with a position covariance dt_s later, noise of a manoeuvre included."""
    up = up_vector(state)
    q = noise_density(state) * abs(dt_s * dt_s * dt_s) / 3.0
    for a in range(3):
        for b in range(a + 1):
            share = (VERTICAL_HIGH - 1.0) * up[a] * up[b] + (1.0 if a == b else 0.0)
            value = _spread(covariance, a, b, dt_s) + q * share
            plot.spread_m2[a, b] = value
            plot.spread_m2[b, a] = value


@part
def _covariance_along(plot: Plot, row: int, other: int) -> float:
    """Element of the innovations' covariance without the plot's own variance."""
    total = 0.0
    for a in range(3):
        across = 0.0
        for b in range(3):
            across += plot.spread_m2[a, b] * plot.axes[other, b]
        total += plot.axes[row, a] * across
    return total


@part
def _distance_of(state: F64, covariance: F64, dt_s: float, plot: Plot, site: Site) -> tuple[float, float]:
    """(squared statistical distance, log of the innovation's determinant) of a plot and a state, dt_s later.

    Bar-Shalom et al. (2001), equation 5.4.1-7, by Cholesky. The log is 0 outside ADDRESS_GATE.
    """
    aim(state, covariance, dt_s, plot, site)
    _spread_at(state, covariance, dt_s, plot)
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
        if square > ADDRESS_GATE:
            return square, 0.0
    return square, 2.0 * math.log(volume)


@part
def distance_2(track: Track, bank: Bank, plot: Plot, site: Site) -> tuple[float, float]:
    """(squared statistical distance, log of the innovation's determinant) of a plot and a track.

    From the combined state; where the plot lies outside that gate, from the manoeuvring model alone: what has
    begun to turn is first seen by that one.
    """
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    square, log = _distance_of(track.state, track.covariance, dt_s, plot, site)
    if square > GATE:
        square, log = _distance_of(bank.state[CV_HIGH], bank.covariance[CV_HIGH], dt_s, plot, site)
    return square, log


@part
def odds_gained(site: Site, plot: Plot, square: float, log: float) -> float:
    """Log odds that a track gains by a plot at that distance: detection against a plot of nothing known.

    Blackman, Popoli, Design and Analysis of Modern Tracking Systems (1999), 6.2: log(P_D N / density).
    """
    return math.log(site.detection) - 0.5 * (square + log + plot.measured * LOG_TWO_PI) - plot.surprise


@part
def _offer(plot: Plot, k: int, square: float, gained: float, counts: I64) -> None:
    """Keep track k among the best candidates of the plot."""
    at = plot.candidates
    if at < TRACK_CANDIDATES_MAX:
        plot.candidates = at + 1
    else:
        counts[COUNT_CANDIDATES_CUT] += 1
        at = 0
        for j in range(1, TRACK_CANDIDATES_MAX):
            if plot.gain_log[j] < plot.gain_log[at]:
                at = j
        if gained <= plot.gain_log[at]:
            return
    plot.track[at] = k
    plot.square[at] = square
    plot.gain_log[at] = gained


@part
def _meets(flat_m: F64, radius_m: float, other_m: F64, reach_m: float) -> bool:
    """Whether two circles meet."""
    limit_m = radius_m + reach_m
    x, y, z = flat_m[0] - other_m[0], flat_m[1] - other_m[1], flat_m[2] - other_m[2]
    return bool(x * x + y * y + z * z <= limit_m * limit_m)


@part
def find_near(grid: Grid, tracks: Rows, flat_m: F64, reach_m: float) -> int:
    """How many tracks' gates meet a circle on the sphere; their rows in grid.near, at most PAIR_LOOKS_MAX."""
    near, items, starts, mask = grid.near, grid.items, grid.starts, grid.mask[0]
    x, y = on_plane(grid, flat_m)
    found = 0
    for level in range(len(CELL_M)):
        if grid.levels[level] == 0:
            continue
        size_m = CELL_M[level]
        across_m = min(reach_m, CELL_M[2]) + size_m
        low_x, high_x = math.floor((x - across_m) / size_m), math.floor((x + across_m) / size_m)
        low_y, high_y = math.floor((y - across_m) / size_m), math.floor((y + across_m) / size_m)
        for cx in range(low_x, high_x + 1):
            for cy in range(low_y, high_y + 1):
                key = cell_key(level, cx, cy)
                bucket = bucket_of(key, mask)
                for at in range(starts[bucket], starts[bucket + 1]):
                    item = items[at]
                    if item.cell == key and _meets(item.flat_m, item.radius_m, flat_m, reach_m):
                        if found == PAIR_LOOKS_MAX:
                            return found
                        near[found] = item.row
                        found += 1
                k = grid.newcomers[bucket]
                while k >= 0:
                    track = tracks[k]
                    if track.cell == key and _meets(track.flat_m, track.radius_m, flat_m, reach_m):
                        if found == PAIR_LOOKS_MAX:
                            return found
                        near[found] = k
                        found += 1
                    k = track.next
    return found


@part
def _may_claim(track: Track, looked_ns: int, plot: Plot, site: Site) -> bool:
    """Whether the first plot of an address may take over a track: one without address.

    Not one to which the same sensor has given a plot without address in the same look: those are two.
    """
    return bool(track.icao24 < 0 and plot.time_ns - looked_ns >= site.period_ns // 2)


@part
def _weigh(track: Track, bank: Bank, k: int, site: Site, plot: Plot, counts: I64) -> None:
    """Offer track k to the plot if it lies in its gate."""
    square, log = distance_2(track, bank, plot, site)
    if square > (CLAIM_GATE if plot.icao24 >= 0 else GATE):
        return
    gained = odds_gained(site, plot, square, log)
    if plot.mode_a >= 0 and track.mode_a >= 0 and plot.mode_a != track.mode_a:
        gained -= MODE_A_MISMATCH
    if plot.icao24 < 0 and track.icao24 >= 0:
        gained += math.log((site.untold + UNTOLD_PRIOR) / (site.told + site.untold + 1.0))
    _offer(plot, k, square, gained, counts)


@part
def find_candidates(desk: Desk, plot: Plot) -> None:
    """Fill the plot's candidates: tracks that this scan has not updated yet and in whose gate it lies."""
    tracks, grid, site, counts = desk.tracks, desk.grid, desk.sites[plot.sensor], desk.counts
    looked_ns, stamp = desk.looked_ns, desk.head[STAMP]
    plot.candidates = 0
    found = find_near(grid, tracks, plot.flat_m, plot.reach_m)
    if found == PAIR_LOOKS_MAX:
        counts[COUNT_CANDIDATES_CUT] += 1
    for at in range(found):
        k = grid.near[at]
        track = tracks[k]
        if track.taken == stamp or track.status == FREE:
            continue
        if plot.icao24 < 0 or _may_claim(track, looked_ns[k, plot.sensor], plot, site):
            _weigh(track, desk.banks[k], k, site, plot, counts)
