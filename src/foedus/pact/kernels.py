"""Compiled walks over the tables of a pact: which zones hold a point, and who gets what of a row.

Same reading as rules.py, in integers. Every kernel fills arrays that its caller allocated.
"""

import math

import numpy as np

from foedus.jit import kernel
from foedus.model import F64, I8, I16, I32, I64
from foedus.pact.compile import RuleTable
from foedus.pact.zone_table import ZoneTable

ANYWHERE = -1
DENY = -1
OPEN = -2
CLASSES = 6  # of TrackClass; a test holds the two together
SLOTS = 256
SLOT_SHIFT = np.uint64(64 - 8)
GOLDEN = np.uint64(
    0x9E3779B97F4A7C15
)  # Knuth, The Art of Computer Programming 3, 6.4: multiplicative hashing


@kernel
def _inside(zone_table: ZoneTable, zone: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether the polygon holds the point: odd number of sides crossed going east.

    Jordan's rule with half-open sides, so that a point on a common border lies in one of the two zones.
    """
    box = zone_table.box_deg
    if lat_deg < box[zone, 0] or lat_deg > box[zone, 1] or lon_deg < box[zone, 2] or lon_deg > box[zone, 3]:
        return False
    lats, lons = zone_table.lat_deg, zone_table.lon_deg
    first = zone_table.starts[zone]
    last = zone_table.starts[zone + 1] - 1
    inside = False
    south, west = lats[last], lons[last]
    for i in range(first, last + 1):
        north, east = lats[i], lons[i]
        if (south > lat_deg) != (north > lat_deg):
            inside ^= lon_deg < west + (lat_deg - south) * (east - west) / (north - south)
        south, west = north, east
    return inside


@kernel
def _in_band(zone_table: ZoneTable, zone: int, height_m: float) -> bool:
    """Whether a height lies between the floor and the ceiling; NaN: as `unknown_inside` says."""
    if math.isnan(height_m):
        return bool(zone_table.unknown_inside[zone])
    return bool(zone_table.band_m[zone, 0] <= height_m < zone_table.band_m[zone, 1])


@kernel
def fill_zones(zone_table: ZoneTable, lat_rad: F64, lon_rad: F64, height_m: F64, zones: I64) -> None:
    """The zones that hold each point as a bit set. zones: (n,).

    The raster says which zones hold the cell of the point and which may hold a part of it; only round the
    latter the sides are walked.
    """
    degrees = 180.0 / math.pi
    raster = zone_table.raster_deg
    rows, columns = zone_table.certain.shape
    for i in range(lat_rad.shape[0]):
        zones[i] = 0
        lat_deg, lon_deg = lat_rad[i] * degrees, lon_rad[i] * degrees
        row, column = (lat_deg - raster[0]) * raster[2], (lon_deg - raster[1]) * raster[3]
        if not (0.0 <= row < rows and 0.0 <= column < columns):  # neither is a point that is not a number
            continue
        doubtful = zone_table.doubtful[int(row), int(column)]
        left = zone_table.certain[int(row), int(column)] | doubtful
        zone = 0
        while left != 0:
            if left & 1 and _in_band(zone_table, zone, height_m[i]):
                if doubtful >> zone & 1 == 0 or _inside(zone_table, zone, lat_deg, lon_deg):
                    zones[i] |= np.int64(1) << np.int64(zone)
            left >>= np.int64(1)
            zone += 1


@kernel
def _judge(rules: RuleTable, cell: int, zones: int) -> tuple[int, int]:
    """(form, clause) at a point in these zones for one cell of the table; see rules.py for the reading."""
    first = rules.hold_starts[cell]
    held = np.int64(0)
    held_by = DENY
    for k in range(first, rules.hold_starts[cell + 1]):
        if rules.hold_zones[k] == ANYWHERE or rules.hold_zones[k] & zones != 0:
            held |= np.int64(1) << np.int64(k - first)
            if held_by == DENY:
                held_by = int(rules.hold_clause[k])
    first = rules.share_starts[cell]
    left = np.int64(0)
    yielding = np.int64(0)
    for k in range(first, rules.share_starts[cell + 1]):
        if rules.share_zones[k] != ANYWHERE and rules.share_zones[k] & zones == 0:
            continue
        if held & ~rules.share_inside[k] != 0:
            continue
        left |= np.int64(1) << np.int64(k - first)
        yielding |= rules.share_wider[k]
    left &= ~yielding
    if left == 0:
        return 0, held_by
    k = first
    while left & 1 == 0:
        left >>= np.int64(1)
        k += 1
    return int(rules.share_form[k]), int(rules.share_clause[k])


@kernel
def fill_decisions(
    rules: RuleTable,
    data: int,
    track_class: I8,
    zones: I64,
    form: I8,
    clause: I16,
    known_row: I32,
) -> None:
    """Form and clause of such data for every row and party, shape (n, parties).

    Rows of one class in the same zones have the same answer, so it is worked out once and copied. known_row:
    (SLOTS,), -1 everywhere at first: the newest row whose class and zones fall into each slot.
    """
    parties = rules.closed.shape[0]
    for i in range(zones.shape[0]):
        mixed = np.uint64(zones[i] * CLASSES + track_class[i]) * GOLDEN
        slot = np.int64(mixed >> SLOT_SHIFT)
        like = known_row[slot]
        known_row[slot] = i
        if like >= 0 and zones[like] == zones[i] and track_class[like] == track_class[i]:
            for party in range(parties):
                form[i, party] = form[like, party]
                clause[i, party] = clause[like, party]
            continue
        for party in range(parties):
            own_form, own_clause = 0, int(rules.closed[party])
            if own_clause == OPEN:
                cell = (data * parties + party) * CLASSES + track_class[i]
                own_form, own_clause = _judge(rules, cell, zones[i])
            form[i, party] = own_form
            clause[i, party] = own_clause


@kernel
def fill_onward(rules: RuleTable, me: int, hub: int, track_class: I8, zones: I64, onward: I8) -> None:
    """The highest form in which the hub may pass each row to each party, shape (n, parties)."""
    for i in range(zones.shape[0]):
        given, clause = _judge(rules, hub * CLASSES + track_class[i], zones[i])
        for party in range(rules.closed.shape[0]):
            onward[i, party] = 0
            if given == 0 or party in (me, hub) or not rules.onward_open[party]:
                continue
            # What is withheld from an open party is withheld from the hub too: `given` says so already.
            onward[i, party] = min(given, int(rules.onward_form[clause, party]))
