"""Kernels of threat assessment: will a track, moving straight on with growing uncertainty, enter a zone?

The method is quadrature over a fixed fan of RAYS rays. Ray k starts at the track's position plus an offset
from a fixed Gaussian point set scaled by the position sigma, points in one of RAYS headings, and climbs with
one of RAYS climb rates.
The velocity is Gaussian, isotropic with sigma s about the mean m; in polar coordinates the density along the
heading u, integrated over all speeds above R, is in closed form (put r = a + s t into the integral of
r exp(-|r u - m|^2 / 2 s^2), with a = m.u and b^2 = |m|^2 - a^2):

    w(u, R) = exp(-b^2 / 2 s^2) (exp(-(R - a)^2 / 2 s^2) + (a / s) sqrt(pi / 2) erfc((R - a) / (s sqrt 2)))

A ray that meets the zone first after d metres enters within the horizon H when its speed is at least d / H,
so the probability is the sum of w(u, d / H) over the rays divided by the sum of w(u, 0). No speed is sampled.

When it enters is told by moments: SPEEDS speeds on each ray that meets the zone, one in each of equal parts
of its Gaussian, each with its own error of the height, weighted by r and by the ray's part of w. A moment is
the time at which one of them is first inside both polygon and height band, if that is within the horizon.

Plane: east and north metres at the track, longitude and latitude scaled by the ellipsoid's radii of curvature
there. Edges that are straight in latitude and longitude stay straight and exact; what is approximate is the
straight path of the track, off by x^2 tan(lat) / 2R over a path of x metres: 0.5 km at 75 km and latitude 46,
less than the spread of the fan there. Not for zones that hold a pole.
"""

import math

from foedus.geo import metres_per_radian
from foedus.jit import kernel, part
from foedus.model import F64, I32

RAYS = 32
"""Rays of the fan; at the corners of a zone the probability is 0.02 off (root mean square), at worst 0.12."""

FAN_SIGMAS = 4.0
"""Headings and starts beyond four sigma hold 6e-5 of the probability."""

SPEEDS = 4
"""Speeds on each ray: 128 moments put a tenth of the entries to within a hundredth."""

MOMENTS = RAYS * SPEEDS

EARLY, LATE = 0.1, 0.9
"""Parts of the entries that come before `earliest_s` and before `latest_s`."""

BINS = 64
"""Bins between the first moment and the last, in which those parts are looked for: no sorting of moments."""

BAND_SLACK_M = 1e-3
"""What reaches a height band at some moment is inside it then, whatever rounding makes of that."""

VELOCITY_SIGMA_M_S_MIN = 2.0
"""Nobody holds a course better than this for minutes; keeps a proud tracker from being certain."""

VELOCITY_SIGMA_UNKNOWN_M_S = 100.0
"""Spread of a track of which no velocity is known: most aircraft fly slower than 2 sigma."""

CLIMB_SIGMA_M_S = 2.5
"""Spread of the vertical velocity, for which tracks carry no sigma: 500 ft/min, a gentle climb."""

TURN = 2.0 * math.pi


@part
def _clear_of_fan(
    x_m: F64, y_m: F64, count: int, east: float, north: float, half_rad: float, margin_m: float
) -> bool:
    """Whether a half plane parts the polygon from every ray of a fan about (east, north)."""
    if half_rad >= 0.5 * math.pi:
        return False
    cos_half, sin_half = math.cos(half_rad), math.sin(half_rad)
    behind = left = right = True
    for i in range(count):
        along = east * x_m[i] + north * y_m[i]
        across = east * y_m[i] - north * x_m[i]
        behind = behind and along < -margin_m
        left = left and across * cos_half - along * sin_half > margin_m
        right = right and -across * cos_half - along * sin_half > margin_m
        if not (behind or left or right):
            return False
    return True


@part
def inside_and_clearance(x_m: F64, y_m: F64, count: int) -> tuple[bool, float]:
    """Whether the origin lies in the polygon (even-odd), and its squared distance from the boundary, m^2."""
    inside = False
    nearest = math.inf
    j = count - 1
    for i in range(count):
        dx, dy = x_m[i] - x_m[j], y_m[i] - y_m[j]
        length_2 = dx * dx + dy * dy
        share = 0.0
        if length_2 > 0.0:
            share = min(1.0, max(0.0, -(x_m[j] * dx + y_m[j] * dy) / length_2))
        px, py = x_m[j] + share * dx, y_m[j] + share * dy
        nearest = min(nearest, px * px + py * py)
        if (y_m[i] > 0.0) != (y_m[j] > 0.0) and x_m[i] - y_m[i] * dx / dy > 0.0:
            inside = not inside
        j = i
    return inside, nearest


@part
def _cross(
    x_m: F64, y_m: F64, count: int, start_x: float, start_y: float, east: float, north: float
) -> tuple[float, float]:
    """Metres along the ray to the polygon (0 from inside, inf if it misses) and to the last way out of it."""
    first, last, crossings = math.inf, 0.0, 0
    dx, dy = x_m[count - 1] - start_x, y_m[count - 1] - start_y
    side = east * dy - north * dx
    along = east * dx + north * dy
    for i in range(count):
        dx, dy = x_m[i] - start_x, y_m[i] - start_y
        next_side = east * dy - north * dx
        next_along = east * dx + north * dy
        if (side > 0.0) != (next_side > 0.0):
            distance_m = along + (next_along - along) * side / (side - next_side)
            if distance_m > 0.0:
                crossings += 1
                first = min(first, distance_m)
                last = max(last, distance_m)
        side, along = next_side, next_along
    return (0.0 if crossings % 2 else first), last


@part
def _normal(value: float) -> float:
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


@part
def _band_probability(
    floor_m: float,
    ceiling_m: float,
    height_m: float,
    climb_m_s: float,
    sigma_m: float,
    from_s: float,
    to_s: float,
) -> float:
    """Probability that the height lies between floor and ceiling at some time; 1 if unknown.

    The climb is that of one ray; integrated here is the error of the height, which shifts the whole path.
    """
    if math.isnan(height_m) or (floor_m == -math.inf and ceiling_m == math.inf):
        return 1.0
    low_m = height_m + min(climb_m_s * from_s, climb_m_s * to_s)
    high_m = height_m + max(climb_m_s * from_s, climb_m_s * to_s)
    if sigma_m <= 0.0:
        return 1.0 if high_m >= floor_m and low_m <= ceiling_m else 0.0
    return max(0.0, _normal((ceiling_m - low_m) / sigma_m) - _normal((floor_m - high_m) / sigma_m))


@part
def _band_start_s(floor_m: float, ceiling_m: float, height_m: float, climb_m_s: float) -> float:
    """Seconds until the expected height lies between floor and ceiling: inf if never."""
    if math.isnan(height_m) or floor_m <= height_m <= ceiling_m:
        return 0.0
    gap_m = floor_m - height_m if height_m < floor_m else ceiling_m - height_m
    return gap_m / climb_m_s if gap_m * climb_m_s > 0.0 else math.inf


@part
def _speed_weight(speed_m_s: float, along_m_s: float, sigma_m_s: float) -> float:
    """The part of w(u, R) that depends on R, see the head of the file."""
    z = (speed_m_s - along_m_s) / sigma_m_s
    if z < -8.0:  # to the last digit, at a fifth of the price
        return along_m_s / sigma_m_s * math.sqrt(TURN)
    return math.exp(-0.5 * z * z) + along_m_s / sigma_m_s * math.sqrt(0.5 * math.pi) * math.erfc(
        z / math.sqrt(2.0)
    )


@part
def _fill_fan(
    east_m_s: float, north_m_s: float, sigma_m_s: float, points: F64, fan: F64
) -> tuple[float, float]:
    """Half width (rad) of the fan and the sum of w(u, 0); fills columns 0 to 3: east, north, a, w's factor.

    The factor is exp(-b^2 / 2 s^2) / g: headings stand at the quantiles of a Gaussian, whose density g
    divides the weight, or, where the velocity is too uncertain for that, in equal steps all round.
    """
    speed_m_s = math.hypot(east_m_s, north_m_s)
    narrow = speed_m_s * math.pi > FAN_SIGMAS * sigma_m_s
    half_rad = FAN_SIGMAS * sigma_m_s / speed_m_s if narrow else math.pi
    east = east_m_s / speed_m_s if speed_m_s > 0.0 else 1.0
    north = north_m_s / speed_m_s if speed_m_s > 0.0 else 0.0
    total = 0.0
    for k in range(RAYS):
        quantile = points[k, 3]
        turn = quantile * sigma_m_s / speed_m_s if narrow else math.pi * ((2 * k + 1) / RAYS - 1.0)
        cos_turn, sin_turn = math.cos(turn), math.sin(turn)
        along = speed_m_s * cos_turn
        across = speed_m_s * sin_turn / sigma_m_s
        fan[k, 0] = east * cos_turn - north * sin_turn
        fan[k, 1] = north * cos_turn + east * sin_turn
        fan[k, 2] = along
        fan[k, 3] = math.exp(-0.5 * across * across + (0.5 * quantile * quantile if narrow else 0.0))
        total += fan[k, 3] * _speed_weight(0.0, along, sigma_m_s)
    return half_rad, total


@part
def _enter(
    x_m: F64,
    y_m: F64,
    count: int,
    fan: F64,
    points: F64,
    total: float,
    sigma_m: float,
    sigma_m_s: float,
    horizon_s: float,
    floor_m: float,
    ceiling_m: float,
    height_m: float,
    climb_m_s: float,
    height_sigma_m: float,
) -> tuple[float, float]:
    """Probability of entering, and the mean entry time in seconds over the rays that do (0 if none does).

    Fills columns 4 and 5 of the fan: metres along each ray to the zone (inf if it misses) and out of it.
    """
    probability = mean_s = 0.0
    for k in range(RAYS):
        east, north, along = fan[k, 0], fan[k, 1], fan[k, 2]
        first_m, last_m = _cross(x_m, y_m, count, sigma_m * points[k, 0], sigma_m * points[k, 1], east, north)
        fan[k, 4], fan[k, 5] = first_m, last_m
        if first_m == math.inf:
            continue
        needed_m_s = first_m / horizon_s
        speed_m_s = max(along, needed_m_s, sigma_m_s)
        weight = fan[k, 3] * _speed_weight(needed_m_s, along, sigma_m_s) / total
        from_s, to_s = first_m / speed_m_s, min(horizon_s, last_m / speed_m_s)
        ray_climb_m_s = climb_m_s + CLIMB_SIGMA_M_S * points[k, 2]
        weight *= _band_probability(
            floor_m, ceiling_m, height_m, ray_climb_m_s, height_sigma_m, from_s, max(from_s, to_s)
        )
        probability += weight
        band_start_s = _band_start_s(floor_m, ceiling_m, height_m, ray_climb_m_s)
        mean_s += weight * max(from_s, min(band_start_s, to_s))
    return probability, mean_s / probability if probability > 0.0 else 0.0


@part
def _list_moments(
    fan: F64,
    points: F64,
    sigma_m_s: float,
    horizon_s: float,
    floor_m: float,
    ceiling_m: float,
    height_m: float,
    climb_m_s: float,
    height_sigma_m: float,
    moments: F64,
) -> int:
    """How many moments of entry there are; fills rows (seconds, weight) of moments, after `_enter`."""
    found = 0
    for k in range(RAYS):
        first_m, last_m = fan[k, 4], fan[k, 5]
        if first_m == math.inf:
            continue
        ray_climb_m_s = climb_m_s + CLIMB_SIGMA_M_S * points[k, 2]
        ray_height_m = height_m + height_sigma_m * points[k, 4]
        band_start_s = _band_start_s(floor_m, ceiling_m, ray_height_m, ray_climb_m_s)
        for i in range(SPEEDS):
            speed_m_s = fan[k, 2] + sigma_m_s * points[k, 5 + i]
            if speed_m_s <= 0.0:
                continue
            time_s = max(first_m / speed_m_s, band_start_s)
            if time_s > horizon_s or time_s * speed_m_s > max(last_m, first_m) * (1.0 + 1e-9):
                continue
            then_m = ray_height_m + ray_climb_m_s * time_s
            if then_m < floor_m - BAND_SLACK_M or then_m > ceiling_m + BAND_SLACK_M:
                continue  # it has left the band again
            moments[found, 0], moments[found, 1] = time_s, fan[k, 3] * speed_m_s
            found += 1
    return found


@part
def _parts_of(moments: F64, count: int, bins: F64, entry_s: float) -> tuple[float, float]:
    """Before which times EARLY and LATE of the weight lie, with `entry_s` between; it, if there is none."""
    low_s, high_s = math.inf, -math.inf
    total = 0.0
    for i in range(count):
        low_s, high_s = min(low_s, moments[i, 0]), max(high_s, moments[i, 0])
        total += moments[i, 1]
    if total <= 0.0:
        return entry_s, entry_s
    width_s = (high_s - low_s) / BINS
    if width_s <= 0.0:
        return min(low_s, entry_s), max(low_s, entry_s)
    for b in range(BINS):
        bins[b] = 0.0
    for i in range(count):
        bins[min(BINS - 1, int((moments[i, 0] - low_s) / width_s))] += moments[i, 1] / total
    early_s, late_s = low_s, high_s
    sum_before = 0.0
    for b in range(BINS):
        after = sum_before + bins[b]
        if sum_before < EARLY <= after:
            early_s = low_s + width_s * (b + (EARLY - sum_before) / bins[b])
        if sum_before < LATE <= after:
            late_s = low_s + width_s * (b + (LATE - sum_before) / bins[b])
        sum_before = after
    return min(early_s, entry_s), max(late_s, entry_s)


@part
def _closest(
    x_m: F64, y_m: F64, count: int, east_m_s: float, north_m_s: float, horizon_s: float
) -> tuple[float, float]:
    """Metres and seconds of the closest approach to a polygon of what moves on from the origin outside it.

    Paths that cross the polygon are the caller's. Otherwise one of the two nearest points is a vertex of the
    polygon or an end of the path.
    """
    speed_2 = east_m_s * east_m_s + north_m_s * north_m_s
    end_x, end_y = east_m_s * horizon_s, north_m_s * horizon_s
    best_m2, best_s = math.inf, 0.0
    j = count - 1
    for i in range(count):
        time_s = 0.0
        if speed_2 > 0.0:
            time_s = (x_m[i] * east_m_s + y_m[i] * north_m_s) / speed_2
            time_s = min(horizon_s, max(0.0, time_s))
        gap_x, gap_y = x_m[i] - time_s * east_m_s, y_m[i] - time_s * north_m_s
        if gap_x * gap_x + gap_y * gap_y < best_m2:
            best_m2, best_s = gap_x * gap_x + gap_y * gap_y, time_s
        dx, dy = x_m[i] - x_m[j], y_m[i] - y_m[j]
        length_2 = dx * dx + dy * dy
        for at_end in range(2 if length_2 > 0.0 else 0):
            start_x, start_y = x_m[j] - at_end * end_x, y_m[j] - at_end * end_y
            share = min(1.0, max(0.0, -(start_x * dx + start_y * dy) / length_2))
            gap_x, gap_y = start_x + share * dx, start_y + share * dy
            if gap_x * gap_x + gap_y * gap_y < best_m2:
                best_m2, best_s = gap_x * gap_x + gap_y * gap_y, at_end * horizon_s
        j = i
    return math.sqrt(best_m2), best_s


@part
def _nominal_entry_s(
    first_m: float, last_m: float, speed_m_s: float, band_start_s: float, otherwise_s: float
) -> float:
    """Entry time of the expected path where it enters the zone and its height band, else `otherwise_s`."""
    if math.isinf(first_m) or math.isinf(band_start_s):
        return otherwise_s
    if speed_m_s <= 0.0:
        return band_start_s if first_m == 0.0 else otherwise_s
    entry_s = max(first_m / speed_m_s, band_start_s)
    return entry_s if entry_s <= last_m / speed_m_s else otherwise_s


@part
def _predict(state: F64, row: int, horizon_s: float) -> None:
    """Carry a row of the state (see assess_kernel) to now; column 9 becomes the reach in metres."""
    east_m_s, north_m_s, climb_m_s = state[row, 3], state[row, 4], state[row, 5]
    age_s = max(0.0, state[row, 9])
    sigma_m_s = max(VELOCITY_SIGMA_M_S_MIN, state[row, 8])
    if math.isnan(east_m_s) or math.isnan(north_m_s) or math.isnan(state[row, 8]):
        east_m_s, north_m_s, sigma_m_s = 0.0, 0.0, VELOCITY_SIGMA_UNKNOWN_M_S
    if math.isnan(climb_m_s):
        climb_m_s = 0.0
    east_m_rad, north_m_rad = metres_per_radian(state[row, 0])
    state[row, 0] += north_m_s * age_s / north_m_rad
    state[row, 1] += east_m_s * age_s / east_m_rad
    state[row, 2] += climb_m_s * age_s
    state[row, 3], state[row, 4], state[row, 5] = east_m_s, north_m_s, climb_m_s
    state[row, 6] = math.hypot(state[row, 6], sigma_m_s * age_s)
    state[row, 7] = math.hypot(state[row, 7], CLIMB_SIGMA_M_S * age_s)
    state[row, 8] = sigma_m_s
    speed_m_s = math.hypot(east_m_s, north_m_s)
    state[row, 9] = (speed_m_s + FAN_SIGMAS * sigma_m_s) * horizon_s + FAN_SIGMAS * state[row, 6]


@part
def _place_zone(
    lat_rad: float,
    lon_rad: float,
    reach_m: float,
    zone: int,
    zone_lat_rad: F64,
    zone_lon_rad: F64,
    zone_starts: I32,
    zone_bounds: F64,
    x_m: F64,
    y_m: F64,
) -> int:
    """Fill the polygon in metres from the track, the short way round; its vertices, 0 out of reach."""
    east_m_rad, north_m_rad = metres_per_radian(lat_rad)
    middle_rad = 0.5 * (zone_bounds[zone, 1] + zone_bounds[zone, 3])
    lon_rad += TURN * math.floor((middle_rad - lon_rad) / TURN + 0.5)
    off_lat = max(zone_bounds[zone, 0] - lat_rad, lat_rad - zone_bounds[zone, 2])
    off_lon = max(zone_bounds[zone, 1] - lon_rad, lon_rad - zone_bounds[zone, 3])
    if off_lat * north_m_rad > reach_m or off_lon * east_m_rad > reach_m:
        return 0
    start = zone_starts[zone]
    count = zone_starts[zone + 1] - start
    for i in range(count):
        x_m[i] = (zone_lon_rad[start + i] - lon_rad) * east_m_rad
        y_m[i] = (zone_lat_rad[start + i] - lat_rad) * north_m_rad
    return int(count)


@part
def _assess_one(
    state: F64, row: int, x_m: F64, y_m: F64, count: int, floor_m: float, ceiling_m: float,
    horizon_s: float, probability_min: float, fan: F64, points: F64, half_rad: float, total: float,
    moments: F64, bins: F64, out: F64,
) -> int:  # fmt: skip
    """How many moments there are, for one track, carried to now, and one placed zone; -1: it is no threat.

    Fills a row of values (see assess_kernel) and the moments; a track that is surely inside has none.
    """
    height_m, climb_m_s, sigma_m = state[row, 2], state[row, 5], state[row, 6]
    speed_m_s = math.hypot(state[row, 3], state[row, 4])
    inside, clearance_m2 = inside_and_clearance(x_m, y_m, count)
    if not inside and clearance_m2 > state[row, 9] * state[row, 9]:
        return -1
    any_height = math.isnan(height_m) or (floor_m == -math.inf and ceiling_m == math.inf)
    if inside and any_height and clearance_m2 > (FAN_SIGMAS * sigma_m) ** 2:
        for i in range(out.shape[0]):
            out[i] = 0.0
        out[1], out[6] = 1.0, 1.0
        return 0
    course_x = state[row, 3] / speed_m_s if speed_m_s > 0.0 else 1.0
    course_y = state[row, 4] / speed_m_s if speed_m_s > 0.0 else 0.0
    if not inside and _clear_of_fan(x_m, y_m, count, course_x, course_y, half_rad, FAN_SIGMAS * sigma_m):
        return -1
    probability, mean_s = _enter(
        x_m, y_m, count, fan, points, total, sigma_m, state[row, 8], horizon_s,
        floor_m, ceiling_m, height_m, climb_m_s, state[row, 7],
    )  # fmt: skip
    if probability < probability_min:
        return -1
    first_m, last_m = _cross(x_m, y_m, count, 0.0, 0.0, course_x, course_y)
    band_start_s = _band_start_s(floor_m, ceiling_m, height_m, climb_m_s)
    first_m = 0.0 if inside else first_m
    out[0] = _nominal_entry_s(first_m, last_m, speed_m_s, band_start_s, mean_s)
    out[1] = min(1.0, probability)
    found = _list_moments(
        fan, points, state[row, 8], horizon_s,
        -math.inf if any_height else floor_m, math.inf if any_height else ceiling_m,
        0.0 if any_height else height_m, climb_m_s, state[row, 7], moments,
    )  # fmt: skip
    out[2], out[3] = _parts_of(moments, found, bins, out[0])
    if first_m <= speed_m_s * horizon_s:
        out[4], out[5] = 0.0, 0.0 if inside else first_m / speed_m_s
    else:
        out[4], out[5] = _closest(x_m, y_m, count, state[row, 3], state[row, 4], horizon_s)
    out[6] = 1.0 if inside and band_start_s == 0.0 else 0.0
    return found


@kernel
def assess_kernel(
    state: F64,
    zone_lat_rad: F64,
    zone_lon_rad: F64,
    zone_starts: I32,
    zone_bounds: F64,
    points: F64,
    horizon_s: float,
    probability_min: float,
    x_m: F64,
    y_m: F64,
    fan: F64,
    moments: F64,
    bins: F64,
    out_row: I32,
    out_zone: I32,
    out: F64,
) -> tuple[int, int]:
    """(threats written, moments of the last one), threats ordered by row and zone; `state` is overwritten.

    state (n, 10): lat, lon (rad), height, velocity east, north, up, sigmas of position, height and velocity,
    age in seconds. zone_bounds (z, 6): lat min, lon min, lat max, lon max (rad), floor, ceiling (m).
    points (RAYS, 5 + SPEEDS): Gaussian. Room to work in: x_m, y_m (vertices), fan (RAYS, 6), moments
    (MOMENTS, 2), bins (BINS,). Outputs (n z) and, in `out`, (n z + 1, 7): entry (s),
    probability, earliest, latest (s), closest (m), when (s), 1 where the expected position is inside now.
    """
    found = last = 0
    for row in range(state.shape[0]):
        _predict(state, row, horizon_s)
        half_rad, total = 0.0, -1.0
        for zone in range(zone_bounds.shape[0]):
            count = _place_zone(
                state[row, 0], state[row, 1], state[row, 9], zone,
                zone_lat_rad, zone_lon_rad, zone_starts, zone_bounds, x_m, y_m,
            )  # fmt: skip
            if count == 0:
                continue
            if total < 0.0:
                half_rad, total = _fill_fan(state[row, 3], state[row, 4], state[row, 8], points, fan)
            moments_found = _assess_one(
                state, row, x_m, y_m, count, zone_bounds[zone, 4], zone_bounds[zone, 5],
                horizon_s, probability_min, fan, points, half_rad, total, moments, bins, out[found],
            )  # fmt: skip
            if moments_found >= 0:
                out_row[found], out_zone[found] = row, zone
                found += 1
                last = moments_found
    return found, last
