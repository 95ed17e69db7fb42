"""What the sensors of the alpine network send: true to the recording, in coverage, repeatable."""

import math
import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pyproj import Geod

from foedus.drill.radar import make_path, north_ns, position, scan_at, scan_plots
from foedus.drill.recording import StateVectors, load_state_vectors
from foedus.drill.sensors import heard
from foedus.drill.source import feed_chunks
from foedus.errors import InputError
from foedus.feeds import open_decoder
from foedus.model import SECOND_NS, Sensor, SensorKind
from foedus.network import FeedFormat, Network, utc_ns

ALPINE = msgspec.convert(
    tomllib.loads((Path(__file__).parents[2] / "networks" / "alpine.toml").read_text()), Network
)
DAY = load_state_vectors()
START = utc_ns(ALPINE.recording.window_start, where="")
END = utc_ns(ALPINE.recording.window_end, where="")
MINUTE = 60 * SECOND_NS
GEOD = Geod(ellps="WGS84")

RADAR = Sensor(
    id="R", kind=SensorKind.RADAR, lat_deg=45.5, lon_deg=8.0, height_m=300.0, period_s=5.0,
    range_max_m=120_000.0, detection_probability=1.0, sac=0, sic=1,
)  # fmt: skip
PATHS = [make_path(target) for target in ALPINE.target]


def chunks(start, end, **options):
    return list(feed_chunks(ALPINE, start, end, vectors=DAY, **options))


def decoded(feed, found):
    decoder = open_decoder(feed.format, feed.sensor)
    parts = [decoder.feed(chunk.data, chunk.time_ns) for chunk in found if chunk.feed == feed.id]
    assert not any(part.refused for part in parts)
    return [part.plots for part in parts]


def feed_of(name):
    return next(feed for feed in ALPINE.feed if feed.id == name)


def test_the_window_is_the_busiest_half_hour_by_aircraft():
    half_hours = np.arange(DAY.time_ns[0], DAY.time_ns[-1], 30 * MINUTE)
    counts = [
        len(np.unique(DAY.icao24[(DAY.time_ns >= begin) & (DAY.time_ns < begin + 30 * MINUTE)]))
        for begin in half_hours
    ]
    here = len(np.unique(DAY.icao24[(DAY.time_ns >= START) & (DAY.time_ns < END)]))
    assert here == 97
    assert here >= 0.9 * max(counts)


def test_chunks_come_in_order_of_time_and_hold_nothing_younger_than_themselves():
    found = chunks(START, START + 2 * MINUTE)
    times = [chunk.time_ns for chunk in found]
    assert times == sorted(times)
    assert START <= times[0] <= times[-1] < START + 2 * MINUTE
    assert {chunk.feed for chunk in found} == {feed.id for feed in ALPINE.feed}
    for chunk in found:
        if chunk.feed == "CH-RX":
            (plots,) = decoded(feed_of("CH-RX"), [chunk])
            assert (plots.time_ns <= chunk.time_ns).all()
            assert (plots.time_ns > chunk.time_ns - SECOND_NS).all()


def test_a_receiver_gives_each_recorded_position_that_it_could_hear_once():
    found = chunks(START, START + 5 * MINUTE)
    for name in ("CH-RX", "FR-RX", "DE-RX", "IT-RX"):
        feed = feed_of(name)
        plots = decoded(feed, found)
        sensor = feed.sensor[0]
        rows = np.flatnonzero((DAY.time_ns >= START) & (DAY.time_ns < START + 5 * MINUTE))
        lon, lat = np.degrees(DAY.lon_rad[rows]), np.degrees(DAY.lat_rad[rows])
        _, _, away_m = GEOD.inv(
            np.full(len(rows), sensor.lon_deg), np.full(len(rows), sensor.lat_deg), lon, lat
        )
        slant_m = np.hypot(away_m, DAY.baro_m[rows] - sensor.height_m)
        near = slant_m < sensor.range_max_m - 300.0  # the chord of the earth is a little shorter than the arc
        far = slant_m > sensor.range_max_m + 300.0
        got = {(int(t), int(a)) for part in plots for t, a in zip(part.time_ns, part.icao24, strict=True)}
        assert len(got) == sum(len(part.time_ns) for part in plots)
        keys = [(int(DAY.time_ns[row]), int(DAY.icao24[row])) for row in rows]
        assert {key for key, yes in zip(keys, near, strict=True) if yes} <= got
        assert not {key for key, yes in zip(keys, far, strict=True) if yes} & got
        assert 0 < len(got) < len(rows)


def test_every_member_hears_something_that_another_does_not():
    masks = {feed.id: heard(feed.sensor[0], DAY) for feed in ALPINE.feed if feed.format is FeedFormat.PLOTS}
    for name, mask in masks.items():
        others = np.any([other for key, other in masks.items() if key != name], axis=0)
        assert (mask & ~others).sum() > 100
        assert (mask & others).sum() > 1_000


def test_the_radio_horizon_hides_what_flies_low_and_far():
    sensor = msgspec.structs.replace(RADAR, range_max_m=1e6, height_m=0.0)
    one = np.ones(1)
    for height_m, away_m, visible in ((1_000.0, 125_000.0, True), (1_000.0, 135_000.0, False)):
        lon, lat, _ = GEOD.fwd(8.0, 45.5, 90.0, away_m)  # horizon of 1,000 m: 130.3 km
        vectors = StateVectors._make([one] * 9)._replace(
            lat_rad=np.radians(lat) * one, lon_rad=np.radians(lon) * one, baro_m=height_m * one
        )
        assert heard(sensor, vectors)[0] == visible


def test_the_same_time_gives_the_same_bytes_whatever_the_start():
    early = [chunk for chunk in chunks(START, START + 2 * MINUTE) if chunk.time_ns >= START + MINUTE]
    assert early == chunks(START + MINUTE, START + 2 * MINUTE)


def test_positions_between_two_seconds_are_sent_at_the_second_whatever_the_start():
    between = DAY._replace(time_ns=DAY.time_ns - 300_000_000)
    whole = list(feed_chunks(ALPINE, START, START + 2 * MINUTE, vectors=between))
    part = list(feed_chunks(ALPINE, START + MINUTE, START + 2 * MINUTE, vectors=between))
    assert [chunk for chunk in whole if chunk.time_ns >= START + MINUTE] == part
    assert next(chunk.time_ns for chunk in part if chunk.feed == "CH-RX") == START + MINUTE


def test_vectors_given_replace_the_recording_and_change_no_other_byte():
    altered = DAY._replace(baro_m=np.where(DAY.icao24 == DAY.icao24[0], 9_000.0, DAY.baro_m))
    twin = list(feed_chunks(ALPINE, START, START + MINUTE, vectors=altered))
    radars = ("IT-RADAR-1", "IT-RADAR-2")
    assert [chunk for chunk in twin if chunk.feed in radars] == [
        chunk for chunk in chunks(START, START + MINUTE) if chunk.feed in radars
    ]


def test_a_feed_that_nothing_can_play_is_named():
    feed = msgspec.structs.replace(ALPINE.feed[0], format=FeedFormat.BEAST)
    network = msgspec.structs.replace(ALPINE, feed=(feed,))
    with pytest.raises(InputError, match="feed CH-RX: found beast from receiver"):
        list(feed_chunks(network, START, END, vectors=DAY))


# ---------------------------------------------------------------- simulated radars


def test_a_path_is_where_its_waypoints_say_and_nowhere_before_or_after():
    path = PATHS[0]
    first = ALPINE.target[0].waypoint[0]
    assert position(path, path.time_ns[0]) == pytest.approx(
        (math.radians(first.lat_deg), math.radians(first.lon_deg), first.height_m)
    )
    middle = position(path, (path.time_ns[0] + path.time_ns[1]) // 2)
    assert middle[2] == pytest.approx(0.5 * (path.height_m[0] + path.height_m[1]))
    assert position(path, path.time_ns[0] - 1) is None
    assert position(path, path.time_ns[-1] + 1) is None


def test_the_silent_aircraft_flies_low_at_about_70_metres_a_second():
    path = PATHS[0]
    lat, lon = np.degrees(path.lat_rad), np.degrees(path.lon_rad)
    _, _, leg_m = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    speed = np.array(leg_m) / (np.diff(path.time_ns) / SECOND_NS)
    assert (np.abs(speed - 70.0) < 2.0).all()
    assert max(path.height_m) <= 1_200.0


def test_the_silent_aircraft_enters_switzerland_by_ten_kilometres_and_leaves_within_the_window():
    path = PATHS[0]
    assert START <= path.time_ns[0] <= path.time_ns[-1] <= END
    # Border of the coarse zone at 8.75 east: 46.05 north.
    assert math.degrees(max(path.lat_rad)) > 46.05 + 0.1
    assert math.degrees(path.lat_rad[-1]) < 45.95


def test_a_radar_sends_each_plot_after_it_was_made_with_an_error_of_its_own():
    feed = feed_of("IT-RADAR-1")
    feed = msgspec.structs.replace(
        feed, sensor=(msgspec.structs.replace(feed.sensor[0], clutter_per_scan=0.0),)
    )
    network = msgspec.structs.replace(ALPINE, feed=(feed,))
    decoder, residuals = open_decoder(feed.format, feed.sensor), []
    for chunk in feed_chunks(network, START + 10 * MINUTE, START + 12 * MINUTE, vectors=DAY):
        found = decoder.feed(chunk.data, chunk.time_ns)
        assert not found.refused
        for time_ns, range_m in zip(found.plots.time_ns, found.plots.range_m, strict=True):
            assert chunk.time_ns - 5 * SECOND_NS / 8 - 18_000_000 <= time_ns <= chunk.time_ns
            lat_rad, lon_rad, height_m = position(PATHS[0], int(time_ns))
            _, _, away_m = GEOD.inv(8.0, 45.5, math.degrees(lon_rad), math.degrees(lat_rad))
            residuals.append(range_m - math.hypot(away_m, height_m - 300.0))
    assert 18 <= len(residuals) <= 24  # 24 scans at 0.95
    assert 30.0 < np.std(residuals) < 100.0


def test_without_errors_a_radar_measures_the_geodesic():
    exact = msgspec.structs.replace(RADAR, range_sigma_m=0.0, azimuth_sigma_deg=0.0)
    begin_ns = north_ns(exact, scan_at(exact, START + 10 * MINUTE))
    plots = scan_plots(exact, PATHS, sensor_index=0, begin_ns=begin_ns, generator=np.random.default_rng(1))
    assert len(plots.time_ns) == 1
    lat_rad, lon_rad, height_m = position(PATHS[0], int(plots.time_ns[0]))
    azimuth_deg, _, away_m = GEOD.inv(8.0, 45.5, math.degrees(lon_rad), math.degrees(lat_rad))
    assert math.degrees(plots.azimuth_rad[0]) == pytest.approx(azimuth_deg % 360.0, abs=0.01)
    assert plots.range_m[0] == pytest.approx(math.hypot(away_m, height_m - 300.0), abs=20.0)
    swept = (plots.time_ns[0] - begin_ns) / (5.0 * SECOND_NS)
    assert swept == pytest.approx(plots.azimuth_rad[0] / (2.0 * math.pi), abs=1e-4)


def test_errors_and_detections_have_the_spread_that_the_file_says():
    sensor = msgspec.structs.replace(RADAR, detection_probability=0.8)
    exact = msgspec.structs.replace(RADAR, range_sigma_m=0.0, azimuth_sigma_deg=0.0)
    range_errors, azimuth_errors, scans = [], [], 600
    begin_ns = north_ns(sensor, scan_at(sensor, START + 10 * MINUTE))
    truth = scan_plots(exact, PATHS, sensor_index=0, begin_ns=begin_ns, generator=np.random.default_rng(0))
    for seed in range(scans):
        generator = np.random.default_rng((20261122, seed))
        plots = scan_plots(sensor, PATHS, sensor_index=0, begin_ns=begin_ns, generator=generator)
        range_errors += list(plots.range_m - truth.range_m)
        azimuth_errors += list(np.degrees(plots.azimuth_rad - truth.azimuth_rad))
    assert len(range_errors) / scans == pytest.approx(0.8, abs=4 * 0.4 / math.sqrt(scans))
    assert np.std(range_errors) == pytest.approx(60.0, rel=0.12)
    assert np.std(azimuth_errors) == pytest.approx(0.1, rel=0.12)
    assert abs(np.mean(range_errors)) < 4 * 60.0 / math.sqrt(len(range_errors))


def test_clutter_comes_at_the_rate_of_the_file_and_stays_in_range():
    sensor = msgspec.structs.replace(RADAR, clutter_per_scan=2.0)
    count, scans = 0, 400
    for scan in range(scans):
        plots = scan_plots(
            sensor, [], sensor_index=3, begin_ns=scan * 5 * SECOND_NS,
            generator=np.random.default_rng((7, scan)),
        )  # fmt: skip
        count += len(plots.time_ns)
        assert (np.diff(plots.time_ns) >= 0).all()
        assert ((plots.range_m >= 5_000.0) & (plots.range_m <= 120_000.0)).all()
        assert (plots.sensor == 3).all()
        assert (plots.icao24 == -1).all()
    assert count / scans == pytest.approx(2.0, abs=4 * math.sqrt(2.0 / scans))


@pytest.mark.parametrize("text", ["", "2018-08-01", "2018-08-01T11:30:00", "noon", "2018-13-01T00:00:00Z"])
def test_a_time_without_offset_or_sense_is_an_error(text):
    with pytest.raises(InputError, match="expected a time such as 2018-08-01T11:30:00Z"):
        utc_ns(text, where="recording.window_start")


def test_times_keep_their_offset():
    assert utc_ns("1970-01-01T01:00:00.5+01:00", where="") == SECOND_NS // 2
