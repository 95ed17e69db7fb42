"""One member's live node: intake, station, store, gateway, in that order, for ever."""

import asyncio
from collections.abc import Callable

from foedus.facts import find_fault
from foedus.journal import Record, Store, check_same
from foedus.limits import INPUTS_PER_BATCH_MAX
from foedus.live.bus import Bus
from foedus.live.gateway import Gateway
from foedus.live.latency import Intakes, Latencies
from foedus.live.outputs import Outputs
from foedus.station import Refusal, Station, replay
from foedus.trust import Sealer
from foedus.wire import Act, Batch, Beat, Called, Declared, Happened, Input


class LiveMember:
    """A station with its store on the disk and its mailbox on the bus.

    A store that already has entries is replayed first, so that a node goes on where it was stopped, and what
    its outbox still holds is posted again. JournalError for a store of another mode or trust root.

    sealer: holds the member's secret key; None where its node has no trust root.
    """

    def __init__(self, station: Station, store: Store, bus: Bus, sealer: Sealer | None = None) -> None:
        node = station.node
        check_same(store.header, mode=node.mode, root=node.root, where=store.where)
        assert (sealer is None) == (node.root is None)
        self._sealer = sealer
        self.station = station
        self.store = store
        self.gateway: Gateway | None = None
        self.outputs = Outputs(())
        self.latencies = Latencies()
        self.refusals: dict[Refusal, int] = {}
        self._bus = bus
        self._time_ns = 0
        self._mailbox = bus.mailboxes[self.name]
        if store.entries_count:
            replay(station, store.entries(), where=store.where)
            self._time_ns = station.node.time_ns
            bus.post(self.name, store.waiting())

    @property
    def name(self) -> str:
        """The member's id."""
        return self.station.node.member

    def act(self, act: Act) -> None:
        """Take what a person did at the console; LimitError when the intake is full."""
        self._bus.offer(self.name, act)

    def call(self, item: Called) -> None:
        """Take a warning that a person asks for; LimitError when the intake is full."""
        self._bus.offer(self.name, item)

    def tell(self, item: Happened) -> str:
        """Why the pact knows nothing of what a person records; empty where it does and the node is told.

        LimitError when the intake is full.
        """
        fault = find_fault(self.station.node.pact, item)
        if fault is not None:
            return f"{fault.field} {fault.found}: {fault.reason}; expected {fault.expected}"
        self._bus.offer(self.name, item)
        return ""

    def declare(self, item: Declared) -> str:
        """Why a person cannot declare this; empty where it can be and the node is given it.

        LimitError when the intake is full.
        """
        if not self.station.node.own_number(item.track):
            return "only partners see this track; a member declares its own"
        self._bus.offer(self.name, item)
        return ""

    async def run(
        self,
        now_ns: Callable[[], int],
        wait_s: Callable[[int], float | None],
        intakes: dict[str, Intakes],
    ) -> None:
        """Take batches until cancelled. Each is on the disk before anything that came of it is sent.

        wait_s: wall seconds until a time comes; None where no wall clock moves it.
        """
        while True:
            inputs = [await self._next(wait_s)]
            while len(inputs) < INPUTS_PER_BATCH_MAX and not self._mailbox.intake.empty():
                inputs.append(self._mailbox.intake.get_nowait())
            self._bus.refill(self.name)
            self.take(inputs, now_ns())
            self._show(intakes)
            self._bus.done(self.name, inputs)
            await asyncio.sleep(0)

    async def _next(self, wait_s: Callable[[int], float | None]) -> Input:
        """The next input; a beat where none comes before the node wants one."""
        intake = self._mailbox.intake
        due_ns = self.station.node.next_due_ns()
        timeout_s = None if due_ns is None else wait_s(due_ns)
        if timeout_s is None or not intake.empty():
            return await intake.get()
        try:
            return await asyncio.wait_for(intake.get(), timeout_s)
        except TimeoutError:
            await self._bus.put(self.name, Beat())
            return await intake.get()

    def take(self, inputs: list[Input], now_ns: int) -> None:
        """One step: through the station, onto the disk, out to the bus."""
        self._time_ns = max(self._time_ns, now_ns)
        record = self.station.advance(Batch(self._time_ns, tuple(inputs)))
        record = self._sealed(record)
        confirmed, self._mailbox.confirmed[:] = list(self._mailbox.confirmed), []
        self.store.append(record, confirmed)
        for refusal in self.station.refusals:
            self.refusals[refusal] = self.refusals.get(refusal, 0) + 1
        self._bus.post(self.name, record.outgoing)

    def _sealed(self, record: Record) -> Record:
        """The record with a seal on everything that is about to leave, which the guard has passed."""
        if self._sealer is None:
            return record
        outgoing = tuple(
            message._replace(
                seal=self._sealer.seal(
                    message.recipient, message.sequence, message.body, time_ns=self._time_ns
                )
            )
            for message in record.outgoing
        )
        return record._replace(outgoing=outgoing)

    def _show(self, intakes: dict[str, Intakes]) -> None:
        """Put the newest picture on the screen and into the outputs, and note how long its rows took."""
        node = self.station.node
        if node.view_changed:
            self.outputs.offer(node)
        if self.gateway is not None and node.view_changed:
            self.gateway.publish(node.view())
        for sender, time_ns in node.arrived:
            if sender in intakes:
                self.latencies.arrived(intakes[sender], time_ns)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
