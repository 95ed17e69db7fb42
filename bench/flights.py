"""True flights, seeded: courses over the ellipsoid and arcs under gravity, as positions and velocities.

Aircraft are integrated in latitude, longitude, height and course on WGS-84, arcs in the rotating
earth-centred frame. What is kept are position and velocity at whole seconds; between them a flight *is* the
cubic that takes both (Hermite), so that position and velocity never part. Turns and climbs begin and end at
whole seconds. All speeds, heights and shares are invented and coarse.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from foedus.geo import (
    ECCENTRICITY_2,
    MEAN_RADIUS_M,
    SEMI_MAJOR_M,
    ecef_from_geodetic,
    geodetic_from_ecef,
)
from foedus.model import F64, I8, I64, Bool

EARTH_GM = 3.986004418e14  # m^3/s^2, NIMA TR8350.2 table 3.1
EARTH_RATE = 7.292115e-5  # rad/s, ibid.
EARTH_J2 = 1.082629821e-3  # from the WGS-84 normalised C20, ibid. table 3.2
AIR_KG_M3, AIR_SCALE_M = 1.225, 7_500.0  # at sea level, and the height in which it falls to 1/e
RAMP_S = 4.0  # a climb builds up and ends so slowly
SUBSTEPS = 4  # of a second, where an arc is integrated


class Kind(IntEnum):
    """How a target flies."""

    AIRLINER = 0
    FAST = 1
    LOW = 2
    BALLISTIC = 3


class Courses(NamedTuple):
    """How aircraft are flown; one row each, turns in (n, turns)."""

    lat_rad: F64
    lon_rad: F64
    height_m: F64
    speed_m_s: F64  # over ground
    course_rad: F64
    turn_rad_s: F64
    turn_start_s: F64
    turn_end_s: F64
    climb_m_s: F64
    climb_start_s: F64
    climb_end_s: F64


class Truth(NamedTuple):
    """The flights of all targets; one row each."""

    nodes: F64  # (targets, seconds + 1, 6): ECEF position and velocity at whole seconds
    kind: I8
    born_s: F64  # a target is there from born_s to end_s
    end_s: F64
    courses: Courses  # of an arc: no turns, no climb, and not level

    def at(self, target: I64, time_s: F64) -> F64:
        """ECEF position and velocity (n, 6) of the given targets, each at its own time."""
        first = np.clip(np.floor(time_s), 0, self.nodes.shape[1] - 2).astype(np.int64)
        here, there = self.nodes[target, first], self.nodes[target, first + 1]
        u = (time_s - first)[:, None]
        gap = there[:, :3] - here[:, :3]
        start, end = here[:, 3:], there[:, 3:]
        bend, twist = 3.0 * gap - 2.0 * start - end, start + end - 2.0 * gap
        out = np.empty_like(here)
        out[:, :3] = here[:, :3] + u * (start + u * (bend + u * twist))
        out[:, 3:] = start + u * (2.0 * bend + 3.0 * u * twist)
        return out

    def alive(self, target: I64, time_s: F64) -> Bool:
        """Whether the targets are there at those times."""
        return (time_s >= self.born_s[target]) & (time_s <= self.end_s[target])

    def straight(self, time_s: float) -> Bool:
        """(targets,) those that fly straight and level at one time."""
        c = self.courses
        turning = ((time_s >= c.turn_start_s) & (time_s <= c.turn_end_s) & (c.turn_rad_s != 0.0)).any(axis=1)
        climbing = (c.climb_m_s != 0.0) & (time_s >= c.climb_start_s) & (time_s <= c.climb_end_s)
        return ~turning & ~climbing & (self.kind != Kind.BALLISTIC)


# ---------------------------------------------------------------- aircraft


def _pick_turns(rng: np.random.Generator, kind: I8, duration_s: float) -> tuple[F64, F64, F64]:
    """(rate, start, end) of turns, (n, slots): a flight has at most one turn in each slot of the run."""
    slots = max(2, round(duration_s / 75.0))
    shape = (len(kind), slots)
    width_s = duration_s / slots
    start = np.floor((np.arange(slots) + rng.uniform(0.1, 0.6, shape)) * width_s)
    end = np.minimum(
        start + np.floor(rng.uniform(6.0, 30.0, shape)), np.floor((np.arange(slots) + 1) * width_s)
    )
    lively = kind == Kind.FAST
    rate = np.radians(np.where(lively[:, None], rng.uniform(2.0, 5.0, shape), rng.uniform(1.0, 3.0, shape)))
    rate *= rng.choice([-1.0, 1.0], shape)
    only = rng.integers(0, slots, len(kind))[:, None] == np.arange(slots)
    wanted = rng.random(len(kind))
    airliner = ((kind == Kind.AIRLINER) & (wanted < 0.25))[:, None] & only
    low = ((kind == Kind.LOW) & (wanted < 0.5))[:, None] & only
    return np.where(lively[:, None] | airliner | low, rate, 0.0), start, end


def make_courses(rng: np.random.Generator, kind: I8, *, lat: F64, lon: F64, duration_s: float) -> Courses:
    """Airliners 200 to 260 m/s, fast movers 200 to 600, low ones slow (40 to 90) or quick (150 to 300).

    A quarter of the airliners and half of the low ones turn once at 1 to 3 degrees a second, fast movers
    several times at 2 to 5. 40 % of the airliners climb or descend at 4 to 12 m/s, 60 % of the fast ones at
    10 to 50.
    """
    n = len(kind)
    slow = (kind == Kind.LOW) & (rng.random(n) < 0.5)
    slowest = np.where(slow, 40.0, np.array([200.0, 200.0, 150.0, 0.0])[kind])
    fastest = np.where(slow, 90.0, np.array([260.0, 600.0, 300.0, 0.0])[kind])
    floor, ceiling = np.array([8e3, 3e3, 100.0, 0.0])[kind], np.array([12.5e3, 15e3, 1e3, 0.0])[kind]
    height_m = rng.uniform(floor, ceiling)
    rate, start, end = _pick_turns(rng, kind, duration_s)
    begins = np.floor(rng.uniform(0.05, 0.6, n) * duration_s)
    lasts = 2 * RAMP_S + np.floor(rng.uniform(0.1, 0.35, n) * duration_s)
    climbing = rng.random(n) < np.array([0.4, 0.6, 0.0, 0.0])[kind]
    climb = rng.uniform(np.array([4.0, 10.0, 0.0, 0.0])[kind], np.array([12.0, 50.0, 0.0, 0.0])[kind])
    # Down from above the middle of the band, up from below it: nobody leaves the air in which it flies.
    climb = np.where(climbing, np.where(height_m > 0.5 * (floor + ceiling), -climb, climb), 0.0)
    return Courses(
        lat_rad=lat,
        lon_rad=lon,
        height_m=height_m,
        speed_m_s=rng.uniform(slowest, fastest),
        course_rad=rng.uniform(0.0, 2.0 * math.pi, n),
        turn_rad_s=rate,
        turn_start_s=start,
        turn_end_s=end,
        climb_m_s=climb,
        climb_start_s=begins,
        climb_end_s=begins + lasts,
    )


def _climb_at(c: Courses, time_s: float) -> F64:
    """Vertical speed: up and down in ramps of RAMP_S."""
    rise = np.minimum(time_s - c.climb_start_s, c.climb_end_s - time_s) / RAMP_S
    return c.climb_m_s * np.clip(rise, 0.0, 1.0)


def _rates(state: F64, speed: F64, turn: F64, climb: F64) -> F64:
    """Derivative of (latitude, longitude, height, course), (4, n): a geodesic where turn is 0.

    Radii of curvature: Hofmann-Wellenhof, GNSS (2008), 8.2; course along a geodesic: Clairaut's relation.
    """
    lat, _, height_m, course = state
    flat = 1.0 - ECCENTRICITY_2 * np.sin(lat) ** 2
    normal_m = SEMI_MAJOR_M / np.sqrt(flat)
    meridian_m = normal_m * (1.0 - ECCENTRICITY_2) / flat
    east, north = speed * np.sin(course), speed * np.cos(course)
    along = east / (normal_m + height_m)
    return np.stack([north / (meridian_m + height_m), along / np.cos(lat), climb, turn + along * np.tan(lat)])


def _velocity(state: F64, speed: F64, climb: F64) -> F64:
    """ECEF velocity (n, 3) of a state."""
    lat, lon, _, course = state
    east, north = speed * np.sin(course), speed * np.cos(course)
    return enu_to_ecef(np.stack([east, north, climb], axis=1), lat, lon)


def fly(courses: Courses, seconds: int) -> F64:
    """Position and velocity (n, seconds + 1, 6): Runge-Kutta of fourth order, a second at a time."""
    c = courses
    nodes = np.empty((len(c.lat_rad), seconds + 1, 6))
    state = np.stack([c.lat_rad, c.lon_rad, c.height_m, c.course_rad])
    for k in range(seconds + 1):
        nodes[:, k, :3] = ecef_from_geodetic(*(np.ascontiguousarray(state[i]) for i in range(3)))
        nodes[:, k, 3:] = _velocity(state, c.speed_m_s, _climb_at(c, k))
        inside = (c.turn_start_s <= k) & (k < c.turn_end_s)
        turn = (c.turn_rad_s * inside).sum(axis=1)
        climbs = [_climb_at(c, k + part) for part in (0.0, 0.5, 1.0)]
        first = _rates(state, c.speed_m_s, turn, climbs[0])
        second = _rates(state + 0.5 * first, c.speed_m_s, turn, climbs[1])
        third = _rates(state + 0.5 * second, c.speed_m_s, turn, climbs[1])
        fourth = _rates(state + third, c.speed_m_s, turn, climbs[2])
        state = state + (first + 2.0 * second + 2.0 * third + fourth) / 6.0
    return nodes


# ---------------------------------------------------------------- arcs


def potential(position_m: F64) -> F64:
    """Gravity to J2 and the centrifugal part, J/kg, of positions (n, 3). Montenbruck, Gill (2000), 3.2."""
    x, y, z = position_m.T
    r = np.sqrt(x * x + y * y + z * z)
    oblate = 0.5 * EARTH_J2 * (SEMI_MAJOR_M / r) ** 2 * (3.0 * (z / r) ** 2 - 1.0)
    return -EARTH_GM / r * (1.0 - oblate) - 0.5 * EARTH_RATE**2 * (x * x + y * y)


def _fall_rates(state: F64, drag_m2_kg: F64) -> F64:
    """Derivative of (position, velocity), (n, 6): gravity to J2, drag, centrifugal and Coriolis parts."""
    x, y, z, vx, vy, vz = state.T
    r2 = x * x + y * y + z * z
    pull = -EARTH_GM / (r2 * np.sqrt(r2))
    oblate, tilt = 1.5 * EARTH_J2 * SEMI_MAJOR_M**2 / r2, 5.0 * z * z / r2
    height_m = geodetic_from_ecef(np.ascontiguousarray(state[:, :3]))[:, 2]
    air = AIR_KG_M3 * np.exp(-np.maximum(height_m, 0.0) / AIR_SCALE_M)
    brake = 0.5 * air * drag_m2_kg * np.sqrt(vx * vx + vy * vy + vz * vz)
    spin2 = EARTH_RATE**2
    ax = pull * x * (1.0 + oblate * (1.0 - tilt)) - brake * vx + spin2 * x + 2.0 * EARTH_RATE * vy
    ay = pull * y * (1.0 + oblate * (1.0 - tilt)) - brake * vy + spin2 * y - 2.0 * EARTH_RATE * vx
    az = pull * z * (1.0 + oblate * (3.0 - tilt)) - brake * vz
    return np.stack([vx, vy, vz, ax, ay, az], axis=1)


def fall(state: F64, drag_m2_kg: F64, seconds: int) -> F64:
    """Position and velocity (n, seconds + 1, 6) of free bodies from (n, 6).

    drag_m2_kg: area times drag coefficient over mass, 0 for none.
    Runge-Kutta of fourth order, SUBSTEPS to a second.
    """
    nodes = np.empty((len(state), seconds + 1, 6))
    nodes[:, 0] = state
    step_s = 1.0 / SUBSTEPS
    for k in range(seconds * SUBSTEPS):
        first = _fall_rates(state, drag_m2_kg)
        second = _fall_rates(state + 0.5 * step_s * first, drag_m2_kg)
        third = _fall_rates(state + 0.5 * step_s * second, drag_m2_kg)
        fourth = _fall_rates(state + step_s * third, drag_m2_kg)
        state = state + step_s / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
        if (k + 1) % SUBSTEPS == 0:
            nodes[:, (k + 1) // SUBSTEPS] = state
    return nodes


def _arcs(rng: np.random.Generator, lat: F64, lon: F64, seconds: int, *, drag: bool) -> tuple[F64, F64, F64]:
    """(nodes, born_s, end_s) of bodies that rise from the ground and fall back to it within the run.

    Without air they would fly for 0.5 to 0.85 of the run, leaving at 40 to 65 degrees; air shortens that.
    """
    n = len(lat)
    flight_s = rng.uniform(0.5, 0.85, n) * seconds
    born = np.floor(rng.uniform(0.02, 1.0, n) * (0.98 * seconds - flight_s)).astype(np.int64)
    up = 0.5 * 9.81 * flight_s
    level = up / np.tan(np.radians(rng.uniform(40.0, 65.0, n)))
    course = rng.uniform(0.0, 2.0 * math.pi, n)
    mass_per_area = rng.uniform(10_000.0, 20_000.0, n)  # kg/m^2 over the drag coefficient
    velocity = enu_to_ecef(np.stack([level * np.sin(course), level * np.cos(course), up], axis=1), lat, lon)
    start = np.concatenate([ecef_from_geodetic(lat, lon, np.zeros(n)), velocity], axis=1)
    free = fall(start, 1.0 / mass_per_area if drag else np.zeros(n), seconds)
    height_m = geodetic_from_ecef(free[:, :, :3].reshape(-1, 3))[:, 2].reshape(n, -1)
    height_m[:, 0] = 1.0  # on the ground it has not come down yet
    hit = np.argmax(height_m <= 0.0, axis=1)  # first whole second below the ground
    rows = np.arange(n)
    above, below = height_m[rows, hit - 1], height_m[rows, hit]
    nodes = np.zeros((n, seconds + 1, 6))
    for i in rows:
        last = min(hit[i], seconds - born[i])
        nodes[i, : born[i], :3] = start[i, :3]
        nodes[i, born[i] : born[i] + last + 1] = free[i, : last + 1]
        nodes[i, born[i] + last + 1 :, :3] = free[i, last, :3]
    return nodes, born.astype(np.float64), born + hit - 1 + above / (above - below)


# ---------------------------------------------------------------- all of them


def enu_to_ecef(vector: F64, lat: F64, lon: F64) -> F64:
    """(n, 3) east, north, up at places as (n, 3) ECEF."""
    east, north, up = vector.T
    outward = np.cos(lat) * up - np.sin(lat) * north
    x, y = np.cos(lon) * outward - np.sin(lon) * east, np.sin(lon) * outward + np.cos(lon) * east
    return np.stack([x, y, np.sin(lat) * up + np.cos(lat) * north], axis=1)


def ecef_to_enu(vector: F64, lat: F64, lon: F64) -> F64:
    """(n, 3) ECEF as (n, 3) east, north, up at places."""
    x, y, z = vector.T
    outward = np.cos(lon) * x + np.sin(lon) * y
    east = np.cos(lon) * y - np.sin(lon) * x
    return np.stack(
        [east, np.cos(lat) * z - np.sin(lat) * outward, np.cos(lat) * outward + np.sin(lat) * z], 1
    )


def scatter(
    rng: np.random.Generator, n: int, *, centre_lat_deg: float, centre_lon_deg: float, width_m: float
) -> tuple[F64, F64]:
    """(latitude, longitude) of n places all over a square."""
    east, north = rng.uniform(-0.5, 0.5, (2, n)) * width_m
    lat = math.radians(centre_lat_deg) + north / MEAN_RADIUS_M
    return lat, math.radians(centre_lon_deg) + east / (MEAN_RADIUS_M * np.cos(lat))


def make_kinds(rng: np.random.Generator, n: int) -> I8:
    """70 % airliners, 22 % fast, 6 % low, 2 % ballistic-like, of these two at least one; in random order."""
    ballistic, low, fast = max(1, round(0.02 * n)), max(1, round(0.06 * n)), round(0.22 * n)
    counts = [n - fast - low - ballistic, fast, low, ballistic]
    return rng.permutation(np.repeat(np.arange(4), counts)).astype(np.int8)


def make_truth(
    rng: np.random.Generator, kind: I8, lat: F64, lon: F64, *, duration_s: float, drag: bool = True
) -> Truth:
    """Flights of targets of those kinds from those places."""
    seconds = math.ceil(duration_s)
    courses = make_courses(rng, kind, lat=lat, lon=lon, duration_s=duration_s)
    nodes = fly(courses, seconds)
    born_s, end_s = np.zeros(len(kind)), np.full(len(kind), float(seconds))
    rows = np.flatnonzero(kind == Kind.BALLISTIC)
    if len(rows):
        nodes[rows], born_s[rows], end_s[rows] = _arcs(rng, lat[rows], lon[rows], seconds, drag=drag)
    return Truth(nodes, kind, born_s, end_s, courses)
