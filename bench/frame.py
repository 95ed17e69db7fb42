"""The frame of a track's state, measured: `python -m bench.frame` (docs/decisions/0010-frame.md).

The same six-state filter with its state in ECEF, and in a stereographic plane (x, y on the ellipsoid, and the
height over it) that touches the earth at the network's middle. Noise-free plots, so that what is left is the
error that the frame itself makes. A plane that only turns and shifts ECEF (east, north, up at the middle)
gives the same track to rounding, which the first table shows, too; it has no height of its own.
"""

import math
import time
from typing import Any, NamedTuple

import numpy as np

from bench.report import machine
from foedus.geo import (
    ECCENTRICITY_2,
    MEAN_RADIUS_M,
    SEMI_MAJOR_M,
    ecef_to_geodetic,
    ecef_to_normal,
    geodetic_to_ecef,
)
from foedus.jit import kernel, part
from foedus.model import F64
from foedus.track.motion import LOW_NOISE, NOISE_PER_SPEED, VERTICAL_HIGH, VERTICAL_LOW

MIDDLE = (math.radians(47.0), math.radians(8.0))
DISTANCES_KM = (50, 200, 500, 1000)
HEIGHT_M = 10_000.0
SPEED_M_S = 230.0
PERIOD_S = 5.0
LEAD_S = 600.0
SIGMA_M = (100.0, 100.0, 50.0)
"""Of a plot: east, north, up; 100 m is a radar of 0.1 degree at 60 km, 50 m is a pressure altitude's."""
STRAIGHT = (LOW_NOISE, VERTICAL_LOW)
WILD = (NOISE_PER_SPEED * SPEED_M_S**2, VERTICAL_HIGH)
"""Process noise of the tracker's first two models, and the share of it that acts vertically."""
RANGE_M = 200_000.0
ECCENTRICITY = math.sqrt(ECCENTRICITY_2)


# ---------------------------------------------------------------- the plane


@part
def _conformal(lat: float) -> float:
    """Conformal latitude; Snyder, Map Projections (USGS 1395, 1987), equation 3-1."""
    sine = ECCENTRICITY * math.sin(lat)
    bent = math.tan(0.25 * math.pi + 0.5 * lat) * ((1.0 - sine) / (1.0 + sine)) ** (0.5 * ECCENTRICITY)
    return 2.0 * math.atan(bent) - 0.5 * math.pi


@part
def _foot(lat: float) -> float:
    """Radius of the parallel over the semi-major axis; Snyder, 14-15."""
    return math.cos(lat) / math.sqrt(1.0 - ECCENTRICITY_2 * math.sin(lat) ** 2)


@kernel
def project(lat: float, lon: float, lat0: float, lon0: float) -> tuple[float, float, float]:
    """(x, y, scale) in the stereographic plane at (lat0, lon0); Snyder, 21-24 to 21-27."""
    chi, chi0 = _conformal(lat), _conformal(lat0)
    sine, cosine, sine0, cosine0 = math.sin(chi), math.cos(chi), math.sin(chi0), math.cos(chi0)
    turn = lon - lon0
    apart = 1.0 + sine0 * sine + cosine0 * cosine * math.cos(turn)
    factor = 2.0 * SEMI_MAJOR_M * _foot(lat0) / (cosine0 * apart)
    x, y = factor * cosine * math.sin(turn), factor * (cosine0 * sine - sine0 * cosine * math.cos(turn))
    return x, y, factor * cosine / (SEMI_MAJOR_M * _foot(lat))


@kernel
def unproject(x: float, y: float, lat0: float, lon0: float) -> tuple[float, float]:
    """(lat, lon) of a point of the plane; Snyder, 20-14, 20-15, 21-38 and 3-4."""
    chi0 = _conformal(lat0)
    distance = math.sqrt(x * x + y * y)
    if distance == 0.0:
        return lat0, lon0
    angle = 2.0 * math.atan(distance * math.cos(chi0) / (2.0 * SEMI_MAJOR_M * _foot(lat0)))
    sine, cosine = math.sin(angle), math.cos(angle)
    chi = math.asin(cosine * math.sin(chi0) + y * sine * math.cos(chi0) / distance)
    lon = lon0 + math.atan2(x * sine, distance * math.cos(chi0) * cosine - y * math.sin(chi0) * sine)
    lat = chi
    for _ in range(6):
        bent = ECCENTRICITY * math.sin(lat)
        stretch = ((1.0 + bent) / (1.0 - bent)) ** (0.5 * ECCENTRICITY)
        lat = 2.0 * math.atan(math.tan(0.25 * math.pi + 0.5 * chi) * stretch) - 0.5 * math.pi
    return lat, lon


def _axes(lat: float, lon: float) -> F64:
    """East, north, up as rows."""
    sin_lat, cos_lat, sin_lon, cos_lon = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    return np.array(
        [
            [-sin_lon, cos_lon, 0.0],
            [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        ]
    )


def _place(distance_m: float, bearing: float) -> tuple[float, float]:
    """(lat, lon) so far from the middle (in the plane) in that direction."""
    return unproject(distance_m * math.sin(bearing), distance_m * math.cos(bearing), *MIDDLE)


def _convergence(lat: float, lon: float) -> float:
    """How far true north is turned clockwise from the plane's y."""
    step = 1e-6
    x0, y0, _ = project(lat - step, lon, *MIDDLE)
    x1, y1, _ = project(lat + step, lon, *MIDDLE)
    return math.atan2(x1 - x0, y1 - y0)


# ---------------------------------------------------------------- level straight flight


class Flight(NamedTuple):
    """Where an aircraft is, every PERIOD_S."""

    place: F64  # (n, 3) ECEF
    velocity: F64  # (n, 3) ECEF


def fly_level(lat: float, lon: float, course: float, *, seconds: float) -> Flight:
    """A flight at constant height and speed that turns neither way and ends at (lat, lon).

    Integrated backwards: the acceleration is that which keeps the velocity level, and nothing aside.
    """
    axes = _axes(lat, lon)
    p = np.array(geodetic_to_ecef(lat, lon, HEIGHT_M))
    v = -SPEED_M_S * (math.sin(course) * axes[0] + math.cos(course) * axes[1])
    steps, per_plot = round(seconds * 2), round(PERIOD_S * 2)
    places, velocities = [p], [-v]
    for step in range(1, steps + 1):
        p = p + 0.5 * v
        lat, lon, _ = ecef_to_geodetic(*p)
        p = np.array(geodetic_to_ecef(lat, lon, HEIGHT_M))
        up = _axes(lat, lon)[2]
        v = v - (v @ up) * up
        v *= SPEED_M_S / np.linalg.norm(v)
        if step % per_plot == 0:
            places.append(p)
            velocities.append(-v)
    return Flight(np.array(places[::-1]), np.array(velocities[::-1]))


class Estimate(NamedTuple):
    """What a filter says at the end of a flight."""

    state: F64  # (6,)
    covariance: F64  # (6, 6)


def _filter(
    plots: F64, axes: list[F64], noise: tuple[float, float], first_velocity: F64, *, bent: bool = False
) -> Estimate:
    """After the last of (n, 3) plots; axes: rows along which each was measured, up last.

    bent: what flies level is taken to follow the earth, so v^2 / R is taken off its climb.
    """
    x = np.concatenate([plots[0], first_velocity])
    c = np.diag([1e4] * 3 + [1e4] * 3)
    f = np.eye(6)
    f[:3, 3:] = PERIOD_S * np.eye(3)
    density, vertical = noise
    for plot, rows in zip(plots[1:], axes[1:], strict=True):
        share = density * (np.eye(3) + (vertical - 1.0) * np.outer(rows[2], rows[2]))
        t = PERIOD_S
        q = np.block([[share * t**3 / 3, share * t**2 / 2], [share * t**2 / 2, share * t]])
        fall = rows[2] * ((x[3:] @ x[3:]) - (rows[2] @ x[3:]) ** 2) / MEAN_RADIUS_M if bent else np.zeros(3)
        x, c = f @ x - np.concatenate([0.5 * t * t * fall, t * fall]), f @ c @ f.T + q
        h = np.hstack([rows, np.zeros((3, 3))])
        s = h @ c @ h.T + np.diag(np.square(SIGMA_M))
        gain = np.linalg.solve(s, h @ c).T
        x = x + gain @ (rows @ plot - h @ x)
        c = c - gain @ s @ gain.T
    return Estimate(x, c)


class Bias(NamedTuple):
    """Error at the end of a flight, made by the frame alone."""

    level_m: float
    height_m: float
    speed_m_s: float  # level
    climb_m_s: float


def _judge(place: F64, velocity: F64, flight: Flight) -> Bias:
    axes = _axes(*ecef_to_geodetic(*flight.place[-1])[:2])
    gap, drift = axes @ (place - flight.place[-1]), axes @ (velocity - flight.velocity[-1])
    return Bias(
        float(np.hypot(*gap[:2])), abs(float(gap[2])), float(np.hypot(*drift[:2])), abs(float(drift[2]))
    )


def bias_in_ecef(
    flight: Flight, noise: tuple[float, float], turned: F64 | None = None, *, bent: bool = False
) -> Bias:
    """The error with the state in ECEF; turned: rows of another frame that only turns and shifts it."""
    turn = np.eye(3) if turned is None else turned
    origin = np.zeros(3) if turned is None else flight.place[0]
    axes = [_axes(*ecef_to_geodetic(*p)[:2]) @ turn.T for p in flight.place]
    x = _filter((flight.place - origin) @ turn.T, axes, noise, turn @ flight.velocity[0], bent=bent).state
    return _judge(turn.T @ x[:3] + origin, turn.T @ x[3:], flight)


def bias_in_plane(flight: Flight, noise: tuple[float, float], *, scaled: bool) -> Bias:
    """The error with the state in the plane; scaled: speeds are corrected for scale and height."""
    places = [ecef_to_geodetic(*p) for p in flight.place]
    plots = np.array([[*project(lat, lon, *MIDDLE)[:2], height] for lat, lon, height in places])
    before = np.array([[*project(lat, lon, *MIDDLE)[:2], height] for lat, lon, height in places[:2]])
    x = _filter(plots, [np.eye(3)] * len(plots), noise, (before[1] - before[0]) / PERIOD_S).state
    lat, lon = unproject(x[0], x[1], *MIDDLE)
    scale = project(lat, lon, *MIDDLE)[2] / (1.0 + x[2] / MEAN_RADIUS_M) if scaled else 1.0
    turn = _convergence(lat, lon)
    east = math.cos(turn) * x[3] - math.sin(turn) * x[4]
    north = math.sin(turn) * x[3] + math.cos(turn) * x[4]
    velocity = _axes(lat, lon).T @ np.array([east / scale, north / scale, x[5]])
    return _judge(np.array(geodetic_to_ecef(lat, lon, x[2])), velocity, flight)


def claimed(noise: tuple[float, float]) -> Bias:
    """The sigmas that the filter itself claims by then: one horizontal axis, height, speed, climb."""
    plots = np.column_stack(
        [np.arange(round(LEAD_S / PERIOD_S) + 1.0), np.zeros((round(LEAD_S / PERIOD_S) + 1, 2))]
    )
    sigma = np.sqrt(np.diag(_filter(plots, [np.eye(3)] * len(plots), noise, np.zeros(3)).covariance))
    return Bias(float(sigma[0]), float(sigma[2]), float(sigma[3]), float(sigma[5]))


def _said(w: list[float] | Bias) -> str:
    return f"{w[0]:.2f}, {w[1]:.2f}; {w[2]:.3f}, {w[3]:.3f}"


def flight_rows() -> list[str]:
    """The table of level straight flight."""
    names = (
        "ECEF: level, height m; speed, climb m/s",
        "ECEF, v^2/R taken off",
        "plane",
        "plane, scale left out",
    )
    heads = " | ".join(("from the middle, km", "model", *names, "claimed sigma"))
    found = [f"| {heads} |", "|---|---|---|---|---|---|---|"]
    for distance_km in DISTANCES_KM:
        lat, lon = _place(1e3 * distance_km, math.radians(60.0))
        outward = math.radians(60.0)
        for name, noise in (("straight", STRAIGHT), ("manoeuvring", WILD)):
            columns: list[list[Bias]] = [[], [], [], []]
            for aside in (0.0, 45.0, 90.0):
                flight = fly_level(lat, lon, outward + math.radians(aside), seconds=LEAD_S)
                ecef, turned = bias_in_ecef(flight, noise), bias_in_ecef(flight, noise, _axes(*MIDDLE))
                assert np.allclose(ecef, turned, atol=1e-4), "a frame that only turns must change nothing"
                columns[0].append(ecef)
                columns[1].append(bias_in_ecef(flight, noise, bent=True))
                columns[2].append(bias_in_plane(flight, noise, scaled=True))
                columns[3].append(bias_in_plane(flight, noise, scaled=False))
            worst = [[max(values) for values in zip(*column, strict=True)] for column in columns]
            said = [_said(one) for one in (*worst, claimed(noise))]
            found.append(f"| {distance_km} | {name} | " + " | ".join(said) + " |")
    return found


# ---------------------------------------------------------------- a plot of a radar without elevation


def plot_errors(distance_m: float) -> tuple[float, float, float]:
    """Worst place error (m) of a plot with known height, from a radar at that distance from the middle.

    Three short ways into the plane: as a flat map, azimuth from the plane's y; the same with true north and
    the scale at the radar; by the earth's arc, with the scale halfway. By latitude and longitude: none.
    """
    worst = [0.0, 0.0, 0.0]
    lat, lon = _place(distance_m, math.radians(60.0))
    axes, site = _axes(lat, lon), np.array(geodetic_to_ecef(lat, lon, 0.0))
    site_x, site_y, site_scale = project(lat, lon, *MIDDLE)
    turn = _convergence(lat, lon)
    for bearing in np.radians(np.arange(0.0, 360.0, 15.0)).tolist():
        there = _at_range(site, axes, bearing)
        range_m = float(np.linalg.norm(there - site))
        there_lat, there_lon, _ = ecef_to_geodetic(*there)
        x, y, scale = project(there_lat, there_lon, *MIDDLE)
        flat_m = math.sqrt(range_m**2 - HEIGHT_M**2)
        part_ = (range_m**2 - HEIGHT_M**2) / (4.0 * MEAN_RADIUS_M * (MEAN_RADIUS_M + HEIGHT_M))
        arc_m = 2.0 * MEAN_RADIUS_M * math.asin(math.sqrt(part_))
        ways = (
            (flat_m, bearing),
            (flat_m * site_scale, bearing + turn),
            (arc_m * 0.5 * (site_scale + scale), bearing + turn),
        )
        for i, (ahead_m, angle) in enumerate(ways):
            gap_m = math.hypot(site_x + ahead_m * math.sin(angle) - x, site_y + ahead_m * math.cos(angle) - y)
            worst[i] = max(worst[i], gap_m / scale)
    return worst[0], worst[1], worst[2]


def _at_range(site: F64, axes: F64, azimuth: float) -> F64:
    """The point at RANGE_M and HEIGHT_M in that azimuth, by bisection of the elevation."""
    low, high = -0.2, 1.0
    ahead = math.sin(azimuth) * axes[0] + math.cos(azimuth) * axes[1]
    for _ in range(60):
        middle = 0.5 * (low + high)
        point = site + RANGE_M * (math.cos(middle) * ahead + math.sin(middle) * axes[2])
        low, high = (middle, high) if ecef_to_geodetic(*point)[2] < HEIGHT_M else (low, middle)
    return np.asarray(point)


# ---------------------------------------------------------------- cost


@part
def _polar_to_ecef(range_m: float, azimuth: float, height_m: float, site: F64, axes: F64, out: F64) -> None:
    """Place and directions (rows 0 and 1..3 of out) by the law of cosines and two Newton steps."""
    rise = height_m * (2.0 * MEAN_RADIUS_M + height_m) - range_m * range_m
    sin_el = rise / (2.0 * range_m * MEAN_RADIUS_M)
    sin_az, cos_az = math.sin(azimuth), math.cos(azimuth)
    for left in range(2, -1, -1):
        cos_el = math.sqrt(1.0 - sin_el * sin_el)
        slope = 0.0
        for c in range(3):
            ahead = sin_az * axes[0, c] + cos_az * axes[1, c]
            out[0, c] = site[c] + range_m * (cos_el * ahead + sin_el * axes[2, c])
        ux, uy, uz, got_m = ecef_to_normal(out[0, 0], out[0, 1], out[0, 2])
        if left == 0:
            out[3, 0] = ux
            out[3, 1] = uy
            out[3, 2] = uz
            break
        for c in range(3):
            ahead = sin_az * axes[0, c] + cos_az * axes[1, c]
            slope += (ux if c == 0 else uy if c == 1 else uz) * (axes[2, c] - sin_el / cos_el * ahead)
        sin_el += (height_m - got_m) / (range_m * slope)
    cos_el = math.sqrt(1.0 - sin_el * sin_el)
    for c in range(3):
        out[1, c] = cos_el * (sin_az * axes[0, c] + cos_az * axes[1, c]) + sin_el * axes[2, c]
        out[2, c] = cos_az * axes[0, c] - sin_az * axes[1, c]


@part
def _ecef_to_plane(azimuth: float, lat0: float, lon0: float, out: F64) -> None:
    """The same place in the plane, with the directions along and across the beam there, and up."""
    lat, lon, height_m = ecef_to_geodetic(out[0, 0], out[0, 1], out[0, 2])
    x, y, _ = project(lat, lon, lat0, lon0)
    turn = azimuth + (lon - lon0) * math.sin(0.5 * (lat + lat0))  # meridian convergence, to first order
    out[0, 0] = x
    out[0, 1] = y
    out[0, 2] = height_m
    for row in range(1, 4):
        for c in range(3):
            out[row, c] = 0.0
    out[1, 0] = math.sin(turn)
    out[1, 1] = math.cos(turn)
    out[2, 0] = math.cos(turn)
    out[2, 1] = -math.sin(turn)
    out[3, 2] = 1.0


@part
def _step(x: F64, c: F64, gain: F64, plot: F64) -> None:
    """Predict by PERIOD_S and update along three directions."""
    dt = PERIOD_S
    for a in range(3):
        x[a] += dt * x[a + 3]
        for b in range(3):
            c[a, b] += dt * (c[a, b + 3] + c[a + 3, b]) + dt * dt * c[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            c[a, b + 3] += dt * c[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            c[b + 3, a] = c[a, b + 3]
            share = (1.0 if a == b else 0.0) - 0.5 * plot[3, a] * plot[3, b]
            c[a, b] += share * dt * dt * dt / 3.0
            c[a, b + 3] += share * dt * dt / 2.0
            c[a + 3, b] += share * dt * dt / 2.0
            c[a + 3, b + 3] += share * dt
    for row in range(3):
        variance, gap = 1e4, 0.0
        for a in range(6):
            gain[a] = c[a, 0] * plot[row + 1, 0] + c[a, 1] * plot[row + 1, 1] + c[a, 2] * plot[row + 1, 2]
        for a in range(3):
            variance += plot[row + 1, a] * gain[a]
            gap += plot[row + 1, a] * (plot[0, a] - x[a])
        for a in range(6):
            share = gain[a] / variance
            x[a] += share * gap
            for b in range(6):
                c[a, b] -= share * gain[b]


@kernel
def run_kernel(
    plots: F64, site: F64, axes: F64, middle: F64, way: int, x: F64, c: F64, gain: F64, out: F64
) -> float:
    """Plots (n, 3) of range, azimuth, height through one filter.

    way: 0 ECEF, 1 plane, 2 and 3 their conversions alone, 4 the filter alone.
    """
    total = 0.0
    for i in range(plots.shape[0]):
        if way < 4:
            _polar_to_ecef(plots[i, 0], plots[i, 1], plots[i, 2], site, axes, out)
        if way % 2 == 1:
            _ecef_to_plane(plots[i, 1], middle[0], middle[1], out)
        if way < 2 or way == 4:
            _step(x, c, gain, out)
        total += out[0, 0]
    return total


def cost_rows() -> list[str]:
    """The table of costs, ns a plot: median of five."""
    rng = np.random.default_rng(1)
    n = 200_000
    azimuth = 1.0 + 0.1 * rng.standard_normal(n)
    plots = np.column_stack([rng.uniform(1e5, 1.001e5, n), azimuth, rng.uniform(9e3, 9.1e3, n)])
    lat, lon = _place(200_000.0, 1.0)
    site, axes, middle = np.array(geodetic_to_ecef(lat, lon, 0.0)), _axes(lat, lon), np.array(MIDDLE)
    out = np.zeros((4, 3))

    def measure(way: int) -> float:
        spent = []
        for _ in range(6):
            out[:] = np.vstack([np.zeros(3), np.eye(3)])
            x, c, gain = np.zeros(6), np.eye(6) * 1e4, np.zeros(6)
            began_s = time.thread_time()
            run_kernel(plots, site, axes, middle, way, x, c, gain, out)
            spent.append(time.thread_time() - began_s)
        return float(np.median(spent[1:])) / n * 1e9

    names: list[tuple[str, Any]] = [
        ("ECEF: conversion, predict, update", 0),
        ("plane: conversion, predict, update", 1),
        ("  conversion to ECEF alone", 2),
        ("  conversion to the plane alone", 3),
        ("  predict and update alone, either frame", 4),
    ]
    return ["| ns a plot | |", "|---|---|", *[f"| {name} | {measure(way):.0f} |" for name, way in names]]


def main() -> None:
    """Print the three tables."""
    print(machine())
    print("\nLevel straight flight, worst of three courses, after ten minutes of noise-free plots\n")
    print("\n".join(flight_rows()))
    print(
        f"\nA plot of known height, {RANGE_M / 1e3:.0f} km from a radar that stands so far from the middle\n"
    )
    print(
        "| radar, km | ECEF, m | plane by latitude | flat map, m | true north, scale | arc, scale halfway |"
    )
    print("|---|---|---|---|---|---|")
    for distance_km in DISTANCES_KM:
        flat, turned, arc = plot_errors(1e3 * distance_km)
        print(f"| {distance_km} | 0 | 0 | {flat:,.0f} | {turned:,.0f} | {arc:,.1f} |")
    print()
    print("\n".join(cost_rows()))


if __name__ == "__main__":
    main()
