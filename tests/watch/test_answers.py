"""Claims about falling silent: who did, since when, and who only flew out of reach."""

import math

import numpy as np
import pytest

from foedus.limits import ANSWERS_MAX
from foedus.model import SECOND_NS, Sensor, SensorKind, TrackClass, Tracks, TrackStatus, concatenate
from foedus.watch import answers as answers_module
from foedus.watch.answers import Answers

AT = {"lat_deg": 46.0, "lon_deg": 8.0, "height_m": 0.0, "period_s": 10.0}
RADAR = Sensor(id="radar", kind=SensorKind.RADAR, range_max_m=200_000.0, **AT)
RECEIVER = Sensor(id="receiver", kind=SensorKind.RECEIVER, range_max_m=100_000.0, **AT)
BY_RADAR, BY_RECEIVER = 1, 2
T0 = 1_533_123_000 * SECOND_NS


def seen(number, *, lat=46.2, lon=8.0, sources=BY_RADAR, icao24=-1, time_s=0.0, coasting=False, north=0.0):
    return Tracks.empty(1)._replace(
        number=np.full(1, number, np.int32),
        time_ns=np.full(1, T0 + round(time_s * SECOND_NS)),
        status=np.full(1, TrackStatus.COASTING if coasting else TrackStatus.CONFIRMED, np.int8),
        lat_rad=np.full(1, math.radians(lat)),
        lon_rad=np.full(1, math.radians(lon)),
        velocity_north_m_s=np.full(1, north),
        velocity_east_m_s=np.full(1, math.nan),
        track_class=np.full(1, TrackClass.COOPERATIVE if icao24 >= 0 else TrackClass.UNIDENTIFIED, np.int8),
        icao24=np.full(1, icao24, np.int32),
        sources=np.full(1, sources),
    )


class Watch:
    def __init__(self):
        self.answers = Answers((RADAR, RECEIVER))
        self.time_s = 0.0

    def tick(self, *tracks, **shared):
        """Silence by track number after one more tick of 5 s; tracks: numbers with their columns."""
        self.time_s += 5.0
        rows = [seen(number, **({"time_s": self.time_s} | shared | columns)) for number, columns in tracks]
        columns = concatenate(rows) if rows else Tracks.empty()
        silent = self.answers.update(columns, now_ns=T0 + round(self.time_s * SECOND_NS))
        return {
            int(number): float(s)
            for number, s in zip(columns.number, silent, strict=True)
            if not math.isnan(s)
        }

    def ticks(self, count, *tracks, **shared):
        return [self.tick(*tracks, **shared) for _ in range(count)][-1]


HEARD = (1, {"icao24": 7, "sources": BY_RADAR | BY_RECEIVER})
UNHEARD = (1, {"icao24": 7, "sources": BY_RADAR})


def test_what_was_heard_and_goes_on_by_radar_alone_has_fallen_silent():
    watch = Watch()
    assert watch.ticks(4, HEARD) == {}
    assert watch.ticks(5, UNHEARD) == {}  # 25 s: a report or two may be missed
    assert watch.tick(UNHEARD) == {1: 30.0}
    assert watch.tick(UNHEARD) == {1: 35.0}
    assert watch.tick(HEARD) == {}


def test_one_report_is_not_enough_to_say_that_it_used_to_answer():
    watch = Watch()
    watch.ticks(2, HEARD)
    assert watch.ticks(20, UNHEARD) == {}


def test_what_left_the_reach_of_the_receiver_is_not_silent():
    watch = Watch()
    watch.ticks(4, HEARD, lat=46.6)
    assert watch.ticks(20, UNHEARD, lat=46.75) == {}  # 83 km of 100
    assert watch.tick(UNHEARD, lat=46.6) != {}


def test_what_no_sensor_sees_is_lost_and_not_silent():
    watch = Watch()
    watch.ticks(4, HEARD)
    assert watch.ticks(20, (1, {"icao24": 7, "sources": 0})) == {}


def test_what_never_answered_is_not_silent():
    assert Watch().ticks(30, (1, {})) == {}


def test_a_silent_track_that_begins_where_an_answering_one_faded_is_its_aircraft():
    watch = Watch()
    watch.ticks(4, HEARD, north=100.0)
    lost = (1, {"icao24": 7, "sources": 0, "time_s": watch.time_s, "coasting": True, "north": 100.0})
    ahead = {"lat": 46.2 + 10.0 * 100.0 / 111_140.0}
    assert watch.tick(lost) == {}
    watch.tick(lost, (2, ahead))
    silent = watch.ticks(4, lost, (2, ahead))
    assert silent == {2: 30.0}
    assert watch.tick((2, ahead)) == {2: 35.0}  # the old track has ended
    assert watch.tick((2, ahead | {"icao24": 7})) == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"icao24": 7}, {}),  # it is still there
        ({"icao24": 7, "coasting": True}, {"lat": 46.3}),  # 11 km away
        ({"icao24": -1, "coasting": True}, {}),  # it never answered
    ],
)
def test_a_silent_track_beside_one_that_did_not_fade_is_somebody_else(first, second):
    watch = Watch()
    watch.ticks(4, (1, first | {"coasting": False}))
    stopped_s = watch.time_s
    for _ in range(10):
        silent = watch.tick(
            (1, ({"time_s": stopped_s} if first.get("coasting") else {}) | first), (2, second)
        )
    assert silent == {}


def test_a_track_is_found_again_for_a_minute_only():
    for wait, found in ((8, True), (14, False)):
        watch = Watch()
        watch.ticks(4, (1, {"icao24": 7}))
        watch.ticks(wait)
        watch.ticks(8, (2, {}))
        assert bool(watch.tick((2, {}))) == found


def test_the_memory_is_bounded_and_what_is_forgotten_is_counted(monkeypatch):
    assert ANSWERS_MAX > 1_000
    monkeypatch.setattr(answers_module, "ANSWERS_MAX", 3)
    watch = Watch()
    watch.tick(*((number, {"icao24": number}) for number in range(1, 6)))
    assert watch.answers.forgotten == 2
