"""Claims about Cursor-on-Target events; against a real server see tests/live/test_tak_against_taky.py."""

from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from foedus.formats.cot import CotStream, track_event, warning_event, warning_uid
from foedus.model import SECOND_NS, Form, Identity, TrackClass, take, unpack_callsign
from pictures import NOON_NS, outgoing_of, tracks_of, warning


def event_of(outgoing, row=0):
    return ElementTree.fromstring(track_event(outgoing, row, outgoing.markings()[row]))


def label_of(event):
    return event.find("detail/_foedus_").attrib


def test_an_event_carries_position_velocity_and_times_of_the_estimate():
    tracks = tracks_of(24)
    for row in range(24):
        event = event_of(outgoing_of(tracks), row)
        point = {name: float(value) for name, value in event.find("point").attrib.items()}
        assert point["lat"] == pytest.approx(np.degrees(tracks.lat_rad[row]), abs=1e-7)
        assert point["lon"] == pytest.approx(np.degrees(tracks.lon_rad[row]), abs=1e-7)
        height, sigma = tracks.height_m[row], tracks.height_sigma_m[row]
        assert point["hae"] == (pytest.approx(height, abs=0.05) if np.isfinite(height) else 9_999_999.0)
        assert point["le"] == (pytest.approx(sigma, abs=0.05) if np.isfinite(sigma) else 9_999_999.0)
        assert point["ce"] == pytest.approx(tracks.position_sigma_m[row], abs=0.05)
        track = event.find("detail/track")
        assert (track is None) == bool(np.isnan(tracks.velocity_east_m_s[row]))
        if track is not None:
            course, speed = np.radians(float(track.get("course"))), float(track.get("speed"))
            assert speed * np.sin(course) == pytest.approx(tracks.velocity_east_m_s[row], abs=0.1)
            assert speed * np.cos(course) == pytest.approx(tracks.velocity_north_m_s[row], abs=0.1)
            assert 0 <= float(track.get("course")) < 360
        time, stale = (datetime.fromisoformat(event.get(name)).timestamp() for name in ("time", "stale"))
        assert time == pytest.approx(tracks.time_ns[row] / SECOND_NS, abs=0.001)
        assert stale - time == pytest.approx(60)
        assert event.get("how") == "m-f"
        assert event.get("version") == "2.0"


@pytest.mark.parametrize(
    ("identity", "letter"),
    [(Identity.PENDING, "p"), (Identity.UNKNOWN, "u"), (Identity.ASSUMED_FRIEND, "a"), (Identity.FRIEND, "f"),
     (Identity.NEUTRAL, "n"), (Identity.SUSPECT, "s"), (Identity.HOSTILE, "h")],
)  # fmt: skip
def test_the_affiliation_is_what_an_authority_declared(identity, letter):
    tracks = tracks_of(1)
    outgoing = outgoing_of(tracks, identity=np.array([identity], np.int8))
    assert event_of(outgoing).get("type") == f"a-{letter}-A"
    assert label_of(event_of(outgoing))["identity"] == identity.name.lower()


def test_without_a_declaration_everything_is_pending_whatever_its_class():
    tracks = tracks_of(len(TrackClass))
    types = [event_of(outgoing_of(tracks), row).get("type") for row in range(len(TrackClass))]
    assert types == ["a-p-A-M-F-Q" if one is TrackClass.UAS else "a-p-A" for one in TrackClass]


def test_the_label_names_the_owner_first_then_the_alphabet_and_the_clause():
    outgoing = outgoing_of(tracks_of(4))
    assert label_of(event_of(outgoing, 0))["relto"] == "CH FR IT"
    assert label_of(event_of(outgoing, 1))["relto"] == "CH"
    assert label_of(event_of(outgoing, 1))["clause"] == ""
    assert label_of(event_of(outgoing, 3))["relto"] == "CH IT"
    assert label_of(event_of(outgoing, 0))["clause"] == "S1"
    late = outgoing._replace(member="IT", parties=("FR", "CH", "IT"))
    late = late._replace(labels=late.labels._replace(form=np.full((4, 3), Form.SOURCE, np.int8)))
    assert label_of(event_of(late, 0))["relto"] == "IT CH FR"


@pytest.mark.parametrize(("mode", "word"), [("EXERCISE", "EXERCISE"), ("RECORDING", "TEST")])
def test_what_is_not_live_shows_in_five_places(mode, word):
    tracks = tracks_of(1)
    for data in (
        CotStream().update(outgoing_of(tracks, mode))[0],
        warning_event(outgoing_of(tracks, mode), warning()),
    ):
        event = ElementTree.fromstring(data)
        assert f"-{mode}-" in event.get("uid")
        assert event.find("detail/contact").get("callsign").startswith(word)
        assert event.find("detail/remarks").text.startswith(f"{word} {word} {word} - ")
        assert label_of(event)["mode"] == mode
        assert event.get("opex") in ("e", "s")
    live = event_of(outgoing_of(tracks))
    assert live.get("uid") != event_of(outgoing_of(tracks, mode)).get("uid")
    assert "EXERCISE" not in ElementTree.tostring(live, encoding="unicode")
    assert live.get("opex") == "o"


def test_the_callsign_is_the_aircrafts_or_member_and_number():
    tracks = tracks_of(2)
    names = [event_of(outgoing_of(tracks), row).find("detail/contact").get("callsign") for row in (0, 1)]
    assert names == [unpack_callsign(int(tracks.callsign[0])), "CH 2"]


def test_a_warning_is_a_closed_polygon_until_it_expires_and_its_end_deletes_it():
    outgoing = outgoing_of(tracks_of(1))
    event = ElementTree.fromstring(warning_event(outgoing, warning()))
    assert event.get("type") == "u-d-f"
    assert event.get("stale") == "2024-10-04T12:02:00.000Z"
    points = [link.get("point") for link in event.findall("detail/link")]
    assert len(points) == 5
    assert points[0] == points[-1] == "45.800000,8.700000"
    assert label_of(event)["relto"] == "CH IT"
    assert label_of(event)["clause"] == "W"
    assert label_of(event)["basis"] == "unconfirmed"
    assert "unconfirmed" in event.find("detail/remarks").text
    for state in ("cancelled", "expired"):
        end = ElementTree.fromstring(warning_event(outgoing, warning(state=state, revision=2)))
        assert end.get("type") == "t-x-d-d"
        assert end.find("detail/link").get("uid") == warning_uid(outgoing, warning()) == event.get("uid")


def test_texts_cannot_leave_their_attribute():
    odd = warning(zone='"><x a="', clause="<&'\"\x00\n\t", id="1'\"")
    event = ElementTree.fromstring(warning_event(outgoing_of(tracks_of(1)), odd))
    assert label_of(event)["zone"] == '"><x a="'
    assert label_of(event)["clause"] == "<&'\"\ufffd\n\t"
    assert event.find("detail/x") is None


def test_a_stream_tells_only_news_and_deletes_what_is_gone():
    tracks = tracks_of(5)
    stream = CotStream()
    assert len(stream.update(outgoing_of(tracks, "LIVE", warning()))) == 6
    assert stream.update(outgoing_of(tracks, "LIVE", warning())) == []
    newer = tracks._replace(time_ns=tracks.time_ns + np.array([0, 1, 0, 0, 1]))
    assert len(stream.update(outgoing_of(newer, "LIVE", warning(revision=2)))) == 3
    fewer = take(newer, np.array([0, 1, 2, 3]))
    (gone,) = stream.update(outgoing_of(fewer, "LIVE", warning(revision=2)))
    assert ElementTree.fromstring(gone).find("detail/link").get("uid") == "foedus-LIVE-CH-5"
    (ended,) = stream.update(outgoing_of(fewer, "LIVE", warning(revision=3, state="cancelled")))
    assert ElementTree.fromstring(ended).get("type") == "t-x-d-d"
    assert len(CotStream().update(outgoing_of(fewer, "LIVE", warning(revision=3, state="cancelled")))) == 4


def test_for_a_party_only_what_it_may_have_is_sent():
    outgoing = outgoing_of(
        tracks_of(12), "LIVE", warning(), warning(id="2", party="FR"), warning(id="3", party="CH")
    )
    assert outgoing.releasable_to(("FR",)).tracks.number.tolist() == [1, 3, 5, 7, 9, 11]
    assert outgoing.releasable_to(("FR", "IT")).tracks.number.tolist() == [1, 7]
    assert [one.id for one in outgoing.releasable_to(("FR",)).warnings] == ["2"]
    assert [one.id for one in outgoing.releasable_to(("CH",)).warnings] == ["CH-1", "2", "3"]
    assert outgoing.releasable_to(("CH",)).tracks.number.tolist() == list(range(1, 13))
    assert outgoing.releasable_to(("FR", "IT")).warnings == ()
    assert outgoing.time_ns == NOON_NS
