"""Claims about the containers of recorded files."""

import struct

import pytest

from foedus.feeds.framing import Framing, detect_framing, unframe

BLOCK = bytes.fromhex("22000ae0148101000280")
TRUNCATED = {"truncated at end of stream": 1}


def final(payload: bytes) -> bytes:
    return (len(payload) + 12).to_bytes(2, "big") + bytes(6) + payload + b"\xa5\xa5\xa5\xa5"


def capture(*frames: bytes, order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1) -> bytes:
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65_535, link)
    for i, frame in enumerate(frames):
        data += struct.pack(order + "IIII", 1_000 + i, 5, len(frame), len(frame)) + frame
    return data


def udp(payload: bytes, *, protocol: int = 17, fragment: int = 0, tag: bytes = b"") -> bytes:
    datagram = struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload
    packet = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(datagram), 0, fragment, 1, protocol, 0, 1, 2)
    return bytes(12) + tag + b"\x08\x00" + packet + datagram


def test_raw_files_are_given_back_whole() -> None:
    assert detect_framing(BLOCK) is Framing.RAW
    assert unframe(BLOCK, Framing.RAW) == ([BLOCK], [-1], {})
    assert detect_framing(b"") is Framing.RAW


def test_final_packets_are_unpacked() -> None:
    data = final(BLOCK) + final(BLOCK + BLOCK)
    assert detect_framing(data) is Framing.FINAL
    assert unframe(data, Framing.FINAL) == ([BLOCK, BLOCK + BLOCK], [-1, -1], {})


def test_a_final_packet_without_its_trailer_is_refused_and_the_next_found() -> None:
    broken = bytearray(final(BLOCK))
    broken[1] += 3
    payloads, _, refused = unframe(final(BLOCK) + bytes(broken) + final(BLOCK), Framing.FINAL)
    assert payloads == [BLOCK, BLOCK]
    assert refused == {"packet without its trailer A5 A5 A5 A5": 1}


@pytest.mark.parametrize("length", range(1, 22))
def test_a_truncated_final_packet_is_refused(length: int) -> None:
    packets = unframe(final(BLOCK) + final(BLOCK)[:length], Framing.FINAL)
    assert packets.payloads == [BLOCK]
    assert sum(packets.refused.values()) == 1


@pytest.mark.parametrize(("order", "magic", "fraction_ns"), [("<", 0xA1B2C3D4, 1_000), (">", 0xA1B23C4D, 1)])
def test_captured_datagrams_carry_their_time(order: str, magic: int, fraction_ns: int) -> None:
    data = capture(udp(BLOCK), udp(BLOCK, tag=b"\x81\x00\x00\x05"), order=order, magic=magic)
    assert detect_framing(data) is Framing.PCAP
    times = [1_000 * 10**9 + 5 * fraction_ns, 1_001 * 10**9 + 5 * fraction_ns]
    assert unframe(data, Framing.PCAP) == ([BLOCK, BLOCK], times, {})


def test_802_3_frames_and_blocks_with_a_prefix_are_unpacked() -> None:
    prefixed = (6 + len(BLOCK)).to_bytes(2, "big") + b"\x02\xbb\x40\x35" + BLOCK
    llc = b"\x00\x00\x03" + prefixed
    frame = bytes(12) + len(llc).to_bytes(2, "big") + llc + bytes(20)  # padded, as short frames are
    packets = unframe(capture(frame, udp(prefixed + prefixed)), Framing.PCAP)
    assert packets.payloads == [BLOCK, BLOCK + BLOCK]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (bytes(5), "packet too short for an Ethernet header"),
        (bytes(12) + b"\x86\xdd" + bytes(40), "packet that is neither IPv4 nor 802.3"),
        (bytes(12) + b"\x08\x00" + b"\x45" + bytes(10), "packet too short for its IPv4 header"),
        (bytes(12) + b"\x08\x00", "packet too short for its IPv4 header"),
        (udp(BLOCK, protocol=6), "IPv4 packet that is not UDP"),
        (udp(BLOCK, fragment=0x2000), "fragment of an IPv4 packet"),
        (udp(BLOCK)[:-1], "UDP datagram shorter than it says"),
        (bytes(12) + b"\x00\x03\x00\x00\x03", "802.3 frame without payload"),
    ],
)
def test_packets_without_blocks_are_refused_with_their_reason(frame: bytes, reason: str) -> None:
    packets = unframe(capture(udp(BLOCK), frame), Framing.PCAP)
    assert packets.payloads == [BLOCK]
    assert packets.refused == {reason: 1}


def test_a_capture_of_another_link_is_refused() -> None:
    assert unframe(capture(udp(BLOCK), link=113), Framing.PCAP).refused == {
        "capture of link type 113, not Ethernet": 1
    }


def test_every_truncation_of_a_capture_is_counted() -> None:
    whole = capture(udp(BLOCK), udp(BLOCK))
    for length in range(4, len(whole)):
        packets = unframe(whole[:length], Framing.PCAP)
        at_an_end = length in (24, 24 + 16 + len(udp(BLOCK)))
        assert packets.refused == ({} if at_an_end else TRUNCATED)
        assert all(payload == BLOCK for payload in packets.payloads)
