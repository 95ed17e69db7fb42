"""Which tracks will probably enter which zones within a horizon, and when.

What flies is taken to fly straight on (threat_kernels.py). What falls enters a zone by coming down in it, at
whatever height the zone begins or ends (ballistic.py); an object that passes over a zone does not enter it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.limits import ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import F64, I32, SECOND_NS, Bool, Tracks, take
from foedus.watch.ballistic import ArrivalAreas, arrival_areas, falling, mass_inside
from foedus.watch.threat_kernels import BINS, EARLY, LATE, MOMENTS, RAYS, SPEEDS, assess_kernel

PROBABILITY_MIN = 0.01
"""Threats below this are not listed: no duty can ask for less than a step of the warning's 10 %."""

PolygonDeg = Sequence[tuple[float, float]]


class Zones(NamedTuple):
    """Polygons one after the other; zone z has the vertices starts[z] to starts[z + 1]."""

    lat_rad: F64
    lon_rad: F64  # the short way from vertex to vertex, so beyond +-pi across the antimeridian
    starts: I32  # shape (zones + 1,)
    bounds: (
        F64  # shape (zones, 6): lat min, lon min, lat max, lon max (rad), floor, ceiling (m; infinite: none)
    )


class Threats(NamedTuple):
    """One row per (track, zone) that may meet, ordered by row and zone."""

    row: I32  # of the tracks given
    zone: I32
    entry_s: F64  # most likely seconds from now to entry, 0 if inside
    probability: F64  # of being inside or entering within the horizon
    inside: Bool  # the expected position is inside now
    earliest_s: F64  # a tenth of the entries within the horizon come before this
    latest_s: F64  # and nine tenths before this; entry_s lies between them
    closest_m: F64  # horizontally, of the expected path within the horizon; 0 where it comes inside
    closest_s: F64  # when that is
    falls: Bool  # it enters by coming down, see ballistic.py


class Arrival(NamedTuple):
    """When one track enters one zone: a step function, its last value the probability within the horizon."""

    times_s: F64  # from now, rising
    probability: F64  # of having entered by then


def make_zones(
    polygons_deg: Sequence[PolygonDeg], floors_m: Sequence[float | None], ceilings_m: Sequence[float | None]
) -> Zones:
    """Zones from polygons of (latitude, longitude) in degrees, with None for no floor or no ceiling.

    LimitError beyond ZONES_MAX zones or ZONE_VERTICES_MAX vertices; the reader checked the polygons.
    """
    if len(polygons_deg) > ZONES_MAX:
        raise LimitError(name="ZONES_MAX", limit=ZONES_MAX, asked=len(polygons_deg))
    assert len(polygons_deg) == len(floors_m) == len(ceilings_m)
    starts = np.zeros(len(polygons_deg) + 1, np.int32)
    bounds = np.empty((len(polygons_deg), 6))
    latitudes, longitudes = [np.empty(0)], [np.empty(0)]
    for zone, polygon in enumerate(polygons_deg):
        if len(polygon) > ZONE_VERTICES_MAX:
            raise LimitError(name="ZONE_VERTICES_MAX", limit=ZONE_VERTICES_MAX, asked=len(polygon))
        assert len(polygon) >= 3
        corners = np.radians(np.array(polygon, np.float64))
        lat_rad, lon_rad = corners[:, 0], np.unwrap(corners[:, 1])
        floor_m, ceiling_m = floors_m[zone], ceilings_m[zone]
        bounds[zone] = (
            lat_rad.min(),
            lon_rad.min(),
            lat_rad.max(),
            lon_rad.max(),
            -math.inf if floor_m is None else floor_m,
            math.inf if ceiling_m is None else ceiling_m,
        )
        starts[zone + 1] = starts[zone] + len(polygon)
        latitudes.append(lat_rad)
        longitudes.append(lon_rad)
    return Zones(np.concatenate(latitudes), np.concatenate(longitudes), starts, bounds)


STIR_START = 25
STIR_CLIMB = 11
STIR_HEIGHT = 19
STIR_SPEED = 13
"""Odd multipliers that shuffle; the first two chosen by trial against Monte Carlo scenes (tests)."""


def _normal_quantile(probability: float) -> float:
    """The standard normal value below which this probability lies; by bisection, for a table made once."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if math.erfc(-middle / math.sqrt(2.0)) < 2.0 * probability:
            low = middle
        else:
            high = middle
    return low


def _gaussian_points() -> F64:
    """Fixed standard Gaussian points, (RAYS, 5 + SPEEDS): start east, north, climb, heading, height, speeds.

    Heading, climb and height: the middles of RAYS equal parts of the probability. Speeds: one in each of
    SPEEDS equal parts, at a place that differs from ray to ray. Start: a Vogel spiral, point r at
    the radius of quantile (r + 1/2) / RAYS and r times the golden angle. Odd multipliers shuffle all
    but the heading, so that they do not depend on it.
    """
    golden_rad = math.pi * (3.0 - math.sqrt(5.0))
    points = np.empty((RAYS, 5 + SPEEDS))
    for k in range(RAYS):
        r = k * STIR_START % RAYS
        radius = math.sqrt(-2.0 * math.log(1.0 - (r + 0.5) / RAYS))
        points[k, :2] = radius * math.cos(golden_rad * r), radius * math.sin(golden_rad * r)
        points[k, 2] = _normal_quantile((k * STIR_CLIMB % RAYS + 0.5) / RAYS)
        points[k, 3] = _normal_quantile((k + 0.5) / RAYS)
        points[k, 4] = _normal_quantile((k * STIR_HEIGHT % RAYS + 0.5) / RAYS)
        place = (k * STIR_SPEED % RAYS + 0.5) / RAYS
        points[k, 5:] = [_normal_quantile((i + place) / SPEEDS) for i in range(SPEEDS)]
    return points


_POINTS = _gaussian_points()


def assess(tracks: Tracks, zones: Zones, *, now_ns: int, horizon_s: float) -> Threats:
    """Every (track, zone) whose probability of entry within the horizon is at least PROBABILITY_MIN."""
    if not falling(tracks).any():
        return _assess(tracks, zones, now_ns=now_ns, horizon_s=horizon_s)[0]
    areas = arrival_areas(tracks, now_ns=now_ns)
    straight = np.setdiff1d(np.arange(len(tracks.number)), areas.row)
    flying, _ = _assess(take(tracks, straight), zones, now_ns=now_ns, horizon_s=horizon_s)
    flying = flying._replace(row=straight[flying.row].astype(np.int32))
    down = _assess_falls(areas, zones, horizon_s)
    both = Threats._make(np.concatenate([one, other]) for one, other in zip(flying, down, strict=True))
    order = np.lexsort((both.zone, both.row))
    return Threats._make(column[order] for column in both)


def arrival(tracks: Tracks, zones: Zones, *, row: int, zone: int, now_ns: int, horizon_s: float) -> Arrival:
    """The whole distribution of the entry time of one track into one zone; no rows where it is no threat."""
    one = take(tracks, np.array([row]))
    only = _only(zones, zone)
    areas = arrival_areas(one, now_ns=now_ns)
    if len(areas.row):
        return _arrival_of_fall(areas, _assess_falls(areas, only, horizon_s), horizon_s)
    threats, moments = _assess(one, only, now_ns=now_ns, horizon_s=horizon_s)
    if len(threats.row) == 0:
        return Arrival(np.empty(0), np.empty(0))
    if len(moments) == 0:  # surely inside, or so unlikely that no moment of the fan is one of entry
        return Arrival(threats.entry_s, threats.probability)
    moments = moments[np.argsort(moments[:, 0], kind="stable")]
    share = np.cumsum(moments[:, 1])
    return Arrival(moments[:, 0], share * (threats.probability[0] / share[-1]))


def _only(zones: Zones, zone: int) -> Zones:
    """One of the zones."""
    first, last = int(zones.starts[zone]), int(zones.starts[zone + 1])
    starts = np.array([0, last - first], np.int32)
    return Zones(zones.lat_rad[first:last], zones.lon_rad[first:last], starts, zones.bounds[zone : zone + 1])


# ---------------------------------------------------------------- what falls


def _quantiles_s(areas: ArrivalAreas, i: int, share: float, horizon_s: float, parts: F64) -> F64:
    """The times before which those parts of the arrivals within the horizon come; share: of all arrivals."""
    return np.array(
        [
            min(
                horizon_s,
                max(0.0, areas.arrival_s[i] + areas.arrival_sigma_s[i] * _normal_quantile(part * share)),
            )
            for part in parts.tolist()
        ]
    )


def _share_in_time(areas: ArrivalAreas, i: int, horizon_s: float) -> float:
    """The probability that object i is down within the horizon."""
    late = (areas.arrival_s[i] - horizon_s) / max(1e-3, areas.arrival_sigma_s[i])
    return 0.5 * math.erfc(late / math.sqrt(2.0))


def _assess_falls(areas: ArrivalAreas, zones: Zones, horizon_s: float) -> Threats:
    """The threats of what falls; place and time of an arrival count as independent."""
    rows: list[tuple[float, ...]] = []
    for i in range(len(areas.row)):
        share = _share_in_time(areas, i, horizon_s)
        for zone in range(len(zones.bounds)) if share >= PROBABILITY_MIN else ():
            only = _only(zones, zone)
            mass, away_m = mass_inside(areas, i, only.lat_rad, only.lon_rad)
            if mass * share < PROBABILITY_MIN:
                continue
            entry_s = float(areas.arrival_s[i])
            early_s, late_s = _quantiles_s(areas, i, share, horizon_s, np.array([EARLY, LATE])).tolist()
            down = entry_s == 0.0 and away_m == 0.0
            early_s, late_s = min(early_s, entry_s), max(late_s, entry_s)
            rows.append(
                (areas.row[i], zone, entry_s, mass * share, down, early_s, late_s, away_m, entry_s, True)
            )
    table = np.array(rows).reshape(len(rows), len(Threats._fields))
    kinds = (np.int32, np.int32, np.float64, np.float64, np.bool_, *[np.float64] * 4, np.bool_)
    return Threats._make(table[:, k].astype(kind) for k, kind in enumerate(kinds))


def _arrival_of_fall(areas: ArrivalAreas, threats: Threats, horizon_s: float) -> Arrival:
    """The distribution for what falls, in MOMENTS equal steps."""
    if len(threats.row) == 0:
        return Arrival(np.empty(0), np.empty(0))
    parts = (np.arange(MOMENTS) + 0.5) / MOMENTS
    times_s = _quantiles_s(areas, 0, _share_in_time(areas, 0, horizon_s), horizon_s, parts)
    return Arrival(times_s, (np.arange(MOMENTS) + 1.0) / MOMENTS * threats.probability[0])


# ---------------------------------------------------------------- what flies


def _assess(tracks: Tracks, zones: Zones, *, now_ns: int, horizon_s: float) -> tuple[Threats, F64]:
    """The threats of all tracks, and the moments (seconds, weight) behind the last one."""
    assert horizon_s > 0.0
    rows, room = len(tracks.number), len(tracks.number) * len(zones.bounds)
    state = np.empty((rows, 10))
    columns = (
        tracks.lat_rad, tracks.lon_rad, tracks.height_m,
        tracks.velocity_east_m_s, tracks.velocity_north_m_s, tracks.velocity_up_m_s,
        tracks.position_sigma_m, tracks.height_sigma_m, tracks.velocity_sigma_m_s,
        (now_ns - tracks.time_ns) / SECOND_NS,
    )  # fmt: skip
    for i, column in enumerate(columns):
        state[:, i] = column
    out_row, out_zone, out = np.empty(room, np.int32), np.empty(room, np.int32), np.empty((room + 1, 7))
    moments = np.empty((MOMENTS, 2))
    found, last = assess_kernel(
        state, zones.lat_rad, zones.lon_rad, zones.starts, zones.bounds, _POINTS, float(horizon_s),
        PROBABILITY_MIN, np.empty(ZONE_VERTICES_MAX), np.empty(ZONE_VERTICES_MAX), np.empty((RAYS, 6)),
        moments, np.empty(BINS), out_row, out_zone, out,
    )  # fmt: skip
    entry_s, probability, earliest_s, latest_s, closest_m, closest_s, inside = out[:found].T.copy()
    threats = Threats(
        row=out_row[:found],
        zone=out_zone[:found],
        entry_s=entry_s,
        probability=probability,
        inside=inside > 0.0,
        earliest_s=earliest_s,
        latest_s=latest_s,
        closest_m=closest_m,
        closest_s=closest_s,
        falls=np.zeros(found, np.bool_),
    )
    return threats, moments[:last]
