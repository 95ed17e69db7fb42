"""Containers of recorded files: what each packet holds, and when it came if the container says so.

    raw      data blocks or frames one after the other
    final    IOSS "final" (.ff): u16 length, 3 octets, u24 time of day in 10 ms, payload, A5 A5 A5 A5
    pcap     libpcap capture: UDP over IPv4, or 802.3 frames with an LLC header; Ethernet only

The layout of `final` and of the 802.3 variant was found by inspection of public recordings, not from a
document. Only whole files come this way; live feeds are never framed.
"""

import struct
from enum import Enum
from typing import Final, NamedTuple

from foedus.feeds.decoder import TRUNCATED

FINAL_TRAILER: Final = b"\xa5\xa5\xa5\xa5"
FINAL_HEADER_OCTETS: Final = 8

_PCAP_MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""First four octets of a capture: byte order, and nanoseconds of a unit of its fractions."""

_PCAP_HEADER_OCTETS: Final = 24
_PACKET_HEADER_OCTETS: Final = 16
_ETHERNET_HEADER_OCTETS: Final = 14
_LLC_OCTETS: Final = 3
_UDP_HEADER_OCTETS: Final = 8
_BLOCK_PREFIX_OCTETS: Final = 6
_ETHERNET: Final = 1
_TYPE_IPV4: Final = 0x0800
_TYPE_VLAN: Final = 0x8100
_LENGTH_MAX: Final = 1500  # a smaller "type" is the length of an 802.3 frame
_PROTOCOL_UDP: Final = 17


class Framing(Enum):
    """The container of a recorded file."""

    RAW = "raw"
    FINAL = "final"
    PCAP = "pcap"


class Packets(NamedTuple):
    """The payloads of a file in order."""

    payloads: list[bytes]
    times_ns: list[int]  # UTC where the container knows the date, else -1
    refused: dict[str, int]


def detect_framing(data: bytes) -> Framing:
    """The container that the first packet fits; raw when none."""
    if data[:4] in _PCAP_MAGIC:
        return Framing.PCAP
    length = int.from_bytes(data[:2], "big")
    if length >= FINAL_HEADER_OCTETS + len(FINAL_TRAILER) and data[length - 4 : length] == FINAL_TRAILER:
        return Framing.FINAL
    return Framing.RAW


def unframe(data: bytes, framing: Framing) -> Packets:
    """The payloads of a file; packets that hold none are counted by reason."""
    if framing is Framing.FINAL:
        return _unframe_final(data)
    if framing is Framing.PCAP:
        return _unframe_pcap(data)
    return Packets([data], [-1], {})


def _unframe_final(data: bytes) -> Packets:
    packets = Packets([], [], {})
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 2], "big")
        end = position + length
        if end > len(data):
            _refuse(packets, TRUNCATED)
            break
        if length < FINAL_HEADER_OCTETS + 4 or data[end - 4 : end] != FINAL_TRAILER:
            _refuse(packets, "packet without its trailer A5 A5 A5 A5")
            # The trailer is the only mark to find the next packet by.
            trailer = data.find(FINAL_TRAILER, position)
            if trailer < 0:
                break
            position = trailer + 4
            continue
        packets.payloads.append(data[position + FINAL_HEADER_OCTETS : end - 4])
        packets.times_ns.append(-1)
        position = end
    return packets


def _refuse(packets: Packets, reason: str) -> None:
    packets.refused[reason] = packets.refused.get(reason, 0) + 1


def _unframe_pcap(data: bytes) -> Packets:
    packets = Packets([], [], {})
    if len(data) < _PCAP_HEADER_OCTETS:
        _refuse(packets, TRUNCATED)
        return packets
    order, fraction_ns = _PCAP_MAGIC[data[:4]]
    (link,) = struct.unpack_from(order + "I", data, 20)
    if link & 0xFFFF != _ETHERNET:
        _refuse(packets, f"capture of link type {link & 0xFFFF}, not Ethernet")
        return packets
    position = _PCAP_HEADER_OCTETS
    while position < len(data):
        start = position + _PACKET_HEADER_OCTETS
        if start > len(data):
            _refuse(packets, TRUNCATED)
            break
        seconds, fraction, captured, original = struct.unpack_from(order + "IIII", data, position)
        if start + captured > len(data):
            _refuse(packets, TRUNCATED)
            break
        payload, reason = _frame_payload(data[start : start + captured])
        if captured < original:
            payload, reason = b"", "packet cut short by the capture"
        if reason:
            _refuse(packets, reason)
        else:
            packets.payloads.append(_strip_headers(payload))
            packets.times_ns.append(seconds * 1_000_000_000 + fraction * fraction_ns)
        position = start + captured
    return packets


def _frame_payload(frame: bytes) -> tuple[bytes, str]:  # noqa: PLR0911 - one return per reason
    """(payload, "") of an Ethernet frame, or (b"", reason)."""
    if len(frame) < _ETHERNET_HEADER_OCTETS:
        return b"", "packet too short for an Ethernet header"
    start = _ETHERNET_HEADER_OCTETS
    kind = int.from_bytes(frame[start - 2 : start], "big")
    if kind == _TYPE_VLAN and len(frame) >= start + 4:
        start += 4
        kind = int.from_bytes(frame[start - 2 : start], "big")
    if kind <= _LENGTH_MAX:
        return _llc_payload(frame[start : start + kind])
    if kind != _TYPE_IPV4:
        return b"", "packet that is neither IPv4 nor 802.3"
    packet = frame[start:]
    header = (packet[0] & 0x0F) * 4 if packet else 0
    if header < 20 or len(packet) < header + _UDP_HEADER_OCTETS:
        return b"", "packet too short for its IPv4 header"
    if packet[9] != _PROTOCOL_UDP:
        return b"", "IPv4 packet that is not UDP"
    if int.from_bytes(packet[6:8], "big") & 0x3FFF:
        return b"", "fragment of an IPv4 packet"
    length = int.from_bytes(packet[header + 4 : header + 6], "big")
    if length < _UDP_HEADER_OCTETS or header + length > len(packet):
        return b"", "UDP datagram shorter than it says"
    return packet[header + _UDP_HEADER_OCTETS : header + length], ""


def _llc_payload(body: bytes) -> tuple[bytes, str]:
    payload = body[_LLC_OCTETS:]
    return payload, "" if payload else "802.3 frame without payload"


def _strip_headers(payload: bytes) -> bytes:
    """The data blocks of a datagram whose blocks each follow six octets that begin with their joint length.

    Seen in a public capture; what the four other octets mean is unknown. Anything else is given back whole.
    """
    blocks = []
    position = 0
    while position < len(payload):
        length = int.from_bytes(payload[position : position + 2], "big")
        block = payload[position + _BLOCK_PREFIX_OCTETS : position + length]
        if len(block) < 4 or int.from_bytes(block[1:3], "big") != len(block):
            return payload
        if len(block) != length - _BLOCK_PREFIX_OCTETS:
            return payload
        blocks.append(block)
        position += length
    return b"".join(blocks)
