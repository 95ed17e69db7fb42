"""One estimate from the rows of one object, in which no observation counts twice.

Rows carry a sigma per component and no cross-covariance. What two rows can have in common is bounded by their
via sets, and for any weights w >= 0 that sum to 1 the fused variance is at most sum(w_i w_j c_ij), where c_ij
bounds the covariance of rows i and j (it grows with every c_ij because no weight is negative). Bar-Shalom,
Campo, IEEE T-AES 22 (1986) 803, for two rows of known covariance; Hanebeck, Briechle, Horn, MFI 2001, for
bounded ones. With c_ij = s_i s_j this is covariance intersection of isotropic estimates (Julier, Uhlmann,
ACC 1997), and a little tighter: (w_1 s_1 + w_2 s_2)^2 is at most what that gives for the same weights.

The fused position is a weighted mean of offsets from its best row on the tangent plane there, so its error is
that of a plane over the few hundred metres between them.
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import part
from foedus.track.convert import COARSE_SIGMA_M
from foedus.track.fuse_rows import (
    ACCELERATION_NOISE,
    CLIMB_SIGMA_M_S,
    SPEED_UNKNOWN_M_S,
    FuseDesk,
    Row,
    offset_m,
    position_drift,
    position_variance,
)

APART_CORRELATION: Final = 0.3
"""Rows with nothing in common but the aircraft: its manoeuvres are in the errors of both. Two steady
constant-velocity filters have 0.01 to 0.25 in position (docs/decisions/0009-via-sets.md). In velocity they
have 0.55 to 0.93: there two rows are hardly better than one, and the best one stands."""
OVERLAP_CORRELATION: Final = 0.5
"""What the weights of rows with overlapping via sets assume; their sigma allows for 1. So a row that is twice
as uncertain as the best one counts for nothing."""
GRID_SIGMA_M: Final = COARSE_SIGMA_M
"""Rows of at least this sigma may be middles of cells: two of them err alike, whoever made them."""
GAIN_MIN: Final = 1e-9
"""Share of the variance that a row must promise to take away; less is rounding."""


@part
def _depends(row: Row, other: Row) -> bool:
    """Whether something may be inside both rows."""
    grid = row.sigma[0] >= GRID_SIGMA_M and other.sigma[0] >= GRID_SIGMA_M
    return bool(grid or row.via & other.via != 0)


@part
def _sort(desk: FuseDesk, count: int, i: int) -> None:
    """Put row i among the first `count` of desk.order, by variance and then by party."""
    rows, order = desk.rows, desk.order
    at = count
    while at > 0:
        before = rows[order[at - 1]]
        if before.variance < rows[i].variance:
            break
        if before.variance == rows[i].variance and before.bit < rows[i].bit:
            break
        order[at] = order[at - 1]
        at -= 1
    order[at] = i


@part
def _is_contained(desk: FuseDesk, k: int) -> bool:
    """Whether all that the row at place k can rest on is inside a row that is no worse."""
    rows, order = desk.rows, desk.order
    within = False
    for i in range(k):
        within = within or rows[order[k]].via & ~rows[order[i]].via == 0
    return within


@part
def _weigh(desk: FuseDesk, count: int) -> float:
    """The fused variance; desk.weight are the weights of the rows in desk.order, 0 for those without use."""
    rows, order, weight = desk.rows, desk.order, desk.weight
    variance = rows[order[0]].variance
    weight[0] = 1.0
    for k in range(1, count):
        weight[k] = 0.0
        if _is_contained(desk, k):
            continue
        row = rows[order[k]]
        likely, most = 0.0, 0.0  # covariance of this row with the estimate so far
        for i in range(k):
            if weight[i] > 0.0:
                other = rows[order[i]]
                product = row.spread * other.spread
                if _depends(row, other):
                    likely += weight[i] * OVERLAP_CORRELATION * product
                    most += weight[i] * product
                else:
                    shared = APART_CORRELATION * product + min(row.drift, other.drift)
                    likely += weight[i] * min(product, shared)
                    most += weight[i] * min(product, shared)
        gain = variance - likely
        if gain <= GAIN_MIN * variance:
            continue
        take = gain / (gain + row.variance - likely)
        for i in range(k):
            weight[i] *= 1.0 - take
        weight[k] = take
        variance = (
            (1.0 - take) ** 2 * variance + 2.0 * take * (1.0 - take) * most + take * take * row.variance
        )
    return float(variance)


@part
def _age_s(thing: Row, row: Row) -> float:
    return (thing.time_ns - row.time_ns) * 1e-9


@part
def fuse_position(desk: FuseDesk, thing: Row) -> None:
    """Latitude, longitude and their sigma at the object's time."""
    rows, order = desk.rows, desk.order
    count, i = 0, thing.first
    while i >= 0:
        dt = _age_s(thing, rows[i])
        rows[i].variance = position_variance(rows[i], dt)
        rows[i].spread = math.sqrt(rows[i].variance)
        rows[i].drift = position_drift(dt)
        _sort(desk, count, i)
        count += 1
        i = rows[i].next
    thing.sigma[0] = math.sqrt(_weigh(desk, count))
    best = rows[order[0]]
    east, north = 0.0, 0.0
    for k in range(count):
        if desk.weight[k] > 0.0:
            row = rows[order[k]]
            dt = _age_s(thing, row)
            off_east, off_north = offset_m(row.lat_rad, row.lon_rad, best.lat_rad, best.lon_rad)
            east += desk.weight[k] * (off_east + row.value[1] * dt)
            north += desk.weight[k] * (off_north + row.value[2] * dt)
    thing.lat_rad = min(0.5 * math.pi, max(-0.5 * math.pi, best.lat_rad + north / MEAN_RADIUS_M))
    thing.lon_rad = best.lon_rad + east / (MEAN_RADIUS_M * max(1e-6, math.cos(thing.lat_rad)))
    if thing.lon_rad > math.pi:
        thing.lon_rad -= 2.0 * math.pi
    elif thing.lon_rad < -math.pi:
        thing.lon_rad += 2.0 * math.pi


@part
def fuse_height(desk: FuseDesk, thing: Row) -> None:
    """Height and its sigma; unknown where no row knows it."""
    rows, order = desk.rows, desk.order
    count, i = 0, thing.first
    while i >= 0:
        if rows[i].height_known == 1:
            drift = CLIMB_SIGMA_M_S * _age_s(thing, rows[i])
            rows[i].drift = drift * drift
            rows[i].variance = rows[i].sigma[1] ** 2 + drift * drift
            rows[i].spread = math.sqrt(rows[i].variance)
            _sort(desk, count, i)
            count += 1
        i = rows[i].next
    thing.height_known = 1 if count > 0 else 0
    thing.value[0] = 0.0
    if count == 0:
        return
    thing.sigma[1] = math.sqrt(_weigh(desk, count))
    for k in range(count):
        row = rows[order[k]]
        if desk.weight[k] > 0.0:
            thing.value[0] += desk.weight[k] * (row.value[0] + row.value[3] * _age_s(thing, row))


@part
def fuse_velocity(desk: FuseDesk, thing: Row) -> None:
    """The velocity of the row that knows it best; of equals, that of the first party."""
    rows = desk.rows
    best, least, i = -1, math.inf, thing.first
    while i >= 0:
        if rows[i].velocity_known == 1:
            variance = rows[i].sigma[2] ** 2 + ACCELERATION_NOISE * _age_s(thing, rows[i])
            if variance < least or (variance == least and rows[i].bit < rows[best].bit):
                best, least = i, variance
        i = rows[i].next
    thing.velocity_known = 1 if best >= 0 else 0
    thing.sigma[2] = math.sqrt(least) if best >= 0 else SPEED_UNKNOWN_M_S
    for a in range(1, 4):
        thing.value[a] = rows[best].value[a] if best >= 0 else 0.0
