"""A member's picture as ASTERIX: category 062 system tracks, and category 065 service messages round them.

EUROCONTROL-SPEC-0149-9 (category 062, edition 1.20) and 0149-15 (category 065, edition 1.5). An item whose
value is unknown, or that its bits cannot hold, is left out; accuracies beyond their largest value say the
largest. What stands in no item: to whom a track may go on (filter before sending), and identity, for which
category 062 has bits of interrogation only.

Columns at a time: every item is a block of octets for all rows, and a mask says which of them a row sends.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from foedus.feeds.asterix_tables import CATEGORY_062, CATEGORY_065
from foedus.formats.system_tracks import SystemTracks
from foedus.model import DAY_NS, F64, FOOT_M, I64, Bool, TrackStatus
from foedus.view import Outgoing

U8 = npt.NDArray[np.uint8]

PAYLOAD_OCTETS_MAX: Final = 1_400
"""One block to a datagram that fits an Ethernet frame."""
BLOCK_OCTETS_MAX: Final = 0xFFFF
HEADER_OCTETS: Final = 3
TICK_NS: Final = 7_812_500  # 1/128 s
DAY_TICKS: Final = 86_400 * 128
WGS84_LSB_DEG: Final = 180 / (1 << 25)  # I062/105, I062/500 APW
SPEED_LSB_M_S: Final = 0.25  # I062/185, I062/500 ATV
ALTITUDE_LSB_M: Final = 6.25 * FOOT_M  # I062/130, I062/500 AGA
CLIMB_LSB_M_S: Final = 6.25 * FOOT_M / 60  # I062/220
AGE_LSB_S: Final = 0.25  # I062/290
METRES_PER_DEGREE: Final = 111_195.0  # of a great circle on the mean sphere

SLOTS: Final = {
    reference: CATEGORY_062.slot(reference)
    for reference in (
        "010",
        "015",
        "070",
        "105",
        "185",
        "060",
        "380",
        "040",
        "080",
        "290",
        "130",
        "220",
        "500",
    )
}
"""Where each item stands in the user application profile."""
FSPEC_OCTETS: Final = SLOTS["500"] // 7 + 1
"""I062/500 is in every record and is the last item that is, so every field specification is as long."""

SDPS_STATUS: Final = 1  # I065/000
END_OF_BATCH: Final = 2


class Station(NamedTuple):
    """Who speaks: system area code, system identification code, number of the service (I062/015)."""

    sac: int
    sic: int
    service: int = 1


class Item(NamedTuple):
    """One item of all records: which of its octets each row sends, both of shape (n, octets)."""

    reference: str
    octets: U8
    sent: Bool


def encode_062(
    system: SystemTracks,
    outgoing: Outgoing,
    station: Station,
    *,
    payload_octets_max: int = PAYLOAD_OCTETS_MAX,
) -> list[bytes]:
    """Data blocks of category 062, each at most so long and of whole records, in the order of the rows.

    Every row gives I062/010 015 070 105 040 080 290 500; 185, 060, 380 (target address and identification),
    130 and 220 where they are known. The time of a record is that of its estimate. SIM is set in every mode
    but LIVE, so that no other system takes an exercise or a recording for traffic of today.
    """
    assert HEADER_OCTETS + 128 <= payload_octets_max <= BLOCK_OCTETS_MAX
    records, ends = _records(_items(system, outgoing, station))
    return _blocks(CATEGORY_062.number, records, ends, payload_octets_max)


def encode_065(station: Station, *, message: int, time_ns: int, batch: int = 0) -> bytes:
    """A block of category 065: SDPS_STATUS, operational, or END_OF_BATCH with the number of the batch.

    A status has I065/010 000 030 040; an end of batch I065/010 000 015 020 030.
    """
    time = int(_ticks(np.array([time_ns], np.int64))[0]).to_bytes(3, "big")
    head = bytes([station.sac, station.sic, message])
    if message == SDPS_STATUS:
        # I065/040 is 0: operational, no overload, time source valid.
        record = bytes([_fspec_065("010", "000", "030", "040")]) + head + time + b"\x00"
    else:
        assert message == END_OF_BATCH
        fspec = bytes([_fspec_065("010", "000", "015", "030", "020")])
        record = fspec + head + bytes([station.service]) + time + bytes([batch % 256])
    length = HEADER_OCTETS + len(record)
    return bytes([65]) + length.to_bytes(2, "big") + record


def _fspec_065(*references: str) -> int:
    """The field specification, of one octet."""
    return sum(1 << (7 - CATEGORY_065.slot(reference)) for reference in references)


# ---------------------------------------------------------------- items


def _items(system: SystemTracks, outgoing: Outgoing, station: Station) -> list[Item]:
    """The items of all records in the order of the user application profile."""
    tracks, n = system.tracks, len(system.number)
    source = np.tile(np.array([station.sac, station.sic, station.service], np.int64), (n, 1))
    return [
        _always("010", source[:, 0], 1, source[:, 1], 1),
        _always("015", source[:, 2], 1),
        _always("070", _ticks(tracks.time_ns), 3),
        _always("105", _units(np.degrees(tracks.lat_rad), WGS84_LSB_DEG), 4, _longitude(tracks.lon_rad), 4),
        _pair("185", tracks.velocity_east_m_s, tracks.velocity_north_m_s, SPEED_LSB_M_S),
        _where("060", tracks.mode_a >= 0, tracks.mode_a.astype(np.int64), 2),
        _derived(tracks.icao24.astype(np.int64), tracks.callsign),
        _always("040", system.number, 2),
        _status(system, outgoing),
        _always("290", np.full(n, 0x80), 1, np.clip(_units(system.age_s, AGE_LSB_S), 0, 255), 1),
        _signed("130", tracks.height_m, ALTITUDE_LSB_M),
        _signed("220", tracks.velocity_up_m_s, CLIMB_LSB_M_S),
        _accuracies(system),
    ]


def _ticks(time_ns: I64) -> I64:
    """Time of day in 1/128 s, rounded; the last half tick of a day is the first of the next."""
    return np.asarray((time_ns % DAY_NS + TICK_NS // 2) // TICK_NS % DAY_TICKS, np.int64)


def _units(values: F64, lsb: float) -> I64:
    """Values in units of the least significant bit, rounded; unknown ones as 0."""
    return np.asarray(np.rint(np.nan_to_num(values / lsb, nan=0.0, posinf=2**40, neginf=-(2**40))), np.int64)


def _longitude(lon_rad: F64) -> I64:
    """I062/105, longitude within -180 to +180 degrees."""
    return _units((np.degrees(lon_rad) + 180.0) % 360.0 - 180.0, WGS84_LSB_DEG)


def _octets(values: I64, count: int) -> U8:
    """The low octets of each value, the highest first, shape (n, count)."""
    return np.ascontiguousarray(values.astype(">i8")).view(np.uint8).reshape(len(values), 8)[:, 8 - count :]


def _where(reference: str, present: Bool, values: I64, count: int) -> Item:
    """An item of one value in the rows of a mask."""
    return Item(reference, _octets(values, count), np.repeat(present[:, None], count, axis=1))


def _always(
    reference: str, values: I64, count: int, second: I64 | None = None, second_count: int = 0
) -> Item:
    """An item of one or two values in every row."""
    octets = _octets(np.asarray(values, np.int64), count)
    if second is not None:
        octets = np.hstack([octets, _octets(second, second_count)])
    return Item(reference, octets, np.ones(octets.shape, bool))


def _fits(units: I64, values: F64, bits: int) -> Bool:
    """Which values are known and fit into so many bits with a sign."""
    return np.asarray(np.isfinite(values) & (units >= -(1 << bits - 1)) & (units < 1 << bits - 1))


def _signed(reference: str, values: F64, lsb: float) -> Item:
    """A value of 16 bits with a sign, where it is known and fits."""
    units = _units(values, lsb)
    return _where(reference, _fits(units, values, 16), units, 2)


def _pair(reference: str, first: F64, second: F64, lsb: float) -> Item:
    """Two values of 16 bits with a sign, where both are known and fit."""
    units = [_units(values, lsb) for values in (first, second)]
    present = _fits(units[0], first, 16) & _fits(units[1], second, 16)
    octets = np.hstack([_octets(one, 2) for one in units])
    return Item(reference, octets, np.repeat(present[:, None], 4, axis=1))


def _compound(reference: str, subitems: list[tuple[int, Bool, U8]], indicator_octets: int = 1) -> Item:
    """An item of subitems (bit in the indicator, rows that have it, octets), those of no row left out."""
    rows = len(subitems[0][1])
    indicator = np.zeros(rows, np.int64)
    for bit, present, _ in subitems:
        indicator |= present.astype(np.int64) << bit
    octets = [_octets(indicator, indicator_octets), *(octets for _, _, octets in subitems)]
    sent = [np.repeat((indicator > 0)[:, None], indicator_octets, axis=1)]
    sent += [np.repeat(present[:, None], octets.shape[1], axis=1) for _, present, octets in subitems]
    return Item(reference, np.hstack(octets), np.hstack(sent))


def _derived(icao24: I64, callsign: I64) -> Item:
    """I062/380: ADR, target address (first subitem), and ID, target identification (second)."""
    return _compound("380", [(7, icao24 >= 0, _octets(icao24, 3)), (6, callsign > 0, _octets(callsign, 6))])


def _status(system: SystemTracks, outgoing: Outgoing) -> Item:
    """I062/080 with four octets, of which the third, military replies, says that nobody asked.

    MRH 1: the geometric height is the more reliable, as it is the only one. SRC 0: no source named.
    """
    n = len(system.number)
    simulated = np.full(n, outgoing.mode != "LIVE")
    kept = np.maximum(system.rows, 0)
    lone = outgoing.one_sensor[kept] & ~system.last if len(outgoing.one_sensor) else np.zeros(n, bool)
    status = system.tracks.status
    octets = np.zeros((n, 4), np.uint8)
    octets[:, 0] = lone.astype(int) << 7 | 1 << 5 | (status == TrackStatus.TENTATIVE).astype(int) << 1 | 1
    octets[:, 1] = (
        simulated.astype(int) << 7 | system.last.astype(int) << 6 | system.first.astype(int) << 5 | 1
    )
    octets[:, 2] = 1
    octets[:, 3] = (status == TrackStatus.COASTING).astype(int) << 7
    return Item("080", octets, np.ones(octets.shape, bool))


def _accuracies(system: SystemTracks) -> Item:
    """I062/500: APW, of the position; AGA, of the geometric altitude; ATV, of the velocity."""
    tracks = system.tracks
    lat = np.clip(_units(tracks.position_sigma_m / METRES_PER_DEGREE, WGS84_LSB_DEG), 1, 0xFFFF)
    metres_per_degree = METRES_PER_DEGREE * np.maximum(np.cos(tracks.lat_rad), 1e-6)
    lon = np.clip(_units(tracks.position_sigma_m / metres_per_degree, WGS84_LSB_DEG), 1, 0xFFFF)
    height = np.clip(_units(tracks.height_sigma_m, ALTITUDE_LSB_M), 1, 255)
    speed = np.clip(_units(tracks.velocity_sigma_m_s, SPEED_LSB_M_S), 1, 255)
    return _compound(
        "500",
        [
            (5, np.ones(len(lat), bool), np.hstack([_octets(lat, 2), _octets(lon, 2)])),
            (4, np.isfinite(tracks.height_m) & np.isfinite(tracks.height_sigma_m), _octets(height, 1)),
            (
                2,
                np.isfinite(tracks.velocity_east_m_s) & np.isfinite(tracks.velocity_sigma_m_s),
                np.repeat(_octets(speed, 1), 2, axis=1),
            ),
        ],
    )


# ---------------------------------------------------------------- records and blocks


def _records(items: list[Item]) -> tuple[bytes, I64]:
    """All records in a row, and where each ends."""
    n = len(items[0].octets)
    fspec = np.zeros((n, FSPEC_OCTETS), np.int64)
    fspec[:, :-1] |= 1  # another octet follows
    for item in items:
        octet, bit = divmod(SLOTS[item.reference], 7)
        fspec[:, octet] |= item.sent.any(axis=1).astype(np.int64) << (7 - bit)
    octets = np.hstack([fspec.astype(np.uint8), *(item.octets for item in items)])
    sent = np.hstack([np.ones(fspec.shape, bool), *(item.sent for item in items)])
    return octets[sent].tobytes(), np.cumsum(sent.sum(axis=1))


def _blocks(category: int, records: bytes, ends: I64, octets_max: int) -> list[bytes]:
    """The records in blocks of at most so many octets."""
    room = octets_max - HEADER_OCTETS
    blocks = []
    start = 0
    while start < len(records):
        fitting = int(np.searchsorted(ends, start + room, side="right")) - 1
        end = int(ends[fitting])
        assert end > start
        blocks.append(
            bytes([category]) + (HEADER_OCTETS + end - start).to_bytes(2, "big") + records[start:end]
        )
        start = end
    return blocks
