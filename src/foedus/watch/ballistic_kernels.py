"""Kernels of arrival areas: where and when what falls freely comes down, with the spread of that.

Motion in the rotating earth-centred frame under gravity (point mass and J2), the earth's rotation, and drag
in an exponential atmosphere; Vallado, Fundamentals of Astrodynamics and Applications (4th edition, 2013),
8.6.1 (J2) and 8.6.2 (drag); Li, Jilkov, A Survey of Maneuvering Target Tracking, part II (2001), for the
reference frame. Fourth-order Runge-Kutta steps (Press et al., Numerical Recipes, 17.1), shorter where the
air brakes harder; the last one ends on the ellipsoid. There is no thrust and no lift: of what still burns,
or steers, the area is wrong until it no longer does.

The spread is linear in position and velocity, from a pair of falls for each axis, and exact to fifth order
in the logarithm of the drag, from three falls at the nodes of Gauss and Hermite: what brakes hard and what
hardly brakes come down far apart, and not by as much on either side.
"""

import math

from foedus.geo import SEMI_MAJOR_M, SEMI_MINOR_M, ecef_to_geodetic, enu_to_ecef_vector, geodetic_to_ecef
from foedus.jit import kernel, part
from foedus.limits import FALL_S_MAX, FALL_STEPS_MAX
from foedus.model import F64, Bool
from foedus.watch.threat_kernels import inside_and_clearance

GRAVITY_M3_S2 = 3.986004418e14
EARTH_RATE = 7.292115e-5
J2 = 1.082629821e-3
"""NIMA TR8350.2, tables 3.1 and 3.2 (J2 from the normalised C20)."""

AIR_DENSITY = 1.225
AIR_SCALE_M = 7_400.0
"""Exponential atmosphere: density at sea level, kg/m^3, and the height over which it falls by e."""

DRAG_MEAN = 5e-4
DRAG_SIGMA = 5e-4
"""Drag area per mass of a body that falls, m^2/kg. Atmosphere and drag are those of the tracker's ballistic
model (docs/tracking.md); a test holds them equal. The spread here is log-normal: nothing drives itself on."""

DRAG_LOG_VARIANCE = math.log(1.0 + (DRAG_SIGMA / DRAG_MEAN) ** 2)
DRAG_MEDIAN = DRAG_MEAN * math.exp(-0.5 * DRAG_LOG_VARIANCE)
DRAG_FACTOR = math.exp(math.sqrt(3.0 * DRAG_LOG_VARIANCE))
"""The outer nodes stand at sqrt(3) sigma of the logarithm and weigh a sixth, the median weighs two thirds
(Gauss-Hermite of three nodes; Abramowitz, Stegun, table 25.10)."""

STEP_S_MAX = 4.0
STEP_S_MIN = 0.02
BRAKE_SHARE = 0.1
"""A step is short enough for the air to take a tenth of the speed at most: the end of a fall is then within
30 m of that of an independent integrator (tests)."""

AXES = 6
"""Position east, north, up; velocity east, north, up."""


@part
def _height_of(x: float, y: float, z: float) -> float:
    """Height above the ellipsoid along the radius: exact on the ground, within a metre at 300 km."""
    flat_2 = x * x + y * y
    r = math.sqrt(flat_2 + z * z)
    across, along = SEMI_MINOR_M * SEMI_MINOR_M * flat_2, SEMI_MAJOR_M * SEMI_MAJOR_M * z * z
    return r - SEMI_MAJOR_M * SEMI_MINOR_M * r / math.sqrt(across + along)


@part
def _brake_of(state: F64, drag: float) -> float:
    """The share of its speed that the air takes in a second."""
    speed = math.sqrt(state[3] ** 2 + state[4] ** 2 + state[5] ** 2)
    height_m = _height_of(state[0], state[1], state[2])
    return 0.5 * AIR_DENSITY * math.exp(min(1.0, -height_m / AIR_SCALE_M)) * drag * speed


@part
def _slope_of(state: F64, drag: float, out: F64) -> None:
    """Derivatives (6,) of an earth-centred state, m/s and m/s^2."""
    x, y, z = state[0], state[1], state[2]
    r2 = x * x + y * y + z * z
    pull = GRAVITY_M3_S2 / (r2 * math.sqrt(r2))
    bulge = 1.5 * J2 * SEMI_MAJOR_M * SEMI_MAJOR_M / r2
    tilt = 5.0 * z * z / r2
    brake = _brake_of(state, drag)
    level = -pull * (1.0 + bulge * (1.0 - tilt)) + EARTH_RATE * EARTH_RATE
    out[0], out[1], out[2] = state[3], state[4], state[5]
    out[3] = level * x - brake * state[3] + 2.0 * EARTH_RATE * state[4]
    out[4] = level * y - brake * state[4] - 2.0 * EARTH_RATE * state[3]
    out[5] = -pull * (1.0 + bulge * (3.0 - tilt)) * z - brake * state[5]


@part
def _step(state: F64, drag: float, dt_s: float, work: F64) -> None:
    """One Runge-Kutta step; work (6, 6): four slopes, a state between, and room for the caller."""
    between = work[4]
    _slope_of(state, drag, work[0])
    for stage in range(1, 4):
        share = 1.0 if stage == 3 else 0.5
        for a in range(AXES):
            between[a] = state[a] + share * dt_s * work[stage - 1, a]
        _slope_of(between, drag, work[stage])
    for a in range(AXES):
        state[a] += dt_s / 6.0 * (work[0, a] + 2.0 * work[1, a] + 2.0 * work[2, a] + work[3, a])


@part
def _fall(state: F64, drag: float, work: F64) -> float:
    """Seconds until a state is on the ground, where it is left; -1 if that is not within the limits."""
    time_s = 0.0
    before = work[5]
    height_m = _height_of(state[0], state[1], state[2])
    if height_m <= 0.0:
        return 0.0
    for _ in range(FALL_STEPS_MAX):
        step_s = min(STEP_S_MAX, max(STEP_S_MIN, BRAKE_SHARE / (_brake_of(state, drag) + 1e-12)))
        for a in range(AXES):
            before[a] = state[a]
        _step(state, drag, step_s, work)
        below_m = _height_of(state[0], state[1], state[2])
        if below_m <= 0.0:
            share = height_m / (height_m - below_m)
            for _ in range(3):  # the secant leaves centimetres after three
                for a in range(AXES):
                    state[a] = before[a]
                _step(state, drag, share * step_s, work)
                left_m = _height_of(state[0], state[1], state[2])
                share += left_m / (height_m - below_m)
            return time_s + share * step_s
        height_m = below_m
        time_s += step_s
        if time_s > FALL_S_MAX:
            return -1.0
    return -1.0


@part
def _fall_from(start: F64, axis: int, offset: float, drag: float, state: F64, work: F64) -> float:
    """As `_fall`, from a row of `arrival_areas_kernel` with an offset along one axis (none: -1)."""
    x, y, z = geodetic_to_ecef(start[0], start[1], start[2])
    at = (0.0, 0.0, 0.0)
    if 0 <= axis < 3:
        at = enu_to_ecef_vector(
            offset if axis == 0 else 0.0,
            offset if axis == 1 else 0.0,
            offset if axis == 2 else 0.0,
            start[0],
            start[1],
        )
    vx, vy, vz = enu_to_ecef_vector(
        start[3] + (offset if axis == 3 else 0.0),
        start[4] + (offset if axis == 4 else 0.0),
        start[5] + (offset if axis == 5 else 0.0),
        start[0],
        start[1],
    )
    state[0], state[1], state[2] = x + at[0], y + at[1], z + at[2]
    state[3], state[4], state[5] = vx, vy, vz
    return _fall(state, drag, work)


@part
def _offset_of(state: F64, middle: F64, out: F64) -> None:
    """East and north metres of a point on the ground from the middle (lat, lon, then its position)."""
    sin_lat, cos_lat = math.sin(middle[0]), math.cos(middle[0])
    sin_lon, cos_lon = math.sin(middle[1]), math.cos(middle[1])
    dx, dy, dz = state[0] - middle[2], state[1] - middle[3], state[2] - middle[4]
    out[0] = cos_lon * dy - sin_lon * dx
    out[1] = cos_lat * dz - sin_lat * (cos_lon * dx + sin_lon * dy)


@part
def _area_of(start: F64, state: F64, middle: F64, gap: F64, work: F64, out: F64) -> bool:
    """Fill a row of the output, see `arrival_areas_kernel`; False if some fall does not end in time."""
    nominal_s = _fall_from(start, -1, 0.0, DRAG_MEDIAN, state, work)
    if nominal_s < 0.0:
        return False
    lat, lon, _ = ecef_to_geodetic(state[0], state[1], state[2])
    middle[0], middle[1] = lat, lon
    middle[2], middle[3], middle[4] = state[0], state[1], state[2]
    for i in range(out.shape[0]):
        out[i] = 0.0
    for side in range(2):
        factor = DRAG_FACTOR if side == 1 else 1.0 / DRAG_FACTOR
        time_s = _fall_from(start, -1, 0.0, DRAG_MEDIAN * factor, state, work)
        if time_s < 0.0:
            return False
        _offset_of(state, middle, gap)
        gap[2] = time_s - nominal_s
        _add_moments(gap, 1.0 / 6.0, out)
        for i in range(3):
            out[i] += gap[i] / 6.0
    east, north, late_s = out[0], out[1], out[2]
    gap[0], gap[1], gap[2] = east, north, late_s
    _add_moments(gap, -1.0, out)
    for axis in range(AXES):
        for side in range(2):
            offset = start[6 + axis] if side == 1 else -start[6 + axis]
            time_s = _fall_from(start, axis, offset, DRAG_MEDIAN, state, work)
            if time_s < 0.0:
                return False
            _offset_of(state, middle, gap)
            gap[2] = time_s
            for i in range(3):
                gap[3 + i] = 0.5 * (gap[i] - gap[3 + i]) if side == 1 else gap[i]
        for i in range(3):
            gap[i] = gap[3 + i]
        _add_moments(gap, 1.0, out)
    x, y, z = enu_to_ecef_vector(east, north, 0.0, lat, lon)
    out[0], out[1], _ = ecef_to_geodetic(middle[2] + x, middle[3] + y, middle[4] + z)
    out[2] = nominal_s + late_s
    return True


@part
def _add_moments(gap: F64, weight: float, out: F64) -> None:
    """Add weight times the products of (east, north, seconds) to columns 3 to 6 of the output."""
    out[3] += weight * gap[0] * gap[0]
    out[4] += weight * gap[0] * gap[1]
    out[5] += weight * gap[1] * gap[1]
    out[6] += weight * gap[2] * gap[2]


@kernel
def arrival_areas_kernel(
    starts: F64, state: F64, middle: F64, gap: F64, work: F64, out: F64, found: Bool
) -> None:
    """Fill a row of the output for each start, and whether there is one.

    starts (n, 12): latitude, longitude (rad), height, velocity east, north, up, and the sigmas of position
    east, north, up and of velocity east, north, up. Output (n, 7): latitude, longitude (rad), seconds;
    variances east, east-north, north (m^2), of the seconds. Room: state (6,), middle (5,), gap (6,), work
    (6, 6).
    """
    for row in range(starts.shape[0]):
        found[row] = _area_of(starts[row], state, middle, gap, work, out[row])


@part
def _wedge_mass(ax: float, ay: float, bx: float, by: float, nodes: F64) -> float:
    """Standard Gaussian mass of the triangle from the origin to a and b, negative if it turns clockwise.

    In polar coordinates about the origin: the integral of (1 - exp(-d^2 / 2 cos^2 t)) / 2 pi over the angle t
    from the perpendicular of length d to the line through a and b; Owen, Annals of Mathematical Statistics 27
    (1956), 1075. nodes (n, 2): of Gauss and Legendre over 0 to 1, and their weights.
    """
    dx, dy = bx - ax, by - ay
    length = math.hypot(dx, dy)
    cross = ax * by - ay * bx
    if length == 0.0 or cross == 0.0:
        return 0.0
    d = abs(cross) / length
    start = math.atan2((ax * dx + ay * dy) / length, d)
    width = math.atan2((bx * dx + by * dy) / length, d) - start
    total = 0.0
    for i in range(nodes.shape[0]):
        cosine = math.cos(start + width * nodes[i, 0])
        total += nodes[i, 1] * (1.0 - math.exp(-0.5 * d * d / (cosine * cosine)))
    mass = total * width / (2.0 * math.pi)
    return mass if cross > 0.0 else -mass


@kernel
def distance_kernel(x_m: F64, y_m: F64) -> float:
    """Metres from the origin to a polygon, 0 inside it (even-odd rule)."""
    inside, clearance_m2 = inside_and_clearance(x_m, y_m, x_m.shape[0])
    return 0.0 if inside else math.sqrt(clearance_m2)


@kernel
def mass_kernel(x: F64, y: F64, nodes: F64) -> float:
    """Standard Gaussian mass of a simple polygon, its vertices in either direction."""
    total = 0.0
    j = x.shape[0] - 1
    for i in range(x.shape[0]):
        total += _wedge_mass(x[j], y[j], x[i], y[i], nodes)
        j = i
    return min(1.0, abs(total))
