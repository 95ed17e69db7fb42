"""The web server of a session: every member's gateway at one loopback address."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import uvicorn

from foedus.live.gateway import Gateway, Hello, PactHead, Party, ZoneOutline, make_app, serve_config
from foedus.live.session import Session
from foedus.people import People

HOST: Final = "127.0.0.1"
OPENSKY: Final = "Positions: The OpenSky Network, opensky-network.org (Schaefer et al., IPSN 2014)"


def open_gateways(
    session: Session,
    *,
    speed: float | None,
    bounds: tuple[float, float, float, float],
    people: Mapping[str, People] = MappingProxyType({}),
) -> None:
    """Give every member of the session its gateway.

    people: by member; where a member has none, names are as typed, which LIVE does not allow (SetupError).
    """
    for name, member in session.members.items():
        node = member.station.node
        member.gateway = Gateway(
            make_hello(session, name, speed=speed, bounds=bounds),
            provenance=node.provenance,
            act=member.act,
            tell=member.tell,
            declare=member.declare,
            people=people.get(name),
            calls=member,
            called_to=node.called_to,
        )


def make_hello(
    session: Session, member: str, *, speed: float | None, bounds: tuple[float, float, float, float]
) -> Hello:
    """What a member's console is told first."""
    network, node = session.network, session.members[member].station.node
    pact = node.pact
    names = {entry.id: entry.name for entry in network.member}
    return Hello(
        member=member,
        name=names[member],
        title=network.title,
        mode=network.mode.value,
        speed=speed or 0.0,
        tick_s=network.tick_s,
        parties=tuple(Party(id=party.id, name=party.name) for party in pact.party),
        pact=PactHead(id=pact.pact, version=pact.version, digest=pact.digest),
        clauses={clause.id: clause.text for clause in pact.clause},
        zones=tuple(
            ZoneOutline(id=zone.id, owner=zone.owner or "", polygon=zone.polygon) for zone in node.zones
        ),
        bounds=bounds,
        attribution=OPENSKY if network.recording else "",
    )


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: Ctrl-C ends the session, which then ends the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the event loop's owner."""
        yield


@contextlib.asynccontextmanager
async def serve(gateways: Sequence[Gateway], listener: socket.socket, *, title: str) -> AsyncIterator[None]:
    """Serve the gateways while the block runs."""
    app = make_app(gateways, title=title)
    server = _Server(serve_config(app, HOST, listener.getsockname()[1]))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
