"""SAPIENT messages parsed by `sapient-msg`, and held to the options of its message definitions."""

import re

import numpy as np
import pytest
from sapient_msg import proto_options_pb2
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from foedus.formats.sapient import alert, detection_report, frame, messages, node_id, status_report, ulid
from pictures import NOON_NS, outgoing_of, tracks_of, warning

ULID = re.compile(r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def options_of(descriptor, extension):
    return descriptor.GetOptions().Extensions[extension]


def faults(message, path=""):
    """What the definitions ask for and a message does not give: mandatory fields, forms of identities."""
    found = []
    for oneof in message.DESCRIPTOR.oneofs:
        wanted = options_of(oneof, proto_options_pb2.oneof_options).is_mandatory
        if wanted and message.WhichOneof(oneof.name) is None:
            found.append(f"{path}{oneof.name} is missing")
    for field in message.DESCRIPTOR.fields:
        options = options_of(field, proto_options_pb2.field_options)
        value = getattr(message, field.name)
        given = (
            len(value) > 0
            if field.is_repeated
            else message.HasField(field.name)
            if field.has_presence
            else value
        )
        if options.is_mandatory and not given:
            found.append(f"{path}{field.name} is missing")
        if not given:
            continue
        for one in value if field.is_repeated else [value]:
            if field.message_type is not None:
                found += faults(one, f"{path}{field.name}.")
            if options.is_ulid and not ULID.match(one):
                found.append(f"{path}{field.name} is no ULID: {one}")
            if options.is_uuid and not UUID.match(one):
                found.append(f"{path}{field.name} is no UUID: {one}")
            if field.enum_type is not None and one == 0:
                found.append(f"{path}{field.name} is unspecified")
    return found


def report_of(outgoing, row):
    return detection_report(outgoing, row, outgoing.markings()[row])


def read_frames(data):
    while data:
        length = int.from_bytes(data[:4], "little")
        yield SapientMessage.FromString(data[4 : 4 + length])
        data = data[4 + length :]


@pytest.mark.parametrize("mode", ["LIVE", "EXERCISE"])
def test_every_message_parses_and_has_all_that_is_mandatory(mode):
    outgoing = outgoing_of(tracks_of(24), mode, warning(), warning(id="2", state="cancelled"))
    data = b"".join(frame(message) for message in messages(outgoing))
    found = list(read_frames(data))
    kinds = [message.WhichOneof("content") for message in found]
    assert kinds == ["registration", "status_report", *["detection_report"] * 24, "alert", "alert"]
    assert [faults(message) for message in found] == [[]] * 28
    assert len({message.node_id for message in found}) == 1
    spoken = "EXERCISE EXERCISE EXERCISE - " if mode == "EXERCISE" else "LIVE - "
    assert all(message.additional_information.startswith(spoken) for message in found)


def test_a_missing_field_would_be_found():
    message = report_of(outgoing_of(tracks_of(1)), 0)
    message.detection_report.ClearField("object_id")
    message.node_id = "CH"
    assert faults(message) == ["node_id is no UUID: CH", "detection_report.object_id is missing"]


def test_a_detection_carries_the_track():
    tracks = tracks_of(12)
    outgoing = outgoing_of(tracks, "EXERCISE")
    for row in range(12):
        message = report_of(outgoing, row)
        said = message.detection_report
        assert said.location.y == pytest.approx(np.degrees(tracks.lat_rad[row]))
        assert said.location.x == pytest.approx(np.degrees(tracks.lon_rad[row]))
        assert said.location.HasField("z") == bool(np.isfinite(tracks.height_m[row]))
        assert said.HasField("enu_velocity") == bool(np.isfinite(tracks.velocity_east_m_s[row]))
        assert message.timestamp.ToNanoseconds() == tracks.time_ns[row]
        info = {one.type: one.value for one in said.object_info}
        assert info["mode"] == "EXERCISE"
        assert info["releasable_to"] == " ".join(outgoing.markings()[row].parties)
        assert info["identity"] == "pending"


def test_identities_stay_the_same_and_differ_between_modes_tracks_and_times():
    tracks = tracks_of(2)
    live, drill = outgoing_of(tracks), outgoing_of(tracks, "EXERCISE")
    first = report_of(live, 0).detection_report
    later = live._replace(tracks=tracks._replace(time_ns=tracks.time_ns + 10**9))
    assert report_of(later, 0).detection_report.object_id == first.object_id
    assert report_of(later, 0).detection_report.report_id != first.report_id
    assert report_of(live, 1).detection_report.object_id != first.object_id
    assert report_of(drill, 0).detection_report.object_id != first.object_id
    assert node_id(live) != node_id(drill)
    assert status_report(live).status_report.mode == "LIVE"
    assert ulid("x", time_ns=1_469_918_176_385 * 10**6)[:10] == "01ARYZ6S41"  # the example of the ULID spec


def test_an_alert_is_active_until_the_warning_is_over_and_keeps_its_id():
    outgoing = outgoing_of(tracks_of(0), "EXERCISE")
    raised = alert(outgoing, warning()).alert
    over = alert(outgoing, warning(state="cancelled", revision=2)).alert
    assert (raised.status, over.status) == (1, 5)
    assert raised.alert_id == over.alert_id
    assert raised.description.startswith("EXERCISE EXERCISE EXERCISE - ")
    assert "REL TO CH IT" in raised.additional_information
    assert (raised.location.x, raised.location.y) == (pytest.approx(8.75), pytest.approx(45.85))
    assert alert(outgoing, warning()).timestamp.ToNanoseconds() == NOON_NS
