"""What every output of a member has in common: it is offered the newest view, and never makes a node wait."""

import asyncio
from typing import Protocol

import msgspec

from foedus.view import Outgoing


class OutputCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what one output was offered, for people to see."""

    output: str  # id in the network file
    kind: str
    state: str  # connected, waiting, ... or the newest error
    sent: int  # events, datagrams or messages that left
    skipped: int  # views that a newer one replaced before they could be sent
    lost: int  # messages and rows that never left


class Output(Protocol):
    """One output. `run` works until it is cancelled."""

    def offer(self, outgoing: Outgoing) -> None:
        """Take the newest view, at once."""

    async def run(self) -> None:
        """Send what was offered."""

    def counts(self) -> OutputCounts:
        """What was sent and what was not."""

    @property
    def pending(self) -> bool:
        """Whether something offered has not been settled yet."""


class Slot:
    """Room for one view: the newest takes the place of one that was not taken in time."""

    def __init__(self) -> None:
        self._view: Outgoing | None = None
        self._news = asyncio.Event()
        self.skipped = 0

    def put(self, outgoing: Outgoing) -> None:
        """Keep the newest view."""
        self.skipped += self._view is not None
        self._view = outgoing
        self._news.set()

    @property
    def full(self) -> bool:
        """Whether a view waits."""
        return self._view is not None

    async def take(self) -> Outgoing:
        """The newest view, as soon as there is one that was not taken."""
        while self._view is None:
            self._news.clear()
            await self._news.wait()
        outgoing, self._view = self._view, None
        return outgoing
