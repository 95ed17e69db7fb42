"""Kernels that walk ASTERIX data blocks by table: every record, and the offset of each of its items.

`asterix_plots.take_plots` then turns the records into columns. Blocks carry no checksum. So the records of a
block count only when all of them fit it exactly, and after anything that did not fit the next block is
believed only when its whole content fits and its source is known.
"""

# ruff: noqa: PLR0911, PLR0912 - kernels return status codes, and branch where the format does

from typing import Final

import numpy as np
import numpy.typing as npt

from foedus.feeds.asterix_layout import Item, Shape
from foedus.feeds.asterix_tables import CATEGORIES
from foedus.jit import kernel
from foedus.limits import BLOCK_RECORDS_MAX, RECORDS_PER_PASS_MAX
from foedus.model import I64

U8 = npt.NDArray[np.uint8]

HEADER_OCTETS: Final = 3
SLOTS: Final = max(len(category.items) for category in CATEGORIES)

ASSIGNED_CATEGORIES: Final = (
    *(1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25),
    *(30, 31, 32, 33, 34, 48, 62, 63, 65, 129, 150, 204, 205, 238, 240, 247, 252),
)
"""Categories that EUROCONTROL lists as assigned."""

WITHOUT_TABLE: Final = -1
UNASSIGNED: Final = -2

# Faults inside a block, as negative positions.
OVERRUN: Final = -1
UNUSED_SLOT: Final = -2
FSPEC_TOO_LONG: Final = -3
EXTENDS_TOO_FAR: Final = -4
EMPTY_EXPLICIT: Final = -5
UNUSED_SUBITEM: Final = -6
TOO_MANY_RECORDS: Final = -7
EMPTY_BLOCK: Final = -8
DISBELIEVED: Final = -9  # not a fault itself: records before the fault in the same block
FAULTS: Final = 10

# Fields of the walking state.
POSITION: Final = 0  # where to go on in the piece
DOUBTFUL: Final = 1  # the next block must prove itself
IN_GAP: Final = 2  # the present stretch of lost bytes is counted already
GAPS: Final = 3  # stretches of bytes in which no block was found
STATE: Final = 4

# Columns of the node table.
SHAPE: Final = 0
LENGTH: Final = 1
FIRST: Final = 2
COUNT: Final = 3


def build_nodes() -> tuple[I64, I64]:
    """(nodes, roots): every item as a row (shape, length, first child, children), shape (n, 4).

    length: octets of a fixed item or of one group, parts of an extended one. roots has shape (256,): the
    index of a category in CATEGORIES, whose profile is row `index` of the nodes, or a negative value.
    """
    rows: list[list[int]] = [[0, 0, 0, 0] for _ in CATEGORIES]
    roots = np.full(256, UNASSIGNED, np.int64)
    roots[list(ASSIGNED_CATEGORIES)] = WITHOUT_TABLE

    def add(items: tuple[Item, ...]) -> tuple[int, int]:
        first = len(rows)
        rows.extend(
            [item.shape, len(item.parts) if item.shape is Shape.EXTENDED else item.part_octets, 0, 0]
            for item in items
        )
        for i, item in enumerate(items):
            if item.shape is Shape.COMPOUND:
                rows[first + i][FIRST], rows[first + i][COUNT] = add(item.subitems)
        return first, len(items)

    for index, category in enumerate(CATEGORIES):
        roots[category.number] = index
        first, count = add(category.items)
        rows[index] = [Shape.COMPOUND, 0, first, count]
    return np.array(rows, np.int64), roots


_FIXED = int(Shape.FIXED)
_EXTENDED = int(Shape.EXTENDED)
_CHAIN = int(Shape.CHAIN)
_REPEATED = int(Shape.REPEATED)
_COMPOUND = int(Shape.COMPOUND)
_EXPLICIT = int(Shape.EXPLICIT)
_UNUSED = int(Shape.UNUSED)


@kernel
def octet(data: U8, p: int) -> int:
    """One octet as a signed number: numba's int(uint8) is unsigned, and unsigned with signed makes floats."""
    return int(np.int64(data[p]))


@kernel
def _skip_fspec(data: U8, position: int, end: int, octets_max: int) -> int:
    """Position after a field specification, or a fault."""
    p = position
    while p < end:
        if p - position >= octets_max:
            return FSPEC_TOO_LONG
        p += 1
        if not data[p - 1] & 1:
            return p
    return OVERRUN


@kernel
def _skip_simple(data: U8, position: int, end: int, shape: int, length: int) -> int:
    """Position after an item that has no subitems, or a fault."""
    p = position
    if shape == _FIXED:
        p += length
    elif shape == _EXTENDED:
        parts = 0
        while True:
            if p >= end:
                return OVERRUN
            if parts == length:
                return EXTENDS_TOO_FAR
            p += 1
            parts += 1
            if not data[p - 1] & 1:
                break
    elif shape == _CHAIN:
        while True:
            p += length
            if p > end:
                return OVERRUN
            if not data[p - 1] & 1:
                break
    elif shape == _REPEATED:
        if p >= end:
            return OVERRUN
        p += 1 + octet(data, p) * length
    else:  # explicit
        if p >= end:
            return OVERRUN
        if data[p] == 0:
            return EMPTY_EXPLICIT
        p += octet(data, p)
    return p if p <= end else OVERRUN


@kernel
def _skip_compound(data: U8, position: int, end: int, nodes: I64, node: int) -> int:
    """Position after a compound item, or a fault."""
    count = nodes[node, COUNT]
    p = _skip_fspec(data, position, end, (count + 6) // 7)
    if p < 0:
        return p
    fspec_end = p
    for place in range(position, fspec_end):
        for bit in range(7):
            if not data[place] >> (7 - bit) & 1:
                continue
            child = (place - position) * 7 + bit
            row = nodes[node, FIRST] + child
            if child >= count or nodes[row, SHAPE] == _UNUSED:
                return UNUSED_SUBITEM
            p = _skip_simple(data, p, end, nodes[row, SHAPE], nodes[row, LENGTH])
            if p < 0:
                return p
    return p


@kernel
def _walk_record(
    data: U8, position: int, end: int, nodes: I64, category: int, offsets: I64
) -> tuple[int, int]:
    """(position after the record or a fault, slot of the fault); fills offsets, shape (SLOTS,), -1 absent."""
    offsets[:] = -1
    count = nodes[category, COUNT]
    first = nodes[category, FIRST]
    p = _skip_fspec(data, position, end, (count + 6) // 7)
    if p < 0:
        return p, 0
    fspec_end = p
    for place in range(position, fspec_end):
        bits = octet(data, place) & 0xFE
        slot = (place - position) * 7
        while bits:
            if bits & 0x80:
                if slot >= count or nodes[first + slot, SHAPE] == _UNUSED:
                    return UNUSED_SLOT, min(slot, SLOTS - 1)
                offsets[slot] = p
                shape = nodes[first + slot, SHAPE]
                if shape == _FIXED:
                    p += nodes[first + slot, LENGTH]
                    if p > end:
                        return OVERRUN, slot
                elif shape == _COMPOUND:
                    p = _skip_compound(data, p, end, nodes, first + slot)
                else:
                    p = _skip_simple(data, p, end, shape, nodes[first + slot, LENGTH])
                if p < 0:
                    return p, slot
            bits = bits << 1 & 0xFF
            slot += 1
    return p, 0


@kernel
def _walk_block(
    data: U8, position: int, end: int, nodes: I64, category: int, offsets: I64, first: int
) -> tuple[int, int, int]:
    """(records, fault or 0, slot of the fault) of one block whose records start at `position`."""
    if position == end:
        return 0, EMPTY_BLOCK, 0
    n = 0
    p = position
    while p < end:
        if n == BLOCK_RECORDS_MAX:
            return n, TOO_MANY_RECORDS, 0
        p, slot = _walk_record(data, p, end, nodes, category, offsets[first + n])
        if p < 0:
            return n, p, slot
        n += 1
    return n, 0, 0


@kernel
def _believable(
    data: U8, position: int, nodes: I64, roots: I64, sources: I64, offsets: I64, first: int
) -> int:
    """1 when a whole block of a known category and source stands here, -1 when not, 0 when that needs more.

    Conditions are tested in an order in which none needs a byte after one that already settled it, so the
    answer never depends on how the stream was cut.
    """
    size = data.shape[0]
    category = roots[data[position]]
    length = octet(data, position + 1) << 8 | octet(data, position + 2)
    if category < 0 or length <= HEADER_OCTETS:
        return -1
    octets_max = (nodes[category, COUNT] + 6) // 7
    p = position + HEADER_OCTETS
    available = min(size, position + length)
    fspec_end = _skip_fspec(data, p, available, octets_max)
    if fspec_end == FSPEC_TOO_LONG:
        return -1
    if fspec_end < 0 or fspec_end + 2 > available:
        return 0 if size < position + length else -1
    if not data[p] & 0x80 or sources[octet(data, fspec_end) << 8 | octet(data, fspec_end + 1)] < 0:
        return -1
    if size < position + length:
        return 0
    _, fault, _ = _walk_block(data, p, position + length, nodes, category, offsets, first)
    return -1 if fault else 1


@kernel
def _followed(data: U8, position: int, end: int, roots: I64) -> int:
    """1 when a header may stand after a block without a table, -1 when not, 0 when more octets must tell.

    Nothing inside such a block can be checked, so what follows it must be: a category that is assigned.
    """
    if data.shape[0] - end < HEADER_OCTETS:
        return 0
    category = octet(data, end)
    if category != octet(data, position) and roots[category] == UNASSIGNED:
        return -1
    return 1 if octet(data, end + 1) << 8 | octet(data, end + 2) > HEADER_OCTETS else -1


@kernel
def _lose_byte(state: I64) -> None:
    state[GAPS] += 1 - state[IN_GAP]
    state[IN_GAP] = 1
    state[POSITION] += 1


@kernel
def walk_blocks(
    data: U8,
    ended: bool,
    state: I64,
    nodes: I64,
    roots: I64,
    sources: I64,
    offsets: I64,
    categories: I64,
    faults: I64,
    without_table: I64,
) -> int:
    """Number of records found from state[POSITION] on, at most RECORDS_PER_PASS_MAX; call again until 0.

    data: the piece of the stream. ended: nothing will follow. sources, shape (65536,): index of the sensor
    of SAC/SIC, negative unknown. Filled: offsets, shape (records, SLOTS), categories, shape (records,).
    Added to: faults, shape (categories, FAULTS, SLOTS), without_table, shape (256,).
    """
    size = data.shape[0]
    n = int(np.int64(0))  # a literal 0 would have every callee compiled twice
    while size - state[POSITION] >= HEADER_OCTETS and n + BLOCK_RECORDS_MAX <= RECORDS_PER_PASS_MAX:
        p = state[POSITION]
        if state[DOUBTFUL]:
            verdict = _believable(data, p, nodes, roots, sources, offsets, n)
            if verdict == 0 and not ended:
                break
            if verdict < 1:
                _lose_byte(state)
                continue
        length = octet(data, p + 1) << 8 | octet(data, p + 2)
        if length < HEADER_OCTETS:
            state[DOUBTFUL] = 1
            continue
        if p + length > size:
            break
        category = roots[data[p]]
        if category < 0:
            verdict = _followed(data, p, p + length, roots)
            if verdict == 0 and not ended:
                break
            if verdict < 0:
                state[DOUBTFUL] = 1
                _lose_byte(state)
                continue
            without_table[data[p]] += 1
        state[POSITION] = p + length
        state[IN_GAP] = 0
        if category < 0:
            continue
        records, fault, slot = _walk_block(data, p + HEADER_OCTETS, p + length, nodes, category, offsets, n)
        state[DOUBTFUL] = 0
        if fault:
            faults[category, -fault, slot] += 1
            faults[category, -DISBELIEVED, 0] += records
            # Its length may be what is wrong, so whole blocks are looked for from its second octet on.
            state[POSITION] = p + 1
            state[DOUBTFUL] = 1
            state[IN_GAP] = 1  # counted as this fault
            continue
        categories[n : n + records] = category
        n += records
    return n
