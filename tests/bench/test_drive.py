"""The comparison: plots come as they arrive, the peer gets the same, its tracks come back whole."""

import math

import numpy as np
import pyproj
import pytest
from bench.drive import AFTERWARDS, LIVE, carry_on, drive, judge_truth, plan_steps, score_rows
from bench.latency import measure_here, store
from bench.peer_stonesoup import axes, prepare, run_peer, straight_elevation, track_table
from bench.scenario import CENTRE_LAT_DEG, CENTRE_LON_DEG, START_NS, Size, make_scenario, refracted_elevation

from bench import compare, peer_stonesoup
from foedus.geo import ecef_from_geodetic, geodetic_from_ecef
from foedus.model import SECOND_NS, Tracks
from foedus.score.score import evaluation_times
from foedus.score.tables import updates_from_table

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def small():
    return make_scenario("S")


@pytest.fixture(scope="module")
def run(small):
    return drive(small, judge_truth(small), log=True)


# ---------------------------------------------------------------- drive


def test_every_plot_is_given_once_and_not_before_it_arrives():
    scenario = make_scenario("S", late_s=2.0)
    steps = plan_steps(scenario)
    assert [now_ns for _, now_ns in steps] == [START_NS + k * SECOND_NS // 2 for k in range(1, 241)]
    given = np.concatenate([plots.time_ns for plots, _ in steps])
    arrived = scenario.arrival_ns <= steps[-1][1]
    assert np.array_equal(given, scenario.plots.time_ns[arrived])
    first = 0
    for plots, now_ns in steps:
        end = first + len(plots.time_ns)
        assert (scenario.arrival_ns[first:end] <= now_ns).all()
        assert (scenario.arrival_ns[first:end] > now_ns - SECOND_NS // 2).all()
        first = end


def test_the_picture_is_what_was_shown_at_the_evaluation_times(small, run):
    times_ns = evaluation_times(judge_truth(small), LIVE)
    found = np.unique(run.shown["time_ns"].to_numpy())
    assert np.isin(found, times_ns).all()
    assert len(found) >= len(times_ns) - 2  # nothing may be confirmed yet at the first
    assert run.plots.sum() == len(small.target)
    assert len(run.cpu_s) == len(run.wall_s) == len(run.ends_s) == 240


def test_both_ways_to_list_the_picture_score_nearly_the_same_when_all_comes_in_order(small, run):
    truth = judge_truth(small)
    shown = score_rows(truth, run.shown, LIVE)
    logged = score_rows(truth, run.logged, AFTERWARDS)
    assert shown.siap.completeness > 0.9
    assert shown.gospa.mean_m == pytest.approx(logged.gospa.mean_m, rel=0.02)
    assert shown.gospa.localisation_m == pytest.approx(logged.gospa.localisation_m, rel=0.01)
    later = score_rows(truth, run.shown, LIVE, from_s=60.0)
    assert later.first_ns - START_NS == pytest.approx(60 * SECOND_NS, abs=5 * SECOND_NS)


def test_the_truth_can_be_cut_at_a_time(small):
    assert judge_truth(small, until_s=50.0).time_ns.max() == START_NS + 50 * SECOND_NS


def test_tracks_are_carried_straight_on_and_unknown_heights_stay_unknown():
    tracks = Tracks.empty(2)._replace(
        number=np.array([1, 2], np.int32),
        time_ns=np.array([START_NS, START_NS]),
        lat_rad=np.radians([47.0, 47.0]),
        lon_rad=np.radians([8.0, 8.0]),
        height_m=np.array([10_000.0, np.nan]),
        velocity_east_m_s=np.array([0.0, 200.0]),
        velocity_north_m_s=np.array([250.0, 0.0]),
        velocity_up_m_s=np.array([5.0, 0.0]),
    )
    later = carry_on(tracks, START_NS + 8 * SECOND_NS)
    assert (later.time_ns == START_NS + 8 * SECOND_NS).all()
    place = np.degrees(later.lat_rad), np.degrees(later.lon_rad)
    _, _, gap_m = GEOD.inv([8.0, 8.0], [47.0, 47.0], place[1], place[0])
    ground = 250.0 * 8.0 * 6_362_000.0 / 6_372_000.0  # what is flown at 10 km is less on the ground
    assert gap_m == pytest.approx([ground, 1_600.0], abs=3.0)
    assert later.height_m[0] == pytest.approx(10_040.0, abs=1.0)
    assert math.isnan(later.height_m[1])


def test_the_latency_child_tracks_what_was_stored(small, tmp_path):
    store(tmp_path, plan_steps(small), small.sensors)
    found = measure_here(tmp_path)
    assert 0.0 < found.median_ms <= found.p99_ms <= found.worst_ms
    assert found.peak_mb >= found.idle_mb > 10.0


# ---------------------------------------------------------------- Stone Soup's input and output


def common_frame(place):
    """ECEF as east, north, up of the scenario's centre, by pyproj."""
    to_common = pyproj.Transformer.from_pipeline(
        f"+proj=topocentric +ellps=WGS84 +lat_0={CENTRE_LAT_DEG} +lon_0={CENTRE_LON_DEG} +h_0=0"
    )
    return np.array(to_common.transform(*place.T)).T


def test_the_peer_gets_every_radar_plot_in_its_place():
    """With errors of nothing, the plots as the peer reads them lie on the targets, on its plane."""
    scenario = make_scenario(Size("exact", 60, 4, 60.0, 900_000.0, 3.0), adsb=0.3)
    given = prepare(scenario)
    radar = scenario.plots.sensor < 4
    assert len(given["time_s"]) == radar.sum()
    order = np.flatnonzero(radar)
    order = order[np.argsort(scenario.plots.time_ns[order], kind="stable")]
    target, time_s = scenario.target[order], given["time_s"]
    real = np.flatnonzero(target >= 0)
    assert len(real) > 300
    truth = common_frame(scenario.truth.at(target[real], time_s[real])[:, :3])
    sensor = given["sensor"][real]
    elevation, azimuth = given["elevation_rad"][real], given["azimuth_rad"][real]
    level = np.cos(elevation)
    own = np.stack([np.sin(azimuth) * level, np.cos(azimuth) * level, np.sin(elevation)], axis=1)
    line = given["range_m"][real][:, None] * np.einsum("nji,nj->ni", given["rotations"][sensor], own)
    error = given["sites_m"][sensor] + line - truth
    # Back in the horizon of the sensor, so that each error meets its own sigma.
    along = (error * line).sum(axis=1) / given["range_m"][real]
    sigmas = given["sigmas"][sensor]
    assert np.sqrt(np.mean((along / sigmas[:, 2]) ** 2)) == pytest.approx(1.0, abs=0.15)
    aside = np.sqrt(np.maximum(0.0, (error**2).sum(axis=1) - along**2)) / given["range_m"][real]
    expected = sigmas[:, 0] ** 2 + (level * sigmas[:, 1]) ** 2
    assert np.mean(aside**2 / expected) == pytest.approx(1.0, abs=0.2)


def test_elevation_is_freed_of_refraction(small):
    """The straight line at the straight elevation meets the height that the 4/3 earth shows."""
    sensor = small.sensors[1]
    rows = np.flatnonzero((small.plots.sensor == 1) & (small.target >= 0))
    time_s = (small.plots.time_ns[rows] - START_NS) / SECOND_NS
    place = small.truth.at(small.target[rows], time_s)[:, :3]
    to_site = pyproj.Transformer.from_pipeline(
        f"+proj=topocentric +ellps=WGS84 +lat_0={sensor.lat_deg} +lon_0={sensor.lon_deg} "
        f"+h_0={sensor.height_m}"
    )
    east, north, up = to_site.transform(*place.T)
    range_m = np.sqrt(east**2 + north**2 + up**2)
    shown = refracted_elevation(sensor, range_m, geodetic_from_ecef(place.copy())[:, 2])
    straight = straight_elevation(sensor, range_m, np.arctan2(east, north), shown)
    assert np.abs(straight - np.arcsin(up / range_m)).max() < 1e-7
    assert np.abs(straight - shown).max() > 1e-3


def test_the_peers_tracks_come_back_as_track_rows():
    lat, lon = np.radians([48.5, 46.0]), np.radians([12.0, 5.0])
    place = ecef_from_geodetic(lat, lon, np.array([9_000.0, 200.0]))
    common = axes(np.radians([CENTRE_LAT_DEG]), np.radians([CENTRE_LON_DEG]))
    velocity = np.stack([axes(lat[i : i + 1], lon[i : i + 1]).T @ [100.0, -50.0, 3.0] for i in range(2)])
    state = np.hstack([common_frame(place), velocity @ common.T])
    local = np.diag([100.0, 400.0, 900.0, 1.0, 4.0, 9.0]) + 0.5
    turn = [np.kron(np.eye(2), axes(lat[i : i + 1], lon[i : i + 1]) @ common.T) for i in range(2)]
    covariance = np.stack([one.T @ local @ one for one in turn])
    table = track_table(np.array([1.5, 2.5]), np.array([7, 8]), state, covariance)
    assert table["time_ns"].to_pylist() == [START_NS + 1_500_000_000, START_NS + 2_500_000_000]
    assert table["lat_deg"].to_pylist() == pytest.approx([48.5, 46.0], abs=1e-8)
    assert table["lon_deg"].to_pylist() == pytest.approx([12.0, 5.0], abs=1e-8)
    assert table["height_m"].to_pylist() == pytest.approx([9_000.0, 200.0], abs=1e-3)
    for name, wanted in (("east", 100.0), ("north", -50.0), ("up", 3.0)):
        assert table[f"velocity_{name}_m_s"].to_pylist() == pytest.approx([wanted] * 2, abs=1e-9)
    for row in table["covariance"].to_pylist():
        assert row == pytest.approx(local[np.triu_indices(6)], rel=1e-9)
    assert len(updates_from_table(table).time_ns) == 2


def test_without_stone_soup_the_way_to_it_is_named(small, tmp_path):
    with pytest.raises(RuntimeError, match="make bench-track"):
        run_peer(small, variant="gnn2d", q=60.0, sector_s=1.0, limit_s=1.0, python=tmp_path / "python")


# ---------------------------------------------------------------- the table


def test_stone_soup_is_run_with_every_density_first_and_with_the_best_then():
    first, then = compare._settings(None), compare._settings(600.0)
    assert [(s.variant, s.q, s.sector_s) for s in first] == [
        ("gnn2d", 60.0, 1.0), ("gnn2d", 600.0, 1.0), ("kdtree", 60.0, 1.0), ("kdtree", 600.0, 1.0),
        ("kdtree", 60.0, 0.25), ("kdtree", 600.0, 0.25),
    ]  # fmt: skip
    assert [(s.variant, s.q) for s in then] == [("gnn2d", 600.0), ("kdtree", 600.0), ("kdtree", 600.0)]


def test_stone_soup_is_scored_on_the_part_it_reached_with_foedus_beside_it(small, run):
    """The peer's rows are foedus's own here, so both must have the same score on the same part."""
    tracks = run.shown
    peer = peer_stonesoup.PeerRun("gnn2d", 600.0, 60.0, 500, 10.0, 5.0, tracks)
    row = compare._peer_row(small, compare.Setting("gnn2d", 600.0, 1.0), peer, run.shown)
    assert row.reached == "60 of 120 s"
    assert (row.plots_wall, row.plots_cpu) == (50.0, 100.0)
    assert row.score.last_ns <= START_NS + 60 * SECOND_NS
    assert row.foedus_m == score_rows(judge_truth(small, until_s=60.0), run.shown, LIVE).gospa.mean_m
    assert compare._line(row).count("|") == compare.HEAD.count("|")
    with pytest.raises(RuntimeError, match="--limit must be longer"):
        compare._peer_row(small, compare.Setting("gnn2d", 600.0, 1.0), peer._replace(reached_s=1.0), tracks)


def test_rates_are_medians_over_the_part(run):
    slow = run._replace(wall_s=2.0 * run.wall_s, cpu_s=4.0 * run.cpu_s)
    slower = run._replace(wall_s=9.0 * run.wall_s, cpu_s=9.0 * run.cpu_s)
    part = run.ends_s <= 30.0
    wall, cpu = compare._rates([run, slower, slow], 30.0)
    assert wall == pytest.approx(run.plots[part].sum() / run.wall_s[part].sum() / 2.0)
    assert cpu == pytest.approx(run.plots[part].sum() / run.cpu_s[part].sum() / 4.0)
