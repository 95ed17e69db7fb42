import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.drill import dis
from foedus.errors import WireError
from foedus.limits import DIS_ENTITIES_MAX
from foedus.model import SECOND_NS, TrackClass

T0_NS = 1_700_000_123_000_000_000
HERE = dis.Place(math.radians(25.0), math.radians(51.0), 9_000.0, 100.0, -200.0, 3.0)


def entity(*, number: int = 3, exercise: int = 9, time_ns: int = T0_NS, **changes: object) -> dis.Entity:
    position_m, velocity_m_s = dis.vectors_of(HERE)
    values = {
        "site": 1, "application": 2, "number": number, "exercise": exercise,
        "type": dis.entity_type(TrackClass.UAS), "position_m": position_m, "velocity_m_s": velocity_m_s,
        "marking": "X-1", "units": dis.units_of(time_ns),
    }  # fmt: skip
    return dis.Entity(**(values | changes))  # type: ignore[arg-type]


def test_an_entity_comes_back_as_it_was_sent() -> None:
    sent = entity(model=dis.FIXED_ACCELERATION, acceleration_m_s2=(1.0, -2.0, 0.5), absolute=False)
    back = dis.decode_entity(dis.encode_entity(sent))
    assert (back.key, back.type, back.marking, back.units) == (sent.key, sent.type, "X-1", sent.units)
    assert (back.absolute, back.origin, back.model) == (False, dis.CONSTRUCTIVE, dis.FIXED_ACCELERATION)
    assert back.position_m == sent.position_m
    assert back.velocity_m_s == pytest.approx(sent.velocity_m_s, rel=1e-6)
    assert dis.place_of(back.position_m, back.velocity_m_s) == pytest.approx(HERE, rel=1e-6)


def test_another_codec_reads_every_field_that_we_write() -> None:
    from opendis.PduFactory import createPdu

    sent = entity(acceleration_m_s2=(1.0, -2.0, 0.5))
    data = dis.encode_entity(sent)
    pdu = createPdu(data)
    assert len(data) == pdu.length == 144
    assert (pdu.protocolVersion, pdu.exerciseID, pdu.timestamp) == (7, 9, sent.units << 1 | 1)
    assert (pdu.entityID.siteID, pdu.entityID.applicationID, pdu.entityID.entityID) == (1, 2, 3)
    kind = pdu.entityType
    assert (kind.entityKind, kind.domain, kind.country, kind.category) == (1, 2, 0, 50)
    assert (pdu.entityLocation.x, pdu.entityLocation.y, pdu.entityLocation.z) == sent.position_m
    velocity = pdu.entityLinearVelocity
    assert (velocity.x, velocity.y, velocity.z) == pytest.approx(sent.velocity_m_s, rel=1e-6)
    reckoning = pdu.deadReckoningParameters
    assert reckoning.deadReckoningAlgorithm == dis.FIXED_VELOCITY
    assert reckoning.entityLinearAcceleration.y == -2.0
    assert bytes(pdu.marking.characters).rstrip(b"\0") == b"X-1"


def test_what_another_codec_writes_is_read() -> None:
    from io import BytesIO

    from opendis.DataOutputStream import DataOutputStream
    from opendis.PduFactory import createPdu

    pdu = createPdu(dis.encode_entity(entity()))
    pdu.entityID.entityID = 77
    pdu.entityLocation.x += 1000.0
    stream = BytesIO()
    pdu.serialize(DataOutputStream(stream))
    back = dis.decode_entity(stream.getvalue())
    assert back.number == 77
    assert back.position_m[0] == entity().position_m[0] + 1000.0


def test_variable_parameters_are_skipped_and_counted_in_the_length() -> None:
    data = bytearray(dis.encode_entity(entity()))
    data[19] = 2
    struct.pack_into(">H", data, 8, 176)
    assert dis.decode_entity(bytes(data) + bytes(32)).number == 3
    with pytest.raises(WireError, match="176 with 2 variable parameters"):
        dis.decode_entity(bytes(data) + bytes(16))


@pytest.mark.parametrize(
    ("at", "code", "value", "words"),
    [
        (0, ">B", 5, "version 6 or 7"),
        (2, ">B", 2, "an entity state"),
        (8, ">H", 143, "144 with 0 variable parameters"),
        (48, ">d", math.nan, "finite numbers"),
        (48, ">d", 1e12, "one above it"),
        (36, ">f", 1e30, "at most 20000 m/s"),
    ],
)
def test_an_impossible_value_is_refused_in_words(at: int, code: str, value: float, words: str) -> None:
    data = bytearray(dis.encode_entity(entity()))
    struct.pack_into(code, data, at, value)
    with pytest.raises(WireError, match=words):
        dis.decode_entity(bytes(data))


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=320), cut=st.integers(0, 144), at=st.integers(0, 143), octet=st.integers(0, 255)
)
def test_whatever_comes_is_an_entity_or_a_wire_error(data: bytes, cut: int, at: int, octet: int) -> None:
    good = bytearray(dis.encode_entity(entity()))
    good[at] = octet
    for whole in (data, bytes(good), bytes(good[:cut]) + data):
        listener = dis.Listener(9)
        listener.hear(whole, T0_NS)
        for place in listener.places(T0_NS).values():
            assert all(math.isfinite(value) for value in place)


def test_a_timestamp_means_the_hour_that_is_nearest() -> None:
    hour_ns = dis.HOUR_NS
    turn_ns = 5 * hour_ns
    for time_ns, near_ns in (
        (turn_ns - SECOND_NS, turn_ns + SECOND_NS),
        (turn_ns + SECOND_NS, turn_ns - SECOND_NS),
    ):
        assert abs(dis.time_of(dis.units_of(time_ns), near_ns) - time_ns) < 2_000


def test_dead_reckoning_follows_the_model_of_the_sender() -> None:
    moving = entity(
        position_m=(7e6, 0.0, 0.0), velocity_m_s=(0.0, 10.0, 0.0), acceleration_m_s2=(0.0, 0.0, 2.0)
    )
    assert dis.advance(moving, 3.0) == (7e6, 30.0, 0.0)
    faster = dis.Entity(**{name: getattr(moving, name) for name in moving.__struct_fields__} | {"model": 4})
    assert dis.advance(faster, 3.0) == (7e6, 30.0, 9.0)
    still = dis.Entity(**{name: getattr(moving, name) for name in moving.__struct_fields__} | {"model": 1})
    assert dis.advance(still, 3.0) == (7e6, 0.0, 0.0)


def test_a_listener_keeps_the_newest_of_its_own_exercise_and_forgets_the_silent() -> None:
    listener = dis.Listener(9)
    listener.hear(dis.encode_entity(entity()) + dis.encode_entity(entity(number=4)), T0_NS)
    listener.hear(dis.encode_entity(entity(exercise=8, number=5)), T0_NS)
    listener.hear(dis.encode_entity(entity(time_ns=T0_NS - SECOND_NS)), T0_NS)
    listener.hear(b"\x07\x09\x02\x01\0\0\0\0\0\x0c\0\0", T0_NS)
    assert list(listener.places(T0_NS)) == [(1, 2, 3), (1, 2, 4)]
    assert dict(listener.counts()) == {
        "another exercise": 1, "older than what is known": 1, "PDU of another kind": 1,
    }  # fmt: skip
    later = listener.places(T0_NS + 10 * SECOND_NS)[1, 2, 3]
    assert later.lat_rad < HERE.lat_rad  # ten seconds south at 200 m/s
    assert listener.places(T0_NS + 13 * SECOND_NS) == {}


def test_a_flood_of_objects_is_bounded_and_counted() -> None:
    listener = dis.Listener(9)
    for number in range(DIS_ENTITIES_MAX + 3):
        listener.hear(dis.encode_entity(entity(number=number)), T0_NS)
    assert len(listener.places(T0_NS)) == DIS_ENTITIES_MAX
    assert dict(listener.counts()) == {"more objects than DIS_ENTITIES_MAX": 3}
