"""Claims about the embedded bus: nothing is lost, doubled or reordered, and no intake overflows."""

import asyncio

import pytest

from foedus.errors import LimitError
from foedus.journal import Outgoing
from foedus.limits import INTAKE_MAX
from foedus.live.bus import Bus
from foedus.wire import Received, Tick


def drain(bus: Bus, member: str) -> list[Received]:
    intake = bus.mailboxes[member].intake
    found = []
    while not intake.empty():
        item = intake.get_nowait()
        assert isinstance(item, Received)
        found.append(item)
    return found


def test_messages_arrive_once_and_in_order_past_a_full_intake() -> None:
    async def scene() -> None:
        bus = Bus(["AA", "BB"])
        count = INTAKE_MAX + 100
        bus.post("AA", [Outgoing("BB", sequence, b"") for sequence in range(1, count + 1)])
        first = drain(bus, "BB")
        assert len(first) == INTAKE_MAX
        bus.refill("BB")
        rest = drain(bus, "BB")
        assert [item.sequence for item in first + rest] == list(range(1, count + 1))

    asyncio.run(scene())


def test_a_loud_sender_does_not_keep_another_waiting() -> None:
    async def scene() -> None:
        bus = Bus(["AA", "BB", "CC"])
        bus.post("AA", [Outgoing("CC", sequence, b"") for sequence in range(1, 2 * INTAKE_MAX)])
        bus.post("BB", [Outgoing("CC", 1, b"")])
        drain(bus, "CC")
        bus.refill("CC")
        assert [item.sender for item in drain(bus, "CC")][:2] == ["AA", "BB"]

    asyncio.run(scene())


def test_idle_waits_for_the_disk_and_confirms_to_the_sender() -> None:
    async def scene() -> None:
        bus = Bus(["AA", "BB"])
        await bus.idle()
        bus.post("AA", [Outgoing("BB", 1, b"")])
        waiting = asyncio.create_task(bus.idle())
        items = drain(bus, "BB")
        await asyncio.sleep(0)
        assert not waiting.done()
        bus.done("BB", items)
        await waiting
        assert bus.mailboxes["AA"].confirmed == [("BB", 1)]

    asyncio.run(scene())


def test_a_full_intake_refuses_a_person_instead_of_waiting() -> None:
    async def scene() -> None:
        bus = Bus(["AA"])
        for _ in range(INTAKE_MAX):
            bus.offer("AA", Tick())
        with pytest.raises(LimitError, match="INTAKE_MAX"):
            bus.offer("AA", Tick())
        assert bus.under_way == INTAKE_MAX

    asyncio.run(scene())
