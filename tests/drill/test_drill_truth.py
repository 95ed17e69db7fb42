"""Truth and sensors: paths are where they say, and a radar sees what geometry and chance let it see."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from foedus.drill.chance import Chance
from foedus.drill.radar import make_path, position
from foedus.drill.reading import parse_drill
from foedus.drill.sites import Fault, Looker
from foedus.drill.text import Arc, Site, Target
from foedus.drill.truth import World, first_entry, inside, make_way
from foedus.feeds import open_decoder
from foedus.model import SECOND_NS, Sensor, SensorKind, TrackClass, concatenate
from foedus.network import FeedFormat, Waypoint
from foedus.network import Target as NetworkTarget

GOOD = (Path(__file__).parents[1] / "good_drill.toml").read_text("utf-8")
DRILL = parse_drill(GOOD, file="good.toml")
RADAR = Sensor(
    id="R", kind=SensorKind.RADAR, lat_deg=0.0, lon_deg=0.0, height_m=100.0, period_s=5.0, range_max_m=2e5,
    range_sigma_m=0.0, azimuth_sigma_deg=0.0, detection_probability=1.0, sac=1, sic=2,
)  # fmt: skip


def world_of(*targets, drill=DRILL, seed=1, flights=0):
    traffic = msgspec.structs.replace(drill.traffic, flights=flights)
    drill = msgspec.structs.replace(drill, target=targets, traffic=traffic)
    return World(drill, Chance(drill.digest, seed))


def still(lat_deg, lon_deg, height_m, **more):
    ends = [Waypoint(after_s=s, lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m) for s in (0.0, 1000.0)]
    return Target(id="T", track_class=TrackClass.UAS, at_s=0.0, waypoint=tuple(ends), **more)


def seen(target, sensor=RADAR, *, turns=3, fault=None, sees=(), world=None):
    """The plots of some turns, decoded from the bytes."""
    world = world or world_of(target)
    looker = Looker(Site(member="AA", sensor=sensor, sees=sees), 1, world, Chance("ab", 1))
    looker.fault = fault or Fault()
    decoder = open_decoder(
        FeedFormat.ASTERIX if sensor.kind is SensorKind.RADAR else FeedFormat.PLOTS, (looker.sensor,)
    )
    plots = []
    for _ in range(turns + 1):
        begin_ns = looker.next_ns
        for chunk in looker.turn():
            plots.append(decoder.feed(chunk.data, chunk.time_ns).plots)
            assert chunk.time_ns >= begin_ns
    plots = concatenate(plots) if plots else None
    return 0 if plots is None else plots


def test_a_path_is_that_of_the_simulated_radar_of_networks():
    points = (
        Waypoint(after_s=0.0, lat_deg=1.0, lon_deg=2.0, height_m=500.0),
        Waypoint(after_s=80.0, lat_deg=1.5, lon_deg=2.5, height_m=900.0),
    )
    world = world_of(Target(id="T", track_class=TrackClass.UAS, at_s=0.0, waypoint=points))
    other = make_path(NetworkTarget(id="T", start="2030-01-01T06:00:00Z", waypoint=points))
    for after_s in (0, 13, 80):
        time_ns = world.start_ns + after_s * SECOND_NS
        assert world.scripted(0, time_ns) == pytest.approx(position(other, time_ns))
    assert math.isnan(world.scripted(0, world.start_ns + 81 * SECOND_NS)[0])


def test_an_arc_is_highest_in_its_middle_and_ends_on_the_ground():
    arc = Arc(from_lat_deg=0, from_lon_deg=0, to_lat_deg=2, to_lon_deg=4, lasts_s=100, top_m=30_000)
    way = make_way(Target(id="T", track_class=TrackClass.BALLISTIC, arc=arc))
    assert way.height_m[0] == way.height_m[-1] == 0.0
    assert way.height_m.max() == way.height_m[50] == 30_000.0
    assert math.degrees(way.lon_rad[50]) == pytest.approx(2.0)


def test_what_no_inject_has_called_up_is_nowhere():
    world = world_of(msgspec.structs.replace(still(0.0, 0.1, 500.0), at_s=None))
    assert math.isnan(world.scripted(0, world.start_ns)[0])
    world.appear("T", world.start_ns + SECOND_NS)
    assert not math.isnan(world.scripted(0, world.start_ns + SECOND_NS)[0])


def test_a_point_is_inside_a_zone_or_not():
    zone = DRILL.zone[0]  # corners (0, 0), (0, 1), (1, 1)
    lat, lon = np.radians([0.2, 0.8, 0.2]), np.radians([0.9, 0.5, 1.1])
    assert inside(zone, lat, lon, np.zeros(3)).tolist() == [True, False, False]


def test_a_target_enters_the_zone_when_it_crosses_its_side():
    points = tuple(
        Waypoint(after_s=s, lat_deg=lat, lon_deg=0.5, height_m=500.0)
        for s, lat in ((0.0, -0.5), (100.0, 0.4))
    )
    world = world_of(Target(id="T", track_class=TrackClass.UAS, at_s=0.0, waypoint=points))
    zone, owner, time_ns = first_entry(world, 0, DRILL.zone)
    assert (zone, owner) == ("Z", "BB")
    assert (time_ns - world.start_ns) / SECOND_NS == pytest.approx(0.5 / 0.9 * 100, abs=1.0)


def test_a_radar_measures_range_and_bearing_of_what_it_sees():
    plots = seen(still(0.0, 0.5, 3000.0))
    assert len(plots.time_ns) == 4
    assert np.degrees(plots.azimuth_rad) == pytest.approx(90.0, abs=0.1)
    assert plots.range_m == pytest.approx(55_660.0, rel=2e-3)


@pytest.mark.parametrize(
    ("target", "sensor", "count"),
    [
        (still(0.0, 1.0, 3000.0), {}, 4),
        (still(0.0, 1.0, 100.0), {}, 0),  # 111 km, below the horizon: 41 km + 41 km
        (still(0.0, 2.0, 9000.0), {}, 0),  # out of range
        (still(0.0, 0.5, 3000.0), {"detection_probability": 0.0}, 0),
        (still(0.0, 0.5, 3000.0), {"azimuth_from_deg": 180.0, "azimuth_to_deg": 270.0}, 0),
        (still(0.0, 0.5, 3000.0), {"azimuth_from_deg": 300.0, "azimuth_to_deg": 100.0}, 4),
        (still(0.0, 0.1, 9000.0), {"elevation_max_deg": 30.0}, 0),
        (still(0.0, 0.5, 500.0), {"elevation_min_deg": 5.0}, 0),
        (still(0.0, 0.5, 3000.0), {"range_min_m": 60_000.0}, 0),
        (still(0.0, 0.5, 3000.0, only=("R",)), {}, 4),
        (still(0.0, 0.5, 3000.0, only=("OTHER",)), {}, 0),
    ],
)
def test_a_radar_sees_within_its_limits_and_above_its_horizon(target, sensor, count):
    plots = seen(target, msgspec.structs.replace(RADAR, **sensor))
    assert (0 if isinstance(plots, int) else len(plots.time_ns)) == count


def test_a_drone_detector_sees_its_classes_alone():
    assert len(seen(still(0.0, 0.1, 500.0), sees=(TrackClass.UAS,)).time_ns) == 4
    assert len(seen(still(0.0, 0.1, 500.0), sees=(TrackClass.CRUISE,)).time_ns) == 0


def test_faults_do_what_they_say():
    target = still(0.0, 0.5, 3000.0)
    good = seen(target)
    biased = seen(target, fault=Fault(range_m=1000.0, azimuth_rad=math.radians(2.0)))
    assert biased.range_m - good.range_m == pytest.approx(1000.0, abs=8.0)
    assert np.degrees(biased.azimuth_rad - good.azimuth_rad) == pytest.approx(2.0, abs=0.02)
    assert seen(target, fault=Fault(silent=True)) == 0
    assert len(seen(target, fault=Fault(clutter=50.0)).time_ns) > 100
    assert len(seen(target, fault=Fault(detection=0.0)).time_ns) == 0


def test_a_receiver_hears_only_what_answers():
    receiver = msgspec.structs.replace(RADAR, id="X", kind=SensorKind.RECEIVER)
    assert seen(still(0.0, 0.5, 3000.0), receiver) == 0
    plots = seen(still(0.0, 0.5, 3000.0, address="4B1234"), receiver)
    assert (plots.icao24 == 0x4B1234).all()
    assert np.degrees(plots.lon_rad) == pytest.approx(0.5, abs=0.01)


def test_the_same_errors_meet_an_object_whatever_else_flies():
    one, two = still(0.0, 0.5, 3000.0), msgspec.structs.replace(still(0.3, 0.3, 3000.0), id="U", at_s=None)
    noisy = msgspec.structs.replace(RADAR, range_sigma_m=100.0)
    before = seen(one, noisy, world=world_of(one, two))
    world = world_of(one, two)
    world.appear("U", world.start_ns)
    after = seen(one, noisy, world=world)
    bearing = np.abs(np.degrees(after.azimuth_rad) - 90.0) < 1.0
    assert after.range_m[bearing].tolist() == before.range_m.tolist()
    assert len(after.time_ns) == 2 * len(before.time_ns)


def test_flights_stay_near_their_box_and_answer():
    world = world_of(flights=50)
    fix = world.at_second(world.start_ns // SECOND_NS + 77)
    assert (world.icao24 > 0).all()
    assert np.degrees(fix.lat_rad).min() > -1.0
    assert np.degrees(fix.lat_rad).max() < 2.0
