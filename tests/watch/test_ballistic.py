"""Claims about arrival areas, each with its smallest example, and about threats of what falls."""

import math

import numpy as np
import pytest
from falling import body

from foedus.limits import FALL_S_MAX
from foedus.model import SECOND_NS, TrackClass, Tracks, concatenate
from foedus.track import motion
from foedus.watch import ballistic_kernels
from foedus.watch.ballistic import arrival_areas, falling
from foedus.watch.threat import arrival, assess, make_zones

AREA = arrival_areas(body(), now_ns=0)
LAT_DEG, LON_DEG = math.degrees(AREA.lat_rad[0]), math.degrees(AREA.lon_rad[0])


def square(half_deg, *, east_deg=0.0):
    low, high = LAT_DEG - half_deg, LAT_DEG + half_deg
    west, east = LON_DEG + east_deg - half_deg, LON_DEG + east_deg + half_deg
    return [(low, west), (low, east), (high, east), (high, west)]


def zones(*polygons, floor=None):
    return make_zones(list(polygons), [floor] * len(polygons), [None] * len(polygons))


def test_the_air_and_the_drag_are_those_of_the_trackers_ballistic_model():
    for name in ("GRAVITY_M3_S2", "EARTH_RATE", "AIR_DENSITY", "AIR_SCALE_M", "DRAG_MEAN", "DRAG_SIGMA"):
        assert getattr(ballistic_kernels, name) == getattr(motion, name), name


def test_the_drag_of_all_nodes_has_the_mean_and_the_sigma_of_the_prior():
    log_sigma = math.sqrt(ballistic_kernels.DRAG_LOG_VARIANCE)
    z = np.random.default_rng(1).standard_normal(200_000)
    drags = ballistic_kernels.DRAG_MEDIAN * np.exp(log_sigma * z)
    assert drags.mean() == pytest.approx(ballistic_kernels.DRAG_MEAN, rel=0.02)
    assert drags.std() == pytest.approx(ballistic_kernels.DRAG_SIGMA, rel=0.05)


def test_only_ballistic_objects_of_known_height_and_velocity_have_an_area():
    plane = body()._replace(track_class=np.full(1, TrackClass.UNIDENTIFIED, np.int8))
    high = body()._replace(height_m=np.full(1, math.nan))
    slow = body()._replace(velocity_up_m_s=np.full(1, math.nan))
    tracks = concatenate([plane, high, slow, body()])
    assert falling(tracks).tolist() == [False, False, False, True]
    assert arrival_areas(tracks, now_ns=0).row.tolist() == [3]


def test_what_stays_up_has_no_area_and_is_judged_by_its_straight_path():
    satellite = body(height=400_000.0, east=7_500.0, north=0.0, up=0.0)
    assert len(arrival_areas(satellite, now_ns=0).row) == 0
    below = [(45.0, 7.0), (45.0, 9.0), (47.0, 9.0), (47.0, 7.0)]
    found = assess(satellite, zones(below), now_ns=0, horizon_s=60.0)
    assert found.inside.tolist() == [True]


def test_a_fall_longer_than_the_limit_has_no_area():
    far = {"height": 900_000.0, "north": 0.0, "up": 3_000.0, "sigma_m_s": 1.0}
    assert 0.9 * FALL_S_MAX < arrival_areas(body(east=6_000.0, **far), now_ns=0).arrival_s[0] < FALL_S_MAX
    assert len(arrival_areas(body(east=6_300.0, **far), now_ns=0).row) == 0


def test_the_area_does_not_depend_on_now_and_the_time_runs_down():
    early, late = arrival_areas(body(), now_ns=0), arrival_areas(body(), now_ns=100 * SECOND_NS)
    assert (early.lat_rad, early.semi_major_m) == (late.lat_rad, late.semi_major_m)
    assert early.arrival_s - late.arrival_s == pytest.approx(100.0)
    assert arrival_areas(body(), now_ns=1_000 * SECOND_NS).arrival_s.tolist() == [0.0]


def test_the_more_uncertain_the_velocity_the_wider_the_area():
    sizes = [arrival_areas(body(sigma_m_s=s), now_ns=0).semi_minor_m[0] for s in (1.0, 10.0, 50.0)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_an_area_that_lies_wholly_in_a_zone_is_a_certain_threat_with_its_time():
    found = assess(body(), zones(square(0.5)), now_ns=0, horizon_s=600.0)
    assert found.probability[0] > 0.99
    assert found.entry_s[0] == AREA.arrival_s[0]
    assert found.entry_s[0] - found.earliest_s[0] == pytest.approx(1.2816 * AREA.arrival_sigma_s[0], rel=0.01)
    assert (found.inside[0], found.closest_m[0], found.closest_s[0]) == (False, 0.0, found.entry_s[0])


def test_a_zone_that_is_only_passed_over_is_not_entered():
    under = [(45.9, 7.9), (45.9, 8.1), (46.1, 8.1), (46.1, 7.9)]
    assert len(assess(body(), zones(under), now_ns=0, horizon_s=600.0).row) == 0
    straight = body()._replace(track_class=np.full(1, TrackClass.UNIDENTIFIED, np.int8))
    assert assess(straight, zones(under), now_ns=0, horizon_s=600.0).inside.tolist() == [True]


def test_a_floor_does_not_keep_out_what_falls_through():
    assert len(assess(body(), zones(square(0.5), floor=5_000.0), now_ns=0, horizon_s=600.0).row) == 1


def test_an_edge_through_the_centre_takes_half():
    found = assess(body(), zones(square(0.5, east_deg=0.5)), now_ns=0, horizon_s=600.0)
    assert found.probability[0] == pytest.approx(0.5, abs=0.01)


def test_a_horizon_at_the_expected_arrival_takes_half():
    found = assess(body(), zones(square(0.5)), now_ns=0, horizon_s=float(AREA.arrival_s[0]))
    assert found.probability[0] == pytest.approx(0.5, abs=0.01)
    assert found.latest_s[0] <= AREA.arrival_s[0]


def test_what_falls_and_what_flies_come_ordered_by_row_and_zone():
    plane = body(lat=LAT_DEG, lon=LON_DEG, east=50.0, north=0.0, up=0.0, height=3_000.0)
    plane = plane._replace(track_class=np.full(1, TrackClass.UNIDENTIFIED, np.int8))
    tracks = concatenate([plane, body(number=2), plane, body(number=4)])
    polygons = (square(0.5), square(0.6))
    found = assess(tracks, zones(*polygons), now_ns=0, horizon_s=600.0)
    assert list(zip(found.row.tolist(), found.zone.tolist(), strict=True)) == [
        (row, zone) for row in range(4) for zone in range(2)
    ]
    alone = assess(plane, zones(*polygons), now_ns=0, horizon_s=600.0)
    assert found.probability[0] == alone.probability[0]
    assert [column.dtype for column in found] == [column.dtype for column in alone]


def test_the_whole_distribution_of_a_fall_is_that_of_its_time():
    found = arrival(body(), zones(square(0.5)), row=0, zone=0, now_ns=0, horizon_s=600.0)
    assert found.times_s[np.searchsorted(found.probability, 0.5)] == pytest.approx(AREA.arrival_s[0], abs=1.0)
    assert (np.diff(found.times_s) > 0.0).all()
    assert found.probability[-1] > 0.99
    assert (
        len(
            arrival(
                body(), zones(square(0.5, east_deg=9.0)), row=0, zone=0, now_ns=0, horizon_s=600.0
            ).times_s
        )
        == 0
    )


def test_across_the_antimeridian_a_zone_is_one_piece():
    tracks = body(lat=10.0, lon=179.0, east=900.0, north=0.0)
    area = arrival_areas(tracks, now_ns=0)
    lat, lon = math.degrees(area.lat_rad[0]), math.degrees(area.lon_rad[0])
    assert lon < -179.0 or lon > 179.0
    polygon = [(lat - 1.0, 179.0), (lat - 1.0, -178.0), (lat + 1.0, -178.0), (lat + 1.0, 179.0)]
    assert assess(tracks, zones(polygon), now_ns=0, horizon_s=600.0).probability[0] > 0.99


def test_no_tracks_give_no_areas():
    assert len(arrival_areas(Tracks.empty(), now_ns=0).row) == 0
