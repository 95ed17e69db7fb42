"""One picture from paired rows: identity here, the estimate in fuse_estimate.py."""

import math
from typing import Final

from foedus.jit import kernel, part
from foedus.model import Tracks, TrackStatus
from foedus.track.fuse_estimate import fuse_height, fuse_position, fuse_velocity
from foedus.track.fuse_pair import find_history, merge_singles, pair_known, pair_party
from foedus.track.fuse_rows import HEAD_OBJECTS, HEAD_PAIRED, HEAD_ROWS, FuseDesk, Row

COASTING: Final = int(TrackStatus.COASTING)


@part
def _begin(thing: Row) -> None:
    """No rows yet; the identity is told anew by the rows of this update."""
    thing.first = -1
    thing.icao24 = -1
    thing.mode_a = -1
    thing.callsign = 0
    thing.track_class = 0
    thing.status = COASTING


@part
def _name(row: Row, thing: Row) -> None:
    """Add to the identity of an object what is still unknown."""
    thing.time_ns = max(thing.time_ns, row.time_ns)
    if thing.icao24 < 0:
        thing.icao24 = row.icao24
    if thing.mode_a < 0:
        thing.mode_a = row.mode_a
    if thing.callsign == 0:
        thing.callsign = row.callsign
    thing.track_class = max(thing.track_class, row.track_class)
    thing.status = min(thing.status, row.status)


@part
def _estimate(desk: FuseDesk) -> None:
    rows, objects, head = desk.rows, desk.objects, desk.head
    for o in range(head[HEAD_OBJECTS]):
        _begin(objects[o])
    for i in range(head[HEAD_ROWS]):
        if rows[i].object >= 0:
            _name(rows[i], objects[rows[i].object])
    for back in range(head[HEAD_ROWS]):
        i = head[HEAD_ROWS] - 1 - back
        if rows[i].object >= 0:
            rows[i].next = objects[rows[i].object].first
            objects[rows[i].object].first = i
    for o in range(head[HEAD_OBJECTS]):
        if objects[o].rows > 0:
            fuse_position(desk, objects[o])
            fuse_height(desk, objects[o])
            fuse_velocity(desk, objects[o])


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
    _estimate(desk)
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
