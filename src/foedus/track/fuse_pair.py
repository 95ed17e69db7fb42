"""Which rows of several parties are one object: by address, by history, by place and motion.

Objects lie in a grid of cells as high as wide, so that a picture as full as it may be, or a party that puts
all its rows in one place, costs no more than the rows in reach.
"""

import math
from typing import Final

from foedus.geo import MEAN_RADIUS_M
from foedus.jit import part
from foedus.limits import PAIR_LOOKS_MAX
from foedus.model import F64
from foedus.track.fuse_rows import (
    GATE_M_MAX,
    HEAD_CUT,
    HEAD_FULL,
    HEAD_GRID,
    HEAD_MASK,
    HEAD_NUMBER,
    HEAD_OBJECTS,
    HEAD_PAIRED,
    HEAD_ROWS,
    FuseDesk,
    Row,
    addresses_agree,
    distance_2,
    offset_m,
)

BANDS: Final = 1_800
BAND_RAD: Final = math.pi / BANDS
CELL_STRIDE: Final = 4_096
"""Bands of latitude, 11 km high; more than the columns of a band, so that a cell is one number."""
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

assert 2 * BANDS < CELL_STRIDE


@part
def _slot_of(desk: FuseDesk, key: int) -> int:
    """The slot that holds this key of a pair of the update before, or is free for it."""
    mask = desk.head[HEAD_MASK]
    slot = ((key & 0xFFFF_FFFF) * 2_147_483_629 + (key >> 32)) >> 7 & mask
    while desk.slots[slot] >= 0 and desk.paired[desk.slots[slot], 0] != key:
        slot = (slot + 1) & mask
    return int(slot)


@part
def _address_slot_of(desk: FuseDesk, icao24: int) -> int:
    """The slot that holds the object of this address, or is free for it."""
    mask = desk.head[HEAD_MASK]
    slot = (icao24 * 2_654_435_761) >> 7 & mask
    while desk.slots[slot] >= 0 and desk.objects[desk.slots[slot]].icao24 != icao24:
        slot = (slot + 1) & mask
    return int(slot)


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
    thing.parties |= row.parties
    thing.rows += 1


@part
def _open(desk: FuseDesk, row: Row, o: int) -> bool:
    """Whether object o has no row of this row's party yet and no other address."""
    thing = desk.objects[o]
    return bool(thing.parties & row.parties == 0 and addresses_agree(row, thing))


@part
def _pair_by_address(desk: FuseDesk, row: Row) -> bool:
    if row.icao24 < 0:
        return False
    o = desk.slots[_address_slot_of(desk, row.icao24)]
    if o < 0 or not _open(desk, row, o):
        return False
    thing = desk.objects[o]
    east, north = offset_m(row.lat_rad, row.lon_rad, thing.lat_rad, thing.lon_rad)
    if east * east + north * north > ADDRESS_M_MAX * ADDRESS_M_MAX:
        return False
    _join(desk, row, o)
    return True


@part
def find_history(desk: FuseDesk) -> None:
    """Note for every row the object that its (party, number) belonged to before: row.object = -2 - object."""
    _clear_slots(desk)
    for at in range(desk.head[HEAD_PAIRED]):
        desk.slots[_slot_of(desk, desk.paired[at, 0])] = at
    for i in range(desk.head[HEAD_ROWS]):
        row = desk.rows[i]
        at = desk.slots[_slot_of(desk, row.bit << 32 | row.number)]
        row.object = -2 - desk.paired[at, 1] if at >= 0 else -1


@part
def pair_known(desk: FuseDesk) -> None:
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
        if _open(desk, row, before) and (alone or distance_2(row, thing) <= HOLD_GATE):
            _join(desk, row, before)
            if row.icao24 >= 0:
                slot = _address_slot_of(desk, row.icao24)
                if desk.slots[slot] < 0:
                    desk.slots[slot] = before


@part
def _columns(band: int) -> int:
    """How many cells a band of latitude has: as wide as high at its middle."""
    return max(1, int(2.0 * BANDS * math.cos((band + 0.5) * BAND_RAD - 0.5 * math.pi)))


@part
def _band_of(lat_rad: float) -> int:
    return min(BANDS - 1, max(0, int((lat_rad + 0.5 * math.pi) / BAND_RAD)))


@part
def _column_of(lon_rad: float, columns: int) -> int:
    return min(columns - 1, max(0, int((lon_rad + math.pi) / (2.0 * math.pi) * columns)))


@part
def _bucket(cell: int, mask: int) -> int:
    return (cell * 2_654_435_761) >> 9 & mask


@part
def _sort_cells(desk: FuseDesk) -> None:
    """All objects by cell (counting sort)."""
    starts, objects, head = desk.starts, desk.objects, desk.head
    mask = 15
    while mask + 1 < 2 * head[HEAD_OBJECTS]:
        mask = 2 * mask + 1
    head[HEAD_GRID] = mask
    for bucket in range(mask + 2):
        starts[bucket] = 0
    for o in range(head[HEAD_OBJECTS]):
        band = _band_of(objects[o].lat_rad)
        objects[o].cell = band * CELL_STRIDE + _column_of(objects[o].lon_rad, _columns(band))
        starts[_bucket(objects[o].cell, mask)] += 1
    for bucket in range(mask + 1):
        starts[bucket + 1] += starts[bucket]
    for back in range(head[HEAD_OBJECTS]):
        o = head[HEAD_OBJECTS] - 1 - back
        bucket = _bucket(objects[o].cell, mask)
        starts[bucket] -= 1
        desk.items[starts[bucket]] = o


@part
def _consider(desk: FuseDesk, row: Row, cell: int, merging: bool, found: F64) -> None:
    """Look through one cell for an object nearer than found[1]; found is (object, distance)."""
    bucket = _bucket(cell, desk.head[HEAD_GRID])
    for at in range(desk.starts[bucket], desk.starts[bucket + 1]):
        o = desk.items[at]
        thing = desk.objects[o]
        if thing.cell != cell or found[2] == 0.0:
            continue
        found[2] -= 1.0
        if thing.sigma[0] > PAIR_SIGMA_M_MAX:
            continue
        if thing.parties & row.parties != 0 or not addresses_agree(row, thing):
            continue
        if merging and thing.rows == 0:  # nobody reports it any more
            continue
        square = distance_2(row, thing)
        if square < found[1]:
            found[0] = o
            found[1] = square


@part
def _search(desk: FuseDesk, row: Row, merging: bool, gate: float) -> None:
    """Set desk.found to the nearest fitting object and its distance; object -1 if none lies in the gate."""
    desk.found[0] = -1.0
    desk.found[1] = gate
    desk.found[2] = PAIR_LOOKS_MAX
    reach_m = min(GATE_M_MAX, 6.0 * (row.sigma[0] + PAIR_SIGMA_M_MAX / 4.0) + 5_000.0)
    reach = int(reach_m / (BAND_RAD * MEAN_RADIUS_M)) + 1
    middle = _band_of(row.lat_rad)
    for band in range(max(0, middle - reach), min(BANDS - 1, middle + reach) + 1):
        columns = _columns(band)
        column = _column_of(row.lon_rad, columns)
        across = min(columns, 2 * reach + 3)  # a cell more on both sides: bands differ in width
        for step in range(across):
            turned = (column - across // 2 + step + columns) % columns
            _consider(desk, row, band * CELL_STRIDE + turned, merging, desk.found)
    if desk.found[2] == 0.0:
        desk.head[HEAD_CUT] += 1


@part
def _court(desk: FuseDesk, i: int) -> None:
    """Row i looks for the nearest open object and becomes its suitor if no other row lies nearer."""
    if desk.rows[i].sigma[0] > PAIR_SIGMA_M_MAX:
        return
    _search(desk, desk.rows[i], False, GATE)
    if desk.found[0] < 0.0:
        return
    thing = desk.objects[int(desk.found[0])]
    if thing.suitor < 0 or desk.found[1] < thing.suit:
        thing.suitor = i
        thing.suit = desk.found[1]


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
def pair_party(desk: FuseDesk, first: int, last: int) -> None:
    """Pair the open rows of one party: new addresses, then kinematics, then objects of their own."""
    still_open = False
    for i in range(first, last):
        if desk.rows[i].object < 0 and not _pair_by_address(desk, desk.rows[i]):
            still_open = True
    if not still_open:
        return
    _sort_cells(desk)
    for _ in range(ROUNDS_MAX):
        if not _pair_nearest(desk, first, last):
            break
    for i in range(first, last):
        if desk.rows[i].object < 0:
            _start_object(desk, desk.rows[i])


@part
def merge_singles(desk: FuseDesk) -> None:
    """Objects of a single row join what other parties see in the same place; the elder number stays."""
    _sort_cells(desk)
    for o in range(desk.head[HEAD_OBJECTS]):
        thing = desk.objects[o]
        if thing.rows != 1 or thing.sigma[0] > PAIR_SIGMA_M_MAX:
            continue
        _search(desk, thing, True, MERGE_GATE)
        other = int(desk.found[0])
        if other < 0:
            continue
        elder, younger = min(o, other), max(o, other)
        for i in range(desk.head[HEAD_ROWS]):
            if desk.rows[i].object == younger:
                _join(desk, desk.rows[i], elder)
        desk.objects[younger].rows = 0
        desk.objects[younger].parties = 0
