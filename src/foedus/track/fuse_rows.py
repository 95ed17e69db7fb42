"""The rows of all parties and the objects they are paired to; how rows get in, how far apart two are.

Distances are on a tangent plane of the mean sphere: gates are at most GATE_M_MAX wide, where it errs by
less than 1 %.
"""

import math
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import kernel, part
from foedus.limits import MEMBERS_MAX, TRACKS_MAX
from foedus.model import F64, I64, SECOND_NS, TrackClass, Tracks

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
ROW = np.dtype(
    [
        *ESTIMATE,
        ("bit", "i8"),
        ("parties", "i8"),  # the bit as a set
        ("number", "i8"),
        ("via", "i8"),  # whose observations may be inside it: bits of parties, and AIRCRAFT
        ("object", "i8"),  # -1: none yet; -2 - object: it had this one before
        ("next", "i8"),  # the next row of its object, -1 none
        ("variance", "f8"),  # at the time of the fused estimate, of the component in hand
        ("spread", "f8"),  # its root
        ("drift", "f8"),  # the part of it that other rows of that age share: what the aircraft may have done
    ]
)
OBJECT = np.dtype(
    [
        *ESTIMATE,
        ("number", "i8"),
        ("parties", "i8"),  # whose rows belong to it in this update
        ("rows", "i8"),  # how many
        ("alone", "i8"),  # 1: it had one row in the update before
        ("cell", "i8"),  # key of its cell in the grid
        ("place", "i8"),  # where it moves when others are taken out
        ("suitor", "i8"),  # row of the party in hand that lies nearest, -1 none
        ("suit", "f8"),  # its distance
        ("first", "i8"),  # the first of its rows, -1 none
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
HEAD_GRID: Final = 8
HEAD_CUT: Final = 9
"""Indices in FuseDesk.head: rows of this update; live objects; next number; slots less one; pairs of the
update before; rows refused as impossible; as older than AGE_NS_MAX; because there was no room;
buckets of the grid less one; searches that ended at PAIR_LOOKS_MAX."""

ROWS_MAX: Final = 2 * TRACKS_MAX
SLOTS_MAX: Final = 4 * TRACKS_MAX
BUCKETS_MAX: Final = 2 * TRACKS_MAX
AGE_NS_MAX: Final = 60 * SECOND_NS
"""A report older than this is no picture any more; the longest coasting of a tracker, too."""
AHEAD_NS_MAX: Final = 10 * SECOND_NS
"""How far a partner's clock may run ahead."""
ACCELERATION_NOISE: Final = 600.0
"""m^2/s^3, as in motion.py for airliners."""
SPEED_UNKNOWN_M_S: Final = 250.0
"""Sigma of a velocity that a report does not carry."""
CLIMB_SIGMA_M_S: Final = 15.0
LEAD_CORRELATION: Final = 0.7
"""Bound on the correlation of a row's position and velocity errors, which rows do not carry. A steady
constant-velocity filter has 0.17 to 0.69 (docs/decisions/0009-via-sets.md)."""
AIRCRAFT: Final = 1 << MEMBERS_MAX
"""In a via set: what the aircraft says of itself. Every party that hears it has the same words."""
COOPERATIVE: Final = int(TrackClass.COOPERATIVE)
GATE_M_MAX: Final = 100_000.0

assert SLOTS_MAX & (SLOTS_MAX - 1) == 0
assert MEMBERS_MAX < 63


class FuseDesk(NamedTuple):
    """Everything that one fuser works on."""

    head: I64
    rows: Rows  # ROW
    objects: Rows  # OBJECT
    paired: I64  # (ROWS_MAX, 2) of the update before: key of (party, number), object
    slots: I64  # hash table over keys of pairs, then over addresses
    starts: I64  # first place of each bucket in items
    items: I64  # objects, bucket by bucket
    found: F64  # (3,) object, its distance, looks left of the search in hand
    order: I64  # (MEMBERS_MAX,) rows of the object in hand, the most certain first
    weight: F64  # (MEMBERS_MAX,) theirs, in that order


def make_fuse_desk() -> FuseDesk:
    """An empty desk; the system hands out memory only as rows are used."""
    head = np.zeros(10, np.int64)
    head[HEAD_NUMBER] = 1
    return FuseDesk(
        head=head,
        rows=np.zeros(ROWS_MAX, ROW).view(np.recarray),
        objects=np.zeros(TRACKS_MAX, OBJECT).view(np.recarray),
        paired=np.zeros((ROWS_MAX, 2), np.int64),
        slots=np.zeros(SLOTS_MAX, np.int64),
        starts=np.zeros(BUCKETS_MAX + 1, np.int64),
        items=np.zeros(TRACKS_MAX, np.int64),
        found=np.zeros(3),
        order=np.zeros(MEMBERS_MAX, np.int64),
        weight=np.zeros(MEMBERS_MAX),
    )


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


@kernel
def load_rows(desk: FuseDesk, tracks: Tracks, bit: int, via: int, now_ns: int) -> None:
    """Append one party's rows; stale and impossible ones are counted and left out.

    via: bits of the parties whose observations may be inside them.
    """
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
            row.parties = 1 << bit
            answers = row.track_class == COOPERATIVE or row.icao24 >= 0 or row.mode_a >= 0
            row.via = via | AIRCRAFT if answers else via
            head[HEAD_ROWS] += 1
        else:
            head[HEAD_REFUSED] += 1


@part
def offset_m(lat: float, lon: float, from_lat: float, from_lon: float) -> tuple[float, float]:
    """(east, north) of a point from another, metres on the tangent plane; across the date line, too."""
    turn = lon - from_lon
    if turn > math.pi:
        turn -= 2.0 * math.pi
    elif turn < -math.pi:
        turn += 2.0 * math.pi
    return turn * math.cos(0.5 * (lat + from_lat)) * MEAN_RADIUS_M, (lat - from_lat) * MEAN_RADIUS_M


@part
def position_drift(dt_s: float) -> float:
    """Variance per axis of what an aircraft's manoeuvres add to a position in dt_s."""
    return ACCELERATION_NOISE * dt_s * dt_s * dt_s / 3.0


@part
def position_variance(row: Row, dt_s: float) -> float:
    """Variance of a row's position per axis, dt_s after its time."""
    moved_m = row.sigma[2] * dt_s
    lead = 2.0 * LEAD_CORRELATION * row.sigma[0] * moved_m
    return float(row.sigma[0] ** 2 + lead + moved_m * moved_m + position_drift(dt_s))


@part
def distance_2(row: Row, other: Row) -> float:
    """Squared statistical distance of two estimates at the newer one's time: position, height, velocity."""
    newest_ns = max(row.time_ns, other.time_ns)
    dt = (newest_ns - row.time_ns) * 1e-9
    other_dt = (newest_ns - other.time_ns) * 1e-9
    east, north = offset_m(row.lat_rad, row.lon_rad, other.lat_rad, other.lon_rad)
    east += row.value[1] * dt - other.value[1] * other_dt
    north += row.value[2] * dt - other.value[2] * other_dt
    gap_2 = east * east + north * north
    square = gap_2 / (position_variance(row, dt) + position_variance(other, other_dt))
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
    return float(square)


@part
def addresses_agree(row: Row, other: Row) -> bool:
    """Whether both may be one aircraft as far as their addresses tell."""
    return bool(row.icao24 < 0 or other.icao24 < 0 or row.icao24 == other.icao24)
