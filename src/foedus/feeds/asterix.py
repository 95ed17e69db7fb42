"""Decoder of ASTERIX streams: bytes to plots, and records to readable items.

Categories 010, 034, 048, 062 and 065; blocks of other categories are skipped and counted. See asterix_tables
for the documents, asterix_walk for what is believed and what is not.
"""

from typing import Final

import numpy as np

from foedus.feeds import asterix_plots, asterix_walk
from foedus.feeds.asterix_layout import Shape
from foedus.feeds.asterix_tables import CATEGORIES
from foedus.feeds.decoder import TRUNCATED, Decoded, add_counts, sorted_counts
from foedus.feeds.rows import new_rows, to_plots
from foedus.limits import FEED_BUFFER_BYTES_MAX, RECORDS_PER_PASS_MAX
from foedus.model import I64, Plots, Sensor, concatenate

NO_BLOCK: Final = "stretch of bytes in which no block was found"

_MESSAGES: Final = {
    10: (
        "target report",
        "start of update cycle",
        "periodic status message",
        "event-triggered status message",
    ),
    34: (
        "north marker",
        "sector crossing",
        "geographical filtering",
        "jamming strobe",
        "solar storm",
        "SSR jamming strobe",
        "Mode S jamming strobe",
    ),
    48: ("target report",),
    62: ("system track",),
    65: ("SDPS status", "end of batch", "service status report"),
}

_ACCEPTED: Final = {
    asterix_plots.TARGET: "",
    asterix_plots.TARGET_NOT_LIVE: ", test, simulated or fixed target",
    asterix_plots.TARGET_WITHOUT_POSITION: " without position",
    asterix_plots.TARGET_NOT_DETECTED: " without detection",
}

_REFUSED: Final = {
    asterix_plots.NO_SOURCE: "record without data source identifier",
    asterix_plots.NO_TIME: "record without time of day",
    asterix_plots.TIME_TOO_LATE: "time of day of 24 hours or more",
    asterix_plots.MESSAGE_UNKNOWN: "message type missing or unknown",
    asterix_plots.POSITION_IMPOSSIBLE: "position out of range",
}

_FAULTS: Final = {
    asterix_walk.OVERRUN: "{item} runs past the end of its block",
    asterix_walk.UNUSED_SLOT: "field specification names a slot that no item uses",
    asterix_walk.FSPEC_TOO_LONG: "field specification too long",
    asterix_walk.EXTENDS_TOO_FAR: "{item} extends further than it may",
    asterix_walk.EMPTY_EXPLICIT: "{item} of length 0",
    asterix_walk.UNUSED_SUBITEM: "{item} names a subitem that does not exist",
    asterix_walk.TOO_MANY_RECORDS: "block with more records than a block may hold",
    asterix_walk.EMPTY_BLOCK: "block without records",
    asterix_walk.DISBELIEVED: "record in a block of which another record does not fit",
}

_NODES, _ROOTS = asterix_walk.build_nodes()


class _Scratch:
    """Arrays that the kernels fill, allocated once; results are copied out of them."""

    def __init__(self) -> None:
        self.offsets = np.empty((RECORDS_PER_PASS_MAX, asterix_walk.SLOTS), np.int64)
        self.categories = np.empty(RECORDS_PER_PASS_MAX, np.int64)
        self.whole, self.real = new_rows(RECORDS_PER_PASS_MAX)
        self.faults = np.zeros((len(CATEGORIES), asterix_walk.FAULTS, asterix_walk.SLOTS), np.int64)
        self.tally = np.zeros((len(CATEGORIES), asterix_plots.OUTCOMES), np.int64)
        self.unknown = np.zeros(1 << 16, np.int64)
        self.without_table = np.zeros(256, np.int64)


class _Walker:
    """The walking state of one stream: unfinished bytes, and whether the next block must prove itself."""

    def __init__(self, sources: I64, scratch: _Scratch) -> None:
        self.sources = sources
        self.scratch = scratch
        self.state = np.zeros(asterix_walk.STATE, np.int64)
        self.data = np.zeros(0, np.uint8)

    def push(self, data: bytes) -> None:
        """Append bytes to the unfinished rest."""
        rest = self.data[self.state[asterix_walk.POSITION] :].tobytes()
        assert len(rest) <= FEED_BUFFER_BYTES_MAX
        self.data = np.frombuffer(
            bytearray(rest + data), np.uint8
        )  # a bytearray, as kernels want it writable
        self.state[asterix_walk.POSITION] = 0

    def walk(self, *, ended: bool = False) -> int:
        """Records found by one more pass, 0 when nothing more can be found now."""
        scratch = self.scratch
        while True:
            before = int(self.state[asterix_walk.POSITION])
            records = asterix_walk.walk_blocks(
                self.data,
                ended,
                self.state,
                _NODES,
                _ROOTS,
                self.sources,
                scratch.offsets,
                scratch.categories,
                scratch.faults,
                scratch.without_table,
            )
            if records or self.state[asterix_walk.POSITION] == before:
                return records

    @property
    def left(self) -> int:
        """Bytes not walked yet."""
        return len(self.data) - int(self.state[asterix_walk.POSITION])


def source_table(sensors: tuple[Sensor, ...]) -> I64:
    """Index of the sensor of each SAC/SIC, shape (65536,), -1 where there is none; the first one wins."""
    table = np.full(1 << 16, -1, np.int64)
    for index in reversed(range(len(sensors))):
        sensor = sensors[index]
        if 0 <= sensor.sac <= 0xFF and 0 <= sensor.sic <= 0xFF:
            table[sensor.sac << 8 | sensor.sic] = index
    return table


class AsterixDecoder:
    """Decoder of ASTERIX data blocks in any number of pieces."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        self._scratch = _Scratch()
        self._walker = _Walker(source_table(sensors), self._scratch)
        self._now_ns = 0

    def feed(self, data: bytes, now_ns: int) -> Decoded:
        """The plots of all blocks that `data` completes."""
        self._now_ns = now_ns
        self._walker.push(data)
        plots = self._take(ended=False)
        accepted, refused = self._count()
        return Decoded(plots, sorted_counts(accepted), sorted_counts(refused))

    def finish(self) -> Decoded:
        """Refuses an unfinished block, and looks behind its header for blocks that it may have hidden."""
        walker = self._walker
        parts = [self._take(ended=True)]
        truncated = 1 if walker.left and not walker.state[asterix_walk.DOUBTFUL] else 0
        if truncated:
            walker.state[asterix_walk.DOUBTFUL] = 1
            walker.state[asterix_walk.IN_GAP] = 1  # counted here
            parts.append(self._take(ended=True))
        if walker.left and not walker.state[asterix_walk.IN_GAP]:
            walker.state[asterix_walk.GAPS] += 1
        plots = concatenate(parts)
        accepted, refused = self._count()
        add_counts(refused, ((TRUNCATED, truncated),))
        walker.state[asterix_walk.POSITION] = len(walker.data)
        walker.push(b"")
        walker.state[:] = 0
        return Decoded(plots, sorted_counts(accepted), sorted_counts(refused))

    def _take(self, *, ended: bool) -> Plots:
        scratch = self._scratch
        parts = []
        while records := self._walker.walk(ended=ended):
            rows = asterix_plots.take_plots(
                self._walker.data,
                records,
                scratch.offsets,
                scratch.categories,
                self._walker.sources,
                self._now_ns,
                scratch.whole,
                scratch.real,
                scratch.tally,
                scratch.unknown,
            )
            if rows:
                parts.append(to_plots(scratch.whole, scratch.real, rows))
        if len(parts) == 1:
            return parts[0]
        return concatenate(parts) if parts else Plots.empty()

    def _count(self) -> tuple[dict[str, int], dict[str, int]]:
        """(accepted, refused) since the last call; empties the tables."""
        scratch = self._scratch
        accepted: dict[str, int] = {}
        refused: dict[str, int] = {}
        for index, outcome in np.argwhere(scratch.tally).tolist():
            count = int(scratch.tally[index, outcome])
            number = CATEGORIES[index].number
            if outcome == asterix_plots.UNKNOWN_SOURCE:
                continue
            if outcome in _REFUSED:
                refused[f"{number:03d} {_REFUSED[outcome]}"] = count
            elif outcome in _ACCEPTED:
                accepted[f"{number:03d} {_MESSAGES[number][0]}{_ACCEPTED[outcome]}"] = count
            else:
                accepted[f"{number:03d} {_MESSAGES[number][outcome - asterix_plots.MESSAGE - 1]}"] = count
        if scratch.tally[:, asterix_plots.UNKNOWN_SOURCE].any():
            for source in np.flatnonzero(scratch.unknown).tolist():
                reason = f"no sensor for SAC/SIC {source >> 8}/{source & 0xFF} in the configuration"
                refused[reason] = int(scratch.unknown[source])
            scratch.unknown[:] = 0
        scratch.tally[:] = 0
        _count_faults(scratch, refused)
        gaps = int(self._walker.state[asterix_walk.GAPS])
        add_counts(refused, ((NO_BLOCK, gaps),))
        self._walker.state[asterix_walk.GAPS] = 0
        return accepted, refused


def _count_faults(scratch: _Scratch, refused: dict[str, int]) -> None:
    """Add the faults of blocks to `refused` and empty their tables."""
    if scratch.faults.any():
        for index, fault, slot in np.argwhere(scratch.faults).tolist():
            category = CATEGORIES[index]
            item = f"item {category.items[slot].reference}" if slot else "record"
            reason = f"{category.number:03d} {_FAULTS[-fault].format(item=item)}"
            add_counts(refused, ((reason, int(scratch.faults[index, fault, slot])),))
        scratch.faults[:] = 0
    if scratch.without_table.any():
        for number in np.flatnonzero(scratch.without_table).tolist():
            refused[f"category {number:03d} has no table"] = int(scratch.without_table[number])
        scratch.without_table[:] = 0


def sources_of(data: bytes) -> tuple[tuple[int, int], ...]:
    """The (SAC, SIC) that speak in a recording, in rising order."""
    scratch = _Scratch()
    walker = _Walker(np.zeros(1 << 16, np.int64), scratch)
    walker.push(data)
    found = np.zeros(1 << 16, np.bool_)
    while records := walker.walk(ended=True):
        at = scratch.offsets[:records, 0]
        at = at[at >= 0].astype(np.int64)
        found[walker.data[at].astype(np.int64) << 8 | walker.data[at + 1]] = True
    return tuple((int(source) >> 8, int(source) & 0xFF) for source in np.flatnonzero(found))


def record_spans(data: bytes, limit: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """The first `limit` records as (index of the category, [(slot, offset of the item)])."""
    scratch = _Scratch()
    walker = _Walker(np.zeros(1 << 16, np.int64), scratch)
    walker.push(data)
    spans: list[tuple[int, list[tuple[int, int]]]] = []
    while len(spans) < limit and (records := walker.walk(ended=True)):
        for i in range(min(records, limit - len(spans))):
            row = scratch.offsets[i].tolist()
            items = [(slot, offset) for slot, offset in enumerate(row) if offset >= 0]
            spans.append((int(scratch.categories[i]), items))
    return spans


assert all(
    item.shape is not Shape.UNUSED
    for category in CATEGORIES
    for item in (category.items[0], category.items[-1])
)
