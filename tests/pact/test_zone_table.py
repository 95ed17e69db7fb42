"""The raster over the zones answers exactly as a walk round every zone, which is written out here."""

import math
from pathlib import Path
from random import Random

import msgspec
import numpy as np
import pytest

from foedus.limits import RASTER_CELLS_MAX, RASTER_SPANS_MAX, ZONE_TABLES_KEPT, ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import F64, I64
from foedus.pact.clauses import Pact, Withhold, Zone
from foedus.pact.reading.text import read_pact
from foedus.pact.tables import kernels
from foedus.pact.tables.zone_table import ZoneTable, zone_table
from random_pacts import hub_pact, random_pact

ROOT = Path(__file__).parents[2]
ALPINE = read_pact(ROOT / "pacts" / "alpine.toml")
DEGREES = 180.0 / math.pi

Points = tuple[F64, F64, F64]
"""Latitude and longitude in radians, height in metres."""


def walk(pact: Pact, points: Points) -> I64:
    """The zones that hold each point, every side of every zone walked for every point."""
    lat, lon, height = points[0] * DEGREES, points[1] * DEGREES, points[2]
    withheld = [name for clause in pact.clause if isinstance(clause, Withhold) for name in clause.zones]
    held = np.zeros(len(lat), np.int64)
    for bit, zone in enumerate(pact.zone):
        inside = np.zeros(len(lat), np.bool_)
        south, west = zone.polygon[-1]
        for north, east in zone.polygon:
            crossed = (south > lat) != (north > lat)
            if north != south:
                with np.errstate(over="ignore", invalid="ignore"):  # points that are nowhere
                    crossing = west + (lat - south) * (east - west) / (north - south)
                inside ^= crossed & (lon < crossing)
            south, west = north, east
        floor = -math.inf if zone.floor_m is None else zone.floor_m
        ceiling = math.inf if zone.ceiling_m is None else zone.ceiling_m
        unknown = (zone.floor_m is None and zone.ceiling_m is None) or zone.id in withheld
        lats, lons = zip(*zone.polygon, strict=True)
        boxed = (min(lats) <= lat) & (lat <= max(lats)) & (min(lons) <= lon) & (lon <= max(lons))
        level = np.where(np.isnan(height), unknown, (floor <= height) & (height < ceiling))
        held |= (inside & boxed & level).astype(np.int64) << bit
    return held


def look_up(table: ZoneTable, points: Points) -> I64:
    zones = np.full(len(points[0]), -1, np.int64)
    kernels.fill_zones(table, *points, zones)
    return zones


def on_cell_lines(rng: np.random.Generator, points: F64, along: F64, place: F64) -> F64:
    """Points of sides moved along them to a line between two rows or columns, and then just off it."""
    axis = rng.integers(0, 2, len(points))
    rows = np.arange(len(points))
    run, scale = along[rows, axis], place[2 + axis]
    line = place[axis] + np.round((points[rows, axis] - place[axis]) * scale) / np.where(scale == 0, 1, scale)
    moved = points + along * ((line - points[rows, axis]) / np.where(run == 0.0, 1.0, run))[:, None]
    moved[rows, axis] = line
    moved = np.clip(moved, [-90.0, -180.0], [90.0, 180.0])
    aside = rng.choice([0.0, 1e-12, 1e-10, 1e-6, 1e-4, 1e-2], points.shape) * rng.choice(
        [-1.0, 1.0], points.shape
    )
    return moved + aside / np.where(place[2:] == 0, 1, place[2:])


def awkward_points(pact: Pact, n: int, seed: int) -> Points:
    """n points: all about the zones, and on vertices, sides, borders of cells and the ends of the earth."""
    rng = np.random.default_rng(seed)
    table = zone_table(pact)
    polygons = [np.array(zone.polygon, np.float64) for zone in pact.zone] or [np.zeros((1, 2))]
    starts = np.concatenate(polygons)
    ends = np.concatenate([np.roll(polygon, -1, axis=0) for polygon in polygons])
    low, high = starts.min(axis=0), starts.max(axis=0)
    size = high - low + 1e-9
    place = np.array(table.raster_deg)
    fifth = n // 5
    anywhere = rng.uniform(low - size / 10, high + size / 10, (fifth, 2))
    side = rng.integers(0, len(starts), fifth)
    on_sides = starts[side] + rng.choice([0.0, 0.25, 0.5, rng.random()], (fifth, 1)) * (ends - starts)[side]
    on_sides[::2] = on_cell_lines(rng, on_sides[::2], (ends - starts)[side[::2]], place)
    level = np.stack([rng.choice(starts[:, 0], fifth), rng.uniform(low[1], high[1], fifth)], axis=1)
    borders = rng.uniform(low, high, (n - 4 * fifth, 2))
    for axis in (0, 1):
        cell = rng.integers(0, table.certain.shape[axis] + 1, len(borders))
        line = place[axis] + cell / (place[2 + axis] or 1.0)
        borders[:, axis] = np.where(rng.random(len(borders)) < 0.6, line, borders[:, axis])
    ends_of_earth = rng.choice([-90.0, 90.0, 0.0], (fifth, 2)) * [1.0, 2.0]
    ends_of_earth[: fifth // 2] += rng.choice([0.0, 1e-9, -1e-9, math.nan, math.inf, 1e300], (fifth // 2, 2))
    lat, lon = np.radians(np.concatenate([anywhere, on_sides, level, borders, ends_of_earth])).T
    near = rng.random(n) < 0.3
    near &= np.isfinite(lat) & np.isfinite(lon)
    lat = np.where(near, np.nextafter(lat, rng.choice([-9.0, 9.0], n)), lat)
    lon = np.where(near, np.nextafter(lon, rng.choice([-9.0, 9.0], n)), lon)
    ends_of_bands = [end for zone in pact.zone for end in (zone.floor_m, zone.ceiling_m) if end is not None]
    heights = [math.nan, math.inf, -math.inf, 0.0, 3_000.0, *ends_of_bands]
    return lat, lon, rng.choice(np.array([*heights, *np.nextafter(ends_of_bands, -1.0)]), n)


def with_zones(*zones: Zone) -> Pact:
    return msgspec.structs.replace(ALPINE, zone=zones)


def zone(name: int, polygon: F64, floor_m: float | None = None, ceiling_m: float | None = None) -> Zone:
    corners = tuple((float(lat), float(lon)) for lat, lon in polygon)
    return Zone(id=f"Z{name}", polygon=corners, source="invented", floor_m=floor_m, ceiling_m=ceiling_m)


def jagged(rng: np.random.Generator, vertices: int, size_deg: float) -> F64:
    """A star-shaped polygon with deep notches, some of its sides level and some upright."""
    angle = np.sort(rng.uniform(0.0, 2 * math.pi, vertices))
    radius = size_deg * rng.uniform(0.1, 1.0, vertices)
    polygon = rng.uniform([-40, -100], [40, 100]) + radius[:, None] * np.stack(
        [np.sin(angle), np.cos(angle)], 1
    )
    for i in range(1, vertices, 3):
        polygon[i, i % 2] = polygon[i - 1, i % 2]
    return polygon


def comb(teeth: int) -> F64:
    """A polygon whose sides go from pole to pole and back."""
    lon = np.linspace(-80.0, 80.0, teeth)
    return np.stack([np.where(np.arange(teeth) % 2 == 0, -90.0, 90.0), lon], axis=1)


CORNERS = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])
AWKWARD = {
    "no zone": (),
    "all the earth": (zone(0, CORNERS * [180, 360] - [90, 180]), zone(1, CORNERS, 100.0, 3_000.0)),
    "tiny": (zone(0, CORNERS * 1e-8 + 45), zone(1, CORNERS * 1e-8 + [45, 45 + 1e-8])),
    "tiny and far apart": (zone(0, CORNERS * 1e-8 + 45), zone(1, CORNERS * 1e-3 - 45)),
    "a hair wide": (zone(0, CORNERS * [50, 1e-12] + [0, 7]), zone(1, CORNERS * [1e-12, 50] + [7, 0])),
    "nearly level": (zone(0, np.array([(1.0, 0.0), (1.0 + 1e-13, 60.0), (2.0, 30.0), (1.5, 30.0)])),),
    "crossing itself": (zone(0, np.array([(0.0, 0.0), (2.0, 2.0), (0.0, 2.0), (2.0, 0.0)])),),
    "a comb": (zone(0, comb(ZONE_VERTICES_MAX)), zone(1, CORNERS * 80)),
}


def test_the_raster_answers_as_a_walk_round_the_zones_of_the_alpine_pact() -> None:
    points = awkward_points(ALPINE, 200_000, seed=1)
    wanted = walk(ALPINE, points)
    assert np.array_equal(look_up(zone_table(ALPINE), points), wanted)
    assert len(np.unique(wanted)) > 8
    assert np.count_nonzero(wanted) > 50_000


@pytest.mark.parametrize("seed", range(20))
def test_the_raster_answers_as_a_walk_round_the_zones_of_random_pacts(seed: int) -> None:
    random = Random(seed)
    pact = hub_pact(random) if seed % 2 else random_pact(random)
    points = awkward_points(pact, 10_000, seed)
    assert np.array_equal(look_up(zone_table(pact), points), walk(pact, points))


@pytest.mark.parametrize("seed", range(20))
def test_the_raster_answers_as_a_walk_round_jagged_zones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bands = [(None, None), (500.0, None), (None, 3_000.0), (500.0, 3_000.0)]
    size_deg = float(rng.choice([0.01, 5.0, 50.0]))
    zones = [zone(i, jagged(rng, int(rng.integers(3, 60)), size_deg), *bands[i % 4]) for i in range(8)]
    points = awkward_points(with_zones(*zones), 10_000, seed)
    wanted = walk(with_zones(*zones), points)
    assert np.array_equal(look_up(zone_table(with_zones(*zones)), points), wanted)
    assert wanted.any()


@pytest.mark.parametrize("name", AWKWARD)
def test_the_raster_answers_as_a_walk_round_awkward_zones(name: str) -> None:
    pact = with_zones(*AWKWARD[name])
    points = awkward_points(pact, 20_000, seed=3)
    assert np.array_equal(look_up(zone_table(pact), points), walk(pact, points))


# ---------------------------------------------------------------- planted faults


def mistaken(table: ZoneTable, rows: int, columns: int) -> ZoneTable:
    """The table with doubt that ends a cell early on one side: the last cells answer as their neighbours."""
    doubtful, certain = (np.roll(layer, (rows, columns), (0, 1)) for layer in (table.doubtful, table.certain))
    lost = table.doubtful & ~doubtful
    return table._replace(doubtful=table.doubtful & ~lost, certain=table.certain | (certain & lost))


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_raster_that_is_one_cell_off_is_found_out(rows: int, columns: int) -> None:
    table, points = zone_table(ALPINE), awkward_points(ALPINE, 200_000, seed=1)
    wanted = walk(ALPINE, points)
    assert not np.array_equal(look_up(mistaken(table, rows, columns), points), wanted)
    moved = table._replace(certain=np.roll(table.certain, (rows, columns), (0, 1)))
    assert not np.array_equal(look_up(moved, points), wanted)
    assert not np.array_equal(look_up(table._replace(doubtful=table.doubtful & 0), points), wanted)


def test_a_side_along_the_border_of_a_cell_leaves_both_its_cells_in_doubt() -> None:
    """Without the margin a point on the border might be looked up in a cell that the side does not touch."""
    rows = math.isqrt(RASTER_CELLS_MAX)
    table = zone_table(with_zones(zone(0, CORNERS * 10)))
    south, _, per_deg, _ = table.raster_deg
    border = south + (rows // 2) / per_deg
    inner = zone(1, np.array([(border, 2.0), (border, 8.0), (9.0, 8.0), (9.0, 2.0)]))
    doubtful = zone_table(with_zones(zone(0, CORNERS * 10), inner)).doubtful
    middle = doubtful[rows // 2 - 1 : rows // 2 + 1, rows // 2]
    assert (middle >> 1 & 1).tolist() == [1, 1]


# ---------------------------------------------------------------- what it costs


def test_few_cells_of_the_alpine_pact_are_in_doubt() -> None:
    table = zone_table(ALPINE)
    assert table.certain.size == RASTER_CELLS_MAX
    assert np.mean(table.doubtful != 0) < 0.08
    assert not (table.certain & table.doubtful).any()


def test_sides_that_span_more_rows_than_the_limit_make_the_raster_coarser() -> None:
    pact = with_zones(*(zone(i, comb(ZONE_VERTICES_MAX)) for i in range(ZONES_MAX)))
    rows = zone_table(pact).certain.shape[0]
    sides = ZONE_VERTICES_MAX * ZONES_MAX
    assert sides * rows <= RASTER_SPANS_MAX < sides * 4 * rows
    assert zone_table(with_zones(zone(0, comb(8)))).certain.shape[0] == math.isqrt(RASTER_CELLS_MAX)


def test_the_newest_tables_are_kept() -> None:
    first = zone_table(with_zones(zone(0, CORNERS)))
    for i in range(1, ZONE_TABLES_KEPT):
        zone_table(with_zones(zone(i, CORNERS)))
    assert zone_table(with_zones(zone(0, CORNERS))) is first
    for i in range(1, ZONE_TABLES_KEPT + 1):
        zone_table(with_zones(zone(i, CORNERS)))
    assert zone_table(with_zones(zone(0, CORNERS))) is not first


def test_a_table_is_not_taken_for_that_of_a_pact_which_withholds_other_zones() -> None:
    """The zones are the same, but a track of unknown height counts as inside what is withheld."""
    low = zone(0, CORNERS, None, 1_000.0)
    kept = next(one for one in ALPINE.clause if isinstance(one, Withhold))
    pact = msgspec.structs.replace(ALPINE, zone=(low,), clause=())
    withholding = msgspec.structs.replace(pact, clause=(msgspec.structs.replace(kept, zones=("Z0",)),))
    place = (np.radians([0.5]), np.radians([0.5]), np.array([math.nan]))
    assert [int(look_up(zone_table(one), place)[0]) for one in (pact, withholding, pact)] == [0, 1, 0]
