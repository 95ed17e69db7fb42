"""Three of the alpine network's members under a small pact of their own, run in phases with facts between."""

from collections.abc import Sequence
from typing import NamedTuple

import alpine
from foedus.audit import decode_leaf
from foedus.document import parse_document
from foedus.model import SECOND_NS, Reports
from foedus.node import Node
from foedus.pact.clauses import Pact
from foedus.station import Station
from foedus.wire import Batch, FeedChunk, Happened, Picture, Warn, decode_message, unpack_columns

MEMBERS = ("CH", "FR", "IT")

HEAD = """
foedus = 1
pact = "trio"
version = "1"
title = "Three members of the alpine network"
date = 2018-01-01
basis = { instrument = "an order", form = "executive_order", binding = "none", evidence = "stylised" }
words = { shortly = 30 }
party = [
  { id = "CH", name = "CH", role = "member" },
  { id = "FR", name = "FR", role = "member" },
  { id = "IT", name = "IT", role = "member" },
]
state = [{ id = "XX", name = "XX" }, { id = "YY", name = "YY" }]
zone = [
  { id = "Z-CH", owner = "CH", source = "x", polygon = [[45.9, 6.2], [45.9, 10], [47.6, 10], [47.6, 6.2]] },
  { id = "Z-IT", owner = "IT", source = "x", polygon = [[44, 7], [44, 12], [45.9, 12], [45.9, 7]] },
]
milestone = [{ id = "VISIT", says = "A visit takes place.", basis = "stylised" }]
"""

TERM = 'id = "T", kind = "term", in_force = 2018-01-01, exit = { notice_d = 0, by = "any" }'
SHARE = 'id = "S", kind = "share", from = "any", to = "any", data = "tracks", form = "track"'
WARN = (
    'id = "W", kind = "warn", by = "any", to = "attacked", content = "alert", horizon_s = 300, '
    'probability = 0.5, within_s = "shortly", renew_s = 30, expires_s = 120, ack_s = 60'
)


def pact_of(*clauses: str, head: str = "") -> Pact:
    """A pact of these clauses, each given as its keys, and a term."""
    common = 'text = "x", cite = "x", basis = "stylised"'
    rows = ",\n".join(f"{{ {keys}, {common} }}" for keys in (TERM, *clauses))
    return parse_document(HEAD + head + f"clause = [\n{rows}\n]\n", Pact, file="trio.toml")


class Message(NamedTuple):
    sender: str
    recipient: str
    time_ns: int
    body: Picture | Warn

    @property
    def reports(self) -> Reports:
        assert isinstance(self.body, Picture)
        return unpack_columns(self.body.reports, Reports, parties=len(MEMBERS))


class Trio:
    """Stations of the three; `play` runs them on, `tell` records a fact at each."""

    def __init__(self, pact: Pact) -> None:
        network, _, _ = alpine.documents()
        self.stations = {one: Station(Node(network, pact, one), pact) for one in MEMBERS}
        self.now_ns = alpine.START_NS
        self.leaves: list[tuple[str, str]] = []  # (member, why the guard refused) of every message
        self.batches: dict[str, list[Batch]] = {one: [] for one in MEMBERS}

    def tell(self, what: str, of: str, *, at_ns: int | None = None, **more: object) -> None:
        """Record a fact at every node, now."""
        fact = Happened(what, of, self.now_ns if at_ns is None else at_ns, **more)  # type: ignore[arg-type]
        for station in self.stations.values():
            station.advance(Batch(self.now_ns, (fact,)))

    def play(self, seconds: int) -> list[Message]:
        """The pictures and warnings that were sent in so many seconds more."""
        chunks: Sequence[FeedChunk] = [
            one for one in alpine.chunks(seconds, self.now_ns) if one.member in MEMBERS
        ]
        run = alpine.run(chunks, seconds, stations=self.stations, start_ns=self.now_ns)
        times = {
            (member, step): self.now_ns for member in MEMBERS for step in range(1 + len(run.records[member]))
        }
        for member, records in run.records.items():
            for step, record in enumerate(records, start=1):
                for _, data, _ in record.leaves:
                    leaf = decode_leaf(data, where=member)
                    times[member, step] = leaf.time_ns
                    self.leaves.append((member, leaf.refused))
        self.now_ns += seconds * SECOND_NS
        return [
            Message(sent.sender, sent.recipient, times[sent.sender, sent.step], body)
            for sent in run.sent
            for body in [decode_message(sent.body)]
            if isinstance(body, Picture | Warn)
        ]

    def refused(self) -> list[str]:
        """Why the guards refused what they refused."""
        return [why for _, why in self.leaves if why]


def flows(messages: Sequence[Message]) -> list[str]:
    """The pairs between whom rows went, as `FR>CH`."""
    pairs = {
        f"{one.sender}>{one.recipient}"
        for one in messages
        if isinstance(one.body, Picture) and one.body.reports.rows
    }
    return sorted(pairs)


def warned(messages: Sequence[Message]) -> list[str]:
    """Who warned whom."""
    return sorted({f"{one.sender}>{one.recipient}" for one in messages if isinstance(one.body, Warn)})
