"""Fusing rows of several parties: pairing by address, by history, by kinematics; then covariance intersection.

Distances are on a tangent plane of the mean sphere: gates are at most GATE_M_MAX wide, where it errs by
less than 1 %; the fused position is a weighted mean of offsets from one of its rows, so its error is that of
a plane over the few hundred metres between them.
"""

import math
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import kernel, part
from foedus.limits import MEMBERS_MAX, TRACKS_MAX
from foedus.model import I64, SECOND_NS, TrackClass, Tracks, TrackStatus

Rows: TypeAlias = Any
Row: TypeAlias = Any
"""One row of ROW or OBJECT."""

ESTIMATE = [
    ("time_ns", "i8"),
    ("lat_rad", "f8"),
    ("lon_rad", "f8"),
    ("value", "f8", (4,)),  # height, velocity east, north, up
    ("sigma", "f8", (3,)),  # position, height, velocity
    ("velocity_known", "i8"),
    ("height_known", "i8"),
    ("icao24", "i8"),
    ("mode_a", "i8"),
    ("callsign", "i8"),
    ("track_class", "i8"),
    ("status", "i8"),
]
ROW = np.dtype([*ESTIMATE, ("bit", "i8"), ("number", "i8"), ("object", "i8"), ("band", "i8")])
OBJECT = np.dtype(
    [
        *ESTIMATE,
        ("number", "i8"),
        ("parties", "i8"),  # whose rows belong to it in this update
        ("rows", "i8"),  # how many
        ("alone", "i8"),  # 1: it had one row in the update before
        ("band", "i8"),  # of latitude; after the update the object's new place
        ("suitor", "i8"),  # row of the party in hand that lies nearest, -1 none
        ("suit", "f8"),  # its distance
        ("weight", "f8", (3,)),  # sums of 1 / sigma^2, for position, height, velocity
        ("weight_2", "f8", (3,)),  # sums of 1 / sigma^4
        ("sum", "f8", (6,)),  # of values / sigma^4: east, north, height, velocity
    ]
)

HEAD_ROWS: Final = 0
HEAD_OBJECTS: Final = 1
HEAD_NUMBER: Final = 2
HEAD_MASK: Final = 3
HEAD_PAIRED: Final = 4
HEAD_REFUSED: Final = 5
HEAD_STALE: Final = 6
HEAD_FULL: Final = 7
"""Indices in FuseDesk.head: rows of this update; live objects; next number; slots less one; pairs of the
update before; rows refused as impossible; as older than AGE_NS_MAX; because no object was free."""

ROWS_MAX: Final = 2 * TRACKS_MAX
SLOTS_MAX: Final = 4 * TRACKS_MAX
BANDS: Final = 1_800
BAND_RAD: Final = math.pi / BANDS
AGE_NS_MAX: Final = 60 * SECOND_NS
"""A report older than this is no picture any more; the longest coasting of a tracker, too."""
AHEAD_NS_MAX: Final = 10 * SECOND_NS
"""How far a partner's clock may run ahead."""
ACCELERATION_NOISE: Final = 600.0
"""m^2/s^3, as in motion.py for airliners."""
SPEED_UNKNOWN_M_S: Final = 250.0
"""Sigma of a velocity that a report does not carry."""
CLIMB_SIGMA_M_S: Final = 15.0
GATE: Final = 16.0
HOLD_GATE: Final = 36.0
"""Squared distances: to be paired (4 sigma), and to stay paired (6 sigma), so that pairs do not flicker."""
MERGE_GATE: Final = 9.0
"""Squared distance within which an object with a single row joins another one: tighter than a first pairing,
because it takes a number out of the picture."""
PAIR_SIGMA_M_MAX: Final = 10_000.0
"""Rows less certain than this (form REGION) are paired by address or history only: a degree holds many
aircraft, and pairing the wrong one would hide one that nobody else sees."""
ROUNDS_MAX: Final = 16
"""Rounds of mutual-nearest pairing of one party's rows; two are usual."""
ADDRESS_M_MAX: Final = 30_000.0
"""Rows of one address further apart than this are not one aircraft: someone's address is wrong."""
GATE_M_MAX: Final = 100_000.0

CONFIRMED: Final = int(TrackStatus.CONFIRMED)
COASTING: Final = int(TrackStatus.COASTING)
COOPERATIVE: Final = int(TrackClass.COOPERATIVE)

assert SLOTS_MAX & (SLOTS_MAX - 1) == 0
assert MEMBERS_MAX < 63


class FuseDesk(NamedTuple):
    """Everything that one fuser works on."""

    head: I64
    rows: Rows  # ROW
    objects: Rows  # OBJECT
    paired: I64  # (ROWS_MAX, 2) of the update before: key of (party, number), object
    slots: I64  # hash table over keys of pairs, then over addresses
    starts: I64  # bands of latitude: first place in items
    items: I64  # objects, band by band


def make_fuse_desk() -> FuseDesk:
    """An empty desk; the system hands out memory only as rows are used."""
    head = np.zeros(8, np.int64)
    head[HEAD_NUMBER] = 1
    return FuseDesk(
        head=head,
        rows=np.zeros(ROWS_MAX, ROW).view(np.recarray),
        objects=np.zeros(TRACKS_MAX, OBJECT).view(np.recarray),
        paired=np.zeros((ROWS_MAX, 2), np.int64),
        slots=np.zeros(SLOTS_MAX, np.int64),
        starts=np.zeros(BANDS + 2, np.int64),
        items=np.zeros(TRACKS_MAX, np.int64),
    )


# ---------------------------------------------------------------- rows in


@part
def _band_of(lat_rad: float) -> int:
    return min(BANDS - 1, max(0, int((lat_rad + 0.5 * math.pi) / BAND_RAD)))


@part
def _sigma(value: float, fallback: float) -> float:
    """A usable sigma: at least 1, the fallback where it is unknown or impossible."""
    return max(1.0, value) if 0.0 <= value < 1e7 else fallback


@part
def _copy_row(tracks: Tracks, i: int, row: Row) -> None:
    row.time_ns = tracks.time_ns[i]
    row.lat_rad = tracks.lat_rad[i]
    row.lon_rad = tracks.lon_rad[i]
    row.value[0] = tracks.height_m[i]
    row.value[1] = tracks.velocity_east_m_s[i]
    row.value[2] = tracks.velocity_north_m_s[i]
    row.value[3] = tracks.velocity_up_m_s[i]
    speed = abs(row.value[1]) + abs(row.value[2])
    row.velocity_known = 1 if speed < 1e5 else 0
    row.height_known = 1 if abs(row.value[0]) < 1e7 else 0
    row.sigma[0] = _sigma(tracks.position_sigma_m[i], 1_000.0)
    row.sigma[1] = _sigma(tracks.height_sigma_m[i], 1_000.0)
    row.sigma[2] = _sigma(tracks.velocity_sigma_m_s[i], SPEED_UNKNOWN_M_S)
    if row.velocity_known == 0:
        row.value[1] = 0.0
        row.value[2] = 0.0
        row.sigma[2] = SPEED_UNKNOWN_M_S
    if not abs(row.value[3]) < 1e5:
        row.value[3] = 0.0
    if row.height_known == 0:
        row.value[0] = 0.0
    row.status = tracks.status[i]
    row.track_class = tracks.track_class[i]
    row.icao24 = tracks.icao24[i]
    row.mode_a = tracks.mode_a[i]
    row.callsign = tracks.callsign[i]
    row.number = tracks.number[i]
    row.object = -1
    row.band = _band_of(row.lat_rad)


@kernel
def load_rows(desk: FuseDesk, tracks: Tracks, bit: int, now_ns: int) -> None:
    """Append one party's rows; stale and impossible ones are counted and left out."""
    head = desk.head
    for i in range(tracks.number.shape[0]):
        lat, lon = tracks.lat_rad[i], tracks.lon_rad[i]
        age_ns = now_ns - tracks.time_ns[i]
        if age_ns > AGE_NS_MAX:
            head[HEAD_STALE] += 1
        elif head[HEAD_ROWS] == desk.rows.shape[0]:
            head[HEAD_FULL] += 1
        elif abs(lat) <= 0.5 * math.pi and abs(lon) <= math.pi and age_ns >= -AHEAD_NS_MAX:
            row = desk.rows[head[HEAD_ROWS]]
            _copy_row(tracks, i, row)
            row.bit = bit
            head[HEAD_ROWS] += 1
        else:
            head[HEAD_REFUSED] += 1


# ---------------------------------------------------------------- distances


@part
def _offset_m(lat: float, lon: float, from_lat: float, from_lon: float) -> tuple[float, float]:
    """(east, north) of a point from another, metres on the tangent plane; across the date line, too."""
    turn = lon - from_lon
    if turn > math.pi:
        turn -= 2.0 * math.pi
    elif turn < -math.pi:
        turn += 2.0 * math.pi
    return turn * math.cos(0.5 * (lat + from_lat)) * MEAN_RADIUS_M, (lat - from_lat) * MEAN_RADIUS_M


@part
def _position_variance(row: Row, dt_s: float) -> float:
    """Variance of a row's position per axis, dt_s after its time."""
    moved_m = row.sigma[2] * dt_s
    return row.sigma[0] ** 2 + moved_m * moved_m + ACCELERATION_NOISE * dt_s * dt_s * dt_s / 3.0


@part
def _distance_2(row: Row, other: Row) -> float:
    """Squared statistical distance of two estimates at the newer one's time: position, height, velocity."""
    newest_ns = max(row.time_ns, other.time_ns)
    dt = (newest_ns - row.time_ns) * 1e-9
    other_dt = (newest_ns - other.time_ns) * 1e-9
    east, north = _offset_m(row.lat_rad, row.lon_rad, other.lat_rad, other.lon_rad)
    east += row.value[1] * dt - other.value[1] * other_dt
    north += row.value[2] * dt - other.value[2] * other_dt
    gap_2 = east * east + north * north
    square = gap_2 / (_position_variance(row, dt) + _position_variance(other, other_dt))
    if gap_2 > GATE_M_MAX * GATE_M_MAX:
        return math.inf
    if row.height_known == 1 and other.height_known == 1:
        gap = row.value[0] + row.value[3] * dt - other.value[0] - other.value[3] * other_dt
        drift = CLIMB_SIGMA_M_S * (dt + other_dt)
        square += gap * gap / (row.sigma[1] ** 2 + other.sigma[1] ** 2 + drift * drift)
    if row.velocity_known == 1 and other.velocity_known == 1:
        east, north = row.value[1] - other.value[1], row.value[2] - other.value[2]
        noise = ACCELERATION_NOISE * (dt + other_dt)
        square += (east * east + north * north) / (row.sigma[2] ** 2 + other.sigma[2] ** 2 + noise)
    return square


@part
def _addresses_agree(row: Row, other: Row) -> bool:
    return row.icao24 < 0 or other.icao24 < 0 or row.icao24 == other.icao24


# ---------------------------------------------------------------- pairing


@part
def _slot_of(desk: FuseDesk, key: int) -> int:
    """The slot that holds this key of a pair of the update before, or is free for it."""
    mask = desk.head[HEAD_MASK]
    slot = (key * 2_654_435_761) >> 11 & mask
    while desk.slots[slot] >= 0 and desk.paired[desk.slots[slot], 0] != key:
        slot = (slot + 1) & mask
    return slot


@part
def _address_slot_of(desk: FuseDesk, icao24: int) -> int:
    """The slot that holds the object of this address, or is free for it."""
    mask = desk.head[HEAD_MASK]
    slot = (icao24 * 2_654_435_761) >> 7 & mask
    while desk.slots[slot] >= 0 and desk.objects[desk.slots[slot]].icao24 != icao24:
        slot = (slot + 1) & mask
    return slot


@part
def _clear_slots(desk: FuseDesk) -> None:
    mask = 15
    while mask + 1 < 2 * max(desk.head[HEAD_PAIRED], desk.head[HEAD_OBJECTS] + desk.head[HEAD_ROWS]):
        mask = 2 * mask + 1
    desk.head[HEAD_MASK] = mask
    for slot in range(mask + 1):
        desk.slots[slot] = -1


@part
def _join(desk: FuseDesk, row: Row, o: int) -> None:
    """Row becomes part of object o, whose estimate follows the best row of this update."""
    thing = desk.objects[o]
    row.object = o
    if thing.rows == 0 or row.sigma[0] < thing.sigma[0]:
        thing.time_ns = row.time_ns
        thing.lat_rad = row.lat_rad
        thing.lon_rad = row.lon_rad
        for a in range(4):
            thing.value[a] = row.value[a]
        for a in range(3):
            thing.sigma[a] = row.sigma[a]
        thing.velocity_known = row.velocity_known
        thing.height_known = row.height_known
    if thing.icao24 < 0:
        thing.icao24 = row.icao24
    thing.parties |= 1 << row.bit
    thing.rows += 1


@part
def _open(desk: FuseDesk, row: Row, o: int) -> bool:
    """Whether object o has no row of this row's party yet and no other address."""
    thing = desk.objects[o]
    return thing.parties >> row.bit & 1 == 0 and _addresses_agree(row, thing)


@part
def _pair_by_address(desk: FuseDesk, row: Row) -> bool:
    if row.icao24 < 0:
        return False
    o = desk.slots[_address_slot_of(desk, row.icao24)]
    if o < 0 or not _open(desk, row, o):
        return False
    thing = desk.objects[o]
    east, north = _offset_m(row.lat_rad, row.lon_rad, thing.lat_rad, thing.lon_rad)
    if east * east + north * north > ADDRESS_M_MAX * ADDRESS_M_MAX:
        return False
    _join(desk, row, o)
    return True


@part
def _find_history(desk: FuseDesk) -> None:
    """Note for every row the object that its (party, number) belonged to before: row.object = -2 - object."""
    _clear_slots(desk)
    for at in range(desk.head[HEAD_PAIRED]):
        desk.slots[_slot_of(desk, desk.paired[at, 0])] = at
    for i in range(desk.head[HEAD_ROWS]):
        row = desk.rows[i]
        at = desk.slots[_slot_of(desk, row.bit << 32 | row.number)]
        row.object = -2 - desk.paired[at, 1] if at >= 0 else -1


@part
def _pair_known(desk: FuseDesk) -> None:
    """Rows whose address has an object, then rows that stay with the object of the update before."""
    _clear_slots(desk)
    for o in range(desk.head[HEAD_OBJECTS]):
        if desk.objects[o].icao24 >= 0:
            desk.slots[_address_slot_of(desk, desk.objects[o].icao24)] = o
    for i in range(desk.head[HEAD_ROWS]):
        row = desk.rows[i]
        before = -2 - row.object
        if _pair_by_address(desk, row) or before < 0:
            continue
        thing = desk.objects[before]
        alone = thing.rows == 0 and thing.alone == 1
        if _open(desk, row, before) and (alone or _distance_2(row, thing) <= HOLD_GATE):
            _join(desk, row, before)
            if row.icao24 >= 0:
                slot = _address_slot_of(desk, row.icao24)
                if desk.slots[slot] < 0:
                    desk.slots[slot] = before


@part
def _sort_bands(desk: FuseDesk) -> None:
    """All objects by band of latitude."""
    starts, objects = desk.starts, desk.objects
    for band in range(BANDS + 1):
        starts[band] = 0
    for o in range(desk.head[HEAD_OBJECTS]):
        objects[o].band = _band_of(objects[o].lat_rad)
        starts[objects[o].band] += 1
    for band in range(BANDS):
        starts[band + 1] += starts[band]
    for back in range(desk.head[HEAD_OBJECTS]):
        o = desk.head[HEAD_OBJECTS] - 1 - back
        starts[objects[o].band] -= 1
        desk.items[starts[objects[o].band]] = o


@part
def _reach_bands(row: Row) -> int:
    """How many bands on either side may hold an object in the gate of a row, of its like or better."""
    reach_m = min(GATE_M_MAX, 6.0 * (row.sigma[0] + PAIR_SIGMA_M_MAX / 4.0) + 5_000.0)
    return int(reach_m / (BAND_RAD * MEAN_RADIUS_M)) + 1


@part
def _court(desk: FuseDesk, i: int) -> None:
    """Row i looks for the nearest open object and becomes its suitor if no other row lies nearer."""
    row = desk.rows[i]
    if row.sigma[0] > PAIR_SIGMA_M_MAX:
        return
    reach = _reach_bands(row)
    best = -1
    least = GATE
    for band in range(max(0, row.band - reach), min(BANDS - 1, row.band + reach) + 1):
        for at in range(desk.starts[band], desk.starts[band + 1]):
            thing = desk.objects[desk.items[at]]
            if thing.sigma[0] > PAIR_SIGMA_M_MAX or not _open(desk, row, desk.items[at]):
                continue
            square = _distance_2(row, thing)
            if square < least:
                least = square
                best = desk.items[at]
    if best >= 0 and (desk.objects[best].suitor < 0 or least < desk.objects[best].suit):
        desk.objects[best].suitor = i
        desk.objects[best].suit = least


@part
def _pair_nearest(desk: FuseDesk, first: int, last: int) -> bool:
    """One round: every object takes its nearest suitor among the open rows; whether any did."""
    for o in range(desk.head[HEAD_OBJECTS]):
        desk.objects[o].suitor = -1
    for i in range(first, last):
        if desk.rows[i].object < 0:
            _court(desk, i)
    joined = False
    for o in range(desk.head[HEAD_OBJECTS]):
        if desk.objects[o].suitor >= 0:
            _join(desk, desk.rows[desk.objects[o].suitor], o)
            joined = True
    return joined


@part
def _start_object(desk: FuseDesk, row: Row) -> None:
    """A new object for a row that belongs nowhere."""
    o = desk.head[HEAD_OBJECTS]
    if o == desk.objects.shape[0]:
        desk.head[HEAD_FULL] += 1
        row.object = -1
        return
    desk.head[HEAD_OBJECTS] = o + 1
    thing = desk.objects[o]
    thing.number = desk.head[HEAD_NUMBER]
    desk.head[HEAD_NUMBER] += 1
    thing.rows = 0
    thing.parties = 0
    thing.alone = 0
    thing.icao24 = -1
    _join(desk, row, o)
    if row.icao24 >= 0:
        slot = _address_slot_of(desk, row.icao24)
        if desk.slots[slot] < 0:
            desk.slots[slot] = o


@part
def _pair_party(desk: FuseDesk, first: int, last: int) -> None:
    """Pair the open rows of one party: new addresses, then kinematics, then objects of their own."""
    still_open = False
    for i in range(first, last):
        if desk.rows[i].object < 0 and not _pair_by_address(desk, desk.rows[i]):
            still_open = True
    if not still_open:
        return
    _sort_bands(desk)
    for _ in range(ROUNDS_MAX):
        if not _pair_nearest(desk, first, last):
            break
    for i in range(first, last):
        if desk.rows[i].object < 0:
            _start_object(desk, desk.rows[i])


@part
def _nearest_other(desk: FuseDesk, o: int) -> int:
    """The object of other parties that lies nearest to object o within MERGE_GATE, or -1."""
    thing = desk.objects[o]
    reach = _reach_bands(thing)
    best = -1
    least = MERGE_GATE
    for band in range(max(0, thing.band - reach), min(BANDS - 1, thing.band + reach) + 1):
        for at in range(desk.starts[band], desk.starts[band + 1]):
            other = desk.objects[desk.items[at]]
            if other.rows == 0 or other.parties & thing.parties != 0 or other.sigma[0] > PAIR_SIGMA_M_MAX:
                continue
            if _addresses_agree(thing, other):
                square = _distance_2(thing, other)
                if square < least:
                    least = square
                    best = desk.items[at]
    return best


@part
def _merge_singles(desk: FuseDesk) -> None:
    """Objects that a single party sees join what other parties see in the same place; the elder number stays."""
    _sort_bands(desk)
    for o in range(desk.head[HEAD_OBJECTS]):
        thing = desk.objects[o]
        if thing.rows != 1 or thing.sigma[0] > PAIR_SIGMA_M_MAX:
            continue
        other = _nearest_other(desk, o)
        if other < 0:
            continue
        elder, younger = min(o, other), max(o, other)
        for i in range(desk.head[HEAD_ROWS]):
            if desk.rows[i].object == younger:
                _join(desk, desk.rows[i], elder)
        desk.objects[younger].rows = 0
        desk.objects[younger].parties = 0


# ---------------------------------------------------------------- fusing


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
        thing.sum[a] = 0.0


@part
def _add_row(row: Row, thing: Row, newest_ns: int) -> None:
    """Add a row, moved to newest_ns, to the sums of its object, and to its identity what is still unknown."""
    dt = (newest_ns - row.time_ns) * 1e-9
    east, north = _offset_m(row.lat_rad, row.lon_rad, thing.lat_rad, thing.lon_rad)
    information = 1.0 / _position_variance(row, dt)
    square = information * information
    thing.weight[0] += information
    thing.weight_2[0] += square
    thing.sum[0] += (east + row.value[1] * dt) * square
    thing.sum[1] += (north + row.value[2] * dt) * square
    if row.height_known == 1:
        drift = CLIMB_SIGMA_M_S * dt
        information = 1.0 / (row.sigma[1] ** 2 + drift * drift)
        thing.height_known = 1
        thing.weight[1] += information
        thing.weight_2[1] += information * information
        thing.sum[2] += (row.value[0] + row.value[3] * dt) * information * information
    if row.velocity_known == 1:
        information = 1.0 / (row.sigma[2] ** 2 + ACCELERATION_NOISE * dt)
        thing.velocity_known = 1
        thing.weight[2] += information
        thing.weight_2[2] += information * information
        for a in range(3):
            thing.sum[3 + a] += row.value[1 + a] * information * information
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
    east, north = thing.sum[0] / thing.weight_2[0], thing.sum[1] / thing.weight_2[0]
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
        thing.value[0] = thing.sum[2] / thing.weight_2[1]
        thing.sigma[1] = math.sqrt(thing.weight[1] / thing.weight_2[1])
    if thing.velocity_known == 1:
        for a in range(3):
            thing.value[1 + a] = thing.sum[3 + a] / thing.weight_2[2]
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
        objects[o].band = kept
        kept += 1 if objects[o].rows > 0 else 0
    pairs = 0
    for i in range(head[HEAD_ROWS]):
        if rows[i].object >= 0:
            rows[i].object = objects[rows[i].object].band
            desk.paired[pairs, 0] = rows[i].bit << 32 | rows[i].number
            desk.paired[pairs, 1] = rows[i].object
            pairs += 1
    for o in range(head[HEAD_OBJECTS]):
        if objects[o].rows > 0 and objects[o].band < o:
            objects[objects[o].band] = objects[o]
    head[HEAD_OBJECTS] = kept
    head[HEAD_PAIRED] = pairs


@kernel
def fuse(desk: FuseDesk) -> None:
    """Pair the loaded rows with the objects, then fuse; objects and rows hold the result."""
    rows, head = desk.rows, desk.head
    _find_history(desk)
    for o in range(head[HEAD_OBJECTS]):
        thing = desk.objects[o]
        thing.alone = 1 if thing.rows == 1 else 0
        thing.rows = 0
        thing.parties = 0
    _pair_known(desk)
    taken = 0
    for first in range(head[HEAD_ROWS]):
        if first < taken:
            continue
        last = first
        while last < head[HEAD_ROWS] and rows[last].bit == rows[first].bit:
            last += 1
        _pair_party(desk, first, last)
        taken = last
    _merge_singles(desk)
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
