"""What several test files need: sensors, seeded streams of every format, and ways to feed them."""

import random

import numpy as np

from foedus.feeds.asterix_encode import encode_034_north, encode_048
from foedus.feeds.decoder import Decoded, Decoder, add_counts, open_decoder, sorted_counts
from foedus.feeds.mode_s import parity, parity_table
from foedus.feeds.plots_block import encode_plots
from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, SensorKind, concatenate
from foedus.network import FeedFormat

NOW_NS = 17_744 * 86_400 * SECOND_NS + 30_000 * SECOND_NS


def sensor(name: str = "R", *, sac: int = 20, sic: int = 129) -> Sensor:
    return Sensor(
        id=name,
        kind=SensorKind.RADAR,
        lat_deg=46.0,
        lon_deg=7.0,
        height_m=0.0,
        period_s=4.0,
        range_max_m=4e5,
        sac=sac,
        sic=sic,
    )


def polar_plots(n: int, seed: int = 1) -> Plots:
    rng = np.random.default_rng(seed)
    return Plots.empty(n)._replace(
        time_ns=NOW_NS + np.arange(n) * 10_000_000,
        range_m=rng.uniform(1e3, 4e5, n),
        azimuth_rad=rng.uniform(0, 6.28, n),
        baro_m=np.where(rng.random(n) < 0.7, rng.uniform(0, 12_000, n), np.nan),
        icao24=np.where(rng.random(n) < 0.7, rng.integers(0, 1 << 24, n), -1).astype(np.int32),
        mode_a=np.where(rng.random(n) < 0.7, rng.integers(0, 4096, n), -1).astype(np.int16),
    )


def geodetic_plots(n: int, seed: int = 1) -> Plots:
    rng = np.random.default_rng(seed)
    return Plots.empty(n)._replace(
        time_ns=NOW_NS + np.arange(n) * 10_000_000,
        kind=np.full(n, PlotKind.GEODETIC, np.int8),
        lat_rad=rng.uniform(0.7, 0.9, n),
        lon_rad=rng.uniform(0.0, 0.2, n),
        baro_m=np.where(rng.random(n) < 0.7, rng.uniform(0, 12_000, n), np.nan),
        icao24=rng.integers(0, 1 << 24, n).astype(np.int32),
    )


def squitter(address: int, message: int) -> bytes:
    """A DF 17 frame with the 56-bit message and its parity."""
    frame = bytes([17 << 3 | 5]) + address.to_bytes(3, "big") + message.to_bytes(7, "big") + b"\0\0\0"
    rest = parity(np.frombuffer(bytearray(frame), np.uint8), 14, parity_table())
    return frame[:11] + rest.to_bytes(3, "big")


def beast(frame: bytes, counter: int) -> bytes:
    """One frame as Beast octets."""
    kind = {2: b"1", 7: b"2", 14: b"3"}[len(frame)]
    body = counter.to_bytes(6, "big") + b"\x40" + frame
    return b"\x1a" + kind + body.replace(b"\x1a", b"\x1a\x1a")


PAIR = (bytes.fromhex("8D40621D58C382D690C8AC2863A7"), bytes.fromhex("8D40621D58C386435CC412692AD6"))
IDENTIFICATION = bytes.fromhex("8D4840D6202CC371C32CE0576098")


def beast_stream() -> bytes:
    """Positions, an identification, Mode A/C and short replies, with escapes in the counters."""
    frames = [PAIR[0], PAIR[1], IDENTIFICATION, b"\x12\x34", bytes.fromhex("5D4840D6"), PAIR[0], PAIR[1]]
    frames[4] = bytes.fromhex("02E194AB102694")  # DF 0
    return b"".join(beast(frame, 0x1A1A00 + 6_000_000 * i) for i, frame in enumerate(frames))


def stream(format_: FeedFormat) -> bytes:
    """A small valid stream of each format."""
    if format_ is FeedFormat.ASTERIX:
        parts = [
            encode_048(polar_plots(12, seed), 20, 129) + encode_034_north(NOW_NS, 20, 129) for seed in (1, 2)
        ]
        return b"".join(parts)
    if format_ is FeedFormat.PLOTS:
        return encode_plots(geodetic_plots(5)) + encode_plots(geodetic_plots(3, seed=2))
    if format_ is FeedFormat.BEAST:
        return beast_stream()
    lines = [f"*{frame.hex().upper()};\r\n".encode() for frame in (*PAIR, IDENTIFICATION)]
    return b"".join(lines) + b"@0000001A1A00" + PAIR[0].hex().encode() + b";\n*1234;\n"


def run(decoder: Decoder, pieces: list[bytes], now_ns: int = NOW_NS) -> Decoded:
    """Everything that the pieces and the end of the stream give."""
    results = [decoder.feed(piece, now_ns) for piece in pieces] + [decoder.finish()]
    accepted: dict[str, int] = {}
    refused: dict[str, int] = {}
    for result in results:
        add_counts(accepted, result.accepted)
        add_counts(refused, result.refused)
    plots = concatenate([result.plots for result in results])
    return Decoded(plots, sorted_counts(accepted), sorted_counts(refused))


def decode(format_: FeedFormat, pieces: list[bytes]) -> Decoded:
    return run(open_decoder(format_, (sensor(),)), pieces)


def same(one: Decoded, other: Decoded) -> bool:
    plots = all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(one.plots, other.plots, strict=True)
    )
    return plots and one.accepted == other.accepted and one.refused == other.refused


def flipped(data: bytes, rng: random.Random, flips: int) -> bytes:
    broken = bytearray(data)
    for _ in range(flips):
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    return bytes(broken)
