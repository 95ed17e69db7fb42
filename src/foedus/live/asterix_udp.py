"""One address for ASTERIX datagrams: category 062 system tracks, then category 065 end of batch."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

from foedus.formats.asterix import END_OF_BATCH, SDPS_STATUS, Station, encode_062, encode_065
from foedus.formats.system_tracks import SystemTrackBook
from foedus.live.output import OutputCounts, Slot
from foedus.model import SECOND_NS
from foedus.view import Outgoing

INTERVAL_S: Final = 1.0
STATUS_NS: Final = 10 * SECOND_NS
"""How often the service says that it is there; EUROCONTROL-SPEC-0149-15 leaves the period to the service."""


class AsterixUdpOutput:
    """Sends a member's view to one host, once a second at most: what changes in between waits for the next.

    What a full socket does not take is counted and not repeated. `interval_s` is shorter in tests.
    """

    def __init__(
        self, name: str, host: str, port: int, station: Station, *, interval_s: float = INTERVAL_S
    ) -> None:
        self._name = name
        self._station = station
        self._address = (host, port)
        self._interval_s = interval_s
        self._slot = Slot()
        self._book = SystemTrackBook()
        self._batch = 0
        self._status_ns = -STATUS_NS
        self._sent = 0
        self._refused = 0
        self._state = "sending"
        self._socket = socket.socket(_family(host, port), socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def offer(self, outgoing: Outgoing) -> None:
        """Put the newest view into the slot."""
        self._slot.put(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        """The view as one batch."""
        for block in self._datagrams(outgoing):
            try:
                self._socket.sendto(block, self._address)
                self._sent += 1
                self._state = "sending"
            except OSError as error:
                self._refused += 1
                self._state = f"not sent: {error.strerror or error}"

    def _datagrams(self, outgoing: Outgoing) -> Iterator[bytes]:
        time_ns = outgoing.time_ns
        if time_ns - self._status_ns >= STATUS_NS:
            self._status_ns = time_ns
            yield encode_065(self._station, message=SDPS_STATUS, time_ns=time_ns)
        system = self._book.update(outgoing.tracks, now_ns=time_ns)
        yield from encode_062(system, outgoing, self._station)
        self._batch += 1
        yield encode_065(self._station, message=END_OF_BATCH, time_ns=time_ns, batch=self._batch)

    @property
    def pending(self) -> bool:
        """Whether a view waits for its second."""
        return self._slot.full

    async def run(self) -> None:
        """Send the newest view, again and again, until cancelled."""
        with contextlib.closing(self._socket):
            while True:
                self._send(await self._slot.take())
                await asyncio.sleep(self._interval_s)

    def counts(self) -> OutputCounts:
        """Datagrams that left, and datagrams and rows that did not."""
        return OutputCounts(
            output=self._name,
            kind="asterix-udp",
            state=self._state,
            sent=self._sent,
            skipped=self._slot.skipped,
            lost=self._refused + self._book.left_out,
        )


def _family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
