"""Records a second of every decoder, beside libasterix on the same bytes in the same run.

Synthetic blocks of a datagram each (seeded), fed in bulk; medians of five. Run: python -m bench.decode
"""

import math
import statistics
import struct
import time
from collections.abc import Callable

import numpy as np

from bench.report import Row
from foedus.feeds import open_decoder
from foedus.feeds.asterix_encode import BLOCK_BYTES_MAX, encode_048
from foedus.feeds.mode_s import TICKS_PER_SECOND, parity, parity_table, zones
from foedus.feeds.plots_block import encode_plots
from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, SensorKind, pack_callsign
from foedus.network import FeedFormat

SAC, SIC = 20, 129
NOW_NS = 18_000 * 86_400 * SECOND_NS + 43_200 * SECOND_NS
RECORDS = 100_000
RUNS = 5
PEER_RECORDS = 1_000

SENSORS = (
    Sensor(
        id="R",
        kind=SensorKind.RADAR,
        lat_deg=46.0,
        lon_deg=7.0,
        height_m=0.0,
        period_s=4.0,
        range_max_m=4e5,
        sac=SAC,
        sic=SIC,
    ),
)


def datagrams(category: int, records: list[bytes]) -> list[bytes]:
    """Blocks of at most BLOCK_BYTES_MAX octets."""
    blocks = []
    body = b""
    for record in records:
        if len(body) + len(record) + 3 > BLOCK_BYTES_MAX:
            blocks.append(struct.pack(">BH", category, len(body) + 3) + body)
            body = b""
        body += record
    return [*blocks, struct.pack(">BH", category, len(body) + 3) + body]


def plots_048(rng: np.random.Generator, n: int) -> Plots:
    return Plots.empty(n)._replace(
        time_ns=NOW_NS + np.arange(n) * 1_000_000,
        range_m=rng.uniform(1e3, 4e5, n),
        azimuth_rad=rng.uniform(0, math.tau, n),
        baro_m=rng.uniform(0, 12_000, n),
        icao24=rng.integers(0, 1 << 24, n).astype(np.int32),
        mode_a=rng.integers(0, 4096, n).astype(np.int16),
        callsign=np.full(n, pack_callsign("SWR123")),
    )


def records_010(rng: np.random.Generator, n: int) -> list[bytes]:
    """Items 010 000 020 140 042 202 161 170 220 245 090, as an airport's multilateration sends them."""
    out = []
    for i in range(n):
        x, y, vx, vy = rng.integers(-5_000, 5_000, 4).tolist()
        body = struct.pack(">hhhhHB", x, y, vx, vy, i % 4096, 0x80)
        identity = rng.bytes(3) + b"\0" + pack_callsign("RYR6CE").to_bytes(6, "big") + struct.pack(">H", 100)
        tod = (43_200 * 128 + i % 1_000).to_bytes(3, "big")
        out.append(bytes.fromhex("f37720") + bytes([SAC, SIC, 1, 0x20]) + tod + body + identity)
    return out


def records_062(rng: np.random.Generator, n: int) -> list[bytes]:
    """Items 010 015 070 105 100 185 060 380 (address, name, heading) 040 080 290 200 136 220."""
    out = []
    for i in range(n):
        lat, lon = rng.integers(1 << 22, 1 << 23, 2).tolist()
        position = struct.pack(">ii", lat, lon) + rng.bytes(6) + rng.bytes(4)
        derived = b"\xe0" + rng.bytes(3) + pack_callsign("AZA2049").to_bytes(6, "big") + rng.bytes(2)
        status = struct.pack(">H", i % 65_536) + b"\x01\x01\x01\x20" + b"\x30\x03\x04" + b"\xf0"
        level = struct.pack(">hh", 1_200, 0)
        tod = (43_200 * 128 + i % 1_000).to_bytes(3, "big")
        out.append(
            bytes.fromhex("bf5fa4")
            + bytes([SAC, SIC, 1])
            + tod
            + position
            + b"\x0a\x00"
            + derived
            + status
            + level
        )
    return out


def beast_stream(rng: np.random.Generator, n: int) -> bytes:
    """Airborne positions of 500 aircraft in turn, even and odd, one frame each millisecond."""
    table = parity_table()
    frames = []
    for aircraft in range(500):
        lat_deg, lon_deg = float(rng.uniform(45, 48)), float(rng.uniform(6, 10))
        for odd in (0, 1):
            lat_width = 360 / (60 - odd)
            lon_width = 360 / max(zones(lat_deg) - odd, 1)
            lat = round(131_072 * (lat_deg % lat_width) / lat_width) % 131_072
            lon = round(131_072 * (lon_deg % lon_width) / lon_width) % 131_072
            message = 11 << 51 | 0xC38 << 36 | odd << 34 | lat << 17 | lon
            body = b"\x8d" + (0x400000 + aircraft).to_bytes(3, "big") + message.to_bytes(7, "big") + bytes(3)
            rest = parity(np.frombuffer(bytearray(body), np.uint8), 14, table)
            frames.append(body[:11] + rest.to_bytes(3, "big"))
    out = []
    for i in range(n):
        inner = (i * TICKS_PER_SECOND // 1_000).to_bytes(6, "big") + b"\x40" + frames[i % len(frames)]
        out.append(b"\x1a3" + inner.replace(b"\x1a", b"\x1a\x1a"))
    return b"".join(out)


def geodetic_plots(rng: np.random.Generator, n: int) -> Plots:
    return Plots.empty(n)._replace(
        time_ns=NOW_NS + np.arange(n),
        kind=np.full(n, PlotKind.GEODETIC, np.int8),
        lat_rad=rng.uniform(0.7, 0.9, n),
        lon_rad=rng.uniform(0.0, 0.2, n),
        icao24=rng.integers(0, 1 << 24, n).astype(np.int32),
    )


def seconds(work: Callable[[], object]) -> float:
    """Median of RUNS after one that compiles, in processor time: other work on the machine does not count."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def rate(format_: FeedFormat, pieces: list[bytes], records: int) -> float:
    """Records a second, each run with a fresh decoder that is opened outside the clock."""
    decoders = [open_decoder(format_, SENSORS) for _ in range(RUNS + 1)]

    def work() -> None:
        decoder = decoders.pop()
        read = 0
        for piece in pieces:
            result = decoder.feed(piece, NOW_NS)
            assert not result.refused, result.refused
            read += sum(count for _, count in result.accepted)
        assert read == records, (read, records)

    return records / seconds(work)


def peer_rate(category: int, blocks: list[bytes], items: tuple[str, ...]) -> float:
    """Records a second of libasterix: parse the blocks and read a few items of each record."""
    from asterix import generated
    from asterix.base import Bits, ParsingMode

    record_type = {
        10: generated.Cat_010_1_1.cv_record,
        48: generated.Cat_048_1_32.cv_record,
        62: generated.Cat_062_1_20.cv_record,
    }[category]
    counted = 0

    def work() -> None:
        nonlocal counted
        counted = 0
        for block in blocks:
            rest = Bits.from_bytes(block[3:])
            while len(rest) and counted < PEER_RECORDS:
                record, rest = record_type._parse(ParsingMode.StrictParsing, rest)
                for name in items:
                    record.items_regular[name].arg.arg.unparse().to_uinteger()
                counted += 1
            if counted >= PEER_RECORDS:
                break

    took_s = seconds(work)
    return counted / took_s


def run() -> list[Row]:
    """One row per decoder, and what one small piece costs."""
    rng = np.random.default_rng(1)
    unit = "records/s"
    blocks_048 = split_blocks(encode_048(plots_048(rng, RECORDS), SAC, SIC))
    blocks_062 = datagrams(62, records_062(rng, RECORDS))
    blocks_010 = datagrams(10, records_010(rng, RECORDS))
    rows = []
    for category, blocks, goal, items in (
        (48, blocks_048, 2e6, ("010", "140", "040", "070", "090", "220")),
        (62, blocks_062, 2e6, ("010", "070", "105", "060", "380", "136")),
        (10, blocks_010, None, ("010", "140", "042", "220", "245")),
    ):
        peer = peer_rate(category, blocks, items)
        own = rate(FeedFormat.ASTERIX, [b"".join(blocks)], RECORDS)
        note = f"{len(blocks)} blocks in one piece; libasterix parses and reads {len(items)} items"
        rows.append(Row(f"decode ASTERIX {category:03d}", own, unit, goal, peer, note))
    one_by_one = rate(FeedFormat.ASTERIX, blocks_048, RECORDS)
    rows.append(Row("decode ASTERIX 048, a datagram at a time", one_by_one, unit, None, None, ""))
    frames = rate(FeedFormat.BEAST, [beast_stream(rng, RECORDS)], RECORDS)
    rows.append(Row("decode Beast, all positions", frames, unit, None, None, "500 aircraft"))
    plots = rate(FeedFormat.PLOTS, [encode_plots(geodetic_plots(rng, RECORDS))], RECORDS)
    rows.append(Row("decode blocks of plots", plots, unit, None, None, ""))
    twenty_plots = encode_plots(geodetic_plots(rng, 20))
    for format_, piece in ((FeedFormat.ASTERIX, blocks_048[0]), (FeedFormat.PLOTS, twenty_plots)):
        cost_us = piece_cost_us(format_, piece)
        rows.append(Row(f"one feed() of a datagram, {format_.value}", cost_us, "us", 100.0, None, "warm"))
    return rows


def split_blocks(data: bytes) -> list[bytes]:
    """The blocks of a stream."""
    blocks = []
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        blocks.append(data[position : position + length])
        position += length
    return blocks


def piece_cost_us(format_: FeedFormat, piece: bytes) -> float:
    """Microseconds of one warm feed() of a piece of about twenty records."""
    decoder = open_decoder(format_, SENSORS)
    calls = 500

    def work() -> None:
        for _ in range(calls):
            decoder.feed(piece, NOW_NS)

    return seconds(work) / calls * 1e6


if __name__ == "__main__":
    for row in run():
        peer = f"; libasterix {row.peer:,.0f}, ratio {row.value / row.peer:,.0f}" if row.peer else ""
        goal = f" (goal {row.goal:,.0f})" if row.goal else ""
        print(f"{row.name}: {row.value:,.0f} {row.unit}{goal}{peer}  {row.note}")
