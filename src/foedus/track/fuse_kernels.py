"""One picture from paired rows: fast covariance intersection.

The fused position is a weighted mean of offsets from one of its rows on the tangent plane there, so its
error is that of a plane over the few hundred metres between them.
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import kernel, part
from foedus.model import Tracks, TrackStatus
from foedus.track.fuse_pair import find_history, merge_singles, pair_known, pair_party
from foedus.track.fuse_rows import (
    ACCELERATION_NOISE,
    CLIMB_SIGMA_M_S,
    HEAD_OBJECTS,
    HEAD_PAIRED,
    HEAD_ROWS,
    SPEED_UNKNOWN_M_S,
    FuseDesk,
    Row,
    offset_m,
    position_variance,
)

COASTING: Final = int(TrackStatus.COASTING)


@part
def _begin(thing: Row) -> None:
    """Empty sums; the identity is told anew by the rows of this update."""
    thing.icao24 = -1
    thing.mode_a = -1
    thing.callsign = 0
    thing.track_class = 0
    thing.status = COASTING
    thing.height_known = 0
    thing.velocity_known = 0
    for a in range(3):
        thing.weight[a] = 0.0
        thing.weight_2[a] = 0.0
    for a in range(6):
        thing.total[a] = 0.0


@part
def _add_row(row: Row, thing: Row, newest_ns: int) -> None:
    """Add a row, moved to newest_ns, to the sums of its object, and to its identity what is still unknown."""
    dt = (newest_ns - row.time_ns) * 1e-9
    east, north = offset_m(row.lat_rad, row.lon_rad, thing.lat_rad, thing.lon_rad)
    information = 1.0 / position_variance(row, dt)
    square = information * information
    thing.weight[0] += information
    thing.weight_2[0] += square
    thing.total[0] += (east + row.value[1] * dt) * square
    thing.total[1] += (north + row.value[2] * dt) * square
    if row.height_known == 1:
        drift = CLIMB_SIGMA_M_S * dt
        information = 1.0 / (row.sigma[1] ** 2 + drift * drift)
        thing.height_known = 1
        thing.weight[1] += information
        thing.weight_2[1] += information * information
        thing.total[2] += (row.value[0] + row.value[3] * dt) * information * information
    if row.velocity_known == 1:
        information = 1.0 / (row.sigma[2] ** 2 + ACCELERATION_NOISE * dt)
        thing.velocity_known = 1
        thing.weight[2] += information
        thing.weight_2[2] += information * information
        for a in range(3):
            thing.total[3 + a] += row.value[1 + a] * information * information
    if thing.icao24 < 0:
        thing.icao24 = row.icao24
    if thing.mode_a < 0:
        thing.mode_a = row.mode_a
    if thing.callsign == 0:
        thing.callsign = row.callsign
    thing.track_class = max(thing.track_class, row.track_class)
    thing.status = min(thing.status, row.status)


@part
def _finish(thing: Row) -> None:
    """Fast covariance intersection of isotropic estimates: Niehsen, Fusion 2002, weights 1 / trace.

    With w_i = (1 / s_i^2) / sum(1 / s_j^2): 1 / s^2 = sum(w_i / s_i^2) = sum(1 / s_i^4) / sum(1 / s_i^2).
    """
    east, north = thing.total[0] / thing.weight_2[0], thing.total[1] / thing.weight_2[0]
    thing.sigma[0] = math.sqrt(thing.weight[0] / thing.weight_2[0])
    thing.lat_rad = min(0.5 * math.pi, max(-0.5 * math.pi, thing.lat_rad + north / MEAN_RADIUS_M))
    thing.lon_rad += east / (MEAN_RADIUS_M * max(1e-6, math.cos(thing.lat_rad)))
    if thing.lon_rad > math.pi:
        thing.lon_rad -= 2.0 * math.pi
    elif thing.lon_rad < -math.pi:
        thing.lon_rad += 2.0 * math.pi
    for a in range(4):
        thing.value[a] = 0.0
    if thing.height_known == 1:
        thing.value[0] = thing.total[2] / thing.weight_2[1]
        thing.sigma[1] = math.sqrt(thing.weight[1] / thing.weight_2[1])
    if thing.velocity_known == 1:
        for a in range(3):
            thing.value[1 + a] = thing.total[3 + a] / thing.weight_2[2]
        thing.sigma[2] = math.sqrt(thing.weight[2] / thing.weight_2[2])
    else:
        thing.sigma[2] = SPEED_UNKNOWN_M_S


@part
def _intersect(desk: FuseDesk) -> None:
    rows, objects, head = desk.rows, desk.objects, desk.head
    for o in range(head[HEAD_OBJECTS]):
        _begin(objects[o])
    for i in range(head[HEAD_ROWS]):
        if rows[i].object >= 0:
            thing = objects[rows[i].object]
            thing.time_ns = max(thing.time_ns, rows[i].time_ns)
    for i in range(head[HEAD_ROWS]):
        if rows[i].object >= 0:
            thing = objects[rows[i].object]
            _add_row(rows[i], thing, thing.time_ns)
    for o in range(head[HEAD_OBJECTS]):
        if objects[o].rows > 0:
            _finish(objects[o])


@part
def _close(desk: FuseDesk) -> None:
    """Take out the objects that no party reports any more, and remember the pairs."""
    rows, objects, head = desk.rows, desk.objects, desk.head
    kept = 0
    for o in range(head[HEAD_OBJECTS]):
        objects[o].place = kept
        kept += 1 if objects[o].rows > 0 else 0
    pairs = 0
    for i in range(head[HEAD_ROWS]):
        if rows[i].object >= 0:
            rows[i].object = objects[rows[i].object].place
            desk.paired[pairs, 0] = rows[i].bit << 32 | rows[i].number
            desk.paired[pairs, 1] = rows[i].object
            pairs += 1
    for o in range(head[HEAD_OBJECTS]):
        if objects[o].rows > 0 and objects[o].place < o:
            objects[objects[o].place] = objects[o]
    head[HEAD_OBJECTS] = kept
    head[HEAD_PAIRED] = pairs


@kernel
def fuse(desk: FuseDesk) -> None:
    """Pair the loaded rows with the objects, then fuse; objects and rows hold the result."""
    rows, head = desk.rows, desk.head
    find_history(desk)
    for o in range(head[HEAD_OBJECTS]):
        thing = desk.objects[o]
        thing.alone = 1 if thing.rows == 1 else 0
        thing.rows = 0
        thing.parties = 0
    pair_known(desk)
    taken = 0
    for first in range(head[HEAD_ROWS]):
        if first < taken:
            continue
        last = first
        while last < head[HEAD_ROWS] and rows[last].bit == rows[first].bit:
            last += 1
        pair_party(desk, first, last)
        taken = last
    merge_singles(desk)
    _intersect(desk)
    _close(desk)


@kernel
def fill_picture(desk: FuseDesk, out: Tracks) -> None:
    """The objects as rows of a picture, by number."""
    for i in range(out.number.shape[0]):
        thing = desk.objects[i]
        out.number[i] = thing.number
        out.time_ns[i] = thing.time_ns
        out.status[i] = thing.status
        out.lat_rad[i] = thing.lat_rad
        out.lon_rad[i] = thing.lon_rad
        known = thing.velocity_known == 1
        out.height_m[i] = thing.value[0] if thing.height_known == 1 else math.nan
        out.velocity_east_m_s[i] = thing.value[1] if known else math.nan
        out.velocity_north_m_s[i] = thing.value[2] if known else math.nan
        out.velocity_up_m_s[i] = thing.value[3] if known else math.nan
        out.position_sigma_m[i] = thing.sigma[0]
        out.height_sigma_m[i] = thing.sigma[1]
        out.velocity_sigma_m_s[i] = thing.sigma[2] if known else math.nan
        out.track_class[i] = thing.track_class
        out.icao24[i] = thing.icao24
        out.mode_a[i] = thing.mode_a
        out.callsign[i] = thing.callsign
        out.sources[i] = thing.parties
