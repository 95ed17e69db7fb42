"""Claims about the bytes between nodes."""

import numpy as np
import pytest

from foedus import wire
from foedus.errors import WireError
from foedus.model import Plots, Reports, Tracks, pack_callsign, unpack_callsign


def test_a_batch_survives_the_round_trip() -> None:
    batch = wire.Batch(5, (wire.Feed("adsb", b"\x00\xff"), wire.Received("FR", 7, b"x"), wire.Tick()))
    assert wire.decode_batch(wire.encode(batch)) == batch


@pytest.mark.parametrize("kind", [Plots, Tracks, Reports])
def test_columns_survive_the_round_trip(kind: type) -> None:
    columns = kind.empty(3)
    back = wire.unpack_columns(wire.pack_columns(columns), kind)
    for sent, received in zip(columns, back, strict=True):
        np.testing.assert_array_equal(sent, received)
        assert sent.dtype == received.dtype


def test_onward_forms_keep_their_shape() -> None:
    packed = wire.pack_columns(Reports.empty(3, 5))
    assert wire.unpack_columns(packed, Reports, parties=5).onward.shape == (3, 5)
    with pytest.raises(WireError, match=r"column onward: found 15 bytes; expected 12 bytes for 3 rows"):
        wire.unpack_columns(packed, Reports, parties=4)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\xa4warn", b"\x92\xa6nobody\x01", b"\xff" * 40])
def test_bytes_that_are_no_message_are_refused_with_their_place(data: bytes) -> None:
    with pytest.raises(WireError, match=r"^link FR: found "):
        wire.decode_message(data, where="link FR")


def test_every_truncation_of_a_message_is_refused() -> None:
    data = wire.encode(wire.Picture(1, "digest", ("S1",), wire.pack_columns(Reports.empty(2, 3))))
    for length in range(len(data)):
        with pytest.raises(WireError):
            wire.decode_message(data[:length])


@pytest.mark.parametrize("text", ["DLH8JW", "SWR1", "A", "ABCDEFGH"])
def test_a_callsign_survives_packing(text: str) -> None:
    assert unpack_callsign(pack_callsign(text.lower() + " ")) == text


@pytest.mark.parametrize("text", ["", "   ", "NINECHARS", "É", "A-1"])
def test_an_impossible_callsign_is_unknown(text: str) -> None:
    assert pack_callsign(text) == 0
