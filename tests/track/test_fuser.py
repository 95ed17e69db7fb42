"""Claims about the fused picture, each with its smallest scene."""

import math

import numpy as np
import pytest
from track_scenes import rows, same, seconds

from foedus.geo import MEAN_RADIUS_M
from foedus.limits import PAIR_LOOKS_MAX, TRACKS_MAX
from foedus.model import Form, Reports, TrackClass, Tracks, TrackStatus, concatenate, take
from foedus.track import Fuser, Source, reports_to_tracks


def _shifted(tracks: Tracks, *, north_m: float) -> Tracks:
    return tracks._replace(lat_rad=tracks.lat_rad + north_m / MEAN_RADIUS_M)


def _addressed(tracks: Tracks, first: int = 0x100) -> Tracks:
    return tracks._replace(icao24=np.arange(first, first + len(tracks.number), dtype=np.int32))


def test_one_source_comes_out_as_it_went_in() -> None:
    tracks = _addressed(rows(4))
    picture = Fuser().update([(2, tracks)], now_ns=0)
    assert picture.sources.tolist() == [1 << 2] * 4
    assert picture.number.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(picture.lat_rad, tracks.lat_rad, rtol=0, atol=1e-15)
    np.testing.assert_allclose(picture.position_sigma_m, tracks.position_sigma_m)
    np.testing.assert_allclose(picture.velocity_east_m_s, tracks.velocity_east_m_s)
    np.testing.assert_allclose(picture.height_m, tracks.height_m)


def test_one_address_from_five_parties_is_one_row() -> None:
    sources = [
        Source(bit, _shifted(_addressed(rows(10, first_number=100 * bit + 1)), north_m=900.0 * bit))
        for bit in range(5)
    ]
    picture = Fuser().update(sources, now_ns=0)
    assert len(picture.number) == 10
    assert picture.sources.tolist() == [0b11111] * 10


def test_rows_without_address_pair_by_place_and_motion() -> None:
    fuser = Fuser()
    picture = fuser.update([(0, rows(10)), (1, _shifted(rows(10, first_number=51), north_m=150.0))], now_ns=0)
    assert picture.sources.tolist() == [0b11] * 10
    assert fuser.members(3) == ((0, 3), (1, 53))
    assert fuser.members(99) == ()


def test_rows_that_fly_apart_in_velocity_or_height_stay_apart() -> None:
    for change in ({"velocity_east_m_s": np.full(3, -200.0)}, {"height_m": np.full(3, 10_000.0)}):
        picture = Fuser().update([(0, rows(3)), (1, rows(3)._replace(**change))], now_ns=0)
        assert len(picture.number) == 6


def test_rows_of_one_party_are_never_fused_with_one_another() -> None:
    twins = concatenate([rows(1), rows(1, first_number=2)])
    picture = Fuser().update([(0, twins), (1, rows(1))], now_ns=0)
    assert len(picture.number) == 2
    assert sorted(picture.sources.tolist()) == [0b01, 0b11]


def test_the_nearest_pair_wins_whatever_the_order_of_rows() -> None:
    own = rows(2, spacing_deg=0.004)  # 300 m apart
    other = _shifted(own, north_m=20.0)
    for order in ([0, 1], [1, 0]):
        fuser = Fuser()
        fuser.update([(0, own), (1, take(other, np.array(order)))], now_ns=0)
        assert fuser.members(1) == ((0, 1), (1, 1))
        assert fuser.members(2) == ((0, 2), (1, 2))


def test_of_two_rows_near_one_object_the_nearer_gets_it() -> None:
    near = [_shifted(rows(1, first_number=n), north_m=north_m) for n, north_m in ((8, 250.0), (9, 20.0))]
    fuser = Fuser()
    fuser.update([(0, rows(1)), (1, concatenate(near))], now_ns=0)
    assert fuser.members(1) == ((0, 1), (1, 9))


def test_two_addresses_in_one_place_are_two_rows() -> None:
    picture = Fuser().update([(0, _addressed(rows(1))), (1, _addressed(rows(1), 0x900))], now_ns=0)
    assert picture.icao24.tolist() == [0x100, 0x900]


def test_one_address_in_two_places_is_two_rows() -> None:
    far = _shifted(_addressed(rows(1)), north_m=50_000.0)
    assert len(Fuser().update([(0, _addressed(rows(1))), (1, far)], now_ns=0).number) == 2


def test_numbers_stay_while_a_party_comes_and_goes() -> None:
    fuser = Fuser()
    for time_s in range(0, 60, 5):
        sources = [(0, rows(5, time_s=time_s)), (1, rows(5, time_s=time_s, first_number=71))]
        shown = sources if time_s % 10 == 0 else sources[:1] if time_s % 20 == 5 else sources[1:]
        picture = fuser.update(shown, now_ns=seconds(time_s))
        assert picture.number.tolist() == [1, 2, 3, 4, 5]


def test_a_number_that_ends_is_not_used_again() -> None:
    fuser = Fuser()
    fuser.update([(0, rows(2))], now_ns=0)
    assert len(fuser.update([], now_ns=0).number) == 0
    assert fuser.update([(0, rows(2))], now_ns=0).number.tolist() == [3, 4]


def test_two_numbers_that_prove_to_be_one_aircraft_become_the_elder() -> None:
    fuser = Fuser()
    apart = _shifted(rows(1, first_number=9), north_m=2_000.0)
    assert len(fuser.update([(0, rows(1)), (1, apart)], now_ns=0).number) == 2
    assert fuser.update([(0, rows(1)), (1, rows(1, first_number=9))], now_ns=0).number.tolist() == [1]


def test_a_pair_that_parts_becomes_two_rows() -> None:
    fuser = Fuser()
    fuser.update([(0, rows(1)), (1, rows(1, first_number=9))], now_ns=0)
    apart = _shifted(rows(1, first_number=9), north_m=5_000.0)
    picture = fuser.update([(0, rows(1)), (1, apart)], now_ns=0)
    assert picture.sources.tolist() == [0b01, 0b10]


def test_a_position_lies_between_those_of_its_rows_by_their_weights() -> None:
    # Weights of correlation 0.3: for 100 m and 200 m, (b^2 - c) : (a^2 - c) with c = 0.3 a b.
    wide = rows(1)._replace(position_sigma_m=np.array([200.0]))
    picture = Fuser().update([(0, rows(1)), (1, _shifted(wide, north_m=170.0))], now_ns=0)
    moved_m = (picture.lat_rad[0] - rows(1).lat_rad[0]) * MEAN_RADIUS_M
    assert moved_m == pytest.approx(170.0 * (1e4 - 6e3) / (1e4 + 4e4 - 12e3), rel=1e-6)


def test_velocity_is_that_of_the_row_that_knows_it_best() -> None:
    sure = rows(1)._replace(velocity_sigma_m_s=np.array([4.0]), velocity_north_m_s=np.array([3.0]))
    picture = Fuser().update([(0, rows(1)), (1, sure)], now_ns=0)
    assert picture.velocity_north_m_s.tolist() == [3.0]
    assert picture.velocity_sigma_m_s.tolist() == [4.0]


def test_an_older_row_is_moved_to_the_newest_time_and_counts_less() -> None:
    old = rows(1, time_s=0.0, first_number=9)
    new = rows(1, time_s=10.0)
    picture = Fuser().update([(0, new), (1, old)], now_ns=seconds(10.0))
    assert picture.time_ns.tolist() == [seconds(10.0)]
    assert picture.sources.tolist() == [0b11]
    assert abs(picture.lon_rad[0] - new.lon_rad[0]) * 4.4e6 < 5.0
    best = Fuser().update([(0, new)], now_ns=seconds(10.0))
    assert best.position_sigma_m[0] <= picture.position_sigma_m[0] < 1.3 * best.position_sigma_m[0]


def test_rows_older_than_a_minute_and_impossible_rows_are_counted_and_left_out() -> None:
    fuser = Fuser()
    good, old = rows(1, time_s=70.0), rows(1, time_s=5.0, first_number=2)
    bad = concatenate([good] * 4)
    bad.lat_rad[0] = math.nan
    bad.lon_rad[1] = 4.0
    bad.lat_rad[2] = math.inf
    bad.time_ns[3] = seconds(500.0)
    picture = fuser.update([(0, concatenate([good, old])), (1, bad)], now_ns=seconds(70.0))
    assert picture.sources.tolist() == [0b01]
    assert fuser.refused == (("impossible value", 4), ("older than a minute", 1))


def test_the_first_source_that_knows_names_the_row() -> None:
    first = rows(1)
    second = rows(1)._replace(
        callsign=np.array([77]), track_class=np.array([TrackClass.COOPERATIVE], np.int8)
    )
    third = rows(1)._replace(
        callsign=np.array([88]), mode_a=np.array([0o1234], np.int16), icao24=np.array([5], np.int32)
    )
    picture = Fuser().update([(0, first), (1, second), (2, third)], now_ns=0)
    assert picture.callsign.tolist() == [77]
    assert picture.mode_a.tolist() == [0o1234]
    assert picture.icao24.tolist() == [5]
    assert picture.track_class.tolist() == [TrackClass.COOPERATIVE]


def test_a_row_coasts_only_where_all_its_sources_coast() -> None:
    coasting = rows(1)._replace(status=np.array([TrackStatus.COASTING], np.int8))
    assert Fuser().update([(0, coasting), (1, coasting)], now_ns=0).status.tolist() == [TrackStatus.COASTING]
    assert Fuser().update([(0, coasting), (1, rows(1))], now_ns=0).status.tolist() == [TrackStatus.CONFIRMED]


def test_unknown_velocity_and_height_come_from_whoever_knows_and_else_stay_unknown() -> None:
    blank = rows(1)._replace(
        height_m=np.array([math.nan]),
        velocity_east_m_s=np.array([math.nan]),
        velocity_north_m_s=np.array([math.nan]),
        velocity_up_m_s=np.array([math.nan]),
    )
    both = Fuser().update([(0, blank), (1, rows(1))], now_ns=0)
    assert both.height_m.tolist() == [9_000.0]
    assert both.velocity_east_m_s.tolist() == [200.0]
    alone = Fuser().update([(0, blank)], now_ns=0)
    assert np.isnan(alone.height_m[0])
    assert np.isnan(alone.velocity_east_m_s[0])
    assert np.isnan(alone.velocity_sigma_m_s[0])


def test_pairs_hold_across_the_date_line() -> None:
    east = rows(1)._replace(lon_rad=np.array([math.pi - 1e-6]))
    west = rows(1)._replace(lon_rad=np.array([-math.pi + 1e-6]))
    for one, other in ((east, west), (west, east)):
        picture = Fuser().update([(0, one), (1, other)], now_ns=0)
        assert picture.sources.tolist() == [0b11]
        assert abs(abs(picture.lon_rad[0]) - math.pi) < 1e-5


def test_a_region_row_hides_no_track_of_ones_own() -> None:
    reports = Reports.empty(1, 2)
    reports.form[0] = Form.REGION
    reports.lat_rad[0], reports.lon_rad[0] = rows(1).lat_rad[0], rows(1).lon_rad[0]
    for column in reports[6:10]:
        column[0] = math.nan
    region = reports_to_tracks(reports)
    assert region.position_sigma_m[0] == pytest.approx(32_135.0, rel=0.01)
    picture = Fuser().update([(0, rows(1)), (1, region)], now_ns=0)
    assert picture.sources.tolist() == [0b01, 0b10]


def test_a_coarse_row_joins_the_track_that_it_blurs_and_hardly_moves_it() -> None:
    reports = Reports.empty(3, 2)
    reports.number[:] = [7, 8, 9]
    reports.form[:] = [Form.COARSE, Form.ALERT, Form.NONE]
    own = rows(1)
    reports.lat_rad[:], reports.lon_rad[:] = own.lat_rad[0] + 4_000.0 / MEAN_RADIUS_M, own.lon_rad[0]
    reports.height_m[:], reports.height_sigma_m[:] = 9_000.0, 150.0
    reports.velocity_east_m_s[:], reports.velocity_sigma_m_s[:] = 200.0, 12.0
    coarse = reports_to_tracks(reports)
    assert coarse.number.tolist() == [7]  # an alert and a row that was not released have no place
    picture = Fuser().update([(0, own), (1, coarse)], now_ns=0)
    assert picture.sources.tolist() == [0b11]
    assert abs(picture.lat_rad[0] - own.lat_rad[0]) * MEAN_RADIUS_M < 10.0


def test_the_same_input_gives_the_same_bytes() -> None:
    pictures = []
    for _ in range(2):
        fuser = Fuser()
        for time_s in (0, 5, 10):
            sources = [(bit, _shifted(rows(30, time_s=time_s), north_m=80.0 * bit)) for bit in range(4)]
            picture = fuser.update(sources, now_ns=seconds(time_s))
        pictures.append(picture)
    assert same(*pictures)


def test_a_crowd_in_one_place_is_cut_and_counted() -> None:
    crowd = rows(2 * PAIR_LOOKS_MAX, spacing_deg=0.0)
    crowd = crowd._replace(height_m=20.0 * np.arange(2 * PAIR_LOOKS_MAX))
    fuser = Fuser()
    fuser.update([(0, crowd), (1, rows(1))], now_ns=0)
    assert fuser.searches_cut > 0


def test_more_rows_than_the_picture_holds_are_counted() -> None:
    count = TRACKS_MAX + 5
    tracks = _addressed(rows(count, spacing_deg=0.002))
    tracks = tracks._replace(lon_rad=np.linspace(-3.0, 3.0, count))
    fuser = Fuser()
    assert len(fuser.update([(0, tracks)], now_ns=0).number) == TRACKS_MAX
    assert fuser.refused == (("picture full", 5),)
