"""The embedded bus: it carries messages between the nodes of one process, from outbox to intake.

The interface is that of any bus: post what an outbox holds; the recipient confirms once the message is on its
own disk; whatever is unconfirmed is posted again after a restart. A recipient's intake is bounded. What does
not fit waits in the link, whose disk copy is the sender's outbox, so no node ever waits for another.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from foedus.errors import LimitError
from foedus.journal import Outgoing
from foedus.limits import INTAKE_MAX, OUTBOX_MAX
from foedus.wire import Input, Received


class Mailbox(NamedTuple):
    """One member's end of the bus."""

    intake: asyncio.Queue[Input]
    links: dict[str, deque[Received]]  # by sender: sent, but not yet in the intake
    confirmed: list[tuple[str, int]]  # (recipient, sequence) of this member's messages that arrived


class Bus:
    """Mailboxes of all members, and the count of what is under way."""

    def __init__(self, members: Sequence[str]) -> None:
        self.mailboxes = {
            member: Mailbox(
                asyncio.Queue(INTAKE_MAX), {sender: deque() for sender in members if sender != member}, []
            )
            for member in members
        }
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def put(self, member: str, item: Input) -> None:
        """Give a member an input of its own (feed, tick); waits while its intake is full."""
        self._began(1)
        await self.mailboxes[member].intake.put(item)

    def offer(self, member: str, item: Input) -> None:
        """Like `put`, but LimitError instead of waiting."""
        try:
            self.mailboxes[member].intake.put_nowait(item)
        except asyncio.QueueFull:
            raise LimitError(name="INTAKE_MAX", limit=INTAKE_MAX, asked=INTAKE_MAX + 1) from None
        self._began(1)

    def post(self, sender: str, outgoing: Sequence[Outgoing]) -> None:
        """Send messages that are already in the sender's outbox on the disk."""
        for message in outgoing:
            link = self.mailboxes[message.recipient].links[sender]
            if len(link) >= OUTBOX_MAX:
                raise LimitError(name="OUTBOX_MAX", limit=OUTBOX_MAX, asked=len(link) + 1)
            link.append(Received(sender, message.sequence, message.body, message.seal))
            self._began(1)
            self.refill(message.recipient)

    def refill(self, member: str) -> None:
        """Move waiting messages into a member's intake while there is room, one per sender in turn."""
        mailbox = self.mailboxes[member]
        moved = True
        while moved:
            moved = False
            for link in mailbox.links.values():
                if link and not mailbox.intake.full():
                    mailbox.intake.put_nowait(link.popleft())
                    moved = True

    def done(self, member: str, inputs: Sequence[Input]) -> None:
        """A member has these inputs on its disk: confirm its messages to their senders."""
        for item in inputs:
            if isinstance(item, Received):
                self.mailboxes[item.sender].confirmed.append((member, item.sequence))
        self._under_way -= len(inputs)
        if self._under_way == 0:
            self._idle.set()

    @property
    def under_way(self) -> int:
        """Inputs and messages that no store holds yet."""
        return self._under_way

    async def idle(self) -> None:
        """Return when nothing is under way."""
        await self._idle.wait()

    def _began(self, count: int) -> None:
        self._under_way += count
        self._idle.clear()
