"""What really flies: scripted objects and background traffic, as positions at any time.

Objects are numbered: the scripted ones in the order of the file, then the flights. Positions are kept at
whole seconds and taken to be straight in between.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from foedus.drill.chance import Chance
from foedus.drill.text import Arc, Drill, Target, Traffic
from foedus.geo import MEAN_RADIUS_M, ecef_from_geodetic
from foedus.model import F64, I32, I64, SECOND_NS, Bool, TrackClass, pack_callsign
from foedus.pact.clauses import Zone
from foedus.pact.force import time_ns_of

SECONDS_KEPT: Final = 64
"""Whole seconds of positions that are kept: the turn of the slowest radar and what led up to it."""

RADIUS_M_MIN: Final = 40_000.0
"""Smallest circle of a background flight: a bank that no passenger notices at 230 m/s."""

FIRST_ADDRESS: Final = 0xF00001
"""Addresses of generated flights: a block that ICAO Annex 10 vol. III, table 9-1, gives to no state."""


class Fix(NamedTuple):
    """Where every object is at one time; NaN where it is not in the air. Shapes (n,), ecef (n, 3)."""

    lat_rad: F64
    lon_rad: F64
    height_m: F64
    ecef_m: F64


class Way(NamedTuple):
    """The course of one scripted object in seconds since it appeared; columns of equal length."""

    after_s: F64
    lat_rad: F64
    lon_rad: F64
    height_m: F64


class Flights(NamedTuple):
    """Background flights on wide circles at constant height and speed; shapes (n,)."""

    lat_rad: F64
    lon_rad: F64
    radius_rad: F64
    phase_rad: F64
    rate_rad_s: F64
    height_m: F64


ARC_STEP_S: Final = 1.0


def make_way(target: Target) -> Way:
    """The course of a target of the drill file."""
    if target.arc is not None:
        return _arc(target.arc)
    points = target.waypoint
    return Way(
        np.array([point.after_s for point in points]),
        np.radians([point.lat_deg for point in points]),
        np.radians([point.lon_deg for point in points]),
        np.array([point.height_m for point in points]),
    )


def _arc(arc: Arc) -> Way:
    """A parabola over time: ground speed constant, height 4 top s (1 - s) at the share s of its time."""
    after_s = np.append(np.arange(0.0, arc.lasts_s, ARC_STEP_S), arc.lasts_s)
    s = after_s / arc.lasts_s
    return Way(
        after_s,
        np.radians(arc.from_lat_deg + s * (arc.to_lat_deg - arc.from_lat_deg)),
        np.radians(arc.from_lon_deg + s * (arc.to_lon_deg - arc.from_lon_deg)),
        4.0 * arc.top_m * s * (1.0 - s),
    )


def make_flights(traffic: Traffic, chance: Chance) -> Flights:
    """Background flights: circles whose centres lie in the box, drawn from the generator for traffic."""
    generator = chance.generator("traffic")
    n = traffic.flights
    turn = generator.choice([-1.0, 1.0], n)
    radius_m = generator.uniform(RADIUS_M_MIN, 2.5 * RADIUS_M_MIN, n)
    return Flights(
        np.radians(generator.uniform(traffic.south_deg, traffic.north_deg, n)),
        np.radians(generator.uniform(traffic.west_deg, traffic.east_deg, n)),
        radius_m / MEAN_RADIUS_M,
        generator.uniform(0.0, math.tau, n),
        turn * traffic.speed_m_s / radius_m,
        generator.uniform(traffic.height_m_min, traffic.height_m_max, n),
    )


class World:
    """All objects of one run. Scripted ones appear when the file or an inject says so."""

    def __init__(self, drill: Drill, chance: Chance) -> None:
        self.start_ns = time_ns_of(drill.start)
        self.targets = drill.target
        self._ways = [make_way(target) for target in drill.target]
        self._flights = make_flights(drill.traffic, chance)
        scripted, flights = len(drill.target), len(self._flights.lat_rad)
        self.count = scripted + flights
        self.begins_ns = np.zeros(scripted, np.int64)  # 0: has not appeared
        for row, target in enumerate(drill.target):
            if target.at_s is not None:
                self.begins_ns[row] = self.start_ns + round(target.at_s * SECOND_NS)
        own = [int(target.address, 16) if target.address else -1 for target in drill.target]
        self.icao24: I32 = np.array([*own, *range(FIRST_ADDRESS, FIRST_ADDRESS + flights)], np.int32)
        signs = [pack_callsign(f"FLT{number:04d}") for number in range(flights)]
        self.callsign: I64 = np.array([0] * scripted + signs, np.int64)
        self.track_class = np.array(
            [int(target.track_class) for target in drill.target] + [int(TrackClass.COOPERATIVE)] * flights,
            np.int8,
        )
        self._kept: dict[int, Fix] = {}

    def appear(self, target: str, at_ns: int) -> None:
        """Let a scripted object begin its course; one that has begun stays on it."""
        row = next(row for row, one in enumerate(self.targets) if one.id == target)
        if self.begins_ns[row] == 0:
            self.begins_ns[row] = at_ns
            self._kept.clear()

    def ends_ns(self, row: int) -> int:
        """When a scripted object's course ends; 0 where it has not begun."""
        begins_ns = int(self.begins_ns[row])
        return begins_ns + round(float(self._ways[row].after_s[-1]) * SECOND_NS) if begins_ns else 0

    def at_second(self, second: int) -> Fix:
        """Where everything is at a whole second since 1970."""
        fix = self._kept.get(second)
        if fix is None:
            if len(self._kept) >= SECONDS_KEPT:
                del self._kept[min(self._kept)]
            fix = self._kept[second] = self._fix(second * SECOND_NS)
        return fix

    def _fix(self, time_ns: int) -> Fix:
        lat_rad, lon_rad, height_m = np.full((3, self.count), np.nan)
        for row in range(len(self._ways)):
            lat_rad[row], lon_rad[row], height_m[row] = self.scripted(row, time_ns)
        flights = self._flights
        angle = flights.phase_rad + flights.rate_rad_s * ((time_ns - self.start_ns) / SECOND_NS)
        first = len(self._ways)
        lat_rad[first:] = flights.lat_rad + flights.radius_rad * np.cos(angle)
        lon_rad[first:] = flights.lon_rad + flights.radius_rad * np.sin(angle) / np.cos(flights.lat_rad)
        height_m[first:] = flights.height_m
        return Fix(lat_rad, lon_rad, height_m, ecef_from_geodetic(lat_rad, lon_rad, height_m))

    def scripted(self, row: int, time_ns: int) -> tuple[float, float, float]:
        """Latitude, longitude (rad) and height (m) of one scripted object; NaN where it is not in the air."""
        begins_ns, way = int(self.begins_ns[row]), self._ways[row]
        after_s = (time_ns - begins_ns) / SECOND_NS
        if begins_ns == 0 or not 0.0 <= after_s <= way.after_s[-1]:
            return math.nan, math.nan, math.nan
        return (
            float(np.interp(after_s, way.after_s, way.lat_rad)),
            float(np.interp(after_s, way.after_s, way.lon_rad)),
            float(np.interp(after_s, way.after_s, way.height_m)),
        )

    def scripted_rows(self, row: int, times_ns: I64) -> tuple[F64, F64, F64]:
        """The same for many times, shape (n,)."""
        begins_ns, way = int(self.begins_ns[row]), self._ways[row]
        after_s = (times_ns - begins_ns) / SECOND_NS
        gone = (begins_ns == 0) | (after_s < 0.0) | (after_s > way.after_s[-1])
        columns = [np.interp(after_s, way.after_s, column) for column in way[1:]]
        lat_rad, lon_rad, height_m = (np.where(gone, np.nan, column) for column in columns)
        return lat_rad, lon_rad, height_m


def inside(zone: Zone, lat_rad: F64, lon_rad: F64, height_m: F64) -> Bool:
    """Which points lie in a zone, by counting the sides to the east of each; written for the truth alone."""
    corners = np.array(zone.polygon, np.float64)
    lat, lon = np.degrees(lat_rad), np.degrees(lon_rad)
    odd = np.zeros(len(lat), np.bool_)
    for (lat_a, lon_a), (lat_b, lon_b) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        spans = (lat_a > lat) != (lat_b > lat)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
        odd ^= spans & (lon < crossing)
    floor_m = -math.inf if zone.floor_m is None else zone.floor_m
    ceiling_m = math.inf if zone.ceiling_m is None else zone.ceiling_m
    within: Bool = odd & (height_m >= floor_m) & (height_m <= ceiling_m)
    return within


def first_entry(world: World, row: int, zones: tuple[Zone, ...]) -> tuple[str, str, int]:
    """(zone, owner, time in ns) of the first zone that an object enters, to the second; else empty."""
    begins_ns, ends_ns = int(world.begins_ns[row]), world.ends_ns(row)
    if begins_ns == 0:
        return "", "", 0
    times_ns = np.arange(begins_ns, ends_ns + 1, SECOND_NS)
    lat_rad, lon_rad, height_m = world.scripted_rows(row, times_ns)
    best = ("", "", 0)
    for zone in zones:
        hits = np.flatnonzero(inside(zone, lat_rad, lon_rad, height_m))
        if len(hits) and (best[2] == 0 or times_ns[hits[0]] < best[2]):
            best = (zone.id, zone.owner or "", int(times_ns[hits[0]]))
    return best
