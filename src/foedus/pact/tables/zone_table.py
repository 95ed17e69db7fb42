"""The zones of a pact as arrays, with a raster that answers for most points without a walk round the zones.

Each cell of the raster has two sets of zones: those that certainly hold all of it, and those in doubt, of
which a side touches it. kernels.py looks a point up, and walks the sides of the zones in doubt only, so that
the answer is that of a walk round every zone, to the bit. No numba is imported here.
"""

import functools
import math
from typing import Final, NamedTuple

import numpy as np

from foedus.limits import RASTER_CELLS_MAX, RASTER_SPANS_MAX, ZONE_TABLES_KEPT
from foedus.model import F64, I32, I64, Bool
from foedus.pact.clauses import Pact, Withhold, Zone
from foedus.pact.polygon import vertices

MARGIN_DEG: Final = 1e-9
"""How near a side makes a cell doubtful. What is computed in degrees here and in the walk is off by at most a
few units in the last place of 360, 1e-12: whatever those decide lies in a cell in doubt."""

EDGE_DEG: Final = 1e-6
"""How far the raster reaches beyond the zones, so that no point of theirs falls off it by rounding."""


class ZoneTable(NamedTuple):
    """The zones of the pact in its order; vertices of all of them one after another."""

    starts: I32  # (zones + 1,): first row of each zone in lat_deg and lon_deg
    lat_deg: F64
    lon_deg: F64
    box_deg: F64  # (zones, 4): south, north, west, east
    band_m: F64  # (zones, 2): floor and ceiling, infinite where there is none
    unknown_inside: Bool  # (zones,): whether a track of unknown height counts as inside
    unbounded: int  # the zones without floor and ceiling, as bits
    raster_deg: tuple[float, float, float, float]  # south and west end, cells per degree of each
    certain: I64  # (rows, columns): the zones that hold the whole cell, as bits; heights aside
    doubtful: I64  # (rows, columns): the zones that may hold a part of it


class _Raster(NamedTuple):
    """The grid: the south-west end and cells per degree are (latitude, longitude)."""

    end_deg: F64
    per_deg: F64
    rows: int
    columns: int


class _Spans(NamedTuple):
    """One entry for every side and row of the raster that it comes near to; lengths in cells."""

    line: I64  # (n,): row of the raster, counted on from zone to zone
    middle: I64  # columns whose middles lie west of the side in the middle of the row; -1: it does not cross
    first: I64  # first and last column to which the side comes near
    last: I64


def zone_table(pact: Pact) -> ZoneTable:
    """The zones of the pact as arrays. They do not change with the edition, so the newest tables are kept."""
    withheld = [name for clause in pact.clause if isinstance(clause, Withhold) for name in clause.zones]
    return _table(pact.zone, tuple(zone.id in withheld for zone in pact.zone))


@functools.lru_cache(maxsize=ZONE_TABLES_KEPT)
def _table(zones: tuple[Zone, ...], withheld: tuple[bool, ...]) -> ZoneTable:
    polygons = [vertices(zone.polygon) for zone in zones]
    corners = np.concatenate([np.empty((0, 2)), *polygons])
    boxes = [(*polygon.min(axis=0), *polygon.max(axis=0)) for polygon in polygons]
    bands = [
        (
            -math.inf if zone.floor_m is None else zone.floor_m,
            math.inf if zone.ceiling_m is None else zone.ceiling_m,
        )
        for zone in zones
    ]
    unbounded = [zone.floor_m is None and zone.ceiling_m is None for zone in zones]
    raster_deg, certain, doubtful = _cells(polygons)
    return ZoneTable(
        starts=np.cumsum([0, *(len(polygon) for polygon in polygons)]).astype(np.int32),
        lat_deg=np.ascontiguousarray(corners[:, 0]),
        lon_deg=np.ascontiguousarray(corners[:, 1]),
        box_deg=np.array([(box[0], box[2], box[1], box[3]) for box in boxes], np.float64).reshape(-1, 4),
        band_m=np.array(bands, np.float64).reshape(-1, 2),
        unknown_inside=np.array(unbounded, np.bool_) | np.array(withheld, np.bool_),
        unbounded=sum(1 << zone for zone in range(len(zones)) if unbounded[zone]),
        raster_deg=raster_deg,
        certain=certain,
        doubtful=doubtful,
    )


def _cells(polygons: list[F64]) -> tuple[tuple[float, float, float, float], I64, I64]:
    """raster_deg, certain and doubtful of the table of these zones; one empty cell where there is none."""
    if not polygons:
        return (0.0, 0.0, 0.0, 0.0), np.zeros((1, 1), np.int64), np.zeros((1, 1), np.int64)
    starts = np.concatenate(polygons)
    ends = np.concatenate([np.roll(polygon, -1, axis=0) for polygon in polygons])
    zone = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    raster = _raster(starts, ends)
    spans = _spans(raster, starts, ends, zone)
    lines, columns = len(polygons) * raster.rows, raster.columns
    changes = _counts(spans.line, spans.first, lines, columns)
    changes -= _counts(spans.line, spans.last + 1, lines, columns)
    near = np.cumsum(changes, axis=1)[:, :-1] > 0
    across = spans.middle >= 0
    crossed = np.cumsum(_counts(spans.line[across], spans.middle[across], lines, columns), axis=1)[:, :-1]
    inside = crossed & 1 == 1  # as many sides lie west of a middle as east of it, modulo two
    shape = (len(polygons), raster.rows, columns)
    (south, west), (rows_per_deg, columns_per_deg) = raster.end_deg.tolist(), raster.per_deg.tolist()
    place = (south, west, rows_per_deg, columns_per_deg)
    return place, _bits((inside & ~near).reshape(shape)), _bits(near.reshape(shape))


def _raster(starts: F64, ends: F64) -> _Raster:
    """As many rows as columns, but fewer rows where the sides would span more of them than the limit."""
    low, high = starts.min(axis=0) - EDGE_DEG, starts.max(axis=0) + EDGE_DEG
    rows = math.isqrt(RASTER_CELLS_MAX)
    columns = rows
    heights = np.abs(ends[:, 0] - starts[:, 0]) / (high[0] - low[0])
    while rows > 1 and float(np.sum(heights * rows + 2)) > RASTER_SPANS_MAX:
        rows //= 2
    return _Raster(low, np.array([rows, columns]) / (high - low), rows, columns)


def _spans(raster: _Raster, starts: F64, ends: F64, zone: I64) -> _Spans:
    """Every side cut into the rows of the raster, each row and the side itself wider by the margin."""
    a, b = (starts - raster.end_deg) * raster.per_deg, (ends - raster.end_deg) * raster.per_deg
    margin = MARGIN_DEG * raster.per_deg
    lowest = np.floor(np.minimum(a[:, 0], b[:, 0]) - margin[0]).astype(np.int64)
    highest = np.floor(np.maximum(a[:, 0], b[:, 0]) + margin[0]).astype(np.int64)
    number = highest - lowest + 1
    side = np.repeat(np.arange(len(a)), number)
    row = np.arange(len(side)) - np.repeat(np.cumsum(number) - number - lowest, number)
    y, x = a[side, 0], a[side, 1]
    rise, run = b[side, 0] - y, b[side, 1] - x
    level = rise == 0.0
    rise[level] = 1.0
    enters = np.where(level, 0.0, np.clip((row - margin[0] - y) / rise, 0.0, 1.0))
    leaves = np.where(level, 1.0, np.clip((row + 1 + margin[0] - y) / rise, 0.0, 1.0))
    one, other = x + enters * run, x + leaves * run
    across = (y > row + 0.5) != (b[side, 0] > row + 0.5)
    middle = np.ceil(x + (row + 0.5 - y) / rise * run - 0.5).astype(np.int64)
    return _Spans(
        line=zone[side] * raster.rows + row,
        middle=np.where(across, np.clip(middle, 0, raster.columns), -1),
        first=np.floor(np.minimum(one, other) - margin[1]).astype(np.int64),
        last=np.floor(np.maximum(one, other) + margin[1]).astype(np.int64),
    )


def _counts(line: I64, column: I64, lines: int, columns: int) -> I64:
    """How often each (line, column) comes, shape (lines, columns + 1)."""
    flat = np.bincount(line * (columns + 1) + column, minlength=lines * (columns + 1))
    counts: I64 = flat.reshape(lines, columns + 1)
    return counts


def _bits(held: Bool) -> I64:
    """Layers of flags, shape (zones, rows, columns), as one layer of bit sets."""
    bits = np.zeros(held.shape[1:], np.int64)
    for zone in range(held.shape[0]):
        bits |= held[zone].astype(np.int64) << zone
    return bits
