"""The links between nodes in virtual time: delay, loss, duplication, cuts; what is lost is sent again.

The semantics are those of the live bus with a durable sender: a message stays in the outbox until its
recipient has confirmed that it is on its own disk, and is sent again after a while; a recipient's node is
given the messages of one sender in their order, so that one that is late holds up those behind it. Copies
that come again are given to the node too, which knows them. Confirmations travel over the same link and are
lost like messages.
"""

import heapq
from collections.abc import Sequence
from typing import Final, NamedTuple

from foedus.drill.chance import Chance
from foedus.drill.text import LinkTable, Quality
from foedus.errors import LimitError
from foedus.journal import Outgoing
from foedus.limits import OUTBOX_MAX
from foedus.model import SECOND_NS

GRID_NS: Final = 200_000_000
"""Nodes look into their intakes at these instants: fifth parts of a second, so that they take several
messages in a step as a live node does, and the delays of a drill are rounded up by at most that."""

RETRY_GROWTH: Final = 2.0
RETRY_S_MAX: Final = 30.0
"""Each try waits twice as long as the one before, up to half a minute: a cut link fills no queue of tries."""

DUPLICATE_S: Final = 0.4
"""A copy that the network makes comes so much later."""


def on_grid(time_ns: int) -> int:
    """The first instant of the grid at or after a time."""
    return -(-time_ns // GRID_NS) * GRID_NS


class Arrival(NamedTuple):
    """One message for a recipient's node."""

    sender: str
    recipient: str
    sequence: int
    body: bytes
    again: bool  # a copy of one that the node was given before


class _Flow:
    """One direction of one link."""

    def __init__(self, quality: Quality) -> None:
        self.quality = quality
        self.cut = False
        self.extra_s = 0.0
        self.waiting: dict[int, bytes] = {}  # not confirmed
        self.tries: dict[int, int] = {}
        self.expected = 1
        self.early: dict[int, bytes] = {}  # came before one that was sent earlier


class Links:
    """All links of one run, and what is under way on them."""

    def __init__(self, members: Sequence[str], table: LinkTable, chance: Chance) -> None:
        self._retry_s = table.retry_s
        self._chance = chance
        special = {frozenset((one.a, one.b)): one for one in table.between}
        self._flows = {
            (a, b): _Flow(special.get(frozenset((a, b)), table)) for a in members for b in members if a != b
        }
        self._mute: dict[str, bool] = {}  # members whose messages are not sent
        self._down: dict[str, bool] = {}  # members that take nothing
        self._confirmed: dict[str, list[tuple[str, int]]] = {member: [] for member in members}
        self._events: list[tuple[int, int, str, tuple[str, str], int]] = []
        self._count = 0

    # ------------------------------------------------------------ what injects do

    def cut(self, a: str, b: str, *, cut: bool) -> None:
        """Cut the link of two members both ways, or heal it. What is under way still arrives."""
        for pair in ((a, b), (b, a)):
            if pair in self._flows:
                self._flows[pair].cut = cut

    def delay(self, a: str, b: str, extra_s: float) -> None:
        """So much more on every message between two members from now on."""
        for pair in ((a, b), (b, a)):
            if pair in self._flows:
                self._flows[pair].extra_s = extra_s

    def mute(self, member: str, *, mute: bool) -> None:
        """Let a member's messages stay in its outbox: it takes in and says nothing."""
        self._mute[member] = mute

    def down(self, member: str, *, down: bool) -> None:
        """Let a member take nothing and confirm nothing."""
        self._down[member] = down

    # ------------------------------------------------------------ the traffic

    def post(self, sender: str, outgoing: Sequence[Outgoing], now_ns: int) -> None:
        """Send messages that the sender's node has just given out."""
        for message in outgoing:
            pair = (sender, message.recipient)
            flow = self._flows[pair]
            if len(flow.waiting) >= OUTBOX_MAX:
                raise LimitError(name="OUTBOX_MAX", limit=OUTBOX_MAX, asked=len(flow.waiting) + 1)
            flow.waiting[message.sequence] = message.body
            flow.tries[message.sequence] = 0
            self._send(pair, message.sequence, now_ns)

    def next_ns(self) -> int | None:
        """The next instant of the grid at which anything happens on a link."""
        return on_grid(self._events[0][0]) if self._events else None

    def take(self, now_ns: int) -> list[Arrival]:
        """What arrives until now, in order; what was lost is sent again."""
        arrivals: list[Arrival] = []
        while self._events and self._events[0][0] <= now_ns:
            time_ns, _, what, pair, sequence = heapq.heappop(self._events)
            flow = self._flows[pair]
            if what == "arrive":
                arrivals += self._arrive(pair, flow, sequence, time_ns)
            elif what == "confirm":
                if flow.waiting.pop(sequence, None) is not None:
                    self._confirmed[pair[0]].append((pair[1], sequence))
            elif sequence in flow.waiting:
                self._send(pair, sequence, now_ns)
        return arrivals

    def take_confirmed(self, sender: str) -> list[tuple[str, int]]:
        """(recipient, sequence) of the sender's messages that were confirmed since the last call."""
        confirmed, self._confirmed[sender] = self._confirmed[sender], []
        return confirmed

    def tries(self, sender: str, recipient: str, sequence: int) -> int:
        """How often a message was sent so far."""
        return self._flows[sender, recipient].tries.get(sequence, 0)

    def _send(self, pair: tuple[str, str], sequence: int, now_ns: int) -> None:
        flow = self._flows[pair]
        tries = flow.tries[sequence]
        flow.tries[sequence] = tries + 1
        wait_s = min(RETRY_S_MAX, self._retry_s * RETRY_GROWTH**tries) + flow.extra_s
        self._schedule(now_ns, wait_s, "retry", pair, sequence)
        if flow.cut or self._mute.get(pair[0], False):
            return
        generator = self._chance.generator("link", *pair, sequence, tries)
        lost, twice = generator.random(2)
        delay_s = flow.quality.least_s + flow.quality.tail_s * float(generator.exponential()) + flow.extra_s
        if lost >= flow.quality.loss:
            self._schedule(now_ns, delay_s, "arrive", pair, sequence)
            if twice < flow.quality.duplicate:
                self._schedule(now_ns, delay_s + DUPLICATE_S, "arrive", pair, sequence)

    def _arrive(self, pair: tuple[str, str], flow: _Flow, sequence: int, time_ns: int) -> list[Arrival]:
        """What the recipient's node is given when this copy comes in."""
        if self._down.get(pair[1], False):
            return []
        body = flow.waiting.get(sequence)
        if sequence < flow.expected:
            self._confirm(pair, sequence, time_ns)  # the confirmation was lost, or is still under way
            return [] if body is None else [Arrival(*pair, sequence, body, True)]
        assert body is not None  # nothing is confirmed before the node was given it
        flow.early[sequence] = body
        found = []
        while flow.expected in flow.early:
            self._confirm(pair, flow.expected, time_ns)
            found.append(Arrival(*pair, flow.expected, flow.early.pop(flow.expected), False))
            flow.expected += 1
        return found

    def _confirm(self, pair: tuple[str, str], sequence: int, time_ns: int) -> None:
        back = self._flows[pair[1], pair[0]]
        if back.cut:
            return
        generator = self._chance.generator("confirm", *pair, sequence, self._flows[pair].tries[sequence])
        if float(generator.random()) >= back.quality.loss:
            delay_s = back.quality.least_s + back.quality.tail_s * float(generator.exponential())
            self._schedule(time_ns, delay_s + back.extra_s, "confirm", pair, sequence)

    def _schedule(self, now_ns: int, after_s: float, what: str, pair: tuple[str, str], sequence: int) -> None:
        self._count += 1
        time_ns = now_ns + round(after_s * SECOND_NS)
        heapq.heappush(self._events, (time_ns, self._count, what, pair, sequence))
