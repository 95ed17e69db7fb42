"""Stations of a small pact with a hub, fed with invented aircraft, joined by links that a test may cut."""

import math
from collections.abc import Callable, Sequence

import numpy as np

import alpine
from foedus.document import parse_document
from foedus.feeds.plots_block import encode_plots
from foedus.model import SECOND_NS, PlotKind, Plots
from foedus.node import Node
from foedus.pact.clauses import Pact
from foedus.station import Station
from foedus.view import WarningView
from foedus.wire import (
    Ack,
    Act,
    Batch,
    Beat,
    Feed,
    Happened,
    Input,
    Message,
    Received,
    Tick,
    Warn,
    decode_message,
)
from three_members import HEAD, SHARE, TERM, WARN

S = SECOND_NS
SPEED_M_S = 60.0
MEMBERS = ("CH", "FR", "IT", "HUB")
HUB_PARTY = '  { id = "IT", name = "IT", role = "member" },\n  { id = "HUB", name = "HUB", role = "hub" },\n'
MEMBERS_WARN = WARN.replace('by = "any"', 'by = "member"')
HUB_WARNS = MEMBERS_WARN.replace('id = "W"', 'id = "W2"').replace('by = "member"', 'by = "hub"')
ROUTE = 'id = "R", kind = "route", pairs = [["CH", "IT"]], via = "HUB", direct = "forbidden"'
HIDDEN = 'id = "H", kind = "withhold", from = "IT", to = "HUB", data = "tracks"'


def pact_of(*clauses: str) -> Pact:
    """A pact of these clauses and a term, with a hub."""
    head = HEAD.replace('  { id = "IT", name = "IT", role = "member" },\n', HUB_PARTY)
    common = 'text = "x", cite = "x", basis = "stylised"'
    rows = ",\n".join(f"{{ {keys}, {common} }}" for keys in (TERM, *clauses))
    return parse_document(head + f"clause = [\n{rows}\n]\n", Pact, file="net.toml")


def two_ways() -> Pact:
    """Everybody shares with everybody; members warn, and so does the hub, which relays."""
    return pact_of(SHARE, MEMBERS_WARN, HUB_WARNS)


class Net:
    """The stations; `cut` holds the links (sender, recipient) on which everything is lost."""

    def __init__(self, pact: Pact) -> None:
        network, _, _ = alpine.documents()
        self.stations = {one: Station(Node(network, pact, one), pact) for one in MEMBERS}
        self.now_ns = alpine.START_NS
        self.cut: set[tuple[str, str]] = set()
        self.aircraft: Callable[[int], Plots] = lambda time_ns: Plots.empty()
        self.sent: list[tuple[str, str, Message]] = []  # also what a cut link lost
        self.refused: list[str] = []
        self.batches: dict[str, list[Batch]] = {one: [] for one in MEMBERS}

    def give(self, member: str, *inputs: Input) -> None:
        """Give one station inputs, and everybody what comes of it."""
        waiting: list[tuple[str, tuple[Input, ...]]] = [(member, inputs)]
        while waiting:
            name, items = waiting.pop(0)
            station = self.stations[name]
            batch = Batch(self.now_ns, items)
            self.batches[name].append(batch)
            record = station.advance(batch)
            self.refused += [refusal.reason for refusal in station.refusals]
            messages: dict[str, tuple[Input, ...]] = {}
            for out in record.outgoing:
                self.sent.append((name, out.recipient, decode_message(out.body)))
                if (name, out.recipient) not in self.cut:
                    more = (Received(name, out.sequence, out.body),)
                    messages[out.recipient] = messages.get(out.recipient, ()) + more
            waiting += messages.items()

    def tell(self, what: str, of: str, by: str = "") -> None:
        """Record a fact at every station."""
        for member in self.stations:
            self.give(member, Happened(what, of, self.now_ns, by))

    def wait(self, seconds: float) -> None:
        """Let time pass without a tick: beats only."""
        until_ns = self.now_ns + round(seconds * S)
        while True:
            dues = [
                (due, one) for one, s in self.stations.items() if (due := s.node.next_due_ns()) is not None
            ]
            due_ns, member = min(dues, default=(until_ns + 1, ""))
            if due_ns > until_ns:
                break
            self.now_ns = due_ns
            self.give(member, Beat())
        self.now_ns = until_ns

    def tick(self, count: int = 1) -> None:
        """Ticks of 5 s, with a look at the aircraft every second time."""
        for _ in range(count):
            self.wait(5)
            step = (self.now_ns - alpine.START_NS) // alpine.TICK_NS
            plots = self.aircraft(self.now_ns) if step % 2 else Plots.empty()
            if len(plots.time_ns):
                self.give("IT", Feed("IT-RX", encode_plots(plots)))
            for member in self.stations:
                self.give(member, Tick())

    def warnings(self, member: str) -> tuple[WarningView, ...]:
        return self.stations[member].node.view().warnings

    def received(self, member: str) -> tuple[WarningView, ...]:
        return tuple(one for one in self.warnings(member) if one.direction == "received")

    def told(self, sender: str, recipient: str) -> list[Warn]:
        return [m for s, r, m in self.sent if (s, r) == (sender, recipient) and isinstance(m, Warn)]

    def acks(self, sender: str, recipient: str) -> list[Ack]:
        return [m for s, r, m in self.sent if (s, r) == (sender, recipient) and isinstance(m, Ack)]

    def act(self, member: str, verb: str, subject: str, person: str = "") -> None:
        self.give(member, Act(verb, subject, person))


def aircraft(
    lat_deg: Sequence[float], lon_deg: Sequence[float], *, start_ns: int, turn_ns: int | None = None
) -> Callable[[int], Plots]:
    """Aircraft that answer nobody and fly north at 60 m/s, and from turn_ns on back by a turn of 3 deg/s."""

    def look(time_ns: int) -> Plots:
        n = len(lat_deg)
        straight_s = ((time_ns if turn_ns is None else min(time_ns, turn_ns)) - start_ns) / S
        turning_s = 0.0 if turn_ns is None else max(0.0, (time_ns - turn_ns) / S)
        turned_rad = math.radians(3.0 * min(turning_s, 60.0))
        radius_m = SPEED_M_S / math.radians(3.0)
        back_m = SPEED_M_S * max(0.0, turning_s - 60.0)
        north_m = SPEED_M_S * straight_s + radius_m * math.sin(turned_rad) - back_m
        east_m = radius_m * (1.0 - math.cos(turned_rad))
        return Plots.empty(n)._replace(
            time_ns=np.full(n, time_ns - S // 10, np.int64),
            kind=np.full(n, PlotKind.GEODETIC, np.int8),
            lat_rad=np.radians(np.array(lat_deg) + north_m / 111_195.0),
            lon_rad=np.radians(np.array(lon_deg) + east_m / 77_000.0),
            baro_m=np.full(n, 1_500.0),
        )

    return look


def warned(pact: Pact, *, cut: Sequence[tuple[str, str]] = ()) -> Net:
    """A net at the tick at which IT first warns CH of one aircraft south of CH; the links given are cut."""
    net = Net(pact)
    net.cut = {*cut}
    net.aircraft = aircraft([45.8], [7.5], start_ns=net.now_ns)
    for _ in range(20):
        net.tick()
        if any(one.direction == "sent" for one in net.warnings("IT")):
            return net
    raise AssertionError("nobody was warned")
