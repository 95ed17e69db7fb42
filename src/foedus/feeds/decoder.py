"""What every decoder of this package gives back, and the one place that opens one.

A decoder keeps the state of one source: the unfinished rest of its bytes, its clock anchor, its pairs of
positions. Bytes may be cut anywhere; the result never depends on where.
"""

from typing import NamedTuple, Protocol

from foedus.errors import FeedError
from foedus.limits import SENSORS_MAX
from foedus.model import DAY_NS, Plots, Sensor
from foedus.network import FeedFormat

Counts = tuple[tuple[str, int], ...]
"""(name, count), sorted by name; no zero counts."""

TRUNCATED = "truncated at end of stream"


class Decoded(NamedTuple):
    """What one piece of a stream gave; every record is counted once, accepted or refused."""

    plots: Plots  # `sensor` is the index into the sensors given at opening
    accepted: Counts  # kinds of records, such as ("048 target report", 12)
    refused: Counts  # reasons, such as ("truncated at end of stream", 1)


class Decoder(Protocol):
    """Bytes of one source to plots."""

    def feed(self, data: bytes, now_ns: int) -> Decoded:
        """What `data` completes; `now_ns` gives the date to clocks that do not carry one."""
        ...

    def finish(self) -> Decoded:
        """What can be said at the end of the stream: the unfinished rest is refused."""
        ...


def sorted_counts(counts: dict[str, int]) -> Counts:
    """The counts that are not zero, by name."""
    return tuple(sorted((name, count) for name, count in counts.items() if count))


def add_counts(total: dict[str, int], counts: Counts) -> None:
    """Add `counts` to `total`, which the caller owns."""
    for name, count in counts:
        total[name] = total.get(name, 0) + count


def resolve_time_of_day(time_of_day_ns: int, now_ns: int) -> int:
    """The instant nearest to `now_ns` at which the UTC day was `time_of_day_ns` old; ties go to the past.

    Clocks in ASTERIX and Beast GPS stamps run from midnight to midnight, so a stamp of 23:59:59 that comes
    just after midnight belongs to yesterday, and one of 00:00:01 just before midnight to tomorrow.
    """
    half_ns = DAY_NS // 2
    offset_ns = (time_of_day_ns - now_ns) % DAY_NS
    return now_ns + (offset_ns - DAY_NS if offset_ns >= half_ns else offset_ns)


def open_decoder(format: FeedFormat, sensors: tuple[Sensor, ...]) -> Decoder:  # noqa: A002
    """A fresh decoder for one source; FeedError when the sensors do not suit the format.

    ASTERIX finds the sensor of a record by SAC/SIC; the other formats belong to the first sensor, but blocks
    of plots carry the index themselves.
    """
    if not sensors or len(sensors) > SENSORS_MAX:
        raise FeedError(
            where=f"feed of format {format.value}",
            found=f"{len(sensors)} sensors",
            expected=f"1 to {SENSORS_MAX} sensors",
        )
    # Imported here, so that what needs no kernel does not load numba.
    if format is FeedFormat.ASTERIX:
        from foedus.feeds.asterix import AsterixDecoder  # noqa: PLC0415

        return AsterixDecoder(sensors)
    if format is FeedFormat.PLOTS:
        from foedus.feeds.plots_block import PlotsDecoder  # noqa: PLC0415

        return PlotsDecoder(len(sensors))
    from foedus.feeds.beast import ModeSDecoder  # noqa: PLC0415

    return ModeSDecoder(text=format is FeedFormat.AVR)
