"""Three members and a hub of a small invented network, each with one receiver that hears what it is given."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from foedus.audit import decode_leaf
from foedus.drill.lockstep import play
from foedus.feeds.plots_block import encode_plots
from foedus.journal import Record
from foedus.model import DAY_NS, SECOND_NS, PlotKind, Plots, Reports
from foedus.network import Network, parse_network
from foedus.node import Node
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import parse_pact
from foedus.station import Station
from foedus.wire import FeedChunk, Happened, Picture, Warn, decode_message, unpack_columns

START_NS = 17_800 * DAY_NS  # 2018-09-26
TICK_S = 5
MEMBERS = ("AA", "BB", "CC")
IDS = (*MEMBERS, "HUB")

HEAD = """
foedus = 1
pact = "small"
version = "1"
title = "Three members and a hub, invented"
date = 2018-01-01
basis = { instrument = "an arrangement", form = "arrangement", binding = "none", evidence = "stylised" }
party = [
  { id = "AA", name = "AA", role = "member" },
  { id = "BB", name = "BB", role = "member" },
  { id = "CC", name = "CC", role = "member" },
  { id = "HUB", name = "HUB", role = "hub" },
]
state = [{ id = "XX", name = "XX" }, { id = "YY", name = "YY" }]
zone = [
  { id = "Z-AA", owner = "AA", source = "x", polygon = [[45, 2], [45, 3], [46, 3], [46, 2]] },
  { id = "Z-BB", owner = "BB", source = "x", polygon = [[45, 14], [45, 15], [46, 15], [46, 14]] },
  { id = "Z-CC", owner = "CC", source = "x", polygon = [[47, 8], [47, 9], [48, 9], [48, 8]] },
  { id = "SECRET", source = "x", polygon = [[46, 7], [46, 7.5], [47, 7.5], [47, 7]] },
]
"""

UP = 'id = "S1", kind = "share", from = "member", to = "hub", data = "tracks", form = "track"'
DOWN = 'id = "S2", kind = "share", from = "hub", to = "member", data = "tracks", form = "coarse"'
DIRECT = 'id = "S3", kind = "share", from = "member", to = "member", data = "tracks", form = "coarse"'
ROUTE = (
    'id = "R1", kind = "route", pairs = [["AA", "BB"], ["AA", "CC"], ["BB", "CC"]], via = "HUB", '
    'direct = "forbidden"'
)
ONWARD = (
    'id = "O1", kind = "caveat", on = ["S1"], orcon = true, rel_to = "hub", '
    'onward = { to = "member", max_form = "coarse", strip_source = true }'
)
AA_NOTHING = 'id = "O2", kind = "caveat", on = ["S1"], originator = "AA", orcon = true, rel_to = "hub"'
AA_ALERT = f'{AA_NOTHING}, onward = {{ to = "member", max_form = "alert", strip_source = true }}'
AA_SECRET = 'id = "H1", kind = "withhold", from = "AA", to = "CC", data = "tracks", zones = ["SECRET"]'
MEASURE = (
    'content = "alert", horizon_s = 600, probability = 0.5, within_s = 15, renew_s = 30, '
    "expires_s = 120, ack_s = 60"
)
HUB_WARNS = f'id = "W1", kind = "warn", by = "hub", to = "member", {MEASURE}'
MEMBERS_WARN = f'id = "W2", kind = "warn", by = "member", to = "member", {MEASURE}'
TERM = 'id = "T", kind = "term", in_force = 2018-01-01, exit = { notice_d = 0, by = "any" }'
CONSTRUCT = (UP, DOWN, ROUTE, ONWARD)


def pact_of(*clauses: str, term: str = TERM) -> Pact:
    """A checked pact of these clauses, each given as its keys, and a term."""
    common = 'text = "x", cite = "x", basis = "stylised"'
    rows = ",\n".join(f"{{ {keys}, {common} }}" for keys in (term, *clauses))
    text = HEAD + f"clause = [\n{rows}\n]\n"
    return parse_pact(text, file="small.toml")


def network_of(members: Sequence[str] = IDS, more: str = "", outside: Sequence[str] = ()) -> Network:
    """The network of these members; all but HUB have a receiver in the middle."""
    lines = [more, 'network = "small"', 'title = "small"', 'mode = "EXERCISE"', 'pact = "x"', "tick_s = 5"]
    for one in members:
        lines += ["[[member]]", f'id = "{one}"', f'name = "{one}"']
        lines += ["outside = true"] if one in outside else []
    for one in members:
        if one != "HUB":
            lines += ["[[feed]]", f'id = "{one}-RX"', f'member = "{one}"', 'format = "plots"']
            lines += [
                "[[feed.sensor]]",
                f'id = "{one}-1"',
                'kind = "receiver"',
                "lat_deg = 46.5",
                "lon_deg = 8.5",
            ]
            lines += ["height_m = 500", "period_s = 5", "range_max_m = 1e6", "position_sigma_m = 60"]
    return parse_network("\n".join(lines), file="small-network.toml")


class Aircraft(NamedTuple):
    """It answers nobody and flies straight on at a constant speed, from START_NS."""

    lat_deg: float = 46.6
    lon_deg: float = 8.5
    north_m_s: float = 150.0
    east_m_s: float = 0.0
    height_m: float = 3_000.0

    def place(self, after_s: float) -> tuple[float, float]:
        lat = np.radians(self.lat_deg) + self.north_m_s * after_s / 6_371_000
        lon = np.radians(self.lon_deg) + self.east_m_s * after_s / 6_371_000 / np.cos(lat)
        return float(lat), float(lon)


def plots_of(seen: Sequence[Aircraft], after_s: float, generator: np.random.Generator) -> Plots:
    places = np.array([one.place(after_s) for one in seen]).reshape(-1, 2)
    n = len(places)
    return Plots.empty(n)._replace(
        time_ns=np.full(n, START_NS + round(after_s * SECOND_NS)),
        kind=np.full(n, PlotKind.GEODETIC, np.int8),
        lat_rad=places[:, 0] + generator.normal(0, 20, n) / 6_371_000,
        lon_rad=places[:, 1] + generator.normal(0, 20, n) / 6_371_000,
        height_m=np.array([one.height_m for one in seen]),
    )


Skies = Mapping[str, Sequence[Aircraft]]
"""What each member's receiver hears."""


class Message(NamedTuple):
    sender: str
    recipient: str
    sequence: int
    time_ns: int
    data: bytes

    @property
    def body(self) -> object:
        return decode_message(self.data)


class Small:
    """Stations of the network; `play` runs them on, `tell` records a fact at each."""

    def __init__(self, pact: Pact, network: Network | None = None) -> None:
        network = network or network_of()
        self.stations = {one.id: Station(Node(network, pact, one.id), pact) for one in network.member}
        self.sent: list[Message] = []
        self.refused: list[tuple[str, str, str]] = []  # (member, recipient, why)
        self.after_s = 0
        self._facts: list[Happened] = []
        self._generators = {member: np.random.default_rng(7) for member in self.stations}

    def tell(self, what: str, of: str, **more: object) -> None:
        """Record a fact at every node, at the next tick."""
        at_ns = START_NS + self.after_s * SECOND_NS
        self._facts.append(Happened(what, of, at_ns, **more))  # type: ignore[arg-type]

    def play(self, skies: Skies, seconds: int) -> "Small":
        """Run on for so long; every receiver hears its aircraft once a tick."""
        chunks = []
        for tick in range(self.after_s, self.after_s + seconds, TICK_S):
            for member, seen in skies.items():
                plots = plots_of(seen, tick + 1, self._generators[member])
                time_ns = START_NS + (tick + 2) * SECOND_NS
                chunks.append(FeedChunk(time_ns, member, f"{member}-RX", encode_plots(plots)))
        start_ns = START_NS + self.after_s * SECOND_NS
        self.after_s += seconds
        play(
            self.stations,
            iter(chunks),
            start_ns=start_ns,
            end_ns=START_NS + self.after_s * SECOND_NS,
            tick_ns=TICK_S * SECOND_NS,
            facts=self._facts,
            written=self._keep,
        )
        self._facts = []
        return self

    def _keep(self, member: str, record: Record) -> None:
        time_ns = self.stations[member].node.time_ns
        for _, data, _ in record.leaves:
            leaf = decode_leaf(data, where=member)
            if leaf.refused:
                self.refused.append((member, leaf.recipient, leaf.refused))
        self.sent += [
            Message(member, one.recipient, one.sequence, time_ns, one.body) for one in record.outgoing
        ]

    def stream(self, recipient: str) -> list[Message]:
        """Everything that one member received, and when it was sent."""
        return [one for one in self.sent if one.recipient == recipient]

    def warned(self, sender: str, to: str) -> list[Warn]:
        """The warnings that one member sent to another."""
        messages = [one.body for one in self.stream(to) if one.sender == sender]
        return [one for one in messages if isinstance(one, Warn)]

    def rows(self, sender: str, to: str) -> int:
        """How many rows one member gave another."""
        bodies = [one.body for one in self.stream(to) if one.sender == sender]
        return sum(one.reports.rows for one in bodies if isinstance(one, Picture))

    def onward(self, sender: str, party: str) -> set[int]:
        """The onward forms for a party in the rows that a member gave the hub."""
        column = IDS.index(party)
        bodies = [one.body for one in self.stream("HUB") if one.sender == sender]
        return {
            int(form)
            for one in bodies
            if isinstance(one, Picture)
            for form in unpack_columns(one.reports, Reports, parties=len(IDS)).onward[:, column]
        }

    def own(self, member: str) -> list[str]:
        """The zones of which a member warned itself, one entry for each warning."""
        views = self.stations[member].node.view().warnings
        return [one.zone for one in views if one.direction == "own"]


def everybody_hears(*aircraft: Aircraft, but: Callable[[str], bool] = lambda member: False) -> Skies:
    """The same sky for all members but some, who hear nothing."""
    return {member: () if but(member) else aircraft for member in MEMBERS}
