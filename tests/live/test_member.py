"""Claims about a live node: on disk before it is sent, goes on after a crash, nothing lost or taken twice."""

import asyncio
from pathlib import Path

import alpine
from foedus.journal import Header, Store
from foedus.live.bus import Bus
from foedus.live.member import LiveMember
from foedus.node import Node
from foedus.station import Station
from foedus.trust import Sealer
from foedus.wire import Batch, Feed, Input, Received, Tick
from keys import trust_of

MEMBERS = ("CH", "FR", "DE", "IT", "HUB")


def make_member(name: str, path: Path, bus: Bus) -> LiveMember:
    _, _, texts = alpine.documents()
    header = Header(member=name, version="test", **texts._asdict())
    store = Store.open(path, writable=True) if path.exists() else Store.create(path, header)
    return LiveMember(alpine.make_stations()[name], store, bus)


def feeds_of(member: str, seconds: int) -> list[list[Input]]:
    """The inputs of each tick."""
    ticks: list[list[Input]] = [[] for _ in range(seconds // 5)]
    for chunk in alpine.chunks(seconds):
        if chunk.member == member:
            ticks[(chunk.time_ns - alpine.START_NS - 1) // alpine.TICK_NS].append(
                Feed(chunk.feed, chunk.data)
            )
    return [[*items, Tick()] for items in ticks]


def tick_ns(index: int) -> int:
    return alpine.START_NS + (index + 1) * alpine.TICK_NS


def test_a_killed_node_goes_on_with_the_same_state_and_sends_again_what_nobody_confirmed(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        ticks = feeds_of("FR", 120)
        extra: list[Input] = [Tick()]
        whole = make_member("FR", tmp_path / "whole.journal", Bus(MEMBERS))
        for index, inputs in enumerate(ticks):
            if index == 12:
                whole.take(extra, tick_ns(12) - 1)
            whole.take(inputs, tick_ns(index))

        bus = Bus(MEMBERS)
        killed = make_member("FR", tmp_path / "killed.journal", bus)
        for index, inputs in enumerate(ticks[:12]):
            killed.take(inputs, tick_ns(index))
        before = [item for item in drain(bus, "CH") if item.sender == "FR"]
        bus.done("CH", before[:7])  # seven are on CH's disk; the process dies with the rest in memory
        killed.take(extra, tick_ns(12) - 1)  # writes the seven confirmations
        killed.close()

        bus = Bus(MEMBERS)
        again = make_member("FR", tmp_path / "killed.journal", bus)
        resent = [item for item in drain(bus, "CH") if item.sender == "FR"]
        assert [item.sequence for item in resent] == list(range(8, 14))
        assert resent[:5] == before[7:]
        for index, inputs in enumerate(ticks[12:], start=12):
            again.take(inputs, tick_ns(index))
        assert again.station.node.state_digest() == whole.station.node.state_digest()
        effects = [[entry.effects for entry in member.store.entries()] for member in (whole, again)]
        assert effects[0] == effects[1]
        whole.close()
        again.close()

    asyncio.run(scene())


def drain(bus: Bus, member: str) -> list[Received]:
    intake = bus.mailboxes[member].intake
    found = []
    while not intake.empty():
        item = intake.get_nowait()
        assert isinstance(item, Received)
        found.append(item)
    return found


def test_a_message_that_comes_twice_changes_nothing(tmp_path: Path) -> None:
    run = alpine.run(alpine.chunks(60), 60)
    messages = [sent for sent in run.stream("CH") if sent.sender == "FR"]
    once, twice = (alpine.make_stations()["CH"] for _ in range(2))
    for station, repeats in ((once, 1), (twice, 2)):
        for sent in messages:
            inputs = (Received("FR", sent.sequence, sent.body),) * repeats
            station.advance(Batch(alpine.START_NS + 60 * 10**9, inputs))
    assert once.node.state_digest() == twice.node.state_digest()
    link = next(link for link in twice.node.view().links if link.party == "FR")
    assert (
        link.received_rows
        == next(link for link in once.node.view().links if link.party == "FR").received_rows
    )
    assert once.node.state_digest() != alpine.make_stations()["CH"].node.state_digest()


def test_a_restart_sends_the_same_sealed_bytes_again(tmp_path: Path) -> None:
    network, pact, texts = alpine.documents()
    trust = trust_of(network)
    texts = texts._replace(trust_file=trust.file, trust_text=trust.text)
    header = Header(member="FR", version="test", **texts._asdict())

    def member(store: Store, bus: Bus) -> LiveMember:
        station = Station(Node(network, pact, "FR", root=trust.root), pact)
        return LiveMember(station, store, bus, Sealer(trust.secrets["FR"]))

    path, bus = tmp_path / "FR.journal", Bus(MEMBERS)
    first = member(Store.create(path, header), bus)
    first.take([Tick()], alpine.START_NS)
    sent = drain(bus, "CH")
    first.close()
    bus = Bus(MEMBERS)
    again = member(Store.open(path, writable=True), bus)
    assert drain(bus, "CH") == sent
    again.close()
    swiss = Node(network, pact, "CH", root=trust.root)
    swiss.step(Batch(alpine.START_NS, tuple(sent)))
    assert swiss.refused == {}
    assert [item.seal != b"" for item in sent] == [True]


def test_nothing_is_posted_that_is_not_on_the_disk(tmp_path: Path) -> None:
    class Unwritable(Store):
        def append(self, record, delivered):  # type: ignore[no-untyped-def]
            raise OSError("disk full")

    async def scene() -> None:
        bus = Bus(MEMBERS)
        member = make_member("FR", tmp_path / "FR.journal", bus)
        member.store.__class__ = Unwritable
        for index, inputs in enumerate(feeds_of("FR", 30)):
            try:
                member.take(inputs, tick_ns(index))
            except OSError:
                continue
            raise AssertionError("the step went on without its disk")
        assert drain(bus, "CH") == []
        member.close()

    asyncio.run(scene())
