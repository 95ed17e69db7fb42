"""A whole network in one process: every member's node on the embedded bus, fed by a recording that plays."""

import asyncio
import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from foedus import __version__
from foedus.errors import FoedusError, SetupError
from foedus.facts import told_by
from foedus.journal import Header, Store
from foedus.live.bus import Bus
from foedus.live.keys import Trust, fresh_trust
from foedus.live.latency import Intakes
from foedus.live.member import LiveMember
from foedus.live.outputs import open_outputs
from foedus.live.playback import Playback
from foedus.model import SECOND_NS
from foedus.network import Mode, Network
from foedus.node import Node
from foedus.pact.reading.text import Pact
from foedus.station import Station
from foedus.trust import Sealer, check_key, check_root
from foedus.wire import Beat, Feed, FeedChunk, Happened, Tick


class Texts(NamedTuple):
    """The documents of a run, as they were read: they go into every journal's header."""

    network_file: str
    network_text: str
    pact_file: str
    pact_text: str
    mode: str = ""
    trust_file: str = ""
    trust_text: str = ""


NOT_PLAYED: Final = (
    "a LIVE network takes what its sensors send now; nothing recorded is played to it, at no speed: "
    "found a playback; expected mode RECORDING or EXERCISE for it"
)


class Session:
    """All members of one network.

    trust: by whose keys messages are sealed; None for keys of this run only, which LIVE does not allow.
    """

    def __init__(
        self, network: Network, pact: Pact, texts: Texts, folder: Path, *, trust: Trust | None = None
    ) -> None:
        trust = fresh_trust(network) if trust is None else trust
        check_root(trust.root, network, where=trust.file)
        texts = texts._replace(mode=network.mode.value, trust_file=trust.file, trust_text=trust.text)
        self.network = network
        self.pact = pact
        self.folder = folder
        self._members = tuple(entry.id for entry in network.member)
        self.bus = Bus(self._members)
        self.intakes = {member: Intakes() for member in self._members}
        self.members: dict[str, LiveMember] = {}
        try:
            for member in self._members:
                secret = trust.secrets[member]
                check_key(secret, trust.root, member, where=f"key of {member}")
                header = Header(member=member, version=__version__, **texts._asdict())
                store = Store.create(folder / f"{member}.journal", header)
                station = Station(Node(network, pact, member, root=trust.root), pact)
                self.members[member] = LiveMember(station, store, self.bus, Sealer(secret))
                place = Path(texts.network_file).parent
                self.members[member].outputs = open_outputs(network.output, member, folder=place)
        except FoedusError:
            self.close()
            raise

    async def play(
        self,
        chunks: Iterator[FeedChunk],
        *,
        start_ns: int,
        end_ns: int,
        speed: float | None,
        progress: Callable[[int], None],
    ) -> None:
        """Play chunks and the network's facts between two times; returns when every node has done its work.

        A node that stops ends the run with its error. SetupError in LIVE, at any speed: what is played is not
        live.
        """
        if self.network.mode is Mode.LIVE:
            raise SetupError(NOT_PLAYED)
        clock = Playback(start_ns, speed=speed, idle=self.bus.idle)
        nodes = [
            asyncio.create_task(member.run(clock.now_ns, clock.wait_s, self.intakes))
            for member in self.members.values()
        ]
        player = asyncio.create_task(self._feed(clock, chunks, start_ns, end_ns, speed, progress))
        senders = [task for member in self.members.values() for task in member.outputs.start()]
        try:
            await _first_of(player, nodes)
            await _first_of(asyncio.create_task(self.bus.idle()), nodes)
            await asyncio.gather(*(member.outputs.settle() for member in self.members.values()))
        finally:
            for task in (player, *nodes, *senders):
                task.cancel()
            await asyncio.gather(player, *nodes, *senders, return_exceptions=True)

    async def _feed(
        self,
        clock: Playback,
        chunks: Iterator[FeedChunk],
        start_ns: int,
        end_ns: int,
        speed: float | None,
        progress: Callable[[int], None],
    ) -> None:
        """Give every chunk, fact and tick to its node when its time has come."""
        tick_ns = round(self.network.tick_s * SECOND_NS)
        told: Iterator[FeedChunk | Happened] = iter(told_by(self.network))
        items = heapq.merge(told, chunks, key=_time_ns)
        waiting = next(items, None)
        for time_ns in range(start_ns + tick_ns, end_ns + tick_ns, tick_ns):
            while waiting is not None and _time_ns(waiting) <= time_ns:
                await clock.pace(_time_ns(waiting))
                await self._give(waiting)
                waiting = next(items, None)
            if speed is None:
                await self._beats(clock, time_ns)
            await clock.reach(time_ns)
            for member in self._members:
                await self.bus.put(member, Tick())
            progress(time_ns)

    async def _beats(self, clock: Playback, until_ns: int) -> None:
        """Give every node the beats that it wants before that time, where no wall clock wakes it."""
        await self.bus.idle()
        while True:
            dues = {name: member.station.node.next_due_ns() for name, member in self.members.items()}
            due_ns = min((due for due in dues.values() if due is not None), default=until_ns)
            if due_ns >= until_ns:
                return
            await clock.reach(due_ns)
            for name, due in dues.items():
                if due == due_ns:
                    await self.bus.put(name, Beat())
            await self.bus.idle()

    async def _give(self, item: FeedChunk | Happened) -> None:
        """A chunk to its member's node, a fact to every node at once."""
        if isinstance(item, Happened):
            for member in self._members:
                await self.bus.put(member, item)
            return
        await self.bus.put(item.member, Feed(item.feed, item.data))
        self.intakes[item.member].entered(item.time_ns)

    def close(self) -> None:
        """Close every store."""
        for member in self.members.values():
            member.close()


def _time_ns(item: FeedChunk | Happened) -> int:
    return item.at_ns if isinstance(item, Happened) else item.time_ns


async def _first_of(task: asyncio.Task[None], nodes: list[asyncio.Task[None]]) -> None:
    """Wait for the task; a node that ends before it has failed, and its error is raised."""
    done, _ = await asyncio.wait([task, *nodes], return_when=asyncio.FIRST_COMPLETED)
    for ended in done:
        ended.result()
