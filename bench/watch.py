"""Threat assessment and the warning book: microseconds a tick, median of five. `python -m bench.watch`."""

import math
import time
from collections.abc import Callable

import numpy as np

from bench.report import Row
from foedus.model import F64, Tracks
from foedus.watch.sent import Duty
from foedus.watch.threat import Zones, assess, make_zones
from foedus.watch.warn import WarnBook

TRACKS, ZONES, VERTICES = 100, 8, 20
HORIZON_S = 300.0


def make_zones_round(generator: np.random.Generator) -> Zones:
    """Eight irregular zones of some 80 km that cover most of the area where the tracks are."""
    polygons = []
    for lat in (45.6, 46.8):
        for lon in (6.0, 7.5, 9.0, 10.5):
            turns = np.sort(generator.uniform(0.0, 2.0 * math.pi, VERTICES))
            radii = 0.8 * generator.uniform(0.6, 1.0, VERTICES)
            polygons.append(
                [
                    (lat + radius * math.sin(turn), lon + 1.4 * radius * math.cos(turn))
                    for turn, radius in zip(turns, radii, strict=True)
                ]
            )
    return make_zones(polygons, [None] * ZONES, [None] * ZONES)


def make_tracks(generator: np.random.Generator, count: int) -> Tracks:
    """Tracks all over the zones, in all directions, as well known as a tracker knows them."""
    speed: F64 = generator.uniform(30.0, 250.0, count)
    course: F64 = generator.uniform(0.0, 2.0 * math.pi, count)
    return Tracks.empty(count)._replace(
        number=np.arange(1, count + 1, dtype=np.int32),
        lat_rad=np.radians(generator.uniform(45.0, 47.5, count)),
        lon_rad=np.radians(generator.uniform(5.5, 11.0, count)),
        height_m=generator.uniform(500.0, 11_000.0, count),
        velocity_east_m_s=speed * np.sin(course),
        velocity_north_m_s=speed * np.cos(course),
        position_sigma_m=generator.uniform(50.0, 300.0, count),
        height_sigma_m=np.full(count, 100.0),
        velocity_sigma_m_s=generator.uniform(2.0, 15.0, count),
    )


def median_us(call: Callable[[], object], *, calls: int = 300) -> float:
    """Median of five means over a number of calls, in microseconds."""
    call()
    runs = []
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        runs.append((time.perf_counter() - begin) / calls * 1e6)
    return sorted(runs)[2]


def run() -> list[Row]:
    """The rows of this benchmark."""
    generator = np.random.default_rng(20261122)
    zones, tracks = make_zones_round(generator), make_tracks(generator, TRACKS)
    duties = tuple(
        Duty(zone=zone, zone_id=f"Z{zone}", to="B", clause="W1", classes=(0,), horizon_s=HORIZON_S,
             probability=0.5, within_s=15.0, renew_s=30.0, expires_s=120.0, ack_s=60.0)
        for zone in range(ZONES)
    )  # fmt: skip
    threats = assess(tracks, zones, now_ns=0, horizon_s=HORIZON_S)
    book = WarnBook("A", mode="EXERCISE")
    ticks = iter(range(0, 1 << 62, 5_000_000_000))

    def tick() -> None:
        book.assess(tracks, threats, duties, now_ns=next(ticks))

    tick()
    size = f"{TRACKS} tracks, {ZONES} zones of {VERTICES} vertices, {len(threats.row)} threats"
    open_now = len(book.open_warnings())
    return [
        Row("threat assessment", median_us(lambda: assess(tracks, zones, now_ns=0, horizon_s=HORIZON_S)),
            "us/tick", 300.0, None, size),
        Row("warning book", median_us(tick, calls=60), "us/tick", None, None, f"{open_now} open warnings"),
    ]  # fmt: skip


if __name__ == "__main__":
    for row in run():
        print(f"{row.name}: {row.value:.0f} {row.unit} ({row.note})")
