"""GeoJSON by the rules of RFC 7946."""

import itertools
import json

import numpy as np
import pytest

from foedus.formats.areas import cell, rings
from foedus.formats.geojson import encode_geojson
from foedus.model import pack_callsign
from pictures import outgoing_of, tracks_of, warning


def twice_area(ring):
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(ring))


def area_of(found):
    return sum(twice_area(ring) for ring in found) / 2


def test_tracks_are_points_longitude_first_with_units_in_their_names():
    tracks = tracks_of(24)
    collection = json.loads(encode_geojson(outgoing_of(tracks, "EXERCISE")))
    assert collection["type"] == "FeatureCollection"
    assert collection["mode"] == "EXERCISE"
    assert len(collection["features"]) == 24
    for row, feature in enumerate(collection["features"]):
        coordinates, properties = feature["geometry"]["coordinates"], feature["properties"]
        assert feature["type"] == "Feature"
        assert coordinates[0] == pytest.approx(np.degrees(tracks.lon_rad[row]), abs=1e-7)
        assert coordinates[1] == pytest.approx(np.degrees(tracks.lat_rad[row]), abs=1e-7)
        assert len(coordinates) == (3 if np.isfinite(tracks.height_m[row]) else 2)
        assert (properties["height_m"] is None) == (len(coordinates) == 2)
        assert (properties["speed_m_s"] is None) == bool(np.isnan(tracks.velocity_east_m_s[row]))
        assert properties["mode"] == "EXERCISE"
        assert properties["identity"] == "pending"
        assert (properties["icao24"] is None) == (tracks.icao24[row] < 0)
        assert pack_callsign(properties["callsign"] or "") == tracks.callsign[row]
    assert collection["features"][0]["properties"]["releasable_to"] == ["CH", "FR", "IT"]
    assert collection["features"][1]["properties"]["releasable_to"] == ["CH"]
    assert encode_geojson(outgoing_of(tracks)) == encode_geojson(outgoing_of(tracks))


def test_a_warning_is_a_closed_ring_counter_clockwise():
    data = json.loads(encode_geojson(outgoing_of(tracks_of(0), "LIVE", warning())))
    (feature,) = data["features"]
    (ring,) = feature["geometry"]["coordinates"]
    assert feature["geometry"]["type"] == "Polygon"
    assert ring == [[8.7, 45.8], [8.8, 45.8], [8.8, 45.9], [8.7, 45.9], [8.7, 45.8]]
    assert feature["properties"]["releasable_to"] == ["CH", "IT"]


@pytest.mark.parametrize(
    "corners",
    [
        [(179, 10), (-179, 10), (-179, 12), (179, 12)],
        [(179, 12), (-179, 12), (-179, 10), (179, 10)],  # clockwise
        [(-179, 12), (179, 12), (179, 10), (-179, 10)],  # begins beyond the line
        [(179, 10), (181, 10), (181, 12), (179, 12)],  # longitudes that run on
        [(-181, 10), (-179, 10), (-179, 12), (-181, 12)],
    ],
)
def test_an_area_across_the_antimeridian_is_cut_in_two(corners):
    found = rings(corners)
    assert len(found) == 2
    assert area_of(found) == pytest.approx(4)
    for ring in found:
        assert ring[0] == ring[-1]
        assert twice_area(ring) > 0
        assert all(-180 <= lon <= 180 for lon, _ in ring)
        assert max(lon for lon, _ in ring) - min(lon for lon, _ in ring) == 1


@pytest.mark.parametrize("west", [-180.0, 179.9, 0.0, -0.1, 8.7, -180.1, 180.0])
@pytest.mark.parametrize("south", [-90.0, 89.9, 90.0, 45.8])
def test_every_cell_of_the_world_is_one_ring_within_its_bounds(south, west):
    (ring,) = rings(cell(south, west))
    assert twice_area(ring) / 2 == pytest.approx(0.01)
    assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)


def test_a_random_area_keeps_its_size_through_the_cut():
    rng = np.random.default_rng(3)
    for _ in range(100):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 8))
        middle = rng.uniform(-180, 180)
        corners = [(middle + 5 * np.cos(a), 5 * np.sin(a)) for a in angles]
        wrapped = [((lon + 180) % 360 - 180, lat) for lon, lat in corners]
        assert area_of(rings(wrapped)) == pytest.approx(twice_area([*corners, corners[0]]) / 2)
