"""What every output of a member has in common: it is offered the newest view, and never makes a node wait."""

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
