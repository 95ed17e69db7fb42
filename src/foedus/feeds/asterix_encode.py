"""Plots as ASTERIX bytes, for the simulated radars: category 048 target reports and 034 service messages.

EUROCONTROL-SPEC-0149-4 (category 048, edition 1.32) and 0149-2b (category 034, edition 1.29). Values that a
plot does not have leave their items out.
"""

import math
import struct
from typing import Final

from foedus.model import DAY_NS, FOOT_M, PlotKind, Plots

NAUTICAL_MILE_M: Final = 1852.0
TIME_OF_DAY_NS: Final = 7_812_500  # 1/128 s
BLOCK_BYTES_MAX: Final = 1_400
"""One block to a datagram that fits an Ethernet frame."""

RECORD_BYTES_MAX: Final = 64
DAY_TICKS: Final = 86_400 * 128

_TYPE_PRIMARY = 1 << 5  # I048/020 TYP: single PSR detection
_TYPE_SECONDARY = 2 << 5  # single SSR detection
_TYPE_MODE_S = 5 << 5  # single Mode S roll-call

assert DAY_TICKS * TIME_OF_DAY_NS == DAY_NS


def _time_of_day(time_ns: int) -> bytes:
    ticks = (time_ns % DAY_NS + TIME_OF_DAY_NS // 2) // TIME_OF_DAY_NS % DAY_TICKS
    return ticks.to_bytes(3, "big")


def _fspec(present: list[bool]) -> bytes:
    """Field specification: seven bits and an extension bit per octet, without empty octets at the end."""
    last = max(i for i, here in enumerate(present) if here) // 7
    octets = bytearray()
    for octet in range(last + 1):
        bits = 0
        for here in present[octet * 7 : octet * 7 + 7]:
            bits = bits << 1 | here
        octets.append(bits << (8 - len(present[octet * 7 : octet * 7 + 7])) | (octet < last))
    return bytes(octets)


def _record(slots: list[bytes]) -> bytes:
    """One record: items in the order of the user application profile, empty where absent."""
    return _fspec([bool(item) for item in slots]) + b"".join(slots)


def _blocks(category: int, records: list[bytes]) -> bytes:
    out = bytearray()
    block = bytearray()
    for record in records:
        if block and 3 + len(block) + len(record) > BLOCK_BYTES_MAX:
            out += struct.pack(">BH", category, 3 + len(block)) + block
            block = bytearray()
        block += record
    if block:
        out += struct.pack(">BH", category, 3 + len(block)) + block
    return bytes(out)


def _position(range_m: float, azimuth_rad: float) -> bytes:
    range_units = round(range_m / NAUTICAL_MILE_M * 256)
    assert 0 <= range_units < 1 << 16, f"I048/040 holds up to 255 NM, not {range_m} m"
    return struct.pack(">HH", range_units, round(azimuth_rad / math.tau * 65_536) % 65_536)


def _report_type(mode_a: int, icao24: int) -> int:
    if icao24 >= 0:
        return _TYPE_MODE_S
    return _TYPE_SECONDARY if mode_a >= 0 else _TYPE_PRIMARY


def _flight_level(baro_m: float) -> bytes:
    if math.isnan(baro_m):
        return b""
    quarters = round(baro_m / FOOT_M / 25)  # a quarter of a flight level is 25 ft
    assert -0x2000 <= quarters < 0x2000, f"I048/090 cannot hold {baro_m} m"
    return struct.pack(">H", quarters & 0x3FFF)


def _doppler(range_rate_m_s: float) -> bytes:
    """I048/120, calculated Doppler speed: positive away from the radar, 1 m/s."""
    if math.isnan(range_rate_m_s):
        return b""
    speed = round(range_rate_m_s)
    assert -512 <= speed < 512, f"I048/120 cannot hold {range_rate_m_s} m/s"
    return bytes([0x80]) + struct.pack(">H", speed & 0x3FF)


def encode_048(plots: Plots, sac: int, sic: int) -> bytes:
    """POLAR plots as one or more category 048 data blocks, in the given order.

    Items 010, 140, 020, 040 always; 070, 090, 120, 220, 240 where the plot knows them. Ranges from 0 to
    255 NM; resolution 1/256 NM, 360/65536 degrees, 1/128 s, 25 ft.
    """
    records = []
    rows = (plots.time_ns, plots.kind, plots.range_m, plots.azimuth_rad, plots.range_rate_m_s, plots.baro_m)
    identity = (plots.icao24, plots.mode_a, plots.callsign)
    columns = [column.tolist() for column in (*rows, *identity)]
    for time_ns, kind, range_m, azimuth_rad, rate_m_s, baro_m, icao24, mode_a, callsign in zip(
        *columns, strict=True
    ):
        assert kind == PlotKind.POLAR
        slots = [
            bytes([sac, sic]),  # 010
            _time_of_day(time_ns),  # 140
            bytes([_report_type(mode_a, icao24)]),  # 020
            _position(range_m, azimuth_rad),  # 040
            struct.pack(">H", mode_a) if mode_a >= 0 else b"",  # 070, validated and not garbled
            _flight_level(baro_m),  # 090
            b"",  # 130
            icao24.to_bytes(3, "big") if icao24 >= 0 else b"",  # 220
            callsign.to_bytes(6, "big") if callsign else b"",  # 240
            *[b""] * 10,  # 250 161 042 200 170 210 030 080 100 110
            _doppler(rate_m_s),  # 120
        ]
        records.append(_record(slots))
    return _blocks(48, records)


def encode_034_north(time_ns: int, sac: int, sic: int) -> bytes:
    """One category 034 data block with a north marker message (items 010, 000, 030)."""
    return _blocks(34, [_record([bytes([sac, sic]), b"\x01", _time_of_day(time_ns)])])


def encode_034_sector(time_ns: int, sac: int, sic: int, sector: int) -> bytes:
    """One category 034 data block with a sector crossing message; sector in 360/256 degrees."""
    return _blocks(34, [_record([bytes([sac, sic]), b"\x02", _time_of_day(time_ns), bytes([sector])])])
