"""The outputs of one member: its own view, after every step that changed it, to each of its other systems."""

import asyncio
import contextlib
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from foedus.document import read_text
from foedus.errors import SetupError
from foedus.formats.asterix import Station
from foedus.formats.webhook import read_secret
from foedus.live.asterix_udp import AsterixUdpOutput
from foedus.live.output import Output, OutputCounts
from foedus.live.tak import TakOutput
from foedus.live.webhook import WebhookOutput
from foedus.network import OutputEntry, OutputKind, host_and_port
from foedus.node import Node

SETTLE_S_MAX: Final = 5.0
"""At the end of a run, for the last view and warnings; a dead endpoint holds nobody up for longer."""
SETTLE_STEP_S: Final = 0.05


class Opened(NamedTuple):
    """One output, and who reads there besides the member."""

    output: Output
    releasable_to: tuple[str, ...]


class Outputs:
    """All outputs of one member. Costs nothing where the network file names none for it."""

    def __init__(self, opened: tuple[Opened, ...]) -> None:
        self._opened = opened
        self._faults: dict[int, str] = {}  # output -> what stopped it

    def offer(self, node: Node) -> None:
        """Hand every output what the node's member may hand on, cut to its readers."""
        if not self._opened:
            return
        outgoing = node.outgoing()
        for index, (output, parties) in enumerate(self._opened):
            if index in self._faults:
                continue
            try:
                output.offer(outgoing.releasable_to(parties) if parties else outgoing)
            except Exception as error:  # noqa: BLE001 - no fault of an output may stop a node that warns
                self._faults[index] = repr(error)

    def start(self) -> list[asyncio.Task[None]]:
        """The tasks that send, to be cancelled at the end."""
        return [asyncio.create_task(self._run(index)) for index in range(len(self._opened))]

    async def _run(self, index: int) -> None:
        try:
            await self._opened[index].output.run()
        except Exception as error:  # noqa: BLE001 - the same
            self._faults[index] = repr(error)

    async def settle(self) -> None:
        """Wait until everything is sent or given up, SETTLE_S_MAX at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S_MAX):
                while any(one.output.pending for i, one in enumerate(self._opened) if i not in self._faults):
                    await asyncio.sleep(SETTLE_STEP_S)

    def counts(self) -> tuple[OutputCounts, ...]:
        """What each output sent and did not send, and the fault that stopped it."""
        return tuple(
            msgspec.structs.replace(output.counts(), state=f"stopped: {self._faults[index]}")
            if index in self._faults
            else output.counts()
            for index, (output, _) in enumerate(self._opened)
        )


def open_outputs(entries: tuple[OutputEntry, ...], member: str, *, folder: Path) -> Outputs:
    """The outputs of one member; InputError or SetupError for one that cannot be opened.

    folder: that of the network file, beside which the files with secrets are.
    """
    mine = (entry for entry in entries if entry.member == member)
    return Outputs(tuple(Opened(_open(entry, folder), entry.releasable_to) for entry in mine))


def _open(entry: OutputEntry, folder: Path) -> Output:
    if entry.kind is OutputKind.WEBHOOK:
        file = folder / entry.secret_file
        return WebhookOutput(entry.id, entry.address, read_secret(read_text(file), where=str(file)))
    address = host_and_port(entry.address)
    assert address is not None
    host, port = address
    if entry.kind is OutputKind.TAK:
        return TakOutput(entry.id, host, port)
    try:
        return AsterixUdpOutput(entry.id, host, port, Station(entry.sac, entry.sic))
    except OSError as error:
        raise SetupError(
            f"output {entry.id}: {entry.address} cannot be found ({error.strerror}); correct its address"
        ) from error
