"""The frame experiment: its projection against pyproj, its flights against what level and straight mean."""

import math

import numpy as np
import pyproj
import pytest
from bench.frame import (
    HEIGHT_M,
    MIDDLE,
    SPEED_M_S,
    STRAIGHT,
    bias_in_ecef,
    bias_in_plane,
    fly_level,
    plot_errors,
    project,
    unproject,
)

from foedus.geo import ecef_to_geodetic

PLACES = [(47.0, 8.0), (47.3, 9.1), (42.0, 2.0), (55.5, 19.0), (47.0, -5.0), (36.0, 8.0)]


@pytest.mark.parametrize(("lat", "lon"), PLACES)
def test_the_plane_is_that_of_pyproj(lat: float, lon: float) -> None:
    stereographic = pyproj.Proj("+proj=stere +lat_0=47 +lon_0=8 +ellps=WGS84 +k=1")
    x, y, scale = project(math.radians(lat), math.radians(lon), *MIDDLE)
    assert (x, y) == pytest.approx(stereographic(lon, lat), abs=1e-4)
    assert scale == pytest.approx(stereographic.get_factors(lon, lat).meridional_scale, rel=1e-6)
    assert np.degrees(unproject(x, y, *MIDDLE)) == pytest.approx((lat, lon), abs=1e-10)


def test_a_level_flight_is_level_and_as_long_as_its_speed_says() -> None:
    flight = fly_level(0.8, 0.2, 1.0, seconds=600.0)
    heights = [ecef_to_geodetic(*place)[2] for place in flight.place]
    assert heights == pytest.approx([HEIGHT_M] * len(heights), abs=1e-3)
    (lat, lon, _), (lat2, lon2, _) = (ecef_to_geodetic(*flight.place[i]) for i in (0, -1))
    degrees = [math.degrees(angle) for angle in (lon, lat, lon2, lat2)]
    course, _, ground_m = pyproj.Geod(ellps="WGS84").inv(*degrees)
    assert ground_m * (1.0 + HEIGHT_M / 6.37e6) == pytest.approx(SPEED_M_S * 600.0, rel=1e-4)
    east, north = -math.sin(lon), math.cos(lon)
    begins = math.atan2(
        flight.velocity[0] @ [east, north, 0.0],
        flight.velocity[0] @ [-math.sin(lat) * north, math.sin(lat) * east, math.cos(lat)],
    )
    assert begins == pytest.approx(math.radians(course), abs=1e-4)  # the geodesic begins as the flight does


def test_only_ecef_lags_behind_the_curved_earth_and_need_not() -> None:
    flight = fly_level(0.8, 0.2, 1.0, seconds=600.0)
    lag = SPEED_M_S**2 / 6.38e6
    ecef, plane = bias_in_ecef(flight, STRAIGHT), bias_in_plane(flight, STRAIGHT, scaled=True)
    assert 10.0 * lag < ecef.climb_m_s < 100.0 * lag
    assert plane.climb_m_s < 1e-3
    assert bias_in_ecef(flight, STRAIGHT, bent=True).climb_m_s < 0.01 * ecef.climb_m_s


def test_short_ways_into_the_plane_get_worse_with_distance() -> None:
    near, far = plot_errors(50_000.0), plot_errors(500_000.0)
    assert all(one < other for one, other in zip(near, far, strict=True))
    assert far[0] > far[1] > far[2] > 50.0
