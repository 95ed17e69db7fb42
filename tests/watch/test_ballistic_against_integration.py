"""Arrival areas against an independent integrator (scipy, inertial frame, none of the program's code) and
against falls drawn at random."""

import math

import numpy as np
import pytest
from falling import body, ground_of, height_of, slope, to_inertial
from pyproj import Geod
from scipy.integrate import dblquad, solve_ivp

from foedus.watch import ballistic_kernels
from foedus.watch.ballistic import arrival_areas, legendre_nodes, mass_inside

GEOD = Geod(ellps="WGS84")
SKEW = 0.12
"""An unknown drag makes the spread lopsided; a Gaussian of the same moments is up to 0.10 off here."""
SURE = {"sigma_m": 0.0, "height_sigma_m": 0.0, "sigma_m_s": 0.0}
FALLS = {
    "steep": {"height": 20_000.0, "east": 100.0, "north": 0.0, "up": -300.0},
    "shallow": {"height": 80_000.0, "east": 900.0, "north": 600.0, "up": -200.0},
    "long, southwards": {"height": 300_000.0, "east": 500.0, "north": -2_500.0, "up": 1_500.0, "lat": 35.0},
    "over the antimeridian": {"height": 150_000.0, "east": 3_000.0, "north": 0.0, "up": 500.0, "lon": 179.0},
}


def integrate(drag, *, lat=46.0, lon=8.0, height, east, north, up):
    """(latitude, longitude, seconds) of the end of a fall by DOP853."""
    start = to_inertial(
        *(np.array(one, float) for one in (np.radians(lat), np.radians(lon), height, east, north, up))
    )

    def down(_, state):
        return height_of(state[:3])

    down.terminal = True
    found = solve_ivp(
        lambda _, state: slope(state, drag), (0.0, 3_000.0), start,
        method="DOP853", rtol=1e-9, atol=1e-3, events=down,
    )  # fmt: skip
    time_s = found.t_events[0][0]
    return (*ground_of(found.y_events[0][0][:3], time_s), time_s)


@pytest.mark.parametrize("case", FALLS)
def test_the_middle_of_three_falls_is_where_an_independent_integrator_ends(case):
    """The centre is the mean over three drags; the same mean of three integrations must be there."""
    area = arrival_areas(body(**FALLS[case], **SURE), now_ns=0)
    factor = ballistic_kernels.DRAG_FACTOR
    ends = [integrate(ballistic_kernels.DRAG_MEDIAN * f, **FALLS[case]) for f in (1.0 / factor, 1.0, factor)]
    lat, lon, time_s = ends[1]
    offsets = []
    for other_lat, other_lon, _ in ends:
        azimuth, _, metres = GEOD.inv(*np.degrees([lon, lat, other_lon, other_lat]))
        offsets.append((metres * math.sin(math.radians(azimuth)), metres * math.cos(math.radians(azimuth))))
    east, north = np.average(offsets, axis=0, weights=[1, 4, 1])
    expected = GEOD.fwd(
        *np.degrees([lon, lat]), math.degrees(math.atan2(east, north)), math.hypot(east, north)
    )
    _, _, away_m = GEOD.inv(*expected[:2], *np.degrees([area.lon_rad[0], area.lat_rad[0]]))
    print(case, away_m, area, time_s)
    assert away_m < 30.0
    assert area.arrival_s[0] == pytest.approx(
        np.average([end[2] for end in ends], weights=[1, 4, 1]), abs=0.1
    )


def drop(count, generator, drag_log_sigma, tracks):
    """(latitude, longitude, seconds) of random falls of one track, by Runge-Kutta steps of all at once."""
    z = generator.standard_normal((count, 7))
    sigma, high, speed = tracks.position_sigma_m[0], tracks.height_sigma_m[0], tracks.velocity_sigma_m_s[0]
    upward = speed * max(1.0, high / sigma)
    lat, lon = tracks.lat_rad[0], tracks.lon_rad[0]
    start = to_inertial(
        lat + sigma * z[:, 1] / 6.367e6, lon + sigma * z[:, 0] / (6.388e6 * math.cos(lat)),
        tracks.height_m[0] + high * z[:, 2], tracks.velocity_east_m_s[0] + speed * z[:, 3],
        tracks.velocity_north_m_s[0] + speed * z[:, 4], tracks.velocity_up_m_s[0] + upward * z[:, 5],
    )  # fmt: skip
    drag = 5e-4 * np.exp(drag_log_sigma * z[:, 6] - 0.5 * drag_log_sigma**2)
    state, ended_s, ends = start, np.full(count, np.nan), np.zeros((count, 3))
    height, time_s, dt_s = height_of(start[:, :3]), 0.0, 0.5
    while np.isnan(ended_s).any():
        one = slope(state, drag)
        two = slope(state + 0.5 * dt_s * one, drag)
        three = slope(state + 0.5 * dt_s * two, drag)
        four = slope(state + dt_s * three, drag)
        after = state + dt_s / 6.0 * (one + 2.0 * two + 2.0 * three + four)
        below = height_of(after[:, :3])
        now = np.isnan(ended_s) & (below <= 0.0)
        share = height[now] / (height[now] - below[now])
        ended_s[now] = time_s + share * dt_s
        ends[now] = state[now, :3] + share[:, None] * (after[now, :3] - state[now, :3])
        state, height, time_s = after, below, time_s + dt_s
    return (*ground_of(ends, ended_s), ended_s)


@pytest.mark.parametrize("case", ["steep", "shallow", "long, southwards"])
def test_area_time_and_probability_agree_with_falls_drawn_at_random(case):
    generator = np.random.default_rng(20261130)
    tracks = body(**FALLS[case])
    lat, lon, time_s = drop(800, generator, math.sqrt(ballistic_kernels.DRAG_LOG_VARIANCE), tracks)
    area = arrival_areas(tracks, now_ns=0)
    azimuth, _, metres = GEOD.inv(
        np.full(800, np.degrees(area.lon_rad[0])), np.full(800, np.degrees(area.lat_rad[0])),
        np.degrees(lon), np.degrees(lat),
    )  # fmt: skip
    turned = np.radians(azimuth) - area.orientation_rad[0]
    along, across = metres * np.cos(turned), metres * np.sin(turned)
    assert abs(along.mean()) < 0.25 * area.semi_major_m[0]
    assert abs(across.mean()) < 0.25 * area.semi_minor_m[0]
    assert along.std() == pytest.approx(area.semi_major_m[0], rel=0.25)
    assert across.std() == pytest.approx(area.semi_minor_m[0], rel=0.25)
    assert time_s.mean() == pytest.approx(area.arrival_s[0], abs=0.25 * area.arrival_sigma_s[0])
    assert time_s.std() == pytest.approx(area.arrival_sigma_s[0], rel=0.3)
    for turn, size in ((0.0, 1.0), (1.0, 2.0), (2.5, 1.0)):
        zone_lat, zone_lon = kite(area, turn, size * area.semi_major_m[0])
        mass, away_m = mass_inside(area, 0, zone_lat, zone_lon)
        assert away_m == 0.0
        assert mass == pytest.approx(share_inside(zone_lat, zone_lon, lat, lon), abs=SKEW)


def kite(area, turn, radius_m):
    """(latitude, longitude) of four corners about the centre of an area, one of them three times as far."""
    centre = np.degrees([area.lon_rad[0], area.lat_rad[0]])
    far = [
        GEOD.fwd(*centre, math.degrees(turn) + 90.0 * k, radius_m * (3.0 if k == 0 else 1.0))
        for k in range(4)
    ]
    return np.radians([corner[1] for corner in far]), np.radians([corner[0] for corner in far])


def share_inside(zone_lat, zone_lon, lat, lon):
    inside = np.zeros(len(lat), bool)
    for i in range(len(zone_lat)):
        between = (zone_lat[i - 1] > lat) != (zone_lat[i] > lat)
        slant = (zone_lon[i] - zone_lon[i - 1]) / (zone_lat[i] - zone_lat[i - 1])
        inside ^= between & (lon < zone_lon[i - 1] + (lat - zone_lat[i - 1]) * slant)
    return inside.mean()


def test_gaussian_mass_of_a_polygon_agrees_with_a_double_integral():
    triangle = np.array([(-0.5, -1.0), (2.0, 0.3), (0.2, 1.5)])
    kernel = ballistic_kernels.mass_kernel
    nodes = legendre_nodes()

    def density(y, x):
        return math.exp(-0.5 * (x * x + y * y)) / (2.0 * math.pi)

    def top(x):
        return 1.5 + (x - 0.2) / 1.8 * -1.2 if x > 0.2 else -1.0 + (x + 0.5) / 0.7 * 2.5

    def bottom(x):
        return -1.0 + (x + 0.5) / 2.5 * 1.3

    expected, _ = dblquad(density, -0.5, 2.0, bottom, top)
    for shift in range(3):
        for step in (1, -1):
            corners = np.roll(triangle, shift, axis=0)[::step]
            found = kernel(corners[:, 0].copy(), corners[:, 1].copy(), nodes)
            assert found == pytest.approx(expected, abs=2e-4)
    square = 50.0 * np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    assert kernel(square[:, 0].copy(), square[:, 1].copy(), nodes) == pytest.approx(1.0, abs=1e-4)
    half = np.array([(0.0, -50.0), (50.0, -50.0), (50.0, 50.0), (0.0, 50.0)])
    assert kernel(half[:, 0].copy(), half[:, 1].copy(), nodes) == pytest.approx(0.5, abs=1e-3)


def test_gaussian_mass_beside_the_origin_and_of_a_corner_cut_out_is_that_of_the_rectangles():
    def rectangle(x0, x1, y0, y1):
        def part(a, b):
            return 0.5 * (math.erf(b / math.sqrt(2.0)) - math.erf(a / math.sqrt(2.0)))

        return part(x0, x1) * part(y0, y1)

    nodes = legendre_nodes()
    beside = np.array([(0.5, -0.3), (2.0, -0.3), (2.0, 1.1), (0.5, 1.1)])
    angled = np.array([(-1.0, -1.0), (2.0, -1.0), (2.0, 1.5), (0.5, 1.5), (0.5, 0.5), (-1.0, 0.5)])
    for corners, expected in (
        (beside, rectangle(0.5, 2.0, -0.3, 1.1)),
        (angled, rectangle(-1.0, 2.0, -1.0, 0.5) + rectangle(0.5, 2.0, 0.5, 1.5)),
    ):
        found = ballistic_kernels.mass_kernel(corners[:, 0].copy(), corners[:, 1].copy(), nodes)
        assert found == pytest.approx(expected, abs=2e-4)
