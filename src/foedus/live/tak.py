"""One connection to a TAK server or client: Cursor-on-Target events over plain TCP.

One slot holds the newest view; a view that cannot be sent before the next one comes is replaced, so a slow or
dead server costs the node nothing. A connection that is lost is made again after a wait that doubles.
"""

import asyncio
import contextlib
import time
from typing import Final

from foedus.formats.cot import CotStream
from foedus.live.output import OutputCounts, Slot
from foedus.view import Outgoing

INTERVAL_S: Final = 1.0
"""At most one event a second of each track: a picture holds every track once."""
CONNECT_S_MAX: Final = 10.0
SEND_S_MAX: Final = 10.0
"""Seconds for which a server may take nothing before it is given up."""
CONNECTED: Final = "connected"
WAIT_S_MIN: Final = 1.0
WAIT_S_MAX: Final = 60.0


class TakOutput:
    """Sends a member's view to one host. `interval_s` and `wait_s` are shorter in tests."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        interval_s: float = INTERVAL_S,
        wait_s: float = WAIT_S_MIN,
    ) -> None:
        self._name = name
        self._host = host
        self._port = port
        self._interval_s = interval_s
        self._wait_s = wait_s
        self._slot = Slot()
        self._state = "waiting"
        self._sent = 0
        self.connections = 0

    def offer(self, outgoing: Outgoing) -> None:
        """Put the newest view into the slot."""
        self._slot.put(outgoing)

    def counts(self) -> OutputCounts:
        """Events that left, and views that a newer one replaced."""
        return OutputCounts(
            output=self._name,
            kind="tak",
            state=self._state,
            sent=self._sent,
            skipped=self._slot.skipped,
            lost=0,
        )

    @property
    def pending(self) -> bool:
        """Whether a view waits for a connection that stands."""
        return self._slot.full and self._state == CONNECTED

    async def run(self) -> None:
        """Connect, send, and connect again, until cancelled."""
        wait_s = self._wait_s
        while True:
            began_s = time.monotonic()
            try:
                await self._connect_and_send()
            except (OSError, TimeoutError) as error:
                self._state = f"no connection: {error or type(error).__name__}"
            if time.monotonic() - began_s > WAIT_S_MAX:
                wait_s = self._wait_s  # it held for a while, so the next try may be soon
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, WAIT_S_MAX)

    async def _connect_and_send(self) -> None:
        """Send views to one connection until it ends with an OSError or TimeoutError."""
        async with asyncio.timeout(CONNECT_S_MAX):
            reader, writer = await asyncio.open_connection(self._host, self._port)
        self.connections += 1
        self._state = CONNECTED
        listening = asyncio.create_task(_discard(reader))
        sending = asyncio.create_task(self._send(writer))
        try:
            done, _ = await asyncio.wait([listening, sending], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            raise ConnectionResetError("the server closed the connection")
        finally:
            for task in (listening, sending):
                task.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        """Every view that comes, as news to this connection."""
        stream = CotStream()
        while True:
            events = stream.update(await self._slot.take())
            writer.writelines(events)
            async with asyncio.timeout(SEND_S_MAX):
                await writer.drain()
            self._sent += len(events)
            await asyncio.sleep(self._interval_s)


async def _discard(reader: asyncio.StreamReader) -> None:
    """Read what the server tells and forget it; returns when the server closes."""
    while await reader.read(1 << 16):
        pass
