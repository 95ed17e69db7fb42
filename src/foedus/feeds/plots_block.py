"""The feed format `plots`: a stream of blocks, each a u32 little-endian length and the packed columns.

Receivers that already give positions (the recorded day, multilateration) come in this way. A block that does
not unpack is refused whole; a row whose values cannot be is refused alone, by reason.
"""

import math
import struct
from typing import Final

import numpy as np

from foedus import wire
from foedus.errors import WireError
from foedus.feeds.decoder import TRUNCATED, Decoded, add_counts, sorted_counts
from foedus.feeds.rows import HEIGHT_M_MAX, HEIGHT_M_MIN
from foedus.limits import FEED_BUFFER_BYTES_MAX
from foedus.model import DAY_NS, Bool, PlotKind, Plots, concatenate, take

HEADER_BYTES: Final = 4
BLOCK_ROWS: Final = 1_024
"""Rows of one encoded block: 91 bytes each, so that a block stays below FEED_BUFFER_BYTES_MAX."""

TIME_NS_MAX: Final = 36_525 * DAY_NS
"""The year 2070: later times come from damage, not from sensors."""

RANGE_M_MAX: Final = 10_000_000.0
RANGE_RATE_M_S_MAX: Final = 12_000.0

assert BLOCK_ROWS * 91 + 256 < FEED_BUFFER_BYTES_MAX


def encode_plots(plots: Plots) -> bytes:
    """The plots as blocks of the format `plots`; empty for no plots."""
    blocks = []
    for first in range(0, len(plots.time_ns), BLOCK_ROWS):
        rows = Plots._make(column[first : first + BLOCK_ROWS] for column in plots)
        body = wire.encode(wire.pack_columns(rows))
        blocks.append(struct.pack("<I", len(body)) + body)
    return b"".join(blocks)


def row_faults(plots: Plots, sensors: int) -> tuple[tuple[str, Bool], ...]:
    """(reason, rows) for every way in which a row can be impossible; rows has shape (n,).

    sensors: how many there are; indices from 0. Unknown values (see Plots) are no fault unless the kind of
    plot needs them.
    """
    polar = plots.kind == PlotKind.POLAR
    geodetic = plots.kind == PlotKind.GEODETIC
    return (
        ("time before 1970 or after 2070", (plots.time_ns < 0) | (plots.time_ns > TIME_NS_MAX)),
        ("sensor index out of range", (plots.sensor < 0) | (plots.sensor >= sensors)),
        ("kind of plot unknown", ~(polar | geodetic)),
        ("infinite value", _infinite(plots)),
        (
            "polar plot without range or azimuth",
            polar & (np.isnan(plots.range_m) | np.isnan(plots.azimuth_rad)),
        ),
        ("range out of range", (plots.range_m < 0) | (plots.range_m > RANGE_M_MAX)),
        ("azimuth out of range", (plots.azimuth_rad < -math.pi) | (plots.azimuth_rad > 2 * math.pi)),
        ("elevation out of range", np.abs(plots.elevation_rad) > math.pi / 2),
        ("range rate out of range", np.abs(plots.range_rate_m_s) > RANGE_RATE_M_S_MAX),
        (
            "geodetic plot without latitude or longitude",
            geodetic & (np.isnan(plots.lat_rad) | np.isnan(plots.lon_rad)),
        ),
        ("latitude out of range", np.abs(plots.lat_rad) > math.pi / 2),
        ("longitude out of range", np.abs(plots.lon_rad) > math.pi),
        ("height out of range", (plots.height_m < HEIGHT_M_MIN) | (plots.height_m > HEIGHT_M_MAX)),
        ("pressure altitude out of range", (plots.baro_m < HEIGHT_M_MIN) | (plots.baro_m > HEIGHT_M_MAX)),
        ("address out of range", (plots.icao24 < -1) | (plots.icao24 > 0xFFFFFF)),
        ("Mode A code out of range", (plots.mode_a < -1) | (plots.mode_a > 0o7777)),
        ("callsign out of range", (plots.callsign < 0) | (plots.callsign >= 1 << 48)),
    )


def _infinite(plots: Plots) -> Bool:
    infinite = np.isinf(plots.range_m)
    for column in plots[4:11]:
        infinite |= np.isinf(column)
    return infinite


def refuse_rows(plots: Plots, sensors: int, refused: dict[str, int]) -> Plots:
    """The rows without a fault; each other row is counted in `refused` under its first fault."""
    good = np.ones(len(plots.time_ns), np.bool_)
    for reason, rows in row_faults(plots, sensors):
        found = good & rows
        count = int(np.count_nonzero(found))
        if count:
            refused[reason] = refused.get(reason, 0) + count
            good &= ~found
    return plots if good.all() else take(plots, good)


class PlotsDecoder:
    """Decoder of the format `plots`."""

    def __init__(self, sensors: int) -> None:
        self._sensors = sensors
        self._rest = b""
        self._skip = 0  # bytes still to be dropped of a block that was too long

    def feed(self, data: bytes, now_ns: int) -> Decoded:
        """The rows of all blocks that `data` completes; `now_ns` is not needed, as rows carry their time."""
        refused: dict[str, int] = {}
        parts: list[Plots] = []
        buffer = self._rest + data if self._rest else data
        position = 0
        while True:
            if self._skip:
                dropped = min(self._skip, len(buffer) - position)
                self._skip -= dropped
                position += dropped
            if len(buffer) - position < HEADER_BYTES:
                break
            (length,) = struct.unpack_from("<I", buffer, position)
            if length > FEED_BUFFER_BYTES_MAX - HEADER_BYTES:
                add_counts(refused, (("block longer than a block may be", 1),))
                self._skip = HEADER_BYTES + length
                continue
            if len(buffer) - position < HEADER_BYTES + length:
                break
            start = position + HEADER_BYTES
            parts.extend(self._block(buffer[start : start + length], refused))
            position = start + length
        self._rest = buffer[position:]
        plots = concatenate(parts) if parts else Plots.empty()
        accepted = (("plot", len(plots.time_ns)),) if len(plots.time_ns) else ()
        return Decoded(plots, accepted, sorted_counts(refused))

    def _block(self, body: bytes, refused: dict[str, int]) -> list[Plots]:
        try:
            plots = wire.unpack_columns(wire.decode_columns(body), Plots)
        except WireError:
            add_counts(refused, (("block that does not unpack to columns of plots", 1),))
            return []
        return [refuse_rows(plots, self._sensors, refused)]

    def finish(self) -> Decoded:
        """Refuses an unfinished block."""
        refused = ((TRUNCATED, 1),) if self._rest or self._skip else ()
        self._rest = b""
        self._skip = 0
        return Decoded(Plots.empty(), (), refused)
