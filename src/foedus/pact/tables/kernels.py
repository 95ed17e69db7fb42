"""Compiled walks over the tables of a pact: which zones hold a point, and who gets what of a row.

Same reading as rules.py, in integers. Every kernel fills arrays that its caller allocated.
"""

import math

import numpy as np

from foedus.jit import kernel, part
from foedus.model import F64, I8, I16, I32, I64
from foedus.pact.tables.compile import RuleTable
from foedus.pact.tables.zone_table import ZoneTable

ANYWHERE = -1
DENY = -1
OPEN = -2
ALERT = 1  # of Form; a test holds the two together
ZONES, CLAUSE, FORM, INSIDE, WIDER = range(5)  # columns of the holds (the first two) and the shares
CLASSES = 6  # of TrackClass; a test holds the two together
SLOTS = 256
SLOT_SHIFT = np.uint64(64 - 8)
GOLDEN = np.uint64(
    0x9E3779B97F4A7C15
)  # Knuth, The Art of Computer Programming 3, 6.4: multiplicative hashing


@part
def _inside(lats: F64, lons: F64, first: int, last: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether the polygon of these rows holds the point: odd number of sides crossed going east.

    Jordan's rule with half-open sides, so that a point on a common border lies in one of the two zones.
    """
    inside = False
    south, west = lats[last], lons[last]
    for i in range(first, last + 1):
        north, east = lats[i], lons[i]
        if (south > lat_deg) != (north > lat_deg):
            inside ^= lon_deg < west + (lat_deg - south) * (east - west) / (north - south)
        south, west = north, east
    return inside


@kernel
def fill_zones(zone_table: ZoneTable, lat_rad: F64, lon_rad: F64, height_m: F64, zones: I64) -> None:
    """The zones that hold each point as a bit set. zones: (n,). NaN height: as `unknown_inside` says.

    The raster says which zones hold the cell of the point and which may hold a part of it; only the sides of
    the latter are walked. Arrays are named before the loop: handing on the table costs more than a walk.
    """
    degrees = 180.0 / math.pi
    south, west, rows_per_deg, columns_per_deg = zone_table.raster_deg
    certain, doubtful, unbounded = zone_table.certain, zone_table.doubtful, zone_table.unbounded
    box, band, unknown_inside = zone_table.box_deg, zone_table.band_m, zone_table.unknown_inside
    starts, lats, lons = zone_table.starts, zone_table.lat_deg, zone_table.lon_deg
    rows, columns = certain.shape
    for i in range(lat_rad.shape[0]):
        zones[i] = 0
        lat_deg, lon_deg, height = lat_rad[i] * degrees, lon_rad[i] * degrees, height_m[i]
        row, column = (lat_deg - south) * rows_per_deg, (lon_deg - west) * columns_per_deg
        if not (0.0 <= row < rows and 0.0 <= column < columns):  # nor is a point that is not a number
            continue
        held, doubt = certain[int(row), int(column)], doubtful[int(row), int(column)]
        left = (held | doubt) if height == math.inf else (held & ~unbounded | doubt)
        zone = 0
        while left != 0:
            if left & 1:
                in_band = band[zone, 0] <= height < band[zone, 1]
                if math.isnan(height):
                    in_band = unknown_inside[zone]
                if in_band and doubt >> zone & 1:
                    first, last = starts[zone], starts[zone + 1] - 1
                    in_band = (
                        box[zone, 0] <= lat_deg <= box[zone, 1]
                        and box[zone, 2] <= lon_deg <= box[zone, 3]
                        and _inside(lats, lons, first, last, lat_deg, lon_deg)
                    )
                bit = np.int64(1) << np.int64(zone)
                held = held | bit if in_band else held & ~bit
            left >>= np.int64(1)
            zone += 1
        zones[i] = held


@part
def _judge(
    share_starts: I32, shares: I64, hold_starts: I32, holds: I64, cell: int, zones: int
) -> tuple[int, int]:
    """(form, clause) at a point in these zones for one cell of the table; see rules.py for the reading."""
    first = hold_starts[cell]
    held = np.int64(0)
    held_by = DENY
    for k in range(first, hold_starts[cell + 1]):
        if holds[k, ZONES] == ANYWHERE or holds[k, ZONES] & zones != 0:
            held |= np.int64(1) << np.int64(k - first)
            if held_by == DENY:
                held_by = int(holds[k, CLAUSE])
    first = share_starts[cell]
    left = np.int64(0)
    yielding = np.int64(0)
    for k in range(first, share_starts[cell + 1]):
        if shares[k, ZONES] != ANYWHERE and shares[k, ZONES] & zones == 0:
            continue
        if held & ~shares[k, INSIDE] != 0:
            continue
        left |= np.int64(1) << np.int64(k - first)
        yielding |= shares[k, WIDER]
    left &= ~yielding
    if left == 0:
        return 0, held_by
    k = first
    while left & 1 == 0:
        left >>= np.int64(1)
        k += 1
    return int(shares[k, FORM]), int(shares[k, CLAUSE])


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
    (SLOTS,), room for the newest row whose class and zones fall into each slot.
    """
    share_starts, shares, hold_starts, holds = (
        rules.share_starts,
        rules.shares,
        rules.hold_starts,
        rules.holds,
    )
    closed = rules.closed
    parties = closed.shape[0]
    known_row[:] = -1
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
            own_form, own_clause = 0, int(closed[party])
            if own_clause == OPEN:
                cell = (data * parties + party) * CLASSES + track_class[i]
                own_form, own_clause = _judge(share_starts, shares, hold_starts, holds, cell, zones[i])
            form[i, party] = own_form
            clause[i, party] = own_clause


@kernel
def fill_onward(rules: RuleTable, me: int, hub: int, track_class: I8, zones: I64, onward: I8) -> None:
    """The highest form in which the hub may pass each row to each party, shape (n, parties)."""
    share_starts, shares, hold_starts, holds = (
        rules.share_starts,
        rules.shares,
        rules.hold_starts,
        rules.holds,
    )
    for i in range(zones.shape[0]):
        cell = hub * CLASSES + track_class[i]
        given, clause = _judge(share_starts, shares, hold_starts, holds, cell, zones[i])
        for party in range(rules.closed.shape[0]):
            onward[i, party] = 0
            if given == 0 or party in (me, hub):
                continue
            # What is withheld from an open party is withheld from the hub too: `given` says so already.
            if rules.onward_open[party]:
                onward[i, party] = min(given, int(rules.onward_form[clause, party]))
            elif rules.onward_alert[party]:
                onward[i, party] = ALERT
