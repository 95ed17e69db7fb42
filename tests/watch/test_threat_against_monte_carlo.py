"""Threat assessment against a slow twin: sampled flights along geodesics of the ellipsoid (pyproj), looked at
every few seconds. The twin shares no formula with the kernel: no local plane, no closed form, no ray."""

import math

import numpy as np
import pytest
from pyproj import Geod

from foedus.model import Tracks
from foedus.watch.threat import arrival, assess, make_zones
from foedus.watch.threat_kernels import CLIMB_SIGMA_M_S

GEOD = Geod(ellps="WGS84")
FLIGHTS = 2_000
LOOKS = 241
SAMPLING_ERROR = 3.0 * 0.5 / math.sqrt(FLIGHTS)  # three sigma of a fraction
QUADRATURE_ERROR = 0.10
"""Worst of 32 rays at the corners of a zone (0.11 in 250 such scenes); root mean square 0.02."""


def contains(polygon, lat, lon):
    """Even-odd rule in latitude and longitude, written over whole arrays."""
    inside = np.zeros(lat.shape, bool)
    for (lat_a, lon_a), (lat_b, lon_b) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        between = (lat_a > lat) != (lat_b > lat)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
        inside ^= between & (lon < crossing)
    return inside


def fly(scene, polygon, floor_m, ceiling_m, generator):
    """The time at which each flight is first inside, infinite for those that never are, by trial."""
    offset = generator.normal(0.0, scene["sigma_m"], (FLIGHTS, 2))
    velocity = generator.normal(0.0, scene["sigma_m_s"], (FLIGHTS, 2)) + scene["velocity"]
    height = scene["height_m"] + generator.normal(0.0, scene["height_sigma_m"], FLIGHTS)
    climb = scene["climb_m_s"] + generator.normal(0.0, CLIMB_SIGMA_M_S, FLIGHTS)
    lon0, lat0, _ = GEOD.fwd(
        np.full(FLIGHTS, scene["lon"]),
        np.full(FLIGHTS, scene["lat"]),
        np.degrees(np.arctan2(offset[:, 0], offset[:, 1])),
        np.hypot(*offset.T),
    )
    course = np.degrees(np.arctan2(velocity[:, 0], velocity[:, 1]))
    speed = np.hypot(*velocity.T)
    entered_s = np.full(FLIGHTS, np.inf)
    for time_s in np.linspace(0.0, scene["horizon_s"], LOOKS):
        lon, lat, _ = GEOD.fwd(lon0, lat0, course, speed * time_s)
        up = height + climb * time_s
        here = contains(polygon, np.array(lat), np.array(lon)) & (up >= floor_m) & (up <= ceiling_m)
        entered_s = np.where(here & (entered_s > time_s), time_s, entered_s)
    return entered_s


def scene_of(generator):
    """A track that the boundary of the zone concerns: it comes by a vertex, in time or a little late."""
    speed = generator.uniform(20.0, 260.0)
    course = generator.uniform(0.0, 2.0 * math.pi)
    lat, lon = ZONE[int(generator.integers(len(ZONE)))]
    back_m = speed * generator.uniform(0.0, 350.0)
    aside_m = generator.normal(0.0, 0.05 * back_m + 500.0)
    lon, lat, _ = GEOD.fwd(lon, lat, math.degrees(course) + 180.0, back_m)
    lon, lat, _ = GEOD.fwd(lon, lat, math.degrees(course) + 90.0, aside_m)
    return {
        "lat": lat,
        "lon": lon,
        "velocity": (speed * math.sin(course), speed * math.cos(course)),
        "sigma_m": generator.choice([50.0, 500.0, 3_000.0]),
        "sigma_m_s": generator.choice([3.0, 10.0, 40.0]),
        "height_m": generator.uniform(500.0, 6_000.0),
        "height_sigma_m": generator.choice([50.0, 500.0]),
        "climb_m_s": generator.uniform(-8.0, 8.0),
        "horizon_s": generator.choice([120.0, 300.0]),
    }


def track_of(scene):
    one = np.ones(1)
    return Tracks.empty(1)._replace(
        number=np.ones(1, np.int32),
        lat_rad=np.radians(scene["lat"]) * one,
        lon_rad=np.radians(scene["lon"]) * one,
        height_m=scene["height_m"] * one,
        velocity_east_m_s=scene["velocity"][0] * one,
        velocity_north_m_s=scene["velocity"][1] * one,
        velocity_up_m_s=scene["climb_m_s"] * one,
        position_sigma_m=scene["sigma_m"] * one,
        height_sigma_m=scene["height_sigma_m"] * one,
        velocity_sigma_m_s=scene["sigma_m_s"] * one,
    )


ZONE = [(45.6, 7.4), (45.7, 9.3), (46.3, 9.0), (46.9, 9.6), (46.8, 7.6), (46.2, 7.9)]


@pytest.mark.parametrize(("floor_m", "ceiling_m"), [(None, None), (None, 3_000.0)])
def test_probability_agrees_with_flights_along_geodesics(floor_m, ceiling_m):
    seed = 20261122
    generator = np.random.default_rng(seed)
    zones = make_zones([ZONE], [floor_m], [ceiling_m])
    floor, ceiling = -math.inf if floor_m is None else floor_m, math.inf if ceiling_m is None else ceiling_m
    open_cases = 0
    errors = []
    for case in range(24):
        scene = scene_of(generator)
        share = np.isfinite(fly(scene, ZONE, floor, ceiling, generator)).mean()
        threats = assess(track_of(scene), zones, now_ns=0, horizon_s=scene["horizon_s"])
        found = float(threats.probability[0]) if len(threats.row) else 0.0
        open_cases += 0.02 < share < 0.98
        errors.append(found - share)
        assert abs(found - share) <= QUADRATURE_ERROR + SAMPLING_ERROR, (seed, case, scene, found, share)
    assert open_cases >= 8  # the scenes must ask something
    assert np.sqrt(np.mean(np.square(errors))) <= 0.03


def test_entry_time_agrees_with_flights_along_geodesics():
    generator = np.random.default_rng(5)
    scene = scene_of(generator) | {
        "lat": 45.2, "lon": 8.2, "velocity": (10.0, 200.0), "sigma_m": 100.0, "sigma_m_s": 3.0,
        "height_m": 1_000.0, "horizon_s": 300.0,
    }  # fmt: skip
    entered_s = fly(scene, ZONE, -math.inf, math.inf, generator)
    share, mean_s = np.isfinite(entered_s).mean(), entered_s[np.isfinite(entered_s)].mean()
    threats = assess(track_of(scene), make_zones([ZONE], [None], [None]), now_ns=0, horizon_s=300.0)
    assert share > 0.99
    look_s = 300.0 / (LOOKS - 1)
    assert abs(float(threats.entry_s[0]) - mean_s) <= look_s


def test_earliest_latest_and_all_between_agree_with_flights_along_geodesics():
    seed = 20261130
    generator = np.random.default_rng(seed)
    errors = []
    for case in range(18):
        ceiling_m = 3_000.0 if case % 2 else None
        zones = make_zones([ZONE], [None], [ceiling_m])
        scene = scene_of(generator)
        look_s = scene["horizon_s"] / (LOOKS - 1)
        entered_s = fly(scene, ZONE, -math.inf, ceiling_m or math.inf, generator)
        entered_s = np.sort(entered_s[np.isfinite(entered_s)]) - 0.5 * look_s
        if len(entered_s) < 0.3 * FLIGHTS:  # of what hardly ever enters, few rays tell
            continue
        tracks = track_of(scene)
        threats = assess(tracks, zones, now_ns=0, horizon_s=scene["horizon_s"])
        assert 0.0 <= threats.earliest_s[0] <= threats.entry_s[0] <= threats.latest_s[0]
        found = arrival(tracks, zones, row=0, zone=0, now_ns=0, horizon_s=scene["horizon_s"])
        assert found.probability[-1] == pytest.approx(threats.probability[0])
        for part in (0.1, 0.25, 0.5, 0.75, 0.9):
            time_s = found.times_s[np.searchsorted(found.probability, part * found.probability[-1])]
            around = np.searchsorted(entered_s, [time_s - look_s, time_s + look_s]) / len(entered_s)
            errors.append(part - np.clip(part, *around))
            assert abs(errors[-1]) <= 0.12, (seed, case, scene, part)
        if threats.entry_s[0] > threats.earliest_s[0] > 0.0:
            early = np.searchsorted(entered_s, threats.earliest_s[0]) / len(entered_s)
            assert 0.02 <= early <= 0.18, (seed, case, scene)
    assert len(errors) >= 30  # six scenes or more ask something
    assert np.sqrt(np.mean(np.square(errors))) <= 0.04
