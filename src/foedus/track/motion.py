"""How tracks move between plots: four models, and the chance that one gives way to another.

Sources: Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), 6.2.2
(nearly constant velocity), 11.6.6 (interacting multiple models), 11.7.2 (coordinated turn); Li, Jilkov, A
Survey of Maneuvering Target Tracking, part II: Ballistic Target Models (2001). State: ECEF position and
velocity, and one number more of the turn or the ballistic model. The axis of a turn is the plumb line.
"""

import math
from typing import Final

import numpy as np

from foedus.geo import FLATTENING, SEMI_MAJOR_M
from foedus.jit import part
from foedus.model import F64
from foedus.track.table import BALLISTIC, CV_HIGH, CV_LOW, MODELS, TURN, Bank, Track, Work

LOW_NOISE: Final = 0.01
"""Power density of the acceleration of what flies straight, m^2/s^3: 0.3 m/s in 10 s, what autopilots leave
of gusts. Chosen so that the errors of straight flight match their covariance (docs/tracking.md)."""
NOISE_PER_SPEED: Final = 1_000.0 / 230.0**2
NOISE_MIN: Final = 20.0
NOISE_MAX: Final = 6_000.0
"""The same of what manoeuvres: 1,000 at an airliner's 230 m/s and as the square of speed, for what turns at
some rate accelerates in proportion to its speed; the bounds are reached at 33 and 563 m/s. Taxiing aircraft
would drown in 1,000. Half of it lost fast movers when they began to turn."""
TURN_NOISE: Final = 4.0
VERTICAL_LOW: Final = 5.0
VERTICAL_HIGH: Final = 0.1
"""Share of the noise that acts vertically: what flies straight still begins and ends climbs (8 m/s
within a minute: 0.05 m^2/s^3), and a turn of 10 m/s^2 comes with 1 m/s^2 upwards."""
RATE_SIGMA: Final = math.radians(3.0)
RATE_NOISE: Final = math.radians(0.3) ** 2
"""A turn that begins has a rate of 0 +- 3 degrees a second (a standard turn is 3); the rate then wanders
by 0.3 degrees a second in a second."""
DRAG_MEAN: Final = 5e-4
DRAG_SIGMA: Final = 5e-4
DRAG_NOISE: Final = 1e-10
BALLISTIC_NOISE: Final = 10.0
"""Drag area per mass of a body that falls: its prior, m^2/kg, its wander per second, and the acceleration
that the model leaves out."""
RISE_M_S: Final = 80.0
CEILING_M: Final = 18_000.0
"""What climbs or sinks this fast (and surely: three sigma), or is above the ceiling, may be ballistic.
Airliners climb at 20 m/s and stay below 14 km."""
FALLS: Final = 0.9
FLIES: Final = 0.5
"""Probability of the ballistic model from which a track that is surely above the ceiling is said to fall,
until it is below the second. Below the ceiling nothing is said: an aircraft that climbs at 120 m/s and pushes
over into level flight falls freely for ten seconds, and the probability came to 0.9 there (tests)."""
STAY_S: Final = (3_000.0, 20.0, 30.0, 300.0)
"""Mean time for which a model holds. Airliners fly straight for most of an hour; a turn of 3 degrees a second
through a right angle takes 30 s; an arc lasts minutes. 300 s for straight flight widened its sigma, for one
chance in a hundred of a turn, and was no quicker to see the turn: plots decide that."""
PASS_ON: Final = np.array(
    [
        [0.0, 0.5, 0.48, 0.02],
        [0.55, 0.0, 0.35, 0.10],
        [0.68, 0.30, 0.0, 0.02],
        [0.2, 0.8, 0.0, 0.0],
    ]
)
"""Which model follows when one ends: row = the one that ends."""
PROBABILITY_MIN: Final = 1e-5
"""A model that runs is never less probable, so that it can come back."""
SHARE_MIN: Final = 0.02
"""Least probability with which a model has a share in the track's estimate."""
BEGIN: Final = (0.5, 0.3, 0.2)
"""Probabilities of the first three models of a new track."""

GRAVITY_M3_S2: Final = 3.986004418e14
EARTH_RATE: Final = 7.292115e-5
"""NIMA TR8350.2, table 3.1. The earth counts as a sphere here: J2 is a thousandth of gravity."""
AIR_DENSITY: Final = 1.225
AIR_SCALE_M: Final = 7_400.0
"""Exponential atmosphere: density at sea level, kg/m^3, and the height over which it falls by e."""
STEP_S: Final = 2.0
"""Longest step of the integration of a ballistic arc."""


@part
def noise_density(x: F64) -> float:
    """Power density of a manoeuvring state's acceleration, from its speed."""
    square = x[3] ** 2 + x[4] ** 2 + x[5] ** 2
    return float(min(NOISE_MAX, max(NOISE_MIN, NOISE_PER_SPEED * square)))


@part
def up_vector(state: F64) -> tuple[float, float, float]:
    """Unit vector from the centre of the earth; within 0.2 degrees of the plumb line."""
    x, y, z = state[0], state[1], state[2]
    scale = 1.0 / math.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@part
def height_of(position: F64) -> float:
    """Height above the ellipsoid, within 40 m: its radius is a (1 - f sin^2) to second order in f."""
    x, y, z = position[0], position[1], position[2]
    square = x * x + y * y + z * z
    return math.sqrt(square) - SEMI_MAJOR_M * (1.0 - FLATTENING * z * z / square)


@part
def variance_along(covariance: F64, direction: tuple[float, float, float], first: int) -> float:
    """Variance of a 6 x 6 covariance's position (first = 0) or velocity (3) along a unit vector."""
    total = 0.0
    for a in range(3):
        for b in range(3):
            total += direction[a] * direction[b] * covariance[first + a, first + b]
    return total


@part
def height_variance(track: Track) -> float:
    """Variance of a track's height, square metres."""
    return variance_along(track.covariance, up_vector(track.state), 0)


@part
def _add_noise(c: F64, dt_s: float, density: float, vertical: float, up: tuple[float, float, float]) -> None:
    """White acceleration noise over dt_s: Q = q [dt^3/3, dt^2/2; dt^2/2, dt], less of it vertically."""
    cube, square = dt_s * dt_s * dt_s / 3.0, dt_s * dt_s / 2.0
    for a in range(3):
        for b in range(3):
            share = ((1.0 if a == b else 0.0) + (vertical - 1.0) * (up[a] * up[b])) * density
            c[a, b] += share * cube
            c[a, b + 3] += share * square
            c[a + 3, b] += share * square
            c[a + 3, b + 3] += share * dt_s


@part
def _follow_earth(x: F64, dt_s: float, up: tuple[float, float, float]) -> None:
    """Bend a state's path with the earth: what flies level falls by v^2 / R, 8 mm/s^2 at 230 m/s.

    Left to the noise, this would hold the height of a well-seen airliner 10 m too high.
    """
    climb = x[3] * up[0] + x[4] * up[1] + x[5] * up[2]
    level_2 = x[3] * x[3] + x[4] * x[4] + x[5] * x[5] - climb * climb
    fall = -max(0.0, level_2) / math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    for a in range(3):
        x[a] += 0.5 * dt_s * dt_s * fall * up[a]
        x[a + 3] += dt_s * fall * up[a]


@part
def _move_straight(bank: Bank, j: int, dt_s: float, up: tuple[float, float, float]) -> None:
    x, c = bank.state[j], bank.covariance[j]
    for a in range(3):
        x[a] += dt_s * x[a + 3]
    _follow_earth(x, dt_s, up)
    for a in range(3):
        for b in range(3):
            c[a, b] += dt_s * (c[a, b + 3] + c[a + 3, b]) + dt_s * dt_s * c[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            c[a, b + 3] += dt_s * c[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            c[b + 3, a] = c[a, b + 3]


@part
def _transform(c: F64, work: Work) -> None:
    """c := F c F' for F = [[1, ahead, pull[:3]], [0, swing, pull[3:]], [0, 0, 1]]: 7 x 7, blocks 3, 3, 1."""
    ahead, swing, pull = work.ahead, work.swing, work.pull
    rows = work.rows  # F c, its first six rows
    for a in range(3):
        for b in range(7):
            moved = c[a, b] + pull[a] * c[6, b]
            turned = pull[a + 3] * c[6, b]
            for i in range(3):
                moved += ahead[a, i] * c[i + 3, b]
                turned += swing[a, i] * c[i + 3, b]
            rows[a, b] = moved
            rows[a + 3, b] = turned
    for a in range(6):
        for b in range(3):
            moved = rows[a, b] + rows[a, 6] * pull[b]
            turned = rows[a, 6] * pull[b + 3]
            for i in range(3):
                moved += rows[a, i + 3] * ahead[b, i]
                turned += rows[a, i + 3] * swing[b, i]
            c[a, b] = moved
            c[a, b + 3] = turned
    for a in range(6):
        c[a, 6] = rows[a, 6]
        c[6, a] = rows[a, 6]


@part
def _move_turn(bank: Bank, dt_s: float, up: tuple[float, float, float], work: Work) -> None:
    """Coordinated turn about the plumb line, exact in the rate; Bar-Shalom et al. (2001), 11.7.2-3."""
    x, c = bank.state[TURN], bank.covariance[TURN]
    rate = x[6]
    angle = rate * dt_s
    sine, cosine = math.sin(angle), math.cos(angle)
    if abs(angle) > 1e-4:
        along, aside = sine / rate, (1.0 - cosine) / rate
        along_rate = (dt_s * cosine - along) / rate
        aside_rate = (dt_s * sine - aside) / rate
    else:
        along, aside = dt_s * (1.0 - angle * angle / 6.0), 0.5 * dt_s * angle
        along_rate, aside_rate = -dt_s * dt_s * angle / 3.0, 0.5 * dt_s * dt_s
    climb = x[3] * up[0] + x[4] * up[1] + x[5] * up[2]
    level = (x[3] - climb * up[0], x[4] - climb * up[1], x[5] - climb * up[2])
    side = (
        up[1] * level[2] - up[2] * level[1],
        up[2] * level[0] - up[0] * level[2],
        up[0] * level[1] - up[1] * level[0],
    )
    cross = ((0.0, -up[2], up[1]), (up[2], 0.0, -up[0]), (-up[1], up[0], 0.0))
    ahead, swing, pull = work.ahead, work.swing, work.pull
    for a in range(3):
        for b in range(3):
            upright = up[a] * up[b]
            flat = (1.0 if a == b else 0.0) - upright
            ahead[a, b] = along * flat + aside * cross[a][b] + dt_s * upright
            swing[a, b] = cosine * flat + sine * cross[a][b] + upright
        pull[a] = along_rate * level[a] + aside_rate * side[a]
        pull[a + 3] = dt_s * (cosine * side[a] - sine * level[a])
    for a in range(3):
        x[a] += along * level[a] + aside * side[a] + dt_s * climb * up[a]
        x[a + 3] = cosine * level[a] + sine * side[a] + climb * up[a]
    _follow_earth(x, dt_s, up)
    _transform(c, work)
    c[6, 6] += RATE_NOISE * dt_s


@part
def _fall(p: F64, v: F64, drag: float, out: F64) -> None:
    """Acceleration of a falling body in the rotating frame: gravity, drag, Coriolis, centrifugal."""
    r = math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])
    speed = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    air = AIR_DENSITY * math.exp(min(1.0, -height_of(p) / AIR_SCALE_M))
    brake = 0.5 * air * drag * speed
    pull = GRAVITY_M3_S2 / (r * r * r)
    for a in range(3):
        out[a] = -pull * p[a] - brake * v[a]
    out[0] += EARTH_RATE * (2.0 * v[1] + EARTH_RATE * p[0])
    out[1] += EARTH_RATE * (EARTH_RATE * p[1] - 2.0 * v[0])


@part
def _fall_slopes(x: F64, dt_s: float, work: Work) -> None:
    """Derivatives of a short step, to second order: how position and velocity follow velocity and drag.

    Gravity's own gradient (1.5e-6 / s^2) is left to the process noise.
    """
    ahead, swing, pull = work.ahead, work.swing, work.pull
    speed = max(1.0, math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5]))
    air = AIR_DENSITY * math.exp(min(1.0, -height_of(x) / AIR_SCALE_M))
    for a in range(3):
        for b in range(3):
            same = 1.0 if a == b else 0.0
            slope = -0.5 * air * x[6] * (speed * same + x[a + 3] * x[b + 3] / speed)
            swing[a, b] = same + slope * dt_s
            ahead[a, b] = same * dt_s + 0.5 * slope * dt_s * dt_s
        thrust = -0.5 * air * speed * x[a + 3]
        pull[a] = 0.5 * thrust * dt_s * dt_s
        pull[a + 3] = thrust * dt_s
    swing[0, 1] += 2.0 * EARTH_RATE * dt_s
    swing[1, 0] -= 2.0 * EARTH_RATE * dt_s


@part
def _move_ballistic(bank: Bank, dt_s: float, work: Work) -> None:
    """A fall through air on the rotating earth: midpoint rule in steps of at most STEP_S."""
    x, c = bank.state[BALLISTIC], bank.covariance[BALLISTIC]
    steps = max(1, math.ceil(dt_s / STEP_S))
    step_s = dt_s / steps
    slope, middle, speed = work.slope, work.middle, work.speed
    for _ in range(steps):
        _fall_slopes(x, step_s, work)
        _fall(x[:3], x[3:6], x[6], slope)
        for a in range(3):
            middle[a] = x[a] + 0.5 * step_s * x[a + 3]
            speed[a] = x[a + 3] + 0.5 * step_s * slope[a]
        _fall(middle, speed, x[6], slope)
        for a in range(3):
            x[a] += step_s * speed[a]
            x[a + 3] += step_s * slope[a]
        _transform(c, work)
    c[6, 6] += DRAG_NOISE * dt_s


@part
def move_bank(bank: Bank, track: Track, dt_s: float, work: Work) -> None:
    """Move every running model by dt_s >= 0, each with its own noise."""
    up = up_vector(track.state)
    density = noise_density(track.state)
    _move_straight(bank, CV_LOW, dt_s, up)
    _add_noise(bank.covariance[CV_LOW], dt_s, LOW_NOISE, VERTICAL_LOW, up)
    _move_straight(bank, CV_HIGH, dt_s, up)
    _add_noise(bank.covariance[CV_HIGH], dt_s, density, VERTICAL_HIGH, up)
    _move_turn(bank, dt_s, up, work)
    _add_noise(bank.covariance[TURN], dt_s, TURN_NOISE, VERTICAL_HIGH, up)
    if bank.probability[BALLISTIC] > 0.0:
        _move_ballistic(bank, dt_s, work)
        _add_noise(bank.covariance[BALLISTIC], dt_s, BALLISTIC_NOISE, 1.0, up)


@part
def _extra_prior(j: int) -> tuple[float, float]:
    """(mean, variance) of the seventh state of a model that begins."""
    if j == BALLISTIC:
        return DRAG_MEAN, DRAG_SIGMA * DRAG_SIGMA
    return 0.0, RATE_SIGMA * RATE_SIGMA


@part
def _note_moments(bank: Bank, track: Track, work: Work) -> None:
    """Fill work.gaps and work.second: means and second moments of the running models about the track."""
    for i in range(MODELS):
        if bank.probability[i] <= 0.0:
            continue
        gaps, second, theirs, spread = work.gaps[i], work.second[i], bank.state[i], bank.covariance[i]
        for a in range(6):
            gaps[a] = theirs[a] - track.state[a]
        for a in range(6):
            for b in range(6):
                second[a, b] = spread[a, b] + gaps[a] * gaps[b]


@part
def _mix_extra(bank: Bank, j: int, own: float, shift: F64, work: Work) -> None:
    """The seventh state of model j: its own; where the rest comes from other models it begins at its prior.

    own: weight of model j itself; shift: the mixed mean from the track.
    """
    mean, variance = _extra_prior(j)
    x, c, gaps = bank.state[j], bank.covariance[j], work.gaps[j]
    extra = x[6] - mean
    kept = own * extra
    for a in range(6):
        cross = own * (c[a, 6] + extra * gaps[a]) - kept * shift[a]
        c[a, 6] = cross
        c[6, a] = cross
    c[6, 6] = own * (c[6, 6] + extra * extra) + (1.0 - own) * variance - kept * kept
    x[6] = mean + kept


@part
def _mix_into(bank: Bank, track: Track, j: int, work: Work) -> None:
    """Model j becomes the models' mixture by work.weights; Bar-Shalom et al. (2001), 11.6.6-9 and 10."""
    x, c, weights, shift = bank.state[j], bank.covariance[j], work.weights, work.shift
    if j >= TURN:
        for a in range(6):
            shift[a] = 0.0
            for i in range(MODELS):
                if weights[i] > 0.0:
                    shift[a] += weights[i] * work.gaps[i, a]
        _mix_extra(bank, j, weights[j], shift, work)
    for a in range(6):
        shift[a] = 0.0
        for b in range(6):
            c[a, b] = 0.0
    for i in range(MODELS):
        w = weights[i]
        if w <= 0.0:
            continue
        gaps, second = work.gaps[i], work.second[i]
        for a in range(6):
            shift[a] += w * gaps[a]
            for b in range(6):
                c[a, b] += w * second[a, b]
    for a in range(6):
        x[a] = track.state[a] + shift[a]
        for b in range(6):
            c[a, b] -= shift[a] * shift[b]


@part
def mix_bank(bank: Bank, track: Track, dt_s: float, work: Work) -> None:
    """Let the models interact over dt_s >= 0: how long a model holds decides how much they mix."""
    weights, mixture = work.weights, work.probability
    _note_moments(bank, track, work)
    total = 0.0
    for j in range(MODELS):
        mixture[j] = 0.0
        if bank.probability[j] <= 0.0:
            continue
        weight = 0.0
        for i in range(MODELS):
            stay = math.exp(-dt_s / STAY_S[i])
            weights[i] = bank.probability[i] * (stay if i == j else (1.0 - stay) * PASS_ON[i, j])
            weight += weights[i]
        for i in range(MODELS):
            weights[i] /= weight
        mixture[j] = weight
        total += weight
        _mix_into(bank, track, j, work)
    for j in range(MODELS):
        bank.probability[j] = mixture[j] / total


@part
def combine(bank: Bank, track: Track, work: Work) -> None:
    """The track as the mean of its models, with their spread; Bar-Shalom et al. (2001), 11.6.6-14 and 15.

    Models below SHARE_MIN are left out: one in a hundred of a hard turn, whose speed is unknown by 60 m/s,
    would double the uncertainty of what flies straight, while the gate looks at that model anyway.
    """
    x, c = track.state, track.covariance
    best = CV_LOW
    for j in range(1, MODELS):
        if bank.probability[j] > bank.probability[best]:
            best = j
    shift = work.shift
    for a in range(6):
        shift[a] = 0.0
        for b in range(6):
            c[a, b] = 0.0
    total = 0.0
    for j in range(MODELS):
        if bank.probability[j] >= SHARE_MIN:
            total += bank.probability[j]
    origin = bank.state[best]
    for j in range(MODELS):
        if bank.probability[j] < SHARE_MIN:
            continue
        w = bank.probability[j] / total
        theirs, spread = bank.state[j], bank.covariance[j]
        for a in range(6):
            gap = theirs[a] - origin[a]
            shift[a] += w * gap
            for b in range(6):
                c[a, b] += w * (spread[a, b] + gap * (theirs[b] - origin[b]))
    for a in range(6):
        x[a] = origin[a] + shift[a]
        for b in range(6):
            c[a, b] -= shift[a] * shift[b]


@part
def watch_for_fall(bank: Bank, track: Track) -> None:
    """Start the ballistic model where a track rises or falls as nothing that flies; stop it elsewhere.

    Sets `falls` by what the model's probability has become.
    """
    up = up_vector(track.state)
    x = track.state
    climb = x[3] * up[0] + x[4] * up[1] + x[5] * up[2]
    height_m = height_of(x)
    sigma = math.sqrt(max(0.0, variance_along(track.covariance, up, 3)))
    high = height_m > CEILING_M + 3.0 * math.sqrt(max(0.0, height_variance(track)))
    may_fall = high or abs(climb) > RISE_M_S + 3.0 * sigma
    runs = bank.probability[BALLISTIC] > 0.0
    if may_fall and not runs:
        for j in range(MODELS):
            bank.probability[j] *= 0.9
        bank.probability[BALLISTIC] = 0.1
        begin_model(bank, track, BALLISTIC)
    elif runs and not may_fall and abs(climb) < 0.5 * RISE_M_S and bank.probability[BALLISTIC] < 0.01:
        bank.probability[BALLISTIC] = 0.0
        total = bank.probability[CV_LOW] + bank.probability[CV_HIGH] + bank.probability[TURN]
        for j in range(BALLISTIC):
            bank.probability[j] /= total
    if high and bank.probability[BALLISTIC] >= FALLS:
        track.falls = 1
    elif bank.probability[BALLISTIC] < FLIES:
        track.falls = 0


@part
def begin_model(bank: Bank, track: Track, j: int) -> None:
    """Model j as the track is."""
    for a in range(6):
        bank.state[j, a] = track.state[a]
        for b in range(6):
            bank.covariance[j, a, b] = track.covariance[a, b]
        bank.covariance[j, a, 6] = 0.0
        bank.covariance[j, 6, a] = 0.0
    mean, variance = _extra_prior(j)
    bank.state[j, 6] = mean
    bank.covariance[j, 6, 6] = variance


@part
def begin_bank(bank: Bank, track: Track) -> None:
    """All models but the ballistic one, as the track is."""
    for j in range(BALLISTIC):
        begin_model(bank, track, j)
        bank.probability[j] = BEGIN[j]
    bank.probability[BALLISTIC] = 0.0
