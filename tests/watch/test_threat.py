"""Claims about threat assessment, each with its smallest example. The square zone has sides of one degree."""

import math
from itertools import pairwise

import numpy as np
import pytest

from foedus.errors import LimitError
from foedus.limits import ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import SECOND_NS, Tracks, concatenate
from foedus.watch.threat import Threats, arrival, assess, make_zones

SQUARE = [(46.0, 8.0), (46.0, 9.0), (47.0, 9.0), (47.0, 8.0)]
NORTH_M_PER_DEGREE = 111_140.0  # at 46 degrees, on the ellipsoid


def track(lat, lon, *, east=0.0, north=0.0, up=0.0, height=1_000.0, **sigmas):
    one = np.ones(1)
    return Tracks.empty(1)._replace(
        number=np.ones(1, np.int32),
        lat_rad=math.radians(lat) * one,
        lon_rad=math.radians(lon) * one,
        height_m=height * one,
        velocity_east_m_s=east * one,
        velocity_north_m_s=north * one,
        velocity_up_m_s=up * one,
        position_sigma_m=sigmas.get("sigma_m", 50.0) * one,
        height_sigma_m=sigmas.get("height_sigma_m", 30.0) * one,
        velocity_sigma_m_s=sigmas.get("sigma_m_s", 2.0) * one,
    )


def threat(tracks, *, polygon=SQUARE, floor=None, ceiling=None, now_s=0.0, horizon_s=300.0):
    """(probability, entry, inside) of the only threat, None if there is none."""
    zones = make_zones([polygon], [floor], [ceiling])
    found = assess(tracks, zones, now_ns=round(now_s * SECOND_NS), horizon_s=horizon_s)
    assert len(found.row) <= 1
    if not len(found.row):
        return None
    return float(found.probability[0]), float(found.entry_s[0]), bool(found.inside[0])


def test_a_track_heading_in_arrives_when_distance_over_speed_says():
    probability, entry_s, inside = threat(track(45.9, 8.5, north=100.0))
    assert probability > 0.99
    assert entry_s == pytest.approx(0.1 * NORTH_M_PER_DEGREE / 100.0, rel=0.002)
    assert not inside


def test_a_track_inside_has_entry_zero_and_certainty():
    assert threat(track(46.5, 8.5, north=100.0)) == (1.0, 0.0, True)


def test_a_track_flying_away_is_no_threat():
    assert threat(track(45.9, 8.5, north=-100.0)) is None


def test_a_track_that_arrives_after_the_horizon_is_no_threat():
    assert threat(track(45.5, 8.5, north=100.0)) is None


def test_a_track_that_reaches_the_edge_at_the_horizon_is_a_toss():
    probability, _, _ = threat(track(46.0 - 300 * 100 / NORTH_M_PER_DEGREE, 8.5, north=100.0))
    assert probability == pytest.approx(0.5, abs=0.05)


def test_a_track_on_the_edge_is_inside_by_half():
    probability, entry_s, _ = threat(track(46.0, 8.5, north=-100.0, sigma_m=500.0))
    assert probability == pytest.approx(0.5, abs=0.07)
    assert entry_s < 5.0


def test_probability_never_falls_as_a_track_crosses_the_edge_inwards():
    steps = [threat(track(45.99 + 0.001 * i, 8.5, north=80.0, sigma_m=300.0))[0] for i in range(21)]
    assert min(steps) > 0.95


def test_probability_falls_steadily_with_the_miss_distance():
    steps = [
        (threat(track(45.9, 9.0 + 0.004 * i, north=100.0, sigma_m=500.0, sigma_m_s=5.0)) or (0.0,))[0]
        for i in range(-8, 17)
    ]
    assert all(later <= earlier + 0.03 for earlier, later in pairwise(steps))
    assert steps[0] > 0.95
    assert steps[-1] < 0.05


@pytest.mark.parametrize(("lon", "side"), [(9.0, 1), (8.0, -1)])
def test_a_track_that_grazes_the_zone_on_either_side_is_a_toss(lon, side):
    """Half the fan points in, though the zone lies wholly to one side of the course."""
    just_outside = track(45.9, lon + side * 0.001, north=100.0, sigma_m=500.0, sigma_m_s=5.0)
    assert threat(just_outside)[0] == pytest.approx(0.5, abs=0.1)


def test_a_hovering_track_may_drift_in_but_hardly():
    far = threat(track(45.95, 8.5, sigma_m_s=2.0))
    near = threat(track(45.999, 8.5, sigma_m_s=2.0))
    assert far is None
    assert 0.2 < near[0] < 0.6


def test_unknown_velocity_spreads_in_all_directions():
    probability, _, _ = threat(track(45.95, 8.5, north=math.nan))
    # 5.6 km away and 100 m/s per axis for 300 s: almost half of all directions lead in
    assert 0.3 < probability < 0.5


def test_unknown_height_could_be_inside_any_band():
    assert threat(track(46.5, 8.5, height=math.nan), floor=2_000.0, ceiling=3_000.0) == (1.0, 0.0, True)


def test_a_track_above_the_ceiling_is_no_threat():
    assert threat(track(45.9, 8.5, north=100.0, height=5_000.0), ceiling=3_000.0) is None
    assert threat(track(46.5, 8.5, height=5_000.0), ceiling=3_000.0) is None


def test_a_track_below_the_floor_is_no_threat():
    assert threat(track(46.5, 8.5, height=500.0), floor=5_000.0) is None


def test_a_descent_through_the_ceiling_enters_when_it_gets_there():
    probability, entry_s, inside = threat(track(46.5, 8.5, height=4_000.0, up=-10.0), ceiling=3_000.0)
    assert probability > 0.9
    assert entry_s == pytest.approx(100.0)
    assert not inside


def test_the_estimate_is_carried_from_its_time_to_now():
    late = threat(track(45.9, 8.5, north=100.0), now_s=60.0)
    assert late[1] == pytest.approx(0.1 * NORTH_M_PER_DEGREE / 100.0 - 60.0, rel=0.01)
    early = threat(track(46.5, 7.9, east=100.0))
    late = threat(track(46.5, 7.9, east=100.0), now_s=50.0)
    assert late[1] == pytest.approx(early[1] - 50.0, abs=0.1)
    assert threat(track(46.5, 8.5, height=3_500.0, up=-10.0), ceiling=3_000.0, now_s=60.0)[2]


def test_zones_across_the_antimeridian_are_one_piece():
    polygon = [(10.0, 179.5), (10.0, -179.5), (11.0, -179.5), (11.0, 179.5)]
    for lon in (179.9, -179.9):
        assert threat(track(10.5, lon), polygon=polygon) == (1.0, 0.0, True)
        assert threat(track(9.9, lon, north=100.0), polygon=polygon)[0] > 0.99
    assert threat(track(10.5, 179.0), polygon=polygon) is None
    assert threat(track(10.5, 179.45, east=100.0), polygon=polygon)[0] > 0.99
    assert threat(track(10.5, -179.45, east=-100.0), polygon=polygon)[0] > 0.99


def test_vertices_that_lie_exactly_ahead_are_counted_once():
    diamond = [(46.5, 8.0), (46.0, 8.5), (46.5, 9.0), (47.0, 8.5)]
    probability, entry_s, inside = threat(track(45.9, 8.5, north=100.0), polygon=diamond)
    assert probability > 0.95
    assert entry_s == pytest.approx(0.1 * NORTH_M_PER_DEGREE / 100.0, rel=0.01)
    assert not inside


def test_direction_of_the_polygon_does_not_matter():
    forwards = threat(track(45.9, 8.95, north=90.0, sigma_m_s=10.0))
    backwards = threat(track(45.9, 8.95, north=90.0, sigma_m_s=10.0), polygon=SQUARE[::-1])
    assert forwards == pytest.approx(backwards)


def test_rows_come_ordered_by_track_and_zone():
    east = [(46.0, 9.0), (46.0, 10.0), (47.0, 10.0), (47.0, 9.0)]
    tracks = concatenate([track(46.5, 9.0, sigma_m=1_000.0), track(40.0, 0.0), track(46.5, 8.9, east=90.0)])
    found = assess(tracks, make_zones([SQUARE, east], [None] * 2, [None] * 2), now_ns=0, horizon_s=300.0)
    assert list(zip(found.row.tolist(), found.zone.tolist(), strict=True)) == [(0, 0), (0, 1), (2, 0), (2, 1)]


def test_no_tracks_and_no_zones_give_no_threats():
    assert len(assess(Tracks.empty(), make_zones([SQUARE], [None], [None]), now_ns=0, horizon_s=1.0).row) == 0
    assert len(assess(track(46.5, 8.5), make_zones([], [], []), now_ns=0, horizon_s=1.0).row) == 0


def test_what_is_given_is_not_changed():
    tracks = track(45.9, 8.5, north=100.0)
    before = [column.copy() for column in tracks]
    threat(tracks, now_s=10.0)
    for column, was in zip(tracks, before, strict=True):
        np.testing.assert_array_equal(column, was)


def one(tracks, **options):
    """The only threat, as a row of all columns."""
    zones = make_zones([SQUARE], [options.pop("floor", None)], [options.pop("ceiling", None)])
    found = assess(tracks, zones, now_ns=0, **({"horizon_s": 300.0} | options))
    assert len(found.row) == 1
    return Threats._make(column[0] for column in found)


def test_nine_tenths_of_the_entries_lie_between_what_speed_and_place_allow():
    threat = one(track(45.9, 8.5, north=100.0, sigma_m=200.0, sigma_m_s=4.0))
    spread_s = 1.2816 * math.hypot(200.0 / 100.0, 4.0 / 100.0 * threat.entry_s)
    assert threat.entry_s - threat.earliest_s == pytest.approx(spread_s, rel=0.15)
    assert threat.latest_s - threat.entry_s == pytest.approx(spread_s, rel=0.15)


def test_what_is_surely_inside_has_entered():
    threat = one(track(46.5, 8.5, north=100.0))
    assert (threat.earliest_s, threat.latest_s, threat.closest_m, threat.closest_s) == (0.0, 0.0, 0.0, 0.0)


def test_a_descent_through_the_ceiling_is_as_uncertain_as_height_and_climb():
    threat = one(track(46.5, 8.5, height=4_000.0, up=-10.0, height_sigma_m=100.0), ceiling=3_000.0)
    assert threat.earliest_s == pytest.approx(1_000.0 / (10.0 + 1.2816 * 2.5), abs=12.0)
    assert threat.latest_s > 120.0


def test_the_closest_approach_of_a_path_that_misses_is_where_it_passes_the_corner():
    threat = one(track(45.9, 9.01, north=100.0, sigma_m=1_000.0, sigma_m_s=5.0))
    east_m = math.radians(0.01) * 6_388_000.0 * math.cos(math.radians(46.0))
    assert threat.closest_m == pytest.approx(east_m, rel=0.02)
    assert threat.closest_s == pytest.approx(0.1 * NORTH_M_PER_DEGREE / 100.0, rel=0.01)


def test_the_closest_approach_within_the_horizon_may_be_its_end_or_its_beginning():
    late = one(track(45.9, 8.5, north=100.0, sigma_m_s=20.0), horizon_s=100.0)
    assert late.closest_s == 100.0
    assert late.closest_m == pytest.approx(0.1 * NORTH_M_PER_DEGREE - 10_000.0, rel=0.02)
    away = one(track(45.99, 8.5, north=-5.0, sigma_m_s=20.0))
    assert away.closest_s == 0.0
    assert away.closest_m == pytest.approx(0.01 * NORTH_M_PER_DEGREE, rel=0.02)


def test_what_enters_has_its_closest_approach_at_its_entry():
    threat = one(track(45.9, 8.5, north=100.0))
    assert (threat.closest_m, threat.closest_s) == (0.0, threat.entry_s)


def test_the_whole_distribution_rises_to_the_probability_and_is_empty_for_no_threat():
    tracks = concatenate([track(45.0, 8.5), track(45.9, 8.5, north=90.0, sigma_m_s=6.0)])
    zones = make_zones([SQUARE, SQUARE], [None] * 2, [None] * 2)
    threats = assess(tracks, zones, now_ns=0, horizon_s=300.0)
    found = arrival(tracks, zones, row=1, zone=1, now_ns=0, horizon_s=300.0)
    assert (np.diff(found.times_s) >= 0.0).all()
    assert (np.diff(found.probability) >= 0.0).all()
    assert found.probability[-1] == pytest.approx(threats.probability[1])
    tenth = np.searchsorted(found.probability, 0.1 * found.probability[-1])
    assert threats.earliest_s[1] == pytest.approx(found.times_s[tenth], rel=0.05)
    assert len(arrival(tracks, zones, row=0, zone=0, now_ns=0, horizon_s=300.0).times_s) == 0
    inside = arrival(track(46.5, 8.5), zones, row=0, zone=0, now_ns=0, horizon_s=300.0)
    assert (inside.times_s.tolist(), inside.probability.tolist()) == ([0.0], [1.0])


def test_limits_of_zones_are_errors():
    with pytest.raises(LimitError, match="ZONES_MAX"):
        make_zones([SQUARE] * (ZONES_MAX + 1), [None] * (ZONES_MAX + 1), [None] * (ZONES_MAX + 1))
    circle = [(46 + math.sin(i), 8 + math.cos(i)) for i in range(ZONE_VERTICES_MAX + 1)]
    with pytest.raises(LimitError, match="ZONE_VERTICES_MAX"):
        make_zones([circle], [None], [None])
