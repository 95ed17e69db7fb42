"""Claims about the reasons of a threat, each with its smallest example."""

import math

import numpy as np
import pytest

from foedus.document import DocumentError
from foedus.errors import LimitError
from foedus.limits import ROUTES_MAX
from foedus.model import TrackClass, Tracks, concatenate
from foedus.network import parse_network
from foedus.watch.reason_words import WORDS
from foedus.watch.reasons import SQUAWKS, Reason, Rules, corroborating, reasons_of, sentence, unit_of
from foedus.watch.routes import make_routes, widths_outside
from foedus.watch.threat import assess, make_zones

SQUARE = [(46.0, 8.0), (46.0, 9.0), (47.0, 9.0), (47.0, 8.0)]
NO_ROUTES = make_routes([], [])


def track(lat=45.9, lon=8.5, *, north=100.0, height=3_000.0, cls=TrackClass.UNIDENTIFIED, **columns):
    one = np.ones(1)
    return Tracks.empty(1)._replace(
        number=np.ones(1, np.int32),
        lat_rad=math.radians(lat) * one,
        lon_rad=math.radians(lon) * one,
        height_m=height * one,
        velocity_north_m_s=north * one,
        velocity_up_m_s=columns.get("up", 0.0) * one,
        position_sigma_m=columns.get("sigma_m", 50.0) * one,
        height_sigma_m=30.0 * one,
        velocity_sigma_m_s=columns.get("sigma_m_s", 2.0) * one,
        track_class=np.full(1, cls, np.int8),
        icao24=np.full(1, columns.get("icao24", -1), np.int32),
        mode_a=np.full(1, columns.get("mode_a", -1), np.int16),
    )


def reasons(tracks, *, routes=NO_ROUTES, silent_s=math.nan, rules=None, polygon=SQUARE):
    threats = assess(tracks, make_zones([polygon], [None], [None]), now_ns=0, horizon_s=300.0)
    silent = np.full(len(tracks.number), silent_s)
    return reasons_of(tracks, threats, silent_s=silent, routes=routes, rules=rules or Rules())


def words(tracks, **options):
    (found,) = reasons(tracks, **options)
    return [reason.word for reason in found]


def test_the_list_is_closed_and_every_word_has_a_sentence_that_takes_its_value():
    assert len({one.word for one in WORDS}) == len(WORDS)
    for one in WORDS:
        assert ("{value}" in one.sentence) == bool(one.unit)
        assert sentence(Reason(one.word, 7500.0 if one.unit else math.nan)).endswith(".")
        assert unit_of(one.word) == one.unit
    assert set(SQUAWKS.values()) <= {one.word for one in WORDS}
    assert unit_of("no such word") == ""


def test_a_silent_aircraft_on_its_way_in_is_heading_there_and_unidentified():
    (found,) = reasons(track())
    assert [reason.word for reason in found] == ["heading_to_zone", "unidentified"]
    assert found[0].value == pytest.approx(111.1, abs=0.5)
    assert sentence(found[0]) == "On its present course it enters the zone in 111 s."


def test_inside_heading_and_closing_exclude_one_another():
    assert words(track(46.5))[0] == "inside_zone"
    passing = track(45.9, 9.01, sigma_m=1_000.0, sigma_m_s=5.0)
    (found,) = reasons(passing)
    assert found[0].word == "closing"
    assert found[0].value == pytest.approx(774.0, rel=0.02)
    away = track(45.999, north=-20.0, sigma_m_s=20.0)
    assert words(away) == ["unidentified"]


def test_an_unknown_velocity_is_said_and_is_no_slow_one():
    assert words(track(45.99, north=math.nan, height=200.0)) == ["no_velocity", "unidentified"]


def test_low_and_slow_needs_both_and_a_known_height():
    assert "low_and_slow" in words(track(45.99, north=50.0, height=800.0))
    assert "low_and_slow" not in words(track(45.99, north=50.0, height=1_001.0))
    assert "low_and_slow" not in words(track(45.99, north=57.0, height=800.0))
    assert "low_and_slow" not in words(track(45.99, north=50.0, height=math.nan))
    assert "low_and_slow" in words(track(45.99, north=57.0, height=800.0), rules=Rules(slow_m_s=60.0))


@pytest.mark.parametrize(
    ("code", "word"), [(0o7500, "squawk_7500"), (0o7600, "squawk_7600"), (0o7700, "squawk_7700")]
)
def test_emergency_codes_are_read_as_octal_digits(code, word):
    (found,) = reasons(track(cls=TrackClass.COOPERATIVE, mode_a=code))
    assert found[-1] == Reason(word, float(word[-4:]))
    assert word[-4:] in sentence(found[-1])
    assert words(track(cls=TrackClass.COOPERATIVE, mode_a=code + 1)) == ["heading_to_zone"]


def test_what_answers_is_not_unidentified_whatever_class_it_was_declared_to_have():
    assert "unidentified" in words(track(cls=TrackClass.CRUISE))
    assert "unidentified" not in words(track(cls=TrackClass.CRUISE, icao24=5))


def test_silence_is_told_with_its_length():
    (found,) = reasons(track(cls=TrackClass.COOPERATIVE, icao24=5), silent_s=42.0)
    assert found[-1] == Reason("fell_silent", 42.0)


def test_a_ballistic_object_falls_to_the_zone_and_does_not_head_there():
    falling = track(45.5, north=400.0, height=60_000.0, up=-500.0, cls=TrackClass.BALLISTIC)
    assert (
        words(falling, polygon=[(44.0, 7.0), (44.0, 10.0), (48.0, 10.0), (48.0, 7.0)])[0] == "falling_to_zone"
    )


def test_reasons_come_in_the_order_of_the_list_and_in_that_of_the_threats():
    tracks = concatenate([track(), track(40.0), track(46.5, north=10.0, height=100.0, mode_a=0o7700)])
    first, second = reasons(tracks)
    assert [reason.word for reason in first] == ["heading_to_zone", "unidentified"]
    order = [one.word for one in WORDS]
    places = [order.index(reason.word) for reason in second]
    assert places == sorted(places)
    assert len(places) == 3


def test_reasons_change_no_probability():
    zones = make_zones([SQUARE], [None], [None])
    plain, marked = track(cls=TrackClass.COOPERATIVE), track(cls=TrackClass.COOPERATIVE, mode_a=0o7500)
    for a, b in zip(*(assess(one, zones, now_ns=0, horizon_s=300.0) for one in (plain, marked)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_only_what_an_aircraft_says_or_changed_corroborates_and_two_codes_are_one_observation():
    birds = [Reason(word, 1.0) for word in ("heading_to_zone", "low_and_slow", "unidentified", "closing")]
    assert corroborating(birds) == 0
    assert corroborating([Reason("squawk_7500", 7500.0), Reason("squawk_7700", 7700.0)]) == 1
    assert (
        corroborating([Reason("squawk_7500", 7500.0), Reason("off_route", 9e3), Reason("fell_silent", 60.0)])
        == 3
    )


# ---------------------------------------------------------------- routes

CORRIDOR = make_routes([[(46.5, 7.0), (46.5, 10.0)]], [5_000.0])


def outside(lat, lon, routes=CORRIDOR):
    beyond_m, widths = widths_outside(routes, np.radians([lat]), np.radians([lon]))
    return float(beyond_m[0]), float(widths[0])


def test_the_distance_is_from_the_edge_of_the_corridor():
    beyond_m, widths = outside(46.6, 8.0)
    assert beyond_m == pytest.approx(11_119.0 - 5_000.0, rel=0.01)
    assert widths == pytest.approx(beyond_m / 10_000.0)
    assert outside(46.5, 8.0)[0] == pytest.approx(-5_000.0, abs=5.0)
    assert outside(46.5, 10.2)[0] == pytest.approx(0.2 * 76_500.0 - 5_000.0, rel=0.01)


def test_of_several_corridors_the_one_least_left_counts_and_none_means_nowhere():
    wide = make_routes(
        [[(46.5, 7.0), (46.5, 10.0)], [(47.0, 7.0), (47.5, 8.0), (47.5, 10.0)]], [5_000.0, 80_000.0]
    )
    assert outside(46.7, 8.0, wide)[1] < 0.0
    assert outside(46.7, 8.0, NO_ROUTES) == (math.inf, math.inf)


def test_a_corridor_across_the_antimeridian_is_one_piece():
    pacific = make_routes([[(10.0, 179.0), (10.0, -179.0)]], [5_000.0])
    for lon in (179.5, 180.0, -179.5):
        assert outside(10.0, lon, pacific)[0] == pytest.approx(-5_000.0, abs=5.0)


def test_who_answers_is_off_route_beyond_the_width_and_who_is_silent_never():
    answering = {"cls": TrackClass.COOPERATIVE, "icao24": 7}
    beside = track(46.6, **answering)  # 6 km beyond the edge of a corridor 10 km wide
    off = track(46.7, **answering)
    assert "off_route" not in words(beside, routes=CORRIDOR)
    (found,) = reasons(off, routes=CORRIDOR)
    assert found[-1].word == "off_route"
    assert found[-1].value == pytest.approx(17_200.0, rel=0.01)
    assert "off_route" not in words(track(46.7), routes=CORRIDOR)
    assert "off_route" not in words(off)


def test_more_routes_than_the_limit_are_refused():
    line = [(46.0, 8.0), (47.0, 8.0)]
    with pytest.raises(LimitError, match="ROUTES_MAX"):
        make_routes([line] * (ROUTES_MAX + 1), [1.0] * (ROUTES_MAX + 1))


NETWORK = """
network = "n"
title = "t"
mode = "EXERCISE"
pact = "p.toml"
tick_s = 5
feed = []
member = [{ id = "CH", name = "CH" }]
"""
ROUTE = '[[route]]\nid = "R1"\nmember = "CH"\nhalf_width_m = 9_000\nwaypoint = [[46.0, 7.0], [46.5, 9.0]]\n'


def test_routes_stand_in_the_network_file():
    (route,) = parse_network(NETWORK + ROUTE, file="n.toml").route
    assert (route.member, route.half_width_m, route.waypoint) == ("CH", 9_000.0, ((46.0, 7.0), (46.5, 9.0)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (ROUTE.replace('"CH"', '"XX"'), "'XX'"),
        (ROUTE + ROUTE, "a second time"),
        (ROUTE.replace(", [46.5, 9.0]", ""), "2"),
        (ROUTE.replace("9_000", "0"), "0"),
        (ROUTE.replace("46.5", "96.5"), "90"),
        ("".join(ROUTE.replace("R1", f"R{i}") for i in range(ROUTES_MAX + 1)), f"at most {ROUTES_MAX}"),
    ],
)
def test_a_wrong_route_is_refused_with_its_line(wrong, words):
    with pytest.raises(DocumentError, match=words):
        parse_network(NETWORK + wrong, file="n.toml")


def test_every_list_of_the_words_is_the_same():
    from foedus import guard_warning
    from foedus.formats.texts import ReasonWords
    from foedus.watch import tearline

    words = tuple(one.word for one in WORDS)
    assert words == tearline.REASONS == guard_warning._REASONS
    assert set(ReasonWords.__struct_fields__) == set(words)
