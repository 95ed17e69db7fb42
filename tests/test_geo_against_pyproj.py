"""Geometry against PROJ, an independent implementation."""

import numpy as np
import pyproj
from hypothesis import given
from hypothesis import strategies as st

from foedus import geo

MILLIMETRE = 1e-3
NANORADIAN = 1e-9

TO_ECEF = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978")


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-500, 100_000))
def test_ecef_agrees_with_proj_and_returns(lat_deg: float, lon_deg: float, height_m: float) -> None:
    lat_rad, lon_rad = np.radians(lat_deg), np.radians(lon_deg)
    ours = geo.geodetic_to_ecef(lat_rad, lon_rad, height_m)
    np.testing.assert_allclose(ours, TO_ECEF.transform(lat_deg, lon_deg, height_m), atol=MILLIMETRE)
    back = geo.ecef_to_geodetic(*ours)
    np.testing.assert_allclose(back[0], lat_rad, atol=NANORADIAN)
    np.testing.assert_allclose(back[2], height_m, atol=MILLIMETRE)


@given(st.floats(-1.5, 1.5), st.floats(-3.1, 3.1), st.tuples(*[st.floats(-1e3, 1e3)] * 3))
def test_a_local_vector_turns_there_and_back(
    lat_rad: float, lon_rad: float, vector: tuple[float, float, float]
) -> None:
    turned = geo.enu_to_ecef_vector(*vector, lat_rad, lon_rad)
    np.testing.assert_allclose(np.linalg.norm(turned), np.linalg.norm(vector), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(geo.ecef_to_enu_vector(*turned, lat_rad, lon_rad), vector, atol=1e-9)


@given(st.floats(45, 50), st.floats(0, 15), st.floats(45, 50), st.floats(0, 15))
def test_distance_is_within_0_6_percent_of_the_ellipsoid(a: float, b: float, c: float, d: float) -> None:
    expected_m = pyproj.Geod(ellps="WGS84").inv(b, a, d, c)[2]
    found_m = geo.distance_m(*np.radians([a, b, c, d]))
    assert abs(found_m - expected_m) <= 0.006 * expected_m + MILLIMETRE
