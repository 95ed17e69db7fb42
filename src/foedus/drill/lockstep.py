"""The stations that run live, in virtual time and step by step: no store, no event loop."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from foedus.journal import Record
from foedus.station import Station
from foedus.trust import Sealer
from foedus.wire import Batch, Beat, Feed, FeedChunk, Happened, Input, Received, Tick


def play(
    stations: Mapping[str, Station],
    chunks: Iterator[FeedChunk],
    *,
    start_ns: int,
    end_ns: int,
    tick_ns: int,
    facts: Sequence[Happened] = (),
    written: Callable[[str, Record], None] = lambda member, record: None,
    sealers: Mapping[str, Sealer] | None = None,
) -> None:
    """Give every station its feeds and a tick at each multiple of tick_ns, then its partners' messages.

    Between ticks a station gets a beat whenever it wants one.
    facts: told to every station before the first tick at or after their time, oldest first.
    written: called with every record, in order, before any message in it is given to its recipient.
    sealers: by member; None where the nodes have no trust root and take messages unsealed.
    """
    waiting = next(chunks, None)
    told = 0
    for time_ns in range(start_ns + tick_ns, end_ns + tick_ns, tick_ns):
        due = sum(fact.at_ns <= time_ns for fact in facts)
        inputs: dict[str, list[Input]] = {member: [*facts[told:due]] for member in stations}
        told = due
        while waiting is not None and waiting.time_ns <= time_ns:
            inputs[waiting.member].append(Feed(waiting.feed, waiting.data))
            waiting = next(chunks, None)
        _beats(stations, time_ns, written, sealers)
        for items in inputs.values():
            items.append(Tick())
        _settle(stations, inputs, time_ns, written, sealers)


def _beats(
    stations: Mapping[str, Station],
    until_ns: int,
    written: Callable[[str, Record], None],
    sealers: Mapping[str, Sealer] | None,
) -> None:
    """Give every station the beats that it wants before that time, and what comes of them."""
    while True:
        dues = {member: station.node.next_due_ns() for member, station in stations.items()}
        due_ns = min((due for due in dues.values() if due is not None), default=until_ns)
        if due_ns >= until_ns:
            return
        inputs: dict[str, list[Input]] = {
            member: [Beat()] if due == due_ns else [] for member, due in dues.items()
        }
        _settle(stations, inputs, due_ns, written, sealers)


def _settle(
    stations: Mapping[str, Station],
    inputs: dict[str, list[Input]],
    time_ns: int,
    written: Callable[[str, Record], None],
    sealers: Mapping[str, Sealer] | None,
) -> None:
    """Step round after round until no message is under way."""
    while any(inputs.values()):
        inputs = _round(stations, inputs, time_ns, written, sealers)


def _round(
    stations: Mapping[str, Station],
    inputs: dict[str, list[Input]],
    time_ns: int,
    written: Callable[[str, Record], None],
    sealers: Mapping[str, Sealer] | None,
) -> dict[str, list[Input]]:
    """Step every station that has inputs; what comes back are the inputs of the next round."""
    messages: dict[str, list[Input]] = {member: [] for member in stations}
    for member, station in stations.items():
        if not inputs[member]:
            continue
        record = station.advance(Batch(time_ns, tuple(inputs[member])))
        written(member, record)
        for to, sequence, body, _ in record.outgoing:
            seal = sealers[member].seal(to, sequence, body, time_ns=time_ns) if sealers else b""
            messages[to].append(Received(member, sequence, body, seal))
    return messages
