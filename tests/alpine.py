"""The alpine network for tests: its documents, its recording, and runs of its stations in virtual time."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from foedus.cli.run import load
from foedus.drill.lockstep import play
from foedus.drill.recording import StateVectors, load_state_vectors
from foedus.drill.source import feed_chunks
from foedus.journal import Record
from foedus.live.session import Texts
from foedus.model import SECOND_NS
from foedus.network import Network, utc_ns
from foedus.node import Node
from foedus.pact.reading.text import Pact
from foedus.station import Station
from foedus.trust import Sealer
from foedus.wire import FeedChunk

ROOT = Path(__file__).parent.parent
NETWORK_FILE = ROOT / "networks" / "alpine.toml"
START_NS = utc_ns("2018-08-01T11:30:00Z", where="test")
TICK_NS = 5 * SECOND_NS


@functools.cache
def documents() -> tuple[Network, Pact, Texts]:
    return load(NETWORK_FILE)


@functools.cache
def vectors() -> StateVectors:
    return load_state_vectors()


def chunks(seconds: int, start_ns: int = START_NS) -> list[FeedChunk]:
    network, _, _ = documents()
    return list(feed_chunks(network, start_ns, start_ns + seconds * SECOND_NS, vectors=vectors()))


class Sent(NamedTuple):
    """One message as its recipient got it."""

    sender: str
    recipient: str
    sequence: int
    step: int  # of the sender: when it was sent
    body: bytes


class Run(NamedTuple):
    stations: dict[str, Station]
    records: dict[str, list[Record]]
    sent: list[Sent]

    def stream(self, recipient: str) -> list[Sent]:
        """Everything that one member received, and when it was sent."""
        return [message for message in self.sent if message.recipient == recipient]


def make_stations(pact: Pact | None = None, network: Network | None = None) -> dict[str, Station]:
    alpine, alpine_pact, _ = documents()
    network, pact = network or alpine, pact or alpine_pact
    return {entry.id: Station(Node(network, pact, entry.id), pact) for entry in network.member}


def run(
    feed: Iterable[FeedChunk],
    seconds: int,
    *,
    stations: dict[str, Station] | None = None,
    start_ns: int = START_NS,
    written: Callable[[str, Record], None] = lambda member, record: None,
    sealers: Mapping[str, Sealer] | None = None,
) -> Run:
    """Play chunks from START_NS on, keeping every record and message."""
    stations = make_stations() if stations is None else stations
    result = Run(stations, {member: [] for member in stations}, [])

    def keep(member: str, record: Record) -> None:
        result.records[member].append(record)
        step = len(result.records[member])
        for message in record.outgoing:
            result.sent.append(Sent(member, message.recipient, message.sequence, step, message.body))
        written(member, record)

    feed_iterator: Iterator[FeedChunk] = iter(feed)
    end_ns = start_ns + seconds * SECOND_NS
    play(
        stations,
        feed_iterator,
        start_ns=start_ns,
        end_ns=end_ns,
        tick_ns=TICK_NS,
        written=keep,
        sealers=sealers,
    )
    return result
