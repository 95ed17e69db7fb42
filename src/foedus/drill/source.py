"""What the sensors of a network file send, as bytes in order of time."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from foedus.drill.radar import Path, make_path, north_ns, scan_at, scan_plots
from foedus.drill.recording import StateVectors, load_state_vectors
from foedus.drill.sensors import heard, receiver_plots
from foedus.errors import InputError
from foedus.feeds.asterix_encode import encode_034_north, encode_048
from foedus.feeds.plots_block import encode_plots
from foedus.model import SECOND_NS, Bool, Sensor, SensorKind, concatenate, take
from foedus.network import FeedEntry, FeedFormat, Network
from foedus.wire import FeedChunk

RECEIVER_WINDOW_NS: Final = SECOND_NS
"""A receiver network sends what it heard once a second."""

SECTORS: Final = 8
"""A radar sends at the end of each eighth of a turn what the beam found in it."""

RADAR_DELAY_NS: Final = 10_000_000
"""From the end of a sector to its bytes: longer than the 1/128 s to which category 048 rounds its times."""


def feed_chunks(
    network: Network, start_ns: int, end_ns: int, *, vectors: StateVectors | None = None
) -> Iterator[FeedChunk]:
    """Every chunk of every feed with start_ns <= time < end_ns, in order of time, then of the network file.

    vectors: given instead of the recording (for twin runs). The same times give the same bytes whatever the
    start. SetupError without the recording, InputError for a feed that nothing here can play.
    """
    assert network.recording is not None
    if vectors is None:
        vectors = load_state_vectors(network.recording.source)
    paths = [make_path(target) for target in network.target]
    streams: list[Iterator[FeedChunk]] = []
    for index, feed in enumerate(network.feed):
        kinds = [sensor.kind for sensor in feed.sensor]
        if feed.format is FeedFormat.PLOTS and kinds == [SensorKind.RECEIVER] * len(kinds):
            streams.append(_receiver_chunks(feed, vectors, start_ns, end_ns))
        elif feed.format is FeedFormat.ASTERIX and kinds == [SensorKind.RADAR]:
            seed = (network.recording.seed, index)
            streams.append(_radar_chunks(feed, paths, start_ns, end_ns, seed=seed))
        else:
            raise InputError(
                where=f"feed {feed.id}",
                found=f"{feed.format.value} from {', '.join(kind.value for kind in kinds)}",
                expected="plots from receivers, or asterix from one radar",
            )
    return heapq.merge(*streams, key=lambda chunk: chunk.time_ns)


def _receiver_chunks(
    feed: FeedEntry, vectors: StateVectors, start_ns: int, end_ns: int
) -> Iterator[FeedChunk]:
    """One chunk per window in which a receiver of the feed heard anything, at the window's end."""
    first, last = np.searchsorted(vectors.time_ns, (start_ns - RECEIVER_WINDOW_NS, end_ns))
    part = StateVectors._make(column[first:last] for column in vectors)
    masks: list[Bool] = [heard(sensor, part) for sensor in feed.sensor]
    sent_ns = -(-part.time_ns // RECEIVER_WINDOW_NS) * RECEIVER_WINDOW_NS
    edges = np.flatnonzero(np.diff(sent_ns, prepend=np.int64(-1), append=np.int64(-1)))
    for begin, end in pairwise(edges):
        time_ns = int(sent_ns[begin])
        if not start_ns <= time_ns < end_ns:
            continue
        plots = concatenate(
            [
                receiver_plots(index, part, begin + np.flatnonzero(mask[begin:end]))
                for index, mask in enumerate(masks)
            ]
        )
        if len(plots.time_ns):
            yield FeedChunk(time_ns, feed.member, feed.id, encode_plots(plots))


def _radar_chunks(
    feed: FeedEntry, paths: Sequence[Path], start_ns: int, end_ns: int, *, seed: tuple[int, int]
) -> Iterator[FeedChunk]:
    """A north mark per turn, and a chunk at the end of each sector that holds plots."""
    (sensor,) = feed.sensor
    scan = scan_at(sensor, start_ns) - 1
    while north_ns(sensor, scan) < end_ns:
        for time_ns, data in _scan_chunks(sensor, paths, scan, seed):
            if start_ns <= time_ns < end_ns:
                yield FeedChunk(time_ns, feed.member, feed.id, data)
        scan += 1


def _scan_chunks(
    sensor: Sensor, paths: Sequence[Path], scan: int, seed: tuple[int, int]
) -> Iterator[tuple[int, bytes]]:
    begin_ns = north_ns(sensor, scan)
    yield begin_ns + RADAR_DELAY_NS, encode_034_north(begin_ns, sensor.sac, sensor.sic)
    generator = np.random.default_rng((*seed, scan))
    plots = scan_plots(sensor, paths, sensor_index=0, begin_ns=begin_ns, generator=generator)
    sector_ns = round(sensor.period_s * SECOND_NS / SECTORS)
    # Rounding may put the last plot of a turn a nanosecond past it.
    sectors = np.minimum((plots.time_ns - begin_ns) // sector_ns, SECTORS - 1)
    for sector in range(SECTORS):
        rows = np.flatnonzero(sectors == sector)
        if len(rows):
            end_ns = begin_ns + (sector + 1) * sector_ns + RADAR_DELAY_NS
            yield end_ns, encode_048(take(plots, rows), sensor.sac, sensor.sic)
